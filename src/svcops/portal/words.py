"""How values read on a page: times, numbers, marks. What is not known is written so, never left to be guessed."""

from datetime import datetime, tzinfo
from fractions import Fraction
from typing import Literal

from svcops.store.frozen import frozen
from svcops.timing.model import format_instant
from svcops.timing.wall import in_zone

UNKNOWN = "unknown"

Tone = Literal["good", "bad", "warn", "unknown", "plain"]
"""How a mark looks: each has a colour and a shape of its own, and stands beside a word."""


@frozen
class Link:
    """Some text, and where it leads; without `href` it is text only."""

    text: str
    href: str = ""


@frozen
class Mark:
    """A state in a word, with the tone that gives it colour and shape."""

    tone: Tone
    word: str


@frozen
class Moment:
    """An instant: for a person, in the store's zone, and for a program. Unknown, it has no `iso`."""

    text: str
    iso: str = ""


@frozen
class Fact:
    """A line of a record's facts: what, and its values."""

    name: str
    values: tuple[Link, ...]


def fact(name: str, *values: str | Link) -> Fact:
    """A fact of plain text, or of links; empty text says nothing, and no value at all is unknown."""
    links = tuple(one if isinstance(one, Link) else Link(one) for one in values if one)
    return Fact(name, links or (Link(UNKNOWN),))


def when(moment: datetime | None, zone: tzinfo, form: str = "%a %Y-%m-%d %H:%M %Z") -> Moment:
    """An instant as the store's people read it."""
    if moment is None:
        return Moment(UNKNOWN)
    local = in_zone(moment, zone)
    return Moment(local.strftime(form), format_instant(local))


def counted(number: int, one: str, many: str = "") -> str:
    """`1 page`, `2 pages`, `no pages`."""
    many = many or f"{one}s"
    return f"{number or 'no'} {one if number == 1 else many}"


def grouped(value: int | Fraction, digits: int = 1) -> str:
    """A count with its thousands apart; a fraction with a few digits, cut off."""
    from svcops.slo.facts import cut

    if isinstance(value, int):
        return f"{value:,}"
    before, _, after = cut(value, digits).partition(".")
    sign = "-" if before.startswith("-") else ""
    return f"{sign}{abs(int(before)):,}.{after}"


def one_line(text: str) -> str:
    """Text as a title: its white space made single spaces."""
    return " ".join(text.split())

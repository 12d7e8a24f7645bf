"""How values read on the dashboard: what is not known is written so, and no figure claims more than was reached."""

from datetime import datetime, tzinfo
from fractions import Fraction
from typing import Literal

from svcops.slo.facts import Amount, cut, decimal, whole
from svcops.store.frozen import frozen
from svcops.timing.model import format_instant
from svcops.timing.wall import in_zone, shown

UNKNOWN = "unknown"
_LEAST = Fraction(1, 10)
"""The least burn rate that is told with a number: below it 0.0 would say that nothing was bad."""

Tone = Literal["good", "bad", "warn", "unknown", "plain"]
"""How a mark looks: each has a colour and a shape of its own, and stands beside a word."""


@frozen
class Mark:
    """A state in a word, with the tone that gives it colour and shape."""

    tone: Tone
    word: str


@frozen
class Link:
    """Some text, and where it leads; without `href` it is text only."""

    text: str
    href: str = ""


@frozen
class Moment:
    """An instant: for a person, in the store's zone, and for a program. Unknown, it has no `iso`."""

    text: str
    iso: str = ""


def when(moment: datetime | None, zone: tzinfo) -> Moment:
    """An instant as the store's people read it: `Mon 2026-11-23 01:00`."""
    if moment is None:
        return Moment(UNKNOWN)
    return Moment(shown(moment, zone), format_instant(in_zone(moment, zone)))


def percent(share: Fraction, digits: int = 1) -> str:
    """A share as per cent, cut towards minus infinity: `-117.2 %`, with a real minus."""
    return f"{minus(cut(share * 100, digits))} %"


def target_of(share: Fraction) -> str:
    """A target with every digit it was written with: `99.95 %`."""
    return f"{decimal(whole(share * 100))} %"


def level_of(share: Fraction, target: Fraction) -> str:
    """A level with three decimals, or as many as its target."""
    return percent(share, max(3, len(decimal(whole(target * 100)).partition(".")[2])))


def count(value: Amount) -> str:
    """A count with its thousands apart; a fraction with one digit, cut off."""
    if isinstance(value, int):
        return minus(f"{value:,}")
    before, _, after = cut(abs(value), 1).partition(".")
    return minus(f"{'-' if value < 0 else ''}{int(before):,}.{after}")


def rate(value: Fraction) -> str:
    """A burn rate as a multiple of the pace that is allowed: `3.2`, with the sign of a multiple."""
    return f"{'below 0.1' if 0 < value < _LEAST else cut(value, 1)}\u00d7"


def minus(text: str) -> str:
    """A number with a minus that is as wide as a plus, and that screen readers read."""
    return text.replace("-", "\u2212")


def anchor(*names: str) -> str:
    """An id inside a page: of characters that no address needs to escape; other names give other ids."""
    every = "--".join(names)
    return "".join(char if char.isascii() and (char.isalnum() or char in ".-") else f"_{ord(char):x}" for char in every)

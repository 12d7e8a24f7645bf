"""The scorecard as a person, or a program, sees it."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, tzinfo
from typing import TYPE_CHECKING, Any

from svcops.overview.judgement import Judgement
from svcops.overview.profiles import PROFILES, REQUIREMENTS
from svcops.overview.score import Changed, Score, Standing, abridged, standing
from svcops.store.settings import Profile
from svcops.timing.model import format_instant
from svcops.timing.wall import in_zone

if TYPE_CHECKING:
    from svcops.overview.since import Since

COLUMNS = ("service", "meets", *PROFILES, "missing for the next")
CHANGE_COLUMNS = ("service", "change", "requirement", "why")
MARKS = {"met": "+", "missing": "-", "unknown": "?", "not asked": "."}
"""One character a requirement, readable without colour."""

NONE = "none"
"""What stands for no profile at all."""


def row(of: Score) -> tuple[str, ...]:
    """A service in the table: a mark for each requirement, and by name what keeps it from the next profile."""
    return (of.service.name, of.profile or NONE, *(_marks(of, one) for one in PROFILES), ", ".join(_missing(of)))


def change_row(one: Changed) -> tuple[str, ...]:
    """One change in the table."""
    return (one.service, one.what, one.requirement, one.why)


def legend() -> Iterator[str]:
    """What the marks stand for."""
    yield f"{', '.join(f'{mark} {word}' for word, mark in MARKS.items())}; in each column, in this order:"
    width = max(map(len, PROFILES))
    for profile in PROFILES:
        names = " ".join(one.name for one in REQUIREMENTS if one.profile == profile)
        yield f"  {profile:<{width}}  {names}"


def standing_text(of: Standing) -> str:
    """The store in a line, and what is missing in another."""
    if not of.services:
        return "no services are run here"
    run = f"{_many('service', of.services)} run here: {_met(of)}"
    if of.next is None:
        return run
    told = [one.said(f"{one.missing} without {one.requirement.title}", str(one.unknown)) for one in of.lacking]
    return f"{run};\nmissing for {of.next}: {abridged(told)}"


def _met(of: Standing) -> str:
    """What the store meets; experiments are told apart where the others meet more than is asked of these."""
    if of.profile is None:
        return "not all meet basic yet"
    each, them = ("every one", "them") if of.services > 1 else ("it", "it")
    if of.experimental and of.profile != PROFILES[0]:
        trying = _many("experimental service", of.experimental)
        return f"{each} meets what is asked of it: {of.profile}; {trying} no more than {PROFILES[0]}"
    met = f"{each} meets {of.profile}"
    return met if of.next or of.profile == PROFILES[-1] else f"{met}, and no more is asked of {them}"


def _many(noun: str, number: int) -> str:
    return f"{number} {noun}{'s' if number != 1 else ''}"


def as_text(of: Score, zone: tzinfo) -> str:
    """A service with every requirement: why it is met or not, until when that counts, and what to do next."""
    return "\n".join(_lines(of, zone))


def _lines(of: Score, zone: tzinfo) -> Iterator[str]:
    yield f"{of.service.name}  {of.service.value.title}"
    yield f"  {profile_text(of)}"
    for profile in PROFILES:
        yield ""
        yield profile
        for one in REQUIREMENTS:
            if one.profile == profile:
                yield from _requirement(one.name, of.judged[one.name], zone)


def _requirement(name: str, judged: Judgement, zone: tzinfo) -> Iterator[str]:
    width = max(len(one.name) for one in REQUIREMENTS)
    indent = " " * (width + 6)
    why = f"not asked: {judged.why}" if judged.standing == "not asked" else judged.why
    first, *more = _wrapped(why, indent) or [indent]
    yield f"  {MARKS[judged.standing]} {name:<{width}}{first[width + 4 :]}"
    yield from more
    if judged.until:
        counts = "counts" if judged.standing == "met" else "counted"
        yield f"{indent}{counts} until {in_zone(judged.until, zone):%Y-%m-%d %H:%M}"
    if judged.next:
        yield f"{indent}next: {judged.next}"


def _wrapped(text: str, indent: str) -> list[str]:
    """A text as lines for a narrow terminal; a word, such as a path, is not broken."""
    from textwrap import wrap

    return wrap(
        text, 80, initial_indent=indent, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )


def profile_text(of: Score) -> str:
    """`meets operated; missing for provable: exercises, restore`."""
    met = f"meets {of.profile}" if of.profile else "meets no profile yet"
    if of.next:
        return f"{met}; missing for {of.next}: {', '.join(_missing(of))}"
    return met if of.ceiling == PROFILES[-1] else f"{met}, and no more is asked of it"


def _marks(of: Score, profile: Profile) -> str:
    return "".join(MARKS[of.judged[one.name].standing] for one in REQUIREMENTS if one.profile == profile)


def _missing(of: Score) -> list[str]:
    return [one.name for one in of.lacks(of.next)] if of.next else []


def store_json(of: Standing) -> dict[str, Any]:
    """What the store meets."""
    return {
        "profile": of.profile,
        "next": of.next,
        "services": of.services,
        "experimental": of.experimental,
        "lacking": [
            {
                "requirement": one.requirement.name,
                "title": one.requirement.title,
                "services": one.services,
                "unknown": one.unknown,
            }
            for one in of.lacking
        ],
    }


def service_json(of: Score) -> dict[str, Any]:
    """A service with every requirement; times in UTC, null where a requirement has none."""
    return {
        "name": of.service.name,
        "title": of.service.value.title,
        "external": of.service.value.external,
        "path": of.service.path,
        "profile": of.profile,
        "next": of.next,
        "highest": of.ceiling,
        "requirements": [
            {
                "name": one.name,
                "title": one.title,
                "profile": one.profile,
                "standing": of.judged[one.name].standing,
                "why": of.judged[one.name].why,
                "proved": _time(of.judged[one.name].proved),
                "until": _time(of.judged[one.name].until),
                "next": of.judged[one.name].next or None,
            }
            for one in REQUIREMENTS
        ],
    }


def since_json(of: "Since", changes: Iterable[Changed]) -> dict[str, Any]:
    """What changed since a revision, what the store met there, and what it meets with the changes."""
    return {
        "revision": of.revision,
        "commit": of.commit,
        "committed": format_instant(of.committed),
        "merged": of.merged,
        "conflicts": list(of.conflicts),
        "store": store_json(standing(of.before)),
        "after": store_json(standing(of.after)),
        "changes": [
            {"service": one.service, "change": one.what, "requirement": one.requirement or None, "why": one.why}
            for one in changes
        ],
    }


def changes_text(changes: Sequence[Changed], of: "Since", zone: tzinfo) -> str:
    """What a person has to know to read the table of changes."""
    many = _many("change", len(changes)) if changes else "no change"
    when = f"{of.name} ({in_zone(of.committed, zone):%Y-%m-%d %H:%M})"
    told = (
        f"{many} to {when}, judged on the result of merging this branch with it, as of now"
        if of.merged
        else f"{many} since {when}, its records too judged as of now"
    )
    is_old = any(one.what == "too old" for one in changes)
    return f"{told}\ntoo old: it held on that day, and nothing but time passed" if is_old else told


def _time(moment: datetime | None) -> str | None:
    return format_instant(moment.astimezone(UTC)) if moment else None

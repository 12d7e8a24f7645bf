"""The facts of a post-mortem against the timeline as it is now: what it contradicts, and the page renewed.

The facts are lines as the template writes them: a row of the table for each clock, and items such as `- Roles: ...`.
What people write around them is theirs, and a line that somebody took out is not missed.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, tzinfo

from svcops.catalogue.agreements import zone_of
from svcops.checking.model import At, Finding
from svcops.incidents.facts import State
from svcops.postmortems.checks import is_approved
from svcops.postmortems.drafting import values
from svcops.postmortems.model import Postmortem
from svcops.postmortems.prose import Line, read
from svcops.store.change import Change, digest_of
from svcops.store.documents import split_front_matter
from svcops.store.entries import Entry
from svcops.store.events import subject
from svcops.store.frozen import frozen
from svcops.store.graph import Graph
from svcops.store.ids import tail

_UPDATES = "updates"
_ITEM = re.compile(
    r"[-*+] +(?:(Times \(.*?\)):|(Agreed in \S+: \w+ in) |(Roles): "
    r"|(Users were told )(?:once|\d+ times), first at|(No update to users is recorded)$"
    r"|(Error budget of \S+ \(.*?\))(?: from (?P<interval>.*? UTC))?: )"
)
_OF_SAMPLES = "Error budget"
UNKNOWN = "unknown"
"""What a line about an error budget says in the place of a figure, before the reason."""
_AGREED = "Agreed in "
_MOVING = re.compile(r": running$|: missed by ")
"""Ends of an agreed time that change with the clock alone, as long as it is not over."""


@frozen
class Stale:
    """A line of the page, and what the timeline gives in its place; empty where it gives nothing."""

    line: Line
    wanted: str


def contradicted(graph: Graph, entry: Entry[Postmortem], state: State, now: datetime) -> Iterator[Finding]:
    """PMO008: the facts that the timeline of its first incident contradicts, while nobody has approved the page."""
    if entry.value.imported or is_approved(graph, entry, state):
        return
    data, problem = graph.tree.read(entry.path)
    folder = f"{state.entry.path.rpartition('/')[0]}/"
    if problem is not None or any(path.startswith(folder) for path in graph.damaged("incident-event")):
        return  # what the timeline says is not known
    for one in stale(graph, data.decode("utf-8-sig", "replace"), state, now, zone_of(graph)):
        given = f"the timeline now gives: {_bare(one.wanted)}" if one.wanted else "the timeline gives no such thing"
        text = one.line.text
        span = one.line.span(len(text) - len(text.lstrip()), len(text.rstrip()))
        help_ = f"svcops postmortem start {tail(state.id)} --facts"
        message = f"facts that the timeline contradicts; {given}"
        yield Finding("PMO008", message, At(entry.path), help_, severity="warning", span=span)


def stale(graph: Graph, text: str, state: State, now: datetime, zone: tzinfo) -> list[Stale]:
    """The lines of a page that the timeline contradicts. What hangs on the clock is not judged.

    Of what hangs on samples it is judged whether it tells of the incident as it now is, from its start to its end.
    """
    lines = [one for one in _lines(text) if _key(one.text)]
    if not lines:
        return []
    known = _facts(graph, state, now, zone, ())
    judged = ((one, str(_key(one.text))) for one in lines)
    zoned = f"Times ({zone})"
    found = [
        Stale(one, known.get(key, ""))
        for one, key in judged
        if not key.startswith(_OF_SAMPLES)
        and not (key.startswith("Times (") and key != zoned)
        and not (key not in known and key.startswith("|"))
        and not (key.startswith(_AGREED) and state.ending in ("cancelled", "merged"))  # of these no promise is judged
        and not _MOVING.search(known.get(key, ""))
        and _same(one.text) != _same(known.get(key, ""))
    ]
    return [*found, *_of_another_interval(lines, state)]


def _of_another_interval(lines: Sequence[Line], state: State) -> Iterator[Stale]:
    """Figures of error budgets that tell of another interval than that of the incident as it now is."""
    now = _interval_of(state)
    wanted = f"an incident from {now}" if now else ""
    return (Stale(one, wanted) for one in lines if _interval_told(one.text) not in (None, now))


def renew(
    graph: Graph, entry: Entry[Postmortem], data: bytes, state: State, now: datetime, budgets: Sequence[str]
) -> Change | None:
    """The page with its facts as the timeline now gives them, and all else as it is; None where nothing changes.

    The items all stand where the first of them stood.
    """
    text = data.decode("utf-8")
    end = "\r\n" if "\r\n" in text else "\n"
    known = _facts(graph, state, now, zone_of(graph), tuple(budgets))
    items = [one for key, one in known.items() if not key.startswith("|")]
    raw = text.split("\n")
    found = {one.number - 1: str(_key(one.text)) for one in _lines(text) if _key(one.text)}
    kept: list[str] = []
    for number, line in enumerate(raw):
        key = found.get(number)
        if key is None or (key.startswith("|") and key not in known):
            kept.append(line)
        elif key.startswith("|"):
            kept.append(line if _same(line) == _same(known[key]) else known[key] + end[:-1])
        else:
            kept += [one + end[:-1] for one in items]
            items = []
    after = "\n".join(kept)
    if after == text:
        return None
    return Change(
        subject(f"Renew the facts of the post-mortem of {tail(entry.name)}: {entry.value.title}"),
        {entry.path: after.encode()},
        {entry.path: digest_of(data)},
        records=(entry.name,),
    )


def with_earlier(text: str, budgets: Sequence[str], state: State) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Lines about error budgets, and those of them that are of the page, as they could not be worked out anew.

    Samples are in no repository: who has none knows less than the page, and takes nothing out of it but what it tells
    of another interval than that of the incident as it now is.
    """
    new, now = {_key(f"- {one}") or one: one for one in budgets}, _interval_of(state)
    lines = ((_key(one.text), _same(one.text)) for one in _lines(text) if _interval_told(one.text) in (None, now))
    kept = {
        key: line
        for key, line in lines
        if key and key.startswith(_OF_SAMPLES) and not is_unknown(line) and is_unknown(new.get(key, ""))
    }
    return tuple({**new, **kept}.values()), tuple(kept.values())


def is_unknown(budget: str) -> bool:
    """Whether a line about an error budget gives no figure."""
    return f"): {UNKNOWN}, " in budget or not budget


def has_facts(text: str) -> bool:
    """Whether a page has any line of facts that could be renewed."""
    return any(_key(one.text) for one in _lines(text))


def _lines(text: str) -> Iterator[Line]:
    split = split_front_matter(text.removeprefix("\ufeff"))
    if split and ("|" in split.body or "- " in split.body):
        yield from read(split.body, split.body_line).lines


def _key(text: str) -> str | None:
    """What a line is the fact of, whatever its value; None where it is none."""
    stripped = text.strip()
    if stripped.startswith("|"):
        cells = [one.strip() for one in stripped.strip("|").split("|")]
        return "|".join(["", *cells[:3]]) if len(cells) == 4 and cells[0].startswith("time to ") else None
    found = _ITEM.match(stripped)
    if found is None:
        return None
    return _UPDATES if found[4] or found[5] else next(filter(None, found.groups()))


def interval(start: datetime, end: datetime) -> str:
    """From when to when a figure of an error budget is told, in UTC as samples are: `2026-11-23 07:55 to 08:15 UTC`."""
    first, last = (f"{one.astimezone(UTC):%Y-%m-%d %H:%M}" for one in (start, end))
    return f"{first} to {last[-5:] if first[:10] == last[:10] else last} UTC"


def ends(state: State) -> tuple[datetime, datetime] | None:
    """When an incident began and ended; None where the timeline does not tell both.

    Where users noticed nobody knows since when, it had begun by the time at which it was declared.
    """
    began = state.impact_started or state.declared
    if began is None or state.resolved is None or state.resolved <= began:
        return None
    return began, state.resolved


def _interval_of(state: State) -> str:
    known = ends(state)
    return interval(*known) if known else ""


def _interval_told(line: str) -> str | None:
    """From when to when the figure of an error budget was told; None where the line tells none."""
    found = _ITEM.match(line.strip())
    return found["interval"] if found else None


def _facts(graph: Graph, state: State, now: datetime, zone: tzinfo, budgets: tuple[str, ...]) -> dict[str, str]:
    """Every fact by its key, as a line of the page."""
    given = values(graph, state, now, zone, budgets)
    rows = ("| {name} | {start_name} | {end_name} | {span} |".format(**one) for one in given["clocks"])
    lines = [*rows, *(f"- {one}" for one in given["facts"])]
    return {_key(one) or one: one for one in lines}


def _same(text: str) -> str:
    """A line as it is compared: however its table is set."""
    return " ".join(text.replace("|", " | ").split()).lstrip("-*+ ")


def _bare(line: str) -> str:
    cells = [one.strip() for one in line.strip("|").split("|")]
    return f"{cells[0]} {cells[3]}" if line.startswith("|") else line.lstrip("- ")

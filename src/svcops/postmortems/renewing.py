"""The facts of a post-mortem against the timeline as it is now: what it contradicts, and the page renewed.

The facts are lines as the template writes them: a row of the table for each clock, and items such as `- Roles: ...`.
What people write around them is theirs, and a line that somebody took out is not missed.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime, tzinfo

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
    r"|(Error budget of \S+ \(.*?\)): )"
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
    """The lines of a page that the timeline contradicts. What hangs on samples or the clock is not judged."""
    lines = [one for one in _lines(text) if _key(one.text)]
    if not lines:
        return []
    known = _facts(graph, state, now, zone, ())
    judged = ((one, str(_key(one.text))) for one in lines)
    zoned = f"Times ({zone})"
    return [
        Stale(one, known.get(key, ""))
        for one, key in judged
        if not key.startswith(_OF_SAMPLES)
        and not (key.startswith("Times (") and key != zoned)
        and not (key not in known and key.startswith("|"))
        and not (key.startswith(_AGREED) and state.ending in ("cancelled", "merged"))  # of these no promise is judged
        and not _MOVING.search(known.get(key, ""))
        and _same(one.text) != _same(known.get(key, ""))
    ]


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


def with_earlier(text: str, budgets: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Lines about error budgets, and those of them that are of the page, as they could not be worked out anew.

    Samples are in no repository: who has none knows less than the page, and takes nothing out of it.
    """
    new = {_key(f"- {one}") or one: one for one in budgets}
    lines = ((_key(one.text), _same(one.text)) for one in _lines(text))
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

"""What an import would do to an incident, whatever the source: its file and its timeline."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Literal

from svcops.exchange.outside import compared
from svcops.exchange.outside_news import News
from svcops.exchange.outside_records import event_file, limited
from svcops.exchange.plan import Planned
from svcops.exchange.sources import Source
from svcops.incidents.facts import State
from svcops.incidents.model import Move
from svcops.store.change import digest_of
from svcops.store.entries import Entry
from svcops.store.frozen import frozen
from svcops.store.graph import Graph


@frozen
class Update:
    """Where in a plan an incident belongs, and what is written where it is added or updated, as `Outcome` has it."""

    where: Literal["added", "unchanged", "kept", "updated"]
    planned: Planned
    files: Mapping[str, str]
    before: Mapping[str, str]
    listings: Mapping[str, tuple[str, ...]]


@frozen
class Outside:
    """What an incident is called outside, and where the input tells it."""

    key: str
    source: Source


def update_of(graph: Graph, state: State, record: Any, found: News, outside: Outside, *, update: bool) -> Update:
    """What differs of an incident, and what is written; kept without `update`, and where any of its files is damaged.

    `record` is what its file would say if it were new, `found` what its timeline does not say yet.
    """
    entry = state.entry
    told, before, after = said(graph, entry, record)
    planned = Planned("incident", entry.name, entry.path, outside.source, differs=(*told, *found.differs))
    timeline = f"{entry.path.rpartition('/')[0]}/timeline"
    events = {f"{timeline}/{name}": text for name, text in (event_file(outside.key, one) for one in found.events)}
    if not planned.differs:
        return Update("unchanged", planned, {}, {}, {})
    if _is_damaged(graph, entry):
        return Update("kept", replace(planned, stays="an event of it is damaged"), {}, {}, {})
    if not (update and (events or after)):
        return Update("kept", planned, {}, {}, {})
    moves = any(isinstance(one, Move) for one in found.events)
    return Update(
        "updated",
        replace(planned, before=before, after=after, beside=events),
        {**events, **({entry.path: after} if after else {})},
        {entry.path: digest_of(graph.tree.read(entry.path)[0])} if after else {},
        {timeline: tuple(sorted(one.path.rpartition("/")[2] for one in state.events))} if moves else {},
    )


def said(graph: Graph, entry: Entry[Any], record: Any) -> tuple[tuple[str, ...], str, str]:
    """What the source says otherwise of a record; its file as it is and as it would be, both empty where it stays."""
    before = graph.tree.read(entry.path)[0].decode()
    found = compared(entry, record, before)
    return (found.told, before, limited(found.front)) if found.writes else (found.told, "", "")


def _is_damaged(graph: Graph, entry: Entry[Any]) -> bool:
    """Whether an event of the incident cannot be read: what it amounts to is not known then."""
    folder = entry.path.rpartition("/")[0]
    return any(one.at.path.startswith(f"{folder}/") for one in graph.findings if one.severity == "error")

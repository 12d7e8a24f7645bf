"""What a source tells of an incident that is there already: the events that its timeline does not have yet.

Events are only added. What the source tells otherwise by now corrects what was imported before; what a person wrote
since is left alone.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from svcops.exchange.outside_records import recorded
from svcops.exchange.statuspage import SYSTEM, Reported
from svcops.exchange.statuspage_records import events_of
from svcops.incidents.facts import State, may
from svcops.incidents.model import AnyEvent, Closed, ImpactStarted, Opened, Resolved, SeverityChanged, Updated
from svcops.store.frozen import frozen
from svcops.store.graph import Entry

_ONCE = (ImpactStarted, Resolved)
"""Events of which a source tells one at most."""


@frozen
class News:
    """Events to add, with their times of recording, and in a few words what is new."""

    events: tuple[AnyEvent, ...]
    differs: tuple[str, ...]


def news(one: Reported, state: State, severity: str) -> News:
    """What the source tells and the timeline does not."""
    counted = [entry for entry in state.events if entry not in state.superseded]
    told = events_of(one, severity)
    found = [*_once(told, counted, state), *_severity(told, counted, state), *_updates(told, counted)]
    found.sort(key=lambda event: (event.at, isinstance(event, Resolved)))  # as `events_of` has them
    if any(isinstance(event, Resolved) and event.supersedes is None for event in found):
        found += [event for event in told if isinstance(event, Closed)]
    newest = max((entry.value.recorded_at for entry in state.events), default=None)
    return News(tuple(recorded(found, newest)), tuple(_words(found, one, state)))


def _once(told: Sequence[AnyEvent], counted: Sequence[Entry[AnyEvent]], state: State) -> Iterator[AnyEvent]:
    for event in told:
        if not isinstance(event, _ONCE):
            continue
        there = [entry for entry in counted if isinstance(entry.value, type(event)) and entry not in state.void]
        if there and there[-1].value.at != event.at and there[-1].value.by == SYSTEM:
            old = there[-1].value
            moved = (
                replace(event, from_=old.from_) if isinstance(event, Resolved) and isinstance(old, Resolved) else event
            )
            yield replace(moved, supersedes=_name(there[-1]))
        elif not there and isinstance(event, Resolved) and may(state, Resolved):
            yield replace(event, from_=state.phase)
        elif not there and isinstance(event, ImpactStarted):
            yield event


def _severity(told: Sequence[AnyEvent], counted: Sequence[Entry[AnyEvent]], state: State) -> Iterator[SeverityChanged]:
    """Another impact by now, where nobody here judged it since."""
    judged = [entry.value for entry in counted if isinstance(entry.value, Opened | SeverityChanged)]
    opened = next(event for event in told if isinstance(event, Opened))
    if not judged or judged[-1].by != SYSTEM or state.severity in (None, opened.severity):
        return
    at = max(event.at for event in told)
    yield SeverityChanged(
        type="severity", at=at, recorded_at=at, by=SYSTEM, from_=state.severity or "", to=opened.severity
    )


def _updates(told: Sequence[AnyEvent], counted: Sequence[Entry[AnyEvent]]) -> Iterator[AnyEvent]:
    """Updates that are not there, and those whose text is another by now."""
    there: list[Entry[Any]] = [entry for entry in counted if isinstance(entry.value, Updated)]
    left: list[Updated] = []
    for event in told:
        if isinstance(event, Updated):
            same = next((one for one in there if (one.value.at, one.value.text) == (event.at, event.text)), None)
            if same is None:
                left.append(event)
            else:
                there.remove(same)
    for event in left:
        old = next((one for one in there if one.value.at == event.at and one.value.by == SYSTEM), None)
        if old is not None:
            there.remove(old)
            yield replace(event, supersedes=_name(old))
        elif not any(one.value.at == event.at and one.value.supersedes for one in there):
            yield event


def _words(found: Sequence[AnyEvent], one: Reported, state: State) -> Iterator[str]:
    updates = [event for event in found if isinstance(event, Updated)]
    new = sum(event.supersedes is None for event in updates)
    if new:
        yield f"{new} update{'s' if new != 1 else ''} more"
    if len(updates) > new:
        yield f"{len(updates) - new} update{'s' if len(updates) - new != 1 else ''} said otherwise"
    for event in found:
        if isinstance(event, SeverityChanged):
            yield f"{event.from_} is {event.to}"
        elif isinstance(event, ImpactStarted | Resolved):
            yield event.type if event.supersedes is None else f"{event.type} at another time"
    if state.resolved and one.resolved is None:
        yield "resolved here, not there"


def _name(entry: Entry[AnyEvent]) -> str:
    return entry.name.rpartition("/")[2]

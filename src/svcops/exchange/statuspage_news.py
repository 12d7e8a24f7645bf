"""What a source tells of an incident that is there already: the events that its timeline does not have yet.

Events are only added. What the source tells otherwise by now corrects what was imported before; what a person wrote
since is left alone.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from svcops.exchange.outside_records import recorded
from svcops.exchange.statuspage import SYSTEM, Reported
from svcops.exchange.statuspage_records import events_of
from svcops.incidents.facts import State, may
from svcops.incidents.model import AnyEvent, Closed, ImpactStarted, Opened, Resolved, SeverityChanged, Updated
from svcops.store import corrections
from svcops.store.frozen import frozen
from svcops.store.graph import Entry

_ONCE = (ImpactStarted, Opened, Resolved)
"""Events of which a source tells one at most."""


@frozen
class News:
    """Events to add, with their times of recording, and in a few words what is new."""

    events: tuple[AnyEvent, ...]
    differs: tuple[str, ...]


def news(one: Reported, state: State, severity: str) -> News:
    """What the source tells and the timeline does not."""
    counted = corrections.counted(list(state.events))
    told = events_of(one, severity)
    found = [*_once(told, counted, state), *_severity(told, counted, state), *_updates(told, counted, state)]
    found.sort(key=lambda event: (event.at, isinstance(event, Resolved)))  # as `events_of` has them
    found = [one for event in found for one in (event, *_closing(event, told))]
    newest = max((entry.value.recorded_at for entry in state.events), default=None)
    return News(tuple(recorded(found, newest)), tuple(_words(found, one, state)))


def _closing(event: AnyEvent, told: Sequence[AnyEvent]) -> list[AnyEvent]:
    """What comes directly behind a first resolution, so that every clone records it at the same time."""
    is_first = isinstance(event, Resolved) and event.supersedes is None
    return [one for one in told if isinstance(one, Closed)] if is_first else []


def _once(told: Sequence[AnyEvent], counted: Sequence[Entry[AnyEvent]], state: State) -> Iterator[AnyEvent]:
    for event in told:
        if not isinstance(event, _ONCE):
            continue
        there = [entry for entry in counted if isinstance(entry.value, type(event)) and entry not in state.void]
        if there and there[-1].value.at != event.at and there[-1].value.by == SYSTEM:
            old = there[-1].value
            yield replace(_as_seen(event, old), supersedes=_name(there[-1]))
        elif not there and isinstance(event, Resolved) and may(state, Resolved):
            yield replace(event, from_=state.phase)
        elif not there and isinstance(event, ImpactStarted):
            yield event


def _as_seen(event: AnyEvent, old: AnyEvent) -> AnyEvent:
    """An event at another time, in the place of the old one: what its writer saw, and judged, then."""
    if isinstance(event, Resolved) and isinstance(old, Resolved):
        return replace(event, from_=old.from_)
    if isinstance(event, Opened) and isinstance(old, Opened):
        return replace(event, from_=old.from_, severity=old.severity)
    return event


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


def _updates(told: Sequence[AnyEvent], counted: Sequence[Entry[Any]], state: State) -> Iterator[AnyEvent]:
    """Updates that are not there, and those whose text or time is another by now."""
    updates = [event for event in told if isinstance(event, Updated)]
    times = {event.at for event in updates}
    overruled = _overruled(state)
    there = [*overruled, *(entry for entry in counted if isinstance(entry.value, Updated))]
    ways: tuple[Callable[[Any, Any], bool], ...] = (
        lambda old, new: (old.at, old.text) == (new.at, new.text),
        lambda old, new: old.by == SYSTEM and old.text == new.text and old.at not in times,
        lambda old, new: old.by == SYSTEM and old.at == new.at,
        lambda old, new: old.by == SYSTEM and old.text == new.text,
    )
    for is_same in ways:  # one after another: a likely pair goes before one that is less so
        for event in list(updates):
            old = next((one for one in there if is_same(one.value, event)), None)
            if old is None:
                continue
            there.remove(old)
            updates.remove(event)
            if old not in overruled and (old.value.at, old.value.text) != (event.at, event.text):
                yield replace(event, supersedes=_name(old))
    yield from updates


def _overruled(state: State) -> list[Entry[Any]]:
    """Updates of the source that a person corrected: what the source says of them is settled."""
    by_people = {entry.value.supersedes for entry in state.events if entry.value.by != SYSTEM}
    updates = [entry for entry in state.superseded if isinstance(entry.value, Updated) and entry.value.by == SYSTEM]
    return [entry for entry in updates if _name(entry) in by_people]


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
        elif isinstance(event, _ONCE):
            yield event.type if event.supersedes is None else f"{event.type} at another time"
    if state.resolved and one.resolved is None:
        yield "resolved here, not there"


def _name(entry: Entry[AnyEvent]) -> str:
    return entry.name.rpartition("/")[2]

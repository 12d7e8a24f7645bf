"""What a source tells of an incident that is there already: the events that its timeline does not have yet.

Events are only added. What the source tells otherwise by now corrects what was imported before; what a person wrote
since is left alone.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from svcops.exchange.outside_records import recorded
from svcops.incidents.facts import State, may
from svcops.incidents.model import (
    AnyEvent,
    Closed,
    ImpactStarted,
    Logged,
    Move,
    Opened,
    Reopened,
    Resolved,
    SeverityChanged,
)
from svcops.store import corrections
from svcops.store.entries import Entry
from svcops.store.frozen import frozen

if TYPE_CHECKING:
    from datetime import datetime

_ELSEWHERE = "The source tells this otherwise, which is recorded, too: two clones imported it, one of them later."
_ONCE = (ImpactStarted, Opened, Resolved)
"""Events of which a source tells one at most."""


@frozen
class News:
    """Events to add, with their times of recording, and in a few words what is new."""

    events: tuple[AnyEvent, ...]
    differs: tuple[str, ...]


def words(found: Sequence[AnyEvent]) -> Iterator[str]:
    """What these events say otherwise than the timeline did, in a few words each."""
    left = sum(isinstance(event, Logged) for event in found)
    if left:
        yield f"{left} event{'s' if left != 1 else ''} there twice"
    for event in found:
        if isinstance(event, SeverityChanged):
            yield f"{event.from_} is {event.to}"
        elif isinstance(event, (*_ONCE, Reopened)):
            yield event.type if event.supersedes is None else f"{event.type} at another time"


def news(
    told: Sequence[AnyEvent],
    state: State,
    more: Sequence[AnyEvent] = (),
    say: Callable[[Sequence[AnyEvent]], Iterator[str]] = words,
) -> News:
    """What the source tells and the timeline does not: of its times and its severity, and `more` that is new.

    `told` is the timeline as a first import would write it, `say` what is said of the events that come of it.
    """
    counted, source = corrections.counted(list(state.events)), told[0].by
    found = [*_once(told, counted, state), *_severity(told, counted, state), *more]
    found.sort(key=lambda event: (event.at, isinstance(event, Resolved)))  # as a first import has them
    found = [one for event in found for one in (event, *_closing(event, told))]
    kept = ["severity kept: judged here since"] if _judged_otherwise(told, counted, state) else []
    return News(tuple(_in_their_places(found, state, source)), (*say(found), *kept))


def _in_their_places(found: Sequence[AnyEvent], state: State, source: str) -> Iterator[AnyEvent]:
    """The events with their times of recording.

    What is plainly new is recorded as a first import would, which is how it comes (`events_of`): other clones have the
    same file. What rests on what is there comes after all of that: corrections, and moves that people went before.
    """
    there: dict[datetime, list[AnyEvent]] = {}
    for entry in state.events:
        there.setdefault(entry.value.recorded_at, []).append(entry.value)
    moved = max((entry.value.recorded_at for entry in state.events if _goes_before(entry.value, source)), default=None)
    late: list[AnyEvent] = []
    newest = max(there, default=None)
    for event in found:
        is_after = moved is not None and event.recorded_at <= moved and isinstance(event, Resolved | Closed)
        rests = event.supersedes is not None or isinstance(event, SeverityChanged | Reopened)
        if rests or is_after or event in there.get(event.recorded_at, ()):
            late.append(event)
        else:
            newest = event.recorded_at if newest is None else max(newest, event.recorded_at)
            yield event
    yield from recorded(late, newest)


def _goes_before(event: AnyEvent, source: str) -> bool:
    """Whether a resolution that is recorded earlier than this event would not follow from what came before it."""
    return event.by != source or (isinstance(event, Move) and event.supersedes is None)


def _closing(event: AnyEvent, told: Sequence[AnyEvent]) -> list[AnyEvent]:
    """What comes directly behind a first resolution, so that every clone records it at the same time."""
    is_first = isinstance(event, Resolved) and event.supersedes is None
    return [one for one in told if isinstance(one, Closed)] if is_first else []


def _once(told: Sequence[AnyEvent], counted: Sequence[Entry[AnyEvent]], state: State) -> Iterator[AnyEvent]:
    void = {entry.name for entry in state.void}
    for event in told:
        if not isinstance(event, (*_ONCE, Closed)):
            continue
        latest = _since_reopened(counted, event.by) if isinstance(event, Resolved) else counted
        every = [entry for entry in latest if isinstance(entry.value, type(event))]
        there = [entry for entry in every if entry.name not in void]
        if there and there[-1].value.by == event.by:
            others = [one for one in every if one.name in void or isinstance(event, ImpactStarted)]
            yield from (left_over(one) for one in others if one is not there[-1] and one.value.by == event.by)
        if isinstance(event, Closed) or (there and _is_unknown(event)):  # that it is over is there already
            continue
        if (
            there
            and (there[-1].value.at != event.at or _is_unknown(there[-1].value))
            and there[-1].value.by == event.by
        ):
            old = there[-1].value
            yield replace(_as_seen(event, old), supersedes=corrections.short(there[-1]))
        elif not there and isinstance(event, Resolved) and may(state, Resolved) and _follows(event, state):
            yield replace(event, **_went_on(state))
        elif not there and isinstance(event, ImpactStarted):
            yield event


def _since_reopened(counted: Sequence[Entry[AnyEvent]], source: str) -> Sequence[Entry[AnyEvent]]:
    """What came after the source last said that it goes on after all: another resolution than the one before."""
    again = [
        place for place, entry in enumerate(counted) if isinstance(entry.value, Reopened) and entry.value.by == source
    ]
    return counted[again[-1] :] if again else counted


def _follows(event: AnyEvent, state: State) -> bool:
    """Whether a resolution is of the disruption that goes on, and not the one before it was reopened."""
    return state.moved is None or not isinstance(state.moved.value, Reopened) or event.at >= state.moved.value.at


def _went_on(state: State) -> dict[str, Any]:
    """What a resolution comes from; the first as a first import writes it, so that every clone has the same file."""
    is_again = state.moved is not None and isinstance(state.moved.value, Reopened)
    return state.seen if is_again else {"from_": state.phase}


def _is_unknown(event: AnyEvent) -> bool:
    return isinstance(event, Resolved) and event.time_unknown


def _as_seen(event: AnyEvent, old: AnyEvent) -> AnyEvent:
    """An event at another time, in the place of the old one: what its writer saw, and judged, then."""
    if isinstance(event, Resolved) and isinstance(old, Resolved):
        return replace(event, from_=old.from_, follows=old.follows)
    if isinstance(event, Opened) and isinstance(old, Opened):
        return replace(event, from_=old.from_, severity=old.severity)
    if isinstance(event, ImpactStarted) and isinstance(old, ImpactStarted):
        return replace(event, follows=old.follows)
    return event


def _severity(told: Sequence[AnyEvent], counted: Sequence[Entry[AnyEvent]], state: State) -> Iterator[SeverityChanged]:
    """Another impact by now, where nobody here judged it since."""
    opened = next(event for event in told if isinstance(event, Opened))
    if not any(map(_judges, counted)) or _is_by_people(counted, opened.by) or state.severity in (None, opened.severity):
        return
    at = max(event.at for event in told)
    yield SeverityChanged(
        type="severity",
        at=at,
        recorded_at=at,
        by=opened.by,
        from_=state.severity or "",
        to=opened.severity,
        follows=state.judged_by,
    )


def _judged_otherwise(told: Sequence[AnyEvent], counted: Sequence[Entry[AnyEvent]], state: State) -> bool:
    """Whether a person judged it otherwise than the source, which counts."""
    said = {event.severity for event in told if isinstance(event, Opened)}
    return _is_by_people(counted, told[0].by) and state.severity is not None and state.severity not in said


def _is_by_people(counted: Sequence[Entry[AnyEvent]], source: str) -> bool:
    """Whether a person was the last to judge it."""
    judged = [entry.value for entry in counted if _judges(entry)]
    return bool(judged) and judged[-1].by != source


def _judges(entry: Entry[AnyEvent]) -> bool:
    return isinstance(entry.value, Opened | SeverityChanged)


def left_over(old: Entry[Any]) -> Logged:
    """In the place of an event that the source tells otherwise, and that is there as it tells it, too."""
    at = old.value.at
    return Logged(
        type="log", at=at, recorded_at=at, by=old.value.by, text=_ELSEWHERE, supersedes=corrections.short(old)
    )

"""What Statuspage tells of an incident that is there already: beside its times and severity, its updates."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from svcops.exchange import outside_news
from svcops.exchange.outside_news import News, left_over
from svcops.exchange.statuspage import OVER, SYSTEM, Reported
from svcops.exchange.statuspage_records import events_of
from svcops.incidents.facts import State
from svcops.incidents.folding import MOVES
from svcops.incidents.model import AnyEvent, Reopened, Resolved, Updated
from svcops.store import corrections
from svcops.store.entries import Entry


def news(one: Reported, state: State, severity: str) -> News:
    """What the source tells and the timeline does not."""
    counted = corrections.counted(list(state.events))
    told = events_of(one, severity)
    more = [*_updates(told, counted, state), *_reopening(one, state)]
    return outside_news.news(told, state, more, lambda found: _words(found, one, state))


def _reopening(one: Reported, state: State) -> Iterator[Reopened]:
    """That it goes on there after it was over, by the first update since that does not say so itself.

    What a person ended here, or ended again, stays so.
    """
    ends = [entry for entry in state.counting if isinstance(entry.value, Resolved)]
    is_alike = one.is_over or state.phase not in MOVES[Reopened][0] or state.ending not in (None, "closed")
    if is_alike or not ends or not state.moved or {ends[-1].value.by, state.moved.value.by} != {SYSTEM}:
        return
    told = (said for said in one.updates if said.at > ends[-1].value.at and said.status not in OVER)
    if said := next(told, None):
        yield Reopened(type="reopened", at=said.at, recorded_at=said.at, by=SYSTEM, text=said.text, **state.seen)


def _updates(told: Sequence[AnyEvent], counted: Sequence[Entry[Any]], state: State) -> Iterator[AnyEvent]:
    """Updates that are not there, those whose text or time is another by now, and what a merge left over of these."""
    updates = [event for event in told if isinstance(event, Updated)]
    times, texts = {event.at for event in updates}, {event.text for event in updates}
    overruled = _overruled(state)
    there = [*overruled, *(entry for entry in counted if isinstance(entry.value, Updated))]
    settled = {entry.name for entry in overruled}
    ways: tuple[Callable[[Any], Any], ...] = (  # None: in this way it is not the same as any
        lambda one: (one.at, one.text),
        lambda one: one.text if one.by == SYSTEM and one.at not in times else None,
        lambda one: one.at if one.by == SYSTEM else None,
        lambda one: one.text if one.by == SYSTEM else None,
    )
    asked: tuple[Callable[[Updated], Any], ...] = (
        lambda one: (one.at, one.text),
        lambda one: one.text,
        lambda one: one.at,
        lambda one: one.text,
    )
    for way, ask in zip(ways, asked, strict=True):  # one after another: a likely pair goes before one that is less so
        pairs, there, updates = _paired(there, updates, way, ask)
        for old, event in pairs:
            if old.name not in settled and (old.value.at, old.value.text) != (event.at, event.text):
                yield replace(event, supersedes=corrections.short(old))
    yield from updates
    for old in there:
        if old.name not in settled and old.value.by == SYSTEM and (old.value.at in times or old.value.text in texts):
            yield left_over(old)


def _paired(
    there: Sequence[Entry[Any]],
    updates: Sequence[Updated],
    way: Callable[[Any], Any],
    ask: Callable[[Updated], Any],
) -> tuple[list[tuple[Entry[Any], Updated]], list[Entry[Any]], list[Updated]]:
    """Those that are the same in one way, the first with the first, and what is left of both."""
    waiting: dict[Any, deque[Entry[Any]]] = {}
    for entry in there:
        if (key := way(entry.value)) is not None:
            waiting.setdefault(key, deque()).append(entry)
    pairs, rest = [], []
    for event in updates:
        if same := waiting.get(ask(event)):
            pairs.append((same.popleft(), event))
        else:
            rest.append(event)
    gone = {old.name for old, _ in pairs}
    return pairs, [entry for entry in there if entry.name not in gone], rest


def _overruled(state: State) -> list[Entry[Any]]:
    """Updates of the source that a person corrected: what the source says of them is settled."""
    by_people = {entry.value.supersedes for entry in state.events if entry.value.by != SYSTEM}
    updates = [entry for entry in state.superseded if isinstance(entry.value, Updated) and entry.value.by == SYSTEM]
    return [entry for entry in updates if corrections.short(entry) in by_people]


def _words(found: Sequence[AnyEvent], one: Reported, state: State) -> Iterator[str]:
    updates = [event for event in found if isinstance(event, Updated)]
    new = sum(event.supersedes is None for event in updates)
    if new:
        yield f"{new} update{'s' if new != 1 else ''} more"
    if len(updates) > new:
        yield f"{len(updates) - new} update{'s' if len(updates) - new != 1 else ''} said otherwise"
    yield from outside_news.words(found)
    if state.resolved and not one.is_over and not any(isinstance(event, Reopened) for event in found):
        yield "resolved here, not there, which is left as it is"

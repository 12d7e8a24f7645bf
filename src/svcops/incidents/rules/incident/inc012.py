"""An incident that was merged into one which did not go on, or not as long: nothing is counted in its place."""

from collections.abc import Iterator
from datetime import tzinfo
from typing import Any

from svcops.catalogue.agreements import zone_of
from svcops.checking.model import Finding, Related
from svcops.checking.rule import Context, Rule
from svcops.incidents.duplicates import ends_later
from svcops.incidents.facts import State, states
from svcops.incidents.model import Cancelled, Closed, Merged, Resolved
from svcops.incidents.outlines import last_of
from svcops.incidents.standing import reopening
from svcops.store.entries import Entry
from svcops.store.ids import tail
from svcops.timing.wall import shown


def _find(context: Context) -> Iterator[Finding]:
    zone = zone_of(context.graph)
    every = states(context.graph)
    for state in every.values():
        other = every.get(state.merged_into or "")
        if other is None:
            continue
        if other.ending == "cancelled" or _was_closed_before(other, state):
            yield _of_ended(state, other, zone)
        elif last := every.get(last_of(every, other.id)):
            yield from _of_resolved(state, last, zone)


def _was_closed_before(other: State, state: State) -> bool:
    """Whether it had gone through the cycle when the merge was written down."""
    return other.ending == "closed" and _is_later(_merge(state), _last(other, Closed))


def _of_ended(state: State, other: State, zone: tzinfo) -> Finding:
    """It was merged into one that left the cycle, or had been through all of it."""
    end = _last(other, Cancelled, Closed)
    message = f"merged into {other.id}, which was {other.ending} on {shown(end.value.at, zone)}: neither goes on"
    reopen = "svcops incident reopen"
    help_ = f'{reopen} {tail(state.id)} "WHY IT GOES ON", or the other: {reopen} {tail(other.id)} "WHY IT GOES ON"'
    related = (Related(f"the other was {other.ending}", end.at("type")),)
    return Finding("INC012", message, _merge(state).at("into"), help_, related=related)


def _of_resolved(state: State, last: State, zone: tzinfo) -> Iterator[Finding]:
    """What goes on in its place was resolved, and it was not by then: the disruption counts as over."""
    if last.phase != "post-mortem" and last.ending != "closed":
        return
    merge, end = _merge(state), _last(last, Resolved)
    went_on = merge.value.from_ != "post-mortem" and _is_later(merge, end)
    if not (went_on or ends_later(state, last)):
        return
    how = "this one went on" if went_on else f"this one on {shown(state.resolved or end.value.at, zone)}"
    message = f"merged into {last.id}, which was resolved on {shown(end.value.at, zone)}, and {how}"
    help_ = f"{reopening(last)}, and resolve it when both are over."
    related = (Related("the other was resolved", end.at("type")),)
    yield Finding("INC012", message, merge.at("into"), help_, related=related)


def _is_later(one: Entry[Any], other: Entry[Any]) -> bool:
    """Whether it was recorded when the other one was written down already."""
    return bool(one.value.recorded_at > other.value.recorded_at)


def _merge(state: State) -> Entry[Any]:
    return _last(state, Merged)


def _last(state: State, *types: type) -> Entry[Any]:
    """The last move of these types that counts."""
    return next(one for one in reversed(state.counting) if isinstance(one.value, types))


RULE = Rule(
    "INC012",
    "an incident merged into one that does not go on",
    whole=True,
    rests_on=("incident", "incident-event"),
    find=_find,
)

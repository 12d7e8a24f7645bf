"""An incident that was merged into one which did not go on: it left the cycle, and nothing is counted in its place."""

from collections.abc import Iterator

from svcops.catalogue.agreements import zone_of
from svcops.checking.model import Finding, Related
from svcops.checking.rule import Context, Rule
from svcops.incidents.facts import State, states
from svcops.incidents.model import AnyEvent, Cancelled, Closed, Merged
from svcops.store.entries import Entry
from svcops.store.ids import tail
from svcops.timing.wall import shown


def _find(context: Context) -> Iterator[Finding]:
    zone = zone_of(context.graph)
    every = states(context.graph)
    for state in every.values():
        other = every.get(state.merged_into or "")
        if other is None or other.ending not in ("cancelled", "closed"):
            continue
        merge, end = _last(state, Merged), _last(other, Cancelled, Closed)
        if other.ending == "closed" and end.value.recorded_at >= merge.value.recorded_at:
            continue  # it went on, and through the cycle
        since = shown(end.value.at, zone)
        message = f"merged into {other.id}, which was {other.ending} on {since}: neither goes on"
        reopen = "svcops incident reopen"
        help_ = f'{reopen} {tail(state.id)} "WHY IT GOES ON", or the other: {reopen} {tail(other.id)} "WHY IT GOES ON"'
        related = (Related(f"the other was {other.ending}", end.at("type")),)
        yield Finding("INC012", message, merge.at("into"), help_, related=related)


def _last(state: State, *types: type) -> Entry[AnyEvent]:
    """The move that ended it."""
    return next(one for one in reversed(state.counting) if isinstance(one.value, types))


RULE = Rule(
    "INC012",
    "an incident merged into one that does not go on",
    whole=True,
    rests_on=("incident", "incident-event"),
    find=_find,
)

"""Two branches both went on: two moves from one phase, two who got one role from one person, two starts."""

from collections.abc import Iterator
from datetime import tzinfo

from svcops.catalogue.agreements import zone_of
from svcops.checking.model import Finding, Related
from svcops.checking.rule import Context, Rule
from svcops.incidents.facts import State, states
from svcops.incidents.model import Acknowledged, AnyEvent, ImpactStarted, Merged, Opened, Resolved, RoleGiven
from svcops.incidents.standing import settled
from svcops.store.entries import Entry
from svcops.store.ids import tail
from svcops.timing.wall import shown


def _find(context: Context) -> Iterator[Finding]:
    for state in states(context.graph).values():
        for event in state.void:
            first = state.overtaken.get(event.name)
            if first is None:
                continue
            if isinstance(event.value, RoleGiven):
                yield _of_role(state, event, event.value, first)
                continue
            if isinstance(event.value, ImpactStarted):
                yield _of_start(state, event, first, zone_of(context.graph))
                continue
            yield _of_move(state, event, first)


def _of_move(state: State, event: Entry[AnyEvent], first: Entry[AnyEvent]) -> Finding:
    if isinstance(event.value, Resolved):  # acknowledged there before, it was resolved there, too
        first = next((one for one in state.counting if isinstance(one.value, Resolved)), first)
    again = _is_the_same(event.value, first.value)
    what = "a second time" if again else f"while {_move(first.value)} was recorded elsewhere"
    rest = "of this one a higher severity alone" if type(event.value) is Opened else "this one has no effect"
    told = event.value.type if again else _move(event.value)
    message = f"{told} {what}: the move recorded first counts, {rest}"
    related = (Related("the move that counts", first.at("type")),)
    help_ = "Nothing is lost and nothing needs to be done. It stays visible in the timeline."
    if not again:
        step = "take that step now"
        if isinstance(event.value, Acknowledged) and state.acknowledged is None and state.resolved:
            step = f"say who took care of it: svcops incident role {tail(state.id)} commander PERSON --at TIME"
        help_ = f"Agree which of the two is right, and {step}; {settled(state.id, event)}"
    elif isinstance(event.value, Resolved) and state.phase == "remediation":
        over = f"if it is over by now: svcops incident resolve {tail(state.id)}"
        help_ = f"It was reopened since, and goes on; {over}; {settled(state.id, event)}"
    return Finding("INC005", message, event.at("type"), help_, severity="warning", related=related)


def _is_the_same(second: AnyEvent, first: AnyEvent) -> bool:
    """Whether both say one thing; a commander acknowledges."""
    if isinstance(second, Merged) and isinstance(first, Merged):
        return second.into == first.into
    return type(second) is type(first) or type(first) is RoleGiven


def _move(event: AnyEvent) -> str:
    return f"merged into {event.into}" if isinstance(event, Merged) else event.type


def _of_role(state: State, event: Entry[AnyEvent], given: RoleGiven, first: Entry[AnyEvent]) -> Finding:
    what = f"{given.role} is given to {given.to}" if given.to else f"{given.role} is given up"
    counts = first.value.to if isinstance(first.value, RoleGiven) else None
    other = f"given to {counts}" if counts else "given up"
    message = f"{what} while it was {other} elsewhere: what was recorded first counts, this has no effect"
    related = (Related("what counts", first.at("to")),)
    command = f"svcops incident role {tail(state.id)} {given.role} PERSON"
    help_ = f"Agree who has it, and say it now where it is another: {command}; {settled(state.id, event)}"
    if given.from_ is None:
        help_ += "\nWho writes it by hand says who had it: from: PERSON."
    return Finding("INC005", message, event.at("to"), help_, severity="warning", related=related)


def _of_start(state: State, event: Entry[AnyEvent], first: Entry[AnyEvent], zone: tzinfo) -> Finding:
    later, earlier = shown(event.value.at, zone), shown(first.value.at, zone)
    message = f"impact started on {later}, while {earlier} was said elsewhere: the earlier counts, this has no effect"
    related = (Related("what counts", first.at("at")),)
    help_ = f"Agree since when users noticed, and say it: svcops incident started {tail(state.id)} --at TIME"
    return Finding("INC005", message, event.at("at"), help_, severity="warning", related=related)


RULE = Rule("INC005", "a second step of an incident from where another one went on", "warning", whole=True, find=_find)

"""The verb `svcops incident merge`: two incidents are one disruption."""

from typing import Annotated, Any

from svcops.errors import BadInput, Refused
from svcops.incidents import model
from svcops.incidents.duplicates import ends_later, goes_on
from svcops.incidents.facts import State, before
from svcops.incidents.noun import At, Corrects, app, came_from, corrected, finish, moment_of, one, recorded
from svcops.incidents.standing import next_step, reopening, standing
from svcops.incidents.step_commands import refuse_unless
from svcops.store.change import Change
from svcops.store.graph import Graph
from svcops.store.ids import resolve, tail
from svcops.terminal.command import Argument, Context, Option
from svcops.terminal.session import Session
from svcops.timing.wall import shown


@app.verb("merge", examples="svcops incident merge k7f3 --into b2m9")
def merge(
    ctx: Context,
    id: Annotated[str, Argument(metavar="[ID]", help="The one that is a duplicate.")] = "",
    into: Annotated[str, Option("--into", metavar="ID", help="The one that goes on.")] = "",
    at: At = "now",
    corrects: Corrects = "",
) -> int:
    """Say that it is the same disruption as another incident, which goes on. The old id still answers.

    What goes on takes over the earliest times, every service and the next update; of the severities the higher counts.
    Said again of what is merged already, it takes over what was corrected since.
    """
    session: Session = ctx.obj
    state = one(session, id)
    if not into:
        raise BadInput("--into is missing", help=f"svcops incident merge {tail(state.id)} --into ID")
    graph = session.store.graph
    target = resolve(into, graph.names("incident"), noun="incident")
    if target == state.id:
        raise BadInput("an incident cannot be merged into itself", help="--into names the one that goes on.")
    other = one(session, target)
    if state.merged_into == target and not corrects:
        if again := _once_more(session, state):
            return finish(session, state, again, target)
        if other.ending in (None, "closed"):
            told = f"{tail(state.id)} is merged into {target}, which says all of it already"
            raise Refused(told, help="Nothing to do.")
    if other.is_over:
        raise Refused(f"{target} does not go on: {standing(other)}", help=_instead(graph, state, other))
    refuse_unless(session, state, model.Merged, "merged", corrects)
    _refuse_to_end_it(session, _as_it_was(session, state, corrects), other)
    change = _merged(session, state, other, at, corrects)
    return finish(session, state, change, *(name for name in change.records if name != state.id))


def _as_it_was(session: Session, state: State, corrects: str) -> State:
    """What a merge comes from: a correction stands in the place of an earlier event."""
    if not corrects:
        return state
    severities = [level.name for level in session.store.graph.settings.severities]
    return before(state, corrected(state, corrects, model.Merged), severities)


def _refuse_to_end_it(session: Session, state: State, other: State) -> None:
    """Refused where the other was resolved, and this one was not by then: the disruption would count as over."""
    if other.phase != "post-mortem" or not (goes_on(state) or ends_later(state, other)):
        return
    zone = session.zone
    since = f"was resolved at {shown(other.resolved, zone)}" if other.resolved else "is resolved"
    how, help_ = "goes on", f"{reopening(other)} first"
    if state.resolved:
        how = f"was resolved later, at {shown(state.resolved, zone)}"
    else:
        help_ += f"\nWhere it ended with that one: svcops incident resolve {tail(state.id)} --at TIME"
    raise Refused(f"{other.id} {since}, and {tail(state.id)} {how}", help=help_)


def _merged(session: Session, state: State, other: State, at: str, corrects: str) -> Change:
    """The merge, what the other takes over, and its severity where that of the duplicate is higher."""
    from svcops.incidents import changes

    moment = moment_of(session, state, at)
    fields: dict[str, Any] = {**state.seen, "into": other.id}
    if corrects:
        fields |= {"supersedes": (name := corrected(state, corrects, model.Merged))}
        fields |= came_from(session, state, name, model.Merged, fields)
    told = f"into {tail(other.id)}, {other.incident.title}"
    change = recorded(session, state, model.Merged, "Merge", told, at=moment, **fields)
    if _is_higher(session, state.severity, other.severity):
        raised: dict[str, Any] = {"from_": other.severity, "to": state.severity, "follows": other.judged_by}
        raised |= {"at": moment, "text": f"{tail(state.id)} is the same, and is it."}
        change += changes.add(other, session.author(), model.SeverityChanged, "Raise", told, **raised)
        session.say(f"{tail(other.id)} is {state.severity} from now on, as {tail(state.id)} is")
    return change


def _once_more(session: Session, state: State) -> Change | None:
    """What those that go on do not say of a duplicate, or say otherwise; None where nothing is left to write."""
    from svcops.incidents.merging import passed_on

    found = passed_on(session.store.graph, state, session.author())
    if not found:
        return None
    first, *more = found
    for change in more:
        first += change
    return first


def _instead(graph: Graph, state: State, over: State) -> str:
    """What leads to the same where the incident to merge into is over."""
    help_ = next_step(graph, over)
    if over.ending == "closed":
        both = f"--incident {tail(over.id)} --incident {tail(state.id)}"
        help_ += f"\nOr, as one problem explains both: svcops problem open TITLE {both}"
    return help_


def _is_higher(session: Session, one_of: str | None, other: str | None) -> bool:
    names = [level.name for level in session.store.graph.settings.severities]
    return one_of in names and other in names and names.index(one_of) < names.index(other)

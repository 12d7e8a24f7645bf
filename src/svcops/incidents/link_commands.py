"""The verb `svcops incident link`: what belongs to an incident, and which problem explains it."""

from typing import Annotated

from svcops.errors import BadInput, Refused
from svcops.incidents import model
from svcops.incidents.facts import State
from svcops.incidents.noun import At, Corrects, app, chosen, finish, write
from svcops.incidents.standing import standing
from svcops.store.ids import matching, resolve, tail
from svcops.terminal.command import Argument, Context
from svcops.terminal.session import Session
from svcops.timing.asking import past


@app.verb(
    "link",
    examples='svcops incident link k7f3 https://tickets.example.com/4711 "The ticket of the bank"\n'
    "svcops incident link k7f3 runbooks/ledger/late.md\n"
    'svcops incident link k7f3 p4w8 "The same queue, after the same release"',
)
def link(
    ctx: Context,
    words: Annotated[
        list[str],
        Argument(metavar="[ID] WHAT [TEXT]", help="A record's id, a path of the store, or an address; and what it is."),
    ],
    at: At = "now",
    corrects: Corrects = "",
) -> int:
    """Note what belongs to an incident: another record, or a page elsewhere; or the problem that explains it.

    With a problem it is the same as svcops problem link.
    """
    session: Session = ctx.obj
    what = ("what to link is missing", "A record's id, a path of the store, or an address such as https://...")
    state, rest = chosen(session, words, texts=range(1, 3), whole=False, ids_too=True, missing=what)
    to = _target(session, rest[0])
    if to == state.id:
        raise BadInput("an incident cannot be linked to itself", help="Name what belongs to it.")
    text = " ".join(rest[1].split()) if len(rest) > 1 else ""
    if to in session.store.graph.names("problem"):
        return _to_problem(session, state, to, text, at, corrects)
    return write(session, state, model.Linked, "Link", f"to {to}", at=at, corrects=corrects, to=to, text=text)


def _target(session: Session, given: str) -> str:
    """What is linked: an address, the id of an incident or a problem, or a path that is there."""
    if given.startswith(("https://", "http://")):
        return given
    graph = session.store.graph
    names = [*graph.names("incident"), *graph.names("problem")]
    found = matching(given, names)
    if len(found) != 1 and graph.tree.has(given):
        return given
    if found:
        return resolve(given, names, noun="record")
    told = "no incident, no path of the store, no address and no problem"
    raise BadInput(f"{given} is {told}", help="Such as https://...")


def _to_problem(session: Session, state: State, problem_id: str, text: str, at: str, corrects: str) -> int:
    """The event is the problem's: of all that it says about one incident, the latest counts."""
    from svcops.incidents.outlines import goes_on_as
    from svcops.incidents.problem_changes import add
    from svcops.incidents.problems import problem_states
    from svcops.problems.model import IncidentLinked

    problem = problem_states(session.store.graph).get(problem_id)
    short = tail(state.id)
    if problem is None:
        raise BadInput(f"{problem_id} has a damaged file", help="svcops check shows the place.")
    if corrects:
        help_ = f'svcops problem link {tail(problem_id)} {short} --not "WHAT SHOWS IT" takes it back.'
        raise BadInput("the link to a problem corrects no event of the incident", help=help_)
    if state.ending in ("cancelled", "merged"):
        goes_on = tail(goes_on_as(session.store.graph, state.id))
        raise Refused(f"{state.id} has no problem: {standing(state)}", help=f"svcops incident show {goes_on}")
    if state.id in problem.incidents:
        raise BadInput(f"{short} is linked to {tail(problem_id)} already", help="Nothing to do.")
    told = f"{short} {state.incident.title}"
    own = {"at": past(session, at, "--at"), "incident": state.id, "text": text}
    return finish(session, state, add(problem, session.author(), IncidentLinked, "Link to", told, **own))

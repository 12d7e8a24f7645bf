"""What the verbs of `svcops problem` share: which problem and incidents are meant, and how an event is written."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

from svcops.errors import DONE, BadInput, Refused
from svcops.terminal.command import App, Argument, Option

if TYPE_CHECKING:
    from svcops.incidents.facts import State
    from svcops.incidents.problems import ProblemState
    from svcops.problems.model import AnyEvent, Move, Status
    from svcops.store.change import Change
    from svcops.terminal.session import Session

app = App("Why incidents happen, and what helps meanwhile.")

Id = Annotated[
    str,
    Argument(
        metavar="ID", help="The problem: its id, or the beginning of its last six characters; or one of its incidents."
    ),
]
At = Annotated[str, Option("--at", metavar="TIME", help="When it happened: -20m, the last 08:15, 2026-11-23T08:15.")]
File = Annotated[str, Option("--file", "-F", metavar="FILE", help="Read the text from a file; - is standard input.")]
Corrects = Annotated[
    str, Option("--corrects", metavar="EVENT", help="An earlier event that this one replaces: problem show --events.")
]

_STEPS: dict["Status", str] = {
    "investigating": 'known-error {id} or svcops problem resolve {id} "WHAT WAS CHANGED"',
    "known error": 'resolve {id} "WHAT WAS CHANGED"',
    "resolved": "verify {id}",
    "verified": 'reopen {id} "WHAT CAME BACK"',
}


def one(session: "Session", given: str, *, whole: bool = True) -> "ProblemState":
    """The problem of that id, else the one that holds the incident of that id."""
    from svcops.problems.facts import problem_called

    return problem_called(session.store.graph, given, whole=whole)


def incidents_called(session: "Session", given: Sequence[str]) -> list["State"]:
    """The incidents of these ids, each once; those that are not counted are refused, with what to take instead."""
    from svcops.incidents.facts import read_state
    from svcops.incidents.outlines import goes_on_as
    from svcops.store.ids import tail

    found = {}
    for name in given:
        incident = read_state(session.store.graph, name, whole=False)
        if incident.ending == "cancelled":
            raise Refused(
                f"{incident.id} was cancelled: there was no disruption to explain",
                help=f"svcops incident show {tail(incident.id)}",
            )
        if incident.merged_into:
            into = goes_on_as(session.store.graph, incident.id)
            raise Refused(f"{incident.id} was merged into {into}", help=f"Name that one: {tail(into)}")
        found[incident.id] = incident
    return list(found.values())


def refuse_move(state: "ProblemState", move: type["Move"], what: str, corrects: str) -> None:
    """A move that the status does not let happen. A correction is judged by the fold, in an earlier event's place."""
    from svcops.incidents.problems import may
    from svcops.store.ids import tail

    if not corrects and not may(state, move):
        step = _STEPS[state.status].replace("{id}", tail(state.id))
        raise Refused(f"{state.id} cannot be {what}: it is {state.status}", help=f"svcops problem {step}")


def needed(text: str, what: str, how: str) -> str:
    """A text without spaces around it; BadInput where there is none."""
    if not text.strip():
        raise BadInput(what, help=how)
    return text.strip()


def text_of(session: "Session", text: str, file: str) -> str:
    """What was typed, or stands in the file; BadInput where both are given."""
    from svcops.incidents.noun import text_of as read

    if text and file:
        raise BadInput("a text and --file", help="Give one of the two.")
    return read(session, [text] if text else [], file)


def write(
    session: "Session",
    state: "ProblemState",
    what: type["AnyEvent"],
    done: str,
    told: str,
    *,
    at: str,
    corrects: str = "",
    **own: Any,
) -> int:
    """Write an event, and show the problem's id and what was written."""
    from svcops.incidents.problem_changes import add
    from svcops.incidents.problems import before
    from svcops.timing.asking import past

    own |= {"at": past(session, at, "--at")}
    if corrects:
        own |= {"supersedes": (name := _corrected(state, corrects))}
        own |= {"from_": before(state, name).status} if "from_" in own else {}
    return finish(session, state.id, add(state, session.author(), what, done, told, **own))


def _corrected(state: "ProblemState", given: str) -> str:
    """The name of the event that is corrected."""
    from svcops.store.corrections import short
    from svcops.store.ids import tail

    names = [short(event) for event in state.events]
    found = [name for name in names if name == given or name.rpartition("-")[2].startswith(given)]
    if len(found) != 1:
        what = "several events" if found else "no event"
        raise BadInput(
            f"--corrects {given}: {what} of {tail(state.id)}", help=f"svcops problem show {tail(state.id)} --events"
        )
    return found[0]


def finish(session: "Session", problem_id: str, change: "Change") -> int:
    """Apply a change to a problem, and show its id and what was written."""
    written = session.apply(change)
    session.finish(written, problem_id, "svcops.problem/1", lambda: content(session, problem_id))
    return DONE


def content(session: "Session", problem_id: str) -> dict[str, Any]:
    """The problem as it now is, for JSON."""
    from svcops.problems.presenting import detail

    return {"problem": detail(session.store.graph, one(session, problem_id, whole=False), session.now())}


def say_next(session: "Session", problem_id: str) -> None:
    """What is missing for the next status, and the first command for it; nothing with --json, which holds it."""
    from svcops.problems.facts import missing

    if session.options.json or session.options.quiet:
        return
    left = missing(session.store.graph, one(session, problem_id, whole=False), session.now(), session.zone)
    if left:
        session.say(f"next: {left[0].command.splitlines()[0]}  ({left[0].what})")

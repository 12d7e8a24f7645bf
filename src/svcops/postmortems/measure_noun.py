"""What the verbs of `svcops measure` share: which measure is meant, and how what was written is shown."""

from typing import TYPE_CHECKING, Annotated, Any

from svcops.errors import DONE, BadInput
from svcops.terminal.command import App, Argument, Option

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from svcops.incidents.measures import MeasureState
    from svcops.store.change import Change
    from svcops.terminal.session import Session

app = App("What is changed so that it is less likely, or shorter, next time.")

Id = Annotated[
    str,
    Argument(metavar="ID", help="The measure: its id, or the beginning of its last six characters; or its incident."),
]
At = Annotated[str, Option("--at", metavar="TIME", help="When that was: -20m, the last 08:15, 2026-11-23T08:15.")]


def chosen(session: "Session", given: str, wanted: "Callable[[MeasureState], bool]", noun: str) -> "MeasureState":
    """The measure that is meant, for a decision about it: BadInput too where one of its files is damaged."""
    from svcops.incidents.measures import measure_states
    from svcops.postmortems.measure_facts import find_measure

    graph = session.store.graph
    name = find_measure(graph, given, wanted, noun)
    state = measure_states(graph).get(name)
    damaged = [one for one in graph.findings if one.severity == "error" and one.at.path.split("/")[2:3] == [name]]
    if state is None or damaged:
        detail = f": {damaged[0].at.path}: {damaged[0].message}" if damaged else ""
        raise BadInput(f"{name} has a damaged file{detail}", help="svcops check shows the place.")
    return state


def finish(session: "Session", measure_id: str, change: "Change", printed: str = "") -> int:
    """Apply a change to a measure; shows its id, or the name `printed`, and what was written."""
    written = session.apply(change)
    session.finish(written, printed or measure_id, "svcops.measure/1", lambda: content(session, measure_id))
    return DONE


def content(session: "Session", measure_id: str) -> dict[str, Any]:
    """The measure as it now is, for JSON."""
    from svcops.incidents.measures import measure_states
    from svcops.postmortems.measure_presenting import detail

    graph = session.store.graph
    return {"measure": detail(graph, measure_states(graph)[measure_id], today(session))}


def today(session: "Session") -> "date":
    """The day that the calendar on the wall shows."""
    return session.now().astimezone(session.zone).date()


def one_line(text: str, what: str, help: str) -> str:
    """A text in one line; BadInput where there is none."""
    if not text.strip():
        raise BadInput(what, help=help)
    return " ".join(text.split())

"""svcops problem ..."""

from typing import TYPE_CHECKING, Annotated, get_args

from svcops.errors import BadInput
from svcops.problems import step_commands
from svcops.problems.noun import Id, app, one
from svcops.terminal.command import Context, Option

if TYPE_CHECKING:
    from svcops.terminal.session import Session

__all__ = ["app", "step_commands"]

_MOST_SHOWN = 20
"""Of what recurs, as a person sees it at once; --all shows the rest."""
_NOTHING_RECURS = "Nothing recurs that no problem holds."


@app.verb("show", examples="svcops problem show p4w8\nsvcops problem show p4w8 --json")
def show(
    ctx: Context,
    given: Id,
    events: Annotated[bool, Option("--events", help="Each event with its name, too: what --corrects takes.")] = False,
) -> int:
    """Show one problem: incidents, factors, workaround, measures, and what is missing for its next status."""
    from svcops.problems.presenting import as_text, detail

    session: Session = ctx.obj
    state = one(session, given, whole=False)
    graph = session.store.graph
    if session.options.quiet:
        session.show(state.id)
    elif session.options.json:
        session.show_json("svcops.problem/1", problem=detail(graph, state, session.now()))
    else:
        session.show(as_text(graph, state, session.now(), session.zone, with_events=events))
    return session.mention_damage()


@app.verb("list", examples="svcops problem list\nsvcops problem list --known-errors --service receipt-scanner")
def list_(
    ctx: Context,
    open_only: Annotated[bool, Option("--open", help="Only those that are not resolved.")] = False,
    known_errors: Annotated[bool, Option("--known-errors", help="Only known errors, with what helps.")] = False,
    service: Annotated[str, Option("--service", metavar="NAME", help="Only those of a service.")] = "",
    stands: Annotated[
        str, Option("--status", metavar="WORD", help='investigating, "known error", resolved or verified.')
    ] = "",
) -> int:
    """List problems, the latest first; what came back though a measure was anchored is marked."""
    from svcops.catalogue.facts import called
    from svcops.incidents.problems import is_known_error, problem_states
    from svcops.problems.model import Status
    from svcops.problems.presenting import COLUMNS, KNOWN_ERROR_COLUMNS, known_error_row, none_of, row, summary

    session: Session = ctx.obj
    graph = session.store.graph
    if stands not in ("", *get_args(Status)):
        raise BadInput(f"--status {stands}: no such word", help=f"One of {', '.join(get_args(Status))}.")
    name = called(graph, "service", service).name if service else ""
    found = [
        problem
        for problem in problem_states(graph).values()
        if not (open_only and problem.is_over)
        and not (known_errors and not is_known_error(problem))
        and name in ("", *problem.problem.services)
        and stands in ("", problem.status)
    ]
    found.sort(key=lambda problem: (problem.problem.opened_at, problem.id), reverse=True)
    if session.options.json:
        session.show_json("svcops.problems/1", problems=[summary(graph, problem) for problem in found])
    elif known_errors:
        session.show_table(KNOWN_ERROR_COLUMNS, map(known_error_row, found), empty=none_of(graph, "known error"))
    else:
        empty = none_of(graph, "problem", "matches" if graph.names("problem") else "")
        session.show_table(COLUMNS, [row(graph, problem, session.zone) for problem in found], empty=empty)
    return session.mention_damage()


@app.verb("suggest", examples="svcops problem suggest\nsvcops problem suggest --service receipt-scanner --json")
def suggest(
    ctx: Context,
    service: Annotated[str, Option("--service", metavar="NAME", help="Only what disturbed a service.")] = "",
    every: Annotated[bool, Option("--all", help="All of them, not only what recurs most.")] = False,
) -> int:
    """Find incidents that recur and that no problem holds, and say what they have in common.

    Alike are incidents of one service with the same alert, or with the same words in their titles, or in what was
    logged and told; and those of any service with the same group of alerts, or nearly the same title. Incidents that
    were cancelled or merged are left out. What recurred after a measure was anchored says so: it did not hold.
    """
    from svcops.catalogue.facts import called
    from svcops.problems.suggesting import of_service, suggestions
    from svcops.problems.suggestion_presenting import suggestion_lines, suggestion_rows, suggestions_content

    session: Session = ctx.obj
    graph = session.store.graph
    name = called(graph, "service", service).name if service else ""
    found = of_service(suggestions(graph), name) if name else suggestions(graph)
    if session.options.json:
        session.show_json("svcops.problem-suggestions/1", **suggestions_content(graph, found))
    elif session.options.quiet or not session.is_terminal:
        session.show_table((), suggestion_rows(graph, found, session.zone), empty=_NOTHING_RECURS)
    elif found.recurring or found.attributed:
        more = 0 if every else len(found.recurring) - _MOST_SHOWN
        session.show("\n".join(suggestion_lines(graph, found, session.zone, None if every else _MOST_SHOWN)))
        if more > 0:
            session.say(f"and {more} more: svcops problem suggest --all")
    else:
        session.say(_NOTHING_RECURS)
    return session.mention_damage()

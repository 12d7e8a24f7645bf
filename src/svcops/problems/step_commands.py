"""The verbs of `svcops problem` that write: a problem, or an event of it."""

from typing import TYPE_CHECKING, Annotated, Any

from svcops.errors import BadInput, NotDone, Refused
from svcops.problems.noun import (
    At,
    Corrects,
    File,
    Id,
    app,
    finish,
    incidents_called,
    needed,
    one,
    refuse_move,
    say_next,
    text_of,
    write,
)
from svcops.terminal.command import Argument, Context, Option

if TYPE_CHECKING:
    from svcops.incidents.facts import State
    from svcops.incidents.problems import ProblemState
    from svcops.terminal.session import Session

_HAPPENED = ("incident", "problem", "measure", "postmortem", "exercise", "evidence", "maintenance")
"""Kinds of records whose ids may be evidence."""
_SHORTEST = 4
"""Characters of an id that mean one: fewer begin too many."""

Text = Annotated[str, Argument(metavar="[TEXT]", help="In one or more lines, in quotes; or -F FILE.")]


@app.verb(
    "open",
    examples="""
svcops problem open "The extraction queue fills up after each release" --incident k7f3 --incident b2m9
svcops problem open "Payslips are late at the end of a quarter" --service payroll
""",
)
def open_(
    ctx: Context,
    title: Annotated[str, Argument(metavar="TITLE", help="What goes wrong again and again, in one line.")],
    incident: Annotated[
        list[str], Option("--incident", metavar="ID", help="An incident that it explains; may be repeated.")
    ] = [],  # noqa: B006 - Typer's way
    service: Annotated[
        list[str],
        Option("--service", metavar="NAME", help="What is disturbed; may be repeated. Else what its incidents say."),
    ] = [],  # noqa: B006
    at: At = "now",
) -> int:
    """Begin to look into why incidents happen.

    Prints its id. A problem goes from investigating to known error, resolved and verified.
    """
    from svcops.catalogue.facts import called
    from svcops.incidents.noun import title_of
    from svcops.problems import changes
    from svcops.timing.asking import past

    session: Session = ctx.obj
    graph = session.store.graph
    how = "Say what goes wrong again and again, in one line"
    title = title_of(title, "a problem", how, 'problem factor ID "CLAIM" --evidence WHERE --why "WHY IT FOLLOWS"')
    if not (incident or service):
        raise BadInput("which incidents, or which service?", help="--incident ID, or --service NAME")
    incidents = incidents_called(session, incident)
    services = [called(graph, "service", name).name for name in service]
    services = services or [name for known in incidents for name in known.services]
    problem_id, change = changes.open_(
        session.author(),
        title=title,
        services=tuple(dict.fromkeys(services)),
        incidents=[known.id for known in incidents],
        at=past(session, at, "--at"),
    )
    done = finish(session, problem_id, change)
    say_next(session, problem_id)
    return done


@app.verb(
    "link",
    examples="""
svcops problem link p4w8 k7f3 b2m9
svcops problem link p4w8 k7f3 --because "The same queue, after the same release"
svcops problem link p4w8 --suggested
svcops problem link p4w8 x3d7 --not "The disk was full, which is another story"
""",
)
def link(
    ctx: Context,
    given: Id,
    incident: Annotated[
        list[str], Argument(metavar="[INCIDENT]...", help="The incidents that it explains, by their ids.")
    ] = [],  # noqa: B006 - Typer's way
    because: Annotated[str, Option("--because", metavar="TEXT", help="What shows that it is the same.")] = "",
    not_because: Annotated[
        str | None,
        Option("--not", metavar="TEXT", help="They are something else, though they look like it: what shows it."),
    ] = None,
    suggested: Annotated[bool, Option("--suggested", help="All that svcops problem suggest finds for it.")] = False,
    at: At = "now",
) -> int:
    """Say which incidents a problem explains, or that one is something else.

    Of all that was said about one incident, the latest counts.
    """
    from svcops.incidents.problem_changes import add_all
    from svcops.incidents.problems import links, ruled_out
    from svcops.problems.model import IncidentLinked, IncidentRuledOut
    from svcops.store.ids import tail
    from svcops.timing.asking import past

    session: Session = ctx.obj
    state = one(session, given, whole=False)
    if because and not_because is not None:
        raise BadInput("--because and --not", help="It explains them, or it does not: give one of the two.")
    if not_because is not None:
        not_because = needed(not_because, "--not needs a reason", "Say what shows that it is something else.")
    wanted = _which(session, state, incident, suggested=suggested)
    there = (ruled_out if not_because else links)(session.store.graph, state)
    new = [known for known in wanted if known.id not in there]
    if not new:
        what = "ruled out" if not_because else "linked"
        raise BadInput(f"{', '.join(tail(known.id) for known in wanted)}: {what} already", help="Nothing to do.")
    text = not_because or because.strip()
    moment = past(session, at, "--at")
    change = add_all(
        state,
        session.author(),
        IncidentRuledOut if not_because else IncidentLinked,
        "Rule out for" if not_because else "Link to",
        ", ".join(f"{tail(known.id)} {known.incident.title}" for known in new),
        [{"at": moment, "incident": known.id, "text": text} for known in new],
    )
    done = finish(session, state.id, change)
    if not not_because:
        _say_what_came_back(session, state, new)
    return done


def _which(session: "Session", state: "ProblemState", given: list[str], *, suggested: bool) -> list["State"]:
    """The incidents that are meant: by their ids, or those that look like the problem."""
    from svcops.problems.suggesting import attributed_to
    from svcops.store.ids import tail

    if bool(given) == suggested:
        raise BadInput("which incidents?", help=f"svcops problem link {tail(state.id)} INCIDENT, or --suggested")
    if not suggested:
        return incidents_called(session, given)
    found = [each.incident for each in attributed_to(session.store.graph, state)]
    if not found:
        raise BadInput(f"no incident looks like {state.id} that no problem holds", help="svcops problem suggest")
    return found


def _say_what_came_back(session: "Session", state: "ProblemState", linked: list["State"]) -> None:
    """Of incidents since a problem was resolved: it came back, and who measures it has to know."""
    from svcops.incidents.recurrences import came_back, not_held
    from svcops.store.ids import tail

    graph, now, new = session.store.graph, one(session, state.id, whole=False), {known.id for known in linked}
    if any(each.incident.id in new for each in came_back(graph, now)):
        session.say(f'it came back after it was resolved: svcops problem reopen {tail(state.id)} "WHAT CAME BACK"')
    for found in not_held(graph, now):
        if found.recurred.incident.id in new:
            session.say(
                f"the measure did not hold: {tail(found.measure.id)} {found.measure.measure.title}"
                f" (incident {found.recurred.called} came after it)"
            )


@app.verb(
    "factor",
    examples='svcops problem factor p4w8 "The queue has no upper bound" --evidence slo/receipt-scanner.yaml \\\n'
    '    --why "A release brings more receipts at once than it drains in an hour"',
)
def factor(
    ctx: Context,
    given: Id,
    claim: Annotated[str, Argument(metavar="CLAIM", help="What was so; a claim that can be checked.")],
    evidence: Annotated[
        str, Option("--evidence", metavar="TEXT", help="What shows it: a path, an address, what was measured.")
    ],
    why: Annotated[str, Option("--why", metavar="TEXT", help="Why the disturbance follows from it.")],
    at: At = "now",
    corrects: Corrects = "",
) -> int:
    """Note what contributed to it: a claim, what shows it, and why the disturbance follows. There may be several."""
    from svcops.problems.model import Factor

    session: Session = ctx.obj
    state = one(session, given, whole=False)
    fields = {
        "claim": needed(claim, "a factor needs a claim", "Say what was so."),
        "evidence": needed(evidence, "a factor needs evidence", "Name what shows it: a path, an address, a figure."),
        "why": needed(why, "a factor needs a reason", "Say why the disturbance follows from it."),
    }
    _refuse_what_is_nowhere(session, fields["evidence"])
    return write(session, state, Factor, "Note a factor of", fields["claim"], at=at, corrects=corrects, **fields)


def _refuse_what_is_nowhere(session: "Session", evidence: str) -> None:
    """Evidence of one word names where to look: what several words say was measured is taken as it is."""
    import re
    from pathlib import PurePosixPath

    from svcops.store.ids import matching

    if len(evidence.split()) > 1 or re.fullmatch(r"[a-z][a-z0-9+.-]*://\S+", evidence, re.IGNORECASE):
        return
    graph, root = session.store.graph, session.store.root
    path = PurePosixPath(re.sub(r"(:\d+)+$|#.*$", "", evidence))
    if not path.is_absolute() and ".." not in path.parts and path.parts and (root / path).exists():
        return
    if len(evidence) >= _SHORTEST and any(matching(evidence, graph.names(kind)) for kind in _HAPPENED):
        return
    raise BadInput(
        f"--evidence {evidence}: no file of this store, no id and no address",
        help="Name where it can be seen, such as slo/NAME.yaml, an incident's id, or https://...; "
        "or say in words what was measured.",
    )


@app.verb(
    "workaround",
    examples='svcops problem workaround p4w8 "Restart the extractor: runbooks/receipt-scanner/queue.md"\n'
    "svcops problem workaround p4w8 -F workaround.txt",
)
def workaround(
    ctx: Context, given: Id, text: Text = "", file: File = "", at: At = "now", corrects: Corrects = ""
) -> int:
    """Say what helps until the problem is gone. The latest workaround counts."""
    from svcops.problems.model import Workaround

    session: Session = ctx.obj
    state = one(session, given, whole=False)
    helps = needed(text_of(session, text, file), "a workaround needs a text", "Say what to do, step by step.")
    _not_before_it_was_opened(session, state, at)
    done = write(session, state, Workaround, "Say what helps with", helps, at=at, corrects=corrects, text=helps)
    say_next(session, state.id)
    return done


@app.verb("known-error", examples='svcops problem known-error p4w8 "The queue has no upper bound"')
def known_error(
    ctx: Context, given: Id, text: Text = "", file: File = "", at: At = "now", corrects: Corrects = ""
) -> int:
    """Say that a problem is understood, and that there is a workaround. It is shown where help is looked for."""
    from svcops.problems.model import KnownError
    from svcops.store.ids import tail

    session: Session = ctx.obj
    state = one(session, given)
    refuse_move(state, KnownError, "a known error", corrects)
    if state.workaround is None:
        raise Refused(
            f"{state.id} cannot be a known error: it has no workaround",
            help=f'svcops problem workaround {tail(state.id)} "WHAT HELPS MEANWHILE"',
        )
    return _move(session, state, KnownError, "Call a known error:", text_of(session, text, file), at, corrects)


@app.verb("resolve", examples='svcops problem resolve p4w8 "Release 4.3 bounds the queue"')
def resolve(ctx: Context, given: Id, text: Text = "", file: File = "", at: At = "now", corrects: Corrects = "") -> int:
    """Say that what caused it was changed. Whether that holds is verified after the quiet time of the policy.

    Refused unless a factor says why it happened.
    """
    from svcops.problems.facts import no_factor
    from svcops.problems.model import ProblemResolved

    session: Session = ctx.obj
    state = one(session, given)
    refuse_move(state, ProblemResolved, "resolved", corrects)
    changed = needed(text_of(session, text, file), "a resolution needs a text", "Say what was changed.")
    if not state.factors:
        lacks = no_factor(state)
        raise Refused(f"{state.id} cannot be resolved yet; missing: {lacks.what}", help=lacks.command)
    done = _move(session, state, ProblemResolved, "Resolve", changed, at, corrects)
    say_next(session, state.id)
    return done


@app.verb("reopen", examples='svcops problem reopen p4w8 "The queue filled up again: incident x3d7"')
def reopen(ctx: Context, given: Id, text: Text = "", file: File = "", at: At = "now", corrects: Corrects = "") -> int:
    """Say that it came back: what was changed did not hold."""
    from svcops.problems.model import ProblemReopened

    session: Session = ctx.obj
    state = one(session, given)
    refuse_move(state, ProblemReopened, "reopened", corrects)
    shows = needed(text_of(session, text, file), "nothing shows that it came back", "Say what was seen.")
    return _move(session, state, ProblemReopened, "Reopen", shows, at, corrects)


@app.verb("verify", examples='svcops problem verify p4w8\nsvcops problem verify p4w8 "Three releases without it"')
def verify(ctx: Context, given: Id, text: Text = "", file: File = "", at: At = "now", corrects: Corrects = "") -> int:
    """Say that it has not come back.

    Refused unless a measure of one of its incidents is anchored, a factor says why it happened, and the quiet time of
    the policy, since it was resolved and the measure anchored, is over without an incident that it explains, or that
    looks like it.
    """
    from svcops.problems.facts import unverified
    from svcops.problems.model import Verified
    from svcops.timing.asking import past

    session: Session = ctx.obj
    state = one(session, given)
    refuse_move(state, Verified, "verified", corrects)
    left = unverified(session.store.graph, state, past(session, at, "--at"), session.now(), session.zone)
    _refuse_unless_readable(session)
    if left:
        listed = "\n".join(f"  - {each.what}" for each in left)
        commands = "\n".join(each.command for each in left)
        raise Refused(f"{state.id} cannot be verified yet; missing:\n{listed}", help=commands)
    if not session.options.no_commit:
        _refuse_uncommitted(session, state)
    return _move(session, state, Verified, "Verify", text_of(session, text, file), at, corrects)


def _move(session: "Session", state: "ProblemState", what: Any, done: str, text: str, at: str, corrects: str) -> int:
    _not_before_it_was_opened(session, state, at)
    told = text or state.problem.title
    return write(session, state, what, done, told, at=at, corrects=corrects, from_=state.status, text=text)


def _not_before_it_was_opened(session: "Session", state: "ProblemState", at: str) -> None:
    from svcops.timing.asking import past
    from svcops.timing.wall import shown

    if past(session, at, "--at") < state.problem.opened_at:
        opened = shown(state.problem.opened_at, session.zone)
        raise BadInput(f"it was opened on {opened}: nothing happened to it before that", help="See --at.")


def _refuse_unless_readable(session: "Session") -> None:
    """Nothing came back only where every incident, measure and problem could be read."""
    damaged = [
        found
        for found in session.store.graph.findings
        if found.severity == "error" and found.at.path.startswith(("incidents/", "measures/", "problems/"))
    ]
    if damaged:
        first = damaged[0]
        raise BadInput(
            f"{first.at.path} is damaged, so that nobody knows whether it came back: {first.message}",
            help="svcops check shows the place.",
        )


def _refuse_uncommitted(session: "Session", state: "ProblemState") -> None:
    """What verifies a problem must be what others will see."""
    from svcops.problems.facts import anchored_measures, incidents_of

    graph = session.store.graph
    paths = [
        state.entry.path,
        *(known.entry.path for known in incidents_of(graph, state)),
        *(measure.entry.path for measure in anchored_measures(graph, state)),
    ]
    left = session.store.git.not_committed([path.rpartition("/")[0] for path in paths])
    if left:
        listed = " ".join(left[:5])
        raise NotDone(
            f"{left[0]} is not committed, and the problem would be verified by what only you can see",
            help=f"git add -- {listed} && git commit -- {listed}",
        )

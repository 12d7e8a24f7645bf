"""svcops incident ..."""

from collections.abc import Iterable
from functools import partial
from itertools import chain
from typing import Annotated

import svcops.incidents.clock_commands
import svcops.incidents.reading_commands  # noqa: F401 - its verbs
from svcops.errors import DONE, BadInput, NotDone, NotEnoughData, Refused
from svcops.incidents import (  # noqa: F401 - their verbs
    clock_commands,
    intake_commands,
    link_commands,
    merge_commands,
    notice_commands,
    noun,
    reading_commands,
    step_commands,
)
from svcops.incidents.facts import State
from svcops.incidents.model import Closed, DetectedBy
from svcops.incidents.noun import At, Id, app, content, known_services, one, title_of, write
from svcops.incidents.standing import before_closing, next_step, standing
from svcops.terminal.command import Argument, Context, Option
from svcops.terminal.session import Session
from svcops.timing.asking import past

_DETECTED_BY: tuple[DetectedBy, ...] = ("slo", "monitoring", "user", "staff")


@app.verb(
    "open",
    examples="""
svcops incident open "No receipts" --service receipt-scanner --severity sev1 --detected-by slo --started -20m
svcops incident open "Nobody can sign in" --service identity --impact stopped --scope everybody --detected-by user
svcops incident open "Payslips are late" --service payroll --service ledger --severity sev3 --detected-by user
""",
)
def open_(
    ctx: Context,
    title: Annotated[str, Argument(metavar="TITLE", help="What users notice, in one line.")],
    service: Annotated[list[str], Option("--service", metavar="NAME", help="The service affected; may be repeated.")],
    detected_by: Annotated[str, Option("--detected-by", metavar="SOURCE", help="slo, monitoring, user or staff.")],
    severity: Annotated[
        str, Option("--severity", metavar="NAME", help="One of svcops.yaml; in doubt, the higher.")
    ] = "",
    impact: Annotated[
        str, Option("--impact", metavar="WORD", help="Instead, by severity_matrix of svcops.yaml: what users suffer.")
    ] = "",
    scope: Annotated[str, Option("--scope", metavar="WORD", help="Beside --impact: how many of them.")] = "",
    started: Annotated[str, Option("--started", metavar="TIME", help="When users began to notice, if known.")] = "",
    at: At = "now",
) -> int:
    """Declare an incident.

    Prints its id, and says whom to call now, who answers for the service, which runbooks and known errors there are,
    which incidents were like it, what worked then, what was to be changed and is not yet, or was and did not hold.
    """
    from svcops.incidents import changes, precedents
    from svcops.incidents.briefing import briefing
    from svcops.incidents.severity_matrix import severity_of

    session: Session = ctx.obj
    known_services(session, service)
    severity = severity_of(session.store.graph.settings, severity, impact, scope)
    step_commands.known_severity(session, severity)
    title = title_of(title, "an incident", "Say what users notice, in one line", 'incident log ID "TEXT"')
    source = next((one for one in _DETECTED_BY if one == detected_by), None)
    if source is None:
        raise BadInput(f"--detected-by {detected_by}: no such source", help=f"One of {', '.join(_DETECTED_BY)}.")
    declared = past(session, at, "--at")
    began = past(session, started, "--started") if started else None
    if began and began > declared:
        raise BadInput("--started is after the incident is declared", help="Leave it out if it is not known.")
    services = tuple(dict.fromkeys(service))
    graph = session.store.graph
    looking = precedents.Looking(graph, title, services, declared)  # among the incidents before this one
    told = partial(briefing, graph, services, severity, session.now())
    try:
        incident_id, change = changes.open_(
            author=session.author(),
            title=title,
            services=services,
            severity=severity,
            detected_by=source,
            at=declared,
            started=began,
        )
        written = session.apply(change)
    except BaseException as error:
        looking.give_up()
        if isinstance(error, NotDone | OSError):  # a hook, or a full disk, is in the way of nobody who has to be called
            _say(session, told(), [_standing_of(error)])
        raise
    noun.notify(session, incident_id, written)
    _say(session, told())  # who is called needs no look at what was
    known = looking.found(incident_id)
    _say(session, precedents.lines(graph, known, services, incident_id))
    session.finish(
        written,
        incident_id,
        "svcops.incident/1",
        lambda: content(session, incident_id) | {"similar": precedents.content(known)},
    )
    return DONE


def _standing_of(error: Exception) -> str:
    from svcops.store.writing import NotCommitted

    where = "in the work tree alone" if isinstance(error, NotCommitted) else "nowhere: nothing was written"
    return f"the incident is declared {where}"


def _say(session: Session, *told: Iterable[str]) -> None:
    for line in chain(*told):
        session.say(line)


@app.verb(
    "close",
    examples='svcops incident close k7f3\nsvcops incident close k7f3 --no-measure-because "A one-off at the bank"',
)
def close(
    ctx: Context,
    id: Id = "",
    because: Annotated[
        str | None, Option("--no-measure-because", metavar="REASON", help="Why nothing is changed; minor ones only.")
    ] = None,
    at: At = "now",
) -> int:
    """Return to normal operations.

    Refused until what the severity asks for is there: a major incident needs an approved post-mortem and an anchored
    measure, a minor one an anchored measure, a problem that it is linked to, or the reason why there is none.
    """
    from svcops.incidents.closing import evidence, postmortems_with, worse_ones
    from svcops.incidents.facts import is_major, may
    from svcops.store.ids import tail

    session: Session = ctx.obj
    state = one(session, id)
    if not may(state, Closed):
        raise Refused(f"{state.id} cannot be closed: {standing(state)}", help=next_step(session.store.graph, state))
    store = session.store
    major = is_major(store.graph, state.severity)
    if because is not None and not because.strip():
        raise BadInput("--no-measure-because needs a reason", help="Say why nothing is changed.")
    if because and major:
        raise Refused(
            f"{state.id} is {state.severity}, a major incident: it closes with a measure", help=_measure_command(state)
        )
    for other in worse_ones(store.graph, state):
        raise Refused(
            f"{tail(other.id)}, which was merged into it, is {other.severity}, and the higher severity counts",
            help=f"svcops incident severity {tail(state.id)} {other.severity}",
        )
    if store.history.unknown and postmortems_with(store.graph, state.id):
        raise NotEnoughData(
            f"{store.history.unknown}: who wrote its post-mortem cannot be known", help="git fetch --unshallow"
        )
    needs = before_closing(store.graph, state, session.now())
    if needs and not because:
        listed = "\n".join(f"  - {one.what}" for one in needs)
        commands = "\n".join(one.command for one in needs)
        raise Refused(f"{state.id} cannot be closed yet; missing:\n{listed}", help=commands)
    if not session.options.no_commit:
        _refuse_uncommitted(session, evidence(store.graph, state))
    fields = {**state.seen, "no_measure_because": (because or "").strip()}
    return write(session, state, Closed, "Close", state.incident.title, at=at, corrects="", **fields)


@app.verb("use", examples="svcops incident use k7f3\nsvcops incident use\nsvcops incident use --none")
def use(
    ctx: Context,
    id: Annotated[str, Argument(metavar="[ID]", help="The incident that the next commands are about.")] = "",
    none: Annotated[bool, Option("--none", help="No incident any more.")] = False,
) -> int:
    """Choose the incident that `svcops incident log "..."` and the others are about, in this clone.

    Without an id, it is shown.
    """
    session: Session = ctx.obj
    if none:
        noun.use(session, "")
        session.say("no incident is in use")
        return DONE
    state = one(session, id, whole=False)
    if id:
        noun.use(session, state.id)
    if session.options.json:
        session.show_json("svcops.incident/1", **content(session, state.id))
    else:
        session.show(state.id)
        session.say(f"in use: {state.incident.title} ({standing(state)})")
    return DONE


def _refuse_uncommitted(session: Session, paths: list[str]) -> None:
    """What closes an incident must be what others will see."""
    left = session.store.git.not_committed(paths)
    if left:
        listed = " ".join(left[:5])
        raise NotDone(
            f"{left[0]} is not committed, and the incident would close with what only you can see",
            help=f"git add -- {listed} && git commit -- {listed}",
        )


def _measure_command(state: State) -> str:
    from svcops.store.ids import tail

    return f'svcops measure add {tail(state.id)} "WHAT" --type prevent --owner TEAM --due DATE'


noun.app.put_in_order(
    "open ack role log severity update mitigate resolve reopen cancel merge link close show list use handover"
    " started declared ingest listen notices"
)

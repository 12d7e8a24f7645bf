"""svcops escalate."""

from typing import TYPE_CHECKING, Annotated

from svcops.errors import DONE, NOT_ENOUGH_DATA
from svcops.terminal.command import Argument, Context, Option, single

if TYPE_CHECKING:
    from svcops.terminal.session import Session


def escalate(
    ctx: Context,
    service: Annotated[str, Argument(metavar="SERVICE", help="The service's name, as svcops service list shows it.")],
    severity: Annotated[
        str, Option("--severity", metavar="NAME", help="One of svcops.yaml; without it the highest.")
    ] = "",
    at: Annotated[
        str,
        Option(
            "--at", metavar="TIME", help="When it is declared: 23:00 of today, +2h, -20m, 2026-12-24T22:00; else now."
        ),
    ] = "",
) -> int:
    """Say who is called when a service fails: whom, by which channel, until when, and who is next without an answer.

    Exit code 0 when somebody can be reached, 4 when nobody can. Nothing is sent to anybody.
    """
    from svcops.catalogue.escalation import plan, severity_called
    from svcops.catalogue.escalation_presenting import as_json, as_text
    from svcops.catalogue.facts import called
    from svcops.timing.asking import looked_at

    session: Session = ctx.obj
    graph = session.store.graph
    entry = called(graph, "service", service)
    zone, now = session.zone, session.now()
    when = looked_at(session, at, "--at") if at else now
    found = plan(graph, entry, severity_called(graph, severity), when, zone)
    if session.options.json:
        session.show_json("svcops.escalation/1", escalation=as_json(found))
    elif session.options.quiet:
        session.show(found.first.name if found.first else "")
    else:
        session.show(as_text(graph, found, now, zone))
    return session.mention_damage() or (DONE if found.first else NOT_ENOUGH_DATA)


app = single(
    escalate,
    name="escalate",
    examples="svcops escalate receipt-scanner\n"
    "svcops escalate ledger --at 23:00\n"
    "svcops escalate ledger --severity sev2 --at 2026-12-24T22:00\n"
    "svcops escalate ledger --json",
)

"""svcops service ..."""

from typing import TYPE_CHECKING, Annotated

from typer import Argument, Context, Option

from svcops.errors import BadInput
from svcops.terminal.command import App

if TYPE_CHECKING:
    from svcops.terminal.session import Session

app = App("What runs, who answers for it, what it needs.")


@app.verb(
    "list", examples="svcops service list\nsvcops service list --owner platform --tier 1\nsvcops service list --json"
)
def list_(
    ctx: Context,
    owner: Annotated[str, Option("--owner", metavar="NAME", help="Only what this team or person answers for.")] = "",
    tier: Annotated[
        int | None, Option("--tier", metavar="NUMBER", help="Only this tier; 1 is the most critical.")
    ] = None,
    system: Annotated[str, Option("--system", metavar="NAME", help="Only what belongs to this system.")] = "",
) -> int:
    """List the services of the catalogue."""
    from svcops.catalogue import facts
    from svcops.catalogue.presenting import COLUMNS, row, summary

    session: Session = ctx.obj
    graph = session.store.graph
    _known("--owner", owner, facts.owners(graph) if owner else [])
    _known("--system", system, facts.systems(graph) if system else [])
    found = facts.services(graph, owner=owner, tier=tier, system=system)
    if session.options.json:
        session.show_json("svcops.services/1", services=[summary(one) for one in found])
    else:
        session.show_table(COLUMNS, map(row, found), empty="no services" + (" match" if graph.names("service") else ""))
    return session.mention_damage()


@app.verb("show", examples="svcops service show receipt-scanner\nsvcops service show ledger --json")
def show(
    ctx: Context,
    name: Annotated[str, Argument(metavar="NAME", help="The service's name, as svcops service list shows it.")],
) -> int:
    """Show a service: who answers and how to reach them, what it needs, what needs it, its SLOs, runbooks and links."""
    from svcops.catalogue.facts import service_called
    from svcops.catalogue.presenting import as_text, detail

    session: Session = ctx.obj
    graph = session.store.graph
    entry = service_called(graph, name)
    if session.options.json:
        session.show_json("svcops.service/1", service=detail(graph, entry))
    else:
        session.show(entry.name if session.options.quiet else as_text(graph, entry))
    return session.mention_damage()


def _known(flag: str, name: str, names: list[str]) -> None:
    """Refuse a filter that can match nothing because nothing has that name."""
    if name and name not in names:
        from svcops.store.suggest import did_you_mean

        near = did_you_mean(name, names)
        raise BadInput(
            f"{flag} {name}: nothing here has that name", help=near or f"One of {', '.join(sorted(names)[:10])}."
        )

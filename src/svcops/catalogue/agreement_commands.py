"""svcops agreement ..."""

from typing import TYPE_CHECKING, Annotated

from svcops.errors import BadInput
from svcops.terminal.command import App, Argument, Context, Option

if TYPE_CHECKING:
    from svcops.terminal.session import Session

app = App("What was promised: service level agreements, and how long they hold.")


@app.verb(
    "list",
    examples="svcops agreement list\nsvcops agreement list --service ledger\nsvcops agreement list --standing expired",
)
def list_(
    ctx: Context,
    service: Annotated[str, Option("--service", metavar="NAME", help="Only those about a service.")] = "",
    stands: Annotated[
        str, Option("--standing", metavar="WORD", help='Only these: draft, "to come", "in force" or expired.')
    ] = "",
) -> int:
    """List the agreements: what each promises, whether it is in force, and for how many days still."""
    from typing import get_args

    from svcops.catalogue.agreement_presenting import COLUMNS, detail, row
    from svcops.catalogue.agreements import Standing, day_in, standing
    from svcops.catalogue.facts import called

    session: Session = ctx.obj
    graph = session.store.graph
    if stands not in ("", *get_args(Standing)):
        raise BadInput(f"--standing {stands}: no such word", help=f"One of {', '.join(get_args(Standing))}.")
    name = called(graph, "service", service).name if service else ""
    day = day_in(session.zone, session.now())
    found = [
        one
        for one in graph.all("agreement").values()
        if (not name or name in one.value.services) and stands in ("", standing(one.value, day))
    ]
    if session.options.json:
        session.show_json("svcops.agreements/1", agreements=[detail(one, day) for one in found])
    else:
        empty = "no agreements" + (" match" if graph.names("agreement") else "")
        session.show_table(COLUMNS, [row(one, day) for one in found], empty=empty)
    return session.mention_damage()


@app.verb("show", examples="svcops agreement show bookkeeping\nsvcops agreement show bookkeeping --json")
def show(
    ctx: Context,
    name: Annotated[str, Argument(metavar="NAME", help="Its name, as svcops agreement list shows it.")],
) -> int:
    """Show one agreement: its scope, with whom and when it was agreed, and everything that it promises."""
    from svcops.catalogue.agreement_presenting import as_text, detail
    from svcops.catalogue.agreements import day_in
    from svcops.catalogue.facts import called

    session: Session = ctx.obj
    graph = session.store.graph
    entry = called(graph, "agreement", name)
    day = day_in(session.zone, session.now())
    if session.options.json:
        session.show_json("svcops.agreement/1", agreement=detail(entry, day))
    else:
        session.show(entry.name if session.options.quiet else as_text(entry, day))
    return session.mention_damage()

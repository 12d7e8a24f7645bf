"""svcops runbook list, show, new."""

from typing import TYPE_CHECKING, Annotated, get_args

from svcops.errors import DONE, BadInput
from svcops.runbooks.noun import Name, app, runbook_called
from svcops.terminal.command import Argument, Context, Option

if TYPE_CHECKING:
    from svcops.runbooks.model import Kind, Runbook
    from svcops.store.entries import Entry
    from svcops.terminal.session import Session

KINDS = "operation, recovery or key-date."


@app.verb("list", examples="svcops runbook list\nsvcops runbook list --service ledger --stale")
def list_(
    ctx: Context,
    service: Annotated[str, Option("--service", metavar="NAME", help="Only those found under a service.")] = "",
    kind: Annotated[str, Option("--kind", metavar="KIND", help=KINDS)] = "",
    alert: Annotated[str, Option("--alert", metavar="NAME", help="Only those that answer an alert.")] = "",
    stale: Annotated[bool, Option("--stale", help="Only those that do not count as rehearsed.")] = False,
) -> int:
    """List runbooks, with when each was last exercised: the last run that passed, and what failed since."""
    from svcops.catalogue.facts import called
    from svcops.runbooks.facts import exercises, service_of, why_stale
    from svcops.runbooks.presenting import COLUMNS, row

    session: Session = ctx.obj
    graph, now = session.store.graph, session.now()
    _known_kind(kind)
    name = called(graph, "service", service).name if service else ""
    runs = exercises(graph, now)
    books: list[Entry[Runbook]] = [
        one
        for one in graph.all("runbook").values()
        if name in ("", service_of(one), *one.value.services)
        and kind in ("", one.value.kind)
        and (not alert or alert in one.value.alerts)
        and (not stale or why_stale(graph, one.name, runs.get(one.name), now))
    ]
    books.sort(key=lambda one: one.name)
    if session.options.json:
        from svcops.runbooks.facts import structure
        from svcops.runbooks.presenting import detail

        listed = [detail(graph, one, *structure(graph, one), runs.get(one.name), now) for one in books]
        session.show_json("svcops.runbooks/1", runbooks=listed)
    else:
        zone = session.zone
        rows = [row(graph, one, runs.get(one.name), now, zone) for one in books]
        empty = "no runbook" + (" matches" if graph.names("runbook") else "")
        session.show_table(COLUMNS, rows, empty=empty)
    return session.mention_damage()


@app.verb("show", examples="svcops runbook show ledger/restore\nsvcops runbook show ledger/restore --json")
def show(ctx: Context, given: Name) -> int:
    """Show a runbook: what is known of it, and its text. With --json its sections and steps."""
    from svcops.runbooks.facts import exercises, structure
    from svcops.runbooks.presenting import as_text, detail, painted
    from svcops.store.documents import body
    from svcops.terminal.session import printable

    session: Session = ctx.obj
    graph, now = session.store.graph, session.now()
    entry = runbook_called(graph, given)
    runs = exercises(graph, now).get(entry.name)
    if session.options.json:
        session.show_json("svcops.runbook/1", runbook=detail(graph, entry, *structure(graph, entry), runs, now))
    elif session.options.quiet:
        session.show(entry.name)
    else:
        page = printable(as_text(graph, entry, body(graph.tree, entry.path), runs, now, session.zone))
        session.show(painted(page) if session.use_color(session.stdout) else page, painted=True)
    return session.mention_damage()


@app.verb(
    "new",
    examples='svcops runbook new ledger/queue-full --title "The queue is full" --alert QueueFull\n'
    'svcops runbook new ledger/restore --title "Restore the ledger" --kind recovery',
)
def new(
    ctx: Context,
    given: Annotated[str, Argument(metavar="SERVICE/NAME", help="The service, and a name of your own.")],
    title: Annotated[str, Option("--title", metavar="TEXT", help="What is wrong, or done, as one looks for it.")],
    kind: Annotated[str, Option("--kind", metavar="KIND", help=KINDS)] = "operation",
    alert: Annotated[
        list[str] | None, Option("--alert", metavar="NAME", help="An alert that it answers; may be repeated.")
    ] = None,
) -> int:
    """Begin a runbook with the sections of its kind, each with what it has to answer."""
    import re

    from svcops.catalogue.facts import called
    from svcops.runbooks import changes
    from svcops.store.model import SLUG

    session: Session = ctx.obj
    graph = session.store.graph
    service, slash, name = given.strip().partition("/")
    if not slash or not re.fullmatch(SLUG, name):
        raise BadInput(f"{given}: not SERVICE/NAME", help="Lower-case letters and digits: ledger/queue-full.")
    full = f"{called(graph, 'service', service).name}/{name}"
    if graph.find(("runbook",), full):
        raise BadInput(f"there is a runbook {full} already", help=f"svcops runbook show {full}")
    if not title.strip():
        raise BadInput("--title needs a text", help="What is wrong, as one would look for it at night.")
    change = changes.new(full, " ".join(title.split()), _known_kind(kind), (service,), tuple(alert or ()))
    written = session.apply(change)
    session.finish(written, full, "svcops.runbook/1", lambda: {"runbook": {"name": full}})
    session.say(f"next: write its sections, and svcops check: runbooks/{full}.md")
    return DONE


def _known_kind(given: str) -> "Kind":
    from svcops.runbooks.model import Kind

    known: tuple[Kind, ...] = get_args(Kind)
    found = next((one for one in known if one == given), None)
    if given and found is None:
        raise BadInput(f"--kind {given}: no such kind", help=f"One of {', '.join(known)}.")
    return found or "operation"

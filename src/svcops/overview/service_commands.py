"""svcops service: the catalogue's verbs, and `show`, which tells what every room knows of a service."""

from typing import TYPE_CHECKING

from svcops.catalogue import commands as catalogue
from svcops.catalogue.commands import Name
from svcops.terminal.command import App, Context

if TYPE_CHECKING:
    from svcops.terminal.session import Session

app = App("What runs, who answers for it, what it needs, and what was promised.")


@app.verb("show", examples="svcops service show receipt-scanner\nsvcops service show ledger --json")
def show(ctx: Context, name: Name) -> int:
    """Show a service at a glance: whether it is on fire, whom to call, what to do; then all that is known of it.

    Open incidents, service levels from exported samples, maintenance, whom to call now, runbooks with their last
    exercise, who answers, what is promised, what it needs, what needs it.
    """
    from svcops.catalogue.facts import called

    session: Session = ctx.obj
    graph = session.store.graph
    entry = called(graph, "service", name)
    if session.options.quiet and not session.options.json:
        session.show(entry.name)
        return session.mention_damage()
    from svcops.overview.glance import glance
    from svcops.overview.glance_presenting import as_json, as_text

    session.zone  # noqa: B018 - read, so that one that nobody knows is told: the page shows times
    found = glance(graph, entry, session.now())
    if session.options.json:
        session.show_json("svcops.service/1", service=as_json(graph, found))
    else:
        session.show(as_text(graph, found))
    return session.mention_damage()


_list, *_others = catalogue.app.verbs
app.verbs = [_list, *app.verbs, *_others]

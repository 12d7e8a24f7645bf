"""svcops postmortem ..."""

from typing import TYPE_CHECKING

from typer import Context

from svcops.errors import DONE, BadInput, Refused
from svcops.postmortems.asking import IncidentId, refuse_uncommitted
from svcops.terminal.command import App

if TYPE_CHECKING:
    from svcops.terminal.session import Session

app = App("What happened and what was learned, moderated and approved.")


@app.verb("start", examples="svcops postmortem start k7f3")
def start(ctx: Context, id: IncidentId) -> int:
    """Begin a post-mortem, with the facts of the timeline filled in."""
    from svcops.incidents.facts import read_state
    from svcops.postmortems.changes import postmortem_id
    from svcops.postmortems.changes import start as change_of

    session: Session = ctx.obj
    graph = session.store.graph
    state = read_state(graph, id)
    if postmortem_id(state.id) in graph.names("postmortem"):
        path = f"postmortems/{state.id.split('-')[1][:4]}/{postmortem_id(state.id)}.md"
        raise BadInput(f"{path} is there already", help=f"Edit it and commit it: $EDITOR {path}")
    record_id, change = change_of(graph, state, session.author(), session.zone)
    written = session.apply(change)
    path = written.paths[0]
    postmortem = {"id": record_id, "path": path, "incidents": [state.id]}
    session.finish(written, record_id, "svcops.postmortem/1", lambda: {"postmortem": postmortem})
    session.say(f"next: $EDITOR {path}, commit it, and have somebody else approve it")
    return DONE


@app.verb("approve", examples="svcops postmortem approve k7f3")
def approve(ctx: Context, id: IncidentId) -> int:
    """Approve a post-mortem as somebody who did not write it.

    The approval is over the exact bytes that are committed; a later change needs a new one.
    """
    from svcops.postmortems.facts import find_postmortem
    from svcops.store.history import authors_of
    from svcops.store.ids import tail
    from svcops.trust import changes
    from svcops.trust.facts import standing

    session: Session = ctx.obj
    store = session.store
    record_id = find_postmortem(store.graph, id)
    entry = store.graph.all("postmortem").get(record_id)
    if entry is None:
        raise BadInput(f"{record_id} is damaged", help="svcops check shows the place.")
    refuse_uncommitted(session, entry.path)
    author = session.author()
    authors = authors_of(store, entry.path) | {entry.value.author}
    if author.by in authors:
        raise Refused(
            f"{author.by} wrote {entry.path}, and an approval is somebody else's",
            help="Ask a colleague to read it and to run: svcops postmortem approve " + tail(record_id),
        )
    data = store.blob(entry.path)
    already = [one for one in standing(store.graph, entry.path, data, authors) if one.value.by == author.by]
    if already:
        raise Refused(f"{author.by} has approved {entry.path} as it is: {already[0].name}", help="Nothing to do.")
    approval_id, change = changes.approve(author, entry.path, data, f"the post-mortem of {tail(record_id)}")
    written = session.apply(change)
    approval = {"id": approval_id, "of": entry.path, "by": author.by}
    session.finish(written, approval_id, "svcops.approval/1", lambda: {"approval": approval})
    return DONE

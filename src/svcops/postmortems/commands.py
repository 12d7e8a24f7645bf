"""svcops postmortem ..., svcops measure ..."""

import os
from datetime import date
from typing import Annotated, get_args

from typer import Argument, Context, Option

from svcops.errors import DONE, BadInput, NotDone, Refused
from svcops.postmortems.model import MeasureType
from svcops.terminal.command import App
from svcops.terminal.session import Session

postmortem_app = App("What happened and what was learned, moderated and approved.")
measure_app = App("What is changed so that it is less likely, or shorter, next time.")

IncidentId = Annotated[
    str, Argument(metavar="ID", help="The incident: its id, or the beginning of its last six characters.")
]


@postmortem_app.verb("start", examples="svcops postmortem start k7f3")
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


@postmortem_app.verb("approve", examples="svcops postmortem approve k7f3")
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
    _refuse_uncommitted(session, entry.path)
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


@measure_app.verb(
    "add",
    examples='svcops measure add k7f3 "Probe the extraction queue" --type detect --owner platform --due 2026-12-20',
)
def add(
    ctx: Context,
    id: IncidentId,
    title: Annotated[str, Argument(metavar="TITLE", help="What will be changed, in one line.")],
    type_: Annotated[str, Option("--type", metavar="TYPE", help="prevent, detect, mitigate or process.")],
    owner: Annotated[str, Option("--owner", metavar="NAME", help="The team, or person, that does it.")],
    due: Annotated[str, Option("--due", metavar="DATE", help="Until when: 2026-12-20.")],
) -> int:
    """Record a measure that came out of an incident."""
    from svcops.postmortems import changes
    from svcops.store.ids import resolve, tail

    session: Session = ctx.obj
    graph = session.store.graph
    incident_id = resolve(id, graph.names("incident"), noun="incident")
    kind = next((one for one in _measure_types() if one == type_), None)
    if kind is None:
        raise BadInput(f"--type {type_}: no such type", help=f"One of {', '.join(_measure_types())}.")
    if graph.find(("team", "person"), owner) is None:
        from svcops.store.suggest import did_you_mean

        near = did_you_mean(owner, graph.candidates(("team", "person")))
        raise BadInput(f"there is no team or person {owner!r}", help=near or "catalogue/teams holds the teams.")
    author = session.author()
    measure_id, change = changes.add(
        author, incident_id=incident_id, title=_text(title), type_=kind, owner=owner, due=_date(due, author.now.date())
    )
    written = session.apply(change)
    measure = {
        "id": measure_id,
        "incident": incident_id,
        "title": _text(title),
        "type": kind,
        "owner": owner,
        "due": due,
    }
    session.finish(written, measure_id, "svcops.measure/1", lambda: {"measure": measure})
    session.say(f"next: change what it takes, commit it, and svcops measure anchor {tail(measure_id)} --path PATH")
    return DONE


@measure_app.verb("anchor", examples="svcops measure anchor k7f3 --path slo/receipt-scanner.yaml")
def anchor(
    ctx: Context,
    id: Annotated[str, Argument(metavar="ID", help="The measure, or its incident where it has only one open.")],
    path: Annotated[str, Option("--path", metavar="PATH", help="What changed: a runbook, an SLO, an alert.")],
) -> int:
    """Show that a measure is in place.

    The anchor is content of the store that changed since the incident was declared: its git object before and after.
    """
    from svcops.incidents.closing import is_anchored
    from svcops.postmortems import changes, facts
    from svcops.store.history import blob_before
    from svcops.store.ids import tail, year_of

    session: Session = ctx.obj
    store = session.store
    measure = facts.measure_of(store.graph, facts.find_measure(store.graph, id, open_only=True))
    if is_anchored(store.graph, measure.name):
        raise Refused(f"measure {tail(measure.name)} is anchored already", help="Nothing to do.")
    inside = _inside(session, path)
    if not facts.is_anchor_place(inside):
        raise BadInput(
            f"{inside} records what happened; it changes nothing next time",
            help="Anchor it in what will work next time: a runbook, an SLO, an alert, a catalogue entry.",
        )
    _refuse_uncommitted(session, inside)
    incident = measure.value.incident
    before = blob_before(store, f"incidents/{year_of(incident)}/{incident}/incident.yaml", inside)
    content = facts.anchor_content(inside, before, store.git.blob_at("HEAD", inside))
    if content is None:
        raise Refused(
            f"{inside} has not changed since incident {tail(incident)} was declared",
            help=f"Change it and commit it first: $EDITOR {inside} && git commit -m WHY -- {inside}",
        )
    written = session.apply(changes.anchor(session.author(), measure, content))
    anchored = {"path": inside, "before": content.before, "after": content.after}
    session.finish(
        written, measure.name, "svcops.measure/1", lambda: {"measure": {"id": measure.name, "anchor": anchored}}
    )
    return DONE


def _measure_types() -> tuple[MeasureType, ...]:
    return get_args(MeasureType)


def _inside(session: Session, path: str) -> str:
    """A path as typed, from the current folder or from the store's, as a path below the store."""
    root = session.store.root
    for base in (session.cwd, root):
        full = os.path.normpath(base / path)
        if os.path.isfile(full) and full.startswith(f"{root}{os.sep}"):
            return os.path.relpath(full, root).replace(os.sep, "/")
    raise BadInput(f"there is no file {path} in this store", help="Name a file of the store, such as slo/NAME.yaml.")


def _refuse_uncommitted(session: Session, path: str) -> None:
    """What is approved or anchored must be what others will see: the committed bytes."""
    git = session.store.git
    if git.uncommitted([path]) or git.head() is None or git.blob_at("HEAD", path) is None:
        raise NotDone(f"{path} is not committed as it is", help=f"git add -- {path} && git commit -- {path}")


def _text(text: str) -> str:
    if not text.strip():
        raise BadInput("a measure needs a title", help="Say what will be changed.")
    return " ".join(text.split())


def _date(text: str, today: date) -> str:
    try:
        due = date.fromisoformat(text)
    except ValueError:
        raise BadInput(f"--due {text}: not a date", help="Write it as 2026-12-20.") from None
    if due < today:
        raise BadInput(f"--due {text}: that is over", help="Name a day that is still to come.")
    return due.isoformat()

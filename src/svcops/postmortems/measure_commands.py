"""svcops measure ..."""

from datetime import date
from typing import TYPE_CHECKING, Annotated, get_args

from typer import Argument, Context, Option

from svcops.errors import DONE, BadInput, Refused
from svcops.postmortems.asking import IncidentId, path_inside, refuse_uncommitted
from svcops.postmortems.model import MeasureType
from svcops.terminal.command import App

if TYPE_CHECKING:
    from svcops.terminal.session import Session

app = App("What is changed so that it is less likely, or shorter, next time.")


@app.verb(
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


@app.verb("anchor", examples="svcops measure anchor k7f3 --path slo/receipt-scanner.yaml")
def anchor(
    ctx: Context,
    id: Annotated[str, Argument(metavar="ID", help="The measure, or its incident where it has only one open.")],
    path: Annotated[str, Option("--path", metavar="PATH", help="What changed: a runbook, an SLO, an alert.")],
) -> int:
    """Show that a measure is in place.

    The anchor is content of the store that changed since the incident was declared: its git object before and after.
    """
    from svcops.incidents.measures import measure_states
    from svcops.postmortems import changes, facts
    from svcops.store.history import blob_before
    from svcops.store.ids import tail, year_of

    session: Session = ctx.obj
    store = session.store
    state = measure_states(store.graph)[facts.find_measure(store.graph, id, open_only=True)]
    measure = state.entry
    if state.standing != "open":
        raise Refused(f"measure {tail(measure.name)} is {state.standing} already", help="Nothing to do.")
    inside = path_inside(session, path)
    if not facts.is_anchor_place(inside):
        raise BadInput(
            f"{inside} records what happened; it changes nothing next time",
            help="Anchor it in what will work next time: a runbook, an SLO, an alert, a catalogue entry.",
        )
    refuse_uncommitted(session, inside)
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

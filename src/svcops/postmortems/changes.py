"""Changes to post-mortems and measures."""

from datetime import tzinfo

from svcops.incidents.facts import State
from svcops.incidents.presenting import timeline_lines
from svcops.postmortems.model import Anchored, Content, Measure, MeasureType, Postmortem
from svcops.store.change import Change
from svcops.store.events import Author, subject
from svcops.store.graph import Entry, Graph
from svcops.store.ids import new_id, tail, year_of
from svcops.store.templates import Templates
from svcops.store.yaml_writing import dump, plain_of
from svcops.timing.model import format_duration


def postmortem_id(incident_id: str) -> str:
    """A post-mortem has its first incident's date and tail."""
    return f"postmortem-{incident_id.split('-', 1)[1]}"


def start(graph: Graph, state: State, author: Author, zone: tzinfo) -> tuple[str, Change]:
    """Begin a post-mortem with the facts of the timeline filled in: its id, and the change."""
    record_id = postmortem_id(state.id)
    front = Postmortem(
        title=state.incident.title, incidents=(state.id,), author=author.by, started_at=author.after(None)
    )
    clocks = [
        {
            "name": clock.name,
            "start_name": clock.start_name,
            "end_name": clock.end_name,
            "span": format_duration(clock.span) if clock.span is not None else "unknown",
        }
        for clock in state.clocks
    ]
    body = Templates(graph.root).render(
        "postmortem.md.j2",
        title=state.incident.title,
        incident=state.id,
        short=tail(state.id),
        severity=state.severity or "unknown",
        detected_by=state.incident.detected_by,
        services=state.incident.services,
        clocks=clocks,
        timeline=timeline_lines(state, zone),
    )
    path = f"postmortems/{year_of(record_id)}/{record_id}.md"
    text = f"---\n{dump(plain_of(front))}---\n{body}"
    line = subject(f"Start the post-mortem of {tail(state.id)}: {state.incident.title}")
    return record_id, Change(line, {path: text.encode()}, records=(record_id,))


def add(
    author: Author, *, incident_id: str, title: str, type_: MeasureType, owner: str, due: str
) -> tuple[str, Change]:
    """Record a measure: its id, and the change."""
    measure_id = new_id("measure", author.now, author.random_bytes)
    measure = Measure(
        title=title,
        type=type_,
        incident=incident_id,
        owner=owner,
        due=due,
        added_at=author.after(None),
        by=author.by,
    )
    path = f"measures/{year_of(measure_id)}/{measure_id}/measure.yaml"
    line = subject(f"Add measure {tail(measure_id)}: {title}")
    return measure_id, Change(line, {path: dump(plain_of(measure)).encode()}, records=(measure_id, incident_id))


def anchor(author: Author, measure: Entry[Measure], content: Content) -> Change:
    """The measure is in place."""
    moment = author.after(measure.value.added_at)
    event = Anchored(type="anchored", at=moment, recorded_at=moment, by=author.by, anchor=content)
    folder = measure.path.rpartition("/")[0]
    path = f"{folder}/{author.file_name(moment, event.type)}"
    line = subject(f"Anchor measure {tail(measure.name)} in {content.path}: {measure.value.title}")
    return Change(line, {path: dump(plain_of(event)).encode()}, records=(measure.name, measure.value.incident))

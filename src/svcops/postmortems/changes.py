"""Changes to post-mortems: each a value, applied by the store."""

from datetime import tzinfo

from svcops.incidents.facts import State
from svcops.postmortems.drafting import values
from svcops.postmortems.model import Postmortem
from svcops.postmortems.template import NAME
from svcops.store.change import Change, digest_of
from svcops.store.documents import split_front_matter
from svcops.store.entries import Entry
from svcops.store.events import Author, subject
from svcops.store.graph import Graph
from svcops.store.ids import tail, year_of
from svcops.store.recording import text_of
from svcops.store.templates import Templates
from svcops.store.yaml_editing import set_value


def postmortem_id(incident_id: str) -> str:
    """A post-mortem has its first incident's date and tail."""
    return f"postmortem-{incident_id.split('-', 1)[1]}"


def path_of(record_id: str) -> str:
    """Where a post-mortem of that id lies."""
    return f"postmortems/{year_of(record_id)}/{record_id}.md"


def start(
    graph: Graph,
    state: State,
    author: Author,
    zone: tzinfo,
    *,
    moderator: str | None = None,
    budgets: tuple[str, ...] = (),
) -> tuple[str, Change]:
    """Begin a post-mortem with the facts of the timeline filled in: its id, and the change.

    `budgets` are lines about what the incident cost of error budgets.
    """
    record_id = postmortem_id(state.id)
    front = Postmortem(
        title=state.incident.title,
        incidents=(state.id,),
        author=author.by,
        started_at=author.after(None),
        moderator=moderator,
    )
    body = Templates(graph.root).render(NAME, **values(graph, state, author.now, zone, budgets))
    text = f"---\n{text_of(front)}---\n{body}"
    line = subject(f"Start the post-mortem of {tail(state.id)}: {state.incident.title}")
    return record_id, Change(line, {path_of(record_id): text.encode()}, records=(record_id,))


def moderate(entry: Entry[Postmortem], data: bytes, moderator: str) -> Change:
    """Name who moderates a post-mortem; every other byte of it stays. CannotEdit where its form does not allow it."""
    text = data.decode("utf-8")
    split = split_front_matter(text.removeprefix("\ufeff"))
    assert split, entry.path
    start = text.index(split.front)
    front = set_value(split.front, ("moderator",), moderator, path=entry.path)
    after = text[:start] + front + text[start + len(split.front) :]
    return Change(
        subject(f"{moderator} moderates the post-mortem of {tail(entry.name)}: {entry.value.title}"),
        {entry.path: after.encode()},
        {entry.path: digest_of(data)},
        records=(entry.name,),
    )

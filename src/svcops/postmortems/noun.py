"""What the verbs of `svcops postmortem` share: which one is meant, and what is known about it."""

from typing import TYPE_CHECKING, Annotated, Any

from svcops.errors import BadInput
from svcops.terminal.command import App, Argument

if TYPE_CHECKING:
    from collections.abc import Mapping

    from svcops.checking.model import Finding
    from svcops.incidents.facts import State
    from svcops.postmortems.model import Postmortem
    from svcops.postmortems.standing import Standing
    from svcops.store.entries import Entry
    from svcops.terminal.session import Session

app = App("What happened and what was learned, moderated and approved.")

Id = Annotated[
    str,
    Argument(
        metavar="ID",
        help="The post-mortem, or its first incident: its id, or the beginning of its last six characters.",
    ),
]


def chosen(session: "Session", given: str) -> "Entry[Postmortem]":
    """The post-mortem that is meant; BadInput where there is none, or its front matter is damaged."""
    from svcops.postmortems.facts import find_postmortem

    graph = session.store.graph
    record_id = find_postmortem(graph, given)
    entry: Entry[Postmortem] | None = graph.all("postmortem").get(record_id)
    if entry is None:
        raise BadInput(f"{record_id} is damaged", help="svcops check shows the place.")
    return entry


def incidents_of(session: "Session", entry: "Entry[Postmortem]", *, whole: bool) -> "Mapping[str, State]":
    """The incidents that a post-mortem is about, by id. With `whole`, BadInput where one is missing or damaged."""
    from svcops.incidents.facts import read_state

    graph = session.store.graph
    found = {}
    for incident in dict.fromkeys(entry.value.incidents):
        try:
            found[incident] = read_state(graph, incident, whole=whole)
        except BadInput:
            if whole:
                raise
    return found


def standing_here(session: "Session", entry: "Entry[Postmortem]") -> "Standing":
    """Where one post-mortem stands."""
    from svcops.postmortems.standing import standing_of
    from svcops.postmortems.writers import writers_of

    store = session.store
    known = incidents_of(session, entry, whole=False)
    return standing_of(store.graph, entry, known, writers_of(store, [entry])[entry.path])


def found_in(session: "Session", one: "Standing") -> "list[Finding]":
    """What the check finds in one post-mortem, in the order of its lines.

    What has to be settled before anybody approves it is an error here, until somebody has.
    """
    from dataclasses import replace

    from svcops.postmortems.checks import BEFORE_APPROVAL, no_moderator, unknown_author
    from svcops.postmortems.renewing import contradicted
    from svcops.postmortems.wording import findings_in
    from svcops.store.documents import Locator

    graph = session.store.graph
    known = {state.id: state for state in one.states}
    locator = Locator(graph.tree)
    people = [*no_moderator(graph, one.entry, known), *unknown_author(graph, one.entry, known)]
    found = [
        *(replace(finding, span=locator.span(finding.at)) for finding in people),
        *findings_in(graph, one.entry.name),
    ]
    first = known.get(next(iter(one.entry.value.incidents), ""))
    if first and one.status != "approved":
        found += contradicted(graph, one.entry, first, session.now())
    if one.status != "approved":
        found = [replace(each, severity="error") if each.code in BEFORE_APPROVAL else each for each in found]
    return sorted(found, key=lambda finding: finding.order())


def content(session: "Session", record_id: str) -> dict[str, Any]:
    """The post-mortem as it now is, for JSON."""
    from svcops.postmortems.due import day_of
    from svcops.postmortems.presenting import detail

    one = standing_here(session, chosen(session, record_id))
    today = day_of(session.store.graph, session.now())
    return {"postmortem": detail(one, today, found_in(session, one))}

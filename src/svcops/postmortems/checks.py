"""What is found about post-mortems beside their words: who wrote and moderates them, and whether they are in time."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from svcops.checking.model import Finding
from svcops.incidents.closing import judged_since, last_reopened, postmortems_with, to_moderate, unmoderated
from svcops.incidents.facts import State, is_major
from svcops.postmortems.due import Due, day_of, expected, held_to
from svcops.postmortems.model import Postmortem
from svcops.store.entries import Entry
from svcops.store.graph import Graph
from svcops.store.ids import tail
from svcops.store.people import is_nobody, unread, why_nobody
from svcops.trust.facts import approvals_of, last_approved, named_alone

BEFORE_APPROVAL = ("PMO001", "PMO002", "PMO006", "PMO008", "PMO010")
"""What has to be settled before anybody approves, as settling it changes the file."""


def no_moderator(graph: Graph, entry: Entry[Postmortem], known: Mapping[str, State]) -> Iterator[Finding]:
    """PMO006, of the post-mortem of a major incident. `known` are the incidents, by id."""
    wrong = [unmoderated(graph, one, entry) for one in held_to(graph, entry, known) if is_major(graph, one.severity)]
    what = next(filter(None, wrong), "")
    if what:
        at = entry.at("moderator") if entry.value.moderator else entry.at("incidents", part="key")
        help_ = to_moderate(graph, entry)
        yield Finding("PMO006", f"a major incident needs {what}", at, help_, severity="warning")


def unknown_author(graph: Graph, entry: Entry[Postmortem], known: Mapping[str, State]) -> Iterator[Finding]:
    """PMO010: who its author is, nobody knows, so that it may be whoever approves. `known` are the incidents, by id."""
    record = entry.value
    places = (("author",), *(("co_authors", number) for number, _ in enumerate(record.co_authors)))
    unknown = [(name, keys) for name, keys in zip(record.authors, places, strict=True) if is_nobody(graph, name)]
    if unknown and (record.imported is None or held_to(graph, entry, known)):
        for name, keys in unknown:
            message = f"its author may be anybody, and no approval of it counts: {why_nobody(graph, name)}"
            help_ = f"Write a name of catalogue/people at {keys[0]}:, or add the address to emails of their file there."
            help_ = "svcops check shows what is wrong with it." if unread(graph, name) else help_
            yield Finding("PMO010", message, entry.at(*keys), help_, severity="warning")


def overdue(graph: Graph, now: datetime) -> Iterator[Finding]:
    """PMO007, of every incident that still waits for its post-mortem."""
    today = day_of(graph, now)
    for one in expected(graph):
        if one.is_overdue(today) and not one.damaged and is_waited_for(graph, one) and not _has_approved(graph, one):
            short = tail(one.state.id)
            message = f"the post-mortem of {short} was due on {one.day:%a %Y-%m-%d}"
            at = one.entry.at() if one.entry else one.state.entry.at()
            verb = "show" if one.entry else "start"
            named = tail(one.entry.name) if one.entry else short
            related = last_approved(approvals_of(graph, one.entry.path)) if one.entry else ()
            help_ = f"svcops postmortem {verb} {named}"
            yield Finding("PMO007", message, at, help_, severity="warning", related=related)


def _has_approved(graph: Graph, one: Due) -> bool:
    """Whether any post-mortem of the incident is approved, as for closing it: of several, one will do."""
    return any(is_approved(graph, each, one.state) for each in postmortems_with(graph, one.state.id))


def is_waited_for(graph: Graph, one: Due) -> bool:
    """Whether it is still asked for. Where a major incident was closed without it, that is INC002."""
    return not (one.state.is_over and is_major(graph, one.state.severity))


def is_missing(graph: Graph, one: Due) -> bool:
    """Whether it is asked for, and none can be read; of what was closed without any, too."""
    return one.entry is None and (is_waited_for(graph, one) or not postmortems_with(graph, one.state.id))


def is_approved(graph: Graph, entry: Entry[Postmortem], state: State) -> bool:
    """Whether an approval counts for an incident, as far as the store tells without git's history.

    That is, by its authors' names alone.
    """
    data, problem = graph.tree.read(entry.path)
    if problem is not None:
        return False
    return any(
        one.counts for one in judged_since(graph, entry, data, named_alone(entry.value.authors), last_reopened([state]))
    )

"""Where a post-mortem stands: who wrote it, who moderates, who approved it and whether that counts, when it is due."""

from collections.abc import Mapping
from datetime import date
from typing import Literal

from svcops.incidents.closing import judged_since, last_reopened
from svcops.incidents.facts import State
from svcops.incidents.unread import approvals_unread
from svcops.postmortems.due import due_of, going_on, held_to
from svcops.postmortems.model import Postmortem
from svcops.postmortems.writers import Writers
from svcops.store.entries import Entry
from svcops.store.frozen import frozen
from svcops.store.graph import Graph
from svcops.trust.facts import Judged

Status = Literal["draft", "approved", "imported", "unknown"]


@frozen
class Standing:
    """A post-mortem and what is known about it.

    imported: it came from elsewhere, with all that it explains.
    unknown: somebody approved it as it is, and who wrote it, or who that is, cannot be known here.
    """

    entry: Entry[Postmortem]
    states: tuple[State, ...]
    """Its incidents, those that can be read."""
    writers: Writers
    approvals: tuple[Judged, ...]
    due: date | None
    status: Status

    @property
    def counting(self) -> list[Judged]:
        """The approvals that count."""
        return [one for one in self.approvals if one.counts]

    def is_overdue(self, today: date) -> bool:
        """Whether it should be approved by now, and is not."""
        return self.status in ("draft", "unknown") and self.due is not None and today > self.due


def standing_of(graph: Graph, entry: Entry[Postmortem], known: Mapping[str, State], writers: Writers) -> Standing:
    """Where a post-mortem stands. `known` are the incidents of the store, by id."""
    data, problem = graph.tree.read(entry.path)
    reopened = last_reopened(going_on(graph, entry, known))
    approvals = () if problem else tuple(judged_since(graph, entry, data, writers.authors, reopened))
    status: Status = "draft"
    if entry.value.imported and not held_to(graph, entry, known):
        status = "imported"
    elif any(one.counts for one in approvals):
        status = "unknown" if writers.unknown else "approved"
    elif any(one.damaged for one in approvals) or approvals_unread(graph, entry.path):
        status = "unknown"
    states = tuple(known[one] for one in entry.value.incidents if one in known)
    return Standing(entry, states, writers, approvals, due_of(graph, entry, known), status)

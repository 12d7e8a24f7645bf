"""What the pages are made from, read once: records, service levels, texts, history. From here on all is pure."""

from collections.abc import Mapping
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING, TypeAlias

from svcops.checking.model import Finding
from svcops.incidents.facts import State, states
from svcops.portal.markdown import Text, parse
from svcops.postmortems.model import Postmortem
from svcops.store.entries import Entry
from svcops.store.frozen import frozen
from svcops.store.graph import Graph
from svcops.store.opening import Store
from svcops.trust.facts import Authors, named_alone

if TYPE_CHECKING:
    from svcops.slo.report import Report


Levels: TypeAlias = "Report"
"""The service levels at one moment, and what could not be worked out."""


@frozen
class Narrative:
    """A post-mortem's file: its bytes, which approvals are about, and who wrote it, or why that is not known."""

    data: bytes
    authors: Authors
    authors_unknown: str = ""


@frozen
class Revision:
    """The commit that the records are of, or why there is none, and whether they were changed since."""

    commit: str | None
    why_none: str = ""
    changed: bool = False


@frozen
class World:
    """What the pages are a function of."""

    graph: Graph
    states: Mapping[str, State]
    levels: Levels
    texts: Mapping[str, Text]
    """The Markdown of runbooks and post-mortems, by path."""
    narratives: Mapping[str, Narrative]
    revision: Revision
    at: datetime
    zone: tzinfo

    @property
    def left_out(self) -> tuple[Finding, ...]:
        """What could not be read, and so is on no page."""
        return tuple(one for one in self.graph.findings if one.severity == "error")

    def is_damaged(self, folder: str, record: str) -> bool:
        """Whether a file could not be read of a record that is a folder, below `incidents` or `measures`."""
        places = (one.at.path.split("/") for one in self.left_out)
        return any(place[0] == folder and place[2:3] == [record] for place in places)


def read(store: Store, at: datetime, zone: tzinfo) -> World:
    """Read a store for its site, with the service levels at an aware time."""
    graph = store.graph
    graph.read_everything()
    paths = [entry.path for kind in ("runbook", "postmortem") for entry in graph.all(kind).values()]
    return World(
        graph=graph,
        states=states(graph),
        levels=_levels(graph, at),
        texts={path: _text(graph, path) for path in paths},
        narratives={entry.path: _narrative(store, entry) for entry in graph.all("postmortem").values()},
        revision=_revision(store),
        at=at,
        zone=zone,
    )


def _levels(graph: Graph, at: datetime) -> Levels:
    from svcops.slo.report import report_of

    return report_of(graph, at)


def _text(graph: Graph, path: str) -> Text:
    from svcops.store.documents import body

    return parse(body(graph.tree, path))


def _narrative(store: Store, entry: Entry[Postmortem]) -> Narrative:
    """History is asked only where an approval waits to be judged."""
    from svcops.postmortems.writers import writers_of
    from svcops.trust.facts import approvals_of

    data, _ = store.graph.tree.read(entry.path)
    if not approvals_of(store.graph, entry.path):
        return Narrative(data, named_alone(entry.value.authors))
    (wrote,) = writers_of(store, [entry]).values()
    return Narrative(data, wrote.authors, wrote.unknown)


def _revision(store: Store) -> Revision:
    from svcops.store.layout import FOLDERS_OF_OTHERS, KINDS

    if store.git_dir is None:
        return Revision(None, "the store is in no git repository")
    commit = store.git.head()
    if commit is None:
        return Revision(None, "nothing is committed yet")
    places = {one.pattern.split("/", 1)[0] for one in KINDS} | set(FOLDERS_OF_OTHERS)
    listed = store.git.run("--no-optional-locks", "status", "--porcelain=v1", "-z", "--", *sorted(places)).stdout
    return Revision(commit, changed=bool(listed))

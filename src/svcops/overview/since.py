"""The score of the store as a revision has it, for what changed since."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from svcops.checking.since import commit_of
from svcops.errors import BadInput
from svcops.overview.score import Score, scores, unread
from svcops.store.frozen import frozen
from svcops.store.git import common_dir_of
from svcops.store.git_tree import GitTree
from svcops.store.graph import Graph
from svcops.store.history import ShallowHistory

if TYPE_CHECKING:
    from svcops.store.opening import Store


@frozen
class Before:
    """The scores of a revision: judged when it was `committed`, and judged now."""

    commit: str
    committed: datetime
    then: tuple[Score, ...]
    now: tuple[Score, ...]
    damaged: tuple[str, ...]
    """Files of the revision that could not be read,"""
    unread: frozenset[str]
    """and the services among them, by name."""


def before(store: "Store", revision: str, now: datetime) -> Before:
    """The scores of the records as a revision has them.

    BadInput where git knows no such revision; ShallowHistory where the clone is shallow, so that it may be one.
    """
    try:
        commit = commit_of(store.git, revision)
    except BadInput:
        if store.git_dir and (common_dir_of(store.git_dir) / "shallow").exists():
            raise ShallowHistory(f"what {revision} was") from None
        raise
    seconds = int(store.git.text("show", "--no-patch", "--format=%ct", commit))
    committed = min(datetime.fromtimestamp(seconds, UTC), now)
    graph = Graph(store.root, store.cache_folder, GitTree(store.git, commit), lambda: store.history_of((commit,)))
    then, today = tuple(scores(graph, committed)), tuple(scores(graph, now))
    damaged = sorted({one.at.path for one in graph.findings if one.severity == "error"})
    return Before(commit, committed, then, today, tuple(damaged), frozenset(unread(graph)))

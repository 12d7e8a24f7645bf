"""What the work tree changes in the score since a revision.

Where HEAD is ahead of the revision, that is all that was written since. Where the revision went on, too, what it did
meanwhile is no change of this branch: so the merge of the two is compared with it, as `svcops check --since` judges it.
"""

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from svcops.errors import BadInput
from svcops.overview.score import Changed, Score, changes, scores, unread
from svcops.store.frozen import frozen
from svcops.store.git_places import common_dir_of
from svcops.store.git_tree import GitTree
from svcops.store.graph import Graph
from svcops.store.history import ShallowHistory
from svcops.store.trial_merge import commit_of, parted, trial_merge

if TYPE_CHECKING:
    from svcops.store.opening import Store

_SHORT = 10
"""Digits of a commit that is shown."""


@frozen
class Since:
    """What changed, and what was compared with what."""

    revision: str
    """What was asked for."""
    commit: str
    """Whose records are those before: the revision's, or where the two parted."""
    committed: datetime
    before: tuple[Score, ...]
    """The scores of that commit judged now,"""
    after: tuple[Score, ...]
    """and those they are compared with: of the work tree, or of its merge."""
    changes: tuple[Changed, ...]
    damaged: tuple[str, ...]
    """Files of the commit that could not be read,"""
    damaged_by_merge: tuple[str, ...]
    """and those that only the merge damages."""
    merged: bool = False
    """Whether the work tree was merged with the revision."""
    conflicts: tuple[str, ...] = ()
    """Paths because of which git cannot do that, so that the two are compared since they parted."""

    @property
    def name(self) -> str:
        """What a person calls the commit."""
        return self.commit[:_SHORT] if self.conflicts else self.revision


def since(store: "Store", revision: str, now: datetime) -> Since:
    """What the work tree changes in the score of a revision.

    Raises what `trial_merge` raises; ShallowHistory where git knows no such revision, and the clone is shallow.
    """
    theirs = _commit_of(store, revision)
    if parted(store, theirs, revision) == theirs:
        return _compared(store, revision, theirs, store.graph, now)
    with trial_merge(store, revision) as merge:
        if not merge.conflicts:
            return _compared(store, revision, theirs, merge.graph(), now)
        conflicts = tuple(sorted(set(merge.conflicts.values())))
        return replace(_compared(store, revision, merge.base, store.graph, now), conflicts=conflicts)


def _commit_of(store: "Store", revision: str) -> str:
    try:
        return commit_of(store.git, revision)
    except BadInput:
        if store.git_dir and (common_dir_of(store.git_dir) / "shallow").exists():
            raise ShallowHistory(f"what {revision} was") from None
        raise


def _compared(store: "Store", revision: str, commit: str, after: Graph, now: datetime) -> Since:
    """The records of a commit beside those of a graph."""
    seconds = int(store.git.text("show", "--no-patch", "--format=%ct", commit))
    committed = min(datetime.fromtimestamp(seconds, UTC), now)
    there = Graph(store.root, store.cache_folder, GitTree(store.git, commit), lambda: store.history_of((commit,)))
    then, before, found = scores(there, committed), scores(there, now), after.once(scores, now)
    merged = after is not store.graph
    return Since(
        revision,
        commit,
        committed,
        tuple(before),
        tuple(found),
        tuple(changes(then, before, found, unread(there), unread(after))),
        tuple(sorted(there.left_out())),
        tuple(sorted(after.left_out() - there.left_out() - store.graph.left_out())) if merged else (),
        merged,
    )

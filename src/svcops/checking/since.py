"""What a branch changes: the findings on the lines that it changed, and those that its change makes elsewhere.

They are judged on the result of merging the branch with a revision, not on the branch alone: a name that both took, or
a record that one side deleted while the other began to use it, shows only there.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from svcops.checking.changed_lines import ChangedLines, changed_lines, is_whole
from svcops.checking.engine import Outcome, check, in_order
from svcops.checking.fingerprints import fingerprints
from svcops.checking.formats.sources import Sources
from svcops.checking.model import At, Finding
from svcops.checking.rewritten import rewritten
from svcops.store.frozen import frozen
from svcops.store.git import Git
from svcops.store.git_tree import GitTree
from svcops.store.graph import Graph
from svcops.store.layout import SETTINGS
from svcops.store.trial_merge import trial_merge

if TYPE_CHECKING:
    from svcops.store.opening import Store


@frozen
class Since:
    """What was found, and in what."""

    outcome: Outcome
    graph: Graph
    """The store as it would be."""
    unchanged: int
    """How many findings were left out: on lines that the branch did not change, and there before it."""
    content: Callable[[str], bytes | None]
    """A file of that store, record or not; None where it has none."""
    is_judged: bool = True
    """Whether anything was: not where nobody can merge the settings."""


@contextmanager
def since(store: "Store", revision: str, now: datetime) -> Iterator[Since]:
    """Check what the work tree would be once merged with `revision`; what it reads is gone afterwards.

    Raises what `trial_merge` raises.
    """
    with trial_merge(store, revision) as merge:
        git, theirs, ours, base = merge.git, merge.theirs, merge.ours, merge.base
        clashes = [_conflict(path, revision) for path in sorted(set(merge.conflicts.values()))]
        if SETTINGS in merge.conflicts:  # without the settings of the store there is nothing to judge the rest by
            graph = Graph(store.root, store.cache_folder, GitTree(git, ours), merge.history)
            nothing = Outcome(in_order(clashes), records=0)
            yield Since(nothing, graph, 0, partial(_content, git, ours), is_judged=False)
            return
        changed = _paths(git, "diff-tree", "-r", "--name-only", "--relative", base, ours)
        there, graph = GitTree(git, theirs), merge.graph()
        after = graph.tree
        of_theirs = Graph(store.root, store.cache_folder, there, lambda: store.history_of((theirs,)))
        outcome = check(graph, now, of_change=list(rewritten(of_theirs, after, *_touched(git, base, ours))))
        found = [one for one in outcome.findings if one.at.path not in merge.conflicts]
        old_lines, new_lines = changed_lines(git, there, after, (theirs, merge.tree))
        own, others = _divided(found, outcome, changed, new_lines)
        if others:
            before = [one for one in check(of_theirs, now, of_change=()).findings if not old_lines.touch(one)]
            own += _new(others, _marks(others, graph), set(_marks(before, of_theirs)))
        outcome = replace(outcome, findings=in_order([*clashes, *own]))
        yield Since(outcome, graph, len(found) - len(own), partial(_content, git, merge.tree))


def _divided(
    found: Iterable[Finding], outcome: Outcome, changed: Collection[str], lines: ChangedLines
) -> tuple[list[Finding], list[Finding]]:
    """The findings that are the branch's own wherever they come from, and those that may have been there before it.

    Its own is what stands on a line that it changed, or keeps what it changed in a damaged file from being judged.
    """
    own: list[Finding] = []
    others: list[Finding] = []
    for one in found:
        hides = one.at.path in changed and one.at.path in outcome.damaged
        is_own = hides or outcome.stops_rules(one) or lines.touch(one)
        (own if is_own else others).append(one)
    return own, others


def _new(findings: Iterable[Finding], marks: Iterable[str], before: Collection[str]) -> list[Finding]:
    return [one for one, mark in zip(findings, marks, strict=True) if mark not in before]


def _content(git: Git, tree: str, path: str) -> bytes | None:
    done = git.run("cat-file", "blob", f"{tree}:./{path}", accept=(0, 128))
    return done.stdout if done.returncode == 0 else None


def _paths(git: Git, *arguments: str) -> set[str]:
    listed = git.run(*arguments[:1], "-z", *arguments[1:]).stdout.decode("utf-8", "surrogateescape")
    return {path for path in listed.split("\0") if path}


def _touched(git: Git, base: str, ours: str) -> tuple[set[str], set[str]]:
    """The files that were changed, and those that were taken away."""
    asked = ("diff-tree", "-r", "--name-only", "--no-renames", "--relative")
    changed, gone = (_paths(git, *asked, f"--diff-filter={letter}", base, ours) for letter in "MD")
    return changed, gone


def _marks(findings: Sequence[Finding], graph: Graph) -> list[str]:
    """What tells a finding of one tree from those of another; of a record as a whole, its first line does not count."""
    placed = [replace(one, span=None) if one.span and is_whole(one, one.span) else one for one in findings]
    return fingerprints(placed, Sources(graph.tree).line)


def _conflict(path: str, revision: str) -> Finding:
    message = f"changed here and in {revision} in ways that git cannot merge"
    help_ = f"git merge {revision} shows the two sides; keep what holds of each."
    if path == SETTINGS:
        help_ += " Until then nothing else is judged."
    return Finding("MRG001", message, At(path), help_)

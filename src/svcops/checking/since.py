"""What a branch changes: the findings on the lines that it changed, and those that its change makes elsewhere.

They are judged on the result of merging the branch with a revision, not on the branch alone: a name that both took, or
a record that one side deleted while the other began to use it, shows only there. The work tree is left alone, and so is
the repository: the merged objects are written into a folder that is thrown away.
"""

import re
import shlex
import shutil
import tempfile
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from svcops.checking.changed_lines import ChangedLines, changed_lines, is_whole
from svcops.checking.engine import Outcome, check, in_order
from svcops.checking.fingerprints import fingerprints
from svcops.checking.formats.sources import Sources
from svcops.checking.model import At, Finding
from svcops.checking.rewritten import rewritten
from svcops.errors import BadInput, NotEnoughData
from svcops.store.frozen import frozen
from svcops.store.git import Git, GitFailed, common_dir_of
from svcops.store.git_tree import GitTree
from svcops.store.graph import Graph
from svcops.store.layout import SETTINGS
from svcops.store.writing import unfinished

if TYPE_CHECKING:
    from svcops.store.file_history import FileHistory
    from svcops.store.opening import Store

_NO_COMMIT = re.compile(r"'(.+?)/?' does not have a commit checked out")


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

    BadInput where git knows no such revision, the two have no common history, or the result is no store here any more.
    """
    theirs = commit_of(store.git, revision)
    with _quarantine(store) as git:
        ours = _commit_of_work_tree(git, store)
        base = _merge_base(store, theirs, ours, revision)
        merged, conflicts = _merge(git, theirs, ours)

        def of_both() -> "FileHistory":
            return store.history_of((ours, theirs), git)

        clashes = [_conflict(path, revision) for path in sorted(set(conflicts.values()))]
        if SETTINGS in conflicts:  # without the settings of the store there is nothing to judge the rest by
            graph = Graph(store.root, store.cache_folder, GitTree(git, ours), of_both)
            nothing = Outcome(in_order(clashes), records=0)
            yield Since(nothing, graph, 0, partial(_content, git, ours), is_judged=False)
            return
        _refuse_no_store(git, merged, revision)
        changed = _paths(git, "diff-tree", "-r", "--name-only", "--relative", base, ours)
        there, after = GitTree(git, theirs), GitTree(git, merged)
        graph = Graph(store.root, store.cache_folder, after, of_both)
        of_theirs = Graph(store.root, store.cache_folder, there, lambda: store.history_of((theirs,)))
        outcome = check(graph, now, of_change=list(rewritten(of_theirs, after, *_touched(git, base, ours))))
        found = [one for one in outcome.findings if one.at.path not in conflicts]
        old_lines, new_lines = changed_lines(git, there, after, (theirs, merged))
        own, others = _divided(found, outcome, changed, new_lines)
        if others:
            before = [one for one in check(of_theirs, now, of_change=()).findings if not old_lines.touch(one)]
            own += _new(others, _marks(others, graph), set(_marks(before, of_theirs)))
        outcome = replace(outcome, findings=in_order([*clashes, *own]))
        yield Since(outcome, graph, len(found) - len(own), partial(_content, git, merged))


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


def commit_of(git: Git, revision: str) -> str:
    """The commit that a revision names; BadInput where git knows none, or several of that name."""
    asked = ("-c", "core.warnAmbiguousRefs=true", "rev-parse", "--verify", "--end-of-options", f"{revision}^{{commit}}")
    done = git.run(*asked, accept=(0, 1, 128))
    if b" is ambiguous" in done.stderr:  # git takes a tag before a branch, and the beginning of an id for none
        raise BadInput(
            f"{revision} is ambiguous: git knows several things of that name",
            help="Say which: refs/heads/NAME is a branch, refs/tags/NAME a tag, refs/remotes/origin/NAME of origin.",
        )
    found = done.stdout.decode().strip()
    if not found.isalnum():
        is_shallow = git.run("rev-parse", "--is-shallow-repository").stdout.strip() == b"true"
        fetch = "git fetch --unshallow" if is_shallow else "git fetch"
        raise BadInput(
            f"git knows no revision {revision}", help=f"Such as main, origin/main, HEAD~3, v1.2; {fetch} brings more."
        )
    return found


@contextmanager
def _quarantine(store: "Store") -> Iterator[Git]:
    """Git with a place of its own for the objects it writes."""
    folder = Path(tempfile.mkdtemp(prefix="svcops-since-"))
    try:
        (folder / "objects").mkdir()
        assert store.git_dir, "git answered"
        real = common_dir_of(store.git_dir).resolve() / "objects"
        more = {
            "GIT_OBJECT_DIRECTORY": str(folder / "objects"),
            "GIT_ALTERNATE_OBJECT_DIRECTORIES": _quoted(str(real)),
            **{
                f"GIT_{role}_{what}": "svcops@localhost"
                for role in ("AUTHOR", "COMMITTER")
                for what in ("NAME", "EMAIL")
            },
        }
        yield Git(store.root, store.env, more=more)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _quoted(path: str) -> str:
    """A path in a list that git splits at colons."""
    escaped = path.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _commit_of_work_tree(git: Git, store: "Store") -> str:
    """A commit of the work tree as it stands, new files too, on top of HEAD."""
    index = Path(git.more["GIT_OBJECT_DIRECTORY"]).with_name("index")
    assert store.git_dir
    if (store.git_dir / "index").exists():
        shutil.copyfile(store.git_dir / "index", index)
    unmerged = git.text("ls-files", "--unmerged", "-z", index=index)
    if unmerged:
        raise _not_merged(unmerged, store.git_dir)
    _add_all(git, index)
    tree = git.text("write-tree", index=index)
    head = store.git.head()
    if head is None:
        raise BadInput("there is no commit here yet", help="git commit, then check --since.")
    if tree == git.text("rev-parse", f"{head}^{{tree}}"):
        return head
    return git.text("commit-tree", tree, "-p", head, "-m", "the work tree")


def _not_merged(listed: str, git_dir: Path) -> BadInput:
    """That paths are unmerged, as `git ls-files --unmerged -z` lists them: of what, and how it ends.

    A stash that met with other changes, or a merge with --squash, leaves nothing that could be aborted.
    """
    what = unfinished(git_dir)
    if what:
        return BadInput(f"a {what} is not finished here", help=f"Finish it, or git {what} --abort.")
    paths = list(dict.fromkeys(line.partition("\t")[2] for line in listed.split("\0") if line))
    shown = " ".join(map(shlex.quote, paths))
    return BadInput(
        f"changes that git could not merge are open here, in {', '.join(paths)}",
        help=f"Keep what holds of both sides, then git add -- {shown}",
    )


def _add_all(git: Git, index: Path) -> None:
    """Put the work tree into an index; BadInput where it holds a repository that has no commit to stand for it."""
    try:
        git.run("add", "--all", "--", ".", index=index)
    except GitFailed as error:
        empty = _NO_COMMIT.search(str(error))
        if not empty:
            raise
        raise BadInput(
            f"{empty[1]} is a git repository of its own, without a commit",
            help="Commit in it, take its .git away, or name it in .gitignore.",
        ) from None


def _merge_base(store: "Store", theirs: str, ours: str, revision: str) -> str:
    head = store.git.head() or ours
    found = store.git.run("merge-base", theirs, head, accept=(0, 1)).stdout.decode().split()
    if found:
        return found[0]
    if store.git_dir and (common_dir_of(store.git_dir) / "shallow").exists():
        raise NotEnoughData(
            f"this is a shallow clone: what changed since {revision} cannot be known", help="git fetch --unshallow"
        )
    raise BadInput(f"HEAD and {revision} have no common history", help="Name a revision that this branch began from.")


def _merge(git: Git, theirs: str, ours: str) -> tuple[str, dict[str, str]]:
    """The tree of the merge; and its paths below the store on which git cannot merge, with what they are called.

    Where one side has a file and the other a folder, git sets the file aside under another name, `NAME~COMMIT`.
    """
    asked = ("merge-tree", "--write-tree", "-z", "--name-only", "--no-messages", theirs, ours)
    top = git.at_top()
    tree, *paths = top.run(*asked, accept=(0, 1)).stdout.decode("utf-8", "surrogateescape").split("\0")
    aside = re.compile(rf"~(?:{theirs}|{ours})(?:_\d+)?$")
    below = [path.removeprefix(top.seen_from) for path in paths if path and path.startswith(top.seen_from)]
    return tree, {path: aside.sub("", path) for path in below}


def _content(git: Git, tree: str, path: str) -> bytes | None:
    done = git.run("cat-file", "blob", f"{tree}:./{path}", accept=(0, 128))
    return done.stdout if done.returncode == 0 else None


def _refuse_no_store(git: Git, tree: str, revision: str) -> None:
    if not git.text("ls-tree", "--name-only", tree, "--", SETTINGS):
        raise BadInput(
            f"merged with {revision}, this folder has no {SETTINGS}: there would be no store here to check",
            help=f"It was moved or deleted, or git ignores it: git log --all --name-status -- {SETTINGS}",
        )


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

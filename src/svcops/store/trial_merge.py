"""What merging the work tree with a revision would give, worked out where nobody sees it.

The work tree is left alone, and so is the repository: the merged objects are written into a folder that is thrown away.
"""

import re
import shlex
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from svcops.errors import BadInput, NotEnoughData
from svcops.store.frozen import frozen
from svcops.store.git import Git, GitFailed
from svcops.store.git_places import common_dir_of
from svcops.store.git_tree import GitTree
from svcops.store.graph import Graph
from svcops.store.layout import SETTINGS
from svcops.store.writing import unfinished

if TYPE_CHECKING:
    from svcops.store.file_history import FileHistory
    from svcops.store.opening import Store

_NO_COMMIT = re.compile(r"'(.+?)/?' does not have a commit checked out")


@frozen
class TrialMerge:
    """A merge that nobody made."""

    store: "Store"
    git: Git
    """What finds the objects of the merge."""
    theirs: str
    """The commit of the revision,"""
    ours: str
    """one of the work tree as it stands,"""
    base: str
    """and the one where the two parted."""
    tree: str
    conflicts: Mapping[str, str]
    """Paths below the store on which git cannot merge, with what they are called: it sets a file aside as `NAME~ID`."""

    def graph(self) -> Graph:
        """The records of the merge."""
        return Graph(self.store.root, self.store.cache_folder, GitTree(self.git, self.tree), self.history)

    def history(self) -> "FileHistory":
        """What git says of the files of both sides."""
        return self.store.history_of((self.ours, self.theirs), self.git)


@contextmanager
def trial_merge(store: "Store", revision: str) -> Iterator[TrialMerge]:
    """The work tree merged with `revision`; what is read of it is gone afterwards.

    BadInput where git knows no such revision, the two have no common history, or the result is no store here any more;
    NotEnoughData where the clone is shallow.
    """
    theirs = commit_of(store.git, revision)
    with _quarantine(store) as git:
        ours = _commit_of_work_tree(git, store)
        base = parted(store, theirs, revision)
        tree, conflicts = _merge(git, theirs, ours)
        if SETTINGS not in conflicts:
            _refuse_no_store(git, tree, revision)
        yield TrialMerge(store, git, theirs, ours, base, tree, conflicts)


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


def parted(store: "Store", theirs: str, revision: str) -> str:
    """The commit where HEAD and `theirs`, which people call `revision`, parted: `theirs` where HEAD is ahead of it.

    BadInput where there is none, or no commit here yet; NotEnoughData where the clone is shallow.
    """
    head = store.git.head()
    if head is None:
        raise _no_commit()
    found = store.git.run("merge-base", theirs, head, accept=(0, 1)).stdout.decode().split()
    if found:
        return found[0]
    if store.git_dir and (common_dir_of(store.git_dir) / "shallow").exists():
        raise NotEnoughData(
            f"this is a shallow clone: what changed since {revision} cannot be known", help="git fetch --unshallow"
        )
    raise BadInput(f"HEAD and {revision} have no common history", help="Name a revision that this branch began from.")


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
        raise _no_commit()
    if tree == git.text("rev-parse", f"{head}^{{tree}}"):
        return head
    return git.text("commit-tree", tree, "-p", head, "-m", "the work tree")


def _no_commit() -> BadInput:
    return BadInput("there is no commit here yet", help="git commit, and then ask again.")


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


def _refuse_no_store(git: Git, tree: str, revision: str) -> None:
    if not git.text("ls-tree", "--name-only", tree, "--", SETTINGS):
        raise BadInput(
            f"merged with {revision}, this folder has no {SETTINGS}: there would be no store here",
            help=f"It was moved or deleted, or git ignores it: git log --all --name-status -- {SETTINGS}",
        )

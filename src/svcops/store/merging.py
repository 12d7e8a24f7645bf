"""Merging a commit into the branch without the work tree: git works out the result, and only then is it put there.

So a conflict, a hook that refuses, or work that is not committed leave everything as it was.
"""

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from shlex import quote

from svcops.errors import NotDone
from svcops.store.advancing import InTheWay, Move, advance, difference, in_the_way
from svcops.store.git import Git, GitFailed, environment
from svcops.store.git_places import common_dir_of

_FEW = 10
_MOST_LINES = 20


class Conflict(NotDone):
    """Both sides changed the same lines of the same files. Nothing was changed."""

    def __init__(self, paths: Sequence[str], theirs: str) -> None:
        more = f" and {len(paths) - _FEW} more" if len(paths) > _FEW else ""
        shown = " ".join(quote(path) for path in paths[:_FEW])
        super().__init__(
            f"changed here and in {theirs} in ways that git cannot merge: {', '.join(paths[:_FEW])}{more}",
            help=f"Nothing was changed. git merge {theirs} shows both sides in these files; keep what holds of each:\n"
            f"  git merge {theirs}\n  git add -- {shown} && git commit --no-edit\n  svcops sync\n"
            "or git merge --abort, and all is as it was.",
        )
        self.paths = tuple(paths)


class NothingInCommon(NotDone):
    """The two branches have no common history, or none that is here."""

    def __init__(self, theirs: str, *, shallow: bool) -> None:
        if shallow:
            super().__init__(
                f"this is a shallow clone, and where it and {theirs} parted is not in it", help="git fetch --unshallow"
            )
        else:
            super().__init__(
                f"this branch and {theirs} have nothing in common: they are not the same store",
                help="git remote -v shows where the remote is.",
            )


class HookRefused(NotDone):
    """A hook of this clone would not have the merge. Nothing was changed."""

    def __init__(self, hook: str, words: str) -> None:
        said = f": {words}" if words else ""
        super().__init__(f"the hook {hook} refuses the merge{said}", help="Nothing was changed.")


def merged_tree(git: Git, git_dir: Path, ours: str, theirs: str, name: str) -> str:
    """The tree that a merge of two commits gives; Conflict or NothingInCommon where it gives none.

    `git` is at the top.
    """
    if not git.run("merge-base", ours, theirs, accept=(0, 1)).stdout.strip():
        raise NothingInCommon(name, shallow=(common_dir_of(git_dir) / "shallow").exists())
    asked = ("merge-tree", "--write-tree", "-z", "--name-only", "--no-messages", ours, theirs)
    done = git.run(*asked, accept=(0, 1))
    tree, *paths = done.stdout.decode("utf-8", "surrogateescape").split("\0")
    if done.returncode:
        aside = re.compile(rf"~(?:{theirs}|{ours})(?:_\d+)?$")
        raise Conflict(git.as_seen(sorted({aside.sub("", path) for path in paths if path})), name)
    return tree


def is_before(git: Git, earlier: str, later: str) -> bool:
    """Whether a commit is another one, or somewhere before it."""
    return not git.run("merge-base", "--is-ancestor", earlier, later, accept=(0, 1)).returncode


def foresee(git: Git, git_dir: Path, ours: str, theirs: str, name: str) -> None:
    """Raise what bringing in a commit would raise for certain: Conflict, NothingInCommon, InTheWay."""
    top = git.at_top()
    if is_before(top, theirs, ours):
        return
    to = theirs if is_before(top, ours, theirs) else merged_tree(top, git_dir, ours, theirs, name)
    mine = in_the_way(top, difference(top, f"{ours}^{{tree}}", f"{to}^{{tree}}"))
    if mine:
        raise InTheWay(top.as_seen(mine))


def bring_in(
    git: Git, git_dir: Path, *, branch: str, theirs: str, name: str, message: str, say: Callable[[str], None]
) -> str | None:
    """Let the branch that HEAD is on have what the commit `theirs` has; the merge that was made, if one was needed.

    The caller holds the store's lock, and the children of `git` hold it too. `name` is what people call `theirs`.
    Raises Conflict, NothingInCommon, HookRefused, InTheWay, BranchMoved, Locked or GitFailed with nothing changed.
    """
    top = git.at_top()
    head = top.head()
    assert head, "a branch to bring something in is born"
    if is_before(top, theirs, head):
        return None
    made = None
    if not is_before(top, head, theirs):
        made = _merge(top, git_dir, head, theirs, name, message)
    advance(top, git_dir, Move(branch, head, made or theirs, f"svcops sync: {name}"), say)
    with _scratch(git_dir) as folder:
        _run_hook(top, folder, "post-merge", "0")
    return made


def _merge(git: Git, git_dir: Path, head: str, theirs: str, name: str, message: str) -> str:
    """The merge commit, on no branch yet; hooks of a merge run as they do for git merge.

    Its first parent is `theirs`: that is the line that all share, and what is here comes to it now. The other way round
    all that others did meanwhile would have come to the line by this merge, for whoever follows the first parents.
    """
    tree = merged_tree(git, git_dir, head, theirs, name)
    mine = in_the_way(git, difference(git, f"{head}^{{tree}}", tree))
    if mine:
        raise InTheWay(git.as_seen(mine))
    git.me()
    with _scratch(git_dir) as folder:
        file = folder / "message"
        file.write_text(message, encoding="utf-8")
        _refuse_by_hook(git, folder, tree, "pre-merge-commit")
        _refuse_by_hook(git, folder, tree, "prepare-commit-msg", str(file), "merge")
        _refuse_by_hook(git, folder, tree, "commit-msg", str(file))
        signs = git.run("config", "--type=bool", "commit.gpgSign", accept=(0, 1)).stdout.strip() == b"true"
        parents = ("-p", theirs, "-p", head)
        return git.text("commit-tree", *(["-S"] if signs else []), *parents, "-F", str(file), tree)


@contextmanager
def _scratch(git_dir: Path) -> Iterator[Path]:
    """A folder for what is needed on the way; where somebody is killed, the next one to hold the lock removes it."""
    folder = git_dir / "svcops" / "advance"
    folder.mkdir(parents=True, exist_ok=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _refuse_by_hook(git: Git, folder: Path, tree: str, name: str, *arguments: str) -> None:
    """Run a hook on an index that holds what would be committed; HookRefused where it says no."""
    words = _run_hook(git, folder, name, *arguments, tree=tree)
    if words is not None:
        raise HookRefused(name, words)


def _run_hook(git: Git, folder: Path, name: str, *arguments: str, tree: str = "") -> str | None:
    """Run a hook, if there is one, as git does; what it said where it failed.

    What it says goes through a file: a pipe would wait for whatever it leaves running.
    """
    hook = git.root / git.text("rev-parse", "--git-path", f"hooks/{name}")
    if not os.access(hook, os.X_OK) or hook.is_dir():
        return None
    index, said = folder / "hook-index", folder / "hook-said"
    more = {}
    if tree:
        git.run("read-tree", tree, index=index)
        more["GIT_INDEX_FILE"] = str(index)
    env = environment(git.env, **more)
    del env["GIT_LITERAL_PATHSPECS"]
    try:
        with open(said, "w+b") as words:
            done = subprocess.run(
                ["git", "hook", "run", "--ignore-missing", name, "--", *arguments],
                cwd=git.root,
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=words,
                stderr=words,
                check=False,
                pass_fds=git.keep_open,
            )
            words.seek(0)
            heard = words.read().decode("utf-8", "replace").strip()
    except OSError as error:
        raise GitFailed(f"the hook {name} cannot be run: {error.strerror}") from None
    return heard if done.returncode else None

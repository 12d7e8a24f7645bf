"""The one place that applies a change: lock, compare, write, commit exactly these paths.

See docs/decisions/0004-writing.md for what happens at each instant at which it may be killed.
"""

import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from svcops.errors import NotDone
from svcops.store.change import Change, digest_of, listing_of
from svcops.store.git import Git, GitFailed, common_dir_of
from svcops.store.lock import CannotWrite, Locked, clear_dead_lock, clear_index_lock, index_lock, store_lock
from svcops.store.transaction import Transaction

_UNFINISHED = {"MERGE_HEAD": "merge", "CHERRY_PICK_HEAD": "cherry-pick", "REVERT_HEAD": "revert"}


class Moved(NotDone):
    """What the change was made from is no longer what is there."""

    def __init__(self, path: str) -> None:
        super().__init__(f"{path} changed while the command ran", help="Look at it, then run the command again.")


class NotCommitted(NotDone):
    """The files are written, git would not commit them."""

    def __init__(self, paths: list[str], reason: str) -> None:
        listed = " ".join(_quoted(path) for path in paths)
        super().__init__(
            f"written, but not committed: {reason}",
            help=f"The records stand in the work tree. When git is content again:\n"
            f"  git add -- {listed} && git commit -- {listed}",
        )


@dataclass(frozen=True, slots=True)
class Written:
    """What applying a change did: the paths, and the commit that holds them (None with `--no-commit`)."""

    paths: tuple[str, ...]
    commit: str | None
    branch: str | None


def apply(
    change: Change,
    *,
    root: Path,
    git_dir: Path,
    env: Mapping[str, str],
    commit: bool,
    say: Callable[[str], None],
) -> Written:
    """Apply a change to the store at `root`, all of it or nothing.

    Raises Locked, Moved, CannotWrite, WhoAreYou, GitFailed with nothing written, or NotCommitted with the files
    written and a hook, or git, refusing the commit.
    """
    files = dict(sorted(change.files.items()))
    with store_lock(git_dir / "svcops", say) as held:
        git = Git(root, env, keep_open=(held,))
        _recover(root, git_dir, git, say)
        _compare(root, change)
        if commit:
            _check_git(git, git_dir, change)
        branch = git.branch() if commit else None
        transaction = _write(root, git_dir, files, branch)
        made = _commit(git, git_dir, transaction, change.message, say) if commit else None
        transaction.end()
        return Written(tuple(files), made, branch)


def recover(*, root: Path, git_dir: Path, env: Mapping[str, str], say: Callable[[str], None]) -> None:
    """Finish or undo what a killed writer left, if there is any such thing and nobody is writing."""
    if not (git_dir / "svcops" / "transaction").exists():
        return
    try:
        with store_lock(git_dir / "svcops", say, wait=0.0) as held:
            _recover(root, git_dir, Git(root, env, keep_open=(held,)), say)
    except NotDone:
        return


def _compare(root: Path, change: Change) -> None:
    for path in change.files:
        _refuse_links(root, path)
        try:
            now = digest_of((root / path).read_bytes())
        except (FileNotFoundError, NotADirectoryError):
            now = None
        except OSError as error:
            raise CannotWrite(root / path, error) from None
        if now != change.before.get(path):
            raise Moved(path)
    for folder, names in change.listings.items():
        if listing_of(root, folder) != names:
            raise Moved(folder)


def _refuse_links(root: Path, path: str) -> None:
    inside = os.path.realpath(root)
    if not os.path.realpath(root / path).startswith(inside + os.sep) or ".." in path.split("/"):
        raise NotDone(f"{path} leads out of the store, through a symbolic link", help="Take the link away.")


def _check_git(git: Git, git_dir: Path, change: Change) -> None:
    """Refuse, before anything is written, where a commit of exactly these paths cannot be made."""
    for name, what in _UNFINISHED.items():
        if (git_dir / name).exists():
            raise NotDone(
                f"a {what} is in progress, and a commit now would end it",
                help=f"Finish it or take it back (git {what} --abort), or write without a commit: --no-commit.",
            )
    git.me()
    if change.before:
        touched = git.uncommitted(change.before)
        if touched:
            help_ = f"Commit or stash them first: git commit -- {_quoted(touched[0])}"
            raise NotDone(f"{touched[0]} has changes that are not committed, and they would be swept in", help=help_)


def _write(root: Path, git_dir: Path, files: dict[str, bytes | None], branch: str | None) -> Transaction:
    transaction: Transaction | None = None
    try:
        transaction = Transaction.begin(root, git_dir / "svcops" / "transaction", files, branch)
        transaction.write(files)
    except BaseException as error:
        if transaction:
            transaction.undo()
            transaction.end()
        if isinstance(error, OSError):
            raise CannotWrite(Path(error.filename or root), error) from None
        raise
    return transaction


def _commit(git: Git, git_dir: Path, transaction: Transaction, message: str, say: Callable[[str], None]) -> str | None:
    paths = [step.path for step in transaction.steps]
    try:
        with index_lock(git_dir, transaction.folder, say):
            try:
                transaction.about_to_commit()
                _commit_alone(git, git_dir, transaction.folder, paths, message)
            except (GitFailed, OSError) as error:
                transaction.end()
                raise NotCommitted(paths, str(error)) from None
            _update_index(git, git_dir, transaction.folder, paths)
    except (Locked, CannotWrite):
        transaction.undo()
        transaction.end()
        raise
    return git.head()


def _commit_alone(git: Git, git_dir: Path, scratch: Path, paths: list[str], message: str) -> None:
    """Commit HEAD's tree with only these paths changed, through an index of our own; hooks run as for any commit."""
    index = scratch / "index"
    _copy_index(git_dir, index)
    if git.head():
        git.run("read-tree", "--reset", "HEAD", index=index)
    else:
        git.run("read-tree", "--empty", index=index)
    git.run("add", "--all", "--force", "--", *paths, index=index)
    git.run("commit", "--quiet", "--file=-", stdin=message.encode(), index=index)


def _update_index(git: Git, git_dir: Path, scratch: Path, paths: list[str]) -> None:
    """Let the index of the work tree know the paths just committed, and nothing else. The index lock is held."""
    index = scratch / "index-after"
    _copy_index(git_dir, index)
    git.run("add", "--all", "--force", "--", *paths, index=index)
    os.replace(index, git_dir / "index")


def _copy_index(git_dir: Path, to: Path) -> None:
    to.unlink(missing_ok=True)
    try:
        shutil.copy2(git_dir / "index", to)
    except FileNotFoundError:
        return


def _recover(root: Path, git_dir: Path, git: Git, say: Callable[[str], None]) -> None:
    """Finish or undo what a killed writer left. The store's lock is held, so that writer and its git are dead."""
    transaction = Transaction.left_behind(root, git_dir / "svcops" / "transaction")
    if transaction is None:
        return
    if transaction.committing:
        _clear_locks(git_dir, transaction, say)
    paths = [step.path for step in transaction.steps]
    if transaction.committing and transaction.is_in_place() and _is_committed(git, transaction):
        with index_lock(git_dir, transaction.folder, say):
            _update_index(git, git_dir, transaction.folder, paths)
        say(f"finished what an interrupted svcops had committed: {', '.join(paths)}")
    else:
        left = transaction.undo()
        kept = f"; left as it is, somebody changed it since: {', '.join(left)}" if left else ""
        say(f"took back what an interrupted svcops had begun: {', '.join(paths)}{kept}")
    transaction.end()


def _clear_locks(git_dir: Path, transaction: Transaction, say: Callable[[str], None]) -> None:
    refs = [git_dir / "HEAD.lock"]
    if transaction.branch:
        refs.append(common_dir_of(git_dir) / f"{transaction.branch}.lock")
    for done in (clear_index_lock(git_dir), *(clear_dead_lock(ref, transaction.started_ns) for ref in refs)):
        if done:
            say(done)


def _is_committed(git: Git, transaction: Transaction) -> bool:
    if git.head() is None:
        return False
    for step in transaction.steps:
        expected = None if step.after is None else git.blob_on_disk(step.path)
        if git.blob_at("HEAD", step.path) != expected:
            return False
    return True


def _quoted(path: str) -> str:
    from shlex import quote

    return quote(path)

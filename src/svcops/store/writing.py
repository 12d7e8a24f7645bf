"""The one place that applies a change: lock, compare, write, commit exactly these paths.

See docs/decisions/0004-writing.md for what happens at each instant at which it may be killed.
"""

import os
import stat
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from svcops.errors import NotDone
from svcops.store.change import Change, digest_of, listing_of
from svcops.store.frozen import frozen
from svcops.store.git import Git, GitFailed, GitKilled
from svcops.store.git_index import copy_of_index, is_placed, placed, take_back
from svcops.store.git_places import common_dir_of
from svcops.store.lock import CannotWrite, Locked, clear_dead_lock, clear_index_lock, index_lock, store_lock
from svcops.store.transaction import Transaction
from svcops.store.waiting import refuse_waiting

_UNFINISHED = {
    "rebase-merge": "rebase",
    "rebase-apply/applying": "am",
    "rebase-apply": "rebase",
    "MERGE_HEAD": "merge",
    "CHERRY_PICK_HEAD": "cherry-pick",
    "REVERT_HEAD": "revert",
}
_PREPARED = ("MERGE_MSG", "SQUASH_MSG")
"""Messages that somebody prepared, by `git merge --squash` for one; git forgets them with any commit."""


class Moved(NotDone):
    """What the change was made from is no longer what is there."""

    def __init__(self, path: str) -> None:
        super().__init__(f"{path} changed while the command ran", help="Look at it, then run the command again.")


class Elsewhere(NotDone):
    """A path that does not lead straight down from the store."""

    def __init__(self, path: str, reason: str, help: str = "") -> None:
        super().__init__(f"{path!r} is not written: {reason}", help=help)


class NotCommitted(NotDone):
    """The files are written, git would not commit them."""

    def __init__(self, paths: list[str], reason: str) -> None:
        listed = " ".join(_quoted(path) for path in paths)
        super().__init__(
            f"written, but not committed: {reason}",
            help=f"The records stand in the work tree. When git is content again:\n"
            f"  git add --force -- {listed} && git commit -- {listed}",
        )


@frozen
class Written:
    """What applying a change did: the paths, and the commit that holds them (None with `--no-commit`)."""

    paths: tuple[str, ...]
    commit: str | None
    branch: str | None
    gone: tuple[str, ...] = ()
    """Those of the paths that were taken away."""


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

    Raises Locked, Moved, CannotWrite, WhoAreYou, GitFailed, or NotDone where the rest of a record waits for its commit,
    with nothing written; or NotCommitted with the files written and a hook, or git, refusing the commit.
    """
    with settled(root=root, git_dir=git_dir, env=env, say=say) as git:
        _compare(root, git_dir, change)
        if commit:
            _check_git(git, git_dir, change)
        branch, head = git.branch(), git.head()
        if commit:
            refuse_waiting(git, root, change, head)
        transaction = _write(root, git_dir, change, branch, head)
        try:
            made = _commit(git, git_dir, transaction, change, say) if commit else None
        except NotDone:
            raise
        except BaseException:
            _recover(git_dir, git, say)
            raise
        transaction.end()
        gone = tuple(sorted(path for path, data in change.files.items() if data is None))
        return Written(tuple(sorted(change.files)), made, branch if commit else None, gone)


@contextmanager
def settled(*, root: Path, git_dir: Path, env: Mapping[str, str], say: Callable[[str], None]) -> Iterator[Git]:
    """Hold the store's lock, with what a killed writer left cleared away; yields git, whose children hold it too."""
    with store_lock(git_dir / "svcops", say) as held:
        git = Git(root, env, keep_open=(held,))
        _recover(git_dir, git, say)
        yield git


def recover(*, root: Path, git_dir: Path, env: Mapping[str, str], say: Callable[[str], None]) -> None:
    """Finish or undo what a killed writer left, if there is any such thing and nobody is writing."""
    if not is_unsettled(git_dir):
        return
    try:
        with store_lock(git_dir / "svcops", say, wait=0.0) as held:
            _recover(git_dir, Git(root, env, keep_open=(held,)), say)
    except Locked:
        return
    except (NotDone, OSError) as error:
        say(f"what an interrupted svcops left cannot be cleared away: {error}")


def is_unsettled(git_dir: Path) -> bool:
    """Whether a writer is at work, or left something: a change, or commits brought in halfway."""
    return any(os.path.exists(git_dir / "svcops" / name) for name in ("transaction", "advance"))


def unfinished(git_dir: Path) -> str:
    """What git is in the middle of, as its command is called (merge, rebase, am, ...); empty where it is in none."""
    return next((what for name, what in _UNFINISHED.items() if (git_dir / name).exists()), "")


def refuse_unfinished(git_dir: Path) -> None:
    """NotDone where git is in the middle of a merge, rebase, cherry-pick or revert of somebody's."""
    what = unfinished(git_dir)
    if what:
        raise NotDone(
            f"a {what} is in progress, and a commit now would end it",
            help=f"Finish it or take it back (git {what} --abort), or write without a commit: --no-commit.",
        )


def _compare(root: Path, git_dir: Path, change: Change) -> None:
    _refuse_elsewhere(root, git_dir, change.files)
    for path in change.files:
        try:
            with open(f"{root}/{path}", "rb") as file:
                now = digest_of(file.read())
        except (FileNotFoundError, NotADirectoryError):
            now = None
        except OSError as error:
            raise CannotWrite(root / path, error) from None
        if now != change.before.get(path):
            raise Moved(path)
    for folder, names in change.listings.items():
        if listing_of(root, folder) != names:
            raise Moved(folder)


def _refuse_elsewhere(root: Path, git_dir: Path, paths: Iterable[str]) -> None:
    """Every path must lead straight down from the store: through no link, no other repository, nothing of git's."""
    git_itself = os.stat(git_dir)
    seen: set[str] = set()
    for path in paths:
        parts = path.split("/")
        if "\0" in path or any(part in ("", ".", "..") or part.lower() == ".git" for part in parts):
            raise Elsewhere(path, "it is no plain path below the store")
        for depth in range(1, len(parts) + 1):
            below = "/".join(parts[:depth])
            if below not in seen:
                seen.add(below)
                _refuse_step(f"{root}/{below}", path, below, git_itself)


def _refuse_step(full: str, path: str, below: str, git_itself: os.stat_result) -> None:
    try:
        found = os.lstat(full)
    except (FileNotFoundError, NotADirectoryError):
        return
    except OSError as error:
        raise CannotWrite(Path(full), error) from None
    if stat.S_ISLNK(found.st_mode):
        raise Elsewhere(path, f"{below} is a symbolic link", "Take the link away.")
    if stat.S_ISDIR(found.st_mode) and (os.path.samestat(found, git_itself) or os.path.lexists(f"{full}/.git")):
        raise Elsewhere(path, f"{below} is a git repository of its own")


def _check_git(git: Git, git_dir: Path, change: Change) -> None:
    """Refuse, before anything is written, where a commit of exactly these paths cannot be made."""
    refuse_unfinished(git_dir)
    git.me()
    if not git.is_new(change.files):
        _refuse_uncommitted(git, change.files)
    edited = [path for path in change.before if change.files.get(path) is not None]
    untracked = git.untracked(edited) if edited else []
    if untracked:
        path = _quoted(untracked[0])
        help_ = f"Commit it first: git add --force -- {path} && git commit -- {path}"
        raise NotDone(f"{untracked[0]} was never committed, and all of it would be swept in", help=help_)


def _refuse_uncommitted(git: Git, paths: Iterable[str]) -> None:
    """NotDone where somebody's work in one of the paths is not committed, or nobody can see whether it is."""
    hidden = git.hidden(paths)
    if hidden:
        raise NotDone(
            f"git is told not to look at {hidden[0]}, so nobody can see what a commit of it would sweep in",
            help=f"git update-index --no-skip-worktree --no-assume-unchanged -- {_quoted(hidden[0])}\n"
            "In a sparse checkout: git sparse-checkout add, with its folder.",
        )
    touched = git.uncommitted(paths)
    if touched:
        help_ = f"Commit or stash them first: git commit -- {_quoted(touched[0])}"
        raise NotDone(f"{touched[0]} has changes that are not committed, and they would be swept in", help=help_)


def _write(root: Path, git_dir: Path, change: Change, branch: str | None, head: str | None) -> Transaction:
    files = dict(sorted(change.files.items()))
    transaction: Transaction | None = None
    try:
        transaction = Transaction.begin(root, git_dir / "svcops" / "transaction", files, branch, head)
        _refuse_moved(transaction, change)
        transaction.write(files)
    except BaseException as error:
        if transaction:
            with suppress(OSError):
                transaction.undo()
                transaction.end()
        if isinstance(error, OSError):
            raise CannotWrite(Path(error.filename or root), error) from None
        raise
    return transaction


def _refuse_moved(transaction: Transaction, change: Change) -> None:
    """What the journal copied must be what the change was made from: git was asked in between, which takes time."""
    for step in transaction.steps:
        if step.before != change.before.get(step.path):
            raise Moved(step.path)


def _commit(
    git: Git, git_dir: Path, transaction: Transaction, change: Change, say: Callable[[str], None]
) -> str | None:
    paths = [step.path for step in transaction.steps]
    try:
        transaction.about_to_commit()
        with index_lock(git_dir, transaction.folder, say):
            git.prepare(data for data in change.files.values() if data is not None)
            index = _index_with(git, git_dir, transaction.folder, paths)
            with placed(git_dir, index, transaction.folder):
                made = _commit_plainly(git, git_dir, transaction, paths, change.message, say)
                if made is None:
                    _commit_alone(git, git_dir, transaction, paths, change.message, say)
                    with suppress(GitFailed):
                        _correct(git, git_dir, transaction.folder, paths)
    except (Locked, CannotWrite):
        transaction.undo()
        transaction.end()
        raise
    except (GitFailed, OSError) as error:
        transaction.end()
        raise NotCommitted(paths, str(error)) from None
    return made or git.head()


def _commit_plainly(
    git: Git,
    git_dir: Path,
    transaction: Transaction,
    paths: list[str],
    message: str,
    say: Callable[[str], None],
) -> str | None:
    """Commit the paths without `git commit`, where no hook runs; the commit, or None where that cannot be done."""
    from svcops.store.plain_commit import commit_plainly, is_plain

    try:
        if not transaction.head or not is_plain(git):
            return None
        return commit_plainly(git, message, paths, head=transaction.head)
    except GitFailed as error:
        if isinstance(error, GitKilled):
            _clear_ref_locks(git_dir, transaction, say)
        return git.head() if _is_committed(git, transaction) else None


def _commit_alone(
    git: Git,
    git_dir: Path,
    transaction: Transaction,
    paths: list[str],
    message: str,
    say: Callable[[str], None],
) -> None:
    """Commit HEAD's tree with only these paths changed, through an index of our own; hooks run as for any commit."""
    index = copy_of_index(git_dir, transaction.folder / "index")
    head = git.head()
    if head is None and not git.is_unborn():
        raise GitFailed("git cannot tell which commit HEAD is", help="git fsck; git status")
    prepared = {git_dir / name: (git_dir / name).read_bytes() for name in _PREPARED if (git_dir / name).exists()}
    git.run("read-tree", *(("--reset", head) if head else ("--empty",)), index=index)
    git.stage(paths, index=index)
    try:
        git.commit(message, index=index, said=transaction.folder / "said")
    except GitFailed as error:
        if isinstance(error, GitKilled):
            _clear_ref_locks(git_dir, transaction, say)
        if not _is_committed(git, transaction):
            raise
    with suppress(OSError):
        for place, text in prepared.items():
            place.write_bytes(text)


def _index_with(git: Git, git_dir: Path, scratch: Path, paths: list[str]) -> Path:
    """The index of the work tree with these paths as they stand now, and nothing else changed; not yet in place."""
    index = copy_of_index(git_dir, scratch / "index-to-come")
    git.stage(paths, index=index)
    return index


def _correct(git: Git, git_dir: Path, scratch: Path, paths: list[str]) -> None:
    """Where a hook committed something else than what stood there, let the index have what was committed."""
    other = git.not_as_committed(index=git_dir / "index").intersection(paths)
    if other:
        index = copy_of_index(git_dir, scratch / "index-to-come")
        git.unstage(other, index=index)
        os.replace(index, git_dir / "index")


def _recover(git_dir: Path, git: Git, say: Callable[[str], None]) -> None:
    """Finish or undo what a killed writer left. The store's lock is held, so that writer and its git are dead."""
    transaction = Transaction.left_behind(git_dir / "svcops" / "transaction")
    cleared = clear_index_lock(git_dir)
    if cleared:
        say(cleared)
    if os.path.exists(git_dir / "svcops" / "advance"):
        from svcops.store.advancing import settle

        settle(git_dir, git, say)
    if transaction is None:
        return
    git = Git(transaction.root, git.env, keep_open=git.keep_open)
    if transaction.committing:
        _clear_ref_locks(git_dir, transaction, say)
    paths = [step.path for step in transaction.steps]
    if _is_committed(git, transaction):
        with index_lock(git_dir, transaction.folder, say):
            os.replace(_index_with(git, git_dir, transaction.folder, paths), git_dir / "index")
            _correct(git, git_dir, transaction.folder, paths)
        say(f"finished what an interrupted svcops had committed: {_few(paths)}")
        transaction.end()
        return
    if is_placed(transaction.folder):
        with index_lock(git_dir, transaction.folder, say):
            take_back(git, git_dir, transaction.folder, paths)
    if transaction.committing and (changed := transaction.changed_by_others()):
        say(
            f"an interrupted svcops wrote, and did not commit: {_few(paths)}; left so, as {_few(changed)} changed since"
        )
    else:
        left = transaction.undo()
        kept = f"; left as it is, somebody changed it since: {_few(left)}" if left else ""
        say(f"took back what an interrupted svcops had begun: {_few(paths)}{kept}")
    transaction.end()


def _clear_ref_locks(git_dir: Path, transaction: Transaction, say: Callable[[str], None]) -> None:
    refs = [git_dir / "HEAD.lock", common_dir_of(git_dir) / "reftable" / "tables.list.lock"]
    if transaction.branch:
        refs.append(common_dir_of(git_dir) / f"{transaction.branch}.lock")
    for done in filter(None, [clear_dead_lock(ref, transaction.started_ns) for ref in refs]):
        say(done)


def _is_committed(git: Git, transaction: Transaction) -> bool:
    """Whether HEAD moved on since the journal was begun, and what moved it changed any of the transaction's paths.

    Not whether the files are what was written: a hook may have changed them before they were committed.
    """
    if not git.is_ahead_of(transaction.head):
        return False
    changed = git.changed_since(transaction.head)
    return any(step.path in changed for step in transaction.steps)


def _few(paths: list[str]) -> str:
    more = f" and {len(paths) - 10} more" if len(paths) > 10 else ""
    return ", ".join(paths[:10]) + more


def _quoted(path: str) -> str:
    from shlex import quote

    return quote(path)

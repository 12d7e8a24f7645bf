"""Locks: the store's own, and git's index lock taken in a way that shows whose it is.

The store's lock is `flock` on a file under the git directory. The kernel drops it with the last process that holds it,
and the git commands a writer starts inherit it: whoever gets it knows that the writer before *and its git* are gone.
"""

import errno
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from glob import iglob
from pathlib import Path

from svcops.errors import NotDone

WAIT_SECONDS = 30.0
INDEX_WAIT_SECONDS = 10.0
_SAY_AFTER = 2.0
_MARK = "svcops writer "


class Locked(NotDone):
    """Somebody else holds a lock for longer than is worth waiting."""


class CannotWrite(NotDone):
    """The store or its git directory cannot be written."""

    def __init__(self, path: Path, error: OSError) -> None:
        super().__init__(f"{path} cannot be written: {error.strerror}", help="Check the disk and the folder's owner.")


@contextmanager
def store_lock(
    folder: Path, say: Callable[[str], None], *, wait: float = WAIT_SECONDS, doing: str = "is writing"
) -> Iterator[int]:
    """Hold the lock of a folder; yields the file descriptor that child processes must inherit.

    `doing` is what its holder does, for whoever waits.
    """
    import fcntl

    try:
        folder.mkdir(parents=True, exist_ok=True)
        held = _locked(folder / "lock", say, wait, doing)
    except OSError as error:
        raise CannotWrite(folder, error) from None
    try:
        _sign(held, str(os.getpid()))
        yield held
    finally:
        _sign(held, "")
        fcntl.flock(held, fcntl.LOCK_UN)
        os.close(held)


def _locked(place: Path, say: Callable[[str], None], wait: float, doing: str) -> int:
    """Open and lock the file; anew where it was taken away meanwhile, as a lock that nobody finds keeps nobody out."""
    while True:
        held = os.open(place, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
        try:
            _wait_for(partial(_try_flock, held), f"another svcops{_holder(held)} {doing}", say, wait)
            with suppress(FileNotFoundError):
                if os.path.samestat(os.fstat(held), os.stat(place)):
                    return held
        except BaseException:
            os.close(held)
            raise
        os.close(held)


def _sign(held: int, text: str) -> None:
    """Say in the lock file who holds it; on a full disk it stays unsaid."""
    with suppress(OSError):
        os.ftruncate(held, 0)
        os.pwrite(held, text.encode(), 0)


def _try_flock(held: int) -> bool:
    import fcntl

    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _holder(held: int) -> str:
    pid = os.pread(held, 20, 0).decode("ascii", "replace").strip()
    return f" (process {pid})" if pid else ""


def _wait_for(attempt: Callable[[], bool], what: str, say: Callable[[str], None], wait: float) -> None:
    started = time.monotonic()
    said = False
    pause = 0.005
    while not attempt():
        waited = time.monotonic() - started
        if waited > wait:
            raise Locked(f"{what}, and has been for {waited:.0f} s", help="Try again; nothing was written.")
        if waited > _SAY_AFTER and not said:
            said = True
            say(f"{what}; waiting")
        time.sleep(pause)
        pause = min(pause * 1.5, 0.1)


@contextmanager
def index_lock(git_dir: Path, scratch: Path, say: Callable[[str], None]) -> Iterator[None]:
    """Hold git's own lock on the index, so that no other git command of this work tree comes between.

    The lock file carries our mark, put there in one step by a hard link; one with the mark that is found by whoever
    holds the store's lock was left by a dead svcops. Any other is waited for and never touched.
    """
    lock = git_dir / "index.lock"
    marked = scratch / "index-lock-mark"
    try:
        marked.write_text(f"{_MARK}{os.getpid()}\n", encoding="ascii")
    except OSError as error:
        raise CannotWrite(scratch, error) from None
    try:
        _wait_for(lambda: _take(lock, marked), f"git holds {lock}", say, INDEX_WAIT_SECONDS)
    except Locked as error:
        error.help = f"If no git command is running in this work tree, remove {lock}. Nothing was written."
        raise
    try:
        yield
    finally:
        if _is_ours(lock):
            lock.unlink(missing_ok=True)
        marked.unlink(missing_ok=True)


def _take(lock: Path, marked: Path) -> bool:
    try:
        os.link(marked, lock)
    except FileExistsError:
        return False
    except OSError as error:
        if error.errno not in (errno.EPERM, errno.ENOTSUP, errno.EXDEV, errno.EMLINK):
            raise CannotWrite(lock, error) from None
        return _take_without_links(lock, marked)
    return True


def _take_without_links(lock: Path, marked: Path) -> bool:
    try:
        held = os.open(lock, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666)
    except FileExistsError:
        return False
    with os.fdopen(held, "wb") as file:
        file.write(marked.read_bytes())
    return True


def clear_index_lock(git_dir: Path) -> str | None:
    """Remove an index lock that a dead svcops left; the caller holds the store's lock. Says what it did."""
    lock = git_dir / "index.lock"
    if not _is_ours(lock):
        return None
    lock.unlink(missing_ok=True)
    return f"removed {lock}, left by a svcops that was killed"


def is_stuck(git_dir: Path) -> bool:
    """Whether a git holds the index for longer than is waited for, so that nobody who only reads waits for it."""
    lock = git_dir / "index.lock"
    try:
        return time.time() - lock.stat().st_mtime > INDEX_WAIT_SECONDS and not _is_ours(lock)
    except OSError:
        return False


def _is_ours(lock: Path) -> bool:
    try:
        return lock.read_bytes().startswith(_MARK.encode())
    except OSError:
        return False


def clear_dead_lock(lock: Path, since_ns: int) -> str | None:
    """Remove a ref lock that the git of a killed svcops left; the caller holds the store's lock. Says what it did.

    It is taken for dead only if it came after `since_ns`, does not move for half a second (git holds it for
    milliseconds), and no process has it open where that can be seen.
    """
    try:
        first = lock.stat()
    except OSError:
        return None
    if first.st_mtime_ns < since_ns:
        return None
    time.sleep(0.5)
    try:
        second = lock.stat()
    except OSError:
        return None
    if (first.st_ino, first.st_mtime_ns, first.st_size) != (second.st_ino, second.st_mtime_ns, second.st_size):
        return None
    if _is_open_somewhere(lock):
        return None
    lock.unlink(missing_ok=True)
    return f"removed {lock}, left by the git of a svcops that was killed"


def _is_open_somewhere(path: Path) -> bool:
    wanted = os.path.realpath(path)
    for entry in iglob("/proc/[0-9]*/fd/*"):
        with suppress(OSError):
            if os.readlink(entry) == wanted:
                return True
    return False

"""Moving the branch, the index and the work tree on to a commit that holds what HEAD holds: all of it or nothing.

git writes the work tree file by file, and a git that is killed leaves it between two commits. So a journal says from
where to where; whoever holds the store's lock and finds one takes back what was written, or, where the branch has moved
already, brings the index after it. Work that is not committed is never touched: not by the move, nor by taking it back.
"""

import json
import os
import shutil
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from shlex import quote

from svcops.errors import NotDone
from svcops.store.frozen import frozen
from svcops.store.git import Git, GitFailed, Held
from svcops.store.git_index import copy_of_index, entries, is_placed, move_entries, placed, take_back
from svcops.store.git_places import common_dir_of
from svcops.store.lock import CannotWrite, clear_dead_lock, index_lock

_MANY = 50
"""Files from which on everything is flushed at once."""
_GITLINK = "160000"
_NONE = "000000"


class InTheWay(NotDone):
    """What comes in would overwrite work that is not committed. Nothing was changed."""

    def __init__(self, paths: Sequence[str]) -> None:
        more = f" and {len(paths) - 5} more" if len(paths) > 5 else ""
        shown = " ".join(quote(path) for path in paths[:5])
        super().__init__(
            f"not committed here, and changed by others too: {', '.join(paths[:5])}{more}",
            help=f"Nothing was changed. Commit them, git commit -- {shown}\n"
            f"or put them aside, git stash push --include-untracked -- {shown}",
        )


class BranchMoved(NotDone):
    """Somebody committed, or went to another branch, meanwhile."""

    def __init__(self) -> None:
        super().__init__("the branch moved on meanwhile", help="Nothing was changed; run the command again.")


Difference = Mapping[str, tuple[Held | None, Held | None]]
"""By path below the top of the work tree: what one commit holds there, and what another does."""


@frozen
class Move:
    """A move of `branch`, by its full name, from the commit `head` to the commit `to`; `why` is for the reflog."""

    branch: str
    head: str
    to: str
    why: str


def difference(git: Git, old: str, new: str) -> Difference:
    """What differs between two commits."""
    raw = git.run("diff-tree", "-r", "-z", "--no-renames", "--raw", old, new).stdout.decode("utf-8", "surrogateescape")
    words = raw.split("\0")[:-1]
    found = {}
    for about, path in zip(words[::2], words[1::2], strict=True):
        old_mode, new_mode, old_blob, new_blob, _ = about.removeprefix(":").split()
        found[path] = (_held(old_mode, old_blob), _held(new_mode, new_blob))
    return found


def _held(mode: str, blob: str) -> Held | None:
    return None if mode == _NONE else Held(mode, blob)


def in_the_way(git: Git, changes: Difference) -> list[str]:
    """The paths of a difference where something stands that is not committed; `git` is at the top."""
    mine = set(git.uncommitted(changes)) | {path for path in git.hidden(changes) if os.path.lexists(git.root / path)}
    tracked = entries(git, changes)
    for path, (was, _) in changes.items():
        full = git.root / path
        if was is None and path not in tracked and os.path.lexists(full) and not _is_folder(full):
            mine.add(path)
    for folder in {above for path, (was, _) in changes.items() if was is None for above in _above(path)}:
        if os.path.lexists(git.root / folder) and not _is_folder(git.root / folder) and folder not in changes:
            mine.add(folder)
    return sorted(mine)


def _above(path: str) -> list[str]:
    parts = path.split("/")[:-1]
    return ["/".join(parts[: depth + 1]) for depth in range(len(parts))]


def _is_folder(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink()


def advance(git: Git, git_dir: Path, move: Move, say: Callable[[str], None]) -> None:
    """Make the move. The caller holds the store's lock; `git` is at the top, and its children hold the lock too.

    Raises InTheWay, BranchMoved, Locked or GitFailed, with everything as it was.
    """
    folder = git_dir / "svcops" / "advance"
    try:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        with index_lock(git_dir, folder, say):
            _refuse_moved(git, move)
            changes = difference(git, move.head, move.to)
            index = _prepared(git, git_dir, folder, move, changes)
            _note(folder, move)
            git.run("read-tree", "-m", "-u", move.head, move.to, index=index)
            _flush([git.root / path for path, (_, new) in changes.items() if new])
            with placed(git_dir, index, folder):
                git.run("update-ref", "-m", move.why, "HEAD", move.to, move.head)
    except BaseException as error:
        settle(git_dir, git, _nobody)
        if isinstance(error, OSError):
            raise CannotWrite(Path(error.filename or folder), error) from None
        raise
    shutil.rmtree(folder, ignore_errors=True)


def _refuse_moved(git: Git, move: Move) -> None:
    if git.branch() != move.branch or git.head() != move.head:
        raise BranchMoved


def _nobody(_: str) -> None:
    """Says nothing: the error that is on its way says what there is to say."""


def _prepared(git: Git, git_dir: Path, folder: Path, move: Move, changes: Difference) -> Path:
    """A copy of the index, in which git found that the move can be made."""
    index = copy_of_index(git_dir, folder / "index")
    git.run("update-index", "-q", "--refresh", index=index, accept=(0, 1))
    mine = in_the_way(git, changes)
    if mine:
        raise InTheWay(git.as_seen(mine))
    git.run("read-tree", "-n", "-m", "-u", move.head, move.to, index=index)
    return index


def _note(folder: Path, move: Move) -> None:
    """From here on the work tree may stand between the two commits."""
    held = {
        "branch": move.branch,
        "head": move.head,
        "to": move.to,
        "started_ns": time.time_ns() - 2_000_000_000,
    }
    coming = folder / "journal.json.new"
    coming.write_text(json.dumps(held), encoding="utf-8")
    _flush([coming])
    os.replace(coming, folder / "journal.json")
    _flush([folder])


def settle(git_dir: Path, git: Git, say: Callable[[str], None]) -> None:
    """Finish or take back a move that was interrupted. The store's lock is held, so whoever made it is dead."""
    folder = git_dir / "svcops" / "advance"
    try:
        held = json.loads((folder / "journal.json").read_bytes())
        move, since = Move(held["branch"], held["head"], held["to"], ""), int(held["started_ns"])
    except FileNotFoundError:
        shutil.rmtree(folder, ignore_errors=True)
        return
    except (ValueError, TypeError, KeyError):
        _put_aside(folder, say)
        return
    git = git.at_top()
    for ref in (git_dir / "HEAD.lock", common_dir_of(git_dir) / f"{move.branch}.lock"):
        cleared = clear_dead_lock(ref, since)
        if cleared:
            say(cleared)
    try:
        changes = difference(git, move.head, move.to)
        is_done = git.head() == move.to or git.is_ahead_of(move.to)
    except GitFailed:  # the commits are gone: nobody needs the journal any more
        _put_aside(folder, say)
        return
    if is_done:
        with index_lock(git_dir, folder, say):
            _bring_index_after(git, git_dir, folder, changes)
        say(f"finished bringing in what an interrupted svcops sync had merged: {len(changes)} files")
    else:
        if is_placed(folder):
            with index_lock(git_dir, folder, say):
                take_back(git, git_dir, folder, changes)
        left = _take_back(git, changes)
        kept = f"; left as they are, somebody changed them since: {', '.join(left[:5])}" if left else ""
        say(f"took back what an interrupted svcops sync had begun to bring in: {len(changes)} files{kept}")
    shutil.rmtree(folder, ignore_errors=True)


def _put_aside(folder: Path, say: Callable[[str], None]) -> None:
    aside = folder.with_name(f"{folder.name}.damaged-{time.time_ns()}")
    os.replace(folder, aside)
    say(f"what an interrupted svcops sync left cannot be read, and is put aside: {aside}; see git status")


def _bring_index_after(git: Git, git_dir: Path, folder: Path, changes: Difference) -> None:
    """Let the index have what the branch has, at the paths where nobody staged anything else."""
    index = copy_of_index(git_dir, folder / "index-to-come")
    move_entries(git, changes, index=index)
    git.run("update-index", "-q", "--refresh", index=index, accept=(0, 1))
    os.replace(index, git_dir / "index")


def _take_back(git: Git, changes: Difference) -> list[str]:
    """Put back what stood before, where it is gone or is what git was writing; the paths that are neither."""
    now = entries(git, changes)
    standing = _standing(git, [path for path, entries in changes.items() if _GITLINK not in map(_mode, entries)])
    back, left = [], []
    for path, stands in standing.items():
        was, new = changes[path]
        if now.get(path) != was or (stands and stands == was):
            continue
        if stands is None or stands == new or _is_beginning(git, path, new):
            back.append(path)
        else:
            left.append(path)
    for path in back:
        if changes[path][0] is None:
            _remove(git.root, path)
    wanted = [path for path in back if changes[path][0]]
    taken = {path for path in wanted if _is_taken(git.root, path)}
    listed = "".join(f"{path}\0" for path in wanted if path not in taken)
    git.run("checkout-index", "--force", "-z", "--stdin", stdin=os.fsencode(listed))
    return [*left, *sorted(taken)]


def _is_taken(root: Path, path: str) -> bool:
    """Whether somebody's work would go for a file to come back: a folder at its path, or no folder above it.

    Empty folders, as a killed git leaves them, are removed.
    """
    for folder, _, _ in os.walk(root / path, topdown=False):
        with suppress(OSError):
            os.rmdir(folder)
    above = [root / one for one in _above(path)]
    return _is_folder(root / path) or any(os.path.lexists(one) and not _is_folder(one) for one in above)


def _mode(held: Held | None) -> str:
    return held.mode if held else _NONE


def _remove(root: Path, path: str) -> None:
    """Remove a file that git wrote, and the folders that it made for it, maybe before it came to the file."""
    with suppress(OSError):
        (root / path).unlink(missing_ok=True)
        for folder in reversed(_above(path)):
            with suppress(FileNotFoundError):
                (root / folder).rmdir()


def _is_beginning(git: Git, path: str, new: Held | None) -> bool:
    """Whether a file holds the beginning of what was coming: git was killed while it wrote."""
    if new is None or (git.root / path).is_symlink():
        return False
    whole = git.run("cat-file", "--filters", f"--path={path}", new.blob).stdout
    return whole.startswith((git.root / path).read_bytes())


def _standing(git: Git, paths: Iterable[str]) -> dict[str, Held | None]:
    """What stands in the work tree, as git would commit it; None where there is no file."""
    has_modes = git.run("config", "--type=bool", "core.fileMode", accept=(0, 1)).stdout.strip() != b"false"
    found: dict[str, Held | None] = {}
    plain = []
    for path in paths:
        full = git.root / path
        found[path] = None
        if full.is_symlink():
            link = os.fsencode(os.readlink(full))
            found[path] = Held("120000", git.run("hash-object", "--stdin", stdin=link).stdout.decode().strip())
        elif full.is_file():
            plain.append(path)
    now = entries(git, plain) if not has_modes else {}
    for path, blob in zip(plain, git.blobs(plain), strict=True):
        mode = "100755" if os.access(git.root / path, os.X_OK) else "100644"
        found[path] = Held(now[path].mode if path in now else mode, blob)
    return found


def _flush(places: Sequence[Path]) -> None:
    """Let files reach the disk; where they are many, everything at once is far faster."""
    if len(places) > _MANY:
        os.sync()
        return
    for place in places:
        with suppress(OSError):  # a link, or outside of a sparse checkout
            held = os.open(place, os.O_RDONLY | os.O_NOFOLLOW)
            try:
                os.fsync(held)
            finally:
                os.close(held)

"""History as an input: what stood at a path when something was recorded, and what differs between two contents.

What needs history in a shallow clone says so. Who changed a file, and when, `svcops.store.file_history` tells.
"""

from typing import TYPE_CHECKING

from svcops.errors import NotEnoughData

if TYPE_CHECKING:
    from svcops.store.opening import Store


class ShallowHistory(NotEnoughData):
    """The clone is shallow: what came before its first commit cannot be known."""

    def __init__(self, what: str) -> None:
        super().__init__(f"this is a shallow clone: {what} cannot be known", help="git fetch --unshallow")


def blob_before(store: "Store", marker: str, path: str) -> str | None:
    """What stood at `path` when the file `marker` was first committed: a git object id, or None for nothing.

    Raises ShallowHistory, or NotEnoughData where `marker` was never committed.
    """
    _refuse_shallow(store, f"what {path} was before")
    added = store.git.text("log", "--diff-filter=A", "--format=%H", "HEAD", "--", marker).split()
    if not added:
        raise NotEnoughData(f"{marker} was never committed, so nothing is before it", help="Commit it first.")
    parents = store.git.text("rev-list", "--parents", "--max-count=1", added[-1]).split()[1:]
    return store.git.blob_at(parents[0], path) if parents else None


def difference(store: "Store", before: str | None, after: str) -> list[str] | None:
    """What differs between two git objects: the lines of a diff that begin with - or +, none for what is no text.

    None where one of them is not here. Reaches no host and starts no program of the user's: what a partial clone left
    out is not fetched.
    """
    from svcops.store.git import Git

    if store.git_dir is None:
        return None
    git = Git(store.root, store.env, more={"GIT_NO_LAZY_FETCH": "1", "GIT_ALLOW_PROTOCOL": "none"})
    wanted = [after] if before is None else [before, after]
    asked = "".join(f"{one}\n" for one in wanted).encode()
    listed = git.run("cat-file", "--batch-check", stdin=asked, accept=(0, 128)).stdout.splitlines()
    if [line.split()[1:2] for line in listed] != [[b"blob"]] * len(wanted):
        return None
    if before is None:
        data = git.run("cat-file", "blob", after).stdout
        return [f"+{line}" for line in data.decode("utf-8", "replace").splitlines()] if b"\0" not in data else []
    plain = ("--no-color", "--no-ext-diff", "--no-textconv", "--unified=0")
    text = git.run("diff", *plain, before, after).stdout.decode("utf-8", "replace")
    _, _, hunks = text.partition("\n@@")
    return [line for line in hunks.splitlines() if line.startswith(("-", "+"))]


def _refuse_shallow(store: "Store", what: str) -> None:
    from svcops.store.git_places import common_dir_of

    if store.git_dir and (common_dir_of(store.git_dir) / "shallow").exists():
        raise ShallowHistory(what)

"""History as an input: who changed a file, and what stood there when something was recorded.

Reading commits is GitPython's part: it knows authors and co-authors. What needs history in a shallow clone says so.
"""

from typing import TYPE_CHECKING

from svcops.errors import NotEnoughData

if TYPE_CHECKING:
    from svcops.store.opening import Store


class ShallowHistory(NotEnoughData):
    """The clone is shallow: what came before its first commit cannot be known."""

    def __init__(self, what: str) -> None:
        super().__init__(f"this is a shallow clone: {what} cannot be known", help="git fetch --unshallow")


def authors_of(store: "Store", path: str) -> set[str]:
    """Everybody who changed a file, authors and co-authors, as persons of the catalogue or mail addresses.

    Raises ShallowHistory. Costs the import of GitPython, about 100 ms.
    """
    from git import Repo

    _refuse_shallow(store, f"who wrote {path}")
    if store.git.head() is None:
        return set()
    with Repo(store.root, search_parent_directories=True) as repository:
        top = repository.working_tree_dir or store.root
        inside = (store.root.resolve() / path).relative_to(_resolved(str(top)))
        commits = repository.iter_commits("HEAD", paths=str(inside))
        actors = [actor for commit in commits for actor in (commit.author, *commit.co_authors)]
    return {store.person_of(actor.email or actor.name or "") for actor in actors}


def _resolved(path: str) -> str:
    from os.path import realpath

    return realpath(path)


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


def _refuse_shallow(store: "Store", what: str) -> None:
    from svcops.store.git import common_dir_of

    if store.git_dir and (common_dir_of(store.git_dir) / "shallow").exists():
        raise ShallowHistory(what)

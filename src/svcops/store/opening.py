"""Opening a store: where it is, who is typing, its graph, and the door through which changes go."""

import os
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from svcops.errors import BadInput, NotDone
from svcops.store.graph import Graph
from svcops.store.layout import SETTINGS

if TYPE_CHECKING:
    from svcops.store.change import Change
    from svcops.store.file_history import FileHistory
    from svcops.store.git import Git
    from svcops.store.writing import Written


class NoStore(BadInput):
    """There is no store here or above."""

    def __init__(self, start: Path) -> None:
        super().__init__(
            f"no {SETTINGS} in {start} or any folder above it",
            help="svcops init makes a store here; --store DIR names another.",
        )


class NoFolder(BadInput):
    """What is to be opened as a store is no folder: whatever lies above it was not meant."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"{path} is {'no folder' if path.exists() else 'not there'}",
            help="--store DIR names the folder of a store, or one in it.",
        )


def find_root(start: Path) -> Path:
    """The nearest folder at or above `start` that is a store; NoFolder, or NoStore where there is none."""
    if not start.is_dir():
        raise NoFolder(start)
    for folder in (start, *start.parents):
        if (folder / SETTINGS).is_file():
            return folder
    raise NoStore(start)


class Store:
    """A store on disk: `graph` reads it, `apply` changes it. `say` gets what a person should know meanwhile."""

    def __init__(self, root: Path, env: Mapping[str, str], say: Callable[[str], None]) -> None:
        self.root = root
        self.env = env
        self.say = say

    @cached_property
    def git_dir(self) -> Path | None:
        """The git directory of the work tree that the store lies in, or None."""
        from svcops.store.git_places import git_dir_of

        return git_dir_of(self.root)

    @cached_property
    def git(self) -> "Git":
        """Git, run in the store; NotARepository where there is none."""
        from svcops.store.git import Git, NotARepository

        if self.git_dir is None:
            raise NotARepository(self.root)
        return Git(self.root, self.env)

    @cached_property
    def graph(self) -> Graph:
        """The records as they are when first asked for."""
        return self._read()

    @cached_property
    def history(self) -> "FileHistory":
        """What git says of files of the store, up to HEAD; read when something is asked."""
        return self.history_of(("HEAD",))

    def history_of(self, tips: Sequence[str], git: "Git | None" = None, *, by_messages: bool = True) -> "FileHistory":
        """The same up to some commits, which `git` finds; the line of history as `Mainline.read` tells it."""
        from svcops.store.cache import Cache
        from svcops.store.file_history import FileHistory
        from svcops.store.git import AS_IT_HAPPENED, Git

        if git is None and self.git_dir:
            git = Git(self.root, self.env, more=AS_IT_HAPPENED)
        keep = tips == ("HEAD",) or not by_messages  # of other revisions, a row of the cache is HEAD's alone
        return FileHistory(git, Cache(self.cache_folder), tips, keep=keep, by_messages=by_messages)

    def forget(self) -> None:
        """What was read is forgotten: the next look at the graph reads anew."""
        self.__dict__.pop("graph", None)
        self.__dict__.pop("history", None)

    def _read(self) -> Graph:
        return Graph(self.root, self.cache_folder, history=lambda: self.history)

    @property
    def cache_folder(self) -> Path | None:
        """Where what was read may be kept, or None."""
        return self.git_dir / "svcops" / "cache" if self.git_dir else None

    def recover(self) -> None:
        """Finish or undo what a killed svcops left; costs one look where nothing was left."""
        begun = ("transaction", "advance")
        if self.git_dir and any(os.path.exists(self.git_dir / "svcops" / name) for name in begun):
            from svcops.store.writing import recover

            recover(root=self.root, git_dir=self.git_dir, env=self.env, say=self.say)

    def me(self) -> str:
        """Who is typing, for an event's `by`: the person of the catalogue with git's mail address, else the address."""
        return self.person_of(self.git.me().mail)

    def person_of(self, mail: str) -> str:
        """The person of the catalogue who has that mail address, or the address itself."""
        from svcops.store.people import person_with

        return person_with(self.graph, mail)

    def apply(self, change: "Change", *, commit: bool) -> "Written":
        """Write a change and commit it (`svcops.store.writing.apply`); the graph is read anew afterwards."""
        from svcops.store.git import NotARepository
        from svcops.store.writing import apply

        if self.git_dir is None:
            raise NotARepository(self.root)
        try:
            return apply(change, root=self.root, git_dir=self.git_dir, env=self.env, commit=commit, say=self.say)
        finally:
            self.forget()

    def blob(self, path: str) -> bytes:
        """The bytes of a file of the store; NotDone where it cannot be read."""
        try:
            return (self.root / path).read_bytes()
        except OSError as error:
            raise NotDone(f"{path} cannot be read: {error.strerror}") from None

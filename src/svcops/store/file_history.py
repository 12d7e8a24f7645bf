"""What git's history says of files: every content each had, and who brought it.

An input of the check, like the graph and the clock. A store has a commit for nearly every event, so what was read is
held in the cache with the commit it was read from, and only what came since is read. It is read by one `git log` for
many files, which starts nothing of the user's and reaches no host.
"""

import json
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from svcops.store.cache import Cache, row
from svcops.store.mainline import Mainline

if TYPE_CHECKING:
    from svcops.store.git import Git

_KIND = "history"
"""The name under which the cache holds it; a row for each first folder of a store that was asked about.

By folder: git compares what each commit changed with each path that it is asked about, and 600 paths take minutes."""
_CO_AUTHOR = re.compile(r"^Co-authored-by:[^<\n]*<([^>\n]+)>", re.MULTILINE | re.IGNORECASE)
_SHAPE = (
    *("--format=%H %at %ct%n%ae%n%B", "-c", "--raw", "--no-abbrev", "-z"),
    *("--no-renames", "--full-history", "--relative"),
)
"""`-c`: of a merge, the files that are like neither side, which is what somebody wrote there."""
_ONE_COMMIT = 1
"""Seconds between the two times of a commit that nobody made anew: git takes them one after the other."""


class Touch(NamedTuple):
    """One change of a file."""

    commit: str
    at: int
    """When it was made first, in seconds since 1970: neither a rebase nor a merge changes that."""
    after: str
    """The object id of the file since then; empty where it was removed."""
    people: list[str]
    """Mail addresses of the author and the co-authors."""
    is_remade: bool
    """Whether its commit was made anew since, as a rebase does: a content that it knew may be lost."""
    since: int
    """When it came into force, in seconds since 1970: when it came to the line of history that people have."""
    merge: str = ""
    """The commit that brought it there; empty where that is its own."""

    @property
    def arrival(self) -> str:
        """The commit of the line that brought it there."""
        return self.merge or self.commit

    @property
    def may_be_older(self) -> bool:
        """Whether it may have been in force before `since`: a rebase tells no more when its commit came first."""
        return self.is_remade and not self.merge

    @property
    def earliest(self) -> int:
        """From when it can have been in force."""
        return self.at if self.may_be_older else self.since


Touches = dict[str, list[Touch]]
"""By path, the newest first."""
_WORDS = "words"
"""The row of the cache that holds `words_of` contents that were asked for, by object id."""


def words_of(data: bytes) -> str:
    """What is the same for two contents that differ in white space alone; empty where there is nothing else."""
    from hashlib import sha256  # here, as the library that it brings takes 3 ms

    words = data.decode("utf-8", "surrogateescape").removeprefix("\ufeff").split()
    return sha256("\n".join(words).encode("utf-8", "surrogateescape")).hexdigest()[:32] if words else ""


class FileHistory:
    """The history of files up to some commits. Where it is not there, `unknown` says why, and nothing is known."""

    def __init__(
        self,
        git: "Git | None",
        cache: Cache,
        tips: Sequence[str] = ("HEAD",),
        *,
        keep: bool = True,
        by_messages: bool = True,
    ) -> None:
        self._git = git
        self._cache = cache
        self._asked = tips
        self._keep = keep
        self._by_messages = by_messages
        """How the line of history is told, see `Mainline.read`."""
        self._known: dict[str, Touches] = {}
        self._lines: dict[str, Mainline] = {}
        """Of commits from which the cache has something: what came since. Of the empty one, all there is."""
        self._lost: set[str] = set()
        """Contents that git does not have here."""
        self._contents: dict[tuple[str, ...], frozenset[str]] = {}

    @cached_property
    def unknown(self) -> str:
        """Why nothing is known of any file; empty where history is there."""
        from svcops.store.git import GitFailed
        from svcops.store.git_places import common_dir_of, git_dir_of

        git_dir = git_dir_of(self._git.root) if self._git else None
        if git_dir is None:
            return "this is no git repository"
        if (common_dir_of(git_dir) / "shallow").exists():
            return "this is a shallow clone, which git fetch --unshallow completes"
        try:
            return "" if self._tips else "there is no commit yet"
        except GitFailed as error:
            return error.message

    def authors(self, path: str, without: Collection[str] = ()) -> set[str]:
        """The mail addresses of all who changed a file, and of their co-authors; none where nothing is known.

        `without` are commits that are left out.
        """
        return {mail for touch in self.of(path) if touch.commit not in without for mail in touch.people}

    def of(self, path: str) -> list[Touch]:
        """Every change of a file, the newest first; none where nothing is known."""
        return self._below(path.partition("/")[0]).get(path, [])

    def last_on_line(self, path: str) -> str:
        """The object id of what a file last was on the line of history: not on a branch that others did not take so.

        Empty where it never was there, or nothing is known.
        """
        arrivals = dict.fromkeys(one.arrival for one in self.of(path))
        found = (_at(self._git, one, path) for one in arrivals) if self._git else ()
        return next(filter(None, found), "")

    def first(self, content: str) -> int | None:
        """When a content first came to the line of history, wherever in the repository; None where that is not known.

        In seconds since 1970. To find it git looks at every commit.
        """
        if self._git is None or self.unknown:
            return None
        found = self._git.text("log", "--format=%H", f"--find-object={content}", *self._tips).split()
        return min((self._line(self._git, "").arrival(one).at for one in found), default=None)

    def below(self, folders: Iterable[str]) -> Iterator[tuple[str, Touch]]:
        """Every content that any path below some first folders ever had, with the path and what brought it."""
        self.expect(folders)
        for folder in folders:
            for path, touches in self._below(folder).items():
                yield from ((path, one) for one in touches if one.after)

    def contents(self, folders: tuple[str, ...]) -> frozenset[str]:
        """Every content that any path below some first folders ever had; put together once."""
        if folders not in self._contents:
            self._contents[folders] = frozenset(touch.after for _, touch in self.below(folders))
        return self._contents[folders]

    def words(self, contents: Iterable[str]) -> dict[str, str]:
        """`words_of` some contents, by object id; without those that git does not have here.

        Held, as they never change; what is not held is read by one call of git.
        """
        wanted = set(contents)
        new = sorted(wanted - self._words.keys() - self._lost)
        if new and self._git:
            found = {one: words_of(data) for one, data in self.read(new).items()}
            self._words.update(found)
            self._lost.update(one for one in new if one not in found)
            if found and self._keep:
                self._cache.write([row(_KIND, _WORDS, [_WORDS], json.dumps(self._words).encode())])
        return {one: self._words[one] for one in wanted if one in self._words}

    def read(self, contents: Iterable[str]) -> dict[str, bytes]:
        """The bytes of contents by object id, read by one call of git; without those that it does not have here."""
        asked = "".join(f"{one}\n" for one in contents).encode()
        if self._git is None or not asked:
            return {}
        return dict(_contents(self._git.run("cat-file", "--batch", stdin=asked, accept=(0, 128)).stdout))

    @cached_property
    def _words(self) -> dict[str, str]:
        _, text = self._cache.plain_rows(_KIND, [_WORDS]).get(_WORDS, (b"", b"{}"))
        known: dict[str, str] = json.loads(text)
        return known

    def stood(self, marker: str, path: str) -> str | None:
        """The object id of what stood at a path right before the file `marker` was first committed.

        Empty where there was no such file, None where nothing is known. It never changes, and is held; to find it git
        looks at every commit, and takes seconds where there are many.
        """
        if self._git is None or self.unknown:
            return None
        name = f"{self._place}{marker} {path}"
        held = self._cache.plain_rows(_KIND, [name]).get(name)
        if held:
            return held[1].decode()
        added = self._git.text("log", "--diff-filter=A", "--format=%H", *self._tips, "--", marker).split()
        if not added:
            return None
        found = _at(self._git, f"{added[-1]}^", path)
        if self._keep:
            self._cache.write([row(_KIND, name, added[-1:], found.encode())])
        return found

    def expect(self, folders: Iterable[str]) -> None:
        """Read the history of what is in these first folders at once; for who will ask about several."""
        new = [one for one in dict.fromkeys(folders) if one not in self._known]
        self._known.update((one, {}) for one in new)
        if self._git is None or self.unknown:
            return
        by_tip: dict[str, list[str]] = {}
        for one in new:
            by_tip.setdefault(self._held(self._git, one), []).append(one)
        for tip, ones in by_tip.items():
            if (tip,) != self._tips:
                self._read(self._git, ones, tip)

    def _below(self, folder: str) -> Touches:
        self.expect([folder])
        return self._known[folder]

    @cached_property
    def _place(self) -> str:
        """The store's folder: files are named from there, and the cache is that of the repository and of both lines."""
        from svcops.store.git_places import folder_of

        line = "" if self._by_messages else "first parents: "
        return f"{line}{folder_of(self._git.root)}" if self._git else ""

    @cached_property
    def _tips(self) -> tuple[str, ...]:
        """The commits; none where there is none yet."""
        assert self._git
        asked = ("rev-parse", "--verify", "--quiet", "--end-of-options")
        found = [self._git.run(*asked, f"{one}^{{commit}}", accept=(0, 1)).stdout.decode() for one in self._asked]
        return tuple(dict.fromkeys(one.strip() for one in found if one.strip()))

    def _held(self, git: "Git", asked: str) -> str:
        """Take what the cache has of a folder; the commit it was read from, empty where there is nothing."""
        name = f"{self._place}{asked}"
        tip, text = self._cache.plain_rows(_KIND, [name]).get(name, (b"", b""))
        since = tip.decode("ascii", "replace")
        if not since or ((since,) != self._tips and not self._line(git, since).follows(since)):
            return ""
        self._known[asked] = {path: [Touch(*one) for one in ones] for path, ones in json.loads(text).items()}
        return since

    def _line(self, git: "Git", since: str) -> Mainline:
        """The line of history, as far as it came after a commit that the cache has something from, or all of it."""
        if since not in self._lines:
            self._lines[since] = Mainline.read(git, self._tips, since, by_messages=self._by_messages)
        return self._lines[since]

    def _read(self, git: "Git", asked: Sequence[str], since: str) -> None:
        """Add what came after a commit, or all, and hold it."""
        from svcops.store.git import GitFailed

        without = [f"^{since}"] if since else []
        try:
            text = git.text("log", *_SHAPE, *self._tips, *without, "--", *asked)
            line = self._line(git, since)
            if not line.is_continued(since):
                line = self._line(git, "")
                self._known.update((one, _all_arrived(line, self._known[one])) for one in asked)
        except GitFailed as error:
            self.__dict__["unknown"] = error.message
            self._known.update((one, {}) for one in asked)
            return
        fresh: dict[str, Touches] = {one: {} for one in asked}
        for path, touch in _touches(text):
            fresh[path.partition("/")[0]].setdefault(path, []).append(_arrived(line, touch))
        for one, touches in fresh.items():
            known = self._known[one]
            known.update((path, [*newer, *known.get(path, ())]) for path, newer in touches.items())
        if self._keep and len(self._tips) == 1:
            held = ((f"{self._place}{one}", json.dumps(self._known[one]).encode()) for one in asked)
            self._cache.write(row(_KIND, name, self._tips, text) for name, text in held)


def _arrived(line: Mainline, touch: Touch) -> Touch:
    """A change with when it came to the line, and by which commit."""
    arrival = line.arrival(touch.commit)
    return touch._replace(since=arrival.at, merge="" if arrival.commit == touch.commit else arrival.commit)


def _all_arrived(line: Mainline, touches: Touches) -> Touches:
    """What is held of a folder, where it was read from a commit that is not on the line: on a branch merged since."""
    return {path: [_arrived(line, one) for one in ones] for path, ones in touches.items()}


def _touches(text: str) -> Iterator[tuple[str, Touch]]:
    """What `git log` lists, each path with what one commit made of it.

    A commit is its head, and then by turns what was changed and the path; with a zero byte after each, which no part
    can hold (https://git-scm.com/docs/git-log, https://git-scm.com/docs/git-diff#_raw_output_format). When each came to
    the line is not in it.
    """
    parts, commit, at, people, is_remade = iter(text.split("\0")), "", "0", list[str](), False
    for part in parts:
        about = part.lstrip("\n")
        if about.startswith(":"):
            _, *objects, _ = about.lstrip(":").split()
            after = objects[-1]
            yield next(parts), Touch(commit, int(at), after if after.strip("0") else "", people, is_remade, 0)
        elif about:
            head, mail, message = about.split("\n", 2)
            commit, at, made = head.split()
            is_remade = abs(int(made) - int(at)) > _ONE_COMMIT
            named = (mail, *_CO_AUTHOR.findall(message))
            people = list(dict.fromkeys(one.strip().lower() for one in named if one.strip()))


def _contents(given: bytes) -> Iterator[tuple[str, bytes]]:
    """What `git cat-file --batch` gives: a line with id, type and size, and the bytes, for each."""
    at = 0
    while (end := given.find(b"\n", at)) >= 0:
        head, at = given[at:end].split(), end + 1
        if len(head) == 3:
            size = int(head[2])
            yield head[0].decode(), given[at : at + size]
            at += size + 1


def _at(git: "Git", commit: str, path: str) -> str:
    """The object id of a file of a commit; empty where it has none, or there is no such commit."""
    found = git.run("rev-parse", "--verify", "--quiet", f"{commit}:./{path}", accept=(0, 1, 128)).stdout
    return found.decode().strip()

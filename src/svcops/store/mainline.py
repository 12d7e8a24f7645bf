"""The line of history that people have, and when each commit came to it.

What is on a branch is in force for nobody else until it is merged. The line goes from the newest commit to the parent
that was the line before: the first, which is where a merge was made, or what `svcops sync` merged into. A merge by
which `git pull` brings a branch up to date is made on the branch, and there it goes to the other one. Git has no other
record of which of the two that is than the message, which says what was merged into what
(https://git-scm.com/docs/git-fmt-merge-msg). Whoever made the branch may have chosen its name: what must not rest on
that asks the line of first parents, too.
"""

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from svcops.store.git import Git

_TRUNKS = ("main", "master", "trunk")
"""What people call the branch that all share; where git's message names another one, both its names tell."""
_MERGE = re.compile(
    r"Merge (?P<tracking>remote-tracking )?branch '(?P<from>[^']+)'(?P<pulled> of \S+)?(?: into '?(?P<into>[^' ]+)'?)?"
)


class Arrival(NamedTuple):
    """How something came to the line."""

    commit: str
    """The commit of the line that brought it: its own, or a merge."""
    at: int
    """When that was made, in seconds since 1970; a rebase or a squash makes it then."""


class _Commit(NamedTuple):
    at: int
    parents: tuple[str, ...]
    subject: str


class Mainline:
    """The line up to the first of some commits, and then what is on the lines to the others alone."""

    def __init__(self, commits: Mapping[str, _Commit], tips: Sequence[str], *, by_messages: bool = True) -> None:
        self._commits = commits
        self._by_messages = by_messages
        self._arrivals: dict[str, Arrival] = {}
        ends = [self._arrive(tip) for tip in tips]
        self._end = ends[0] if ends else ""

    @classmethod
    def read(cls, git: "Git", tips: Sequence[str], since: str = "", *, by_messages: bool = True) -> "Mainline":
        """What git has of it, without what is before the commit `since`; nothing where that is not here any more.

        Without `by_messages` it is the line of first parents.
        """
        asked = ("log", "--format=%H %ct %P%x09%s", *tips, *([f"^{since}"] if since else []), "--")
        done = git.run(*asked, accept=(0, 128) if since else (0,))
        if done.returncode:
            return cls({}, ())
        commits = {}
        for line in done.stdout.decode("utf-8", "replace").split("\n")[:-1]:
            head, _, subject = line.partition("\t")
            name, at, *parents = head.split()
            commits[name] = _Commit(int(at), tuple(parents), subject)
        return cls(commits, tips, by_messages=by_messages)

    def follows(self, since: str) -> bool:
        """Whether the commit that it was read since is before it, on the line or beside it."""
        return self._end == since or any(since in one.parents for one in self._commits.values())

    def is_continued(self, since: str) -> bool:
        """Whether the line leads to that commit: what was on the line up to there still is."""
        return self._end == since

    def arrival(self, commit: str) -> Arrival:
        """How a commit came to the line; KeyError for one that was not read."""
        return self._arrivals[commit]

    def _arrive(self, tip: str) -> str:
        """Take what the line up to a commit brings that is not known yet; where that line begins."""
        line, name = [], tip
        while name in self._commits and name not in self._arrivals:
            line.append(name)
            name = self._before(self._commits[name])
        for one in reversed(line):
            arrival, waiting = Arrival(one, self._commits[one].at), [one]
            while waiting:
                brought = waiting.pop()
                if brought in self._commits and brought not in self._arrivals:
                    self._arrivals[brought] = arrival
                    waiting += self._commits[brought].parents
        return name

    def _before(self, commit: _Commit) -> str:
        """The commit of the line before one; empty for the very first."""
        if self._by_messages and len(commit.parents) == 2 and brings_up_to_date(commit.subject):
            return commit.parents[1]
        return commit.parents[0] if commit.parents else ""


def brings_up_to_date(subject: str) -> bool:
    """Whether the message of a merge says that the line was merged into a branch, or into what one has oneself."""
    found = _MERGE.fullmatch(subject)
    if found is None:
        return False
    source, target = found["from"], found["into"]
    if found["tracking"]:
        source = source.partition("/")[2]
    if target:
        return source == target or (source in _TRUNKS and target not in _TRUNKS)
    return source in _TRUNKS and bool(found["tracking"] or found["pulled"])

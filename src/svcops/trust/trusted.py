"""The trusted revision: who may sign is read from there, and what it holds has to be here (decision 28).

Its name comes from git's configuration or the command line, which no commit moves. It is read out of git's objects, so
that nothing of the work tree, or of a branch that brings evidence, has a say in who is who and whose keys count.
"""

import os
import re
from dataclasses import replace
from datetime import UTC, datetime
from functools import cached_property
from hashlib import new
from typing import TYPE_CHECKING

from svcops.errors import BadInput, NotDone
from svcops.store.graph import Graph
from svcops.store.layout import place_of
from svcops.store.people import is_nobody, meant, who
from svcops.trust.facts import wrote
from svcops.trust.keys import Key, certified, key_of, means, principals
from svcops.trust.signatures import Damaged, Signed, Trust, Verifier, addresses, trust_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from svcops.store.file_history import FileHistory
    from svcops.store.git import Git
    from svcops.store.opening import Store

SETTING = "svcops.trusted"
_REMOTES = "refs/remotes/"
_SHAPES = ("refs/{}", "refs/tags/{}", "refs/heads/{}", f"{_REMOTES}{{}}", f"{_REMOTES}{{}}/HEAD")
"""Where git looks for a name (gitrevisions(7)). What is beside these, such as FETCH_HEAD, moves by itself."""
_CHECKED_OUT = ("HEAD", "@")
_BASE = re.compile(r"[~^:{]|@\{")
"""Where the name of a ref ends, and what goes on from it begins."""
_SET = f"git config {SETTING} origin/main, or --trusted REV"


class Trusted:
    """A revision with its records and keys; where it is not pinned, that of HEAD, and `unpinned` says why."""

    def __init__(self, store: "Store", git: "Git", name: str, commit: str, unpinned: str = "") -> None:
        from svcops.store.git_tree import GitTree

        self._store = store
        self.git = git
        self.name = name
        self.commit = commit
        self.unpinned = unpinned
        self._given: dict[tuple[Key, tuple[str, ...], str], str] = {}
        self.tree: GitTree = GitTree(git, commit)
        self.graph = Graph(store.root, tree=self.tree)

    @cached_property
    def trust(self) -> Trust:
        """Whose keys count; NotDone where that cannot be read."""
        try:
            return trust_of(self.tree)
        except Damaged as error:
            raise NotDone(f"{self.name}: {error}") from None

    def given(self, signed: Signed, name: str) -> str:
        """The principal by which its list of signers, or a certificate, gives the key of a good signature to a person.

        Empty where neither does. Of lines that we do not read as ssh-keygen does it is asked, once a key and person.
        """
        key, named = key_of(signed.signature), tuple(certified(signed.signature))
        if key is None:
            return ""
        asked = (key, named, name)
        if asked not in self._given:
            self._given[asked] = self._who_is_given([*self._principals.get(key, ()), named], signed, name)
        return self._given[asked]

    def _who_is_given(self, lines: "Sequence[Sequence[str]]", signed: Signed, name: str) -> str:
        mails = self.addresses(name)
        listed = next((found for one in lines for mail in mails if (found := means(one, mail))), "")
        if listed:
            return listed
        with Verifier(self.trust) as verifier:
            asked = ((mail, verifier.verify(replace(signed, mails=(mail,)))) for mail in mails)
            return next((mail for mail, answer in asked if answer.standing == "good"), "")

    @cached_property
    def _principals(self) -> dict[Key, list[list[str]]]:
        return principals(self.trust.signers or b"")

    @cached_property
    def history(self) -> "FileHistory":
        """What git says of files up to this revision."""
        return self._store.history_of((self.commit,), self.git)

    @cached_property
    def _first_parents(self) -> "FileHistory":
        """The same by the line of first parents: how a branch was called that somebody merged decides nothing there."""
        return self._store.history_of((self.commit,), self.git, by_messages=False)

    def came(self, path: str) -> datetime | None:
        """When the file that stands at a path came into the history of this revision; None where that is not known.

        By the clock of whoever committed it there, or merged it; the later where that can be told in two ways.
        """
        return _latest(self._told(path))

    def may_have_come(self, path: str) -> datetime | None:
        """The same, and the earlier of two: who merged the shared branch into their own made its line the other."""
        times = [one for one in self._told(path) if one is not None]
        return _latest([min(times)]) if times else None

    def _told(self, path: str) -> list[int | None]:
        """When the file at a path came here by what merges say of themselves, and by the line of first parents."""
        blob = self.tree.blob(path)
        times = list[int | None]()
        for history in (self.history, self._first_parents):
            history.expect(("recovery", "approvals"))
            times.append(next((one.since for one in history.of(path) if blob and one.after == blob), None))
        return times

    def came_first(self, path: str) -> datetime | None:
        """The same, wherever these bytes stood before, as in a store that was moved to another folder."""
        blob = self.tree.blob(path)
        return _latest([one.first(blob) if blob else None for one in (self.history, self._first_parents)])

    def graph_of(self, name: str) -> Graph:
        """The graph by which a person is known: that of this revision, else one that has everybody who ever was in it.

        Who left, or is called otherwise now, is who they were: what they signed was theirs. Who was on a branch alone,
        and was taken away before that was merged, never was.
        """
        is_unknown = is_nobody(self.graph, name) and len(meant(self.graph, name)) == 1
        return self._past if is_unknown and not is_nobody(self._past, name) else self.graph

    def addresses(self, name: str) -> tuple[str, ...]:
        """The mail addresses by which keys of a person are known, and those of who they are called by now."""
        return tuple(dict.fromkeys((*addresses(self.graph_of(name), name), *self.addresses_now(name))))

    def addresses_now(self, name: str) -> tuple[str, ...]:
        """Those by which they can sign now: of who is called otherwise since, those of whoever that is; else none."""
        here = addresses(self.graph, name)
        known = [mail for mail in addresses(self.graph_of(name), name) if not is_nobody(self.graph, mail)]
        return here or tuple(dict.fromkeys(mail for one in known for mail in addresses(self.graph, one)))

    def is_same(self, one: str, other: str) -> bool:
        """Whether two names may be one person's, as where the addresses of both are."""
        mine, theirs = self.graph_of(one), self.graph_of(other)
        if who(mine, one) in wrote(theirs, (other,)):
            return True
        known = [{mail.lower() for mail in self.addresses(name)} for name in (one, other)]
        return not known[0].isdisjoint(known[1])

    @cached_property
    def _past(self) -> Graph:
        from svcops.store.git_tree import GitTree

        gone = dict[str, str]()
        for path in dict(self.history.below(("catalogue",))):
            place = place_of(path)
            if place and place.kind and place.kind.name == "person" and not self.tree.has(path):
                gone[path] = self.history.last_on_line(path) and self._first_parents.last_on_line(path)
        gone = {path: blob for path, blob in gone.items() if blob}
        return Graph(self._store.root, tree=GitTree(self.git, self.commit, gone)) if gone else self.graph

    def holds(self, path: str, data: bytes) -> bool:
        """Whether a pinned revision has exactly these bytes at a path."""
        blob = None if self.unpinned else self.tree.blob(path)
        return blob is not None and blob == object_id(data, like=blob)


def _latest(times: "Sequence[int | None]") -> datetime | None:
    """The latest of some times in seconds; None where one is not known."""
    known = [one for one in times if one is not None]
    return datetime.fromtimestamp(max(known), UTC) if len(known) == len(times) else None


def object_id(data: bytes, *, like: str) -> str:
    """What git calls some bytes, by the hash of the repository that another object id is of."""
    hashed = new("sha1" if len(like) == 40 else "sha256", b"blob %d\0" % len(data), usedforsecurity=False)
    hashed.update(data)
    return hashed.hexdigest()


def trusted(store: "Store", given: str) -> Trusted:
    """The revision of `--trusted`, else of git's configuration, else HEAD, which is no pin.

    BadInput where there is no such revision; NotDone where there is no commit at all.
    """
    from svcops.store.git import AS_IT_HAPPENED, Git

    git = Git(store.git.root, store.env, more=AS_IT_HAPPENED)
    head = git.head()
    if head is None:
        raise NotDone("there is no commit yet, so nobody's keys are known", help="git add --all && git commit")
    name = given.strip() or os.fsdecode(git.run("config", "--get", SETTING, accept=(0, 1)).stdout).strip()
    if not name:
        return Trusted(store, git, "HEAD", head, f"no trusted revision is set: {_SET}")
    base = _BASE.split(name, maxsplit=1)[0]
    known = base if base in ("", *_CHECKED_OUT) else _meant(git, base, len(head))
    asked = ("rev-parse", "--verify", "--quiet", "--end-of-options", f"{known}{name[len(base) :]}^{{commit}}")
    commit = git.run(*asked, accept=(0, 1, 128)).stdout.decode().strip() if known or not base else ""
    if not commit:
        raise BadInput(f"there is no revision {name}, which {_by(given)} names as trusted", help=f"{_SET}; git fetch")
    return Trusted(store, git, name, commit, _moving(git, name, known))


def _by(given: str) -> str:
    return "--trusted" if given.strip() else f"git config {SETTING}"


def _meant(git: "Git", base: str, digits: int) -> str:
    """The one full name of a ref, or the commit id, that a name means; empty where it means none.

    git itself takes a tag before the branch of a remote, and anybody who may push may push a tag of that branch's name.
    So a remote's branch is what its name means, also where it is not here, and any other name of two is BadInput.
    """
    if re.fullmatch(rf"[0-9a-f]{{{digits}}}", base):
        return base
    names = [base] if base.startswith("refs/") else [shape.format(base) for shape in _SHAPES]
    listed = git.run("for-each-ref", "--format=%(refname)", *names).stdout.decode().splitlines()
    there = [name for name in names if name in listed]  # for-each-ref takes a name for a folder, too
    if f"{_REMOTES}{base}" in there:
        return f"{_REMOTES}{base}"
    remote, is_below, _ = base.partition("/")
    if is_below and remote in git.text("remote").split():
        return ""  # of a branch that is not here, and of which anybody may push a tag
    is_id = re.fullmatch(r"[0-9a-f]{4,}", base)
    there += git.text("rev-parse", f"--disambiguate={base}").split() if is_id else []
    if len(there) > 1:
        raise BadInput(f"{base} may be any of {', '.join(there)}", help=f"Name the one that is meant: {there[0]}")
    return there[0] if there else ""


def _moving(git: "Git", name: str, known: str) -> str:
    """Why a revision is no pin: it is what is checked out here, and so every commit moves it; empty where it is one."""
    if known not in _CHECKED_OUT:
        asked = ("rev-parse", "--symbolic-full-name", "--verify", "--quiet", "--end-of-options", known or name)
        called = git.run(*asked, accept=(0, 1, 128)).stdout.decode().split()
        if (known or called) and git.branch() not in called:  # @{upstream} is called after the branch that it means
            return ""
    return f"{name} moves with every commit made here, so it pins nothing: {_SET}"

"""What evidence is worth: who signed it, who agreed, whether its logs and the chain are as it says (decision 28).

Signatures cost a process each, several of which run at once. Everything else is looked at before, and none is started
for what does not count anyway.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from svcops.recovery.chain import breaks
from svcops.recovery.logs import logs_of, wrong_log
from svcops.store.frozen import frozen
from svcops.store.graph import Graph
from svcops.store.layout import SIGNATURE
from svcops.store.people import is_nobody, why_nobody
from svcops.trust.facts import approvals_of, digest_text
from svcops.trust.keys import key_of
from svcops.trust.signatures import APPROVE, EXECUTE, SIGNERS, Signature, Signed, Verifier

if TYPE_CHECKING:
    from svcops.recovery.model import Evidence
    from svcops.store.entries import Entry
    from svcops.trust.model import Approval
    from svcops.trust.trusted import Trusted

_AT_ONCE = 4
"""Processes of ssh-keygen; more gain nothing on two cores."""
Standing = Literal["good", "absent", "bad", "unknown"]


@frozen
class Part:
    """One judgement about evidence; `why` says it in words.

    good: it holds. absent: there is nothing to judge. bad: it does not hold. unknown: it could not be looked at.
    """

    standing: Standing
    why: str = ""
    by: str = ""
    """Whose signature or approval it is."""
    mail: str = ""
    """The address whose key made it."""
    at: datetime | None = None
    """As of when that key was judged."""
    record: str = ""
    """The id of the approval."""


@frozen
class Verdict:
    """What was found about one evidence."""

    entry: "Entry[Evidence]"
    signature: Part
    approval: Part
    logs: Part
    chain: Part
    identity: Part

    @property
    def parts(self) -> dict[str, Part]:
        """Its judgements by what they are about."""
        names = ("signature", "approval", "logs", "chain", "identity")
        return {name: getattr(self, name) for name in names}

    @property
    def standing(self) -> Standing:
        """The worst of them: what is known to be wrong, what could not be looked at, then what is not there."""
        found = {part.standing for part in self.parts.values()}
        order: tuple[Standing, ...] = ("bad", "unknown", "absent")
        return next((one for one in order if one in found), "good")


@frozen
class _Approving:
    """An approval, and what speaks against it before its signature is even looked at; None where that decides."""

    approval: "Entry[Approval]"
    against: Part | None


def judge(
    graph: Graph,
    pin: "Trusted",
    entries: "Sequence[Entry[Evidence]]",
    now: datetime,
    tick: Callable[[int], None] = lambda _: None,
) -> list[Verdict]:
    """What each evidence is worth, as of `now`; `tick` is told how many signatures were looked at."""
    looking = _Looking(graph, pin, now)
    approving = {entry.path: [*looking.approving(entry)] for entry in entries}
    for entry in entries:
        looking.ask(entry.path, entry.value.by, entry.value.ended_at, EXECUTE)
        for one in approving[entry.path]:
            if one.against is None:
                looking.ask(one.approval.path, one.approval.value.by, one.approval.value.at, APPROVE)
    looking.verify(tick)
    return [
        Verdict(
            entry,
            looking.signature(entry),
            looking.approval(entry, approving[entry.path]),
            _logs(graph, entry),
            _chain(graph, entry),
            _identity(entry),
        )
        for entry in entries
    ]


class _Looking:
    """The signatures that have to be looked at, by the path of what they sign, and what came of them."""

    def __init__(self, graph: Graph, pin: "Trusted", now: datetime) -> None:
        self._graph = graph
        self._pin = pin
        self._now = now
        self._asked: dict[str, Signed] = {}
        self._found: dict[str, Signature] = {}
        self._held: dict[str, datetime] = {}
        """What the trusted revision has as it is here, and since when at the earliest."""
        self._either: dict[str, datetime] = {}
        """What holds by one line of history, as of then, and by another does not."""

    def ask(self, path: str, by: str, at: datetime, namespace: str) -> None:
        """Have the signature beside a file looked at: whose it has to be, and what it has to be made for.

        Where the trusted revision holds both, byte for byte, its key is judged as of when the signature came there, or
        as of `at` where that is later, as nobody signs before; and who left since is who they were. Any other as of
        now: whoever brings it may have written any time into it, and be anybody who ever was there.
        """
        tree = self._graph.tree
        if not tree.has(path + SIGNATURE):
            self._found[path] = Signature("absent", "it is not signed")
            return
        (data, problem), (signature, damaged) = tree.read(path), tree.read(path + SIGNATURE)
        if problem or damaged:
            self._found[path] = Signature("bad", "its signature cannot be read")
            return
        came, mails = self._now, self._pin.addresses_now(by)
        if self._is_held(path):
            self._held[path] = at
            known, mails = self._pin.came(path + SIGNATURE), self._pin.addresses(by)
            came = max(known, at) if known else self._now
            if not mails and self._pin.history.unknown:
                self._found[path] = Signature("unknown", self._past_unknown(by))
                return
        self._asked[path] = Signed(data, signature, mails, min(came, self._now), namespace)

    def _past_unknown(self, by: str) -> str:
        """Why nobody can tell who somebody was who is in the catalogue no more."""
        return f"who {by} was cannot be told: {self._pin.history.unknown}"

    def _is_held(self, path: str) -> bool:
        """Whether the trusted revision has a file and its signature as they are here."""
        tree = self._graph.tree
        return all(tree.has(one) and self._pin.holds(one, tree.read(one)[0]) for one in (path, path + SIGNATURE))

    def verify(self, tick: Callable[[int], None]) -> None:
        """Look at all of them, several at once."""
        from concurrent.futures import ThreadPoolExecutor

        if not self._asked:
            return
        with Verifier(self._pin.trust) as verifier, ThreadPoolExecutor(_AT_ONCE) as pool:
            found = pool.map(verifier.verify, self._asked.values())
            for number, (path, one) in enumerate(zip(self._asked, found, strict=True), 1):
                self._found[path] = one
                tick(number)
            for path, asked in self._asked_again():
                self._asked[path], self._found[path] = asked, verifier.verify(asked)
            for path, asked in self._by_the_other_line():
                if verifier.verify(asked).standing == "good":
                    self._either[path] = asked.at

    def _asked_again(self) -> Iterator[tuple[str, Signed]]:
        """What fails by the time it came to where it stands, and is known to have come to the revision before that.

        Where nobody knows when it came, what is good today has to be good as of the earliest time, too.
        """
        for path, at in self._held.items():
            if self._pin.history.unknown:
                if self._found[path].standing == "good":
                    yield path, replace(self._asked[path], at=min(at, self._now))
            elif _fails_by_time(self._found[path]):
                came = max(self._pin.came_first(path + SIGNATURE) or self._now, at)
                if came < self._asked[path].at:
                    yield path, replace(self._asked[path], at=came)

    def _by_the_other_line(self) -> Iterator[tuple[str, Signed]]:
        """What still fails by time, as of when it came by the line of history by which it came earlier."""
        for path, at in self._held.items():
            if _fails_by_time(self._found[path]) and not self._pin.history.unknown:
                came = max(self._pin.may_have_come(path + SIGNATURE) or self._now, at)
                if came < self._asked[path].at:
                    yield path, replace(self._asked[path], at=came)

    def signature(self, entry: "Entry[Evidence]") -> Part:
        """What the signature beside evidence is worth."""
        return self._part(entry.path, entry.value.by)

    def approving(self, entry: "Entry[Evidence]") -> "Iterator[_Approving]":
        """The approvals of evidence, oldest first, with what speaks against each at once."""
        for one in approvals_of(self._graph, entry.path):
            yield _Approving(one, self._against(entry, one))

    def approval(self, entry: "Entry[Evidence]", approving: "Sequence[_Approving]") -> Part:
        """What the approvals of one evidence are worth together: one that counts is enough."""
        parts = [one.against or self._of_approval(entry, one.approval) for one in approving]
        if good := [part for part in parts if part.standing == "good"]:
            return good[-1]  # the newest is the one whose key holds for longest
        order: tuple[Standing, ...] = ("unknown", "bad", "absent")
        best = [part for standing in order for part in parts if part.standing == standing]
        return best[0] if best else Part("absent", "no approval of it is here")

    def _of_approval(self, entry: "Entry[Evidence]", one: "Entry[Approval]") -> Part:
        part = self._part(one.path, one.value.by)
        if part.standing == "good" and (shared := self._why_shared(entry, one)):
            part = Part("bad", shared, one.value.by)
        why = part.why if part.standing == "good" else f"{one.name}: {part.why}"
        return replace(part, why=why, record=one.name)

    def _part(self, path: str, by: str) -> Part:
        found = self._found[path]
        why = found.why
        asked = self._asked.get(path)
        if asked is None:
            return Part(found.standing, why, by)
        if found.standing == "bad":
            why += self._judged_by(path, asked, found)
        if _fails_by_time(found) and path in self._held and self._pin.history.unknown:
            unknown = f"when it came to {self._pin.name} cannot be told: {self._pin.history.unknown}"
            return Part("unknown", f"{why}, and {unknown}", by, "", asked.at)
        if path in self._either:
            came, name = self._either[path].date(), self._pin.name
            unknown = f"by another line of history it came on {came}, and which of the two was {name} no merge tells"
            help_ = f"git log --graph shows them, and --trusted COMMIT asks {name} as it was before that merge"
            return Part("unknown", f"{why}; {unknown}: {help_}", by, "", asked.at)
        return Part(found.standing, why, by, found.mail, asked.at)

    def _judged_by(self, path: str, asked: Signed, found: Signature) -> str:
        """By what a signature was judged, where that may be what it failed by."""
        if _fails_by_time(found):
            why = "nothing is pinned" if self._pin.unpinned else f"{self._pin.name} does not hold these bytes"
            return f" (as of {asked.at.date()})" if path in self._held else f" (as of today, as {why})"
        if "was made with a key of" in found.why:
            return "; an address that they had when they signed belongs to emails of their file in catalogue/people"
        if path in self._held and found.why.endswith("does not know its key"):
            return '; the line of a key that ended stays there, with valid-before="YYYYMMDD"'
        here = self._graph.tree.read(SIGNERS)[0]
        if not found.is_revoked and here != (self._pin.trust.signers or b""):
            return f" (by {SIGNERS} of {self._pin.name}, which is not the one here)"
        return ""

    def _against(self, entry: "Entry[Evidence]", one: "Entry[Approval]") -> Part | None:
        """What speaks against an approval before its signature is looked at."""
        why = self._why_not(entry, one) or self._why_no_other(entry.value, one)
        if why:
            return Part("bad", f"{one.name}: {why}", one.value.by)
        who_they_were = self._who_is_unknown(entry.value, one)
        return Part("unknown", f"{one.name}: {who_they_were}", one.value.by) if who_they_were else None

    def _why_not(self, entry: "Entry[Evidence]", one: "Entry[Approval]") -> str:
        """Why an approval cannot be one of this evidence; empty where it can."""
        tree = self._graph.tree
        if one.value.role != "approver":
            return f"its role is {one.value.role}, and evidence takes an approver"
        if one.value.digest != digest_text(tree.read(entry.path)[0]):
            return "the evidence is not what was approved: its digest differs"
        own, theirs = (tree.read(path + SIGNATURE)[0] for path in (entry.path, one.path))
        if key_of(own) == key_of(theirs) and key_of(own) is not None:  # a signature whose key cannot be told is bad
            return "it is signed with the key that signed the evidence"
        return ""

    def _why_shared(self, entry: "Entry[Evidence]", one: "Entry[Approval]") -> str:
        """Why two good signatures are not by keys of two persons, by whom these are given to; empty where they are."""
        if shared := self._pin.given(self._asked[one.path], entry.value.by):
            return f"its key is also one of {entry.value.by}, as {shared} in {SIGNERS}"
        if self._found[entry.path].standing != "good":
            return ""
        if shared := self._pin.given(self._asked[entry.path], one.value.by):
            return f"the key that signed the evidence is also one of {one.value.by}, as {shared} in {SIGNERS}"
        return ""

    def _why_no_other(self, one: "Evidence", approval: "Entry[Approval]") -> str:
        """Why an approver is not surely another person than who ran the drill and who saw it; empty where they are."""
        pin, there, by = self._pin, tuple(filter(None, (one.by, one.witness))), approval.value.by
        same = next((name for name in there if pin.is_same(by, name)), None)
        if same is not None:
            return (
                f"{by} {'ran the drill' if same == one.by else 'was its witness'}, and an approval is somebody else's"
            )
        if not pin.graph.all("person"):
            return f"catalogue/people of {pin.name} has nobody, so approver and executor may be one person"
        unknown = self._nobody(one, approval)
        if unknown is not None and not self._may_have_left(unknown, approval):
            return f"{why_nobody(pin.graph, unknown)} of {pin.name}, so approver and executor may be one person"
        return ""

    def _who_is_unknown(self, one: "Evidence", approval: "Entry[Approval]") -> str:
        """Why nobody can tell whether they are two persons, as one may have left; empty where that can be told."""
        unknown = self._nobody(one, approval)
        return self._past_unknown(unknown) if unknown is not None else ""

    def _nobody(self, one: "Evidence", approval: "Entry[Approval]") -> str | None:
        """Who of those who were there is nobody. Who left may have approved what is trusted, and nothing new."""
        pin, by = self._pin, approval.value.by
        there = tuple(filter(None, (one.by, one.witness)))
        known = {name: pin.graph_of(name) for name in there}
        known[by] = pin.graph_of(by) if self._is_held(approval.path) else pin.graph
        return next((name for name in (by, *there) if is_nobody(known[name], name)), None)

    def _may_have_left(self, name: str, approval: "Entry[Approval]") -> bool:
        """Whether somebody may have been in the catalogue, as far as history goes here."""
        is_new = name == approval.value.by and not self._is_held(approval.path)
        return bool(self._pin.history.unknown) and not is_new and bool(self._pin.graph.all("person"))


def _fails_by_time(found: Signature) -> bool:
    """Whether a signature is bad as its key was not valid at the time that it was judged as of."""
    return found.standing == "bad" and ("expired" in found.why or "not yet valid" in found.why)


def _logs(graph: Graph, entry: "Entry[Evidence]") -> Part:
    wrong = [why for log in logs_of(entry) if (why := wrong_log(graph, log))]
    return Part("bad", "; ".join(wrong)) if wrong else Part("good")


def _chain(graph: Graph, entry: "Entry[Evidence]") -> Part:
    wrong = [one.why for one in breaks(graph, entry)]
    return Part("bad", "; ".join(wrong)) if wrong else Part("good")


def _identity(entry: "Entry[Evidence]") -> Part:
    """Whether the bytes are of this evidence: a copy of another would have that one's signature."""
    wrong = wrong_id(entry)
    return Part("bad", wrong) if wrong else Part("good")


def wrong_id(entry: "Entry[Evidence]") -> str:
    """Why what evidence calls itself is not what it is called; empty where it is."""
    own = entry.value.id
    if own is None:
        return f"it does not name itself, so it may be a copy of any other: id: {entry.name}"
    return "" if own == entry.name else f"it names itself {own}, so it is a copy of that"

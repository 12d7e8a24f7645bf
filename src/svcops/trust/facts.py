"""Which approvals stand over which bytes: who agreed, to what, and whether that counts here."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from svcops.checking.model import Related
from svcops.store.change import digest_of
from svcops.store.entries import Entry
from svcops.store.frozen import frozen
from svcops.store.graph import Graph
from svcops.trust.model import Approval
from svcops.trust.signatures import Signature, signature_of

if TYPE_CHECKING:
    from svcops.catalogue.model import Person


@frozen
class Judged:
    """An approval, and whether it counts. `signature` is None where it does not come to that."""

    approval: Entry[Approval]
    signature: Signature | None
    why_not: str
    """Why it does not count; empty where it does."""

    @property
    def counts(self) -> bool:
        """Whether anything may rest on it."""
        return not self.why_not

    @property
    def is_proved(self) -> bool:
        """Whether it is signed, and the signature is good; otherwise it is asserted at most."""
        return self.signature is not None and self.signature.standing == "good"


@frozen
class Authors:
    """Who wrote a file, names of catalogue/people or mail addresses.

    An approval that came with a squash has authors of its own, as nobody is one of that commit for it.
    """

    everybody: frozenset[str]
    """Those whose approval from now on would not count."""
    for_approvals: Mapping[str, frozenset[str]]
    """By the path of each approval that there is."""


def digest_text(data: bytes) -> str:
    """The digest of some bytes as approvals write it."""
    return f"sha256:{digest_of(data)}"


def approvals_of(graph: Graph, path: str) -> list[Entry[Approval]]:
    """Every approval of a file, of whatever bytes, oldest first."""
    return graph.once(_by_path).get(path, [])


def last_approved(approvals: Sequence[Entry[Approval]]) -> tuple[Related, ...]:
    """Where the last of some approvals is, for a finding that misses one that counts; nothing where there is none."""
    return tuple(Related("last approved there", one.at("digest")) for one in approvals[-1:])


def standing(graph: Graph, path: str, data: bytes, authors: Authors | Collection[str]) -> list[Entry[Approval]]:
    """The approvals that count, of a file with these bytes that `authors` wrote: see `judged`."""
    return [one.approval for one in judged(graph, path, data, authors) if one.counts]


def judged(graph: Graph, path: str, data: bytes, authors: Authors | Collection[str]) -> list[Judged]:
    """Every approval of a file with these bytes, oldest first, and why it counts or not.

    It counts over exactly these bytes, by a person of the catalogue (`is_nobody`) who is not among the authors (names
    of catalogue/people, or mail addresses), and signed where `policy.approvals` of svcops.yaml asks for proof. A
    signature that is there must be good in any case. Signatures are looked at where all else is as it should be: each
    costs a process.
    """
    found = []
    for one in approvals_of(graph, path):
        names = authors.for_approvals[one.path] if isinstance(authors, Authors) else authors
        found.append(_judged(graph, one, digest_text(data), {who(graph, name) for name in names}))
    return found


def over_what_stands(graph: Graph) -> Iterator[Entry[Approval]]:
    """The approvals of files in the very bytes that stand there: of what was changed since, nothing rests on them."""
    for path, approvals in graph.once(_by_path).items():
        data, problem = graph.tree.read(path) if graph.tree.has(path) else (b"", None)
        if data and problem is None:
            digest = digest_text(data)
            yield from (one for one in approvals if one.value.digest == digest)


def who(graph: Graph, given: str) -> str:
    """The person of the catalogue who is meant by a name or any of their mail addresses; else what was given."""
    if given in graph.all("person"):
        return given
    return graph.once(_by_mail).get(given.lower(), given.lower() if "@" in given else given)


def is_nobody(graph: Graph, given: str) -> bool:
    """Whether no person of the catalogue is meant by a name or mail address, so that it may be any author's second one.

    In a store that has no people, every address stands for itself.
    """
    people = graph.all("person")
    return bool(people or graph.damaged("person")) and who(graph, given) not in people


def _judged(graph: Graph, one: Entry[Approval], digest: str, wrote: Collection[str]) -> Judged:
    if one.value.digest != digest:
        return Judged(one, None, "the file was changed afterwards")
    if who(graph, one.value.by) in wrote:
        return Judged(one, None, f"{one.value.by} wrote the file too")
    if is_nobody(graph, one.value.by):
        return Judged(one, None, f"{one.value.by} is nobody of catalogue/people")
    signature = signature_of(graph, one)
    if signature.standing == "absent":
        must = graph.settings.policy.approvals == "proved"
        return Judged(one, signature, "it is not signed, and svcops.yaml says approvals: proved" if must else "")
    return Judged(one, signature, "" if signature.standing == "good" else signature.why)


def _by_path(graph: Graph) -> Mapping[str, list[Entry[Approval]]]:
    found: dict[str, list[Entry[Approval]]] = {}
    every: Mapping[str, Entry[Approval]] = graph.all("approval")
    for one in sorted(every.values(), key=lambda one: (one.value.at, one.name)):
        found.setdefault(one.value.of, []).append(one)
    return found


def _by_mail(graph: Graph) -> Mapping[str, str]:
    """The first person of each address; that two have one is a finding of the catalogue."""
    found: dict[str, str] = {}
    people: Mapping[str, Entry[Person]] = graph.all("person")
    for name, entry in people.items():
        for mail in entry.value.emails:
            found.setdefault(mail.lower(), name)
    return found

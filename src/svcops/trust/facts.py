"""Which approvals stand over which bytes: who agreed, to what, and whether that counts here."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from svcops.checking.model import Related
from svcops.store.change import digest_of
from svcops.store.entries import Entry
from svcops.store.frozen import frozen
from svcops.store.graph import Graph
from svcops.store.people import is_nobody, meant, unread, who, why_nobody
from svcops.trust.model import Approval
from svcops.trust.signatures import Signature, signature_of

if TYPE_CHECKING:
    from svcops.store.file_history import FileHistory


@frozen
class Judged:
    """An approval, and whether it counts. `signature` is None where it does not come to that."""

    approval: Entry[Approval]
    signature: Signature | None
    why_not: str
    """Why it does not count; empty where it does."""
    damaged: str = ""
    """The file for which it does not count as it cannot be read: with it, it might."""

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
    """Who wrote a file: persons as records name them, or mail addresses.

    An approval that came with a squash has authors of its own, as nobody is one of that commit for it.
    """

    named: tuple[str, ...]
    """Whom the file itself names."""
    everybody: frozenset[str]
    """Those whose approval from now on would not count."""
    for_approvals: Mapping[str, frozenset[str]]
    """By the path of each approval that there is."""


def named_alone(names: Sequence[str]) -> Authors:
    """Those whom a file names, where nobody asks git's history who else wrote it."""
    return Authors(tuple(names), frozenset(names), {})


def digest_text(data: bytes) -> str:
    """The digest of some bytes as approvals write it."""
    return f"sha256:{digest_of(data)}"


def approvals_of(graph: Graph, path: str) -> list[Entry[Approval]]:
    """Every approval of a file, of whatever bytes, oldest first."""
    return graph.once(_by_path).get(path, [])


def last_approved(approvals: Sequence[Entry[Approval]]) -> tuple[Related, ...]:
    """Where the last of some approvals is, for a finding that misses one that counts; nothing where there is none."""
    return tuple(Related("last approved there", one.at("digest")) for one in approvals[-1:])


def standing(graph: Graph, path: str, data: bytes, authors: Authors | str) -> list[Entry[Approval]]:
    """The approvals that count, of a file with these bytes that `authors` wrote: see `judged`."""
    return [one.approval for one in judged(graph, path, data, authors) if one.counts]


def judged(graph: Graph, path: str, data: bytes, authors: Authors | str) -> list[Judged]:
    """Every approval of a file with these bytes, oldest first, and why it counts or not.

    It counts over exactly these bytes, by a person of the catalogue (`is_nobody`) who is not among the authors, and
    signed where `policy.approvals` of svcops.yaml asks for proof. Where an author whom the file names is nobody, any
    approval may be theirs. A signature that is there must be good in any case. Signatures are looked at where all else
    is as it should be: each costs a process.

    `authors` as text is the one whom the file names, and nobody else is known.
    """
    known = named_alone((authors,)) if isinstance(authors, str) else authors
    digest = digest_text(data)
    return [_judged(graph, one, digest, known) for one in approvals_of(graph, path)]


def wrote(graph: Graph, names: Iterable[str]) -> frozenset[str]:
    """The persons whom these authors may be, and the addresses that are no person's."""
    return frozenset(person for name in names for person in meant(graph, name))


def authors_by_history(graph: Graph, history: "FileHistory | None", path: str, *approvals: str) -> set[str]:
    """The mail addresses of all whom git's history names as authors of a file, as far as these `approvals` of it go.

    A commit of several people that brought an approval with it makes none of them an author for that: it is a squash,
    which names everybody who did anything on the branch. One of a single person is none of other people's work.
    """
    if history is None:
        return set()
    touches = (touch for one in approvals for touch in history.of(one))
    return history.authors(path, {touch.commit for touch in touches if len(wrote(graph, touch.people)) > 1})


def over_what_stands(graph: Graph) -> Iterator[Entry[Approval]]:
    """The approvals of files in the very bytes that stand there: of what was changed since, nothing rests on them."""
    for path, approvals in graph.once(_by_path).items():
        data, problem = graph.tree.read(path) if graph.tree.has(path) else (b"", None)
        if data and problem is None:
            digest = digest_text(data)
            yield from (one for one in approvals if one.value.digest == digest)


def _judged(graph: Graph, one: Entry[Approval], digest: str, authors: Authors) -> Judged:
    by, named = one.value.by, authors.named
    if one.value.digest != digest:
        return Judged(one, None, "the file was changed afterwards")
    if who(graph, by) in wrote(graph, (*named, *authors.for_approvals.get(one.path, ()))):
        return Judged(one, None, f"{by} wrote the file too")
    unknown = [name for name in (by, *named) if is_nobody(graph, name)]
    if unknown:
        why, files = why_nobody(graph, unknown[0]), [unread(graph, name) for name in unknown]
        may_be = "" if unknown[0] == by else "its author may be anybody: "
        return Judged(one, None, f"{may_be}{why}", files[0] if all(files) else "")
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

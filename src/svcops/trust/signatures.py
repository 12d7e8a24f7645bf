"""Detached OpenSSH signatures: whether one is there, and whether it is good.

Verifying is the work of `ssh-keygen -Y verify`, which runs with fixed arguments on files of our own: nothing that a
record says is run, or becomes an option. Who may sign stands in `trust/allowed_signers`, which keys no longer count in
`trust/revoked`, both in OpenSSH's formats (ssh-keygen(1), ALLOWED SIGNERS and KEY REVOCATION LISTS). Principals are
mail addresses, and all addresses of a person are that person. A key of an approval counts if it was valid when the
approval says that it was given; a revoked one counts never. Times in these files that name no zone are UTC here.

Each role has a namespace of its own, so that a signature for one is none for another.
"""

import os
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Self

from svcops.store.entries import Entry
from svcops.store.files import Tree
from svcops.store.frozen import frozen
from svcops.store.graph import Graph
from svcops.store.layout import SIGNATURE
from svcops.store.people import who
from svcops.trust.keys import key_of
from svcops.trust.model import Approval

if TYPE_CHECKING:
    from subprocess import CompletedProcess

    from svcops.catalogue.model import Person

NAMESPACE = "svcops-approval@v1"
"""What an approval's signature is made for: one that was made for anything else, such as a commit, is none."""
EXECUTE = "svcops-evidence-execute@v1"
"""What the signature beside evidence is made for, by who ran the drill (decision 28)."""
APPROVE = "svcops-evidence-approve@v1"
"""What the signature of an approval in the role of approver is made for, which agrees to evidence."""
SIGNERS = "trust/allowed_signers"
REVOKED = "trust/revoked"
INSTALL = "apt-get install openssh-client"

_KRL = b"SSHKRL\n\0"
"""How a list of revoked keys begins that is none of lines (PROTOCOL.krl)."""
_MANY = 4
_AT_ONCE = 8
"""Processes; most of their time they read their libraries."""
_LONGEST = 20
"""Seconds; it takes some milliseconds."""


@frozen
class Signature:
    """What the signature beside an approval is worth; `why` says it in words.

    absent: there is none. good: whose approval it is made it, over exactly the approval's bytes. bad: it is not that.
    unknown: it could not be looked at here, and counts no more than a bad one.
    """

    standing: Literal["absent", "good", "bad", "unknown"]
    why: str
    is_revoked: bool = False
    """Whether the list of revoked keys is what it fails by."""
    mail: str = ""
    """Of a good one, the address whose key made it."""


ABSENT = Signature("absent", "it is not signed")
DAMAGED_LIST = Signature("unknown", f"its signature cannot be checked: {REVOKED} is damaged")


@frozen
class Trust:
    """Whose keys count: the two files of `trust/`, None where there is none."""

    signers: bytes | None
    revoked: bytes | None


class Damaged(Exception):
    """A file of `trust/` is there and cannot be read: nothing is judged without it."""


def signature_of(graph: Graph, approval: Entry[Approval]) -> Signature:
    """What the signature beside an approval is worth. Looked at once for each graph; costs a process, some 10 ms."""
    one = approval.value
    return graph.once(_signature_of, approval.path, one.by, one.at, namespace_of(one))


def look_at(graph: Graph, approvals: Iterable[Entry[Approval]]) -> None:
    """Look at many signatures, several at the same time, before each is asked for."""
    signed = [one for one in approvals if graph.tree.has(one.path + SIGNATURE)]
    if len(signed) < _MANY:
        return
    from concurrent.futures import ThreadPoolExecutor

    for one in signed:  # read here, as the graph is not made for threads: each of them only adds its own signature
        addresses(graph, one.value.by)
    with suppress(Damaged):
        graph.once(_trust_of)
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        list(pool.map(partial(signature_of, graph), signed))


def trust_of(tree: Tree) -> Trust:
    """Whose keys count in a store; Damaged where that cannot be read."""
    return Trust(_content(tree, SIGNERS), _content(tree, REVOKED))


def addresses(graph: Graph, by: str) -> tuple[str, ...]:
    """The mail addresses by which keys of a person are known: all of the catalogue's, or the one that stands there."""
    people: Mapping[str, Entry[Person]] = graph.all("person")
    known = people.get(who(graph, by))
    return tuple(filter(_is_plain, known.value.emails if known else (by,)))


@frozen
class Signed:
    """A signature with the bytes that it is over, and what it has to be to be good."""

    data: bytes
    signature: bytes
    mails: Sequence[str]
    """The addresses of whose it has to be."""
    at: datetime
    """When its key has to be valid."""
    namespace: str = NAMESPACE
    """What it has to be made for."""


def verify(
    data: bytes, signature: bytes, trust: Trust, mails: Sequence[str], at: datetime, *, namespace: str = NAMESPACE
) -> Signature:
    """Whether a signature over some bytes was made by a key that one of the addresses had at that time."""
    with Verifier(trust) as verifier:
        return verifier.verify(Signed(data, signature, mails, at, namespace))


class Verifier:
    """Verifies signatures by the same keys, for several threads at once: their files are written only once."""

    def __init__(self, trust: Trust) -> None:
        self._trust = trust
        self._number = count()
        self._written = _as_written(trust.signers or b"")
        revoked = trust.revoked or b""
        self._is_cut_short = b"\0" in revoked and not revoked.startswith(_KRL)
        """Whether ssh-keygen would not see all lines of the list of revoked keys, and say nothing of it."""

    def __enter__(self) -> Self:
        """Write the files that ssh-keygen reads, under names of our own."""
        from tempfile import TemporaryDirectory

        self._folder = TemporaryDirectory(prefix="svcops-")
        self._signers, self._revoked = (Path(self._folder.name) / name for name in ("signers", "revoked"))
        self._signers.write_bytes(self._trust.signers or b"")
        self._revoked.write_bytes(self._trust.revoked or b"")
        return self

    def __exit__(self, *_: object) -> None:
        """Remove them."""
        self._folder.cleanup()

    def verify(self, one: Signed) -> Signature:
        """Whether a signature is good; costs a process for each address until it is."""
        from subprocess import TimeoutExpired

        known = self._known(one)
        if known is not None:
            return known
        file = Path(self._folder.name) / f"signature-{next(self._number)}"
        file.write_bytes(one.signature)
        call = _Call(self._signers, self._revoked if self._trust.revoked is not None else None, file, one)
        try:
            found = _verify(call, self._principals(one.mails))
        except FileNotFoundError:
            return Signature("unknown", f"its signature cannot be checked: ssh-keygen is not installed ({INSTALL})")
        except TimeoutExpired:
            return Signature("unknown", f"its signature cannot be checked: no answer in {_LONGEST} s")
        finally:
            file.unlink()
        if found.standing == "good" and key_of(one.signature) is None:  # whose it is too, nobody could tell
            return Signature("bad", "its signature is not good: it is not written as ssh-keygen writes one")
        return found

    def _known(self, one: Signed) -> Signature | None:
        """What a signature is worth without a look at it; None where that decides."""
        if self._trust.signers is None:
            return Signature("bad", f"it is signed, and there is no {SIGNERS} that says whose keys count")
        if not one.mails:
            made_it = "ran the drill" if one.namespace == EXECUTE else "approved"
            return Signature("bad", f"it is signed, and catalogue/people has no mail address of who {made_it}")
        return DAMAGED_LIST if self._is_cut_short else None

    def _principals(self, mails: Sequence[str]) -> Sequence[str]:
        """Addresses as the list of signers writes them, in large letters or small, before those that it does not name.

        Each costs a process, and those that match a pattern, or stand in a certificate, are in no list.
        """
        named = [one for mail in mails for one in self._written.get(mail.lower(), ())]
        return [*dict.fromkeys([*named, *mails])]


def _as_written(signers: bytes) -> dict[str, list[str]]:
    """The principals of a list of signers by themselves in small letters."""
    found: dict[str, list[str]] = {}
    for line in signers.decode("utf-8", "replace").splitlines():
        first = line.split(maxsplit=1)[:1]
        for one in first[0].strip('"').split(",") if first else ():
            found.setdefault(one.lower(), []).append(one)
    return found


class _Call:
    """One signature, and the calls of ssh-keygen about it."""

    def __init__(self, signers: Path, revoked: Path | None, file: Path, one: Signed) -> None:
        self.signers = signers
        self.revoked = revoked
        self._one = one
        self._options = (
            "-f",
            str(signers),
            "-s",
            str(file),
            "-O",
            f"verify-time={one.at.astimezone(UTC):%Y%m%d%H%M%S}",
        )

    def run(self, what: str, *more: str, data: bytes = b"") -> "CompletedProcess[bytes]":
        """One call; FileNotFoundError where there is no ssh-keygen."""
        from subprocess import run

        words = ["ssh-keygen", "-Y", what, *self._options, *more]
        plain = {**os.environ, "TZ": "UTC0", "LC_ALL": "C"}
        return run(words, input=data, capture_output=True, check=False, timeout=_LONGEST, env=plain)

    def is_revoked(self, mail: str) -> bool:
        """Whether the list of revoked keys has the key of a signature that is not good by that list."""
        said = self.run(
            "verify", "-vvv", "-I", mail, "-n", self._one.namespace, "-r", str(self.revoked), data=self._one.data
        )
        return b"Key is revoked" in said.stderr  # a list that cannot be read is said in no other way, either

    def verify(self, mail: str, *, revoked: bool = True) -> str | None:
        """None where it is good, else what ssh-keygen says, which may be nothing."""
        revocation = ("-r", str(self.revoked)) if revoked and self.revoked else ()
        done = self.run("verify", "-I", mail, "-n", self._one.namespace, *revocation, data=self._one.data)
        return None if not done.returncode else self._said(done.stderr)

    def _said(self, stderr: bytes) -> str:
        """The first line that ssh-keygen said, with the names that files have in the store."""
        text = stderr.decode("utf-8", "replace").replace(str(self.signers), SIGNERS)
        first = next(filter(None, map(str.strip, text.splitlines())), "")
        return first.removeprefix("Signature verification failed: ").removeprefix("Couldn't verify signature: ")


def _verify(call: _Call, mails: Sequence[str]) -> Signature:
    said: list[str] = []
    for mail in mails:
        answer = call.verify(mail)
        if answer is None:
            return Signature("good", f"signed with a key of {mail}", mail=mail)
        said.append(answer)
    otherwise = next((mail for mail in mails if call.revoked and call.verify(mail, revoked=False) is None), None)
    if otherwise is not None and call.is_revoked(otherwise):
        return Signature("bad", f"its signature is not good: {REVOKED} lists its key", True)
    if otherwise is not None:
        return DAMAGED_LIST
    return Signature("bad", f"its signature is not good: {_reason(call, mails, said)}")


def _reason(call: _Call, mails: Sequence[str], said: Collection[str]) -> str:
    """Why a signature is not good that no list of revoked keys voids, as far as can be told."""
    if any(said):
        return next(filter(None, said))
    others = call.run("find-principals").stdout.decode("utf-8", "replace").split()
    if not others:
        return f"{SIGNERS} does not know its key"
    return f"it was made with a key of {', '.join(others[:3])}, not of {', '.join(mails[:3])}"


def namespace_of(approval: Approval) -> str:
    """What the signature of an approval is made for, by its role."""
    return APPROVE if approval.role == "approver" else NAMESPACE


def _signature_of(graph: Graph, path: str, by: str, at: datetime, namespace: str) -> Signature:
    tree = graph.tree
    if not tree.has(path + SIGNATURE):
        return ABSENT
    (data, problem), (signature, damaged) = tree.read(path), tree.read(path + SIGNATURE)
    if problem or damaged:
        return Signature("bad", "its signature cannot be read")
    try:
        trust = graph.once(_trust_of)
    except Damaged as error:
        return Signature("unknown", str(error))
    return verify(data, signature, trust, addresses(graph, by), at, namespace=namespace)


def _trust_of(graph: Graph) -> Trust:
    return trust_of(graph.tree)


def _content(tree: Tree, path: str) -> bytes | None:
    data, problem = tree.read(path)
    if problem is None:
        return data
    if problem.code == "FILE003" or tree.has(path):
        raise Damaged(f"its signature cannot be checked: {path}: {problem.message}")
    return None


def _is_plain(mail: str) -> bool:
    """Whether it is an address that can be handed on: one line, without spaces and control characters."""
    return "@" in mail and mail.isprintable() and " " not in mail

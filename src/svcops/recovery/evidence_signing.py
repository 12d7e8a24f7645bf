"""Signing evidence, and approving it: who may, and a signature that would count (decision 28)."""

from typing import TYPE_CHECKING

from svcops.errors import NotDone, Refused
from svcops.recovery.form import unread_line, unread_name
from svcops.recovery.logs import logs_of
from svcops.store.change import Change, digest_of
from svcops.store.events import subject
from svcops.store.ids import tail
from svcops.store.layout import SIGNATURE
from svcops.store.people import is_nobody, who, why_nobody
from svcops.timing.model import format_instant
from svcops.trust.facts import wrote
from svcops.trust.keys import key_of
from svcops.trust.signatures import APPROVE, EXECUTE, SIGNERS, Damaged, Signed, Trust, addresses, trust_of, verify
from svcops.trust.signing import chosen_key, sign, what_mends
from svcops.trust.trusted import object_id

if TYPE_CHECKING:
    from svcops.recovery.model import Evidence
    from svcops.recovery.verdicts import Verdict
    from svcops.store.entries import Entry
    from svcops.store.events import Author
    from svcops.store.graph import Graph
    from svcops.terminal.session import Session
    from svcops.trust.trusted import Trusted

_NAMESPACES = "svcops-evidence-*"
"""What a key is enrolled for, as who runs one drill approves another."""


def sign_evidence(session: "Session", pin: "Trusted", found: "Verdict", key: str) -> Change:
    """The change that puts a signature beside evidence, by who ran its drill."""
    store, entry = session.store, found.entry
    author, path = session.author(), entry.path + SIGNATURE
    refuse_uncommitted(session, entry.path)
    by = entry.value.by
    if who(store.graph, by) != author.by and not (by == who(pin.graph_of(by), by) and pin.is_same(author.by, by)):
        raise Refused(
            f"{by} ran this drill, and you are {author.by}: evidence is signed by who ran it",
            help=f"Agree to it in place of that: svcops evidence approve {tail(entry.name)}",
        )
    if found.signature.standing == "good":
        is_there = store.git.blob_at("HEAD", path)
        more = "" if is_there else ", and the signature is not committed"
        commit = f"git add -- {path} && git commit -- {path}"
        help_ = f"svcops evidence verify {tail(entry.name)}" if is_there else commit
        raise Refused(f"{entry.name} is signed already{more}", help=help_)
    _refuse_the_future(session, entry)
    _refuse_what_is_wrong(found, "identity", "logs")
    refuse_another_form(store.graph, entry)
    signature = _signature(session, pin, store.blob(entry.path), key, EXECUTE)
    there = store.graph.tree.has(path)
    before = {path: digest_of(store.blob(path))} if there else {}
    return Change(subject(f"Sign the evidence {tail(entry.name)}"), {path: signature}, before, records=(entry.name,))


def approve_evidence(session: "Session", pin: "Trusted", found: "Verdict", key: str) -> tuple[str, Change]:
    """The approval's id, and the change that records it with its signature, by another person than who was there."""
    from svcops.trust.changes import approve

    store, entry, author = session.store, found.entry, session.author()
    refuse_uncommitted(session, entry.path)
    _refuse_approver(session, pin, entry, author.by)
    if found.approval.standing == "good" and who(store.graph, found.approval.by) == author.by:
        there = store.graph.all("approval")[found.approval.record].path
        waits = store.git.lacking([there, there + SIGNATURE])
        help_ = f"git add -- {' '.join(waits)} && git commit -- {' '.join(waits)}" if waits else "Nothing to do."
        more = ", and that is not committed" if waits else ""
        raise Refused(f"{author.by} has approved {entry.name} already{more}", help=help_)
    _refuse_the_future(session, entry)
    _refuse_what_is_wrong(found, "identity", "signature", "logs", "chain")
    refuse_another_form(store.graph, entry)
    what = f"the evidence {tail(entry.name)}"
    approval_id, change = approve(author, entry.path, store.blob(entry.path), what, role="approver")
    ((path, data),) = change.files.items()
    assert data is not None, path
    signature = _signature(session, pin, data, key, APPROVE)
    own = key_of(store.graph.tree.read(entry.path + SIGNATURE)[0]) if found.signature.standing != "absent" else None
    made = key_of(signature)
    if made is None or made == own:
        raise Refused(
            f"the approval would not count: this key signed the evidence, as {entry.value.by}",
            help="Sign with a key of your own: --key ~/.ssh/id_ed25519",
        )
    _refuse_a_shared_key(pin, entry, author, Signed(data, signature, (), author.now, APPROVE), store.graph)
    return approval_id, Change(change.subject, {path: data, path + SIGNATURE: signature}, records=change.records)


def _refuse_a_shared_key(
    pin: "Trusted", entry: "Entry[Evidence]", author: "Author", made: Signed, graph: "Graph"
) -> None:
    """The keys of evidence and approval are of two persons, by whom the list of signers gives them."""
    by, read = entry.value.by, graph.tree.read
    shared, whose = pin.given(made, by), "this key"
    if not shared:
        own = Signed(read(entry.path)[0], read(entry.path + SIGNATURE)[0], (), author.now, EXECUTE)
        shared, whose, by = pin.given(own, author.by), "the key that signed the evidence", author.by
    if shared:
        help_ = f"A key is one person's: mend {SIGNERS}, or sign with a key of your own: --key ~/.ssh/id_ed25519"
        raise Refused(
            f"the approval would not count: {whose} is also one of {by}, as {shared} in {SIGNERS}", help=help_
        )


def refuse_uncommitted(session: "Session", path: str) -> None:
    """What is signed must be what others will see: the committed bytes."""
    git, folder = session.store.git, path.rpartition("/")[0]
    logs = [log.path for log in logs_of(session.store.graph.all("evidence")[folder.rpartition("/")[2]])]
    held = git.blob_at("HEAD", path) if git.head() else None
    waits = path if held is None or git.uncommitted([path]) else next(iter(git.lacking(logs)), "")
    if held is None or waits:
        raise NotDone(f"{waits} is not committed as it is", help=f"git add -- {folder} && git commit -- {folder}")
    if object_id(session.store.blob(path), like=held) != held:
        raise NotDone(
            f"{path} has other bytes in git than here, as of line ends or a filter",
            help="Have /recovery/evidence/** -text in .gitattributes, below what fits *.yaml; git add --renormalize .",
        )


def refuse_another_form(graph: "Graph", entry: "Entry[Evidence]") -> None:
    """An auditor's script reads no YAML, and no names as people write them: what is signed cannot be mended."""
    line = unread_line(graph.tree.read(entry.path)[0], entry.value)
    if line:
        raise Refused(
            f"{entry.path} is not written as svcops writes it, and the script of a bundle would not read it: {line}",
            help="Keep values, lists and keys as svcops wrote them: no comment behind them, items two blanks in.",
        )
    name = unread_name(entry.value, graph)
    if name:
        raise Refused(
            f"{entry.path} names {name}, of whom the script of a bundle knows nobody by that",
            help=f"Write the name of the file in catalogue/people, or an address: {who(graph, name)}",
        )


def _refuse_the_future(session: "Session", entry: "Entry[Evidence]") -> None:
    """Nobody has seen the end of a drill that is not over."""
    if entry.value.ended_at > session.now():
        raise Refused(
            f"{entry.name} ends in the future, at {format_instant(entry.value.ended_at)}: nobody has seen that",
            help="svcops explain EVD001",
        )


def _refuse_what_is_wrong(found: "Verdict", *parts: str) -> None:
    """Nobody puts their name to what does not hold."""
    wrong = next((name for name in parts if found.parts[name].standing in ("bad", "unknown")), None)
    if wrong:
        help_ = f"svcops evidence verify {tail(found.entry.name)}"
        raise Refused(f"{found.entry.name} does not hold: {wrong}: {found.parts[wrong].why}", help=help_)


def _refuse_approver(session: "Session", pin: "Trusted", entry: "Entry[Evidence]", by: str) -> None:
    graph, one = session.store.graph, entry.value
    for name, did in ((one.by, "ran this drill"), (one.witness, "was its witness")):
        if name and (who(graph, by) in wrote(graph, (name,)) or pin.is_same(by, name)):
            raise Refused(
                f"{by} {did}, and an approval is somebody else's",
                help=f"Ask a colleague to read it and to run: svcops evidence approve {tail(entry.name)}",
            )
    for name in filter(None, (by, one.by, one.witness)):
        is_unknown = is_nobody(graph, name) and is_nobody(pin.graph_of(name), name)
        if is_unknown or not graph.all("person"):
            why = why_nobody(graph, name)
            help_ = "Add the address to emails of that person's file in catalogue/people, and have that reviewed."
            raise Refused(f"the approval would not count: {why}, so it may be whoever approves", help=help_)


def _signature(session: "Session", pin: "Trusted", data: bytes, key: str, namespace: str) -> bytes:
    """A signature over some bytes by who is typing, refused where it could not count.

    A key that is enrolled here, and not in the trusted revision yet, counts once that has it.
    """
    store, author = session.store, session.author()
    chosen = chosen_key(store.git, key, session.place, "evidence" if namespace == EXECUTE else "the approval")
    asks = session.stdin.isatty() and not session.options.no_input
    signature = sign(data, chosen, store.env, asks=asks, namespace=namespace)
    worth = verify(data, signature, pin.trust, pin.addresses(author.by), author.now, namespace=namespace)
    if worth.standing == "good":
        return signature
    if worth.standing == "unknown":
        raise NotDone(worth.why)
    trust, mails = _trust_here(session), addresses(store.graph, author.by)
    here = verify(data, signature, trust, mails, author.now, namespace=namespace)
    if worth.is_revoked or here.standing != "good":
        why = worth if worth.is_revoked else here
        help_ = what_mends(session, why, trust, mails, chosen, _NAMESPACES)
        raise Refused(f"the signature would not count: {why.why}", help=help_)
    session.say(f"it counts once {pin.name} has {SIGNERS} and catalogue/people as they are here: {worth.why}")
    return signature


def _trust_here(session: "Session") -> Trust:
    try:
        return trust_of(session.store.graph.tree)
    except Damaged as error:
        raise NotDone(str(error)) from None

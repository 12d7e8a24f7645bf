"""A line of the lists of trust/ that holds no key."""

from collections.abc import Iterator

from svcops.checking.model import At, Finding, Span
from svcops.checking.rule import Context, Rule
from svcops.trust.keys import unread_lines
from svcops.trust.signatures import REVOKED, SIGNERS

_LISTS = {
    SIGNERS: 'A line is: noor@example.org namespaces="svcops-evidence-*" ssh-ed25519 AAAA..., or a comment with #.',
    REVOKED: "A line is a public key as in its file, ssh-ed25519 AAAA..., or a comment with #; or all of it is a KRL.",
}


def _find(context: Context) -> Iterator[Finding]:
    tree = context.graph.tree
    for path, help_ in _LISTS.items():
        data, problem = tree.read(path) if tree.has(path) else (b"", None)
        for number in () if problem else unread_lines(data, has_principals=path == SIGNERS):
            does = "so nobody knows whose keys are revoked" if path == REVOKED else "so it gives nobody a key"
            yield Finding("TRU005", f"this line holds no key, {does}", At(path), help_, span=Span(number, 1, number, 2))


RULE = Rule("TRU005", "a line of the lists of keys that holds none", find=_find)

"""A signature of an approval that is not good."""

from collections.abc import Iterator

from svcops.checking.model import Finding
from svcops.checking.rule import Context, Rule
from svcops.trust.facts import over_what_stands
from svcops.trust.signatures import look_at, signature_of

_ANEW = "Approve it anew, with a key of trust/allowed_signers, and remove this approval and its signature."
_ELSEWHERE = "Check it where ssh-keygen is installed, and where trust/ can be read."


def _find(context: Context) -> Iterator[Finding]:
    # those of evidence are looked at by svcops evidence verify, by the keys of a revision that is trusted
    approvals = [one for one in over_what_stands(context.graph) if one.value.role != "approver"]
    look_at(context.graph, approvals)
    for entry in approvals:
        signature = signature_of(context.graph, entry)
        if signature.standing in ("bad", "unknown"):
            message = f"the approval of {entry.value.of} does not count: {signature.why}"
            yield Finding("TRU002", message, entry.at("by"), _ANEW if signature.standing == "bad" else _ELSEWHERE)


RULE = Rule("TRU002", "an approval whose signature is not good", find=_find)

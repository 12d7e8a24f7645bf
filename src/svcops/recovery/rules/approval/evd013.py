"""An approval in a role that is not the one which its file takes."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from svcops.checking.model import Finding
from svcops.checking.rule import Context, Rule
from svcops.store.layout import place_of

if TYPE_CHECKING:
    from svcops.store.entries import Entry
    from svcops.trust.model import Approval


def _find(context: Context) -> Iterator[Finding]:
    approvals: Mapping[str, Entry[Approval]] = context.graph.all("approval")
    for entry in approvals.values():
        of, role = entry.value.of, entry.value.role
        place = place_of(of)
        is_evidence = bool(place and place.kind and place.kind.name == "evidence")
        if is_evidence == (role == "approver"):
            continue
        if is_evidence:
            message = f"the approval of {of} does not count: its role is {role}, and evidence takes an approver"
            help_ = "svcops evidence approve ID writes one that counts."
        else:
            message = f"the approval of {of} has the role of an approver, and that is no evidence"
            help_ = "An approver agrees to evidence; whoever read another file is its reviewer."
        yield Finding("EVD013", message, entry.at("role"), help_)


RULE = Rule("EVD013", "an approval in a role that is not that of its file", find=_find)

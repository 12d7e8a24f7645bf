"""An approval that must be signed, and is not."""

from collections.abc import Iterator

from svcops.checking.model import Finding
from svcops.checking.rule import Context, Rule
from svcops.trust.facts import over_what_stands
from svcops.trust.signatures import signature_of


def _find(context: Context) -> Iterator[Finding]:
    if context.graph.settings.policy.approvals != "proved":
        return
    for entry in over_what_stands(context.graph):
        if entry.value.role == "approver":
            continue  # svcops evidence verify asks for it in any case
        if signature_of(context.graph, entry).standing == "absent":
            message = f"the approval of {entry.value.of} is not signed, and policy.approvals of svcops.yaml is proved"
            help_ = f"{entry.value.by} approves it anew, with a key, and this approval is removed."
            yield Finding("TRU003", message, entry.at("by"), help_)


RULE = Rule("TRU003", "an approval that must be signed and is not", find=_find)

"""Evidence that was changed after it was committed, or after somebody approved it."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from svcops.checking.model import Finding, Related
from svcops.checking.rule import Context, Rule
from svcops.recovery.completeness import altered
from svcops.trust.facts import approvals_of, digest_text

if TYPE_CHECKING:
    from svcops.recovery.model import Evidence
    from svcops.store.entries import Entry


def _find(context: Context) -> Iterator[Finding]:
    graph, history = context.graph, context.history
    every: Mapping[str, Entry[Evidence]] = graph.all("evidence")
    for entry in every.values():
        help_ = f"Bring back what it was, and drill again where that was wrong: git log -p -- {entry.path}"
        approvals = [one for one in approvals_of(graph, entry.path) if one.value.role == "approver"]
        digest = digest_text(graph.tree.read(entry.path)[0]) if approvals else ""
        other = next((one for one in approvals if one.value.digest != digest), None)
        commit = altered(graph, history, entry.path) if history else ""
        if other is not None:
            related = (Related("approved there, with other bytes", other.at("digest")),)
            message = f"it is not what {other.value.by} approved"
            yield Finding("EVD012", message, entry.at(), help_, related=related)
        elif commit:
            message = f"it was changed after it was committed, and evidence is written once ({commit[:10]})"
            yield Finding("EVD012", message, entry.at(), help_)


RULE = Rule("EVD012", "evidence that was changed", find=_find)

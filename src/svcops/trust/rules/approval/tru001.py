"""An approval of a file that is not there."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from svcops.checking.model import Finding
from svcops.checking.rule import Context, Rule

if TYPE_CHECKING:
    from svcops.store.entries import Entry
    from svcops.trust.model import Approval


def _find(context: Context) -> Iterator[Finding]:
    approvals: Mapping[str, Entry[Approval]] = context.graph.all("approval")
    for entry in approvals.values():
        of = entry.value.of
        if not context.graph.tree.has(of):
            message = f"approves {of}, and there is no such file in this store"
            help_ = "An approval is about the exact bytes of one file: restore it from git's history."
            yield Finding("TRU001", message, entry.at("of"), help_)


RULE = Rule("TRU001", "an approval of a file that is not there", find=_find)

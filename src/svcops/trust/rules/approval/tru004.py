"""An approval by an address that belongs to nobody of the catalogue."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from svcops.checking.model import Finding
from svcops.checking.rule import Context, Rule
from svcops.store.layout import path_named
from svcops.store.people import is_nobody, why_nobody
from svcops.trust.facts import over_what_stands

if TYPE_CHECKING:
    from svcops.trust.model import Approval

_HELP = "Add the address to emails of the person's file in catalogue/people, or have somebody of the catalogue approve."


def _find(context: Context) -> Iterator[Finding]:
    for entry in over_what_stands(context.graph):
        if is_nobody(context.graph, entry.value.by) and not _approved_evidence_and_left(context, entry.value):
            message = f"the approval of {entry.value.of} does not count: {why_nobody(context.graph, entry.value.by)}"
            yield Finding("TRU004", message, entry.at("by"), _HELP)


def _approved_evidence_and_left(context: Context, approval: "Approval") -> bool:
    """Whether `svcops evidence verify` judges it by who they were, or may, where git's history is not there."""
    if approval.role != "approver":
        return False
    history, path = context.history, path_named("person", approval.by)
    return history is None or bool(path and (history.unknown or history.of(path)))


RULE = Rule("TRU004", "an approval by nobody of the catalogue", rests_on=("person",), find=_find)

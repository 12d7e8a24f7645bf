"""An agreement that nobody agreed to yet."""

from collections.abc import Iterator

from svcops.checking.model import Finding
from svcops.checking.rule import Context, Rule


def _find(context: Context) -> Iterator[Finding]:
    for entry in context.graph.all("agreement").values():
        if entry.value.agreed is None:
            help_ = "Once it is agreed, add agreed: with whom, at which day, in which document."
            message = "a draft: nobody agreed to it yet, so it promises nothing"
            yield Finding("AGR004", message, entry.at(), help_, severity="note")


RULE = Rule("AGR004", "an agreement that nobody agreed to yet", "note", find=_find)

"""Evidence that was committed, and is not there any more."""

from collections.abc import Iterator

from svcops.checking.model import At, Finding
from svcops.checking.rule import Context, Rule
from svcops.recovery.completeness import lost


def _find(context: Context) -> Iterator[Finding]:
    graph, history = context.graph, context.history
    if history is None:
        return
    for gap in lost(graph, history):
        took = f"git checkout {gap.by}^ -- {gap.path}" if gap.by else f"git log -p -- {gap.path}"
        help_ = f"Bring it back, as it is what an auditor asks for: {took}"
        yield Finding("EVD015", f"evidence is missing: {gap.why}", At(gap.path), help_)


RULE = Rule("EVD015", "evidence that was taken away", find=_find)

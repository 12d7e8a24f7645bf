"""An alert that leads to a runbook that is not there."""

from collections.abc import Iterator

from svcops.checking.model import Finding
from svcops.checking.rule import Context, Rule
from svcops.runbooks.annotations import annotations, meant, why_lost

_HELP = "Write the path of a runbook from the top of the store, runbooks/SERVICE/NAME.md, or its address."


def _find(context: Context) -> Iterator[Finding]:
    graph = context.graph
    for one in annotations(graph):
        why = why_lost(graph, one)
        if why:
            near = meant(graph, one)
            help_ = f"Did you mean {near}?" if near else _HELP
            yield Finding("RBK006", f"{one.key} leads nowhere: {why}", one.at, help_, severity="warning")


RULE = Rule("RBK006", "an alert that leads to a runbook that is not there", "warning", find=_find)

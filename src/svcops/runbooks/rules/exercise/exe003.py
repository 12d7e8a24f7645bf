"""An exercise that its own steps, or the files that it names, contradict."""

from collections.abc import Iterator

from svcops.checking.model import Finding
from svcops.checking.rule import Context, Rule
from svcops.runbooks.contradicting import contradictions

_HELP = "It proves nothing as it is. Write what really was, or take the record away, and exercise the runbook again."


def _find(context: Context) -> Iterator[Finding]:
    graph = context.graph
    for name, found in graph.once(contradictions).items():
        for one in found:
            yield Finding("EXE003", one.message, graph.all("exercise")[name].at(*one.keys), _HELP)


RULE = Rule("EXE003", "an exercise that its own steps or files contradict", find=_find)

"""Evidence whose log is gone, or is another than it says."""

from collections.abc import Iterator

from svcops.checking.model import Finding
from svcops.checking.rule import Context, Rule
from svcops.recovery.logs import logs_of, wrong_log


def _find(context: Context) -> Iterator[Finding]:
    graph = context.graph
    for entry in graph.all("evidence").values():
        for log in logs_of(entry):
            wrong = wrong_log(graph, log)
            if wrong:
                help_ = "Bring the file back from git's history: git log names who changed it."
                yield Finding("DRL001", wrong, entry.at(*log.named_at, "log"), help_)


RULE = Rule("DRL001", "evidence without the log that it names, or with another", find=_find)

"""Evidence whose log is gone, or is another than it says."""

from collections.abc import Iterator

from svcops.checking.model import Finding
from svcops.checking.rule import Context, Rule
from svcops.recovery.logs import logs_of, wrong_log
from svcops.store.graph import Graph


def _find(context: Context) -> Iterator[Finding]:
    graph = context.graph
    for entry in graph.all("evidence").values():
        for log in logs_of(entry):
            wrong = wrong_log(graph, log, _digest)
            if wrong:
                help_ = "Bring the file back from git's history: git log names who changed it."
                yield Finding("DRL001", wrong, entry.at(*log.named_at, "log"), help_)


def _digest(graph: Graph, path: str) -> str:
    """Of the file as the graph has it, which may be that of a revision, and not of the work tree."""
    from svcops.store.change import digest_of

    data, problem = graph.tree.read(path)
    if problem is not None:
        raise OSError(0, problem.message)
    return f"sha256:{digest_of(data)}"


RULE = Rule("DRL001", "evidence without the log that it names, or with another", find=_find)

"""Evidence whose log is gone, or is another than it says."""

from collections.abc import Iterator

from svcops.checking.model import Finding, KeyPath
from svcops.checking.rule import Context, Rule
from svcops.recovery.logs import is_log
from svcops.recovery.model import Evidence
from svcops.store.entries import Entry
from svcops.store.graph import Graph


def _find(context: Context) -> Iterator[Finding]:
    graph = context.graph
    for entry in graph.all("evidence").values():
        judged = dict[str, str]()
        for keys, log, digest in _logs(entry.value):
            if log not in judged:
                judged[log] = _why(graph, entry, log, digest)
                if judged[log]:
                    help_ = "Bring the file back from git's history: git log names who changed it."
                    yield Finding("DRL001", judged[log], entry.at(*keys, "log"), help_)


def _logs(evidence: Evidence) -> Iterator[tuple[KeyPath, str, str | None]]:
    for number, stage in enumerate(evidence.stages):
        if stage.log:
            yield ("stages", number), stage.log, stage.digest
    for number, case in enumerate(evidence.cases):
        if case.log:
            yield ("cases", number), case.log, case.digest


def _why(graph: Graph, entry: Entry[Evidence], log: str, digest: str | None) -> str:
    from svcops.store.change import digest_of

    if not is_log(log):
        return f"{log} is not below logs/ of its folder"
    path = f"{entry.path.rpartition('/')[0]}/{log}"
    if not graph.tree.has(path):
        return f"{log} is not beside it"
    data, problem = graph.tree.read(path)
    if problem is not None or (digest and f"sha256:{digest_of(data)}" != digest):
        return f"{log} is not what the drill said: its digest is another"
    return ""


RULE = Rule("DRL001", "evidence without the log that it names, or with another", find=_find)

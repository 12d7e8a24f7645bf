"""Names written in another way that can mean one record only: in capitals, as a path, without a document's kind."""

import re

from svcops.store.graph import Graph
from svcops.store.layout import kind
from svcops.store.suggest import nearest

_LEADING = re.compile(r"\A(?:\.{0,2}/)+")
_PLAIN = re.compile(r"[a-z][a-z0-9._/-]*", re.IGNORECASE)
_NOT_TEXT = ("y", "n", "yes", "no", "on", "off", "true", "false", "null")
"""Words that a reader of YAML 1.1 or 1.2 takes for something else than text."""

_Kinds = tuple[str, ...]
_Record = tuple[str, str]
"""Its kind and its name."""


class Spellings:
    """The ways of writing the names of a graph, collected once for the kinds that a reference may be of."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self._records: dict[_Kinds, dict[str, set[_Record]]] = {}
        self._near: dict[tuple[_Kinds, str], str | None] = {}

    def meant(self, kinds: _Kinds, written: str) -> str | None:
        """The name of the one record that can be meant; None where there is none, or more than one."""
        if kinds not in self._records:
            self._records[kinds] = self._collect(kinds)
        found = self._records[kinds].get(_LEADING.sub("", written.strip(), count=1).lower(), set())
        return next(iter(found))[1] if len(found) == 1 else None

    def near(self, kinds: _Kinds, written: str) -> str | None:
        """The name of which only the last part was written, else the most alike, else one whose last part was written.

        Worked out once a name: a service that was deleted may be named by a thousand records.
        """
        wanted = (kinds, written)
        if wanted not in self._near:
            names = self.graph.candidates(kinds)
            whole = (name for name in names if name.endswith(f"/{written}"))
            last = written.rpartition("/")[2]
            alike = (name for name in names if last != written and name.endswith(f"/{last}"))
            self._near[wanted] = next(whole, None) or nearest(written, names) or next(alike, None)
        return self._near[wanted]

    def _collect(self, kinds: _Kinds) -> dict[str, set[_Record]]:
        records: dict[str, set[_Record]] = {}
        for one in kinds:
            base, _, prefix = one.partition(":")
            for name in self.graph.candidates((one,)):
                for spelling in _of_document(name) if kind(base).many else (name,):
                    records.setdefault(spelling.lower(), set()).add((f"{base}:{prefix}", name))
            if not kind(base).many:
                for path, name in self.graph.paths(base).items():
                    for spelling in _of_path(path, name):
                        records.setdefault(spelling.lower(), set()).add((f"{base}:{prefix}", name))
        return records


def _of_document(name: str) -> tuple[str, str]:
    """A document goes by KIND/NAME; its name alone is enough where one document has it."""
    return name, name.rpartition("/")[2]


def _of_path(path: str, name: str) -> list[str]:
    """The ends of a path that say at least as much as the name, with the file's ending and without it."""
    steps, least = path.split("/"), name.count("/") + 1
    ends = ["/".join(steps[index:]) for index in range(len(steps) - least + 1)]
    return [*ends, *(end.rpartition(".")[0] for end in ends)]


def plain_text(name: str) -> str:
    """A name as YAML reads it as text."""
    if _PLAIN.fullmatch(name) and name.lower() not in _NOT_TEXT:
        return name
    from svcops.store.yaml_writing import dump_flow

    return dump_flow(name)

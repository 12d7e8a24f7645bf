"""The OpenSLO documents of a store as one stream, in which every reference that leads somewhere in the store resolves.

Services of the catalogue that SLOs refer to become OpenSLO Services. Documents stand by kind and name, so that the same
store gives the same bytes; what has no field in OpenSLO is an annotation in the store already, and stays one.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from svcops.exchange.slo_drafts import KIND, document
from svcops.slo.model import SLO
from svcops.store.frozen import frozen
from svcops.store.graph import Graph
from svcops.store.yaml_writing import dump, plain_of

FILES = {
    "Service": "services",
    "DataSource": "data-sources",
    "SLI": "slis",
    "AlertNotificationTarget": "alert-notification-targets",
    "AlertCondition": "alert-conditions",
    "AlertPolicy": "alert-policies",
    "SLO": "slos",
}
"""For each kind of document, in the order of the stream: the file of a folder that it goes to."""

_BURN_RATE = "burnrate"
_LONGEST = 1050
"""Characters that OpenSLO allows in a description."""


@frozen
class Export:
    """The documents, and what a person should know of them."""

    documents: tuple[Mapping[str, Any], ...]
    remarks: tuple[str, ...]

    @property
    def names(self) -> list[str]:
        """Kind and name of each document: `SLO/sign-in`."""
        return [f"{one['kind']}/{one['metadata']['name']}" for one in self.documents]

    def text(self, kind: str = "") -> str:
        """The documents (of one kind) as YAML."""
        return "---\n".join(dump(dict(one)) for one in self.documents if kind in ("", one["kind"]))

    def files(self) -> dict[str, str]:
        """A file a kind of document, by name."""
        kinds = dict.fromkeys(str(one["kind"]) for one in self.documents)
        return {f"{FILES[kind]}.yaml": self.text(kind) for kind in kinds}


def export(graph: Graph) -> Export:
    """Every OpenSLO document of the store, and the services of the catalogue that SLOs refer to."""
    documents = [_whole(plain_of(entry.value)) for entry in graph.all(KIND).values()]
    own = {one["metadata"]["name"] for one in documents if one["kind"] == "Service"}
    documents += [_service(name, graph) for name in _services(graph) if name not in own]
    order = list(FILES)
    documents.sort(key=lambda one: (order.index(one["kind"]), one["metadata"]["name"]))
    return Export(tuple(documents), tuple(_remarks(graph, documents)))


def _services(graph: Graph) -> list[str]:
    """The services of the catalogue that SLOs refer to."""
    named = {entry.value.spec.service for entry in graph.all(KIND).values() if isinstance(entry.value, SLO)}
    return sorted(named & graph.all("service").keys())


def _service(name: str, graph: Graph) -> dict[str, Any]:
    """A service of the catalogue as an OpenSLO Service."""
    of = graph.all("service")[name].value
    text = of.description if len(of.description) <= _LONGEST else f"{of.description[: _LONGEST - 1]}…"
    return document("Service", name, {"description": text}, displayName=of.title)


def _whole(plain: Any) -> Any:
    """A document with what OpenSLO asks for and has a default here: the kind of a condition."""
    if isinstance(plain, list):
        return [_whole(item) for item in plain]
    if not isinstance(plain, dict):
        return plain
    kind = {"kind": _BURN_RATE} if "lookbackWindow" in plain else {}
    return {**kind, **{key: _whole(value) for key, value in plain.items()}}


def _remarks(graph: Graph, documents: list[dict[str, Any]]) -> Iterator[str]:
    """What the stream does not have."""
    lost = sorted({f"{one.keys[-1]} {one.name}" for one in graph.dangling(KIND)})
    if lost:
        yield f"lead nowhere, in the store and so in the export: {', '.join(lost)}"
    excluded = list(graph.names("exclusion"))
    if excluded:
        yield f"left out: exclusion {', '.join(excluded)} (OpenSLO has nothing for it)"
    if not any(one["kind"] == "SLO" for one in documents):
        yield "the store has no SLO"

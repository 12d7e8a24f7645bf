"""The OpenSLO documents of a store, sorted out, and what is wrong with an SLO among them."""

from collections.abc import Iterable, Mapping

from svcops.errors import BadInput
from svcops.slo.model import SLI, SLO, AlertCondition, AlertPolicy, DataSource, Document
from svcops.store.frozen import frozen


class BadSLO(BadInput):
    """An SLO that cannot be worked out as it stands: which, at which field, and why.

    `lacks` says that something is not written yet; else what is written is wrong.
    """

    def __init__(self, path: str, name: str, field: str, why: str, *, help: str = "", lacks: bool = False) -> None:
        super().__init__(f"{path}: SLO {name}: {field}: {why}", help=help)
        self.field = field
        self.why = why
        self.lacks = lacks


class NotYet(Exception):
    """What the specification allows and is not worked out here; the text completes "not computed here: "."""


@frozen
class Documents:
    """What SLOs refer to, by name; the first of two of one name counts."""

    indicators: Mapping[str, SLI]
    sources: Mapping[str, tuple[str, DataSource]]
    """With the path of the document."""
    policies: Mapping[str, AlertPolicy]
    conditions: Mapping[str, AlertCondition]


def sort_out(documents: Iterable[tuple[str, Document]]) -> tuple[list[tuple[str, SLO]], Documents]:
    """The SLOs, in the order of their names and paths, and what they may refer to."""
    slos: list[tuple[str, SLO]] = []
    indicators: dict[str, SLI] = {}
    sources: dict[str, tuple[str, DataSource]] = {}
    policies: dict[str, AlertPolicy] = {}
    conditions: dict[str, AlertCondition] = {}
    for path, document in documents:
        if isinstance(document, SLO):
            slos.append((path, document))
        elif isinstance(document, SLI):
            indicators.setdefault(document.metadata.name, document)
        elif isinstance(document, DataSource):
            sources.setdefault(document.metadata.name, (path, document))
        elif isinstance(document, AlertPolicy):
            policies.setdefault(document.metadata.name, document)
        elif isinstance(document, AlertCondition):
            conditions.setdefault(document.metadata.name, document)
    return sorted(slos, key=lambda one: (one[1].metadata.name, one[0])), Documents(
        indicators, sources, policies, conditions
    )

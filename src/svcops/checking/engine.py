"""Running the rules over a store: a function of the graph and the clock. Writes nothing, reaches no host."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from svcops.checking.model import Finding, Related, Span
from svcops.checking.registry import rules
from svcops.checking.rule import Context
from svcops.store.files import strays
from svcops.store.graph import Graph
from svcops.store.layout import KINDS

if TYPE_CHECKING:
    from svcops.store.documents import Locator


@dataclass(frozen=True, slots=True)
class Outcome:
    """The findings, located and in order, and how many records were read."""

    findings: tuple[Finding, ...]
    records: int

    def count(self, severity: str) -> int:
        """How many findings have that severity."""
        return sum(finding.severity == severity for finding in self.findings)


def check(graph: Graph, now: datetime) -> Outcome:
    """Read everything, run every rule, locate what was found."""
    graph.read_everything()
    context = Context(graph, now)
    found = list(graph.findings)
    for rule in rules():
        if rule.find:
            found += rule.find(context)
    located = [*_located(found, graph), *strays(graph.root)]
    records = sum(len(graph.all(kind.name)) for kind in KINDS)
    return Outcome(tuple(sorted(dict.fromkeys(located), key=Finding.order)), records)


def _located(found: list[Finding], graph: Graph) -> list[Finding]:
    """The findings with their lines; the parser that finds them is imported only where there are any."""
    if not found:
        return []
    from svcops.store.documents import Locator

    locator = Locator(graph.root)
    return [_locate(finding, locator) for finding in found]


def _locate(finding: Finding, locator: "Locator") -> Finding:
    related = tuple(replace(one, span=one.span or _related(finding, one, locator)) for one in finding.related)
    return replace(finding, span=finding.span or locator.span(finding.at), related=related)


def _related(finding: Finding, one: Related, locator: "Locator") -> Span | None:
    """Where the related place is. Of a file with one record, its path says enough."""
    inside = one.at.keys or one.at.document or finding.at.document
    return locator.span(one.at) if inside else None

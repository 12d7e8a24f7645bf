"""Running the rules over a store: a function of the graph and the clock. Writes nothing, reaches no host.

A large store is read by two processes, each its share of the folders, and each runs the rules about what it read
(`svcops.checking.apart`).
"""

from collections.abc import Iterable, Iterator
from dataclasses import field, replace
from datetime import datetime
from typing import TYPE_CHECKING

from svcops.checking import registry
from svcops.checking.model import Finding, Related, Span
from svcops.checking.rule import Context
from svcops.store.frozen import frozen
from svcops.store.graph import Graph
from svcops.store.layout import KINDS
from svcops.store.model import Kind

if TYPE_CHECKING:
    from svcops.store.documents import Locator

_MANY = 3_000
"""Files from which a second process saves more than it costs."""


@frozen
class Outcome:
    """The findings, located and in order, and what they were found in."""

    findings: tuple[Finding, ...]
    records: int
    waived: tuple[Finding, ...] = field(default=())
    """Findings that a waiver leaves out."""
    marked: tuple[str, ...] = field(default=())
    """The files that hold a waiver of their own (`svcops.checking.waivers`)."""

    def count(self, severity: str) -> int:
        """How many findings have that severity."""
        return sum(finding.severity == severity for finding in self.findings)


def check(graph: Graph, now: datetime, *, with_remarks: bool = False) -> Outcome:
    """Read everything, run every rule, locate what was found. `with_remarks` says that `remarks` will be asked next."""
    found = None
    sizes = graph.tree.sizes()
    if sum(sizes.values()) >= _MANY:
        from svcops.checking.apart import check_apart

        found = check_apart(graph, now, sizes, with_remarks=with_remarks)
    parts = found or [part(graph, now, KINDS)]
    outcome = Outcome(
        findings=in_order(finding for one in parts for finding in one.findings),
        records=sum(one.records for one in parts),
        marked=tuple(sorted({path for one in parts for path in one.marked})),
    )
    graph.tree.read_ahead(_paths(outcome.findings))
    if not outcome.marked and not graph.settings.waivers:
        return outcome
    from svcops.checking.waivers import waive

    return waive(outcome, graph, now)


def part(graph: Graph, now: datetime, kinds: Iterable[Kind]) -> Outcome:
    """Read the records of these kinds and run the rules about them."""
    kinds = tuple(kinds)
    strays = graph.take_inventory(kinds).findings
    names = [kind.name for kind in kinds]
    records = sum(len(graph.all(name)) for name in names)
    context = Context(graph, now, kinds)
    found: list[Finding] = []
    for rule in registry.running(names):
        if rule.find:
            found += rule.find(context)
    return Outcome((*strays, *_located([*graph.findings, *found], graph)), records, marked=tuple(graph.marked))


def remarks(graph: Graph, now: datetime) -> tuple[str, ...]:
    """What rooms say about the store as a whole when the check ends; worked out once."""
    return graph.once(_remarks, now)


def _remarks(graph: Graph, now: datetime) -> tuple[str, ...]:
    context = Context(graph, now)
    return tuple(filter(None, (remark(context) for remark in registry.remarks())))


def in_order(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Each finding once, by place."""
    return tuple(sorted(dict.fromkeys(findings), key=Finding.order))


def _located(found: list[Finding], graph: Graph) -> list[Finding]:
    """The findings with their lines; the parser that finds them is imported only where there are any."""
    if not found:
        return []
    from svcops.store.documents import Locator

    locator = Locator(graph.tree)
    graph.tree.read_ahead(_paths(found))
    located = [_locate(finding, locator) for finding in found]
    if not any(finding.fix for finding in located):
        return located
    from svcops.checking.fixing import located as with_edits

    return with_edits(located, graph)


def _paths(findings: Iterable[Finding]) -> Iterator[str]:
    """The files that the findings name, which who shows them will read."""
    for finding in findings:
        yield finding.at.path
        yield from (one.at.path for one in finding.related)


def _locate(finding: Finding, locator: "Locator") -> Finding:
    related = tuple(replace(one, span=one.span or _related(finding, one, locator)) for one in finding.related)
    return replace(finding, span=finding.span or locator.span(finding.at), related=related)


def _related(finding: Finding, one: Related, locator: "Locator") -> Span | None:
    """Where the related place is. Of a file with one record, its path says enough."""
    inside = one.at.keys or one.at.document or finding.at.document
    return locator.span(one.at) if inside else None

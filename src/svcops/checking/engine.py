"""Running the rules over a store: a function of the graph and the clock. Writes nothing, reaches no host.

A large store is read by two processes, each its share of the folders, and each runs the rules about what it read
(`svcops.checking.apart`).
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import field, replace
from datetime import datetime
from typing import TYPE_CHECKING

from svcops.checking import registry
from svcops.checking.model import Finding, Related, Span
from svcops.checking.rule import Context, Rule
from svcops.store.frozen import frozen
from svcops.store.graph import Graph
from svcops.store.layout import KINDS, SETTINGS
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
    damaged: tuple[str, ...] = field(default=())
    """The files that cannot be read as records, or only in part."""
    uncertain: tuple[Finding, ...] = field(default=())
    """Findings that may be wrong, as they rest on damaged files."""

    @property
    def may_hide(self) -> bool:
        """Whether a finding may be there though it is not told: any rule may go by what a damaged file says."""
        return bool(self.damaged)

    def stops_rules(self, finding: Finding) -> bool:
        """Whether it is an error of svcops.yaml for which no rule was applied: nothing may leave it out."""
        return finding.at.path == SETTINGS and finding.severity == "error" and SETTINGS in self.damaged

    def count(self, severity: str) -> int:
        """How many findings have that severity."""
        return sum(finding.severity == severity for finding in self.findings)


def check(
    graph: Graph, now: datetime, *, with_remarks: bool = False, of_change: Collection[Finding] | None = None
) -> Outcome:
    """Read everything, run every rule, locate what was found. `with_remarks` says that `remarks` will be asked next.

    `of_change` are findings that only a change from one revision to another shows, and that waivers hold for, too;
    None where nobody looked for any.
    """
    found = None
    sizes = graph.tree.sizes()
    if sum(sizes.values()) >= _MANY:
        from svcops.checking.apart import check_apart

        found = check_apart(graph, now, sizes, with_remarks=with_remarks)
    parts = found or [part(graph, now, KINDS)]
    outcome = Outcome(
        findings=in_order([*(finding for one in parts for finding in one.findings), *(of_change or ())]),
        records=sum(one.records for one in parts),
        marked=tuple(sorted({path for one in parts for path in one.marked})),
        damaged=tuple(sorted({path for one in parts for path in one.damaged})),
        uncertain=in_order(finding for one in parts for finding in one.uncertain),
    )
    graph.tree.read_ahead(_paths(outcome.findings))
    if not outcome.marked and not graph.settings.waivers:
        return outcome
    from svcops.checking.waivers import waive

    return waive(outcome, graph, now, of_change=of_change is not None)


def part(graph: Graph, now: datetime, kinds: Iterable[Kind]) -> Outcome:
    """Read the records of these kinds and run the rules about them; none without the settings they go by."""
    kinds = tuple(kinds)
    strays = graph.take_inventory(kinds).findings
    names = [kind.name for kind in kinds]
    records = sum(len(graph.all(name)) for name in names)
    context = Context(graph, now, kinds)
    found: list[Finding] = []
    uncertain: list[Finding] = []
    for rule in registry.running(names) if not graph.damaged("settings") else ():
        for finding in rule.find(context) if rule.find else ():
            (uncertain if _rests_on_damage(rule, finding, graph) else found).append(finding)
    damaged = tuple(one.at.path for one in graph.findings if one.severity == "error")
    located = _located([*graph.findings, *found], graph)
    return Outcome((*strays, *located), records, (), tuple(graph.marked), damaged, tuple(uncertain))


def _rests_on_damage(rule: Rule, finding: Finding, graph: Graph) -> bool:
    """Whether a file cannot be read of which the rule, or the finding, takes it that it can."""
    if rule.whole:
        folder = finding.at.path.rpartition("/")[0].removesuffix("/timeline")
        if any(one.severity == "error" and one.at.path.startswith(f"{folder}/") for one in graph.findings):
            return True
    return any(map(graph.damaged, (*rule.rests_on, *finding.rests_on)))


def stopped(graph: Graph) -> str:
    """Why no rule was applied, in a sentence; empty where they were."""
    if not graph.damaged("settings"):
        return ""
    return f"No rule was applied, as {SETTINGS} is damaged: the rules go by what it says."


def remarks(graph: Graph, now: datetime) -> tuple[str, ...]:
    """What rooms say about the store as a whole when the check ends; worked out once."""
    return graph.once(_remarks, now)


def _remarks(graph: Graph, now: datetime) -> tuple[str, ...]:
    if why := stopped(graph):
        return (why,)
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
    related = tuple(replace(one, span=one.span or _related(one, locator)) for one in finding.related)
    return replace(finding, span=finding.span or locator.span(finding.at), related=related)


def _related(one: Related, locator: "Locator") -> Span | None:
    """Where the related place is. Of a record that is the whole file, its path says enough."""
    return locator.span(one.at) if one.at.keys else None

"""Which alerts SLOs raise, by the names that runbooks answer: those of their alert policies, or the one of an SLO.

As `svcops slo watch` and `backtest` evaluate them, and `svcops slo rules` writes them: it leaves out what has no words
in PromQL, and with `--tiers` writes these beside an SLO's own alert policies; no runbook is asked for those.
"""

import re
from collections.abc import Collection, Iterator
from datetime import timedelta
from functools import cache

from svcops.slo.burning import fitting, period_of
from svcops.slo.facts import exact
from svcops.slo.model import SLO, AlertPolicySpec, Objective, SLOPolicy
from svcops.slo.windows import LONGEST, Window, length_of
from svcops.store.entries import Entry
from svcops.store.frozen import frozen
from svcops.store.graph import Graph

_WORD = re.compile(r"[A-Za-z0-9]+")


@frozen
class Alert:
    """An alert of an SLO; one of an alert policy may be answered by the names of all its conditions, too."""

    name: str
    slo: str
    conditions: tuple[str, ...] = ()

    def is_answered(self, names: Collection[str]) -> bool:
        """Whether a runbook is for it, of those that are for the alerts of these names."""
        return self.name in names or (bool(self.conditions) and all(one in names for one in self.conditions))


@frozen
class Raised:
    """The alerts of all SLOs of a store, by the name of the SLO (`SLO/posting`)."""

    by_slo: dict[str, tuple[Alert, ...]]
    names: frozenset[str]
    """Of alerts, of the conditions of policies, and of what `svcops slo rules --tiers` writes beside these."""


def raised(graph: Graph) -> Raised:
    """What the SLOs of a store raise; for `Graph.once`."""
    entries = graph.all("slo")
    by_slo = {name: tuple(_alerts(graph, one)) for name, one in entries.items() if isinstance(one.value, SLO)}
    alerts = [alert for ones in by_slo.values() for alert in ones]
    names = {name for alert in alerts for name in (alert.name, *alert.conditions)}
    return Raised(by_slo, frozenset(names | {alert_name(name.partition("/")[2]) for name in by_slo}))


def alert_name(slo: str) -> str:
    """What the alerts on an SLO are called, and runbooks answer: ReceiptExtractionBudgetBurn."""
    return "".join(word[:1].upper() + word[1:] for word in _WORD.findall(slo)) + "BudgetBurn"


def _alerts(graph: Graph, slo: Entry[SLO]) -> Iterator[Alert]:
    """Those of its alert policies; and where none of these looks at a burn rate, the one that is named after it."""
    has_own = False
    for place, one in enumerate(slo.value.spec.alertPolicies or (), 1):
        name, policy = _policy(graph, one)
        if policy is None:  # REF001 tells that there is none, and nobody knows what it asks for
            has_own = True
            yield Alert(name, slo.name)
            continue
        named = tuple(
            each.conditionRef or (each.metadata.name if each.metadata else "") for each in policy.conditions or ()
        )
        has_own |= bool(named) and (policy.alertWhenBreaching or not policy.alertWhenNoData)
        if name and named:
            yield Alert(name, slo.name, named if all(named) else ())
        elif named:
            called = dict.fromkeys(each or f"{slo.value.metadata.name}-alert-{place}" for each in named)
            yield from (Alert(each, slo.name) for each in called)
    if not has_own and any(_has_tiers(slo.value, one) for one in slo.value.spec.objectives):
        yield Alert(alert_name(slo.value.metadata.name), slo.name)


def _policy(graph: Graph, one: SLOPolicy) -> tuple[str, AlertPolicySpec | None]:
    """The name and the content of an alert policy, by reference or written out."""
    if one.alertPolicyRef is None:
        return one.metadata.name if one.metadata else "", one.spec
    entry = graph.all("slo").get(f"AlertPolicy/{one.alertPolicyRef}")
    return one.alertPolicyRef, entry.value.spec if entry else None


def _has_tiers(slo: SLO, objective: Objective) -> bool:
    """Whether some burn rate alerts on an objective; not on one that is not finished."""
    written, full = (objective.target, 1) if objective.target is not None else (objective.targetPercent, 100)
    windows = slo.spec.timeWindow
    return written is not None and bool(windows) and _fits(written, full, windows[0].duration)


@cache
def _fits(written: float, full: int, window: str) -> bool:
    """Whether a tier fits a target and a window; a store has many SLOs, and few pairs of these."""
    if not timedelta(0) < length_of(window) <= LONGEST:
        return False
    target = exact(written) / full
    return 0 <= target < 1 and bool(fitting(period_of(Window(window)), 1 - target)[0])

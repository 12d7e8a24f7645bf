"""What suffers when a service fails, as a person, or a program, sees it."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any, TypeVar

from svcops.catalogue.agreement_presenting import clock_text
from svcops.catalogue.agreements import (
    ByClock,
    Promise,
    highest_availability,
    in_force,
    percent_text,
    shortest_resolution,
    shortest_response,
    shortest_rpo,
    shortest_rto,
    today,
)
from svcops.catalogue.dependencies import Edge, Suffering, impact
from svcops.catalogue.model import Agreement, Service
from svcops.catalogue.presenting import but_damaged, section, unknown_needs
from svcops.store.entries import Entry
from svcops.store.frozen import frozen
from svcops.store.graph import Graph
from svcops.timing.model import format_duration

T = TypeVar("T")

_TOLD = 5
"""Steps up to which a way is told step by step: one of more is no line to read at night."""


@frozen
class Windows:
    """The shortest windows at one severity: the highest at which anything is promised; of none it is empty."""

    severity: str
    by_clock: ByClock


@frozen
class Hit:
    """The tightest of the promises that a failure touches: those for the service itself and for all that stop."""

    services: tuple[str, ...]
    """The service itself and all that stop."""
    respond: Windows
    resolve: Windows
    availability: Promise[Fraction] | None
    rto: Promise[timedelta] | None
    rpo: Promise[timedelta] | None


def promises_hit(graph: Graph, names: Sequence[str], now: datetime) -> Hit:
    """The tightest promises in force for these services."""
    by_service = in_force(graph, today(graph, now))
    held: list[Entry[Agreement]] = [one for name in names for one in by_service.get(name, ())]
    severities = [level.name for level in graph.settings.severities]
    return Hit(
        tuple(names),
        _windows(held, severities, shortest_response),
        _windows(held, severities, shortest_resolution),
        highest_availability(held),
        shortest_rto(held),
        shortest_rpo(held),
    )


def _windows(
    held: Sequence[Entry[Agreement]],
    severities: Sequence[str],
    shortest: Callable[[Sequence[Entry[Agreement]], str], ByClock],
) -> Windows:
    """`severities` from the highest down: who promises nothing at the first of them may at the next."""
    every = (Windows(severity, shortest(held, severity)) for severity in severities)
    return next((one for one in every if one.by_clock), Windows("", {}))


def owners_hit(graph: Graph, entry: Entry[Service], suffering: Sequence[Suffering]) -> dict[str, list[str]]:
    """Who answers for what suffers, the owner of the failing service first."""
    known = graph.all("service")
    found: dict[str, list[str]] = {entry.value.owner: [entry.name]}
    for one in suffering:
        found.setdefault(known[one.name].value.owner, []).append(one.name)
    return found


def detail(graph: Graph, entry: Entry[Service], now: datetime) -> dict[str, Any]:
    """The impact as JSON; `path` leads from the failing service to the one that suffers.

    It is null where it has more than LONGEST_WAY `steps`: `via`, the next service on the way down, leads along it.
    """
    suffering = impact(graph, entry.name)
    hit = promises_hit(graph, _stopping(entry, suffering), now)
    known = graph.all("service")
    return {
        "service": entry.name,
        "core_workflows": _workflows_json(entry.value),
        "suffers": [
            {
                "service": one.name,
                "title": known[one.name].value.title,
                "owner": known[one.name].value.owner,
                "tier": known[one.name].value.tier,
                "effect": one.effect,
                "steps": one.steps,
                "via": one.via,
                "path": [_edge_json(edge) for edge in one.path] or None,
                "core_workflows": _workflows_json(known[one.name].value),
            }
            for one in suffering
        ],
        "owners": [{"owner": owner, "services": names} for owner, names in owners_hit(graph, entry, suffering).items()],
        "promises": {
            "respond": _windows_json(hit, hit.respond),
            "resolve": _windows_json(hit, hit.resolve),
            "availability": _promise_json(hit, hit.availability, "percent", float),
            "rto": _span_json(hit, hit.rto),
            "rpo": _span_json(hit, hit.rpo),
        },
    }


def as_text(graph: Graph, entry: Entry[Service], now: datetime) -> str:
    """The impact as a page to read in a terminal."""
    return "\n".join(_lines(graph, entry, now))


def _lines(graph: Graph, entry: Entry[Service], now: datetime) -> Iterator[str]:
    suffering = impact(graph, entry.name)
    stops = [one for one in suffering if one.effect == "stops"]
    degraded = [one for one in suffering if one.effect == "degraded"]
    yield f"When {entry.name} ({entry.value.title}) fails"
    title = f"{len(stops)} more {_service(stops)} {'stops' if len(stops) == 1 else 'stop'}"
    yield from _group(graph, title, entry.name, stops)
    yield from _group(graph, f"{len(degraded)} {_service(degraded)} may be degraded", entry.name, degraded)
    if not suffering:
        yield f"  no other service{but_damaged(graph, 'service')} depends on it"
    yield from unknown_needs(graph)
    lost, worse = _stopping(entry, suffering), [one.name for one in degraded]
    yield from section("Core workflows that users lose", _workflows(graph, lost))
    yield from section("Core workflows that may be worse", _workflows(graph, worse))
    owners = owners_hit(graph, entry, suffering)
    yield from section("Who answers", [(owner, ", ".join(names)) for owner, names in owners.items()])
    promises = list(_promise_rows(promises_hit(graph, lost, now)))
    yield from section("Tightest promises hit", promises or [(f"none{but_damaged(graph, 'agreement')}",)])


def _workflows(graph: Graph, names: Sequence[str]) -> list[tuple[str, ...]]:
    known = graph.all("service")
    return [(name, one.title) for name in names for one in known[name].value.core_workflows]


def _group(graph: Graph, title: str, failing: str, suffering: Sequence[Suffering]) -> Iterator[str]:
    known = graph.all("service")
    tiers = (known[one.name].value.tier for one in suffering)
    rows = [
        (one.name, f"tier {tier}" if tier else "", _why(one, failing))
        for one, tier in zip(suffering, tiers, strict=True)
    ]
    yield from section(title, rows)


def _why(one: Suffering, failing: str) -> str:
    """The way down to what failed: `needs identity (call)`; of a long one its first step and its length."""
    if one.steps > _TOLD:
        return f"{_step(one.edge)}, which ... needs {failing}, {one.steps} steps away"
    return ", which ".join(map(_step, reversed(one.path)))


def _step(edge: Edge) -> str:
    return f"needs {edge.target} ({edge.dependency.kind}{'' if edge.critical else ', not critical'})"


def _promise_rows(hit: Hit) -> Iterator[tuple[str, ...]]:
    for label, windows in (("answer to", hit.respond), ("works again,", hit.resolve)):
        for clock, span in windows.by_clock.items():
            yield (
                f"{label} {windows.severity}",
                f"{format_duration(span.value)} {clock_text(clock)}",
                *_made_in(hit, span),
            )
    for label, objective in (("RTO", hit.rto), ("RPO", hit.rpo)):
        if objective:
            yield label, format_duration(objective.value), *_made_in(hit, objective)
    if hit.availability:
        percent = f"{percent_text(hit.availability.value)} %"
        yield "availability", percent, *_made_in(hit, hit.availability)


def _made_in(hit: Hit, promise: Promise[Any]) -> tuple[str, str]:
    """The agreements, and for which of the services that are hit."""
    ones = (promise.agreement, *promise.alike)
    services = dict.fromkeys(service for one in ones for service in one.value.services if service in hit.services)
    return ", ".join(one.name for one in ones), f"for {', '.join(services)}"


def _stopping(entry: Entry[Service], suffering: Sequence[Suffering]) -> list[str]:
    return [entry.name, *(one.name for one in suffering if one.effect == "stops")]


def _service(found: Sequence[object]) -> str:
    return "service" if len(found) == 1 else "services"


def _workflows_json(service: Service) -> list[dict[str, Any]]:
    return [{"name": one.name, "title": one.title, "slo": one.slo} for one in service.core_workflows]


def _edge_json(edge: Edge) -> dict[str, Any]:
    return {"from": edge.target, "to": edge.source, "kind": edge.dependency.kind, "critical": edge.critical}


def _windows_json(hit: Hit, found: Windows) -> list[dict[str, Any]]:
    return [
        {"severity": found.severity, "clock": clock, **(_span_json(hit, one) or {})}
        for clock, one in found.by_clock.items()
    ]


def _span_json(hit: Hit, promise: Promise[timedelta] | None) -> dict[str, Any] | None:
    return _promise_json(hit, promise, "seconds", timedelta.total_seconds)


def _promise_json(
    hit: Hit, promise: Promise[T] | None, unit: str, number: Callable[[T], float]
) -> dict[str, Any] | None:
    if promise is None:
        return None
    entry = promise.agreement
    alike = [one.name for one in promise.alike]
    services = [one for one in entry.value.services if one in hit.services]
    made = {"agreement": entry.name, "services": services, "path": entry.path, "alike": alike}
    return {unit: number(promise.value), **made}

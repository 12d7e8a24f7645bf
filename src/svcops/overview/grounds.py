"""What services are judged on: the graph and the clock, with the records that concern each service at hand.

Everything is worked out once, when it is first asked for, so that judging all services is linear in records.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import cached_property
from typing import Any, TypeVar

from svcops.catalogue.agreements import in_force, today, zone_of
from svcops.catalogue.escalation_hours import SupportHours, support_hours
from svcops.catalogue.escalation_policy import Policy, policy_of
from svcops.catalogue.model import Agreement, Contact, Escalation, Service
from svcops.incidents.measures import MeasureState, measure_states
from svcops.incidents.outlines import goes_on_as, services_with
from svcops.keydates.model import KeyDate
from svcops.overview.reach import Hole, Silence, ahead, attended_of, gap_of, hole_of, silence_of, ways_to_owner
from svcops.recovery.facts import drills
from svcops.recovery.model import Evidence
from svcops.recovery.plan import RecoveryPlan
from svcops.runbooks.facts import exercises
from svcops.runbooks.model import Exercise, Runbook
from svcops.runbooks.runs import Track
from svcops.slo.model import SLO
from svcops.store.entries import Entry
from svcops.store.graph import Graph
from svcops.timing.hours import Interval
from svcops.timing.model import format_duration

T = TypeVar("T")


class Grounds:
    """A graph at an instant, by service. The days are those of the store's time zone."""

    def __init__(self, graph: Graph, now: datetime) -> None:
        self.graph = graph
        self.now = now
        self.zone = zone_of(graph)
        self.day = today(graph, now)
        self._ways: dict[str, tuple[Contact, ...] | None] = {}
        self._policies: dict[tuple[str | None, str], Policy] = {}
        self._silences: dict[str, Silence] = {}
        self._gaps: dict[str, str] = {}
        self._damaged: dict[tuple[str, ...], list[str]] = {}
        self._attended: dict[str, list[Interval]] = {}
        self._hours: dict[tuple[str, ...], SupportHours] = {}
        self._hours_of: dict[str, SupportHours] = {}
        self._holes: dict[tuple[str, str], Hole | None] = {}
        self._same_hours: dict[str, str] = {}
        self._by_content: dict[Any, str] = {}
        self._judged: dict[Any, Any] = {}

    def once(self, key: Any, judge: Callable[[], T]) -> T:
        """What is the same for many services, worked out the first time that it is asked for."""
        if key not in self._judged:
            self._judged[key] = judge()
        judged: T = self._judged[key]
        return judged

    @cached_property
    def agreements(self) -> dict[str, list[Entry[Agreement]]]:
        """Every agreement, those without force too."""
        return _by(self.graph.all("agreement").values(), lambda one: one.services)

    @cached_property
    def in_force(self) -> Mapping[str, list[Entry[Agreement]]]:
        """The agreements that hold today."""
        return in_force(self.graph, self.day)

    @cached_property
    def runbooks(self) -> dict[str, list[Entry[Runbook]]]:
        """The runbooks in a service's folder, and others that name it."""
        found: dict[str, list[Entry[Runbook]]] = {}
        for entry in self.graph.all("runbook").values():
            for service in dict.fromkeys((entry.name.partition("/")[0], *entry.value.services)):
                found.setdefault(service, []).append(entry)
        return found

    @cached_property
    def answered(self) -> set[str]:
        """The names of the alerts that some runbook answers."""
        return {alert for entry in self.graph.all("runbook").values() for alert in entry.value.alerts}

    @cached_property
    def slos(self) -> dict[str, list[Entry[SLO]]]:
        """The SLOs about a service, and those that measure a core workflow of it."""
        documents = self.graph.all("slo")
        found: dict[str, dict[str, Entry[SLO]]] = {}
        for name, entry in documents.items():
            if isinstance(entry.value, SLO):
                found.setdefault(entry.value.spec.service, {})[name] = entry
        for service in self.graph.all("service").values():
            for workflow in service.value.core_workflows:
                measured = documents.get(workflow.slo or "")
                if measured and isinstance(measured.value, SLO):
                    found.setdefault(service.name, {})[measured.name] = measured
        return {name: list(slos.values()) for name, slos in found.items()}

    @cached_property
    def exercises(self) -> dict[str, Track[Exercise]]:
        """What was exercised, by the name of the runbook."""
        return exercises(self.graph, self.now)

    @cached_property
    def drills(self) -> dict[str, Track[Evidence]]:
        """What drills showed, by the name of the recovery plan."""
        return drills(self.graph, self.now)

    @cached_property
    def plans(self) -> dict[str, list[Entry[RecoveryPlan]]]:
        """The recovery plans."""
        return _by(self.graph.all("recovery-plan").values(), lambda one: one.services)

    @cached_property
    def keydates(self) -> dict[str, list[Entry[KeyDate]]]:
        """The key dates."""
        return _by(self.graph.all("keydate").values(), lambda one: one.services)

    @cached_property
    def open_measures(self) -> dict[str, list[MeasureState]]:
        """The measures that came out of incidents of a service, and are neither anchored nor dropped yet."""
        found: dict[str, list[MeasureState]] = {}
        for state in self._open:
            for service in services_with(self.graph, state.measure.incident):
                found.setdefault(service, []).append(state)
        return found

    @cached_property
    def incidents_with_open_measures(self) -> set[str]:
        """The incidents, by id, out of which a measure came that is neither anchored nor dropped yet.

        Of one that was merged into another that one, too.
        """
        named = {one.measure.incident for one in self._open}
        return named | {goes_on_as(self.graph, one) for one in named}

    @cached_property
    def _open(self) -> list[MeasureState]:
        return [one for one in measure_states(self.graph).values() if one.standing == "open"]

    @cached_property
    def span_ahead(self) -> str:
        """For how long, in words, somebody has to be on call at every hour."""
        return format_duration(ahead(self.graph, self.now) - self.now)

    def damaged(self, kinds: tuple[str, ...]) -> list[str]:
        """The files of these kinds that cannot be read as records."""
        if kinds not in self._damaged:
            self._damaged[kinds] = [path for kind in kinds for path in self.graph.damaged(kind)]
        return self._damaged[kinds]

    def said(self, path: str) -> list[Any] | None:
        """What a damaged file says, as plain data; None where not even its YAML can be read."""
        return self.once(("said", path), lambda: self._said(path))

    def _said(self, path: str) -> list[Any] | None:
        from svcops.store.documents import parse

        data, problem = self.graph.tree.read(path)
        parsed = parse(data, path, many=True)
        is_read = problem is None and not any(one.severity == "error" for one in parsed.findings)
        return parsed.documents if is_read else None

    def ways_to_owner(self, name: str) -> tuple[Contact, ...] | None:
        """How an owner is reached; None where nobody has the name."""
        if name not in self._ways:
            self._ways[name] = ways_to_owner(self.graph, name)
        return self._ways[name]

    def policy(self, service: Service) -> Policy:
        """The escalation policy of a service."""
        named = (service.escalation, service.owner)
        if named not in self._policies:
            self._policies[named] = policy_of(self.graph, service)
        return self._policies[named]

    def silence(self, policy: Entry[Escalation]) -> Silence:
        """When an escalation policy reaches nobody."""
        if policy.name not in self._silences:
            self._silences[policy.name] = silence_of(self.graph, policy.value, self.day)
        return self._silences[policy.name]

    def gap(self, schedule: str) -> str:
        """What is wrong with a schedule from now on; empty where somebody is always on call."""
        if schedule not in self._gaps:
            self._gaps[schedule] = gap_of(self.graph, schedule, self.now, self.zone)
        return self._gaps[schedule]

    def support_hours(self, service: Entry[Service]) -> SupportHours:
        """The support hours of a service today."""
        if service.name not in self._hours_of:
            self._hours_of[service.name] = self._support_hours(service)
        return self._hours_of[service.name]

    def _support_hours(self, service: Entry[Service]) -> SupportHours:
        agreements = self.agreements.get(service.name, [])
        policy = self.policy(service.value).entry
        own = policy is not None and policy.value.support_hours is not None
        key = (policy.name,) if policy and own else ("", *(one.name for one in agreements))
        if key not in self._hours:
            self._hours[key] = support_hours(self.graph, policy, agreements, self.day, self.zone)
        return self._hours[key]

    def hole(self, policy: Entry[Escalation], hours: SupportHours) -> Hole | None:
        """When an escalation policy first calls schedules that have nobody, in support hours that are known."""
        if hours.of not in self._same_hours:  # many agreements have the same
            content = (hours.known, *(one.hours for one in hours.times))
            self._same_hours[hours.of] = self._by_content.setdefault(content, hours.of)
        key = (policy.name, self._same_hours[hours.of])
        if key not in self._holes:
            self._holes[key] = hole_of(self.graph, policy.value, hours, self.now, self._attended_in)
        return self._holes[key]

    def is_always_attended(self, schedule: str) -> bool:
        """Whether somebody is on call in a schedule at every hour of the time ahead."""
        return self._attended_in(schedule) == [Interval(self.now, ahead(self.graph, self.now))]

    def _attended_in(self, schedule: str) -> list[Interval]:
        if schedule not in self._attended:
            self._attended[schedule] = attended_of(self.graph, schedule, self.now, self.zone)
        return self._attended[schedule]


def grounds(graph: Graph, now: datetime) -> Grounds:
    """The grounds of a graph at an instant, the same for all who ask."""
    return graph.once(Grounds, now)


def _by(entries: Iterable[Entry[Any]], services: Callable[[Any], Iterable[str]]) -> dict[str, list[Entry[Any]]]:
    """Records by each service that they name."""
    found: dict[str, list[Entry[Any]]] = {}
    for entry in entries:
        for service in dict.fromkeys(services(entry.value)):
            found.setdefault(service, []).append(entry)
    return found

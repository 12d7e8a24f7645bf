"""The Prometheus rules of a store: a group an objective, a file a service, and what has none, with the reason."""

import os
import re
from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from svcops.errors import BAD_INPUT, DONE, NOT_ENOUGH_DATA, BadInput
from svcops.slo.agreed import exclusions_of
from svcops.slo.burning import Alarm, fitting, own_alarms, period_of, why_never
from svcops.slo.documents import Documents, sort_out
from svcops.slo.model import SLO
from svcops.slo.prometheus_rules import Around, Rule, Ruled, alerts, recorded
from svcops.slo.promql import NoPromQL
from svcops.slo.questions import Question, questions
from svcops.slo.raised import alert_name
from svcops.store.frozen import frozen
from svcops.store.graph import Graph
from svcops.store.layout import is_record_folder
from svcops.store.outside import write_whole
from svcops.store.yaml_writing import UNFOLDED, dump

if TYPE_CHECKING:
    from svcops.catalogue.model import Service
    from svcops.runbooks.model import Runbook
    from svcops.store.entries import Entry

SCHEMA = "svcops.slo-rules/1"
HEADER = "# Written by svcops slo rules: changes here are lost when it runs again."
"""The first line of every file: by this it is known as one that may be written anew."""
_FILE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


@frozen
class Wanted:
    """Which rules: the names of tiers (None for all that fit, of SLOs without their own), recording rules, alerts."""

    tiers: tuple[str, ...] | None = None
    recording: bool = True
    alerts: bool = True


@frozen
class Group:
    """The rules of one objective."""

    name: str
    path: str
    service: str
    slo: str
    objective: str
    rules: tuple[Rule, ...]

    @property
    def plain(self) -> dict[str, Any]:
        """As Prometheus reads it."""
        return {"name": self.name, "rules": list(self.rules)}


@frozen
class LeftOut:
    """An objective of which no rules are written, and why."""

    slo: str
    objective: str
    reason: str


@frozen
class Failure:
    """An SLO that is wrong."""

    slo: str
    service: str
    error: BadInput


@frozen
class Found:
    """The groups in the order of the names of SLOs, what is left out, what to know beside, and what is wrong."""

    groups: tuple[Group, ...]
    left_out: tuple[LeftOut, ...]
    remarks: tuple[str, ...]
    failures: tuple[Failure, ...]

    @property
    def exit_code(self) -> int:
        """2 where an SLO is wrong, 4 where one is left out, else 0."""
        return BAD_INPUT if self.failures else NOT_ENOUGH_DATA if self.left_out else DONE

    def text(self, service: str | None = None) -> str:
        """The groups (of one service) as a file of rules."""
        chosen = [one for one in self.groups if service in (None, one.service)]
        paths = sorted({one.path for one in chosen})
        origin = f"# From {', '.join(paths)}\n" if paths else ""
        return f"{HEADER}\n{origin}" + dump({"groups": [one.plain for one in chosen]}, width=UNFOLDED)

    def files(self) -> dict[str, str]:
        """A file a service, by name; not of a service with an SLO that is wrong, whose alerts would be lost."""
        wrong = {one.service for one in self.failures}
        services = dict.fromkeys(one.service for one in self.groups if one.service not in wrong)
        for service in services:
            if not _FILE.fullmatch(service):
                raise BadInput(f"{service} is no name for a file", help="Mend the name of the service.")
        return {f"{service}.yaml": self.text(service) for service in services}


def rules_of(graph: Graph, wanted: Wanted, now: datetime, names: Collection[str] | None = None) -> Found:
    """The rules for the SLOs of a store, or for those of these names; `now` tells which exclusions are over."""
    slos, known = sort_out((entry.path, entry.value) for entry in graph.all("slo").values())
    making = _Making(graph, known, wanted, now)
    for path, slo in slos:
        if names is None or slo.metadata.name in names:
            try:
                making.add(path, slo)
            except BadInput as error:
                making.failures.append(Failure(slo.metadata.name, slo.spec.service, error))
    return Found(tuple(making.groups), tuple(making.left_out), tuple(making.remarks), tuple(making.failures))


class _Making:
    """What has been found so far."""

    def __init__(self, graph: Graph, known: Documents, wanted: Wanted, now: datetime) -> None:
        self.graph, self.known, self.wanted, self.now = graph, known, wanted, now
        self.exclusions = exclusions_of(graph)
        self.groups: list[Group] = []
        self.left_out: list[LeftOut] = []
        self.remarks: list[str] = []
        self.failures: list[Failure] = []
        self.answering: dict[str, list[Entry[Runbook]]] = {}
        for entry in graph.all("runbook").values():
            for alert in entry.value.alerts:
                self.answering.setdefault(alert, []).append(entry)

    def add(self, path: str, slo: SLO) -> None:
        """The groups of an SLO; BadInput where it is wrong."""
        asked = questions(path, slo, self.known, for_rules=True)
        own = own_alarms(path, slo, self.known)
        for number, (question, label) in enumerate(zip(asked, _labels(asked), strict=True)):
            name = slo.metadata.name if len(asked) == 1 else f"{slo.metadata.name}/{number + 1}"
            try:
                rules = self.rules(slo, question, label, own)
            except NoPromQL as error:
                self.left_out.append(LeftOut(slo.metadata.name, label, str(error)))
                continue
            self.groups.append(Group(name, path, question.service, slo.metadata.name, label, tuple(rules)))
        if self.wanted.alerts and self.groups and self.groups[-1].slo == slo.metadata.name:
            self.remarks += self.excluded(slo)

    def excluded(self, slo: SLO) -> Iterator[str]:
        """What excludes times of an SLO, which no rule of a Prometheus knows."""
        name = slo.metadata.name
        for one in self.exclusions.to_come(name, slo.spec.service, self.now):
            told = f"a Prometheus does not know that {one.value.title} ({one.path}) is excluded"
            yield f"{name}: {told}: silence the alerts then"

    def rules(self, slo: SLO, question: Question, label: str, own: Sequence[Alarm]) -> list[Rule]:
        """The rules of an objective; NoPromQL where there can be none."""
        if question.judged is None:
            raise NoPromQL(question.reason or "a composite SLO as a whole: rules are written of its objectives")
        of = Ruled(question, question.judged, period_of(question.judged.window), label)
        alarms = list(self.alarms(of, own))
        windows = {one.window for alarm in alarms for one in alarm.burns}
        windows |= {alarm.when_no_data for alarm in alarms if alarm.when_no_data}
        if not windows:
            raise NoPromQL("no alert is asked for that its window allows")
        found = recorded(of, self.known, sorted(windows))
        if not self.wanted.recording:
            found = []
        if self.wanted.alerts:
            for alarm in alarms:
                found += alerts(of, [alarm], self.around(slo, alarm), alert_name(slo.metadata.name))
        return found

    def alarms(self, of: Ruled, own: Sequence[Alarm]) -> Iterator[Alarm]:
        """The tiers, and the SLO's own; of those that say nothing it is said why not.

        As `slo watch` and `backtest` have them: the SLO's own instead of the tiers, unless these are named.
        """
        has_own = self.wanted.tiers is None and any(one.burns for one in own)
        kept, left_out = ((), ()) if has_own else fitting(of.period, of.allowed, self.wanted.tiers)
        named = f"{of.question.name} ({of.objective})"
        self.remarks += [f"{named}: no tier {tier.name}: {why}" for tier, why in left_out]
        tiers = [(f"no tier {tier.name}", tier.alarm(of.period)) for tier in kept]
        for what, alarm in [*tiers, *((f"no alert {one.policy}", one) for one in own)]:
            why = why_never(alarm, of.allowed, of.judged.slices.length if of.judged.slices else None)
            if why:
                self.remarks.append(f"{named}: {what}: {why}")
            else:
                yield alarm

    def around(self, slo: SLO, alarm: Alarm) -> Around:
        """Who answers an alert, and what it links to."""
        name, service = alarm.policy or alert_name(slo.metadata.name), slo.spec.service
        site = (self.graph.settings.site or "").rstrip("/")
        links = []
        book = self.runbook(service, name) or self.runbook(service, alarm.condition)
        if book is None:
            remark = f"no runbook answers {name}: write alerts: [{name}] in one below runbooks/{service}/"
            if remark not in self.remarks:
                self.remarks.append(remark)
        elif site:
            links.append(("runbook_url", f"{site}/runbooks/{book.name}.html"))
        else:
            links.append(("runbook", book.path))
        record: Entry[Service] | None = self.graph.all("service").get(service)
        if record and site:
            links.append(("dashboard_url", f"{site}/services/{service}.html"))
        title = slo.metadata.displayName or slo.metadata.name
        return Around(title, record.value.owner if record else "", tuple(links))

    def runbook(self, service: str, alert: str) -> "Entry[Runbook] | None":
        """The runbook that answers an alert; one of the service before those of others."""
        found = self.answering.get(alert, ())
        return min(found, key=lambda one: (not one.name.startswith(f"{service}/"), one.name), default=None)


def _labels(asked: Sequence[Question]) -> list[str]:
    """What the objectives of an SLO are called; those of one name with their number behind it."""
    names = [one.objective for one in asked]
    return [f"{name} ({number + 1})" if names.count(name) > 1 else name for number, name in enumerate(names)]


def write(place: Callable[[str], Path], output: str, found: Found, root: Path) -> list[str]:
    """Write a file a service to a folder; the paths as they were named.

    `place` says where they are. BadInput for a folder of the store's records, and where there are files that were not
    written by this: then nothing is.
    """
    target, store = place(output).resolve(), root.resolve()
    below = target.relative_to(store).parts if target.is_relative_to(store) else ()
    if below and is_record_folder(below[0]):
        raise BadInput(f"{output} is a folder of the store's records", help="Name another: --output prometheus.")
    if place(output).is_file():
        raise BadInput(f"{output} is a file", help="Name a folder, or > a file: svcops slo rules > rules.yaml.")
    texts = {f"{output.rstrip('/')}/{name}": text for name, text in found.files().items()}
    foreign = [path for path in texts if os.path.lexists(place(path)) and not _is_ours(place(path))]
    if foreign:
        why = "there already, and not written by svcops slo rules; nothing was written"
        raise BadInput(f"{', '.join(foreign)}: {why}", help="Move it away, or name another folder.")
    for path, text in texts.items():
        write_whole(place(path), text)
    return list(texts)


def left_over(place: Callable[[str], Path], output: str, found: Found) -> list[str]:
    """The files of an earlier run in a folder whose services have no rules any more; the paths as they were named."""
    services = {one.service for one in found.groups} | {one.service for one in found.failures}
    names = sorted(path.name for path in place(output).glob("*.yaml") if path.stem not in services and _is_ours(path))
    return [f"{output.rstrip('/')}/{name}" for name in names]


def _is_ours(path: Path) -> bool:
    """Whether a file begins as those that are written here."""
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            return file.readline().rstrip("\r\n") == HEADER
    except OSError:
        return False

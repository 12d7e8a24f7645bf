"""Which alerts of a store's SLOs fire now, as messages that open, tell and resolve incidents.

All alerts of an SLO are one group: a disruption that wakes somebody, and later a ticket's alert too, is one incident.
An alert is told by when it began to fire, which is worked out from the samples, and not by when somebody looked; so
whoever looks, and how often, comes to the same incident.

Where nothing is known of the time that an alert looks at, or nothing happened in it, nobody can say that the
disruption is over. Then what fired goes on firing, unlike in Prometheus, where silence resolves.
"""

import json
import operator
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from hashlib import sha256
from itertools import count
from typing import Literal

from svcops.errors import BadInput, SvcopsError
from svcops.incidents.alert_groups import Known
from svcops.incidents.alert_groups import known as group_of
from svcops.incidents.alertmanager import Alert, Message
from svcops.slo.agreed import exclusions_of
from svcops.slo.alerting import Alerting, Evaluated, alerting, name_of, windows_of
from svcops.slo.backtesting import STEP, replay
from svcops.slo.buckets import Reading
from svcops.slo.burning import Alarm, rate_text
from svcops.slo.documents import BadSLO, sort_out
from svcops.slo.facts import Impossible, rounded
from svcops.slo.pacing import apart
from svcops.slo.questions import Question, questions
from svcops.slo.raised import alert_name
from svcops.slo.readings import distinct, read_all, sampled
from svcops.slo.slices import Counts
from svcops.store.frozen import frozen
from svcops.store.graph import Graph
from svcops.timing.hours import Interval
from svcops.timing.intervals import overlapping
from svcops.timing.model import format_duration

_LEAST_BACK = timedelta(days=3)
"""How far back is looked for when an alert began to fire; farther where an alert looks back farther itself."""
_LATE = timedelta(hours=1)
"""After which samples that stay away are pointed out: alerts that wake somebody look at the last half hour."""
Condition = Literal["firing", "waiting", "silent", "unknown"]


@frozen
class Standing:
    """How an alert stands at a moment.

    `waiting`: its burn rates hold, for less time than it asks. `unknown`: nothing is known of what it looks at. `since`
    is when it began to fire, or to be unknown where that is what it tells of; `over` when it last was no more.
    """

    question: Question
    alarm: Alarm
    condition: Condition
    since: datetime | None = None
    over: datetime | None = None
    rates: tuple[Fraction | None, ...] = ()
    """The burn rates over its windows, as far as they are known."""

    @property
    def labels(self) -> dict[str, str]:
        """By what it is told from others: those that `svcops slo rules` would give it."""
        of, first = self.question, next(iter(sorted(windows_of([self.alarm]), reverse=True)))
        told = {
            "alertname": self.alarm.policy or alert_name(of.name),
            "severity": self.alarm.severity,
            "service": of.service,
            "slo": of.name,
            "objective": of.objective,
            "window": format_duration(first).replace(" ", ""),
            "condition": self.alarm.condition,
        }
        return {label: value for label, value in told.items() if value}

    @property
    def fingerprint(self) -> str:
        """The same for the same alert, whoever looks."""
        return sha256(json.dumps(sorted(self.labels.items())).encode()).hexdigest()[:16]


@frozen
class Look:
    """How the alerts stood at a moment, by the names of SLOs, and what is wrong."""

    at: datetime
    standings: Mapping[str, Sequence[Standing]]
    errors: tuple[SvcopsError, ...]
    remarks: tuple[str, ...]


def look(graph: Graph, at: datetime, names: Collection[str] | None = None) -> Look:
    """How the alerts of all SLOs stand, or of those of these names, at the last whole minute before a moment.

    So an alert begins at the same moment whenever somebody looks. What is wrong hides no other SLO.
    """
    slos, known = sort_out([(one.path, one.value) for one in graph.all("slo").values()])
    at, errors, remarks = _on_grid(sampled(at), STEP), list[SvcopsError](), list[str]()
    exclusions = exclusions_of(graph)
    found: list[Alerting] = []
    for path, slo in slos:
        if names is not None and slo.metadata.name not in names:
            continue
        try:
            asked = [alerting(path, slo, known, exclusions, one, None, at) for one in questions(path, slo, known)]
        except BadInput as error:
            errors.append(error)
            continue
        found += [_recent(one) for one, _ in asked if one and one.alarms]
        remarks += [told for _, several in asked for told in several]
    remarks += dict.fromkeys(told for one in found for told in _excluded_now(one))
    readings = read_all({one.question: one.edges for one in found}, known, graph.root)
    standings: dict[str, list[Standing]] = {}
    for one in found:
        try:
            standings.setdefault(one.question.name, []).extend(_standings(one, readings.of(one.question)))
        except Impossible as error:
            errors.append(BadSLO(one.question.path, one.question.name, "spec.indicator", str(error)))
        except SvcopsError as error:
            errors.append(error)
    return Look(at, standings, distinct(errors), (*remarks, *_late(readings.whole, at)))


def _late(readings: Mapping[str, Reading], at: datetime) -> Iterator[str]:
    """Which sources end long before the moment, as no alert on them can fire."""
    for source, reading in readings.items():
        ends = [one.sampled.last for one in reading.counted.values() if one.sampled.last]
        if ends and at - max(ends) > _LATE:
            yield f"{source}: the newest sample is {format_duration(at - max(ends))} old"


def _excluded_now(of: Alerting) -> Iterator[str]:
    """What excludes the moment, as alerts on what happens then cannot fire."""
    for one in of.excluded_since(of.at - of.every):
        if one.end == of.at:
            yield f"{of.question.name}: excluded now: {one.title} ({one.path})"


def _recent(of: Alerting) -> Alerting:
    """From as far back as an alert may have begun, at moments that are the same whenever somebody looks."""
    at = _on_grid(of.at, of.every)
    return replace(of, at=at, start=at - max(_LEAST_BACK, *windows_of(of.alarms)))


def _on_grid(at: datetime, every: timedelta) -> datetime:
    """The last moment of a grid that begins with 1970."""
    return at - (at - datetime(1970, 1, 1, tzinfo=UTC)) % every


def _standings(of: Alerting, readings: Mapping[str, Reading]) -> Iterator[Standing]:
    evaluated = of.evaluated(readings)
    last = _last(of, readings)
    for alarm in of.alarms:
        if alarm.when_no_data:
            yield _silence(of, alarm, alarm.when_no_data, evaluated.counts, last)
        if alarm.burns:
            yield _burning(of, alarm, evaluated)


def _last(of: Alerting, readings: Mapping[str, Reading]) -> datetime | None:
    """When there was something to count last."""
    total = of.judged.indicator.total
    return readings[total.source].counted[total.asked].sampled.last


def _burning(of: Alerting, alarm: Alarm, evaluated: Evaluated) -> Standing:
    pacing, moments = evaluated.pacing, evaluated.moments
    firings = replay(alarm, pacing, moments, ()).firings
    at = moments[-1] if moments else of.at
    rates = tuple(pacing.rate(at - one.window, at) for one in alarm.burns)
    over = next((one.end for one in reversed(firings) if one.end), None)
    if firings and firings[-1].end is None:
        return Standing(of.question, alarm, "firing", firings[-1].start, over, rates)
    known = [burn.holds(rate) for burn, rate in zip(alarm.burns, rates, strict=True) if rate is not None]
    condition: Condition = "waiting" if len(known) == len(rates) and all(known) else "unknown"
    return Standing(of.question, alarm, condition if all(known) else "silent", None, over, rates)


def _silence(of: Alerting, alarm: Alarm, window: timedelta, counts: Counts, last: datetime | None) -> Standing:
    """An alert on samples that do not come; while excluded times last nobody waits for them."""
    alone, start = replace(alarm, burns=()), of.at - window
    if counts.good([Interval(start, of.at)]) is not None:
        return Standing(of.question, alone, "silent")
    out = apart(of.excluded_since(min(last or start, start)))
    if not out.kept(start, of.at):
        return Standing(of.question, alone, "unknown")
    since = _after(last, window + alarm.after, out.out) if last else of.at
    return Standing(of.question, alone, "firing" if since <= of.at else "waiting", since if since <= of.at else None)


def _after(start: datetime, span: timedelta, out: Sequence[Interval]) -> datetime:
    """When a span is over that began then and stands still in what is `out`."""
    for one in overlapping(out, start, datetime.max.replace(tzinfo=UTC)):
        if one.start >= start + span:
            break
        span -= max(one.start - start, timedelta(0))
        start = one.end
    return start + span


def messages(graph: Graph, of: Look) -> Iterator[tuple[str, Message]]:
    """What the alerts have to tell incidents, by the names of SLOs."""
    known = {one.value.alert.key for one in graph.all("incident").values() if one.value.alert}
    for slo, standings in of.standings.items():
        key = f"svcops slo watch: {slo}"
        group = group_of(graph, key) if key in known else None
        found = _message(group, key, slo, standings, of.at)
        if found:
            yield slo, found


def _message(group: Known | None, key: str, slo: str, standings: Sequence[Standing], at: datetime) -> Message | None:
    last = group.last if group else None
    told = {one.fingerprint: one.since for one in last.alerts} if last and last.status == "firing" else {}
    fire = [alert for one in standings if (alert := _firing(one, told))]
    alerts = fire or [_resolved(one, told[one.fingerprint], at) for one in standings if one.fingerprint in told]
    if not alerts:
        return None
    labels = {"alertname": alert_name(slo), "slo": slo}
    status: Literal["firing", "resolved"] = "firing" if fire else "resolved"
    return Message(key, status, tuple(alerts), 0, "svcops slo watch", labels, labels)


def _firing(one: Standing, told: Mapping[str, datetime]) -> Alert | None:
    """An alert that fires, or of which nobody can say that it fires no more."""
    before, since = told.get(one.fingerprint), one.since
    if one.condition != "firing":
        since = before if one.condition in ("waiting", "unknown") else None
    elif before and since and since - before <= min(windows_of([one.alarm])):
        since = before  # samples that came late move the beginning, and it is the same all the same
    if since is None:
        return None
    return Alert(one.fingerprint, "firing", one.labels, {"summary": summary(one)}, since, None)


def _resolved(one: Standing, since: datetime, at: datetime) -> Alert:
    return Alert(one.fingerprint, "resolved", one.labels, {"summary": summary(one)}, since, one.over or at)


def summary(one: Standing) -> str:
    """The burn rates that an alert goes by, in words."""
    if not one.alarm.burns:
        window = one.alarm.when_no_data
        return f"nothing was counted in the last {format_duration(window)}" if window else ""
    return f"burn rate {rates(one)}"


def rates(one: Standing) -> str:
    """The burn rates over the windows of an alert; nothing where it looks at none."""
    pairs = zip(one.alarm.burns, one.rates, strict=True) if one.alarm.burns else ()
    return ", ".join(f"{_shown(rate, burn.threshold)} in {format_duration(burn.window)}" for burn, rate in pairs)


def _shown(rate: Fraction | None, threshold: Fraction) -> str:
    """A burn rate with three digits, or as many as tell on which side of the threshold it is."""
    if rate is None:
        return "unknown"
    if rate == threshold:
        return rate_text(threshold)
    texts = (rounded(rate, digits) for digits in count(3))
    holds = operator.gt if rate > threshold else operator.lt
    return next(one for one in texts if holds(Fraction(one), threshold))


def title(one: Standing) -> str:
    """What an alert is called in a list."""
    return name_of(one.alarm) if one.alarm.burns else f"{one.alarm.policy} {one.alarm.condition} (no data)"

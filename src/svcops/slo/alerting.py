"""The alerts of an objective, at which moments they are evaluated, and what was counted for that. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from fractions import Fraction

from svcops.slo.answers import counts_of
from svcops.slo.backtesting import STEP
from svcops.slo.buckets import Reading
from svcops.slo.burning import Alarm, fitting, own_alarms, period_of, rate_text, why_never
from svcops.slo.counted import Sampled
from svcops.slo.documents import Documents
from svcops.slo.exclusions import Excluded, Exclusions
from svcops.slo.model import SLO
from svcops.slo.pacing import Pacing, pacing
from svcops.slo.questions import Judged, Question
from svcops.slo.slices import Counts
from svcops.store.frozen import frozen
from svcops.timing.hours import Interval
from svcops.timing.model import format_duration


@frozen
class Evaluated:
    """What was counted, the burn rates of that, and the moments at which the alerts are evaluated."""

    counts: Counts
    pacing: Pacing
    moments: Sequence[datetime]


@frozen
class Alerting:
    """An objective that is worked out, its alerts, and from when until when they are evaluated, how often."""

    question: Question
    judged: Judged
    alarms: tuple[Alarm, ...]
    start: datetime
    at: datetime
    every: timedelta
    exclusions: Exclusions

    @property
    def allowed(self) -> Fraction:
        """The share that may be bad."""
        return 1 - self.question.target

    @property
    def edges(self) -> list[datetime]:
        """Between which moments it has to be known what was counted."""
        excluded = {moment for one in self.excluded_since(self._steps[0]) for moment in (one.start, one.end)}
        return sorted(excluded.union(self._steps, [self.start]))

    @property
    def _steps(self) -> list[datetime]:
        """The moments of evaluation, from one longest window before the start on.

        Every window is a whole number of these steps: OpenSLO has no seconds, and what fits no slices is left out.
        """
        return _grid(self.start - max(windows_of(self.alarms), default=timedelta(0)), self.at, self.every)

    def excluded_since(self, start: datetime) -> tuple[Excluded, ...]:
        """What is excluded from a moment on."""
        return self.exclusions.within(self.question.name, self.question.service, start, self.at)

    def evaluated(self, readings: Mapping[str, Reading]) -> Evaluated:
        """What there is to evaluate; Impossible where the counts contradict each other."""
        counts, steps = counts_of(self.judged, readings), self._steps
        counts.good([Interval(steps[0], steps[-1])])  # where single moments contradict themselves they are unknown
        grid = _grid(self.start, self.at, self.every)
        moments = _with_news([one for one in grid if one > self.start], counts.total.sampled, self.every)
        excluded = self.excluded_since(steps[0])
        return Evaluated(counts, pacing(self.judged.slices, steps, counts, self.allowed, excluded), moments)


def alerting(
    path: str,
    slo: SLO,
    known: Documents,
    exclusions: Exclusions,
    question: Question,
    start: datetime | None,
    at: datetime,
) -> tuple[Alerting | None, list[str]]:
    """The alerts of an objective, and of those that can never be raised, why not.

    They are its SLO's own; the tiers where none of these looks at a burn rate.

    Without a `start` they are evaluated over one window of the objective. None where it is not worked out here; BadSLO
    where an alert policy refers to nothing.
    """
    judged = question.judged
    if judged is None:
        told = f"{question.name} is a composite SLO: alerts are those of its objectives, not of the whole"
        return None, [told] if question.composite else []
    period, allowed = period_of(judged.window), 1 - question.target
    every = judged.slices.length if judged.slices else STEP
    alarms, remarks = list[Alarm](), list[str]()
    own = own_alarms(path, slo, known)
    tiers = [] if any(one.burns for one in own) else [tier.alarm(period) for tier in fitting(period, allowed)[0]]
    for one in (*own, *tiers):
        why = why_never(one, allowed, judged.slices.length if judged.slices else None)
        if why:
            remarks.append(f"{question.name}: no alert {name_of(one)}: {why}")
        else:
            alarms.append(one)
    since = at - period if start is None else start
    return Alerting(question, judged, tuple(alarms), since, at, every, exclusions), remarks


def windows_of(alarms: Sequence[Alarm]) -> set[timedelta]:
    """How far back alerts look."""
    burns = {burn.window for alarm in alarms for burn in alarm.burns}
    return burns | {alarm.when_no_data for alarm in alarms if alarm.when_no_data}


def name_of(alarm: Alarm) -> str:
    """What an alert is called: by its policy and condition, or a tier by its windows and its factor."""
    if alarm.policy:
        return f"{alarm.policy} {alarm.condition}"
    windows = "/".join(format_duration(one.window).replace(" ", "") for one in alarm.burns)
    return f"{alarm.severity} {rate_text(alarm.burns[0].threshold)} on {windows}"


def _grid(start: datetime, at: datetime, every: timedelta) -> list[datetime]:
    number = -((start - at) // every)
    return [at - turn * every for turn in range(number, -1, -1)]


def _with_news(moments: Sequence[datetime], sampled: Sampled, every: timedelta) -> Sequence[datetime]:
    """The moments at which something new is known: all, or those at samples where these are farther apart."""
    if sampled.step is None or sampled.last is None or sampled.step <= every:
        return moments
    last, step = sampled.last, sampled.step
    return [one for one in moments if (one - last) % step < every]

"""One objective as a group of Prometheus rules, as plain data.

https://prometheus.io/docs/prometheus/latest/configuration/recording_rules/ and .../alerting_rules/; names of series are
level:metric:operations (https://prometheus.io/docs/practices/rules/). What is bad and the total are recorded by
themselves for each window, and their quotient is that of the sums. Rules of a group run one after the other, at one
instant, so that each may rest on those before it.
"""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from fractions import Fraction
from typing import Any

from svcops.slo.burning import Alarm, Burn, rate_text
from svcops.slo.documents import Documents
from svcops.slo.facts import decimal, whole
from svcops.slo.promql import OPERATIONS, NoPromQL, Series, counted, duration, series_of
from svcops.slo.questions import Judged, Question
from svcops.slo.selectors import Matcher, Selector
from svcops.slo.slices import Slices
from svcops.slo.terms import SIGNS
from svcops.store.frozen import frozen
from svcops.timing.model import format_duration

Rule = dict[str, Any]
RATIO = "bad_per_total:ratio"
_DIGITS = 12
"""Decimals of a recorded ratio, and of what it is compared with."""
_FASTER = {"gt": "more than", "gte": "at least", "lt": "less than", "lte": "at most"}


@frozen
class Around:
    """What an alert says beside its figures: who answers, what is broken in people's words, and where to look."""

    title: str
    team: str = ""
    links: tuple[tuple[str, str], ...] = ()
    """Annotations by name."""


@frozen
class Ruled:
    """An objective of which rules are written: its labels, and over which of its windows the ratio is recorded."""

    question: Question
    judged: Judged
    period: timedelta
    objective: str
    """As the label says it; of objectives of one name, each has its own."""

    @property
    def labels(self) -> dict[str, str]:
        """By what its series are told from those of others."""
        return {"service": self.question.service, "slo": self.question.name, "objective": self.objective}

    @property
    def allowed(self) -> Fraction:
        """The share that may be bad."""
        return 1 - self.question.target

    def series(self, name: str) -> str:
        """A recorded series of it."""
        return str(Selector(name, tuple(Matcher(label, "=", value) for label, value in self.labels.items())))


def recorded(of: Ruled, known: Documents, windows: Iterable[timedelta]) -> list[Rule]:
    """Bad, total, and one by the other, over each of these windows; NoPromQL where the indicator has no words for it.

    What is judged in slices is recorded of one slice, and over a window its slices are counted.
    """
    indicator, slices = of.judged.indicator, of.judged.slices
    if indicator.part.source != indicator.total.source:
        names = " and ".join(
            one or "a source without a name" for one in (indicator.part.source, indicator.total.source)
        )
        raise NoPromQL(f"its part and its total are in two sources, {names}, and a rule asks one")
    part, total = (series_of(term, known) for term in (indicator.part, indicator.total))
    if not slices:
        return [rule for window in windows for rule in _over(of, part, total, window, "slo")]
    rules = list(_over(of, part, total, slices.length, "slice"))
    return rules + [rule for window in windows for rule in _sliced(of, slices, window)]


def _over(of: Ruled, part: Series, total: Series, window: timedelta, level: str) -> list[Rule]:
    """What was counted over a window.

    A part without series is none where its metric has some: no 5xx yet is no error; of a histogram it is not known.
    Without a total, and where it is 0, nothing is known, and nothing is recorded.
    """
    indicator, over = of.judged.indicator, duration(window)
    operation = OPERATIONS[indicator.total.asked.measure.kind]
    all_ = f"{level}:total:{operation}{over}"
    well = counted(part, indicator.part.asked.measure, window)
    is_one = part.selector.metric == total.selector.metric and part.selector != total.selector
    if is_one and indicator.part.asked.le is None:
        well = f"({well} or 0 * sum({of.series(all_)}))"
    bad = f"{level}:bad:{OPERATIONS[indicator.part.asked.measure.kind]}{over}"
    return [
        _record(of, all_, counted(total, indicator.total.asked.measure, window)),
        _record(of, bad, f"sum({of.series(all_)}) - {well}" if indicator.part_is_good else _bare(well)),
        _quotient(of, f"{level}:{RATIO}{over}", bad, all_),
    ]


def _sliced(of: Ruled, slices: Slices, window: timedelta) -> list[Rule]:
    """What the slices of a window came to; with a target each is good or bad, without one their shares are added."""
    over, instants = duration(window), f"[{duration(window)}:{duration(slices.length)}]"
    share = of.series(f"slice:{RATIO}{duration(slices.length)}")
    judged = share if slices.target is None else f"({share} > bool {_number(1 - slices.target)})"
    all_, bad = f"slo:total:count{over}", f"slo:bad:{'sum' if slices.target is None else 'count'}{over}"
    return [
        _record(of, all_, f"sum(count_over_time({share}{instants}))"),
        _record(of, bad, f"sum(sum_over_time({judged}{instants}))"),
        _quotient(of, f"slo:{RATIO}{over}", bad, all_),
    ]


def _quotient(of: Ruled, name: str, bad: str, all_: str) -> Rule:
    """One series by the other, without what binary numbers add: else a burn rate of just the factor would alert.

    That is some 1e-16, and nobody counts a million million events.
    """
    return _record(of, name, f"round({of.series(bad)} / ({of.series(all_)} > 0), 1e-{_DIGITS})")


def _record(of: Ruled, name: str, expression: str) -> Rule:
    return {"record": name, "expr": expression, "labels": of.labels}


def _bare(expression: str) -> str:
    """Without the brackets around the whole of it."""
    return expression[1:-1] if expression.startswith("(") else expression


def _number(value: Fraction) -> str:
    """A share that a recorded ratio is compared with, with as many decimals as that; NoPromQL where it has no other."""
    kept = round(value, _DIGITS)
    if value and not kept:
        raise NoPromQL(f"{float(value):g} is a share that Prometheus cannot tell from none")
    return repr(float(kept))


def alerts(of: Ruled, alarms: Sequence[Alarm], around: Around, default: str) -> list[Rule]:
    """The alerts on an objective; those of tiers are called `default`."""
    found = []
    for alarm in alarms:
        if alarm.burns:
            found.append(_alert(of, alarm, around, default))
        if alarm.when_no_data:
            found.append(_silence(of, alarm, alarm.when_no_data, around))
    return found


def _alert(of: Ruled, alarm: Alarm, around: Around, default: str) -> Rule:
    first, *_ = alarm.burns
    return {
        "alert": alarm.policy or default,
        "expr": "\nand\n".join(_burns(of, one) for one in alarm.burns),
        **({"for": duration(alarm.after)} if alarm.after else {}),
        "labels": _labels(of, alarm, around, first.window),
        "annotations": {
            "summary": _plain(f"{around.title} ({of.question.service}): the error budget burns"),
            "description": _description(of, alarm),
            **dict(around.links),
        },
    }


def _burns(of: Ruled, burn: Burn) -> str:
    bound = _number(burn.threshold * of.allowed)
    return f"{of.series(f'slo:{RATIO}{duration(burn.window)}')} {SIGNS[burn.op]} {bound}"


def _description(of: Ruled, alarm: Alarm) -> str:
    first, *others = alarm.burns
    slices = of.judged.slices
    what = f"the slices of {duration(slices.length)}" if slices and slices.target is not None else "what counts"
    told = f"In the last {duration(first.window)}, {{{{ $value | humanizePercentage }}}} of {what} was bad; "
    told += f"{decimal(whole(of.allowed * 100))} % may be. The error budget of {of.question.window} is being spent "
    told += f"{_FASTER[first.op]} {rate_text(first.threshold)} times as fast as allowed"
    told += "".join(f", in the last {duration(one.window)} too" for one in others) + "."
    if first.op in ("gt", "gte") and first.threshold > 1:
        seconds = Fraction(of.period // timedelta(seconds=1)) / first.threshold
        lasts = format_duration(timedelta(seconds=-(-seconds // 1)))
        told += f" At this pace all of it lasts {'less than' if first.op == 'gt' else 'at most'} {lasts}."
    return told + (_plain(f" Alert policy: {alarm.policy}.") if alarm.policy else "")


def _silence(of: Ruled, alarm: Alarm, window: timedelta, around: Around) -> Rule:
    """An alert where nothing is known of a window."""
    over = duration(window)
    return {
        "alert": alarm.policy,
        "expr": f"absent({of.series(f'slo:{RATIO}{over}')})",
        **({"for": duration(alarm.after)} if alarm.after else {}),
        "labels": {**_labels(of, alarm, around, window), "reason": "no-data"},
        "annotations": {
            "summary": _plain(f"{around.title} ({of.question.service}): nothing is known"),
            "description": (
                f"Nothing was counted in the last {over}, so nobody can say how much was bad. The service may be "
                "unused, or down, or its metrics may not be collected." + _plain(f" Alert policy: {alarm.policy}.")
            ),
            **dict(around.links),
        },
    }


def _labels(of: Ruled, alarm: Alarm, around: Around, window: timedelta) -> dict[str, str]:
    told = {
        "severity": alarm.severity,
        **of.labels,
        "team": around.team,
        "period": of.question.window,
        "window": duration(window),
        "condition": alarm.condition,
    }
    return {label: _plain(value) for label, value in told.items() if value}


def _plain(text: str) -> str:
    """Text that Prometheus' templates give as it is."""
    return text.replace("{{", '{{"{{"}}')

"""How the figures of an objective came about: what was counted where, and each formula with its numbers.

Formulas of the budgeting methods: https://github.com/OpenSLO/OpenSLO#slo, budgetingMethod; a burn rate is how many
times as fast as allowed the budget is spent (Google, The Site Reliability Workbook, chapter 5).
"""

from collections.abc import Collection, Iterator
from datetime import timedelta
from fractions import Fraction
from operator import mul
from typing import Any

from svcops.slo.answers import Result
from svcops.slo.facts import Amount, Level, cut, decimal, whole
from svcops.slo.indicators import Indicator
from svcops.slo.presenting import to_json
from svcops.slo.questions import Composite, Judged
from svcops.slo.remarks import doubts
from svcops.slo.report import Report
from svcops.slo.slices import Slices
from svcops.slo.terms import Term
from svcops.slo.windows import Stretch, Window
from svcops.store.frozen import frozen
from svcops.timing.model import format_duration, format_instant

SCHEMA = "svcops.slo-explain/1"
_DIGITS = 6
"""Decimals of a share that are shown, of a very small one twice as many; what is cut off then shows as `…`."""
_SMALL = Fraction(1, 1000)
_MICROSECOND = timedelta(microseconds=1)
_MOST = 5
"""Stretches of time that are shown of many."""


@frozen
class Step:
    """One formula, the numbers in it, and what comes out: exact, and as text."""

    name: str
    formula: str
    numbers: str
    value: Fraction
    shown: str


def steps(of: Level) -> tuple[Step, ...]:
    """The formulas from the counts to the burn rate, in the order in which they rest on each other."""
    good, bad, total, budget = map(decimal, (of.good, of.bad, of.total, of.budget))
    allowed, failed = 1 - of.target, 1 - of.sli
    all_, of_all = ("total", total) if of.whole is None else ("all of the window", decimal(of.whole))
    return (
        Step("SLI", "good / total", f"{good} / {total}", of.sli, percent(of.sli)),
        _of_count("budget", f"(1 - target) x {all_}", f"{percent(allowed)} x {of_all}", of.budget),
        Step("spent", "bad / budget", f"{bad} / {budget}", of.spent_share, percent(of.spent_share)),
        _of_count("left", "budget - bad", f"{budget} - {bad}", of.budget_left),
        Step("left", "1 - spent", f"100 % - {percent(of.spent_share)}", of.left_share, percent(of.left_share)),
        Step(
            "burn rate",
            "(bad / total) / (1 - target)",
            f"{percent(failed)} / {percent(allowed)}",
            failed / allowed,
            _times(failed / allowed),
        ),
    )


def _of_count(name: str, formula: str, numbers: str, value: Amount) -> Step:
    return Step(name, formula, numbers, Fraction(value), decimal(value))


def percent(share: Fraction) -> str:
    """A share in percent, exactly where it has an end within the digits that are shown."""
    return f"{_times(share * 100)} %"


def _times(value: Fraction) -> str:
    """Its digits as far as they are shown, of what is below 0 as well: what is cut off comes behind them."""
    size = abs(value)
    text = cut(size, _DIGITS if not value or size >= _SMALL else 2 * _DIGITS)
    shown = text.rstrip("0").rstrip(".") if Fraction(text) == size else f"{text}…"
    return f"-{shown}" if value < 0 else shown


def as_text(of: Result, estimated: Collection[str] = ()) -> str:
    """One objective as a page: the window, what was counted, the formulas; `estimated` as `counted_by_hosts` has it."""
    return "\n".join(_lines(of, estimated))


def _lines(of: Result, estimated: Collection[str]) -> Iterator[str]:
    asked = of.question
    name = "composite SLO" if asked.composite else f"objective {asked.objective}"
    yield f"{asked.name}, {name}, of {asked.service}: {of.verdict}"
    if of.reason:
        yield f"  {of.reason}"
    if of.window and asked.over:
        yield f"  window   {_told(asked.over, of.window)}"
    for one in of.inputs:
        first, last = (format_instant(moment) if moment else "unknown" for moment in (one.first, one.last))
        yield f"  samples  {one.path}, {first} to {last}, sha256 {one.sha256[:12]}"
    for source in sorted(of.question.judged.indicator.sources.intersection(estimated) if of.question.judged else ()):
        yield f"  counted  by the host of {source}, which estimates how far counters grew"
    sliced = asked.judged.slices if asked.judged else asked.composite.slices if asked.composite else None
    if of.coverage is not None:
        yield from _missing(of, sliced)
    if of.window:
        yield from _excluded(of)
    yield from (f"  but      {one}" for one in doubts(of))
    if asked.judged:
        yield ""
        yield from _in_slices(asked.judged, sliced, of.level) if sliced else _counted(asked.judged, of)
    if asked.composite and of.level:
        yield ""
        yield from _composed(of, asked.composite)
    if of.level:
        yield ""
        yield from _worked_out(of.level, sliced)
    yield from _paces(of)
    if of.plain:
        sign = "reached" if of.plain.met else "missed"
        numbers = f"{decimal(of.plain.good)} / {decimal(of.plain.total)} = {percent(of.plain.sli)}"
        yield f"  without exclusions: SLI = {numbers}, target {sign}"


def _paces(of: Result) -> Iterator[str]:
    """The burn rates that alerts look at, and how long the budget lasts at the last of them."""
    if not of.paces:
        return
    rates = ", ".join(
        f"{'unknown' if one.rate is None else _times(one.rate)} over {format_duration(one.window)}" for one in of.paces
    )
    yield f"  burn rate now: {rates}"
    if of.lasts is not None and of.level and of.level.left_share > 0:
        last = next(one for one in reversed(of.paces) if one.rate is not None)
        yield f"  at that of the last {format_duration(last.window)} the budget lasts {format_duration(of.lasts)} more"


def _told(window: Window, found: Stretch) -> str:
    """From when until when; of a calendar also by which clocks, as its end may be still to come."""
    kind = "rolling" if window.first is None else f"of a calendar in {window.zone}"
    return f"after {format_instant(found.start)} until {format_instant(found.end)}, {window.text} {kind}"


def _missing(of: Result, sliced: Slices | None) -> Iterator[str]:
    """Of how much nothing is known, where, and what that counts as."""
    assert of.coverage is not None
    if of.coverage == 1:
        yield "  missing  nothing"
        return
    where = "slices are without samples" if sliced else "time is without samples"
    counts = {"gap": "left out", "good": "counted as good", "bad": "counted as bad"}[of.question.policy.no_data]
    yield f"  missing  {percent(1 - of.coverage)} of the {where}; {counts}"
    for one in of.missing[:_MOST]:
        span = format_duration(one.end - one.start)
        yield f"           {format_instant(one.start)} to {format_instant(one.end)}, {span}"
    if len(of.missing) > _MOST:
        yield f"           and {len(of.missing) - _MOST:,} more: --json has all"


def _excluded(of: Result) -> Iterator[str]:
    if not of.excluded:
        yield "  excluded nothing"
    title = "excluded"
    for one in of.excluded[:_MOST]:
        how = "removed" if one.treatment == "removed" else "counted as good"
        yield (
            f"  {title:<8} {format_instant(one.start)} to {format_instant(one.end)}, {how}: {one.title} ({one.path})"
        )
        title = ""
    if len(of.excluded) > _MOST:
        yield f"           and {len(of.excluded) - _MOST:,} more: --json has all"


def _composed(of: Result, how: Composite) -> Iterator[str]:
    """The objectives of a composite SLO, what each adds, and how the whole comes of it."""
    rows = [
        (
            one.question.objective,
            f"weight {decimal(whole(one.question.weight or 0))}",
            f"SLI {percent(one.level.sli)}",
            f"target {percent(one.question.target)}",
            f"burn rate {_times((1 - one.level.sli) / (1 - one.question.target))}",
        )
        for one in of.parts
        if one.level
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(5)]
    for row in rows:
        yield "  " + "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip()
    yield ""
    if how.method == "Timeslices":
        assert how.slices
        length = format_duration(how.slices.length)
        yield f"  slices of {length}, each bad where it is for one of them, whatever its weight"
        return
    for one in composition(of):
        yield f"  {one.name} = {one.formula} = {one.numbers} = {one.shown}"


def composition(of: Result) -> tuple[Step, ...]:
    """The formulas from the objectives of a composite SLO to what is bad of the whole; none for slices as such."""
    asked = of.question
    levels = [(one.question, one.level) for one in of.parts if one.level]
    if asked.composite is None or asked.composite.method == "Timeslices" or of.level is None:
        return ()
    weights = [one.weight or Fraction(0) for one, _ in levels]
    by_rate = asked.composite.method == "Occurrences"
    added = [(1 - level.sli) / (1 - one.target if by_rate else 1) for one, level in levels]
    terms = " + ".join(
        f"{decimal(whole(weight))} x {_times(value) if by_rate else percent(value)}"
        for weight, value in zip(weights, added, strict=True)
    )
    total = sum(map(mul, weights, added), Fraction(0))
    failed = 1 - of.level.sli
    if by_rate:
        first = Step("burn rate", "sum of weight x burn rate", terms, total, _times(total))
        numbers = f"{_times(total)} x {percent(1 - asked.target)}"
        return (first, Step("bad", "burn rate x (1 - target), at most all", numbers, failed, percent(failed)))
    return (Step("bad", "sum of weight x (1 - SLI), at most all", terms, failed, percent(failed)),)


def _in_slices(judged: Judged, of: Slices, level: Level | None) -> Iterator[str]:
    """How slices are judged, and how many were good."""
    indicator = judged.indicator
    part = "good" if indicator.part_is_good else "bad"
    yield f"  {part:<5}  {_asked(indicator.part)}"
    yield f"  total  {_asked(indicator.total)}"
    share = "good / total" if indicator.part_is_good else "(total - bad) / total"
    length = format_duration(of.length)
    yield ""
    if of.target is None:
        yield f"  slices of {length}; of each counts the share {share}"
    else:
        yield f"  slices of {length}, each good where {share} >= {percent(of.target)}"
    if level:
        yield f"  {decimal(level.good)} good of {decimal(level.total)}"


def _counted(judged: Judged, of: Result) -> Iterator[str]:
    indicator, level = judged.indicator, of.level
    part, other = ("good", "bad") if indicator.part_is_good else ("bad", "good")
    counts = {"good": level.good, "bad": level.bad, "total": level.total} if level else {}
    told = {part: _asked(indicator.part), other: f"total - {part}", "total": _asked(indicator.total)}
    width = max((len(decimal(count)) for count in counts.values()), default=1)
    for name in ("good", "bad", "total"):
        yield f"  {name:<7}  {decimal(counts[name]) if counts else '-':>{width}}  {told[name]}"
    if of.assumed:
        as_ = of.question.policy.no_data
        yield f"  of which {decimal(of.assumed)} are assumed, all of them {as_}, for the time without samples"


def _asked(term: Term) -> str:
    return f"{term.asked} {' '.join(term.query.split())} in {term.source}"


def _worked_out(level: Level, sliced: Slices | None) -> Iterator[str]:
    rows = [(one.name, one.formula, one.numbers, one.shown) for one in steps(level)]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    for name, formula, numbers, shown in rows:
        yield f"  {name:<{widths[0]}}  = {formula:<{widths[1]}}  = {numbers:<{widths[2]}}  = {shown}"
    if sliced:
        budget, left = (_time(count, sliced) for count in (level.budget, level.budget_left))
        told = f"of which {left} is left" if level.budget_left >= 0 else f"and {left.removeprefix('-')} more was spent"
        yield f"  as time the budget is {budget}, {told}"
    sign = ">=" if level.met else "<"
    reached = "reached" if level.met else "missed"
    if level.whole is None:
        why = f"SLI {percent(level.sli)} {sign} {percent(level.target)}"
    else:
        sign = "<=" if level.met else ">"
        why = f"bad {decimal(level.bad)} {sign} budget {decimal(level.budget)}, of the whole window"
    yield f"  target {percent(level.target)} is {reached}: {why}"


def _time(slices: Amount, of: Slices) -> str:
    """So many slices as time: every unit, and milliseconds where it is no whole number of seconds."""
    seconds = abs(Fraction(slices)) * (of.length // _MICROSECOND) / 1_000_000
    minutes, rest = divmod(seconds, 60)
    last = cut(rest, 3).rstrip("0").rstrip(".")
    parts = [f"{amount} {name}" for amount, name in ((minutes // 60, "h"), (minutes % 60, "min")) if amount]
    parts += [f"{last} s"] if rest or not parts else []
    return f"{'-' if slices < 0 else ''}{' '.join(parts)}"


def as_json(of: Report) -> dict[str, Any]:
    """The report on the SLO (`svcops.slo.report`), with what was asked of which source, and every formula."""
    content = to_json(of)
    content["schema"] = SCHEMA
    for shown, result in zip(content["slos"], of.results, strict=True):
        judged = result.question.judged
        shown["counted"] = _counted_json(judged.indicator) if judged else None
        shown["steps"] = [
            {"name": one.name, "formula": one.formula, "numbers": one.numbers, "value": float(one.value)}
            for one in (*composition(result), *(steps(result.level) if result.level else ()))
        ]
    return content


def _counted_json(indicator: Indicator) -> dict[str, Any]:
    part = "good" if indicator.part_is_good else "bad"
    return {
        name: {"measure": str(term.asked), "source": term.source, "query": term.query}
        for name, term in ((part, indicator.part), ("total", indicator.total))
    }

"""One objective as the dashboard shows it: how it stands in words, every figure, its picture. Pure."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from fractions import Fraction
from itertools import groupby

from svcops.slo.answers import Result
from svcops.slo.attribution import impacts_of
from svcops.slo.course import Point
from svcops.slo.dashboard.charts import Chart, chart
from svcops.slo.dashboard.reading import World
from svcops.slo.dashboard.states import State, alarm_of, state_of
from svcops.slo.dashboard.words import (
    UNKNOWN,
    Link,
    Mark,
    Moment,
    Tone,
    anchor,
    count,
    level_of,
    percent,
    rate,
    target_of,
    when,
)
from svcops.slo.facts import Level, cut, decimal, whole
from svcops.slo.presenting import UNKNOWN as NOT_KNOWN
from svcops.slo.presenting import lasts_text
from svcops.slo.questions import Question
from svcops.slo.report import Failure
from svcops.store.frozen import frozen
from svcops.timing.hours import Interval
from svcops.timing.model import format_duration

MARKS = {
    State.SPENT: Mark("bad", "budget spent"),
    State.BURNING: Mark("warn", "burning too fast"),
    State.LITTLE_LEFT: Mark("warn", "little left"),
    State.UNKNOWN: Mark("unknown", "unknown"),
    State.FINE: Mark("good", "fine"),
}
_OLD = timedelta(days=1)
"""Samples that end earlier than that before the window does are pointed out, or earlier than a tenth of it."""
_GAPS = 20
"""The most of its gaps that are told one by one: samples that stay away every other minute would fill a book."""
_ROWS = 28
"""Of the table behind a picture, at most."""


@frozen
class Burn:
    """The burn rate over one of the last stretches; unknown, it has no `bar`."""

    window: str
    rate: str
    bar: str
    """Its length, in per cent of the whole."""
    told: str
    tone: Tone


@frozen
class Stretch:
    """An incident, or an excluded time, in the window: what, from when until when."""

    name: str
    record: str
    """The incident's id, or the path of what excludes it."""
    start: Moment
    end: Moment | None
    """None where it goes on."""
    told: str = ""


@frozen
class Source:
    """A file that was read for it."""

    path: str
    sha256: str
    last: Moment


@frozen
class Figures:
    """What is known as a number, as text; nothing is rounded up."""

    sli: str = UNKNOWN
    left: str = UNKNOWN
    bar: str = ""
    """How much of the budget is left, from 0 to 100, for the eye; unknown, there is none."""
    lasts: str = UNKNOWN
    bad: str = UNKNOWN
    total: str = UNKNOWN
    """Both are empty of what nothing is counted for."""
    unit: str = "events"
    coverage: str = UNKNOWN
    plain: str = ""
    """The level with nothing excluded, where something is."""


@frozen
class Card:
    """One objective of an SLO."""

    id: str
    slo: str
    path: str
    title: str
    description: str
    service: str
    objective: str
    target: str
    window: str
    state: State
    mark: Mark
    verdict: str
    """How it stands, in a sentence or two."""
    order: tuple[int, Fraction, str, str]
    figures: Figures = Figures()
    start: Moment = Moment(UNKNOWN)
    end: Moment = Moment(UNKNOWN)
    chart: Chart | None = None
    told: str = ""
    """What the picture shows, for who does not see it, and below it for everybody."""
    rows: tuple[tuple[Moment, str], ...] = ()
    """The figures of the picture: a moment, and what was left then."""
    burns: tuple[Burn, ...] = ()
    incidents: tuple[Stretch, ...] = ()
    excluded: tuple[Stretch, ...] = ()
    missing: tuple[Stretch, ...] = ()
    """The longest of its gaps, in their order."""
    shorter: str = ""
    """How many more there are, and how long together."""
    age: Mark = Mark("unknown", "no samples were read")
    sources: tuple[Source, ...] = ()
    at: Moment = Moment(UNKNOWN)
    """When it was worked out."""
    is_wrong: bool = False
    """Whether it could not be worked out, as something is damaged."""
    old: str = ""
    """Why these figures are those of an earlier time; empty where they are not."""


def cards(world: World) -> list[Card]:
    """Every objective of the report, the worst first."""
    found = [_of_result(world, one) for one in world.report.results]
    found += [card for one in world.report.failures for card in _of_failure(world, one)]
    return sorted(found, key=lambda one: one.order)


def link(world: World, service: str, href: str = "") -> Link:
    """A service by its title, where the catalogue has one."""
    known = world.services.get(service)
    return Link(known.service.title if known else service, href)


def _of_result(world: World, one: Result) -> Card:
    asked, at, state = one.question, world.report.at, state_of(one)
    until = min(at, one.window.end) if one.window else at
    hit = list(_incidents(world, one))
    slo = world.slos.get(asked.name)
    return Card(
        id=anchor(asked.name, asked.objective),
        slo=asked.name,
        path=asked.path,
        title=(slo.metadata.displayName if slo else "") or asked.name,
        description=slo.spec.description if slo else "",
        service=asked.service,
        objective=_objective(asked),
        target=target_of(asked.target),
        window=asked.window or UNKNOWN,
        state=state,
        mark=MARKS[state],
        verdict=_verdict(one, state),
        order=_order(state, one.level, asked),
        figures=_figures(one),
        start=when(one.window.start if one.window else None, world.zone),
        end=when(one.window.end if one.window else None, world.zone),
        chart=chart(one, until, world.zone, [interval for interval, _ in hit]),
        told=" ".join(_told(world, one)),
        rows=tuple(_rows(world, one.course)),
        burns=tuple(_burns(one)),
        incidents=tuple(stretch for _, stretch in hit),
        excluded=tuple(_excluded(world, one)),
        missing=tuple(_missing(world, one)),
        shorter=_shorter(one),
        age=_age(one, until),
        at=when(at, world.zone),
        sources=tuple(Source(file.path, file.sha256, when(file.last, world.zone)) for file in one.inputs),
    )


def _of_failure(world: World, one: Failure) -> Iterator[Card]:
    slo = one.slo
    for asked in one.asked or (None,):
        objective = asked.objective if asked else UNKNOWN
        yield Card(
            id=anchor(slo.metadata.name, objective),
            slo=slo.metadata.name,
            path=one.path,
            title=slo.metadata.displayName or slo.metadata.name,
            description=slo.spec.description,
            service=slo.spec.service,
            objective=objective,
            target=target_of(asked.target) if asked else UNKNOWN,
            window=(asked.window if asked else "") or UNKNOWN,
            state=State.UNKNOWN,
            mark=Mark("unknown", "not worked out"),
            verdict=" ".join(filter(None, (f"Nothing is known of it: {one.error.message}.", one.error.help))),
            order=(State.UNKNOWN, Fraction(0), slo.metadata.name, objective),
            at=when(world.report.at, world.zone),
            is_wrong=True,
        )


def _order(state: State, level: Level | None, asked: Question) -> tuple[int, Fraction, str, str]:
    return state, level.left_share if level else Fraction(0), asked.name, asked.objective


def _verdict(one: Result, state: State) -> str:
    level = one.level
    if level is None:
        return f"Unknown, neither met nor missed: {one.reason}."
    told = f"{count(level.bad)} {_unit(one)} were bad, and {count(level.budget)} may be."
    if not _counts(one):
        told = f"its objectives together spent {percent(level.spent_share)} of the budget."
    if state is State.SPENT:
        return f"Missed: {told}"
    met = f"Met: {told}"
    alarm = alarm_of(one)
    if alarm:
        burn = alarm.burns[0]
        return f"{met} It burns: over the last {format_duration(burn.window)} faster than {rate(burn.threshold)}."
    return met


def _objective(asked: Question) -> str:
    """What an objective is called; of a composite SLO with what it counts for in the whole."""
    if asked.weight is None:
        return asked.objective
    return f"{asked.objective} (weight {decimal(whole(asked.weight))} in the composite)"


def _counts(one: Result) -> bool:
    """Whether something was counted for it: a composite SLO is put together from burn rates, or shares, otherwise."""
    composite = one.question.composite
    return composite is None or composite.method == "Timeslices"


def _unit(one: Result) -> str:
    how = one.question.judged or one.question.composite
    return f"slices of {format_duration(how.slices.length)}" if how and how.slices else "events"


def _figures(one: Result) -> Figures:
    level, target = one.level, one.question.target
    coverage = UNKNOWN if one.coverage is None else percent(one.coverage)
    if level is None:
        return Figures(coverage=coverage)
    left = level.left_share * 100
    return Figures(
        sli=level_of(level.sli, target),
        left=percent(level.left_share),
        bar=cut(min(max(left, Fraction(0)), Fraction(100)), 1),
        lasts=_lasts(one),
        bad=count(level.bad) if _counts(one) else "",
        total=count(level.total) if _counts(one) else "",
        unit=_unit(one),
        coverage=coverage,
        plain=(level_of(one.plain.sli, target) if one.plain else UNKNOWN) if one.excluded else "",
    )


def _lasts(one: Result) -> str:
    """How long the budget lasts at the pace of the longest stretch that alerts look at, and of which that is known."""
    text = lasts_text(one)
    if text != NOT_KNOWN:
        return text
    return UNKNOWN if all(pace.rate is None for pace in one.paces) else "nothing is being spent"


def _told(world: World, one: Result) -> Iterator[str]:
    """The story of the picture in sentences."""
    known = [(point.at, point.left) for point in one.course if point.left is not None]
    if not known:
        why = "as a host counts the window as a whole" if one.level else "as what is left of the budget is unknown"
        yield f"No line is drawn, {why}."
        return
    (first, _), (last, left) = known[0], known[-1]
    yield f"From {when(first, world.zone).text} to {when(last, world.zone).text} the budget went to {percent(left)}."
    spent = next((at for at, share in known if share < 0), None)
    if spent:
        yield f"It was spent by {when(spent, world.zone).text}."
    steps = [(known[n][1] - known[n + 1][1], known[n][0], known[n + 1][0]) for n in range(len(known) - 1)]
    most = max(steps, default=None, key=lambda step: step[0])
    if most and most[0] >= Fraction(1, 10):
        drop, start, end = most
        yield (
            f"The steepest fall: {percent(drop)} of it between {when(start, world.zone).text} and "
            f"{when(end, world.zone).text}."
        )


def _rows(world: World, course: tuple[Point, ...]) -> Iterator[tuple[Moment, str]]:
    step = max(1, -(-(len(course) - 1) // _ROWS))
    kept = [*course[:-1:step], course[-1]] if course else []
    for point in kept:
        yield when(point.at, world.zone), "no data" if point.left is None else percent(point.left)


def _burns(one: Result) -> Iterator[Burn]:
    """The burn rates, the shortest stretch first; stretches of one rate that follow each other stand together."""
    most = max([Fraction(2), *(pace.rate for pace in one.paces if pace.rate is not None)])
    alarm = alarm_of(one)
    raised = {burn.window for burn in alarm.burns} if alarm else set()
    for (of, is_raised), paces in groupby(one.paces, key=lambda pace: (pace.rate, pace.window in raised)):
        windows = [format_duration(pace.window) for pace in paces]
        named = f"{windows[0]} to {windows[-1]}" if len(windows) > 1 else windows[0]
        if of is None:
            yield Burn(named, UNKNOWN, "", "no samples, or nothing happened", "unknown")
            continue
        told, tone = _pace(of)
        if is_raised:
            told, tone = f"{told}; an alert holds", "bad"
        yield Burn(named, rate(of), cut(of / most * 100, 1) if of else "", told, tone)


def _pace(of: Fraction) -> tuple[str, Tone]:
    if not of:
        return "nothing was bad", "good"
    return ("no faster than is allowed", "good") if of <= 1 else ("faster than is allowed", "warn")


def _incidents(world: World, one: Result) -> Iterator[tuple[Interval, Stretch]]:
    if one.window is None:
        return
    at = world.report.at
    titles = {known.id: known.incident.title for known in world.incidents}
    every = impacts_of(one.question.service, world.incidents, one.window.start, at)
    for impact in every:
        end = None if impact.end is None else when(impact.end, world.zone)
        told = "counted from when it was declared" if impact.since_declared else ""
        stretch = Stretch(titles[impact.incident], impact.incident, when(impact.start, world.zone), end, told)
        yield Interval(impact.start, impact.end or at), stretch


def _excluded(world: World, one: Result) -> Iterator[Stretch]:
    for each in one.excluded:
        told = "counts as good" if each.treatment == "good" else "does not count"
        yield Stretch(each.title, each.path, when(each.start, world.zone), when(each.end, world.zone), told)


def _missing(world: World, one: Result) -> Iterator[Stretch]:
    for gap in sorted(_by_length(one)[:_GAPS], key=lambda gap: gap.start):
        told = format_duration(gap.end - gap.start)
        yield Stretch("No data", "", when(gap.start, world.zone), when(gap.end, world.zone), told)


def _shorter(one: Result) -> str:
    rest = _by_length(one)[_GAPS:]
    if not rest:
        return ""
    together = sum((gap.end - gap.start for gap in rest), timedelta(0))
    what = "1 gap that is" if len(rest) == 1 else f"{len(rest):,} gaps that are"
    return f"And {what} no longer than these, {format_duration(together)} together."


def _by_length(one: Result) -> list[Interval]:
    return sorted(one.missing, key=lambda gap: gap.start - gap.end)


def _age(one: Result, until: datetime) -> Mark:
    """How old the newest sample is of what is counted, whatever else stands in the same files."""
    if one.newest is None or one.window is None:
        return Mark("unknown", "no samples were read")
    age = until - one.newest
    if age <= timedelta(0):
        return Mark("plain", "up to the moment")
    return Mark("warn" if age > min(_OLD, one.window.length / 10) else "plain", f"{format_duration(age)} old")

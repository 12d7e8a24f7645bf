"""The figures of a period as a page: headings, lines and tables, which a terminal and Markdown show each in its way."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from typing import TypeAlias

from svcops.overview.response import ClockFigures, Figure, Group, Population, Report
from svcops.overview.response_outcome import Measures, Share
from svcops.overview.response_period import Period
from svcops.overview.response_statistics import FEWEST, SURE, Shift
from svcops.store.frozen import frozen
from svcops.timing.model import format_duration

UNKNOWN = "unknown"
CHANGE = f"change, {100 * SURE:.0f} % sure"
NAMES = {"written here": "Written here", "imported": "Imported", "all": "All, imported ones among them"}


@frozen
class Heading:
    """The title of a part; 1 is that of the page."""

    level: int
    text: str


@frozen
class Lines:
    """Some lines."""

    lines: tuple[str, ...]


@frozen
class Table:
    """A table; what its columns hold is said by their titles."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


Part: TypeAlias = Heading | Lines | Table


def page(report: Report) -> Iterator[Part]:
    """What a person reads of a report."""
    period = report.period
    yield Heading(1, f"Incidents declared from {days(period)}, {many(period.days, 'day')}")
    for population in report.populations:
        yield Heading(2, heading(population))
        not_counted = [
            f"{len(ids)} {word}"
            for ids, word in ((population.cancelled, "cancelled"), (population.merged, "merged"))
            if ids
        ]
        if not_counted:
            yield Lines((f"Not counted: {', '.join(not_counted)}",))
        if population.total.incidents:
            yield from _total(population.total, period)
            yield from _groups(report, population)
    notes = tuple(f"{why[0].upper()}{why[1:]}: {many(len(ids), 'incident')}" for why, ids in left_out(report))
    if report.unjudged:
        notes += (unjudged(report),)
    if notes:
        yield Lines(notes)


def left_out(report: Report) -> list[tuple[str, tuple[str, ...]]]:
    """What no figure is about though it is in the store: why, and the ids."""
    every = (
        ("in no period, as nothing says when it was declared", report.undeclared),
        ("left out, as a file is damaged or missing", report.damaged),
    )
    return [(why, ids) for why, ids in every if ids]


def unjudged(report: Report) -> str:
    """Which measures count as anchored on their word alone, and why."""
    return f"What is anchored is not judged by history: {report.unjudged}"


def days(period: Period) -> str:
    """`2026-08-28 to 2026-11-25`."""
    return f"{period.first} to {period.last}"


def many(number: int, noun: str) -> str:
    """`1 incident`, `2,000 incidents`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def heading(population: Population) -> str:
    """Whose figures follow, and of how many incidents."""
    return f"{NAMES[population.of]}: {many(len(population.total.incidents), 'incident')}"


def label(group: Group) -> str:
    """`2026-11`, or `2026-11 (partial)` where the period has not all of its days."""
    return f"{group.name} (partial)" if group.is_partial else group.name


def _total(group: Group, period: Period) -> Iterator[Part]:
    yield Lines(tuple(ends(clock) for clock in group.clocks))
    rows = [row for clock in group.clocks for row in clock_rows(short(clock), clock)]
    yield Table(("clock", "n", "unknown", "median", "90 %", "mean"), tuple(rows))
    before = period.before
    yield Heading(3, f"Median against the {many(before.days, 'day')} before, {days(before)}")
    yield Table(
        ("clock", "before", "now", CHANGE),
        tuple((short(one), median(one.before), median(one.wall), trend(one)) for one in group.clocks),
    )
    yield Heading(3, "What came of them")
    yield Lines(tuple(f"{name}: {said}" for name, said in outcome(group)))


def ends(clock: ClockFigures) -> str:
    """`time to detect: impact started -> detected`."""
    return f"{clock.name}: {clock.start_name} -> {clock.end_name}"


def short(clock: ClockFigures) -> str:
    """`detect`."""
    return clock.name.removeprefix("time to ")


def clock_rows(name: str, clock: ClockFigures) -> list[tuple[str, ...]]:
    """A clock as lines of a table: by the clock on the wall, and in support hours."""
    return [(name, *_numbers(clock.wall)), ("  support hours", *_numbers(clock.support))]


def _numbers(figure: Figure) -> tuple[str, ...]:
    found = figure.spread
    spans = (span(found.median), span(found.p90), span(found.mean)) if found else (UNKNOWN,) * 3
    return (f"{len(figure.known):,}", f"{len(figure.unknown):,}", *spans)


def span(seconds: float) -> str:
    """Seconds for a person; less than one that is not nothing says so."""
    return "< 1 s" if 0 < seconds < 1 else format_duration(timedelta(seconds=seconds))


def value(of: float | str | None) -> str:
    """A value behind a figure: words as they are, seconds as a duration."""
    if of is None:
        return UNKNOWN
    return of if isinstance(of, str) else span(of)


def median(figure: Figure) -> str:
    """The median for a person."""
    return span(figure.spread.median) if figure.spread else UNKNOWN


def trend(clock: ClockFigures) -> str:
    """How the median changed, and how sure that is, in words."""
    found = clock.shift
    if found is None:
        return f"too few: {len(clock.wall.known)} now, {len(clock.before.known)} before, {FEWEST} needed"
    if found.low is None or found.high is None:
        return f"{_seen(found)}: how sure cannot be said, too many are alike"
    if found.low == found.high:
        return f"{_seen(found)}: on either side all are alike"
    if found.is_sure:
        least, most = sorted((abs(found.low), abs(found.high)))
        return f"{_seen(found)}: at least {span(least)}, at most {span(most)}"
    return f"no clear change: between {_side(found.low)} and {_side(found.high)}"


def _seen(found: Shift) -> str:
    if not found.change:
        return "no change"
    return f"{'shorter' if found.change < 0 else 'longer'} by {span(abs(found.change))}"


def _side(seconds: float) -> str:
    if not seconds:
        return "none"
    return f"{span(abs(seconds))} {'shorter' if seconds < 0 else 'longer'}"


def outcome(group: Group) -> Iterator[tuple[str, str]]:
    """What came of incidents: a name and what is said, line by line."""
    yield "noticed by an SLO or monitoring first", share(group.noticed)
    proved = f"; signed: {len(group.proved)}" if group.postmortems.yes else ""
    yield "major, with an approved post-mortem", share(group.postmortems) + proved
    yield "measures", measures(group.measures)
    again = group.recurrences
    despite = f", {len(again.despite):,} of them although a measure was anchored" if again.found else ""
    yield "recurrences", recurrences(group, despite)
    yield "minor, closed with a reason and no measure", share(group.no_measure)


def share(of: Share) -> str:
    """`30 of 38 (78 %); unknown: 3`. A share is rounded down, but never to nothing: 100 % is all of them."""
    if not of.known:
        return f"unknown of {len(of.unknown):,}" if of.unknown else "none"
    return _and_unknown(f"{len(of.yes):,} of {of.known:,} ({percent(of)})", len(of.unknown))


def percent(of: Share) -> str:
    """Of those of which it is known."""
    whole = 100 * len(of.yes) // of.known
    return f"{whole} %" if whole or not of.yes else "< 1 %"


def recurrences(group: Group, despite: str = "") -> str:
    """`3; unknown: 2`, with what is said of the three."""
    again = group.recurrences
    if again.unknown and len(again.unknown) == len(group.incidents):
        return f"unknown of {len(again.unknown):,}"
    return _and_unknown(f"{len(again.found):,}{despite}", len(again.unknown))


def _and_unknown(told: str, unknown: int) -> str:
    return f"{told}; unknown: {unknown:,}" if unknown else told


def measures(of: Measures) -> str:
    """`12, of them 7 anchored, 4 open (2 overdue), 1 dropped`; unknown of the lost ones whether they are among them."""
    if not of.count:
        return f"unknown of {len(of.lost):,}" if of.lost else "none"
    told = [f"{len(of.anchored):,} anchored", f"{len(of.open):,} open ({len(of.overdue):,} overdue)"]
    told += [f"{len(of.dropped):,} dropped"] if of.dropped else []
    told += [f"{len(of.unknown):,} unknown"] if of.unknown else []
    return _and_unknown(f"{of.count:,}, of them {', '.join(told)}", len(of.lost))


def _groups(report: Report, population: Population) -> Iterator[Part]:
    """A table a clock, in which the groups can be compared, and one of what came of them."""
    groups = population.groups
    if not (report.by and groups):
        return
    for number, clock in enumerate(population.total.clocks):
        yield Heading(3, f"By {report.by}, {ends(clock)}")
        own = [(label(group), group.clocks[number]) for group in groups]
        rows = [row for name, one in own for row in clock_rows(name, one)]
        yield Table((report.by, "n", "unknown", "median", "90 %", "mean"), tuple(rows))
        changes = tuple((name, median(one.before), median(one.wall), trend(one)) for name, one in own if one.shift)
        if changes:
            yield Table((report.by, "before", "now", CHANGE), changes)
        few = [name for name, one in own if not one.shift]
        if few:
            yield Lines((f"Too few to say how it changed: {', '.join(few)}",))
    yield Heading(3, f"By {report.by}, what came of them")
    columns = (report.by, "incidents", "noticed first", "post-mortem", "measures", "recurred", "no measure")
    yield Table(columns, tuple(_outcome_row(group) for group in groups))


def _outcome_row(group: Group) -> tuple[str, ...]:
    return (
        label(group),
        f"{len(group.incidents):,}",
        share(group.noticed),
        share(group.postmortems),
        measures(group.measures),
        recurrences(group),
        share(group.no_measure),
    )


def legend(report: Report) -> Iterator[str]:
    """What has to be known to read the figures, and how they are worked out."""
    yield "90 %: nine of ten took no longer; percentiles are those of Hyndman and Fan 1996, definition 7."
    yield "support hours: of the agreements in force for its services when it was declared; unknown without one."
    against = "of each month against the month before it" if report.by == "month" else "against the days before"
    yield (
        f"change: of the median, {against}, with what holds {100 * SURE:.0f} % of the time (Bonett and Price 2002); "
        f"so of twenty such statements one may be wrong. Fewer than {FEWEST} on a side are too few to say."
    )
    yield "shares are rounded down: 100 % is all of them; durations, too, to their two largest units."
    yield "post-mortem: approved by somebody who did not write it; signed is proved, others are asserted."
    if report.by in ("service", "team"):
        yield f"An incident of several {report.by}s counts in each."


def tab_separated(rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Rows as lines for programs; no cell holds a tab or a line break."""
    for row in rows:
        yield "\t".join(" ".join(cell.split()) for cell in row)

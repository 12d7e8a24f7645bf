"""The figures of a period as rows for programs: a line a figure, tab-separated or as CSV (RFC 4180)."""

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from svcops.overview.response import ClockFigures, Group, Report
from svcops.overview.response_presenting import UNKNOWN, span, trend
from svcops.store.frozen import frozen
from svcops.terminal.csv_text import csv_text

if TYPE_CHECKING:
    from svcops.overview.response_outcome import Share

COLUMNS = (
    "since",
    "until",
    "incidents",
    "by",
    "group",
    "figure",
    "from",
    "to",
    "counted_in",
    "n",
    "of",
    "unknown",
    "median_seconds",
    "p90_seconds",
    "mean_seconds",
    "before_n",
    "before_median_seconds",
    "change_seconds",
    "change_low_seconds",
    "change_high_seconds",
    "trend",
    "partial",
)
"""Of the CSV. `n` are those of which it is known or, with `of`, those of which it is so; empty is unknown.

`partial` is yes for a month of which the period has not all days, and empty for all else."""


@frozen
class Row:
    """One figure of one group; durations are seconds."""

    of: str
    by: str
    """What its group is one of; empty for all incidents."""
    group: str
    figure: str
    n: int
    known: int | None
    unknown: int
    start: str = ""
    end: str = ""
    counted_in: str = ""
    spread: tuple[float, float, float] | None = None
    """The median, what 90 % are not above, the mean."""
    before: tuple[int, float | None] | None = None
    """Of the time before: how many, and their median."""
    shift: tuple[float, float | None, float | None] | None = None
    """The change of the median, and between what it may be, where that can be said."""
    trend: str = ""
    is_partial: bool = False


def rows(report: Report) -> Iterator[Row]:
    """Every figure: of all incidents first, then of the groups."""
    for population in report.populations:
        yield from _group(population.of, "", population.total)
        for name, ids in (("cancelled", population.cancelled), ("merged", population.merged)):
            yield Row(population.of, "", population.total.name, f"{name}, not counted", len(ids), None, 0)
        for group in population.groups:
            for row in _group(population.of, report.by or "", group):
                yield replace(row, is_partial=group.is_partial)


def _group(of: str, by: str, group: Group) -> Iterator[Row]:
    yield Row(of, by, group.name, "incidents", len(group.incidents), None, 0)
    for clock in group.clocks:
        yield from _clock(of, by, group.name, clock)
    yield from _outcome(of, by, group)


def _clock(of: str, by: str, group: str, clock: ClockFigures) -> Iterator[Row]:
    for counted_in, figure in (("every hour", clock.wall), ("support hours", clock.support)):
        found, on_wall = figure.spread, figure is clock.wall
        then, shift = clock.before, clock.shift
        yield Row(
            of=of,
            by=by,
            group=group,
            figure=clock.name,
            n=len(figure.known),
            known=None,
            unknown=len(figure.unknown),
            start=clock.start_name,
            end=clock.end_name,
            counted_in=counted_in,
            spread=(found.median, found.p90, found.mean) if found else None,
            before=(len(then.known), then.spread.median if then.spread else None) if on_wall else None,
            shift=(shift.change, shift.low, shift.high) if shift and on_wall else None,
            trend=trend(clock) if on_wall else "",
        )


def _outcome(of: str, by: str, group: Group) -> Iterator[Row]:
    measures, again, approved = group.measures, group.recurrences, group.postmortems
    judged, unknown_measures = measures.count - len(measures.unknown), len(measures.unknown) + len(measures.lost)
    figures = [
        ("noticed by an SLO or monitoring first", *_share(group.noticed)),
        ("major, with an approved post-mortem", *_share(approved)),
        ("approved post-mortem, signed", len(group.proved), len(approved.yes), 0),
        ("minor, closed with a reason and no measure", *_share(group.no_measure)),
        ("measures anchored", len(measures.anchored), judged, unknown_measures),
        ("measures open", len(measures.open), judged, unknown_measures),
        ("measures overdue", len(measures.overdue), judged, unknown_measures),
        ("measures dropped", len(measures.dropped), judged, unknown_measures),
        ("recurrences", len(again.found), len(group.incidents) - len(again.unknown), len(again.unknown)),
        ("recurrences despite a measure", len(again.despite), len(again.found), len(again.unknown)),
    ]
    for name, count, known, unknown in figures:
        yield Row(of, by, group.name, name, count, known, unknown)


def _share(of: "Share") -> tuple[int, int, int]:
    return len(of.yes), of.known, len(of.unknown)


def lines(report: Report) -> Iterator[tuple[str, ...]]:
    """The rows for a person who pipes them: no dates, durations in words, no bounds of a change.

    That is: incidents, by, group, figure, from, to, counted in, n, of, unknown, median, 90 %, mean, then n and median
    of the time before, and the trend.
    """
    for row in rows(report):
        before, then = row.before or (None, None)
        yield (
            *(row.of, row.by, f"{row.group} (partial)" if row.is_partial else row.group),
            *(row.figure, row.start, row.end, row.counted_in),
            *(_count(one) for one in (row.n, row.known, row.unknown)),
            *(map(span, row.spread) if row.spread else (UNKNOWN if row.counted_in else "",) * 3),
            *(_count(before), span(then) if then is not None else UNKNOWN if row.before else "", row.trend),
        )


def _count(number: int | None) -> str:
    return "" if number is None else str(number)


def csv_of(report: Report) -> str:
    """The rows as CSV with its header; durations are seconds."""
    period = report.period
    head = (period.first.isoformat(), period.last.isoformat())
    return csv_text(COLUMNS, (_csv_row(head, row) for row in rows(report)))


def _csv_row(head: tuple[str, str], row: Row) -> tuple[str | float | None, ...]:
    return (
        *(*head, row.of, row.by, row.group, row.figure, row.start, row.end, row.counted_in),
        *(row.n, row.known, row.unknown),
        *map(rounded, row.spread or (None, None, None)),
        *map(rounded, row.before or (None, None)),
        *map(rounded, row.shift or (None, None, None)),
        row.trend,
        "yes" if row.is_partial else "",
    )


def rounded(value: float | str | None) -> float | str | None:
    """Seconds to the millisecond; any other word as it is."""
    return value if value is None or isinstance(value, str) else round(value, 3)

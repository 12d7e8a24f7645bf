"""What an incident cost of the error budgets of its services, where an SLO and its samples know."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from fractions import Fraction

from svcops.errors import SvcopsError
from svcops.slo.answers import counts_of
from svcops.slo.buckets import Reading, read_source
from svcops.slo.documents import Documents, sort_out
from svcops.slo.engine import open_database
from svcops.slo.facts import Level, cut, decimal
from svcops.slo.policies import LEAST_COVERAGE
from svcops.slo.questions import Judged, Question, questions
from svcops.slo.slices import Counts
from svcops.slo.sources import file_source, find_files
from svcops.store.graph import Graph
from svcops.timing.hours import Interval
from svcops.timing.model import format_duration

_MINUTE = timedelta(minutes=1)
_MICROSECOND = timedelta(microseconds=1)
_KNOWN = Fraction(19, 20)
"""Of the incident must lie between the first and the last sample; else what it cost is not known."""


def spent(graph: Graph, services: Sequence[str], start: datetime, end: datetime) -> tuple[str, ...]:
    """A line for each objective of the services: the part of its budget that was spent from `start` to `end`.

    The budget is that of the window which ends with the incident. Nothing is said of an objective that is not worked
    out, or judged by slices of time, or whose samples do not cover the incident; `svcops slo report` says why.
    """
    slos, known = sort_out([(one.path, one.value) for one in graph.all("slo").values()])
    lines = []
    for path, slo in slos:
        try:
            asked = [one for one in questions(path, slo, known) if one.service in services]
            counted = [one for one in asked if one.judged and not one.judged.slices]
            lines += [line for one in counted for line in _lines(graph, one, known, start, end)]
        except SvcopsError:
            continue
    return tuple(lines)


def _lines(graph: Graph, question: Question, known: Documents, start: datetime, end: datetime) -> Iterator[str]:
    judged = question.judged
    assert judged
    minutes = max(1, -((start - end) // _MINUTE))  # the incident's, in whole minutes: never less than it took
    window = judged.window.around(end)
    if window is None:
        return
    begin = max(end - minutes * _MINUTE, window.start)
    counts = counts_of(judged, _read(graph, judged, known, sorted({window.start, begin, end})))
    if not (_covers(counts, begin, end, _KNOWN) and _covers(counts, window.start, end, LEAST_COVERAGE)):
        return
    whole, part = (_level(question, counts, after, end) for after in (window.start, begin))
    if whole is None or part is None or not whole.budget:
        return
    share = cut(Fraction(part.bad) / Fraction(whole.budget) * 100, 1)
    took = format_duration(end - begin)
    yield (
        f"Error budget of {question.name} ({question.objective}, {question.window}): {decimal(part.bad)} bad "
        f"in these {took}, of {decimal(whole.budget)} allowed: {share} %"
    )


def _read(graph: Graph, judged: Judged, known: Documents, edges: Sequence[datetime]) -> Mapping[str, Reading]:
    readings, indicator = {}, judged.indicator
    for name in sorted(indicator.sources):
        path, document = known.sources[name]
        source = file_source(document, path)
        files = find_files(source, graph.root)
        asked = {term.asked: term.asked_by for term in (indicator.part, indicator.total) if term.source == name}
        with open_database([file.full for file in files]) as database:
            readings[name] = read_source(database, source, files, asked, edges)
    return readings


def _covers(counts: Counts, after: datetime, until: datetime, least: Fraction) -> bool:
    stretches = [Interval(after, until)]
    missing = sum((one.end - one.start for one in counts.missing(stretches)), timedelta(0))
    return Fraction(missing // _MICROSECOND, (until - after) // _MICROSECOND) <= 1 - least


def _level(question: Question, counts: Counts, after: datetime, until: datetime) -> Level | None:
    """The level in (after, until], edges of buckets; None where nothing was counted there."""
    found = counts.good([Interval(after, until)])
    return Level(*found, question.target) if found and found[1] else None

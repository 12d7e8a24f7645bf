"""What an incident cost of the error budgets of its services, where an SLO and its samples know."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from fractions import Fraction

from svcops.errors import SvcopsError
from svcops.postmortems.renewing import UNKNOWN
from svcops.slo.answers import counts_of
from svcops.slo.buckets import Reading, read_source
from svcops.slo.documents import Documents, sort_out
from svcops.slo.engine import open_database
from svcops.slo.facts import Impossible, Level, cut, decimal
from svcops.slo.policies import LEAST_COVERAGE
from svcops.slo.questions import Judged, Question, questions
from svcops.slo.slices import Counts
from svcops.slo.sources import file_source, find_files
from svcops.store.graph import Graph
from svcops.timing.hours import Interval
from svcops.timing.model import format_duration

_LONGEST = 160
"""Characters of a reason."""
_MINUTE = timedelta(minutes=1)
_MICROSECOND = timedelta(microseconds=1)
_KNOWN = Fraction(19, 20)
"""For so much of the incident samples must speak; else what it cost is not known."""


def spent(graph: Graph, services: Sequence[str], start: datetime, end: datetime) -> tuple[str, ...]:
    """A line for each objective of the services: the part of its budget that was spent from `start` to `end`.

    The budget is that of the window which ends with the incident. Where the samples do not tell, the line says why.
    Nothing is said of an SLO of which that cannot even be asked, or of an objective judged by slices of time.
    """
    slos, known = sort_out([(one.path, one.value) for one in graph.all("slo").values()])
    lines = []
    for path, slo in slos:
        with suppress(SvcopsError):
            asked = [one for one in questions(path, slo, known) if one.service in services]
            lines += [_line(graph, one, known, start, end) for one in asked if _is_of_events(one)]
    return tuple(lines)


def _is_of_events(question: Question) -> bool:
    return question.judged is not None and question.judged.slices is None


def _line(graph: Graph, question: Question, known: Documents, start: datetime, end: datetime) -> str:
    try:
        told = _told(graph, question, known, start, end)
    except (SvcopsError, Impossible) as error:
        why, *_ = str(error).splitlines()
        told = f"{UNKNOWN}, {why[:_LONGEST]}"
    return f"Error budget of {question.name} ({question.objective}, {question.window}): {told}"


def _told(graph: Graph, question: Question, known: Documents, start: datetime, end: datetime) -> str:
    judged = question.judged
    assert judged
    minutes = max(1, -((start - end) // _MINUTE))  # the incident's, in whole minutes: never less than it took
    window = judged.window.around(end)
    if window is None:
        return f"{UNKNOWN}, it has no window then"
    begin = max(end - minutes * _MINUTE, window.start)
    counts = counts_of(judged, _read(graph, judged, known, sorted({window.start, begin, end})))
    if not _covers(counts, begin, end, _KNOWN):
        return f"{UNKNOWN}, the samples do not cover the incident"
    if not _covers(counts, window.start, end, LEAST_COVERAGE):
        return f"{UNKNOWN}, the samples do not cover its window"
    whole, part = (_level(question, counts, after, end) for after in (window.start, begin))
    if whole is None or part is None or not whole.budget:
        return f"{UNKNOWN}, the samples count nothing"
    share = cut(Fraction(part.bad) / Fraction(whole.budget) * 100, 1)
    took = format_duration(end - begin)
    return f"{decimal(part.bad)} bad in these {took}, of {decimal(whole.budget)} allowed: {share} %"


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

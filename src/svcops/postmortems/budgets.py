"""What an incident cost of the error budgets of its services, where an SLO and its samples know."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from fractions import Fraction

from svcops.errors import SvcopsError
from svcops.postmortems.renewing import UNKNOWN
from svcops.slo.buckets import Reading, read_source
from svcops.slo.engine import open_database
from svcops.slo.facts import Level, count, coverage, cut, decimal, level
from svcops.slo.questions import Documents, Question, Ratio, questions, sort_out
from svcops.slo.report import LEAST_COVERAGE
from svcops.slo.sources import file_source, find_files
from svcops.store.graph import Graph
from svcops.timing.model import format_duration

_LONGEST = 160
"""Characters of a reason."""
_MINUTE = timedelta(minutes=1)
_KNOWN = Fraction(19, 20)
"""Of the incident must lie between the first and the last sample; else what it cost is not known."""


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
            lines += [_line(graph, one, known, start, end) for one in asked if one.ratio and not one.ratio.slices]
    return tuple(lines)


def _line(graph: Graph, question: Question, known: Documents, start: datetime, end: datetime) -> str:
    try:
        told = _told(graph, question, known, start, end)
    except SvcopsError as error:
        why, *_ = error.message.splitlines()
        told = f"{UNKNOWN}, {why[:_LONGEST]}"
    return f"Error budget of {question.name} ({question.objective}, {question.window}): {told}"


def _told(graph: Graph, question: Question, known: Documents, start: datetime, end: datetime) -> str:
    ratio = question.ratio
    assert ratio
    minutes = max(1, -((start - end) // _MINUTE))  # the incident's, in whole minutes: never less than it took
    window = ratio.window.around(end)
    if window is None:
        return f"{UNKNOWN}, it has no window then"
    begin = max(end - minutes * _MINUTE, window.start)
    readings = _read(graph, ratio, known, sorted({window.start, begin, end}))
    if not _covers(readings, begin, end, _KNOWN):
        return f"{UNKNOWN}, the samples do not cover the incident"
    if not _covers(readings, window.start, end, LEAST_COVERAGE):
        return f"{UNKNOWN}, the samples do not cover its window"
    whole, part = (_level(question, readings, after, end) for after in (window.start, begin))
    if whole is None or part is None or not whole.budget:
        return f"{UNKNOWN}, the samples count nothing"
    share = cut(Fraction(part.bad) / Fraction(whole.budget) * 100, 1)
    took = format_duration(end - begin)
    return f"{decimal(part.bad)} bad in these {took}, of {decimal(whole.budget)} allowed: {share} %"


def _read(graph: Graph, ratio: Ratio, known: Documents, edges: Sequence[datetime]) -> Mapping[str, Reading]:
    readings = {}
    for name in sorted(ratio.sources):
        path, document = known.sources[name]
        source = file_source(document, path)
        files = find_files(source, graph.root)
        queries = {term.query: term.asked_by for term in (ratio.part, ratio.total) if term.source == name}
        with open_database([file.full for file in files]) as database:
            readings[name] = read_source(database, source, files, queries, edges)
    return readings


def _covers(readings: Mapping[str, Reading], after: datetime, until: datetime, least: Fraction) -> bool:
    for reading in readings.values():
        times = [(one.first, one.last) for one in reading.inputs if one.first and one.last]
        if not times:
            return False
        first, last = min(one for one, _ in times), max(one for _, one in times)
        if coverage(first, last, after, until) < least:
            return False
    return True


def _level(question: Question, readings: Mapping[str, Reading], after: datetime, until: datetime) -> Level | None:
    """The level in (after, until], edges of buckets; None where nothing was counted there."""
    ratio = question.ratio
    assert ratio
    part, total = (
        count(readings[term.source].counted[term.query].buckets, after, until, counter=ratio.counter)
        for term in (ratio.part, ratio.total)
    )
    if not total.samples:
        return None
    amount = {"good" if ratio.part_is_good else "bad": part.amount}
    return level(total=total.amount, target=question.target, **amount)

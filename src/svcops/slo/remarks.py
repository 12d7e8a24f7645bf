"""What is to be said of a report beside its figures: what they do not know, contradict, or rest on."""

from datetime import datetime, timedelta

from svcops.slo.answers import Result
from svcops.slo.facts import Amount, Level, cut, decimal
from svcops.slo.naming import named, target_text, worst_first
from svcops.slo.report import Report
from svcops.timing.model import format_duration, format_instant

_STALE = timedelta(days=1)
"""Samples that end earlier than that before the windows do are pointed out: they say little about the end."""


def remarks(of: Report) -> list[str]:
    """All of it, a line each."""
    return [*known_in_part(of), *contradictory(of), *unselected(of), *unresolved(of), *stale(of)]


def known_in_part(of: Report) -> list[str]:
    """A line for each objective of whose window a part is not known."""
    return [
        f"{named(one.question)}: {cut(one.coverage * 100, 1)} % of its window is known"
        for one in worst_first(of)
        if one.level and one.coverage is not None and one.coverage < 1
    ]


def contradictory(of: Report) -> list[str]:
    """A line for each objective of which more was good, or bad, at some moment than there was in total."""
    return [f"{named(one.question)}: {told_above(one)}" for one in worst_first(of) if one.above]


def told_above(one: Result) -> str:
    """When more was good, or bad, than there was: the first moment, the file, and at how many others."""
    judged, first = one.question.judged, one.above[0]
    assert judged
    part = "good" if judged.indicator.part_is_good else "bad"
    files = [file.path for file in one.inputs if file.first and file.last and file.first <= first.at <= file.last]
    told = f"{decimal(first.part)} {part} of {decimal(first.total)} in total at {format_instant(first.at)}"
    where = files[0] if len(files) == 1 else judged.indicator.part.source
    others = len(one.above) - 1
    more = f", and so at {others:,} {'other moment' if others == 1 else 'other moments'}" if others else ""
    return f"{where}: {told}{more}: the export contradicts itself, or counts at different times"


def unselected(of: Report) -> list[str]:
    """A line for each objective of which nothing is good, or bad, as its selector matches no series."""
    return [f"{named(one.question)}: {told_unselected(one)}" for one in worst_first(of) if one.nothing_selected]


def told_unselected(one: Result) -> str:
    """That no series matches what is counted as good, or as bad, and what was taken for it."""
    assert one.question.judged
    indicator = one.question.judged.indicator
    part = "good" if indicator.part_is_good else "bad"
    query = " ".join(indicator.part.query.split())
    return f"no series matches {query}, so 0 are {part}: that is right only if the selector is"


def doubts(one: Result) -> list[str]:
    """Why what was counted may not be so."""
    return [
        *([told_above(one)] if one.above else []),
        *([told_unselected(one)] if one.nothing_selected else []),
    ]


def unresolved(of: Report) -> list[str]:
    """A line for each objective of which so little happened that a single failure spends more than the whole budget.

    Not of events while a window of the calendar goes on: nobody knows how many there will be.
    """
    return [
        f"{named(one.question)}: {decimal(_all_of_it(one.level))} {_what(one)} are too few for {target_text(one)} %: "
        "one that is bad misses it"
        for one in worst_first(of)
        if one.level and _is_of_wholes(one, of.at) and one.level.budget < 1
    ]


def _is_of_wholes(one: Result, at: datetime) -> bool:
    """Whether it is known how many there are of what is bad as a whole or not at all.

    That is neither a mean of shares nor a sum of burn rates.
    """
    judged, composite = one.question.judged, one.question.composite
    slices = judged.slices if judged else composite.slices if composite and composite.method == "Timeslices" else None
    if slices:
        return slices.target is not None
    is_over = one.window is not None and one.window.end <= at
    return is_over and judged is not None and judged.indicator.part.asked.measure.kind != "share"


def _all_of_it(level: Level) -> Amount:
    return level.total if level.whole is None else level.whole


def _what(one: Result) -> str:
    judged = one.question.judged
    return "slices of the window" if judged is None or judged.slices else "events in the window"


def stale(of: Report) -> list[str]:
    """A line for each source whose newest sample is much older than the end of the windows: the file that holds it.

    And for each objective whose own is, though its sources hold newer ones of others.
    """
    newest: dict[str, tuple[datetime, str]] = {}
    for file in (file for one in of.results for file in one.inputs):
        if file.last is not None:
            newest[file.source] = max(newest.get(file.source, (file.last, file.path)), (file.last, file.path))
    ends = {(path, last) for last, path in newest.values()}
    for one in of.results:
        others = [newest[file.source][0] for file in one.inputs if file.source in newest]
        if one.newest is not None and others and one.newest < min(others):
            ends.add((named(one.question), one.newest))
    return [
        f"{what}: samples up to {format_instant(last)}, {format_duration(of.at - last)} before the windows end"
        for what, last in sorted(ends)
        if of.at - last > _STALE
    ]

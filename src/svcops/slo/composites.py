"""A composite SLO as a whole, from what came out for its objectives: a journey of a user over several services. Pure.

OpenSLO v1, SLO, "Notes (Composite SLO)": with Occurrences the whole burns its budget at the sum of the rates of its
objectives, each by its weight; with Timeslices a slice that is bad for one of them is bad; with RatioTimeslices what
they miss is summed, each by its weight, up to 100 percent. So a weight of 1 is that of an SLO alone, and weights are no
shares. The specification names no target of the whole (`svcops.slo.questions`), nor what becomes of one of which too
little is known: then nothing is known of the whole.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from fractions import Fraction

from svcops.slo.answers import Found, Over, Pace, Result, counts_of
from svcops.slo.buckets import Reading
from svcops.slo.course import Point
from svcops.slo.facts import Level, whole
from svcops.slo.questions import Composite, Question
from svcops.slo.slices import Joint
from svcops.slo.windows import Stretch
from svcops.timing.hours import Interval
from svcops.timing.intervals import joined


def compose(
    question: Question, parts: Sequence[Result], readings: Mapping[str, Reading], at: datetime, points: int = 0
) -> Result:
    """What came out for a composite SLO at a moment, from the results for its objectives, in their order.

    With the course of its budget where those of its objectives are known, for which `points` were asked for.
    """
    of, parts = question.composite, tuple(parts)
    assert of
    left_out = next((one for one in parts if one.verdict == "not computed"), None)
    if question.reason or left_out:
        reason = question.reason or (_told(left_out) if left_out else "")
        return Result(question, None, None, "not computed", reason, parts=parts)
    window = of.window.around(at)
    unknown = next((one for one in parts if one.level is None), None)
    if window is None or unknown:
        reason = _told(unknown) if unknown and window else parts[0].reason
        found, plain, paces = Found(None, reason, _coverage(parts), _missing(parts)), None, tuple[Pace, ...]()
        course = tuple[Point, ...]()
    elif of.method == "Timeslices":
        found, plain, paces, course = _in_slices(question, of, parts, readings, window, at, points)
    else:
        found = Found(_level(question, parts, [one.level for one in parts]), "", _coverage(parts), _missing(parts))
        plain = _level(question, parts, [one.plain or one.level for one in parts]) if parts[0].excluded else None
        paces = tuple(_pace(question, parts, number) for number in range(len(question.lookbacks)))
        course = _course(question, parts, found.level)
    return Result(
        question=question,
        window=window,
        level=found.level,
        verdict=found.verdict,
        reason=found.reason,
        coverage=found.coverage,
        inputs=tuple(dict.fromkeys(file for one in parts for file in one.inputs)),
        newest=None if None in (ends := [one.newest for one in parts]) else min(one for one in ends if one),
        missing=found.missing,
        excluded=parts[0].excluded,
        plain=plain,
        paces=paces,
        parts=parts,
        course=course,
    )


def bad_share(question: Question, parts: Sequence[Question], shares: Sequence[Fraction]) -> Fraction:
    """The share of the whole that is bad, of the shares that are bad of its objectives; at most all of it.

    With Occurrences each is taken for the burn rate that it is, and these come back as a share by the target.
    """
    assert question.composite
    allowed, by_rate = 1 - question.target, question.composite.method == "Occurrences"
    counted = (
        (one.weight or 0) * share * (allowed / (1 - one.target) if by_rate else 1)
        for one, share in zip(parts, shares, strict=True)
    )
    return min(sum(counted, Fraction(0)), Fraction(1))


def _level(question: Question, parts: Sequence[Result], levels: Sequence[Level | None]) -> Level | None:
    """The level of a whole; of slices so many as were judged of the objective with the most."""
    known = [one for one in levels if one]
    if len(known) < len(parts):
        return None
    good = 1 - bad_share(question, [one.question for one in parts], [1 - one.sli for one in known])
    if question.composite and question.composite.method == "Occurrences":
        return Level(whole(good), 1, question.target)
    most = max(known, key=lambda one: one.total)
    return Level(whole(good * most.total), most.total, question.target, most.whole)


def _pace(question: Question, parts: Sequence[Result], number: int) -> Pace:
    """The burn rate over one of the last stretches, of which all objectives have to be known."""
    rates = [one.paces[number].rate for one in parts]
    asked = [one.question for one in parts]
    known = [rate * (1 - one.target) for rate, one in zip(rates, asked, strict=True) if rate is not None]
    if len(known) < len(parts):
        return Pace(question.lookbacks[number], None)
    return Pace(question.lookbacks[number], bad_share(question, asked, known) / (1 - question.target))


def _in_slices(
    question: Question,
    of: Composite,
    parts: Sequence[Result],
    readings: Mapping[str, Reading],
    window: Stretch,
    at: datetime,
    points: int,
) -> tuple[Found, Level | None, tuple[Pace, ...], tuple[Point, ...]]:
    """What came out slice by slice, as for any other objective: the level, that without exclusions, the burn rates."""
    judged = [one.question.judged for one in parts if one.question.judged]
    joint = Joint(tuple((one.slices, counts_of(one, readings)) for one in judged if one.slices))
    over = Over(question, of.slices, joint, window, at)
    excluded = parts[0].excluded
    plain = over.judge(()).level if excluded else None
    found = over.judge(excluded)
    return found, plain, over.paces(excluded), over.course(found, excluded, points) if points else ()


def _course(question: Question, parts: Sequence[Result], level: Level | None) -> tuple[Point, ...]:
    """How the budget of a whole was spent by its objectives; unknown where it is of one of them.

    Nothing where the objectives are known at other moments than each other.
    """
    asked = [one.question for one in parts]
    moments = {tuple(point.at for point in one.course) for one in parts}
    if level is None or len(moments) != 1:
        return ()
    found = []
    for at, *left in zip(*moments, *([point.left for point in one.course] for one in parts), strict=True):
        known = [(1 - one) * (1 - each.target) for one, each in zip(left, asked, strict=True) if one is not None]
        share = bad_share(question, asked, known) / (1 - question.target) if len(known) == len(parts) else None
        found.append(Point(at, None if share is None else 1 - share))
    if found and found[-1].left is not None:
        found[-1] = Point(found[-1].at, level.left_share)
    return tuple(found)


def _coverage(parts: Sequence[Result]) -> Fraction | None:
    """Of how much something is known: the least of it; None where of one that is not worked out."""
    known = [one.coverage for one in parts if one.coverage is not None]
    return min(known) if len(known) == len(parts) else None


def _missing(parts: Sequence[Result]) -> tuple[Interval, ...]:
    return tuple(joined(gap for one in parts for gap in one.missing))


def _told(one: Result) -> str:
    """Why a whole is not known: what is the matter with one of its objectives."""
    return f"objective {one.question.objective}: {one.reason}"

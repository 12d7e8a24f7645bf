"""How results of a report are called, and in which order they are told."""

from fractions import Fraction

from svcops.slo.answers import Result
from svcops.slo.facts import Verdict, decimal, whole
from svcops.slo.questions import Question
from svcops.slo.report import Report

_WORST_FIRST: tuple[Verdict, ...] = ("breached", "not enough data", "not computed", "met")


def worst_first(of: Report) -> list[Result]:
    """The results by verdict, the worst first, then by the budget that is left, the least first, then by name.

    The objectives of a composite SLO stay below it.
    """

    def badness(one: Result) -> tuple[int, Fraction]:
        return _WORST_FIRST.index(one.verdict), one.level.left_share if one.level else Fraction(0)

    heads = [one for one in of.results if one.question.weight is None]
    return [each for one in sorted(heads, key=badness) for each in (one, *one.parts)]


def named(of: Question) -> str:
    """How a line about an objective begins: the SLO's name, and of a composite SLO which objective it is about."""
    return of.name if of.weight is None else f"{of.name}, {of.objective}"


def target_text(one: Result) -> str:
    """A target in percent, as it was written."""
    return decimal(whole(one.question.target * 100))

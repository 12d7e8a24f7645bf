"""What an incident cost of the error budgets of its services, where an SLO and its samples know."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from fractions import Fraction

from svcops.errors import SvcopsError
from svcops.postmortems.renewing import UNKNOWN, interval
from svcops.slo.agreed import exclusions_of
from svcops.slo.answers import answer, edges_of
from svcops.slo.attributing import Impact, Spending, Spent, near, spent
from svcops.slo.documents import Documents, sort_out
from svcops.slo.exclusions import Exclusions
from svcops.slo.facts import Impossible, cut, decimal
from svcops.slo.questions import Question, questions
from svcops.slo.readings import read_all
from svcops.store.frozen import frozen
from svcops.store.graph import Graph
from svcops.timing.model import format_duration

_LONGEST = 160
"""Characters of a reason."""
_MINUTE = timedelta(minutes=1)
_FARTHEST = timedelta(days=1)
"""How long after the incident the sample is looked for that tells its last minutes."""


def budgets_spent(
    graph: Graph, services: Sequence[str], start: datetime, end: datetime, *, since_declared: bool = False
) -> tuple[str, ...]:
    """A line for each objective of the services: the part of its budget that was spent from `start` to `end`.

    The budget is that of the window which ends with the incident, and what is excluded spends nothing of it. Where the
    samples do not tell, the line says why. `since_declared`: the incident began by `start`, and spent at least that.
    Nothing is said of an SLO of which that cannot even be asked, or of an objective judged by slices of time.
    """
    start, end = start.astimezone(UTC), end.astimezone(UTC)  # windows are reckoned, and samples told, in UTC
    slos, known = sort_out([(one.path, one.value) for one in graph.all("slo").values()])
    lines, exclusions = list[str](), exclusions_of(graph)
    for path, slo in slos:
        with suppress(SvcopsError):
            asked = [one for one in questions(path, slo, known) if one.service in services]
            asked = [one for one in asked if _is_of_events(one)]
            found = [_Cost(graph, one, known, exclusions, start, end, since_declared) for one in asked]
            lines += [one.line() for one in found]
    return tuple(lines)


def _is_of_events(question: Question) -> bool:
    return question.judged is not None and question.judged.slices is None


@frozen
class _Cost:
    """What is asked of one objective: what an incident cost of its budget, from `start` to `end`."""

    graph: Graph
    question: Question
    known: Documents
    exclusions: Exclusions
    start: datetime
    end: datetime
    since_declared: bool

    def line(self) -> str:
        """The cost in words; a figure says which interval it tells of, as the incident may go on after all."""
        try:
            told = self._told()
        except (SvcopsError, Impossible) as error:
            why, *_ = str(error).splitlines()
            told = f"{UNKNOWN}, {why[:_LONGEST]}"
        asked = self.question
        when = "" if told.startswith(UNKNOWN) else f" from {interval(self.start, self.end)}"
        return f"Error budget of {asked.name} ({asked.objective}, {asked.window}){when}: {told}"

    def _told(self) -> str:
        question, end, latest = self.question, self.end, self.end + _FARTHEST
        judged = question.judged
        assert judged
        window = judged.window.around(end)
        if window is None:
            return f"{UNKNOWN}, it has no window then"
        impact = Impact("", max(self.start, window.start), end, self.since_declared and self.start > window.start)
        excluded = self.exclusions.within(question.name, question.service, window.start, latest)
        edges = {*edges_of(question, self.exclusions, end), latest}.union(*((one.start, one.end) for one in excluded))
        readings = read_all({question: sorted(edges)}, self.known, self.graph.root, near([impact], end)).of(question)
        whole = answer(question, readings, self.exclusions, end)
        part = spent(Spending(question, readings, window, latest, excluded), impact)
        if part.bad is None:
            return f"{UNKNOWN}, {part.why}"
        if whole.level is None or not whole.level.budget:
            return f"{UNKNOWN}, {whole.reason or 'it has no budget'}"
        share = cut(Fraction(part.bad) / Fraction(whole.level.budget) * 100, 1)
        more = f"; {decimal(part.excluded)} more were bad in excluded time" if part.excluded else ""
        bound = "at least " if impact.since_declared else ""
        allowed = f"of {decimal(whole.level.budget)} allowed: {bound}{share} %"
        return f"{bound}{decimal(part.bad)} bad in {_between(impact, part)}, {allowed}{more}"


def _between(impact: Impact, part: Spent) -> str:
    """For how long was counted; from when until when, where samples are farther apart than the incident is told."""
    took = format_duration(part.between.end - part.between.start)
    assert impact.end
    if max(impact.start - part.between.start, part.between.end - impact.end) <= _MINUTE:
        return f"these {took}"
    start, end = (f"{one:%H:%M}" for one in part.between)
    return f"the {took} between samples, from {start} to {end} UTC"

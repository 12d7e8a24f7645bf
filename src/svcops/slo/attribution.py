"""The budgets of a store's SLOs by incident: who is asked about what, and what there is to show of it."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, tzinfo
from fractions import Fraction
from typing import Any

from svcops.errors import BadInput, SvcopsError
from svcops.incidents.facts import Outline
from svcops.incidents.outlines import outlines
from svcops.slo.agreed import exclusions_of
from svcops.slo.answers import answer, edges_of
from svcops.slo.attributing import Apart, Attributed, Impact, Spending, Spent, attribute, near, spent
from svcops.slo.buckets import Reading
from svcops.slo.documents import BadSLO, sort_out
from svcops.slo.exclusions import Exclusions
from svcops.slo.facts import Amount, Impossible, cut, decimal
from svcops.slo.naming import named
from svcops.slo.presenting import UNKNOWN
from svcops.slo.questions import Question, questions
from svcops.slo.readings import distinct, read_all, sampled
from svcops.store.frozen import frozen
from svcops.store.graph import Graph
from svcops.store.ids import tail
from svcops.timing.model import format_instant
from svcops.timing.wall import shown

SCHEMA = "svcops.slo-attribution/1"
HEADINGS = ("SLO", "objective", "incident", "counted from", "until", "bad", "of budget %", "detected by")


@frozen
class Attribution:
    """The budgets at one moment, the incidents that are among them, by id, and what is wrong with other SLOs."""

    at: datetime
    budgets: tuple[Attributed, ...]
    incidents: dict[str, Outline]
    errors: tuple[SvcopsError, ...] = ()


def attributions(graph: Graph, at: datetime, names: Collection[str] | None = None) -> Attribution:
    """Attribute the budgets of all SLOs, or of those of these names, over the windows that end at a moment.

    Judged as the report does, and what was bad in excluded time is told apart. An SLO that is wrong hides no other.
    """
    at = sampled(at)
    slos, known = sort_out([(one.path, one.value) for one in graph.all("slo").values()])
    asked, errors = list[Question](), list[SvcopsError]()
    for path, slo in slos:
        if names is None or slo.metadata.name in names:
            try:
                asked += [one for one in questions(path, slo, known) if one.composite is None]
            except BadInput as error:
                errors.append(error)
    incidents, exclusions = outlines(graph), exclusions_of(graph)
    impacts = {one: _impacts(one, incidents.values(), at) for one in asked}
    edges = {one: edges_of(one, exclusions, at) for one in asked}
    beside = {moment for every in impacts.values() for moment in near(every, at)}
    readings = read_all(edges, known, graph.root, beside)
    budgets = []
    for question in asked:
        try:
            budgets.append(_budget(question, readings.of(question), exclusions, impacts[question], at))
        except SvcopsError as error:
            errors.append(error)
    return Attribution(at, tuple(budgets), {one.id: one for one in incidents.values()}, distinct(errors))


def _budget(
    question: Question, readings: Mapping[str, Reading], exclusions: Exclusions, impacts: list[Impact], at: datetime
) -> Attributed:
    """BadSLO where the counts contradict each other."""
    result = answer(question, readings, exclusions, at)
    if result.window is None:
        return Attributed(question, None, (), None, reason=result.reason)
    of = Spending(question, readings, result.window, at, result.excluded)
    try:
        found = attribute(of, result.level, [spent(of, one) for one in impacts])
    except Impossible as error:
        raise BadSLO(question.path, question.name, "spec.indicator", str(error)) from None
    return replace(found, reason=result.reason)


def _impacts(question: Question, incidents: Collection[Outline], at: datetime) -> list[Impact]:
    window = question.judged.window.around(at) if question.judged else None
    return list(impacts_of(question.service, incidents, window.start, at)) if window else []


def impacts_of(service: str, incidents: Collection[Outline], start: datetime, at: datetime) -> Iterator[Impact]:
    """The impacts of the incidents of a service that reach into (start, at], in the order of time, cut to it.

    Where nobody recorded when one began, it had begun by the time at which it was declared, and counts from then.
    """
    theirs = [one for one in incidents if service in one.services and one.ending not in ("merged", "cancelled")]
    dated = [(began, one.id, one) for one in theirs if (began := one.impact_started or one.declared)]
    for moment, _, one in sorted(dated, key=lambda each: each[:2]):
        began, end = moment.astimezone(UTC), one.resolved and one.resolved.astimezone(UTC)
        if began < at and (end is None or end > start):
            since_declared = one.impact_started is None and began > start
            yield Impact(one.id, max(began, start), end if end is None else min(end, at), since_declared)


def rows(of: Attribution, zone: tzinfo) -> list[tuple[str, ...]]:
    """A line for each incident and objective, for what no incident explains, and for each excluded time.

    Unknown is a dash.
    """
    return [row for budget in of.budgets for row in _rows(budget, of, zone)]


def _rows(budget: Attributed, of: Attribution, zone: tzinfo) -> Iterator[tuple[str, ...]]:
    asked = budget.question
    for one in budget.spent:
        detected = of.incidents[one.impact.incident].detected_by or "unknown"
        times = (shown(one.between.start, zone), shown(one.between.end, zone))
        told = _bounded("at least" if one.impact.since_declared else "", budget, one.bad)
        yield (asked.name, asked.objective, tail(one.impact.incident), *times, *told, detected)
    left = _bounded("at most" if budget.is_at_most else "", budget, budget.unexplained)
    yield (asked.name, asked.objective, "no incident", "", "", *left, "")
    for apart in budget.apart:
        yield (asked.name, asked.objective, f"excluded: {apart.title}", "", "", _told(apart.bad), "", "")


def _bounded(bound: str, budget: Attributed, bad: Amount | None) -> tuple[str, str]:
    """What is bad, and its share of the budget; in words that it is at least, or at most, so much."""
    told = (_told(bad), _percent(budget, bad))
    first, second = (f"{bound} {one}".strip() if one != UNKNOWN else one for one in told)
    return first, second


def _told(bad: Amount | None) -> str:
    return UNKNOWN if bad is None else decimal(bad)


def _percent(budget: Attributed, bad: Amount | None) -> str:
    """The share of the budget that is bad; a dash where one of the two is not known, or there is no budget."""
    if bad is None or budget.level is None or not budget.level.budget:
        return UNKNOWN
    return cut(Fraction(bad) / Fraction(budget.level.budget) * 100, 1)


def notes(of: Attribution) -> Iterator[str]:
    """What stands out: an SLO that saw nothing of an incident, and a disruption that nobody declared.

    And which budgets are not known and why, of which incidents the start is not, what of one was excluded, and which
    SLOs are told by their objectives alone.
    """
    for name in dict.fromkeys(one.question.name for one in of.budgets if one.question.weight is not None):
        yield f"{name} is a composite SLO: the budgets are those of its objectives, not of the whole"
    for budget in of.budgets:
        yield from _notes(budget, of)
    for incident in dict.fromkeys(one.incident for budget in of.budgets for one in budget.undated):
        told = "when users began to notice is not known, and it is counted from when it was declared"
        yield f"{_called(incident, of)}: {told}: svcops incident started {tail(incident)} --at TIME"


def _notes(budget: Attributed, of: Attribution) -> Iterator[str]:
    """What stands out of one objective."""
    name = budget.question.name
    if budget.level is None:
        yield f"{named(budget.question)}: {budget.reason}"
    for one in budget.spent:
        called = _called(one.impact.incident, of)
        if one.excluded:
            yield f"{name}: {_told_excluded(budget.question, one.excluded, called)}"
        if one.bad == 0 and one.excluded == 0:
            since = " since it was declared" if one.impact.since_declared else ""
            yield f"{name} saw nothing of {called}{since}: does it see what users see?"
        elif one.bad is None:
            yield f"{name}: what {tail(one.impact.incident)} spent is unknown: {one.why}"
    for apart in budget.apart:
        if apart.after:
            before = " and ".join(apart.after)
            yield f"{name}: what was bad in times that {apart.title} shares with {before} is told there, and not twice"
    if budget.level and budget.unexplained and _is_disruption(budget):
        missed = f"{name} was missed by what no incident explains"
        earlier = " or ".join(tail(one.incident) for one in budget.undated)
        unless = f", unless {earlier} began before it was declared"
        yield f"{missed}{unless}" if earlier else f"{missed}: a disruption nobody declared?"


def _called(incident: str, of: Attribution) -> str:
    return f"{tail(incident)} ({of.incidents[incident].incident.title})"


def _told_excluded(asked: Question, bad: Amount, called: str) -> str:
    """What was bad of an incident in excluded time. A slice in which that begins or ends may be bad on both sides."""
    if asked.judged is None or asked.judged.slices is None:
        return f"{decimal(bad)} more bad of {called} was excluded"
    told = f"slices of {called} that were bad in excluded time: {decimal(bad)}"
    return f"{told}; one that is excluded in part may count among the others, too"


def _is_disruption(budget: Attributed) -> bool:
    """Whether what no incident explains would have overdrawn the budget by itself."""
    assert budget.level
    assert budget.unexplained is not None
    return budget.unexplained > budget.level.budget


def as_json(of: Attribution) -> dict[str, Any]:
    """The same for a program (schema svcops.slo-attribution/1); what is unknown is null.

    An impact that is told `since_declared` spent at least what is `bad`.
    """
    errors = [{"message": one.message, "help": one.help} for one in of.errors]
    return {"at": format_instant(of.at), "slos": [_one(budget, of) for budget in of.budgets], "errors": errors}


def _one(budget: Attributed, of: Attribution) -> dict[str, Any]:
    asked, level = budget.question, budget.level
    return {
        "name": asked.name,
        "service": asked.service,
        "objective": asked.objective,
        "budget": _number(level.budget) if level else None,
        "bad": _number(level.bad) if level else None,
        "reason": budget.reason,
        "incidents": [_spent(one, of) for one in budget.spent],
        "unexplained": None if budget.unexplained is None else _number(budget.unexplained),
        "unexplained_at_most": budget.is_at_most,
        "excluded": [_apart(one) for one in budget.apart],
    }


def _apart(one: Apart) -> dict[str, Any]:
    bad = None if one.bad is None else _number(one.bad)
    return {"path": one.path, "title": one.title, "bad": bad, "after": list(one.after)}


def _spent(one: Spent, of: Attribution) -> dict[str, Any]:
    incident = of.incidents[one.impact.incident]
    return {
        "incident": incident.id,
        "title": incident.incident.title,
        "detected_by": incident.detected_by,
        "impact": {
            "from": format_instant(one.impact.start),
            "until": format_instant(one.impact.end) if one.impact.end else None,
            "since_declared": one.impact.since_declared,
        },
        "counted": {"from": format_instant(one.between.start), "until": format_instant(one.between.end)},
        "bad": None if one.bad is None else _number(one.bad),
        "of": None if one.of is None else _number(one.of),
        "excluded": None if one.excluded is None else _number(one.excluded),
        "reason": one.why,
    }


def _number(value: Any) -> int | float:
    return value if isinstance(value, int) else float(value)

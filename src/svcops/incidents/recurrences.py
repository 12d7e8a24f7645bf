"""What came back, and which measures did not hold. Pure functions of the graph.

An incident happens when it is declared, and happens again each time it is reopened: whatever was changed by then did
not keep it away. What happened before a measure was in place says nothing about the measure.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, TypeVar

from svcops.incidents.anchors import in_place
from svcops.incidents.facts import Outline
from svcops.incidents.measures import MeasureState, measures_with
from svcops.incidents.outlines import counted_as, outlines
from svcops.incidents.problems import ProblemState, links, problem_states, problems_of
from svcops.store.frozen import frozen
from svcops.store.graph import Graph
from svcops.store.ids import tail
from svcops.timing.model import format_instant

AnyOutline = TypeVar("AnyOutline", bound=Outline)


@frozen
class Occurrence:
    """That an incident happened: as it was declared, or went on after all."""

    incident: Outline
    how: Literal["declared", "declared again", "reopened"]
    """Again is what was merged into one that had been resolved by then."""
    at: datetime

    @property
    def called(self) -> str:
        """The end of the incident's id, and in brackets how, where it was not just declared."""
        short = tail(self.incident.id)
        return short if self.how == "declared" else f"{short} ({self.how})"


@frozen
class Outlived:
    """What happened after a measure was anchored that an incident of the same cause had led to."""

    measure: MeasureState
    """The measure that did not hold, with the incident that taught it."""
    recurred: Occurrence
    """What shows it."""
    answered: bool
    """Whether a measure of any of these incidents was anchored since: somebody did something about it."""


@frozen
class NotHeld(Outlived):
    """The same of incidents that a problem explains, or of one incident that nobody has linked to any."""

    problem: ProblemState | None


def occurrences(graph: Graph, one: Outline) -> list[Occurrence]:
    """When an incident happened, the first time first; none where nothing says when it was declared."""
    if one.declared is None:
        return []
    again = [Occurrence(one, "reopened", at) for at in one.reopened]
    every = outlines(graph)
    for name in counted_as(graph, one.id)[1:]:
        declared = every[name].declared
        if declared and one.resolved and declared > one.resolved:
            again.append(Occurrence(one, "declared again", declared))
    return [Occurrence(one, "declared", one.declared), *sorted(again, key=lambda each: each.at)]


def explained(graph: Graph, problem: ProblemState, every: Mapping[str, AnyOutline]) -> list[AnyOutline]:
    """Of all incidents those that a problem explains, the oldest first.

    One that was merged into another is counted as that one; one that was cancelled is not counted. Those that nobody
    declared, as far as can be read, come first.
    """
    known = [one for name in links(graph, problem) if (one := every.get(name))]
    found = [one for one in known if one.ending not in ("cancelled", "merged")]
    return sorted(found, key=lambda one: (one.declared is not None, one.declared, one.id))


def came_back(graph: Graph, problem: ProblemState) -> list[Occurrence]:
    """What happened of the incidents that it explains after what caused them was changed."""
    since = problem.resolved_at
    if since is None:
        return []
    incidents = explained(graph, problem, outlines(graph))
    return [each for one in incidents for each in occurrences(graph, one) if each.at > since]


def outlived(graph: Graph, alike: Sequence[Outline]) -> list[Outlived]:
    """Of incidents that have one cause, the oldest first: what happened though a measure was anchored before.

    A measure was not there to prevent that the incident was declared that taught it, or one before that.
    """
    measures = [(number, each) for number, one in enumerate(alike) for each in measures_with(graph, one.id)]
    anchored = [(taught, each) for taught, each in measures if each.standing == "anchored"]
    if not anchored:
        return []
    found = []
    since = [in_place(graph, one.measure.incident, anchor) for _, one in anchored for anchor in one.anchors]
    for number, one in enumerate(alike):
        for each in occurrences(graph, one):
            answered = any(moment > each.at for moment in since)
            for taught, measure in anchored:
                was_there = measure.anchored_at is not None and measure.anchored_at < each.at
                if was_there and (taught < number or each.how != "declared"):
                    found.append(Outlived(measure, each, answered))
    return found


def not_held(graph: Graph, problem: ProblemState) -> list[NotHeld]:
    """The same of the incidents that a problem explains."""
    found = outlived(graph, explained(graph, problem, outlines(graph)))
    return [NotHeld(one.measure, one.recurred, one.answered, problem) for one in found]


def did_not_hold(graph: Graph) -> list[NotHeld]:
    """Everything that happened after a measure was anchored, by problem, then by incident and time.

    An incident is there several times where several measures did not hold; reports count incidents.
    """
    return graph.once(_did_not_hold)


def failures_of(graph: Graph, measure_id: str) -> list[NotHeld]:
    """What happened after a measure was anchored, in the order of time, each once though several problems tell it."""
    return graph.once(_by_measure).get(measure_id, [])


def outlived_content(one: Outlived) -> dict[str, Any]:
    """A measure that did not hold, for JSON."""
    anchored = format_instant(one.measure.anchored_at) if one.measure.anchored_at else None
    return {
        "measure": one.measure.id,
        "anchored": anchored,
        "incident": one.recurred.incident.id,
        "how": one.recurred.how,
        "at": format_instant(one.recurred.at),
        "answered": one.answered,
    }


def _did_not_hold(graph: Graph) -> list[NotHeld]:
    found = [one for problem in problem_states(graph).values() for one in not_held(graph, problem)]
    return [*found, *_without_problem(graph)]


def _without_problem(graph: Graph) -> Iterator[NotHeld]:
    """Of incidents that no problem explains: those that happened again by themselves."""
    for one in outlines(graph).values():
        if one.reopened and one.ending not in ("cancelled", "merged") and not problems_of(graph, one.id):
            yield from (NotHeld(each.measure, each.recurred, each.answered, None) for each in outlived(graph, [one]))


def _by_measure(graph: Graph) -> Mapping[str, list[NotHeld]]:
    found: dict[str, dict[tuple[str, datetime], NotHeld]] = {}
    for one in did_not_hold(graph):
        found.setdefault(one.measure.id, {}).setdefault((one.recurred.incident.id, one.recurred.at), one)
    return {name: sorted(ones.values(), key=lambda one: one.recurred.at) for name, ones in found.items()}

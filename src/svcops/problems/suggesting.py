"""Which incidents recur, and which of them a problem that is there may explain. Pure functions of the graph.

Every incident is compared with the first one of each group that came before it, and with the incidents that problems
hold. What cannot be alike is not compared: two texts that have none of the words that weigh most in common cannot share
more than the rest of their weight.
"""

from collections import Counter
from collections.abc import Iterator, Mapping

from svcops.incidents.facts import State, states
from svcops.incidents.problems import ProblemState, links, problem_states, ruled_out
from svcops.incidents.recurrences import Outlived, outlived
from svcops.incidents.similarity import ALIKE, Similar, Weighed, Weighing, alert_name, likeness, told_by
from svcops.problems.facts import incidents_of
from svcops.store.frozen import frozen
from svcops.store.graph import Graph


@frozen
class Recurring:
    """Incidents that are alike and that no problem holds."""

    incidents: tuple[State, ...]
    """At least two, the oldest first."""
    reasons: tuple[str, ...]
    """By what they are alike; what most of them share comes first."""

    @property
    def title(self) -> str:
        """The title that most of them have; of several, the latest."""
        counts = Counter(one.incident.title for one in self.incidents)
        return max(reversed(self.incidents), key=lambda one: counts[one.incident.title]).incident.title

    @property
    def services(self) -> tuple[str, ...]:
        """What they disturbed, by the names of the catalogue."""
        return tuple(sorted({name for one in self.incidents for name in one.services}))


@frozen
class Attributed:
    """An incident that a problem may explain, as it is like one that the problem holds."""

    problem: ProblemState
    incident: State
    like: Similar
    """The incident of the problem that it is like, and by what."""


@frozen
class Suggestions:
    """What was found."""

    recurring: tuple[Recurring, ...]
    """What recurs most comes first."""
    attributed: tuple[Attributed, ...]
    """The oldest incident first."""


def of_service(found: Suggestions, service: str) -> Suggestions:
    """Those of what was found that disturbed a service."""
    return Suggestions(
        tuple(one for one in found.recurring if service in one.services),
        tuple(one for one in found.attributed if service in one.incident.services),
    )


def suggestions(graph: Graph) -> Suggestions:
    """What recurs. Incidents that were cancelled or merged are left out, and what was ruled out for a problem."""
    return graph.once(_suggestions)


def attributed_to(graph: Graph, problem: ProblemState) -> list[Attributed]:
    """The incidents that a problem may explain and that no problem holds, the oldest first."""
    return [one for one in suggestions(graph).attributed if one.problem.id == problem.id]


def unexplained(graph: Graph, problem: ProblemState) -> list[Attributed]:
    """The incidents that look like one that a problem holds, the oldest first, about which it says nothing.

    What another problem holds is explained by that, unless the two hold an incident together: they may be one cause.
    """
    mine = links(graph, problem).keys()
    others = [held for one in problem_states(graph).values() if mine.isdisjoint(held := links(graph, one))]
    explained = set(mine).union(ruled_out(graph, problem), *others)
    counting, weighed = graph.once(_weighed)
    groups = _Groups()
    for one in counting:
        if one.id in mine:
            groups.lead(weighed[one.id], problem.id)
    found = []
    for one in (state for state in counting if state.id not in explained):
        best = groups.best(weighed[one.id], set())
        if best:
            groups.follow(weighed[one.id], problem.id)
            found.append(Attributed(problem, one, best[1]))
    return found


def recurred_after(graph: Graph, one: Recurring | Attributed) -> list[Outlived]:
    """The measures that were anchored before what is suggested recurred, each with the incidents that came after."""
    if isinstance(one, Recurring):
        return outlived(graph, one.incidents)
    alike = sorted([*incidents_of(graph, one.problem), one.incident], key=_age)
    return [each for each in outlived(graph, alike) if each.recurred.incident.id == one.incident.id]


def _suggestions(graph: Graph) -> Suggestions:
    problems = problem_states(graph)
    held = {name: problem.id for problem in problems.values() for name in links(graph, problem)}
    not_of: dict[str, set[str]] = {}
    for problem in problems.values():
        for name in ruled_out(graph, problem):
            not_of.setdefault(name, set()).add(problem.id)
    counting, weighed = graph.once(_weighed)
    groups = _Groups()
    for name, problem_id in held.items():
        if name in weighed:
            groups.lead(weighed[name], problem_id)
    found: dict[str, list[tuple[State, Similar | None]]] = {}
    attributed = []
    for one in (state for state in counting if state.id not in held):
        best = groups.best(weighed[one.id], not_of.get(one.id, set()))
        if best is None:
            groups.lead(weighed[one.id], one.id)
            found[one.id] = [(one, None)]
            continue
        group, like = best
        groups.follow(weighed[one.id], group)
        if group in problems:
            attributed.append(Attributed(problems[group], one, like))
        else:
            found[group].append((one, like))
    recurring = [_recurring(members) for members in found.values() if len(members) > 1]
    recurring.sort(key=lambda one: (len(one.incidents), _age(one.incidents[-1])), reverse=True)
    return Suggestions(tuple(recurring), tuple(attributed))


def _weighed(graph: Graph) -> tuple[list[State], dict[str, Weighed]]:
    """The incidents that count, the oldest first, and what each tells, by id."""
    counting = [one for one in states(graph).values() if one.ending not in ("cancelled", "merged")]
    counting.sort(key=_age)
    told = {one.id: told_by(one) for one in counting}
    words = Weighing.of_all(told.values())
    return counting, {name: words.of(one) for name, one in told.items()}


def _age(one: State) -> tuple[bool, float, str]:
    """Sorts by when it was declared; what nobody declared comes first."""
    return (one.declared is not None, one.declared.timestamp() if one.declared else 0.0, one.id)


def _recurring(members: list[tuple[State, Similar | None]]) -> Recurring:
    reasons = Counter(reason for _, like in members if like for reason in like.reasons)
    ordered = sorted(reasons, key=lambda reason: (-reasons[reason], not reason.startswith("same alert"), reason))
    return Recurring(tuple(one for one, _ in members), tuple(ordered))


class _Groups:
    """Groups of incidents that are alike, each called by the problem that holds it, or by its first incident."""

    def __init__(self) -> None:
        self._members: list[tuple[Weighed, str]] = []
        self._by_title: dict[str, list[int]] = {}
        self._by_text: dict[str, list[int]] = {}
        self._by_alert: dict[str, list[int]] = {}
        """Under the key of the group of alerts, and under the alert's name: the latest of each group of ours."""

    def lead(self, one: Weighed, group: str) -> None:
        """What comes later is compared with this one."""
        self.follow(one, group)
        number = len(self._members) - 1
        for index, words in ((self._by_title, one.title), (self._by_text, one.texts)):
            for word in words:
                index.setdefault(word, []).append(number)

    def follow(self, one: Weighed, group: str) -> None:
        """This one belongs to a group: what comes later is compared with its alert."""
        self._members.append((one, group))
        for name in _alerts(one):
            others = self._by_alert.setdefault(name, [])
            others[:] = [number for number in others if self._members[number][1] != group]
            others.append(len(self._members) - 1)

    def best(self, one: Weighed, not_of: set[str]) -> tuple[str, Similar] | None:
        """The group that an incident is likest to, and by what; None where it is like none."""
        best: tuple[str, Similar] | None = None
        for number in sorted(self._candidates(one)):
            other, group = self._members[number]
            like = likeness(one, other) if group not in not_of else None
            if like and (best is None or like.score > best[1].score):
                best = (group, like)
        return best

    def _candidates(self, one: Weighed) -> set[int]:
        found: set[int] = set()
        for index, words in ((self._by_title, one.title), (self._by_text, one.texts)):
            for word in _heaviest(words):
                found.update(index.get(word, ()))
        for name in _alerts(one):
            found.update(self._by_alert.get(name, ()))
        return found


def _alerts(one: Weighed) -> Iterator[str]:
    alert = one.told.alert
    if alert:
        yield f"key {alert.key}"
        name = alert_name(alert)
        if name:
            yield f"name {name}"


def _heaviest(words: Mapping[str, float]) -> Iterator[str]:
    """The words of which two texts must share one to be alike: those but for which too little weight is left."""
    left = sum(weight * weight for weight in words.values())
    for word, weight in sorted(words.items(), key=lambda item: -item[1]):
        if left < ALIKE * ALIKE - 1e-9:
            return
        yield word
        left -= weight * weight

"""What came out of incidents: how they were noticed, what was learned, what holds. Pure functions of the graph.

What is not told is unknown, never no: an imported incident may have had a post-mortem where it comes from, and one
whose approval cannot be read may have it.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from functools import cached_property
from itertools import pairwise

from svcops.incidents.closing import authors_of, back_since, judged_since, last_reopened, postmortems_with
from svcops.incidents.facts import State, is_major, states
from svcops.incidents.measures import measures_with
from svcops.incidents.problems import ProblemState, links, problem_states
from svcops.incidents.recurrences import did_not_hold, explained
from svcops.overview.response_cases import damaged_incidents, is_going_on
from svcops.overview.response_closing import ClosedWith, Unknown, closed_with, damaged_problem
from svcops.postmortems.model import Postmortem
from svcops.store.entries import Entry
from svcops.store.frozen import frozen
from svcops.store.graph import Graph
from svcops.store.ids import tail

_BY_MACHINE = ("slo", "monitoring")


@frozen
class Share:
    """Of how many something is so: ids with yes, ids with no, and why it is unknown, by id."""

    yes: tuple[str, ...]
    no: tuple[str, ...]
    unknown: Mapping[str, str]

    @property
    def known(self) -> int:
        """Of how many it is known."""
        return len(self.yes) + len(self.no)


@frozen
class Closings(Share):
    """Of minor incidents that are closed: a reason, and neither a measure nor a problem. With what each was, by id."""

    by: Mapping[str, ClosedWith]


@frozen
class Measures:
    """The measures that came out of incidents, by id; what is overdue is open too."""

    anchored: tuple[str, ...]
    open: tuple[str, ...]
    overdue: tuple[str, ...]
    dropped: tuple[str, ...]
    unknown: tuple[str, ...]
    """A file of theirs cannot be read."""
    lost: tuple[str, ...]
    """Their first file cannot be read: nobody knows of which incident they are."""

    @property
    def count(self) -> int:
        """How many there are, as far as anybody knows."""
        return len(self.anchored) + len(self.open) + len(self.dropped) + len(self.unknown)


@frozen
class Recurrences:
    """Incidents whose cause had led to one before, or to themselves, by id: each with what it is a recurrence of.

    `despite` are those that came although a measure was anchored: it did not hold. `unknown` says why nobody knows
    whether an incident is one.
    """

    found: Mapping[str, str]
    despite: tuple[str, ...]
    unknown: Mapping[str, str]


class Grounds:
    """What the outcome of incidents is judged on, each worked out when it is first asked for.

    `today` is a day of the store's time zone: what is overdue is so on that day.
    """

    def __init__(self, graph: Graph, today: date) -> None:
        self.graph = graph
        self.today = today
        self._majors: dict[str | None, bool] = {}
        self._approvals: dict[str, tuple[bool | str, bool]] = {}

    def is_major(self, state: State) -> bool:
        """Whether an incident is major."""
        if state.severity not in self._majors:
            self._majors[state.severity] = is_major(self.graph, state.severity)
        return self._majors[state.severity]

    def noticed(self, found: Iterable[State]) -> Share:
        """Which were noticed by an SLO or by monitoring, before a user said so, or somebody who runs the service."""
        return _share(found, _noticed)

    def postmortems(self, found: Iterable[State]) -> tuple[Share, tuple[str, ...]]:
        """Which of the major ones have an approved post-mortem; and of which of these the approval is signed."""
        majors = [one for one in found if self.is_major(one)]
        share = _share(majors, self._approved)
        return share, tuple(name for name in share.yes if self._approvals[name][1])

    def no_measure(self, found: Iterable[State]) -> Closings:
        """Which of the minor ones that are closed have a reason why nothing is changed, and nothing else."""
        minor = [one for one in found if one.ending == "closed" and not self.is_major(one)]
        said = {one.id: closed_with(self.graph, one) for one in minor}
        by = {name: one for name, one in said.items() if not isinstance(one, Unknown)}
        unknown = {name: one.why for name, one in said.items() if isinstance(one, Unknown)}
        yes = tuple(name for name, one in by.items() if one == "reason")
        return Closings(yes, tuple(name for name in by if name not in yes), unknown, by)

    def measures(self, found: Iterable[State]) -> Measures:
        """What became of their measures; what was taken back is open again."""
        by: dict[str, list[str]] = {name: [] for name in ("anchored", "open", "overdue", "dropped", "unknown")}
        for state in found:
            for one in measures_with(self.graph, state.id):
                by[one.standing if one.is_certain else "unknown"].append(one.id)
                if one.is_certain and one.overdue_by(self.today) is not None:
                    by["overdue"].append(one.id)
        return Measures(**{name: tuple(sorted(ids)) for name, ids in by.items()}, lost=self._lost_measures)

    def recurrences(self, found: Iterable[State]) -> Recurrences:
        """Which of them came back, by a known problem or by themselves."""
        ids = {one.id: one for one in found}
        again = {name: said for name, said in self._recurrences.items() if name in ids}
        unknown = {name: why for name, one in ids.items() if name not in again and (why := self._may_recur(one))}
        return Recurrences(again, tuple(name for name in sorted(ids) if name in self._did_not_hold), unknown)

    def _may_recur(self, state: State) -> str:
        """Why nobody knows whether an incident is a recurrence that is not known as one; empty where it is none."""
        if self._has_damaged_problem:
            return "a file of a problem is damaged, which may explain it"
        if state.reopened and (self.graph.damaged("measure") or self.graph.damaged("measure-event")):
            return "a file of a measure is damaged, which may have been anchored before it was reopened"
        return self._beside_damaged.get(state.id, "")

    def _approved(self, state: State) -> bool | str:
        if is_going_on(state):
            return "it is not resolved yet"
        if state.id not in self._approvals:
            self._approvals[state.id] = self._judged(state)
        approved, _ = self._approvals[state.id]
        return approved

    def _judged(self, state: State) -> tuple[bool | str, bool]:
        """Whether one of its post-mortems is approved, or why nobody knows; and whether by a signature."""
        reopened = last_reopened([state])
        found = [
            approval
            for entry in postmortems_with(self.graph, state.id)
            if entry.path in self._approved_paths
            for approval in judged_since(self.graph, entry, self._bytes(entry), authors_of(self.graph, entry), reopened)
        ]
        counting = [one for one in found if one.counts]
        if counting and self._history_lacks:  # of who wrote it, so that any approval might be its author's
            why = "imported: what was approved there is not known" if state.incident.imported else ""
            return why or f"{self._history_lacks}: who wrote it cannot be known", False
        if counting:
            return True, any(one.is_proved for one in counting)
        if state.incident.imported:
            return "imported: what was approved there is not known", False
        damaged = next(iter((*(one.damaged for one in found if one.damaged), *self._damaged)), "")
        return (f"{damaged} is damaged" if damaged else False), False

    @cached_property
    def _history_lacks(self) -> str:
        return self.graph.history.unknown if self.graph.history else ""

    def _bytes(self, entry: Entry[Postmortem]) -> bytes:
        data, _ = self.graph.tree.read(entry.path)
        return data

    @cached_property
    def _approved_paths(self) -> set[str]:
        return {one.value.of for one in self.graph.all("approval").values()}

    @cached_property
    def _damaged(self) -> list[str]:
        """The post-mortems and approvals that cannot be read: one may be what is missing."""
        return [*self.graph.damaged("postmortem"), *self.graph.damaged("approval")]

    @cached_property
    def _lost_measures(self) -> tuple[str, ...]:
        return tuple(path.split("/")[-2] for path in self.graph.damaged("measure"))

    @cached_property
    def _has_damaged_problem(self) -> bool:
        return damaged_problem(self.graph)

    @cached_property
    def _beside_damaged(self) -> Mapping[str, str]:
        """The incidents of problems that explain a damaged one, too, which may have come first."""
        damaged, found = damaged_incidents(self.graph), {}
        for problem in problem_states(self.graph).values() if damaged else ():
            held = links(self.graph, problem)
            for other in damaged.intersection(held):
                why = f"a file of incident {tail(other)} is damaged, which may have come before, {_called(problem)}"
                found.update(dict.fromkeys(held, why))
        return found

    @cached_property
    def _recurrences(self) -> Mapping[str, str]:
        found: dict[str, str] = {}
        for name, said in _recurring(self.graph):
            found.setdefault(name, said)
        return found

    @cached_property
    def _did_not_hold(self) -> set[str]:
        return {one.recurred.incident.id for one in did_not_hold(self.graph)}


def _share(found: Iterable[State], is_so: Callable[[State], bool | str]) -> Share:
    """The share of incidents of which something is so; text is why nobody knows."""
    yes: list[str] = []
    no: list[str] = []
    unknown: dict[str, str] = {}
    for one in found:
        answer = is_so(one)
        if isinstance(answer, str):
            unknown[one.id] = answer
        else:
            (yes if answer else no).append(one.id)
    return Share(tuple(yes), tuple(no), unknown)


def _noticed(state: State) -> bool | str:
    source = state.detected_by
    return source in _BY_MACHINE if source else "how it was noticed is not known"


def _recurring(graph: Graph) -> Iterator[tuple[str, str]]:
    """Every incident that is a recurrence, with what it is one of: the first that is said of it counts.

    Of a problem those after the first, in order of declaration, and what was reopened after it had been closed; and
    whatever happened despite a measure. What was only resolved too early went on, and is none.
    """
    for problem in problem_states(graph).values():
        of = _called(problem)
        declared = [one for one in explained(graph, problem, states(graph)) if one.declared]
        for earlier, later in pairwise(declared):
            yield later.id, f"{tail(earlier.id)} before, {of}"
        yield from ((one.id, f"reopened after it was closed, {of}") for one in declared if back_since(one))
    for failed in did_not_hold(graph):
        recurred = failed.recurred
        yield recurred.incident.id, f"{recurred.how}, though measure {tail(failed.measure.id)} was anchored"


def _called(problem: ProblemState) -> str:
    return f"problem {tail(problem.id)}"

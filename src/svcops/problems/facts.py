"""What is known of problems beyond their own events: what came back, what did not hold, what is missing to go on.

Pure functions of graph and clock. The fold itself is `svcops.incidents.problems`, as floors below ask for it too.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, tzinfo

from svcops.errors import BadInput
from svcops.incidents.anchors import in_place
from svcops.incidents.closing import Missing
from svcops.incidents.facts import State, states
from svcops.incidents.measures import MeasureState, measures_with
from svcops.incidents.model import Reopened
from svcops.incidents.outlines import goes_on_as
from svcops.incidents.problems import ProblemState, fold, problem_states, problems_of
from svcops.problems.model import AnyEvent
from svcops.store.corrections import short
from svcops.store.entries import Entry
from svcops.store.frozen import frozen
from svcops.store.graph import Graph
from svcops.store.ids import AmbiguousName, matching, resolve, tail, year_of
from svcops.timing.model import format_duration
from svcops.timing.wall import later, shown


@frozen
class Outlived:
    """An incident, declared after a measure of an earlier one like it was anchored."""

    measure: MeasureState
    """The measure that did not hold, with the incident that taught it."""
    recurred: State
    """The incident that shows it."""
    answered: bool
    """Whether a measure of any of these incidents was anchored since: somebody did something about it."""


@frozen
class NotHeld(Outlived):
    """The same of incidents that a problem explains."""

    problem: ProblemState


def problem_called(graph: Graph, given: str, *, whole: bool = True) -> ProblemState:
    """The problem that somebody typed the id of, or that holds the incident of that id; only its own files are read.

    BadInput where none or several have it, or its files are damaged. With `whole` false damaged events are left out:
    enough to show it, or to add to it, not to decide what its status is.
    """
    names = graph.names("problem")
    if not matching(given, names):
        incidents = matching(given, graph.names("incident"))
        held = problems_of(graph, incidents[0]) if len(incidents) == 1 else []
        if len(held) > 1:
            listed = "\n".join(f"  {tail(one.id)}  {one.problem.title}" for one in held)
            raise AmbiguousName(f"{given} is explained by {len(held)} problems:\n{listed}", help="Type one of them.")
        given = held[0].id if held else given
    problem_id = resolve(given, names, noun="problem", help="svcops problem list shows the problems.")
    year = year_of(problem_id)
    entry = graph.part("problem", year=year, name=problem_id).get(problem_id)
    events = graph.part("problem-event", year=year, owner=problem_id)
    damaged = [one for one in graph.findings if one.at.path.split("/")[2:3] == [problem_id]]
    if entry is None or (whole and damaged):
        detail = f": {damaged[0].at.path}: {damaged[0].message}" if damaged else ""
        raise BadInput(f"{problem_id} has a damaged file{detail}", help="svcops check shows the place.")
    return fold(entry, events.values())


def settled(problem_id: str, void: Entry[AnyEvent]) -> str:
    """How to say that a move without effect is settled: by an event in its place that moves nothing."""
    command = f'svcops problem workaround {tail(problem_id)} "WHAT HELPS" --corrects {short(void)}'
    return f"then {command} settles this one."


def incidents_of(graph: Graph, problem: ProblemState) -> list[State]:
    """The incidents that a problem explains, the oldest first.

    One that was merged into another is counted as that one; one that was cancelled is not counted. Those that nobody
    declared, as far as can be read, come first.
    """
    every = states(graph)
    found = {}
    for name in problem.incidents:
        one = every.get(goes_on_as(graph, name))
        if one and one.ending not in ("cancelled", "merged"):
            found[one.id] = one
    return sorted(found.values(), key=lambda one: (one.declared is not None, one.declared, one.id))


def anchored_measures(graph: Graph, problem: ProblemState, *, may_be_gone: bool = False) -> list[MeasureState]:
    """The measures of its incidents that are in place, without those that failed before it was resolved at last.

    With `may_be_gone` those count, too, that were in place until their anchor was taken back. A measure failed where an
    incident came after it, and nothing was anchored after that. What came since it was resolved is `came_back`.
    """
    every = [measure for one in incidents_of(graph, problem) for measure in measures_with(graph, one.id)]
    failed = {one.measure.id for one in _failed(graph, problem)}
    return [
        one
        for one in every
        if (one.standing == "anchored" or (may_be_gone and one.taken_back)) and one.id not in failed
    ]


def _failed(graph: Graph, problem: ProblemState) -> list[NotHeld]:
    until = problem.resolved_at
    return [
        one
        for one in not_held(graph, problem)
        if not one.answered and (until is None or (one.recurred.declared and one.recurred.declared <= until))
    ]


def did_not_hold(graph: Graph) -> list[NotHeld]:
    """Every recurrence after a measure was anchored, by problem, then by when it was declared.

    One incident is there several times where several measures did not hold; reports count incidents.
    """
    return graph.once(_did_not_hold)


def _did_not_hold(graph: Graph) -> list[NotHeld]:
    return [one for problem in problem_states(graph).values() for one in not_held(graph, problem)]


def not_held(graph: Graph, problem: ProblemState) -> list[NotHeld]:
    """The same of one problem."""
    found = outlived(graph, incidents_of(graph, problem))
    return [NotHeld(one.measure, one.recurred, one.answered, problem) for one in found]


def outlived(graph: Graph, alike: Sequence[State]) -> list[Outlived]:
    """Of incidents that have one cause, the oldest first: those that came though a measure was anchored before."""
    incidents = [one for one in alike if one.declared]
    measures = [(one.id, measure) for one in incidents for measure in measures_with(graph, one.id)]
    anchored = [(taught, measure) for taught, measure in measures if measure.standing == "anchored"]
    found = []
    for number, recurred in enumerate(incidents):
        assert recurred.declared
        declared = recurred.declared
        answered = any(moment > declared for _, measure in anchored for moment in _in_place(graph, measure))
        earlier = {one.id for one in incidents[:number]}
        for taught, measure in anchored:
            if taught in earlier and measure.anchored_at and measure.anchored_at < declared:
                found.append(Outlived(measure, recurred, answered))
    return found


def _in_place(graph: Graph, measure: MeasureState, seen: datetime | None = None) -> list[datetime]:
    """Since when each of its anchors is in place, by what was known at the instant `seen`."""
    return [in_place(graph, measure.measure.incident, one, seen) for one in measure.anchors]


def came_back(graph: Graph, problem: ProblemState) -> list[State]:
    """The incidents that it explains and that were declared after what caused it was changed."""
    since = problem.resolved_at
    if since is None:
        return []
    return [one for one in incidents_of(graph, problem) if one.declared and one.declared > since]


def quiet_since(graph: Graph, problem: ProblemState, at: datetime) -> tuple[datetime, MeasureState | None] | None:
    """From when nothing may recur, as of the instant `at`: since it was resolved, or since a measure was anchored.

    The later of the two counts, and with it the measure. What was anchored after that instant begins nothing anew,
    unless nothing was before. None where nothing was changed yet.
    """
    since = problem.resolved_at
    if since is None:
        return None
    anchored = [
        (moment, one)
        for one in anchored_measures(graph, problem, may_be_gone=True)
        for moment in _in_place(graph, one, at)
    ]
    anchored.sort(key=lambda pair: (pair[0], pair[1].id))
    last = ([pair for pair in anchored if pair[0] <= at] or anchored[:1])[-1:]
    return last[0] if last and last[0][0] > since else (since, None)


def quiet_until(graph: Graph, problem: ProblemState, at: datetime) -> datetime | None:
    """When the quiet time of the policy is over, as of the instant `at`; None where nothing was changed yet."""
    began = quiet_since(graph, problem, at)
    return later(began[0], graph.settings.policy.quiet) if began else None


def unproved(
    graph: Graph, problem: ProblemState, at: datetime, seen: datetime, zone: tzinfo, *, may_be_gone: bool = True
) -> Iterator[Missing]:
    """What a resolved problem lacked at the instant `at` to count as verified, by the records alone.

    `seen` is up to when incidents are looked at: those that were declared later are another story. So is, unless
    `may_be_gone` is false, an anchor that was taken back since.
    """
    short = tail(problem.id)
    incidents = incidents_of(graph, problem)
    if not anchored_measures(graph, problem, may_be_gone=may_be_gone):
        yield _no_anchor(graph, problem, incidents, zone)
    for one in came_back(graph, problem):
        if one.declared and one.declared <= seen:
            what = f"quiet: incident {tail(one.id)} was declared {shown(one.declared, zone)}, after it was resolved"
            yield Missing(what, f'svcops problem reopen {short} "WHAT CAME BACK"')
    yield from _going_on(graph, problem, seen, zone)
    yield from _not_quiet(graph, problem, at, zone)
    if not problem.factors:
        yield no_factor(problem)


def _going_on(graph: Graph, problem: ProblemState, seen: datetime, zone: tzinfo) -> Iterator[Missing]:
    """Its incidents that were not over at the instant `seen`, or were reopened since it was resolved."""
    back = came_back(graph, problem)
    for one in incidents_of(graph, problem):
        again = [event.value.at for event in one.counting if isinstance(event.value, Reopened)]
        since = [moment for moment in again if problem.resolved_at and problem.resolved_at < moment <= seen]
        if since:
            what = f"quiet: incident {tail(one.id)} was reopened {shown(since[-1], zone)}, after it was resolved"
            yield Missing(what, f'svcops problem reopen {tail(problem.id)} "WHAT CAME BACK"')
        elif one.phase in ("incident", "remediation") and one not in back and all(moment <= seen for moment in again):
            yield Missing(
                f"the end of incident {tail(one.id)}, which goes on", f"svcops incident resolve {tail(one.id)}"
            )


def _not_quiet(graph: Graph, problem: ProblemState, at: datetime, zone: tzinfo) -> Iterator[Missing]:
    began, until = quiet_since(graph, problem, at), quiet_until(graph, problem, at)
    if began and until and at < until:
        quiet = format_duration(graph.settings.policy.quiet)
        start = f"measure {tail(began[1].id)} was anchored" if began[1] else "it was resolved"
        what = (
            f"a quiet time of {quiet}: from when {start} on {shown(began[0], zone)}, it is over on {shown(until, zone)}"
        )
        yield Missing(what, f"svcops problem verify {tail(problem.id)}")


def no_factor(problem: ProblemState) -> Missing:
    """What a problem lacks that has no factor: nobody knows why it happens."""
    command = f'svcops problem factor {tail(problem.id)} "CLAIM" --evidence WHERE --why "WHY IT FOLLOWS"'
    return Missing("a factor, so that others see why it happens", command)


def _no_anchor(graph: Graph, problem: ProblemState, incidents: list[State], zone: tzinfo) -> Missing:
    if not incidents:
        return Missing("an anchored measure: no incident is linked", f"svcops problem link {tail(problem.id)} INCIDENT")
    measures = [measure for one in incidents for measure in measures_with(graph, one.id)]
    waiting = [each for each in measures if each.standing == "open"]
    first: dict[str, NotHeld] = {}
    for one in _failed(graph, problem):
        first.setdefault(one.measure.id, one)
    told = [_told(one, zone) for one in first.values()]
    what = "a measure that holds" if told else "an anchored measure"
    if waiting:
        told.append(f"open is {', '.join(f'{tail(each.id)} {each.measure.title}' for each in waiting)}")
        return Missing(f"{what}: {'; '.join(told)}", f"svcops measure anchor {tail(waiting[0].id)} --path PATH")
    short = tail(incidents[-1].id)
    command = f'svcops measure add {short} "WHAT" --type prevent --owner TEAM --due DATE'
    return Missing(f"{what}: {'; '.join(told)}" if told else f"{what} of one of its incidents", command)


def _told(one: NotHeld, zone: tzinfo) -> str:
    """Which measure did not hold, and since when that is known."""
    since = shown(one.recurred.declared, zone) if one.recurred.declared else ""
    measure = f"{tail(one.measure.id)} {one.measure.measure.title}"
    return f"{measure} is anchored and did not hold: incident {tail(one.recurred.id)} was declared on {since}"


def unverified(graph: Graph, problem: ProblemState, at: datetime, now: datetime, zone: tzinfo) -> list[Missing]:
    """What a resolved problem lacks to be verified as of the instant `at`, with all that is known `now`.

    Beside what the records say, incidents since then count that look like it: they are linked, or ruled out, first.
    """
    from svcops.problems.suggesting import unexplained

    since = problem.resolved_at
    found = list(unproved(graph, problem, at, now, zone, may_be_gone=False))
    for one in unexplained(graph, problem):
        if since and one.incident.declared and one.incident.declared > since:
            other = tail(one.incident.id)
            what = f"a word about incident {other}, which looks like it: {'; '.join(one.like.reasons)}"
            link = f"svcops problem link {tail(problem.id)} {other}"
            found.append(Missing(what, f'{link}\n{link} --not "WHAT SHOWS THAT IT IS SOMETHING ELSE"'))
    return found


def missing(graph: Graph, problem: ProblemState, now: datetime, zone: tzinfo) -> list[Missing]:
    """What stands between a problem and its next status, and what takes it there.

    What helps waits for no factor; without any nobody knows why it happens, and it is not resolved.
    """
    short = tail(problem.id)
    why = [] if problem.factors else [no_factor(problem)]
    helps = Missing("a workaround: what helps meanwhile", f'svcops problem workaround {short} "WHAT HELPS MEANWHILE"')
    match problem.status:
        case "investigating" if problem.workaround:
            return [Missing("the word that it is understood", f"svcops problem known-error {short}")]
        case "investigating":
            return [helps]
        case "known error" if not problem.workaround:
            return [helps, *why]
        case "known error":
            command = f'svcops problem resolve {short} "WHAT WAS CHANGED"'
            return [*why, Missing("a change of what causes it", command)]
        case "resolved":
            left = unverified(graph, problem, now, now, zone)
            return left or [Missing("nothing: it can be verified", f"svcops problem verify {short}")]
        case _:
            return []

"""What is known of problems beyond their own events: what came back, what did not hold, what is missing to go on.

Pure functions of graph and clock. The fold itself is `svcops.incidents.problems`, as floors below ask for it too.
"""

from collections.abc import Iterator
from datetime import datetime, tzinfo

from svcops.errors import BadInput
from svcops.incidents.anchors import in_place
from svcops.incidents.closing import Missing
from svcops.incidents.facts import State, states
from svcops.incidents.measures import MeasureState, measures_with
from svcops.incidents.problems import ProblemState, fold, problems_of
from svcops.incidents.recurrences import NotHeld, came_back, explained, not_held
from svcops.problems.model import AnyEvent
from svcops.store.corrections import short
from svcops.store.entries import Entry
from svcops.store.graph import Graph
from svcops.store.ids import AmbiguousName, matching, resolve, tail, year_of
from svcops.timing.model import format_duration
from svcops.timing.wall import later, shown


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
    """The incidents that a problem explains, the oldest first, with their timelines."""
    return explained(graph, problem, states(graph))


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
    return [one for one in not_held(graph, problem) if not one.answered and (until is None or one.recurred.at <= until)]


def _in_place(graph: Graph, measure: MeasureState, seen: datetime | None = None) -> list[datetime]:
    """Since when each of its anchors is in place, by what was known at the instant `seen`."""
    return [in_place(graph, measure.measure.incident, one, seen) for one in measure.anchors]


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
    incidents = incidents_of(graph, problem)
    if not anchored_measures(graph, problem, may_be_gone=may_be_gone):
        yield no_anchor(graph, problem, zone)
    back = came_back(graph, problem)
    for one in {each.incident.id: each for each in back if each.at <= seen}.values():
        what = f"incident {tail(one.incident.id)} was {one.how} {shown(one.at, zone)}, after it was resolved"
        yield Missing(f"quiet: {what}", f'svcops problem reopen {tail(problem.id)} "WHAT CAME BACK"')
    yield from _going_on(incidents, {each.incident.id for each in back})
    yield from _not_quiet(graph, problem, at, zone)
    if not problem.factors:
        yield no_factor(problem)


def _going_on(incidents: list[State], back: set[str]) -> Iterator[Missing]:
    """Those that were never over since the problem was resolved; those that came `back` are told as that."""
    for one in incidents:
        if one.phase in ("incident", "remediation") and one.id not in back:
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


def no_anchor(graph: Graph, problem: ProblemState, zone: tzinfo) -> Missing:
    """What a problem lacks of which no incident has a measure that is anchored, and holds."""
    incidents = incidents_of(graph, problem)
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
    measure, recurred = f"{tail(one.measure.id)} {one.measure.measure.title}", one.recurred
    what = f"incident {tail(recurred.incident.id)} was {recurred.how} on {shown(recurred.at, zone)}"
    return f"{measure} is anchored and did not hold: {what}"


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

"""What an incident needs before it may return to normal operations, by its severity (DESIGN, "The cycle").

Post-mortems and measures belong to rooms above; only their records are read here.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from svcops.checking.model import Related
from svcops.incidents.anchors import Fault, in_place
from svcops.incidents.facts import State, is_major, states
from svcops.incidents.folding import NORMAL
from svcops.incidents.measures import MeasureState, measures_with
from svcops.incidents.model import COMMANDER, Reopened, RoleGiven
from svcops.incidents.outlines import counted_as
from svcops.incidents.problems import problems_of
from svcops.incidents.unread import approvals_unread, measures_unread
from svcops.postmortems.model import Postmortem
from svcops.store.entries import Entry
from svcops.store.frozen import frozen
from svcops.store.graph import Graph
from svcops.store.ids import tail
from svcops.store.layout import SIGNATURE
from svcops.store.people import is_nobody, meant, unread, why_nobody
from svcops.trust.facts import Authors, Judged, approvals_of, authors_by_history, judged, last_approved

_CHECK = "svcops check"
BEFORE_THAT = "the incident was reopened afterwards"
"""Why an approval does not count that was given before the incident went on after all."""


@frozen
class Missing:
    """One thing that is not there yet, and the command that adds it."""

    what: str
    command: str
    related: tuple[Related, ...] = ()
    """Places that explain it."""


def postmortems_of(graph: Graph, incident_id: str) -> list[Entry[Postmortem]]:
    """The post-mortems that treat an incident."""
    return graph.once(_by_incident).get(incident_id, [])


def postmortems_with(graph: Graph, incident_id: str) -> list[Entry[Postmortem]]:
    """The same, with those of the incidents that were merged into it."""
    return [written for one in counted_as(graph, incident_id) for written in postmortems_of(graph, one)]


def damaged_postmortem(graph: Graph, incident_id: str) -> str:
    """The file of an incident's post-mortem that cannot be read, or of one merged into it; empty where there is none.

    By its name, as its front matter does not tell: it has its first incident's date and tail.
    """
    damaged = graph.once(_damaged)
    names = (one.removeprefix("incident") for one in counted_as(graph, incident_id)) if damaged else ()
    return next((path for name in names for path in damaged if path.endswith(f"/postmortem{name}.md")), "")


def worse_ones(graph: Graph, state: State) -> list[State]:
    """Those merged into an incident whose severity is higher than its own: two branches did that."""
    ranks = {level.name: rank for rank, level in enumerate(graph.settings.severities)}
    own = ranks.get(state.severity or "", -1) if state.severity else len(ranks)
    every = states(graph)
    others = (every[one] for one in counted_as(graph, state.id)[1:])
    return [one for one in others if one.severity and ranks.get(one.severity, -1) < own]


def led(graph: Graph, state: State) -> set[str]:
    """Everybody who was, or may have been, incident commander at some time: persons, or mail addresses."""
    events = [one.value for one in state.counting]
    given = (one.to for one in events if isinstance(one, RoleGiven) and one.role == COMMANDER)
    return {one for person in given if person for one in meant(graph, person)}


def unmoderated(graph: Graph, state: State, one: Entry[Postmortem]) -> str:
    """What an incident's post-mortem lacks of a moderator who did not lead it; empty where it lacks nothing."""
    moderator = one.value.moderator
    if moderator is None:
        return f"a moderator of {one.path}, who did not lead the incident"
    if not led(graph, state).isdisjoint(meant(graph, moderator)):
        return f"another moderator of {one.path}: {moderator} led the incident"
    if unread(graph, moderator):
        return f"a moderator of {one.path} who is known: {why_nobody(graph, moderator)}"
    if is_nobody(graph, moderator):
        return f"another moderator of {one.path}: {why_nobody(graph, moderator)}"
    return ""


def to_moderate(graph: Graph, one: Entry[Postmortem]) -> str:
    """The command that gives a post-mortem what is `unmoderated` of it."""
    moderator = one.value.moderator
    is_known = moderator is None or not unread(graph, moderator)
    return f"svcops postmortem moderate {tail(one.name)} PERSON" if is_known else _CHECK


def evidence(graph: Graph, state: State) -> list[str]:
    """The files that a closing rests on: the incident's own, its post-mortems, their approvals, its measures.

    With the signatures of the approvals, and the keys these are checked against. Those of a minor one are the problems
    that explain it, too.
    """
    written = postmortems_with(graph, state.id)
    measures = measures_with(graph, state.id)
    approvals = [approval.path for one in written for approval in approvals_of(graph, one.path)]
    signatures = [path + SIGNATURE for path in approvals if graph.tree.has(path + SIGNATURE)]
    problems = [] if is_major(graph, state.severity) else problems_of(graph, state.id)
    paths = [state.entry.path, *(one.entry.path for one in measures), *(one.entry.path for one in problems)]
    folders = [path.rpartition("/")[0] for path in paths]
    return [*folders, *(one.path for one in written), *approvals, *signatures, *(["trust"] if signatures else [])]


def authors_of(graph: Graph, entry: Entry[Postmortem]) -> Authors:
    """Who wrote a post-mortem: the authors that it names, and whoever git's history does."""

    def wrote(*approvals: str) -> frozenset[str]:
        return frozenset({*entry.value.authors, *authors_by_history(graph, graph.history, entry.path, *approvals)})

    return Authors(entry.value.authors, wrote(), {one.path: wrote(one.path) for one in approvals_of(graph, entry.path)})


def last_reopened(states: Iterable[State]) -> datetime | None:
    """When any of some incidents was last said to go on after all; None where none ever was."""
    events = (one.value for state in states for one in state.counting)
    return max((one.recorded_at for one in events if isinstance(one, Reopened)), default=None)


def judged_since(
    graph: Graph, entry: Entry[Postmortem], data: bytes, authors: Authors | str, reopened: datetime | None
) -> list[Judged]:
    """Every approval of a post-mortem: see `judged`. Who agreed before it was `reopened` did not read of what came."""
    found = judged(graph, entry.path, data, authors)
    if reopened is None:
        return found

    def before(one: Judged) -> bool:
        return (one.counts or bool(one.damaged)) and one.approval.value.at <= reopened

    return [replace(one, why_not=BEFORE_THAT, damaged="") if before(one) else one for one in found]


def missing(
    graph: Graph,
    state: State,
    authors: Callable[[Entry[Postmortem]], Authors],
    unproved: Callable[[MeasureState, datetime | None], Fault | None],
) -> list[Missing]:
    """What stands between an incident and its end.

    `authors` gives the people who wrote a post-mortem; `unproved` says why no anchor of a measure counts that came
    after some time (`svcops.incidents.anchors`).
    """
    measures = measures_with(graph, state.id)
    back = back_since(state)
    since = [one for one in measures if one.anchors and is_since(graph, one, back)]
    wrong = {one.id: unproved(one, back) for one in since}
    anchored = [one for one in since if wrong[one.id] is None]
    if not is_major(graph, state.severity):
        if anchored or problems_of(graph, state.id):
            return []
        needed = _no_measure(graph, state, measures, wrong)
        problem = f"svcops incident link {tail(state.id)} PROBLEM"
        reason = f"svcops incident close {tail(state.id)} --no-measure-because REASON"
        what = f"{needed.what}, a linked problem, or the reason why there is none"
        lost = [*graph.damaged("problem"), *graph.damaged("problem-event")]
        if lost:
            what += f"; {lost[0]} is damaged, which may be of a problem that explains it"
        return [Missing(what, f"{needed.command}\n{problem}\n{reason}")]
    found = _postmortem(graph, state, authors)
    if not anchored:
        found.append(_no_measure(graph, state, measures, wrong))
    return found


def _postmortem(graph: Graph, state: State, authors: Callable[[Entry[Postmortem]], Authors]) -> list[Missing]:
    """What no post-mortem of a major incident has; of several, the first is completed."""
    short = tail(state.id)
    written = postmortems_with(graph, state.id)
    damaged = damaged_postmortem(graph, state.id)
    if not written and damaged:
        return [Missing(f"a post-mortem that can be read: {damaged} is damaged", _CHECK)]
    if not written:
        return [Missing(f"a post-mortem: {state.severity} is major", f"svcops postmortem start {short}")]
    wanting = [_wanting(graph, state, one, authors(one)) for one in written]
    return min(wanting, key=len)


def _wanting(graph: Graph, state: State, one: Entry[Postmortem], authors: Authors) -> list[Missing]:
    found = []
    wrong = unmoderated(graph, state, one)
    if wrong:
        found.append(Missing(wrong, to_moderate(graph, one)))
    data, _ = graph.tree.read(one.path)
    approvals = judged_since(graph, one, data, authors, last_reopened([state]))
    if not any(approval.counts for approval in approvals):
        related = last_approved([approval.approval for approval in approvals])
        if related:
            related += (Related("the post-mortem", one.at()),)
        found.append(replace(_approval(graph, one, approvals), related=related))
    return found


def _approval(graph: Graph, one: Entry[Postmortem], approvals: list[Judged]) -> Missing:
    """That no approval of a post-mortem counts, and what to do: where one may that cannot be read, nothing is new."""
    what = f"an approval of {one.path}"
    undecided = next((each for each in approvals if each.damaged), None)
    if undecided:
        by, why = undecided.approval.value.by, undecided.why_not
        return Missing(f"{what} of which is known whether it counts: that of {by} cannot be judged, {why}", _CHECK)
    damaged = approvals_unread(graph, one.path)
    if damaged:
        return Missing(f"{what} that can be read: {damaged[0]} is damaged", _CHECK)
    short = tail(one.name)
    approve = f"svcops postmortem approve {short}"
    if not approvals:
        return Missing(f"{what} by somebody who did not write it", approve)
    if any(each.why_not == BEFORE_THAT for each in approvals):
        approve = f"svcops postmortem start {short} --facts\n{approve}"
    last = approvals[-1]
    return Missing(
        f"{what} as it is now: that of {last.approval.value.by} does not count, {last.why_not}",
        approve,
    )


def _damaged(graph: Graph) -> list[str]:
    return graph.damaged("postmortem")


def _by_incident(graph: Graph) -> Mapping[str, list[Entry[Postmortem]]]:
    found: dict[str, list[Entry[Postmortem]]] = {}
    every: Mapping[str, Entry[Postmortem]] = graph.all("postmortem")
    for one in every.values():
        for incident_id in dict.fromkeys(one.value.incidents):
            found.setdefault(incident_id, []).append(one)
    return found


def back_since(state: State) -> datetime | None:
    """When it was reopened last after it had been closed: what was anchored by then did not hold."""
    reopened = [one.value for one in state.counting if isinstance(one.value, Reopened)]
    return max((one.at for one in reopened if one.from_ == NORMAL), default=None)


def is_since(graph: Graph, measure: MeasureState, back: datetime | None) -> bool:
    """Whether an anchor of a measure was in place only after an incident was `back`, if it ever was."""
    return back is None or any(in_place(graph, measure.measure.incident, one) > back for one in measure.anchors)


def _no_measure(graph: Graph, state: State, measures: list[MeasureState], wrong: Mapping[str, Fault | None]) -> Missing:
    short, back = tail(state.id), back_since(state)
    for one in measures:
        unproved = wrong.get(one.id)
        if unproved:
            what = f"an anchor that proves something: that of {tail(one.id)} {one.measure.title} {unproved.why}"
            return Missing(what, unproved.help.replace(" ID ", f" {tail(one.id)} "))
    for one in measures:
        if one.unreadable:
            of_it = f"of {tail(one.id)} {one.measure.title} nobody can tell, as {one.unreadable[0]} is damaged"
            return Missing(f"a measure that is known to be anchored: {of_it}", _CHECK)
    lost = measures_unread(graph, counted_as(graph, state.id))
    if lost:
        return Missing(f"a measure that can be read: {lost[0]} is damaged", _CHECK)
    failed = _listed(one for one in measures if one.anchors and back)
    waiting = _listed(one for one in measures if one.standing == "open")
    what = f"a measure anchored since it was reopened, as this one did not hold: {failed}" if failed else ""
    if waiting:
        what = f"{what}; open is {waiting}" if what else f"an anchored measure: open is {waiting}"
        return Missing(what, f"svcops measure anchor {short} --path PATH")
    command = f'svcops measure add {short} "WHAT" --type prevent|detect|mitigate|process --owner TEAM --due DATE'
    return Missing(what or "a measure, and its anchor", command)


def _listed(measures: Iterable[MeasureState]) -> str:
    return ", ".join(f"{tail(one.id)} {one.measure.title}" for one in measures)

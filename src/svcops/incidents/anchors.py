"""What an anchor must show: content that changed since, and of a runbook or a recovery plan that it was tried since.

A run counts that passed, is over, and began when the change was in place or later. Pure functions of graph, clock and
history.
"""

import re
from datetime import datetime
from typing import TYPE_CHECKING, Any

from svcops.incidents.contents import (
    brought,
    came_anew,
    came_twice,
    had,
    is_anchor_place,
    is_blank,
    is_of_another,
    marker_of,
    places,
    says_the_same,
    stood_at,
)
from svcops.incidents.facts import state as state_of
from svcops.incidents.trials import Run, came_with, counted, runs_that_passed, trial_of
from svcops.postmortems.model import Anchored, AnchoredElsewhere, Content
from svcops.store.cache import blob_of
from svcops.store.entries import Entry
from svcops.store.file_history import words_of
from svcops.store.files import MAX_BYTES
from svcops.store.frozen import frozen
from svcops.store.graph import Graph
from svcops.store.layout import kind_of_path

if TYPE_CHECKING:
    from svcops.incidents.measures import MeasureState
    from svcops.store.file_history import FileHistory, Touch

_ID = re.compile(r"incident-[0-9]{8}-[0-9a-z]+")

HELP_FOR_PLACE = (
    "Anchor it in what will work next time: a runbook, an SLO, an agreement, an escalation, a schedule, a service."
)


@frozen
class Fault:
    """Why an anchor as it is written proves nothing. `keys` lead to what says so in its event."""

    keys: tuple[str, ...]
    why: str
    help: str


def is_of_people(path: str) -> bool:
    """Whether a path says who somebody is: who works here, or in which team, makes nothing less likely or shorter."""
    return path.startswith(("catalogue/people/", "catalogue/teams/"))


def declared(graph: Graph, incident_id: str) -> datetime | None:
    """When an incident was declared; None where there is no such incident, or none of its readable events says it.

    Only its own files are read.
    """
    if not _ID.fullmatch(incident_id):
        return None
    try:
        return state_of(graph, incident_id).declared
    except KeyError:
        return None


def unproved(
    graph: Graph, state: "MeasureState", now: datetime, since: datetime | None = None, *, may_be_gone: bool = True
) -> Fault | None:
    """Why none of a measure's anchors proves anything; None where one does.

    `since` leaves out those that were in place by then, and without `may_be_gone` what was taken back counts no more.
    """
    wrong = None
    for one in state.anchors:
        if since is not None and in_place(graph, state.measure.incident, one) <= since:
            continue
        wrong = fault(graph, state.measure.incident, one, now)
        if wrong is None and not may_be_gone:
            wrong = taken_back(graph, state.measure.incident, one) or unreadable(graph, one.value)
        if wrong is None:
            return None
    return wrong


def fault(graph: Graph, incident_id: str, anchor: Entry[Any], now: datetime | None = None) -> Fault | None:
    """Why an anchor proves nothing; None where it does, or where nobody can tell, as an exercise is damaged.

    Without `now` a run that is not over counts as well.
    """
    return graph.once(_unlike_the_rest, incident_id, anchor.name) or _untried(graph, incident_id, anchor, now)


def in_place(graph: Graph, incident_id: str, anchor: Entry[Any], seen: datetime | None = None) -> datetime:
    """Since when an anchor is in place: as it says, but not before its content came to the line that people have.

    A rebase may make commits anew that were there long before. What was recorded at the instant `seen`, in reliance on
    what an anchor said, is not refuted by that.
    """
    event: Anchored | AnchoredElsewhere = anchor.value
    said = event.at
    change = graph.once(_brought, incident_id, anchor.name)
    if change is None or change.since <= said.timestamp():
        return said
    since = datetime.fromtimestamp(change.since, said.tzinfo)
    if since > event.recorded_at and _was_there(graph, anchor, change):
        return max(said, event.recorded_at)
    return said if seen and said <= seen < since and change.may_be_older else since


def _was_there(graph: Graph, anchor: Entry[Any], change: "Touch") -> bool:
    """Whether an anchor was recorded on the line, after its content: a commit that is later has a clock ahead."""
    history = graph.once(_history)
    told = history.of(anchor.path) if history else []
    if not told or told[-1].merge or told[-1].may_be_older or change.may_be_older:
        return False
    return told[-1].commit != change.arrival


def _brought(graph: Graph, incident_id: str, name: str) -> "Touch | None":
    """What brought the content of an anchor to the line; None where nobody knows, or it was there before."""
    event: Anchored | AnchoredElsewhere = graph.all("measure-event")[name].value
    if isinstance(event, AnchoredElsewhere):
        return None
    history, content = graph.once(_history), event.anchor
    return brought(history, content.path, content.after, declared(graph, incident_id)) if history else None


def unreadable(graph: Graph, event: Anchored | AnchoredElsewhere) -> Fault | None:
    """Why an anchor proves nothing while the record that it is in is damaged; None where that is read, or is none."""
    path = event.anchor.path if isinstance(event, Anchored) else ""
    found = kind_of_path(path)
    if found is None or path not in graph.once(_damaged, found[0].name):
        return None
    why = f"is in {path}, which cannot be read, so that nobody knows what it says"
    return Fault(("anchor", "path"), why, "svcops check shows what is wrong with that file.")


def _damaged(graph: Graph, kind_name: str) -> frozenset[str]:
    return frozenset(graph.damaged(kind_name))


def _unlike_the_rest(graph: Graph, incident_id: str, name: str) -> Fault | None:
    """The same but for runs: what its own file, its incident and git's history say."""
    entry: Entry[Any] = graph.all("measure-event")[name]
    event: Anchored | AnchoredElsewhere = entry.value
    since = declared(graph, incident_id)
    if since and event.at < since:
        why = "was in place before the incident was declared, and did not help"
        return Fault(("at",), why, "Write under `at` when the change was in place, or remove the event.")
    if isinstance(event, AnchoredElsewhere):
        return None
    history = graph.once(_history)
    wrong = _misplaced(event.anchor.path) or _unchanged(event)
    if wrong or history is None:
        return wrong
    wrong = _unlike_history(history, incident_id, event.anchor, since)
    return wrong or _invented(graph, history, incident_id, entry, since)


def _misplaced(path: str) -> Fault | None:
    if not is_anchor_place(path):
        why = f"is in {path}, which records what happened; it changes nothing next time"
        return Fault(("anchor", "path"), why, HELP_FOR_PLACE)
    if is_of_people(path):
        return Fault(("anchor", "path"), f"is in {path}, which says who people are", HELP_FOR_PLACE)
    return None


def is_unchanged(event: Anchored | AnchoredElsewhere) -> bool:
    """Whether an anchor itself says that nothing changed."""
    return isinstance(event, Anchored) and event.anchor.before == event.anchor.after


def _unchanged(event: Anchored) -> Fault | None:
    if not is_unchanged(event):
        return None
    anchor = event.anchor
    why = f"is in {anchor.path}, which is the same before and after"
    return Fault(("anchor", "after"), why, _again(anchor.path))


def _again(path: str) -> str:
    return f"Change {path}, commit it, and: svcops measure anchor ID --path {path}"


def _untried(graph: Graph, incident_id: str, anchor: Entry[Any], now: datetime | None) -> Fault | None:
    event: Anchored | AnchoredElsewhere = anchor.value
    trial = None if isinstance(event, AnchoredElsewhere) else trial_of(event.anchor.path)
    if trial is None:
        return None
    since, began = in_place(graph, incident_id, anchor), declared(graph, incident_id)
    change, history = graph.once(_brought, incident_id, anchor.name), graph.once(_history)
    passed = runs_that_passed(graph, trial, None, now)

    def came_with_it(run: Run) -> bool:
        return came_with(history, change, run) if history and change else _is_unknown(graph)

    if counted(passed, since, came_with_it, began) or graph.damaged(trial.runs):
        return None
    why = f"is in a {trial.noun} of which no {trial.run} passed since it was changed"
    return Fault(("anchor", "path"), why, trial.how)


def _is_unknown(graph: Graph) -> bool:
    """Whether history would tell what came together, and is not here: then nobody knows."""
    return bool(graph.history and graph.history.unknown)


def _unlike_history(
    history: "FileHistory", incident_id: str, anchor: Content, declared: datetime | None
) -> Fault | None:
    """What an anchor says and git does not: that its file changed since the declaration, and was not only moved.

    Where it did change, a squash or a rebase may have lost the very contents that the anchor names.
    """
    path, touches = anchor.path, history.of(anchor.path)
    help_ = _again(path)
    nothing = is_blank(history, anchor.after)
    if nothing or says_the_same(history, anchor.before, anchor.after):
        what = "there was nothing" if nothing else "only white space was changed"
        return Fault(("anchor", "after"), f"is in {path}, in which {what}", help_)
    if declared is None or not _ID.fullmatch(incident_id):
        return None
    unchanged = not any(one.earliest > declared.timestamp() for one in touches)
    for key, content in (("after", anchor.after), ("before", anchor.before)):
        if unchanged and content and all(one.after != content for one in touches):
            return Fault(("anchor", key), f"names a content that {path} never had, by git's history", help_)
    if unchanged or says_the_same(history, stood_at(history, path, declared), anchor.after):
        stood = history.stood(marker_of(incident_id), path)
        if says_the_same(history, stood, anchor.after):
            what = "which has not" if stood == anchor.after else "in which only white space has"
            why = f"is in {path}, {what} changed since the incident was declared"
            return Fault(("anchor", "after"), why, help_)
    copied = "" if anchor.before else copied_from(history, path, anchor.after, declared)
    if copied:
        why = f"is in {path}, which says just what {copied} said when the incident was declared"
        return Fault(("anchor", "after"), why, f"Change what {path} says, commit it, and anchor that.")
    return None


def _invented(
    graph: Graph, history: "FileHistory", incident_id: str, entry: Entry[Any], declared: datetime | None
) -> Fault | None:
    """Contents that an anchor names, and its file never had, or not when the incident was declared.

    Only where no squash or rebase can have lost them; what is not committed yet, history cannot have.
    """
    anchor: Content = entry.value.anchor
    path, marker, measure = anchor.path, marker_of(incident_id), f"{entry.path.rpartition('/')[0]}/measure.yaml"
    if declared is None or not _ID.fullmatch(incident_id):
        return None
    is_new = came_anew(history, entry.path, (path, marker, measure))
    stands = graph.once(_content, path)
    if not had(history, path, anchor.after) and (stands is None or stands[0] != anchor.after):
        if is_new and not is_of_another(history, path, anchor.after):
            return None
        why = f"names a content that {path} never had, by git's history"
        return Fault(("anchor", "after"), why, _again(path))
    if _stood_then(history, anchor, marker, declared):
        return None
    is_new = is_new or came_twice(history, marker) or came_anew(history, marker, (path, measure, entry.path))
    if is_new and not (anchor.before and is_of_another(history, path, anchor.before)):
        return None
    said = "another content than git's history does" if anchor.before else "nothing, unlike git's history,"
    why = f"gives {said} as what stood in {path} when the incident was declared"
    return Fault(("anchor", "before" if anchor.before else "path"), why, _again(path))


def _stood_then(history: "FileHistory", anchor: Content, marker: str, declared: datetime) -> bool:
    """Whether `before` is what stood there when the incident was declared, or right before it was recorded.

    Where nothing was changed between that and the anchor, it was changed before it was recorded: what a branch had
    when it was declared, git does not tell any more, and any earlier content may be it.
    """
    path, before = anchor.path, anchor.before
    if before == stood_at(history, path, declared):
        return True
    stood = history.stood(marker, path)
    if stood is None or (stood or None) == before:
        return True
    earlier = {one.after or None for one in history.of(path) if one.at <= declared.timestamp()}
    return before in earlier and says_the_same(history, stood, anchor.after)


def copied_from(history: "FileHistory", path: str, content: str, declared: datetime) -> str:
    """Another path that had a content before an incident was declared; empty where none had.

    Byte for byte: to compare what every file of a long history ever said but for white space would take seconds.
    """
    every = history.below(dict.fromkeys([path.partition("/")[0], *places()]))
    before = ((place, one) for place, one in every if one.earliest <= declared.timestamp())
    stood = (place for place, one in before if place != path and one.after == content)
    return next(stood, "")


def taken_back(graph: Graph, incident_id: str, anchor: Entry[Any]) -> Fault | None:
    """What became of an anchor's content since: that it is again what it was before, or that its file is gone or blank.

    White space makes no other content. What a file that was moved said before, history knows. Worked out once.
    """
    return graph.once(_taken_back, incident_id, anchor.name)


def _taken_back(graph: Graph, incident_id: str, name: str) -> Fault | None:
    event: Anchored | AnchoredElsewhere = graph.all("measure-event")[name].value
    if isinstance(event, AnchoredElsewhere):
        return None
    path, help_ = event.anchor.path, "Anchor the measure in what is in place now: svcops measure anchor ID --path PATH"
    stands = graph.once(_content, path)
    if stands is None:
        return Fault(("anchor", "path"), f"is in {path}, which is not there any more", help_)
    now, data = stands
    if not now or now == event.anchor.after != event.anchor.before:
        return None
    words = words_of(data)
    if words and not _is_back(graph, incident_id, event.anchor, now, words):
        return None
    what = f"{path} is again what it was before" if words else f"nothing is in {path} any more"
    return Fault(("anchor", "after"), f"was taken back: {what}", help_)


def _content(graph: Graph, path: str) -> tuple[str, bytes] | None:
    """What stands at a path, and its object id, which is empty where it cannot be read; None where nothing stands.

    Many measures may be anchored in one file.
    """
    if not graph.tree.has(path):
        return None
    data, problem = graph.tree.read(path)
    return ("", b"") if problem is not None or len(data) > MAX_BYTES else (blob_of(data), data)


def _is_back(graph: Graph, incident_id: str, anchor: Content, now: str, words: str) -> bool:
    history = graph.once(_history)
    if anchor.before is None:
        since = declared(graph, incident_id)
        return bool(history and since and copied_from(history, anchor.path, now, since))
    return now == anchor.before or bool(history and history.words([anchor.before]).get(anchor.before) == words)


def _history(graph: Graph) -> "FileHistory | None":
    """What git says of all anchors, read at once; None where nothing is known."""
    history = graph.history
    if history is None or history.unknown:
        return None
    events = (one.value for one in graph.all("measure-event").values())
    contents = [one.anchor for one in events if isinstance(one, Anchored)]
    history.expect(one.path.partition("/")[0] for one in contents)
    history.words(one for content in contents for one in (content.before, content.after) if one)
    return history

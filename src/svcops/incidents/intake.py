"""What a message of Alertmanager does to the store: an incident is opened, told more, or resolved.

One group of alerts has at most one incident that goes on. Which alerts it has heard of stands in its timeline, each
with its fingerprint and since when it fires; so a repeated message changes nothing, whoever reads it, and:

- an alert that began to fire after its group's incident was over, or that the incident never heard of, opens a new
  incident. Reopening would make two disruptions one with one clock; that is for a person to say.
- one that the incident did hear of, and that goes on firing although a person resolved it, is noted there, and opens
  nothing: the person knows of it.
- one that fell silent before a person reopened the incident is no end of what that person sees: it is noted.
- one that was said to be silent, and now to have fired all the time, reopens the incident: Alertmanager resolves what
  Prometheus could not tell it of for a while. Another incident would count the same outage twice. A message that was
  kept, and is sent again, says the very same; so long after the resolution it is noted, and reopens nothing.

An id is derived from the group's key and the time since when it fires, and incident.yaml holds what follows from these:
two clones that take messages of two replicas write one record, and git merges it. The wording is in the events.

Of an incident that was merged, the one that goes on hears of the alerts (`svcops.incidents.alert_groups`).
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import count
from typing import Any, Literal

from svcops.errors import NotDone
from svcops.incidents import alert_words
from svcops.incidents.alert_groups import Known, known, of_incident, others_that_fire
from svcops.incidents.alert_words import Rules, ranks_of
from svcops.incidents.alertmanager import Alert, BadPayload, Message
from svcops.incidents.changes import folder_of
from svcops.incidents.facts import State, may
from svcops.incidents.model import (
    Alerted,
    AlertGroup,
    AnyEvent,
    DetectedBy,
    FiringAlert,
    ImpactStarted,
    Incident,
    Mitigated,
    Opened,
    Reopened,
    Resolved,
    SeverityChanged,
)
from svcops.store.change import Change, listing_of
from svcops.store.events import TICK, Author
from svcops.store.events import subject as subject_of
from svcops.store.frozen import frozen
from svcops.store.graph import Graph
from svcops.store.ids import derived_id, tail, year_of
from svcops.store.lock import store_lock
from svcops.store.model import tag_of
from svcops.store.recording import bytes_of
from svcops.store.writing import Moved, Written
from svcops.terminal.session import Session
from svcops.timing.model import format_instant

_MOST_LABELS = 50
_AHEAD = timedelta(days=1)
"""How far the start of an alert may be to come: clocks go wrong by minutes, and time zones by hours."""
_REOPENS_WITHIN = timedelta(hours=1)
"""How long after the resolution was recorded alerts that never fell silent reopen an incident. Prometheus takes up an
alert again after it was down for so long at the most (--rules.alert.for-outage-tolerance), and else lets it begin anew.
"""
_TRIES = 8
"""How often it is read anew because somebody else wrote meanwhile."""

NO_NEWS = ("nothing new",)
"""What is to be said of a message that was heard before."""
Did = Literal["opened", "noted", "reopened", "resolved", "nothing"]
_MOVES: dict[type, Did] = {Resolved: "resolved", Reopened: "reopened"}
Listing = Callable[[str], tuple[str, ...]]
"""The names in a folder of the store, now."""
Happening = tuple[type[AnyEvent], dict[str, Any]]


@frozen
class Taken:
    """What a message leads to; without a change there is nothing to write."""

    did: Did
    incident: str | None
    change: Change | None = None
    remarks: tuple[str, ...] = ()
    """What a person should know of it."""
    concerned: tuple[str, ...] = ()
    """Where an alert that joined made it worse: the services whose people to call now, those that it names first."""


def take(session: Session, message: Message, rules: Rules) -> tuple[Taken, Written | None]:
    """Let a message do to the store what it has to, and commit it.

    Raises BadInput where no service can be told, and BadPayload, which is one, where an alert has yet to begin; NotDone
    where it could not be written.
    """
    store = session.store
    author = session.author()
    _refuse_what_is_to_come(message, author.now)
    listing = partial(listing_of, store.root)
    waited = False
    for _ in range(_TRIES):
        taken = decide(store.graph, message, rules, author, listing)
        if taken.change is None:
            _refuse_uncommitted(session, taken)
            return taken, None
        if not waited and _is_half_written(store.graph, taken.change) and store.git_dir:
            waited = True
            with store_lock(store.git_dir / "svcops", session.say):
                store.forget()
            continue
        try:
            return taken, session.apply(taken.change)
        except Moved:  # somebody else wrote to these records meanwhile: look again, the graph is read anew
            continue
    raise NotDone("others keep writing to the same incident", help="Send it again; nothing was written.")


def _refuse_what_is_to_come(message: Message, now: datetime) -> None:
    for number, one in enumerate(message.alerts):
        if one.started > now + _AHEAD:
            raise BadPayload(f"alerts[{number}].startsAt is more than a day from now")


def _is_half_written(graph: Graph, change: Change) -> bool:
    """Whether an incident has a folder and no record: another call may just be writing it, and for this very group.

    The change holds the folder as seen, so that it would not be void once the record came.
    """
    years = (names for folder, names in change.listings.items() if folder.count("/") == 1)
    return not {name for names in years for name in names}.issubset(graph.names("incident"))


def _refuse_uncommitted(session: Session, taken: Taken) -> None:
    """What was written before, and not committed, as a hook refused it, is not done: whoever sends it should know."""
    git_dir = session.store.git_dir
    if taken.incident is None or session.options.no_commit or git_dir is None:
        return
    git, folder = session.store.git, folder_of(taken.incident)
    if not git.not_committed([folder]):
        return
    with store_lock(git_dir / "svcops", session.say):  # another call may be between writing it and the commit
        left = git.not_committed([folder])
    if left:
        raise NotDone(f"{left[0]} is written, and not committed", help=f"git add -- {folder} && git commit -- {folder}")


def decide(graph: Graph, message: Message, rules: Rules, author: Author, listing: Listing) -> Taken:
    """What a message leads to, given the records as they are.

    The change that comes of it is void once another incident, or another event of that one, has come.
    """
    seen = {folder: listing(folder) for folder in ("incidents", *_years(listing))}
    group = known(graph, message.key)
    if group is None:
        if message.status == "resolved":
            return Taken("nothing", None, remarks=("resolved before any incident was opened for the group",))
        return _open(graph, message, message.firing, rules, author, seen)
    noted = {_timeline(one): listing(_timeline(one)) for one in group.chain}
    group = of_incident(graph, group.chain[0].id)
    found, fresh = group.on, group.fresh(message)
    if message.status == "firing" and fresh and not group.goes_on:
        return _open(graph, message, fresh, rules, author, seen)
    if message.status == "firing":
        happened, remarks = _told_firing(graph, group, message, rules, author, fresh)
    else:
        happened, remarks = _told_resolved(graph, group, message, author)
    if not happened:
        return Taken("nothing", found.id, remarks=remarks or NO_NEWS)
    did: Did = next((_MOVES[what] for what, _ in happened if what in _MOVES), "noted")
    done = {"resolved": "Resolve", "reopened": "Reopen"}.get(did, "Note alerts of")
    change = Change(
        subject_of(f"{done} incident {tail(found.id)}: {found.incident.title}"),
        _files(_timeline(found), author, _newest(found), happened),
        listings=noted,
        records=(found.id,),
    )
    is_worse = any(what is SeverityChanged for what, _ in happened)
    joined = alert_words.named(graph, fresh, rules) if is_worse else ()
    concerned = tuple(dict.fromkeys((*joined, *found.services))) if is_worse else ()
    return Taken(did, found.id, change, remarks, concerned)


def _years(listing: Listing) -> Iterator[str]:
    return (f"incidents/{year}" for year in listing("incidents"))


def _timeline(found: State) -> str:
    return f"{folder_of(found.id)}/timeline"


def _newest(found: State) -> datetime | None:
    return max((one.value.recorded_at for one in found.events), default=None)


def _resolution(found: State) -> datetime:
    """When it was written down that it was over; long ago where that event is damaged or corrected away."""
    written = [one.value.recorded_at for one in found.counting if isinstance(one.value, Resolved)]
    return max(written, default=datetime.min.replace(tzinfo=UTC))


Told = tuple[list[Happening], tuple[str, ...]]
"""What happens to an incident that is there already, nothing where a message is no news; and what to say of it."""


def _told_firing(
    graph: Graph, group: Known, message: Message, rules: Rules, author: Author, fresh: Sequence[Alert]
) -> Told:
    found, last = group.on, group.last
    if last and last.status == "firing" and _same(last.alerts, message.firing):
        return [], () if group.goes_on else (_ended_while_it_fires(found),)
    at = author.now.replace(microsecond=0)
    alerted = (Alerted, _alerted(message, author, at, group))
    if group.goes_on:
        raised, remarks = _raised(graph, found, fresh, rules, at)
        return [alerted, *raised], remarks
    if last and last.status == "resolved" and found.ending in (None, "closed") and found.incident.alert:
        if at - _resolution(found) > _REOPENS_WITHIN:
            why = "was resolved more than an hour ago, and the same alerts are said to fire on"
            return [alerted], (f"{found.id} {why}: svcops incident reopen, if that is so",)
        text = "The same alerts fire, and did so all the time: it was not over."
        return [alerted, (Reopened, {"at": at, "text": text, **found.seen})], ()
    return [alerted], (_ended_while_it_fires(found),)


def _ended_while_it_fires(found: State) -> str:
    """What to say each time, as nobody is told of alerts that a person ended and that may be news to another."""
    how = found.ending if found.ending in ("cancelled", "merged") else "resolved"
    told = f"{tail(found.id)} was {how} while its alerts fired, and nothing is opened until they fall silent"
    return f"{told}: svcops incident reopen {tail(found.id)}, if it goes on"


def _told_resolved(graph: Graph, group: Known, message: Message, author: Author) -> Told:
    """No alert of the group fires: the end, unless others of what is one with it fire, or a person opened that."""
    found, last = group.on, group.last
    at = author.written(_over_at(found, message, author.now.replace(microsecond=0)))
    is_told = last is not None and last.status == "resolved"
    happened: list[Happening] = [] if is_told else [(Alerted, _alerted(message, author, at, group))]
    if not may(found, Resolved):
        return happened, ()
    resolve = f"svcops incident resolve {tail(found.id)}"
    if found.incident.alert is None:
        return happened, (f"{found.id} was opened by hand, so it is not resolved: {resolve}, if that is over, too",)
    if others := others_that_fire(graph, group):
        told = f"{found.id} goes on, as alerts of {', '.join(others)} fire, which is one with it"
        return happened, (f"{told}: {resolve}, if it is over all the same",)
    if any(one.at.path.startswith(f"{folder_of(found.id)}/") for one in graph.findings):
        return happened, (f"{found.id} has a damaged event, so it is not resolved: svcops check shows the place",)
    if reopened := _reopened_later(found, message, author.now):
        told = f"{found.id} was reopened at {reopened}, after its alerts had fallen silent, so it is not resolved"
        return happened, (f"{told}: {resolve}, if it is over",)
    if found.mitigated is None:
        happened.append((Mitigated, {"at": at, "text": alert_words.SILENT}))
    return [*happened, (Resolved, {"at": at, "text": alert_words.SILENT, **found.seen})], ()


def _same(before: Iterable[FiringAlert], now: Iterable[Alert]) -> bool:
    return {(one.fingerprint, one.since) for one in before} == {(one.fingerprint, one.started) for one in now}


def _reopened_later(found: State, message: Message, now: datetime) -> str:
    """When a person reopened it, where the alerts had ended by then: that person saw what the alerts do not."""
    entered = found.entered.value if found.entered else None
    if not isinstance(entered, Reopened) or _silent_since(message, now) > entered.at:
        return ""
    fired = (one.value for one in found.counting if isinstance(one.value, Alerted))
    by_alerts = any(one.at == entered.at and one.status == "firing" for one in fired)  # both of one message
    return "" if by_alerts else format_instant(entered.at)


def _silent_since(message: Message, now: datetime) -> datetime:
    """When the last alert fired no more, never to come."""
    return min(max((one.ended for one in message.alerts if one.ended), default=now), now)


def _over_at(found: State, message: Message, now: datetime) -> datetime:
    """When it was over: with the last alert; not before it was declared, mitigated, or reopened by alerts."""
    reopened = found.entered.value.at if found.entered and isinstance(found.entered.value, Reopened) else None
    known = (found.impact_started, found.declared, found.mitigated, reopened)
    return max(_silent_since(message, now), *(one for one in known if one))


def _raised(
    graph: Graph, found: State, fresh: Sequence[Alert], rules: Rules, at: datetime
) -> tuple[list[Happening], tuple[str, ...]]:
    """An alert that joins the group may make it worse; what a person judged less bad, the old ones never raise."""
    if not fresh or found.severity is None or found.phase not in ("incident", "remediation"):
        return [], ()
    severity, remarks = alert_words.severity(graph, fresh, rules)
    ranks = ranks_of(graph)
    if ranks.get(severity, -1) >= ranks.get(found.severity, -1):
        return [], ()
    text = f"Alert {fresh[0].name} joined the group."
    raised = {"from_": found.severity, "to": severity, "text": text, "follows": found.judged_by}
    services = ", ".join(alert_words.named(graph, fresh, rules))
    told = f"{found.severity} -> {severity}: {text}" + (f" It is about {services}." if services else "")
    return [(SeverityChanged, {"at": at, **raised})], (told, *remarks)


def _open(
    graph: Graph,
    message: Message,
    alerts: Sequence[Alert],
    rules: Rules,
    author: Author,
    seen: Mapping[str, tuple[str, ...]],
) -> Taken:
    """Open an incident for alerts of a group; none listed fires where the message left out those that do."""
    alerts = alerts or message.alerts
    incident, unknown = _incident(graph, message, alerts, rules)
    severity, remarks = alert_words.severity(graph, alerts, rules)
    since = min(one.started for one in alerts)
    incident_id = _id(graph, message, author.written(since))
    at = author.now.replace(microsecond=0)
    happened: list[Happening] = [
        (ImpactStarted, {"at": min(author.written(since), at)}),
        (Opened, {"at": at, "severity": severity}),
        (Alerted, _alerted(message, author, at)),
    ]
    folder = folder_of(incident_id)
    change = Change(
        subject_of(f"Open incident {tail(incident_id)}: {incident.title} ({severity})"),
        {f"{folder}/incident.yaml": bytes_of(incident), **_files(f"{folder}/timeline", author, None, happened)},
        listings={f"incidents/{year_of(incident_id)}": (), **seen},
        records=(incident_id,),
    )
    return Taken("opened", incident_id, change, (*unknown, *remarks))


def _incident(
    graph: Graph, message: Message, alerts: Sequence[Alert], rules: Rules
) -> tuple[Incident, tuple[str, ...]]:
    """What is set once, and what is to be said of it: only what another message of the same start says, too."""
    services, unknown = alert_words.services(graph, message, alerts, rules)
    source: DetectedBy = "slo" if alert_words.is_of_slo(message, alerts) else "monitoring"
    labels = dict(sorted(message.group.items())[:_MOST_LABELS])
    incident = Incident(
        title=alert_words.title(message, alerts, services),
        services=services,
        detected_by=source,
        alert=AlertGroup(key=message.key, labels=labels or None),
    )
    return incident, unknown


def _id(graph: Graph, message: Message, since: datetime) -> str:
    """An id that whoever has the same records derives, too; NotDone where a damaged record stands in its place."""
    known = graph.names("incident")
    readable = graph.all("incident")
    for turn in count():
        key = "\n".join((message.key, since.astimezone(UTC).isoformat(), *([str(turn)] if turn else [])))
        found = derived_id("incident", since, key)
        if found not in known:
            return found
        if found not in readable:
            raise NotDone(f"{found} stands for these alerts, and is damaged", help="svcops check shows the place.")
    raise AssertionError


def _files(folder: str, author: Author, newest: datetime | None, happened: Iterable[Happening]) -> dict[str, bytes]:
    """The files of events that are written at once, one after the other."""
    first = author.after(newest)
    files = {}
    for number, (what, own) in enumerate(happened):
        type_: Any = tag_of(what, "type")
        event = what(type=type_, recorded_at=first + TICK * number, by=author.by, **own)
        files[f"{folder}/{author.file_name(event.recorded_at, type_)}"] = bytes_of(event)
    return files


def _alerted(message: Message, author: Author, at: datetime, group: Known | None = None) -> dict[str, Any]:
    firing = () if message.status == "resolved" else message.firing
    listed = [FiringAlert(fingerprint=one.fingerprint, since=author.written(one.started)) for one in firing]
    return {
        "at": at,
        "status": message.status,
        "firing": len(listed),
        "alerts": tuple(sorted(listed, key=lambda one: one.fingerprint)),
        "source": message.source,
        "group": message.key if group and group.is_merged else None,
        "text": alert_words.text(message),
    }

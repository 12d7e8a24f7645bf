"""What an import of post-mortems would do to a store: a function of the files, of the graph and of the clock.

A post-mortem explains an incident: one of the store that it names, or that has the same address; otherwise one that is
imported with it. Where the file does not tell both when that began and when it ended, its clocks stay unknown.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from svcops.exchange.drafts import NoRecord, Unsupported
from svcops.exchange.outside import Choices, Outcome, by_origin, compared, known_services, known_severity, pairs
from svcops.exchange.outside_news import news
from svcops.exchange.outside_records import (
    FIRST_YEAR,
    NO_MEASURE,
    event,
    event_file,
    limited,
    outside_id,
    recorded,
    remembered,
    text_of,
)
from svcops.exchange.outside_updates import Outside, Update, update_of
from svcops.exchange.plan import DAMAGED, Duplicate, Plan, Planned
from svcops.exchange.postmortem_files import SYSTEM, Told
from svcops.incidents.facts import state
from svcops.incidents.model import AnyEvent, Closed, ImpactStarted, Incident, Opened, Resolved
from svcops.postmortems.changes import postmortem_id
from svcops.postmortems.model import Postmortem
from svcops.store.change import digest_of
from svcops.store.documents import split_front_matter
from svcops.store.entries import Entry
from svcops.store.graph import Graph
from svcops.store.ids import matching, tail, year_of
from svcops.store.model import Origin
from svcops.store.yaml_writing import NotWritable, dump

_NOBODY = "unknown"
_REST = "## What its front matter said beside"
_NO_SEVERITY = "none"
_OF_A_STORE = re.compile(r"incident-\d")


def choices_of(graph: Graph, services: Iterable[str], severities: Iterable[str]) -> Choices:
    """What the options --map and --severity say; BadInput where that is not possible."""
    chosen = pairs("--severity", severities, "P1=sev1")
    for written, name in chosen.items():
        known_severity(graph, f"--severity {written}", name)
    parts = pairs("--map", services, "Git Operations=git")
    own = {_plain(level.name): level.name for level in graph.settings.severities}
    return Choices(parts, {**own, **{_plain(one): name for one, name in chosen.items()}}, known_services(graph, parts))


def _plain(severity: str) -> str:
    """`SEV-1` and `Sev 1` are `sev1`."""
    return re.sub(r"[^a-z0-9]", "", severity.lower())


@dataclass(slots=True)
class _Work:
    """What is known while one after another is planned."""

    graph: Graph
    choices: Choices
    now: datetime
    update: bool
    outcome: dict[str, list[Planned]] = field(
        default_factory=lambda: {"added": [], "updated": [], "unchanged": [], "kept": []}
    )
    files: dict[str, str] = field(default_factory=dict)
    before: dict[str, str] = field(default_factory=dict)
    listings: dict[str, tuple[str, ...]] = field(default_factory=dict)
    incidents: set[str] = field(default_factory=set)
    """Those that one of the files is about."""


def plan(told: Sequence[Told], graph: Graph, choices: Choices, now: datetime, *, update: bool = False) -> Outcome:
    """What importing would do; with `update` what is there, and its incident, become what the files say."""
    by_key: dict[str, list[Told]] = {}
    for one in (_with_known_incident(each, graph) for each in told):
        by_key.setdefault(one.key, []).append(one)
    work = _Work(graph, choices, now, update)
    refused, elsewhere = [], dict[str, None]()
    for first, *_ in by_key.values():
        try:
            _take(work, first)
        except NoRecord as reason:
            refused.append(Unsupported("post-mortem", first.title, str(reason), first.source))
        else:
            elsewhere.update({first.elsewhere: None} if first.elsewhere else {})
    rest = Counter(key for same in by_key.values() for key in same[0].rest)
    listed = ", ".join(f"{key} {number}" for key, number in sorted(rest.items()))
    services = [service for same in by_key.values() for service in same[0].services]
    return Outcome(
        Plan(
            format="Markdown",
            entities=len(told),
            **{where: tuple(sorted(found, key=lambda one: one.path)) for where, found in work.outcome.items()},
            duplicates=tuple(
                Duplicate("post-mortem", key, tuple(one.source for one in same))
                for key, same in by_key.items()
                if len(same) > 1
            ),
            dangling=(),
            unsupported=tuple(refused),
        ),
        work.files,
        work.before,
        work.listings,
        dict(Counter(choices.unknown(services)).most_common()),
        (
            *choices.unused(services),
            *([f"No incident here, so that each has one of its own: {', '.join(elsewhere)}"] if elsewhere else []),
            *([f"No field here, kept at the end of the text: {listed}"] if rest else []),
        ),
    )


def _with_known_incident(one: Told, graph: Graph) -> Told:
    """An incident that this store does not have is that of another system, and kept with what has no field here."""
    if not one.incident or matching(one.incident, graph.names("incident")) or _is_of_a_store(one.incident):
        return one
    return replace(one, incident="", elsewhere=one.incident, rest={**one.rest, "incident": one.incident})


def _named(one: Told, graph: Graph) -> str:
    """The incident of the store that it names; empty where that is none, or may be several."""
    found = matching(one.incident, graph.names("incident")) if one.incident else []
    return found[0] if len(found) == 1 else ""


def _is_of_a_store(name: str) -> bool:
    """Whether a name has the form of a store's own ids, so that no incident of another system is meant."""
    return bool(_OF_A_STORE.match(name.strip().lower()))


def _take(work: _Work, one: Told) -> None:
    for what, at in (("it lies", one.day), ("it ends", one.ended)):
        if at and at > work.now:
            raise NoRecord(f"{what} in the future")
        if at and at.year < FIRST_YEAR:
            raise NoRecord(f"{what} before {FIRST_YEAR}")
    if one.started and one.ended and one.ended < one.started:
        raise NoRecord("it ended before it started")
    incident_id, there = _explained(work, one)
    if incident_id in work.incidents:
        raise NoRecord(f"another of these files is about the same incident: {incident_id}")
    incident = there or (None if work.graph.find(("incident",), incident_id) else _added(work, one, incident_id))
    where, postmortem, text = _postmortem(work, one, incident_id)
    if text:
        work.files[postmortem.path] = text
    work.incidents.add(incident_id)
    if where == "updated":
        work.before[postmortem.path] = digest_of(work.graph.tree.read(postmortem.path)[0])
    if incident and incident.where != "unchanged":
        work.files |= incident.files
        work.before |= incident.before
        work.listings |= incident.listings
        work.outcome[incident.where].append(incident.planned)
    work.outcome[where].append(postmortem)


def _explained(work: _Work, one: Told) -> tuple[str, Update | None]:
    """The id of the incident that it explains; where that was imported with it before, what becomes of it now."""
    graph = work.graph
    if named := _named(one, graph):
        return named, None
    if one.incident:
        raise NoRecord(_no_such_incident(one.incident, graph))
    there = by_origin(graph, "incident", SYSTEM).get(one.key)
    alike = (entry for entry in graph.all("incident").values() if one.url and _url(entry.value) == one.url)
    if there is not None:
        return there.name, _updated(work, one, there)
    entry = next(alike, None)
    return entry.name if entry else outside_id("incident", one.started or one.day, _outside(one)), None


def _outside(one: Told) -> str:
    return f"{SYSTEM}:{one.key}"


def _added(work: _Work, one: Told, incident_id: str) -> Update:
    """The incident that is imported with it."""
    folder = f"incidents/{year_of(incident_id)}/{incident_id}"
    incident = _record(work, one, tuple(work.choices.unknown(one.services)))
    files = {f"{folder}/incident.yaml": text_of(remembered(incident), "its incident")}
    for happened in _events(one, _severity(work, one)):
        name, text = event_file(_outside(one), happened)
        files[f"{folder}/timeline/{name}"] = text
    return Update("added", Planned("incident", incident_id, f"{folder}/incident.yaml", one.source), files, {}, {})


def _updated(work: _Work, one: Told, entry: Entry[Incident]) -> Update:
    """The same where it is there: what the file tells otherwise by now of its title, services, times and severity.

    A severity that is not told, or is none here, is no other one, and what it calls the services stays as it was: the
    first import may have been told what they are (--map, --severity).
    """
    known = state(work.graph, entry.name)
    severity = work.choices.severities.get(_plain(one.severity or _NO_SEVERITY)) or known.severity or _NO_SEVERITY
    assert entry.value.imported
    record = _record(work, one, entry.value.imported.parts)
    found = news(_events(one, severity), known)
    return update_of(work.graph, known, record, found, Outside(_outside(one), one.source), update=work.update)


def _record(work: _Work, one: Told, parts: tuple[str, ...]) -> Incident:
    return Incident(
        title=one.title,
        services=work.choices.services_of(one.services),
        detected_by=None,
        imported=Origin(system=SYSTEM, key=one.key, url=one.url, parts=parts),
    )


def _no_such_incident(given: str, graph: Graph) -> str:
    from svcops.store.suggest import did_you_mean

    names = graph.names("incident")
    several = matching(given, names)
    if several:
        return f"its incident, {given}, may be {', '.join(several[:3])}"
    near = did_you_mean(given, [*names, *map(tail, names)])
    return f"its incident, {given}, is not in this store{f' ({near})' if near else ''}"


def _url(incident: Incident) -> str | None:
    return incident.imported.url if incident.imported else None


def _severity(work: _Work, one: Told) -> str:
    """What the severity that it tells is here. NoRecord where nothing says so, nor any incident here has one."""
    found = work.choices.severities.get(_plain(one.severity or _NO_SEVERITY))
    if found is None:
        says = f'--severity "{one.severity or _NO_SEVERITY}=sev3"'
        why = f"its severity is {one.severity or 'not told'}: {says} would say what that is here"
        raise NoRecord(f"{_no_such_incident(one.elsewhere, work.graph)}; {why}" if one.elsewhere else why)
    return found


def _events(one: Told, severity: str) -> list[AnyEvent]:
    """The incident, over and closed. Its start counts only with its end: half a clock would tell of no time at all.

    Of a day, or a start, alone nobody knows since when it was over.
    """
    is_timed = one.started is not None and one.ended is not None
    begun, end = one.started or one.day, one.ended or one.started or one.day
    return recorded(
        [
            *([event(ImpactStarted, "impact-started", begun, SYSTEM)] if is_timed else []),
            event(Opened, "opened", min(begun, end), SYSTEM, severity=severity),
            event(Resolved, "resolved", end, SYSTEM, from_="incident", time_unknown=not one.ended),
            event(Closed, "closed", end, SYSTEM, from_="post-mortem", no_measure_because=NO_MEASURE),
        ],
        None,
    )


def _postmortem(work: _Work, one: Told, incident_id: str) -> tuple[str, Planned, str]:
    """Where in the plan a post-mortem belongs, what is planned, and its file: empty where nothing is written."""
    record_id = postmortem_id(incident_id)
    path = f"postmortems/{year_of(record_id)}/{record_id}.md"
    planned = Planned("postmortem", record_id, path, one.source)
    record = Postmortem(
        title=one.title,
        incidents=(incident_id,),
        author=one.authors[0] if one.authors else _NOBODY,
        co_authors=one.authors[1:],
        started_at=one.day,
        imported=Origin(system=SYSTEM, key=one.key, url=one.url),
    )
    body = _body(one)
    entry = work.graph.all("postmortem").get(record_id)
    if entry is None:
        if work.graph.find(("postmortem",), record_id) is not None:
            return "kept", replace(planned, stays=DAMAGED), ""
        text = limited(f"---\n{text_of(remembered(record, body), 'its front matter')}---\n{body}")
        return "added", replace(planned, after=text), text
    there = entry.value.imported
    if there is None:
        raise NoRecord(f"{record_id} was written here")
    if (there.system, there.key) != (SYSTEM, one.key):
        raise NoRecord(f"{record_id} is that of {there.key}, which is about the same incident")
    return _compared(work, planned, entry, record, body)


def _compared(work: _Work, planned: Planned, entry: Any, record: Postmortem, body: str) -> tuple[str, Planned, str]:
    """The same for one that is there: what differs becomes that of the input, unless it was edited here since."""
    before = work.graph.tree.read(entry.path)[0].decode()
    split = split_front_matter(before)
    assert split, entry.path
    found = compared(entry, record, split.front, (split.body, body))
    planned = replace(planned, differs=found.told)
    if not found.differs:
        return "unchanged", planned, ""
    if not work.update or not found.writes:
        return "kept", planned, ""
    text = limited(f"---\n{found.front}---\n{body if found.takes_text else split.body}")
    return "updated", replace(planned, before=before, after=text), text


def _body(one: Told) -> str:
    """The text as it is, and below it what the front matter said that has no place here."""
    if not one.rest:
        return one.body
    try:
        rest = dump(dict(one.rest))
    except NotWritable as error:
        raise NoRecord(f"its front matter: {error.message}") from None
    fence = "`" * max(3, *(len(run) + 1 for run in [*re.findall("`+", rest), ""]))
    return f"{one.body.rstrip()}\n\n{_REST}\n\n{fence}yaml\n{rest}{fence}\n"

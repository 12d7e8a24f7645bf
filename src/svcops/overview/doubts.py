"""Which damaged files may make another judgement of a service than the one that the readable records give.

A damaged file is about something else for certain only where it says so itself: where its YAML can be read, though not
as a record, and names whom it is about. What says nothing of that, or cannot be read at all, may be about any service.
While no file is damaged, nothing of this is worked out.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from svcops.catalogue.model import Escalation, Service
from svcops.incidents.outlines import outlines, services_with
from svcops.overview.grounds import Grounds
from svcops.overview.reach import schedules_of
from svcops.store.entries import Entry
from svcops.store.layout import parts_of

Doubt = Callable[[Grounds, Entry[Service]], Iterable[str]]
"""The damaged files of one sort that may concern a service."""


def any_of(*kinds: str) -> Doubt:
    """Every damaged file of these kinds: whom one is about cannot be told, whatever it says."""
    return lambda on, _: on.damaged(kinds)


def agreements(on: Grounds, service: Entry[Service]) -> Iterator[str]:
    """Agreements that may be about it."""
    return _about(on, service, "agreement")


def plans(on: Grounds, service: Entry[Service]) -> Iterator[str]:
    """Recovery plans that may name it."""
    return _about(on, service, "recovery-plan")


def only_plans(on: Grounds, service: Entry[Service]) -> Iterable[str]:
    """The same where no other plan names it: one more does not prove those that are there."""
    return () if on.plans.get(service.name) else plans(on, service)


def key_dates(on: Grounds, service: Entry[Service]) -> Iterator[str]:
    """Key dates that may name it."""
    return _about(on, service, "keydate")


def runbooks(on: Grounds, service: Entry[Service]) -> Iterator[str]:
    """Runbooks in its folder, and others that may name it."""
    for path in on.damaged(("runbook",)):
        named = _services(on, path)
        if named is None or service.name in (parts_of(path)["service"], *named):
            yield path


def only_runbooks(on: Grounds, service: Entry[Service]) -> Iterable[str]:
    """The same where it has no other: one more does not prove those that are there."""
    return () if on.runbooks.get(service.name) else runbooks(on, service)


def runbooks_of_key_dates(on: Grounds, service: Entry[Service]) -> Iterator[str]:
    """Runbooks that carry one of its key dates."""
    damaged = on.damaged(("runbook",))
    if damaged:
        named = {on.graph.find(("runbook",), name) for name in _books_of_key_dates(on, service)}
        yield from (path for path in damaged if path in named)


def exercises(on: Grounds, service: Entry[Service]) -> Iterator[str]:
    """Exercises that may be of one of its runbooks."""
    return _runs(on, "exercise", ("runbook", "runbook"), {one.name for one in on.runbooks.get(service.name, ())})


def rehearsals(on: Grounds, service: Entry[Service]) -> Iterator[str]:
    """Exercises that may be of a runbook that carries one of its key dates."""
    return _runs(on, "exercise", ("runbook", "runbook"), _books_of_key_dates(on, service))


def drills(on: Grounds, service: Entry[Service]) -> Iterator[str]:
    """Evidence that may be of one of its recovery plans."""
    return _runs(on, "evidence", ("plan", "recovery-plan"), {one.name for one in on.plans.get(service.name, ())})


def slos(on: Grounds, service: Entry[Service]) -> Iterator[str]:
    """Files of SLOs that may hold one about it, or about a core workflow of it."""
    measured = {one.slo for one in service.value.core_workflows}
    for path in on.damaged(("slo",)):
        documents = on.said(path)
        if documents is None or any(_may_measure(one, service.name, measured, on) for one in documents):
            yield path


def _may_measure(document: Any, service: str, measured: set[str | None], on: Grounds) -> bool:
    """Whether a document, which need not be in order, may be an SLO of a service, or one that its workflows name."""
    if not isinstance(document, dict):
        return True
    if document.get("kind") in _OTHER_DOCUMENTS:
        return False
    of, name = _at(document, "spec", "service"), _at(document, "metadata", "name")
    return of == service or not _is_known(on, "service", of) or not name or f"SLO/{name}" in measured


_OTHER_DOCUMENTS = ("SLI", "AlertPolicy", "AlertCondition", "AlertNotificationTarget", "DataSource", "Service")
"""Documents of OpenSLO that raise no alert by themselves."""


def policy(on: Grounds, service: Entry[Service]) -> tuple[str, ...]:
    """Records that may name, or be, another escalation policy for it."""
    return on.policy(service.value).unread


def called(on: Grounds, service: Entry[Service]) -> list[str]:
    """Records that may say whom its escalation policy reaches."""
    return on.damaged(("schedule", "team", "person")) if on.policy(service.value).entry else []


def hours_of_escalation(on: Grounds, service: Entry[Service]) -> Iterable[str]:
    """Agreements that may give it other support hours, where these decide whether its policy reaches somebody."""
    entry = on.policy(service.value).entry
    if entry is None or not on.damaged(("agreement",)):
        return ()
    silence = on.silence(entry)
    in_hours, outside = set(silence.in_hours), set(silence.outside)
    return _hours(on, service, entry) if in_hours != outside and not in_hours & outside else ()


def hours_of_on_call(on: Grounds, service: Entry[Service]) -> Iterable[str]:
    """The same, where they decide whether somebody is on call whenever its policy calls."""
    entry = on.policy(service.value).entry
    if entry is None or not on.damaged(("agreement",)):
        return ()
    schedules = schedules_of(entry.value)
    if any(map(on.gap, schedules)) or all(map(on.is_always_attended, schedules)):
        return ()
    return _hours(on, service, entry)


def _hours(on: Grounds, service: Entry[Service], policy: Entry[Escalation]) -> Iterable[str]:
    return () if policy.value.support_hours is not None else agreements(on, service)


def measures(on: Grounds, service: Entry[Service]) -> Iterator[str]:
    """Measures that may have come out of an incident of it."""
    for path in on.damaged(("measure",)):
        incident = _word(on, path, "incident")
        if incident not in outlines(on.graph) or service.name in services_with(on.graph, incident):
            yield path


def incidents(on: Grounds, service: Entry[Service]) -> Iterator[str]:
    """Incidents that may be of it, and have a measure that is open."""
    for path in on.damaged(("incident",)):
        named = _services(on, path)
        if parts_of(path)["name"] in on.incidents_with_open_measures and (named is None or service.name in named):
            yield path


def _about(on: Grounds, service: Entry[Service], kind: str) -> Iterator[str]:
    for path in on.damaged((kind,)):
        named = _services(on, path)
        if named is None or service.name in named:
            yield path


def _runs(on: Grounds, kind: str, key: tuple[str, str], of: set[str]) -> Iterator[str]:
    """The damaged records of runs of one of these things; `key` is what a run names it by, and its kind."""
    for path in on.damaged((kind,)):
        name = _word(on, path, key[0])
        if name in of or not _is_known(on, key[1], name):
            yield path


def _books_of_key_dates(on: Grounds, service: Entry[Service]) -> set[str]:
    return {book for one in on.keydates.get(service.name, ()) for book in one.value.runbooks}


def _services(on: Grounds, path: str) -> list[str] | None:
    """The services that a damaged record names; None where nobody knows, as where one of them is misspelt."""
    said = _mapping(on, path).get("services")
    named = [said] if isinstance(said, str) else said
    is_clear = isinstance(named, list) and named and all(_is_known(on, "service", one) for one in named)
    return named if is_clear else None


def _word(on: Grounds, path: str, key: str) -> str:
    """The name that a damaged record has at a key; empty where none can be read there."""
    said = _mapping(on, path).get(key)
    return said if isinstance(said, str) else ""


def _mapping(on: Grounds, path: str) -> Mapping[Any, Any]:
    documents = on.said(path) or []
    return documents[0] if len(documents) == 1 and isinstance(documents[0], dict) else {}


def _at(document: Any, *keys: str) -> Any:
    for key in keys:
        document = document.get(key) if isinstance(document, dict) else None
    return document


def _is_known(on: Grounds, kind: str, name: Any) -> bool:
    return isinstance(name, str) and on.graph.find((kind,), name) is not None

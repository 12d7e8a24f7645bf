"""What Statuspage tells, as records: an incident with its timeline, a maintenance. Pure, and the same every time."""

from collections.abc import Iterator
from datetime import datetime
from typing import Literal

from svcops.catalogue.model import Actual, Maintenance, Planned
from svcops.exchange.drafts import NoRecord
from svcops.exchange.outside import Choices
from svcops.exchange.outside_records import FIRST_YEAR, NO_MEASURE, event, recorded
from svcops.exchange.statuspage import IMPACTS, SYSTEM, UNDER_WAY, Reported, Said
from svcops.incidents.model import AnyEvent, Closed, ImpactStarted, Incident, Opened, Resolved, Updated
from svcops.store.model import Origin


def refuse(one: Reported, now: datetime) -> None:
    """NoRecord where what is told of an incident or a maintenance cannot be true."""
    if one.impact not in (*IMPACTS, "maintenance"):
        raise NoRecord(f"impact is {one.impact or 'missing'}: what is read is {', '.join(IMPACTS)}, maintenance")
    for what, at, has_happened in _times(one):
        if at.year < FIRST_YEAR:
            raise NoRecord(f"{what} before {FIRST_YEAR}")
        if has_happened and at > now:
            raise NoRecord(f"{what} in the future")
    if one.resolved and one.resolved < one.started:
        raise NoRecord("resolved before it started")


def _times(one: Reported) -> Iterator[tuple[str, datetime, bool]]:
    """Every time that is told: of what, when, and whether that has happened, so that it cannot lie ahead."""
    yield "it starts", one.started, not one.is_maintenance
    for at in one.planned or ():
        yield "it is planned", at, False
    if one.resolved:
        yield "it ends", one.resolved, True
    for said in one.updates:
        yield f"its update of {said.at:%Y-%m-%d %H:%M} is", said.at, True


def incident_of(one: Reported, choices: Choices) -> Incident:
    """What is set once."""
    return Incident(title=one.title, services=choices.services_of(one.parts), detected_by=None, imported=_origin(one))


def _origin(one: Reported) -> Origin:
    return Origin(system=SYSTEM, key=one.key, url=one.url, stated_minutes=one.stated_minutes, parts=one.parts)


def events_of(one: Reported, severity: str) -> list[AnyEvent]:
    """The timeline that the source tells, in the order in which it is recorded; closed as soon as it is resolved."""
    declared, end = one.updates[0].at if one.updates else one.started, _end(one)
    found = [
        event(ImpactStarted, "impact-started", one.started, SYSTEM),
        event(Opened, "opened", min(declared, end or declared), SYSTEM, severity=severity),
        *(_update(said) for said in one.updates if not end or said.at <= end),
    ]
    if end:
        found.append(event(Resolved, "resolved", end, SYSTEM, from_="incident", time_unknown=not one.resolved))
        found.append(event(Closed, "closed", end, SYSTEM, from_="post-mortem", no_measure_because=NO_MEASURE))
        found += [_update(said) for said in one.updates if said.at > end]
    return recorded(found, None)


def _end(one: Reported) -> datetime | None:
    """When it was over, else by when: nothing is told after the last update. None while it goes on."""
    last = max((one.started, *(said.at for said in one.updates)))
    return one.resolved or (last if one.is_over else None)


def _update(said: Said) -> AnyEvent:
    return event(Updated, "update", said.at, SYSTEM, text=said.text)


def maintenance_of(one: Reported, choices: Choices) -> Maintenance:
    """A maintenance, planned for when it is said to be, else for when it was; NoRecord where that is no time at all."""
    begins, ends = one.planned or (_begun(one), one.resolved)
    if one.is_over and one.resolved is None:
        raise NoRecord("it is over, and nobody says since when: resolved_at is missing")
    if ends is None:
        raise NoRecord("nobody says until when it is planned: scheduled_until is missing")
    if begins is None or ends <= begins:
        raise NoRecord("it ends before it begins, or in the same instant")
    return Maintenance(
        title=one.title,
        services=choices.services_of(one.parts),
        reason=one.updates[0].text if one.updates else one.title,
        planned=Planned(from_=begins, until=ends),
        actual=_actual(one),
        by=SYSTEM,
        imported=_origin(one),
    )


def _actual(one: Reported) -> Actual | None:
    """When a maintenance took place; None where nothing says that it began."""
    if not (one.resolved or one.is_under_way or any(said.status in UNDER_WAY for said in one.updates)):
        return None
    return Actual(from_=_begun(one), until=one.resolved)


def _begun(one: Reported) -> datetime | None:
    """When a maintenance began, as far as that is told.

    What the page calls its start is that of the announcement where it lies before the time that is planned.
    """
    started = one.started if one.planned is None or one.planned[0] <= one.started else None
    begun = next((said.at for said in one.updates if said.status == "in_progress"), started)
    return begun if begun and (one.resolved is None or begun < one.resolved) else None


Kind = Literal["incident", "maintenance"]


def kind_of(one: Reported) -> Kind:
    """Which kind of record it becomes."""
    return "maintenance" if one.is_maintenance else "incident"

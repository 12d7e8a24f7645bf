"""Who is called, for a person at three in the morning, or for a program."""

from collections.abc import Iterator
from datetime import datetime, tzinfo
from typing import Any

from svcops.catalogue.escalation import Call, Deadline, Level, Plan, Reachable
from svcops.catalogue.model import Contact
from svcops.store.graph import Graph
from svcops.timing.model import format_duration, format_instant
from svcops.timing.wall import shown

_DURING = {"support-hours": "if in the support hours", "outside-hours": "if outside the support hours"}
"""What is told of a level where nobody knows whether it applies."""


def as_text(graph: Graph, plan: Plan, now: datetime, zone: tzinfo) -> str:
    """The plan as a page: whom to call and how, then the levels, then what is promised."""
    return "\n".join(_lines(graph, plan, now, zone))


def _lines(graph: Graph, plan: Plan, now: datetime, zone: tzinfo) -> Iterator[str]:
    yield headline(plan)
    yield from (f"! {doubt}" for doubt in (*plan.notes, *plan.doubts))
    for level in plan.levels:
        yield ""
        yield _when(level, plan, now, zone)
        for call in level.calls:
            yield from _call(call, level.when, zone)
    if not plan.has_policy_call:
        yield ""
        yield "Who answers for it"
        for call in plan.owner:
            yield from _call(call, plan.at, zone)
    yield ""
    yield from _about(graph, plan, now, zone)


def headline(plan: Plan) -> str:
    """The one line that has to be read."""
    if plan.first is None:
        return f"Nobody can be reached for {plan.service.name}: no contact of any level, nor of the owners"
    return f"Call {plan.first.title}: {_way(plan.first.ways[0])}"


def _when(level: Level, plan: Plan, now: datetime, zone: tzinfo) -> str:
    during = f", {_DURING[level.during]}" if plan.hours.hold(level.when) is None and level.during in _DURING else ""
    if level.after:
        return f"No answer by {shown(level.when, zone)}, after {format_duration(level.after)}{during}"
    at_once = f"At once ({shown(level.when, zone)})" if _is_now(plan.at, now) else f"At {shown(level.when, zone)}"
    return f"{at_once}{during}"


def _is_now(at: datetime, now: datetime) -> bool:
    """Whether that is the present second: what people type has no finer times."""
    return at.replace(microsecond=0) == now.replace(microsecond=0)


def _call(call: Call, when: datetime, zone: tzinfo) -> Iterator[str]:
    """Somebody with every way to reach them; then, a line each, whom to try instead."""
    first = "or" if call.to else "call"
    if call.to is None:
        yield f"  Nobody{f' from {call.schedule}' if call.schedule else ''}"
    else:
        until = f"{shown(call.until, zone)} ({format_duration(call.until - when)})" if call.until else "further notice"
        on_call = f", on call in {call.schedule} until {until}" if call.schedule else ""
        yield f"  {_name(call.to)}{on_call}"
        width = max((len(way.channel) for way in call.to.ways), default=0)
        yield from (f"    {way.channel:<{width}}  {way.address}" for way in call.to.ways)
    yield from (f"    ! {note}" for note in call.notes)
    for number, one in enumerate(call.instead):
        yield f"    {'or' if number else first} {_name(one)}: {'; '.join(map(_way, one.ways)) or 'no contact'}"


def _about(graph: Graph, plan: Plan, now: datetime, zone: tzinfo) -> Iterator[str]:
    service, policy = plan.service, plan.policy
    external = f"  (run by somebody else: {service.value.owner} talks to them)" if service.value.external else ""
    yield f"{service.name}  {service.value.title}{external}"
    level = graph.settings.severity(plan.severity)
    yield f"  severity  {plan.severity}  {level.title if level else ''}".rstrip()
    yield f"  declared  {shown(plan.at, zone)}, {_away(plan.at, now)}"
    named = f"{policy.entry.name} ({policy.entry.value.title}), named by {policy.via}" if policy.entry else "none"
    yield f"  policy    {named}"
    yield f"  hours     {_hours(plan)}"
    width = max((len(one.what) for one in plan.deadlines), default=0)
    yield from (f"  {one.what:<{max(width, 8)}}  {_deadline(one, zone)}" for one in plan.deadlines)
    yield f"  times     {zone}"


def _away(at: datetime, now: datetime) -> str:
    """How far an instant is from now: whoever meant another day sees it here."""
    if _is_now(at, now):
        return "now"
    at, now = at.replace(microsecond=0), now.replace(microsecond=0)
    return f"in {format_duration(at - now)}" if at > now else f"{format_duration(now - at)} ago"


def _hours(plan: Plan) -> str:
    if not plan.hours.of:
        return "unknown: neither the policy nor an agreement says which are support hours"
    if plan.in_hours is None:
        return f"unknown: those of {plan.hours.of} cannot be told"
    return f"{'in' if plan.in_hours else 'outside'} the support hours of {plan.hours.holding(plan.at)}"


def _deadline(one: Deadline, zone: tzinfo) -> str:
    end = f"by {shown(one.end, zone)}" if one.end else "at no time of the next ten years"
    clock = " of support hours" if one.clock == "support-hours" else ""
    return f"{end}, {format_duration(one.span)}{clock} (agreement {one.agreement.name})"


def _name(one: Reachable) -> str:
    """A note says why there is no title."""
    return f"{one.title} ({one.name})" if one.title else one.name


def _way(way: Contact) -> str:
    return f"{way.channel} {way.address}"


def as_json(plan: Plan) -> dict[str, Any]:
    """The plan as one JSON object: instants in UTC, spans in seconds, null for what is not known."""
    policy, service = plan.policy.entry, plan.service.value
    return {
        "service": {
            "name": plan.service.name,
            "title": service.title,
            "owner": service.owner,
            "external": service.external,
            "path": plan.service.path,
        },
        "severity": plan.severity,
        "at": _time(plan.at),
        "call_first": _reachable_json(plan.first) if plan.first else None,
        "policy": None
        if policy is None
        else {"name": policy.name, "title": policy.value.title, "named_by": plan.policy.via, "path": policy.path},
        "support_hours": {"of": plan.hours.holding(plan.at) or None, "open": plan.in_hours},
        "levels": [
            {
                "level": level.number,
                "during": level.during,
                "at": _time(level.when),
                "after_seconds": level.after.total_seconds(),
                "calls": [_call_json(call) for call in level.calls],
            }
            for level in plan.levels
        ],
        "owners": [_call_json(call) for call in plan.owner],
        "deadlines": [
            {
                "what": one.what,
                "ends": _time(one.end),
                "seconds": one.span.total_seconds(),
                "clock": one.clock,
                "agreement": one.agreement.name,
            }
            for one in plan.deadlines
        ],
        "notes": [*plan.doubts, *plan.notes],
    }


def _call_json(call: Call) -> dict[str, Any]:
    return {
        "to": _reachable_json(call.to) if call.to else None,
        "instead": [_reachable_json(one) for one in call.instead],
        "schedule": call.schedule,
        "until": _time(call.until),
        "notes": list(call.notes),
    }


def _reachable_json(one: Reachable) -> dict[str, Any]:
    return {
        "kind": one.kind,
        "name": one.name,
        "title": one.title or None,
        "contacts": [{"channel": way.channel, "address": way.address} for way in one.ways],
    }


def _time(moment: datetime | None) -> str | None:
    return format_instant(moment) if moment else None

"""What is sent to whom: an event of an incident as JSON, as a text for a chat, as an event for a pager. Pure.

Slack: https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks
PagerDuty: https://developer.pagerduty.com/docs/events-api-v2-overview
"""

import re
from collections.abc import Mapping
from typing import Any

from svcops.incidents.facts import State, is_major
from svcops.incidents.model import (
    COMMANDER,
    Acknowledged,
    AnyEvent,
    Cancelled,
    Closed,
    Merged,
    Opened,
    Reopened,
    Resolved,
    RoleGiven,
    SeverityChanged,
)
from svcops.incidents.notice_templates import LONGEST, for_slack
from svcops.incidents.presenting import summary, words
from svcops.store.entries import Entry
from svcops.store.graph import Graph
from svcops.store.ids import tail
from svcops.store.settings import Notice
from svcops.store.yaml_writing import plain_of

SCHEMA = "svcops.notice/1"
_ENQUEUE = "https://events.pagerduty.com/v2/enqueue"
_ROUTING_KEY = re.compile(r"[A-Za-z0-9]{32}")
"""Any other length PagerDuty refuses, too."""
_LONGEST_SUMMARY = 1024
"""Characters that PagerDuty takes."""
_LEVELS = ("critical", "error", "warning", "info")
"""PagerDuty's severities, the highest first."""
_ENDS = (Resolved, Closed, Cancelled, Merged)
_RAISING = (Opened, Reopened, SeverityChanged)
_JUDGING = (Opened, SeverityChanged)


def wanted(graph: Graph, notice: Notice, state: State, event: AnyEvent) -> bool:
    """Whether somebody is to hear of an event. A severity that the settings do not know is as good as any.

    A pager hears of the end of whatever it may have been rung for, however it ended, and however bad it was by then.
    """
    told = event.type in notice.on and _is_of(graph, notice, state.severity)
    if notice.kind != "pagerduty":
        return told
    return action(state, event) is not None and (told or (isinstance(event, _ENDS) and _rang(graph, notice, state)))


def _is_of(graph: Graph, notice: Notice, severity: str | None) -> bool:
    known = graph.settings.severity(severity or "")
    return not notice.severities or known is None or severity in notice.severities


def _rang(graph: Graph, notice: Notice, state: State) -> bool:
    """Whether a pager may have been rung for an incident: for one that it never heard of, an end does no harm."""
    events = [one.value for one in state.events]
    judged = [one.severity if isinstance(one, Opened) else one.to for one in events if isinstance(one, _JUDGING)]
    raised = any(isinstance(one, _RAISING) and one.type in notice.on for one in events)
    return raised and any(_is_of(graph, notice, severity) for severity in judged)


def action(state: State, event: AnyEvent) -> str | None:
    """What PagerDuty is to do about an event, or None: what is said of an incident meanwhile pages nobody.

    An alert there is raised only while the incident goes on, so that one which comes late rings for nothing; nor does
    the correction of an event that was told of already.
    """
    if isinstance(event, _ENDS):
        return "resolve"
    if state.phase not in ("incident", "remediation") or event.supersedes:
        return None
    if isinstance(event, _RAISING):
        return "trigger"
    if isinstance(event, Acknowledged) or (isinstance(event, RoleGiven) and event.role == COMMANDER and event.to):
        return "acknowledge"
    return None


def values(graph: Graph, state: State, event: Entry[AnyEvent]) -> dict[str, Any]:
    """What a template sees, and what is sent as JSON: plain data; unknown times are null."""
    what, text = words(event.value)
    what = f"{what}, corrected" if event.value.supersedes else what
    return {
        "event": {**plain_of(event.value), "name": event.name.rpartition("/")[2], "what": what, "text": text},
        "incident": {
            **summary(state),
            "tail": tail(state.id),
            "major": is_major(graph, state.severity),
            "roles": dict(state.roles),
        },
    }


SAMPLE: dict[str, Any] = {
    "event": {
        "type": "opened",
        "at": "2026-11-23T08:15:00+01:00",
        "recorded_at": "2026-11-23T08:15:00+01:00",
        "by": "svcops",
        "severity": "sev4",
        "from": "normal operations",
        "name": "20261123t071500000z-opened-k7f3q2",
        "what": "Test",
        "text": "nothing happened, and nothing is to be done",
    },
    "incident": {
        "id": "incident-20261123-k7f3q2",
        "title": "This is a test of the notices of svcops",
        "services": [],
        "detected_by": "staff",
        "imported": None,
        "severity": "sev4",
        "phase": "incident",
        "impact_started": None,
        "declared": "2026-11-23T08:15:00+01:00",
        "acknowledged": None,
        "mitigated": None,
        "resolved": None,
        "closed": None,
        "ending": None,
        "merged_into": None,
        "tail": "k7f3q2",
        "major": False,
        "roles": {},
    },
}
"""What `values` gives, of no incident at all: for trying a notice out."""


def line(about: Mapping[str, Any]) -> str:
    """One event in a line: which incident, how bad, what happened."""
    incident, event = about["incident"], about["event"]
    services = f" ({', '.join(incident['services'])})" if incident["services"] else ""
    head = f"{incident['tail']} {incident['severity'] or 'severity unknown'}: {incident['title']}{services}"
    told = ": ".join(filter(None, (event["what"], event["text"])))
    text = " - ".join(filter(None, (head, " ".join(told.split()))))
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def body(notice: Notice, about: Mapping[str, Any], text: str, *, key: str, doing: str, level: str) -> dict[str, Any]:
    """What is posted; `key`, `doing` and `level` are PagerDuty's routing key, event action and severity.

    `text` is ready to be sent: for Slack, escaped.
    """
    if notice.kind == "slack":
        return {"text": text}
    if notice.kind == "json":
        return {"schema": SCHEMA, "text": text, **about}
    incident = about["incident"]
    request: dict[str, Any] = {
        "routing_key": key,
        "event_action": doing,
        "dedup_key": incident["id"],
        "client": "svcops",
    }
    if doing == "trigger":
        request["payload"] = {
            "summary": text[:_LONGEST_SUMMARY],
            "source": ", ".join(incident["services"])[:_LONGEST_SUMMARY] or "svcops",
            "severity": level,
            "timestamp": about["event"]["at"],
            "custom_details": {name: incident[name] for name in ("id", "title", "severity", "phase", "major")},
        }
    return request


def level_of(graph: Graph, severity: str | None) -> str:
    """PagerDuty's word for a severity, by its place among the store's; one that is not among them is the highest."""
    names = [one.name for one in graph.settings.severities]
    rank = names.index(severity) if severity in names else 0
    return _LEVELS[min(rank, len(_LEVELS) - 1)]


class BadTarget(Exception):
    """What the variable of a notice holds is nothing to send to; the text says why, and shows none of it."""


def target(notice: Notice, value: str) -> tuple[str, str]:
    """The address and PagerDuty's routing key that an environment variable holds; the key is empty for the others.

    For PagerDuty it is the key alone, or an address, a blank, and the key: as for its servers in Europe. BadTarget
    where it is no key: another secret must not go out in its place.
    """
    if notice.kind != "pagerduty":
        return value.strip(), ""
    *address, key = value.split() or [""]
    if len(address) > 1 or not _ROUTING_KEY.fullmatch(key):
        raise BadTarget("what its variable holds is no routing key of PagerDuty, of 32 letters or digits")
    return address[0] if address else _ENQUEUE, key


def plain_text(notice: Notice, about: Mapping[str, Any]) -> str:
    """The text where there is no template, or none that can be rendered."""
    text = line(about)
    return str(for_slack(text)) if notice.kind == "slack" else text

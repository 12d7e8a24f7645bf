"""What Alertmanager sends: its webhook payload of version 4, read into values. Nothing here knows of incidents.

The format: https://prometheus.io/docs/alerting/latest/configuration/#webhook_config. What a payload says may come from
whoever can raise an alert: texts are bounded and free of control characters, and nothing of them is ever obeyed.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any, Literal

from svcops.errors import BadInput
from svcops.store.frozen import frozen
from svcops.terminal.session import printable
from svcops.timing.model import parse_instant

MOST_BYTES = 1 << 20
"""Of a payload: thousands of alerts."""
VERSION = "4"
Status = Literal["firing", "resolved"]
_LONGEST = 500
"""Characters of a label's or an annotation's value that are kept."""
_FIRST_YEAR = 1970
"""Go's zero time stands for `not known`, and is in the year 1."""


class BadPayload(BadInput):
    """It is no webhook payload of Alertmanager, or of another version than 4."""

    def __init__(self, reason: str, *, help: str = "Its receiver needs webhook_configs.") -> None:
        super().__init__(f"no webhook payload of Alertmanager: {reason}", help=help)


@frozen
class Alert:
    """One alert; times are aware, in whole milliseconds."""

    fingerprint: str
    """What tells it from others: made of its labels."""
    status: Status
    labels: Mapping[str, str]
    annotations: Mapping[str, str]
    started: datetime
    ended: datetime | None
    """When it fired no more; None while that is not known."""

    @property
    def name(self) -> str:
        """Its rule, by the label that Prometheus gives every alert."""
        return " ".join(self.labels.get("alertname", "").split()) or "an alert without a name"


@frozen
class Message:
    """One payload: how a group of alerts stands."""

    key: str
    """Which group: the same in every message about it, until the routes are changed."""
    status: Status
    """resolved: none of the group fires any more."""
    alerts: tuple[Alert, ...]
    """At least one."""
    truncated: int
    """How many alerts of the group the message leaves out."""
    source: str
    """Which Alertmanager, by its address."""
    group: Mapping[str, str]
    """The labels that make the group what it is: part of its key, so the same in every message about it."""
    labels: Mapping[str, str]
    """What all its alerts have in common."""

    @property
    def firing(self) -> tuple[Alert, ...]:
        """Those that fire now."""
        return tuple(one for one in self.alerts if one.status == "firing")


def parse(data: bytes) -> Message:
    """Read a payload; BadPayload says what is wrong with it, and where."""
    if len(data) > MOST_BYTES:
        raise BadPayload(f"more than {MOST_BYTES:,} bytes", help="Set max_alerts of the webhook_configs.")
    try:
        plain = json.loads(data)
    except RecursionError:
        raise BadPayload("nested too deep") from None
    except ValueError as error:
        raise BadPayload(f"not JSON ({str(error)[:100]})") from None
    of = _mapping(plain, "the payload")
    version = of.get("version")
    if version != VERSION:
        raise BadPayload(f"its version is {json.dumps(version)[:20]}, and 4 is what is understood")
    truncated = of.get("truncatedAlerts") or 0
    if not isinstance(truncated, int) or truncated < 0:
        raise BadPayload("truncatedAlerts is no number of alerts")
    listed = of.get("alerts")
    if not isinstance(listed, list) or not listed:
        raise BadPayload("alerts is not a list with an alert in it")
    return Message(
        key=_text(of, "groupKey"),
        status=_status(of, ""),
        alerts=tuple(_alert(one, f"alerts[{number}]") for number, one in enumerate(listed)),
        truncated=truncated,
        source=_cut(_text(of, "externalURL", default="")),
        group=_texts(of, "groupLabels"),
        labels=_texts(of, "commonLabels"),
    )


def _alert(plain: Any, where: str) -> Alert:
    of = _mapping(plain, where)
    labels = _texts(of, "labels", f"{where}.")
    started = _time(of, "startsAt", f"{where}.")
    if started is None:
        raise BadPayload(f"{where}.startsAt is missing")
    return Alert(
        fingerprint=_text(of, "fingerprint", f"{where}.", default="") or _fingerprint(labels),
        status=_status(of, f"{where}."),
        labels=labels,
        annotations=_texts(of, "annotations", f"{where}."),
        started=started,
        ended=_time(of, "endsAt", f"{where}."),
    )


def _fingerprint(labels: Mapping[str, str]) -> str:
    """Stands in where the sender leaves it out: Alertmanager before 0.19."""
    return sha256(json.dumps(sorted(labels.items())).encode()).hexdigest()[:16]


def _mapping(plain: Any, where: str) -> dict[str, Any]:
    if not isinstance(plain, dict):
        raise BadPayload(f"{where} is no object")
    return plain


def _status(of: Mapping[str, Any], where: str) -> Status:
    status = of.get("status")
    if status == "firing":
        return "firing"
    if status == "resolved":
        return "resolved"
    raise BadPayload(f"{where}status is neither firing nor resolved")


def _text(of: Mapping[str, Any], key: str, where: str = "", *, default: str | None = None) -> str:
    """One text; without a default it must be there."""
    value = of.get(key)
    if value is None and default is not None:
        return default
    if not isinstance(value, str) or not (value.strip() or default is not None):
        raise BadPayload(f"{where}{key} is no text, or empty")
    return printable(value)


def _texts(of: Mapping[str, Any], key: str, where: str = "") -> dict[str, str]:
    """Labels or annotations: texts by name; none where they are left out."""
    found = of.get(key)
    if found is None:
        return {}
    if not isinstance(found, dict) or not all(isinstance(value, str) for value in found.values()):
        raise BadPayload(f"{where}{key} does not map names to texts")
    return {_cut(printable(name)): _cut(printable(value)) for name, value in found.items()}


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def _time(of: Mapping[str, Any], key: str, where: str) -> datetime | None:
    value = of.get(key)
    if value is None:
        return None
    try:
        moment = parse_instant(value if isinstance(value, str) else "")
    except ValueError as error:
        if isinstance(value, str) and value.startswith("0001-01-01"):
            return None
        raise BadPayload(f"{where}{key}: {error}") from None
    if moment.year < _FIRST_YEAR:
        return None
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)

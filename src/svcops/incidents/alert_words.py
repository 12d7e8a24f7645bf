"""What alerts say, in the words of this store: which services, how bad, in which line. Pure functions."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import field

from svcops.errors import BadInput
from svcops.incidents.alertmanager import Alert, Message
from svcops.store.frozen import frozen
from svcops.store.graph import Graph

ANY = "*"
"""In a mapping of severities: every value that it does not name."""
SILENT = "No alert of the group fires any more."
"""What is written of an end that only alerts told."""
_SLO_LABELS = ("slo", "sloth_slo")
"""Labels that alerts on an error budget have: Pyrra's and Prometheus rules' own, and Sloth's."""
_LONGEST_TITLE = 200
_MOST_TOLD = 10
"""Alerts that an event tells of by name."""


@frozen
class Rules:
    """What the labels of alerts mean in this store."""

    service_label: str = "service"
    services: tuple[str, ...] = ()
    """Those disturbed where the label names none of the catalogue."""
    severities: Mapping[str, str] = field(default_factory=dict)
    """Severities of svcops.yaml by values of the label `severity`."""


def ranks_of(graph: Graph) -> dict[str, int]:
    """The store's severities; 0 is the highest."""
    return {level.name: rank for rank, level in enumerate(graph.settings.severities)}


def first(alerts: Sequence[Alert]) -> tuple[Alert, ...]:
    """Those that began at once, before the others: whoever joins later is not among them."""
    began = min(one.started for one in alerts)
    return tuple(one for one in alerts if one.started == began)


def is_of_slo(message: Message, alerts: Sequence[Alert]) -> bool:
    """Whether a group is about an error budget, or an alert on one began first."""
    told = (message.group, *(one.labels for one in first(alerts)))
    return any(label in labels for labels in told for label in _SLO_LABELS)


def text(message: Message) -> str:
    """Which alerts, in a line: what tells each from the others of its group, or else what it says itself."""
    alerts = message.firing if message.status == "firing" and message.firing else message.alerts
    told = [_called(one, message) for one in alerts[:_MOST_TOLD]]
    if len(alerts) > _MOST_TOLD:
        told.append(f"and {len(alerts) - _MOST_TOLD} more")
    if message.truncated:
        told.append(f"and {message.truncated} that the message left out")
    return "; ".join(dict.fromkeys(told))


def _called(alert: Alert, message: Message) -> str:
    own = [f"{name}={value}" for name, value in sorted(alert.labels.items()) if message.labels.get(name) != value]
    own = [one for one in own if not one.startswith("alertname=")]
    said = alert.annotations.get("summary", "")
    return _line(
        " ".join(filter(None, (alert.name, f"({', '.join(own)})" if own else "", f"- {said}" if said else "")))
    )


def title(message: Message, alerts: Sequence[Alert], services: Collection[str]) -> str:
    """What to call the incident: by the labels of the group, without the `services`, which it names apart.

    What the alerts say of themselves differs from one message to the next; of a group that mixes alerts of several
    names, it is called by the one that began first.
    """
    name = " ".join(message.group.get("alertname", "").split()) or min(one.name for one in first(alerts))
    own = [
        f"{label}={value}"
        for label, value in sorted(message.group.items())
        if label != "alertname" and value.strip().lower() not in services
    ]
    return _line(f"{name} ({', '.join(own)})" if own else name)


def _line(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST_TITLE else line[: _LONGEST_TITLE - 1] + "…"


def services(
    graph: Graph, message: Message, alerts: Sequence[Alert], rules: Rules
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The services that are disturbed, and what is named and not in the catalogue; both sorted.

    The group's own, else those of the alerts that began first, else those of any alert, else those that stand in.
    """
    known = set(graph.names("service"))
    told = [[message.group], [one.labels for one in first(alerts)], [one.labels for one in alerts]]
    named = [{labels.get(rules.service_label, "").strip().lower() for labels in several} for several in told]
    found = next((tuple(sorted(names & known)) for names in named if names & known), ())
    unknown = sorted(set[str]().union(*named) - known - {""})
    remarks = tuple(f"the catalogue has no service {one!r}" for one in unknown)
    if found or rules.services:
        return found or rules.services, remarks
    what = f"{rules.service_label}={unknown[0]} is" if unknown else f"without a label {rules.service_label!r} there is"
    from svcops.store.suggest import did_you_mean

    near = did_you_mean(unknown[0], known) if unknown else ""
    raise BadInput(
        f"{what} no service of the catalogue, so no incident was opened",
        help=f"{near} --service NAME stands in for alerts that name none; --service-label names another label.".strip(),
    )


def named(graph: Graph, alerts: Iterable[Alert], rules: Rules) -> tuple[str, ...]:
    """The services of the catalogue that these alerts name, sorted."""
    names = {one.labels.get(rules.service_label, "").strip().lower() for one in alerts}
    return tuple(sorted(names.intersection(graph.names("service"))))


def severity(graph: Graph, alerts: Iterable[Alert], rules: Rules) -> tuple[str, tuple[str, ...]]:
    """The highest severity of the alerts; what is not mapped, and is no severity here, counts as the highest."""
    ranks = ranks_of(graph)
    if not ranks:
        raise BadInput("svcops.yaml names no severity, so no incident can be opened", help="Name at least one there.")
    highest = min(ranks, key=lambda name: ranks[name])
    severities, remarks = [], []
    for said in dict.fromkeys(one.labels.get("severity", "") for one in alerts):
        meant = rules.severities.get(said) or (said if said in ranks else rules.severities.get(ANY))
        if meant is None:
            what = f"the label severity={said} is not mapped" if said else "an alert has no label severity"
            remarks.append(f"{what}, so it counts as {highest}: --severity {said or ANY}=NAME")
        severities.append(meant or highest)
    return min(severities, key=lambda name: ranks.get(name, -1)), tuple(remarks)

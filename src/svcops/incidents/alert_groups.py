"""What the store knows of a group of alerts: its incident, in whose place another may go on, and what was told of them.

From a merge on, alerts of the duplicate's group belong to the timeline of the one that goes on, with the group's key.
Pure functions of the graph.
"""

from collections.abc import Iterator
from datetime import UTC, datetime

from svcops.incidents.alert_words import ranks_of
from svcops.incidents.alertmanager import Alert, Message
from svcops.incidents.facts import State, fold
from svcops.incidents.model import Alerted
from svcops.store.frozen import frozen
from svcops.store.graph import Graph
from svcops.store.ids import year_of


@frozen
class Known:
    """The incident of a group, and those that it was merged into, in turn."""

    key: str
    chain: tuple[State, ...]

    @property
    def on(self) -> State:
        """The incident to whose timeline the group belongs: the one that goes on in the place of its own, or that."""
        last = self.chain[-1]
        return last if last.ending != "merged" else self.chain[0]  # what leads in a circle, or nowhere, goes on nowhere

    @property
    def is_merged(self) -> bool:
        """Whether another incident goes on in the place of the group's own."""
        return self.on is not self.chain[0]

    @property
    def goes_on(self) -> bool:
        """Whether it is not resolved yet.

        One that nobody declared, as that event is damaged, goes on: doubt must not open a second one for each message.
        """
        last = self.chain[-1]
        return last.ending != "merged" and (last.declared is None or last.phase in ("incident", "remediation"))

    @property
    def told(self) -> list[Alerted]:
        """What the timelines tell of the group's alerts, in the order in which that was recorded."""
        own, *others = self.chain
        found = [one for one in _alerts(own) if one.group in (None, self.key)]
        found += [one for other in others for one in _alerts(other) if one.group == self.key]
        return sorted(found, key=lambda one: one.recorded_at) if others else found

    @property
    def last(self) -> Alerted | None:
        """What was told last."""
        told = self.told
        return told[-1] if told else None

    def fresh(self, message: Message) -> tuple[Alert, ...]:
        """The alerts that fire, and that nobody told it of."""
        known: dict[str, datetime] = {}
        for one in self.told:
            for alert in one.alerts:
                known[alert.fingerprint] = max(alert.since, known.get(alert.fingerprint, alert.since))
        return tuple(
            one
            for one in message.firing
            if one.fingerprint not in known or one.started.astimezone(UTC) > known[one.fingerprint]
        )


def known(graph: Graph, key: str) -> Known | None:
    """What goes on for a group, else what was declared last; None where no incident was opened for it.

    Where an earlier one of the same group was merged into a later one, that is the later one itself.
    """
    ids = [name for name, one in graph.all("incident").items() if one.value.alert and one.value.alert.key == key]
    found = [of_incident(graph, one) for one in ids]
    earliest = datetime.min.replace(tzinfo=UTC)
    order = ((one.goes_on, not one.is_merged, one.chain[0].declared or earliest, one.chain[0].id) for one in found)
    return max(zip(order, found, strict=True), key=lambda one: one[0], default=(None, None))[1]


def of_incident(graph: Graph, incident_id: str) -> Known:
    """The group of that incident."""
    chain = tuple(_chain(graph, incident_id))
    alert = chain[0].incident.alert
    return Known(alert.key if alert else "", chain)


def others_that_fire(graph: Graph, group: Known) -> list[str]:
    """The incidents of other groups, one with this group's, whose alerts were told to fire last."""
    on = group.on
    every = [on.id, *on.taken]
    groups = [of_incident(graph, one) for one in every if one in graph.all("incident") and one != group.chain[0].id]
    others = [one for one in groups if one.key not in ("", group.key) and one.on.id == on.id]
    return [one.chain[0].id for one in others if one.last and one.last.status == "firing"]


def _chain(graph: Graph, incident_id: str) -> Iterator[State]:
    seen = set[str]()
    name: str | None = incident_id
    while name in graph.all("incident") and name not in seen:
        assert name
        seen.add(name)
        yield (one := _folded(graph, name))
        name = one.merged_into


def _folded(graph: Graph, incident_id: str) -> State:
    """As `facts.state` does it, of which the record is read already, as all are."""
    events = graph.part("incident-event", year=year_of(incident_id), owner=incident_id)
    return fold(graph.all("incident")[incident_id], events.values(), list(ranks_of(graph)))


def _alerts(one: State) -> list[Alerted]:
    return [event.value for event in one.events if isinstance(event.value, Alerted)]

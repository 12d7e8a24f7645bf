"""What is known already when an incident is declared: known errors, incidents like it, what worked, what is undone."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from itertools import islice
from typing import Any

from svcops.catalogue.agreements import zone_of
from svcops.incidents.alert_words import SILENT
from svcops.incidents.facts import State
from svcops.incidents.measures import MeasureState, measures_of
from svcops.incidents.model import AlertGroup, Mitigated, Resolved
from svcops.incidents.problems import known_errors, not_verified, workaround_of
from svcops.incidents.similarity import Similar, similar_to
from svcops.store import forked
from svcops.store.frozen import frozen
from svcops.store.graph import Graph
from svcops.store.ids import tail
from svcops.timing.wall import in_zone

_MOST = 3
"""Incidents like it that are told, and as many that are open."""
_LOOKED_AT = 12
"""Incidents like it among which those are looked for that tell something."""
_MANY = 1_000
"""Incidents from which a second process saves more than it costs."""
_LONGEST = 200
"""Characters of what worked; the rest is where it was written."""


@frozen
class Precedent:
    """An incident like the one that was declared."""

    state: State
    likeness: Similar
    worked: str
    """What mitigated it and what ended it, as it was written then; empty where no person wrote that."""
    undone: tuple[MeasureState, ...]
    """Its measures that are neither anchored nor dropped."""
    outlived: tuple[MeasureState, ...]
    """Its measures that were anchored before the one that was declared: if that is the same, they did not hold."""

    @property
    def is_open(self) -> bool:
        """Whether it goes on, so that the new one may be its duplicate."""
        return self.state.phase in ("incident", "remediation") and self.state.incident.imported is None

    @property
    def tells(self) -> bool:
        """Whether there is anything to learn from it."""
        return bool(self.worked or self.undone or self.outlived)


def precedents(
    graph: Graph,
    title: str,
    services: Sequence[str],
    declared: datetime,
    *,
    alert: AlertGroup | None = None,
    new: str = "",
) -> list[Precedent]:
    """The incidents most like one of this title and these services that is declared then, for that alert.

    Those that are open come first, as it may be one of them. Of the others those that tell something go before those
    that tell nothing; each kind begins with the likest. The `new` incident, which may be there by now, is none of them.
    """
    open_: list[Precedent] = []
    over: list[Precedent] = []
    alike = ((state, one) for state, one in similar_to(graph, title, services, alert=alert) if state.id != new)
    for state, one in islice(alike, _LOOKED_AT):
        found = _precedent(state, one, measures_of(graph, state.id), declared)
        (open_ if found.is_open else over).append(found)
        if sum(one.tells for one in over) == _MOST:
            break
    return [*open_[:_MOST], *sorted(over, key=lambda one: not one.tells)[:_MOST]]


def _precedent(state: State, like: Similar, measures: Sequence[MeasureState], declared: datetime) -> Precedent:
    undone = tuple(one for one in measures if one.standing == "open")
    outlived = tuple(one for one in measures if one.anchored_at and one.anchored_at < declared)
    return Precedent(state, like, worked(state), undone, outlived)


class Looking:
    """Precedents that are looked for while the incident is written: in a large store by a second process."""

    def __init__(self, graph: Graph, title: str, services: Sequence[str], declared: datetime) -> None:
        self._given = (graph, title, services, declared)
        self._second: forked.Forked | None = None
        if len(graph.folder_names("incident")) >= _MANY:
            graph.let_go()
            self._second = forked.start(lambda: precedents(*self._given))

    def found(self, new: str) -> list[Precedent]:
        """Wait for them; the `new` incident, which may be there by now, is none of them."""
        if self._second:
            with suppress(BrokenPipeError):
                found: list[Precedent] = self._second.result()
                return found
        return precedents(*self._given, new=new)

    def give_up(self) -> None:
        """They are not wanted any more."""
        if self._second:
            self._second.give_up()


def worked(state: State) -> str:
    """What was written when it was mitigated and when it was resolved; of several, the last that counts."""
    if state.resolved is None:
        return ""
    counting = [one.value for one in state.counting]
    said = {type(event): event.text.strip() for event in counting if isinstance(event, Mitigated | Resolved)}
    told = (said.get(kind, "") for kind in (Mitigated, Resolved))
    return "; ".join(dict.fromkeys(text for text in told if text not in ("", SILENT)))


def lines(graph: Graph, found: Sequence[Precedent], services: Sequence[str], new: str) -> Iterator[str]:
    """What whoever declares the `new` incident should read, a line each."""
    for problem in known_errors(graph, services):
        yield f"known error {tail(problem.id)}: {problem.problem.title}; workaround: {workaround_of(problem)}"
    for problem in not_verified(graph, services):
        told = f"resolved, not verified yet {tail(problem.id)}: {problem.problem.title}"
        yield f"{told}; workaround, should it be back: {workaround_of(problem)}"
    for one in found:
        day = [f"{one.state.declared:%Y-%m-%d}"] if one.state.declared else []
        yield f"similar: {tail(one.state.id)}  {one.state.incident.title} ({'; '.join([*day, *one.likeness.reasons])})"
        if one.is_open:
            yield f"  open now: svcops incident merge {tail(new)} --into {tail(one.state.id)}, if it is the same"
        if one.worked:
            yield f"  what worked: {_short(one.worked)}"
        for measure in one.undone:
            due = measure.measure.due
            yield f"  still undone: {tail(measure.id)}  {measure.measure.title} ({measure.measure.owner}, due {due})"
        for measure in one.outlived:
            since = f"{in_zone(measure.anchored_at, zone_of(graph)):%Y-%m-%d}" if measure.anchored_at else ""
            yield f"  did not hold, if it is the same: {tail(measure.id)}  {measure.measure.title} (anchored {since})"


def content(found: Sequence[Precedent]) -> list[dict[str, Any]]:
    """The same for a program."""
    return [
        {
            "id": one.state.id,
            "title": one.state.incident.title,
            "score": round(one.likeness.score, 3),
            "reasons": list(one.likeness.reasons),
            "open": one.is_open,
            "worked": one.worked or None,
            "open_measures": [each.id for each in one.undone],
            "anchored_measures": [each.id for each in one.outlived],
        }
        for one in found
    ]


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"

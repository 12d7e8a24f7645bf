"""What the events of an incident lead to, one after the other, in the order in which they count."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Literal

from svcops.incidents.branches import ROOT, Branches, ends, names_of
from svcops.incidents.model import (
    COMMANDER,
    Acknowledged,
    AnyEvent,
    Cancelled,
    Closed,
    ImpactStarted,
    Incident,
    Merged,
    Mitigated,
    Opened,
    Phase,
    Reopened,
    Resolved,
    RoleGiven,
    SeverityChanged,
    TakenOver,
    Updated,
)
from svcops.incidents.wholes import Whole, with_those
from svcops.store.corrections import at_place, short
from svcops.store.entries import Entry

if TYPE_CHECKING:
    from datetime import datetime

NORMAL: Phase = "normal operations"
Ending = Literal["closed", "cancelled", "merged"]

MOVES: dict[type, tuple[tuple[Phase, ...], Phase]] = {
    Opened: ((NORMAL,), "incident"),
    Acknowledged: (("incident", "remediation"), "remediation"),
    Resolved: (("incident", "remediation"), "post-mortem"),
    Reopened: (("post-mortem", NORMAL), "remediation"),
    Cancelled: (("incident", "remediation"), NORMAL),
    Merged: (("incident", "remediation", "post-mortem"), NORMAL),
    Closed: (("post-mortem",), NORMAL),
}
"""For each event that moves the phase: from which phases it may, and to which.

In remediation an incident that was reopened before anybody acknowledged it still can be, once.
"""
_ENDINGS: dict[type, Ending] = {Closed: "closed", Cancelled: "cancelled", Merged: "merged"}


class Tale:
    """What the events have led to so far."""

    def __init__(self, ordered: list[Entry[AnyEvent]]) -> None:
        self.ordered = ordered
        self.phase: Phase = NORMAL
        self.phases = Branches(ordered)
        self.judged: list[Entry[AnyEvent]] = []
        self.roles: dict[str, str] = {}
        self.holders: dict[str, Branches] = {}
        self.times: dict[type, datetime] = {}
        self.starts: list[Entry[AnyEvent]] = []
        self.void: list[Entry[AnyEvent]] = []
        self.overtaken: dict[str, Entry[AnyEvent]] = {}
        self.replaced: list[Entry[AnyEvent]] = []
        self.moved: Entry[AnyEvent] | None = None
        self.early: list[tuple[Entry[AnyEvent], Entry[AnyEvent]]] = []
        self.ending: Ending | None = None
        self.merged_into: str | None = None
        self.told: Updated | None = None
        self.taken: dict[str, Entry[TakenOver]] = {}
        self.reopened: list[datetime] = []
        self._answer: Entry[AnyEvent] | None = None
        """What ended the clock to acknowledge."""
        self._openings: list[Entry[AnyEvent]] = []
        """What declared it: since then nobody has a role."""

    def take(self, one: Entry[Any]) -> None:
        """One event more."""
        event = one.value
        kind = type(event)  # a store may have a hundred thousand events: this is faster than isinstance
        if kind in MOVES:
            self._move(one, kind)
        elif kind is ImpactStarted:
            self.starts.append(one)
        elif kind is Mitigated:  # of two branches that both say so, users could work again from the earlier on
            self.times[kind] = min(event.at, self.times.get(kind, event.at))
        elif kind is RoleGiven:
            self._role(one)
        elif kind is SeverityChanged:
            self.judged.append(one)
        elif kind is Updated:  # the latest that was told, whenever it was written down
            if self.told is None or event.at >= self.told.at:
                self.told = event
        elif kind is TakenOver:
            self.taken[event.of] = one
        if event.supersedes and kind not in MOVES and kind is not RoleGiven:
            self._take_back(one)

    def end(self) -> None:
        """No event more: of what several branches said of its start, the earliest counts."""
        if not self.starts:
            return
        if len(self.starts) > 1:
            said = ends(self.starts, self.ordered)
            self.replaced = [one for one in self.starts if one not in said]
            self.starts = said or self.starts[-1:]
        first = min(self.starts, key=lambda one: one.value.at)
        self.times[ImpactStarted] = first.value.at
        for one in self.starts:
            if one.value.at != first.value.at:
                self._lose(one, first)

    def whole(self, incident: Incident) -> Whole:
        """What the events amount to, with those of the duplicates."""
        times, told = self.times, self.told
        own = Whole(
            services=incident.services,
            detected_by=incident.detected_by,
            impact_started=times.get(ImpactStarted),
            declared=times.get(Opened),
            acknowledged=times.get(Acknowledged),
            next_update=told.next_by if told else None,
        )
        taken = [one.value for one in self.taken.values()]
        return with_those(own, taken, told) if taken else own

    def _move(self, one: Entry[Any], kind: type) -> None:
        event = one.value
        allowed, to = MOVES[kind]
        again = kind is Acknowledged and kind in self.times
        is_declared = Opened in self.times
        stays = event.from_ == to  # acknowledged after it was reopened
        if kind is Opened:
            self._openings.append(one)
        is_illegal = event.from_ != self.phase or self.phase not in allowed or again or is_declared == (kind is Opened)
        if is_illegal or not (kind is Opened or stays or self.phases.leads_on(event.follows, event.from_, self.phase)):
            self._overtaken(one, kind)
            return
        if not stays:
            self.phases.go(one, to)
        if self.moved and event.at < self.moved.value.at:
            self.early.append((one, self.moved))
        self.moved = one
        self.phase = to
        self.ending = _ENDINGS.get(kind)
        self.merged_into = event.into if kind is Merged else None
        if kind is Opened:
            self.judged.append(one)
        elif kind is Acknowledged:
            self._answer = one
        if kind is Reopened:
            self.reopened.append(event.at)
            for end in (Mitigated, Resolved, Closed):
                self.times.pop(end, None)
        elif kind is Resolved and event.time_unknown:
            self.times.pop(kind, None)
        else:
            self.times[Closed if self.ending else kind] = event.at

    def _overtaken(self, one: Entry[Any], kind: type) -> None:
        """A move that has no effect; and what counted in place of it, where another branch went on."""
        event = one.value
        allowed, to = MOVES[kind]
        tree, names = self.phases.tree, names_of(one, self.ordered)
        origin = ROOT if kind is Opened else tree.origin(event.follows, event.from_)
        if event.from_ == to:
            first = tree.left(origin)
        else:
            first = tree.miss(names, origin if event.from_ in allowed else None, to)
        answer: Any = self._answer.value if self._answer else None
        if kind is Acknowledged and answer and (type(answer) is RoleGiven or answer.from_ == event.from_):
            first = self._answer
        self._lose(one, first)
        if kind is Opened and event.from_ == NORMAL != self.phase:  # two clones did, for one alert
            self.judged.append(one)

    def _role(self, one: Entry[Any]) -> None:
        event = one.value
        role, to = event.role, event.to
        counts = self._gives(one)
        if counts and to is None:
            self.roles.pop(role, None)
        elif counts:
            self.roles[role] = to
        if role == COMMANDER and to is not None:
            self._command(one, counts=counts)

    def _gives(self, one: Entry[Any]) -> bool:
        """Whether somebody has a role from then on."""
        event = one.value
        to = event.to
        given = self.holders.get(event.role)
        if given is None:
            given = self.holders[event.role] = Branches(self.ordered, self._openings)
        holder = self.roles.get(event.role)
        if to == holder:
            given.tree.stay(names_of(one, self.ordered))
        elif given.leads_on(event.follows, event.from_, holder):
            given.go(one, to)
        else:
            tree = given.tree
            origin = tree.origin(event.follows, event.from_)
            self._lose(one, tree.miss(names_of(one, self.ordered), origin, to))
            return False
        if event.supersedes:
            given.tree.also(self._who_had(one))
        return True

    def _who_had(self, one: Entry[Any]) -> Iterator[str | None]:
        """Who had a role by what was said in the place of an event, before that corrected it."""
        for other in at_place(self.ordered, one):
            if isinstance(other.value, RoleGiven) and other.value.role == one.value.role:
                yield other.value.to

    def _command(self, one: Entry[Any], *, counts: bool) -> None:
        """A commander is named: the first acknowledges."""
        event = one.value
        acknowledges = counts and Acknowledged not in self.times
        if acknowledges and self.phase == "incident":
            self.phases.go(one, "remediation")
        else:
            self.phases.pass_by(one, "incident", "remediation")
        if acknowledges and self.phase in MOVES[Acknowledged][0]:
            self.phase = "remediation"
            self.moved = self._answer = one
            self.times[Acknowledged] = event.at
        elif acknowledges and Resolved in self.times and event.at <= self.times[Resolved]:
            self.times[Acknowledged] = event.at  # written down when there was time for it
            self._answer = one

    def _take_back(self, one: Entry[Any]) -> None:
        """An event in whose place this one stands moves nothing any more; what followed it still came from there."""
        for other in at_place(self.ordered, one):
            event: Any = other.value
            kind = type(event)
            if kind is RoleGiven and (given := self.holders.get(event.role)):
                tree = given.tree
                tree.miss([short(other)], tree.origin(event.follows, event.from_), event.to)
            elif kind in MOVES and kind is not Opened and event.from_ in MOVES[kind][0]:
                tree = self.phases.tree
                tree.miss([short(other)], tree.origin(event.follows, event.from_), MOVES[kind][1])

    def _lose(self, one: Entry[Any], first: Entry[Any] | None) -> None:
        """An event that has no effect; and what counted in place of it, where another branch went on."""
        self.void.append(one)
        if first:
            self.overtaken[one.name] = first

"""What an incident says together with those that were merged into it. Pure functions of its events.

Each `taken-over` event holds what a duplicate said when it was merged. So the incident that goes on is folded from its
own folder alone, and what it amounts to is the whole disruption: since its first sign, for all its services.
"""

from collections.abc import Collection
from datetime import datetime

from svcops.incidents.model import DetectedBy, Happened, TakenOver
from svcops.store.frozen import frozen


@frozen
class Whole:
    """What of an incident is told with its duplicates."""

    services: tuple[str, ...]
    detected_by: DetectedBy | None
    impact_started: datetime | None
    declared: datetime | None
    acknowledged: datetime | None
    next_update: datetime | None


def with_those(own: Whole, taken: Collection[TakenOver], told: Happened | None) -> Whole:
    """An incident's own, with what it took over: the earliest times, all services, who detected what came first.

    `told` is what users were told last: what a duplicate announced is kept by that, if it came after the merge.
    """
    first = min(taken, key=lambda one: one.declared)
    is_first = own.declared is None or first.declared < own.declared
    announced = [one.next_update for one in taken if told is None or order_of(told) < order_of(one)]
    return Whole(
        services=tuple(dict.fromkeys([*own.services, *(name for one in taken for name in one.services)])),
        detected_by=first.detected_by if is_first else own.detected_by,
        impact_started=_earliest(own.impact_started, *(one.impact_started for one in taken)),
        declared=first.declared if is_first else own.declared,
        acknowledged=_earliest(own.acknowledged, *(one.acknowledged for one in taken)),
        next_update=_earliest(own.next_update, *announced),
    )


def order_of(event: Happened) -> tuple[datetime, datetime]:
    """What tells which of two events came later, also within one second."""
    return (event.at, event.recorded_at)


def _earliest(*moments: datetime | None) -> datetime | None:
    return min((one for one in moments if one is not None), default=None)

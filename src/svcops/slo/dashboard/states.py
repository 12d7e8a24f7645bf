"""How an objective stands, in one word, as people sort what they look at: from the worst to what is fine. Pure."""

from collections.abc import Mapping
from datetime import timedelta
from enum import IntEnum
from fractions import Fraction

from svcops.slo.answers import Result
from svcops.slo.burning import Alarm

LITTLE = Fraction(1, 4)
"""Below that share of the budget little is left."""


class State(IntEnum):
    """In the order in which they are told."""

    SPENT = 0
    """More was bad than may be."""
    BURNING = 1
    """One of its alerts holds at the moment: the budget is being spent too fast."""
    LITTLE_LEFT = 2
    UNKNOWN = 3
    """It is not known, or could not be worked out."""
    FINE = 4


def state_of(one: Result) -> State:
    """How an objective stands at the moment of its report."""
    if one.level is None:
        return State.UNKNOWN
    if not one.level.met:
        return State.SPENT
    if alarm_of(one):
        return State.BURNING
    return State.LITTLE_LEFT if one.level.left_share < LITTLE else State.FINE


def alarm_of(one: Result) -> Alarm | None:
    """The first alert of which every burn rate holds now; what is not known holds for none."""
    rates = {pace.window: pace.rate for pace in one.paces}
    return next((alarm for alarm in one.question.alarms if _holds(alarm, rates)), None)


def _holds(alarm: Alarm, rates: Mapping[timedelta, Fraction | None]) -> bool:
    found = [(burn, rates.get(burn.window)) for burn in alarm.burns]
    return bool(found) and all(rate is not None and burn.holds(rate) for burn, rate in found)

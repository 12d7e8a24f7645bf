"""From counts to service levels: pure arithmetic on buckets.

Counts are whole numbers, or fractions where the samples are. They are carried as they are and divided last; nothing is
rounded before it is compared, and what is shown is cut off, so that it never claims more than was reached.
"""

from decimal import Context, Decimal
from fractions import Fraction
from math import floor
from typing import Literal

from svcops.store.frozen import frozen

Amount = int | Fraction
Verdict = Literal["met", "breached", "not enough data", "not computed"]


@frozen
class Level:
    """A service level that was reached: `total` above 0, `good` from 0 to `total`, `target` from 0 to below 1.

    Of events, or of slices of time. `whole` is the total of the whole window where that is known before the window is
    over: the budget is that of all its slices.
    """

    good: Amount
    total: Amount
    target: Fraction
    whole: Amount | None = None

    @property
    def bad(self) -> Amount:
        """What was not good."""
        return whole(Fraction(self.total) - self.good)

    @property
    def sli(self) -> Fraction:
        """Good over total."""
        return Fraction(self.good) / Fraction(self.total)

    @property
    def met(self) -> bool:
        """Whether no more is bad than may be; exactly reaching the target counts."""
        return self.bad <= self.budget

    @property
    def budget(self) -> Amount:
        """How many of the total, or of all in the window, may be bad."""
        return whole((1 - self.target) * Fraction(self.total if self.whole is None else self.whole))

    @property
    def budget_left(self) -> Amount:
        """How many more may be bad; negative when the budget is overdrawn."""
        return whole(Fraction(self.budget) - self.bad)

    @property
    def spent_share(self) -> Fraction:
        """The part of the budget that is spent: 1 is all of it."""
        return Fraction(self.bad) / Fraction(self.budget)

    @property
    def left_share(self) -> Fraction:
        """The part of the budget that is left; negative when it is overdrawn."""
        return 1 - self.spent_share


def verdict_of(level: Level | None) -> Verdict:
    """What a level means for the target; equality with it is met, and one that is not known is neither."""
    if level is None:
        return "not enough data"
    return "met" if level.met else "breached"


class Impossible(ValueError):
    """Counts that contradict each other: more good, or more bad, than there was in total."""


def whole(value: Fraction | Decimal | int) -> Amount:
    """A number as int where it is whole, else as an exact fraction."""
    if isinstance(value, int):
        return value
    exact = Fraction(value)
    return exact.numerator if exact.denominator == 1 else exact


def exact(written: float) -> Fraction:
    """A number of a document as it was written: 0.999 is 999/1000, not the binary number nearest to it."""
    return Fraction(str(written))


def decimal(value: Amount) -> str:
    """A count as text with every digit; a fraction that has no end is cut after 18."""
    if isinstance(value, int):
        return str(value)
    return cut(value, 18).rstrip("0").rstrip(".")


def cut(value: Fraction, digits: int) -> str:
    """A number with `digits` decimals, cut towards minus infinity: never more than it is."""
    scaled = floor(value * 10**digits)
    sign, (before, after) = "-" if scaled < 0 else "", divmod(abs(scaled), 10**digits)
    return f"{sign}{before}.{after:0{digits}d}" if digits else f"{sign}{before}"


def rounded(value: Fraction, digits: int) -> str:
    """A number with so many significant digits, the nearest to it, without an exponent."""
    nearest = Context(prec=digits).divide(Decimal(value.numerator), Decimal(value.denominator))
    return f"{nearest.normalize():f}"

"""Which burn rates alert: the tiers that every SLO has, and the conditions of its own alert policies, as plain values.

A burn rate is how many times as fast as allowed the error budget is spent. Tiers are those of Google's Site Reliability
Workbook, chapter 5, "Multiwindow, Multi-Burn-Rate Alerts": each is a share of the budget that is spent in its long
window, and the short one, a twelfth of it, tells whether it still goes on. Conditions are those of OpenSLO v1,
AlertCondition, of kind burnrate; with the annotation `svcops/short-window` of two windows, too.
"""

import operator
from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import timedelta
from fractions import Fraction

from svcops.slo.documents import BadSLO, Documents
from svcops.slo.facts import exact, rounded
from svcops.slo.model import SLO, AlertConditionSpec, AlertPolicySpec, Metadata, PolicyCondition, SLOPolicy
from svcops.slo.policies import SHORT_WINDOW, short_window_of
from svcops.slo.terms import Operator
from svcops.slo.windows import Window, is_fixed, length_of, months_of
from svcops.store.frozen import frozen
from svcops.store.suggest import did_you_mean
from svcops.timing.model import format_duration

_HOLDS: Mapping[Operator, Callable[[Fraction, Fraction], bool]] = {
    "gt": operator.gt,
    "gte": operator.ge,
    "lt": operator.lt,
    "lte": operator.le,
}
_SLOWEST = Fraction(9, 10)
"""The lowest factor of a tier that nobody asks for by name: at a burn rate below 1 the target is met. The last tier is
at 1 of 30 days, and at 0.93 of four weeks, where it is still meant."""
_MICROSECOND = timedelta(microseconds=1)
_DAYS_OF_A_YEAR, _MONTHS_OF_A_YEAR = 365, 12


@frozen
class Burn:
    """The burn rate over the last `window`, and what it is compared with."""

    window: timedelta
    op: Operator
    threshold: Fraction

    def holds(self, rate: Fraction) -> bool:
        """Whether a burn rate stands to the threshold as `op` says."""
        return _HOLDS[self.op](rate, self.threshold)

    def can_hold(self, allowed: Fraction) -> bool:
        """Whether any burn rate does, where so much of everything may be bad: if all is bad, it is 1 / `allowed`."""
        return self.holds(Fraction(0)) or self.holds(1 / allowed)


@frozen
class Alarm:
    """An alert: it is raised when all of `burns` have held for `after`.

    `policy` and `condition` name the alert policy of the SLO's own that asks for it; they are empty for a tier.
    """

    severity: str
    burns: tuple[Burn, ...]
    after: timedelta = timedelta(0)
    policy: str = ""
    condition: str = ""
    when_no_data: timedelta | None = None
    """The window of which nothing is known when somebody is told too; of that alone where there are no `burns`."""


@frozen
class Tier:
    """The share of a budget whose loss within `long` alerts, as long as it goes on within `short`."""

    name: str
    severity: str
    share: Fraction
    long: timedelta
    short: timedelta

    def factor(self, period: timedelta) -> Fraction:
        """The burn rate that spends the share of the budget of a period within `long`."""
        return self.share * Fraction(period // _MICROSECOND, self.long // _MICROSECOND)

    def alarm(self, period: timedelta) -> Alarm:
        """Both windows burn faster than the factor."""
        factor = self.factor(period)
        return Alarm(self.severity, (Burn(self.long, "gt", factor), Burn(self.short, "gt", factor)))


TIERS = (
    Tier("1h", "page", Fraction(2, 100), timedelta(hours=1), timedelta(minutes=5)),
    Tier("6h", "page", Fraction(5, 100), timedelta(hours=6), timedelta(minutes=30)),
    Tier("1d", "ticket", Fraction(10, 100), timedelta(days=1), timedelta(hours=2)),
    Tier("3d", "ticket", Fraction(10, 100), timedelta(days=3), timedelta(hours=6)),
)
"""Of 30 days: 14.4 on 1h and 5m, 6 on 6h and 30m, 3 on 1d and 2h, 1 on 3d and 6h."""


def period_of(window: Window) -> timedelta:
    """The length of a window over which budgets are scaled.

    Months differ by a tenth, and a rule cannot follow them: of a year's 365 days, a month has 30, a quarter 91.
    """
    if is_fixed(window.text):
        return length_of(window.text)
    return timedelta(days=months_of(window.text) * _DAYS_OF_A_YEAR // _MONTHS_OF_A_YEAR)


def fitting(
    period: timedelta, allowed: Fraction, wanted: Collection[str] | None = None
) -> tuple[list[Tier], list[tuple[Tier, str]]]:
    """The tiers that say something of a period in which the share `allowed` may be bad, and why the others do not.

    `wanted` are their names. Who names them gets those too that alert at less than the pace that is allowed.
    """
    kept: list[Tier] = []
    left_out: list[tuple[Tier, str]] = []
    for tier in TIERS:
        if wanted is not None and tier.name not in wanted:
            continue
        factor = tier.factor(period)
        if tier.long > period:
            left_out.append((tier, "it looks back over more than the SLO's own window"))
        elif not Burn(tier.long, "gt", factor).can_hold(allowed):
            most = f"if all is bad the burn rate is {rate_text(1 / allowed)}"
            left_out.append((tier, f"it alerts above a burn rate of {rate_text(factor)}, and {most}"))
        elif wanted is None and factor < _SLOWEST:
            why = f"it would alert above a burn rate of {rate_text(factor)}, with which the target is met"
            left_out.append((tier, why))
        else:
            kept.append(tier)
    return kept, left_out


def rate_text(rate: Fraction) -> str:
    """A burn rate that is compared with others, in four digits."""
    return rounded(rate, 4)


def why_never(alarm: Alarm, allowed: Fraction, slice_: timedelta | None) -> str:
    """Why an alert can never be raised where the share `allowed` may be bad, of slices of that length if any."""
    for one in alarm.burns:
        if not one.can_hold(allowed):
            return f"no burn rate can be so: if all is bad it is {rate_text(1 / allowed)}"
        if slice_ and one.window % slice_:
            return f"{format_duration(one.window)} is no whole number of slices of {format_duration(slice_)}"
    return ""


def own_alarms(path: str, slo: SLO, known: Documents) -> list[Alarm]:
    """The alerts that the SLO's own alert policies ask for, in their order; BadSLO where one refers to nothing."""
    policies = _Policies(path, slo, known)
    given = enumerate(slo.spec.alertPolicies or ())
    return [alarm for number, one in given for alarm in _of_policy(policies, number, one)]


@frozen
class _Policies:
    """The SLO whose alert policies are read, and what they may refer to."""

    path: str
    slo: SLO
    known: Documents

    def bad(self, field: str, why: str, help_: str = "") -> BadSLO:
        return BadSLO(self.path, self.slo.metadata.name, field, why, help=help_)

    def policy(self, field: str, one: SLOPolicy) -> tuple[str, str, AlertPolicySpec]:
        """Where a policy stands, its name, and what it says."""
        if (one.alertPolicyRef is None) == (one.spec is None):
            raise self.bad(field, "exactly one of alertPolicyRef and spec is needed")
        if one.spec is not None:
            return f"{field}.spec", one.metadata.name if one.metadata else "", one.spec
        assert one.alertPolicyRef is not None
        name, policies = one.alertPolicyRef, self.known.policies
        if name not in policies:
            raise self.bad(f"{field}.alertPolicyRef", f"no AlertPolicy is called {name}", did_you_mean(name, policies))
        return f"AlertPolicy {name}: spec", name, policies[name].spec

    def condition(self, field: str, one: PolicyCondition) -> tuple[str, Metadata | None, AlertConditionSpec]:
        """How the fields of a condition begin, what it is called and annotated with, and what it says."""
        if (one.conditionRef is None) == (one.spec is None):
            raise self.bad(field, "exactly one of conditionRef and spec is needed")
        if one.spec is not None:
            return f"{field}.", one.metadata, one.spec
        assert one.conditionRef is not None
        name, conditions = one.conditionRef, self.known.conditions
        if name not in conditions:
            near = did_you_mean(name, conditions)
            raise self.bad(f"{field}.conditionRef", f"no AlertCondition is called {name}", near)
        return f"AlertCondition {name}: ", conditions[name].metadata, conditions[name].spec


def _of_policy(of: _Policies, place: int, one: SLOPolicy) -> Iterator[Alarm]:
    """An alert for each condition of a policy; of no burn rate where it tells of missing data alone."""
    field, name, policy = of.policy(f"spec.alertPolicies[{place}]", one)
    tells_of_burns = policy.alertWhenBreaching or not policy.alertWhenNoData
    for number, each in enumerate(policy.conditions or ()):
        where, metadata, spec = of.condition(f"{field}.conditions[{number}]", each)
        asked, at = spec.condition, f"{where}spec.condition"
        window = _length(of, f"{at}.lookbackWindow", asked.lookbackWindow)
        after = _length(of, f"{at}.alertAfter", asked.alertAfter) if asked.alertAfter else timedelta(0)
        if not window:
            raise of.bad(f"{at}.lookbackWindow", "a window has to have a length", "Such as 1h.")
        if asked.threshold < 0:
            raise of.bad(f"{at}.threshold", f"{asked.threshold:g} is negative, and no burn rate is")
        windows = (window, *_short_window(of, f"{where}metadata.annotations", metadata, asked.lookbackWindow))
        burns = tuple(Burn(one, asked.op, exact(asked.threshold)) for one in windows) if tells_of_burns else ()
        silent = window if policy.alertWhenNoData else None
        condition = metadata.name if metadata else ""
        called = name or condition or f"{of.slo.metadata.name}-alert-{place + 1}"
        yield Alarm(spec.severity, burns, after, called, condition or str(number + 1), silent)


def _short_window(of: _Policies, field: str, metadata: Metadata | None, lookback: str) -> Iterator[timedelta]:
    """The second window of a condition, where it has one."""
    written = short_window_of(
        metadata.annotations if metadata else None, lambda key, why: of.bad(f"{field}.{key}", why)
    )
    if written is None:
        return
    place = f"{field}.{SHORT_WINDOW}"
    try:
        window = _length(of, place, written)
    except ValueError:
        raise of.bad(place, f"{written} is no length of time", "Such as 5m.") from None
    if not timedelta(0) < window < length_of(lookback):
        why = f"{written} is nothing, or not shorter than the lookbackWindow of {lookback}"
        raise of.bad(place, why, "Such as 5m.")
    yield window


def _length(of: _Policies, field: str, written: str) -> timedelta:
    """How long a window of a condition is."""
    if not is_fixed(written):
        raise of.bad(field, f"{written} has no fixed length", "Take minutes, hours, days or weeks: 1h.")
    return length_of(written)

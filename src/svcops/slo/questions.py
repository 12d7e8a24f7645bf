"""What SLO documents ask: for each objective which counts, over which window, against which target.

What the specification allows and is not worked out here yet becomes an answer of its own (`not computed`), never a
number and never an error. What contradicts the specification is an error that names the SLO and the field.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta, tzinfo
from fractions import Fraction
from math import inf

from svcops.slo import slices
from svcops.slo.burning import Alarm, fitting, own_alarms, period_of
from svcops.slo.documents import BadSLO, Documents, NotYet
from svcops.slo.facts import exact
from svcops.slo.indicators import Indicator, indicator_of
from svcops.slo.model import SLO, BudgetingMethod, InlineSLI, Objective, SLISpec
from svcops.slo.policies import COMPOSITE_TARGET, Increase, Policy, policy_of
from svcops.slo.slices import Slices
from svcops.slo.windows import LONGEST, Stretch, Window, is_fixed, length_of
from svcops.store.frozen import frozen
from svcops.store.suggest import did_you_mean
from svcops.timing.wall import zone_called

COMPOSITE = "composite"
"""What stands for the objective of a composite SLO as a whole."""
UNKNOWN_ZONE = "a zone that this machine's zone database does not know"
"""What is said of a name for which there is no zone."""
_MICROSECOND = timedelta(microseconds=1)


@frozen
class Judged:
    """How an objective is worked out: what is counted, over which window, and how it is judged.

    Without `slices` by what was counted in the window as a whole (Occurrences).
    """

    indicator: Indicator
    window: Window
    slices: Slices | None = None

    def edges(self, within: Stretch, at: datetime) -> list[datetime]:
        """Between which moments of a window, in their order, it has to be known what was counted, up to `at`."""
        inside = slices.edges(within, at, self.slices.length) if self.slices else [within.start]
        return inside if inside[-1] == at else [*inside, at]


@frozen
class Composite:
    """How an SLO made of several objectives is worked out from what came out for these (`svcops.slo.composites`)."""

    method: BudgetingMethod
    window: Window
    slices: Slices | None = None


@frozen
class Question:
    """One objective of an SLO, or a composite SLO as a whole.

    Without `judged` and `composite` it is not worked out here, and `reason` says why.
    """

    path: str
    name: str
    service: str
    objective: str
    window: str
    target: Fraction
    policy: Policy
    judged: Judged | None
    reason: str = ""
    lookbacks: tuple[timedelta, ...] = ()
    """Over which last stretches its alerts, or else the tiers, take the burn rate; the shortest first."""
    alarms: tuple[Alarm, ...] = ()
    """Those alerts, or tiers."""
    weight: Fraction | None = None
    """How much it counts in the composite SLO that it is a part of."""
    composite: Composite | None = None

    @property
    def over(self) -> Window | None:
        """Over which window it is worked out."""
        how = self.judged or self.composite
        return how.window if how else None


def questions(
    path: str, slo: SLO, known: Documents, increase: Increase | None = None, *, for_rules: bool = False
) -> list[Question]:
    """What an SLO asks, objective by objective; of a composite SLO the whole is last.

    BadSLO where it contradicts the specification or refers to nothing.

    `increase` goes before what the SLO says of how far counters grow. `for_rules`: a Prometheus will be asked, and no
    file read.
    """
    asked = _Asked(path, slo, known, increase, for_rules=for_rules)
    objectives = slo.spec.objectives
    if not objectives:
        raise asked.bad("spec.objectives", "an SLO needs at least one objective")
    found = [asked.question(number, objective) for number, objective in enumerate(objectives)]
    return asked.composed(found) if asked.is_composite and len(found) > 1 else found


def faults(path: str, slo: SLO, known: Documents) -> list[BadSLO]:
    """All for which `questions` would refuse an SLO, each once: one hides no other of another objective."""
    found: list[BadSLO] = []
    try:
        asked = _Asked(path, slo, known, None, for_rules=False)
        for number, objective in enumerate(slo.spec.objectives):
            for part in (asked.target, asked.judged):
                try:
                    part(number, objective)
                except BadSLO as error:
                    found.append(error)
                except NotYet:
                    pass
        if not found:
            questions(path, slo, known)
    except BadSLO as error:
        found.append(error)
    return list({(one.field, one.why): one for one in found}.values())


class _Asked:
    """One SLO and what it may refer to."""

    def __init__(self, path: str, slo: SLO, known: Documents, increase: Increase | None, *, for_rules: bool) -> None:
        self.path = path
        self.slo = slo
        self.known = known
        self.for_rules = for_rules
        policy = policy_of(slo.metadata.annotations, lambda key, why: self.bad(f"metadata.annotations.{key}", why))
        self.policy = replace(policy, increase=increase) if increase else policy
        self.is_composite = any(one.indicator or one.indicatorRef for one in slo.spec.objectives)
        if self.policy.composite_target is not None and not self.is_composite:
            why = "no objective has an indicator of its own, so that this is no composite SLO"
            raise self.bad(f"metadata.annotations.{COMPOSITE_TARGET}", why)

    def bad(self, field: str, why: str, *, help: str = "", lacks: bool = False) -> BadSLO:
        return BadSLO(self.path, self.slo.metadata.name, field, why, help=help, lacks=lacks)

    def place(self, field: str) -> str:
        return f"{self.path}: SLO {self.slo.metadata.name}: {field}"

    def question(self, number: int, objective: Objective) -> Question:
        spec = self.slo.spec
        target = self.target(number, objective)
        judged, reason = None, ""
        try:
            judged = self.judged(number, objective)
        except NotYet as what:
            reason = f"not computed here yet: {what}"
        alarms = self.alarms(judged, 1 - target) if judged else ()
        return Question(
            path=self.path,
            name=self.slo.metadata.name,
            service=spec.service,
            objective=objective.displayName or str(number + 1),
            window=spec.timeWindow[0].duration if spec.timeWindow else "",
            target=target,
            policy=self.policy,
            judged=judged,
            reason=reason,
            lookbacks=_lookbacks(alarms, judged) if judged else (),
            alarms=alarms,
        )

    def alarms(self, judged: Judged, allowed: Fraction) -> tuple[Alarm, ...]:
        try:
            own = own_alarms(self.path, self.slo, self.known)
        except BadSLO:  # of a policy that leads nowhere REF001 tells; the figures do not depend on it
            own = []
        period = period_of(judged.window)
        return tuple(own or [tier.alarm(period) for tier in fitting(period, allowed)[0]])

    def target(self, number: int, objective: Objective) -> Fraction:
        """The target exactly as written, as a share."""
        field = f"spec.objectives[{number}]"
        if objective.target is not None and objective.targetPercent is not None:
            raise self.bad(field, "target and targetPercent: keep one of the two")
        if objective.target is not None:
            name, written, full, example = "target", objective.target, 1, "0.995 for 99.5 %"
        elif objective.targetPercent is not None:
            name, written, full, example = "targetPercent", objective.targetPercent, 100, "99.5 for 99.5 %"
        else:
            raise self.bad(field, "neither target nor targetPercent", lacks=True)
        target = exact(written) / full
        if not 0 <= target < 1:
            why = f"{name} is {str(written).removesuffix('.0')}; it must be at least 0 and below {full}"
            raise self.bad(f"{field}.{name}", f"{why}, such as {example}")
        return target

    def judged(self, number: int, objective: Objective) -> Judged:
        """How an objective of the SLO is worked out; NotYet where it is not."""
        spec, field = self.slo.spec, f"spec.objectives[{number}]"
        self.weight(number, objective)
        self.slice_target(field, objective.timeSliceTarget)
        if self.is_composite:
            if spec.indicator or spec.indicatorRef:
                name = "indicator" if spec.indicator else "indicatorRef"
                why = "an objective has an indicator of its own, and in a composite SLO each of them has"
                raise self.bad(f"spec.{name}", why, help="Move it into the objectives that lack one.")
            where, indicator = self.indicator(field, objective.indicator, objective.indicatorRef)
        else:
            where, indicator = self.indicator("spec", spec.indicator, spec.indicatorRef)
        try:
            counted = indicator_of(self, where, indicator, objective, field)
        except NotYet:
            self.over(number, objective)  # what is wrong there is wrong whatever can be worked out here
            raise
        return Judged(counted, *self.over(number, objective))

    def over(self, number: int, objective: Objective) -> tuple[Window, Slices | None]:
        """The window of an objective, and the slices in which it is judged, where it is."""
        window = self.window()
        return window, None if self.slo.spec.budgetingMethod == "Occurrences" else self.slices(
            number, objective, window
        )

    def composed(self, found: list[Question]) -> list[Question]:
        """The objectives of a composite SLO as parts of it, and the whole, over the same last stretches."""
        weights = [self.weight(number, one) for number, one in enumerate(self.slo.spec.objectives)]
        parts = [replace(one, weight=weight) for one, weight in zip(found, weights, strict=True)]
        target, judged = self.composite_target(parts), [one.judged for one in parts if one.judged]
        alarms = self.alarms(judged[0], 1 - target) if judged else ()
        backs = set(_lookbacks(alarms, judged[0]) if judged else ()).union(*(one.lookbacks for one in parts))
        lookbacks = tuple(sorted(backs))
        lengths = {one.slices.length for one in judged if one.slices}
        several = len(lengths) > 1
        slices = Slices(min(lengths), Fraction(1)) if lengths else None
        whole = replace(
            found[0],
            objective=COMPOSITE,
            target=target,
            judged=None,
            reason="not computed here yet: a composite SLO with slices of several lengths" if several else "",
            lookbacks=lookbacks,
            alarms=alarms,
            composite=Composite(self.slo.spec.budgetingMethod, self.window(), slices),
        )
        return [*(replace(one, lookbacks=lookbacks) if one.judged else one for one in parts), whole]

    def weight(self, number: int, objective: Objective) -> Fraction:
        """How much an objective counts; OpenSLO v1: above 0, and 1 where nothing is said."""
        written = 1 if objective.compositeWeight is None else objective.compositeWeight
        if not 0 < written < inf:
            raise self.bad(f"spec.objectives[{number}].compositeWeight", f"{written:g} is no number above 0")
        return exact(written)

    def composite_target(self, parts: list[Question]) -> Fraction:
        """The target of a composite SLO as a whole, which OpenSLO has no field for.

        With Occurrences it is but the scale on which burn rates are shown as a level: the strictest of the targets is
        the one on which the fastest burn rate has a place.
        """
        targets = {one.target for one in parts}
        if self.policy.composite_target is not None:
            return self.policy.composite_target
        if len(targets) == 1 or self.slo.spec.budgetingMethod == "Occurrences":
            return max(targets)
        why = "missing, and the objectives of this composite SLO have different targets"
        help_ = "Its target as a whole, such as '0.99'."
        raise self.bad(f"metadata.annotations.{COMPOSITE_TARGET}", why, help=help_, lacks=True)

    def indicator(self, field: str, inline: InlineSLI | None, name: str | None) -> tuple[str, SLISpec]:
        """The indicator, and where it stands."""
        if (inline is None) == (name is None):
            raise self.bad(field, "exactly one of indicator and indicatorRef is needed", lacks=inline is None)
        if inline is not None:
            return f"{field}.indicator.spec", inline.spec
        assert name is not None
        found = self.known.indicators.get(name)
        if found is None:
            near = did_you_mean(name, self.known.indicators)
            raise self.bad(f"{field}.indicatorRef", f"no SLI is called {name}", help=near, lacks=True)
        return f"SLI {name}: spec", found.spec

    def window(self) -> Window:
        """The one time window, rolling or of a calendar."""
        windows = self.slo.spec.timeWindow
        if len(windows) != 1:
            raise self.bad("spec.timeWindow", f"exactly one is needed, not {len(windows)}")
        asked, field = windows[0], "spec.timeWindow[0]"
        if not timedelta(0) < length_of(asked.duration) <= LONGEST:
            raise self.bad(f"{field}.duration", f"{asked.duration} is not above 0 and up to {LONGEST.days} days")
        if asked.isRolling and asked.calendar is not None:
            raise self.bad(field, "a rolling window has no calendar")
        if asked.calendar is None:
            if not asked.isRolling:
                raise self.bad(field, "neither isRolling: true nor a calendar", lacks=True)
            return Window(asked.duration)
        try:
            first = datetime.fromisoformat(asked.calendar.startTime)
        except ValueError:
            why = f"{asked.calendar.startTime} is no time of the calendar"
            raise self.bad(f"{field}.calendar.startTime", why) from None
        return Window(asked.duration, first, self.zone(f"{field}.calendar.timeZone", asked.calendar.timeZone))

    def zone(self, field: str, name: str) -> tzinfo:
        """The zone of a calendar."""
        try:
            return zone_called(name)
        except ValueError:
            from svcops.timing.faults import help_of_zone

            raise self.bad(field, f"{name} is {UNKNOWN_ZONE}", help=help_of_zone(name)) from None

    def slices(self, number: int, objective: Objective, window: Window) -> Slices:
        """The slices in which an objective is judged."""
        field, method = f"spec.objectives[{number}]", self.slo.spec.budgetingMethod
        length = self.slice_length(f"{field}.timeSliceWindow", objective.timeSliceWindow)
        longest = length_of(window.text)
        if window.first is None and is_fixed(window.text) and longest % length:
            why = f"the window of {window.text} is no whole number of slices of {objective.timeSliceWindow}"
            raise self.bad(f"{field}.timeSliceWindow", why)
        if longest // length > slices.MOST:
            why = f"more than {slices.MOST:,} slices in a window of {window.text}"
            raise self.bad(f"{field}.timeSliceWindow", why, help="Take longer ones, such as 1m.")
        if method == "RatioTimeslices":
            return Slices(length, None)
        target = self.slice_target(field, objective.timeSliceTarget)
        if target is None:
            help_ = "The share of a slice that has to be good for the slice to be good, such as 0.99."
            raise self.bad(f"{field}.timeSliceTarget", f"missing, and {method} needs it", help=help_)
        return Slices(length, target)

    def slice_target(self, field: str, written: float | None) -> Fraction | None:
        """The share of a slice that has to be good, in whichever budgeting method it stands."""
        target = None if written is None else exact(written)
        if target is not None and not 0 < target <= 1:
            raise self.bad(f"{field}.timeSliceTarget", "must be above 0 and at most 1, such as 0.99")
        return target

    def slice_length(self, field: str, written: float | str | None) -> timedelta:
        """How long a slice is; a bare number is minutes."""
        if written is None:
            why = f"missing, and {self.slo.spec.budgetingMethod} needs it"
            raise self.bad(field, why, help="Such as 1m.")
        if isinstance(written, str):
            if not is_fixed(written):
                raise self.bad(field, f"{written} has no fixed length", help="Take minutes, hours, days or weeks: 1m.")
            length = length_of(written)
        else:
            exactly = exact(written) * (timedelta(minutes=1) // _MICROSECOND)
            if exactly.denominator != 1 or exactly > LONGEST // _MICROSECOND:
                raise self.bad(field, f"{written} minutes cannot be measured", help="Such as 1, or 1m.")
            length = int(exactly) * _MICROSECOND
        if length <= timedelta(0):
            raise self.bad(field, "a slice has to have a length", help="Such as 1m.")
        return length


def _lookbacks(alarms: Iterable[Alarm], judged: Judged) -> tuple[timedelta, ...]:
    period = period_of(judged.window)
    return tuple(sorted({burn.window for alarm in alarms for burn in alarm.burns if burn.window <= period}))

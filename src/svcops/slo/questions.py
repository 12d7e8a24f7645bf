"""What SLO documents ask: for each objective which counts, over which window, against which target.

What the specification allows and is not worked out here yet becomes an answer of its own (`not computed`), never a
number and never an error. What contradicts the specification is an error that names the SLO and the field.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from fractions import Fraction

from svcops.errors import BadInput
from svcops.slo import slices
from svcops.slo.facts import exact
from svcops.slo.model import SLI, SLO, DataSource, Document, Metric, Objective, RatioMetric, SLISpec
from svcops.slo.slices import Slices
from svcops.slo.sources import FORMS
from svcops.slo.windows import LONGEST, Window, is_fixed, length_of
from svcops.store.frozen import frozen
from svcops.store.suggest import did_you_mean
from svcops.timing.wall import zone_called

_MICROSECOND = timedelta(microseconds=1)


class BadSLO(BadInput):
    """An SLO that cannot be worked out as it stands: which, at which field, and why."""

    def __init__(self, path: str, name: str, field: str, why: str, *, help: str = "") -> None:
        super().__init__(f"{path}: SLO {name}: {field}: {why}", help=help)


class _NotYet(Exception):
    """What the specification allows and is not worked out here; the text completes "not computed here yet: "."""


@frozen
class Term:
    """One count that is asked for: the DataSource's name, the query as written, and who asks, for errors."""

    source: str
    query: str
    asked_by: str


@frozen
class Ratio:
    """How an objective is worked out: good over total, or 1 less bad over total, of counters or of counts.

    Without `slices` by what was counted in the window as a whole (Occurrences).
    """

    part: Term
    part_is_good: bool
    total: Term
    counter: bool
    window: Window
    slices: Slices | None = None

    def edges(self, at: datetime) -> list[datetime]:
        """Between which moments, in their order, it has to be known what was counted; none where the window is to come.

        They begin where the window does, and end `at` the moment that is asked about.
        """
        window = self.window.around(at)
        if window is None:
            return []
        inside = slices.edges(window, at, self.slices.length) if self.slices else [window.start]
        return inside if inside[-1] == at else [*inside, at]

    @property
    def sources(self) -> set[str]:
        """The names of the DataSources it needs."""
        return {self.part.source, self.total.source}


@frozen
class Question:
    """One objective of an SLO. Without `ratio` it is not worked out here, and `reason` says why."""

    path: str
    name: str
    service: str
    objective: str
    window: str
    target: Fraction
    ratio: Ratio | None
    reason: str = ""


@frozen
class Documents:
    """What SLOs refer to, by name; the first of two of one name counts."""

    indicators: Mapping[str, SLI]
    sources: Mapping[str, tuple[str, DataSource]]
    """With the path of the document."""


def sort_out(documents: Iterable[tuple[str, Document]]) -> tuple[list[tuple[str, SLO]], Documents]:
    """The SLOs, in the order of their names and paths, and what they may refer to."""
    slos: list[tuple[str, SLO]] = []
    indicators: dict[str, SLI] = {}
    sources: dict[str, tuple[str, DataSource]] = {}
    for path, document in documents:
        if isinstance(document, SLO):
            slos.append((path, document))
        elif isinstance(document, SLI):
            indicators.setdefault(document.metadata.name, document)
        elif isinstance(document, DataSource):
            sources.setdefault(document.metadata.name, (path, document))
    return sorted(slos, key=lambda one: (one[1].metadata.name, one[0])), Documents(indicators, sources)


def questions(path: str, slo: SLO, known: Documents) -> list[Question]:
    """What an SLO asks, objective by objective; BadSLO where it contradicts the specification or refers to nothing."""
    asked = _Asked(path, slo, known)
    objectives = slo.spec.objectives
    if not objectives:
        raise asked.bad("spec.objectives", "an SLO needs at least one objective")
    return [asked.question(number, objective) for number, objective in enumerate(objectives)]


class _Asked:
    """One SLO and what it may refer to."""

    def __init__(self, path: str, slo: SLO, known: Documents) -> None:
        self.path = path
        self.slo = slo
        self.known = known

    def bad(self, field: str, why: str, *, help: str = "") -> BadSLO:
        return BadSLO(self.path, self.slo.metadata.name, field, why, help=help)

    def question(self, number: int, objective: Objective) -> Question:
        spec = self.slo.spec
        target = self.target(number, objective)
        ratio, reason = None, ""
        try:
            ratio = self.ratio(number, objective)
        except _NotYet as what:
            reason = f"not computed here yet: {what}"
        return Question(
            path=self.path,
            name=self.slo.metadata.name,
            service=spec.service,
            objective=objective.displayName or str(number + 1),
            window=spec.timeWindow[0].duration if spec.timeWindow else "",
            target=target,
            ratio=ratio,
            reason=reason,
        )

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
            raise self.bad(field, "neither target nor targetPercent")
        target = exact(written) / full
        if not 0 <= target < 1:
            why = f"{name} is {str(written).removesuffix('.0')}; it must be at least 0 and below {full}"
            raise self.bad(f"{field}.{name}", f"{why}, such as {example}")
        return target

    def ratio(self, number: int, objective: Objective) -> Ratio:
        """How an objective of the SLO is worked out; _NotYet where it is not."""
        spec = self.slo.spec
        if any(one.indicator or one.indicatorRef for one in spec.objectives):
            raise _NotYet("a composite SLO")
        field, indicator = self.indicator()
        if (indicator.thresholdMetric is None) == (indicator.ratioMetric is None):
            raise self.bad(field, "exactly one of ratioMetric and thresholdMetric is needed")
        if indicator.ratioMetric is None:
            raise _NotYet("a threshold metric")
        part_is_good, part, total = self.parts(f"{field}.ratioMetric", indicator.ratioMetric)
        window = self.window()
        if indicator.ratioMetric.counter is None:
            help_ = "true for counters that only grow, false for counts of each interval."
            raise self.bad(f"{field}.ratioMetric.counter", "missing, and nothing is assumed", help=help_)
        sliced = self.slices(number, objective, window) if spec.budgetingMethod != "Occurrences" else None
        return Ratio(part, part_is_good, total, indicator.ratioMetric.counter, window, sliced)

    def indicator(self) -> tuple[str, SLISpec]:
        """The indicator, and where it stands."""
        spec = self.slo.spec
        if (spec.indicator is None) == (spec.indicatorRef is None):
            raise self.bad("spec", "exactly one of indicator and indicatorRef is needed")
        if spec.indicator is not None:
            return "spec.indicator.spec", spec.indicator.spec
        name = spec.indicatorRef or ""
        found = self.known.indicators.get(name)
        if found is None:
            raise self.bad(
                "spec.indicatorRef", f"no SLI is called {name}", help=did_you_mean(name, self.known.indicators)
            )
        return f"SLI {name}: spec", found.spec

    def parts(self, field: str, metric: RatioMetric) -> tuple[bool, Term, Term]:
        """Whether the part is the good one, the part, and the total."""
        if metric.raw is not None:
            raise _NotYet("a ratio that was worked out before (raw)")
        if (metric.good is None) == (metric.bad is None):
            raise self.bad(field, "exactly one of good and bad is needed beside total")
        if metric.total is None:
            raise self.bad(field, "total is missing")
        if metric.good is not None:
            return True, self.term(f"{field}.good", metric.good), self.term(f"{field}.total", metric.total)
        assert metric.bad is not None
        return False, self.term(f"{field}.bad", metric.bad), self.term(f"{field}.total", metric.total)

    def term(self, field: str, metric: Metric) -> Term:
        """One count; _NotYet where its source is none of files."""
        asked, field = metric.metricSource, f"{field}.metricSource"
        if asked.metricSourceRef is None:
            if asked.type in FORMS:
                help_ = "A DataSource document says where its files are."
                raise self.bad(f"{field}.metricSourceRef", f"missing for a source of type {asked.type}", help=help_)
            raise _NotYet(f"a metric source of type {asked.type or 'unknown'}")
        name = asked.metricSourceRef
        if name not in self.known.sources:
            help_ = did_you_mean(name, self.known.sources)
            raise self.bad(f"{field}.metricSourceRef", f"no DataSource is called {name}", help=help_)
        type_ = self.known.sources[name][1].spec.type
        if asked.type and asked.type != type_:
            raise self.bad(f"{field}.type", f"{asked.type}, but DataSource {name} is of type {type_}")
        if type_ not in FORMS:
            help_ = did_you_mean(type_, FORMS)
            raise _NotYet(f"a metric source of type {type_}" + (f" ({help_})" if help_ else ""))
        return Term(
            name,
            self.query(f"{field}.spec", asked.spec),
            f"{self.path}: SLO {self.slo.metadata.name}: {field}.spec.query",
        )

    def query(self, field: str, spec: Mapping[str, object]) -> str:
        """The one thing that a source of files is asked."""
        query = spec.get("query")
        if not isinstance(query, str) or not query.strip():
            raise self.bad(f"{field}.query", "missing, or not text")
        other = next((key for key in spec if key != "query"), None)
        if other is not None:
            raise self.bad(f"{field}.{other}", "not a key that is known here: a source of files is asked a query")
        return query

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
                raise self.bad(field, "neither isRolling: true nor a calendar")
            return Window(asked.duration)
        try:
            first = datetime.fromisoformat(asked.calendar.startTime)
        except ValueError:
            why = f"{asked.calendar.startTime} is no time of the calendar"
            raise self.bad(f"{field}.calendar.startTime", why) from None
        return Window(asked.duration, first, zone_called(asked.calendar.timeZone))

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
        if objective.timeSliceTarget is None:
            help_ = "The share of a slice that has to be good for the slice to be good, such as 0.99."
            raise self.bad(f"{field}.timeSliceTarget", f"missing, and {method} needs it", help=help_)
        target = exact(objective.timeSliceTarget)
        if not 0 < target <= 1:
            raise self.bad(f"{field}.timeSliceTarget", "must be above 0 and at most 1, such as 0.99")
        return Slices(length, target)

    def slice_length(self, field: str, written: float | str | None) -> timedelta:
        """How long a slice is; a bare number is minutes."""
        if written is None:
            raise self.bad(field, f"missing, and {self.slo.spec.budgetingMethod} needs it", help="Such as 1m.")
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

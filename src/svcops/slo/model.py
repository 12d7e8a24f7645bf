"""OpenSLO v1 documents as they are (https://github.com/OpenSLO/OpenSLO): every field of the specification, no other.

Fields carry the names of the specification. What depends on more than one field (exactly one time window, good or bad
beside total) is checked where an SLO is computed, by `svcops.slo.questions`, which can say what is wrong in a sentence.
"""
# ruff: noqa: N815 - the specification's names are in camel case

from typing import Annotated, Literal

from svcops.store.model import Matching, Ref, Tagged, Zone, record

ServiceRef = Annotated[str, Ref("service", "slo:Service")]
"""A service of the catalogue, or an OpenSLO Service."""
IndicatorRef = Annotated[str, Ref("slo:SLI")]
DataSourceRef = Annotated[str, Ref("slo:DataSource")]
AlertPolicyRef = Annotated[str, Ref("slo:AlertPolicy")]
AlertConditionRef = Annotated[str, Ref("slo:AlertCondition")]
AlertNotificationTargetRef = Annotated[str, Ref("slo:AlertNotificationTarget")]

Version = Literal["openslo/v1"]
Operator = Literal["lte", "gte", "lt", "gt"]
BudgetingMethod = Literal["Occurrences", "Timeslices", "RatioTimeslices"]

# The specification asks for support of RFC 1123 names "at least", and writes others in its own examples.
Name = Annotated[
    str,
    Matching(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?", "not a name: letters, digits, and . _ - between them"),
]
DurationShorthand = Annotated[
    str, Matching(r"[0-9]+[mhdwMQY]", "not a duration of OpenSLO such as 5m, 12h, 30d, 4w, 1M, 1Q or 1Y")
]
CalendarTime = Annotated[
    str, Matching(r"\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}", "not a date and time such as 2026-01-21 12:30:00")
]


@record
class Metadata:
    """What every document is called and labelled."""

    name: Name
    displayName: str = ""
    labels: dict[str, str | tuple[str, ...]] | None = None
    annotations: dict[str, str] | None = None


@record
class ServiceSpec:
    """The specification of a service."""

    description: str = ""


@record
class Service:
    """A group of SLOs; a service of the catalogue does the same."""

    apiVersion: Version
    kind: Literal["Service"]
    metadata: Metadata
    spec: ServiceSpec


@record
class DataSourceSpec:
    """How a metric source is reached: what `connectionDetails` holds depends on `type` (`svcops.slo.sources`)."""

    description: str = ""
    type: str
    connectionDetails: object


@record
class DataSource:
    """A metric source that many indicators use."""

    apiVersion: Version
    kind: Literal["DataSource"]
    metadata: Metadata
    spec: DataSourceSpec


@record
class MetricSource:
    """Where one metric comes from; `spec` is the query, in the words of its source."""

    metricSourceRef: DataSourceRef | None = None
    type: str = ""
    spec: dict[str, object]


@record
class Metric:
    """One metric of an indicator."""

    metricSource: MetricSource


@record
class RatioMetric:
    """Good or bad over total, or a ratio that was worked out before."""

    counter: bool | None = None
    """Whether the metrics are cumulative counters. Nothing is assumed where it is not said."""
    good: Metric | None = None
    bad: Metric | None = None
    total: Metric | None = None
    rawType: Literal["success", "failure"] | None = None
    raw: Metric | None = None


@record
class SLISpec:
    """The specification of an indicator: one of the two metrics."""

    description: str = ""
    thresholdMetric: Metric | None = None
    ratioMetric: RatioMetric | None = None


@record
class SLI:
    """A service level indicator that many SLOs use."""

    apiVersion: Version
    kind: Literal["SLI"]
    metadata: Metadata
    spec: SLISpec


@record
class InlineSLI:
    """An indicator inside the SLO, or the objective, that uses it."""

    apiVersion: Version | None = None
    kind: Literal["SLI"] | None = None
    metadata: Metadata
    spec: SLISpec


@record
class Calendar:
    """Where calendar-aligned windows begin."""

    startTime: CalendarTime
    timeZone: Zone


@record
class TimeWindow:
    """The time over which an SLO is judged: rolling, or aligned with a calendar."""

    duration: DurationShorthand
    isRolling: bool | None = None
    calendar: Calendar | None = None


@record
class Objective:
    """One target of an SLO."""

    displayName: str = ""
    op: Operator | None = None
    value: float | None = None
    target: float | None = None
    """At least 0 and below 1."""
    targetPercent: float | None = None
    """At least 0 and below 100; instead of `target`."""
    timeSliceTarget: float | None = None
    timeSliceWindow: float | DurationShorthand | None = None
    """A bare number is minutes."""
    indicator: InlineSLI | None = None
    indicatorRef: IndicatorRef | None = None
    compositeWeight: float | None = None


@record
class ConditionSpec:
    """When an alert condition holds."""

    kind: Literal["burnrate"] = "burnrate"
    op: Operator
    threshold: float
    lookbackWindow: DurationShorthand
    alertAfter: DurationShorthand | None = None


@record
class AlertConditionSpec:
    """The specification of an alert condition."""

    description: str = ""
    severity: str
    condition: ConditionSpec


@record
class AlertCondition:
    """A condition under which an alert is raised."""

    apiVersion: Version
    kind: Literal["AlertCondition"]
    metadata: Metadata
    spec: AlertConditionSpec


@record
class PolicyCondition:
    """A condition in an alert policy: by reference, or written out."""

    conditionRef: AlertConditionRef | None = None
    apiVersion: Version | None = None
    kind: Literal["AlertCondition"] | None = None
    metadata: Metadata | None = None
    spec: AlertConditionSpec | None = None


@record
class AlertNotificationTargetSpec:
    """The specification of a target for notifications."""

    description: str = ""
    target: str


@record
class AlertNotificationTarget:
    """Where notifications are sent."""

    apiVersion: Version
    kind: Literal["AlertNotificationTarget"]
    metadata: Metadata
    spec: AlertNotificationTargetSpec


@record
class PolicyTarget:
    """A notification target in an alert policy: by reference, or written out."""

    targetRef: AlertNotificationTargetRef | None = None
    apiVersion: Version | None = None
    kind: Literal["AlertNotificationTarget"] | None = None
    metadata: Metadata | None = None
    spec: AlertNotificationTargetSpec | None = None


@record
class AlertPolicySpec:
    """The specification of an alert policy."""

    description: str = ""
    alertWhenNoData: bool = False
    alertWhenResolved: bool = False
    alertWhenBreaching: bool = False
    conditions: tuple[PolicyCondition, ...] | None = ()
    notificationTargets: tuple[PolicyTarget, ...] | None = ()


@record
class AlertPolicy:
    """When an alert is raised, and where it goes."""

    apiVersion: Version
    kind: Literal["AlertPolicy"]
    metadata: Metadata
    spec: AlertPolicySpec


@record
class SLOPolicy:
    """An alert policy of an SLO: by reference, or written out."""

    alertPolicyRef: AlertPolicyRef | None = None
    apiVersion: Version | None = None
    kind: Literal["AlertPolicy"] | None = None
    metadata: Metadata | None = None
    spec: AlertPolicySpec | None = None


@record
class SLOSpec:
    """The specification of an SLO."""

    description: str = ""
    service: ServiceRef
    indicator: InlineSLI | None = None
    indicatorRef: IndicatorRef | None = None
    timeWindow: tuple[TimeWindow, ...] = ()
    """Exactly one."""
    budgetingMethod: BudgetingMethod
    objectives: tuple[Objective, ...]
    alertPolicies: tuple[SLOPolicy, ...] | None = ()


@record
class SLO:
    """A service level objective."""

    apiVersion: Version
    kind: Literal["SLO"]
    metadata: Metadata
    spec: SLOSpec


Document = Annotated[
    SLO | SLI | Service | DataSource | AlertPolicy | AlertCondition | AlertNotificationTarget, Tagged("kind")
]
"""Any OpenSLO v1 document, told apart by its `kind`."""

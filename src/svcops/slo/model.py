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
    """How others refer to it, once in each kind: letters, digits, and . _ - between them."""
    displayName: str = ""
    """What people read; without it the name."""
    labels: dict[str, str | tuple[str, ...]] | None = None
    """Text, or a list of texts, by key: by what people group and choose."""
    annotations: dict[str, str] | None = None
    """Text by key, for tools."""


@record
class ServiceSpec:
    """The specification of a service."""

    description: str = ""
    """In a sentence or a few; OpenSLO allows 1,050 characters."""


@record
class Service:
    """A group of SLOs; a service of the catalogue does the same."""

    apiVersion: Version
    """openslo/v1: the version of OpenSLO."""
    kind: Literal["Service"]
    """Service: what this document is."""
    metadata: Metadata
    """What the service is called and labelled with."""
    spec: ServiceSpec
    """What the service is."""


@record
class DataSourceSpec:
    """How a metric source is reached: what `connectionDetails` holds depends on `type` (`svcops.slo.sources`)."""

    description: str = ""
    """In a sentence or a few; OpenSLO allows 1,050 characters."""
    type: str
    """CSV, Parquet, JSONLines, OpenMetrics, PrometheusJSON; or Prometheus, whose samples svcops slo pull brings."""
    connectionDetails: object
    """For files: path, and where they are not the defaults, time, unit, zone, metric and value. For Prometheus: url."""


@record
class DataSource:
    """A metric source that many indicators use."""

    apiVersion: Version
    """openslo/v1: the version of OpenSLO."""
    kind: Literal["DataSource"]
    """DataSource: what this document is."""
    metadata: Metadata
    """What the source is called and labelled with."""
    spec: DataSourceSpec
    """How the source is reached."""


@record
class MetricSource:
    """Where one metric comes from; `spec` is the query, in the words of its source."""

    metricSourceRef: DataSourceRef | None = None
    """The metadata.name of a DataSource; without it, type alone says what the source is."""
    type: str = ""
    """The source's type, such as CSV; may be left out beside metricSourceRef."""
    spec: dict[str, object]
    """What it is asked. Of files one key, query: a selector, a column, or a path inside a JSON line."""


@record
class Metric:
    """One metric of an indicator."""

    metricSource: MetricSource
    """Where it comes from, and what is asked there."""


@record
class RatioMetric:
    """Good or bad over total, or a ratio that was worked out before."""

    counter: bool | None = None
    """true: counters that only grow. false: counts of each interval. Nothing is assumed where it is not said."""
    good: Metric | None = None
    """What went well, of total; this or bad."""
    bad: Metric | None = None
    """What did not go well, of total; this or good."""
    total: Metric | None = None
    """Everything that counts, well or not."""
    rawType: Literal["success", "failure"] | None = None
    """What raw is a share of: success, what went well; failure, what did not."""
    raw: Metric | None = None
    """A share that the source has worked out, in the place of good, bad and total."""


@record
class SLISpec:
    """The specification of an indicator: one of the two metrics."""

    description: str = ""
    """In a sentence or a few; OpenSLO allows 1,050 characters."""
    thresholdMetric: Metric | None = None
    """A metric whose values are held against op and value of the objective; or X_bucket, the buckets of histograms."""
    ratioMetric: RatioMetric | None = None
    """Good or bad of total; this or thresholdMetric."""


@record
class SLI:
    """A service level indicator that many SLOs use."""

    apiVersion: Version
    """openslo/v1: the version of OpenSLO."""
    kind: Literal["SLI"]
    """SLI: what this document is."""
    metadata: Metadata
    """What the indicator is called and labelled with."""
    spec: SLISpec
    """What is measured."""


@record
class InlineSLI:
    """An indicator inside the SLO, or the objective, that uses it."""

    apiVersion: Version | None = None
    """May be left out here."""
    kind: Literal["SLI"] | None = None
    """May be left out here."""
    metadata: Metadata
    """What the indicator is called and labelled with."""
    spec: SLISpec
    """What is measured."""


@record
class Calendar:
    """Where calendar-aligned windows begin."""

    startTime: CalendarTime
    """When the first window begins, on a clock in timeZone: 2026-01-01 00:00:00."""
    timeZone: Zone
    """By its IANA name: Europe/Berlin."""


@record
class TimeWindow:
    """The time over which an SLO is judged: rolling, or aligned with a calendar."""

    duration: DurationShorthand
    """A whole number and m, h, d, w, or M (months), Q (quarters), Y (years): 28d."""
    isRolling: bool | None = None
    """true: the window ends now, at any time. Without it, calendar says where windows begin."""
    calendar: Calendar | None = None
    """For windows that follow one another, such as months."""


@record
class Objective:
    """One target of an SLO."""

    displayName: str = ""
    """What reports call it: 999 of 1,000 postings."""
    op: Operator | None = None
    """For a threshold metric, how a good value stands to value: lt, below; lte, at most; gt, above; gte, at least."""
    value: float | None = None
    """What the values of a threshold metric are held against, in the metric's unit."""
    target: float | None = None
    """The share that has to be good, at least 0 and below 1: 0.999."""
    targetPercent: float | None = None
    """The same in percent, at least 0 and below 100; instead of `target`."""
    timeSliceTarget: float | None = None
    """The share of a slice that has to be good for the slice to be good, up to 1; for Timeslices."""
    timeSliceWindow: float | DurationShorthand | None = None
    """How long a slice is: 5m. A bare number is minutes."""
    indicator: InlineSLI | None = None
    """The indicator of this objective alone, in a composite SLO: then each objective has its own."""
    indicatorRef: IndicatorRef | None = None
    """The metadata.name of an SLI, in the place of indicator."""
    compositeWeight: float | None = None
    """Above 0, else 1: how many times as fast as an SLO alone it burns the budget of a composite SLO."""


@record
class ConditionSpec:
    """When an alert condition holds."""

    kind: Literal["burnrate"] = "burnrate"
    """burnrate: how fast the error budget is used up."""
    op: Operator
    """How the burn rate compares with threshold when it holds: gte, at least; gt, above; lte, at most; lt, below."""
    threshold: float
    """A burn rate: 1 uses up the whole budget just at the end of the window, 14.4 that many times faster."""
    lookbackWindow: DurationShorthand
    """The time over which the burn rate is taken: 1h."""
    alertAfter: DurationShorthand | None = None
    """How long it has to hold before the alert: 5m."""


@record
class AlertConditionSpec:
    """The specification of an alert condition."""

    description: str = ""
    """In a sentence or a few; OpenSLO allows 1,050 characters."""
    severity: str
    """How urgent the alert is, in a word of your own, such as page."""
    condition: ConditionSpec
    """What has to hold."""


@record
class AlertCondition:
    """A condition under which an alert is raised."""

    apiVersion: Version
    """openslo/v1: the version of OpenSLO."""
    kind: Literal["AlertCondition"]
    """AlertCondition: what this document is."""
    metadata: Metadata
    """What the condition is called and labelled with."""
    spec: AlertConditionSpec
    """When the condition holds."""


@record
class PolicyCondition:
    """A condition in an alert policy: by reference, or written out."""

    conditionRef: AlertConditionRef | None = None
    """The metadata.name of an AlertCondition, in the place of one that is written out."""
    apiVersion: Version | None = None
    """Beside a condition that is written out here; may be left out."""
    kind: Literal["AlertCondition"] | None = None
    """AlertCondition, beside a condition that is written out here; may be left out."""
    metadata: Metadata | None = None
    """The name of a condition that is written out here."""
    spec: AlertConditionSpec | None = None
    """A condition that is written out here."""


@record
class AlertNotificationTargetSpec:
    """The specification of a target for notifications."""

    description: str = ""
    """In a sentence or a few; OpenSLO allows 1,050 characters."""
    target: str
    """In the words of whatever sends it: email, slack."""


@record
class AlertNotificationTarget:
    """Where notifications are sent."""

    apiVersion: Version
    """openslo/v1: the version of OpenSLO."""
    kind: Literal["AlertNotificationTarget"]
    """AlertNotificationTarget: what this document is."""
    metadata: Metadata
    """What the target is called and labelled with."""
    spec: AlertNotificationTargetSpec
    """Where it leads."""


@record
class PolicyTarget:
    """A notification target in an alert policy: by reference, or written out."""

    targetRef: AlertNotificationTargetRef | None = None
    """The metadata.name of an AlertNotificationTarget, in the place of one that is written out."""
    apiVersion: Version | None = None
    """Beside a target that is written out here; may be left out."""
    kind: Literal["AlertNotificationTarget"] | None = None
    """AlertNotificationTarget, beside a target that is written out here; may be left out."""
    metadata: Metadata | None = None
    """The name of a target that is written out here."""
    spec: AlertNotificationTargetSpec | None = None
    """A target that is written out here."""


@record
class AlertPolicySpec:
    """The specification of an alert policy."""

    description: str = ""
    """In a sentence or a few; OpenSLO allows 1,050 characters."""
    alertWhenNoData: bool = False
    """Whether to tell where there are no samples."""
    alertWhenResolved: bool = False
    """Whether to tell when the condition no longer holds."""
    alertWhenBreaching: bool = False
    """Whether to tell when the condition holds."""
    conditions: tuple[PolicyCondition, ...] | None = ()
    """What alerts; OpenSLO wants exactly one."""
    notificationTargets: tuple[PolicyTarget, ...] | None = ()
    """Who is told, and how."""


@record
class AlertPolicy:
    """When an alert is raised, and where it goes."""

    apiVersion: Version
    """openslo/v1: the version of OpenSLO."""
    kind: Literal["AlertPolicy"]
    """AlertPolicy: what this document is."""
    metadata: Metadata
    """What the policy is called and labelled with."""
    spec: AlertPolicySpec
    """What alerts, when, and whom it tells."""


@record
class SLOPolicy:
    """An alert policy of an SLO: by reference, or written out."""

    alertPolicyRef: AlertPolicyRef | None = None
    """The metadata.name of an AlertPolicy, in the place of one that is written out; runbooks answer it by this name."""
    apiVersion: Version | None = None
    """Beside a policy that is written out here; may be left out."""
    kind: Literal["AlertPolicy"] | None = None
    """AlertPolicy, beside a policy that is written out here; may be left out."""
    metadata: Metadata | None = None
    """The name of a policy that is written out here; a runbook answers it by this name."""
    spec: AlertPolicySpec | None = None
    """A policy that is written out here."""


@record
class SLOSpec:
    """The specification of an SLO."""

    description: str = ""
    """In a sentence or a few; OpenSLO allows 1,050 characters."""
    service: ServiceRef
    """A service of the catalogue, or an OpenSLO Service."""
    indicator: InlineSLI | None = None
    """What is measured, written out; this or indicatorRef."""
    indicatorRef: IndicatorRef | None = None
    """The metadata.name of an SLI; this or indicator."""
    timeWindow: tuple[TimeWindow, ...] = ()
    """Over which time; exactly one."""
    budgetingMethod: BudgetingMethod
    """Occurrences: good events of all. Timeslices: slices of time that are good, of all.
    RatioTimeslices: the mean of what is good in each slice."""
    objectives: tuple[Objective, ...]
    """The targets, at least one."""
    alertPolicies: tuple[SLOPolicy, ...] | None = ()
    """What alerts on it; the profile operated wants a runbook for each."""


@record
class SLO:
    """A service level objective."""

    apiVersion: Version
    """openslo/v1: the version of OpenSLO."""
    kind: Literal["SLO"]
    """SLO: what this document is."""
    metadata: Metadata
    """What the SLO is called and labelled with."""
    spec: SLOSpec
    """Which level of what is wanted, over which time."""


Document = Annotated[
    SLO | SLI | Service | DataSource | AlertPolicy | AlertCondition | AlertNotificationTarget, Tagged("kind")
]
"""Any OpenSLO v1 document, told apart by its `kind`."""

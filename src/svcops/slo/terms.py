"""What an indicator counts: a query of a source, and how its samples become a count."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Literal

from svcops.store.frozen import frozen

Extrapolating = Literal["prometheus2", "prometheus3"]
Kind = Literal["increase", "prometheus2", "prometheus3", "sum", "share", "samples", "within"]
Operator = Literal["lte", "gte", "lt", "gt"]
SIGNS = {"lte": "<=", "gte": ">=", "lt": "<", "gt": ">"}


@frozen
class Measure:
    """How samples become a count.

    increase: how far counters grew; prometheus2 and prometheus3: what these releases take that for. sum: the sum of
    the values, each the count of an interval. share: the same of shares, each from 0 to 1. samples: their number.
    within: the number of those whose value stands to `bound` as `op` says.
    """

    kind: Kind
    op: Operator | None = None
    bound: Decimal | None = None
    """In the metric's own unit."""

    def __str__(self) -> str:
        if self.kind == "within":
            assert self.op
            return f"samples {SIGNS[self.op]} {self.bound} of"
        if self.kind in ("prometheus2", "prometheus3"):
            return f"increase, as {self.kind} estimates it, of"
        return {"increase": "increase of", "sum": "sum of", "share": "sum of", "samples": "samples of"}[self.kind]


INCREASE = Measure("increase")
ESTIMATES: Mapping[str, Measure] = {name: Measure(name) for name in ("prometheus2", "prometheus3")}
SUM = Measure("sum")
SHARE = Measure("share")
SAMPLES = Measure("samples")


INFINITE = Decimal("Infinity")


@frozen
class Asked:
    """What a source is asked: a query as written, and what is counted of the series it selects.

    With `le`, of the buckets of histograms that it selects those up to this bound: INFINITE for all that was observed.
    """

    query: str
    measure: Measure
    le: Decimal | None = None
    """In the metric's own unit."""

    def __str__(self) -> str:
        """What is counted, before the query."""
        bucket = "" if self.le is None else f" buckets le={le_text(self.le)} of"
        return f"{self.measure}{bucket}"


def le_text(bound: Decimal) -> str:
    """The upper bound of a bucket as people write it."""
    return "+Inf" if bound == INFINITE else f"{bound.normalize():f}"


@frozen
class Term:
    """One count that is asked for: the DataSource's name, what it is asked, and who asks, for errors.

    The name is empty where a type of source is named alone, which no file is.
    """

    source: str
    asked: Asked
    asked_by: str

    @property
    def query(self) -> str:
        """The query as written."""
        return self.asked.query

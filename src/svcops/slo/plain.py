"""Which columns hold numbers that can be counted as they are, exactly: of at most 18 digits, 6 behind the point."""

import re
from decimal import Decimal
from math import ceil, floor

from svcops.slo.samples import INTEGERS
from svcops.slo.terms import SIGNS, Measure

MILLIONTHS = "DECIMAL(18, 6)"
_DECIMAL = re.compile(r"DECIMAL\([0-9]+,([0-6])\)")
_MOST_WHOLE, _MOST = 10**15, 10**9
"""Up to these a double means the one whole number, or number of millionths, that it is nearest to: of 15 digits."""
_FURTHEST = 10**12
"""No value of millionths is that large."""


def type_of(type_: str) -> str:
    """As what a column of this type of DuckDB is read; nothing where it is not plain."""
    if type_ in INTEGERS:
        return "BIGINT"
    if found := _DECIMAL.fullmatch(type_):
        return "BIGINT" if found[1] == "0" else MILLIONTHS
    return "DOUBLE" if type_ == "DOUBLE" else ""


def of_double(value: str) -> tuple[str, str]:
    """SQL for whether all doubles are whole numbers, and whether all are millionths; NULL is both."""
    exact = f"CAST(TRY_CAST({value} AS {MILLIONTHS}) AS DOUBLE) = {value}"
    return (
        f"coalesce(bool_and({value} = trunc({value}) AND abs({value}) < {_MOST_WHOLE}), true)",
        f"coalesce(bool_and(({exact}) IS TRUE AND abs({value}) < {_MOST}) FILTER ({value} IS NOT NULL), true)",
    )


def can_be(measure: Measure, least: float | Decimal | None, most: float | Decimal | None) -> bool:
    """Whether all values from the least to the most can be counted so, and the bound is one that they can have."""
    if measure.kind in ("increase", "sum", "share") and least is not None and least < 0:
        return False
    if measure.kind == "share" and most is not None and most > 1:
        return False
    return measure.bound is None or abs(measure.bound) < _FURTHEST


def held_against(measure: Measure, type_: str) -> str:
    """SQL for a comparison with the last value of the type that is still on the right side of the bound."""
    assert measure.bound is not None
    assert measure.op
    digits = 6 if type_ == MILLIONTHS else 0
    nearest = (ceil if measure.op in ("lt", "gte") else floor)(measure.bound.scaleb(digits))
    return f"{SIGNS[measure.op]} CAST({Decimal(nearest).scaleb(-digits):f} AS {type_})"


def grown(value: str, before: str) -> str:
    """SQL for how far a counter grew from one value to the next; a lower value is a restart from 0."""
    return f"CASE WHEN {value} < {before} THEN {value} WHEN {value} >= {before} THEN {value} - {before} ELSE 0 END"

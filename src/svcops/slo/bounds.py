"""The buckets of histograms among the series of a long table: which a term picks, and what is wrong where it cannot.

The sums are over all histograms that a selector selects, so each of them needs a bucket with the bound that is asked
for: between two bounds nobody knows how much was observed, and nothing is guessed.
"""
# ruff: noqa: S608 - SQL is put together from the constants and the numbered column names of this room; what people
# write, and what files hold, only ever reaches it as parameters and as data.

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from itertools import pairwise
from typing import TYPE_CHECKING

from svcops.errors import BadInput
from svcops.slo.engine import BadFile
from svcops.slo.facts import decimal, whole
from svcops.slo.histograms import LE, SUFFIX
from svcops.slo.samples import Table, instant
from svcops.slo.selectors import Matcher, Selector
from svcops.slo.terms import INFINITE, Asked, le_text
from svcops.store.frozen import frozen
from svcops.timing.model import format_instant

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_MOST = 12
"""Bounds that are shown."""


@frozen
class Picking:
    """The series that a term picks, before a bound is chosen: `where` with its values, as SQL for `series`."""

    asked: Asked
    asked_by: str
    selector: Selector
    where: str
    values: tuple[str, ...]


class NoSuchBucket(BadInput):
    """A bucket that a histogram does not have, or something that is no histogram: who asks, and why not."""

    def __init__(self, asked_by: str, why: str, *, help: str = "") -> None:
        super().__init__(f"{asked_by}: {why}", help=help)


def of_bound(one: Picking, columns: Mapping[str, str]) -> tuple[str, list[str | float]]:
    """The condition for the series of the bound that is asked for; `columns` are those of the labels.

    Bounds are compared as numbers: 0.3, 0.30 and 3e-1 are one.
    """
    if one.asked.le is None:
        return one.where, [*one.values]
    if LE not in columns:
        raise _no_histogram(one.asked_by, one.selector)
    return f"{one.where} AND TRY_CAST({columns[LE]} AS DOUBLE) = ?", [*one.values, float(one.asked.le)]


def check_picked(database: "DuckDBPyConnection", one: Picking, columns: Mapping[str, str]) -> None:
    """NoSuchBucket where a histogram lacks the bound that is asked for, or where none has what a selector says."""
    if one.asked.le is not None:
        _check_bound(database, one, one.asked.le, columns)
    elif bound := next((each for each in one.selector.matchers if each.label == LE and each.op == "="), None):
        _check_written(database, one, bound, columns)
    elif one.asked.measure.kind == "within":
        _check_samples(database, one)


def _check_bound(database: "DuckDBPyConnection", one: Picking, bound: Decimal, columns: Mapping[str, str]) -> None:
    others = {label: column for label, column in columns.items() if label != LE}
    keys = ", ".join(others.values())
    lacking = database.execute(
        f"SELECT list(DISTINCT {columns[LE]}), any_value(struct_pack(id{', ' if keys else ''}{keys})) FROM series "
        f"WHERE {one.where} {'GROUP BY ' + keys if keys else ''} "
        f"HAVING count(*) FILTER (TRY_CAST({columns[LE]} AS DOUBLE) = ?) = 0 AND count(*) > 0 ORDER BY min(id) LIMIT 1",
        [*one.values, float(bound)],
    ).fetchone()
    if lacking is None:
        return
    texts, found = lacking
    labels = tuple(Matcher(label, "=", found[column]) for label, column in others.items() if found[column])
    series, known = str(Selector(one.selector.metric, labels)), _bounds(texts)
    if not known:
        raise _no_histogram(one.asked_by, Selector(one.selector.metric, labels))
    why, help_ = _between(bound, known)
    raise NoSuchBucket(one.asked_by, f"{series} has no bucket le={le_text(bound)}{why}", help=help_)


def _no_histogram(asked_by: str, selector: Selector) -> NoSuchBucket:
    why = f"{selector} has no label {LE}, so that it is no histogram"
    return NoSuchBucket(asked_by, why, help=f"The suffix {SUFFIX} is that of histograms; name a gauge otherwise.")


def _between(bound: Decimal, known: Sequence[Decimal]) -> tuple[str, str]:
    """The bounds beside one that is not there, and what to write."""
    if bound == INFINITE:
        return ", which counts all that was observed", "Export the bucket le=+Inf, too."
    beside = next((pair for pair in pairwise(known) if pair[0] < bound < pair[1]), None)
    names = [le_text(one) for one in beside or (known[0] if bound < known[0] else known[-1],)]
    finite = [le_text(one) for one in known if one != INFINITE]
    told = f", but {' and '.join(names)}; what lies between is not known"
    return told, f"Known here as value: {_some(finite)}."


def _bounds(texts: Sequence[str]) -> list[Decimal]:
    found = set()
    for text in texts:
        try:
            number = Decimal(text)
        except InvalidOperation:
            continue
        if not number.is_nan():
            found.add(number)
    return sorted(found)


def _some(texts: Sequence[str]) -> str:
    return ", ".join(texts[:_MOST]) + (f" and {len(texts) - _MOST} more" if len(texts) > _MOST else "")


def _check_written(database: "DuckDBPyConnection", one: Picking, bound: Matcher, columns: Mapping[str, str]) -> None:
    """A selector compares texts, as that of a Prometheus does: where it picks nothing, the bounds that are there."""
    if database.execute(f"SELECT 1 FROM series WHERE {one.where} LIMIT 1", [*one.values]).fetchone():
        return
    rows = database.execute(
        f"SELECT DISTINCT {columns[LE]} FROM series WHERE metric = ? AND {columns[LE]} <> ''", [one.selector.metric]
    ).fetchall()
    texts = sorted((text for (text,) in rows), key=lambda text: (_bounds([text]) or [INFINITE])[0])
    if not texts:
        return
    same = next((text for text in texts if _bounds([text]) == _bounds([bound.value])), None)
    help_ = f'The same number stands there as le="{same}", and a selector compares text.' if same else ""
    why = f"no series of {one.selector.metric} has le={bound.value}; there are {_some(texts)}"
    raise NoSuchBucket(one.asked_by, why, help=help_)


def _check_samples(database: "DuckDBPyConnection", one: Picking) -> None:
    """A histogram by its own name has no samples that could be held against a value."""
    if database.execute(f"SELECT 1 FROM series WHERE {one.where} LIMIT 1", [*one.values]).fetchone():
        return
    buckets = f"{one.selector.metric}{SUFFIX}"
    if database.execute("SELECT 1 FROM series WHERE metric = ? LIMIT 1", [buckets]).fetchone():
        why = f"{one.selector.metric} is a histogram, which has buckets and no samples of its own"
        raise NoSuchBucket(one.asked_by, why, help=f"Ask for {replace(one.selector, metric=buckets)}.")


def check_buckets(
    database: "DuckDBPyConnection", tables: Sequence[Table], asked: Sequence[Asked], columns: Mapping[str, str]
) -> None:
    """BadFile where a histogram says one thing twice, or has more in a bucket than in all at the same time."""
    for term, one in enumerate(asked):
        if one.le is None:
            continue
        several = _has_several(database, columns, term)
        twice = _beside(database, columns, (term, term), "low.series < high.series") if several else None
        if twice:
            file, number, t, _, _ = twice
            why = f"two buckets le={le_text(one.le)} of one histogram at {format_instant(instant(t))}"
            help_ = "It was exported twice, perhaps as a classic and as a native one."
            raise BadFile(tables[file].file.path, why, row=number or None, help=help_)
        more = _beside(database, columns, (term, asked.index(replace(one, le=INFINITE))), "low.v > high.v")
        if more:
            file, number, t, low, high = more
            why = f"{decimal(whole(low))} up to {le_text(one.le)} at {format_instant(instant(t))}, of"
            raise BadFile(
                tables[file].file.path,
                f"{why} {decimal(whole(high))} in all: the buckets of a histogram count everything below, too",
                row=number or None,
            )


def _has_several(database: "DuckDBPyConnection", columns: Mapping[str, str], term: int) -> bool:
    """Whether a histogram has several series of one bound, as after it was written otherwise from one day on."""
    keys = ", ".join(["metric", *(column for label, column in columns.items() if label != LE)])
    found = database.execute(
        "SELECT 1 FROM series WHERE id IN (SELECT series FROM pick WHERE term = ?) "
        f"GROUP BY {keys} HAVING count(*) > 1 LIMIT 1",
        [term],
    )
    return found.fetchone() is not None


def _beside(
    database: "DuckDBPyConnection", columns: Mapping[str, str], terms: tuple[int, int], condition: str
) -> tuple[int, int, int, Decimal, Decimal] | None:
    """The first sample of a term beside which one of another is, of the same histogram and time, as SQL says."""
    keys = "".join(f" AND one.{column} = other.{column}" for label, column in columns.items() if label != LE)
    return database.execute(
        'SELECT low.file, low."row", low.t, low.v, high.v FROM sample AS low JOIN series AS one ON one.id = low.series '
        f"JOIN series AS other ON other.metric = one.metric{keys} "
        f"JOIN sample AS high ON high.series = other.id AND high.t = low.t WHERE {condition} "
        "AND low.series IN (SELECT series FROM pick WHERE term = ?) "
        'AND high.series IN (SELECT series FROM pick WHERE term = ?) ORDER BY low.file, low."row", low.t LIMIT 1',
        list(terms),
    ).fetchone()

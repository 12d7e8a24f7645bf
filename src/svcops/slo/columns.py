"""Wide tables of the plain kind, counted column by column: no sample is made a row of its own.

Plain is what needs no second look: Parquet, or CSV without quotes, in which every time is later than the one before it
and every value a number of at most 18 digits, 6 of them behind the point. Of everything else nothing is said here, and
`svcops.slo.buckets` takes the general way, which gives the same figures, and names what is wrong.
"""
# ruff: noqa: S608 - SQL is put together from the constants and the numbered column names of this module; what people
# write, and what files hold, only ever reaches it as parameters and as data.

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from svcops.slo.contradictions import Above, Pair, in_columns
from svcops.slo.counted import Bucket
from svcops.slo.facts import whole
from svcops.slo.plain import MILLIONTHS, can_be, grown, held_against, of_double, type_of
from svcops.slo.samples import LATEST, Range, Table, csv_relation, instant, instants, microseconds
from svcops.slo.sources import FileSource
from svcops.slo.terms import Asked, Measure
from svcops.store.frozen import frozen

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_OF_NUMBERS = b"0123456789.,:+- TZ\r\n"
"""What a CSV file of plain numbers and times is written with."""
_TOO_FINE = re.compile(rb"\.[0-9]{7}")
_CHUNK = 1 << 20
_KINDS = ("increase", "sum", "share", "samples", "within")


@frozen
class _Column:
    """A column that is asked for: SQL for its values, of which type these are, and whether some rows have none."""

    value: str
    measure: Measure
    type: str
    has_blanks: bool = False


@frozen
class Columns:
    """Plain wide tables as the temporary table `wide`."""

    columns: tuple[_Column, ...]
    ranges: tuple[Range, ...]
    start: int

    @property
    def sampling(self) -> list[int]:
        """Where in `times` each column's are: all columns without a blank were sampled at the same ones."""
        return [number if one.has_blanks else -1 for number, one in enumerate(self.columns)]

    def count(self, database: "DuckDBPyConnection", edges: Sequence[datetime]) -> list[list[Bucket]]:
        """The buckets of each column."""
        database.execute("CREATE OR REPLACE TEMP TABLE edge AS SELECT unnest(?) AS e", [[*map(microseconds, edges)]])
        found: list[list[Bucket]] = [[] for _ in self.columns]
        counted = ", ".join(sql for number, one in enumerate(self.columns) for sql in _counted(number, one))
        more = "".join(f", {_grown(one)} AS more{number}" for number, one in enumerate(self.columns))
        # Beside the times alone, as the join moves whatever is in its rows.
        rows = database.execute(
            "WITH placed AS (SELECT t, e FROM (SELECT t FROM wide WHERE t > ? AND t <= ?) ASOF JOIN edge ON t > e) "
            f"SELECT e, {counted} FROM (SELECT *{more} FROM wide) JOIN placed USING (t) GROUP BY e ORDER BY e",
            [self.start, microseconds(edges[-1])],
        ).fetchall()
        for edge, *counts in rows:
            start = instant(edge)
            for buckets, number, amount in zip(found, counts[::2], counts[1::2], strict=True):
                if number:
                    buckets.append(Bucket(start, number, whole(amount)))
        return found

    def above(
        self, database: "DuckDBPyConnection", pairs: Mapping[Pair, tuple[int, int]], edges: Sequence[datetime]
    ) -> dict[Pair, tuple[Above, ...]]:
        """When more was counted of a part than of its total."""
        values = [one.value for one in self.columns]
        return in_columns(
            database, "wide", {pair: (values[part], values[total]) for pair, (part, total) in pairs.items()}, edges
        )


def _grown(one: _Column) -> str:
    """SQL for how far a counter grew to a row; a lower value is a restart from 0."""
    if one.measure.kind != "increase":
        return "0"
    before = f"lag({one.value} IGNORE NULLS) OVER (ORDER BY t)" if one.has_blanks else f"lag({one.value}) OVER ()"
    return grown(one.value, before)


def _counted(number: int, one: _Column) -> tuple[str, str]:
    """SQL for the number of samples of a column in a bucket, and for what they come to."""
    samples = f"count({one.value})"
    if one.measure.kind == "samples":
        return samples, samples
    if one.measure.kind == "within":
        return samples, f"count(*) FILTER ({one.value} {held_against(one.measure, one.type)})"
    return samples, f"sum(more{number})" if one.measure.kind == "increase" else f"sum({one.value})"


def read(
    database: "DuckDBPyConnection",
    source: FileSource,
    tables: Sequence[Table],
    asked: Sequence[tuple[str, Asked]],
    edges: Sequence[datetime],
) -> Columns | None:
    """Read the columns of these names into `wide`, and when they were sampled into `times`; None if not plain."""
    import duckdb

    from svcops.slo.engine import BadFile

    if source.form not in ("csv", "parquet") or source.zone or any(one.measure.kind not in _KINDS for _, one in asked):
        return None
    try:
        types = _load(database, source, tables, [name for name, _ in asked])
        columns = types and _checked(database, [one.measure for _, one in asked], types)
        if not columns:
            return None
        _fill_times(database, columns, edges)
        rows = database.execute("SELECT file, min(t), max(t) FROM wide GROUP BY file").fetchall()
    except (duckdb.Error, BadFile, OSError):
        return None
    ranges = {file: (first, last) for file, first, last in rows}
    of_files = tuple(ranges.get(number) for number in range(len(tables)))
    return Columns(tuple(columns), of_files, microseconds(edges[0]))


def _load(
    database: "DuckDBPyConnection", source: FileSource, tables: Sequence[Table], names: Sequence[str]
) -> list[str]:
    """Fill `wide`; the types of its columns, or none where files are not plain or differ in what they hold."""
    types: list[str] = []
    for number, table in enumerate(tables):
        known = _types(source, table)
        columns = [table.column(name, source) for name in names]
        found = [known[int(one[1:])] for one in columns]
        if not all(found) or (types and found != types):
            return []
        relation = table.relation
        if source.form == "csv":
            time = table.column(source.time, source)
            read = {*columns, time}
            typed = [one if f"c{place}" in read - {time} else "VARCHAR" for place, one in enumerate(known)]
            relation = csv_relation(typed)
        values = (f"CAST({one} AS {type_})" for one, type_ in zip(columns, found, strict=True))
        kept = "".join(f", {sql} AS v{place}" for place, sql in enumerate(values))
        select = f"SELECT {number} AS file, {instants(source, table)} AS t{kept} FROM {relation}"
        into = "INSERT INTO wide" if types else "CREATE OR REPLACE TEMP TABLE wide AS"
        database.execute(f"{into} {select}", table.parameters)
        types = found
    return types


def _types(source: FileSource, table: Table) -> list[str]:
    """As what each column is read, or nothing where it is not plain."""
    if source.form == "csv":
        return [_type_of_csv(table.file.full)] * len(table.columns)
    return [type_of(one) for one in table.types]


def _type_of_csv(path: str) -> str:
    """The type that holds every number of a CSV file, or nothing: DuckDB would round what it does not hold."""
    has_points = False
    with open(path, "rb") as file:
        file.readline()
        before = b""
        while chunk := file.read(_CHUNK):
            if chunk.translate(None, _OF_NUMBERS):
                return ""
            both = before + chunk
            if b"." in both:
                has_points = True
                if _TOO_FINE.search(both):
                    return ""
            before = chunk[-8:]
    return MILLIONTHS if has_points else "BIGINT"


def _checked(database: "DuckDBPyConnection", measures: Sequence[Measure], types: Sequence[str]) -> list[_Column] | None:
    """The columns of `wide`, where all of it is plain."""
    asked = "".join(
        f"{sql}, "
        for number, (measure, type_) in enumerate(zip(measures, types, strict=True))
        for sql in _looked_at(f"v{number}", measure, type_)
    )
    row = database.execute(
        f"SELECT {asked} count(*), count(*) FILTER (t > before), min(t), max(t) "
        "FROM (SELECT *, lag(t) OVER () AS before FROM wide)"
    ).fetchone()
    assert row
    *of_values, rows, later, first, last = row
    if first is None or later != rows - 1 or first < 0 or last > LATEST:
        return None
    found = [
        _column(number, measure, type_, rows, of_values[number * 5 : number * 5 + 5])
        for number, (measure, type_) in enumerate(zip(measures, types, strict=True))
    ]
    return [one for one in found if one] if all(found) else None


def _looked_at(value: str, measure: Measure, type_: str) -> tuple[str, ...]:
    """SQL for what has to be known of a column: its samples, the least and the most where it matters, of what it is."""
    is_count = measure.kind in ("increase", "sum", "share")
    least, most = f"min({value})" if is_count else "NULL", f"max({value})" if measure.kind == "share" else "NULL"
    return (f"count({value})", least, most, *(of_double(value) if type_ == "DOUBLE" else ("true", "true")))


def _column(number: int, measure: Measure, type_: str, rows: int, seen: Sequence[Any]) -> _Column | None:
    """A column whose values can be counted as they are; None where one of them may be wrong, or is not held exactly."""
    samples, least, most, is_whole, is_millionths = seen
    if not can_be(measure, least, most) or (measure.kind == "sum" and samples < rows):
        return None
    column = _Column(f"v{number}", measure, type_, has_blanks=samples < rows)
    if type_ != "DOUBLE":
        return column
    if not (is_whole or is_millionths):
        return None
    exact = "BIGINT" if is_whole else MILLIONTHS
    return replace(column, value=f"CAST(v{number} AS {exact})", type=exact)


def _fill_times(database: "DuckDBPyConnection", columns: Sequence[_Column], edges: Sequence[datetime]) -> None:
    """Fill `times`: up to the last edge, and before the first the last one that there is; and the `steps` between."""
    start, end = microseconds(edges[0]), microseconds(edges[-1])
    database.execute("CREATE OR REPLACE TEMP TABLE times (sampling INTEGER, t BIGINT)")
    database.execute("CREATE OR REPLACE TEMP TABLE steps (sampling INTEGER, step BIGINT, number BIGINT)")
    for sampling, there in _samplings(columns):
        database.execute(
            f"INSERT INTO times SELECT {sampling}, t FROM wide WHERE {there} AND t <= ? "
            f"AND t >= coalesce((SELECT max(t) FROM wide WHERE {there} AND t <= ?), 0)",
            [end, start],
        )
        # In the order in which they were filled: nothing is sorted.
        database.execute(
            "INSERT INTO steps SELECT sampling, step, count(*) FROM (SELECT sampling, t - lag(t) OVER () AS step "
            "FROM times WHERE sampling = ?) WHERE step IS NOT NULL GROUP BY ALL",
            [sampling],
        )


def _samplings(columns: Sequence[_Column]) -> Iterator[tuple[int, str]]:
    if not all(one.has_blanks for one in columns):
        yield -1, "true"
    for number, one in enumerate(columns):
        if one.has_blanks:
            yield number, f"v{number} IS NOT NULL"

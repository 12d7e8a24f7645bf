"""The samples of one source, read once: files in, tables of the database out.

    raw      one row a sample: file, row, series, t (microseconds from 1970), v (exact decimal), and where one of the
             two could not be read, how it is written
    series   in a long table only: every combination of metric and labels

Rows of a file count from 1; the header of a CSV file is row 1, as it is in an editor. They are numbered only where one
must be named, as that makes DuckDB read one after the other.
"""
# ruff: noqa: S608 - SQL is put together from the constants and the numbered column names of this module; what people
# write, and what files hold, only ever reaches it as parameters and as data.

import csv
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from svcops.slo import partitions
from svcops.slo.engine import BadFile, about, as_named
from svcops.slo.localtime import stretches
from svcops.slo.sources import File, FileSource, Input
from svcops.store.frozen import frozen
from svcops.store.suggest import did_you_mean

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

Range = tuple[int, int] | None
"""The times of the first and the last sample of a file, in microseconds from 1970; None without any."""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LATEST = datetime(2200, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

# 38 digits are what DuckDB has: 20 before the point, which holds any 64-bit counter, and 18 behind it.
NUMBER = "DECIMAL(38, 18)"
_PLAIN_NUMBER = r"[+-]?([0-9]+(\.[0-9]{0,18})?|\.[0-9]{1,18})"
_SHORT_SCIENTIFIC = r"[+-]?[0-9](\.[0-9]{0,16})?[eE][+-]?[0-9]{1,2}"
_UNIX_TIME = r"[+-]?[0-9]+(\.[0-9]*)?([eE][+-]?[0-9]+)?"
_FACTORS = {"s": 1_000_000, "ms": 1_000}
INTEGERS = frozenset(f"{sign}{size}INT" for sign in ("", "U") for size in ("TINY", "SMALL", "BIG")) | {
    *("INTEGER", "UINTEGER")
}
"""The whole numbers of DuckDB that 64 bits hold."""
_LOCAL_TIME = r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d(\.\d+)?)?"
_CSV = (
    "read_csv(?, auto_detect = false, header = {header}, delim = '{delim}', quote = '{quote}', escape = '{quote}',"
    " strict_mode = true, hive_partitioning = false, columns = {{{columns}}}) AS read({names})"
)
_AT_POINTER = "json_extract_string(c0, ?)"
_OFFSET = r"([Zz]|[+-]\d\d(:?\d\d)?)"


@frozen
class Table:
    """A file as the database sees it: `relation` yields columns c0, c1, ... for the columns of these names."""

    file: File
    columns: tuple[str, ...]
    relation: str
    types: tuple[str, ...] = ()
    """The types of the columns, where the file states them."""
    row: str = "0"
    """SQL for the number of a row; 0 where rows are not numbered."""
    is_read: bool = False
    """Whether it was read already: then the relation asks no file."""

    @property
    def parameters(self) -> list[str]:
        """What the relation asks for."""
        return [] if self.is_read else [as_named(self.file.full)]

    @property
    def folders(self) -> dict[str, str]:
        """The names and values of the folders `NAME=VALUE` above the file."""
        return partitions.folders(self.file.path)

    def column(self, name: str, source: FileSource) -> str:
        """The database's name of a column; BadFile where the file lacks it."""
        if name in self.columns:
            return f"c{self.columns.index(name)}"
        known = ", ".join(self.columns)
        help_ = f"DataSource {source.name} says which columns to read."
        if "{" in name:
            which = f"say in DataSource {source.name} which: metric: COLUMN."
            help_ = f"Where a column names the metric of each row, {which}"
        message = f"no column {name}; there are {known}"
        raise BadFile(self.file.path, message, help=did_you_mean(name, self.columns) or help_)


@frozen
class _Columns:
    """What is taken from a file, as SQL: the time, what tells series apart, and the value as `text`.

    `keys` names the columns that tell series apart. `spread`, where one row holds several series, makes rows of them
    after the time of the one has been read.
    """

    time: str
    keys: Sequence[str]
    more: Sequence[str]
    spread: Sequence[str] = ("*",)
    parameters: Sequence[str] = ()


def instant(microseconds: int) -> datetime:
    """Microseconds from 1970 as a time in UTC."""
    return EPOCH + timedelta(microseconds=microseconds)


def microseconds(moment: datetime) -> int:
    """An aware time as microseconds from 1970."""
    return (moment - EPOCH) // _MICROSECOND


LATEST = microseconds(_LATEST)
"""No sample is later."""


def open_tables(
    database: "DuckDBPyConnection",
    source: FileSource,
    files: Iterable[File],
    *,
    numbered: bool,
    bounds: Collection[Decimal] = (),
) -> list[Table]:
    """The files of a source with their columns; JSON lines have the one column of their objects.

    `bounds` are those up to which is asked what native histograms observed.
    """
    if source.form in _READ_AT_ONCE:
        from svcops.slo import exposition

        opened = exposition.open_openmetrics if source.form == "openmetrics" else exposition.open_prometheus_json
        parsed = [(file, opened(database, file, number, bounds)) for number, file in enumerate(files)]
        return [Table(file, one.columns, one.relation, row="n", is_read=True) for file, one in parsed]
    tables = [_TABLES[source.form](database, file) for file in files]
    row = f"row_number() OVER () + {1 if source.form == 'csv' else 0}"
    return [replace(one, row=row) for one in tables] if numbered else tables


def is_long(source: FileSource, tables: Sequence[Table]) -> bool:
    """Whether the tables have a row for each series: a column names the metric. BadFile where the files differ."""
    if source.form == "jsonlines":
        return False
    metric = source.metric or "metric"
    asked = source.metric is not None or source.value is not None
    if not asked and not any(metric in table.columns for table in tables):
        return False
    for table in tables:
        table.column(metric, source)
    return True


def labels(source: FileSource, tables: Sequence[Table]) -> tuple[str, ...]:
    """The labels of long tables: every column of any of the files, and folder above them, that is nothing else.

    That is neither the metric, the value nor the time, and no folder that says when.
    """
    taken = {source.metric or "metric", source.value or "value", source.time, *folders_of_time(tables)}
    return tuple(sorted({name for one in tables for name in (*one.columns, *one.folders)} - taken))


def folders_of_time(tables: Sequence[Table]) -> frozenset[str]:
    """The names of the folders `NAME=VALUE` above the files that say when their samples were taken."""
    return partitions.of_time(one.file.path for one in tables)


def read_long(database: "DuckDBPyConnection", source: FileSource, tables: Sequence[Table]) -> None:
    """Fill `raw` and `series` from long tables; the columns l0, l1, ... are the `labels`, in their order."""
    metric, value = source.metric or "metric", source.value or "value"
    named = labels(source, tables)
    keys = ["metric", *(f"l{number}" for number in range(len(named)))]
    _create_raw(database, [f"{key} VARCHAR" for key in keys])
    for number, table in enumerate(tables):
        columns = [table.column(metric, source)]
        columns += [table.column(label, source) if label in table.columns else "?" for label in named]
        folders = [table.folders.get(label, "") for label in named if label not in table.columns]
        series = [
            f"coalesce(CAST({column} AS VARCHAR), '') AS {key}" for column, key in zip(columns, keys, strict=True)
        ]
        text = f"trim(CAST({table.column(value, source)} AS VARCHAR)) AS text"
        time = table.column(source.time, source)
        _insert(database, source, number, table, _Columns(time, keys, [*series, text], parameters=folders))
    _settle_times(database, source, tables)
    every = ", ".join(keys)
    database.execute(
        "CREATE OR REPLACE TEMP TABLE series AS "
        f"SELECT row_number() OVER (ORDER BY {every}) AS id, {every} FROM (SELECT DISTINCT {every} FROM raw)"
    )


def read_wide(
    database: "DuckDBPyConnection", source: FileSource, tables: Sequence[Table], wanted: Sequence[str]
) -> None:
    """Fill `raw` from wide tables or JSON lines: series 0, 1, ... are the values of these columns, or JSON pointers."""
    _create_raw(database, ["series INTEGER"])
    series = ", ".join(map(str, range(len(wanted))))
    for number, table in enumerate(tables):
        parameters: list[str] = []
        if source.form == "jsonlines":
            time, values = _AT_POINTER, [_AT_POINTER] * len(wanted)
            parameters = [source.time_path.pointer, *wanted]
        else:
            time = table.column(source.time, source)
            values = [f"CAST({table.column(name, source)} AS VARCHAR)" for name in wanted]
        more = [f"[{', '.join(values)}] AS texts"]
        spread = ["* EXCLUDE (texts)", f"unnest([{series}]) AS series", "trim(unnest(texts)) AS text"]
        _insert(database, source, number, table, _Columns(time, ["series"], more, spread, parameters))
    _settle_times(database, source, tables)


def ranges(database: "DuckDBPyConnection", tables: Sequence[Table]) -> list[Range]:
    """The times of the first and last sample of each table in `raw`."""
    rows = database.execute("SELECT file, min(t), max(t) FROM raw GROUP BY file").fetchall()
    found = {file: (first, last) for file, first, last in rows}
    return [found.get(number) for number in range(len(tables))]


def inputs(source: FileSource, tables: Sequence[Table], between: Sequence[Range]) -> tuple[Input, ...]:
    """What was read, with the times of the first and last sample of each file."""
    found = []
    for table, one in zip(tables, between, strict=True):
        first, last = (instant(one[0]), instant(one[1])) if one else (None, None)
        found.append(Input(table.file.path, table.file.sha256, first, last, source.name))
    return tuple(found)


def _create_raw(database: "DuckDBPyConnection", keys: Sequence[str]) -> None:
    columns = ["file INTEGER", '"row" BIGINT', *keys, "t BIGINT", "local BIGINT", "written VARCHAR"]
    columns += [f"v {NUMBER}", "text VARCHAR"]
    database.execute(f"CREATE OR REPLACE TEMP TABLE raw ({', '.join(columns)})")


def _insert(database: "DuckDBPyConnection", source: FileSource, number: int, table: Table, columns: _Columns) -> None:
    """Add the rows of one file: read as text, then times and values as numbers where they are such."""
    named = [f'{table.row} AS "row"', f"trim(CAST({columns.time} AS VARCHAR)) AS written"]
    as_text = f"SELECT {', '.join([*named, *columns.more])} FROM {table.relation}"
    instants, local = _times(source)
    timed = f"SELECT *, {instants} AS t, {local} AS local FROM ({as_text})"
    spread = f"SELECT {', '.join(columns.spread)} FROM ({timed})"
    read = f"SELECT *, {_value('text')} AS v FROM ({spread})"
    kept = [str(number), '"row"', *columns.keys, "t", "local", "CASE WHEN t IS NULL THEN written END"]
    kept += ["v", "CASE WHEN v IS NULL THEN text END"]
    try:
        with about(table.file.path, table.file.full):
            database.execute(
                f"INSERT INTO raw SELECT {', '.join(kept)} FROM ({read})",
                [*columns.parameters, *table.parameters],
            )
    except BadFile:
        line = _first_bad_line(table.file.full) if source.form == "jsonlines" else None
        if line is not None:
            raise BadFile(table.file.path, "not JSON", row=line) from None
        raise


def _first_bad_line(path: str) -> int | None:
    """The first line that is no JSON, counted from 1: DuckDB counts from the block of the file that it is reading."""
    import gzip
    import json

    with gzip.open(path) if path.endswith(".gz") else open(path, "rb") as file:
        for number, line in enumerate(file, 1):
            try:
                json.loads(line if line.strip() else b"null")
            except (ValueError, RecursionError):
                return number
    return None


def instants(source: FileSource, table: Table) -> str:
    """SQL for the instant of a row, as microseconds; NULL where its time names none."""
    column = table.column(source.time, source)
    type_ = table.types[int(column[1:])] if table.types else ""
    if type_ == "TIMESTAMP WITH TIME ZONE" and source.unit == "iso":
        return f"epoch_us({column})"
    if type_ in INTEGERS and source.unit != "iso":
        return f"CAST({column} AS BIGINT) * {_FACTORS[source.unit]}"
    return _times(source, f"trim(CAST({column} AS VARCHAR))")[0]


def _times(source: FileSource, written: str = "written") -> tuple[str, str]:
    """SQL for the instant that `written` names, and for the local time where it names one without an offset."""
    if source.unit != "iso":
        factor = _FACTORS[source.unit]
        number = (
            f"CASE WHEN regexp_full_match({written}, '{_UNIX_TIME}') THEN TRY_CAST({written} AS DECIMAL(24, 9)) END"
        )
        # Up, so that a sample after the edge of a window stays after it.
        return f"TRY_CAST(ceil(({number}) * CAST({factor} AS DECIMAL(7, 0))) AS BIGINT)", "CAST(NULL AS BIGINT)"
    aware = f"regexp_full_match({written}, '{_LOCAL_TIME}{_OFFSET}')"
    local = f"regexp_full_match({written}, '{_LOCAL_TIME}')"
    at, local_at = (f"epoch_us(TRY_CAST(upper({written}) AS {type_}))" for type_ in ("TIMESTAMPTZ", "TIMESTAMP"))
    return f"CASE WHEN {aware} THEN {at} END", f"CASE WHEN {aware} THEN NULL WHEN {local} THEN {local_at} END"


def _value(text: str) -> str:
    """SQL for a number that is held exactly; NULL where the text is none, or has more digits than can be held."""
    held = f"TRY_CAST({text} AS {NUMBER})"
    same = f"CAST({held} AS DOUBLE) = TRY_CAST({text} AS DOUBLE)"
    return (
        f"CASE WHEN regexp_full_match({text}, '{_PLAIN_NUMBER}') THEN {held} "
        f"WHEN regexp_full_match({text}, '{_SHORT_SCIENTIFIC}') AND {same} THEN {held} END"
    )


def _settle_times(database: "DuckDBPyConnection", source: FileSource, tables: Sequence[Table]) -> None:
    """Turn local times into instants; BadFile at the first time that cannot be read, or is no one instant."""
    if source.zone is not None:
        from zoneinfo import ZoneInfo

        first, last = database.execute(
            "SELECT min(local) // 1000000, max(local) // 1000000 FROM raw WHERE local BETWEEN 0 AND ?",
            [LATEST],
        ).fetchone() or (None, None)
        for one in stretches(ZoneInfo(source.zone), first, last) if first is not None else ():
            database.execute(
                "UPDATE raw SET t = local - ? WHERE local >= ? AND local < ?",
                [one.offset * 1_000_000, one.start * 1_000_000, one.end * 1_000_000],
            )
    row = database.execute(
        'SELECT file, "row", t, local, written FROM raw WHERE t IS NULL OR t NOT BETWEEN 0 AND ? '
        'ORDER BY file, "row" LIMIT 1',
        [LATEST],
    ).fetchone()
    if row:
        file, number, *time = row
        why, help_ = _bad_time(source, *time)
        raise BadFile(tables[file].file.path, f"{source.time.strip('_')}: {why}", row=number or None, help=help_)


def _bad_time(source: FileSource, t: int | None, local: int | None, written: str | None) -> tuple[str, str]:
    """Why a time cannot be used, and what to do."""
    unit_help = f"DataSource {source.name} has unit: {source.unit}; iso, s and ms are known."
    if t is not None:
        return "a time outside the years 1970 to 2199", unit_help
    if local is None:
        if not written:
            return "the time is missing", ""
        wanted = "a time such as 2026-11-23T08:15:00Z" if source.unit == "iso" else "a number"
        return f"{written} is not {wanted}", unit_help
    if source.zone is None:
        help_ = f"Export times with an offset, or say in DataSource {source.name} which zone: they are in."
        return f"{written} has no offset, and no zone is stated", help_
    why = f"{written} is not one instant in {source.zone}: clocks were changed then"
    return why, "Export times with an offset."


def _open_csv(database: "DuckDBPyConnection", file: File) -> Table:
    """A CSV file with commas, quotes and a header; every column is read as text."""
    lines = _CSV.format(header="false", delim="\x01", quote="", columns="'c0': 'VARCHAR'", names="c0")
    with about(file.path, file.full):
        line = database.execute(f"SELECT c0 FROM {lines} LIMIT 1", [as_named(file.full)]).fetchone()
    if line is None or not line[0]:
        raise BadFile(file.path, "an empty file: not even a header")
    columns = tuple(name.strip() for name in next(csv.reader([line[0]])))
    if len(columns) == 1 and ";" in columns[0]:
        raise BadFile(file.path, "the columns are separated by ;, and commas are read", row=1)
    twice = next((name for name in columns if columns.count(name) > 1), None)
    if twice is not None:
        raise BadFile(file.path, f"two columns of the name {twice}", row=1)
    return Table(file, columns, csv_relation(["VARCHAR"] * len(columns)))


def csv_relation(types: Sequence[str]) -> str:
    """What yields the columns c0, c1, ... of a CSV file, as values of these types."""
    names = [f"c{number}" for number in range(len(types))]
    typed = ", ".join(f"'{name}': '{type_}'" for name, type_ in zip(names, types, strict=True))
    return _CSV.format(header="true", delim=",", quote='"', columns=typed, names=", ".join(names))


def _open_parquet(database: "DuckDBPyConnection", file: File) -> Table:
    with about(file.path, file.full):
        description = database.execute(
            "SELECT * FROM read_parquet(?, hive_partitioning = false) LIMIT 0", [as_named(file.full)]
        ).description
    columns = tuple(str(column[0]) for column in description or ())
    names = ", ".join(f"c{number}" for number in range(len(columns)))
    types = tuple(str(column[1]) for column in description or ())
    return Table(file, columns, f"read_parquet(?, hive_partitioning = false) AS read({names})", types)


def _open_jsonlines(database: "DuckDBPyConnection", file: File) -> Table:
    del database
    return Table(file, (), "read_ndjson_objects(?, hive_partitioning = false) AS read(c0)")


_READ_AT_ONCE = ("openmetrics", "prometheusjson")
_TABLES = {"csv": _open_csv, "parquet": _open_parquet, "jsonlines": _open_jsonlines}

"""From the samples of one source to one table of buckets, for all SLOs that use it.

Everything that can be wrong with a sample is found before it is counted. A bucket reaches from one of the edges
that are given to the next, so that whatever begins and ends at edges is exactly so many buckets.
"""
# ruff: noqa: S608 - SQL is put together from the constants and the numbered column names of this room; what people
# write, and what files hold, only ever reaches it as parameters and as data.

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from svcops.errors import BadInput
from svcops.slo import samples
from svcops.slo.engine import BadFile, about, reason
from svcops.slo.facts import Bucket, decimal, whole
from svcops.slo.samples import Table, instant, microseconds
from svcops.slo.selectors import NotASelector, Selector, parse_path, parse_selector
from svcops.slo.sources import File, FileSource, Input
from svcops.store.frozen import frozen
from svcops.store.suggest import did_you_mean
from svcops.timing.model import format_instant

if TYPE_CHECKING:
    from decimal import Decimal

    from duckdb import DuckDBPyConnection

_SQL_OF_OP = {"=": "{0} = ?", "!=": "{0} <> ?", "=~": "{1}", "!~": "NOT {1}"}
_NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?")
_FULL_MATCH = "regexp_full_match({0}, ?, 's')"


class BadQuery(BadInput):
    """A query that cannot be followed: who asks it, why, and the character at which it goes wrong."""

    def __init__(self, asked_by: str, query: str, why: str, column: int, *, help: str = "") -> None:
        shown = f"\n  {query}\n  {' ' * (column - 1)}^" if query.isprintable() else ""
        super().__init__(f"{asked_by}: {why}, at character {column}{shown}", help=help)


@frozen
class Counted:
    """What one query selects: the metric it is about, and its buckets in the order of time; empty ones are left out."""

    metric: str
    buckets: tuple[Bucket, ...]


@frozen
class Reading:
    """One source, read: what each query counted, and which files were read."""

    counted: Mapping[str, Counted]
    inputs: tuple[Input, ...]


def read_source(
    database: "DuckDBPyConnection",
    source: FileSource,
    files: Sequence[File],
    queries: Mapping[str, str],
    edges: Sequence[datetime],
) -> Reading:
    """Count what each query selects in the files of a source, after the first of these edges until the last.

    `edges` are two or more, in the order of time. `queries` maps each query, as written, to who asks it, for errors.
    BadInput where a query or a file is wrong: BadQuery at its character, BadFile at its row;
    ChangedWhileRead where a file is written to meanwhile.
    """
    try:
        return _read(database, source, samples.open_tables(database, source, files, numbered=False), queries, edges)
    except BadFile:
        # Once more, to name the row as well.
        return _read(database, source, samples.open_tables(database, source, files, numbered=True), queries, edges)


def _read(
    database: "DuckDBPyConnection",
    source: FileSource,
    tables: Sequence[Table],
    queries: Mapping[str, str],
    edges: Sequence[datetime],
) -> Reading:
    database.execute("CREATE OR REPLACE TEMP TABLE pick (term INTEGER, series BIGINT)")
    long = samples.is_long(source, tables)
    metrics = (_pick_long if long else _pick_wide)(database, source, tables, queries)
    with about(f"{source.document}: DataSource {source.name}"):
        _keep_what_counts(database, edges)
        _check_values(database, tables, (lambda _: source.value or "value") if long else metrics.__getitem__)
        _make_unique(database, tables)
        buckets = _count(database, edges, len(queries))
    for table in tables:
        table.file.check_unchanged()
    counted = {query: Counted(metrics[term], buckets[term]) for term, query in enumerate(queries)}
    return Reading(counted, samples.inputs(database, source, tables))


def _pick_long(
    database: "DuckDBPyConnection", source: FileSource, tables: Sequence[Table], queries: Mapping[str, str]
) -> list[str]:
    """Read a long table and find the series of each selector; the names of their metrics."""
    selectors = [_selector(query, asked_by) for query, asked_by in queries.items()]
    for selector, (query, asked_by) in zip(selectors, queries.items(), strict=True):
        _check_patterns(database, selector, query, asked_by)
    columns = {label: f"l{number}" for number, label in enumerate(samples.labels(source, tables))}
    for selector, (query, asked_by) in zip(selectors, queries.items(), strict=True):
        _check_labels(selector, query, asked_by, list(columns))
    samples.read_long(database, source, tables)
    for term, selector in enumerate(selectors):
        conditions = ["metric = ?"]
        for one in selector.matchers:
            column = columns[one.label]
            conditions.append(_SQL_OF_OP[one.op].format(column, _FULL_MATCH.format(column)))
        values = [selector.metric, *(one.value for one in selector.matchers)]
        where = " AND ".join(conditions)
        database.execute(f"INSERT INTO pick SELECT {term}, id FROM series WHERE {where}", values)
    keys = ", ".join(["metric", *columns.values()])
    database.execute(
        f"CREATE OR REPLACE TEMP VIEW sample AS SELECT raw.*, id AS series FROM raw JOIN series USING ({keys}) "
        "WHERE id IN (SELECT series FROM pick)"
    )
    return [selector.metric for selector in selectors]


def _selector(query: str, asked_by: str) -> Selector:
    try:
        return parse_selector(query)
    except NotASelector as error:
        raise BadQuery(asked_by, query, error.reason, error.column) from None


def _check_patterns(database: "DuckDBPyConnection", selector: Selector, query: str, asked_by: str) -> None:
    """BadQuery where RE2 does not know a regular expression."""
    import duckdb

    for one in selector.matchers:
        if one.op in ("=~", "!~"):
            try:
                database.execute(f"SELECT {_FULL_MATCH.format('?')}", ["", one.value])
            except duckdb.Error as error:
                why = f"not a regular expression of RE2: {reason(error)}"
                raise BadQuery(asked_by, query, why, one.column) from None


def _check_labels(selector: Selector, query: str, asked_by: str, known: Sequence[str]) -> None:
    """BadQuery at a label that no file has a column for: its condition would hold for nothing, or for everything."""
    for one in selector.matchers:
        if one.label not in known:
            there = f"the labels are {', '.join(known)}" if known else "there are no labels"
            why = f"no file has a column {one.label} that is a label; {there}"
            raise BadQuery(asked_by, query, why, one.label_column, help=did_you_mean(one.label, known))


def _pick_wide(
    database: "DuckDBPyConnection", source: FileSource, tables: Sequence[Table], queries: Mapping[str, str]
) -> list[str]:
    """Read wide tables or JSON lines, where each query is one series; the columns, or paths, as they are written."""
    names, wanted = [], []
    for query, asked_by in queries.items():
        if source.form != "jsonlines":
            names.append(query.strip())
            wanted.append(query.strip())
            continue
        try:
            path = parse_path(query)
        except NotASelector as error:
            raise BadQuery(asked_by, query, error.reason, error.column) from None
        names.append(str(path))
        wanted.append(path.pointer)
    samples.read_wide(database, source, tables, wanted)
    database.execute(f"INSERT INTO pick SELECT unnest(range({len(names)})), unnest(range({len(names)}))")
    database.execute("CREATE OR REPLACE TEMP VIEW sample AS SELECT * FROM raw")
    return names


def _keep_what_counts(database: "DuckDBPyConnection", edges: Sequence[datetime]) -> None:
    """Keep the samples between the outer edges, and before them each series' last one: a counter grows from there."""
    start, end = microseconds(edges[0]), microseconds(edges[-1])
    database.execute(
        "CREATE OR REPLACE TEMP TABLE used AS "
        "WITH before AS (SELECT series, max(t) AS last FROM sample WHERE t <= ? GROUP BY series) "
        "SELECT sample.* FROM sample LEFT JOIN before USING (series) WHERE t <= ? AND (t > ? OR t = last)",
        [start, end, start],
    )


def _check_values(database: "DuckDBPyConnection", tables: Sequence[Table], name_of: Callable[[int], str]) -> None:
    """BadFile at the first sample that is no count; `name_of` says what a series is called."""
    row = database.execute(
        'SELECT file, "row", t, v, text, series FROM used WHERE v IS NULL OR v < 0 ORDER BY file, "row", series LIMIT 1'
    ).fetchone()
    if row is None:
        return
    file, number, t, value, text, series = row
    if value is not None:
        why = f"{decimal(whole(value))} is negative, and no count is"
    elif not text:
        why = "the value is missing"
    elif not _NUMBER.fullmatch(text):
        why = f"{text} is not a number"
    else:
        why = f"{text} is not a number that can be held exactly (20 digits before the point, 18 behind it)"
    raise BadFile(
        tables[file].file.path, f"{name_of(series)} at {format_instant(instant(t))}: {why}", row=number or None
    )


def _make_unique(database: "DuckDBPyConnection", tables: Sequence[Table]) -> None:
    """Make the same value twice one sample; BadFile where one series has two values at one time."""
    database.execute(
        "CREATE OR REPLACE TEMP TABLE once AS "
        "SELECT series, t, min(v) AS v, max(v) AS highest FROM used GROUP BY series, t"
    )
    found = database.execute("SELECT series, t FROM once WHERE v <> highest ORDER BY t, series LIMIT 1").fetchone()
    if found is None:
        return
    rows = database.execute(
        'SELECT file, "row", v FROM used WHERE series = ? AND t = ? ORDER BY file, "row"', list(found)
    ).fetchall()
    file, number, value = rows[0]
    other = next(row for row in rows if row[2] != value)
    place = f"row {other[1]}" if other[0] == file else f"{tables[other[0]].file.path}, row {other[1]}"
    why = f"{decimal(whole(value))} here and {decimal(whole(other[2]))} in {place}, of one series at one time"
    raise BadFile(
        tables[file].file.path,
        f"{why} ({format_instant(instant(found[1]))})",
        row=number or None,
        help="Two exports contradict each other, or a label that tells two series apart is missing.",
    )


def _count(database: "DuckDBPyConnection", edges: Sequence[datetime], terms: int) -> list[tuple[Bucket, ...]]:
    """The buckets of each term. An increase belongs to the later of two samples; a lower value is a restart from 0."""
    start = microseconds(edges[0])
    database.execute("CREATE OR REPLACE TEMP TABLE edge (e BIGINT)")
    database.execute("INSERT INTO edge SELECT unnest(?)", [[microseconds(one) for one in edges[:-1]]])
    rows: list[tuple[int, int, int, Decimal, Decimal]] = database.execute(
        "WITH beside AS (SELECT *, lag(v) OVER (PARTITION BY series ORDER BY t) AS before FROM once), grown AS "
        "(SELECT *, CASE WHEN v < before THEN v WHEN v >= before THEN v - before ELSE 0 END AS more FROM beside) "
        "SELECT term, e, count(*), sum(v), sum(more) FROM grown ASOF JOIN edge ON t > e JOIN pick USING (series) "
        "WHERE t > ? GROUP BY term, e ORDER BY term, e",
        [start],
    ).fetchall()
    found: list[list[Bucket]] = [[] for _ in range(terms)]
    for term, edge, number, value, increase in rows:
        found[term].append(Bucket(instant(edge), number, whole(value), whole(increase)))
    return [tuple(buckets) for buckets in found]

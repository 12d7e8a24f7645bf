"""From the samples of one source to one table of buckets, for all SLOs that use it.

Everything that can be wrong with a sample is found before it is counted. A bucket reaches from one of the edges
that are given to the next, so that whatever begins and ends at edges is exactly so many buckets.
"""
# ruff: noqa: S608 - SQL is put together from the constants and the numbered column names of this room; what people
# write, and what files hold, only ever reaches it as parameters and as data.

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from svcops.errors import BadInput
from svcops.slo import samples
from svcops.slo.counted import PATIENCE, Bucket, Counted, Sampled
from svcops.slo.engine import BadFile, about, reason
from svcops.slo.facts import decimal, whole
from svcops.slo.samples import Table, instant, microseconds
from svcops.slo.selectors import NotASelector, Selector, parse_path, parse_selector
from svcops.slo.sources import File, FileSource, Input
from svcops.slo.terms import Asked
from svcops.store.frozen import frozen
from svcops.store.suggest import did_you_mean
from svcops.timing.hours import Interval
from svcops.timing.model import format_instant

if TYPE_CHECKING:
    from decimal import Decimal

    from duckdb import DuckDBPyConnection

_SQL_OF_OP = {"=": "{0} = ?", "!=": "{0} <> ?", "=~": "{1}", "!~": "NOT {1}"}
_NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?")
_FULL_MATCH = "regexp_full_match({0}, ?, 's')"
_NAN = "[+-]?(?i:nan)"
_INFINITE = "[+-]?(?i:inf(?:inity)?)"
_COUNTS = "list_has_any(kinds, ['increase', 'sum', 'share'])"
_WRONG = (
    f"(v IS NULL AND ({_COUNTS} OR NOT regexp_full_match(text, '{_INFINITE}') OR text IS NULL)) "
    f"OR (v < 0 AND {_COUNTS}) OR (v > 1 AND list_contains(kinds, 'share'))"
)
"""SQL for a sample that cannot be counted: what grows or is summed is a number from 0, what is compared any number."""
_WITHIN = (
    "CASE WHEN v IS NULL THEN (beyond > 0) = (op IN ('gt', 'gte')) WHEN op = 'lte' THEN v <= bound "
    "WHEN op = 'gte' THEN v >= bound WHEN op = 'lt' THEN v < bound ELSE v > bound END"
)
_AMOUNT = (
    "CASE kind WHEN 'increase' THEN more WHEN 'samples' THEN 1 "
    f"WHEN 'within' THEN CASE WHEN {_WITHIN} THEN 1 ELSE 0 END ELSE v END"
)
"""SQL for what a sample adds to the count of a term."""


class BadQuery(BadInput):
    """A query that cannot be followed: who asks it, why, and the character at which it goes wrong."""

    def __init__(self, asked_by: str, query: str, why: str, column: int, *, help: str = "") -> None:
        shown = f"\n  {query}\n  {' ' * (column - 1)}^" if query.isprintable() else ""
        super().__init__(f"{asked_by}: {why}, at character {column}{shown}", help=help)


@frozen
class Reading:
    """One source, read: what was counted of all that was asked, and which files were read."""

    counted: Mapping[Asked, Counted]
    inputs: tuple[Input, ...]


def read_source(
    database: "DuckDBPyConnection",
    source: FileSource,
    files: Sequence[File],
    asked: Mapping[Asked, str],
    edges: Sequence[datetime],
) -> Reading:
    """Count what is asked of the files of a source, after the first of these edges until the last.

    `edges` are two or more, in the order of time. `asked` maps what is asked to who asks it, for errors.
    BadInput where a query or a file is wrong: BadQuery at its character, BadFile at its row;
    ChangedWhileRead where a file is written to meanwhile.
    """
    try:
        return _read(database, source, samples.open_tables(database, source, files, numbered=False), asked, edges)
    except BadFile:
        # Once more, to name the row as well.
        return _read(database, source, samples.open_tables(database, source, files, numbered=True), asked, edges)


def _read(
    database: "DuckDBPyConnection",
    source: FileSource,
    tables: Sequence[Table],
    asked: Mapping[Asked, str],
    edges: Sequence[datetime],
) -> Reading:
    database.execute("CREATE OR REPLACE TEMP TABLE pick (term INTEGER, series BIGINT)")
    _create_terms(database, asked)
    long = samples.is_long(source, tables)
    metrics = (_pick_long if long else _pick_wide)(database, source, tables, asked)
    with about(f"{source.document}: DataSource {source.name}"):
        _keep_what_counts(database, edges, blanks=not long)
        _check_values(
            database, tables, (lambda _: (source.value or "value").strip("_")) if long else metrics.__getitem__
        )
        _make_unique(database, tables)
        buckets = _count(database, edges, len(asked))
        sampled = _sampled(database, source, len(asked))
    for table in tables:
        table.file.check_unchanged()
    counted = {one: Counted(metrics[term], buckets[term], sampled[term]) for term, one in enumerate(asked)}
    return Reading(counted, samples.inputs(database, source, tables))


def _create_terms(database: "DuckDBPyConnection", asked: Iterable[Asked]) -> None:
    database.execute(
        f"CREATE OR REPLACE TEMP TABLE term (term INTEGER, kind VARCHAR, op VARCHAR, bound {samples.NUMBER})"
    )
    for number, one in enumerate(asked):
        measure = one.measure
        database.execute("INSERT INTO term VALUES (?, ?, ?, ?)", [number, measure.kind, measure.op, measure.bound])


def _pick_long(
    database: "DuckDBPyConnection", source: FileSource, tables: Sequence[Table], asked: Mapping[Asked, str]
) -> list[str]:
    """Read a long table and find the series of each selector; the names of their metrics."""
    selectors = [_selector(one.query, asked_by) for one, asked_by in asked.items()]
    for selector, (one, asked_by) in zip(selectors, asked.items(), strict=True):
        _check_patterns(database, selector, one.query, asked_by)
    columns = {label: f"l{number}" for number, label in enumerate(samples.labels(source, tables))}
    for selector, (one, asked_by) in zip(selectors, asked.items(), strict=True):
        _check_labels(selector, one.query, asked_by, list(columns))
    samples.read_long(database, source, tables)
    for term, selector in enumerate(selectors):
        conditions = ["metric = ?"]
        for matcher in selector.matchers:
            column = columns[matcher.label]
            conditions.append(_SQL_OF_OP[matcher.op].format(column, _FULL_MATCH.format(column)))
        values = [selector.metric, *(matcher.value for matcher in selector.matchers)]
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
    database: "DuckDBPyConnection", source: FileSource, tables: Sequence[Table], asked: Mapping[Asked, str]
) -> list[str]:
    """Read wide tables or JSON lines, where each query is one series; the columns, or paths, as they are written."""
    names, wanted = [], []
    for query, asked_by in ((one.query, asked_by) for one, asked_by in asked.items()):
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
    if source.form == "jsonlines":
        _check_paths(database, asked)
    database.execute(f"INSERT INTO pick SELECT unnest(range({len(names)})), unnest(range({len(names)}))")
    database.execute("CREATE OR REPLACE TEMP VIEW sample AS SELECT * FROM raw")
    return names


def _check_paths(database: "DuckDBPyConnection", asked: Mapping[Asked, str]) -> None:
    """BadQuery at a path that leads nowhere in any line; in some it may: then there was no sample."""
    found = database.execute("SELECT DISTINCT series FROM raw WHERE text IS NOT NULL OR v IS NOT NULL").fetchall()
    known = {series for (series,) in found}
    for number, (one, asked_by) in enumerate(asked.items()):
        if number not in known:
            raise BadQuery(asked_by, one.query, "no line has a value there", 1, help="Keys are case-sensitive.")


def _keep_what_counts(database: "DuckDBPyConnection", edges: Sequence[datetime], *, blanks: bool) -> None:
    """Keep the samples between the outer edges, and before them each series' last one: a counter grows from there.

    NaN is no sample: it says that nothing was measured, or that the series ended. With `blanks`, where one row holds
    several series, a cell without a value is none either. Not so where the count of each interval is summed: there a
    part that is not stated would pass for none.
    """
    start, end = microseconds(edges[0]), microseconds(edges[-1])
    blank = " OR coalesce(text, '') = ''" if blanks else ""
    summed = "SELECT series FROM pick JOIN term USING (term) WHERE kind = 'sum'"
    is_none = f"v IS NULL AND (regexp_full_match(text, '{_NAN}'){blank}) AND series NOT IN ({summed})"
    database.execute(
        f"CREATE OR REPLACE TEMP TABLE used AS WITH given AS (SELECT * FROM sample WHERE ({is_none}) IS NOT TRUE), "
        "before AS (SELECT series, max(t) AS last FROM given WHERE t <= ? GROUP BY series) "
        "SELECT given.* FROM given LEFT JOIN before USING (series) WHERE t <= ? AND (t > ? OR t = last)",
        [start, end, start],
    )


def _check_values(database: "DuckDBPyConnection", tables: Sequence[Table], name_of: Callable[[int], str]) -> None:
    """BadFile at the first sample that cannot be counted as it is asked; `name_of` says what a series is called."""
    row = database.execute(
        "WITH asked AS (SELECT series, list(DISTINCT kind) AS kinds FROM pick JOIN term USING (term) GROUP BY series) "
        f'SELECT file, "row", t, v, text, series FROM used JOIN asked USING (series) WHERE {_WRONG} '
        'ORDER BY file, "row", series LIMIT 1'
    ).fetchone()
    if row is None:
        return
    file, number, t, value, text, series = row
    if value is not None and value < 0:
        why = f"{decimal(whole(value))} is negative, and no count is"
    elif value is not None:
        why = f"{decimal(whole(value))} is above 1, and no share is"
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
    """Make the same value twice one sample; BadFile where a series of counts has two values at one time.

    Of what is held against a value both are samples. What lies beyond every number has no `v`: the sign of `beyond`
    tells which way.
    """
    database.execute(
        "CREATE OR REPLACE TEMP TABLE once AS SELECT DISTINCT series, t, v, "
        "CASE WHEN v IS NOT NULL THEN 0 WHEN text LIKE '-%' THEN -1 ELSE 1 END AS beyond FROM used"
    )
    found = database.execute(
        "SELECT series, t FROM once WHERE series IN "
        "(SELECT series FROM pick JOIN term USING (term) WHERE kind IN ('increase', 'sum')) "
        "GROUP BY series, t HAVING count(*) > 1 ORDER BY t, series LIMIT 1"
    ).fetchone()
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


def _count(database: "DuckDBPyConnection", edges: Sequence[datetime], terms: int) -> list[list[Bucket]]:
    """The buckets of each term. An increase belongs to the later of two samples; a lower value is a restart from 0."""
    start = microseconds(edges[0])
    database.execute("CREATE OR REPLACE TEMP TABLE edge (e BIGINT)")
    database.execute("INSERT INTO edge SELECT unnest(?)", [[microseconds(one) for one in edges[:-1]]])
    rows: list[tuple[int, int, int, Decimal]] = database.execute(
        "WITH beside AS (SELECT *, lag(v) OVER (PARTITION BY series ORDER BY t) AS before FROM once), grown AS "
        "(SELECT *, CASE WHEN v < before THEN v WHEN v >= before THEN v - before ELSE 0 END AS more FROM beside) "
        f"SELECT term, e, count(*), sum({_AMOUNT}) FROM grown ASOF JOIN edge ON t > e JOIN pick USING (series) "
        "JOIN term USING (term) WHERE t > ? GROUP BY term, e ORDER BY term, e",
        [start],
    ).fetchall()
    found: list[list[Bucket]] = [[] for _ in range(terms)]
    for term, edge, number, amount in rows:
        found[term].append(Bucket(instant(edge), number, whole(amount)))
    return found


def _sampled(database: "DuckDBPyConnection", source: FileSource, terms: int) -> list[Sampled]:
    """When each term was sampled, by any of its series."""
    database.execute(
        "CREATE OR REPLACE TEMP TABLE seen AS SELECT term, t, t - lag(t) OVER (PARTITION BY term ORDER BY t) AS step "
        "FROM (SELECT DISTINCT term, t FROM once JOIN pick USING (series))"
    )
    found = [Sampled()] * terms
    steps: dict[int, int] = {}
    for term, first, last, usual in database.execute(
        "SELECT term, min(t), max(t), quantile_disc(step, 0.5) FROM seen GROUP BY term"
    ).fetchall():
        step = source.step or (timedelta(microseconds=usual) if usual else None)
        found[term] = Sampled(instant(first), instant(last), step)
        steps[term] = step // timedelta(microseconds=1) if step else 0
    gaps: dict[int, list[Interval]] = {}
    for term, last, step in database.execute(
        "SELECT term, t, step FROM seen "
        "JOIN (SELECT unnest(?) AS term, CAST(unnest(?) AS BIGINT) AS usual) USING (term) "
        f"WHERE step * {PATIENCE.denominator} > usual * {PATIENCE.numerator} ORDER BY term, t",
        [list(steps), list(steps.values())],
    ).fetchall():
        gaps.setdefault(term, []).append(Interval(instant(last - step), instant(last - steps[term])))
    return [replace(one, gaps=tuple(gaps.get(term, ()))) for term, one in enumerate(found)]

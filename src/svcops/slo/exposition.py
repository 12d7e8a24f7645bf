"""Samples in the formats of Prometheus: OpenMetrics text, and what its HTTP API answers to a range.

Both say which metric, which labels, which time. They are read at once, into a table that the readers of long tables
read on: files of these formats are scrapes, backfills and answers, not years of samples.
"""
# ruff: noqa: S608 - SQL is put together from numbers and the constants of this module; what files hold, the names of
# labels too, only ever reaches it as parameters and as data.

from collections.abc import Collection
from decimal import Decimal
from typing import TYPE_CHECKING

from svcops.slo import native_histograms
from svcops.slo.engine import BadFile, about, as_named
from svcops.slo.sources import File
from svcops.store.frozen import frozen

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_LABEL = r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"'
_SAMPLE = (
    r"^([a-zA-Z_:][a-zA-Z0-9_:]*)"
    r'(?:\{((?:[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\]|\\["\\n])*",?)*)\})?'
    r" ([^ ]+)(?: ([^ ]+))?(?: # .*)?$"
)
"""A sample of OpenMetrics 1.0 ("ABNF"): name, labels, value, time; an exemplar is left out."""
_LINES = (
    r"read_csv(?, auto_detect = false, header = false, delim = '\x01', quote = '', escape = '', strict_mode = true, "
    "hive_partitioning = false, columns = {'line': 'VARCHAR'})"
)
_UNESCAPED = r"""replace(replace(replace(replace(x, '\\', chr(1)), '\n', chr(10)), '\"', '"'), chr(1), '\')"""
_SHAPE = (
    '{"status": "VARCHAR", "error": "VARCHAR", "data": {"resultType": "VARCHAR", '
    '"result": [{"metric": "MAP(VARCHAR, VARCHAR)", "values": "JSON[]", "histograms": "JSON[]"}]}}'
)
_LONGEST = 60
"""Characters of a line that are shown."""
_MOST_BYTES = 2**31
"""Of one answer."""
FIXED = ("__name__", "__time__", "__value__")
"""The columns that every file has; the others are its labels."""


@frozen
class Parsed:
    """A file as a table in the database: `relation` yields columns c0, c1, ... of these names."""

    columns: tuple[str, ...]
    relation: str


def open_openmetrics(
    database: "DuckDBPyConnection", file: File, number: int, bounds: Collection[Decimal] = ()
) -> Parsed:
    """Read a file of OpenMetrics text, whose histograms (version 1.0) have the bounds that they have.

    BadFile at the first line that is no sample, at a sample without a time, or where the end of the file is missing.
    """
    del bounds
    with about(file.path, file.full):
        database.execute(
            f"CREATE OR REPLACE TEMP TABLE lines_{number} AS SELECT line, row_number() OVER () AS n, "
            f"regexp_extract(line, ?, ['name', 'labels', 'value', 'time']) AS found FROM {_LINES}",
            [_SAMPLE, as_named(file.full)],
        )
    _check_lines(database, file, number)
    database.execute(
        f"CREATE OR REPLACE TEMP TABLE parsed_{number} AS SELECT n, found.name AS name, found.time AS t, "
        "found.value AS value, map(regexp_extract_all(found.labels, ?, 1), list_transform("
        f"regexp_extract_all(found.labels, ?, 2), lambda x: {_UNESCAPED})) AS labels "
        f"FROM lines_{number} WHERE found.name <> ''",
        [_LABEL, _LABEL],
    )
    return _table(database, number)


def _check_lines(database: "DuckDBPyConnection", file: File, number: int) -> None:
    last = database.execute(f"SELECT line FROM lines_{number} WHERE line <> '' ORDER BY n DESC LIMIT 1").fetchone()
    if last is None or last[0] != "# EOF":
        raise BadFile(file.path, "the last line is not # EOF: the file is cut off, or it is no OpenMetrics")
    row = database.execute(
        f"SELECT n, line, found.name FROM lines_{number} WHERE line NOT LIKE '#%' AND line <> '' "
        "AND (found.name = '' OR found.time = '') ORDER BY n LIMIT 1"
    ).fetchone()
    if row:
        line, text, name = row
        why = "a sample without a time" if name else f"no sample of OpenMetrics: {text[:_LONGEST]}"
        raise BadFile(file.path, why, row=line)


def open_prometheus_json(
    database: "DuckDBPyConnection", file: File, number: int, bounds: Collection[Decimal] = ()
) -> Parsed:
    """Read the answer to a range query, or to an instant query for a range selector: a matrix.

    Native histograms become the series of classic ones, with these bounds among others.

    BadFile where it is no answer, says that something failed, or holds something else than a matrix.
    """
    with about(file.path, file.full):
        database.execute(
            f"CREATE OR REPLACE TEMP TABLE answer_{number} AS SELECT from_json(json, '{_SHAPE}') AS answer "
            f"FROM read_json_objects(?, format = 'unstructured', maximum_object_size = {_MOST_BYTES})",
            [as_named(file.full)],
        )
        rows = database.execute(
            f"SELECT answer.status, answer.error, answer.data.resultType FROM answer_{number}"
        ).fetchall()
    wrong = next((row for row in rows if row[0] != "success" or row[2] != "matrix"), None)
    if wrong or not rows:
        status, error, kind = wrong or (None, None, None)
        why = f"it says {error}" if error else f"its resultType is {kind}" if kind else f"its status is {status}"
        raise BadFile(file.path, f"no answer of Prometheus with a matrix: {why}")
    database.execute(
        f"CREATE OR REPLACE TEMP TABLE parsed_{number} AS WITH series AS "
        f"(SELECT unnest(answer.data.result) AS one FROM answer_{number}), "
        "given AS (SELECT one.metric AS labels, unnest(one.values) AS pair FROM series) "
        "SELECT row_number() OVER () AS n, coalesce(labels['__name__'], '') AS name, pair ->> 0 AS t, "
        "pair ->> 1 AS value, labels FROM given"
    )
    native_histograms.spread(database, file, number, bounds)
    return _table(database, number)


def _table(database: "DuckDBPyConnection", number: int) -> Parsed:
    rows = database.execute(
        f"SELECT DISTINCT unnest(map_keys(labels)) AS label FROM parsed_{number} ORDER BY label"
    ).fetchall()
    labels = [label for (label,) in rows if label not in FIXED]
    database.execute(f"CREATE OR REPLACE TEMP TABLE label_{number} (position INTEGER, label VARCHAR)")
    for position, label in enumerate(labels):
        database.execute(f"INSERT INTO label_{number} VALUES (?, ?)", [position, label])
    columns = ["name AS c0", "t AS c1", "value AS c2"]
    columns += [
        f"labels[(SELECT label FROM label_{number} WHERE position = {position})] AS c{position + len(FIXED)}"
        for position in range(len(labels))
    ]
    return Parsed((*FIXED, *labels), f"(SELECT n, {', '.join(columns)} FROM parsed_{number})")

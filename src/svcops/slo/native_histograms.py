"""Native histograms in answers of Prometheus, as the series that a classic one has: buckets with a bound, count, sum.

HTTP API, "Native histograms": `[time, {"count": "3", "sum": "1", "buckets": [[rule, "left", "right", "2"], ...]}]`;
the rule says which ends belong to a bucket: 0 the right one, 1 the left one, 2 neither, 3 both. Buckets without
observations are not there, and each has its own count.

What was observed up to a bound is known exactly where no bucket reaches across it at any time: at every end of one,
and wherever there is none. A bound that lies in a bucket becomes no series, so that nothing is guessed.
"""
# ruff: noqa: S608 - SQL is put together from numbers and the constants of this module; what files hold only ever
# reaches it as data.

from collections.abc import Collection
from decimal import Decimal
from typing import TYPE_CHECKING

from svcops.slo.engine import BadFile
from svcops.slo.samples import NUMBER
from svcops.slo.sources import File

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_BELOW = "low < bound AND bound < high"
_AT = "low = bound AND high > bound AND rule IN (1, 3)"


def spread(database: "DuckDBPyConnection", file: File, number: int, bounds: Collection[Decimal]) -> None:
    """Add the series of the native histograms of an answer to its samples, with these bounds among the others.

    BadFile where one is no histogram.
    """
    database.execute(
        f"CREATE OR REPLACE TEMP TABLE native_{number} AS WITH series AS "
        f"(SELECT unnest(answer.data.result) AS one FROM answer_{number}), "
        "numbered AS (SELECT row_number() OVER () AS id, one FROM series) "
        "SELECT id, one.metric AS labels, unnest(one.histograms) AS pair FROM numbered"
    )
    if not database.execute(f"SELECT 1 FROM native_{number} LIMIT 1").fetchone():
        return
    database.execute(
        f"CREATE OR REPLACE TEMP TABLE sampled_{number} AS "
        "SELECT id, labels, coalesce(labels['__name__'], '') AS name, pair ->> 0 AS t, "
        "pair ->> '$[1].count' AS total, pair ->> '$[1].sum' AS summed, "
        f"""from_json(pair -> '$[1].buckets', '["JSON"]') AS buckets FROM native_{number}"""
    )
    database.execute(
        f"CREATE OR REPLACE TEMP TABLE bucket_{number} AS SELECT id, name, t, TRY_CAST(one ->> 0 AS INTEGER) AS rule, "
        "TRY_CAST(one ->> 1 AS DOUBLE) AS low, TRY_CAST(one ->> 2 AS DOUBLE) AS high, "
        f"TRY_CAST(one ->> 3 AS {NUMBER}) AS amount "
        f"FROM (SELECT id, name, t, unnest(buckets) AS one FROM sampled_{number})"
    )
    _check(database, file, number)
    _find_bounds(database, number, bounds)
    database.execute(
        f"INSERT INTO parsed_{number} "
        f"SELECT 0, name || '_bucket', t, CAST(coalesce(sum(amount) FILTER (high <= bound), 0) AS VARCHAR), "
        "map_concat(any_value(labels), MAP {'le': CAST(bound AS VARCHAR)}) "
        f"FROM sampled_{number} JOIN bound_{number} USING (id) LEFT JOIN bucket_{number} USING (id, name, t) "
        "GROUP BY id, name, t, bound UNION ALL "
        f"SELECT 0, name || '_bucket', t, total, map_concat(labels, MAP {{'le': '+Inf'}}) FROM sampled_{number} "
        f"UNION ALL SELECT 0, name || '_count', t, total, labels FROM sampled_{number} "
        f"UNION ALL SELECT 0, name || '_sum', t, summed, labels FROM sampled_{number}"
    )


def _check(database: "DuckDBPyConnection", file: File, number: int) -> None:
    row = database.execute(
        f"SELECT name, t FROM bucket_{number} WHERE rule IS NULL OR rule NOT BETWEEN 0 AND 3 OR amount IS NULL "
        "OR low IS NULL OR high IS NULL OR low > high "
        f"UNION ALL SELECT name, t FROM sampled_{number} WHERE total IS NULL ORDER BY t LIMIT 1"
    ).fetchone()
    if row:
        name, time = row
        raise BadFile(file.path, f"what {name} has at {time} is no native histogram of Prometheus")


def _find_bounds(database: "DuckDBPyConnection", number: int, bounds: Collection[Decimal]) -> None:
    """Fill `bound`: of each series those up to which it is known at all times what was observed."""
    database.execute(
        f"CREATE OR REPLACE TEMP TABLE bound_{number} AS WITH given AS (SELECT id, low AS bound FROM bucket_{number} "
        f"UNION SELECT id, high FROM bucket_{number} "
        f"UNION SELECT DISTINCT id, CAST(unnest(?) AS DOUBLE) FROM sampled_{number}), "
        f"across AS (SELECT DISTINCT id, bound FROM given JOIN bucket_{number} USING (id) WHERE ({_BELOW}) OR ({_AT})) "
        "SELECT id, bound FROM given WHERE isfinite(bound) EXCEPT SELECT id, bound FROM across",
        [[float(one) for one in bounds]],
    )

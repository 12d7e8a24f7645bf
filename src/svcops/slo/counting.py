"""From the samples that terms pick to what they count, in the database: `term`, `pick` and `sample` are its input.

term    what is counted of the series that it picks (`svcops.slo.terms.Measure`)
pick    which series a term picks
used    the samples that matter; once: each of them once
edge    between which moments it has to be known what was counted
"""
# ruff: noqa: S608 - SQL is put together from the constants and the numbered column names of this room; what people
# write, and what files hold, only ever reaches it as parameters and as data.

import re
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from fractions import Fraction
from typing import TYPE_CHECKING

from svcops.slo import samples
from svcops.slo.counted import PATIENCE, Bucket, Sampled
from svcops.slo.engine import BadFile
from svcops.slo.extrapolation import FIRST, Run
from svcops.slo.facts import decimal, whole
from svcops.slo.samples import Table, instant, microseconds
from svcops.slo.sources import FileSource
from svcops.slo.terms import Asked
from svcops.timing.hours import Interval
from svcops.timing.model import format_instant

if TYPE_CHECKING:
    from decimal import Decimal

    from duckdb import DuckDBPyConnection

_NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?")
_NAN = "[+-]?(?i:nan)"
_INFINITE = "[+-]?(?i:inf(?:inity)?)"
_COUNTS = "list_has_any(kinds, ['increase', 'prometheus2', 'prometheus3', 'sum', 'share'])"
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


def create_terms(database: "DuckDBPyConnection", asked: Iterable[Asked]) -> None:
    """Fill `term`; what is asked is numbered from 0."""
    database.execute(
        f"CREATE OR REPLACE TEMP TABLE term (term INTEGER, kind VARCHAR, op VARCHAR, bound {samples.NUMBER})"
    )
    for number, one in enumerate(asked):
        measure = one.measure
        database.execute("INSERT INTO term VALUES (?, ?, ?, ?)", [number, measure.kind, measure.op, measure.bound])


def keep_what_counts(database: "DuckDBPyConnection", edges: Sequence[datetime], *, blanks: bool) -> None:
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


def check_values(database: "DuckDBPyConnection", tables: Sequence[Table], name_of: Callable[[int], str]) -> None:
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


def make_unique(database: "DuckDBPyConnection", tables: Sequence[Table]) -> None:
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
        "(SELECT series FROM pick JOIN term USING (term) WHERE kind NOT IN ('share', 'samples', 'within')) "
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


def count(database: "DuckDBPyConnection", edges: Sequence[datetime], terms: int, start: datetime) -> list[list[Bucket]]:
    """The buckets of each term, of what came after `start`: of the time before that only the last sample is known.

    An increase belongs to the later of two samples; a lower value is a restart from 0.
    """
    database.execute("CREATE OR REPLACE TEMP TABLE edge (e BIGINT)")
    database.execute("INSERT INTO edge SELECT unnest(?)", [[microseconds(one) for one in edges[:-1]]])
    rows: list[tuple[int, int, int, Decimal]] = database.execute(
        "WITH beside AS (SELECT *, lag(v) OVER (PARTITION BY series ORDER BY t) AS before FROM once), grown AS "
        "(SELECT *, CASE WHEN v < before THEN v WHEN v >= before THEN v - before ELSE 0 END AS more FROM beside) "
        f"SELECT term, e, count(*), sum({_AMOUNT}) FROM grown ASOF JOIN edge ON t > e JOIN pick USING (series) "
        "JOIN term USING (term) WHERE t > ? GROUP BY term, e ORDER BY term, e",
        [microseconds(start)],
    ).fetchall()
    found: list[list[Bucket]] = [[] for _ in range(terms)]
    for term, edge, number, amount in rows:
        found[term].append(Bucket(instant(edge), number, whole(amount)))
    return found


def runs(database: "DuckDBPyConnection", edges: Sequence[datetime]) -> dict[int, dict[int, dict[datetime, Run]]]:
    """Of the terms whose growth is estimated: by term and series the runs of samples between the edges."""
    rows: list[tuple[int, int, int | None, int, int, Decimal, int, Decimal, Decimal]] = database.execute(
        "WITH beside AS (SELECT series, t, v, lag(v) OVER run AS before, lag(t) OVER run AS before_t FROM once "
        "WINDOW run AS (PARTITION BY series ORDER BY t)) "
        "SELECT term, series, e, count(*), min(t), arg_min(v, t), max(t), arg_max(v, t), sum(CASE "
        "WHEN before IS NULL OR before_t <= coalesce(e, 0) OR t <= ? THEN 0 WHEN v < before THEN v "
        "ELSE v - before END) FROM beside ASOF LEFT JOIN edge ON t > e JOIN pick USING (series) "
        "JOIN term USING (term) WHERE kind LIKE 'prometheus%' AND t >= ? GROUP BY term, series, e ORDER BY ALL",
        [microseconds(edges[0])] * 2,
    ).fetchall()
    found: dict[int, dict[int, dict[datetime, Run]]] = {}
    for term, series, edge, number, first_at, first, last_at, last, grown in rows:
        run = Run(instant(first_at), Fraction(first), instant(last_at), Fraction(last), number, Fraction(grown))
        found.setdefault(term, {}).setdefault(series, {})[FIRST if edge is None else instant(edge)] = run
    return found


def fill_times(database: "DuckDBPyConnection") -> None:
    """Fill `times`, when each term was sampled by any of its series, and `steps`, how far apart by one and the same."""
    database.execute(
        "CREATE OR REPLACE TEMP TABLE times AS SELECT DISTINCT term AS sampling, t FROM once JOIN pick USING (series)"
    )
    database.execute(
        "CREATE OR REPLACE TEMP TABLE steps AS SELECT term AS sampling, step, count(*) AS number FROM "
        "(SELECT series, t - lag(t) OVER (PARTITION BY series ORDER BY t) AS step "
        "FROM (SELECT DISTINCT series, t FROM once)) JOIN pick USING (series) WHERE step IS NOT NULL GROUP BY ALL"
    )


def sampled(database: "DuckDBPyConnection", source: FileSource, near: Collection[datetime] = ()) -> dict[int, Sampled]:
    """When samples were taken, by the `sampling` of `times` and `steps`, and beside each of the moments of `near`.

    The usual step is that within a series: instances are asked one shortly after the other, which says nothing of when
    each of them is asked again. Where no series has two samples, the distances over all of them are what there is.
    """
    database.execute(
        "CREATE OR REPLACE TEMP TABLE seen AS "
        "SELECT sampling, t, t - lag(t) OVER (PARTITION BY sampling ORDER BY t) AS step FROM times"
    )
    found: dict[int, Sampled] = {}
    steps: dict[int, int] = {}
    for sampling, first, last, usual in database.execute(
        "WITH ranked AS (SELECT sampling, step, sum(number) OVER up AS so_far, "
        "sum(number) OVER (PARTITION BY sampling) AS number FROM steps "
        "WINDOW up AS (PARTITION BY sampling ORDER BY step)), "
        "usual AS (SELECT sampling, min(step) AS step FROM ranked WHERE so_far * 2 >= number GROUP BY sampling) "
        "SELECT sampling, min(t), max(t), coalesce(any_value(usual.step), quantile_disc(seen.step, 0.5)) "
        "FROM seen LEFT JOIN usual USING (sampling) GROUP BY sampling"
    ).fetchall():
        step = source.step or (timedelta(microseconds=usual) if usual else None)
        found[sampling] = Sampled(instant(first), instant(last), step)
        steps[sampling] = step // timedelta(microseconds=1) if step else 0
    gaps: dict[int, list[Interval]] = {}
    for sampling, last, step in database.execute(
        "SELECT sampling, t, step FROM seen "
        "JOIN (SELECT unnest(?) AS sampling, CAST(unnest(?) AS BIGINT) AS usual) USING (sampling) "
        f"WHERE step * {PATIENCE.denominator} > usual * {PATIENCE.numerator} ORDER BY sampling, t",
        [list(steps), list(steps.values())],
    ).fetchall():
        gaps.setdefault(sampling, []).append(Interval(instant(last - step), instant(last - steps[sampling])))
    beside = _beside(database, near)
    return {
        sampling: replace(one, gaps=tuple(gaps.get(sampling, ())), beside=beside.get(sampling, {}))
        for sampling, one in found.items()
    }


def _beside(
    database: "DuckDBPyConnection", near: Collection[datetime]
) -> dict[int, dict[datetime, tuple[datetime | None, datetime | None]]]:
    found: dict[int, dict[datetime, tuple[datetime | None, datetime | None]]] = {}
    rows = database.execute(
        "SELECT sampling, m, max(t) FILTER (t <= m), min(t) FILTER (t >= m) "
        "FROM seen CROSS JOIN (SELECT CAST(unnest(?) AS BIGINT) AS m) GROUP BY sampling, m",
        [[microseconds(one) for one in near]],
    ).fetchall()
    for sampling, moment, *pair in rows:
        before, after = (None if one is None else instant(one) for one in pair)
        found.setdefault(sampling, {})[instant(moment)] = before, after
    return found

"""Long Parquet files of the plain kind, counted in the order in which their rows lie: no series is sorted.

Exports are written series by series, or time by time with the series in the same order each time. So the sample before
one is a fixed number of rows before it, and a row of which that holds continues a chain. What begins or ends a chain is
kept, and chains of one series are put together at the end. Files are read in parts, two at once. A part that lies in
another order is sorted by itself.

Plain is what needs no second look: times with a zone or whole numbers, values of at most 18 digits, and chains of which
none overlaps another. Of everything else nothing is said here, and `svcops.slo.buckets` takes the general way.
"""
# ruff: noqa: S608 - SQL is put together from the constants and the numbered column names of this module; what people
# write, and what files hold, only ever reaches it as parameters and as data.

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import TYPE_CHECKING

from svcops.slo import plain, samples
from svcops.slo.contradictions import Above, Pair, in_terms
from svcops.slo.counted import Bucket
from svcops.slo.engine import BadFile, lacks_room
from svcops.slo.facts import whole
from svcops.slo.samples import LATEST, Range, Table, instant, microseconds
from svcops.slo.sources import FileSource
from svcops.slo.terms import Asked, Measure
from svcops.store.frozen import frozen

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_PART = 4_000_000
"""Rows that are read at once; two parts take some 400 MB."""
_AT_ONCE = 2
_FURTHEST = 2_000
"""Rows that DuckDB looks back without sorting, and a little less."""
_MOST_ENDS = 8
"""A part with more ends of chains than one in so many rows lies in another order."""
_TIMES = ("TIMESTAMP WITH TIME ZONE", *samples.INTEGERS)
_HOW = {"increase": "more", "sum": "total", "share": "total", "samples": "number"}


class _NotPlain(Exception):
    """Only the general way can tell."""


@frozen
class Chains:
    """Plain long tables as the tables `grown` (what was counted by group of series and time), `times` and `steps`."""

    terms: int
    ranges: tuple[Range, ...]
    amount: str
    start: int

    @property
    def sampling(self) -> list[int]:
        """Where in `times` each term's are."""
        return list(range(self.terms))

    def count(self, database: "DuckDBPyConnection", edges: Sequence[datetime]) -> list[list[Bucket]]:
        """The buckets of each term."""
        database.execute("CREATE OR REPLACE TEMP TABLE edge AS SELECT unnest(?) AS e", [[*map(microseconds, edges)]])
        rows = database.execute(
            "WITH placed AS (SELECT grown.*, e FROM grown ASOF JOIN edge ON t > e WHERE t > ?) "
            f"SELECT term, e, sum(number), sum({self.amount}) FROM placed JOIN grouped USING (class) "
            "GROUP BY term, e ORDER BY term, e",
            [self.start],
        ).fetchall()
        found: list[list[Bucket]] = [[] for _ in range(self.terms)]
        for term, edge, number, amount in rows:
            found[term].append(Bucket(instant(edge), int(number), whole(amount)))
        return found

    def above(
        self, database: "DuckDBPyConnection", pairs: Mapping[Pair, tuple[int, int]], edges: Sequence[datetime]
    ) -> dict[Pair, tuple[Above, ...]]:
        """When more was counted of a part than of its total."""
        counted = f"SELECT term, t, {self.amount} AS v FROM grown JOIN grouped USING (class)"
        return in_terms(database, counted, pairs, edges)


@frozen
class _Part:
    """Rows of the file of a number, from `start` on; the sample before one lies `back` rows before it."""

    number: int
    start: int
    back: int


def read(
    database: "DuckDBPyConnection",
    source: FileSource,
    tables: Sequence[Table],
    asked: Sequence[Asked],
    edges: Sequence[datetime],
    pick: Callable[[], None],
    tell: Callable[[str], None] = lambda _: None,
) -> Chains | None:
    """Fill `grown`, `times` and `steps`; None where the tables are not plain.

    `pick` fills the table `pick` from the table `series`, once that is there; `tell` hears how far it is.
    """
    import duckdb

    if source.form != "parquet" or source.zone or any(one.measure.kind not in (*_HOW, "within") for one in asked):
        return None
    try:
        return _Pass(database, source, tables, [one.measure for one in asked], edges).read(pick, tell)
    except (_NotPlain, BadFile, duckdb.Error) as error:
        if lacks_room(error):
            raise
        return None


class _Pass:
    """One pass over the files of a source."""

    def __init__(
        self,
        database: "DuckDBPyConnection",
        source: FileSource,
        tables: Sequence[Table],
        measures: Sequence[Measure],
        edges: Sequence[datetime],
    ) -> None:
        self.database = database
        self.source = source
        self.tables = tables
        self.measures = measures
        self.start, self.end = microseconds(edges[0]), microseconds(edges[-1])
        self.bounds = list(dict.fromkeys(one for one in measures if one.kind == "within"))
        self.labels = samples.labels(source, tables)
        self.type = "BIGINT"

    def read(self, pick: Callable[[], None], tell: Callable[[str], None]) -> Chains:
        """Read the files."""
        ranges = [self._look_at(number, table) for number, table in enumerate(self.tables)]
        self._number_series()
        pick()
        self._group_series()
        self._check_values()
        self._make_tables()
        parts = [part for number in range(len(self.tables)) for part in self._parts(number)]
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            for done, _ in enumerate(pool.map(self._read_part, parts), 1):
                tell(f"{done} of {len(parts)} parts of the samples of {self.source.name} are read")
        self._join_chains()
        self._fill_times()
        return Chains(len(self.measures), tuple(ranges), self._amount(), self.start)

    def _keys(self, table: Table) -> list[str]:
        """The columns of a file that tell series apart: the metric and the labels that it has."""
        named = [self.source.metric or "metric", *self.labels]
        return [table.column(name, self.source) for name in named if name in table.columns]

    def _as_text(self, table: Table) -> str:
        """SQL for the metric and all labels as text, under the names that they have in `series`."""
        parts = [
            f"coalesce(CAST({table.column(self.source.metric or 'metric', self.source)} AS VARCHAR), '') AS metric"
        ]
        for number, label in enumerate(self.labels):
            if label in table.columns:
                parts.append(f"coalesce(CAST({table.column(label, self.source)} AS VARCHAR), '') AS l{number}")
            else:
                parts.append(f"{_literal(table.folders.get(label, ''))} AS l{number}")
        return ", ".join(parts)

    def _look_at(self, number: int, table: Table) -> Range:
        """Fill `found_NUMBER`, a row for each series of a file; the times of the first and last sample of all."""
        value, time = (table.column(one, self.source) for one in (self.source.value or "value", self.source.time))
        types = [table.types[int(one[1:])] for one in (value, time)]
        read_as = plain.type_of(types[0])
        if not read_as or types[1] not in _TIMES:
            raise _NotPlain
        keys = ", ".join(self._keys(table))
        is_whole, is_millionths = plain.of_double("v") if read_as == "DOUBLE" else ("true", "true")
        self.database.execute(
            f"CREATE OR REPLACE TEMP TABLE found_{number} AS SELECT *, {self._as_text(table)} FROM ("
            f"SELECT {keys}, count(*) AS rows, count(t) AS timed, min(t) AS first, max(t) AS last, count(v) AS valued, "
            f"min(v) AS least, max(v) AS most, {is_whole} AS whole, {is_millionths} AS millionths FROM "
            f"(SELECT {keys}, {samples.instants(self.source, table)} AS t, CAST({value} AS {read_as}) AS v "
            f"FROM {table.relation}) GROUP BY {keys})",
            table.parameters,
        )
        row = self.database.execute(
            f"SELECT count(*) FILTER (timed < rows), min(first), max(last) FROM found_{number}"
        ).fetchone()
        assert row
        wrong, first, last = row
        if wrong or (first is not None and (first < 0 or last > LATEST)):
            raise _NotPlain
        if read_as != "BIGINT":
            self.type = plain.MILLIONTHS
        return None if first is None else (first, last)

    def _number_series(self) -> None:
        named = ["metric", *(f"l{number}" for number in range(len(self.labels)))]
        every = ", ".join(named)
        found = " UNION ".join(f"SELECT {every} FROM found_{number}" for number in range(len(self.tables)))
        numbered = f"SELECT row_number() OVER (ORDER BY {every}) AS id, * FROM ({found})"
        self.database.execute(f"CREATE OR REPLACE TEMP TABLE series AS {numbered}")
        self.named = every

    def _group_series(self) -> None:
        """Fill `grouped`, which terms count what in each group of series, and `member_NUMBER`, the series of a file."""
        how = [self._how(one) for one in self.measures]
        self.database.execute(
            "CREATE OR REPLACE TEMP TABLE class AS SELECT series, dense_rank() OVER (ORDER BY terms) AS class FROM "
            "(SELECT series, list(DISTINCT term ORDER BY term) AS terms FROM pick GROUP BY series)"
        )
        self.database.execute(
            "CREATE OR REPLACE TEMP TABLE grouped AS SELECT DISTINCT term, class, how FROM pick "
            "JOIN class USING (series) JOIN (SELECT unnest(range(len(?))) AS term, unnest(?) AS how) USING (term)",
            [how, how],
        )
        for number, table in enumerate(self.tables):
            keys = "".join(f", found.{one} AS k{one}" for one in self._keys(table))
            self.database.execute(
                f"CREATE OR REPLACE TABLE member_{number} AS SELECT CAST(id AS INTEGER) AS series, "
                f"CAST(class AS INTEGER) AS class{keys}, found.* EXCLUDE ({self.named}) "
                f"FROM found_{number} AS found JOIN series USING ({self.named}) JOIN class ON id = class.series"
            )

    def _how(self, measure: Measure) -> str:
        """The column of `grown` that says what a term counts."""
        return f"held{self.bounds.index(measure)}" if measure.kind == "within" else _HOW[measure.kind]

    def _amount(self) -> str:
        """SQL for what a row of `grown` adds to the count of a term."""
        columns = ["more", "total", *(f"held{number}" for number in range(len(self.bounds)))]
        cases = " ".join(f"WHEN '{one}' THEN {one}" for one in columns)
        return f"CASE how {cases} ELSE number END"

    def _check_values(self) -> None:
        """Find out as what values are read; _NotPlain where one of them may be wrong, or is not held exactly."""
        is_whole = True
        for number in range(len(self.tables)):
            for term, valued, least, most, whole_, millionths in self.database.execute(
                "SELECT term, bool_and(valued = rows), min(least), max(most), bool_and(whole), bool_and(millionths) "
                f"FROM member_{number} JOIN pick USING (series) GROUP BY term"
            ).fetchall():
                if not valued or not plain.can_be(self.measures[term], least, most) or not (whole_ or millionths):
                    raise _NotPlain
                is_whole = is_whole and whole_
        if is_whole and all(plain.type_of(one) != plain.MILLIONTHS for one in self._value_types()):
            self.type = "BIGINT"

    def _value_types(self) -> list[str]:
        value = self.source.value or "value"
        return [table.types[table.columns.index(value)] for table in self.tables]

    def _make_tables(self) -> None:
        held = "".join(f", held{number} BIGINT" for number in range(len(self.bounds)))
        self.database.execute(
            "CREATE OR REPLACE TABLE grown (class INTEGER, t BIGINT, number BIGINT, "
            f"more DECIMAL(38, 6), total DECIMAL(38, 6){held})"
        )
        self.database.execute("CREATE OR REPLACE TABLE stepped (class INTEGER, step BIGINT, number BIGINT)")
        self.database.execute(
            f"CREATE OR REPLACE TABLE ends (series INTEGER, class INTEGER, t BIGINT, v {self.type}, "
            "first BOOLEAN, last BOOLEAN)"
        )

    def _parts(self, number: int) -> list["_Part"]:
        """The parts of a file, and how far back in it the sample before one lies."""
        row = self.database.execute(
            f"SELECT count(DISTINCT series), (SELECT sum(rows) FROM found_{number}) FROM member_{number}"
        ).fetchone()
        assert row
        series, rows = row
        if not series:
            return []
        table = self.tables[number]
        first = self.database.execute(
            f"SELECT series FROM ({self._samples(number)}) LIMIT 2", [*table.parameters, 0, _PART]
        ).fetchall()
        back = 1 if len(set(first)) < 2 else series
        return [_Part(number, start, back) for start in range(0, int(rows), _PART)]

    def _samples(self, number: int) -> str:
        """SQL for the samples that are asked for in a part of a file, in the order in which they lie."""
        table = self.tables[number]
        value = table.column(self.source.value or "value", self.source)
        join = " AND ".join(f"{one} IS NOT DISTINCT FROM k{one}" for one in self._keys(table))
        relation = table.relation.replace("?,", "?, file_row_number = true,")
        names = ", ".join(f"c{place}" for place in range(len(table.columns)))
        relation = relation.replace(f"read({names})", f"read({names}, place)")
        return (
            f"SELECT series, class, {samples.instants(self.source, table)} AS t, CAST({value} AS {self.type}) AS v "
            f"FROM (SELECT * FROM {relation} WHERE place >= ? AND place < ?) JOIN "
            f"(SELECT series, class{''.join(f', k{one}' for one in self._keys(table))} FROM member_{number}) ON {join}"
        )

    def _read_part(self, part: "_Part") -> None:
        """Add what a part of a file says to `grown`, `stepped` and `ends`."""
        with self.database.cursor() as cursor:
            orders = [(f"{part.back}", "()")] if part.back <= _FURTHEST else []
            for back, over in (*orders, ("1", "(PARTITION BY series ORDER BY t)")):
                cursor.execute(
                    f"CREATE OR REPLACE TEMP TABLE part AS {self._chained(part.number, back, over)}", self._range(part)
                )
                row = cursor.execute(
                    "SELECT coalesce(sum(wrong), 0), count(series), coalesce(sum(number), 0) FROM part"
                ).fetchone()
                assert row
                wrong, ends, number = row
                if not wrong and (over != "()" or ends * _MOST_ENDS <= number + 2 * _MOST_ENDS * part.back):
                    break
            else:
                raise _NotPlain
            held = "".join(f", sum(held{number})" for number in range(len(self.bounds)))
            cursor.execute(
                f"INSERT INTO grown SELECT class, t, sum(number), sum(more), sum(total){held} "
                "FROM part GROUP BY class, t"
            )
            cursor.execute(
                "INSERT INTO stepped SELECT class, step, sum(number) FROM part WHERE step IS NOT NULL GROUP BY ALL"
            )
            cursor.execute(
                "INSERT INTO ends SELECT series, class, t, v, first, last FROM part WHERE series IS NOT NULL"
            )

    def _range(self, part: "_Part") -> list[object]:
        return [*self.tables[part.number].parameters, part.start, part.start + _PART]

    def _chained(self, number: int, back: str, over: str) -> str:
        """SQL for what is counted by group, time and step; a row of its own for what begins or ends a chain."""
        beside = ", ".join(
            f"{function}({column}, {back}) OVER {over} AS {name}"
            for function, column, name in (
                ("lag", "series", "series_before"),
                ("lag", "t", "before"),
                ("lag", "v", "v_before"),
                ("lead", "series", "series_after"),
                ("lead", "t", "after"),
            )
        )
        held = "".join(
            f", count(*) FILTER (v {plain.held_against(one, self.type)}) AS held{place}"
            for place, one in enumerate(self.bounds)
        )
        return (
            f"WITH beside AS (SELECT *, {beside} FROM ({self._samples(number)}) WHERE t <= {self.end}), "
            "chained AS (SELECT *, series_before IS DISTINCT FROM series AS first, "
            "series_after IS DISTINCT FROM series AS last FROM beside) "
            f"SELECT class, t, CASE WHEN first OR last OR (t <= {self.start} AND after > {self.start}) THEN series END "
            f"AS series, CASE WHEN NOT first AND t > {self.start} THEN t - before END AS step, count(*) AS number, "
            f"sum(CASE WHEN first THEN 0 ELSE {plain.grown('v', 'v_before')} END) AS more, "
            "sum(v) AS total, min(v) AS v, "
            "bool_or(first) AS first, bool_or(last) AS last, count(*) FILTER (NOT first AND t <= before) AS wrong"
            f"{held} FROM chained GROUP BY ALL"
        )

    def _join_chains(self) -> None:
        """Put the chains of each series together; _NotPlain where one begins before another ends."""
        self.database.execute(
            "CREATE OR REPLACE TEMP TABLE joint AS SELECT class, t, v, first, lag(t) OVER run AS before, "
            "lag(v) OVER run AS v_before, lag(last) OVER run AS is_over FROM ends WHERE first OR last "
            "WINDOW run AS (PARTITION BY series ORDER BY t)"
        )
        row = self.database.execute(
            "SELECT count(*) FROM joint WHERE t = before OR first <> coalesce(is_over, true)"
        ).fetchone()
        if row is None or row[0]:
            raise _NotPlain
        nothing = ", 0" * len(self.bounds)
        self.database.execute(
            f"INSERT INTO grown SELECT class, t, 0, {plain.grown('v', 'v_before')}, 0{nothing} FROM joint "
            "WHERE first AND before IS NOT NULL"
        )
        self.database.execute(
            "INSERT INTO stepped SELECT class, t - before, count(*) FROM joint "
            "WHERE first AND before IS NOT NULL AND t > ? GROUP BY ALL",
            [self.start],
        )

    def _fill_times(self) -> None:
        """Fill `times`: after the first edge, and the last time of each series before it; and the `steps` between."""
        self.database.execute(
            "CREATE OR REPLACE TEMP TABLE times AS SELECT term AS sampling, t FROM "
            "(SELECT class, t FROM grown WHERE t > ? UNION SELECT class, max(t) FROM ends WHERE t <= ? "
            "GROUP BY series, class) JOIN grouped USING (class) GROUP BY ALL",
            [self.start, self.start],
        )
        self.database.execute(
            "CREATE OR REPLACE TEMP TABLE steps AS SELECT term AS sampling, step, sum(number) AS number "
            "FROM stepped JOIN grouped USING (class) GROUP BY ALL"
        )


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"

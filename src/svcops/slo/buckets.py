"""From the samples of one source to one table of buckets, for all SLOs that use it.

Everything that can be wrong with a sample is found before it is counted. A bucket reaches from one of the edges
that are given to the next, so that whatever begins and ends at edges is exactly so many buckets.
"""
# ruff: noqa: S608 - SQL is put together from the constants and the numbered column names of this room; what people
# write, and what files hold, only ever reaches it as parameters and as data.

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import field
from datetime import datetime
from typing import TYPE_CHECKING

from svcops.errors import BadInput
from svcops.slo import bounds, chains, columns, counting, samples
from svcops.slo.contradictions import Above, Pair, in_terms, numbered
from svcops.slo.counted import Counted, Sampled
from svcops.slo.engine import BadFile, about, reason
from svcops.slo.extrapolation import Extrapolated
from svcops.slo.samples import Table
from svcops.slo.selectors import NotASelector, Selector, parse_path, parse_selector
from svcops.slo.sources import File, FileSource, Input
from svcops.slo.terms import Asked
from svcops.store.frozen import frozen
from svcops.store.suggest import did_you_mean

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_SQL_OF_OP = {"=": "{0} = ?", "!=": "{0} <> ?", "=~": "{1}", "!~": "NOT {1}"}
_FULL_MATCH = "regexp_full_match({0}, ?, 's')"


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
    above: Mapping[Pair, tuple[Above, ...]] = field(default_factory=dict)
    """Of parts and totals for which that was asked: when more was counted of the part."""


def read_source(
    database: "DuckDBPyConnection",
    source: FileSource,
    files: Sequence[File],
    asked: Mapping[Asked, str],
    edges: Sequence[datetime],
    near: Collection[datetime] = (),
    tell: Callable[[str], None] = lambda _: None,
    pairs: Collection[Pair] = (),
) -> Reading:
    """Count what is asked of the files of a source, after the first of these edges until the last.

    `edges` are two or more, in the order of time; the samples beside each moment of `near` are edges, too. `asked` maps
    what is asked to who asks it, for errors; `tell` hears how far it is; `pairs` of what is asked are held against each
    other. BadInput where a query or a file is wrong:
    BadQuery at its character, BadFile at its row; ChangedWhileRead where a file is written to meanwhile.
    """
    wanted = {one.le for one in asked if one.le is not None and one.le.is_finite()}
    tables = samples.open_tables(database, source, files, numbered=False, bounds=wanted)
    asking = _Asking(database, source, asked, edges, near, tell, numbered(asked, pairs))
    try:
        return asking.of_plain(tables) or asking.of_any(tables)
    except BadFile:
        # Once more, to name the row as well.
        return asking.of_any(samples.open_tables(database, source, files, numbered=True, bounds=wanted))


@frozen
class _Asking:
    """What is asked of a source."""

    database: "DuckDBPyConnection"
    source: FileSource
    asked: Mapping[Asked, str]
    edges: Sequence[datetime]
    near: Collection[datetime]
    tell: Callable[[str], None]
    pairs: Mapping[Pair, tuple[int, int]]

    def of_plain(self, tables: Sequence[Table]) -> Reading | None:
        """The answer where the tables are plain: that is fast, and the same as `of_any` gives."""
        if any(one.le is not None for one in self.asked):
            return None  # the buckets of a histogram are held against each other
        found: columns.Columns | chains.Chains | None
        if samples.is_long(self.source, tables):
            selectors = _selectors(self.database, self.source, tables, self.asked)
            names = [one.metric for one in selectors]

            def pick() -> None:
                _pick_series(self.database, self.source, tables, self.asked, selectors)

            found = chains.read(self.database, self.source, tables, list(self.asked), self.edges, pick, self.tell)
        else:
            names = [one.query.strip() for one in self.asked]
            found = columns.read(
                self.database, self.source, tables, list(zip(names, self.asked, strict=True)), self.edges
            )
        if found is None:
            return None
        sampled, edges = self._sampled()
        every = [sampled.get(one, Sampled()) for one in found.sampling]
        buckets = found.count(self.database, edges)
        counted = {
            one: Counted(*of) for one, of in zip(self.asked, zip(names, buckets, every, strict=True), strict=True)
        }
        return self._reading(tables, counted, found.ranges, found.above(self.database, self.pairs, self.edges))

    def of_any(self, tables: Sequence[Table]) -> Reading:
        """The answer from tables of any kind; BadFile at the first sample that is wrong."""
        database, source = self.database, self.source
        database.execute("CREATE OR REPLACE TEMP TABLE pick (term INTEGER, series BIGINT)")
        counting.create_terms(database, self.asked)
        long = samples.is_long(source, tables)
        metrics = (_pick_long if long else _pick_wide)(database, source, tables, self.asked)
        with about(f"{source.document}: DataSource {source.name}"):
            counting.keep_what_counts(database, self.edges, blanks=not long)
            counting.check_values(
                database, tables, (lambda _: (source.value or "value").strip("_")) if long else metrics.__getitem__
            )
            counting.make_unique(database, tables)
            counting.fill_times(database)
            sampled, edges = self._sampled()
            buckets = counting.count(database, edges, len(self.asked), self.edges[0])
            runs = counting.runs(database, edges)
            above = in_terms(database, "SELECT * FROM once JOIN pick USING (series)", self.pairs, self.edges)
        counted: dict[Asked, Counted] = {}
        for term, one in enumerate(self.asked):
            kind, named, at = one.measure.kind, metrics[term], sampled.get(term, Sampled())
            if kind in ("prometheus2", "prometheus3"):
                counted[one] = Extrapolated(named, runs.get(term, {}).values(), edges, at, kind)
            else:
                counted[one] = Counted(named, buckets[term], at)
        return self._reading(tables, counted, samples.ranges(database, tables), above)

    def _sampled(self) -> tuple[dict[int, Sampled], list[datetime]]:
        """When was sampled, and the edges with those that are asked for by what lies beside them."""
        sampled = counting.sampled(self.database, self.source, self.near)
        beside = (one for of in sampled.values() for pair in of.beside.values() for one in pair if one)
        return sampled, sorted({*self.edges, *beside})

    def _reading(
        self,
        tables: Sequence[Table],
        counted: Mapping[Asked, Counted],
        ranges: Sequence[samples.Range],
        above: Mapping[Pair, tuple[Above, ...]],
    ) -> Reading:
        for table in tables:
            table.file.check_unchanged()
        return Reading(counted, samples.inputs(self.source, tables, ranges), above)


def _pick_long(
    database: "DuckDBPyConnection", source: FileSource, tables: Sequence[Table], asked: Mapping[Asked, str]
) -> list[str]:
    """Read a long table and find the series of each selector; the names of their metrics."""
    selectors = _selectors(database, source, tables, asked)
    samples.read_long(database, source, tables)
    _pick_series(database, source, tables, asked, selectors)
    columns_of = _label_columns(source, tables)
    keys = ", ".join(["metric", *columns_of.values()])
    database.execute(
        f"CREATE OR REPLACE TEMP VIEW sample AS SELECT raw.*, id AS series FROM raw JOIN series USING ({keys}) "
        "WHERE id IN (SELECT series FROM pick)"
    )
    bounds.check_buckets(database, tables, list(asked), columns_of)
    return [selector.metric for selector in selectors]


def _selectors(
    database: "DuckDBPyConnection", source: FileSource, tables: Sequence[Table], asked: Mapping[Asked, str]
) -> list[Selector]:
    """The selectors that are asked for; BadQuery where one cannot be followed."""
    selectors = [_selector(one.query, asked_by) for one, asked_by in asked.items()]
    known = list(_label_columns(source, tables))
    of_time = samples.folders_of_time(tables)
    for selector, (one, asked_by) in zip(selectors, asked.items(), strict=True):
        _check_patterns(database, selector, one.query, asked_by)
    for selector, (one, asked_by) in zip(selectors, asked.items(), strict=True):
        _check_labels(selector, one.query, asked_by, known, of_time)
    return selectors


def _label_columns(source: FileSource, tables: Sequence[Table]) -> dict[str, str]:
    """The columns of `series` by the labels that they hold."""
    return {label: f"l{number}" for number, label in enumerate(samples.labels(source, tables))}


def _pick_series(
    database: "DuckDBPyConnection",
    source: FileSource,
    tables: Sequence[Table],
    asked: Mapping[Asked, str],
    selectors: Sequence[Selector],
) -> None:
    """Fill `pick` with the series of each selector, and of the bucket that is asked for."""
    columns_of = _label_columns(source, tables)
    database.execute("CREATE OR REPLACE TEMP TABLE pick (term INTEGER, series BIGINT)")
    for term, (selector, one) in enumerate(zip(selectors, asked, strict=True)):
        conditions = ["metric = ?"]
        for matcher in selector.matchers:
            column = columns_of[matcher.label]
            conditions.append(_SQL_OF_OP[matcher.op].format(column, _FULL_MATCH.format(column)))
        written = (selector.metric, *(matcher.value for matcher in selector.matchers))
        picking = bounds.Picking(one, asked[one], selector, " AND ".join(conditions), written)
        where, values = bounds.of_bound(picking, columns_of)
        database.execute(f"INSERT INTO pick SELECT {term}, id FROM series WHERE {where}", values)
        bounds.check_picked(database, picking, columns_of)


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


def _check_labels(
    selector: Selector, query: str, asked_by: str, known: Sequence[str], of_time: Collection[str]
) -> None:
    """BadQuery at a label that no file has a column for: its condition would hold for nothing, or for everything."""
    for one in selector.matchers:
        if one.label in of_time:
            why = f"the folders {one.label}=... say when samples were taken, and are no label"
            raise BadQuery(asked_by, query, why, one.label_column, help="The window says what is counted.")
        if one.label not in known:
            there = f"the labels are {', '.join(known)}" if known else "there are no labels"
            why = f"no file has a column {one.label} that is a label; {there}"
            raise BadQuery(asked_by, query, why, one.label_column, help=did_you_mean(one.label, known))


def _pick_wide(
    database: "DuckDBPyConnection", source: FileSource, tables: Sequence[Table], asked: Mapping[Asked, str]
) -> list[str]:
    """Read wide tables or JSON lines, where each query is one series; the columns, or paths, as they are written."""
    names, wanted = [], []
    for one, asked_by in asked.items():
        query = one.query
        if one.le is not None:
            raise BadQuery(asked_by, query, "the buckets of a histogram are series of a long table, and no column", 1)
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

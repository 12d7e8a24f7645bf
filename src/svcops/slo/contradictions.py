"""Moments at which more was counted of a part than of its total: more bad than there was, for one.

What completes later than it began may be counted so, and a sum over more time is right all the same; but so may a
mistake of whoever exports. So the figures stay, and people are told of it. Only the counts of intervals are held
against each other: two counters are not read at one instant.
"""
# ruff: noqa: S608 - SQL is put together from the numbered names of this room; what people write, and what files hold,
# only ever reaches it as parameters and as data.

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from svcops.slo.facts import Amount, whole
from svcops.slo.samples import instant, microseconds
from svcops.slo.terms import SUM, Asked
from svcops.store.frozen import frozen

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

MOST = 1_000
"""Moments that are told of each pair, the newest ones."""
Pair = tuple[Asked, Asked]
"""A part, and its total, of one source."""


@frozen
class Above:
    """A moment at which more was counted of a part than of its total."""

    at: datetime
    part: Amount
    total: Amount


def numbered(asked: Iterable[Asked], pairs: Collection[Pair]) -> dict[Pair, tuple[int, int]]:
    """Those pairs that hold the counts of intervals, by their places in what is asked."""
    places = {one: number for number, one in enumerate(asked)}
    return {pair: (places[pair[0]], places[pair[1]]) for pair in pairs if pair[0].measure == pair[1].measure == SUM}


def in_columns(
    database: "DuckDBPyConnection", table: str, columns: Mapping[Pair, tuple[str, str]], edges: Sequence[datetime]
) -> dict[Pair, tuple[Above, ...]]:
    """Between the outer edges, of a table with a row a time `t`; each pair is two columns of it, or SQL for these."""
    if not columns:
        return {}
    anywhere = " OR ".join(f"{part} > {total}" for part, total in columns.values())
    if database.execute(f"SELECT 1 FROM {table} WHERE {anywhere} LIMIT 1").fetchone() is None:
        return {}
    found: dict[Pair, tuple[Above, ...]] = {}
    for pair, (part, total) in columns.items():
        rows = database.execute(
            f"SELECT t, {part}, {total} FROM {table} WHERE {part} > {total} AND t > ? AND t <= ? "
            f"ORDER BY t DESC LIMIT {MOST}",
            [microseconds(edges[0]), microseconds(edges[-1])],
        ).fetchall()
        if rows:
            found[pair] = _above(rows)
    return found


def in_terms(
    database: "DuckDBPyConnection", counted: str, pairs: Mapping[Pair, tuple[int, int]], edges: Sequence[datetime]
) -> dict[Pair, tuple[Above, ...]]:
    """The same of the SQL for a relation of `term`, time `t` and what was counted then, `v`."""
    if not pairs:
        return {}
    terms = ", ".join(str(term) for term in sorted({term for pair in pairs.values() for term in pair}))
    database.execute(
        "CREATE OR REPLACE TEMP TABLE apiece AS "
        f"SELECT term, t, sum(v) AS v FROM ({counted}) WHERE term IN ({terms}) AND t > ? AND t <= ? GROUP BY term, t",
        [microseconds(edges[0]), microseconds(edges[-1])],
    )
    found: dict[Pair, tuple[Above, ...]] = {}
    for pair, (part, total) in pairs.items():
        rows = database.execute(
            "SELECT t, part.v, total.v FROM apiece AS part JOIN apiece AS total USING (t) "
            f"WHERE part.term = ? AND total.term = ? AND part.v > total.v ORDER BY t DESC LIMIT {MOST}",
            [part, total],
        ).fetchall()
        if rows:
            found[pair] = _above(rows)
    return found


def _above(rows: Sequence[tuple[int, Decimal | int, Decimal | int]]) -> tuple[Above, ...]:
    """From the newest first to the order of time."""
    return tuple(Above(instant(t), whole(part), whole(total)) for t, part, total in reversed(rows))

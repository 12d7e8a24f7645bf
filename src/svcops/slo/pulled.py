"""The Parquet files of samples that were pulled: a row a sample, a column a label, and what was asked for.

`__name__`, `__time__` (milliseconds from 1970), `__value__`, then the labels; a series without a label has none there.
The metadata of a file hold the selector that it answers and its range, so that whoever reads it knows what it is about.
"""
# ruff: noqa: S608 - SQL is put together from quoted names and literals of this module alone: COPY takes no parameters.

import hashlib
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from svcops.errors import BadInput, NotDone
from svcops.slo.engine import BadFile, about, as_named, reason
from svcops.slo.samples import instant
from svcops.slo.selectors import Selector, parse_selector
from svcops.slo.sources import File, FileSource
from svcops.slo.terms import Asked
from svcops.store.frozen import frozen
from svcops.timing.hours import Interval
from svcops.timing.intervals import joined, without
from svcops.timing.model import format_instant

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_FIXED = ("__name__", "__time__", "__value__")
_NO_NAME = re.compile(r"[^A-Za-z0-9_]+")
_LONGEST_NAME = 80
_RANGE = re.compile(r"(.+)-([0-9]{8}T[0-9]{6}Z)-([0-9]{8}T[0-9]{6}Z)\.parquet")


class NotPulled(BadInput):
    """What an SLO asks was not pulled, or not for all of the time for which the rest was."""

    def __init__(self, asked_by: str, source: str, missing: Interval) -> None:
        between = f"{format_instant(missing.start)} to {format_instant(missing.end)}"
        message = f"{asked_by}: its samples were not pulled from DataSource {source}, from {between}"
        super().__init__(message, help=f"svcops slo pull {source}")


@frozen
class Span:
    """From `start` until before `end`, in milliseconds from 1970."""

    start: int
    end: int


@frozen
class Series:
    """One series: its labels, and its samples: milliseconds from 1970, and values."""

    labels: Mapping[str, str]
    times: Sequence[int]
    values: Sequence[float]


def file_name(selector: Selector, span: Span) -> str:
    """`logins_total-3f2a9c01-20261122T000000Z-20261123T000000Z.parquet`: metric, digest of the selector, range."""
    digest = hashlib.sha256(str(selector).encode()).hexdigest()[:8]
    metric = _NO_NAME.sub("_", selector.metric)[:_LONGEST_NAME]
    return f"{metric}-{digest}-{_written(span.start)}-{_written(span.end)}.parquet"


def _written(milliseconds: int) -> str:
    return f"{_moment(milliseconds):%Y%m%dT%H%M%SZ}"


def _moment(milliseconds: int) -> datetime:
    return instant(milliseconds * 1000)


def write(path: Path, selector: Selector, span: Span, found: Iterable[Series], labels: Collection[str]) -> bool:
    """Write a file, whole or not at all; false where the one that is there has more samples, and stays.

    `labels` are columns whatever series there are: an SLO may name them. NotDone where it cannot be written.
    """
    import duckdb

    found = list(found)
    beside = path.with_name(f".{path.name}.svcops")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with duckdb.connect(":memory:") as database:
            if _has_more(database, path, found, span):
                return False
            columns = sorted({label for one in found for label in one.labels}.union(labels) - {"__name__"})
            _fill(database, columns, found)
            _copy(database, beside, columns, {"selector": str(selector), "from": span.start, "until": span.end})
            beside.replace(path)
            for part in _parts(path):
                if not _has_more(database, part, found, span):
                    part.unlink(missing_ok=True)
    except duckdb.Error as error:
        raise NotDone(
            f"{path.name} cannot be written: {reason(error)}", help="The files that are whole stay."
        ) from None
    finally:
        beside.unlink(missing_ok=True)
    return True


def _has_more(database: "DuckDBPyConnection", path: Path, found: Sequence[Series], span: Span) -> bool:
    """Whether a file has more samples of a range: a host forgets what is old, and then they are nowhere else."""
    import duckdb

    if not path.exists():
        return False
    query = "SELECT count(*) FROM read_parquet(?, hive_partitioning = false) WHERE __time__ >= ? AND __time__ < ?"
    try:
        row = database.execute(query, [as_named(str(path)), span.start, span.end]).fetchone()
    except duckdb.Error:  # no whole file of samples, so there is nothing to lose
        return False
    return row is not None and row[0] > sum(span.start <= moment < span.end for one in found for moment in one.times)


def _fill(database: "DuckDBPyConnection", columns: Sequence[str], found: Sequence[Series]) -> None:
    keys = "".join(f", l{number} VARCHAR" for number in range(len(columns)))
    database.execute(f"CREATE TABLE series (id INTEGER, metric VARCHAR{keys})")
    database.execute("CREATE TABLE sample (series INTEGER, t BIGINT, v DOUBLE)")
    for number, one in enumerate(found):
        values = [number, one.labels["__name__"], *(one.labels.get(label) for label in columns)]
        database.execute(f"INSERT INTO series VALUES ({', '.join('?' * len(values))})", values)
        database.execute(
            "INSERT INTO sample SELECT ?, unnest(CAST(? AS BIGINT[])), unnest(CAST(? AS DOUBLE[]))",
            [number, list(one.times), list(one.values)],
        )


def _copy(database: "DuckDBPyConnection", path: Path, columns: Sequence[str], metadata: Mapping[str, Any]) -> None:
    named = "".join(f", l{number} AS {_quoted(label)}" for number, label in enumerate(columns))
    keys = "".join(f", l{number}" for number in range(len(columns)))
    told = ", ".join(f"{_quoted(key)}: {_literal(str(value))}" for key, value in metadata.items())
    database.execute(
        f"COPY (SELECT metric AS __name__, t AS __time__, v AS __value__{named} FROM sample JOIN series ON id = series "
        f"ORDER BY metric{keys}, t) TO {_literal(str(path))} (FORMAT parquet, COMPRESSION zstd, KV_METADATA {{{told}}})"
    )


def _parts(path: Path) -> list[Path]:
    """The files of the same selector whose range lies in that of this one, in seconds."""
    new = _RANGE.fullmatch(path.name)
    assert new
    there = [(other, _RANGE.fullmatch(other.name)) for other in path.parent.glob("*.parquet") if other != path]
    return [other for other, old in there if old and old[1] == new[1] and new[2] <= old[2] and old[3] <= new[3]]


@frozen
class Answered:
    """What a pulled file answers: a selector, over a range."""

    selector: Selector
    range: Interval


def check_pulled(
    database: "DuckDBPyConnection",
    source: FileSource,
    files: Iterable[File],
    asked: Mapping[Asked, str],
    within: Interval,
) -> None:
    """Refuse what was not pulled, or not for as long as the rest: without that, its samples would pass for none.

    BadFile where svcops slo pull did not write a file, NotPulled where a selector lacks what others of them have.
    """
    there = [_answered(database, file) for file in files]
    answers = {
        query: list(joined(one.range for one in there if is_within(parse_selector(query), one.selector)))
        for query in (one.query for one in asked)
    }
    every = [
        Interval(max(one.start, within.start), min(one.end, within.end))
        for one in joined(one for ranges in answers.values() for one in ranges)
        if one.start < within.end and within.start < one.end
    ]
    for one, asked_by in asked.items():
        ranges = answers[one.query]
        missing = next(iter(without(every, ranges)), None) if ranges else within
        if missing:
            raise NotPulled(asked_by, source.name, missing)


def _answered(database: "DuckDBPyConnection", file: File) -> Answered:
    query = "SELECT decode(key), decode(value) FROM parquet_kv_metadata(?)"
    with about(file.path, file.full):
        told = dict(database.execute(query, [as_named(file.full)]).fetchall())
    try:
        start, end = (_moment(int(told[key])) for key in ("from", "until"))
        return Answered(parse_selector(told["selector"]), Interval(start, end))
    except (KeyError, ValueError):
        why = "svcops slo pull did not write it: nothing says what it answers"
        help_ = "Keep files of your own in another folder, with a DataSource of type Parquet."
        raise BadFile(file.path, why, help=help_) from None


def is_within(asked: Selector, pulled: Selector) -> bool:
    """Whether all series of a selector are among those of another, as that has no condition more."""
    return asked.metric == pulled.metric and set(pulled.matchers) <= set(asked.matchers)


def clash(columns: Iterable[str]) -> str:
    """Two labels that no file can keep apart, or one that it needs itself; nothing where all is well."""
    seen: dict[str, str] = {one: one for one in _FIXED}
    for column in columns:
        other = seen.setdefault(column.lower(), column)
        if other != column or column in _FIXED[1:]:
            return f"{column} and {other}" if other != column else column
    return ""


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"

"""What the folders `NAME=VALUE` above a file say of its samples: labels, or when they were taken. Pure.

Exports are partitioned so by Hive, Spark, DuckDB and others. A counter goes on over midnight, so that a date is no
label: it would begin a series anew each day, and what grew between two of them were lost.
"""

import re
from collections import defaultdict
from collections.abc import Iterable
from urllib.parse import unquote

_OF_TIME = frozenset(("year", "month", "week", "day", "date", "dt", "hour", "minute"))
_MONTH, _DAY = "(0[1-9]|1[0-2])", "(0[1-9]|[12][0-9]|3[01])"
_WHEN = re.compile(
    rf"[0-9]{{4}}-{_MONTH}(-{_DAY}([T _][0-9]{{2}}([:-]?[0-9]{{2}}){{0,2}}(Z|[+-][0-9]{{2}}:?[0-9]{{2}})?)?)?"
    rf"|(19|20|21)[0-9]{{2}}{_MONTH}{_DAY}"
)
"""A month, a day, an hour of it, or a time: `2026-11`, `2026-11-01`, `20261101`, `2026-11-01T10`."""


def folders(path: str) -> dict[str, str]:
    """The names and values of the folders `NAME=VALUE` above a file."""
    pairs = (step.partition("=") for step in path.split("/")[:-1] if "=" in step)
    return {unquote(name): unquote(value) for name, _, value in pairs}


def of_time(paths: Iterable[str]) -> frozenset[str]:
    """The names of the folders above these files that say when: by what they are called, or by all their values."""
    values: defaultdict[str, set[str]] = defaultdict(set)
    for path in paths:
        for name, value in folders(path).items():
            values[name].add(value)
    return frozenset(
        name for name, found in values.items() if name.lower() in _OF_TIME or all(map(_WHEN.fullmatch, found))
    )

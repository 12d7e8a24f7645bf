"""How what was pulled from a Prometheus is shown."""

from collections.abc import Iterator
from datetime import datetime, tzinfo
from typing import Any

from svcops.slo.pulling import Result
from svcops.timing.model import format_instant, with_offset

SCHEMA = "svcops.slo-pull/1"
HEADINGS = ("SOURCE", "SELECTOR", "FILES", "SERIES", "SAMPLES", "FIRST", "LAST")


def rows(result: Result, zone: tzinfo) -> Iterator[tuple[str, ...]]:
    """A row a selector; times in a zone."""

    def shown(moment: datetime | None) -> str:
        return format_instant(with_offset(moment, zone)) if moment else ""

    for one in result.pulled:
        counts = (f"{len(one.files):,}", f"{len(one.series):,}", f"{one.samples:,}")
        yield (one.source, str(one.selector), *counts, shown(one.first), shown(one.last))


def notes(result: Result) -> Iterator[str]:
    """What a person should know beside."""
    for one in result.pulled:
        if not one.samples and (one.files or one.kept):
            yield f"{one.source} has no samples of {one.selector} in that time"
        for path in one.kept:
            yield f"{path} stays as it is: {one.source} has fewer samples of that time by now"


def as_json(result: Result) -> dict[str, Any]:
    """The content of the JSON; times in UTC."""
    return {
        "pulled": [
            {
                "source": one.source,
                "selector": str(one.selector),
                "files": one.files,
                "kept": one.kept,
                "series": len(one.series),
                "samples": one.samples,
                "first": format_instant(one.first) if one.first else None,
                "last": format_instant(one.last) if one.last else None,
            }
            for one in result.pulled
        ],
        "errors": [{"message": one.message, "help": one.help} for one in result.errors],
    }

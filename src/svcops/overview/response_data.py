"""The figures of a period as one JSON object: durations in seconds, null where nobody knows, and the ids behind.

Seconds are given to the millisecond.
"""

from typing import Any

from svcops.overview.response import ClockFigures, Figure, Group, Population, Report
from svcops.overview.response_outcome import Share
from svcops.overview.response_period import Period
from svcops.overview.response_presenting import trend
from svcops.overview.response_rows import rounded
from svcops.overview.response_statistics import FEWEST, SURE


def as_json(report: Report) -> dict[str, Any]:
    """The report: `figures` has an object for what was written here and one for what was imported, or one for both."""
    return {
        **_days(report.period),
        "before": _days(report.period.before),
        "by": report.by,
        "services": list(report.wanted.services),
        "severities": list(report.wanted.severities),
        "imported": report.imported,
        "method": {
            "percentiles": "Hyndman and Fan 1996, definition 7",
            "change": "difference of medians, interval of Bonett and Price 2002",
            "confidence": SURE,
            "fewest": FEWEST,
        },
        "figures": [_population(one) for one in report.populations],
        "undeclared": list(report.undeclared),
        "damaged": list(report.damaged),
        "anchors_not_judged": report.unjudged or None,
    }


def _days(period: Period) -> dict[str, str]:
    return {"since": period.first.isoformat(), "until": period.last.isoformat()}


def _population(one: Population) -> dict[str, Any]:
    return {
        "of": one.of,
        **_group(one.total),
        "cancelled": list(one.cancelled),
        "merged": list(one.merged),
        "groups": [{"name": group.name, "partial": group.is_partial, **_group(group)} for group in one.groups],
    }


def _group(one: Group) -> dict[str, Any]:
    measures, again = one.measures, one.recurrences
    return {
        "count": len(one.incidents),
        "incidents": list(one.incidents),
        "clocks": [_clock(clock) for clock in one.clocks],
        "noticed_first": _share(one.noticed),
        "approved_postmortem": {**_share(one.postmortems), "proved": list(one.proved)},
        "no_measure": {**_share(one.no_measure), "closed_with": dict(one.no_measure.by)},
        "measures": {
            "n": measures.count,
            "anchored": list(measures.anchored),
            "open": list(measures.open),
            "overdue": list(measures.overdue),
            "dropped": list(measures.dropped),
            "unknown": [*measures.unknown, *measures.lost],
        },
        "recurrences": {
            "n": len(again.found),
            "found": dict(again.found),
            "despite_measure": list(again.despite),
            "unknown": dict(again.unknown),
        },
    }


def _clock(one: ClockFigures) -> dict[str, Any]:
    shift = one.shift
    return {
        "name": one.name,
        "from": one.start_name,
        "to": one.end_name,
        "wall_clock": _figure(one.wall),
        "support_hours": _figure(one.support),
        "before": _figure(one.before),
        "change": {
            "seconds": rounded(shift.change) if shift else None,
            "low": rounded(shift.low) if shift else None,
            "high": rounded(shift.high) if shift else None,
            "sure": shift.is_sure if shift else None,
            "words": trend(one),
        },
    }


def _figure(one: Figure) -> dict[str, Any]:
    """Seconds; `known` has them by id, `unknown` says why they are not known."""
    found = one.spread
    return {
        "n": len(one.known),
        "median": rounded(found.median) if found else None,
        "p90": rounded(found.p90) if found else None,
        "mean": rounded(found.mean) if found else None,
        "known": {name: rounded(seconds) for name, seconds in one.known.items()},
        "unknown": dict(one.unknown),
    }


def _share(one: Share) -> dict[str, Any]:
    return {
        "n": len(one.yes),
        "of": one.known,
        "yes": list(one.yes),
        "no": list(one.no),
        "unknown": dict(one.unknown),
    }

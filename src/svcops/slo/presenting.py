"""The report as people and programs read it: rows, JSON, CSV, Markdown. The same report gives the same text."""

from collections.abc import Iterator
from datetime import datetime
from fractions import Fraction
from math import inf, nextafter
from typing import Any

from svcops.slo.answers import Result
from svcops.slo.exclusions import Excluded
from svcops.slo.facts import Amount, Level, cut, decimal, verdict_of, whole
from svcops.slo.naming import named, target_text, worst_first
from svcops.slo.remarks import remarks
from svcops.slo.report import Failure, Report
from svcops.slo.slices import Slices
from svcops.terminal.csv_text import csv_text
from svcops.terminal.markdown import escaped, table
from svcops.timing.model import format_duration, format_instant

SCHEMA = "svcops.slo-report/1"
HEADINGS = ("SLO", "service", "objective", "window", "SLI %", "target %", "left %", "lasts", "verdict")
"""What is left of the budget, and how long it lasts at the pace of the longest stretch that alerts look at."""

WITHOUT = "without exclusions"
"""The heading of one column more, where something was excluded: the level that would have been, and its verdict."""

UNKNOWN = "-"
"""What stands in a row where nothing is known: never 0, never 100."""

COLUMNS = (
    *("at", "slo", "service", "objective", "window", "start", "end", "target", "sli", "good", "bad", "total"),
    *(
        "budget",
        "budget_left",
        "budget_left_share",
        "burn_window",
        "burn",
        "lasts",
        "coverage",
        "verdict",
        "reason",
        "path",
        "sli_without_exclusions",
        "verdict_without_exclusions",
    ),
)
"""Of the CSV; the last two are empty where nothing was excluded."""
_NUMBERS = ("SLI %", "target %", "left %")


def to_json(of: Report) -> dict[str, Any]:
    """The report as data for JSON (schema svcops.slo-report/1).

    Counts are of events, or where `slices` says so of slices of time; whole numbers where they are whole. Shares are
    the nearest binary numbers, but never 1 where anything was bad, and never the target where it was missed; every
    unknown is null.
    """
    return {
        "schema": SCHEMA,
        "at": format_instant(of.at),
        "slos": [_one_to_json(one) for one in of.results],
        "errors": [
            {"name": one.slo.metadata.name, "path": one.path, "message": one.error.message, "help": one.error.help}
            for one in of.failures
        ],
    }


def _one_to_json(one: Result) -> dict[str, Any]:
    asked, reached = one.question, one.level
    return {
        "name": asked.name,
        "service": asked.service,
        "objective": asked.objective,
        "weight": None if asked.weight is None else float(asked.weight),
        "composite": _composite_to_json(one) if asked.composite else None,
        "path": asked.path,
        "window": {
            "duration": asked.window,
            "start": format_instant(one.window.start) if one.window else None,
            "end": format_instant(one.window.end) if one.window else None,
        },
        "slices": _slices_to_json(asked.judged.slices) if asked.judged and asked.judged.slices else None,
        "good": _number(reached.good) if reached else None,
        "bad": _number(reached.bad) if reached else None,
        "total": _number(reached.total) if reached else None,
        "sli": nearest(reached.sli, asked.target) if reached else None,
        "target": float(asked.target),
        "budget": _budget_to_json(reached) if reached else None,
        "burn": [
            {"window": int(each.window.total_seconds()), "rate": None if each.rate is None else float(each.rate)}
            for each in one.paces
        ],
        "lasts": None if one.lasts is None else one.lasts.total_seconds(),
        "verdict": one.verdict,
        "reason": one.reason,
        "coverage": nearest(one.coverage, asked.policy.least_coverage) if one.coverage is not None else None,
        "missing": [{"from": format_instant(gap.start), "until": format_instant(gap.end)} for gap in one.missing],
        "assumed": _number(one.assumed),
        "nothing_selected": one.nothing_selected,
        "contradictions": [
            {"at": format_instant(each.at), "part": _number(each.part), "total": _number(each.total)}
            for each in one.above
        ],
        "excluded": [_excluded_to_json(stretch) for stretch in one.excluded],
        "without_exclusions": _plain_to_json(one) if one.excluded else None,
        "inputs": [
            {"path": file.path, "sha256": file.sha256, "first": _instant(file.first), "last": _instant(file.last)}
            for file in one.inputs
        ],
    }


def _composite_to_json(one: Result) -> dict[str, Any]:
    """What a composite SLO is made of: its objectives, each a level of its own beside this one."""
    assert one.question.composite
    return {
        "method": one.question.composite.method,
        "objectives": [part.question.objective for part in one.parts],
    }


def _excluded_to_json(of: Excluded) -> dict[str, Any]:
    return {
        "from": format_instant(of.start),
        "until": format_instant(of.end),
        "treatment": of.treatment,
        "path": of.path,
        "title": of.title,
    }


def _plain_to_json(one: Result) -> dict[str, Any]:
    """The level with nothing excluded; nulls where it is unknown."""
    plain = one.plain
    return {
        "good": _number(plain.good) if plain else None,
        "bad": _number(plain.bad) if plain else None,
        "total": _number(plain.total) if plain else None,
        "sli": nearest(plain.sli, one.question.target) if plain else None,
        "met": plain.met if plain else None,
    }


def _slices_to_json(of: Slices) -> dict[str, Any]:
    """What counts, where it is not events."""
    return {"length": format_duration(of.length), "target": None if of.target is None else float(of.target)}


def _budget_to_json(reached: Level) -> dict[str, Any]:
    return {
        "total": _number(reached.budget),
        "spent": _number(reached.bad),
        "left": _number(reached.budget_left),
        "spent_share": nearest(reached.spent_share),
        "left_share": nearest(reached.left_share, Fraction(0)),
    }


def counted_by_hosts(of: Report) -> set[str]:
    """The sources whose hosts said how far counters grew, of a report that hosts were asked for."""
    from svcops.slo.terms import INCREASE

    judged = [(one, one.question.judged) for one in of.results]
    return {
        term.source
        for one, by in judged
        if by
        for term in (by.indicator.part, by.indicator.total)
        if term.asked.measure == INCREASE and term.source not in {file.source for file in one.inputs}
    }


def rows(of: Report) -> list[tuple[str, ...]]:
    """The report as rows of text under HEADINGS, the worst first.

    The level has three decimals, or as many as its target. Digits are cut off, never rounded up: 100.000 means that
    nothing was bad, and a target that was missed is never shown as reached. What is unknown is a dash.
    """
    return [_row(one) for one in worst_first(of)]


def columns(of: Report) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """The headings and the rows, with a column more where something was excluded."""
    if not any(one.excluded for one in of.results):
        return HEADINGS, rows(of)
    return (*HEADINGS, WITHOUT), [(*_row(one), without_exclusions(one)) for one in worst_first(of)]


def without_exclusions(one: Result) -> str:
    """The level with nothing excluded and what that would mean: `98.1 %, breached`; nothing where nothing is."""
    if not one.excluded:
        return ""
    plain = f"{_sli(one, one.plain)} %, " if one.plain else ""
    return plain + verdict_of(one.plain)


def _sli(one: Result, level: Level) -> str:
    """A level in percent, with three decimals or as many as the target."""
    return cut(level.sli * 100, max(3, len(target_text(one).partition(".")[2])))


def _row(one: Result) -> tuple[str, ...]:
    asked, reached = one.question, one.level
    target = target_text(one)
    sli = _sli(one, reached) if reached else UNKNOWN
    left = cut(reached.left_share * 100, 1) if reached else UNKNOWN
    part = "" if asked.weight is None else f"- {asked.objective} (weight {decimal(whole(asked.weight))})"
    return (
        asked.name,
        asked.service,
        part or asked.objective,
        asked.window,
        sli,
        target,
        left,
        lasts_text(one),
        one.verdict,
    )


def lasts_text(one: Result) -> str:
    """How long the budget lasts; `spent` where nothing is left, a dash where that is unknown, or nothing is spent."""
    if one.level and one.level.left_share <= 0:
        return "spent"
    return UNKNOWN if one.lasts is None else format_duration(one.lasts)


def _instant(moment: datetime | None) -> str | None:
    return format_instant(moment) if moment else None


def _number(value: Amount) -> int | float:
    return value if isinstance(value, int) else float(value)


def nearest(value: Fraction, *limits: Fraction) -> float:
    """The nearest binary number, but below 1 and below each limit that the exact value is below."""
    found = float(value)
    for limit in (Fraction(1), *limits):
        if value < limit and found >= float(limit):
            found = nextafter(float(limit), -inf)
    return found


def csv_of(of: Report) -> str:
    """The report as CSV, by name; what is unknown is empty, and an SLO that is wrong has the verdict error."""
    at = format_instant(of.at)
    found = [_csv_row(at, one) for one in of.results] + [_csv_error(at, one) for one in of.failures]
    return csv_text(COLUMNS, sorted(found, key=lambda row: (str(row[1]), str(row[3]))))


def _csv_row(at: str, one: Result) -> tuple[str | float | None, ...]:
    said = _one_to_json(one)
    budget = said["budget"] or {}
    return (
        *(at, said["name"], said["service"], said["objective"], said["window"]["duration"]),
        *(said["window"]["start"], said["window"]["end"], said["target"], said["sli"]),
        *(said["good"], said["bad"], said["total"]),
        *(budget.get("total"), budget.get("left"), budget.get("left_share")),
        *((said["burn"][-1]["window"], said["burn"][-1]["rate"]) if said["burn"] else (None, None)),
        said["lasts"],
        *(said["coverage"], said["verdict"], said["reason"], said["path"]),
        *((said["without_exclusions"]["sli"], verdict_of(one.plain)) if one.excluded else (None, None)),
    )


def _csv_error(at: str, one: Failure) -> tuple[str | float | None, ...]:
    before = (at, one.slo.metadata.name, one.slo.spec.service)
    known = ("error", one.error.message, one.path)
    unknown = (None,) * (COLUMNS.index("verdict") - len(before))
    return (*before, *unknown, *known, None, None)


def markdown_of(of: Report, empty: str = "No SLOs.") -> str:
    """The report as Markdown: the table, the worst first, then what is to be said of it, a point each.

    `empty` stands in the place of a table of nothing.
    """
    told = [f"{named(one.question)}: {one.reason}" for one in worst_first(of) if one.reason]
    told += [f"{one.slo.metadata.name} was not worked out: {one.error.message}" for one in of.failures]
    told += remarks(of)
    points = "".join(f"- {escaped(line)}\n" for line in told)
    head = f"## Service levels at {escaped(format_instant(of.at))}\n"
    return "\n".join(filter(None, (head, "".join(_table(of, empty)), points)))


def _table(of: Report, empty: str) -> Iterator[str]:
    if of.results:
        yield table(*columns(of), _NUMBERS)
    elif not of.failures:
        yield f"{empty}\n"

"""svcops report ..."""

from typing import TYPE_CHECKING, Annotated, Any, get_args

from svcops.errors import BAD_INPUT, NOT_ENOUGH_DATA, BadInput
from svcops.terminal.command import App, Context, Option

if TYPE_CHECKING:
    from collections.abc import Sequence

    from svcops.overview.response import Report
    from svcops.overview.response_cases import By, Wanted
    from svcops.overview.response_period import Period
    from svcops.terminal.session import Session

_MOST = 5
"""Ids that a remark names."""

app = App("Figures of how disruptions go, with their records.")


@app.verb(
    "response",
    examples="""
svcops report response
svcops report response --since 2026-01-01 --until 2026-03-31 --by service
svcops report response --since -30d --severity sev1 --severity sev2 --explain resolve
svcops report response --since -365d --by month --format markdown > response.md
""",
)
def response(
    ctx: Context,
    since: Annotated[
        str,
        Option(
            "--since", metavar="DATE", help="The first day: 2026-11-01, or -90d, 90 days with today, as without it."
        ),
    ] = "",
    until: Annotated[
        str, Option("--until", metavar="DATE", help="The last day; today without it, and at the latest.")
    ] = "",
    by: Annotated[
        str,
        Option(
            "--by", metavar="WORD", help="Apart by service, severity, month or team; a month that is not whole says so."
        ),
    ] = "",
    severity: Annotated[
        list[str] | None, Option("--severity", metavar="NAME", help="Only of this severity; may be repeated.")
    ] = None,
    service: Annotated[
        list[str] | None, Option("--service", metavar="NAME", help="Only of this service; may be repeated.")
    ] = None,
    imported: Annotated[
        str,
        Option("--imported", metavar="WORD", help="with: counted together; without or only; else told apart."),
    ] = "",
    explain: Annotated[
        str,
        Option(
            "--explain",
            metavar="FIGURE",
            help="The records behind a figure: detect, acknowledge, mitigate, resolve, noticed, postmortems, measures, "
            "recurrences, no-measure, not-counted.",
        ),
    ] = "",
    format_: Annotated[str, Option("--format", metavar="NAME", help="table, json, csv or markdown.")] = "",
) -> int:
    """Say how fast disruptions are detected, acknowledged, mitigated and resolved, and whether that changes.

    An incident counts in the days in which it was declared. Beside the figures stand those of as many days before,
    and how sure a change is. What is unknown is counted apart, never as 0. Exit code 4 where there is no incident.
    """
    from svcops.overview.response import report
    from svcops.terminal.choices import format_of, word

    session: Session = ctx.obj
    format_ = format_of(session, format_)
    origin: Any = word(imported, "--imported", ("with", "without", "only"), "apart")
    group: By | None = _by(by)
    wanted = _wanted(session, severity or [], service or [])
    period = _period(session, since, until, by)
    store = session.store
    found = report(store.graph, period, session.now(), by=group, wanted=wanted, imported=origin)
    if explain:
        from svcops.overview.response_records import behind

        behind(found, explain)  # a mistyped name is said before that there is nothing to explain
    if not found.counted:
        if format_ in ("json", "csv"):  # a program reads that there is nothing, too
            _show(session, found, format_)
        return _nothing(session, found)
    if explain and format_ != "json":
        _explain(session, found, explain, format_)
    else:
        _show(session, found, format_)
    return _mention_left_out(session, found)


def _by(given: str) -> "By | None":
    from svcops.overview.response_cases import By
    from svcops.terminal.choices import word

    known: tuple[By, ...] = get_args(By)
    asked = word(given, "--by", known, "")
    return next((one for one in known if one == asked), None)


def _wanted(session: "Session", severities: list[str], services: list[str]) -> "Wanted":
    from svcops.catalogue.facts import called
    from svcops.overview.response_cases import Wanted

    settings = session.store.graph.settings
    for name in severities:
        if settings.severity(name) is None:
            names = ", ".join(level.name for level in settings.severities)
            raise BadInput(f"there is no severity {name!r}", help=f"svcops.yaml names {names}.")
    named = (called(session.store.graph, "service", name).name for name in services)
    return Wanted(tuple(dict.fromkeys(named)), tuple(dict.fromkeys(severities)))


def _period(session: "Session", since: str, until: str, by: str) -> "Period":
    """The days that were asked for; by month from the first day of a month, so that months can be compared."""
    from dataclasses import replace

    from svcops.overview.response_period import period

    found = period(since, until, now=session.now(), zone=session.zone)
    if by.strip().lower() == "month" and found.first.day != 1:
        found = replace(found, first=found.first.replace(day=1))
        session.say(f"by month: from the first day of the month, {found.first}")
    return found


def _nothing(session: "Session", report: "Report") -> int:
    """Not one incident in the period: a clear word instead of empty tables."""
    from svcops.overview.response import nearest
    from svcops.overview.response_presenting import days

    damaged = _mention_left_out(session, report)
    session.warn(f"no incident to report on was declared from {days(report.period)}: not enough data to say")
    gone = sum(len(one.cancelled) + len(one.merged) for one in report.populations)
    if gone:
        session.say(f"{gone} cancelled or merged: svcops report response --explain not-counted")
    before, after = nearest(session.store.graph, report)
    if before:
        day = before.astimezone(session.zone).date()
        session.say(f"the last one before was declared on {day}: --since names an earlier day")
    if after:
        day = after.astimezone(session.zone).date()
        session.say(f"the next one was declared on {day}: --until names a later day")
    return BAD_INPUT if damaged else NOT_ENOUGH_DATA


def _mention_left_out(session: "Session", report: "Report") -> int:
    """Say on standard error which incidents are in no figure, as too little of them is known; the exit code for it."""
    from svcops.incidents.noun import mention_left_out
    from svcops.overview.response_presenting import unjudged

    if report.unjudged:
        session.warn(unjudged(report))
    damaged = mention_left_out(session)
    if report.undeclared:
        session.warn(f"in no period, as nothing says when it was declared: {_some(report.undeclared)}")
    return damaged


def _some(ids: "Sequence[str]") -> str:
    """The first few of some ids."""
    return f"{', '.join(ids[:_MOST])}{' ...' if len(ids) > _MOST else ''}"


def _show(session: "Session", found: "Report", format_: str) -> None:
    from svcops.overview import response_presenting as shown

    if session.options.quiet:
        for population in found.populations:
            for name in population.total.incidents:
                session.show(name)
    elif format_ == "json":
        from svcops.overview.response_data import as_json

        session.show_json("svcops.report.response/1", **as_json(found))
    elif format_ == "csv":
        from svcops.overview.response_rows import csv_of
        from svcops.terminal.csv_text import show_csv

        show_csv(session, csv_of(found))
    elif format_ == "markdown":
        from svcops.overview.response_markdown import blocks

        session.show("\n".join(blocks(shown.page(found), shown.legend(found))).rstrip("\n"))
    elif session.is_terminal:
        _show_page(session, found)
    else:
        from svcops.overview.response_rows import lines

        for line in shown.tab_separated(lines(found)):
            session.show(line)


def _show_page(session: "Session", found: "Report") -> None:
    """The page for a terminal; how it is worked out is a remark."""
    from svcops.overview import response_presenting as shown
    from svcops.terminal.tables import show

    for part in shown.page(found):
        if isinstance(part, shown.Table):
            show(session, part.columns, part.rows)
        elif isinstance(part, shown.Lines):
            for line in part.lines:
                session.show(f"  {line}")
        else:
            session.show(part.text if part.level == 1 else f"\n{part.text}")
    session.say("")
    for line in shown.legend(found):
        session.say(line)
    session.say("The records behind a figure: svcops report response --explain resolve")


def _explain(session: "Session", found: "Report", figure: str, format_: str) -> None:
    """The records behind a figure, in the format asked for."""
    from svcops.overview import response_presenting as shown
    from svcops.overview.response_records import COLUMNS, behind

    records = behind(found, figure)
    if session.options.quiet:
        for name in dict.fromkeys(one.id for one in records if not one.is_before):
            session.show(name)
    elif format_ == "csv":
        from svcops.overview.response_rows import rounded
        from svcops.terminal.csv_text import csv_text, show_csv

        columns = ("id", "of", "value", "support_seconds", "why")
        cells = ((one.id, one.of, rounded(one.value), rounded(one.support), one.why) for one in records)
        show_csv(session, csv_text(columns, cells))
    else:
        rows = [(one.id, one.of, shown.value(one.value), shown.value(one.support), one.why) for one in records]
        if format_ == "markdown":
            from svcops.overview.response_markdown import blocks

            table = shown.Table(COLUMNS, tuple(rows))
            session.show("\n".join(blocks((table,), ())).rstrip("\n"))
        else:
            session.show_table(COLUMNS, rows, empty="no record is behind it")

"""svcops slo ..."""

from typing import TYPE_CHECKING, Annotated

from svcops.errors import DONE, NOT_ENOUGH_DATA, BadInput
from svcops.slo import dashboard_commands, watch_commands  # noqa: F401 - their verbs
from svcops.slo.noun import FILES, Engine, app, complain, exit_code, known, pushing, until, wrong
from svcops.terminal.command import Argument, Context, Option
from svcops.terminal.session import Session
from svcops.timing.asking import moment

if TYPE_CHECKING:
    from svcops.slo.policies import Increase
    from svcops.slo.report import Report
    from svcops.slo.rule_files import Found


@app.verb(
    "report",
    examples="""
svcops slo report
svcops slo report receipt-extraction --at 2026-11-23T00:00Z
svcops slo report --json
svcops slo report --format markdown > levels.md
svcops slo report --format html > levels.html
svcops slo report --engine prometheus
""",
)
def report(
    ctx: Context,
    names: Annotated[
        list[str] | None, Argument(metavar="[NAME]...", help="The SLOs; all of them without a name.")
    ] = None,
    at: Annotated[str, Option("--at", metavar="TIME", help="Where the windows end: -1h, 2026-11-23T00:00Z.")] = "now",
    format_: Annotated[str, Option("--format", metavar="NAME", help="table, json, csv, markdown or html.")] = "",
    increase: Annotated[
        str, Option("--increase", metavar="HOW", help="How counters grew: exact, or as prometheus2 or prometheus3 say.")
    ] = "",
    engine: Engine = FILES,
) -> int:
    """Report every SLO, the worst first: target, level reached, error budget left.

    Exit code 0 when every target is met, 1 when one is missed, 4 when something is not known. An SLO that is wrong
    hides no other: 2, or 3 where its samples could not be read.
    """
    from svcops.slo import presenting
    from svcops.slo.course import POINTS
    from svcops.slo.report import Way, report_of
    from svcops.terminal.choices import format_of
    from svcops.terminal.csv_text import show_csv
    from svcops.terminal.progress import telling

    session: Session = ctx.obj
    format_ = format_of(session, format_, more=("html",))
    named, how = known(session, names or []), _increase(increase)
    if how == "exact" and engine != FILES:
        raise BadInput("--increase exact: a host estimates how far counters grew", help="Files are counted exactly.")
    with pushing(session, engine) as hosts, telling(session) as tell:
        end = until(session, at, hosts)
        points = POINTS if format_ == "html" and not hosts else 0  # a host would be asked for each of them
        result = report_of(session.store.graph, end, named, way=Way(how, hosts, points, tell))
    if format_ == "html":
        from svcops.slo.dashboard.making import one_page

        text = one_page(session.store.graph, result, session.zone)
        session.show(text.removesuffix("\n"), painted=not session.is_terminal)
    elif format_ == "json":
        content = presenting.to_json(result)
        session.show_json(content.pop("schema"), **content)
    elif format_ == "csv":
        show_csv(session, presenting.csv_of(result))
    elif format_ == "markdown":
        from svcops.slo.damage import none_of

        session.show(presenting.markdown_of(result, none_of(session.store.graph)).rstrip("\n"))
    else:
        _show_table(session, result)
    _mention_estimates(session, result, engine)
    complain(session, result)
    return exit_code(session, result)


def _show_table(session: Session, result: "Report") -> None:
    from svcops.slo.damage import none_of
    from svcops.slo.naming import named, worst_first
    from svcops.slo.presenting import columns
    from svcops.slo.remarks import remarks

    if result.results or not result.failures:
        session.show_table(*columns(result), empty=none_of(session.store.graph))
    for one in worst_first(result):
        if one.reason:
            session.say(f"{named(one.question)}: {one.reason}")
    for line in remarks(result):
        session.say(line)


@app.verb(
    "explain",
    examples="""
svcops slo explain receipt-extraction
svcops slo explain receipt-extraction --at 2026-11-23T00:00Z --json
""",
)
def explain(
    ctx: Context,
    name: Annotated[str, Argument(metavar="NAME", help="The SLO.")],
    at: Annotated[str, Option("--at", metavar="TIME", help="Where the windows end: -1h, 2026-11-23T00:00Z.")] = "now",
    engine: Engine = FILES,
) -> int:
    """Explain an SLO's figures: what was counted in which files, what is missing, each formula with its numbers.

    Exit codes as those of report.
    """
    from svcops.slo.explaining import as_json, as_text
    from svcops.slo.report import Way, report_of

    session: Session = ctx.obj
    named = known(session, [name])
    with pushing(session, engine) as hosts:
        result = report_of(session.store.graph, until(session, at, hosts), named, way=Way(pushing=hosts))
    if session.options.json:
        content = as_json(result)
        session.show_json(content.pop("schema"), **content)
    elif session.options.quiet:
        for one in result.results:
            session.show(one.verdict)
    elif result.results:
        estimated = _mention_estimates(session, result, engine)
        session.show("\n\n".join(as_text(one, estimated) for one in result.results))
    complain(session, result)
    return exit_code(session, result)


@app.verb(
    "attribute",
    examples="""
svcops slo attribute
svcops slo attribute receipt-extraction --at 2026-11-23T00:00Z
svcops slo attribute --json
""",
)
def attribute(
    ctx: Context,
    names: Annotated[
        list[str] | None, Argument(metavar="[NAME]...", help="The SLOs; all of them without a name.")
    ] = None,
    at: Annotated[str, Option("--at", metavar="TIME", help="Where the windows end: -1h, 2026-11-23T00:00Z.")] = "now",
) -> int:
    """Attribute each error budget: what was bad inside each incident's impact, and what no incident explains.

    Budgets are those of the report; what was bad in excluded time spends nothing, and has a row of its own. An incident
    of which an SLO saw nothing, and a disruption that nobody declared, are pointed out. What is unknown is told, with
    the reason: exit code 4. An incident whose start is not known counts from when it was declared, and spent at least
    that.
    """
    from svcops.slo import attribution as shown
    from svcops.slo.damage import none_of

    session: Session = ctx.obj
    found = shown.attributions(session.store.graph, moment(session, at, "--at"), known(session, names or []))
    if session.options.json:
        session.show_json(shown.SCHEMA, **shown.as_json(found))
    else:
        empty = "" if found.errors else none_of(session.store.graph)
        session.show_table(shown.HEADINGS, shown.rows(found, session.zone), empty=empty)
        for line in shown.notes(found):
            session.say(line)
    damaged = max(session.mention_damage(), wrong(session, found.errors))
    return damaged or (DONE if all(one.is_known for one in found.budgets) else NOT_ENOUGH_DATA)


@app.verb(
    "pull",
    examples="""
svcops slo pull
svcops slo pull prometheus --from -2h
svcops slo pull --from 2026-11-01T00:00Z --until 2026-11-23T00:00Z --json
""",
)
def pull(
    ctx: Context,
    sources: Annotated[
        list[str] | None, Argument(metavar="[SOURCE]...", help="DataSources of type Prometheus; all without a name.")
    ] = None,
    start: Annotated[
        str,
        Option("--from", metavar="TIME", help="The first moment; else where the longest window begins."),
    ] = "",
    until: Annotated[str, Option("--until", metavar="TIME", help="The last moment: -1h, 2026-11-23T00:00Z.")] = "now",
) -> int:
    """Pull the samples that SLOs ask of a Prometheus into Parquet files, which the other commands read.

    Each selector is asked for raw samples, day by day; a file holds one of both, and is replaced by what is pulled
    again. Files in which there is more than the host has by now stay. Exit code 3 when a host does not answer, refuses,
    or answers what cannot be; what was written until then stays.
    """
    from svcops.slo.damage import but_damaged
    from svcops.slo.pull_presenting import HEADINGS, SCHEMA, as_json, notes, rows
    from svcops.slo.pulling import pull_all

    session: Session = ctx.obj
    end = moment(session, until, "--until")
    begin = moment(session, start, "--from") if start else None
    if end > session.now():
        raise BadInput(f"--until {until}: still to come, and so are the samples", help="Leave it out: it is now then.")
    if begin and begin > end:
        raise BadInput(f"--from {start}: after --until", help="Such as --from -7d, or --until now.")
    result = pull_all(session, sources or [], begin, end)
    if session.options.json:
        session.show_json(SCHEMA, **as_json(result))
    elif session.options.quiet:
        for path in (path for one in result.pulled for path in one.files):
            session.show(path)
    else:
        nothing = f"Nothing to pull: no SLO{but_damaged(session.store_untouched.graph)}"
        empty = "" if result.errors else f"{nothing} asks a DataSource of type Prometheus for a selector."
        session.show_table(HEADINGS, rows(result, session.zone), empty=empty)
    for line in notes(result):
        session.say(line)
    for error in result.errors:
        session.warn(f"error: {error.message}")
        if error.help:
            session.warn(f"  help: {error.help}")
    return max(session.mention_damage(), result.exit_code)


@app.verb(
    "rules",
    examples="""
svcops slo rules > slo-rules.yaml
svcops slo rules --output prometheus/
svcops slo rules receipt-extraction --tiers page
svcops slo rules --tiers 1h,6h,1d --no-recording
""",
)
def rules(
    ctx: Context,
    names: Annotated[
        list[str] | None, Argument(metavar="[NAME]...", help="The SLOs; all of them without a name.")
    ] = None,
    output: Annotated[
        str, Option("--output", "--out", metavar="DIR", help="A folder, for a file a service; - is standard output.")
    ] = "-",
    tiers: Annotated[
        str, Option("--tiers", metavar="LIST", help="Of 1h, 6h (page), 1d, 3d (ticket), those; page, ticket, or none.")
    ] = "",
    no_alerts: Annotated[bool, Option("--no-alerts", help="Recording rules only.")] = False,
    no_recording: Annotated[bool, Option("--no-recording", help="Alerting rules only.")] = False,
) -> int:
    """Write recording and alerting rules for Prometheus, for every SLO whose queries are selectors.

    An alert is raised while the error budget burns too fast over a long window and over a short one. Where the SLO's
    own alert policies look at a burn rate, they stand instead, and --tiers adds these. A Prometheus knows nothing of
    exclusions (slo/exclusions/): its alerts fire in agreed maintenance, unless an Alertmanager silences them. Exit code
    4 when an SLO is left out, and the others are written; 2 when one is wrong.
    """
    from svcops.slo.damage import none_of
    from svcops.slo.rule_files import SCHEMA, Wanted, left_over, rules_of, write

    session: Session = ctx.obj
    if no_alerts and no_recording:
        raise BadInput("--no-alerts and --no-recording together leave nothing to write")
    if names and output != "-":
        help_ = "Leave the names out, or --output: on standard output there are those that are named."
        raise BadInput("a file holds all SLOs of its service, so --output takes no names", help=help_)
    wanted = Wanted(_tiers(tiers), recording=not no_recording, alerts=not no_alerts)
    store = session.store_untouched
    found = rules_of(store.graph, wanted, session.now(), known(session, names or []))
    written = write(session.place, output, found, store.root) if output != "-" else []
    if session.options.json:
        told = [{"slo": one.slo, "objective": one.objective, "reason": one.reason} for one in found.left_out]
        wrong = [{"slo": one.slo, "message": one.error.message, "help": one.error.help} for one in found.failures]
        groups = [one.plain for one in found.groups]
        session.show_json(
            SCHEMA, groups=groups, left_out=told, errors=wrong, remarks=list(found.remarks), written=written
        )
    elif output != "-" or session.options.quiet:
        for line in written if output != "-" else [one.name for one in found.groups]:
            session.show(line)
    else:  # a program reads it to the letter, a terminal obeys none of it
        session.show(found.text().removesuffix("\n"), painted=not session.is_terminal)
    if not (found.groups or found.left_out or found.failures):
        session.say(none_of(store.graph))
    _tell(session, found)
    damaged = session.mention_damage()
    if output != "-" and not damaged:
        for path in left_over(session.place, output, found):
            session.say(f"{path}: from an earlier run, and its service has no rules any more: remove it")
    return damaged or found.exit_code


def _tiers(written: str) -> tuple[str, ...] | None:
    """The names of tiers that are asked for; None for all that fit."""
    from svcops.slo.burning import TIERS

    if not written or written == "none":
        return () if written else None
    known = {one.name: (one.name,) for one in TIERS}
    for one in TIERS:
        known[one.severity] = (*known.get(one.severity, ()), one.name)
    asked = [name.strip() for name in written.split(",")]
    for name in asked:
        if name not in known:
            raise BadInput(f"--tiers: there is no tier {name!r}", help=f"Some of {', '.join(known)}; or none.")
    return tuple(tier for name in asked for tier in known[name])


def _tell(session: Session, found: "Found") -> None:
    """What is not written, and why."""
    for remark in found.remarks:
        session.say(remark)
    for one in found.left_out:
        session.warn(f"left out: {one.slo} ({one.objective}): {one.reason}")
    for failure in found.failures:
        session.warn(f"error: {failure.error.message}")
        if failure.error.help:
            session.warn(f"  help: {failure.error.help}")
        session.warn(f"  no rules for: {failure.slo}")


@app.verb(
    "backtest",
    examples="""
svcops slo backtest
svcops slo backtest receipt-extraction --from -28d --details
svcops slo backtest receipt-extraction --target 0.99
""",
)
def backtest(
    ctx: Context,
    names: Annotated[
        list[str] | None, Argument(metavar="[NAME]...", help="The SLOs; all of them without a name.")
    ] = None,
    from_: Annotated[str, Option("--from", metavar="TIME", help="Where history begins: one window back.")] = "",
    at: Annotated[str, Option("--at", metavar="TIME", help="Where it ends: -1h, 2026-11-23T00:00Z.")] = "now",
    target: Annotated[str, Option("--target", metavar="SHARE", help="What another target would have done: 0.99.")] = "",
    window: Annotated[str, Option("--window", metavar="LENGTH", help="What another window would have done: 7d.")] = "",
    details: Annotated[bool, Option("--details", help="Every firing, and every incident that was missed.")] = False,
) -> int:
    """Replay history through the alerts: when each would have been raised, what it caught, missed, and cried in vain.

    An SLO's own alert policies are replayed, else burn rates of two windows each, judged as the report does: excluded
    time raises nothing. Exit code 1 where an incident was missed by every alert of its SLO, 4 where there is nothing to
    replay, or something of it is unknown.
    """
    from svcops.slo import backtest as shown
    from svcops.terminal.progress import telling

    session: Session = ctx.obj
    start, end = moment(session, from_, "--from") if from_ else None, moment(session, at, "--at")
    if start and start > end:
        raise BadInput(f"--from {from_}: after --at", help="Such as --from -28d, or --at now.")
    asked = shown.Asked(
        start=start,
        at=end,
        target=shown.checked_target(target),
        window=shown.checked_window(window),
    )
    with telling(session) as tell:
        every = shown.backtests(session.store.graph, asked, known(session, names or []), tell)
    found = every.replayed
    if session.options.json:
        session.show_json(shown.SCHEMA, **shown.as_json(every))
    elif details:
        session.show("\n".join(shown.details(found, session.zone)))
    else:
        empty = "" if every.errors else "No SLO that is worked out."
        session.show_table(shown.HEADINGS, shown.rows(found), empty=empty)
    for line in (*every.remarks, *shown.notes(found)):
        session.say(line)
    damaged = max(session.mention_damage(), wrong(session, every.errors))
    return damaged or shown.exit_code(found)


def _mention_estimates(session: Session, of: "Report", engine: str) -> set[str]:
    """Say which sources' hosts said how far counters grew, and which figures of files are the same; those sources."""
    from svcops.slo.presenting import counted_by_hosts

    found = counted_by_hosts(of) if engine != FILES else set()
    if found:
        told = "the host estimates how far counters grew, as files do with --increase prometheus2"
        session.say(f"{', '.join(sorted(found))}: {told}, or prometheus3 from its version 3 on")
    return found


def _increase(written: str) -> "Increase | None":
    from svcops.slo.policies import INCREASES

    found = next((one for one in INCREASES if one == written), None)
    if written and found is None:
        raise BadInput(f"--increase {written}: not known", help=f"One of {', '.join(INCREASES)}.")
    return found

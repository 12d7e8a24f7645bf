"""svcops slo ..."""

from typing import TYPE_CHECKING, Annotated

from svcops.errors import DONE, NOT_ENOUGH_DATA, BadInput
from svcops.terminal.command import App, Argument, Context, Option
from svcops.terminal.session import Session
from svcops.timing.asking import moment

if TYPE_CHECKING:
    from svcops.slo.policies import Increase
    from svcops.slo.report import Report

app = App("Service levels, computed from exported metrics.")


@app.verb(
    "report",
    examples="""
svcops slo report
svcops slo report receipt-extraction --at 2026-11-23T00:00Z
svcops slo report --json
svcops slo report --format markdown > levels.md
""",
)
def report(
    ctx: Context,
    names: Annotated[
        list[str] | None, Argument(metavar="[NAME]...", help="The SLOs; all of them without a name.")
    ] = None,
    at: Annotated[str, Option("--at", metavar="TIME", help="Where the windows end: -1h, 2026-11-23T00:00Z.")] = "now",
    format_: Annotated[str, Option("--format", metavar="NAME", help="table, json, csv or markdown.")] = "",
    increase: Annotated[
        str, Option("--increase", metavar="HOW", help="How counters grew: exact, or as prometheus2 or prometheus3 say.")
    ] = "",
) -> int:
    """Report every SLO, the worst first: target, level reached, error budget left.

    Exit code 0 when every target is met, 1 when one is missed, 4 when something is not known. An SLO that is wrong
    hides no other: 2, or 3 where its samples could not be read.
    """
    from svcops.slo import presenting
    from svcops.slo.report import report_of
    from svcops.terminal.choices import format_of
    from svcops.terminal.csv_text import show_csv

    session: Session = ctx.obj
    format_ = format_of(session, format_)
    result = report_of(
        session.store.graph, moment(session, at, "--at"), _known(session, names or []), increase=_increase(increase)
    )
    if format_ == "json":
        content = presenting.to_json(result)
        session.show_json(content.pop("schema"), **content)
    elif format_ == "csv":
        show_csv(session, presenting.csv_of(result))
    elif format_ == "markdown":
        session.show(presenting.markdown_of(result).rstrip("\n"))
    else:
        _show_table(session, result)
    _complain(session, result)
    return _exit_code(session, result)


def _show_table(session: Session, result: "Report") -> None:
    from svcops.slo.presenting import HEADINGS, rows, stale, worst_first

    if result.results or not result.failures:
        session.show_table(HEADINGS, rows(result), empty="No SLOs: slo/ holds none.")
    for one in worst_first(result):
        if one.reason:
            session.say(f"{one.question.name}: {one.reason}")
    for line in stale(result):
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
) -> int:
    """Explain an SLO's figures: what was counted in which files, what is missing, each formula with its numbers.

    Exit codes as those of report.
    """
    from svcops.slo.explaining import as_json, as_text
    from svcops.slo.report import report_of

    session: Session = ctx.obj
    result = report_of(session.store.graph, moment(session, at, "--at"), _known(session, [name]))
    if session.options.json:
        content = as_json(result)
        session.show_json(content.pop("schema"), **content)
    elif session.options.quiet:
        for one in result.results:
            session.show(one.verdict)
    elif result.results:
        session.show("\n\n".join(map(as_text, result.results)))
    _complain(session, result)
    return _exit_code(session, result)


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

    An incident of which an SLO saw nothing, and a disruption that nobody declared, are pointed out. Exit code 4 where
    something of it is unknown.
    """
    from svcops.slo import attribution as shown

    session: Session = ctx.obj
    found = shown.attributions(session.store.graph, moment(session, at, "--at"), _known(session, names or []))
    if session.options.json:
        session.show_json(shown.SCHEMA, **shown.as_json(found))
    else:
        session.show_table(shown.HEADINGS, shown.rows(found, session.zone), empty="No SLOs: slo/ holds none.")
        for line in shown.notes(found):
            session.say(line)
    unknown = any(one.unexplained is None for one in found.budgets)
    return session.mention_damage() or (NOT_ENOUGH_DATA if unknown else DONE)


def _exit_code(session: Session, of: "Report") -> int:
    """The report's own, but a file that cannot be read is an input that is wrong."""
    damaged = session.mention_damage()
    return max(damaged, of.exit_code) if of.exit_code != NOT_ENOUGH_DATA else damaged or of.exit_code


def _complain(session: Session, of: "Report") -> None:
    """Say what is wrong, each thing once, and which SLOs it kept from being worked out."""
    names: dict[tuple[str, str], list[str]] = {}
    for one in of.failures:
        names.setdefault((one.error.message, one.error.help), []).append(one.slo.metadata.name)
    for (message, help_), kept in names.items():
        session.warn(f"error: {message}")
        if help_:
            session.warn("  help: " + help_.replace("\n", "\n        "))
        session.warn(f"  not worked out: {', '.join(kept)}")


def _increase(written: str) -> "Increase | None":
    from svcops.slo.policies import INCREASES

    found = next((one for one in INCREASES if one == written), None)
    if written and found is None:
        raise BadInput(f"--increase {written}: not known", help=f"One of {', '.join(INCREASES)}.")
    return found


def _known(session: Session, names: list[str]) -> list[str] | None:
    """The names, each of an SLO of the store; None for all of them."""
    known = [name.removeprefix("SLO/") for name in session.store.graph.all("slo") if name.startswith("SLO/")]
    for name in names:
        if name not in known:
            from svcops.store.suggest import did_you_mean

            raise BadInput(f"there is no SLO {name!r}", help=did_you_mean(name, known) or f"SLOs: {', '.join(known)}.")
    return names or None

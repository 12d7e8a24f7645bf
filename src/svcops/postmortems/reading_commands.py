"""The verbs of `svcops postmortem` that change nothing."""

from typing import TYPE_CHECKING, Annotated

from svcops.errors import ANSWER_IS_NO, DONE, BadInput
from svcops.postmortems.noun import Id, app, chosen, content, found_in, standing_here
from svcops.terminal.command import Argument, Context, Option

if TYPE_CHECKING:
    from svcops.checking.model import Finding
    from svcops.postmortems.due import Due
    from svcops.postmortems.standing import Standing
    from svcops.terminal.session import Session


@app.verb("list", examples="svcops postmortem list\nsvcops postmortem list --due\nsvcops postmortem list --open --json")
def list_(
    ctx: Context,
    due_only: Annotated[
        bool, Option("--due", help="Only those that are waited for by a day; the soonest first.")
    ] = False,
    open_only: Annotated[bool, Option("--open", help="Only those that are not approved as they are.")] = False,
) -> int:
    """List post-mortems, the newest first, and those that are waited for and that nobody has started."""
    from svcops.postmortems.due import day_of
    from svcops.postmortems.presenting import COLUMNS, row, row_of_none, summary, summary_of_none

    session: Session = ctx.obj
    today = day_of(session.store.graph, session.now())
    written, unwritten = _every(session)
    if due_only or open_only:
        written = [one for one in written if one.status in ("draft", "unknown")]
    if due_only:
        written = sorted((one for one in written if one.due), key=lambda one: (str(one.due), one.entry.name))
    if session.options.json:
        shown = [*(summary(one, today) for one in written), *(summary_of_none(one, today) for one in unwritten)]
        session.show_json("svcops.postmortems/1", postmortems=shown)
    else:
        rows = [*(row(one, today) for one in written), *(row_of_none(one, today) for one in unwritten)]
        is_whole = not session.store.graph.damaged("postmortem")
        none = "No post-mortems." if is_whole else "No post-mortem that can be read."
        session.show_table(COLUMNS, rows, empty="No post-mortem is waited for." if due_only and is_whole else none)
    return session.mention_damage()


@app.verb("show", examples="svcops postmortem show k7f3\nsvcops postmortem show k7f3 --json")
def show(ctx: Context, id: Id) -> int:
    """Show one post-mortem: who wrote it, who moderates, whether its approvals count and why, what is to do."""
    from svcops.postmortems.due import day_of
    from svcops.postmortems.presenting import as_text

    session: Session = ctx.obj
    graph = session.store.graph
    entry = chosen(session, id)
    if session.options.quiet:
        session.show(entry.name)
    elif session.options.json:
        session.show_json("svcops.postmortem/1", **content(session, entry.name))
    else:
        one = standing_here(session, entry)
        today = day_of(graph, session.now())
        session.show(as_text(graph, one, today, session.zone, found_in(session, one)))
    return session.mention_damage()


@app.verb("check", examples="svcops postmortem check k7f3\nsvcops postmortem check")
def check(
    ctx: Context,
    id: Annotated[str, Argument(metavar="[ID]", help="The post-mortem, or its incident; all of them without it.")] = "",
) -> int:
    """Check what a post-mortem says: empty sections, questions that are left, blame, moderator, time.

    Exit code 1 where something has to be settled before it can be approved. The rest are hints to who writes.
    """
    from dataclasses import replace

    from svcops.checking.formats.report import Report
    from svcops.postmortems.checks import overdue
    from svcops.store.documents import Locator

    session: Session = ctx.obj
    graph = session.store.graph
    checked = [standing_here(session, chosen(session, id))] if id else _every(session)[0]
    paths = {one.entry.path for one in checked}
    locator = Locator(graph.tree)
    found = [finding for one in checked for finding in found_in(session, one)]
    late = (one for one in overdue(graph, session.now()) if not id or one.at.path in paths)
    found += [replace(one, span=locator.span(one.at)) for one in late]
    ordered = tuple(sorted(found, key=lambda finding: finding.order()))
    report = Report(
        findings=ordered,
        records=len(checked),
        tree=graph.tree,
        site=graph.settings.site,
        is_partial=not id and bool(graph.damaged("postmortem")),
    )
    _show(session, report)
    for one in checked:
        if one.entry.value.imported and one.status != "imported":
            session.say(f"{one.entry.path}: imported, so what it says was not checked: read it for blame yourself")
    return max(session.mention_damage(), ANSWER_IS_NO if any(map(report.fails, ordered)) else DONE)


def _show(session: "Session", report: object) -> None:
    """As `svcops check` shows findings."""
    from svcops.checking.formats import render
    from svcops.checking.formats.paint import coloured, plain
    from svcops.checking.formats.report import Report

    assert isinstance(report, Report)
    if session.options.quiet:
        for one in report.findings:
            session.show(_place(one))
        return
    paint = coloured if session.use_color(session.stdout) else plain
    for block in render("json" if session.options.json else "text", report, paint, session.columns):
        session.show(block, painted=True)


def _place(one: "Finding") -> str:
    place = f":{one.span.line}:{one.span.column}" if one.span else ""
    return f"{one.at.path}{place} {one.code}"


@app.verb("remind", examples="svcops postmortem remind\nsvcops postmortem remind --ahead 14 --json")
def remind(
    ctx: Context,
    ahead: Annotated[int, Option("--ahead", metavar="DAYS", help="What is due within so many days, too.")] = 7,
) -> int:
    """Write what is due or overdue for whom, as text to mail or to post. Nothing is sent.

    Post-mortems by who started them, else by who led the incident; open measures by their owner.
    """
    from svcops.postmortems.due import day_of
    from svcops.postmortems.reminding import as_dict, as_text, reminders

    session: Session = ctx.obj
    if ahead < 0:
        raise BadInput(f"--ahead {ahead}: what is due is not in the past", help="--ahead 0: what is due by today.")
    graph = session.store.graph
    written, unwritten = _every(session)
    found = reminders(graph, written, unwritten, day_of(graph, session.now()), ahead)
    if session.options.json:
        session.show_json("svcops.reminders/1", reminders=[as_dict(one) for one in found])
    elif session.options.quiet:
        for one in found:
            session.show(one.to)
    elif found:
        session.show("\n\n".join(as_text(one) for one in found))
    else:
        session.say(f"nothing is overdue, or due within {ahead} days")
    return session.mention_damage()


def _every(session: "Session") -> "tuple[list[Standing], list[Due]]":
    """Every post-mortem, the newest first, and those that are waited for and that nobody has started."""
    from svcops.incidents.facts import states
    from svcops.postmortems.checks import is_missing
    from svcops.postmortems.due import expected
    from svcops.postmortems.standing import standing_of
    from svcops.postmortems.writers import writers_of
    from svcops.trust.facts import over_what_stands
    from svcops.trust.signatures import look_at

    store = session.store
    graph = store.graph
    look_at(graph, (one for one in over_what_stands(graph) if one.value.of.startswith("postmortems/")))
    entries = sorted(graph.all("postmortem").values(), key=lambda one: one.value.started_at, reverse=True)
    known, writers = states(graph), writers_of(store, entries)
    written = [standing_of(graph, one, known, writers[one.path]) for one in entries]
    return written, [one for one in expected(graph) if is_missing(graph, one)]

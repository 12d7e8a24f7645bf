"""svcops schedule ..."""

from typing import TYPE_CHECKING, Annotated

from svcops.errors import BAD_INPUT, BadInput
from svcops.terminal.command import App, Argument, Context, Option

if TYPE_CHECKING:
    from svcops.terminal.session import Session

_MOST_DAYS = 366

app = App("Who is on call when.")


@app.verb("list", examples="svcops schedule list\nsvcops schedule list --json")
def list_(ctx: Context) -> int:
    """List the on-call schedules with who is on call now, until when, and who is next."""
    from svcops.catalogue.schedule_presenting import COLUMNS, row, summary, unreadable

    session: Session = ctx.obj
    graph, now, zone = session.store.graph, session.now(), session.zone
    found = list(graph.all("schedule").values())
    if session.options.json:
        session.show_json("svcops.schedules/1", schedules=[summary(graph, one, now, zone) for one in found])
    else:
        session.show_table(COLUMNS, [row(graph, one, now, zone) for one in found], empty="no schedules")
    code, wrong = session.mention_damage(), unreadable(found, now, zone)
    if wrong:
        session.warn(f"nobody can tell who is on call in {', '.join(wrong)}: svcops check shows why")
    return BAD_INPUT if wrong else code


@app.verb(
    "show",
    examples="svcops schedule show platform\nsvcops schedule show platform --from 08:00 --days 1\n"
    "svcops schedule show platform --from 2026-12-21 --days 14 --json",
)
def show(
    ctx: Context,
    name: Annotated[str, Argument(metavar="NAME", help="The schedule's name, as svcops schedule list shows it.")],
    from_: Annotated[
        str,
        Option("--from", metavar="TIME", help="From when: 08:00 of today, +12h, -2d, 2026-12-21; else from now on."),
    ] = "",
    days: Annotated[int, Option("--days", metavar="NUMBER", help="How many days of turns to show.")] = 28,
) -> int:
    """Show a schedule: who is on call now and how to reach them, the coming turns, and when nobody is on call."""
    from svcops.catalogue.facts import called
    from svcops.catalogue.schedule_presenting import as_text, detail, outlook
    from svcops.timing.asking import looked_at
    from svcops.timing.wall import days_later

    session: Session = ctx.obj
    if not 1 <= days <= _MOST_DAYS:
        raise BadInput(f"--days {days}: not from 1 to {_MOST_DAYS}", help="svcops schedule show NAME --days 28")
    graph, now, zone = session.store.graph, session.now(), session.zone
    entry = called(graph, "schedule", name)
    start = looked_at(session, from_, "--from") if from_ else now
    ahead = outlook(graph, entry, start, days_later(start, days, zone), zone)
    if session.options.json:
        session.show_json("svcops.schedule/1", schedule=detail(graph, entry, ahead, now, zone))
    else:
        session.show(entry.name if session.options.quiet else as_text(graph, entry, ahead, now, zone))
    return session.mention_damage()

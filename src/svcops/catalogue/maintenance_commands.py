"""svcops maintenance ..."""

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any, get_args

from svcops.errors import DONE, BadInput, Refused
from svcops.terminal.command import App, Argument, Context, Option

if TYPE_CHECKING:
    from svcops.catalogue.model import Maintenance
    from svcops.store.change import Change
    from svcops.store.entries import Entry
    from svcops.terminal.session import Session

app = App("Planned maintenance: when services are worked on, and why.")

_EARLY = timedelta(hours=1)
"""A start that much before the planned one may be that of another maintenance."""

Id = Annotated[str, Argument(metavar="ID", help="Its id, or the beginning of it or of its last six characters.")]
At = Annotated[str, Option("--at", metavar="TIME", help="When it happened: -20m, the last 08:15, 2026-11-23T08:15.")]


@app.verb(
    "plan",
    examples="""
svcops maintenance plan "New database release" --service ledger \\
    --from 2026-12-05T22:00 --until 02:00 --reason "The old release gets no security updates any more"
svcops maintenance plan "Restart" --service ledger --from +30m --until +15m --reason "It takes new certificates"
""",
)
def plan(
    ctx: Context,
    title: Annotated[str, Argument(metavar="TITLE", help="What is done, in one line.")],
    service: Annotated[list[str], Option("--service", metavar="NAME", help="What is worked on; may be repeated.")],
    begin: Annotated[
        str, Option("--from", metavar="TIME", help="When it begins: now, +30m, the next 22:00, 2026-12-05T22:00.")
    ],
    end: Annotated[
        str, Option("--until", metavar="TIME", help="When it is over: +2h or 02:00 after it began, 2026-12-06T02:00.")
    ],
    reason: Annotated[str, Option("--reason", metavar="TEXT", help="Why it has to be.")],
) -> int:
    """Plan maintenance of services."""
    from svcops.catalogue import changes
    from svcops.catalogue.facts import called
    from svcops.catalogue.maintenance_presenting import span
    from svcops.timing.asking import coming

    session: Session = ctx.obj
    graph = session.store.graph
    names = tuple(dict.fromkeys(called(graph, "service", one).name for one in service))
    if not title.strip() or not reason.strip():
        raise BadInput("maintenance needs a title and a reason", help="Say what is done, and why it has to be.")
    start = coming(session, begin, "--from")
    over = coming(session, end, "--until", after=start)
    if start < session.now() - timedelta(minutes=1):
        help_ = "Write the day too: 2026-12-05T22:00. What began already is planned with --from now."
        raise BadInput(f"--from {begin} is past, and this is a plan", help=help_)
    if over <= start:
        raise BadInput(f"--until {end} is not after --from {begin}", help="Write the day too: 2026-12-06T02:00.")
    record_id, change = changes.plan_maintenance(
        author=session.author(),
        title=" ".join(title.split()),
        services=names,
        begin=start,
        end=over,
        reason=reason.strip(),
    )
    done = _write(session, record_id, change)
    session.say(f"planned for {span(start, over, session.zone)}")
    return done


@app.verb("start", examples="svcops maintenance start k7f3\nsvcops maintenance start k7f3 --at -5m")
def start(ctx: Context, given: Id, at: At = "now") -> int:
    """Say that planned maintenance began."""
    from svcops.catalogue import changes
    from svcops.timing.asking import past
    from svcops.timing.model import format_duration

    session: Session = ctx.obj
    entry = _called(session, given)
    _refuse_unless(session, entry, "started", "planned", "not started")
    when = past(session, at, "--at")
    done = _write(session, entry.name, changes.start_maintenance(entry, session.store.blob(entry.path), when))
    early = entry.value.planned.from_ - when
    if early >= _EARLY:
        back = f"git restore {entry.path}" if session.options.no_commit else "svcops undo"
        session.say(f"planned for {format_duration(early)} later: if another was meant, {back} takes it back")
    return done


@app.verb("end", examples="svcops maintenance end k7f3\nsvcops maintenance end k7f3 --at 23:40")
def end(ctx: Context, given: Id, at: At = "now") -> int:
    """Say that maintenance is over."""
    from svcops.catalogue import changes
    from svcops.timing.asking import past

    session: Session = ctx.obj
    entry = _called(session, given)
    _refuse_unless(session, entry, "ended", "under way")
    when = past(session, at, "--at")
    assert entry.value.actual
    began = entry.value.actual.from_
    if began and when <= began:
        raise BadInput("it cannot end before it began", help=f"It began at {began.isoformat()}.")
    return _write(session, entry.name, changes.end_maintenance(entry, session.store.blob(entry.path), when))


@app.verb("cancel", examples='svcops maintenance cancel k7f3 --reason "The new release has a fault"')
def cancel(
    ctx: Context,
    given: Id,
    reason: Annotated[str, Option("--reason", metavar="TEXT", help="Why it does not take place.")],
) -> int:
    """Say that planned maintenance does not take place."""
    from svcops.catalogue import changes

    session: Session = ctx.obj
    entry = _called(session, given)
    _refuse_unless(session, entry, "cancelled", "planned", "not started")
    if not reason.strip():
        raise BadInput("--reason needs a reason", help="Say why it does not take place.")
    change = changes.cancel_maintenance(entry, session.store.blob(entry.path), reason.strip())
    return _write(session, entry.name, change)


@app.verb("list", examples="svcops maintenance list\nsvcops maintenance list --status planned --service ledger")
def list_(
    ctx: Context,
    service: Annotated[str, Option("--service", metavar="NAME", help="Only that of a service.")] = "",
    stands: Annotated[
        str, Option("--status", metavar="WORD", help='planned, "under way", over, cancelled or "not started".')
    ] = "",
) -> int:
    """List maintenance by the time it is planned for.

    The times shown are the actual ones where there are some.
    """
    from svcops.catalogue.facts import called
    from svcops.catalogue.maintenance import Status, all_of, status
    from svcops.catalogue.maintenance_presenting import COLUMNS, detail, row

    session: Session = ctx.obj
    graph, now = session.store.graph, session.now()
    if stands not in ("", *get_args(Status)):
        raise BadInput(f"--status {stands}: no such word", help=f"One of {', '.join(get_args(Status))}.")
    name = called(graph, "service", service).name if service else ""
    found = [one for one in all_of(graph, name) if stands in ("", status(one.value, now))]
    if session.options.json:
        session.show_json("svcops.maintenances/1", maintenances=[detail(one, now) for one in found])
    else:
        zone = session.zone
        empty = "no maintenance" + (" matches" if graph.names("maintenance") else "")
        session.show_table(COLUMNS, [row(one, now, zone) for one in found], empty=empty)
    return session.mention_damage()


@app.verb("show", examples="svcops maintenance show k7f3\nsvcops maintenance show k7f3 --json")
def show(ctx: Context, given: Id) -> int:
    """Show one maintenance."""
    from svcops.catalogue.maintenance_presenting import as_text, detail

    session: Session = ctx.obj
    entry = _called(session, given)
    if session.options.json:
        session.show_json("svcops.maintenance/1", maintenance=detail(entry, session.now()))
    elif session.options.quiet:
        session.show(entry.name)
    else:
        session.show(as_text(entry, session.now(), session.zone))
    return session.mention_damage()


def _called(session: "Session", given: str) -> "Entry[Maintenance]":
    from svcops.catalogue.maintenance import maintenance_called

    return maintenance_called(session.store.graph, given)


def _refuse_unless(session: "Session", entry: "Entry[Maintenance]", done: str, *allowed: str) -> None:
    """A move that its status does not let happen."""
    from svcops.catalogue.maintenance import status
    from svcops.store.ids import tail

    stands = status(entry.value, session.now())
    if stands not in allowed:
        help_ = f"svcops maintenance show {tail(entry.name)}"
        raise Refused(f"{entry.name} cannot be {done}: it is {stands}", help=help_)


def _write(session: "Session", record_id: str, change: "Change") -> int:
    written = session.apply(change)
    session.finish(written, record_id, "svcops.maintenance/1", lambda: {"maintenance": _content(session, record_id)})
    return DONE


def _content(session: "Session", record_id: str) -> dict[str, Any]:
    """The maintenance as it now is, for JSON."""
    from svcops.catalogue.maintenance_presenting import detail

    entry: Entry[Maintenance] = session.store.graph.all("maintenance")[record_id]
    return detail(entry, session.now())

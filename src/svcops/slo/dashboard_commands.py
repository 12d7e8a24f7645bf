"""svcops slo dashboard ..., svcops slo serve ..."""

from typing import TYPE_CHECKING, Annotated

from svcops.errors import DONE, BadInput
from svcops.slo.noun import app, complain, exit_code
from svcops.terminal.command import Argument, Context, Option
from svcops.terminal.session import Session
from svcops.timing.asking import moment

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from svcops.slo.dashboard.living import Living
    from svcops.terminal.serving import Log

_LAST_PORT = 65_535
SCHEMA = "svcops.slo-dashboard/1"


@app.verb(
    "dashboard",
    examples="""
svcops slo dashboard
svcops slo dashboard --output /srv/www/levels --at 2026-11-23T00:00Z
svcops slo dashboard --output levels.html
svcops slo dashboard --output - > levels.html
""",
)
def dashboard(
    ctx: Context,
    service: Annotated[str, Argument(metavar="[SERVICE]", help="The SLOs of one service; else all.")] = "",
    output: Annotated[
        str,
        Option(
            "--output",
            "--out",
            metavar="PATH",
            help="A folder, for a page a service as well; FILE.html, or - for standard output: the overview alone.",
        ),
    ] = "dashboard",
    at: Annotated[str, Option("--at", metavar="TIME", help="Where the windows end: -1h, 2026-11-23T00:00Z.")] = "now",
) -> int:
    """Draw how the error budgets stand as pages that open from the disk, without a network. Prints where they are.

    Of a folder only what this command wrote is overwritten or removed. Exit codes as those of report.
    """
    from svcops.slo.dashboard.making import MAKER, all_pages, names_of, one_page
    from svcops.slo.dashboard.reading import read
    from svcops.store.made_folder import check_folder, write
    from svcops.store.outside import write_whole

    session: Session = ctx.obj
    graph = session.store.graph
    target = session.place(output)
    is_folder = output != "-" and target.suffix != ".html"
    if is_folder:
        check_folder(MAKER, target, session.store.root)
    elif output != "-":
        _check_file(session, target)
    world = read(graph, moment(session, at, "--at"), session.zone, names_of(graph, service))
    report, written, removed = world.report, [output], list[str]()
    if is_folder:
        files = all_pages(graph, world)
        removed, written = write(MAKER, target, files), sorted(files)
    else:
        text = one_page(graph, report, session.zone)
        if output == "-" and not session.options.json:
            session.show(text.removesuffix("\n"), painted=not session.is_terminal)
        elif output != "-":
            write_whole(target, text)
    if session.options.json:
        session.show_json(SCHEMA, output=output, written=written if output != "-" else [], removed=removed)
    elif output != "-":
        session.show(str(target))
    complain(session, report)
    return exit_code(session, report)


def _check_file(session: Session, target: "Path") -> None:
    """BadInput where a page would stand among the store's records, or in the place of what is no page."""
    from svcops.store.layout import is_record_folder

    root = session.store.root.resolve()
    place = target.resolve()
    if place.is_relative_to(root) and is_record_folder(place.relative_to(root).parts[0]):
        raise BadInput(f"{target} is in a folder of the store's records", help="Name another: --output levels.html.")
    if target.is_dir():
        raise BadInput(f"{target} is a folder", help="A name that ends in .html is that of a file.")


@app.verb(
    "serve",
    examples="""
svcops slo serve
svcops slo serve --port 8080
svcops slo serve --at 2026-11-23T00:00Z
""",
)
def serve(
    ctx: Context,
    service: Annotated[str, Argument(metavar="[SERVICE]", help="The SLOs of one service; else all.")] = "",
    port: Annotated[int, Option("--port", metavar="PORT", help="0 takes a free one.")] = 9098,
    bind: Annotated[
        str, Option("--bind", "--host", metavar="ADDRESS", help="Any other than loopback can be read from elsewhere.")
    ] = "127.0.0.1",
    at: Annotated[str, Option("--at", metavar="TIME", help="Where the windows end, for good; else now.")] = "",
) -> int:
    """Serve the dashboard to browsers on this machine, renewed when samples or records change. Prints its address.

    Where something gets damaged, the last good figures stay, marked as old. Ends with ^C or SIGTERM. It only reads,
    and has no password: whoever is meant to see it elsewhere should come through a proxy that asks for one.
    """
    import gc
    import signal
    import threading

    from svcops.slo.dashboard.serving import server
    from svcops.terminal.serving import is_loopback, run

    session: Session = ctx.obj
    if not 0 <= port <= _LAST_PORT:
        raise BadInput(f"--port {port}: there is no such port", help="0 takes a free one.")
    gc.enable()  # a call is short, and does without; this one is not
    stop = threading.Event()
    log = _logging(session)
    living = _living(session, service, at, log)
    listening = server(bind, port, living, log)
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    if session.options.json:
        session.show_json("svcops.slo-server/1", url=listening.url)
    else:
        session.show(listening.url)
    session.stdout.flush()
    if not is_loopback(bind):
        session.warn(f"{bind} can be reached from elsewhere, and whoever reaches it reads the dashboard")
    threading.Thread(target=living.keep, args=(stop,), daemon=True).start()
    try:
        run(listening, stop)
    finally:
        stop.set()
        session.say("stopped")
    return DONE


def _living(session: Session, service: str, at: str, log: "Log") -> "Living":
    """The dashboard as it is now, which can be renewed."""
    from svcops.slo.dashboard.living import Living
    from svcops.slo.dashboard.making import renewed
    from svcops.slo.dashboard.watching import fingerprint

    root = session.store_untouched.root
    fixed = moment(session, at, "--at") if at else None

    return Living(
        root=root,
        make=lambda earlier: renewed(session, lambda: fixed or _now(), service, earlier),
        look=lambda patterns: fingerprint(root, patterns),
        log=log,
    )


def _now() -> "datetime":
    from datetime import UTC, datetime

    return datetime.now(UTC)


def _logging(session: Session) -> "Log":
    """One line a request, with its time; with --quiet, only what somebody should look at."""

    def log(line: str, alarming: bool) -> None:  # noqa: FBT001 - svcops.terminal.serving.Log
        text = f"{_now().astimezone(session.zone):%Y-%m-%dT%H:%M:%S%z} {line}"
        session.warn(text) if alarming else session.say(text)

    return log

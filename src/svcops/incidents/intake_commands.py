"""The verbs of `svcops incident` by which alerts come in: from a file or a pipe, or over HTTP."""

from typing import TYPE_CHECKING, Annotated, Any

from svcops.errors import DONE, BadInput
from svcops.incidents.noun import app, content, notify
from svcops.terminal.command import Argument, Context, Option

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from svcops.incidents.alert_words import Rules
    from svcops.incidents.intake import Taken
    from svcops.store.writing import Written
    from svcops.terminal.session import Session

_LAST_PORT = 65_535
_TOKEN = "SVCOPS_LISTEN_TOKEN"  # noqa: S105 - the variable's name

Service = Annotated[
    list[str],
    Option("--service", metavar="NAME", help="Stands in where the alerts name no service; may be repeated."),
]
ServiceLabel = Annotated[str, Option("--service-label", metavar="LABEL", help="The label that names the service.")]
SeverityMap = Annotated[
    list[str],
    Option(
        "--severity",
        metavar="VALUE=NAME",
        help="What a value of the label severity means, such as critical=sev1; * is every other; may be repeated. "
        "What is not named counts as the highest.",
    ),
]


@app.verb(
    "ingest",
    examples="svcops incident ingest payload.json --severity critical=sev1 --severity warning=sev3\n"
    "curl --silent https://example.org/last | svcops incident ingest --service receipt-scanner",
)
def ingest(
    ctx: Context,
    file: Annotated[
        str, Argument(metavar="[FILE]", help="An Alertmanager webhook payload; - is standard input.")
    ] = "-",
    service: Service = [],  # noqa: B006 - Typer's way
    service_label: ServiceLabel = "service",
    severity: SeverityMap = [],  # noqa: B006 - Typer's way
) -> int:
    """Open, update or resolve the incident of a group of alerts, as a webhook payload of Alertmanager says.

    What it opens is told as open tells it: whom to call, runbooks, known errors, incidents that were like it.

    A payload that tells no news changes nothing. Alerts that begin anew after their incident was over open another.
    Those that fire on, with their old start, reopen theirs within an hour of its resolution; later that is only noted.
    """
    from svcops.incidents.alertmanager import parse
    from svcops.incidents.intake import take

    session: Session = ctx.obj
    rules = _rules(session, service, service_label, severity)
    taken, written = take(session, parse(_payload(session, file)), rules)
    _told(session, taken, written)
    for remark in taken.remarks:
        session.warn(remark) if taken.did == "noted" else session.say(remark)
    if taken.did == "opened" or taken.concerned:
        _brief(session, taken)  # who is called needs no look at what was
    similar = _precedents(session, taken.incident) if taken.did == "opened" and taken.incident else []
    if session.options.json:
        about = content(session, taken.incident) if taken.incident else {"incident": None}
        wrote = {"paths": list(written.paths), "commit": written.commit} if written else None
        told = {"did": taken.did, "remarks": list(taken.remarks), **about, "similar": similar, "written": wrote}
        session.show_json("svcops.intake/1", **told)
    elif taken.incident:
        session.show(taken.incident)
    if written and not session.options.json:
        session.say_written(written)
    return DONE


def _brief(session: "Session", taken: "Taken") -> None:
    """Whom to call, and which runbooks there are, as `open` says it, also where it became worse."""
    from svcops.incidents.briefing import briefing
    from svcops.incidents.facts import read_state

    graph = session.store.graph
    state = read_state(graph, taken.incident or "", whole=False)
    session.say(f"{'opened' if taken.did == 'opened' else 'worse'}: {state.incident.title} ({state.severity})")
    services = taken.concerned or state.services
    for line in briefing(graph, list(services), state.severity or "", session.now()):
        session.say(line)


def _precedents(session: "Session", incident_id: str) -> list[dict[str, Any]]:
    """Say what is known already, as `open` does; the incidents like it for a program."""
    from svcops.incidents import precedents
    from svcops.incidents.facts import read_state

    graph = session.store.graph
    state = read_state(graph, incident_id, whole=False)
    title, services, declared = state.incident.title, state.services, state.declared or session.now()
    found = precedents.precedents(graph, title, services, declared, alert=state.incident.alert, new=incident_id)
    for line in precedents.lines(graph, found, services, incident_id):
        session.say(line)
    return precedents.content(found)


def _told(session: "Session", taken: "Taken", written: "Written | None") -> None:
    """Tell others of what was written."""
    if taken.incident and written:
        notify(session, taken.incident, written)


def _payload(session: "Session", file: str) -> bytes:
    from svcops.incidents.alertmanager import MOST_BYTES

    try:
        if file == "-":
            if session.stdin.isatty():
                raise BadInput("no payload", help="Name a file, or send it to standard input.")
            given = getattr(session.stdin, "buffer", session.stdin).read(MOST_BYTES + 1)  # bytes, whatever they are
            return given if isinstance(given, bytes) else str(given).encode("utf-8", "surrogateescape")
        with open(session.place(file), "rb") as opened:
            return opened.read(MOST_BYTES + 1)
    except (OSError, UnicodeDecodeError) as error:
        from svcops.terminal.given_files import unread

        raise unread(file, file, session.place(file), error) from None


def _rules(session: "Session", services: list[str], label: str, severities: list[str]) -> "Rules":
    """What the options say, or BadInput."""
    from svcops.catalogue.facts import called
    from svcops.incidents.alert_words import Rules

    graph = session.store.graph
    mapping = severities_meant(session, severities)
    names = tuple(dict.fromkeys(called(graph, "service", one).name for one in services))
    return Rules(service_label=label, services=names, severities=mapping)


def severities_meant(session: "Session", given: list[str]) -> dict[str, str]:
    """Which severities of the store values of alerts mean, by VALUE=NAME each; BadInput where one is none."""
    from svcops.incidents.step_commands import known_severity

    mapping = {}
    for one in given:
        value, equals, name = one.rpartition("=")
        if not (value and equals):
            raise BadInput(f"--severity {one}: no mapping", help="Such as --severity critical=sev1.")
        known_severity(session, name)
        mapping[value] = name
    return mapping


@app.verb(
    "listen",
    examples="svcops incident listen --severity critical=sev1 --severity '*=sev3' --service receipt-scanner\n"
    "svcops incident listen --host 0.0.0.0 --token-file /run/secrets/alertmanager",
)
def listen(
    ctx: Context,
    host: Annotated[
        str, Option("--host", metavar="ADDRESS", help="Any other than loopback needs a token.")
    ] = "127.0.0.1",
    port: Annotated[int, Option("--port", metavar="PORT", help="0 takes a free one.")] = 9099,
    token_file: Annotated[
        str, Option("--token-file", metavar="FILE", help=f"Holds the bearer token; {_TOKEN} may hold it instead.")
    ] = "",
    service: Service = [],  # noqa: B006 - Typer's way
    service_label: ServiceLabel = "service",
    severity: SeverityMap = [],  # noqa: B006 - Typer's way
) -> int:
    """Listen for Alertmanager's webhook, and do with each payload as ingest does. Prints its address.

    Ends with ^C or SIGTERM, when what was begun is written. Without a token only requests to localhost, by that name or
    its address, are taken. It speaks plain HTTP: whatever is not on this machine should come through a proxy that
    speaks TLS.
    """
    import gc
    import signal
    import threading

    from svcops.incidents import listener
    from svcops.terminal.serving import run

    session: Session = ctx.obj
    if not 0 <= port <= _LAST_PORT:
        raise BadInput(f"--port {port}: there is no such port", help="0 takes a free one.")
    gc.enable()  # a call is short, and does without; this one is not
    rules = _rules(session, service, service_label, severity)
    session.author()  # nobody known to git, or no such time zone: say it now, and not at three in the morning
    stop = threading.Event()
    log = _logging(session)
    take = _taking(session, rules, log)
    server = listener.listener(host, port, _token(session, token_file), take, log)
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    if session.options.json:
        session.show_json("svcops.listener/1", url=server.url)
    else:
        session.show(server.url)
    session.stdout.flush()
    if not rules.services:
        session.say("alerts that name no service of the catalogue are refused: --service NAME stands in for it")
    try:
        run(server, stop)
    finally:
        session.say("stopped")
    return DONE


def _now() -> "datetime":
    from datetime import UTC, datetime

    return datetime.now(UTC)


def _taking(
    session: "Session", rules: "Rules", log: "Callable[[str, bool], None]"
) -> "Callable[[bytes], dict[str, Any]]":
    """What a request does: a call of its own, with a clock of its own."""
    from dataclasses import replace

    from svcops.incidents.alertmanager import parse
    from svcops.incidents.intake import take

    def done(body: bytes) -> dict[str, Any]:
        moment = _now()
        call = replace(session, now=lambda: moment)
        taken, written = take(call, parse(body), rules)
        _told(call, taken, written)
        if written:  # the sender reads none of it
            for remark in taken.remarks:
                log(remark, True)
        return {
            "schema": "svcops.intake/1",
            "did": taken.did,
            "incident": taken.incident,
            "commit": written.commit if written else None,
            "remarks": list(taken.remarks),
        }

    return done


def _logging(session: "Session") -> "Callable[[str, bool], None]":
    """One line a request, with its time; with --quiet, only what somebody should look at."""

    def log(line: str, alarming: bool) -> None:  # noqa: FBT001 - svcops.terminal.serving.Log
        text = f"{_now().astimezone(session.zone):%Y-%m-%dT%H:%M:%S%z} {line}"
        session.warn(text) if alarming else session.say(text)

    return log


def _token(session: "Session", file: str) -> str:
    """The bearer token; empty where there is none. BadInput where one is meant, and is not there."""
    if not file:
        return session.env.get(_TOKEN, "").strip()
    try:
        with open(session.place(file), encoding="utf-8") as opened:
            token = opened.read(4096).strip()
    except (OSError, UnicodeDecodeError) as error:
        from svcops.terminal.given_files import unread

        raise unread(f"--token-file {file}", file, session.place(file), error) from None
    if not token:
        raise BadInput(f"--token-file {file} is empty", help="It holds the token, and nothing else.")
    return token

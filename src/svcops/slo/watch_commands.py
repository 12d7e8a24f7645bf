"""`svcops slo watch`: evaluate the alerts again and again, and keep the incidents that they ask for."""

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any

from svcops.errors import ANSWER_IS_NO, DONE, NOT_ENOUGH_DATA, BadInput, SvcopsError
from svcops.slo.noun import app, known, wrong
from svcops.store.frozen import frozen
from svcops.terminal.command import Argument, Context, Option
from svcops.terminal.session import Session
from svcops.timing.asking import moment

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime, timedelta

    from svcops.incidents.alert_words import Rules
    from svcops.incidents.intake import Taken
    from svcops.slo.watching import Look, Standing
    from svcops.store.writing import Written

_WORDS = {"firing": "fires", "waiting": "waits", "unknown": "unknown", "silent": "quiet"}
_MOST_LINES = 8
"""Of what was done, those that the page still shows."""
_HEADINGS = ("SLO", "objective", "alert", "now", "since", "burn rates")


@frozen
class _Turn:
    """What one evaluation found, and did."""

    look: "Look"
    taken: "Sequence[tuple[str, Taken, Written | None]]"
    errors: "Sequence[SvcopsError]"
    damaged: "Sequence[str]" = ()
    """The files that could not be read and were left out."""

    @property
    def standing(self) -> list[str]:
        """What stays to be told of alerts that fire and are no news: a person ended their incident meanwhile."""
        from svcops.incidents.intake import NO_NEWS

        told = [(slo, one.remarks) for slo, one, _ in self.taken if one.did == "nothing" and one.remarks != NO_NEWS]
        return [f"{slo}: {remark}" for slo, remarks in told for remark in remarks]

    @property
    def wrong(self) -> list[str]:
        """What is wrong, in lines, where nothing else tells of it."""
        return [*(one.message for one in self.errors), *(f"left out, damaged: {path}" for path in self.damaged)]

    @property
    def exit_code(self) -> int:
        """2 or 3 where something is wrong, 1 where an alert fires, 4 where one is not known."""
        if self.errors:
            return max(one.exit_code for one in self.errors)
        conditions = {one.condition for several in self.look.standings.values() for one in several}
        if "firing" in conditions:
            return ANSWER_IS_NO
        return NOT_ENOUGH_DATA if "unknown" in conditions else DONE


@app.verb(
    "watch",
    examples="""
svcops slo watch
svcops slo watch --once --severity page=sev2 --severity ticket=sev4
svcops slo watch receipt-extraction --every 30s --no-incidents
""",
)
def watch(
    ctx: Context,
    names: Annotated[
        list[str] | None, Argument(metavar="[NAME]...", help="The SLOs; all of them without a name.")
    ] = None,
    once: Annotated[bool, Option("--once", help="Evaluate once, and end: for cron.")] = False,
    every: Annotated[str, Option("--every", metavar="SPAN", help="How often: 30s, 5m.")] = "1m",
    at: Annotated[
        str, Option("--at", metavar="TIME", help="Look at another moment, a whole minute, once, and change nothing.")
    ] = "now",
    severity: Annotated[
        list[str],
        Option(
            "--severity",
            metavar="VALUE=NAME",
            help="Which severity an alert's own means, such as page=sev1; may be repeated. "
            "Without it page is the highest of svcops.yaml, ticket the lowest, and what is not named the highest.",
        ),
    ] = [],  # noqa: B006 - Typer's way
    no_incidents: Annotated[bool, Option("--no-incidents", help="Look, and open and resolve nothing.")] = False,
) -> int:
    """Evaluate the alerts of SLOs again and again; a firing one opens an incident, once, and its end resolves it.

    What is shown is how they stood at the last whole minute. On a terminal the alerts are shown until ^C; elsewhere
    each change is a line. All of an SLO share an incident. Samples are read from the files that the SLOs name: keep
    them coming (svcops slo pull). Where they stay away, or all that an alert looks at is excluded, nothing is opened,
    and nothing resolved.

    With --once: exit code 1 where an alert fires, 4 where one is not known.
    """
    from svcops.timing.model import format_instant

    session: Session = ctx.obj
    span = _span(every)
    rules = None if no_incidents or at != "now" else _rules(session, severity)
    if rules:
        session.author()  # nobody known to git: say it now, and not at three in the morning
    named = known(session, names or [])
    if once or at != "now":
        asked = moment(session, at, "--at")
        found = _turning(session, named, rules)(asked)
        if at != "now" and found.look.at != asked:
            session.say(f"evaluated at {format_instant(found.look.at)}: alerts are looked at on whole minutes")
        return _once(session, found)
    if session.options.json:
        raise BadInput("--json is for one look", help="Add --once.")
    silent = replace(session, options=replace(session.options, quiet=True))  # what it does it says itself
    turn = _turning(silent, named, rules)
    if session.is_terminal and not session.options.quiet:
        _page(session, turn, span)
    return _lines(session, turn, span)


def _span(written: str) -> "timedelta":
    from datetime import timedelta

    from svcops.timing.model import parse_duration

    try:
        span = parse_duration(written)
    except ValueError as error:
        raise BadInput(f"--every {written}: {error}", help="Such as 30s or 5m.") from None
    if not timedelta(seconds=1) <= span <= timedelta(days=1):
        raise BadInput(f"--every {written}: from a second to a day", help="Such as 30s or 5m.")
    return span


def _rules(session: Session, severities: list[str]) -> "Rules":
    from svcops.incidents.alert_words import Rules
    from svcops.incidents.intake_commands import severities_meant

    levels = [level.name for level in session.store.graph.settings.severities]
    usual = {"page": levels[0], "ticket": levels[-1]} if levels else {}
    return Rules(severities=usual | severities_meant(session, severities))


def _turning(session: Session, names: list[str] | None, rules: "Rules | None") -> "Callable[[datetime], _Turn]":
    """What each evaluation does: a call of its own, that reads the store anew."""
    return lambda at: _turn(replace(session, now=lambda: at), at, names, rules)


def _turn(call: Session, at: "datetime", names: list[str] | None, rules: "Rules | None") -> _Turn:
    """One evaluation, and what it did; without `rules` it only looks."""
    from svcops.incidents.intake import take
    from svcops.incidents.noun import notify
    from svcops.slo.watching import Look, look, messages

    try:
        graph = call.store.graph
        found = look(graph, at, names)
    except SvcopsError as error:  # a later turn may do better
        return _Turn(Look(at, {}, (), ()), (), (error,))
    errors: list[SvcopsError] = [*found.errors]
    taken: list[tuple[str, Taken, Written | None]] = []
    for slo, message in messages(graph, found) if rules else ():
        assert rules
        try:
            one, written = take(call, message, rules)
        except SvcopsError as error:
            errors.append(error)
            continue
        taken.append((slo, one, written))
        if written and one.incident:
            notify(call, one.incident, written)
    return _Turn(found, taken, errors, sorted(graph.left_out()))


def _once(session: Session, turn: _Turn) -> int:
    """What one evaluation found, as a table or as JSON, and what it did."""
    from svcops.slo.agreed import exclusions_of

    exclusions_of(session.store.graph)  # the evaluation has a graph of its own, and what is damaged is told of this one
    if session.options.json:
        session.show_json("svcops.slo-watch/1", **_as_json(turn))
    elif session.options.quiet:
        for _, one, _ in turn.taken:
            session.show(one.incident or "")
    else:
        from svcops.slo.damage import but_damaged

        empty = "" if turn.errors else f"No SLO{but_damaged(session.store.graph)} has an alert that could be raised."
        session.show_table(_HEADINGS, _rows(session, turn), empty=empty)
    for remark in turn.look.remarks:
        session.say(remark)
    for line in (*_done(turn), *turn.standing):
        session.say(line)
    wrong(session, turn.errors)
    return max(session.mention_damage(), turn.exit_code)


def _page(session: Session, turn: "Callable[[datetime], _Turn]", every: "timedelta") -> None:
    """A page that is drawn anew until ^C."""
    from datetime import UTC, datetime
    from time import sleep

    from svcops.terminal.tables import aligned
    from svcops.terminal.watching import watch as drawn
    from svcops.timing.model import format_duration

    log: list[str] = []

    def draw() -> str:
        found = turn(datetime.now(UTC))
        log.extend(f"{found.look.at.astimezone(session.zone):%d %b %H:%M} {line}" for line in _done(found))
        head = f"{found.look.at.astimezone(session.zone):%H:%M:%S}, evaluated every {format_duration(every)} until ^C"
        wrong = [f"! {line}" for line in (*found.wrong, *found.look.remarks, *found.standing)]
        return "\n".join([head, *wrong, "", *aligned(_HEADINGS, _rows(session, found)), "", *log[-_MOST_LINES:]])

    drawn(session, draw, lambda: sleep(every.total_seconds()))


def _lines(session: Session, turn: "Callable[[datetime], _Turn]", every: "timedelta") -> int:
    """A line for each change, until ^C or SIGTERM; what is wrong, or stands, is said once, for as long as it stays."""
    import gc
    import signal
    import threading
    from datetime import UTC, datetime

    gc.enable()  # a call is short, and does without; this one is not
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    stood: dict[tuple[str, ...], str] = {}
    wrong: set[str] = set()
    while not stop.is_set():
        found = turn(datetime.now(UTC))
        stamp = f"{datetime.now(UTC).astimezone(session.zone):%Y-%m-%dT%H:%M:%S%z}"
        now = {row[:3]: row[3] for row in _rows(session, found)}
        changed = [f"{' '.join(key)}: {word}" for key, word in now.items() if stood.get(key, "quiet") != word]
        for line in (*changed, *_done(found)):
            session.show(f"{stamp} {line}")
        session.stdout.flush()
        told = {*(f"error: {line}" for line in found.wrong), *found.standing}
        for line in sorted(told - wrong):
            session.warn(f"{stamp} {line}")
        stood, wrong = now, told
        stop.wait(every.total_seconds())
    return DONE


def _rows(session: Session, turn: _Turn) -> list[tuple[str, ...]]:
    """Of each objective a row for each alert that fires, or will, and one for those that are unknown, or all quiet."""
    from svcops.slo.watching import title

    found: list[tuple[int, tuple[str, ...]]] = []
    for objective in _by_objective(turn):
        told = {word: [one for one in objective if one.condition == word] for word in _WORDS}
        found += [(0, _row(session, one, title(one))) for one in (*told["firing"], *told["waiting"])]
        for rank, word in ((1, "unknown"), (2, "silent")):
            rest = told[word]
            if rest and (word == "unknown" or len(rest) == len(objective)):
                called = "all alerts" if len(rest) == len(objective) else f"{len(rest)} of {len(objective)} alerts"
                found.append((rank, _row(session, rest[0], called)))
    return [row for _, row in sorted(found, key=lambda one: one[0])]


def _by_objective(turn: _Turn) -> "list[list[Standing]]":
    every: dict[tuple[str, str], list[Standing]] = {}
    for several in turn.look.standings.values():
        for one in several:
            every.setdefault((one.question.name, one.question.objective), []).append(one)
    return list(every.values())


def _row(session: Session, one: "Standing", called: str) -> tuple[str, ...]:
    from svcops.slo.watching import rates
    from svcops.timing.wall import shown

    since = shown(one.since, session.zone) if one.since else ""
    return (one.question.name, one.question.objective, called, _WORDS[one.condition], since, rates(one))


def _done(turn: _Turn) -> list[str]:
    """What was done, in lines; nothing where a message told no news."""
    from svcops.store.ids import tail

    lines = []
    for slo, one, _ in turn.taken:
        if one.did != "nothing":
            lines.append(f"{slo}: {one.did} {tail(one.incident or '')}")
        lines += [f"{slo}: {remark}" for remark in one.remarks if one.did != "nothing"]
    return lines


def _as_json(turn: _Turn) -> dict[str, Any]:
    from svcops.slo.watching import title
    from svcops.timing.model import format_instant

    def alert(one: "Standing") -> dict[str, Any]:
        return {
            "slo": one.question.name,
            "objective": one.question.objective,
            "alert": title(one),
            "severity": one.alarm.severity,
            "now": one.condition,
            "since": format_instant(one.since) if one.since else None,
            "burn": [
                {"window": int(burn.window.total_seconds()), "rate": None if rate is None else float(rate)}
                for burn, rate in zip(one.alarm.burns, one.rates, strict=True)
            ],
        }

    return {
        "at": format_instant(turn.look.at),
        "alerts": [alert(one) for several in turn.look.standings.values() for one in several],
        "incidents": [
            {
                "slo": slo,
                "did": one.did,
                "incident": one.incident,
                "remarks": list(one.remarks),
                "commit": written.commit if written else None,
            }
            for slo, one, written in turn.taken
        ],
        "errors": [{"message": one.message, "help": one.help} for one in turn.errors],
    }

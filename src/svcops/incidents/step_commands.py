"""The verbs of `svcops incident` that add an event to a timeline."""

from typing import Annotated

from svcops.errors import BadInput, Refused
from svcops.incidents import model
from svcops.incidents.facts import State, duplicates, ends_being_major, may, read_state
from svcops.incidents.noun import (
    SHORTEST,
    At,
    Corrects,
    File,
    Words,
    app,
    chosen,
    in_its_place,
    moment_of,
    names_in_full,
    person_called,
    text_of,
    time_kept,
    write,
)
from svcops.incidents.outlines import goes_on_as
from svcops.incidents.roles import KNOWN_ROLES, TITLES
from svcops.incidents.standing import after_resolution, next_step, standing
from svcops.store.corrections import short
from svcops.store.ids import matching, tail
from svcops.store.suggest import did_you_mean
from svcops.terminal.command import Argument, Context, Option
from svcops.terminal.session import Session
from svcops.timing.asking import later, past
from svcops.timing.wall import shown


def refuse_unless(session: Session, state: State, move: type[model.Move], what: str, corrects: str) -> None:
    """Refused where the phase forbids it. A correction stands in an earlier event's place: the fold judges it."""
    if not corrects and not may(state, move):
        help_ = next_step(session.store.graph, state) + _corrections_of_last(state, move)
        raise Refused(f"{state.id} cannot be {what}: {standing(state)}", help=help_)


def _corrections_of_last(state: State, move: type[model.Move]) -> str:
    """Where somebody took that very step last: the command that says when that was in truth."""
    verb = {model.Acknowledged: "ack", model.Resolved: "resolve"}.get(move)
    if verb is None or state.moved is None or type(state.moved.value) is not move:
        return ""
    return f"\nTo correct it: svcops incident {verb} {tail(state.id)} --at TIME --corrects {short(state.moved)}"


def _not_before_it_was_declared(session: Session, state: State, at: str, corrects: str) -> None:
    if state.declared and moment_of(session, state, at) < state.declared and not corrects:
        raise BadInput("it cannot be acknowledged before it was declared", help="See --at.")


def _refuse_merged(session: Session, state: State) -> None:
    """What is written into a duplicate, nobody would read."""
    if state.ending == "merged" and state.merged_into:
        goes_on = goes_on_as(session.store.graph, state.id)
        other = tail(goes_on)
        help_ = f"svcops incident use {other}, and say it again without an id; or name {other} in its place."
        raise Refused(f"{tail(state.id)} goes on as {goes_on}", help=help_)


def _refuse_incident_last(session: Session, words: list[str]) -> None:
    """Where the incident stands behind its role, say what to type."""
    graph = session.store.graph
    first, last = words[0].lower(), words[-1]
    names = graph.folder_names("incident")
    if len(words) == 1 or matching(first, names) or last in graph.names("person") or "@" in last:
        return
    found = matching(last, names)
    if len(found) == 1 and (names_in_full(last, names) or (first in KNOWN_ROLES and len(last) >= SHORTEST)):
        from shlex import join

        help_ = f"svcops incident role {tail(found[0])} {join(words[:-1])}"
        raise BadInput(f"{last} is an incident, which comes before the role", help=help_)


@app.verb("ack", examples='svcops incident ack k7f3\nsvcops incident ack k7f3 "Looking at the queue" --at -2m')
def ack(ctx: Context, words: Words = [], at: At = "now", corrects: Corrects = "") -> int:  # noqa: B006 - Typer's way
    """Take care of an incident: remediation begins."""
    session: Session = ctx.obj
    state, rest = chosen(session, words, texts=range(2))
    if state.resolved and not (state.acknowledged or corrects) and state.ending in (None, "closed"):
        help_ = f"svcops incident role {tail(state.id)} commander PERSON --at TIME writes down who took care of it."
        raise Refused(f"{state.id} cannot be acknowledged: {standing(state)}", help=help_)
    refuse_unless(session, state, model.Acknowledged, "acknowledged", corrects)
    _not_before_it_was_declared(session, state, at, corrects)
    text = text_of(session, rest, "")
    return write(
        session,
        state,
        model.Acknowledged,
        "Acknowledge",
        text or state.incident.title,
        at=at,
        corrects=corrects,
        text=text,
        **state.seen,
    )


@app.verb(
    "role",
    examples="svcops incident role k7f3 commander kim-beispiel\nsvcops incident role scribe noor-voorbeeld\n"
    "svcops incident role k7f3 scribe --nobody",
)
def role(
    ctx: Context,
    words: Annotated[
        list[str],
        Argument(
            metavar="[ID] ROLE [PERSON]",
            help="commander, operations, communications, scribe, or a role of your own; and who takes it.",
        ),
    ],
    nobody: Annotated[bool, Option("--nobody", help="Give the role up.")] = False,
    at: At = "now",
    corrects: Corrects = "",
) -> int:
    """Take a role, give it to somebody, or hand it over; one of the field's is yours where nobody is named.

    With its first commander an incident is acknowledged, and in remediation.
    """
    session: Session = ctx.obj
    _refuse_incident_last(session, words)
    number = 1 if nobody else 2
    if not nobody and words[-1].lower() in KNOWN_ROLES and (len(words) == 1 or words[0].lower() not in KNOWN_ROLES):
        words = [*words, session.store.me()]
    who = ("the person is missing", "A name of catalogue/people, or a mail address; --nobody gives the role up.")
    state, rest = chosen(session, words, texts=range(number, number + 1), missing=who)
    _refuse_merged(session, state)
    name = TITLES.get(rest[0].lower(), rest[0].lower())
    if name not in KNOWN_ROLES | state.roles.keys() and (meant := did_you_mean(name, KNOWN_ROLES)):
        raise BadInput(f"{name} is no role of the field", help=f"{meant} A role of your own has a name less like it.")
    person = None if nobody else person_called(session, rest[1])
    told = f"{name} is {person}" if person else f"nobody is {name}"
    before = state.roles.get(name)
    if before == person and not corrects:
        raise BadInput(f"{told} already" if person else f"nobody is {name}", help="Nothing to do.")
    if name == model.COMMANDER and person:
        _not_before_it_was_declared(session, state, at, corrects)
    return write(
        session,
        state,
        model.RoleGiven,
        "Name a role of",
        told,
        at=at,
        corrects=corrects,
        role=name,
        to=person,
        **state.seen_of(name),
    )


@app.verb(
    "log",
    examples='svcops incident log k7f3 "Rolled back to 4.2.0" --at -5m\nsvcops incident log "Queue is empty again"\n'
    "tail -20 app.log | svcops incident log -F -",
)
def log(
    ctx: Context,
    words: Words = [],  # noqa: B006 - Typer's way
    file: File = "",
    at: At = "now",
    corrects: Corrects = "",
) -> int:
    """Note what somebody saw or did."""
    session: Session = ctx.obj
    state, text = _with_text(session, words, file, "log", corrects)
    if not text:
        raise BadInput("nothing to log", help="Say what you saw or did.")
    return write(session, state, model.Logged, "Log to", text, at=at, corrects=corrects, text=text)


def _with_text(session: Session, words: list[str], file: str, verb: str, corrects: str) -> tuple[State, str]:
    """The incident that is meant, though events of it may be damaged; and the text, among the words or in the file.

    What a duplicate said is corrected there: INC005 tells of one that two branches merged into two.
    """
    number = 0 if file else 1
    state, rest = chosen(session, words, texts=range(number, number + 1), whole=False, verb=verb)
    if not corrects:
        _refuse_merged(session, state)
    return state, text_of(session, rest, file)


@app.verb("severity", examples='svcops incident severity k7f3 sev1 --because "All branches report it"')
def severity(
    ctx: Context,
    words: Annotated[list[str], Argument(metavar="[ID] SEVERITY", help="One of svcops.yaml; in doubt, the higher.")],
    because: Annotated[str, Option("--because", metavar="TEXT", help="What it is judged by.")] = "",
    at: At = "now",
    corrects: Corrects = "",
) -> int:
    """Say that it turned out worse, or less bad. From major to minor takes a reason: --because."""
    session: Session = ctx.obj
    known = ", ".join(level.name for level in session.store.graph.settings.severities)
    which = ("the severity is missing", f"svcops.yaml names {known}.")
    state, rest = chosen(session, words, texts=range(1, 2), ids_too=_is_severity(session, words[-1]), missing=which)
    known_severity(session, rest[0])
    _refuse_merged(session, state)
    if state.severity is None:
        help_ = next_step(session.store.graph, state)
        raise Refused(f"{state.id} has no severity to change: {standing(state)}", help=help_)
    if state.severity == rest[0] and not corrects:
        raise BadInput(f"{tail(state.id)} is {rest[0]} already", help="Nothing to do.")
    if ends_being_major(session.store.graph, state.severity, rest[0]) and not because.strip():
        change = f"from {state.severity}, which asks for a post-mortem, to {rest[0]}, which does not"
        more = f" --corrects {corrects}" if corrects else ""
        raise BadInput(
            f"{change}: say what it is judged by",
            help=f'svcops incident severity {tail(state.id)} {rest[0]} --because "..."{more}',
        )
    if state.declared and past(session, at, "--at") < state.declared:
        raise BadInput("it cannot be judged before it was declared", help="See --at.")
    told = f"{state.severity} -> {rest[0]}" + (f", {because}" if because else "")
    fields = {"from_": state.severity, "to": rest[0], "text": because.strip(), "follows": state.judged_by}
    if state.ending == "closed" and ends_being_major(
        session.store.graph, rest[0], state.severity
    ):  # the other way round
        session.say(
            f"it is closed, and major now: a major one needs a post-mortem. svcops postmortem start {tail(state.id)}"
        )
    return write(
        session, state, model.SeverityChanged, "Change the severity of", told, at=at, corrects=corrects, **fields
    )


def known_severity(session: Session, name: str) -> None:
    """BadInput where the settings have no such severity."""
    if not _is_severity(session, name):
        names = ", ".join(level.name for level in session.store.graph.settings.severities)
        raise BadInput(f"there is no severity {name!r}", help=f"svcops.yaml names {names}.")


def _is_severity(session: Session, name: str) -> bool:
    return session.store.graph.settings.severity(name) is not None


@app.verb(
    "update",
    examples='svcops incident update k7f3 "Receipts are late; they are not lost." --next 30m\n'
    "svcops incident update -F message.txt",
)
def update(
    ctx: Context,
    words: Words = [],  # noqa: B006 - Typer's way
    file: File = "",
    next_in: Annotated[str, Option("--next", metavar="SPAN", help="When users hear more: 30m, 2h.")] = "",
    at: At = "now",
    corrects: Corrects = "",
) -> int:
    """Say what users and customers are told, apart from the internal log.

    A correction keeps the time, and when users hear more, unless it says another.
    """
    session: Session = ctx.obj
    state, text = _with_text(session, words, file, "update", corrects)
    if not text:
        raise BadInput("nothing to tell", help="Say what users have to know.")
    at = time_kept(state, at, corrects, model.Updated)
    next_by = later(session, past(session, at, "--at"), next_in, "--next") if next_in else None
    if corrects and not next_in and isinstance(before := in_its_place(state, corrects, model.Updated), model.Updated):
        next_by = before.next_by
    return write(
        session, state, model.Updated, "Tell users of", text, at=at, corrects=corrects, text=text, next_by=next_by
    )


@app.verb("mitigate", examples='svcops incident mitigate k7f3 "Traffic goes to the other site" --at -3m')
def mitigate(ctx: Context, words: Words = [], at: At = "now", corrects: Corrects = "") -> int:  # noqa: B006
    """Say that users can work again, though the cause may still be there.

    It may be written down after the resolution: --at says when it was.
    """
    session: Session = ctx.obj
    state, rest = chosen(session, words, texts=range(2))
    if state.mitigated and not corrects:
        since = shown(state.mitigated, session.zone)
        raise Refused(f"{state.id} is mitigated already, since {since}", help=_correction(state))
    is_over = state.phase not in ("incident", "remediation")
    if is_over and not corrects and (state.resolved is None or state.ending in ("cancelled", "merged")):
        raise Refused(f"{state.id} cannot be mitigated: {standing(state)}", help=next_step(session.store.graph, state))
    at = time_kept(state, at, corrects, model.Mitigated)
    _not_before_it_began(session, state, at)
    if state.resolved and past(session, at, "--at") > state.resolved:
        since = shown(state.resolved, session.zone)
        raise BadInput(f"it cannot be mitigated after it was resolved, {since}", help="--at TIME says when it was.")
    text = text_of(session, rest, "")
    told = text or state.incident.title
    return write(session, state, model.Mitigated, "Mitigate", told, at=at, corrects=corrects, text=text)


def _correction(state: State) -> str:
    """The command that says when it was mitigated in truth."""
    found = [one for one in state.counting if type(one.value) is model.Mitigated and one.value.at == state.mitigated]
    return f"svcops incident mitigate {tail(state.id)} --at TIME --corrects {short(found[-1])}"


@app.verb("resolve", examples='svcops incident resolve k7f3\nsvcops incident resolve k7f3 "Queue drained" --at -5m')
def resolve(ctx: Context, words: Words = [], at: At = "now", corrects: Corrects = "") -> int:  # noqa: B006
    """Say that the disruption is over for users.

    The incident goes on to its post-mortem.
    """
    session: Session = ctx.obj
    state, rest = chosen(session, words, texts=range(2))
    refuse_unless(session, state, model.Resolved, "resolved", corrects)
    at = time_kept(state, at, corrects, model.Resolved)
    _not_before_it_began(session, state, at)
    if state.mitigated and past(session, at, "--at") < state.mitigated:
        since = shown(state.mitigated, session.zone)
        raise BadInput(f"it cannot be resolved before it was mitigated, {since}", help=_correction(state))
    _not_before_its_duplicates(session, state, at)
    text = text_of(session, rest, "")
    done = write(
        session,
        state,
        model.Resolved,
        "Resolve",
        text or state.incident.title,
        at=at,
        corrects=corrects,
        text=text,
        **state.seen,
    )
    graph = session.store.graph
    for command in after_resolution(graph, read_state(graph, state.id, whole=False), session.now()):
        session.say(f"next: {command}")
    return done


def _not_before_it_began(session: Session, state: State, at: str) -> None:
    if state.impact_started and past(session, at, "--at") < state.impact_started:
        raise BadInput("it cannot end before it began: impact started later than that", help="See --at.")


def _not_before_its_duplicates(session: Session, state: State, at: str) -> None:
    moment = moment_of(session, state, at)
    for one in duplicates(session.store.graph, state):
        if one.resolved and one.resolved > moment:
            told = (
                f"it cannot be resolved before {tail(one.id)}, which is the same: {shown(one.resolved, session.zone)}"
            )
            raise BadInput(told, help="See --at.")


@app.verb("reopen", examples='svcops incident reopen k7f3 "Receipts fail again since 14:10"')
def reopen(
    ctx: Context,
    words: Words = [],  # noqa: B006 - Typer's way
    file: File = "",
    at: At = "now",
    corrects: Corrects = "",
) -> int:
    """Say that it was not over after all: back to remediation."""
    session: Session = ctx.obj
    number = 0 if file else 1
    state, rest = chosen(session, words, texts=range(number, number + 1), verb="reopen")
    refuse_unless(session, state, model.Reopened, "reopened", corrects)
    text = text_of(session, rest, file)
    if not text:
        raise BadInput("nothing shows that it goes on", help="Say what was seen.")
    return write(session, state, model.Reopened, "Reopen", text, at=at, corrects=corrects, text=text, **state.seen)


@app.verb("cancel", examples='svcops incident cancel k7f3 "A test of the alert, by mistake against production"')
def cancel(
    ctx: Context,
    words: Words = [],  # noqa: B006 - Typer's way
    file: File = "",
    at: At = "now",
    corrects: Corrects = "",
) -> int:
    """Say that there was no disruption. It stays readable, and is not counted."""
    session: Session = ctx.obj
    number = 0 if file else 1
    state, rest = chosen(session, words, texts=range(number, number + 1), verb="cancel")
    refuse_unless(session, state, model.Cancelled, "cancelled", corrects)
    _refuse_with_duplicates(session, state)
    text = text_of(session, rest, file)
    if not text:
        raise BadInput("a cancelled incident needs a reason", help="Say what it was instead.")
    return write(session, state, model.Cancelled, "Cancel", text, at=at, corrects=corrects, text=text, **state.seen)


def _refuse_with_duplicates(session: Session, state: State) -> None:
    """What was merged into an incident would end with it, and be counted nowhere."""
    from svcops.incidents.outlines import merged_into

    duplicates = [tail(one.id) for one in merged_into(session.store.graph, state.id)]
    if duplicates:
        raise Refused(
            f"{state.id} cannot be cancelled: {', '.join(duplicates)} was merged into it, and would vanish with it",
            help=f'svcops incident reopen {duplicates[0]} "WHY IT GOES ON"\n'
            f"Or end it through the cycle: svcops incident resolve {tail(state.id)}",
        )

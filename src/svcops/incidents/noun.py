"""What the verbs of `svcops incident` share: which incident is meant, and how an event is written and shown."""

import os
import re
from contextlib import suppress
from datetime import datetime
from typing import Annotated, Any

from svcops.errors import BAD_INPUT, DONE, BadInput, NotDone
from svcops.incidents.facts import State, before, read_state
from svcops.incidents.model import AnyEvent, ImpactStarted, Merged, RoleGiven, SeverityChanged
from svcops.store.change import Change
from svcops.store.events import CLOCKS_DIFFER
from svcops.store.ids import TAIL, UnknownName, is_id, matching, tail
from svcops.terminal.command import App, Argument, Option
from svcops.terminal.session import Session
from svcops.timing.asking import past

app = App("Disruptions, from the first sign to normal operations with a measure anchored.")

Id = Annotated[
    str,
    Argument(metavar="[ID]", help="Its id, or the beginning of it or of its last six characters; else the one in use."),
]
Words = Annotated[list[str], Argument(metavar="[ID] [TEXT]", help="The incident, if not the one in use, and a text.")]
At = Annotated[str, Option("--at", metavar="TIME", help="When it happened: -20m, the last 08:15, 2026-11-23T08:15.")]
File = Annotated[str, Option("--file", "-F", metavar="FILE", help="Read the text from a file; - is standard input.")]
Corrects = Annotated[
    str,
    Option(
        "--corrects",
        metavar="EVENT",
        help="The event that this one replaces, at its time: incident show --events.",
    ),
]
_COLORS = re.compile("\x1b\\[[0-9;]*m")
"""What paints a text in a terminal, as logs often are."""
SHORTEST = 3
"""Characters of a single word that may be the beginning of an id, and then is no text."""
_MOST_TEXT = 100_000
"""Characters of a text; what is longer belongs into a file of its own, and a link to it."""
_MOST_NAMED = 5
"""Incidents that are named where some are left out."""
_LONGEST_TITLE = 200
"""Characters of a title."""


def chosen(
    session: Session,
    words: list[str],
    *,
    texts: range,
    whole: bool = True,
    ids_too: bool = False,
    verb: str = "",
    missing: tuple[str, str] = ("a text is missing", "Say it in quotes, or -F FILE."),
) -> tuple[State, list[str]]:
    """The incident that the words begin with, else the one in use; and the other words, as many as `texts` allows.

    BadInput where none is meant, or there are too many or too few words; or where one of these is the id of an
    incident, or the first may be one's beginning and nothing else names one, and not `ids_too` may be: who left the
    text out must not write the id into another incident. `verb` is for the help then; `missing` says what to add.
    """
    graph = session.store.graph
    names = graph.folder_names("incident")
    least, most = texts.start, texts.stop - 1
    current = in_use(session)
    rest = list(words)
    named = ""
    if words and not current and len(words) <= most and not matching(words[0], names) and (least or " " in words[0]):
        raise BadInput("which incident? None is in use", help="Name it first, or svcops incident use ID.")
    if len(words) > most or (words and not current) or (len(words) > least and _names_one(words[0], names, least)):
        named, *rest = words
    if len(rest) > most:
        help_ = "Put a text of several words in quotes." if most else "With --file there is no text beside it."
        raise BadInput("too many words", help=help_)
    if not ids_too:
        _refuse_ids(rest, names, verb, in_place_of="" if named else current)
    if len(rest) < least:
        raise BadInput(missing[0], help=missing[1])
    if not (named or current):
        raise BadInput("which incident?", help="Name it, or choose one: svcops incident use ID")
    try:
        return read_state(graph, named or current, whole=whole), rest
    except UnknownName as error:
        if named and current and most:
            error.help += f"\nAs a text for the one in use, say it behind that: {tail(current)} {named}"
        raise


def _names_one(word: str, names: list[str], least: int) -> bool:
    """Whether a word is meant for an incident's name.

    Where no text is needed, any single word is: a mistyped id must not become a step of the incident in use.
    """
    return bool(matching(word, names)) or (not least and len(word.split()) == 1)


def _refuse_ids(rest: list[str], names: list[str], verb: str, *, in_place_of: str) -> None:
    """BadInput where a text is an incident's id, or may be its beginning and would go to the one in use instead."""
    begins = [word for word in rest[:1] if in_place_of and len(word.strip()) >= SHORTEST and matching(word, names)]
    ids = [word for word in rest if names_in_full(word, names)] or begins
    unknown = [word for word in rest if not ids and is_id(word.strip().lower())]
    if unknown:
        raise BadInput(f"{unknown[0]} is no incident of this store, and no text", help="svcops incident list")
    if not ids:
        return
    found = matching(ids[0], names)
    told = "is an incident, and no text" if len(found) == 1 else f"may be {len(found)} incidents, and is no text"
    help_ = "Say the text behind the incident, in quotes."
    if verb:
        other = tail(found[0]) if len(found) == 1 else "ID"
        help_ = f'svcops incident {verb} {other} "TEXT" says it of that incident.'
        if not names_in_full(ids[0], names):
            help_ += f"\nsvcops incident {verb} {tail(in_place_of)} {ids[0]} says just that word of the one in use."
    raise BadInput(f"{ids[0]} {told}", help=help_)


def names_in_full(word: str, names: list[str]) -> bool:
    """Whether a word is the id of one of these incidents, or all of its last six characters."""
    wanted = word.strip().lower()
    return wanted in names or (len(wanted) == TAIL and any(name.endswith(f"-{wanted}") for name in names))


def one(session: Session, given: str, *, whole: bool = True) -> State:
    """The incident of that name, else the one in use."""
    return chosen(session, [given] if given else [], texts=range(1), whole=whole)[0]


def in_use(session: Session) -> str:
    """The incident that `svcops incident use` chose in this clone; empty where there is none any more."""
    if session.store.git_dir is None:
        return ""
    try:
        with open(_place(session), encoding="utf-8") as file:
            found = file.read().strip()
    except (OSError, UnicodeDecodeError):
        return ""
    return found if found in session.store.graph.folder_names("incident") else ""


def use(session: Session, incident_id: str) -> None:
    """Choose an incident for what follows; nothing where `incident_id` is empty."""
    place = _place(session)
    if not incident_id:
        with suppress(FileNotFoundError):
            os.remove(place)
        return
    os.makedirs(os.path.dirname(place), exist_ok=True)
    with open(f"{place}.new", "w", encoding="utf-8") as file:
        file.write(f"{incident_id}\n")
    os.replace(f"{place}.new", place)


def _place(session: Session) -> str:
    git_dir = session.store.git_dir
    if git_dir is None:
        raise NotDone("the store is in no git repository, which remembers the incident in use", help="git init")
    return str(git_dir / "svcops" / "incident-in-use")


def title_of(given: str, what: str, how: str, rest: str) -> str:
    """A title in one line; BadInput where there is none, or one that no list and no chat would show."""
    title = " ".join(given.split())
    if not title:
        raise BadInput(f"{what} needs a title", help=f"{how}.")
    if len(title) > _LONGEST_TITLE:
        raise BadInput(
            f"a title of {len(title):,} characters: {_LONGEST_TITLE} are the most",
            help=f"{how}, and the rest with svcops {rest}.",
        )
    return title


def text_of(session: Session, rest: list[str], file: str) -> str:
    """The text among the words, or in the file; without spaces around it."""
    if not file:
        return rest[0].strip() if rest else ""
    try:
        if file == "-":
            text = session.stdin.read(_MOST_TEXT + 1)
        else:
            with open(session.place(file), encoding="utf-8") as opened:
                text = opened.read(_MOST_TEXT + 1)
    except (OSError, UnicodeDecodeError) as error:
        from svcops.terminal.given_files import unread

        raise unread(f"--file {file}", file, session.place(file), error) from None
    try:
        text.encode()
    except UnicodeEncodeError:  # so comes what is no UTF-8 through standard input
        raise BadInput(
            f"--file {file} cannot be read: it is not UTF-8 text", help="Save it as UTF-8, or use iconv."
        ) from None
    text = _COLORS.sub("", text).replace("\r\n", "\n").replace("\r", "\n")
    if len(text) > _MOST_TEXT:
        raise BadInput(f"--file {file}: more than {_MOST_TEXT:,} characters", help="Link it: svcops incident link")
    return text.strip()


def corrected(state: State, given: str, what: type[AnyEvent]) -> str:
    """The name of the event that is corrected by one of a type."""
    names = [event.name.rpartition("/")[2] for event in state.events]
    found = [name for name in names if name == given or name.rpartition("-")[2].startswith(given)]
    if len(found) != 1:
        number = "several events" if found else "no event"
        raise BadInput(f"--corrects {given}: {number} of {tail(state.id)}", help="svcops incident show --events")
    wrong = next(one.value for one in state.events if one.name.rpartition("/")[2] == found[0])
    if isinstance(wrong, SeverityChanged) and what is not SeverityChanged:
        help_ = f"svcops incident severity {tail(state.id)} {wrong.from_} --corrects {given}"
        raise BadInput(f"--corrects {given}: a change of severity is corrected by another one", help=help_)
    return found[0]


def came_from(session: Session, state: State, name: str, what: type[AnyEvent], own: dict[str, Any]) -> dict[str, Any]:
    """What a correction comes from, as it stands in the place of an earlier event: the state before that one."""
    if "follows" not in own:
        return {}
    then = before(state, name, [level.name for level in session.store.graph.settings.severities])
    if what is ImpactStarted:
        return {"follows": then.started_by}
    if what is RoleGiven:
        return then.seen_of(own["role"])
    if what is SeverityChanged:
        return {"from_": then.severity, "follows": then.judged_by}
    return then.seen


def in_its_place(state: State, corrects: str, what: type[AnyEvent]) -> AnyEvent:
    """What counts by now of an event that one of a type is to correct; the event itself, where nothing does."""
    from svcops.store.corrections import at_place, short

    name = corrected(state, corrects, what)
    wrong = next(one for one in state.events if short(one) == name)
    counts = [one for one in at_place(list(state.events), wrong) if one in state.counting]
    return (counts or [wrong])[-1].value


def time_kept(state: State, at: str, corrects: str, what: type[AnyEvent]) -> str:
    """When an event happened, as `--at` takes it: one that corrects another keeps its time, unless it says one."""
    from svcops.timing.model import format_instant

    return format_instant(in_its_place(state, corrects, what).at) if corrects and at == "now" else at


def write(
    session: Session, state: State, what: type[AnyEvent], done: str, told: str, *, at: str, corrects: str, **own: Any
) -> int:
    """Write an event, and show the incident's id and what was written."""
    own |= {"at": moment_of(session, state, time_kept(state, at, corrects, what))}
    if corrects:
        own |= {"supersedes": (name := corrected(state, corrects, what))}
        own |= came_from(session, state, name, what, own)
    change = recorded(session, state, what, done, told, **own)
    return finish(session, state, change, *(one for one in change.records if one != state.id))


def recorded(session: Session, state: State, what: type[AnyEvent], done: str, told: str, **own: Any) -> Change:
    """The change that records an event, and what follows of it for the incidents that go on in this one's place."""
    from svcops.incidents import changes

    author = session.author()
    new = changes.event(state, author, what, **own)
    change = changes.recorded(state, new, author, done, told)
    if state.merged_into or what is Merged:
        from svcops.incidents.merging import consequences

        for one in consequences(session.store.graph, state, changes.after(state, new), author, own["at"]):
            change += one
    return change


def moment_of(session: Session, state: State, at: str) -> datetime:
    """When an event happened. What happens now follows what was recorded by a clock that is a little ahead."""
    moment = past(session, at, "--at")
    began = state.moved.value.at if state.moved else moment
    return began if at == "now" and moment < began <= moment + CLOCKS_DIFFER else moment


def finish(session: Session, state: State, change: Any, *others: str) -> int:
    """Apply a change to an incident, and `others` with it; show the incident's id and what was written."""
    written = session.apply(change)
    for incident_id in (state.id, *others):
        notify(session, incident_id, written)
    session.finish(written, state.id, "svcops.incident/1", lambda: content(session, state.id))
    return DONE


def notify(session: Session, incident_id: str, written: Any) -> None:
    """Have those told whom svcops.yaml names, of events that were just committed; nobody waits for it."""
    if session.store.graph.settings.notices:
        from svcops.incidents import notices

        notices.notify(session, incident_id, written)


def content(session: Session, incident_id: str) -> dict[str, Any]:
    """The incident as it now is, for JSON."""
    from svcops.incidents.presenting import detail

    graph = session.store.graph
    return {"incident": detail(graph, read_state(graph, incident_id, whole=False), session.now())}


def mention_left_out(session: Session) -> int:
    """Say which incidents are in no list or figure: damaged, or without incident.yaml; the exit code for it."""
    from svcops.incidents.outlines import without_record

    damaged, missing = session.mention_damage(), without_record(session.store.graph)
    if missing:
        more = " ..." if len(missing) > _MOST_NAMED else ""
        listed = f"{', '.join(missing[:_MOST_NAMED])}{more}"
        session.warn(f"left out, without incident.yaml: {listed}; svcops check says how it comes back")
    return BAD_INPUT if missing else damaged


def known_services(session: Session, names: list[str]) -> None:
    """BadInput where the catalogue has no service of one of these names."""
    known = session.store.graph.names("service")
    for name in names:
        if name not in known:
            from svcops.store.suggest import did_you_mean

            raise BadInput(f"there is no service {name!r}", help=did_you_mean(name, known) or "svcops service list")


def person_called(session: Session, given: str) -> str:
    """Who is meant: somebody of the catalogue, by name or mail address, or the address of somebody else."""
    from svcops.store.people import meant, unread, who, why_nobody

    graph = session.store.graph
    known, person = graph.names("person"), who(graph, given)
    if person in known or ("@" in given.lstrip("@") and not any(char.isspace() for char in given)):
        return person
    several = sorted(meant(graph, given) - {given})
    if several:
        raise BadInput(f"{given} may be {' or '.join(several)}", help="Name the one who is meant by that name.")
    if unread(graph, given):
        raise BadInput(why_nobody(graph, given), help="svcops check shows what is wrong with it.")
    from svcops.store.suggest import did_you_mean

    near = did_you_mean(given, known)
    raise BadInput(f"there is no person {given!r}", help=near or "catalogue/people holds them; or a mail address.")

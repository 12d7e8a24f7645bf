"""svcops measure ..."""

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, get_args

from svcops.errors import BadInput, NotEnoughData, Refused
from svcops.postmortems.asking import (
    IncidentId,
    Key,
    leads_on,
    path_inside,
    refuse_nobody,
    refuse_not_counted,
    refuse_uncommitted,
)
from svcops.postmortems.measure_list_commands import known_owner
from svcops.postmortems.measure_noun import At, Id, app, chosen, finish, one_line
from svcops.postmortems.model import MeasureType
from svcops.terminal.command import Argument, Context, Option

if TYPE_CHECKING:
    from svcops.incidents.measures import MeasureState
    from svcops.postmortems.model import Content
    from svcops.store.file_history import Touch
    from svcops.terminal.session import Session

_WAITING = "measure that somebody wishes to drop"


@app.verb(
    "add",
    examples='svcops measure add k7f3 "Probe the extraction queue" --type detect --owner platform --due 2026-12-20\n'
    'svcops measure add k7f3 "Name the rollback first" --type mitigate --owner platform --due +14d',
)
def add(
    ctx: Context,
    id: IncidentId,
    title: Annotated[str, Argument(metavar="TITLE", help="What will be changed, in one line.")],
    type_: Annotated[str, Option("--type", metavar="TYPE", help="prevent, detect, mitigate or process.")],
    owner: Annotated[str, Option("--owner", metavar="NAME", help="The team, or person, that does it.")],
    due: Annotated[str, Option("--due", metavar="DATE", help="Its last day: 2026-12-20, or +14d from today.")],
) -> int:
    """Record a measure that came out of an incident."""
    from svcops.incidents.facts import read_state
    from svcops.postmortems import measure_changes
    from svcops.store.ids import tail

    session: Session = ctx.obj
    incident = read_state(session.store.graph, id, whole=False)
    refuse_not_counted(session, incident, "svcops measure add {} ...")
    kinds: tuple[MeasureType, ...] = get_args(MeasureType)
    kind = next((one for one in kinds if one == type_), None)
    if kind is None:
        raise BadInput(f"--type {type_}: no such type", help=f"One of {', '.join(kinds)}.")
    known_owner(session, owner)
    author = session.author()
    measure_id, change = measure_changes.add(
        author,
        incident_id=incident.id,
        title=one_line(title, "a measure needs a title", "Say what will be changed."),
        type_=kind,
        owner=owner,
        due=_day(due, author.now.date()),
    )
    done = finish(session, measure_id, change)
    session.say(f"next: change what it takes, commit it, and svcops measure anchor {tail(measure_id)} --path PATH")
    return done


@app.verb(
    "anchor",
    examples="svcops measure anchor m7k2 --path slo/receipt-scanner.yaml\n"
    "svcops measure anchor m7k2 --link https://git.example.org/scanner/pull/12 "
    '--because "The queue is bounded in its code"',
)
def anchor(
    ctx: Context,
    id: Id,
    path: Annotated[str, Option("--path", metavar="PATH", help="What changed: a runbook, an SLO, an alert.")] = "",
    link: Annotated[str, Option("--link", metavar="URL", help="Where it changed, if in nothing of this store.")] = "",
    because: Annotated[
        str, Option("--because", metavar="TEXT", help="With --link: why there, and what keeps it in place.")
    ] = "",
    at: Annotated[str, Option("--at", metavar="TIME", help="With --link: since when it is in place; else now.")] = "",
) -> int:
    """Show that a measure is in place. What is anchored may have further anchors.

    The anchor is content of the store that changed since the incident was declared: its git object before and after. A
    runbook or a recovery plan has to be tried since: an exercise, or a drill, that passed. It is in place since it was
    merged. What is changed outside the store is anchored by its address and a reason.
    """
    from svcops.store.ids import tail

    session: Session = ctx.obj
    if bool(path) == bool(link):
        help_ = "--path PATH for what is in the store, --link URL --because TEXT for what is not."
        raise BadInput("an anchor is a path or a link", help=help_)
    if path and (because or at):
        raise BadInput("--because and --at go with --link", help="Of a path, git knows what changed, and when.")
    state = chosen(session, id, lambda one: one.standing == "open", "open measure")
    if state.standing == "dropped":
        raise Refused(
            f"measure {tail(state.id)} is dropped",
            help=f'If it is done after all, it is a new one: svcops measure add {tail(state.measure.incident)} "WHAT"',
        )
    wish = state.proposed
    done = _anchor_here(session, state, path) if path else _anchor_elsewhere(session, state, link, because, at)
    if wish:
        session.say(f"{wish.value.by} wished to drop it, which has no effect any more")
    return done


@app.verb(
    "drop",
    examples='svcops measure drop m7k2 --because "The scanner is replaced in March; until then we watch it"',
)
def drop(
    ctx: Context,
    id: Id,
    because: Annotated[str, Option("--because", metavar="TEXT", help="Why not, and what of the risk that stays.")],
    at: At = "now",
) -> int:
    """Say that a measure will not be done, and why.

    It counts once somebody else has approved it; until then the measure is open.
    """
    from svcops.postmortems import measure_changes
    from svcops.store.ids import tail
    from svcops.timing.asking import past

    session: Session = ctx.obj
    state = chosen(session, id, lambda one: one.standing == "open", "open measure")
    short = tail(state.id)
    if state.standing != "open":
        raise Refused(f"measure {short} is {state.standing} already", help=f"svcops measure show {short}")
    text = because.strip()
    if not text:
        raise BadInput("--because needs a reason", help="Say why it is not done, and what is done about the risk.")
    author = session.author()
    if state.proposed and (state.proposed.value.by, state.proposed.value.text) == (author.by, text):
        raise Refused(f"{author.by} said so already, for that reason", help=f"svcops measure approve {short}")
    when = past(session, at, "--at")
    done = finish(session, state.id, measure_changes.drop(author, state, text, when))
    session.say(f"it stays open until somebody else agrees: svcops measure approve {short}")
    return done


@app.verb("approve", examples="svcops measure approve m7k2\nsvcops measure approve m7k2 --key ~/.ssh/id_ed25519")
def approve(
    ctx: Context,
    id: Id,
    key: Key = "",
) -> int:
    """Agree that a measure is dropped, as somebody who did not propose it.

    The approval is over the exact bytes that say why, as they are committed. With a key, or where svcops.yaml says
    approvals: proved, it is signed.
    """
    from svcops.incidents.measures import approvals_of_wish
    from svcops.postmortems import measure_changes
    from svcops.store.ids import tail
    from svcops.trust.facts import wrote
    from svcops.trust.signing import signed

    session: Session = ctx.obj
    store = session.store
    state = chosen(session, id, lambda one: one.standing == "open" and one.proposed is not None, _WAITING)
    short, wish = tail(state.id), state.proposed
    if state.standing == "anchored":
        raise Refused(f"measure {short} is anchored, and is not dropped", help=f"svcops measure show {short}")
    if wish is None:
        help_ = f'svcops measure drop {short} --because "WHY NOT"'
        raise Refused(f"nobody wishes to drop measure {short}: there is nothing to approve", help=help_)
    refuse_uncommitted(session, wish.path)
    already = [one.approval for one in approvals_of_wish(store.graph, wish) if one.counts]
    if already:
        names = ", ".join(one.value.by for one in already)
        raise Refused(f"measure {short} is dropped already, with the approval of {names}", help="Nothing to do.")
    author = session.author()
    if store.history.unknown:
        why = f"{store.history.unknown}: who wrote {wish.path} cannot be known"
        raise NotEnoughData(why, help="git fetch --unshallow")
    if author.by in wrote(store.graph, (wish.value.by, *store.history.authors(wish.path))):
        raise Refused(
            f"{author.by} proposed to drop measure {short}, and an approval is somebody else's",
            help=f"Ask a colleague to read it and to run: svcops measure approve {short}",
        )
    refuse_nobody(session, author.by)
    approval_id, change = measure_changes.approve(author, state, wish, store.blob(wish.path))
    done = finish(session, state.id, signed(session, change, author, key), approval_id)
    session.say(f"measure {short} is dropped: {wish.value.text}")
    return done


def _refuse_damaged(session: "Session", path: str) -> None:
    """A record that cannot be read says nothing that would work next time."""
    from svcops.store.layout import kind_of_path

    found, graph = kind_of_path(path), session.store.graph
    if found and path in graph.damaged(found[0].name):
        wrong = next(one for one in graph.findings if one.at.path == path and one.severity == "error")
        help_ = "svcops check shows the place. Mend it, commit it, and anchor it then."
        raise Refused(f"{path} cannot be read: {wrong.message}", help=help_)


def _anchor_here(session: "Session", state: "MeasureState", path: str) -> int:
    from svcops.incidents.anchors import HELP_FOR_PLACE, is_of_people
    from svcops.incidents.anchors import declared as declared_at
    from svcops.incidents.contents import brought, is_anchor_place
    from svcops.postmortems import measure_changes

    inside = path_inside(session, path)
    linked = leads_on(session, inside)
    if linked:
        raise Refused(
            f"{linked} is a symbolic link, and an anchor is the content of a file itself",
            help=f"Name the file that it leads to: svcops measure anchor {state.id[-6:]} --path PATH",
        )
    if not is_anchor_place(inside):
        raise BadInput(
            f"{inside} records what happened; it changes nothing next time",
            help=HELP_FOR_PLACE,
        )
    if is_of_people(inside):
        raise Refused(f"{inside} says who people are, and carries no measure", help=HELP_FOR_PLACE)
    refuse_uncommitted(session, inside)
    _refuse_damaged(session, inside)
    content = _changed(session, state, inside)
    declared = declared_at(session.store.graph, state.measure.incident)
    history = session.store.history
    # what was recorded later than it was declared may have been in force before
    change = brought(history, inside, content.after, declared) or history.of(inside)[0]
    _refuse_untried(session, inside, change, declared)
    at = min(datetime.fromtimestamp(change.since, UTC), session.now())
    at = max(at, declared) if declared else at
    author = session.author()
    return finish(session, state.id, measure_changes.anchor(author, state, content, author.written(at)))


def _changed(session: "Session", state: "MeasureState", path: str) -> "Content":
    """What an anchor in a file records; Refused where nothing changed, or an anchor has it already."""
    from svcops.incidents.anchors import copied_from
    from svcops.incidents.anchors import declared as declared_at
    from svcops.incidents.contents import is_blank, marker_of, says_the_same, stood_at
    from svcops.postmortems.model import Anchored, Content
    from svcops.store.history import blob_before
    from svcops.store.ids import tail

    store, incident = session.store, state.measure.incident
    if incident not in store.graph.names("incident"):
        raise BadInput(f"there is no incident {incident}, from which it came", help="svcops check shows the place.")
    before = blob_before(store, marker_of(incident), path)
    after = store.git.blob_at("HEAD", path)
    declared = declared_at(store.graph, incident)
    if declared and says_the_same(
        store.history, before, after
    ):  # recorded later than it was declared: what was changed meanwhile counts
        before = stood_at(store.history, path, declared)
    if after is None or after == before:
        raise Refused(
            f"{path} has not changed since incident {tail(incident)} was declared",
            help=f"Change it and commit it first: $EDITOR {path} && git commit -m WHY -- {path}",
        )
    if is_blank(store.history, after):
        raise Refused(f"there is nothing in {path}", help=f"Write it: $EDITOR {path} && git commit -m WHY -- {path}")
    if says_the_same(store.history, before, after):
        raise Refused(
            f"in {path} only white space has changed since incident {tail(incident)} was declared",
            help=f"Change what it says: $EDITOR {path} && git commit -m WHY -- {path}",
        )
    copied = "" if before or declared is None else copied_from(store.history, path, after, declared)
    if copied:
        raise Refused(
            f"{path} says just what {copied} said when incident {tail(incident)} was declared",
            help=f"Change it and commit it first: $EDITOR {path} && git commit -m WHY -- {path}",
        )
    content = Content(path=path, before=before, after=after)
    if content in [one.value.anchor for one in state.anchors if isinstance(one.value, Anchored)]:
        raise Refused(f"measure {tail(state.id)} is anchored in {path} already, as it is now", help="Nothing to do.")
    return content


def _refuse_untried(session: "Session", path: str, change: "Touch", declared: "datetime | None") -> None:
    """Of a runbook or a plan, some run has to show that it works as it was changed."""
    from svcops.incidents.trials import came_with, counted, runs_that_passed, trial_of
    from svcops.timing.wall import shown

    trial = trial_of(path)
    if trial is None:
        return
    graph, history = session.store.graph, session.store.history
    since = datetime.fromtimestamp(change.since, UTC)
    passed = runs_that_passed(graph, trial, None, session.now())
    run = counted(passed, since, lambda one: came_with(history, change, one), declared)
    if run:
        refuse_uncommitted(session, run.path)
        return
    damaged = graph.damaged(trial.runs)
    if damaged:
        raise NotEnoughData(
            f"whether {trial.name} was tried since it was changed cannot be known: {damaged[0]} is damaged",
            help="svcops check shows the place.",
        )
    last = f"; the last one that passed began {shown(passed[-1].value.started_at, session.zone)}" if passed else ""
    raise Refused(
        f"no {trial.run} of the {trial.noun} {trial.name} passed since it was changed,"
        f" {shown(since, session.zone)}{last}",
        help=trial.how,
    )


def _anchor_elsewhere(session: "Session", state: "MeasureState", url: str, because: str, at: str) -> int:
    from svcops.incidents.anchors import declared as declared_at
    from svcops.postmortems import measure_changes
    from svcops.postmortems.model import AnchoredElsewhere
    from svcops.store.ids import tail
    from svcops.timing.asking import past

    if not url.startswith(("https://", "http://")) or len(url.split()) != 1:
        raise BadInput(f"--link {url}: not a web address", help="Such as https://git.example.org/scanner/pull/12.")
    if not because.strip():
        raise BadInput("--link needs --because", help="Say why it is anchored there, and what keeps it in place.")
    if url in [one.value.url for one in state.anchors if isinstance(one.value, AnchoredElsewhere)]:
        raise Refused(f"measure {tail(state.id)} is anchored in {url} already", help="Nothing to do.")
    when = past(session, at or "now", "--at")
    declared = declared_at(session.store.graph, state.measure.incident)
    if declared and when < declared:
        help_ = "Say with --at since when it is in place; what was there before did not help."
        raise Refused(f"incident {tail(state.measure.incident)} was declared only after that", help=help_)
    author = session.author()
    change = measure_changes.anchor_elsewhere(author, state, url=url, text=because.strip(), at=when)
    return finish(session, state.id, change)


def _day(text: str, today: date) -> str:
    """A day as typed, `2026-12-20` or `+14d`, as records have it; BadInput where it is none, or over."""
    from svcops.timing.model import parse_duration

    try:
        due = today + parse_duration(text[1:]) if text.startswith("+") else date.fromisoformat(text)
    except (ValueError, OverflowError):
        raise BadInput(f"--due {text}: not a day", help="Write it as 2026-12-20, or +14d from today.") from None
    if due < today or (text.startswith("+") and timedelta(0) < parse_duration(text[1:]) < timedelta(days=1)):
        raise BadInput(f"--due {text}: that is over", help="Name a day that is still to come.")
    return due.isoformat()

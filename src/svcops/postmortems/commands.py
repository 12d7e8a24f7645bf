"""svcops postmortem ...: the verbs that change something."""

from typing import TYPE_CHECKING, Annotated

import svcops.postmortems.reading_commands  # noqa: F401 - its verbs
from svcops.errors import DONE, BadInput, Refused
from svcops.incidents.noun import person_called
from svcops.postmortems.asking import (
    IncidentId,
    Key,
    refuse_moderator,
    refuse_nobody,
    refuse_not_counted,
    refuse_uncommitted,
    refuse_unknown_author,
)
from svcops.postmortems.noun import Id, app, chosen, content, found_in, incidents_of, standing_here
from svcops.terminal.command import Argument, Context, Option

if TYPE_CHECKING:
    from svcops.incidents.facts import State
    from svcops.postmortems.standing import Standing
    from svcops.postmortems.writers import Writers
    from svcops.terminal.session import Session

__all__ = ["app"]

_THERE = """Edit it and commit it: $EDITOR {path}
or write its facts anew: svcops postmortem start {id} --facts"""


@app.verb("start", examples="svcops postmortem start k7f3\nsvcops postmortem start k7f3 --facts")
def start(
    ctx: Context,
    id: IncidentId,
    moderator: Annotated[
        str, Option("--moderator", metavar="PERSON", help="Who leads the talk about it; not who led the incident.")
    ] = "",
    facts: Annotated[
        bool, Option("--facts", help="Of one that is there: write its facts anew, as the timeline now gives them.")
    ] = False,
) -> int:
    """Begin a post-mortem, with the facts of the timeline filled in.

    With --facts the clocks, times, roles and agreed times of one that is there are replaced, also where somebody edited
    them, and error budgets where the samples are there; nothing else of it changes. Whoever runs this has written to
    the file and cannot approve it.
    """
    from svcops.incidents.facts import is_major, read_state
    from svcops.postmortems import changes
    from svcops.store.ids import tail

    session: Session = ctx.obj
    graph = session.store.graph
    if facts:
        if moderator:
            raise BadInput("--facts and --moderator", help="svcops postmortem moderate names who moderates.")
        return _renew(session, id)
    state = read_state(graph, id)
    refuse_not_counted(session, state, "svcops postmortem start {}")
    path = changes.path_of(changes.postmortem_id(state.id))
    if changes.postmortem_id(state.id) in graph.names("postmortem"):
        raise BadInput(f"{path} is there already", help=_THERE.format(path=path, id=id))
    leads = person_called(session, moderator) if moderator else None
    if leads:
        refuse_moderator(session, leads, [state], "--moderator SOMEBODY-ELSE")
    author, zone = session.author(), session.zone_to_record
    record_id, change = changes.start(graph, state, author, zone, moderator=leads, budgets=_budgets(session, state))
    written = session.apply(change)
    session.finish(written, record_id, "svcops.postmortem/1", lambda: content(session, record_id))
    short = tail(record_id)
    if not leads and is_major(graph, state.severity):
        session.say(f"next: svcops postmortem moderate {short} PERSON, somebody who did not lead the incident")
    session.say(f"next: $EDITOR {path}, commit it, svcops postmortem check {short}, and have somebody else approve it")
    return DONE


@app.verb("moderate", examples="svcops postmortem moderate k7f3 noor-voorbeeld")
def moderate(
    ctx: Context,
    id: Id,
    who: Annotated[str, Argument(metavar="PERSON", help="A name of catalogue/people, or a mail address.")],
) -> int:
    """Name who moderates a post-mortem: somebody who did not lead the incident.

    It is written into the file, so approvals of the file as it was count no more, and whoever runs this has written
    to the file and cannot approve it.
    """
    from svcops.postmortems.changes import moderate as change_of
    from svcops.postmortems.due import going_on
    from svcops.store.ids import tail

    session: Session = ctx.obj
    entry = chosen(session, id)
    leads = person_called(session, who)
    if entry.value.moderator == leads:
        raise BadInput(f"{leads} moderates it already", help="Nothing to do.")
    own = incidents_of(session, entry, whole=True)
    states = [*own.values(), *going_on(session.store.graph, entry, own)]
    refuse_moderator(session, leads, states, f"svcops postmortem moderate {tail(entry.name)} SOMEBODY-ELSE")
    void = [one.approval.value.by for one in standing_here(session, entry).counting]
    change = change_of(entry, session.store.blob(entry.path), leads)
    written = session.apply(change)
    session.finish(written, entry.name, "svcops.postmortem/1", lambda: content(session, entry.name))
    if void:
        session.say(f"the file changed: {', '.join(void)} has to approve it again")
    return DONE


@app.verb("approve", examples="svcops postmortem approve k7f3\nsvcops postmortem approve k7f3 --key ~/.ssh/id_ed25519")
def approve(
    ctx: Context,
    id: Id,
    key: Key = "",
) -> int:
    """Approve a post-mortem as somebody who did not write it.

    The approval is over the exact bytes that are committed; a later change needs a new one. With a key, or where
    svcops.yaml says approvals: proved, it is signed (ssh-keygen -Y sign).
    """
    from svcops.store.ids import tail
    from svcops.trust import changes
    from svcops.trust.signing import signed

    session: Session = ctx.obj
    store = session.store
    entry = chosen(session, id)
    refuse_uncommitted(session, entry.path)
    author = session.author()
    data = store.blob(entry.path)
    _refuse_approval(session, standing_here(session, entry), author.by)
    approval_id, change = changes.approve(author, entry.path, data, f"the post-mortem of {tail(entry.name)}")
    change = signed(session, change, author, key)
    written = session.apply(change)
    is_signed = len(change.files) > 1
    approval = {"id": approval_id, "of": entry.path, "by": author.by, "signed": is_signed}
    session.finish(written, approval_id, "svcops.approval/1", lambda: {"approval": approval})
    return DONE


def _refuse_approval(session: "Session", one: "Standing", by: str) -> None:
    """Who wrote it, who approved it as it is, and what would have to be changed afterwards."""
    from svcops.store.history import ShallowHistory
    from svcops.store.ids import tail
    from svcops.store.people import who as person

    path, short = one.entry.path, tail(one.entry.name)
    writers: Writers = one.writers
    if writers.unknown:
        raise ShallowHistory(f"who wrote {path}")
    if by in writers.people:
        raise Refused(
            f"{by} wrote {path}, and an approval is somebody else's",
            help=f"Ask a colleague to read it and to run: svcops postmortem approve {short}",
        )
    refuse_nobody(session, by)
    refuse_unknown_author(session, one.entry)
    graph = session.store.graph
    already = [judged.approval for judged in one.counting if person(graph, judged.approval.value.by) == by]
    if already:
        raise Refused(f"{by} has approved {path} as it is: {already[0].name}", help="Nothing to do.")
    left = [finding for finding in found_in(session, one) if finding.severity == "error"]
    if left:
        places = [f"  line {one.span.line if one.span else 1}: {one.message}" for one in left[:8]]
        listed = "\n".join([*places, *([f"  and {len(left) - 8} more"] if len(left) > 8 else [])])
        raise Refused(
            f"{path} is not finished; a change after the approval would void it:\n{listed}",
            help=f"svcops postmortem check {short}",
        )


def _renew(session: "Session", given: str) -> int:
    """Replace the facts of a post-mortem, and show what that changed."""
    from difflib import unified_diff

    from svcops.incidents.facts import read_state
    from svcops.postmortems.renewing import ends, has_facts, renew, with_earlier
    from svcops.store.ids import tail
    from svcops.timing.model import with_offset

    entry = chosen(session, given)
    path, short = entry.path, tail(entry.name)
    if not entry.value.incidents:
        raise BadInput(f"{path} names no incident, whose facts it could have", help=f"$EDITOR {path}")
    refuse_uncommitted(session, path)
    state = read_state(session.store.graph, entry.value.incidents[0])
    data = session.store.blob(path)
    if not has_facts(data.decode("utf-8", "replace")):
        raise BadInput(f"{path} has no facts as the template writes them", help=f"$EDITOR {path}")
    now = with_offset(session.now(), session.zone_to_record)
    kept: tuple[str, ...] = ()
    budgets = _budgets(session, state)
    if ends(state):
        budgets, kept = with_earlier(data.decode("utf-8", "replace"), budgets, state)
    change = renew(session.store.graph, entry, data, state, now, budgets)
    for line in kept:
        session.say(f"kept, as the samples to work it out anew are not here: {line}")
    if change is None:
        raise BadInput(f"the facts of {path} are what the timeline gives", help="Nothing to do.")
    void = [one.approval.value.by for one in standing_here(session, entry).counting]
    old, new = (text.decode().splitlines() for text in (data, change.files[path] or b""))
    written = session.apply(change)
    session.finish(written, entry.name, "svcops.postmortem/1", lambda: content(session, entry.name))
    session.say("\n".join(unified_diff(old, new, f"a/{path}", f"b/{path}", n=0, lineterm="")))
    if void:
        session.say(f"the file changed: {', '.join(void)} has to approve it again")
    session.say(f"next: svcops postmortem check {short}")
    return DONE


def _budgets(session: "Session", state: "State") -> tuple[str, ...]:
    """What the incident cost of error budgets, where both its ends and the samples are known."""
    from svcops.postmortems.renewing import ends

    graph, known = session.store.graph, ends(state)
    if known is None or not graph.names("slo"):
        return ()
    from svcops.postmortems.budgets import budgets_spent

    return budgets_spent(graph, state.services, *known, since_declared=state.impact_started is None)

"""svcops score."""

from typing import TYPE_CHECKING, Annotated, Any

from svcops.errors import ANSWER_IS_NO, DONE, NOT_ENOUGH_DATA, BadInput
from svcops.terminal.command import Argument, Context, Option, single

if TYPE_CHECKING:
    from collections.abc import Sequence

    from svcops.overview.score import Score
    from svcops.overview.since import Since
    from svcops.store.settings import Profile
    from svcops.terminal.session import Session

_MOST = 5
"""Paths that a line names."""


def score(
    ctx: Context,
    service: Annotated[
        str, Argument(metavar="[SERVICE]", help="One service, with the reason for each mark; without it, all of them.")
    ] = "",
    since: Annotated[
        str, Option("--since", metavar="REV", help="What was changed here since a revision: main, v1.2, HEAD~20.")
    ] = "",
    profile: Annotated[
        str,
        Option(
            "--profile", metavar="NAME", help="Exit with 1 unless all that it asks is met: basic, operated or provable."
        ),
    ] = "",
) -> int:
    """Say which profile the services meet, and what is missing for the next: basic, operated, provable.

    A runbook is as fresh as its last exercise, which must not have failed, a restore as its last drill that passed;
    what is not known is not met. Of an experimental service no more than basic is asked.

    With --since, an earlier commit is compared with the work tree. A branch that went on meanwhile is compared with the
    result of merging the work tree with it, as svcops check --since has it; where git cannot merge the two, the commit
    where they parted is compared with the work tree.

    Exit code 0; 1 where --profile is not met.
    """
    from svcops.overview.score import score as score_of
    from svcops.overview.score import scores

    session: Session = ctx.obj
    asked = _profile(profile)
    graph, now = session.store.graph, session.now()
    if service:
        from svcops.catalogue.facts import called

        found = [score_of(graph, called(graph, "service", service), now)]
    else:
        found = graph.once(scores, now)
    if since:
        from svcops.overview.since import since as changed_since

        _show_changes(session, found, changed_since(session.store, since, now), one=bool(service))
    else:
        _show(session, found, one=bool(service))
    return session.mention_damage() or _answer(session, found, asked, one=bool(service))


def _profile(name: str) -> "Profile | None":
    from svcops.overview.profiles import PROFILES

    wanted = name.strip().lower()
    if not wanted:
        return None
    found = next((one for one in PROFILES if one == wanted), None)
    if found is None:
        from svcops.store.suggest import did_you_mean

        help_ = f"{did_you_mean(wanted, PROFILES)} One of {', '.join(PROFILES)}.".strip()
        raise BadInput(f"there is no profile {name!r}", help=help_)
    return found


def _show(session: "Session", found: "list[Score]", *, one: bool) -> None:
    from svcops.overview import score_presenting as shown
    from svcops.overview.score import standing

    if session.options.json:
        session.show_json("svcops.score/1", **_content(found, one=one))
    elif session.options.quiet or not one:
        empty = "no service that can be read" if session.store.graph.damaged("service") else "no services"
        session.show_table(shown.COLUMNS, [shown.row(each) for each in found], empty=empty)
        if found:
            for line in shown.legend():
                session.say(line)
            session.say(shown.standing_text(standing(found)))
    else:
        session.show(shown.as_text(found[0], session.zone))


def _show_changes(session: "Session", found: "list[Score]", since: "Since", *, one: bool) -> None:
    from svcops.overview import score_presenting as shown

    named = {each.service.name for each in found}
    changed = [each for each in since.changes if not one or each.service in named]
    _warn(session, since)
    if session.options.json:
        session.show_json("svcops.score/1", **_content(found, one=one), since=shown.since_json(since, changed))
    elif session.options.quiet:
        session.show_table(("service",), [(name,) for name in dict.fromkeys(each.service for each in changed)])
    else:
        if changed:
            session.show_table(shown.CHANGE_COLUMNS, [shown.change_row(each) for each in changed])
        session.say(shown.changes_text(changed, since, session.zone))


def _warn(session: "Session", since: "Since") -> None:
    """What keeps the answer from being the whole one."""
    if since.conflicts:
        parted = f"what changed is told since the two parted, at {since.name}"
        session.warn(f"git cannot merge {since.revision} with this branch, in {_first(since.conflicts)}: {parted}")
    if since.damaged:
        session.warn(f"left out of {since.name}, damaged there: {_first(since.damaged)}")
    if since.damaged_by_merge:
        merge = f"the merge with {since.revision}"
        session.warn(f"left out of {merge}, damaged there: {_first(since.damaged_by_merge)}")


def _first(paths: "Sequence[str]") -> str:
    return ", ".join(paths[:_MOST]) + (" ..." if len(paths) > _MOST else "")


def _content(found: "list[Score]", *, one: bool) -> dict[str, Any]:
    from svcops.overview import score_presenting as shown
    from svcops.overview.score import standing

    store = None if one else shown.store_json(standing(found))
    return {"store": store, "services": [shown.service_json(each) for each in found]}


def _answer(session: "Session", found: "list[Score]", asked: "Profile | None", *, one: bool) -> int:
    """Whether what a profile asks is met: of the service, or of all that are run here (PRO001 judges the same)."""
    from svcops.overview import score_presenting as shown
    from svcops.overview.score import standing

    if asked is None:
        return DONE
    judged = found if one else [each for each in found if not each.service.value.external]
    if judged and all(each.meets(asked) for each in judged):
        return DONE
    told = f"{found[0].service.name} {shown.profile_text(found[0])}" if one else shown.standing_text(standing(found))
    session.warn(f"{asked} is not met: {told}")
    return ANSWER_IS_NO if judged else NOT_ENOUGH_DATA


app = single(
    score,
    name="score",
    examples="svcops score\nsvcops score ledger\nsvcops score --profile operated\nsvcops score --since main --json",
)

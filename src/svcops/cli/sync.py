"""svcops sync: share the store with the clones of others."""

import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from svcops.errors import DONE, BadInput, NotDone
from svcops.terminal.command import Context, Option, single
from svcops.terminal.session import Session

if TYPE_CHECKING:
    from collections.abc import Callable

    from svcops.store.background import Waits
    from svcops.store.remotes import Route, Shared
    from svcops.store.settings import Policy
    from svcops.store.sharing import Here, Outcome


def sync(
    ctx: Context,
    dry_run: Annotated[bool, Option("--dry-run", help="Fetch, and say what would come and go.")] = False,
    timeout: Annotated[
        int, Option("--timeout", metavar="SECONDS", help="How long the remote may take to answer, each time.")
    ] = 60,
    background: Annotated[bool, Option("--background", hidden=True)] = False,
) -> int:
    """Fetch what others recorded, merge it, and push what was recorded here.

    Events never conflict. Work that is not committed is neither touched nor shared. Where the remote does not answer,
    it says what waits. Where svcops.yaml names policy.sync_branch, it pushes to that, for a pull request.
    """
    session: Session = ctx.obj
    if timeout < 1:
        raise BadInput(f"--timeout {timeout} is no time to answer in", help="Such as --timeout 60.")
    if session.options.no_commit:
        raise BadInput("a sync merges and pushes commits, so --no-commit leaves nothing of it", help="sync --dry-run")
    session.store.git  # noqa: B018 - NotARepository
    if background:
        return _apart(session, timeout)
    try:
        outcome = _preview(session, timeout) if dry_run else _once(session, timeout, wait=float(timeout))
    except NotDone as error:
        _show_what_waits(session, error)
        raise
    _show(session, outcome)
    _say_what_is_not_committed(session)
    return DONE


def _say_what_is_not_committed(session: Session) -> None:
    """Records that a hook kept from being committed, say: nobody else has them, and a sync brings them nowhere."""
    from svcops.store.walk import first_folders

    left = session.store.git.not_committed([name for name in first_folders() if (session.store.root / name).exists()])
    if left:
        more = f" and {len(left) - 1} more" if len(left) > 1 else ""
        session.warn(f"not shared, as not committed: {left[0]}{more}; git status lists them")


def _apart(session: Session, timeout: int) -> int:
    """Sync in the background, as long as changes ask for it; nothing where another sync runs, which will see to it.

    Whoever stops looks once more after letting the lock go: a change that came in between found it taken.
    """
    from svcops.store.background import is_wanted
    from svcops.store.lock import Locked

    git_dir = _git_dir(session)
    session.warn(f"{session.now():%Y-%m-%dT%H:%M:%SZ} process {os.getpid()}")
    while is_wanted(git_dir):
        try:
            outcome = _once(session, timeout, wait=0.0)
        except Locked:
            return DONE
        _show(session, outcome)
    return DONE


def _git_dir(session: Session) -> Path:
    git_dir = session.store.git_dir
    assert git_dir, "git answered"
    return git_dir


def _once(session: Session, timeout: int, *, wait: float) -> "Outcome":
    """One sync, alone in this clone; what could not be shared is noted for whoever writes next."""
    from svcops.store import background, sharing
    from svcops.store.lock import store_lock

    git_dir = _git_dir(session)
    with store_lock(background.folder_of(git_dir), session.say, wait=wait, doing="is at a sync") as held:
        interrupted = background.begin(git_dir)
        here = _here(session, timeout, held)
        try:
            if interrupted is not None:
                sharing.clear_dead_locks(here, interrupted)
            outcome = sharing.share(here)
        except NotDone as error:
            background.end(git_dir, _noted(session, error))
            raise
        background.end(git_dir, None)
    if wait and background.is_wanted(git_dir):
        with suppress(OSError):
            background.start(session.store.root, git_dir, session.env)
    return outcome


def _here(session: Session, timeout: int, *held: int) -> "Here":
    from svcops.store.sharing import Here

    return Here(
        root=session.store.root,
        git_dir=_git_dir(session),
        env=session.env,
        say=session.say,
        policy=lambda: _policy(session),
        random_bytes=session.random_bytes,
        seconds=timeout,
        keep_open=held,
    )


def _policy(session: Session) -> "Policy | None":
    """What svcops.yaml says now, as a merge may have changed it; None where it is damaged."""
    from svcops.store.graph import Graph
    from svcops.store.layout import SETTINGS

    graph = Graph(session.store.root, session.store.cache_folder)
    policy = graph.settings.policy
    is_damaged = any(one.severity == "error" and one.at.path == SETTINGS for one in graph.findings)
    return None if is_damaged else policy


def _preview(session: Session, timeout: int) -> "Outcome":
    from svcops.store.sharing import preview

    return preview(_here(session, timeout))


def _waiting(session: Session) -> "tuple[Route | None, list[Shared]]":
    """How the branch is shared, and what waits; nothing where git cannot tell."""
    from svcops.store import remotes

    try:
        route = remotes.route_of(session.store.git)
        return route, remotes.waiting(session.store.git, route)
    except NotDone:
        return None, []


def _noted(session: Session, error: NotDone) -> "Waits":
    from svcops.store.background import Waits

    _, waits = _waiting(session)
    changes = [one for one in waits if not one.is_merge]
    since = min((one.at for one in changes if one.at), default=None)
    return Waits(len(changes), since, error.message.split("\n")[0])


def _show_what_waits(session: Session, error: NotDone) -> None:
    """What could not be shared, before the error says why."""
    from svcops.cli import sync_presenting as presenting

    route, waits = _waiting(session)
    who = _who(session)
    if session.options.json:
        content = presenting.detail_of_failure(route, waits, error.message, who)
        session.show_json("svcops.sync/1", **content)
        return
    if not any(not one.is_merge for one in waits):
        return
    if session.options.quiet:
        for name in presenting.records_of(waits):
            session.show(name)
        return
    session.show_table(presenting.COLUMNS, presenting.rows("waits", waits, who, session.zone))
    told = _noted(session, error).told(session.now(), session.zone)
    session.say(f"{told} for {route.name}; nothing is lost" if route else told)


def _show(session: Session, outcome: "Outcome") -> None:
    from svcops.cli import sync_presenting as presenting

    who = _who(session)
    if session.options.json:
        session.show_json("svcops.sync/1", **presenting.detail(outcome, who))
        return
    if session.options.quiet:
        for name in presenting.records_of((*outcome.came, *outcome.went)):
            session.show(name)
        return
    table = [
        *presenting.rows("in", outcome.came, who, session.zone),
        *presenting.rows("out", outcome.went, who, session.zone),
    ]
    if table:
        session.show_table(presenting.COLUMNS, table)
    session.say(presenting.summary(outcome))
    for line in () if outcome.proposed else outcome.words:
        session.say(f"{outcome.route.remote} says: {line}")
    if outcome.proposed:
        where = outcome.pull_request or f"where {outcome.route.remote} is hosted"
        session.say(f"{outcome.to} waits for a pull request: {where}")


def _who(session: Session) -> "Callable[[Shared], str]":
    """Gives whoever made a commit: a person of the catalogue by name, others as git calls them."""
    known: dict[str, str] = {}

    def who(one: "Shared") -> str:
        if one.mail not in known:
            person = session.store.person_of(one.mail)
            known[one.mail] = one.name if person == one.mail else person
        return known[one.mail]

    return who


app = single(sync, name="sync", examples="svcops sync\nsvcops sync --dry-run\nsvcops sync --timeout 300")

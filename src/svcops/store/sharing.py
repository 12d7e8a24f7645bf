"""Sharing a store with other clones: fetch, merge, push, and again where somebody was faster.

Events are new files, so they never conflict. The network is asked without the store's lock, so that whoever writes does
not wait for it; the lock is held where the branch moves.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from svcops.errors import NotDone
from svcops.store import merging, remotes
from svcops.store.frozen import frozen
from svcops.store.git import Git
from svcops.store.layout import SETTINGS
from svcops.store.lock import clear_dead_lock
from svcops.store.remotes import Route, Shared, short
from svcops.store.settings import Policy
from svcops.store.writing import refuse_unfinished, settled

ATTEMPTS = 6
SECONDS = 60
"""How long a remote may take to answer."""
_MOST_NAMES = 3
_MOST_LINES = 20


class Refuses(NotDone):
    """The remote is there, and will not have the branch."""

    def __init__(self, route: Route, reason: str, words: Sequence[str], *, to_another: bool) -> None:
        said = "".join(f"\n  {route.remote} says: {line}" for line in words[:10])
        help_ = f"What {route.remote} says is not for svcops to change."
        if not to_another:
            help_ = (
                f"Where {short(route.ref)} is protected, name a branch for pull requests in {SETTINGS}:\n"
                "  policy: {sync_branch: svcops}"
            )
        super().__init__(f"{route.remote} refuses {short(route.ref)}: {reason}{said}", help=help_)


class AlwaysFaster(NotDone):
    """Somebody else pushed before each attempt."""

    def __init__(self, target: Route) -> None:
        super().__init__(f"others pushed to {target.name} before each of {ATTEMPTS} attempts", help="svcops sync")


class StaysLocked(NotDone):
    """Something at the remote holds a lock on the branch, or on its name, at each attempt."""

    def __init__(self, target: Route, reason: str, words: Sequence[str]) -> None:
        said = "".join(f"\n  {target.remote} says: {line}" for line in words[:10])
        super().__init__(
            f"{target.remote} cannot change {short(target.ref)}: {reason}{said}",
            help=f"A push that was killed there, or a branch of a name that is in the way, as {target.remote} says.\n"
            "Whoever runs it can mend that; svcops sync tries again.",
        )


@frozen
class Outcome:
    """What a sync did, or with `dry` would do. `to` is where it pushes to, by the name people call it.

    `merges` are the commits it made. What is `proposed` waits at the remote for a pull request, which is opened at the
    address `pull_request` where anybody knows it. `words` is what the remote said to the push.
    """

    route: Route
    to: str
    came: tuple[Shared, ...]
    went: tuple[Shared, ...]
    merges: tuple[str, ...]
    proposed: bool
    pull_request: str | None
    words: tuple[str, ...]
    attempts: int
    dry: bool = False


@frozen
class Here:
    """The clone that is synced, and the world around it.

    `policy` gives what the store's settings say when asked, None where they are damaged; `random_bytes` and `sleep` are
    for the pause before another attempt; a remote has `seconds` to answer each time it is asked.
    """

    root: Path
    git_dir: Path
    env: Mapping[str, str]
    say: Callable[[str], None]
    policy: Callable[[], Policy | None]
    random_bytes: Callable[[int], bytes]
    seconds: float = SECONDS
    sleep: Callable[[float], None] = time.sleep
    keep_open: tuple[int, ...] = ()

    @property
    def git(self) -> Git:
        """Git of this clone; what it starts holds the lock of the sync, too."""
        return Git(self.root, self.env, keep_open=self.keep_open)


def clear_dead_locks(here: Here, since_ns: int) -> None:
    """Remove the locks that the git of a killed sync left on what it fetches into; the caller holds the sync's lock."""
    from svcops.store.git_places import common_dir_of

    common = common_dir_of(here.git_dir)
    route = remotes.route_of(here.git)
    for lock in (common / f"{route.tracking}.lock", common / "packed-refs.lock", common / "shallow.lock"):
        cleared = clear_dead_lock(lock, since_ns)
        if cleared:
            here.say(cleared)


def preview(here: Here) -> Outcome:
    """Fetch, and say what a sync would bring and take; the branch and the work tree are left alone.

    Raises what the sync would raise before it changed anything.
    """
    git = here.git
    route = remotes.route_of(git)
    theirs = remotes.fetch(git, route, here.seconds)
    head = git.head()
    assert head, "a branch with a route is born"
    if theirs:
        merging.foresee(git, here.git_dir, head, theirs, route.name)
    target = _target(git, route, _policy(here))
    known = [theirs] if theirs else []
    if target != route:
        proposed = remotes.fetch(git, target, here.seconds)
        known += [proposed] if proposed else []
    came = remotes.between(git, known, [head])
    went = remotes.news(git, remotes.between(git, [head], known, *route.known), head, theirs)
    return _outcome(route, target.name, came, went, attempts=0, dry=True)


def share(here: Here) -> Outcome:
    """Fetch, merge, push; again while somebody is faster, or may have been.

    Raises NotDone where there is no way to share, and Unreachable, Conflict, InTheWay, HookRefused, Refuses or
    AlwaysFaster with nothing lost: what could not be pushed waits (`remotes.waiting`).
    """
    git = here.git
    refuse_unfinished(here.git_dir)
    git.me()
    route = remotes.route_of(git)
    start = _head(git, route)
    merges: list[str] = []
    tips: set[tuple[str, str | None]] = set()
    for attempt in range(1, ATTEMPTS + 1):
        before = remotes.seen(git, route)
        theirs = remotes.fetch(git, route, here.seconds)
        if before and theirs and not merging.is_before(git, before, theirs):
            here.say(f"{route.name} was rewritten: what this clone has of its history goes back there")
        merges += _bring_in(here, route, theirs)
        target = _target(git, route, _policy(here))
        proposed = None
        if target != route:
            target, proposed = _proposal(here, target, merges)
        known = list(filter(None, (theirs, proposed)))
        came = remotes.between(git, known, [start])
        commit = _head(git, route)
        if not _has_to_go(git, commit, theirs, proposed, direct=target == route):
            open_ = target != route and commit == proposed and not _is_there(git, commit, theirs)
            return _done(here, route, target, came, [], merges, attempt, (), open_=open_)
        went = remotes.news(git, remotes.between(git, [commit], known, *route.known), commit, theirs)
        pushed = remotes.push(git, target, commit, here.seconds)
        if pushed.answer == "done":
            return _done(here, route, target, came, went, merges, attempt, pushed.words, open_=target != route)
        if pushed.answer == "refused":
            raise Refuses(target, pushed.reason, pushed.words, to_another=target != route)
        tips.add((target.name, theirs if target == route else proposed))
        is_locked = pushed.answer == "locked" and len(tips) == 1  # whoever moved it meanwhile was faster
        if attempt == ATTEMPTS:
            break
        here.say(f"{target.name} is locked" if is_locked else f"somebody was faster: {pushed.reason}")
        here.sleep(attempt * (0.05 + 0.2 * int.from_bytes(here.random_bytes(2), "big") / 65535))
    raise StaysLocked(target, pushed.reason, pushed.words) if is_locked else AlwaysFaster(target)


def _head(git: Git, route: Route) -> str:
    """The commit that the branch of the route is, whichever one HEAD is on by now."""
    return git.text("rev-parse", "--verify", f"{route.branch}^{{commit}}")


def _policy(here: Here) -> Policy:
    """What the settings say; refused where they are damaged, as a protected branch is named there."""
    policy = here.policy()
    if policy is None:
        raise NotDone(
            f"{SETTINGS} is damaged, and where to push stands in it", help="Nothing was pushed; svcops check says why."
        )
    return policy


def _target(git: Git, route: Route, policy: Policy) -> Route:
    """Where to push: the branch of pull requests, where the settings name one and this is the remote's main branch.

    Where the clone does not know which is the remote's main branch, every branch is taken for it. Who pushes to another
    remote than they fetch from, as with a fork, always goes by pull requests.
    """
    branch = policy.sync_branch
    if route.pushes != route.remote:
        return route.to(branch or short(route.branch))
    if not branch or branch == short(route.ref):
        return route
    asked = ("symbolic-ref", "--quiet", f"refs/remotes/{route.remote}/HEAD")
    main = git.run(*asked, accept=(0, 1, 128)).stdout.decode().strip().removeprefix(f"refs/remotes/{route.remote}/")
    return route.to(branch) if main in ("", short(route.ref)) else route


def _bring_in(here: Here, route: Route, theirs: str | None) -> list[str]:
    """Merge what was fetched, under the store's lock; the merge that was made, if one was needed."""
    if theirs is None or merging.is_before(here.git, theirs, _head(here.git, route)):
        return []
    with settled(root=here.root, git_dir=here.git_dir, env=here.env, say=here.say) as git:
        refuse_unfinished(here.git_dir)
        if git.branch() != route.branch:
            raise NotDone(f"this is no longer {short(route.branch)}", help="Nothing was merged; run svcops sync again.")
        going = remotes.between(git, [_head(git, route)], [theirs])
        made = merging.bring_in(
            git,
            here.git_dir,
            branch=route.branch,
            theirs=theirs,
            name=route.name,
            message=message_of(going, route.name),
            say=here.say,
        )
    return [made] if made else []


def _proposal(here: Here, target: Route, merges: list[str]) -> tuple[Route, str | None]:
    """The branch of pull requests, with what others proposed on it merged; one beside it where that cannot be.

    With the commit that the remote has of it.
    """
    there = remotes.fetch(here.git, target, here.seconds)
    try:
        merges += _bring_in(here, target, there)
    except merging.Conflict as error:
        fresh = target.to(f"{short(target.ref)}-{_head(here.git, target)[:7]}")
        here.say(f"{error.message}; what is here goes to {fresh.name}")
        return fresh, remotes.fetch(here.git, fresh, here.seconds)
    return target, there


def _has_to_go(git: Git, commit: str, theirs: str | None, proposed: str | None, *, direct: bool) -> bool:
    """Whether a push would bring the remote anything.

    After a pull request was squashed its content is there, though its commits are not.
    """
    if direct:
        return commit != theirs
    return commit != proposed and not _is_there(git, commit, theirs)


def _is_there(git: Git, commit: str, theirs: str | None) -> bool:
    """Whether the remote's branch holds what a commit holds."""
    return theirs is not None and not git.run("diff", "--quiet", theirs, commit, "--", accept=(0, 1)).returncode


def _done(
    here: Here,
    route: Route,
    target: Route,
    came: list[Shared],
    went: list[Shared],
    merges: list[str],
    attempts: int,
    words: tuple[str, ...],
    *,
    open_: bool,
) -> Outcome:
    where = None
    if open_:
        address = remotes.address_of(here.git, target.remote)
        where = remotes.pull_request(_policy(here).pull_request, words, address, short(route.ref), short(target.ref))
    return _outcome(
        route, target.name, came, went, merges, proposed=open_, pull_request=where, words=words, attempts=attempts
    )


def _outcome(
    route: Route,
    to: str,
    came: Sequence[Shared],
    went: Sequence[Shared],
    merges: Sequence[str] = (),
    *,
    proposed: bool = False,
    pull_request: str | None = None,
    words: tuple[str, ...] = (),
    attempts: int,
    dry: bool = False,
) -> Outcome:
    return Outcome(route, to, tuple(came), tuple(went), tuple(merges), proposed, pull_request, words, attempts, dry=dry)


def message_of(going: Sequence[Shared], name: str) -> str:
    """The message of a merge, as a person would write it: whose changes go where, and which.

    It names no record in a trailer: a merge changes none.
    """
    changes = [one for one in going if not one.is_merge]
    people = list(dict.fromkeys(one.name for one in changes))
    named = people if len(people) <= _MOST_NAMES else [*people[: _MOST_NAMES - 1], "others"]
    who = " and ".join(filter(None, (", ".join(named[:-1]), *named[-1:])))
    counted = "one change" if len(changes) == 1 else f"{len(changes)} changes"
    subject = " ".join(f"Merge {f'{counted} by {who} ' if changes else ''}into {name}".split())
    lines = [f"- {' '.join(one.subject.split()) or '(no subject)'}" for one in changes[:_MOST_LINES]]
    if len(changes) > len(lines):
        lines.append(f"- and {len(changes) - len(lines)} more")
    return "\n".join([subject, "", *lines]).rstrip() + "\n"

"""Other clones: which one a branch is shared through, what is fetched from it, what is pushed to it, what waits for it.

Only the remotes of the clone's own configuration are ever asked; nothing of the store's files decides where they are.
"""

from datetime import UTC, datetime
from typing import Literal
from urllib.parse import quote, urlsplit

from svcops.errors import NotDone
from svcops.store.frozen import frozen
from svcops.store.git import Git, Unanswered

_FIELDS = "%H%x00%P%x00%an%x00%ae%x00%ct%x00%s%x00%(trailers:key=Svcops-Record,valueonly,separator=%x2C)"
_RACES = ("incorrect old value", "fetch first", "non-fast-forward")
_LOCKS = ("cannot lock ref", "failed to update ref")
"""What a remote says to the slower one of two, and for ever where a lock was left there, or the name cannot be."""


class NoRemote(NotDone):
    """The branch is shared through nothing."""

    def __init__(self, branch: str) -> None:
        super().__init__(
            f"there is no remote to share {branch} through",
            help="git remote add origin ADDRESS, where colleagues can reach it.\n"
            f"With several: git branch --set-upstream-to=REMOTE/BRANCH {branch}",
        )


class Unreachable(NotDone):
    """A remote does not answer, or does not let us in."""

    def __init__(self, remote: str, reason: str) -> None:
        super().__init__(f"{remote} cannot be reached: {reason}", help=f"git fetch {remote} asks it by hand.")
        self.reason = reason


@frozen
class Route:
    """How a branch is shared. `ref` is its full name at the remote, `tracking` what this clone last saw of that.

    `pushes` is the remote that git is told to push the branch to: another one for who works with a fork.
    """

    branch: str
    remote: str
    ref: str
    tracking: str
    pushes: str

    @property
    def name(self) -> str:
        """What people call the other side: origin/main."""
        return f"{self.remote}/{short(self.ref)}"

    def to(self, branch: str) -> "Route":
        """The route to another branch where one pushes, which goes by its short name."""
        remote = self.pushes
        return Route(self.branch, remote, f"refs/heads/{branch}", f"refs/remotes/{remote}/{branch}", remote)

    @property
    def known(self) -> tuple[str, ...]:
        """For git log: what the remotes are known to have."""
        return tuple(f"--remotes={remote}" for remote in dict.fromkeys((self.remote, self.pushes)))


@frozen
class Shared:
    """A commit that comes, goes or waits: which records it changed, by whom, and when; None where git cannot tell."""

    commit: str
    subject: str
    name: str
    mail: str
    at: datetime | None
    records: tuple[str, ...]
    is_merge: bool


@frozen
class Pushed:
    """What a remote said to a push: done, faster (somebody else was), locked, or refused; why; and its own words.

    Where it is locked, somebody else may have been faster; if the branch stays where it is, nobody was.
    """

    answer: Literal["done", "faster", "locked", "refused"]
    reason: str
    words: tuple[str, ...]


def short(ref: str) -> str:
    """A branch's name as people type it."""
    return ref.removeprefix("refs/heads/")


def route_of(git: Git) -> Route:
    """How the branch that HEAD is on is shared: through its upstream, else by its name, with origin or the only remote.

    Raises NotDone where HEAD is on no branch, or nothing is committed; NoRemote.
    """
    branch = git.branch()
    if branch is None:
        raise NotDone("HEAD is on no branch, so there is nothing to share", help="git switch main")
    if git.head() is None:
        raise NotDone(f"nothing is committed on {short(branch)} yet", help="git add --all && git commit")
    asked = "--format=%(upstream:remotename)%00%(upstream:remoteref)%00%(upstream)%00%(push:remotename)"
    remote, ref, tracking, pushes = git.text("for-each-ref", asked, branch).split("\n")[0].split("\0")
    remotes = git.text("remote").split()
    if remote == ".":
        raise NotDone(
            f"{short(branch)} follows another branch of this clone, none of a remote",
            help=f"git branch --set-upstream-to=origin/{short(branch)} {short(branch)}",
        )
    if not remote:
        remote, ref = ("origin" if "origin" in remotes else "".join(remotes[:1]) if len(remotes) == 1 else ""), branch
    if remote not in remotes:
        raise NoRemote(short(branch))
    pushes = pushes if pushes in remotes else remote
    return Route(branch, remote, ref, tracking or f"refs/remotes/{remote}/{short(ref)}", pushes)


def fetch(git: Git, route: Route, seconds: float) -> str | None:
    """The commit that the remote has at the other end of the route, fetched; None where it has no such branch."""
    calm = ("--quiet", "--no-tags", "--no-prune", "--no-recurse-submodules", "--no-write-fetch-head")
    try:
        done = git.talk("fetch", *calm, "--", route.remote, f"+{route.ref}:{route.tracking}", seconds=seconds)
    except Unanswered as error:
        raise Unreachable(route.remote, error.message) from None
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace")
        if "couldn't find remote ref" not in said:
            raise Unreachable(route.remote, _reason(said))
        if seen(git, route):
            git.run("update-ref", "-d", route.tracking)
        return None
    return seen(git, route)


def seen(git: Git, route: Route) -> str | None:
    """The commit that the remote had at the other end of the route when it was last asked."""
    asked = ("rev-parse", "--verify", "--quiet", f"{route.tracking}^{{commit}}")
    return git.run(*asked, accept=(0, 1)).stdout.decode().strip() or None


def push(git: Git, route: Route, commit: str, seconds: float) -> Pushed:
    """Push a commit to the other end of the route, never by force; Unreachable where there was no answer to it.

    A pre-push hook of this clone that refuses it raises NotDone.
    """
    calm = ("--porcelain", "--no-follow-tags", "--no-force")
    try:
        done = git.talk("push", *calm, "--", route.remote, f"{commit}:{route.ref}", seconds=seconds)
    except Unanswered as error:
        raise Unreachable(route.remote, error.message) from None
    said = done.stderr.decode("utf-8", "replace")
    words = tuple(line.removeprefix("remote:").strip() for line in said.splitlines() if line.startswith("remote:"))
    words = tuple(filter(None, words))
    if not done.returncode:
        if seen(git, route) != commit:
            git.run("update-ref", route.tracking, commit)
        return Pushed("done", "", words)
    refusals = [line for line in done.stdout.decode("utf-8", "replace").splitlines() if line.startswith("!")]
    if not refusals:
        if done.returncode != 1:
            raise Unreachable(route.remote, _reason(said))
        raise NotDone(f"the push was refused here, by the hook pre-push: {_reason(said)}", help="Nothing was pushed.")
    summary = refusals[0].rpartition("\t")[2]
    reason = summary.partition("(")[2].rstrip(")") or summary
    if summary.startswith("[rejected]") or reason.startswith(_RACES):
        return Pushed("faster", reason, words)
    return Pushed("locked" if reason.startswith(_LOCKS) else "refused", reason, words)


def _reason(said: str) -> str:
    """Why git failed, in one line of its own: the last thing that it calls fatal, or the first that it says."""
    lines = [line.strip() for line in said.splitlines() if line.strip() and not line.startswith("hint:")]
    fatal = [line.removeprefix("fatal: ") for line in lines if line.startswith("fatal: ")]
    vague = "Could not read from remote repository."
    told = [line for line in fatal if line != vague] or [line for line in lines if vague not in line]
    return (told or fatal or ["git does not say why"])[0].rstrip(".")


def between(git: Git, to: list[str], without: list[str], *more: str) -> list[Shared]:
    """The commits that these have, and those do not, the oldest first."""
    if not to:
        return []
    listed = git.text(
        "log", "-z", "--no-show-signature", "--reverse", f"--format={_FIELDS}", *to, "--not", *without, *more
    ).split("\0")
    fields = listed[: len(listed) // 7 * 7]
    rows = [fields[start : start + 7] for start in range(0, len(fields), 7)]
    return [
        Shared(
            commit,
            subject,
            name,
            mail.lower(),
            _moment(at),
            tuple(filter(None, (one.strip() for one in records.split(",")))),
            len(parents.split()) > 1,
        )
        for commit, parents, name, mail, at, subject, records in rows
    ]


def _moment(seconds: str) -> datetime | None:
    try:
        return datetime.fromtimestamp(int(seconds), UTC)
    except (ValueError, OverflowError, OSError):
        return None


def waiting(git: Git, route: Route) -> list[Shared]:
    """The commits of the branch that the remote had not when it was last asked, the oldest first."""
    last = seen(git, route)
    return news(git, between(git, [route.branch], [last] if last else [], *route.known), route.branch, last)


def news(git: Git, found: list[Shared], commit: str, theirs: str | None) -> list[Shared]:
    """Those of commits that say something that `theirs` does not hold; `commit` has them all.

    A pull request that was squashed is there as one commit, and what it was made of is no news. A commit without files
    is.
    """
    if theirs is None or not found:
        return found
    differing = set(git.text("diff", "--name-only", "--no-renames", "-z", theirs, commit, "--").split("\0"))
    asked = "".join(f"{one.commit}\n" for one in found).encode()
    flags = ("--no-walk=unsorted", "--format=%x01%H", "--name-only", "--no-renames", "-z", "--stdin")
    changed: dict[str, set[str]] = {}
    for one in git.text("log", *flags, stdin=asked).split("\1")[1:]:
        name, *paths = one.split("\0")
        changed[name] = {path.removeprefix("\n") for path in paths} - {"", "\n"}
    alone = {one.commit for one in found if not one.is_merge and not changed[one.commit]}
    told = alone | {name for name, paths in changed.items() if not paths.isdisjoint(differing)}
    return [one for one in found if one.commit in told or (one.is_merge and told)]


def address_of(git: Git, remote: str) -> str:
    """Where a remote is pushed to."""
    return git.text("remote", "get-url", "--push", remote).split("\n")[0]


def pull_request(given: str | None, words: tuple[str, ...], address: str, base: str, branch: str) -> str | None:
    """Where to open the pull request for a pushed branch; None where nobody knows.

    What the settings say (`{branch}` in it stands for the branch) goes before what the remote said to the push, and
    that before what its host is known for. `address` is where the remote is, by https or ssh.
    """
    if given:
        return given.replace("{branch}", quote(branch, safe="/"))
    said = [word for line in words for word in line.split() if word.startswith(("https://", "http://"))]
    return said[0] if said else _of_host(address, quote(base, safe="/"), quote(branch, safe="/"))


def _of_host(address: str, base: str, branch: str) -> str | None:
    host, path = _host_and_path(address)
    if not host or not path:
        return None
    page = f"https://{host}/{path}"
    if "github" in host:
        return f"{page}/compare/{base}...{branch}?expand=1"
    if "gitlab" in host:
        return f"{page}/-/merge_requests/new?merge_request%5Bsource_branch%5D={branch}"
    if any(word in host for word in ("gitea", "forgejo", "codeberg")):
        return f"{page}/compare/{base}...{branch}"
    if "bitbucket" in host:
        return f"{page}/pull-requests/new?source={branch}"
    return None


def _host_and_path(address: str) -> tuple[str, str]:
    """Host and path of a remote's address, without whoever logs in there; empty where it is none of a host."""
    if "://" not in address:
        host, colon, path = address.partition(":")
        if not colon or "/" in host:
            return "", ""
        address = f"ssh://{host}/{path}"
    try:
        parts = urlsplit(address)
        host = (parts.hostname or "") if parts.scheme in ("ssh", "git", "http", "https", "git+ssh") else ""
        port = f":{parts.port}" if parts.port and parts.scheme in ("http", "https") else ""
    except ValueError:
        return "", ""
    return f"{host}{port}" if host else "", parts.path.strip("/").removesuffix(".git")

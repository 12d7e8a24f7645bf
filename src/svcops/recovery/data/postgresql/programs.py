"""The programs of PostgreSQL: where they are, as whom they run, and with nothing around that leads them astray."""

import os
import re
import stat
from dataclasses import replace
from pathlib import Path

from svcops.recovery.interface import Answer, Failed, Work, has_no_room
from svcops.recovery.plan import Reason
from svcops.store.frozen import frozen

_PLACES = ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/opt/homebrew/opt/postgresql@*/bin")
"""Where systems keep them that do not put them on the PATH: Debian, Red Hat, Homebrew."""
_USERS = ("postgres", "nobody")
_SCRATCH = "svcops-drill-"
_VERSION = r"[1-9]\d|[89]\.\d"
"""Since 10 a major version is one number (https://www.postgresql.org/support/versioning/)."""
_LONGEST = 100
"""Characters of a version that are read."""
_PASSWORD = r"(?i)\b\w*(?:password|secret)\s*=|://[^/@\s]*:[^/@\s]*@"  # noqa: S105 - the pattern of one
_KEPT = ("PATH", "TMPDIR", "TZ", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")
"""What of the environment a server of the scratch folder is given: its user may read all of it in its processes."""


@frozen
class User:
    """Who programs run as where svcops is run by root, whom PostgreSQL refuses."""

    name: str
    uid: int
    gid: int

    @property
    def before(self) -> tuple[str, ...]:
        """What stands before a command, so that it runs as this user. It becomes the command, so signals reach that."""
        return ("setpriv", f"--reuid={self.uid}", f"--regid={self.gid}", "--clear-groups", "--")


def user() -> User | None:
    """Another user where this is root: postgres where there is one, else nobody; None where nothing is to be done."""
    import pwd

    if os.geteuid():
        return None
    for name in _USERS:
        try:
            found = pwd.getpwnam(name)
        except KeyError:
            continue
        return User(name, found.pw_uid, found.pw_gid)
    raise Failed("not-possible", f"PostgreSQL does not run as root, and there is no user {' or '.join(_USERS)}")


def give(path: Path, work: Work) -> None:
    """Have everything below a path of the scratch folder be owned by whom programs run as, and be reached by them."""
    whom = user()
    if whom is None:
        return
    for folder, folders, files in os.walk(path):
        for name in (*folders, *files):
            os.chown(Path(folder) / name, whom.uid, whom.gid, follow_symlinks=False)
    os.chown(path, whom.uid, whom.gid)
    for parent in path.parents:
        _let_through(parent, whom, is_ours=parent.is_relative_to(work.scratch) or _is_scratch(parent))


def _is_scratch(folder: Path) -> bool:
    return any(part.startswith(_SCRATCH) for part in folder.parts)


def _let_through(folder: Path, whom: User, *, is_ours: bool) -> None:
    """Let the group of a user pass through a folder of the scratch folder, and nobody else."""
    state = folder.stat()
    if state.st_mode & stat.S_IXOTH or (state.st_gid == whom.gid and state.st_mode & stat.S_IXGRP):
        return
    if not is_ours:
        raise Failed(
            "not-possible",
            f"{folder}: {whom.name}, as whom PostgreSQL runs where svcops is root, may not enter it; name another"
            " folder in environment.scratch",
        )
    os.chown(folder, -1, whom.gid)
    folder.chmod(stat.S_IMODE(state.st_mode) | stat.S_IXGRP)


def check_source(name: str, source: str) -> None:
    """Failed where a connection string holds a password: others see the arguments of a command."""
    from urllib.parse import unquote

    if re.search(_PASSWORD, unquote(source)):  # names in a URL may be written with %
        help_ = "it belongs into the environment (PGPASSWORD), or into a file (PGPASSFILE, PGSERVICEFILE)"
        raise Failed("not-possible", f"data {name}: source holds a password; {help_}")


@frozen
class Programs:
    """Those of one version, in one folder."""

    folder: Path
    major: int

    def path(self, name: str) -> str:
        """One of them."""
        return str(self.folder / name)

    def has(self, name: str) -> bool:
        """Whether it is there."""
        return (self.folder / name).is_file()


def programs(work: Work, major: int | None = None) -> Programs:
    """The newest that are installed, or those of a version; Failed (not-possible) where they are not."""
    import glob

    on_path = [Path(one) for one in work.env.get("PATH", "").split(os.pathsep) if one]
    known = [Path(one) for pattern in _PLACES for one in glob.glob(pattern)]
    found = [Programs(one, _major(one, work)) for one in (*on_path, *known) if _is_a_server(one)]
    fitting = [one for one in found if major in (None, one.major)]
    if not fitting:
        version = f" {major}" if major else ""
        raise Failed("not-possible", f"PostgreSQL{version} is not installed here: no initdb and postgres")
    return max(fitting, key=lambda one: one.major)


def version_of(data: Path) -> int:
    """The major version that a folder of a server's data is of; Failed where what stands there is none, or two."""
    said = {name: _first_line(data / name) for name in ("PG_VERSION", "base/1/PG_VERSION")}
    ours, other = said.values()
    if not re.fullmatch(_VERSION, ours):
        raise Failed("load-failed", f"PG_VERSION names no version of PostgreSQL: {ours!r}")
    if other != ours:
        raise Failed("load-failed", f"PG_VERSION says {ours!r}, and base/1/PG_VERSION says {other!r}")
    return int(ours.partition(".")[0])


def _first_line(path: Path) -> str:
    if not path.is_file():
        raise Failed(
            "load-failed", f"the backup holds no data of a server: {path.name} of {path.parent.name} is missing"
        )
    with path.open(encoding="utf-8", errors="replace") as file:
        return file.readline(_LONGEST).rstrip("\n")


def _is_a_server(folder: Path) -> bool:
    return all((folder / name).is_file() for name in ("initdb", "postgres", "pg_restore", "psql"))


def _major(folder: Path, work: Work) -> int:

    said = replace(work, env=plain(work)).run([str(folder / "postgres"), "--version"])
    found = re.search(r"(\d+)(?:\.\d+|devel|beta|rc|\s|$)", said.text)
    return int(found[1]) if found else 0


def plain(work: Work) -> dict[str, str]:
    """An environment that leads to no other server and holds no secret of another tool; messages are in English."""
    kept = {name: work.env[name] for name in _KEPT if name in work.env}
    return {**kept, "LC_ALL": "C", "PGCONNECT_TIMEOUT": "30"}


def checked(said: Answer, reason: Reason, what: str) -> Answer:
    """The answer; Failed where the command ended badly, with what it said first that is an error.

    A full disk here says nothing of the backup.
    """
    if said.exit:
        reason = "not-possible" if has_no_room(said.text) else reason
        lines = [line.strip() for line in said.text.splitlines() if "error" in line.lower() or "FATAL" in line]
        raise Failed(reason, f"{what}: {lines[0] if lines else said.last_line}", said.exit)
    return said

"""What a dump of one database names and does not hold, as the server says: roles and tablespaces."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from hashlib import sha256
from pathlib import Path

from svcops.recovery.data.postgresql.programs import give
from svcops.recovery.data.postgresql.server import Server
from svcops.store.frozen import frozen

_MISSED = re.compile(
    r'ERROR:  (?:(?P<kind>role|tablespace) "(?P<name>.+)" does not exist'
    r'|invalid value for parameter "default_tablespace": "(?P<space>.+)")$',
    re.MULTILINE,
)
_REFUSED = re.compile(r":(\d+): ERROR:  permission denied to change owner of ", re.MULTILINE)
"""Event triggers and the like belong to roles that may do everything; psql names the line of the statement."""
_OWNER = re.compile(r" OWNER TO (.+);$")


@frozen
class Needed:
    """Something that is missing: a role, a tablespace, or the right of a role to do everything (superuser)."""

    kind: str
    name: str
    """As it is called; of a superuser as SQL writes it."""

    @property
    def key(self) -> str:
        """What no other has."""
        return f"{self.kind} {self.name}"


def names_needed(said: str, script: Path) -> list[Needed]:
    """What a server missed, each once. `script` is what psql ran, whose lines it names."""
    found = [
        Needed("tablespace", match["space"]) if match["space"] else Needed(match["kind"], match["name"])
        for match in _MISSED.finditer(said)
    ]
    numbers = {int(number) for number in _REFUSED.findall(said)}
    return list(dict.fromkeys([*found, *(_superusers(script, numbers) if numbers else ())]))


def provide(server: Server, needed: Iterable[Needed], database: str) -> None:
    """Make what is missing. Roles may not log in; not-possible where this version knows none of that name.

    In the database that misses it: its names are bytes in the encoding of where they were given.
    """
    for one in needed:
        server.sql("not-possible", database, _PROVIDED[one.kind](server, one.name))


def _superusers(script: Path, numbers: set[int]) -> Iterator[Needed]:
    with script.open(encoding="utf-8", errors="replace") as file:
        for number, line in enumerate(file, 1):
            if number in numbers and (match := _OWNER.search(line.rstrip())):
                yield Needed("superuser", match[1])


def _role(server: Server, name: str) -> str:  # noqa: ARG001 - all are called alike
    return f"CREATE ROLE {_quoted(name)}"


def _superuser(server: Server, name: str) -> str:  # noqa: ARG001 - all are called alike
    return f"ALTER ROLE {name} SUPERUSER"


def _tablespace(server: Server, name: str) -> str:
    folder = server.place / "tablespaces" / sha256(name.encode()).hexdigest()[:16]
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    give(folder, server.work)
    return f"CREATE TABLESPACE {_quoted(name)} LOCATION '{str(folder).replace(chr(39), chr(39) * 2)}'"


_PROVIDED: Mapping[str, Callable[[Server, str], str]] = {
    "role": _role,
    "superuser": _superuser,
    "tablespace": _tablespace,
}


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'

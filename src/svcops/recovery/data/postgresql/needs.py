"""What a dump of one database names and does not hold, as the server says: roles and tablespaces."""

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from svcops.recovery.data.postgresql.programs import give
from svcops.recovery.data.postgresql.server import Server
from svcops.recovery.interface import Answer
from svcops.store.frozen import frozen

_MISSED = re.compile(
    r'ERROR:  (?:(?P<kind>role|tablespace) "(?P<name>.+)" does not exist'
    r'|invalid value for parameter "default_tablespace": "(?P<space>.+)")$',
    re.MULTILINE,
)
_REFUSED = re.compile(r"(?::(\d+): |: )ERROR:  permission denied to change owner of ")
"""Event triggers and the like belong to roles that may do everything; psql names the line of the statement."""
_OWNER = re.compile(r" OWNER TO (.+);$")


@frozen
class Needed:
    """Something that is missing: a role, a tablespace, or the right of a role to do everything (superuser)."""

    kind: str
    name: str
    """As it is called; of a superuser as SQL writes it. Bytes that are not UTF-8 are escaped."""


class Missing:
    """What a server misses, made step by step as it says so."""

    def __init__(self, server: Server, encoding: str) -> None:
        self._server = server
        self._encoding = encoding
        self._made: set[tuple[Needed, str]] = set()

    def make(self, said: Answer, script: Path) -> bool:
        """Whether something was made that was missed by `script`, which psql ran, or pg_restore something like it.

        Roles may not log in. Failed (not-possible) where this version knows none of that name.
        """
        new = [(one, place) for one in _names_needed(_escaped(said), script) if (place := self._place_of(one))]
        for one, place in new:
            sql = _MADE[one.kind](self._server, one.name)
            self._server.sql("not-possible", place, f"SET client_encoding = '{self._encoding}'", sql)
        self._made.update(new)
        return bool(new)

    def _place_of(self, one: Needed) -> str:
        """The database to make it in, as a name is kept in the bytes of that: where it was missed is not said."""
        places = ["template1"] if one.name.isascii() else [*self._server.databases(), "template1"]
        return next((place for place in places if (one, place) not in self._made), "")


def misses_something(said: Answer) -> bool:
    """Whether a server says that it misses what a dump does not hold."""
    text = _escaped(said)
    return bool(_MISSED.search(text) or _REFUSED.search(text))


def _escaped(said: Answer) -> str:
    """What it said, with every byte: a dump may be in any encoding, and so are the names in its errors."""
    return said.output.decode("utf-8", "surrogateescape")


def _names_needed(said: str, script: Path) -> list[Needed]:
    found = [
        Needed("tablespace", match["space"]) if match["space"] else Needed(match["kind"], match["name"])
        for match in _MISSED.finditer(said)
    ]
    numbers = {int(number) for number in _REFUSED.findall(said) if number}
    return list(dict.fromkeys([*found, *(_superusers(script, numbers) if numbers else ())]))


def _superusers(script: Path, numbers: set[int]) -> Iterator[Needed]:
    with script.open(encoding="utf-8", errors="surrogateescape") as file:
        for number, line in enumerate(file, 1):
            if number in numbers and (match := _OWNER.search(line.rstrip())):
                yield Needed("superuser", match[1])


def _role(server: Server, name: str) -> str:  # noqa: ARG001 - all are called alike
    return f"CREATE ROLE {_quoted(name)}"


def _superuser(server: Server, name: str) -> str:  # noqa: ARG001 - all are called alike
    return f"ALTER ROLE {name} SUPERUSER"


def _tablespace(server: Server, name: str) -> str:
    every = server.place / "tablespaces"
    every.mkdir(mode=0o700, exist_ok=True)
    folder = every / str(len(list(every.iterdir())))
    folder.mkdir(mode=0o700)
    give(every, server.work)
    return f"CREATE TABLESPACE {_quoted(name)} LOCATION '{str(folder).replace(chr(39), chr(39) * 2)}'"


_MADE: Mapping[str, Callable[[Server, str], str]] = {
    "role": _role,
    "superuser": _superuser,
    "tablespace": _tablespace,
}


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'

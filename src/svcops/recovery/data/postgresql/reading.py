"""What a database holds, as its server works it out (fingerprint.sql)."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

from svcops.recovery.interface import Failed
from svcops.recovery.model import Part
from svcops.recovery.plan import Reason

FINGERPRINT = Path(__file__).with_name("fingerprint.sql")
CHANGE = Path(__file__).with_name("change.sql")
_END = ["end"]
_TABLE = "table "


def parts_in(text: str, reason: Reason, database: str = "") -> Iterator[Part]:
    """The parts in what psql wrote; Failed where it did not come to its end."""
    for line in text.splitlines():
        found = _array(line)
        if found == _END:
            return
        if found:
            name, count, digest = found
            where = f"{database}: " if database else ""
            yield Part(name=_shown(f"{where}{name}"), count=int(count), digest=f"sha256:{digest}")
    raise Failed(reason, "what the database holds was not said to its end")


def check_it_holds_tables(parts: Iterable[Part], database: str = "") -> None:
    """Failed where a database holds none: a drill of the wrong one would pass, and prove nothing."""
    where = _shown(f"{database}: ") if database else ""
    if not any(one.name.startswith(f"{where}{_TABLE}") for one in parts):
        raise Failed("not-possible", f"{where}the database holds no table: is it the one that is meant?")


def variables(*, is_cluster: bool) -> list[str]:
    """What fingerprint.sql is told."""
    flag = "off" if is_cluster else "on"
    return ["-v", "ON_ERROR_STOP=1", "-v", f"sequence_values={flag}", "-v", f"unlogged={flag}"]


def _array(line: str) -> list[str]:
    if not line.startswith('["'):
        return []
    try:
        found = json.loads(line)
    except ValueError:
        return []
    return found if isinstance(found, list) else []


def _shown(name: str) -> str:
    """A name in one line."""
    return "".join(one if one.isprintable() else one.encode("unicode_escape").decode() for one in name)

"""Ids of what happens: `incident-20261123-k7f3q2`, a date and six Crockford base-32 characters.

Random, or derived from the key of something outside; never a counter and never a hash of the content, so that two
branches cannot collide and an import done twice gives one record.
"""

import re
from collections.abc import Callable, Iterable
from datetime import datetime

from svcops.errors import BadInput

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
TAIL = 6
_ID = re.compile(rf"[a-z-]+-[0-9]{{8}}-[{ALPHABET}]{{{TAIL}}}")
_OTHERS = re.compile(r"[^a-z0-9._]+")
_MISREAD = str.maketrans("ilo", "110")


class UnknownName(BadInput):
    """No record has that name or a name that begins so."""


class AmbiguousName(BadInput):
    """Several records have a name that begins so."""


def new_id(kind: str, at: datetime, random_bytes: Callable[[int], bytes]) -> str:
    """A new id of a kind, dated `at` in its own zone; `random_bytes(n)` gives the tail's randomness."""
    return f"{kind}-{at:%Y%m%d}-{tail_of(random_bytes(4))}"


def derived_id(kind: str, at: datetime, outside_key: str) -> str:
    """The id of a record that stands for something outside: the same key and date give the same id."""
    from hashlib import sha256

    return f"{kind}-{at:%Y%m%d}-{tail_of(sha256(outside_key.encode()).digest())}"


def tail_of(data: bytes) -> str:
    """Thirty bits as six characters."""
    number = int.from_bytes(data[:4], "big") >> 2
    return "".join(ALPHABET[number >> 5 * place & 31] for place in reversed(range(TAIL)))


def year_of(record_id: str) -> str:
    """The year in an id, which is its folder's name."""
    return record_id.rsplit("-", 2)[1][:4]


def tail(record_id: str) -> str:
    """The last six characters: what people type."""
    return record_id.rsplit("-", 1)[-1]


def is_id(name: str) -> bool:
    """Whether a name is an id of what happens."""
    return bool(_ID.fullmatch(name))


def near_slug(text: str) -> str:
    """The name nearest to a text that is none: pay-roll-1 of `Pay--roll (1)`; empty where there is none."""
    from unicodedata import normalize

    from svcops.store.model import SLUG

    plain = normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    near = re.sub(r"[._-]*([._-])", r"\1", _OTHERS.sub("-", plain)).strip("._-")
    return near if re.fullmatch(SLUG, near) else ""


def matching(given: str, names: Iterable[str]) -> list[str]:
    """The names that `given` may mean: that very name, else those it begins, or whose tail it begins."""
    names = list(names)
    wanted = given.strip().lower()
    if wanted in names:
        return [wanted]
    as_tail = wanted.translate(_MISREAD)
    found = [name for name in names if name.startswith(wanted) or (as_tail and tail(name).startswith(as_tail))]
    return found if wanted else []


def resolve(
    given: str,
    names: Iterable[str],
    *,
    noun: str,
    describe: Callable[[str], str] = str,
    help: str = "svcops incident list shows the incidents.",
) -> str:
    """The one name that `given` means.

    Raises UnknownName with the nearest name (or `help`), or AmbiguousName with the candidates, each as `describe`
    shows it.
    """
    names = list(names)
    found = matching(given, names)
    if len(found) == 1:
        return found[0]
    if found:
        listed = "\n".join(f"  {describe(name)}" for name in sorted(found)[:10])
        more = f"\n  and {len(found) - 10} more" if len(found) > 10 else ""
        raise AmbiguousName(f"{given} may be {len(found)} {noun}s:\n{listed}{more}", help="Type more of the id.")
    from svcops.store.suggest import did_you_mean

    near = did_you_mean(given, [*names, *map(tail, names)])
    raise UnknownName(f"there is no {noun} {given!r}", help=near or help)

"""Secrets are masked in what commands say, also where a value comes in two pieces.

Masked is a value as it is, and as JSON writes it; one that a command encodes otherwise, splits or prints backwards is
not known for what it is.
"""

import re
from collections.abc import Collection, Iterator, Mapping

MASK = b"***"
SHORTEST = 4
"""Characters of the shortest value that is masked: shorter ones stand in too many words that say nothing of them."""
_PARTS = re.compile(r"TOKEN|PASSW(?:OR)?D|PASSPHRASE|SECRET|CREDENTIAL|APIKEY|PRIVATE")
"""In the name of a variable, they tell that its value is secret."""
_WORDS = frozenset({"KEY", "KEYS", "PASS", "PAT", "PWD", "AUTH"})
"""They tell the same as words of a name: API_KEY, and not KEYBOARD. PWD alone is the folder."""
_IN_ADDRESS = re.compile(r"://[^/?#@\s:]*:([^/?#@\s]+)@")
"""A password where addresses have it (RFC 3986, section 3.2.1)."""
_ELSEWHERE = frozenset({"FILE", "PATH", "DIR", "COMMAND", "ID", "URL", "SOCK"})
"""At the end of a name, they tell where a secret is, and that the value is none."""


_IS_PLAIN = re.compile(r"[ !#-.0-\[\]-~]*")
"""What JSON writes as it is, whatever writes it (RFC 8259, section 7); most write a slash so, too."""


def sounds_secret(name: str) -> bool:
    """Whether the value of an environment variable of that name is likely to be secret."""
    words = name.upper().split("_")
    if words == ["PWD"]:
        return False
    return words[-1] not in _ELSEWHERE and bool(_PARTS.search(name.upper()) or _WORDS.intersection(words))


def secrets_of(env: Mapping[str, str], named: Collection[str] = ()) -> dict[str, str]:
    """The variables of an environment that are secret: those that are named, and those that sound like it.

    Of addresses such as postgres://ada:secret@db.example the password is, whatever the variable is called.
    """
    found = {name: value for name, value in env.items() if value and (name in named or sounds_secret(name))}
    for name, value in env.items():
        inside = _IN_ADDRESS.findall(value) if "://" in value else []
        found |= {f"password {number} in {name}": one for number, one in enumerate(inside, 1)}
    return found


class Masker:
    """Masks values in a stream of bytes. `too_short` names those that are not masked, as they are too short."""

    def __init__(self, secrets: Mapping[str, str] | Collection[str]) -> None:
        named = secrets if isinstance(secrets, Mapping) else {one: one for one in secrets}
        self.too_short = tuple(name for name, value in named.items() if len(value.strip()) < SHORTEST)
        values = {part for value in named.values() for part in (value.strip(), *value.split("\n"))}
        values |= {form for value in values if not _IS_PLAIN.fullmatch(value) for form in _in_json(value)}
        kept = [one.encode("utf-8", "surrogateescape") for one in values if len(one.strip()) >= SHORTEST]
        self._values = sorted(kept, key=len)
        self._waiting = b""

    def anew(self) -> "Masker":
        """One of the same values, for another stream."""
        found = Masker(())
        found._values, found.too_short = self._values, self.too_short
        return found

    def feed(self, data: bytes) -> bytes:
        """What may be shown by now; the end is held back where it may be the beginning of a value."""
        text = self._waiting + data
        covered = self._covered(text)
        until = self._beginning(text)
        for start, end in covered:
            if start < until < end:
                until = start
        self._waiting = text[until:]
        return _masked(text[:until], [one for one in covered if one[1] <= until])

    def rest(self) -> bytes:
        """What was held back, once there is no more."""
        text, self._waiting = self._waiting, b""
        return _masked(text, self._covered(text))

    def mask(self, text: str) -> str:
        """A whole text, apart from the stream."""
        data = text.encode("utf-8", "surrogateescape")
        return _masked(data, self._covered(data)).decode("utf-8", "surrogateescape")

    def _beginning(self, text: bytes) -> int:
        """Where the earliest beginning of a value stands that the text breaks off in; its length where none does."""
        longest = len(self._values[-1]) if self._values else 0
        for place in range(max(0, len(text) - longest + 1), len(text)):
            tail = text[place:]
            if any(len(one) > len(tail) and one.startswith(tail) for one in self._values):
                return place
        return len(text)

    def _covered(self, text: bytes) -> list[tuple[int, int]]:
        """Where values stand, those that overlap as one."""
        covered: list[tuple[int, int]] = []
        for start, end in sorted(self._found(text)):
            if covered and start < covered[-1][1]:
                covered[-1] = (covered[-1][0], max(end, covered[-1][1]))
            else:
                covered.append((start, end))
        return covered

    def _found(self, text: bytes) -> Iterator[tuple[int, int]]:
        for value in self._values:
            place = text.find(value)
            while place >= 0:
                yield place, place + len(value)
                place = text.find(value, place + 1)


def _in_json(value: str) -> Iterator[str]:
    """A value inside of the quotes of JSON, as the common writers write it."""
    import json

    for is_ascii in (True, False):
        form = json.dumps(value, ensure_ascii=is_ascii)[1:-1]
        yield form
        yield form.replace("/", "\\/")


def _masked(text: bytes, covered: list[tuple[int, int]]) -> bytes:
    pieces, at = [], 0
    for start, end in covered:
        pieces += [text[at:start], MASK]
        at = end
    return b"".join([*pieces, text[at:]])

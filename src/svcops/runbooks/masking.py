"""Secrets in what commands say: their values are masked before anybody sees or keeps them."""

import re
from collections.abc import Collection, Iterable, Mapping

MASK = b"[masked]"
_LEAST = 4
"""Characters: a shorter value stands in too much that is none."""
_SOUNDS_LIKE = re.compile(
    r"(?:^|_)(?:TOKEN|PASSWORD|PASSWD|PASS|PASSPHRASE|PASSCOMMAND|SECRET|SECRETS|KEY|APIKEY|CREDENTIALS?|PGPASSWORD"
    r"|PWD_HASH|AUTH|COOKIE)(?:$|_)",
    re.IGNORECASE,
)
_NO_SECRET = re.compile(r"_(?:FILE|PATH|DIR|ID|NAME|SOCK)$", re.IGNORECASE)


def is_secret(name: str, named: Collection[str]) -> bool:
    """Whether a variable is one of those `named`, or sounds like a secret: a file that holds one is none itself."""
    return name in named or bool(_SOUNDS_LIKE.search(name) and not _NO_SECRET.search(name))


def secrets_in(env: Mapping[str, str], named: Collection[str]) -> tuple[set[bytes], list[str]]:
    """The values to mask, and the variables whose value is too short for that."""
    held = {name: value for name, value in env.items() if is_secret(name, named) and value}
    short = sorted(name for name, value in held.items() if len(value) < _LEAST)
    return {value.encode() for name, value in held.items() if name not in short}, short


class Masker:
    """Masks values in a stream of bytes, also where one comes in two pieces.

    What may be the beginning of a value is held back until it is known not to be.
    """

    def __init__(self, values: Iterable[bytes]) -> None:
        self._held = b""
        self._values: tuple[bytes, ...] = ()
        self.learn(values)

    def learn(self, values: Iterable[bytes]) -> None:
        """Mask these, too, from now on; of a value of several lines each line as well."""
        every = {*self._values, *(line for one in values for line in (one, *one.splitlines()) if len(line) >= _LEAST)}
        self._values = tuple(sorted(every, key=lambda one: (-len(one), one)))
        self._pattern = re.compile(b"|".join(map(re.escape, self._values))) if self._values else None

    def feed(self, data: bytes) -> bytes:
        """What can be shown now."""
        if self._pattern is None:
            return data
        text = self._held + data
        end = len(text) - self._beginning(text)
        for found in self._pattern.finditer(text):
            if found.start() < end < found.end():
                end = found.start()  # a longer value may begin with this one
        self._held = text[end:]
        return self._pattern.sub(MASK, text[:end])

    def rest(self) -> bytes:
        """What was held back, at the end."""
        text, self._held = self._held, b""
        return self._pattern.sub(MASK, text) if self._pattern else text

    def mask(self, data: bytes) -> bytes:
        """Something that is whole."""
        return self._pattern.sub(MASK, data) if self._pattern else data

    def _beginning(self, text: bytes) -> int:
        """How many of the last bytes may be the beginning of a value."""
        most = 0
        for value in self._values:
            for length in range(min(len(value) - 1, len(text)), most, -1):
                if text.endswith(value[:length]):
                    most = length
                    break
        return most

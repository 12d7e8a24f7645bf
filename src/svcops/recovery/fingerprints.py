"""Fingerprints: parts with count and digest, and one digest over all of them. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from hashlib import sha256

from svcops.recovery.model import Fingerprint, Part
from svcops.terminal.session import printable

MOST_PARTS = 2000
"""Parts that are written down one by one; of more, the digest over all of them alone."""


def fingerprint_of(data: str, parts: Iterable[Part]) -> Fingerprint:
    """The fingerprint of a data set; parts count in the order of their names, whatever order they come in.

    A name counts as it is, and is written down as it can be shown: it may hold what no record does.
    """
    every = tuple(sorted(parts, key=lambda one: one.name))
    whole = sha256()
    for one in every:
        whole.update(f"{one.name}\0{one.count}\0{one.digest}\n".encode("utf-8", "surrogateescape"))
    kept = tuple(replace(one, name=_shown(one.name)) for one in every) if len(every) <= MOST_PARTS else ()
    return Fingerprint(data=data, digest=f"sha256:{whole.hexdigest()}", parts=kept)


def _shown(name: str) -> str:
    return printable(name.encode("utf-8", "backslashreplace").decode())


def differences(expected: Fingerprint, actual: Fingerprint) -> Iterator[str]:
    """What of a data set is not what was expected, a part a line; one line where parts are not known."""
    if expected.digest == actual.digest:
        return
    known, found = ({one.name: one for one in of.parts} for of in (expected, actual))
    told = False
    for name in sorted(known.keys() | found.keys()):
        line = _difference(known.get(name), found.get(name)) if known and found else ""
        if line:
            told = True
            yield f"{name}: {line}"
    if not told:
        yield "its content is another"


def _difference(expected: Part | None, actual: Part | None) -> str:
    if expected is None:
        return "not in the baseline"
    if actual is None:
        return "missing"
    if expected.count != actual.count:
        return f"{actual.count} in place of {expected.count}"
    return "" if expected.digest == actual.digest else f"{actual.count} as expected, and the content is another"


def digest_of_rows(rows: Sequence[bytes]) -> str:
    """The digest of a set of rows, in an order that their content alone gives."""
    whole = sha256()
    for row in sorted(sha256(one).digest() for one in rows):
        whole.update(row)
    return f"sha256:{whole.hexdigest()}"

"""The baseline: findings that an old store had when it began to be checked, so that only new ones are reported.

One line a finding, in the order of paths, so that two branches that both shorten it merge. A finding is known again by
its fingerprint, which a moved line does not change.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from svcops.checking.model import Finding
from svcops.errors import BadInput
from svcops.store.change import Change, digest_of
from svcops.store.frozen import frozen

FILE = "check-baseline.txt"
_HEAD = """\
# What svcops check --baseline leaves out: findings that were there when the store began to be checked.
# Written by svcops check --write-baseline; a line that is taken away is reported again.
"""
_CONFLICT = ("<<<<<<< ", "||||||| ", "=======", ">>>>>>> ")
_MERGE = f"""\
Take the marker lines out and keep the lines of both sides, or take one side:
git checkout --theirs -- {FILE}
Then git add -- {FILE}, finish the merge, and svcops check --write-baseline takes out what is mended."""


class Missing(BadInput):
    """There is no baseline."""

    def __init__(self) -> None:
        super().__init__(f"there is no {FILE}", help="svcops check --write-baseline makes it.")


@frozen
class Listed:
    """A line of the baseline."""

    code: str
    path: str


@frozen
class Compared:
    """Findings beside a baseline."""

    new: tuple[tuple[Finding, str], ...]
    """With their fingerprints."""
    known: int
    gone: frozenset[str]
    """The fingerprints that the baseline lists, and that are not found any more."""


def content(root: Path) -> bytes:
    """The baseline of the work tree; BadInput where there is none."""
    try:
        return (root / FILE).read_bytes()
    except FileNotFoundError:
        raise Missing from None
    except OSError as error:
        raise BadInput(f"{FILE} cannot be read: {error.strerror}", help="It is a file; put it right first.") from None


def read(data: bytes, *, is_merged: bool = False) -> dict[str, Listed]:
    """What a baseline lists, by fingerprint; BadInput where it is damaged.

    In one that git has just merged, what it could not merge holds the lines of both sides: MRG001 says so.
    """
    try:
        lines = data.decode().splitlines()
    except UnicodeDecodeError:
        raise BadInput(f"{FILE} is not UTF-8 text", help="svcops check --write-baseline makes it anew.") from None
    known = {}
    for number, line in enumerate(lines, 1):
        words = line.split(" ", 2)
        if line.startswith("#") or not line:
            continue
        if line.startswith(_CONFLICT):
            if is_merged:
                continue
            raise BadInput(f"{FILE}:{number} is where a merge left a conflict open", help=_MERGE)
        if len(words) != 3:
            help_ = "svcops check --write-baseline makes it anew."
            raise BadInput(f"{FILE}:{number} is not a fingerprint, a code and a path", help=help_)
        known[words[0]] = Listed(*words[1:])
    return known


def compare(
    findings: Sequence[Finding],
    marks: Sequence[str],
    baseline: Mapping[str, Listed],
    is_always_new: Callable[[Finding], bool] = lambda _: False,
) -> Compared:
    """Which of the findings, with these fingerprints, are new: not listed, or such as no list leaves out."""
    marked = zip(findings, marks, strict=True)
    new = tuple((one, mark) for one, mark in marked if mark not in baseline or is_always_new(one))
    return Compared(new, known=len(findings) - len(new), gone=frozenset(baseline.keys() - marks))


def change(
    root: Path, findings: Sequence[Finding], marks: Sequence[str], kept: Mapping[str, Listed] = MappingProxyType({})
) -> Change | None:
    """The change that writes the baseline anew; None where it says that already.

    `kept` are lines that stay: of what may still be there, and nobody can tell.
    """
    found = [(one.at.path, one.code, mark) for one, mark in zip(findings, marks, strict=True)]
    order = sorted([*found, *((one.path, one.code, mark) for mark, one in kept.items())])
    text = _HEAD + "".join(f"{mark} {code} {_one_line(path)}\n" for path, code, mark in order)
    try:
        there = (root / FILE).read_bytes()
    except FileNotFoundError:
        before = {}
    else:
        if there == text.encode():
            return None
        before = {FILE: digest_of(there)}
    number = len(order)
    subject = f"Take {number} finding{'s' if number != 1 else ''} into the baseline"
    return Change(subject, {FILE: text.encode()}, before, records=(FILE,))


def _one_line(path: str) -> str:
    return path.encode("unicode_escape").decode() if not path.isprintable() else path

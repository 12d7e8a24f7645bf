"""The form of evidence that the script of a bundle reads (bundled/verify.sh): lines as svcops writes them, and no YAML.

Whoever edits a record by hand may write the same in another way. They hear of it before anybody signs.
"""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from svcops.store.recording import text_of

if TYPE_CHECKING:
    from svcops.recovery.model import Evidence

_KEY = re.compile(r"[a-z_]+:(?= |$)")
_LISTS = ("after:", "cases:", "stages:")
_OF_A_LIST = re.compile(r"(?:  - |    )[a-z_]+:(?: |$)|      ")
_READ = re.compile(r"(?:by|id|verdict|witness): |(?:  - |    )(?:id|log|digest): ")


def unread_line(data: bytes, record: "Evidence") -> str:
    """The first line of evidence that the script would not read as what the record says; empty where there is none."""
    written = _by_key(_read(text_of(record)))
    for key, lines in _by_key(_read(data.decode("utf-8", "replace"))).items():
        expected = written.get(key, [])
        for number, line in enumerate(lines):
            if number >= len(expected) or line != expected[number]:
                return line
    return ""


def _by_key(lines: Iterator[tuple[str, str]]) -> dict[str, list[str]]:
    found = dict[str, list[str]]()
    for key, line in lines:
        found.setdefault(key, []).append(line)
    return found


def _read(text: str) -> Iterator[tuple[str, str]]:
    """The lines that decide something, with the key that each stands below; with none those that the script refuses."""
    key = ""
    for line in text.split("\n"):
        if begins := _KEY.match(line):
            key = begins[0]
        elif not line or line.startswith("#"):
            continue
        if _is_known(line, key, begins=bool(begins)):
            if _READ.match(line) and (begins or key in _LISTS):
                yield key, line
        else:
            yield "", line


def _is_known(line: str, key: str, *, begins: bool) -> bool:
    if key in _LISTS:
        return line == key if begins else bool(_OF_A_LIST.match(line))
    return begins or (bool(key) and line.startswith(" "))

"""The form of evidence that the script of a bundle reads (bundled/verify.sh): lines as svcops writes them, and no YAML.

Whoever edits a record by hand may write the same in another way. They hear of it before anybody signs.
"""

import re
from collections.abc import Iterator
from itertools import zip_longest
from typing import TYPE_CHECKING

from svcops.store.graph import Graph
from svcops.store.people import who
from svcops.store.recording import text_of

if TYPE_CHECKING:
    from svcops.recovery.model import Evidence

_KEY = re.compile(r"[a-z_]+:(?= |$)")
_LISTS = ("after:", "cases:", "stages:")
_OF_A_LIST = re.compile(r"(?:  - |    )[a-z_]+:(?: |$)|      ")
_ADDRESS = re.compile(r"[^\s<>@]+@[^\s<>@]+")
_READ = re.compile(r"(?:by|id|verdict|witness): |(?:  - |    )(?:id|log|digest): ")


def unread_line(data: bytes, record: "Evidence") -> str:
    """The first line of evidence that the script would not read as what the record says; empty where there is none."""
    written, there = (_by_key(_read(text)) for text in (text_of(record), data.decode("utf-8", "replace")))
    for key in dict.fromkeys((*there, *written)):
        for line, expected in zip_longest(there.get(key, ()), written.get(key, ()), fillvalue=""):
            if line != expected:
                return line or expected
    return ""


def unread_name(record: "Evidence", graph: Graph) -> str:
    """The name of who was there that the script, which looks for a file or an address of that name, would not know."""
    names = filter(None, (record.by, record.witness))
    return next((one for one in names if not (_ADDRESS.fullmatch(one) or one == who(graph, one))), "")


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

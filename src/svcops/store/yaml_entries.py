"""The entries of a mapping or a list as stretches of text that can be put in another order, for edits and `fmt`.

An entry is its key or dash, its value and the comments that belong to it: those directly above it, the one behind it,
and those below it that stand further right.
"""

import re
from collections.abc import Mapping, Sequence
from typing import TypeVar

from svcops.checking.model import KeyPath
from svcops.store.yaml_text import YamlText

_COMMENT = re.compile(r"[ \t]*#")
_DASHES = re.compile(r"(?: *- +)+(?=#)")
_BLANK = re.compile(r"[ \t]*(?:\r\n|[\r\n])")

_Key = TypeVar("_Key")
_Stretch = tuple[int, int]
"""The offsets of its begin and its end."""


def in_brackets(here: YamlText, place: KeyPath, places: Sequence[KeyPath]) -> list[_Stretch]:
    """Where the entries of a collection in brackets stand, without what separates them. Raises CannotEdit."""
    inside = here.text[here.start(place) : here.end(place)]
    if "#" in inside and "\n" in inside:
        raise here.cannot("a comment in brackets may belong to either side")
    return [(here.entry_start(one), here.end(one)) for one in places]


def in_lines(here: YamlText, places: Sequence[KeyPath]) -> list[_Stretch]:
    """Where the entries of a collection without brackets stand, with their comments, without the last line's break.

    What stands beside a dash begins there. Raises CannotEdit where two entries share a line.
    """
    starts = [here.key(one)[0] if one in here.places.keys else here.dash(one) for one in places]
    column = here.column(starts[0])
    if any(here.text[here.line_start(start) : start].strip(" ") for start in starts[1:]):
        raise here.cannot()
    ends = [_end(here, one, column) for one in places]
    begin = here.line_start(starts[0])
    beside_dash = bool(here.text[begin : starts[0]].strip(" "))
    first = starts[0] if beside_dash else _comments_above(here, begin, column)
    following = [here.next_line(end) for end in ends[:-1]]
    return list(zip([first, *following], ends, strict=True))


def joined(here: YamlText, begin: int, texts: Mapping[_Key, str], order: Sequence[_Key]) -> str:
    """The entries of a collection without brackets, which begins at `begin`, in another order: those of `order`.

    `texts` begins with the first entry that was. The blank lines above the new first one stay behind it. What begins
    beside a dash lacks the indent that its successor has.
    """
    first, was_first = order[0], next(iter(texts))
    found = dict(texts)
    if first != was_first:
        beside_dash = bool(here.text[here.line_start(begin) : begin].strip(" "))
        indent = " " * here.column(begin) if beside_dash else ""
        blank = _blank_lines(texts[first])
        head = texts[first][len(blank) :]
        found[first] = head.lstrip(" ") if beside_dash else head
        found[was_first] = blank + indent + texts[was_first]
    return here.eol.join(found[key] for key in order)


def _end(here: YamlText, place: KeyPath, column: int) -> int:
    """Where the last line of an entry ends, with the comments below it that stand further right than its key."""
    end = here.line_end(here.end(place))
    at = here.next_line(end)
    while at < len(here.text):
        stop = here.line_end(at)
        line = here.text[at:stop]
        if line.strip() and not (_COMMENT.match(line) and len(line) - len(line.lstrip()) > column):
            break
        if line.strip():
            end = stop
        if stop == len(here.text):
            break
        at = here.next_line(stop)
    return end


def _comments_above(here: YamlText, start: int, column: int) -> int:
    """Where the comments begin that stand directly above the line at `start`, the first perhaps beside a dash."""
    while start:
        above = here.line_start(here.end_of_line_before(start))
        if not _COMMENT.match(here.text, above, start):
            dash = _DASHES.match(here.text, above, start)
            return dash.end() if dash and dash.end() - above == column else start
        start = above
    return start


def _blank_lines(text: str) -> str:
    """The blank lines that a text begins with."""
    end = 0
    while found := _BLANK.match(text, end):
        end = found.end()
    return text[:end]

"""Which of a file's text is comment: a mark inside a value, or shown in a page as an example, is none."""

import re
from bisect import bisect_right
from collections.abc import Callable

from svcops.store.documents import split_front_matter

_FENCE = re.compile(r"[ \t>]*(?:(?:[-*+]|[0-9]{1,9}[.)])[ \t]+)?(`{3,}|~{3,})(.*)", re.DOTALL)
"""Of code in Markdown (https://spec.commonmark.org/0.31.2/#fenced-code-blocks), in lists and quotations too."""
_CODE = re.compile(r"(?<!`)(`+)(?!`).*?(?<!`)\1(?!`)", re.DOTALL)
_LONGEST = 10_000
"""Characters of a line in which code is looked for, which takes time by their square."""

IsComment = Callable[[int], bool]
"""Whether a comment may begin at an offset of the text."""


def comments_of(text: str, path: str) -> IsComment:
    """Tell comments of a record's text, decoded without a byte order mark; `path` says whether it is YAML or Markdown.

    Past the place where YAML can no longer be read, everything may be one.
    """
    return _of_page(text) if path.endswith(".md") else _of_yaml(text)


def _of_yaml(text: str) -> IsComment:
    from yaml import YAMLError
    from yaml._yaml import CParser
    from yaml.events import ScalarEvent, StreamEndEvent

    text += "\n"  # so that every line has an end
    starts, ends = [], []
    parser = CParser(text)
    try:
        while not isinstance(event := parser.get_event(), StreamEndEvent):
            if isinstance(event, ScalarEvent):
                assert event.start_mark
                assert event.end_mark
                start = event.start_mark.index
                if event.style in ("|", ">"):  # the first line of these may end with a comment
                    start = text.find("\n", start)
                starts.append(start)
                ends.append(event.end_mark.index)
    except YAMLError:
        pass

    def is_comment(offset: int) -> bool:
        before = bisect_right(starts, offset) - 1
        return before < 0 or ends[before] <= offset

    return is_comment


def _of_page(text: str) -> IsComment:
    """Comments below the front matter that stand in no code: told line by line, in time that grows with the text."""
    split = split_front_matter(text)
    first = len(text) - len(split.body) if split else 0
    starts, ends, fence, offset = [0], [first], "", first
    for line in text[first:].split("\n"):
        found = _FENCE.match(line)
        inside = bool(fence)
        if found and not fence and not (found[1][0] == "`" and "`" in found[2]):
            fence = found[1]
        elif found and fence and found[1].startswith(fence) and not found[2].strip():
            fence = ""
        code = [(0, len(line))] if inside or fence else _code_in(line)
        starts += (offset + start for start, _ in code)
        ends += (offset + end for _, end in code)
        offset += len(line) + 1
    return lambda offset: ends[bisect_right(starts, offset) - 1] <= offset


def _code_in(line: str) -> list[tuple[int, int]]:
    return [one.span() for one in _CODE.finditer(line)] if "`" in line and len(line) <= _LONGEST else []

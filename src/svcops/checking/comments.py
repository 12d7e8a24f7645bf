"""Which of a file's text is comment: a mark inside a value, or shown in a page as an example, is none."""

import re
from bisect import bisect_right
from collections.abc import Callable

from svcops.store.documents import split_front_matter

_LINE_END = re.compile("\r\n?|\n")
"""Of Markdown (https://spec.commonmark.org/0.31.2/#line-ending)."""

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

    starts, ends = [], []
    parser = CParser(text)
    try:
        while not isinstance(event := parser.get_event(), StreamEndEvent):
            if isinstance(event, ScalarEvent):
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
    """Comments of the Markdown below the front matter, told apart by line: what stands in code is text."""
    from markdown_it import MarkdownIt

    split = split_front_matter(text)
    body = split.body if split else text
    first = len(text) - len(body)
    starts = [first, *(first + end.end() for end in _LINE_END.finditer(body))]
    lines: set[int] = set()
    for token in MarkdownIt("commonmark").parse(body):
        is_html = token.type == "html_block" or any(child.type == "html_inline" for child in token.children or ())
        if is_html and token.map:
            lines.update(range(*token.map))
    return lambda offset: bisect_right(starts, offset) - 1 in lines

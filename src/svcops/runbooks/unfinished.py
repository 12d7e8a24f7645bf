"""What somebody left in a runbook to fill in later, as the check finds it."""

import re
from collections.abc import Iterator

from svcops.checking.model import Span
from svcops.runbooks.scanning import lines_of
from svcops.runbooks.structure import SHELLS
from svcops.store.frozen import frozen

_YOURS = r"<your[-_ ][^<>\n]*>"
_WORDS = r"(?<![\w./-])(?:TODO|FIXME|TBD|CHANGEME)(?![\w/-])"
_IN_CODE = re.compile(f"{_YOURS}|{_WORDS}", re.ASCII)
_NAMED = r"(?:(?<=[\s/=:@.-])|(?<==[\"'])|^)<(?!none>)[A-Za-z][\w.-]*>(?=[\s/:\"',.)-]|$)"
_IN_SHELL = re.compile(f"{_YOURS}|{_WORDS}|{_NAMED}", re.ASCII | re.MULTILINE)
"""A name in angle brackets is no command: a shell reads the file of that name, and writes over what follows."""
_IN_TEXT = re.compile(rf"{_YOURS}|{_WORDS}|(?<![\w./-])XXX(?![\w/-])", re.ASCII)
"""XXX in code is as often what mktemp(1) fills in."""
_QUOTED = re.compile(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)")


@frozen
class Placeholder:
    """What stands in the place of something, and where."""

    text: str
    span: Span


def placeholders_of(body: str, first_line: int = 1) -> tuple[Placeholder, ...]:
    """The placeholders of a text that begins on that line of its file, in order."""
    return tuple(_placeholders(body, first_line)) if _IN_TEXT.search(body) or _IN_SHELL.search(body) else ()


def _placeholders(body: str, first_line: int) -> Iterator[Placeholder]:
    is_shell = False
    for number, line, kind, language, _ in lines_of(body, first_line):
        if kind == "open":
            is_shell = language.partition(" ")[0] in SHELLS
        pattern = _IN_TEXT if kind == "text" else _IN_SHELL if is_shell and kind == "code" else _IN_CODE
        for found in pattern.finditer(line):
            if kind != "text" or found[0].startswith("<") or not _is_quoted(line, found.start()):
                yield Placeholder(found[0], Span(number, found.start() + 1, number, found.end() + 1))


def _is_quoted(line: str, place: int) -> bool:
    """Whether a word stands in code within the text, which speaks of it: `TODO`."""
    return any(one.start() < place < one.end() for one in _QUOTED.finditer(line))

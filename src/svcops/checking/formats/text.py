"""Findings for a person: the source line, the span underlined, the related place, what to do."""

import re
from collections.abc import Callable, Iterator

from svcops.checking.engine import Outcome
from svcops.checking.model import Finding, Span
from svcops.store.files import Tree

Paint = Callable[[str, str], str]
"""Colours a text by a role: error, warning, note, place, dim."""

_CODES = {"error": "1;31", "warning": "1;33", "note": "1;36", "place": "34", "dim": "2", "good": "32"}
_WIDEST = 160
_LINE_END = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
"""Where the YAML reader begins a new line; `splitlines` knows more ends, at which its count would go astray."""


def plain(text: str, _role: str) -> str:
    """No colour."""
    return text


def coloured(text: str, role: str) -> str:
    """ANSI colours."""
    return f"\x1b[{_CODES[role]}m{text}\x1b[0m"


class Sources:
    """The lines of the files that findings point into, read once each."""

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self._lines: dict[str, list[str]] = {}

    def line(self, path: str, number: int) -> str | None:
        """One line, made safe to print, or None where there is no such line."""
        if path not in self._lines:
            data, _ = self.tree.read(path)
            self._lines[path] = _LINE_END.split(data.decode("utf-8-sig", "replace"))
        lines = self._lines[path]
        return _printable(lines[number - 1]) if 0 < number <= len(lines) else None


def render(outcome: Outcome, tree: Tree, paint: Paint) -> Iterator[str]:
    """The findings, one block each, and the summary."""
    sources = Sources(tree)
    for finding in outcome.findings:
        yield "\n".join([*_block(finding, sources, paint), ""])
    yield summary(outcome, paint)


def summary(outcome: Outcome, paint: Paint) -> str:
    """One line that closes the list."""
    counted = f"{outcome.records} record{'s' if outcome.records != 1 else ''}"
    if not outcome.findings:
        return paint(f"All good: {counted} checked, nothing found.", "good")
    parts = [
        paint(f"{number} {severity}{'s' if number != 1 else ''}", severity)
        for severity in ("error", "warning", "note")
        if (number := outcome.count(severity))
    ]
    files = len({finding.at.path for finding in outcome.findings})
    return f"{', '.join(parts)} in {files} file{'s' if files != 1 else ''}; {counted} checked."


def _block(finding: Finding, sources: Sources, paint: Paint) -> Iterator[str]:
    yield f"{paint(f'{finding.severity}[{finding.code}]', finding.severity)}: {_printable(finding.message)}"
    spans = [finding.span, *(one.span for one in finding.related)]
    width = max((len(str(span.line)) for span in spans if span), default=1)
    yield from _place(finding.at.path, finding.span, "-->", width, sources, paint, finding.severity, "")
    for one in finding.related:
        yield from _place(one.at.path, one.span, ":::", width, sources, paint, "note", one.label)
    if finding.help:
        first, *more = _printable(finding.help, keep_lines=True).split("\n")
        yield f"{' ' * width} {paint('=', 'place')} help: {first}"
        yield from (f"{' ' * width}         {line}" for line in more)


def _place(
    path: str, span: Span | None, arrow: str, width: int, sources: Sources, paint: Paint, role: str, label: str
) -> Iterator[str]:
    pad = " " * width
    label = _printable(label)
    where = f"{_printable(path)}:{span.line}:{span.column}" if span else _printable(path)
    yield f"{pad}{paint(arrow, 'place')} {where}" + (f" {label}" if label and not span else "")
    source = sources.line(path, span.line) if span else None
    if span is None or source is None:
        return
    bar = paint("|", "place")
    end = span.end_column if span.end_line == span.line else len(source) + 1
    start, source = span.column, source.rstrip()
    if len(source) > _WIDEST:
        cut = max(0, start - 40)
        source = ("…" if cut else "") + source[cut : cut + _WIDEST] + ("…" if cut + _WIDEST < len(source) else "")
        start, end = start - cut + bool(cut), min(end - cut + bool(cut), _WIDEST)
    yield f"{pad} {bar}"
    yield f"{paint(f'{span.line:>{width}}', 'place')} {bar} {source}".rstrip()
    line = paint("^" * max(1, _columns(source[start - 1 : end - 1])), role)
    yield f"{pad} {bar} {' ' * _columns(source[: start - 1])}{line}{' ' + label if label else ''}"


def _columns(text: str) -> int:
    """How many terminal columns a text takes: wide characters take two."""
    from unicodedata import combining, east_asian_width

    return sum(0 if combining(char) else 2 if east_asian_width(char) in "WF" else 1 for char in text)


def _printable(text: str, *, keep_lines: bool = False) -> str:
    """Nothing that a terminal would obey: every kind of space as a space, other control characters as a dot."""
    return "".join(
        char if char.isprintable() or (keep_lines and char == "\n") else " " if char.isspace() else "·" for char in text
    )

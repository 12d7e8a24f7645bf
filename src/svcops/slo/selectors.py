"""What a query selects, parsed once: a PromQL vector selector for tables, a path for JSON lines.

Selectors are those of Prometheus (https://prometheus.io/docs/prometheus/latest/querying/basics/, "Instant vector
selectors"): a label that a series lacks is the empty text, regular expressions are RE2 and match the whole value.
Functions and ranges are not part of a selector: the series it selects are summed.
"""

import json
import re
from dataclasses import field
from typing import Literal, NoReturn, cast

from svcops.store.frozen import frozen

MatchOp = Literal["=", "!=", "=~", "!~"]

_SPACE = re.compile(r"(?:\s|#[^\n]*)*")
_METRIC = re.compile(r"[A-Za-z_:][A-Za-z0-9_:]*")
_LABEL = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_OP = re.compile(r"=~|!~|!=|=")
_KEY = re.compile(r"""[^\s.\[\]"'`]+""")
_INDEX = re.compile(r"[0-9]+")
_ESCAPE = re.compile(r"[0-7]{3}|x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}")
_QUOTES = ('"', "'", "`")
_SIMPLE_ESCAPES = {
    "a": "\a",
    "b": "\b",
    "f": "\f",
    "n": "\n",
    "r": "\r",
    "t": "\t",
    "v": "\v",
    "\\": "\\",
    "'": "'",
    '"': '"',
}


class NotASelector(ValueError):
    """Text that is no selector, or no path; `column` counts characters from 1."""

    def __init__(self, reason: str, column: int) -> None:
        super().__init__(reason)
        self.reason = reason
        self.column = column


@frozen
class Matcher:
    """One condition on a label; where the label and its value were written is no part of what it means."""

    label: str
    op: MatchOp
    value: str
    column: int = field(default=0, compare=False)
    """Of the value; characters count from 1."""
    label_column: int = field(default=0, compare=False)

    def __str__(self) -> str:
        label = self.label if _LABEL.fullmatch(self.label) else _quoted(self.label)
        return f"{label}{self.op}{_quoted(self.value)}"


@frozen
class Selector:
    """The series of one metric whose labels satisfy every matcher."""

    metric: str
    matchers: tuple[Matcher, ...] = ()

    def __str__(self) -> str:
        conditions = [str(one) for one in self.matchers]
        if not _METRIC.fullmatch(self.metric):
            return "{" + ",".join((_quoted(self.metric), *conditions)) + "}"
        return self.metric + ("{" + ",".join(conditions) + "}" if conditions else "")


@frozen
class JsonPath:
    """The keys that lead to one value inside a JSON object; a number also counts the items of a list from 0."""

    keys: tuple[str, ...]

    def __str__(self) -> str:
        first, *rest = (f"[{_quoted(key)}]" if not _KEY.fullmatch(key) else f".{key}" for key in self.keys)
        return first.removeprefix(".") + "".join(rest)

    @property
    def pointer(self) -> str:
        """The same as a JSON pointer (RFC 6901)."""
        return "".join("/" + key.replace("~", "~0").replace("/", "~1") for key in self.keys)


def parse_selector(text: str) -> Selector:
    """Read `http_requests_total{service="x",code!~"5.."}`; NotASelector says what is wrong, and at which character."""
    scan = _Scan(text)
    scan.space()
    metric = scan.take(_METRIC)
    scan.space()
    matchers: list[Matcher] = []
    if scan.next() == "{":
        metric = _braces(scan, metric, matchers)
    if metric is None:
        scan.fail("a metric's name is missing")
    scan.end("a selector is a metric's name and conditions in braces, nothing more")
    return Selector(metric, tuple(matchers))


def parse_path(text: str) -> JsonPath:
    """Read `server_zones["hg.nginx.org"].responses.5xx`; NotASelector says what is wrong, and at which character."""
    scan = _Scan(text.rstrip())
    scan.at = len(text) - len(text.lstrip())  # no comments here: # is a key like any other
    keys: list[str] = []
    while scan.rest() or not keys:
        if scan.next() == "[":
            keys.append(_bracketed(scan))
            continue
        if keys and scan.next() == ".":
            scan.at += 1
        elif keys:
            scan.fail("a . or a [ is missing here")
        key = scan.take(_KEY)
        keys.append(key if key is not None else scan.fail("a key is missing"))
    return JsonPath(tuple(keys))


class _Scan:
    """A place in a text, moving forward."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def next(self) -> str:
        """The next character, or nothing at the end."""
        return self.text[self.at : self.at + 1]

    def rest(self) -> str:
        return self.text[self.at :]

    def space(self) -> None:
        found = _SPACE.match(self.text, self.at)
        self.at = found.end() if found else self.at

    def take(self, pattern: re.Pattern[str]) -> str | None:
        found = pattern.match(self.text, self.at)
        if not found or found.end() == self.at:
            return None
        self.at = found.end()
        return found.group()

    def expect(self, char: str, reason: str) -> None:
        if self.next() != char:
            self.fail(reason)
        self.at += 1

    def end(self, reason: str) -> None:
        self.space()
        if self.rest():
            self.fail(reason)

    def fail(self, reason: str, at: int | None = None) -> NoReturn:
        raise NotASelector(reason, (self.at if at is None else at) + 1)


def _braces(scan: _Scan, metric: str | None, matchers: list[Matcher]) -> str | None:
    """Read what stands in braces; the metric's name, which may be quoted and stand in them too."""
    scan.expect("{", "a { is missing")
    scan.space()
    while scan.next() != "}":
        start = scan.at
        quoted = scan.next() in _QUOTES
        name = _string(scan) if quoted else scan.take(_LABEL)
        if not name:
            scan.fail("a label's name is missing", start)
        scan.space()
        if quoted and scan.next() in (",", "}"):
            if metric is not None:
                scan.fail("a second name for the metric", start)
            metric = name
        else:
            matchers.append(_matcher(scan, name, start))
        scan.space()
        if scan.next() != "}":
            scan.expect(",", "a , or a } is missing here")
            scan.space()
    scan.at += 1
    return metric


def _matcher(scan: _Scan, label: str, start: int) -> Matcher:
    if label == "__name__":
        scan.fail("the metric's name stands before the braces, or in quotes by itself inside them", start)
    op = scan.take(_OP)
    if op is None:
        scan.fail("one of = != =~ !~ is missing here")
    scan.space()
    column = scan.at + 1
    if scan.next() not in _QUOTES:
        scan.fail("a value in quotes is missing here")
    return Matcher(label, cast("MatchOp", op), _string(scan), column, start + 1)


def _bracketed(scan: _Scan) -> str:
    """Read `["hg.nginx.org"]` or `[0]`."""
    scan.at += 1
    key = _string(scan) if scan.next() in _QUOTES else scan.take(_INDEX)
    if key is None:
        scan.fail("a key in quotes, or a number, is missing here")
    scan.expect("]", "a ] is missing here")
    return key


def _string(scan: _Scan) -> str:
    """Read a quoted text, with the escapes of PromQL; between back quotes nothing is an escape."""
    start, quote = scan.at, scan.next()
    scan.at += 1
    parts = []
    while (char := scan.next()) != quote:
        if not char or (char == "\n" and quote != "`"):
            scan.fail("a text in quotes that does not end", start)
        scan.at += 1
        parts.append(_escaped(scan) if char == "\\" and quote != "`" else char)
    scan.at += 1
    return "".join(parts)


def _escaped(scan: _Scan) -> str:
    """The character that an escape stands for; the back slash has been read."""
    simple = _SIMPLE_ESCAPES.get(scan.next())
    if simple is not None:
        scan.at += 1
        return simple
    start = scan.at - 1
    code = scan.take(_ESCAPE)
    if code is None:
        scan.fail("an unknown escape: a back slash is written twice, as in \\\\d", start)
    point = int(code, 8) if code[0].isdigit() else int(code[1:], 16)
    # \xff and \377 are bytes in PromQL, and above 7f no whole character.
    highest = 0x10FFFF if code[0] in "uU" else 0x7F
    if point > highest or 0xD800 <= point <= 0xDFFF:
        scan.fail("an escape that is no character", start)
    return chr(point)


def _quoted(text: str) -> str:
    """Text in quotes, so that it reads back: JSON's escapes are among those of PromQL."""
    return json.dumps(text, ensure_ascii=False)

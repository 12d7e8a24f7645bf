"""Findings: values that say what is wrong, where, and what to do."""

from dataclasses import field
from typing import Literal

from svcops.store.frozen import frozen

Severity = Literal["error", "warning", "note"]
KeyPath = tuple[str | int, ...]
"""The way to a value inside a document: mapping keys and list indexes, such as `("dependencies", 0, "service")`."""

Part = Literal["key", "value"]


@frozen
class Span:
    """A stretch of text: lines and columns count code points from 1; the end column is one past the last character."""

    line: int
    column: int
    end_line: int
    end_column: int

    @property
    def last_line(self) -> int:
        """The line of the last character: the one before `end_line` where it ends with a line's break."""
        return self.end_line - 1 if self.end_column == 1 and self.end_line > self.line else self.end_line


@frozen
class At:
    """A place in the store, before its line and column are known: a key path inside a file.

    `document` is the number of the YAML document in a file that may hold several. An empty key path is the whole file.
    """

    path: str
    keys: KeyPath = ()
    part: Part = "value"
    document: int = 0


@frozen
class Related:
    """A second place that explains a finding, with a label such as "first defined here"."""

    label: str
    at: At
    span: Span | None = None


@frozen
class Edit:
    """Text to stand in the place of what is written at `at`. The span, and the text of a `how`, are worked out last.

    `how`: replace it by `text`; put it in quotes; make it the one item of a list; remove it, its key and its line.
    """

    at: At
    text: str = ""
    how: Literal["replace", "quote", "list", "remove"] = "replace"
    span: Span | None = None


@frozen
class Fix:
    """What mends a finding and cannot be wrong: `title` is an order, such as "write operations"."""

    title: str
    edits: tuple[Edit, ...]


@frozen
class Finding:
    """What a rule says. `span` is given by readers that know it; otherwise it is located from `at` when shown.

    `gist` stands for the message where that says something that changes from day to day: a finding that is there
    tomorrow with other times is the same finding. `rests_on` are kinds of which it takes it that every file can be
    read, beside those of its rule. `nth` is its number among those of its rule at one place, where their order says
    something, such as which comes first in time.
    """

    code: str
    message: str
    at: At
    help: str = ""
    severity: Severity = "error"
    span: Span | None = None
    related: tuple[Related, ...] = field(default=())
    fix: Fix | None = None
    gist: str = ""
    rests_on: tuple[str, ...] = ()
    nth: int = 0

    def order(self) -> tuple[str, int, int, str, int, str]:
        """Sort key: by place, then code, so that the same store always prints the same list."""
        line, column = (self.span.line, self.span.column) if self.span else (0, 0)
        return (self.at.path, line, column, self.code, self.nth, self.message)

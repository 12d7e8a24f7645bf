"""What a program has to know of a step: the fenced block `yaml step` of a runbook's text, read like a record."""

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

from svcops.checking.model import At, Finding, Span
from svcops.store.model import AtLeast, Matching, Text, record
from svcops.timing.model import Duration

if TYPE_CHECKING:
    from svcops.runbooks.structure import Step

TIMEOUT = timedelta(minutes=10)
EVERY = timedelta(seconds=5)
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
CODE = "SCHEMA003"
_HELP = "svcops explain RBK008 shows what a block `yaml step` takes."


class _Regular(Matching):
    """Marks a text field that holds a regular expression of Python."""

    __slots__ = ()

    def check(self, text: str) -> str:
        """The text; ValueError where it is no regular expression."""
        try:
            re.compile(text)
        except (re.error, OverflowError, RecursionError) as error:
            raise ValueError(f"not a regular expression: {error}") from None
        return text


Pattern = Annotated[str, _Regular("", "not a regular expression")]


@record
class JsonIs:
    """A value in what a step said, which has to be JSON."""

    path: Text
    """Where it stands: status, or items.0.name."""
    is_: str | int | float | bool | None
    """What it has to be."""


@record
class Capture:
    """How a variable comes from what a step said; with one of these."""

    pattern: Pattern | None = None
    """Its first group, or all of it where it has none: id=([0-9]+)."""
    json: str | None = None
    """A path into JSON: items.0.name."""
    all: bool = False
    """All of it, without blanks at the ends."""


@record
class StepSettings:
    """The block `yaml step`: a program judges by what it expects, which is exit code 0 at the least."""

    exit: int = 0
    """The exit code of the last command."""
    text: str | None = None
    """A text that it has to say."""
    pattern: Pattern | None = None
    """A regular expression of Python that something of what it says has to match; ^ and $ are those of a line."""
    json: JsonIs | None = None
    """A value in the JSON that it has to say."""
    timeout: Duration | None = None
    """How long each try may take; without it 10m."""
    retries: Annotated[int, AtLeast(0, "a number of tries is not below 0")] = 0
    """How often it is tried again where it does not come out so."""
    every: Duration | None = None
    """How long to wait before it is tried again; without it 5s."""
    dangerous: Text | None = None
    """Why it must not be done lightly; nobody does it without being asked."""
    manual: bool = False
    """Whether only a person can judge it, whatever the program finds."""
    capture: dict[str, Capture] | None = None
    """Environment variables of the later steps, and where their values come from."""
    argv: tuple[Text, ...] = ()
    """A program and its arguments, in place of fenced code; no shell reads them."""

    @property
    def limit(self) -> timedelta:
        """How long each try may take."""
        return TIMEOUT if self.timeout is None else self.timeout

    @property
    def pause(self) -> timedelta:
        """How long to wait before it is tried again."""
        return EVERY if self.every is None else self.every


def can_run(step: "Step", settings: StepSettings | None) -> bool:
    """Whether a step has something that can be run."""
    return bool(step.commands or (settings and settings.argv))


def needs_person(step: "Step", settings: StepSettings | None) -> bool:
    """Whether only a person can do a step, or judge what came of it."""
    return settings is None or settings.manual or not can_run(step, settings)


def settings_of(step: "Step", at: At, text: str) -> tuple[StepSettings | None, list[Finding]]:
    """What the block of a step says, None where it has none; and what is wrong with it, each at its place.

    `text` is that of the whole file: the block is set in there.
    """
    if step.settings is None:
        return None, []
    from svcops.store.validation import validate
    from svcops.store.yaml_reading import compose

    block = step.settings
    if not block.text.strip():
        message, help_ = "the block `yaml step` is empty", "Write what is expected, such as `exit: 0`, or take it away."
        return None, [Finding(CODE, message, At(at.path), help_, span=Span(block.line - 1, 1, block.line - 1, 1))]
    read = compose(block.text, at.path, first_line=block.line, locate=True)
    indent = _indent(text, block.line, block.text)
    if read.findings:
        return None, [_placed(one, one.span or Span(block.line, 1, block.line, 1), indent) for one in read.findings]
    plain = read.documents[0]
    found, wrong = validate(StepSettings, plain, at)
    wrong = wrong or _contradictions(found, at)
    placed = []
    for one in wrong:
        keys: tuple[str | int, ...] = (0, *one.at.keys)
        table = read.places.keys if one.at.part == "key" and keys in read.places.keys else read.places.values
        while keys not in table and len(keys) > 1:
            keys, table = keys[:-1], read.places.values
        span = table.get(keys) or Span(block.line, 1, block.line, 1)
        placed.append(_placed(one, span, indent))
    return (None if placed else found), placed


def _contradictions(settings: StepSettings, at: At) -> list[Finding]:
    """What each key on its own may say, and all together not."""
    found = []
    for name, one in (settings.capture or {}).items():
        if not _VARIABLE.fullmatch(name):
            message = f"capture: {name} is not the name of an environment variable"
            found.append(Finding(CODE, message, At(at.path, ("capture", name), "key"), "Letters, digits and _."))
        if (one.pattern is not None) + (one.json is not None) + one.all != 1:
            message = f"capture.{name} needs one of pattern, json and all: true"
            found.append(Finding(CODE, message, At(at.path, ("capture", name), "key")))
    if not settings.limit:
        found.append(Finding(CODE, "timeout leaves no time", At(at.path, ("timeout",))))
    return found


def _placed(one: Finding, span: Span, indent: int) -> Finding:
    from dataclasses import replace

    moved = Span(span.line, span.column + indent, span.end_line, span.end_column + indent)
    help_ = _HELP if "svcops schema" in one.help else one.help
    return replace(one, at=At(one.at.path), span=moved, fix=None, help=help_)


def _indent(text: str, line: int, code: str) -> int:
    """By how many columns the code that begins on that line is set in."""
    lines = text.split("\n")
    first = code.split("\n", maxsplit=1)[0]
    written = lines[line - 1] if line <= len(lines) else ""
    return max(0, len(written.rstrip("\r")) - len(first))

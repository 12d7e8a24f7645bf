"""YAML in, plain data out, with the place of every problem.

One pass over libyaml's events: no recursion, no object construction, and the YAML 1.2 core schema
(https://yaml.org/spec/1.2.2/#103-core-schema) instead of the 1.1 that PyYAML resolves by itself.
"""

import re
from codecs import BOM_UTF8
from dataclasses import dataclass, field, replace
from typing import Any

from yaml import MarkedYAMLError, YAMLError
from yaml._yaml import CParser
from yaml.events import (
    AliasEvent,
    DocumentEndEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
    StreamStartEvent,
)

from svcops.checking.model import At, Edit, Finding, Fix, KeyPath, Related, Span
from svcops.store.yaml_flat import FLOAT, INT, WORDS, flat
from svcops.store.yaml_helps import HELPS, syntax_help

MAX_DEPTH = 64
MAX_NODES = 200_000
"""Of one file with every alias written out; an alias bomb grows past it."""

_CORE = "tag:yaml.org,2002:"
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufeff\ufffe\uffff]")
_SEPARATORS = re.compile("[\x85\u2028\u2029]")
"""Line ends of YAML 1.1 that libyaml still takes for such, and that neither YAML 1.2 nor an editor does."""
_CONFLICT = re.compile(r"^<{7} .{0,60}", re.MULTILINE)
CONFLICT_HELP = "Finish the merge: keep what holds of the two sides, and take the marker lines out."
_OPENED = ("while scanning a quoted scalar", "while parsing a flow sequence", "while parsing a flow mapping")
"""What libyaml was about, where something was opened and never closed."""
_TEXT_PER_NODE = 128
"""Characters of text that count as one more value, so that repeating a long text by aliases ends, too."""
_MAX_DIGITS = 400
_MOST_FINDINGS = 100


@dataclass(slots=True)
class Places:
    """Where the keys and values of a file stand: key path (led by the document's number) to span."""

    keys: dict[KeyPath, Span] = field(default_factory=dict)
    values: dict[KeyPath, Span] = field(default_factory=dict)


@dataclass(slots=True)
class Parsed:
    """The documents of a file as plain data, and what was wrong; with an error the documents must not be used."""

    documents: list[Any] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    places: Places = field(default_factory=Places)


class _Halt(Exception):
    """Reading cannot go on past the finding it carries."""

    def __init__(self, finding: Finding) -> None:
        self.finding = finding


@dataclass(slots=True)
class _Open:
    """A collection whose end has not been read; `size` counts the nodes below it, aliases written out."""

    data: Any
    path: KeyPath
    start: Any
    anchor: str | None
    key: Any = None
    has_key: bool = False
    keys: dict[str, Any] = field(default_factory=dict)
    size: int = 1
    height: int = 1
    """How many collections stand in one another from here down, aliases written out."""


def decode(data: bytes, path: str, *, max_bytes: int) -> tuple[str, Finding | None]:
    """Bytes as text; FILE001 where they are not clean UTF-8, FILE002 where there are too many."""
    if len(data) > max_bytes:
        message = f"more than the {max_bytes:,} bytes that are read"
        return "", Finding("FILE002", message, At(path), "Keep large data outside the record and name it by path.")
    try:
        text = data.removeprefix(BOM_UTF8).decode()
    except UnicodeDecodeError as error:
        before = error.object[: error.start].decode("utf-8", "replace")
        return "", _not_text(f"not UTF-8: byte 0x{error.object[error.start]:02x}", path, before)
    found = None if text.replace("\n", "").isprintable() else _CONTROL.search(text)
    if found:
        return "", _not_text(f"the control character U+{ord(found.group()):04X}", path, text[: found.start()])
    return text, None


def _not_text(message: str, path: str, before: str) -> Finding:
    line, column = before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1
    help_ = "Save the file as UTF-8 text without control characters."
    return Finding("FILE001", message, At(path), help_, span=Span(line, column, line, column + 1))


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:57]}..."


def compose(
    text: str,
    path: str,
    *,
    many: bool = False,
    first_line: int = 1,
    locate: bool = False,
    max_nodes: int = MAX_NODES,
) -> Parsed:
    """Read YAML text as plain data (dict, list, str, int, float, bool, None).

    `path` and `first_line` (of the text within its file) only serve the findings. With `many` a file may hold several
    documents; otherwise exactly one, and an empty file is a finding. `locate` fills `places`, which costs time.
    """
    found = None if many or locate or max_nodes < MAX_NODES else flat(text)
    if found is not None:
        return Parsed([found])
    composer = _Composer(path, many=many, offset=first_line - 1, locate=locate)
    composer.max_nodes = max_nodes
    return composer.run(text)


class _Composer:
    def __init__(self, path: str, *, many: bool, offset: int, locate: bool) -> None:
        self.path = path
        self.many = many
        self.locate = locate
        self.max_nodes = MAX_NODES
        self.text = ""
        self.offset = offset
        self.parsed = Parsed()
        self.stack: list[_Open] = []
        self.anchors: dict[str, tuple[Any, int, int]] = {}
        self.size = 0
        self.twice: dict[tuple[int, str], tuple[int, dict[str, Any], Any]] = {}
        """The last time that a key was set again: which finding, in which mapping, and the value it had before."""

    def run(self, text: str) -> Parsed:
        self.text = text
        try:
            self._refuse_separators(text)
            self.read_events(CParser(text))
            self._mend_twice()
        except _Halt as halt:
            self.parsed.findings.append(halt.finding)
        except YAMLError as error:
            self.parsed.findings.append(self._syntax(error))
        if not self.parsed.findings and not self.many and not self.parsed.documents:
            message = "an empty file where a record should be"
            help_ = "Write the record, or delete the file. svcops schema lists the kinds of records, with their keys."
            self.parsed.findings.append(Finding("YAML001", message, At(self.path), help_, span=Span(1, 1, 1, 1)))
        return self.parsed

    def _refuse_separators(self, text: str) -> None:
        found = _SEPARATORS.search(text)
        if not found:
            return
        line = text.count("\n", 0, found.start()) + 1 + self.offset
        column = found.start() - text.rfind("\n", 0, found.start())
        message = f"not YAML: U+{ord(found.group()):04X}, a line end to some and part of the line to others"
        help_ = 'Take it away, or write it as \\N, \\L or \\P within "...".'
        raise _Halt(Finding("YAML001", message, At(self.path), help_, span=Span(line, column, line, column + 1)))

    def read_events(self, parser: Any) -> None:
        while True:
            event = parser.get_event()
            kind = type(event)
            if kind is ScalarEvent:
                self._place(self._scalar(event), event, 1 + len(event.value) // _TEXT_PER_NODE)
            elif kind is MappingStartEvent or kind is SequenceStartEvent:
                self._open(event, {} if kind is MappingStartEvent else [])
            elif kind is MappingEndEvent or kind is SequenceEndEvent:
                self._close(event)
            elif kind is AliasEvent:
                self._alias(event)
            elif kind is DocumentStartEvent:
                self.anchors.clear()
                if self.parsed.documents and not self.many:
                    self._halt("YAML006", "a second document in a file that holds one record", event)
            elif kind is StreamEndEvent or event is None:
                return
            elif kind not in (StreamStartEvent, DocumentEndEvent):
                raise AssertionError(f"libyaml gave an event of an unknown kind: {event!r}")

    def _open(self, event: Any, data: Any) -> None:
        self._check_tag(event, "map" if isinstance(data, dict) else "seq")
        if len(self.stack) >= MAX_DEPTH:
            self._halt("YAML007", f"nested more than {MAX_DEPTH} deep", event)
        if self.stack and isinstance(self.stack[-1].data, dict) and not self.stack[-1].has_key:
            self._halt("YAML005", "a key that is not text", event)
        if event.anchor:
            self.anchors.pop(event.anchor, None)
        path = self._path_of_next() if self.locate else ()
        self.stack.append(_Open(data, path, event.start_mark, event.anchor))

    def _close(self, event: Any) -> None:
        done = self.stack.pop()
        if done.anchor:
            self.anchors[done.anchor] = (done.data, done.size, done.height)
        if self.locate:
            self.parsed.places.values[done.path] = self._span(done.start, event.end_mark)
        self._put(done.data, done.size, done.height)

    def _alias(self, event: Any) -> None:
        target = self.anchors.get(event.anchor)
        if target is None:
            inside = any(frame.anchor == event.anchor for frame in self.stack)
            what = "stands inside what it repeats" if inside else "repeats nothing: there is no anchor of that name"
            help_ = "" if inside else f'Put it in quotes if it is text: "*{_short(event.anchor)}".'
            self._halt("YAML004", f"the alias *{_short(event.anchor)} {what}", event, help_)
        else:
            value, size, height = target
            if len(self.stack) + height > MAX_DEPTH:
                self._halt("YAML007", f"nested more than {MAX_DEPTH} deep once its aliases are written out", event)
            self._place(value, event, size, height)

    def _place(self, value: Any, event: Any, size: int, height: int = 0) -> None:
        """Put a scalar or an alias where the next key or value belongs."""
        if event.anchor and type(event) is ScalarEvent:
            self.anchors[event.anchor] = (value, size, 0)
        frame = self.stack[-1] if self.stack else None
        if frame is not None and not frame.has_key and type(frame.data) is dict:
            self._key(frame, value, event)
            return
        if self.locate:
            self.parsed.places.values[self._path_of_next()] = self._span(event.start_mark, event.end_mark)
        self._put(value, size, height)

    def _put(self, value: Any, size: int, height: int) -> None:
        if not self.stack:
            self.parsed.documents.append(value)
            self.size += size
        else:
            frame = self.stack[-1]
            frame.size += size
            frame.height = max(frame.height, height + 1)
            if isinstance(frame.data, dict):
                frame.data[frame.key] = value
                frame.has_key = False
            else:
                frame.data.append(value)
            if self.size + frame.size > self.max_nodes:
                message = f"more than {self.max_nodes:,} values once its aliases are written out"
                span = self._span(frame.start, frame.start)
                raise _Halt(Finding("YAML004", message, At(self.path), HELPS["YAML004"], span=span))

    def _key(self, frame: _Open, key: Any, event: Any) -> None:
        if not isinstance(key, str):
            written = getattr(event, "value", f"*{getattr(event, 'anchor', '')}")
            help_ = f'Write it in quotes: "{_short(written)}".' if type(event) is ScalarEvent else ""
            self._halt("YAML005", f"the key {_short(written) or '(empty)'} is not text", event, help_)
        if key == "<<" and type(event) is ScalarEvent and event.style in (None, ""):
            self._halt(
                "YAML005", "merge keys are not YAML 1.2", event, "Write the keys out, or use an alias as a value."
            )
        if key in frame.keys:
            self._twice(frame, key, event)
        frame.key, frame.has_key = key, True
        frame.size += len(key) // _TEXT_PER_NODE
        frame.keys[key] = event
        if self.locate:
            self.parsed.places.keys[(*frame.path, key)] = self._span(event.start_mark, event.end_mark)

    def _twice(self, frame: _Open, key: str, event: Any) -> None:
        first = frame.keys[key]
        earlier = Related("first set here", At(self.path), self._span(first.start_mark, first.end_mark))
        span = self._span(event.start_mark, event.end_mark)
        if len(self.parsed.findings) >= _MOST_FINDINGS:
            self._halt("YAML002", f"more than {_MOST_FINDINGS} keys are set twice; the others are not listed", event)
        message = f"the key {_short(key)} is set twice"
        finding = Finding("YAML002", message, At(self.path), "Keep one of the two.", span=span, related=(earlier,))
        self.twice[id(frame.data), key] = (len(self.parsed.findings), frame.data, frame.data[key])
        self.parsed.findings.append(finding)

    def _mend_twice(self) -> None:
        """A key set again to the very same value, as it is written, can go. Of three, the last does, then the next."""
        if not self.twice:
            return
        from svcops.store.yaml_writing import is_same

        written = _AsWritten(self.path, many=self.many, offset=self.offset, locate=False)
        written.max_nodes = self.max_nodes
        written.read_events(CParser(self.text))
        for (_, key), (number, mapping, before) in written.twice.items():
            finding = self.parsed.findings[number]
            if is_same(before, mapping[key]):
                edit = Edit(At(self.path), how="remove", span=finding.span)
                self.parsed.findings[number] = replace(finding, fix=Fix(f"remove the second {_short(key)}", (edit,)))

    def _scalar(self, event: Any) -> Any:
        tag = event.tag
        if tag is None:
            return self._core(event) if event.implicit[0] else event.value
        if tag == "!" or tag == _CORE + "str":
            return event.value
        value = self._core(event) if tag.startswith(_CORE) else event
        if tag == _CORE + "float" and type(value) is int:
            return float(value)
        names = {bool: "bool", int: "int", float: "float", type(None): "null"}
        if tag != _CORE + names.get(type(value), "?"):
            shown = f"the tag {_short(tag.replace(_CORE, '!!'))} on {_short(event.value)!r}"
            self._halt("YAML003", shown, event)
        return value

    def _core(self, event: Any) -> Any:
        """Resolve a plain scalar by the core schema."""
        text = event.value
        if text in WORDS:
            return WORDS[text]
        if not (text[0].isdigit() or text[0] in "+-."):
            return text
        if len(text) > _MAX_DIGITS and (FLOAT.fullmatch(text) or INT.fullmatch(text)):
            self._halt("YAML007", f"a number of {len(text):,} digits", event, "Put it in quotes if it is text.")
        if INT.fullmatch(text):
            return int(text, 0 if text.startswith(("0o", "0x")) else 10)
        return float(text) if FLOAT.fullmatch(text) else text

    def _check_tag(self, event: Any, expected: str) -> None:
        if event.tag not in (None, "!", _CORE + expected):
            self._halt("YAML003", f"the tag {_short(event.tag.replace(_CORE, '!!'))}", event)

    def _path_of_next(self) -> KeyPath:
        if not self.stack:
            return (len(self.parsed.documents),)
        frame = self.stack[-1]
        return (*frame.path, frame.key if isinstance(frame.data, dict) else len(frame.data))

    def _span(self, start: Any, end: Any) -> Span:
        lines = 1 + self.offset
        return Span(start.line + lines, start.column + 1, end.line + lines, end.column + 1)

    def _halt(self, code: str, message: str, event: Any, help_: str = "") -> None:
        span = self._span(event.start_mark, event.end_mark)
        raise _Halt(Finding(code, message, At(self.path), help_ or HELPS[code], span=span))

    def _syntax(self, error: YAMLError) -> Finding:
        conflict = _CONFLICT.search(self.text)
        if conflict:
            line = self.text.count("\n", 0, conflict.start()) + 1 + self.offset
            message = f"a merge left a conflict open here: {conflict.group()}"
            span = Span(line, 1, line, len(conflict.group()) + 1)
            return Finding("YAML001", message, At(self.path), CONFLICT_HELP, span=span)
        mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
        if getattr(error, "context", None) in _OPENED:  # whose end was not found: where it begins is what to look at
            mark = error.context_mark  # type: ignore[attr-defined]
        message = str(error)
        if isinstance(error, MarkedYAMLError):
            message = ", ".join(part for part in (error.context, error.problem) if part)
        lines = self.text.split("\n")
        stopped_at = lines[mark.line] if mark and mark.line < len(lines) else ""
        span = self._stop(mark) if mark else Span(1 + self.offset, 1, 1 + self.offset, 1)
        return Finding("YAML001", f"not YAML: {message}", At(self.path), syntax_help(message, stopped_at), span=span)

    def _stop(self, mark: Any) -> Span:
        """Where the parser stopped; the last character there is, where it stopped behind all text."""
        read = self.text.rstrip()
        if mark.index < len(read) or not read:
            return self._span(mark, mark)
        line, column = read.count("\n") + 1 + self.offset, len(read) - read.rfind("\n") - 1
        return Span(line, column, line, column + 1)


class _AsWritten(_Composer):
    """What is no text as its type and how it is written: 1.10 and 1.1 are one number, and may be two versions."""

    def _scalar(self, event: Any) -> Any:
        value = super()._scalar(event)
        return value if type(value) is str else (type(value), event.value)

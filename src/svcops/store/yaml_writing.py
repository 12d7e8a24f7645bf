"""Plain data out as YAML text for new files, and records as plain data.

ruamel.yaml writes; what it wrote is read again before it is given out, so that no unreadable file can come of it. What
most records are (keys of letters, and texts that need no thought) is written here in the very same way, some twenty
times as fast: an import writes ten thousand files, and importing ruamel.yaml takes longer than all else of a log entry.
"""

import re
from dataclasses import MISSING, fields, is_dataclass
from datetime import datetime, timedelta
from functools import cache
from io import StringIO
from typing import Any

from svcops.checking.model import KeyPath
from svcops.errors import BadInput
from svcops.timing.model import format_instant

WIDTH = 100
UNFOLDED = 2**31
_OFFSET = 2
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
_BREAKS = re.compile("[\r\x85\u2028\u2029\ufeff]")
_NUMBER = re.compile(r"[-+]?(?:\.[0-9]+|[0-9][0-9_]*(?:\.[0-9_]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?0[xob][0-9a-fA-F_]+")
_DOUBLED = re.compile(r'["\\]')
_FOLD = re.compile("(?<! ) (?! )")
"""Where a line may be folded: at one blank between two words, as a reader takes every fold for one blank."""
_EASY_KEY = re.compile(r"[a-z][a-z_]*")
_EASY_FLOAT = re.compile(r"-?[0-9]{1,9}\.[0-9]{1,6}")
_EASY_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)")
_WORDS = frozenset(("y", "n", "yes", "no", "on", "off", "true", "false", "null", "~", "", "=", "<<"))


class NotWritable(BadInput):
    """A value that no record can hold."""

    def __init__(self, keys: KeyPath, what: str, help_: str = "") -> None:
        super().__init__(f"{'.'.join(map(str, keys)) or 'the value'} holds {what}", help=help_)


def dump(plain: Any, *, width: int = WIDTH, offset: int = _OFFSET) -> str:
    """Plain data (dict, list, str, int, float, bool, None) as a YAML document of its own, in block style.

    Prose is folded at `width`; `offset` is how far the items of a list stand right of its key. Raises NotWritable where
    the data has something that YAML, or a record, cannot hold.
    """
    text = _easily(plain, width) if offset == _OFFSET else None
    if text is None:
        text = _write(plain, width, offset) if isinstance(plain, (dict, list)) else dump_flow(plain) + "\n"
    if not is_same(_read(text), plain):
        raise NotWritable((), "something that cannot be written as YAML")
    return text


def dump_flow(plain: Any) -> str:
    """Plain data on one line, as it may stand inside brackets: `{a: 1, b: [x, "on"]}`."""
    return _write([plain], UNFOLDED, flow=True).removesuffix("\n").removeprefix("[").removesuffix("]")


def plain_of(record: Any) -> Any:
    """A record as plain data, the inverse of `svcops.store.shape.rebuild`; fields with their default are left out."""
    if is_dataclass(record):
        written = ((one, getattr(record, one.name)) for one in fields(record))
        return {one.name.rstrip("_"): plain_of(value) for one, value in written if not _is_default(one, value)}
    if isinstance(record, dict):
        return {key: plain_of(value) for key, value in record.items()}
    if isinstance(record, (tuple, list)):
        return [plain_of(item) for item in record]
    if isinstance(record, datetime):
        return format_instant(record)
    return _duration(record) if isinstance(record, timedelta) else record


def is_same(one: Any, other: Any) -> bool:
    """Whether two values are the same plain data: `1`, `1.0` and `true` differ, .nan is itself, keys have an order."""
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return list(one) == list(other) and all(is_same(value, other[key]) for key, value in one.items())
    if isinstance(one, list):
        return len(one) == len(other) and all(map(is_same, one, other))
    return repr(one) == repr(other) if isinstance(one, float) else bool(one == other)


def _is_default(field: Any, value: Any) -> bool:
    default = field.default_factory() if field.default_factory is not MISSING else field.default
    return type(default) is type(value) and bool(default == value)


def _duration(span: timedelta) -> str:
    """`1h30m`: what `parse_duration` reads as that span."""
    seconds = span.days * 86400 + span.seconds
    if seconds < 0 or span.microseconds:
        raise NotWritable((), f"the duration {span}: durations are whole seconds")
    units = ((seconds // 86400, "d"), (seconds // 3600 % 24, "h"), (seconds // 60 % 60, "m"), (seconds % 60, "s"))
    return "".join(f"{amount}{unit}" for amount, unit in units if amount) or "0s"


def refuse(plain: Any, keys: KeyPath) -> None:
    """NotWritable at the first value that must not be written."""
    if isinstance(plain, dict):
        for key, value in plain.items():
            if not isinstance(key, str):
                raise NotWritable(keys, f"the key {key!r}, which is not text")
            refuse(key, (*keys, repr(key)))
            refuse(value, (*keys, key))
    elif isinstance(plain, list):
        for index, item in enumerate(plain):
            refuse(item, (*keys, index))
    elif isinstance(plain, str):
        found = _UNWRITABLE.search(plain)
        if found:
            raise NotWritable(keys, f"the control character U+{ord(found.group()):04X}", "Take it out of the text.")
    elif plain is not None and type(plain) not in (int, float, bool):
        raise NotWritable(keys, f"a {type(plain).__name__}, which is not plain data")


class _NotEasy(Exception):
    """Something that only ruamel.yaml knows how to write."""


def _easily(plain: Any, width: int) -> str | None:
    """What ruamel.yaml would write of a mapping, to the byte; None where that takes more thought than is taken here."""
    if not isinstance(plain, dict) or not plain:
        return None
    lines: list[str] = []
    try:
        _easy_mapping(plain, 0, width, lines)
    except _NotEasy:
        return None
    return "\n".join(lines) + "\n"


def _easy_mapping(plain: dict[Any, Any], indent: int, width: int, lines: list[str]) -> None:
    for key, value in plain.items():
        if type(key) is not str or not _EASY_KEY.fullmatch(key) or key in _WORDS:
            raise _NotEasy
        before = " " * indent + key + ":"
        if type(value) is dict and value:
            lines.append(before)
            _easy_mapping(value, indent + 2, width, lines)
        elif type(value) is list and value:
            lines.append(before)
            for item in value:
                if type(item) is not str or "\n" in item:
                    raise _NotEasy
                lines += _easy_text(item, " " * (indent + _OFFSET) + "- ", indent + _OFFSET + 2, width)
        else:
            lines += _easy_text(value, before + " ", indent + 2, width)


def _easy_text(value: Any, before: str, indent: int, width: int) -> list[str]:
    """The lines of a scalar that stands after `before`; those that follow the first stand `indent` to the right."""
    if type(value) is not str:
        return [before + _easy_word(value)]
    if not value:
        raise _NotEasy
    if _EASY_INSTANT.fullmatch(value):
        return [f'{before}"{value}"']
    if "\n" in value:
        return _easy_lines(value, before, indent)
    if not value.isprintable() or not value[0].isalnum() or not value[0].isascii():
        raise _NotEasy
    style = _style(value)
    if style is None and not (": " in value or " #" in value or value[-1] in ": "):
        return _folded(value, before, indent, width)
    if style is None and _DOUBLED.search(value) and "'" not in value:
        return [f"{before}'{value}'"]
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return [f'{before}"{escaped}"']


def _easy_word(value: Any) -> str:
    """A value that is no text, in one word."""
    if value is None or type(value) in (bool, int):
        return "null" if value is None else str(value).lower()
    if value in ([], {}):
        return str(value)
    if type(value) is not float or not _EASY_FLOAT.fullmatch(repr(value)):
        raise _NotEasy
    return repr(value)


def _easy_lines(value: str, before: str, indent: int) -> list[str]:
    """Several lines, as they are; empty ones are not indented."""
    lines = value.split("\n")
    if value[0] in " \n" or value.endswith("\n\n") or _style(value) != "|" or not all(map(str.isprintable, lines)):
        raise _NotEasy
    hint = "|-" if lines[-1] else "|"
    return [before + hint, *(" " * indent + line if line else "" for line in (lines if lines[-1] else lines[:-1]))]


def _folded(text: str, before: str, indent: int, width: int) -> list[str]:
    """A text broken where the next word would pass `width`; one long word stays beside its key."""
    words = _FOLD.split(text)
    if len(words) == 1:
        return [before + text]
    lines, line, is_begun = [], before, False
    for word in words:
        if is_begun and len(line) >= width:
            lines.append(line)
            line = " " * indent
        elif is_begun:
            line += " "
        if len(line) + len(word) > width and len(line) > indent:
            lines.append(line.removesuffix(" "))
            line = " " * indent
        line += word
        is_begun = True
    return [*lines, line]


def _read(text: str) -> Any:
    from svcops.store.yaml_reading import compose

    parsed = compose(text, "")
    if parsed.findings:
        raise NotWritable((), f"something that cannot be written as YAML: {parsed.findings[0].message}")
    return parsed.documents[0]


def _write(plain: Any, width: int, offset: int = 2, *, flow: bool = False) -> str:
    from ruamel.yaml import YAML

    writer = YAML()
    writer.Representer, writer.Emitter = _classes()
    writer.indent(mapping=2, sequence=2 + offset, offset=offset)
    writer.width = width
    writer.default_flow_style = flow
    writer.brace_single_entry_mapping_in_flow_sequence = True
    stream = StringIO()
    try:
        refuse(plain, ())
        writer.dump(plain, stream)
    except RecursionError:
        raise NotWritable((), "something nested too deep to write") from None
    except ValueError as error:
        raise NotWritable((), f"something that cannot be written as YAML: {error}") from None
    return stream.getvalue().removesuffix("...\n")


@cache
def _classes() -> tuple[type, type]:
    """ruamel.yaml's representer and emitter with our choice of styles; defined late: ruamel.yaml is slow to import."""
    from ruamel.yaml.emitter import Emitter
    from ruamel.yaml.representer import RoundTripRepresenter

    class Representer(RoundTripRepresenter):
        def ignore_aliases(self, _data: Any) -> bool:
            return True

        def text(self, data: str) -> Any:
            return self.represent_scalar("tag:yaml.org,2002:str", data, style=_style(data))

        def nothing(self, _data: None) -> Any:
            return self.represent_scalar("tag:yaml.org,2002:null", "null")

    class Styles(Emitter):
        def choose_scalar_style(self) -> Any:
            style = super().choose_scalar_style()
            return '"' if style == "'" and not _DOUBLED.search(self.event.value) else style

        def write_double_quoted(self, text: Any, _split: Any = None) -> None:
            super().write_double_quoted(text, split=False)

        def write_single_quoted(self, text: Any, _split: Any = None) -> None:
            super().write_single_quoted(text, split=False)

        def write_plain(self, text: Any, split: Any = None) -> None:
            """Folded as by `_folded`: ruamel's folds lose blanks where several stand together, and leave others."""
            stream, width, column = self.stream, self.best_width, self.column
            self.stream, self.best_width = StringIO(), UNFOLDED
            super().write_plain(text, split)
            written, self.stream, self.best_width = self.stream.getvalue(), stream, width
            before = " " * column + written.removesuffix(text)
            lines = [before + text] if split is False else _folded(text, before, self.indent or 0, width)
            stream.write("\n".join(lines)[column:])
            self.column = len(lines[-1])

    Representer.add_representer(str, Representer.text)
    Representer.add_representer(type(None), Representer.nothing)
    return Representer, Styles


def _style(text: str) -> str | None:
    """Literal for several lines, quoted where a reader of YAML 1.1 or 1.2 may see no text; None leaves it to ruamel."""
    if "\n" in text and text.strip("\n")[:1] not in ("", "\t") and not _BREAKS.search(text):
        return "|"
    if "\n" in text or "\t" in text or text.lower() in _WORDS or text[0] in "?:" or _BREAKS.search(text):
        return '"'
    if not (text[0].isdigit() or text[0] in "+-."):
        return None
    return '"' if _NUMBER.fullmatch(text) or _is_other_in_yaml_1_1(text) else None


def _is_other_in_yaml_1_1(text: str) -> bool:
    from yaml import ScalarNode
    from yaml.resolver import Resolver

    tag: str = Resolver().resolve(ScalarNode, text, (True, False))  # type: ignore[no-untyped-call]
    return tag != "tag:yaml.org,2002:str"

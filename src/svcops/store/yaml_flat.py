"""YAML as nearly every record has it, read at once: keys at the left margin, one-line values, lists of such values.

What this reads, `svcops.store.yaml_reading` reads the same in several times the time; whatever is not as plain as that
is left to it, and so is everything that may be wrong. Also the YAML 1.2 core schema, for both
(https://yaml.org/spec/1.2.2/#103-core-schema).
"""

import re
from typing import Any

WORDS: dict[str, bool | float | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys((".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"), float("inf")),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), float("-inf")),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), float("nan")),
}
"""Plain scalars that are no text and no number."""
INT = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")

_WORD = re.compile(r"[A-Za-z][A-Za-z0-9_.-]*")
_LARGE = 16 * 1024
_SMALL_INT = 9
"""Digits of a number that is read here."""


class _NotFlat(Exception):
    """Something that has to be looked at more closely."""


def flat(text: str) -> dict[str, Any] | None:
    """The mapping that the text holds; None where it is not as plain as that, or may be wrong."""
    if len(text) > _LARGE or not text.replace("\n", "").isprintable():
        return None
    found: dict[str, Any] = {}
    items: list[Any] | None = None
    """Of the key above, while there is no value beside it."""
    folded = ""
    """The key above, while the text beside it may go on in the next line."""
    try:
        for line in text.removesuffix("\n").split("\n"):
            key, colon, written = line.partition(": ")
            if colon and key.isidentifier():
                if items == [] or key in found or key in WORDS:
                    return None
                found[key], items = _value(written), None
                folded = key if written[0].isalnum() else ""
            elif line[:2] == "  " and folded and line[2:3].isalnum():
                found[folded] = _joined(found[folded], line[2:])
            elif line[:4] == "  - " and items is not None:
                items.append(_value(line[4:]))
            elif line[-1:] == ":" and line[:-1].isidentifier() and items != []:
                key, items, folded = line[:-1], [], ""
                if key in found or key in WORDS:
                    return None
                found[key] = items
            else:
                return None
    except _NotFlat:
        return None
    return None if items == [] else found


def _value(written: str) -> Any:
    """A plain value, one in quotes, or a list of words in brackets, on one line."""
    first = written[:1]
    if first.isalnum():
        if "#" in written or ": " in written or written[-1] in " :":
            raise _NotFlat
        return _number(written) if first.isdigit() else WORDS.get(written, written)
    if first in ('"', "'") and len(written) > 1:
        if written.find(first, 1) != len(written) - 1 or "\\" in written:
            raise _NotFlat
        return written[1:-1]
    if first == "[":
        return _words(written)
    raise _NotFlat


def _joined(above: Any, more: str) -> str:
    """A plain text with its next line, to which a line end is a space."""
    if type(above) is not str or "#" in more or ": " in more or more[-1] in " :":
        raise _NotFlat
    return f"{above} {more}"


def _number(text: str) -> int | str:
    """A small whole number, or a text that begins with a digit, as a time does."""
    if text[4:5] == "-" and text[:4].isdecimal():
        return text  # most of them are times, and no number is written so
    if not (FLOAT.fullmatch(text) or INT.fullmatch(text)):
        return text
    if len(text) > _SMALL_INT or not (text.isdecimal() and text.isascii()):
        raise _NotFlat
    return int(text)


def _words(written: str) -> list[Any]:
    """The words of a list in brackets, which are slugs and the like."""
    if written == "[]":
        return []
    words = written[1:-1].split(", ")
    if written[-1] != "]" or not all(word[:1].isalpha() and _WORD.fullmatch(word) for word in words):
        raise _NotFlat
    return [WORDS.get(word, word) for word in words]

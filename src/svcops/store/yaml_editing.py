"""Changing one value of a YAML text so that every other byte stays: comments, order, quotes, blank lines, line ends.

The place is found by reading, only its characters are replaced, and what came of it is read again: a text whose data
is not exactly what was asked for (behind an alias, in an exotic layout) is never given out. Each function that yields
texts yields ways of writing the same change, the finest first.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import Any

from svcops.checking.model import KeyPath
from svcops.store.frozen import frozen
from svcops.store.yaml_entries import in_brackets, in_lines, joined
from svcops.store.yaml_reading import compose
from svcops.store.yaml_text import CannotEdit, YamlText
from svcops.store.yaml_writing import UNFOLDED, WIDTH, dump, dump_flow, is_same, refuse

__all__ = ("Added", "CannotEdit", "append", "arrange", "remove", "set_value")

_FOLLOWING_COMMA = re.compile(r"\s*,[ \t]*")
_BLANK_LINES = re.compile(r"(?:[ \t]*(?:\r\n|[\n\r]))*")


@frozen
class Added:
    """An item that a list is to have and has not."""

    value: Any


def set_value(text: str, keys: KeyPath, value: Any, *, path: str = "", document: int = 0) -> str:
    """The text with another value at `keys`, or with that key added at the end of its mapping.

    Mappings on the way that are missing are made. Raises CannotEdit, and NotWritable where no record can hold the
    value; `path` only serves the message.
    """
    refuse(value, keys)
    here = YamlText(text, path, keys)
    place = (document, *keys)
    holder, key = here.at(place[:-1]), place[-1]
    if not keys:
        raise here.cannot("a value needs a key")
    if here.has(place):
        if is_same(here.at(place), value):
            return text
        ways = _replacements(here, place, value)
    elif isinstance(holder, dict) and isinstance(key, str):
        ways = _additions(here, place[:-1], key, value)
    elif holder is None and isinstance(key, str):
        if len(keys) > 1:
            return set_value(text, keys[:-1], {key: value}, path=path, document=document)
        ways = _fillings(here, place[:-1], {key: value})
    else:
        raise here.cannot("there is no such place")
    return _first(here, ways, place, lambda holder, key: holder.__setitem__(key, value), {})


def append(text: str, keys: KeyPath, value: Any, *, path: str = "", document: int = 0) -> str:
    """The text with an item added at the end of the list at `keys`, which is made where there is none."""
    here = YamlText(text, path, keys)
    place = (document, *keys)
    items = here.at(place)
    if items is not None and not isinstance(items, list):
        raise here.cannot("it is not a list")
    refuse(value, (*keys, len(items or ())))
    if not items and keys:
        return set_value(text, keys, [value], path=path, document=document)
    ways = _appendings(here, place, value) if items else _fillings(here, place, [value])
    return _first(here, ways, (*place, -1), lambda holder, _: holder.append(value), [])


def remove(text: str, keys: KeyPath, *, path: str = "", document: int = 0) -> str:
    """The text without the key or the item at `keys`; the last one leaves `{}` or `[]` behind."""
    here = YamlText(text, path, keys)
    place = (document, *keys)
    if not keys or not here.has(place):
        raise here.cannot("there is no such place")
    holder = here.at(place[:-1])
    if here.is_flow(place[:-1]):
        ways = _removals_in_brackets(here, place)
    elif len(holder) > 1:
        ways = _removals(here, place)
    elif len(keys) > 1:
        return set_value(text, keys[:-1], type(holder)(), path=path, document=document)
    else:
        start, end = here.start(place[:-1]), here.line_end(here.end(place))
        ways = iter((here.splice(start, end, dump_flow(type(holder)())),))
    return _first(here, ways, place, lambda holder, key: holder.__delitem__(key), None)


def arrange(text: str, keys: KeyPath, items: Sequence[int | Added], *, path: str = "", document: int = 0) -> str:
    """The text with a list at `keys`, made where there is none, of these items: its own, by their number, and others.

    An item keeps its lines, and the comments that belong to it; with an item that goes they go.
    """
    here = YamlText(text, path, keys)
    place = (document, *keys)
    there = [] if here.at(place) is None else here.at(place)
    if not isinstance(there, list):
        raise here.cannot("it is not a list")
    if list(items[: len(there)]) == list(range(len(there))):
        for one in items:
            text = append(text, keys, one.value, path=path, document=document) if isinstance(one, Added) else text
        return text
    wanted = [there[one] if isinstance(one, int) else one.value for one in items]
    refuse(wanted, keys)
    if all(isinstance(one, Added) for one in items):
        return set_value(text, keys, wanted, path=path, document=document)
    ways = _arrangements_in_brackets if here.is_flow(place) else _arrangements
    return _first(here, ways(here, place, items), place, lambda holder, key: holder.__setitem__(key, wanted), None)


def _first(here: YamlText, ways: Iterator[str], place: KeyPath, do: Callable[[Any, Any], None], empty: Any) -> str:
    """The first of the texts whose data is what it was, with `do` done to what holds the place."""
    wanted = _copy(here.data)
    if empty is not None and len(place) == 2 and wanted[place[0] :] in ([], [None]):
        wanted[place[0] :] = [empty]
    holder = wanted
    for key in place[:-1]:
        holder = holder[key]
    do(holder, place[-1])
    for text in ways:
        parsed = compose(text, here.path, many=True)
        if not parsed.findings and is_same(parsed.documents, wanted):
            return here.mark_of_order + text
    raise here.cannot()


def _copy(plain: Any) -> Any:
    """Plain data once more, with nothing shared: what an alias repeats stands for itself."""
    if isinstance(plain, dict):
        return {key: _copy(value) for key, value in plain.items()}
    return [_copy(item) for item in plain] if isinstance(plain, list) else plain


def _replacements(here: YamlText, place: KeyPath, value: Any) -> Iterator[str]:
    start, end = here.start(place), here.end(place)
    if here.is_flow(place[:-1]):
        gap = " " if here.text[start - 1] == ":" else ""
        yield here.splice(start, end, gap + dump_flow(value))
        yield here.splice(start, end, ": " + dump_flow(value))
        return
    mark, column = here.mark(place)
    between = here.text[mark:start]
    for lines in _spellings(here, place, value):
        more = _joined(here, lines[1:], column)
        if "\n" not in between and "\r" not in between:
            head = between or " " if len(lines) == 1 else " "
            tail, stop = _tail(here, place)
            yield here.splice(mark, stop, (head + lines[0] if lines[0] else "") + tail + more)
            continue
        if here.is_block(place) and not lines[0]:
            inner = _joined(here, _block(here, value, item=False)[1:], column).removeprefix(here.eol)
            yield here.splice(here.line_start(start), here.line_end(end), inner)
        after, kept = here.line_end(mark), here.end_of_line_before(here.line_start(start))
        comment, comments = here.text[mark:after], here.text[after:kept]
        yield here.splice(
            mark, here.line_end(end), (f" {lines[0]}" if lines[0] else "") + comment.rstrip() + more + comments
        )


def _spellings(here: YamlText, place: KeyPath, value: Any) -> Iterator[list[str]]:
    """A value in block context as lines: what follows the colon or dash, then lines relative to the entry's column."""
    old = here.text[here.start(place) : here.end(place)]
    if value and isinstance(value, (dict, list)) and here.at(place) and here.is_flow(place):
        flow = dump_flow(value)
        if len(flow) <= WIDTH:
            yield [flow]
    if isinstance(value, str) and "\n" not in value and isinstance(here.at(place), str):
        if old.startswith("'"):
            yield ["'" + value.replace("'", "''") + "'"]
        elif old.startswith('"'):
            yield [f'"{value}"']
    commented = _tail(here, place)[0]
    yield _block(here, value, item=isinstance(place[-1], int), width=UNFOLDED if commented else WIDTH)
    yield [dump_flow(value)]


def _tail(here: YamlText, place: KeyPath) -> tuple[str, int]:
    """The comment that stays behind a value which begins beside its key, and where the value's last line ends."""
    end = here.end(place)
    stop = here.line_end(end)
    if here.is_block(place):
        return "", stop
    if here.is_block_scalar(place):
        header = here.header_end(place)
        return here.text[header : here.line_end(header)].rstrip(), stop
    return here.text[end:stop].rstrip(), stop


def _block(here: YamlText, value: Any, *, item: bool, width: int = WIDTH) -> list[str]:
    """A value in block style as lines: what follows the colon or dash, then lines relative to the entry's column."""
    offset = here.offset_of_lists()
    text = dump({"k": [value]} if item else {"k": value}, width=width, offset=offset)
    first, *more = text.removesuffix("\n").split("\n")
    if item:
        first, *more = (line[offset:] for line in more)
        return [first.removeprefix("-").lstrip(" "), *more]
    return [first.removeprefix("k:").lstrip(" "), *more]


def _joined(here: YamlText, lines: list[str], column: int) -> str:
    """Lines at a column, each behind a line break."""
    return "".join(here.eol + (" " * column + line if line else "") for line in lines)


def _additions(here: YamlText, place: KeyPath, key: str, value: Any) -> Iterator[str]:
    """A key more in the mapping at `place`."""
    if not here.at(place):
        yield from _fillings(here, place, {key: value})
    elif here.is_flow(place):
        end = here.end(here.last(place))
        yield here.splice(end, end, f", {dump_flow({key: value})[1:-1]}")
        yield here.splice(end, end, f" , {dump_flow({key: value})[1:-1]}")
    elif here.is_block(place):
        end = here.line_end(here.end(here.last(place)))
        column = here.column(here.key((*place, next(iter(here.at(place)))))[0])
        name = dump_flow(key)
        first, *more = _block(here, value, item=False)
        yield here.splice(end, end, _joined(here, [f"{name}:{first and ' '}{first}", *more], column))
        yield here.splice(end, end, _joined(here, [f"{name}: {dump_flow(value)}"], column))
    else:
        raise here.cannot("it stands behind an alias, which repeats what stands elsewhere")


def _appendings(here: YamlText, place: KeyPath, value: Any) -> Iterator[str]:
    """An item more in the list at `place`, which has some."""
    last = here.last(place)
    end = here.end(last)
    if here.is_flow(place):
        yield here.splice(end, end, f", {dump_flow(value)}")
    elif here.is_block(place):
        end, column = here.line_end(end), here.mark(last)[1]
        first, *more = _block(here, value, item=True)
        yield here.splice(end, end, _joined(here, [f"- {first}", *more], column))
        yield here.splice(end, end, _joined(here, [f"- {dump_flow(value)}"], column))
    else:
        raise here.cannot("it stands behind an alias, which repeats what stands elsewhere")


def _fillings(here: YamlText, place: KeyPath, value: Any) -> Iterator[str]:
    """Something in place of an empty collection, or of nothing in an empty document."""
    if len(place) > 1:
        yield from _replacements(here, place, value)
        return
    lines = dump(value, offset=0).removesuffix("\n").replace("\n", here.eol)
    if here.at(place) is not None:
        yield here.splice(here.start(place), here.end(place), lines)
        yield here.splice(here.start(place), here.end(place), dump_flow(value))
    elif here.text and not here.text.endswith(here.eol):
        yield here.text + here.eol + lines
    else:
        yield here.text + lines + here.eol


def _arrangements(here: YamlText, place: KeyPath, items: Sequence[int | Added]) -> Iterator[str]:
    """Other items in a list without brackets, each with its lines."""
    places = [(*place, number) for number in range(len(here.at(place)))]
    column = here.mark(places[0])[1]
    stretches = in_lines(here, places)
    begin, end = stretches[0][0], stretches[-1][1]
    own = {number: here.text[start:stop] for number, (start, stop) in enumerate(stretches)}
    order = [one if isinstance(one, int) else number for number, one in enumerate(items, len(own))]
    spellings: tuple[Callable[[Any], list[str]], ...] = (
        lambda value: _block(here, value, item=True),
        lambda value: [dump_flow(value)],
    )
    for spelled in spellings:
        texts = dict(own)
        for number, one in enumerate(items, len(own)):
            if isinstance(one, Added):
                first, *more = spelled(one.value)
                texts[number] = _joined(here, [f"- {first}", *more], column).removeprefix(here.eol)
        yield here.splice(begin, end, joined(here, begin, texts, order))


def _arrangements_in_brackets(here: YamlText, place: KeyPath, items: Sequence[int | Added]) -> Iterator[str]:
    """Other items in a list in brackets; what separates them stays."""
    stretches = in_brackets(here, place, [(*place, number) for number in range(len(here.at(place)))])
    texts = [here.text[start:end] for start, end in stretches]
    gaps = [here.text[end:start] for (_, end), (start, _) in pairwise(stretches)] or [", "]
    written = [texts[one] if isinstance(one, int) else dump_flow(one.value) for one in items]
    between = [*gaps[: len(items) - 1], *gaps[-1:] * (len(items) - 1 - len(gaps))]
    new = "".join(part for pair in zip(written, [*between, ""], strict=True) for part in pair)
    yield here.splice(stretches[0][0], stretches[-1][1], new)


def _removals_in_brackets(here: YamlText, place: KeyPath) -> Iterator[str]:
    holder = here.at(place[:-1])
    siblings = [(*place[:-1], key) for key in (range(len(holder)) if isinstance(holder, list) else holder)]
    index = siblings.index(place)
    start, end = here.entry_start(place), here.end(place)
    comma = _FOLLOWING_COMMA.match(here.text, end)
    behind = comma.end() if comma else end
    before = here.end(siblings[index - 1]) if index else start
    if index + 1 < len(siblings) or not index:
        yield here.splice(start, behind, "")
    elif "#" not in here.text[before:start]:
        yield here.splice(before, end, "")
    yield here.splice(start, behind, "")


def _removals(here: YamlText, place: KeyPath) -> Iterator[str]:
    """Without the lines of an entry; where it begins beside a dash, the next entry moves up to that dash."""
    start = here.key(place)[0] if place in here.places.keys else here.dash(place)
    end = here.end(place)
    if here.text[here.line_start(start) : start].strip(" "):
        following = here.next_line(end)
        yield here.splice(start, following + len(here.text[following:]) - len(here.text[following:].lstrip(" ")), "")
        return
    start, after = here.line_start(start), here.next_line(end)
    if after == here.line_end(end):
        yield here.text[: here.end_of_line_before(start)]
    yield here.splice(start, after, "")
    blank = _BLANK_LINES.match(here.text, after)
    assert blank
    yield here.splice(start, blank.end(), "")

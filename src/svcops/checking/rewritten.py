"""HIS001: records of what happened that a branch changed or took away, though they are written once.

A record that could not be read proves nothing: who mends its form, and nothing else, rewrites no history.
"""

from collections.abc import Collection, Iterator, Sequence
from typing import Any

from svcops.checking.bygone import RUNS, leading_nowhere, nobodies
from svcops.checking.formats.sources import Sources
from svcops.checking.model import At, Finding, KeyPath, Span
from svcops.checking.spelling import Spellings
from svcops.store.cache import Cache
from svcops.store.files import Tree
from svcops.store.graph import Graph
from svcops.store.layout import place_of
from svcops.store.model import Kind

_SET_ONCE = (
    *("incident", "incident-event", "problem", "problem-event", "measure", "measure-event"),
    *("exercise", "evidence", "approval"),
)
"""Kinds of records of what happened: they are written once, and others are added."""
_ONE_MORE = {"exercise": "one more exercise", "evidence": "evidence of one more drill", "approval": "one more approval"}
"""What says what is right where there are no events."""


def rewritten(of_theirs: Graph, merged: Tree, changed: Collection[str], gone: Collection[str]) -> Iterator[Finding]:
    """HIS001, of every such record that stood in the revision; `changed` and `gone` are the paths of the branch."""
    found = [
        (path, place.kind, f"a record of what happened that {what} since: {place.kind.name} {place.name(path)}")
        for paths, what in ((changed, "was changed"), (gone, "was taken away"))
        for path in sorted(paths)
        if (place := place_of(path)) and place.kind and place.kind.name in _SET_ONCE
    ]
    there = of_theirs.tree
    for tree in (there, merged):
        tree.read_ahead(path for path, *_ in found)
    before, after = Sources(there), Sources(merged)
    for path, kind, message in found:
        is_same = there.read(path) == merged.read(path)  # as where both sides changed it in the same way
        if path in changed and (is_same or _is_mended(of_theirs, merged, kind, path)):
            continue
        told, help_ = message, _help(kind)
        if path in changed and _read(there, kind, path)[1] is None:
            told = f"{message}, and could not be read before"
            help_ = f"Nobody can tell what it said: git log -p -- {path} shows what was changed of it."
        elif path in changed and _is_in_order(there, merged, kind, path):
            continue
        span = _first_changed(before.lines(path), after.lines(path))
        yield Finding("HIS001", told, At(path), help_, severity="warning", span=span)


def _help(of: Kind) -> str:
    more = _ONE_MORE.get(of.name, "one more event")
    return (
        f"Bring it back, and say what is right by {more}; only what svcops undo takes back may go. "
        "git log -p -- PATH tells who changed it."
    )


def _is_mended(of_theirs: Graph, merged: Tree, kind: Kind, path: str) -> bool:
    """Whether a record says what it said, but where it was damaged, or a name was a slip, and is in order now."""
    wrong, old = _read(of_theirs.tree, kind, path)
    left, new = _read(merged, kind, path)
    if left or old is None or new is None or any(one.code == "YAML002" and not one.fix for one in wrong):
        return False
    damaged = {one.at.keys for one in wrong if one.code != "SCHEMA002" and one.at.keys}
    if not wrong and old.get("by") in of_theirs.once(_nobodies, kind.name):
        damaged.add(("by",))
    lacking = {one.at.keys for one in wrong if one.code == "SCHEMA002"}
    respelt = {} if wrong else of_theirs.once(_respelt, kind.name).get(path, {})
    differences = list(_differences(old, new))
    renamed = [(keys[:-1], was) for keys, was, _ in differences if keys in damaged]
    return bool(wrong or respelt or damaged) and all(
        respelt.get(keys) == now
        or any(keys[: len(one)] == one for one in damaged)
        or (was is _NOTHING and (keys[:-1] in lacking or (keys[:-1], now) in renamed))
        for keys, was, now in differences
    )


def _is_in_order(there: Tree, merged: Tree, kind: Kind, path: str) -> bool:
    """Whether nothing but the order of its keys was changed, as `svcops fmt` does it: the same lines say the same."""
    old, new = (tree.read(path)[0].splitlines() for tree in (there, merged))
    return sorted(old) == sorted(new) and not list(
        _differences(_read(there, kind, path)[1], _read(merged, kind, path)[1])
    )


def _read(tree: Tree, kind: Kind, path: str) -> tuple[list[Finding], Any]:
    """What is wrong with a record, and what it says as plain data; None where its YAML cannot be read."""
    from svcops.store.documents import parse
    from svcops.store.reading import Reader

    wrong = Reader(tree, Cache(None), kind).read([path]).findings
    data, problem = tree.read(path)
    parsed = parse(data, path)
    is_read = problem is None and all(one.code == "YAML002" for one in parsed.findings)
    return wrong, parsed.documents[0] if is_read and parsed.documents else None


def _nobodies(of_theirs: Graph, kind_name: str) -> set[str]:
    """Who ran something there, and is nobody who was ever known; nobody in records of other kinds."""
    return {by for by, was in nobodies(of_theirs, kind_name).items() if was is False} if kind_name in RUNS else set()


def _respelt(of_theirs: Graph, kind_name: str) -> dict[str, dict[KeyPath, str]]:
    """The names in records of a kind that lead nowhere as they are written, by path and place, as REF001 has them."""
    spellings = Spellings(of_theirs)
    found: dict[str, dict[KeyPath, str]] = {}
    for one in leading_nowhere(of_theirs, kind_name):
        meant = spellings.meant(one.kinds, one.name) or spellings.near(one.kinds, one.name)
        if meant:
            found.setdefault(one.source.path, {})[one.keys] = meant
    return found


_NOTHING = object()


def _differences(old: Any, new: Any, keys: KeyPath = ()) -> Iterator[tuple[KeyPath, Any, Any]]:
    """The places at which two values of plain data differ, as deep as they can be told, with what each has there."""
    if isinstance(old, dict) and isinstance(new, dict):
        for key in old.keys() | new.keys():
            yield from _differences(old.get(key, _NOTHING), new.get(key, _NOTHING), (*keys, key))
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for index, (one, other) in enumerate(zip(old, new, strict=True)):
            yield from _differences(one, other, (*keys, index))
    elif type(old) is not type(new) or old != new:
        yield keys, old, new


def _first_changed(old: Sequence[str], new: Sequence[str]) -> Span | None:
    """The first line that is another now, or, where the last lines went, the last one left; None where all did."""
    last = next((number for number in range(len(new), 0, -1) if new[number - 1].strip()), 0)
    if old == new or not last:
        return None
    same = next((index for index, pair in enumerate(zip(old, new, strict=False)) if pair[0] != pair[1]), len(old))
    number = min(same + 1, last)
    line = new[number - 1]
    return Span(number, len(line) - len(line.lstrip()) + 1, number, len(line.rstrip()) + 1)

"""From a file's bytes to its documents as plain data: YAML files, and the front matter of Markdown files."""

import re

from svcops.checking.model import At, Finding, KeyPath, Part, Span
from svcops.store.files import MAX_BYTES, Tree
from svcops.store.frozen import frozen
from svcops.store.yaml_reading import CONFLICT_HELP, Parsed, Places, compose, decode

_FENCE = re.compile(r"^---[ \t]*\r?\n", re.MULTILINE)
_OPEN_HELP = "Add a second line --- below the last of the fields."
_ABSENT_HELP = "Put the fields at the very top, between two lines ---: svcops explain FILE006 shows how."

_BEGIN, _MIDDLE, _END = "<<<<<<< ", "=======", ">>>>>>> "
"""How git marks the sides of what it could not merge (https://git-scm.com/docs/git-merge#_how_conflicts_are_presented)."""


@frozen
class Split:
    """A Markdown file taken apart: the YAML between its fences, and the text below."""

    front: str
    body: str
    body_line: int


def split_front_matter(text: str) -> Split | None:
    """Take front matter off; None where the file does not begin with it."""
    opening = _FENCE.match(text)
    if not opening:
        return None
    closing = re.compile(r"^---[ \t]*(?:\r?\n|\Z)", re.MULTILINE).search(text, opening.end())
    if not closing:
        return None
    return Split(text[opening.end() : closing.start()], text[closing.end() :], text.count("\n", 0, closing.end()) + 1)


def parse(data: bytes, path: str, *, many: bool = False, locate: bool = False) -> Parsed:
    """The documents of a file; with `many` a file may hold several, and a list of mappings counts as several."""
    text, problem = decode(data, path, max_bytes=MAX_BYTES)
    if problem:
        return Parsed(findings=[problem])
    if not path.endswith(".md"):
        return compose(text, path, many=many, locate=locate)
    split = split_front_matter(text)
    if split is None:
        return Parsed(findings=[_conflict(text, path, 1) or _no_front_matter(text, path)])
    parsed = compose(split.front, path, first_line=2, locate=locate)
    conflict = None if parsed.findings else _conflict(split.body, path, split.body_line)
    if conflict:
        parsed.findings.append(conflict)
    return parsed


def _no_front_matter(text: str, path: str) -> Finding:
    message = "no front matter: a record in Markdown begins with a line ---, its fields, and another ---"
    help_ = _OPEN_HELP if _FENCE.match(text) else _ABSENT_HELP
    return Finding("FILE006", message, At(path), help_, span=Span(1, 1, 1, 1))


def _conflict(text: str, path: str, first_line: int) -> Finding | None:
    """The first conflict of which git's three marks stand in a text, in their order.

    In code too, where commands are that somebody types at night: an example of a conflict is set in by a blank.
    """
    if _BEGIN not in text:
        return None
    begun, has_middle = None, False
    for number, line in enumerate(text.split("\n"), first_line):
        if line.startswith(_BEGIN):
            begun, has_middle = Span(number, 1, number, len(line.rstrip()) + 1), False
        elif line.rstrip() == _MIDDLE:
            has_middle = True
        elif line.startswith(_END) and begun and has_middle:
            return Finding("FILE009", "a merge left a conflict open in the text", At(path), CONFLICT_HELP, span=begun)
    return None


def body(tree: Tree, path: str) -> str:
    """The Markdown below a record's front matter; empty where the file is damaged."""
    data, _ = tree.read(path)
    split = split_front_matter(data.decode("utf-8-sig", "replace"))
    return split.body if split else ""


class Locator:
    """Finds the line and column of a place by reading its file once more: findings are few, records are many."""

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self._places: dict[str, Places] = {}

    def span(self, at: At) -> Span | None:
        """The span of the place, or of the nearest thing around it that is written in the file."""
        places = self._places.get(at.path)
        if places is None:
            data, _ = self.tree.read(at.path)
            places = self._places[at.path] = parse(data, at.path, many=True, locate=True).places
        keys = (at.document, *at.keys)
        while keys:
            found = _written(places, keys, at.part)
            if found:
                return found
            keys = keys[:-1]
        return None


def _written(places: Places, keys: KeyPath, part: Part) -> Span | None:
    """Where this very key or value is written; of a whole document, and of an item as a key, its first character."""
    if part == "key" and keys in places.keys:
        return places.keys[keys]
    value = places.values.get(keys)
    if value and (len(keys) == 1 or (part == "key" and isinstance(keys[-1], int))):
        return Span(value.line, value.column, value.line, value.column + 1)
    return value if part == "value" else None

"""A file name that is no name for a record.

Names are lower-case ASCII, so two of them never differ by case or Unicode form alone, which some systems do not tell
apart: a file of such a name is found here.
"""

import re
from collections.abc import Iterator, Mapping
from unicodedata import normalize

from svcops.checking.model import At, Finding
from svcops.checking.rule import Context, Rule
from svcops.store.files import list_kind
from svcops.store.graph import Graph
from svcops.store.ids import year_of
from svcops.store.layout import KINDS, SETTINGS, pattern_of
from svcops.store.model import ID, SLUG, Kind

_ID = re.compile(ID)
_SLUG = re.compile(SLUG)
_OTHERS = re.compile(r"[^a-z0-9._]+")
_DEVICE = re.compile(r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\..*)?")


def _find(context: Context) -> Iterator[Finding]:
    for kind in KINDS:
        if kind.pattern != SETTINGS:
            for path in _paths(context.graph, kind):
                found = pattern_of(kind).fullmatch(path)
                yield from _judge(kind, path, found.groupdict() if found else {})


def _paths(graph: Graph, kind: Kind) -> list[str]:
    return list_kind(graph.root, kind, {}) if kind.many else list(graph.paths(kind.name))


def _judge(kind: Kind, path: str, parts: Mapping[str, str]) -> Iterator[Finding]:
    """Of a record in the folder of a year the name is an id; all other names, those of events among them, are slugs."""
    if "year" in parts and "owner" not in parts:
        yield from _judge_id(kind, path, parts["name"], parts["year"])
        return
    for part in (name for key, name in parts.items() if key not in ("year", "owner")):
        if not _SLUG.fullmatch(part):
            message = f"{part} is no name: those are lower-case letters and digits, with single . _ - between them"
            yield Finding("NAME001", message, At(path), _suggestion(part))
        elif _DEVICE.fullmatch(part):
            message = f"{part} is a name that Windows keeps for a device"
            yield Finding("NAME001", message, At(path), "Choose another name.")


def _suggestion(part: str) -> str:
    plain = normalize("NFKD", part).encode("ascii", "ignore").decode().lower()
    near = re.sub(r"[._-]*([._-])", r"\1", _OTHERS.sub("-", plain)).strip("._-")
    return f"Rename it, such as to {near}." if _SLUG.fullmatch(near) else "Rename it."


def _judge_id(kind: Kind, path: str, name: str, year: str) -> Iterator[Finding]:
    if not _ID.fullmatch(name) or not name.startswith(f"{kind.name}-"):
        form = f"Its form: {kind.name}-20261123-k7f3q2, a date and six characters, all lower-case."
        yield Finding("NAME001", f"{name} is no id of a record of kind {kind.name}", At(path), form)
    elif year != year_of(name):
        right = path.replace(f"/{year}/", f"/{year_of(name)}/", 1)
        message = f"{name} lies in the folder {year}, which is not the year in its id"
        yield Finding("NAME001", message, At(path), f"Move it to {right}.")


RULE = Rule("NAME001", "a file name that is no name for a record", find=_find)

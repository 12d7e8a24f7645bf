"""A file name that is no name for a record.

Names are lower-case ASCII, so two of them never differ by case or Unicode form alone, which some systems do not tell
apart: a file of such a name is found here.
"""

import re
from collections.abc import Iterator, Mapping
from unicodedata import normalize

from svcops.checking.model import At, Finding
from svcops.checking.rule import Context, Rule
from svcops.store.ids import year_of
from svcops.store.layout import SETTINGS, parts_of
from svcops.store.model import ID, SLUG, Kind

_ID = re.compile(ID)
_REST_OF_ID = "[0-9]{4}-[0-9abcdefghjkmnpqrstvwxyz]{6}"
_SLUG = re.compile(SLUG)
_OTHERS = re.compile(r"[^a-z0-9._]+")
_DEVICE = re.compile(r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\..*)?")


def _find(context: Context) -> Iterator[Finding]:
    for kind in context.kinds:
        if kind.pattern != SETTINGS:
            right, paths = _right(kind), context.graph.files_of(kind.name)
            text = "\n".join([*paths, ""])
            if re.fullmatch(rf"(?>{right}\n)*+", text, re.MULTILINE) and text.count("\n") == len(paths):
                continue  # all of them at once, which is several times as fast
            for path in paths:
                if not re.fullmatch(right, path):
                    yield from _judge(kind, path, parts_of(path))


def _right(kind: Kind) -> str:
    """A pattern of paths that certainly have nothing wrong; the others are looked at closely."""
    pattern = re.escape(kind.pattern).replace(r"\{", "{").replace(r"\}", "}")
    if "{year}" in pattern:
        pattern = pattern.replace("{year}", r"(\d{4})", 1)
        name = rf"{kind.name}-\1{_REST_OF_ID}" if "{owner}" not in pattern else "[^/]+"
        pattern = pattern.replace("{name}" if "{owner}" not in pattern else "{owner}", name, 1)
    safe = rf"(?!{_DEVICE.pattern}(?:/|$)){SLUG}"
    return re.sub(r"{[a-z]+}", lambda _: safe, pattern)


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

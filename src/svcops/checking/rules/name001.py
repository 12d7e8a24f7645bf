"""A file name that is no name for a record.

Names are lower-case ASCII, so two of them never differ by case or Unicode form alone, which some systems do not tell
apart: a file of such a name is found here.
"""

import re
from collections.abc import Collection, Iterator, Mapping

from svcops.checking.model import At, Finding
from svcops.checking.rule import Context, Rule
from svcops.store.ids import near_slug, year_of
from svcops.store.layout import SETTINGS, parts_of
from svcops.store.model import ID, SLUG, Kind

_ID = re.compile(ID)
_REST_OF_ID = "[0-9]{4}-[0-9abcdefghjkmnpqrstvwxyz]{6}"
_SLUG = re.compile(SLUG)
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
                    yield from _judge(kind, path, parts_of(path), paths)


def _right(kind: Kind) -> str:
    """A pattern of paths that certainly have nothing wrong; the others are looked at closely."""
    pattern = re.escape(kind.pattern).replace(r"\{", "{").replace(r"\}", "}")
    if "{year}" in pattern:
        pattern = pattern.replace("{year}", r"(\d{4})", 1)
        name = rf"{kind.name}-\1{_REST_OF_ID}" if "{owner}" not in pattern else "[^/]+"
        pattern = pattern.replace("{name}" if "{owner}" not in pattern else "{owner}", name, 1)
    safe = rf"(?!{_DEVICE.pattern}(?:/|$)){SLUG}"
    return re.sub(r"{[a-z]+}", lambda _: safe, pattern)


def _judge(kind: Kind, path: str, parts: Mapping[str, str], there: Collection[str]) -> Iterator[Finding]:
    """Of a record in the folder of a year the name is an id; all other names, those of events among them, are slugs."""
    if "year" in parts and "owner" not in parts:
        yield from _judge_id(kind, path, parts["name"], parts["year"])
        return
    for key, part in parts.items():
        if key in ("year", "owner"):
            continue
        if not _SLUG.fullmatch(part):
            message = f"{part} is no name: those are lower-case letters and digits, with single . _ - between them"
            yield Finding("NAME001", message, At(path), _suggestion(kind, path, key, part, there))
        elif _DEVICE.fullmatch(part):
            message = f"{part} is a name that Windows keeps for a device"
            yield Finding("NAME001", message, At(path), "Choose another name.")


def _suggestion(kind: Kind, path: str, key: str, part: str, there: Collection[str]) -> str:
    """Another name for a part of a path, unless a record has it."""
    near = near_slug(part)
    if not near:
        return "Rename it."
    wanted, steps = kind.pattern.split("/"), path.split("/")
    place = next(place for place, step in enumerate(wanted) if f"{{{key}}}" in step)
    steps[place] = wanted[place].replace(f"{{{key}}}", near)
    if "/".join(steps) in there:
        return f"{'/'.join(steps[place:])} is there already: keep one of the two."
    return f"Rename it, such as to {near}."


def _judge_id(kind: Kind, path: str, name: str, year: str) -> Iterator[Finding]:
    if not _ID.fullmatch(name) or not name.startswith(f"{kind.name}-"):
        form = f"Its form: {kind.name}-20261123-k7f3q2, a date and six characters, all lower-case."
        yield Finding("NAME001", f"{name} is no id of a record of kind {kind.name}", At(path), form)
    elif year != year_of(name):
        right = path.replace(f"/{year}/", f"/{year_of(name)}/", 1)
        message = f"{name} lies in the folder {year}, which is not the year in its id"
        yield Finding("NAME001", message, At(path), f"Move it to {right}.")


RULE = Rule("NAME001", "a file name that is no name for a record", find=_find)

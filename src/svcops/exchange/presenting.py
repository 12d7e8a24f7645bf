"""The plan of an import and the outcome of an export, as a person or a program sees them."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from posixpath import commonpath, dirname
from shlex import quote
from textwrap import shorten
from typing import Any

from svcops.exchange.backstage_export import Export
from svcops.exchange.plan import Plan, Planned
from svcops.exchange.sources import Source

_MOST = 20
"""Records to add that are named, before the others are only counted."""
_LONGEST = 80
"""Characters of what is only here; --json has all of it."""
_REMOVES = {"dependencies": "--remove-dependency", "tags": "--remove-tag"}
"""The options that take an item of a list away."""


def as_text(plan: Plan, *, update: bool = False) -> str:
    """The plan as lines to read; what needs no decision is only counted. An `update` is shown line by line."""
    return "\n".join(_lines(plan, update=update))


def _lines(plan: Plan, *, update: bool) -> Iterator[str]:
    folder = _common_folder(plan)
    if folder:
        yield f"Places are below {folder}"
        yield ""
    yield from _to_add(plan, folder)
    if plan.duplicates:
        number, names = sum(len(one.sources) for one in plan.duplicates), len(plan.duplicates)
        told = f"{names} name{'s' if names > 1 else ''}, {number} entities"
        yield f"Defined more than once, the first is kept ({told}):"
        yield from _aligned(
            [
                (f"{one.kind} {one.name}", " ".join(_place(source, folder) for source in one.sources))
                for one in plan.duplicates
            ]
        )
    if plan.dangling:
        yield f"Lead nowhere ({_counted(one.field for one in plan.dangling)}):"
        yield from _aligned(
            [
                (f"{one.kind} {one.name}", f"{one.field}: {one.target}", _place(one.source, folder))
                for one in plan.dangling
            ]
        )
    if plan.unsupported:
        yield "Not imported:"
        yield from _aligned(
            [(f"{one.kind} {one.name}", _place(one.source, folder), one.reason) for one in plan.unsupported]
        )
    yield from _annotations(plan)
    yield from _notes(plan, folder)
    yield from _there_already(plan, folder, update=update)
    yield summary(plan)


def _to_add(plan: Plan, folder: str) -> Iterator[str]:
    if plan.added:
        yield "To add:"
        first = plan.added[:_MOST]
        yield from _aligned([(f"{one.kind} {one.name}", one.path, _place(one.source, folder)) for one in first])
    if len(plan.added) > _MOST:
        yield f"  ... and {len(plan.added) - _MOST} more, which --json lists"
        yield ""


def _annotations(plan: Plan) -> Iterator[str]:
    kept = Counter(key for one in (*plan.added, *plan.updated) for key in one.annotations)
    if kept:
        yield "No field here, kept as annotations of the records:"
        yield from _aligned([(key, str(number)) for key, number in sorted(kept.items())])


def _notes(plan: Plan, folder: str) -> Iterator[str]:
    rows = [
        (f"{one.kind} {one.name}", _place(one.source, folder), note)
        for one in (*plan.added, *plan.updated)
        for note in one.notes
    ]
    if rows:
        yield "To know:"
        yield from _aligned(rows)


def _there_already(plan: Plan, folder: str, *, update: bool) -> Iterator[str]:
    offered = [one for one in plan.kept if not one.stays]
    if offered:
        hint = "" if update else " (--update takes over what differs)"
        yield f"Already there with other content, left as they are{hint}:"
        yield from _aligned([(one.path, ", ".join(one.differs), _place(one.source, folder)) for one in offered])
    staying = [one for one in plan.kept if one.stays]
    if staying:
        yield "Already there, and no update can change them:"
        yield from _aligned([(one.path, one.stays, _place(one.source, folder)) for one in staying])
    if plan.updated:
        yield "Already there, and changed to what the input says:"
        yield from _aligned([(one.path, ", ".join(one.differs), _place(one.source, folder)) for one in plan.updated])
    yield from _only_here(plan)
    if update:
        for one in plan.updated:
            yield one.diff


def _only_here(plan: Plan) -> Iterator[str]:
    rows = [
        (one.path, f"{key}: {shorten(', '.join(names), _LONGEST)}", _taking_away(one, key, names))
        for one in (*plan.unchanged, *plan.kept, *plan.updated)
        for key, names in one.only_here.items()
    ]
    if rows:
        yield "Only here, as the input does not name them, or no longer does; they stay until somebody takes them away:"
        yield from _aligned(rows[:_MOST])
    if len(rows) > _MOST:
        yield f"  ... and {len(rows) - _MOST} more, which --json lists"
        yield ""


def _taking_away(one: Planned, key: str, names: Iterable[str]) -> str:
    """The command that takes away what is only here; empty where only an editor can."""
    if one.kind != "service" or key == "links":
        return ""
    option = _REMOVES.get(key)
    options = [f"{option} {quote(name)}" for name in names] if option else [f"--unset {key}"]
    return " ".join([f"svcops service edit {one.name}", *options])


def summary(plan: Plan) -> str:
    """One line that counts."""
    again = sum(len(one.sources) - 1 for one in plan.duplicates)
    counts = (
        (len(plan.added), "to add"),
        (len(plan.updated), "to update"),
        (len(plan.unchanged), "there already"),
        (sum(not one.stays for one in plan.kept), "there with other content"),
        (sum(bool(one.stays) for one in plan.kept), "there and not to be updated"),
        (again, "defined again"),
        (len(plan.unsupported), "not imported"),
    )
    listed = ", ".join(f"{number} {what}" for number, what in counts if number)
    return f"{plan.entities} item{'s' if plan.entities != 1 else ''}{': ' if listed else ''}{listed}."


def as_json(plan: Plan) -> dict[str, Any]:
    """The plan as JSON, schema `svcops.import/1`."""
    return {
        "format": plan.format,
        "entities": plan.entities,
        "added": [_planned(one) for one in plan.added],
        "updated": [{**_planned(one), "diff": one.diff} for one in plan.updated],
        "unchanged": [_planned(one) for one in plan.unchanged],
        "kept": [_planned(one) for one in plan.kept],
        "duplicates": [
            {"kind": one.kind, "name": one.name, "sources": [_source(source) for source in one.sources]}
            for one in plan.duplicates
        ],
        "dangling": [
            {
                "kind": one.kind,
                "name": one.name,
                "field": one.field,
                "target": one.target,
                "source": _source(one.source),
            }
            for one in plan.dangling
        ],
        "unsupported": [
            {"kind": one.kind, "name": one.name, "reason": one.reason, "source": _source(one.source)}
            for one in plan.unsupported
        ],
    }


def export_remarks(export: Export) -> Iterator[str]:
    """What an export could only say in annotations, and what it left out."""
    annotated = Counter(field for one in export.entities for field in one.annotated)
    if annotated:
        listed = ", ".join(f"{field} {number}" for field, number in sorted(annotated.items()))
        yield f"only as svcops/... annotations, Backstage has no words for them: {listed}"
    for reason in dict.fromkeys(one.reason for one in export.left_out):
        listed = ", ".join(f"{one.kind} {one.name}" for one in export.left_out if one.reason == reason)
        yield f"left out: {listed} ({reason})"


def export_as_json(export: Export) -> dict[str, Any]:
    """The export as JSON, schema `svcops.export/1`."""
    return {
        "entities": [dict(one.entity) for one in export.entities],
        "annotated": [
            {"kind": one.kind, "name": one.name, "fields": list(one.annotated)}
            for one in export.entities
            if one.annotated
        ],
        "left_out": [{"kind": one.kind, "name": one.name, "reason": one.reason} for one in export.left_out],
    }


def _planned(one: Planned) -> dict[str, Any]:
    return {
        "kind": one.kind,
        "name": one.name,
        "path": one.path,
        "source": _source(one.source),
        "annotations": list(one.annotations),
        "notes": list(one.notes),
        "differs": list(one.differs),
        "stays": one.stays or None,
        "only_here": {key: list(names) for key, names in one.only_here.items()},
    }


def _source(source: Source) -> dict[str, Any]:
    return {"file": source.file, "line": source.line}


def _sources(plan: Plan) -> Iterator[Source]:
    """Every place that the text names."""
    for duplicate in plan.duplicates:
        yield from duplicate.sources
    noted = [one for one in plan.added if one.notes]
    for ones in (plan.dangling, plan.unsupported, plan.kept, plan.updated, noted):
        yield from (one.source for one in ones)


def _common_folder(plan: Plan) -> str:
    """The folder that all places share, with its last `/`; empty where they share none."""
    folders = {dirname(source.file) for source in _sources(plan)}
    try:
        shared = commonpath(folders)
    except ValueError:  # there are none, or some are absolute and some are not
        return ""
    return f"{shared}/" if shared.strip("/") else ""


def _place(source: Source, folder: str) -> str:
    return str(source).removeprefix(folder)


def _counted(words: Iterable[str]) -> str:
    return ", ".join(f"{number} {word}" for word, number in Counter(words).items())


def _aligned(rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    """Rows as indented columns, and a blank line."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        yield "  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
    yield ""

"""The plan of an import, as a person or a program sees it."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from svcops.exchange.backstage import Plan, Planned
from svcops.exchange.backstage_entities import Source


def as_text(plan: Plan) -> str:
    """The plan as lines to read; what needs no decision is only counted."""
    return "\n".join(_lines(plan))


def _lines(plan: Plan) -> Iterator[str]:
    if plan.duplicates:
        number = sum(len(one.sources) for one in plan.duplicates)
        yield f"Defined more than once, the first is kept ({len(plan.duplicates)} names, {number} entities):"
        yield from _aligned([(f"{one.kind} {one.name}", " ".join(map(str, one.sources))) for one in plan.duplicates])
    if plan.dangling:
        fields = ", ".join(f"{number} {field}" for field, number in Counter(one.field for one in plan.dangling).items())
        yield f"Lead nowhere ({fields}):"
        yield from _aligned(
            [(f"{one.kind} {one.name}", f"{one.field}: {one.target}", str(one.source)) for one in plan.dangling]
        )
    if plan.unsupported:
        yield "Not imported:"
        yield from _aligned([(f"{one.kind} {one.name}", str(one.source), one.reason) for one in plan.unsupported])
    if plan.kept:
        yield "Already there with other content, left as they are:"
        yield from _aligned([(one.path, str(one.source)) for one in plan.kept])
    yield summary(plan)


def summary(plan: Plan) -> str:
    """One line that counts."""
    again = sum(len(one.sources) - 1 for one in plan.duplicates)
    counts = (
        (len(plan.added), "to add"),
        (len(plan.unchanged), "there already"),
        (len(plan.kept), "there with other content"),
        (again, "defined again"),
        (len(plan.unsupported), "not imported"),
    )
    listed = ", ".join(f"{number} {what}" for number, what in counts if number)
    return f"{plan.entities} entit{'ies' if plan.entities != 1 else 'y'}{': ' if listed else ''}{listed}."


def as_json(plan: Plan) -> dict[str, Any]:
    """The plan as JSON, schema `svcops.import/1`."""
    return {
        "entities": plan.entities,
        "added": [_planned(one) for one in plan.added],
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


def _planned(one: Planned) -> dict[str, Any]:
    return {"kind": one.kind, "name": one.name, "path": one.path, "source": _source(one.source)}


def _source(source: Source) -> dict[str, Any]:
    return {"file": source.file, "line": source.line}


def _aligned(rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    """Rows as indented columns, and a blank line."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        yield "  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
    yield ""

"""What a run would go through, without running it."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from svcops.runbooks.execution.deciding import runs
from svcops.runbooks.execution.outcome import rollback, walked
from svcops.timing.model import format_duration

if TYPE_CHECKING:
    from svcops.runbooks.execution.walking import Book
    from svcops.runbooks.structure import Step


def planned(book: "Book") -> list[dict[str, Any]]:
    """Each step of a run, and those of the way back, as JSON objects."""
    conditions = [{"step": name, "title": text, "needs": "person"} for name, text in book.preconditions.items()]
    back = rollback(book.structure)
    return [*conditions, *(_planned(book, one, is_back=one in back) for one in (*walked(book.structure), *back))]


def _planned(book: "Book", step: "Step", *, is_back: bool) -> dict[str, Any]:
    settings = book.settings[step.name]
    commands = [list(settings.argv)] if settings and settings.argv else [one.text for one in step.commands]
    return {
        "step": step.name,
        "title": step.title,
        "commands": commands,
        "expected": step.expected,
        "needs": needs(book, step),
        "dangerous": settings.dangerous if settings else None,
        "only_where_one_failed": is_back,
        "timeout_seconds": int(settings.limit.total_seconds()) if settings else None,
    }


def needs(book: "Book", step: "Step") -> str:
    """Who is needed: a program, or a person."""
    settings = book.settings[step.name]
    return "program" if runs(step, settings) and settings and not settings.manual else "person"


def planned_text(book: "Book") -> str:
    """The same to read in a terminal."""
    return "\n".join(_lines(book))


def _lines(book: "Book") -> Iterator[str]:
    for name, text in book.preconditions.items():
        yield f"{name}: {text}"
        yield "  a person says whether it is so"
    for step in walked(book.structure):
        yield from _of(book, step)
    back = rollback(book.structure)
    if back:
        yield "Where a step failed:"
    for step in back:
        yield from _of(book, step)


def _of(book: "Book", step: "Step") -> Iterator[str]:
    settings = book.settings[step.name]
    yield f"{step.name}: {step.title}"
    if settings and settings.dangerous:
        yield f"  DANGEROUS: {settings.dangerous}"
    if settings and settings.argv:
        from shlex import join

        yield f"  $ {join(settings.argv)}"
    else:
        for code in step.commands:
            yield from (f"  $ {line}" for line in code.text.rstrip().split("\n"))
    judge = "a program judges" if needs(book, step) == "program" else "a person judges"
    limit = f", at most {format_duration(settings.limit)}" if settings else ""
    yield f"  {judge}{limit}" + (f": {' '.join(step.expected.split())}" if step.expected else "")

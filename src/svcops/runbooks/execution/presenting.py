"""What a run would go through, without running it."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from svcops.runbooks.execution.outcome import rollback, walked
from svcops.runbooks.presenting import step_detail
from svcops.runbooks.step_settings import can_run, needs_person
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
    return {**step_detail(step, book.settings[step.name]), "only_where_one_failed": is_back}


def planned_text(book: "Book") -> str:
    """The same to read in a terminal."""
    return "\n".join(_lines(book))


def _lines(book: "Book") -> Iterator[str]:
    for name, text in book.preconditions.items():
        yield f"{name}: {text}"
        yield "  a person says whether it is so"
    for step in walked(book.structure):
        yield from _of(book, step)
    if book.structure.rest:
        yield from _indented(book.structure.rest)
    back = rollback(book.structure)
    if back:
        yield "Where a step failed:"
    for step in back:
        yield from _of(book, step)


def _indented(text: str) -> Iterator[str]:
    """What is read between steps, apart from these."""
    yield from ("", *(f"    {line}".rstrip() for line in text.split("\n")), "")


def _of(book: "Book", step: "Step") -> Iterator[str]:
    settings = book.settings[step.name]
    if step.before:
        yield from _indented(step.before)
    yield f"{step.name}: {step.title}"
    if settings and settings.dangerous:
        yield f"  DANGEROUS: {settings.dangerous}"
    if settings and settings.argv:
        from shlex import join

        yield f"  $ {join(settings.argv)}"
    else:
        for code in step.commands:
            yield from (f"  $ {line}" for line in code.text.rstrip().split("\n"))
    if not can_run(step, settings):
        yield "  a person does it, and says whether it is so"
        return
    judge = "a person judges" if needs_person(step, settings) else "a program judges"
    limit = f", at most {format_duration(settings.limit)}" if settings else ""
    yield f"  {judge}{limit}" + (f": {' '.join(step.expected.split())}" if step.expected else "")

"""What is wrong with the blocks `yaml step` of a runbook, each read like a record, as the check finds it."""

from collections.abc import Iterator

from svcops.checking.model import At, Span
from svcops.runbooks.step_settings import settings_of
from svcops.runbooks.structure import Structure
from svcops.store.frozen import frozen

UNREAD = "this block belongs to no step, or to one that has another"
ONE_EACH = "A step has one, in its item or right below its command; commands that need one each are two steps."


@frozen
class Wrong:
    """What is wrong in a block, where, and what to do."""

    message: str
    help: str
    span: Span


def wrong_blocks(text: str, structure: Structure) -> tuple[Wrong, ...]:
    """What is wrong in the blocks of a file's text, whose structure that is."""
    return tuple(_wrong(text, structure))


def _wrong(text: str, structure: Structure) -> Iterator[Wrong]:
    for step in structure.steps:
        for one in settings_of(step, At(""), text)[1]:
            if one.span:
                yield Wrong(one.message, one.help, one.span)
    for block in structure.stray:
        line = block.line - 1
        yield Wrong(UNREAD, ONE_EACH, Span(line, 1, line, 1))

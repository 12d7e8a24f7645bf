"""What is wrong with the blocks `yaml step` of a runbook, each read like a record, as the check finds it."""

import re
from collections.abc import Iterator

from svcops.checking.model import At, Span
from svcops.runbooks.step_settings import settings_of
from svcops.runbooks.structure import structure_of
from svcops.store.frozen import frozen

UNREAD = "this block belongs to no step, or to one that has another"
ONE_EACH = "A step has one, in its item or right below its command; commands that need one each are two steps."
_BLOCK = re.compile(r"(?:`{3}|~{3})[`~ \t]*yaml[ \t]+step")


@frozen
class Wrong:
    """What is wrong in a block, where, and what to do."""

    message: str
    help: str
    span: Span


def wrong_blocks(text: str, body: str, first_line: int) -> tuple[Wrong, ...]:
    """What is wrong in the blocks of a file's text, whose body begins on that line; most texts have none to parse."""
    return tuple(_wrong(text, body, first_line)) if _BLOCK.search(body) else ()


def _wrong(text: str, body: str, first_line: int) -> Iterator[Wrong]:
    structure = structure_of(body, first_line)
    for step in structure.steps:
        for one in settings_of(step, At(""), text)[1]:
            if one.span:
                yield Wrong(one.message, one.help, one.span)
    for block in structure.stray:
        line = block.line - 1
        yield Wrong(UNREAD, ONE_EACH, Span(line, 1, line, 1))

"""What is wrong with the blocks `yaml step` of a runbook, each read like a record, as the check finds it."""

import re
from collections.abc import Iterator

from svcops.checking.model import At, Span
from svcops.runbooks.scanning import lines_of
from svcops.runbooks.step_settings import settings_of
from svcops.runbooks.structure import STEP, structure_of
from svcops.store.frozen import frozen

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
    steps = structure_of(body, first_line).steps
    for step in steps:
        for one in settings_of(step, At(""), text)[1]:
            if one.span:
                yield Wrong(one.message, one.help, one.span)
    read = {one.settings.line - 1 for one in steps if one.settings}
    for line in lines_of(body, first_line):
        if line.kind == "open" and line.language == STEP and line.number not in read:
            message, help_ = "this block belongs to no step, or to one that has another", "Set it in below its command."
            yield Wrong(message, help_, Span(line.number, 1, line.number, 1))

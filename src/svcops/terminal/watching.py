"""A page that is drawn again and again on a terminal, until ^C."""

import os
from collections.abc import Callable
from typing import TYPE_CHECKING

from svcops.errors import BadInput

if TYPE_CHECKING:
    from svcops.terminal.session import Session

_OTHER_SCREEN, _BACK = "\x1b[?1049h\x1b[?25l", "\x1b[?25h\x1b[?1049l"
"""xterm's alternate screen without a cursor, and back: what stood on the terminal before stands there again."""
_HOME, _REST_OF_LINE, _REST = "\x1b[H", "\x1b[K", "\x1b[J"
_SIZE = (80, 24)


def watch(session: "Session", draw: Callable[[], str], wait: Callable[[], None]) -> None:
    """Show what `draw` gives, `wait`, and again. BadInput without a terminal; ^C ends it and is passed on.

    Each page is written in one go over the one before, so that nothing flickers, cut to the terminal's size.
    """
    if not session.is_terminal:
        raise BadInput("--watch needs a terminal", help="Without it, the page is shown once.")
    from svcops.terminal.session import printable

    out = session.stdout
    out.write(_OTHER_SCREEN)
    try:
        while True:
            page = fitted(printable(draw()), *_size(out))
            out.write(_HOME + f"{_REST_OF_LINE}\r\n".join(page) + _REST_OF_LINE + _REST)
            out.flush()
            wait()
    finally:
        out.write(_BACK)
        out.flush()


def fitted(text: str, columns: int, rows: int) -> list[str]:
    """The lines of a page that fit; of too many, those at the top and at the end, as both matter most."""
    every = [line if len(line) <= columns else f"{line[: columns - 1]}…" for line in text.splitlines()]
    if len(every) <= rows:
        return every
    head = (rows - 1) * 3 // 5
    end = rows - 1 - head
    return [*every[:head], f"… {len(every) - head - end} lines …"[:columns], *(every[-end:] if end else [])]


def _size(out: object) -> tuple[int, int]:
    """Columns and rows; one column less, as some terminals break a line that fills the last one."""
    try:
        columns, rows = os.get_terminal_size(out.fileno())  # type: ignore[attr-defined]
    except (OSError, ValueError, AttributeError):
        columns, rows = _SIZE
    return max(2, (columns or _SIZE[0]) - 1), max(2, rows or _SIZE[1])

"""Tables for a person at a terminal, by rich; where the terminal is too narrow for one, a block a row."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from svcops.store.ids import is_id, tail

if TYPE_CHECKING:
    from svcops.terminal.session import Session

_BETWEEN = 3
_WIDEST_WORD = 24
"""A word that is longer may be folded; others keep together."""


def show(
    session: "Session", columns: Sequence[str], rows: Sequence[Sequence[str]], styles: Mapping[str, str] | None = None
) -> None:
    """Print a table that fits the terminal: no cell is left out, and the first one, a name, is never cut.

    Where ids do not fit, they are told by their tails, which is what people type.
    """
    from rich.console import Console

    color = session.use_color(session.stdout)
    console = Console(file=session.stdout, no_color=not color, highlight=False)
    room = console.width - _BETWEEN * len(columns)
    widths = _widths(columns, rows, room)
    if widths is None:
        short = [(tail(row[0]), *row[1:]) for row in rows if is_id(row[0])]
        widths = _widths(columns, short, room) if len(short) == len(rows) else None
        if widths is None:
            _show_blocks(session, columns, rows)
            return
        rows = short
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    table = Table(box=SIMPLE_HEAD, pad_edge=False, header_style="bold" if color else "")
    for column, width in zip(columns, widths, strict=True):
        table.add_column(column, overflow="fold", width=width)
    for row in rows:
        table.add_row(*(Text(cell, style=styles.get(cell, "") if styles and color else "") for cell in row))
    console.print(table)


def _widths(columns: Sequence[str], rows: Sequence[Sequence[str]], room: int) -> list[int] | None:
    """How wide each column is so that they fit the room together, or None where even their longest words do not."""
    from rich.cells import cell_len

    cells = [[column, *(row[number] for row in rows)] for number, column in enumerate(columns)]
    widths = [max(map(cell_len, column)) for column in cells]
    words = [max((cell_len(word) for cell in column for word in cell.split()), default=1) for column in cells]
    least = [widths[0], *(min(width, _WIDEST_WORD) for width in words[1:])]
    if sum(least) > room:
        return None
    while sum(widths) > room:
        widest = max(range(len(widths)), key=lambda number: widths[number] - least[number])
        widths[widest] -= 1
    return widths


def _show_blocks(session: "Session", columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    width = max(map(len, columns[1:]), default=0)
    for row in rows:
        session.show(row[0])
        for column, cell in zip(columns[1:], row[1:], strict=True):
            if cell:
                session.show(f"  {column:<{width}}  {cell}")


def aligned(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """A table as lines of text, for a page that is drawn again and again and cut to its width."""
    from rich.cells import cell_len

    every = [columns, *rows]
    widths = [max(cell_len(row[number]) for row in every) for number in range(len(columns))]
    return [
        "  ".join(cell + " " * (width - cell_len(cell)) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in every
    ]

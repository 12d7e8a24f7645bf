"""Tables for a person at a terminal, by rich."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from svcops.terminal.session import Session


def show(session: "Session", columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a table that fits the terminal; the first column, an id or a name, is never cut."""
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    color = session.use_color(session.stdout)
    console = Console(file=session.stdout, no_color=not color, highlight=False)
    table = Table(box=SIMPLE_HEAD, pad_edge=False, header_style="bold" if color else "")
    for number, column in enumerate(columns):
        table.add_column(column, no_wrap=number == 0, overflow="fold")
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    console.print(table)

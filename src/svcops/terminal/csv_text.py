"""Rows as CSV."""

from collections.abc import Iterable, Sequence

from svcops.terminal.session import Session, printable

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""With these a cell begins that a spreadsheet works out instead of showing it."""


def csv_text(columns: Sequence[str], found: Iterable[Sequence[str | float | None]]) -> str:
    """Rows as RFC 4180 has them; numbers are numbers, and no text is a formula to a spreadsheet."""
    import csv
    from io import StringIO

    text = StringIO()
    writer = csv.writer(text)
    writer.writerow(columns)
    for row in found:
        writer.writerow([_cell(one) for one in row])
    return text.getvalue()


def show_csv(session: Session, text: str) -> None:
    """As it is: its lines end with a carriage return and a line feed, and no cell holds what a terminal obeys."""
    session.show(text.removesuffix("\n"), painted=True)


def _cell(value: str | float | None) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        plain = printable(value).replace("\n", " ")
        return f"'{plain}" if plain.startswith(_FORMULA) else plain
    return str(int(value) if value == int(value) else value)

"""Colours by role, and how wide a line may be."""

from collections.abc import Callable

from svcops.store.frozen import frozen

Paint = Callable[[str, str], str]
"""Colours a text by a role: error, warning, note, place, dim, good, old, new."""

WIDEST = 160
"""Columns of a line where no terminal says how many it has."""

_CODES = {
    "error": "1;31",
    "warning": "1;33",
    "note": "1;36",
    "place": "34",
    "dim": "2",
    "good": "32",
    "old": "31",
    "new": "32",
}


def plain(text: str, _role: str) -> str:
    """No colour."""
    return text


def coloured(text: str, role: str) -> str:
    """ANSI colours."""
    return f"\x1b[{_CODES[role]}m{text}\x1b[0m"


@frozen
class Look:
    """How a block is drawn: its colours, the columns there are, and how wide its line numbers are."""

    paint: Paint
    width: int
    pad: int

    @property
    def room(self) -> int:
        """The columns right of the bar."""
        return max(20, min(self.width, WIDEST) - self.pad - 3)

    @property
    def bar(self) -> str:
        """What parts line numbers and source."""
        return self.paint("|", "place")

    def row(self, number: int | str, content: str, sign: str = "") -> str:
        """A line of a frame; `number` is empty for what is drawn below a source line, `sign` stands for the bar."""
        shown = self.paint(f"{number:>{self.pad}}", "place") if number != "" else " " * self.pad
        return f"{shown} {sign or self.bar} {content}".rstrip()

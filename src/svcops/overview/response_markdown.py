"""A page of figures as Markdown, to paste into a pull request or an issue."""

from collections.abc import Iterable, Iterator

from svcops.overview.response_presenting import Heading, Lines, Part
from svcops.terminal.markdown import escaped, table

_TOP = 2
"""How deep the first heading stands: what it is pasted into has a title of its own."""
_NUMBERS = ("n", "unknown", "median", "90 %", "mean", "before", "now", "incidents", "value", "support hours")


def blocks(parts: Iterable[Part], legend: Iterable[str]) -> Iterator[str]:
    """The page, a block a part, and at its end how the figures are worked out."""
    for part in parts:
        if isinstance(part, Heading):
            yield f"{'#' * (_TOP + part.level - 1)} {escaped(part.text)}\n"
        elif isinstance(part, Lines):
            yield "".join(f"- {escaped(line)}\n" for line in part.lines)
        else:
            yield table(part.columns, part.rows, _NUMBERS)
    told = list(legend)
    if told:
        yield "How these are worked out:\n\n" + "".join(f"- {escaped(line)}\n" for line in told)

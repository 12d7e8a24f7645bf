"""A fix, as the lines it takes away and the lines it puts there."""

from collections.abc import Iterator, Mapping, Sequence

from svcops.checking.model import Edit, Fix, Span
from svcops.store.frozen import frozen


@frozen
class Hunk:
    """Lines of a file that a fix replaces: from line `first` on, the old ones by the new ones."""

    path: str
    first: int
    old: tuple[str, ...]
    new: tuple[str, ...]


def is_located(fix: Fix) -> bool:
    """Whether every edit says which characters it replaces by which: without that, there is nothing to show."""
    return all(edit.span and (edit.text or edit.how in ("replace", "remove")) for edit in fix.edits)


def hunks(fix: Fix, lines: Mapping[str, Sequence[str]]) -> Iterator[Hunk]:
    """What a located fix changes, in the order of places; `lines` are those of every file it edits.

    Edits outside their file are passed by: the fix is still named by its title.
    """
    spans = [(edit.at.path, edit.span, edit) for edit in fix.edits if edit.span]
    spans.sort(key=lambda one: (one[0], one[1].line, one[1].column))
    group: list[tuple[Span, Edit]] = []
    for path, span, edit in spans:
        if group and (group[-1][1].at.path != path or span.line > group[-1][0].end_line):
            yield from _hunk(group, lines)
            group = []
        if span.line > 0 and span.end_line <= len(lines[path]):
            group.append((span, edit))
    if group:
        yield from _hunk(group, lines)


def _hunk(group: Sequence[tuple[Span, Edit]], lines: Mapping[str, Sequence[str]]) -> Iterator[Hunk]:
    path = group[0][1].at.path
    first, last = group[0][0].line, max(span.end_line for span, _ in group)
    old = list(lines[path][first - 1 : last])
    text = "\n".join(old)
    starts = [0]
    for line in old:
        starts.append(starts[-1] + len(line) + 1)
    for span, edit in reversed(group):
        start = starts[span.line - first] + span.column - 1
        end = starts[span.end_line - first] + span.end_column - 1
        text = text[:start] + edit.text + text[end:]
    new = text.replace("\r\n", "\n").split("\n")
    while old and new and old[0] == new[0]:  # from above first: of two lines that are alike, the second was taken away
        first += 1
        old.pop(0)
        new.pop(0)
    while old and new and old[-1] == new[-1]:
        old.pop()
        new.pop()
    if old or new:
        yield Hunk(path, first, tuple(old), tuple(new))

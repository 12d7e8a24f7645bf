"""Which lines differ between two trees: what stands on one of them is of the change, and what stands beside it is not.

Told by git, by lines alone. A stretch that only one side has lies between two lines of the other: what spans both of
these is touched by it.
"""

import re
from collections.abc import Iterator, Mapping

from svcops.checking.formats.sources import Sources
from svcops.checking.model import Finding, Related, Span
from svcops.store.files import Tree
from svcops.store.frozen import frozen
from svcops.store.git import Git

_Stretch = tuple[int, int]
"""The first line and the last one, from 1; where they are the wrong way round, what lies between them."""
_ALL: tuple[_Stretch, ...] = ((0, 2**63),)
_HUNK = re.compile(rb"^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@", re.MULTILINE)
_FILE = re.compile(rb"^diff --git ", re.MULTILINE)
_ASKED = ("-r", "-z", "--raw", "-p", "-U0", "--text", "--no-renames", "--no-ext-diff", "--no-textconv", "--relative")


@frozen
class ChangedLines:
    """The stretches of one of the two trees, by path; files without any are the same in both."""

    stretches: Mapping[str, tuple[_Stretch, ...]]
    sources: Sources

    def touch(self, finding: Finding) -> bool:
        """Whether a finding, or a place that explains it, stands on a line that differs."""
        places: tuple[Finding | Related, ...] = (finding, *finding.related)
        return any(map(self._differs, places))

    def _differs(self, place: Finding | Related) -> bool:
        stretches, span = self.stretches.get(place.at.path, ()), place.span
        if not stretches or stretches == _ALL or not _counts_as_git(self.sources, place.at.path):
            return bool(stretches)
        if span is None or is_whole(place, span):
            return False
        return any(span.line <= last and first <= span.last_line for first, last in stretches)


def changed_lines(git: Git, before: Tree, after: Tree, trees: tuple[str, str]) -> tuple[ChangedLines, ChangedLines]:
    """The lines that differ, of the tree before and of that after; `trees` is how git names the two."""
    old: dict[str, tuple[_Stretch, ...]] = {}
    new: dict[str, tuple[_Stretch, ...]] = {}
    listed, _, patches = git.run("diff-tree", "--diff-filter=M", *_ASKED, *trees).stdout.partition(b"\0\0")
    for path, patch in zip(_raw_paths(listed), _FILE.split(patches)[1:], strict=True):
        hunks = [[1 if part is None else int(part) for part in one.groups()] for one in _HUNK.finditer(patch)]
        old[path] = tuple(_stretch(start, count) for start, count, _, _ in hunks)
        new[path] = tuple(_stretch(start, count) for _, _, start, count in hunks)
    whole = git.run("diff-tree", "-r", "-z", "--raw", "--diff-filter=m", "--no-renames", "--relative", *trees).stdout
    for path in _raw_paths(whole):
        old[path] = new[path] = _ALL
    return ChangedLines(old, Sources(before)), ChangedLines(new, Sources(after))


def is_whole(place: Finding | Related, span: Span) -> bool:
    """Whether a place is a record as a whole, which is shown at its first character: no line of it is meant."""
    return not place.at.keys and (span.end_line, span.end_column) == (span.line, span.column + 1)


def _raw_paths(listed: bytes) -> Iterator[str]:
    """The paths of git's raw format: a field that tells the change, and one that is the path, by turns."""
    for path in listed.split(b"\0")[1::2]:
        yield path.decode("utf-8", "surrogateescape")


def _stretch(start: int, count: int) -> _Stretch:
    return (start, start + count - 1) if count else (start + 1, start)


def _counts_as_git(sources: Sources, path: str) -> bool:
    """Whether a file's lines end where git takes them to end: YAML knows more ends."""
    return len(sources.lines(path)) == sources.tree.read(path)[0].count(b"\n") + 1

"""Fixes: which of them can be made, the files with them made, and what that changes.

A rule says what is meant (`svcops.checking.model.Fix`), `svcops.checking.edits` how it is written. A fix that would
change more than its place, or bytes that a proof rests on, is taken off its finding.
"""

from bisect import bisect_left
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from svcops.checking.edits import Source, applied, made
from svcops.checking.model import Edit, Finding, Span
from svcops.store.change import Change, digest_of
from svcops.store.frozen import frozen
from svcops.store.layout import place_of

if TYPE_CHECKING:
    from svcops.store.files import Signature, Tree
    from svcops.store.graph import Graph
    from svcops.store.model import Kind
    from svcops.store.walk import Inventory

ROUNDS = 8
"""Fixes that bring out further ones, such as a key in capitals above a reference in capitals, need one round each."""

_PROOFS = {"approval": "an approval is about exact bytes", "evidence": "evidence is about exact bytes"}


@frozen
class Fixed:
    """The new bytes of the files that fixes change, and the findings that they mend."""

    files: Mapping[str, bytes]
    findings: tuple[Finding, ...]


def located(findings: Iterable[Finding], graph: "Graph") -> list[Finding]:
    """The findings with the edits of their fixes as they would be made; a fix that cannot be made is taken off.

    Where that is for a proof that rests on the bytes of the file, the help says so.
    """
    findings = list(findings)
    if not any(finding.fix for finding in findings):
        return findings
    sources: dict[str, Source | None] = {}
    approved = approvals_by_path(graph)
    return [_located(finding, graph.tree, sources, approved) if finding.fix else finding for finding in findings]


def _located(finding: Finding, tree: "Tree", sources: dict[str, Source | None], approved: Mapping[str, str]) -> Finding:
    assert finding.fix
    edits = []
    for edit in finding.fix.edits:
        proof = proof_of(edit.at.path, tree, approved)
        if proof:
            return replace(finding, help=f"{finding.help} No program mends it: {proof}.".strip(), fix=None)
        source = _source(tree, edit.at.path, sources)
        final = made(source, edit) if source else None
        if final is None:
            return replace(finding, fix=None)
        edits.append(final)
    return replace(finding, fix=replace(finding.fix, edits=tuple(edits)))


def approvals_by_path(graph: "Graph") -> dict[str, str]:
    """The path that each approval is about, with the approval's name."""
    return {one.value.of: name for name, one in graph.all("approval").items()}


def proof_of(path: str, tree: "Tree", approved: Mapping[str, str]) -> str:
    """Why no program may change the bytes of a file; nothing where one may."""
    steps = path.split("/")
    above = ("/".join(steps[:depth]) for depth in range(1, len(steps) + 1))
    covering = next((approved[one] for one in above if one in approved), "")
    if covering:
        return f"{covering} is about its exact bytes"
    place = place_of(path)
    kind = place.kind.name if place and place.kind else ""
    if kind in _PROOFS:
        return _PROOFS[kind]
    is_signed = any(tree.has(signature) for signature in (f"{path}.sig", f"{path.rpartition('.')[0]}.sig"))
    return "it is signed" if is_signed else ""


def _source(tree: "Tree", path: str, sources: dict[str, Source | None]) -> Source | None:
    """The text of a file, read once; None where not all of it can be read."""
    if path not in sources:
        data, problem = tree.read(path)
        try:
            source = None if problem else Source(data, path)
        except UnicodeDecodeError:
            source = None
        sources[path] = source if source and source.is_sound else None
    return sources[path]


def fixed(tree: "Tree", findings: Iterable[Finding]) -> Fixed:
    """The files that the fixes of located findings change. Of fixes that touch each other the first is made.

    Every text is read again before it is given out: where its data is not what the fixes say, and nothing else, they
    are tried one by one, and those left out for which that still holds.
    """
    by_path: dict[str, list[Finding]] = {}
    for finding in findings:
        paths = {edit.at.path for edit in finding.fix.edits} if finding.fix else set()
        if len(paths) == 1 and all(edit.span for edit in _edits(finding)):
            by_path.setdefault(paths.pop(), []).append(finding)
    files: dict[str, bytes] = {}
    mended: list[Finding] = []
    for path, ones in sorted(by_path.items()):
        source = _source(tree, path, {})
        text, done = _mended(source, _apart(ones)) if source else (None, [])
        if source and text is not None:
            files[path] = source.data(text)
            mended += done
    return Fixed(files, tuple(mended))


def _mended(source: Source, findings: list[Finding]) -> tuple[str | None, list[Finding]]:
    text = applied(source, [edit for finding in findings for edit in _edits(finding)])
    if text is not None or len(findings) == 1:
        return text, findings
    for finding in findings:
        text = applied(source, _edits(finding))
        if text is not None:
            return text, [finding]
    return None, []


def _edits(finding: Finding) -> tuple[Edit, ...]:
    return finding.fix.edits if finding.fix else ()


def _apart(findings: list[Finding]) -> list[Finding]:
    """Those findings whose edits do not touch the ones of an earlier one."""
    taken: list[tuple[tuple[int, int], tuple[int, int]]] = []
    apart = []
    for finding in findings:
        ends = [_ends(edit.span) for edit in _edits(finding) if edit.span]
        if not any(_touches(taken, *one) for one in ends):
            for one in ends:
                taken.insert(bisect_left(taken, one), one)
            apart.append(finding)
    return apart


def _ends(span: Span) -> tuple[tuple[int, int], tuple[int, int]]:
    return (span.line, span.column), (span.end_line, span.end_column)


def _touches(
    taken: list[tuple[tuple[int, int], tuple[int, int]]], start: tuple[int, int], end: tuple[int, int]
) -> bool:
    """Whether a stretch has a character in common with one of those taken, which are sorted and apart."""
    index = bisect_left(taken, (start, end))
    return (index > 0 and taken[index - 1][1] > start) or (index < len(taken) and taken[index][0] < end)


class Edited:
    """A tree with other bytes in some of its files."""

    def __init__(self, tree: "Tree", files: Mapping[str, bytes]) -> None:
        self.tree = tree
        self.files = files
        self.knows_blobs = tree.knows_blobs

    def inventory(self, only: Collection[str] | None = None, *, by_two: bool = False) -> "Inventory":
        """As the tree has it: files are changed, never added or removed."""
        return self.tree.inventory(only, by_two=by_two)

    def unlisted(self, kind: "Kind") -> Finding | None:
        """As the tree has it."""
        return self.tree.unlisted(kind)

    def sizes(self) -> dict[str, int]:
        """As the tree has it."""
        return self.tree.sizes()

    def list_kind(self, kind: "Kind", within: Mapping[str, str]) -> list[str]:
        """As the tree has it."""
        return self.tree.list_kind(kind, within)

    def folder_names(self, kind: "Kind") -> list[str]:
        """As the tree has it."""
        return self.tree.folder_names(kind)

    def read(self, path: str) -> tuple[bytes, Finding | None]:
        """The other bytes, or those of the tree."""
        return (self.files[path], None) if path in self.files else self.tree.read(path)

    def read_ahead(self, paths: Iterable[str]) -> None:
        """Passed on, but for files with other bytes."""
        self.tree.read_ahead(path for path in paths if path not in self.files)

    def signature(self, path: str) -> "Signature | None":
        """None for a file with other bytes: no cache knows it."""
        return None if path in self.files else self.tree.signature(path)

    def signatures(self, paths: Sequence[str]) -> "list[Signature | None]":
        """The same of many."""
        return list(map(self.signature, paths))

    def blob(self, path: str) -> str | None:
        """None for a file with other bytes."""
        return None if path in self.files else self.tree.blob(path)

    def has(self, path: str) -> bool:
        """As the tree has it."""
        return self.tree.has(path)

    def is_folder(self, path: str) -> bool:
        """As the tree has it."""
        return self.tree.is_folder(path)


def until_stable(
    tree: "Tree", findings: Iterable[Finding], check: Callable[["Tree"], Iterable[Finding]]
) -> tuple[Fixed, list[Finding]]:
    """Fixes made, and made again in what they brought out, for at most `ROUNDS` rounds; and what is found afterwards.

    `check` gives the located findings of a tree. Nothing is written.
    """
    left = list(findings)
    files: dict[str, bytes] = {}
    mended: list[Finding] = []
    for _ in range(ROUNDS):
        done = fixed(Edited(tree, files), left)
        if not done.files:
            break
        files |= done.files
        mended += done.findings
        left = list(check(Edited(tree, files)))
    return Fixed(files, tuple(mended)), left


def change_of(tree: "Tree", files: Mapping[str, bytes], subject: str) -> Change:
    """The change that writes the files, void where one of them is no longer what the tree gave."""
    before = {path: digest_of(tree.read(path)[0]) for path in files}
    return Change(subject, dict(files), before)


def diff(old: bytes, new: bytes, path: str) -> str:
    """A unified diff of one file, as git and patch read it; empty where nothing differs."""
    from difflib import unified_diff

    lines = unified_diff(_lines(old), _lines(new), f"a/{path}", f"b/{path}")
    return "".join(_ended(line) for line in lines)


def _lines(data: bytes) -> list[str]:
    *lines, last = data.decode("utf-8", "replace").split("\n")
    return [*(f"{line}\n" for line in lines), *([last] if last else [])]


def _ended(line: str) -> str:
    return line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"


def diffs(tree: "Tree", files: Mapping[str, bytes]) -> Iterator[str]:
    """The diff of each file against what the tree has, by path."""
    for path, data in sorted(files.items()):
        yield diff(tree.read(path)[0], data, path)

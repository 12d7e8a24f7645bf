"""The files that are imported: read within limits, as YAML documents that know the places of what they say."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from svcops.checking.model import At, Finding, Span
from svcops.errors import BadInput
from svcops.store.change import digest_of
from svcops.store.frozen import frozen
from svcops.store.yaml_reading import Places, compose, decode

MAX_BYTES = 64 * 1024 * 1024
MAX_NODES = 20_000_000
_MOST = 10
"""Findings that are shown; who has more fixes their common cause."""


class Unreadable(BadInput):
    """Files that are not YAML, or not of the format that was named."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        self.findings = tuple(findings)
        listed = [_line(one) for one in findings[:_MOST]]
        more = [f"and {len(findings) - _MOST} more"] if len(findings) > _MOST else []
        super().__init__("\n  ".join(["nothing imported, these files cannot be read:", *listed, *more]))


@frozen
class Source:
    """A place in a file that was given."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


@frozen
class Input:
    """A file that was given: its name as it was typed, and its bytes."""

    name: str
    data: bytes


@frozen
class Document:
    """One YAML document of a file."""

    file: str
    number: int
    plain: Any
    places: Places
    base: tuple[str | int, ...] = ()
    """Of one that is an item of a list: its place in there."""

    def span(self, *keys: str | int) -> Span:
        """Where the value at a key path is written, or the nearest thing around it."""
        place = (self.number, *self.base, *keys)
        while place:
            found = self.places.values.get(place)
            if found:
                return found
            place = place[:-1]
        return Span(1, 1, 1, 1)

    def source(self, *keys: str | int) -> Source:
        """The place of the value at a key path."""
        return Source(self.file, self.span(*keys).line)

    def finding(self, message: str, *keys: str | int) -> Finding:
        """That the value at a key path is not what the format says."""
        return Finding("YAML001", message, At(self.file), span=self.span(*keys))


def read_inputs(place: Callable[[str], Path], names: Iterable[str]) -> list[Input]:
    """The files of these names, which are where `place` says; BadInput for one that cannot be read."""
    inputs = []
    for name in names:
        try:
            with place(name).open("rb") as stream:
                inputs.append(Input(name, stream.read(MAX_BYTES + 1)))
        except OSError as error:
            from svcops.terminal.given_files import unread

            raise unread(name, name, place(name), error) from None
    return inputs


def documents_of(inputs: Iterable[Input]) -> tuple[list[Document], list[Finding]]:
    """The documents of the files, and what keeps a file from being read; documents that are empty are passed by."""
    documents, findings = [], []
    for one in inputs:
        text, problem = decode(one.data, one.name, max_bytes=MAX_BYTES)
        if problem:
            findings.append(problem)
            continue
        parsed = compose(text, one.name, many=True, locate=True, max_nodes=MAX_NODES)
        findings += parsed.findings
        if not parsed.findings and all(plain is None for plain in parsed.documents):
            findings.append(Finding("YAML001", "the file is empty", At(one.name), span=Span(1, 1, 1, 1)))
        documents += [
            Document(one.name, number, plain, parsed.places)
            for number, plain in enumerate(parsed.documents)
            if plain is not None and not parsed.findings
        ]
    return documents, findings


def items_of(documents: Iterable[Document]) -> Iterator[Document]:
    """The documents, those that are lists item by item."""
    for one in documents:
        if isinstance(one.plain, list):
            for index, item in enumerate(one.plain):
                yield Document(one.file, one.number, item, one.places, (*one.base, index))
        else:
            yield one


def origin_of(inputs: Iterable[Input]) -> str:
    """The files with their digests, a line each, for a commit's message."""
    return "\n".join(f"{one.name.rsplit('/', 1)[-1]} sha256:{digest_of(one.data)}" for one in inputs)


def _line(one: Finding) -> str:
    place = f"{one.at.path}:{one.span.line}:{one.span.column}" if one.span else one.at.path
    return f"{place}: {one.message}"

"""Records with their places, made of a file's documents: as they were parsed, or as the cache has them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import repeat
from typing import Any, Generic, NamedTuple, TypeVar

from svcops.checking.model import At, Finding, KeyPath, Part, Related
from svcops.store.fitting import check_of
from svcops.store.layout import parts_of, place_of_kind
from svcops.store.model import Kind
from svcops.store.shape import rebuild, shape_of

T = TypeVar("T")


class Entry(NamedTuple, Generic[T]):
    """One record with its place: `at()` names a key inside it for a finding."""

    kind: str
    name: str
    path: str
    value: T
    document: int = 0
    base: KeyPath = ()

    @property
    def parts(self) -> Mapping[str, str]:
        """The named parts of its path."""
        return parts_of(self.path)

    def at(self, *keys: str | int, part: Part = "value") -> At:
        """The place of a key of this record; without keys, the record."""
        return At(self.path, (*self.base, *keys), part, self.document)


def validated(declared: Any, plain: Any, place: At) -> tuple[Any, list[Finding]]:
    """The record that plain data describes, or None and what is wrong; pydantic is imported only where it is needed."""
    check = check_of(declared)
    if check and check(plain):
        return rebuild(declared, plain), []
    from svcops.store.validation import validate

    return validate(declared, plain, place)


def rebuilt(of: Kind, declared: Any, held: Mapping[str, list[Any]]) -> dict[str, Entry[Any]]:
    """The records of files from the cache, quickly; fewer than files where that cannot be, as two have one name."""
    if of.many or not all(held.values()):
        return {}
    make = shape_of(declared).rebuild or _itself
    values = [make(documents[0]) for documents in held.values()]  # step by step, as in svcops.store.reading
    names = list(map(place_of_kind(of).name, held))
    return dict(zip(names, map(Entry, repeat(of.name), names, held, values), strict=True))


def rebuilding(of: Kind, declared: Any) -> Callable[[str, list[Any]], Sequence[Entry[Any]]]:
    """What gives the records of a file from what the cache holds of it; all that is the same for each is done here."""
    make, kind_name, name_of = shape_of(declared).rebuild or _itself, of.name, place_of_kind(of).name
    if of.many:
        return lambda path, documents: [
            entry_of(of, place, plain, make(plain)) for place, plain in records_in(of, documents, path)
        ]
    return lambda path, documents: (Entry(kind_name, name_of(path), path, make(documents[0])),)


def _itself(plain: Any) -> Any:
    return plain


def entry_of(of: Kind, place: At, plain: Any, value: Any) -> Entry[Any]:
    """The record at a place of a file, whose name is in its path, or in what it holds."""
    name = f"{plain['kind']}/{plain['metadata']['name']}" if of.many else place_of_kind(of).name(place.path)
    return Entry(of.name, name, place.path, value, place.document, place.keys)


def second(entry: Entry[Any], first: Entry[Any]) -> Finding:
    """NAME002, of a record whose name another one has that comes before it."""
    message = f"a second {entry.kind} of the name {entry.name}"
    help_ = "Names are unique within a store: rename one of the two."
    return Finding("NAME002", message, entry.at(), help_, related=(Related("first defined here", first.at()),))


def records_in(of: Kind, documents: list[Any], path: str) -> Iterator[tuple[At, Any]]:
    """The records of a file: its one document, or with `many` every document and every item of a list of documents."""
    for number, document in enumerate(documents):
        if of.many and isinstance(document, list):
            yield from ((At(path, (index,), document=number), one) for index, one in enumerate(document))
        elif not of.many or document is not None:
            yield At(path, document=number), document

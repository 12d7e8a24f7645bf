"""Records with their places, made of a file's documents: as they were parsed, or as the cache has them."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import repeat
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar

from svcops.checking.model import At, Finding, KeyPath, Part, Related
from svcops.store.fitting import check_of
from svcops.store.layout import kind, parts_of, place_of_kind
from svcops.store.model import Kind
from svcops.store.shape import rebuild, shape_of

if TYPE_CHECKING:
    from svcops.store.cache import Pack

T = TypeVar("T")
Documents = list[Any]
"""What a file holds, as plain data."""
_PATH = 2
"""Where an entry has its path."""


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

    def named_at(self) -> At:
        """Where its name is written; the record as a whole where its path is its name."""
        return self.at("metadata", "name") if kind(self.kind).many else self.at()


def validated(declared: Any, plain: Any, place: At) -> tuple[Any, list[Finding]]:
    """The record that plain data describes, or None and what is wrong; pydantic is imported only where it is needed."""
    check = check_of(declared)
    if check and check(plain):
        return rebuild(declared, plain), []
    from svcops.store.validation import validate

    return validate(declared, plain, place)


def rebuilt(of: Kind, declared: Any, held: Mapping[str, Documents]) -> dict[str, Entry[Any]] | None:
    """The records of files from the cache, quickly; None where that cannot be, as two have one name."""
    return _by_name(_records(of, declared, list(held), list(held.values())))


def from_packs(of: Kind, declared: Any, packs: Iterable["Pack"]) -> dict[str, Entry[Any]] | None:
    """The same of whole packs, in the order of paths; None where one is damaged, too."""
    found: list[Entry[Any]] = []
    for pack in packs:
        documents = pack.documents()
        if len(documents) < len(pack.paths):
            return None
        found += _records(of, declared, pack.paths, documents)  # so that plain data is there of one pack at a time
    found.sort(key=itemgetter(_PATH))
    return _by_name(found)


def _by_name(entries: Sequence[Entry[Any]]) -> dict[str, Entry[Any]] | None:
    found = {one.name: one for one in entries}
    return found if len(found) == len(entries) else None


def _records(of: Kind, declared: Any, paths: Sequence[str], held: Sequence[Documents]) -> list[Entry[Any]]:
    """The records of files, step by step, as in `svcops.store.reading`."""
    if of.many and not all(len(one) == 1 and type(one[0]) is dict for one in held):
        again = rebuilding(of, declared)
        return [entry for path, documents in zip(paths, held, strict=True) for entry in again(path, documents)]
    plain = [documents[0] for documents in held]
    make = shape_of(declared).rebuild or _itself
    names = map(_name_in, plain) if of.many else map(place_of_kind(of).name, paths)
    return list(map(Entry, repeat(of.name), names, paths, [make(one) for one in plain]))


def _name_in(plain: Any) -> str:
    """The name of a record of which its content says it."""
    return f"{plain['kind']}/{plain['metadata']['name']}"


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
    name = _name_in(plain) if of.many else place_of_kind(of).name(place.path)
    return Entry(of.name, name, place.path, value, place.document, place.keys)


def second(entry: Entry[Any], first: Entry[Any]) -> Finding:
    """NAME002, of a record whose name another one has that comes before it."""
    message = f"a second {entry.kind} of the name {entry.name}"
    help_ = "Names are unique within a store: rename one of the two."
    related = (Related("first defined here", first.named_at()),)
    return Finding("NAME002", message, entry.named_at(), help_, related=related)


def records_in(of: Kind, documents: list[Any], path: str) -> Iterator[tuple[At, Any]]:
    """The records of a file: its one document, or with `many` every document and every item of a list of documents."""
    for number, document in enumerate(documents):
        if of.many and isinstance(document, list):
            yield from ((At(path, (index,), document=number), one) for index, one in enumerate(document))
        elif not of.many or document is not None:
            yield At(path, document=number), document

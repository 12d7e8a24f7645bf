"""What an import would do to a store: a function of what the files say and of the graph. Writes nothing."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import unified_diff
from typing import Any

from svcops.exchange import merging, slo_merging
from svcops.exchange.drafts import Batch, Draft, NoRecord, Reference, Unsupported, is_file_name, slug_of, validated
from svcops.exchange.sources import Source
from svcops.store.change import Change, digest_of
from svcops.store.declared import declared_of
from svcops.store.entries import Entry
from svcops.store.files import MAX_BYTES
from svcops.store.formatting import kept_in_order
from svcops.store.frozen import frozen
from svcops.store.graph import Graph
from svcops.store.layout import KINDS
from svcops.store.layout import kind as kind_called
from svcops.store.yaml_editing import CannotEdit
from svcops.store.yaml_writing import NotWritable, dump, plain_of

DAMAGED = "damaged"
"""Why a record stays whose file cannot be read."""
_NAMES = frozenset(one.name for one in KINDS)


@frozen
class Planned:
    """A record that an entity becomes."""

    kind: str
    name: str
    path: str
    source: Source
    annotations: tuple[str, ...] = ()
    """Those that hold what the record has no field for."""
    notes: tuple[str, ...] = ()
    """What else a person should know of it."""
    differs: tuple[str, ...] = ()
    """Where a record is there already: the keys that the input says otherwise."""
    only_here: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """And by key what the record names and the input does not: given up there, or added here. It stays."""
    stays: str = ""
    """Why no update can change a record that is there; empty where one may."""
    before: str = ""
    after: str = ""
    """The file as it is and as it would be; both empty where nothing would be written."""
    beside: Mapping[str, str] = field(default_factory=dict)
    """Files that would be new beside it, by path."""

    @property
    def diff(self) -> str:
        """What an update would change, as a unified diff of every file that it writes."""
        own = _diff(f"a/{self.path}", self.before, self.path, self.after)
        return own + "".join(_diff("/dev/null", "", path, text) for path, text in self.beside.items())


def _diff(was: str, before: str, path: str, after: str) -> str:
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    return "".join(unified_diff(old, new, was, f"b/{path}", n=1))


@frozen
class Duplicate:
    """A name that the input defines more than once; the first definition is kept."""

    kind: str
    name: str
    sources: tuple[Source, ...]


@frozen
class Dangling:
    """A reference of an entity that leads neither into the input nor into the store."""

    kind: str
    name: str
    field: str
    target: str
    source: Source


@frozen
class Plan:
    """Everything that an import would do, and would not do."""

    format: str
    entities: int
    added: tuple[Planned, ...] = ()
    updated: tuple[Planned, ...] = ()
    """There already, and to be changed to what the input says."""
    unchanged: tuple[Planned, ...] = ()
    """There already, and saying all that the input says."""
    kept: tuple[Planned, ...] = ()
    """There already with other content, or damaged: left as they are."""
    duplicates: tuple[Duplicate, ...] = ()
    dangling: tuple[Dangling, ...] = ()
    unsupported: tuple[Unsupported, ...] = ()

    @property
    def writes(self) -> bool:
        """Whether there is anything to write."""
        return bool(self.added or self.updated)

    @property
    def is_refused(self) -> bool:
        """Whether something was given, and none of it can be a record."""
        return bool(self.unsupported) and not (self.added or self.updated or self.unchanged or self.kept)

    def change(self, origin: str) -> Change:
        """The change that writes it; `origin` is the body of its commit message."""
        parts = [
            f"{verb} {len(ones)} record{'s' if len(ones) != 1 else ''}"
            for verb, ones in (("import", self.added), ("update", self.updated))
            if ones
        ]
        written = (*self.added, *self.updated)
        return Change(
            f"{' and '.join(parts).capitalize()} from {self.format}",
            {one.path: one.after.encode() for one in written},
            before={one.path: digest_of(one.before.encode()) for one in reversed(self.updated)},
            records=tuple(one.name for one in written),
            body=origin,
        )


def plan(batch: Batch, graph: Graph, *, update: bool = False) -> Plan:
    """What importing these records would do to the store; with `update` those that are there take what differs."""
    by_key: dict[tuple[str, str], list[Draft]] = {}
    for one in batch.drafts:
        by_key.setdefault(one.key, []).append(one)
    outcome: dict[str, list[Planned]] = {"added": [], "updated": [], "unchanged": [], "kept": []}
    refused: dict[tuple[str, str], Unsupported] = {}
    work = _Work(graph, batch.prefix, update, frozenset(name for kind, name in by_key if kind == "person"))
    for key, (first, *_) in by_key.items():
        try:
            where, planned = _planned(work, first)
        except NoRecord as reason:
            refused[key] = Unsupported(first.called, first.shown[1], str(reason), first.source)
        else:
            outcome[where].append(planned)
    known = (by_key.keys() - refused.keys()) | batch.others
    return Plan(
        format=batch.format,
        entities=batch.entities,
        **{where: tuple(sorted(found, key=lambda one: one.path)) for where, found in outcome.items()},
        duplicates=tuple(
            Duplicate(same[0].called, same[0].shown[1], tuple(one.source for one in same))
            for same in by_key.values()
            if len(same) > 1
        ),
        dangling=tuple(_dangling(batch.drafts, known, graph)),
        unsupported=(*batch.unsupported, *refused.values()),
    )


@dataclass(slots=True)
class _Work:
    """What is known while one record after another is planned."""

    graph: Graph
    prefix: str
    update: bool
    people: frozenset[str]
    """Those whom the input defines."""
    new: set[str] = field(default_factory=set)
    """The files that are to be added."""
    texts: dict[str, str] = field(default_factory=dict)
    """The files that are to be changed, as they would be: one may hold several records."""


def _planned(work: _Work, draft: Draft) -> tuple[str, Planned]:
    """Where in the plan a record belongs; NoRecord where it cannot be written."""
    graph = work.graph
    path = graph.find((draft.kind,), draft.name)
    kind, name = draft.shown
    planned = Planned(kind, name, path or "", draft.source, draft.kept, draft.notes)
    if path is None:
        planned = replace(planned, path=_new_path(work, draft))
        # A document of a file is written as it is: other tools read it, too, and want what has a default here.
        is_document = kind_called(draft.kind).many
        if is_document and planned.path in graph.damaged(draft.kind):
            return "kept", replace(planned, stays=DAMAGED)
        work.new.add(planned.path)
        return "added", replace(planned, after=_written(draft.plain if is_document else plain_of(draft.record)))
    entry = graph.all(draft.kind).get(draft.name)
    if entry is None:
        return "kept", replace(planned, stays=DAMAGED)
    return _compared(work, draft, entry, planned)


def _new_path(work: _Work, draft: Draft) -> str:
    """The file that a new record goes to: a document to a file of its own, with its kind in the name if it is no SLO.

    NoRecord where that file holds other records.
    """
    of = kind_called(draft.kind)
    if not of.many:
        return of.pattern.format(name=draft.name)
    kind, name = draft.shown
    slug, dotted = slug_of(name), f"{slug_of(name)}.{slug_of(kind)}"
    paths = [
        of.pattern.format(name=one) for one in ([slug, dotted] if kind == "SLO" else [dotted]) if is_file_name(one)
    ]
    if not paths:
        raise NoRecord(f"{name} cannot be the name of a file")
    there, damaged = work.graph.files_of(of.name), work.graph.damaged(of.name)
    free = next((one for one in paths if one not in work.new and (one in damaged or one not in there)), None)
    if free is None:
        raise NoRecord(f"{paths[-1]} is there, and holds something else")
    return free


def _compared(work: _Work, draft: Draft, entry: Entry[Any], planned: Planned) -> tuple[str, Planned]:
    """Whether a record that is there says what the input says, and what it would be if it did."""
    there = plain_of(entry.value)
    way = slo_merging if kind_called(draft.kind).many else merging
    known = _with_those_who_came(there, draft)
    record, wrong = validated(draft.kind, way.merged(known, draft.plain, work.prefix))
    if wrong:
        raise NoRecord("; ".join(wrong))
    after = plain_of(record)
    planned = replace(planned, differs=way.differing(there, after), only_here=_only_here(work, draft, known))
    if not planned.differs:
        return "unchanged", planned
    if not work.update:
        return "kept", planned
    before = work.texts.get(entry.path) or work.graph.tree.read(entry.path)[0].decode()
    text = work.texts[entry.path] = _limited(_rewritten(before, entry, there, after))
    return "updated", replace(planned, before=before, after=text)


def _with_those_who_came(there: Mapping[str, Any], draft: Draft) -> Mapping[str, Any]:
    """A record with its dependencies by the names that they have now: what was not here had none (`acme/a`)."""
    services = (one for one in draft.references if "service" in one.kinds)
    came = {one.absent: one.name for one in services if "/" in one.absent and one.name != one.absent}
    needed = there.get("dependencies", ()) if draft.kind == "service" else ()
    if came.keys().isdisjoint(one["service"] for one in needed):
        return there
    found: dict[str, Any] = {}
    for one in needed:
        name = came.get(one["service"], one["service"])
        found.setdefault(name, {**one, "service": name})
    return {**there, "dependencies": list(found.values())}


def _only_here(work: _Work, draft: Draft, there: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """What a record names and the input, which could, does not."""
    left: dict[str, tuple[str, ...]] = {}
    if draft.kind == "service":
        needed = [one["service"] for one in there.get("dependencies", ())]
        said = {one["service"] for one in draft.plain.get("dependencies", ())}.union(draft.needed_there)
        left["dependencies"] = tuple(one for one in needed if one not in said)
    elif draft.kind == "team":  # of people who are not in the input nobody knows: they may be in another file
        others = work.people.difference(draft.plain.get("members", ()))
        left["members"] = tuple(one for one in there.get("members", ()) if one in others)
    left |= {
        key: tuple(_addresses_only_here(there.get(key, ()), draft.plain.get(key, ()))) for key in merging.ADDRESSES
    }
    left |= {key: tuple(_values_only_here(key, there.get(key), draft.plain.get(key))) for key in draft.can_say}
    return {key: names for key, names in left.items() if names}


def _values_only_here(key: str, there: Any, said: Any) -> Iterator[str]:
    """What a record has in one field and the input does not say: a text where it says none, links by their address."""
    if isinstance(there, list):
        known = {merging.identity(key, one) for one in said or ()}
        items = (one for one in there if merging.identity(key, one) not in known)
        yield from (one["url"] if isinstance(one, dict) else one for one in items)
    elif there and not said:
        yield there


def _addresses_only_here(there: Iterable[Any], said: Sequence[Any]) -> Iterator[str]:
    """The addresses behind those of their channel that the input says."""
    channels = [merging.channel(one) for one in said]
    for one in there:
        if one not in said and merging.channel(one) in channels:
            yield one if isinstance(one, str) else f"{one['channel']} {one['address']}"


def _rewritten(before: str, entry: Entry[Any], there: Any, after: Any) -> str:
    """The file with a record changed; NoRecord where it holds others, and its layout cannot be kept."""
    of = kind_called(entry.kind)
    if not of.many:
        text = merging.rewritten(before, there, after, entry.path)
        return kept_in_order(before, text, declared_of(of), entry.path)
    try:
        text = merging.edited(before, entry.base, there, after, entry.path, entry.document)
    except CannotEdit as error:
        raise NoRecord(error.message) from None
    is_alone = not (entry.base or entry.document)  # else it has neighbours, and keys stay where they were put
    return kept_in_order(before, text, declared_of(of), entry.path) if is_alone else text


def _written(plain: Any) -> str:
    try:
        return _limited(dump(plain))
    except NotWritable as error:
        raise NoRecord(error.message) from None


def _limited(text: str) -> str:
    if len(text.encode()) > MAX_BYTES:
        raise NoRecord(f"more than the {MAX_BYTES:,} bytes that a record may have")
    return text


def _dangling(drafts: Sequence[Draft], known: Collection[tuple[str, str]], graph: Graph) -> Iterator[Dangling]:
    for one in drafts:
        for named in one.references:
            if not _leads_somewhere(named, known, graph):
                yield Dangling(one.called, one.shown[1], named.field, named.name, named.source)


def _leads_somewhere(named: Reference, known: Collection[tuple[str, str]], graph: Graph) -> bool:
    for one in named.kinds:
        kind, _, document = one.partition(":")
        if (kind, named.name if document.endswith("/") or not document else f"{document}/{named.name}") in known:
            return True
    ours = tuple(one for one in named.kinds if one.partition(":")[0] in _NAMES)
    return graph.find(ours, named.name) is not None

"""What an import would do to a store: a function of what the files say and of the graph. Writes nothing."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import field, replace
from difflib import unified_diff
from typing import Any

from svcops.exchange.drafts import MODELS, Batch, Draft, NoRecord, Unsupported, validated
from svcops.exchange.merging import differing, merged, rewritten
from svcops.exchange.sources import Source
from svcops.store.change import Change, digest_of
from svcops.store.entries import Entry
from svcops.store.files import MAX_BYTES
from svcops.store.formatting import kept_in_order
from svcops.store.frozen import frozen
from svcops.store.graph import Graph
from svcops.store.layout import kind as kind_called
from svcops.store.yaml_writing import NotWritable, dump, plain_of


@frozen
class Planned:
    """A record that an entity becomes."""

    kind: str
    name: str
    path: str
    source: Source
    annotations: tuple[str, ...] = ()
    """Those that hold what the record has no field for."""
    differs: tuple[str, ...] = ()
    """Where a record is there already: the keys that the input says otherwise."""
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
    """There already with other content: left as they are."""
    duplicates: tuple[Duplicate, ...] = ()
    dangling: tuple[Dangling, ...] = ()
    unsupported: tuple[Unsupported, ...] = ()

    @property
    def writes(self) -> bool:
        """Whether there is anything to write."""
        return bool(self.added or self.updated)

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
            before={one.path: digest_of(one.before.encode()) for one in self.updated},
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
    for key, (first, *_) in by_key.items():
        try:
            where, planned = _planned(first, graph, batch.prefix, update=update)
        except NoRecord as reason:
            refused[key] = Unsupported(first.called, first.name, str(reason), first.source)
        else:
            outcome[where].append(planned)
    there = {(kind, name) for kind in MODELS for name in graph.names(kind)}
    known = (by_key.keys() - refused.keys()) | batch.others | there
    return Plan(
        format=batch.format,
        entities=batch.entities,
        **{where: tuple(sorted(found, key=lambda one: one.path)) for where, found in outcome.items()},
        duplicates=tuple(
            Duplicate(same[0].called, same[0].name, tuple(one.source for one in same))
            for same in by_key.values()
            if len(same) > 1
        ),
        dangling=tuple(_dangling(batch.drafts, known)),
        unsupported=(*batch.unsupported, *refused.values()),
    )


def _planned(draft: Draft, graph: Graph, prefix: str, *, update: bool) -> tuple[str, Planned]:
    """Where in the plan a record belongs; NoRecord where it cannot be written."""
    path = kind_called(draft.kind).pattern.format(name=draft.name)
    planned = Planned(draft.kind, draft.name, path, draft.source, draft.kept)
    if graph.find((draft.kind,), draft.name) is None:
        return "added", replace(planned, after=_written(plain_of(draft.record)))
    entry = graph.all(draft.kind).get(draft.name)
    if entry is None:
        return "kept", planned
    return _compared(draft, entry, planned, graph, prefix, update=update)


def _compared(
    draft: Draft, entry: Entry[Any], planned: Planned, graph: Graph, prefix: str, *, update: bool
) -> tuple[str, Planned]:
    """Whether a record that is there says what the input says, and what it would be if it did."""
    there = plain_of(entry.value)
    record, wrong = validated(draft.kind, merged(there, draft.plain, prefix))
    if wrong:
        raise NoRecord("; ".join(wrong))
    after = plain_of(record)
    planned = replace(planned, differs=differing(there, after))
    if not planned.differs:
        return "unchanged", planned
    if not update:
        return "kept", planned
    before = graph.tree.read(entry.path)[0].decode()
    text = kept_in_order(before, rewritten(before, there, after, entry.path), MODELS[draft.kind], entry.path)
    return "updated", replace(planned, before=before, after=_limited(text))


def _written(plain: Any) -> str:
    try:
        return _limited(dump(plain))
    except NotWritable as error:
        raise NoRecord(error.message) from None


def _limited(text: str) -> str:
    if len(text.encode()) > MAX_BYTES:
        raise NoRecord(f"more than the {MAX_BYTES:,} bytes that a record may have")
    return text


def _dangling(drafts: Sequence[Draft], known: Collection[tuple[str, str]]) -> Iterator[Dangling]:
    for one in drafts:
        for named in one.references:
            if not any((kind, named.name) in known for kind in named.kinds):
                yield Dangling(one.called, one.name, named.field, named.name, named.source)

"""What the records of a store keep, as annotations, of what the entities that they were say."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from svcops.exchange.drafts import unique, value_of
from svcops.exchange.names import Holders, Names
from svcops.exchange.references import DEFAULT_NAMESPACE, Format, Name, namespace_of
from svcops.store.graph import Graph


def kept(record: Any, field: str, form: Format) -> Any:
    """What a record keeps of a field of its entity; None where it keeps nothing."""
    text = (record.annotations or {}).get(f"{form.prefix}{field}")
    return None if text is None else value_of(text)


def holders(graph: Graph, form: Format) -> Holders:
    """The entity of every record; of a damaged one nobody can say the kind, nor another namespace than the default."""
    kinds = unique(form.kinds.values())
    found = {(kind, name): Name("", name, DEFAULT_NAMESPACE, kind) for kind in kinds for name in graph.names(kind)}
    known: set[Name] = set()
    for kind in kinds:
        for name, entry in sorted(graph.all(kind).items()):  # a name goes before those that add a kind to it
            own = form.name(_kind(kind, entry.value, form), name, _namespace(entry.value, form))
            meant = replace(own, name=_name(own, kept(entry.value, "name", form), form))
            found[kind, name] = own if meant in known else meant
            known.add(found[kind, name])
    return found


def said_of_others(
    graph: Graph, kind: str, field: str, default_kind: str, names: Names, form: Format
) -> Iterator[tuple[str, str]]:
    """What the records of a kind name in a list that they keep (`named_by`), each with the record that says it."""
    for name, entry in graph.all(kind).items():
        for other in named_by(entry.value, field, default_kind, names, form):
            yield other, name


def named_by(record: Any, field: str, default_kind: str, names: Names, form: Format) -> list[str]:
    """The records of the kind of `default_kind` that a kept list of references means."""
    meant = _meant_by(record, field, default_kind, form)
    return unique(names.of(one) for one in meant if one.record == form.kinds[default_kind])


def awaited(graph: Graph, lists: Mapping[str, str], form: Format) -> set[Name]:
    """The entities that services name in lists that they keep, and depend on under these very names.

    `lists` says for each list which kind is meant where a reference says none.
    """
    found: set[Name] = set()
    for entry in graph.all("service").values():
        needed = {one.service for one in entry.value.dependencies}
        for field, default_kind in lists.items():
            found.update(one for one in _meant_by(entry.value, field, default_kind, form) if one.name in needed)
    return found


def _meant_by(record: Any, field: str, default_kind: str, form: Format) -> list[Name]:
    """What a kept list of references means."""
    written = kept(record, field, form)
    if not isinstance(written, list) or not all(isinstance(one, str) for one in written):
        return []
    return [form.name_of(one, default_kind, _namespace(record, form)) for one in written]


def _kind(record_kind: str, record: Any, form: Format) -> str:
    """The kind of a record's entity; it keeps which where that is not the usual one, and an API has a field for it."""
    if getattr(record, "api", None) is not None:
        return "api"
    kinds = [kind for kind, one in form.kinds.items() if one == record_kind and kind != "api"]
    written = kept(record, "kind", form)
    return written if written in kinds else kinds[0]


def _name(own: Name, written: Any, form: Format) -> str:
    """The name of an entity whose record may add the kind to it, as another record has the name."""
    name = form.slug_of(written) if isinstance(written, str) else own.name
    added = own.name.removeprefix(name)
    return name if added.replace(f"-{own.kind}", "") == "" else own.name


def _namespace(record: Any, form: Format) -> str:
    return namespace_of(kept(record, "namespace", form))

"""What the records of a store keep, as annotations, of what the entities that they were say."""

from collections.abc import Iterator
from typing import Any

from svcops.exchange.drafts import unique, value_of
from svcops.exchange.names import Names, Namespaces
from svcops.exchange.references import DEFAULT_NAMESPACE, Format, namespace_of
from svcops.store.graph import Graph


def kept(record: Any, field: str, form: Format) -> Any:
    """What a record keeps of a field of its entity; None where it keeps nothing."""
    text = (record.annotations or {}).get(f"{form.prefix}{field}")
    return None if text is None else value_of(text)


def namespaces(graph: Graph, form: Format) -> Namespaces:
    """The namespace of every record's entity; of a damaged one nobody can say that it is no other than the default."""
    kinds = unique(form.kinds.values())
    found = {(kind, name): DEFAULT_NAMESPACE for kind in kinds for name in graph.names(kind)}
    for kind in kinds:
        for name, entry in graph.all(kind).items():
            found[kind, name] = _namespace(entry.value, form)
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
    written = kept(record, field, form)
    if not isinstance(written, list) or not all(isinstance(one, str) for one in written):
        return []
    meant = (form.name_of(one, default_kind, _namespace(record, form)) for one in written)
    return unique(names.of(one) for one in meant if one.record == form.kinds[default_kind])


def _namespace(record: Any, form: Format) -> str:
    return namespace_of(kept(record, "namespace", form))

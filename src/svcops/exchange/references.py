"""How other catalogues refer to their entities, `[kind:][namespace/]name`, and which records those become."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Protocol

from svcops.exchange.sources import Source
from svcops.store.frozen import frozen

DEFAULT_NAMESPACE = "default"

_NAMESPACE = re.compile(r"[^:/\s]+")


@frozen
class Name:
    """What an entity reference says: kind, namespace and name in lower case, the name as a store spells it."""

    kind: str
    """Empty where nobody says it."""
    name: str
    namespace: str
    record: str
    """The kind of record that such an entity becomes; empty where a store has no place for it."""
    is_usual: bool = True
    """Whether that is what such a record is that says nothing of its kind."""

    @property
    def whole(self) -> str:
        """Namespace and name: `acme/ops`."""
        return f"{self.namespace}/{self.name}"

    @property
    def reference(self) -> str:
        """All that it says: `api:acme/ops`; without the kind where that is not known."""
        return f"{self.kind}:{self.whole}" if self.kind else self.whole

    @property
    def absent(self) -> str:
        """How a record names it while it is not here, whatever else is: the usual kind goes without saying."""
        return self.whole if self.is_usual else self.reference

    @property
    def key(self) -> tuple[str, str]:
        """The kind of record, or of entity where there is none, and the name."""
        return self.record or self.kind, self.name


@frozen
class Format:
    """What tells the references of one format from those of another."""

    prefix: str
    """What the keys of the format's annotations begin with."""
    kinds: Mapping[str, str]
    """For each kind of entity that has a place in a store: the kind of record it becomes. Of several kinds that become
    the same one, the first is what a record is that says nothing of it."""
    service: str
    """The kind of entity that is meant where a service is named without a kind."""
    reference: re.Pattern[str]
    """Kind and namespace, both optional, and name."""
    slug_of: Callable[[str], str]
    """A name as a store spells it."""

    def name(self, kind: str, name: str, namespace: str) -> Name:
        """The name of an entity, of which nothing is left open."""
        record = self.kinds.get(kind, "")
        is_usual = not record or kind == next(one for one, becomes in self.kinds.items() if becomes == record)
        return Name(kind, name, namespace, record, is_usual)

    def name_of(self, reference: str, default_kind: str, namespace: str = DEFAULT_NAMESPACE) -> Name:
        """What a reference means, without regard to case; `namespace` is that of the entity that makes it."""
        found = self.reference.fullmatch(reference.strip())
        if not found:
            return self.name(default_kind, reference.strip().lower(), DEFAULT_NAMESPACE)
        return self.name((found[1] or default_kind).lower(), self.slug_of(found[3]), (found[2] or namespace).lower())


class Entity(Protocol):
    """An entity of an input, of any format."""

    @property
    def meant(self) -> Name:
        """What a reference to it says."""

    @property
    def source(self) -> Source:
        """The line of its name."""

    def names(self, field: str) -> Iterator[tuple[Name, Source]]:
        """What one of its fields names, each at its place."""


def namespace_of(written: object) -> str:
    """The namespace that an entity says it is in; the default one where it says none."""
    return written.lower() if isinstance(written, str) and _NAMESPACE.fullmatch(written) else DEFAULT_NAMESPACE

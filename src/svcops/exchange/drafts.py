"""What a format makes of its files, in terms that every format shares: records with their places, not yet planned.

A format turns its entities into plain data of ours; what has no field stays with the record as annotations under the
format's own prefix.
"""

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from svcops.catalogue.model import Person, Service, System, Team
from svcops.checking.model import At
from svcops.exchange.sources import Source
from svcops.store.declared import declared_of
from svcops.store.frozen import frozen
from svcops.store.layout import kind as kind_called
from svcops.store.model import SLUG

MODELS: Mapping[str, Any] = {"service": Service, "system": System, "team": Team, "person": Person}
"""The kinds of records of a catalogue that are exchanged."""

OWNERS = ("team", "person")
"""What an owner may be."""

_NO_OWNER = "the key owner is missing"
"""What the validation says of a record without an owner."""
_DEVICE = re.compile(r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\..*)?")
"""Names of files that Windows lacks."""
_SLUG = re.compile(SLUG)
_NOT_OF_A_SLUG = re.compile(r"[^a-z0-9._-]+")
_SEPARATORS = re.compile(r"([._-])[._-]+")


class NoRecord(Exception):
    """The entity cannot be a record; the reason is the message."""


@frozen
class Reference:
    """What an entity names: a field of the input, and a record (or another thing of the input) of one of `kinds`.

    Kinds are written as `store.model.Ref` has them: `slo:SLI` is a document of that kind among those of a file.
    """

    field: str
    kinds: tuple[str, ...]
    name: str
    source: Source
    absent: str = ""
    """How a record names it that was imported before it came."""


@frozen
class Draft:
    """A record that an entity becomes. `called` is the entity's kind, as the input calls it."""

    kind: str
    name: str
    called: str
    plain: Mapping[str, Any]
    """What the input says, as plain data of the record; what it does not say is left out."""
    record: Any
    """The whole record, with what stands in for what the input does not say."""
    source: Source
    references: tuple[Reference, ...] = ()
    kept: tuple[str, ...] = ()
    """The annotations that hold what the record has no field for."""
    notes: tuple[str, ...] = ()
    """What else a person should know of the record."""
    needed_there: tuple[str, ...] = ()
    """The services that it depends on because records of the store say so, of which the input need not speak."""
    can_say: tuple[str, ...] = ()
    """Fields of which the input would speak if they said anything there, beside dependencies, members and addresses."""

    @property
    def shown(self) -> tuple[str, str]:
        """Kind and name as people call it: a document of a file is an SLO, and not an slo called SLO/..."""
        kind, slash, name = self.name.partition("/")
        return (kind, name) if slash else (self.kind, self.name)

    @property
    def key(self) -> tuple[str, str]:
        """Kind and name of the record."""
        return self.kind, self.name


@frozen
class Unsupported:
    """An entity that cannot be a record, and why."""

    kind: str
    name: str
    reason: str
    source: Source


@frozen
class Batch:
    """Everything that the files of one format say; `entities` is how many things they define."""

    format: str
    prefix: str
    """What the keys of the format's annotations begin with."""
    entities: int
    drafts: tuple[Draft, ...]
    unsupported: tuple[Unsupported, ...] = ()
    others: frozenset[tuple[str, str]] = frozenset()
    """Kind and name of what the input defines and a store has no record for: a reference to it leads somewhere."""


def record_of(kind: str, name: str, said: Mapping[str, Any], *, written: str, prefix: str, owner: str = "") -> Any:
    """The record of what an entity says, `filled`; NoRecord where the catalogue would not take it.

    `written` is the name as the input writes it, `prefix` begins the keys of what it kept, `owner` is who answers for
    what names nobody.
    """
    if not is_file_name(name):
        raise NoRecord(f"{written} cannot be the name of a record")
    record, wrong = validated(kind, {**({"owner": owner} if owner else {}), **filled(kind, written, said)})
    kept = said.get("annotations", {}).get(f"{prefix}owner")
    if kept is not None:  # as it is no name
        wrong = [f"owner must be text, not {kept}" if one == _NO_OWNER else one for one in wrong]
    if wrong:
        raise NoRecord("; ".join(wrong))
    return record


def filled(kind: str, written: str, said: Mapping[str, Any]) -> dict[str, Any]:
    """What an entity says, with what stands in for what it does not say: its name as the title, `unknown`."""
    title = "name" if kind == "person" else "title"
    lifecycle = {"lifecycle": "unknown"} if kind == "service" else {}
    return {title: written, **lifecycle, **said}


def validated(kind: str, plain: Mapping[str, Any]) -> tuple[Any, list[str]]:
    """The record that plain data describes, and what is wrong with it."""
    from svcops.store.validation import validate

    record, findings = validate(declared_of(kind_called(kind)), plain, At(""))
    return record, [one.message for one in findings]


def is_file_name(name: str) -> bool:
    """Whether a record may be called so where its file is its name, on every system."""
    return bool(_SLUG.fullmatch(name)) and not _DEVICE.fullmatch(name)


def slug_of(name: str) -> str:
    """Any name as a store spells it: lower case, single separators, `-` for everything that no name may hold."""
    return _SEPARATORS.sub(r"\1", _NOT_OF_A_SLUG.sub("-", name.strip().lower())).strip("._-")


def as_text(value: Any) -> str:
    """A value as an annotation holds it: JSON, and text that is not itself JSON as it is."""
    if not isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    try:
        json.loads(value)
    except ValueError:
        return value
    return json.dumps(value, ensure_ascii=False)


def value_of(text: str) -> Any:
    """What an annotation holds: the inverse of `as_text`."""
    try:
        return json.loads(text)
    except ValueError:
        return text


def take_text(holder: dict[str, Any], key: str) -> str:
    """Take text out of a mapping; empty, and the value left, where it is none."""
    return str(holder.pop(key)) if isinstance(holder.get(key), str) else ""


def take_texts(holder: dict[str, Any], key: str) -> list[str]:
    """Take a list of texts out of a mapping; a list of anything else is left."""
    found = holder.get(key)
    if not isinstance(found, list) or not all(isinstance(item, str) for item in found):
        return []
    return list(holder.pop(key))


def without_nothing(value: Any) -> Any:
    """Plain data without the keys and items that say nothing; None where all of it says nothing."""
    if isinstance(value, dict):
        kept = {key: said for key, item in value.items() if (said := without_nothing(item)) is not None}
        return kept or None
    if isinstance(value, list):
        return [said for item in value if (said := without_nothing(item)) is not None] or None
    return None if value == "" else value


def annotations_of(prefix: str, rest: Mapping[str, Any]) -> dict[str, str]:
    """What is left of an entity as annotations; what says nothing is left out."""
    said = without_nothing(dict(rest)) or {}
    return {f"{prefix}{key}": as_text(value) for key, value in said.items()}


def stated(plain: Mapping[str, Any]) -> dict[str, Any]:
    """The fields that say something."""
    return {key: value for key, value in plain.items() if value not in (None, "", [], {})}


def unique(names: Iterable[str]) -> list[str]:
    """Each name once, in the order of their first mention."""
    return list(dict.fromkeys(names))

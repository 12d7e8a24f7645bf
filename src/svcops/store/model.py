"""What a record is made of.

A record is a frozen standard dataclass. pydantic validates it (`svcops.store.validation`), strictly and with unknown
keys refused; a record that was validated before is rebuilt from the cache without importing pydantic
(`docs/decisions/0002-records-are-dataclasses.md`).
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Annotated, Any, TypeVar, dataclass_transform

from svcops.store.frozen import frozen, frozen_by_keyword

T = TypeVar("T")

SLUG = r"[a-z0-9]+(?:[._-][a-z0-9]+)*"
ID = r"[a-z]+-[0-9]{8}-[0-9abcdefghjkmnpqrstvwxyz]{6}"


def _key_of(field_name: str) -> str:
    """`from_` in Python is `from` in a record."""
    return field_name.rstrip("_")


_CONFIG: dict[str, Any] = {
    "extra": "forbid",
    "strict": True,
    "alias_generator": _key_of,
    "use_attribute_docstrings": False,
}


@contextmanager
def with_descriptions() -> Iterator[None]:
    """Meanwhile pydantic reads what fields are for: for schemas alone, as it has to parse the sources for that."""
    _CONFIG["use_attribute_docstrings"] = True
    try:
        yield
    finally:
        _CONFIG["use_attribute_docstrings"] = False


@dataclass_transform(frozen_default=True, kw_only_default=True)
def record(cls: type[T]) -> type[T]:
    """Make a class a record: frozen, slotted, keyword-only; unknown keys and wrong types are refused on reading."""
    cls.__pydantic_config__ = _CONFIG  # type: ignore[attr-defined]
    return frozen_by_keyword(cls)


class Matching:
    """Marks a text field that must match a pattern; `what` says so to a person."""

    __slots__ = ("pattern", "what")

    def __init__(self, pattern: str, what: str) -> None:
        self.pattern = re.compile(pattern)
        self.what = what

    def check(self, text: str) -> str:
        """The text; ValueError where it is another."""
        if not self.pattern.fullmatch(text):
            raise ValueError(self.what)
        return text

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> Any:
        from pydantic_core import core_schema

        return core_schema.no_info_after_validator_function(self.check, handler(source))

    def __get_pydantic_json_schema__(self, schema: Any, handler: Any) -> Any:
        return {
            **handler(schema),
            "pattern": f"^(?:{self.pattern.pattern})$",
            "patternErrorMessage": self.what,  # of the YAML language server; others would show the pattern
        }


class Day(Matching):
    """Marks a text field that holds a day of the calendar: its form, and that there is such a day."""

    __slots__ = ()

    def check(self, text: str) -> str:
        """The text; ValueError where it is no day."""
        super().check(text)
        try:
            date.fromisoformat(text)
        except ValueError:
            raise ValueError("the calendar has no such day") from None
        return text


class AtLeast:
    """Marks a number field that must not be smaller; `what` says so to a person."""

    __slots__ = ("least", "what")

    def __init__(self, least: int, what: str) -> None:
        self.least = least
        self.what = what

    def check(self, number: float) -> float:
        """The number; ValueError where it is smaller."""
        if number < self.least:
            raise ValueError(self.what)
        return number

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> Any:
        from pydantic_core import core_schema

        return core_schema.no_info_after_validator_function(self.check, handler(source))

    def __get_pydantic_json_schema__(self, schema: Any, handler: Any) -> Any:
        return {**handler(schema), "minimum": self.least}


class Described:
    """Says what a field is for, where a docstring below it would not be found: in what other records begin with."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text

    def __get_pydantic_json_schema__(self, schema: Any, handler: Any) -> Any:
        return {**handler(schema), "description": self.text}


class Offers:
    """Marks a text field for which editors offer the names of a kind, or `severity`; any other text is as good."""

    __slots__ = ("kind",)

    def __init__(self, kind: str) -> None:
        self.kind = kind

    def __get_pydantic_json_schema__(self, schema: Any, handler: Any) -> Any:
        return {**handler(schema), "x-offers": self.kind}


class Ref:
    """Marks a text field that names a record of one of `kinds`; the graph resolves it, rule REF001 judges it.

    Of OpenSLO documents, `slo:SLI` is those of kind SLI, called by `metadata.name` alone; with a slash behind,
    `slo:SLO/`, they are called by their kind too: SLO/NAME.
    """

    __slots__ = ("kinds",)

    def __init__(self, *kinds: str) -> None:
        self.kinds = kinds

    def __get_pydantic_json_schema__(self, schema: Any, handler: Any) -> Any:
        return {**handler(schema), "x-names": self.kinds}


ServiceRef = Annotated[str, Ref("service")]
SystemRef = Annotated[str, Ref("system")]
TeamRef = Annotated[str, Ref("team")]
PersonRef = Annotated[str, Ref("person")]
OwnerRef = Annotated[str, Ref("team", "person")]
IncidentRef = Annotated[str, Ref("incident")]
ProblemRef = Annotated[str, Ref("problem")]
PostmortemRef = Annotated[str, Ref("postmortem")]
MeasureRef = Annotated[str, Ref("measure")]
RunbookRef = Annotated[str, Ref("runbook")]
SloRef = Annotated[str, Ref("slo:SLO/")]
ScheduleRef = Annotated[str, Ref("schedule")]
EscalationRef = Annotated[str, Ref("escalation")]


class Tagged:
    """Marks a union of records told apart by the value of one key, such as an event's `type`."""

    __slots__ = ("key",)

    def __init__(self, key: str) -> None:
        self.key = key

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> Any:
        from typing import get_args

        from pydantic_core import core_schema

        members = get_args(source) or (source,)  # a union of one is that one
        choices = {tag_of(member, self.key): handler.generate_schema(member) for member in members}
        return core_schema.tagged_union_schema(choices, discriminator=self.key)


def tag_of(member: type, key: str) -> str:
    """The one literal value that `key` has in a member of a tagged union."""
    from typing import get_args

    return str(get_args(member.__annotations__[key])[0])


Text = Annotated[str, Matching(r"[\s\S]*\S[\s\S]*", "must not be empty")]
Slug = Annotated[str, Matching(SLUG, "not a name: lower-case letters, digits, and single . _ - between them")]
SeverityName = Annotated[Slug, Offers("severity")]
Who = Annotated[Text, Offers("person")]
"""A name of catalogue/people, or a mail address."""
Mail = Annotated[str, Matching(r"[^@\s]+@[^@\s]+", "not a mail address")]
Digest = Annotated[str, Matching(r"sha256:[0-9a-f]{64}", "not a digest such as sha256: and 64 hexadecimal digits")]
Blob = Annotated[str, Matching(r"[0-9a-f]{40}|[0-9a-f]{64}", "not a git object id")]
Date = Annotated[str, Day(r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])", "not a date such as 2026-11-23")]
Zone = Annotated[str, Matching(r"[A-Za-z0-9_+-]+(?:/[A-Za-z0-9_+-]+)*", "not a time zone such as Europe/Berlin")]


@record
class Origin:
    """Where an imported record comes from: what it says was not written here. Rules of the cycle pass it by."""

    system: Slug
    """The kind of system, or of file: statuspage."""
    key: Text
    """What it is called there; the same key gives the same record again."""
    url: Text | None = None
    """Where it stands there."""
    stated_minutes: Annotated[float | None, Described("How long it took, as that system says; never counted.")] = None
    parts: tuple[str, ...] = ()
    """What was concerned, in that system's words, where they are not services of the catalogue."""
    said: Annotated[
        dict[str, str] | None,
        Described("Digests of what the import wrote, a key each: what differs from them was edited here since."),
    ] = None


@frozen
class Kind:
    """Where records of one kind live and what they are.

    `pattern` is the path below the store with named parts; `{name}` (or all of `key`) makes the record's name.
    `model` is `module:attribute`, imported when a record of the kind is first read.
    """

    name: str
    pattern: str
    model: str
    key: str = "{name}"
    many: bool = False

    @property
    def folder(self) -> str:
        """The fixed part of the path before the first named part."""
        return self.pattern.split("{", 1)[0].rpartition("/")[0]

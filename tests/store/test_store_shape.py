"""The shape of records: what is rebuilt from plain data is what pydantic made of it, for every kind there is."""

import types
from dataclasses import MISSING, fields, is_dataclass
from datetime import datetime, timedelta
from importlib import import_module
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.tries import tries

from svcops.checking.model import At
from svcops.store.fitting import check_of
from svcops.store.layout import KINDS, kind
from svcops.store.model import Day, Matching, Ref, Tagged, record
from svcops.store.shape import rebuild, references, shape_of
from svcops.store.validation import validate

INSTANTS = ("2026-11-23T08:15:00+01:00", "2026-11-23T07:15:00Z", "2026-11-23 07:15:00.123Z", "0001-01-01T00:00:00Z")
DURATIONS = ("15m", "1h30m", "30d", "2w", "90s", "0s")
PLAIN_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=4,
)
WORDS = st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=8).filter(str.strip)


def declared(of):
    module, _, attribute = of.model.partition(":")
    return getattr(import_module(module), attribute)


BY_TYPE = {
    str: st.text(st.characters(exclude_categories=("Cs",)), max_size=8),
    int: st.integers(-(10**6), 10**6),
    float: st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(10**6), 10**6),
    bool: st.booleans(),
    types.NoneType: st.none(),
    object: PLAIN_JSON,
    Any: PLAIN_JSON,
}


def plain_of(annotation):
    """Plain data that a field of that annotation takes, made from the annotation alone."""
    if is_dataclass(annotation):
        return st.deferred(lambda: plain_of_record(annotation))
    origin, inner = get_origin(annotation), get_args(annotation)
    by_origin = {
        Annotated: lambda: plain_of_annotated(annotation),
        Literal: lambda: st.sampled_from(inner),
        Union: lambda: st.one_of(*map(plain_of, inner)),
        types.UnionType: lambda: st.one_of(*map(plain_of, inner)),
        tuple: lambda: st.lists(plain_of(inner[0]), max_size=2),
        dict: lambda: st.dictionaries(WORDS, plain_of(inner[1]), max_size=2),
    }
    return by_origin[origin]() if origin else BY_TYPE[annotation]


def plain_of_annotated(annotation):
    inner, *marks = get_args(annotation)
    for mark in marks:
        if isinstance(mark, Matching):
            return st.dates().map(str) if isinstance(mark, Day) else st.from_regex(mark.pattern, fullmatch=True)
        if isinstance(mark, Ref):
            return st.sampled_from(("payroll", "SLO/x", "nobody"))
        if isinstance(mark, Tagged):
            return st.one_of(*(plain_of(member) for member in get_args(inner) or (inner,)))
    if inner is datetime:
        return st.sampled_from(INSTANTS)
    if inner is timedelta:
        return st.sampled_from(DURATIONS)
    return plain_of(inner)


def plain_of_record(cls):
    hints = get_type_hints(cls, include_extras=True)
    required, optional = {}, {}
    for one in fields(cls):
        must = one.default is MISSING and one.default_factory is MISSING
        (required if must else optional)[one.name.rstrip("_")] = plain_of(hints[one.name])
    return st.fixed_dictionaries(required, optional=optional)


@pytest.mark.parametrize("of", KINDS, ids=lambda of: of.name)
@tries(40)
@given(data=st.data())
def test_a_record_from_the_cache_is_the_record_that_was_validated(of, data):
    plain = data.draw(plain_of(declared(of)))
    value, wrong = validate(declared(of), plain, At("x.yaml"))
    if wrong:
        return  # a rule of the record's own that its annotations do not say
    again = rebuild(declared(of), plain)
    assert again == value
    assert list(references(declared(of), again)) == list(references(declared(of), value))


@pytest.mark.parametrize("of", KINDS, ids=lambda of: of.name)
@tries(60)
@given(data=st.data())
def test_what_surely_fits_is_what_pydantic_accepts(of, data):
    plain = data.draw(plain_of(declared(of)) | PLAIN_JSON)
    if isinstance(plain, dict) and data.draw(st.booleans()):  # one value of any other kind, or a key more
        plain |= {data.draw(st.sampled_from([*plain, "more"])): data.draw(PLAIN_JSON)}
    check = check_of(declared(of))
    value, wrong = validate(declared(of), plain, At("x.yaml"))
    if check and check(plain):
        assert not wrong
        assert rebuild(declared(of), plain) == value


def test_events_and_incidents_are_told_without_pydantic():
    moment = "2026-11-23T08:15:00+01:00"
    event = {"type": "log", "at": moment, "recorded_at": moment, "by": "ada", "text": "Rolled back"}
    fits = check_of(declared(kind("incident-event")))
    assert fits(event)
    assert (
        fits({**event, "type": "opened", "severity": "sev1", "from": "normal operations"}) is False
    )  # it holds no text
    assert not fits({**event, "at": "yesterday"})
    assert not fits({**event, "text": "\x1b[2J"})
    service = check_of(declared(kind("service")))
    assert service({"title": "T", "owner": "platform", "annotations": {"a": "b"}})
    assert not service({"title": "T", "owner": "platform", "annotations": {"\x1b[2J": "b"}})
    assert check_of(declared(kind("incident")))({"title": "T", "services": ["ledger"], "detected_by": "slo"})


@pytest.mark.parametrize("of", KINDS, ids=lambda of: of.name)
@tries(40)
@given(data=st.data())
def test_every_reference_stands_in_the_plain_data_at_its_key_path(of, data):
    plain = data.draw(plain_of(declared(of)))
    value, wrong = validate(declared(of), plain, At("x.yaml"))
    if wrong:
        return
    for keys, ref, name in references(declared(of), value):
        found = plain
        for key in keys:
            found = found[key]
        assert found == name
        assert ref.kinds


@record
class Inner:
    """A record in a record."""

    to: Annotated[str, Ref("service")]
    when: Annotated[timedelta, shape_of] | None = None


@record
class Outer:
    """One of every kind of field that may hold a reference."""

    one: Annotated[str, Ref("service", "team")]
    maybe: Annotated[str, Ref("team")] | None = None
    many: tuple[Annotated[str, Ref("person")], ...] = ()
    by_name: dict[str, Annotated[str, Ref("slo:SLI")]] | None = None
    inner: Inner | None = None
    inners: tuple[Inner, ...] = ()
    either: str | tuple[Inner, ...] | None = None
    from_: Annotated[str, Ref("system")] = ""


def test_references_are_found_wherever_a_field_may_hold_one():
    plain = {
        "one": "a",
        "maybe": "b",
        "many": ["c", "d"],
        "by_name": {"x": "e"},
        "inner": {"to": "f"},
        "inners": [{"to": "g"}],
        "either": [{"to": "h"}],
        "from": "i",
    }
    found = [(keys, ref.kinds, name) for keys, ref, name in references(Outer, rebuild(Outer, plain))]
    assert found == [
        (("one",), ("service", "team"), "a"),
        (("maybe",), ("team",), "b"),
        (("many", 0), ("person",), "c"),
        (("many", 1), ("person",), "d"),
        (("by_name", "x"), ("slo:SLI",), "e"),
        (("inner", "to"), ("service",), "f"),
        (("inners", 0, "to"), ("service",), "g"),
        (("either", 0, "to"), ("service",), "h"),
        (("from",), ("system",), "i"),
    ]
    assert [name for _, _, name in references(Outer, rebuild(Outer, {"one": "a", "either": "text"}))] == ["a", ""]


def test_a_type_that_records_do_not_use_is_a_type_error():
    for wrong in (set, bytes, complex, list):
        with pytest.raises(TypeError):
            shape_of(wrong)
    with pytest.raises(TypeError, match="cannot be told apart"):
        shape_of(Inner | Outer)

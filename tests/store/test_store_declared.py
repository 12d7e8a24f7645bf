"""What a record declares at a place inside it."""

from datetime import timedelta
from typing import Annotated, Literal, get_args

import pytest

from svcops.store.declared import declared_at, declared_of, fields_of, keys_at, settle
from svcops.store.layout import KINDS, kind
from svcops.store.model import Ref, Tagged, Text, record
from svcops.timing.model import Duration


@record
class Inner:
    """A record in another."""

    name: Text
    from_: str = ""


@record
class One:
    """One of two that a tag tells apart."""

    type: Literal["one"]
    first: int


@record
class Two:
    """The other."""

    type: Literal["two"]
    second: Duration | None = None


@record
class Outer:
    """Every form of field."""

    ref: Annotated[str, Ref("service")]
    inners: tuple[Inner, ...] = ()
    either: Inner | tuple[Inner, ...] | Literal["all"] | None = None
    by_name: dict[str, Inner] | None = None
    event: Annotated[One | Two, Tagged("type")] | None = None
    anything: object = None


@pytest.mark.parametrize(
    ("keys", "plain", "expected"),
    [
        (("inners",), {}, tuple[Inner, ...]),
        (("inners", 0), {"inners": [{}]}, Inner),
        (("inners", 0, "name"), {"inners": [{}]}, Text),
        (("inners", 7, "from"), {"inners": []}, str),
        (("either", "name"), {"either": {}}, Text),
        (("either", 0, "name"), {"either": [{}]}, Text),
        (("by_name", "x", "name"), {"by_name": {"x": {}}}, Text),
        (("event", "first"), {"event": {"type": "one"}}, int),
        (("event", "second"), {"event": {"type": "two"}}, Duration | None),
        (("event", "second"), {"event": {"type": "one"}}, None),
        (("event", "first"), {"event": {"type": "three"}}, None),
        (("event", "first"), {"event": "one"}, None),
        (("anything", "below"), {"anything": {"below": 1}}, None),
        (("nothing", "below"), {}, None),
        (("ref", "below"), {"ref": "x"}, None),
        ((), {}, Outer),
    ],
)
def test_declared_at_a_place(keys, plain, expected) -> None:
    assert declared_at(Outer, plain, keys) == expected


@pytest.mark.parametrize(
    ("plain", "expected"), [({}, Inner), ([], tuple[Inner, ...]), ("all", Literal["all"]), (1, None), (None, None)]
)
def test_a_union_is_settled_by_the_form_of_what_stands_there(plain, expected) -> None:
    assert settle(fields_of(Outer)["either"], plain) == expected


def test_a_union_with_nothing_is_the_other_member_whatever_stands_there() -> None:
    assert settle(Duration | None, 5) is timedelta
    assert settle(Duration, None) is timedelta


def test_keys_are_in_the_order_of_the_fields_without_the_underscore() -> None:
    assert list(fields_of(Inner)) == ["name", "from"]
    assert fields_of(str) == {}
    assert fields_of(None) == {}


@pytest.mark.parametrize(
    ("keys", "plain", "expected"),
    [
        ((), {}, ("ref", "inners", "either", "by_name", "event", "anything")),
        (("inners", 0), {"inners": [{}]}, ("name", "from")),
        (("either",), {"either": {}}, ("name", "from")),
        (("either",), {"either": "all"}, ()),
        (("by_name", "x"), {"by_name": {"x": {}}}, ("name", "from")),
        (("event",), {"event": {"type": "two"}}, ("type", "second")),
        (("event",), {"event": {"type": "three"}}, ()),
        (("ref",), {"ref": "a"}, ()),
        (("nothing", "below"), {}, ()),
    ],
)
def test_the_keys_that_a_place_may_have_are_known(keys, plain, expected) -> None:
    assert keys_at(Outer, plain, keys) == expected


@pytest.mark.parametrize("of", KINDS, ids=[one.name for one in KINDS])
def test_every_kind_is_declared_as_a_record_or_as_a_union_of_records(of) -> None:
    declared = declared_of(of)
    members = [declared] if isinstance(declared, type) else get_args(get_args(declared)[0]) or get_args(declared)[:1]
    assert all(fields_of(member) for member in members)
    assert kind(of.name) is of

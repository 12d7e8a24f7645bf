"""Values: what the standard library's frozen dataclasses do, made when it is first needed."""

import pickle
from dataclasses import FrozenInstanceError, dataclass, field, fields, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from svcops.store.frozen import frozen, frozen_by_keyword


@frozen
class Place:
    path: str
    keys: tuple[str | int, ...] = ()
    found: list[str] = field(default_factory=list)
    column: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Standard:
    path: str
    keys: tuple[str | int, ...] = ()
    found: list[str] = field(default_factory=list)
    column: int = field(default=0, compare=False)


@frozen_by_keyword
class Named:
    title: str
    tier: int | None = None


@frozen_by_keyword
class Longer(Named):
    tier: int = 2
    tags: tuple[str, ...] = ()


@frozen
class Empty:
    pass


texts = st.text(max_size=3)
given_to_both = st.fixed_dictionaries(
    {"path": texts},
    optional={"keys": st.tuples(texts, st.integers()), "found": st.lists(texts), "column": st.integers()},
)


@given(given_to_both, given_to_both)
def test_it_says_and_compares_as_a_dataclass_does(one: dict[str, Any], other: dict[str, Any]) -> None:
    ours, theirs = Place(**one), Standard(**one)
    assert repr(ours) == repr(theirs).replace("Standard", "Place")
    assert [field.name for field in fields(ours)] == [field.name for field in fields(theirs)]
    assert (ours == Place(**other)) == (theirs == Standard(**other))
    assert ours == Place(**one)
    assert repr(replace(ours, path="x")) == repr(replace(theirs, path="x")).replace("Standard", "Place")
    assert pickle.loads(pickle.dumps(ours)) == ours


def test_fields_may_be_given_by_place() -> None:
    assert Place("a", ("b",)) == Place(path="a", keys=("b",))
    assert Place("a") != Standard("a")


def test_a_default_that_is_made_is_made_each_time() -> None:
    assert Place("a").found is not Place("a").found


def test_equal_values_have_one_hash_and_others_by_luck_only() -> None:
    assert len({Named(title="a"), Named(title="a", tier=None), Named(title="b")}) == 2
    assert len({Empty(), Empty()}) == 1


@pytest.mark.parametrize("wrong", [{}, {"titel": "a"}, {"title": "a", "more": 1}])
def test_a_field_that_is_missing_or_unknown_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(TypeError):
        Named(**wrong)


def test_a_record_takes_its_fields_by_keyword_alone() -> None:
    with pytest.raises(TypeError):
        Named("a")  # type: ignore[misc]


def test_what_another_begins_with_comes_first_and_may_be_told_anew() -> None:
    longer = Longer(title="a", tags=("x",))
    assert repr(longer) == "Longer(title='a', tier=2, tags=('x',))"
    assert longer == replace(Longer(title="b", tags=("x",)), title="a") != Named(title="a", tier=2)
    assert pickle.loads(pickle.dumps(longer)) == longer
    assert not hasattr(longer, "__dict__")


def test_nothing_changes_and_nothing_is_added() -> None:
    place = Place("a")
    with pytest.raises(FrozenInstanceError):
        place.path = "b"  # type: ignore[misc]
    with pytest.raises(FrozenInstanceError):
        del place.path  # type: ignore[misc]
    with pytest.raises(FrozenInstanceError):
        place.more = 1  # type: ignore[attr-defined]
    assert not hasattr(place, "__dict__")

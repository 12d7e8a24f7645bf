"""Secrets are masked in what commands say, in whatever pieces it comes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from svcops.runbooks.masking import MASK, Masker, is_secret, secrets_in


@pytest.mark.parametrize(
    "name", ["RESTIC_PASSWORD", "GITHUB_TOKEN", "AWS_SECRET_ACCESS_KEY", "PGPASSWORD", "BORG_PASSPHRASE", "API_KEY"]
)
def test_what_sounds_like_a_secret_is_one(name):
    assert is_secret(name, ())


@pytest.mark.parametrize("name", ["PATH", "PWD", "RESTIC_PASSWORD_FILE", "SSH_AUTH_SOCK", "KEYBOARD", "MONKEY"])
def test_where_a_secret_is_kept_is_none(name):
    assert not is_secret(name, ())


def test_what_the_runbook_names_is_one_whatever_it_sounds_like():
    assert secrets_in({"PIN": "4711-00", "HOME": "/root"}, ("PIN",)) == ({b"4711-00"}, [])


def test_what_is_too_short_to_be_masked_is_told():
    assert secrets_in({"TOKEN": "abc"}, ()) == (set(), ["TOKEN"])


def test_a_secret_of_several_lines_is_masked_line_by_line_as_well():
    masker = Masker([b"-----BEGIN\nabcdef"])
    assert masker.mask(b"  abcdef\n") == b"  " + MASK + b"\n"


def test_a_value_in_two_pieces_is_masked():
    masker = Masker([b"hunter22"])
    assert [masker.feed(b"is hun"), masker.feed(b"ter22 now"), masker.rest()] == [b"is ", MASK + b" now", b""]


def test_what_only_begins_like_one_is_shown_in_the_end():
    masker = Masker([b"hunter22"])
    assert [masker.feed(b"a hunt"), masker.rest()] == [b"a ", b"hunt"]


_FEW = st.binary(max_size=14).map(lambda data: bytes(97 + one % 2 for one in data))
_VALUES = st.lists(_FEW.filter(lambda one: len(one) > 3), max_size=4)


@given(_VALUES, st.lists(_FEW, max_size=6))
def test_pieces_make_no_difference(values, pieces):
    masker = Masker(values)
    shown = b"".join([*map(masker.feed, pieces), masker.rest()])
    assert shown == Masker(values).mask(b"".join(pieces))

"""Secrets in what commands say: masked, however the stream is cut."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from svcops.runbooks.masking import Masker, secrets_of, sounds_secret


def _through(masker: Masker, *chunks: bytes) -> bytes:
    return b"".join([*map(masker.feed, chunks), masker.rest()])


def test_a_value_is_masked_wherever_the_stream_is_cut() -> None:
    said = b"login with hunter2000, then hunter2000"
    for cut in range(len(said)):
        assert _through(Masker({"A": "hunter2000"}), said[:cut], said[cut:]) == b"login with ***, then ***"


def test_what_cannot_be_the_beginning_of_a_value_is_shown_at_once() -> None:
    masker = Masker({"A": "hunter2000"})
    assert masker.feed(b"waiting for input: ") == b"waiting for input: "
    assert masker.feed(b"hunt") == b""
    assert masker.feed(b"ing") == b"hunting"


def test_the_longer_of_two_values_is_masked_whole() -> None:
    assert _through(Masker({"A": "abcd", "B": "abcdefgh"}), b"x abcd", b"efgh y abcd") == b"x *** y ***"


def test_values_that_overlap_are_masked_to_the_last_character() -> None:
    assert _through(Masker({"A": "wxab", "B": "abcd"}), b"-wxab", b"cd-") == b"-***-"


def test_each_line_of_a_key_is_masked() -> None:
    assert _through(Masker({"A": "BEGIN\nline-one\nline-two\n"}), b"  line-one\r\n") == b"  ***\r\n"


def test_a_value_that_is_too_short_to_mask_is_named() -> None:
    masker = Masker({"PIN": "12", "TOKEN": "long enough"})
    assert masker.too_short == ("PIN",)
    assert _through(masker, b"12 long enough") == b"12 ***"


@pytest.mark.parametrize(
    "name",
    [
        "PGPASSWORD",
        "RESTIC_PASSWORD",
        "BORG_PASSPHRASE",
        "GITHUB_TOKEN",
        "API_KEY",
        "AWS_SECRET_ACCESS_KEY",
        "MYSQL_PWD",
        "REDISCLI_AUTH",
    ],
)
def test_names_that_sound_like_secrets(name: str) -> None:
    assert sounds_secret(name)


@pytest.mark.parametrize(
    "name",
    [
        "RESTIC_PASSWORD_FILE",
        "BORG_PASSCOMMAND",
        "SSH_AUTH_SOCK",
        "KEYBOARD",
        "PWD",
        "OLDPWD",
        "GIT_AUTHOR_NAME",
        "PATH",
    ],
)
def test_names_that_do_not(name: str) -> None:
    assert not sounds_secret(name)


def test_a_variable_that_the_runbook_names_is_secret_whatever_its_name() -> None:
    assert secrets_of({"DSN": "postgres://x", "HOME": "/root", "EMPTY_TOKEN": ""}, ["DSN"]) == {"DSN": "postgres://x"}


@given(st.lists(st.binary(max_size=6)), st.lists(st.text("abc", min_size=4, max_size=7), min_size=1, max_size=3))
def test_cutting_never_changes_what_is_shown(chunks: list[bytes], values: list[str]) -> None:
    cut = [one.translate(bytes(97 + byte % 3 for byte in range(256))) for one in chunks]
    assert _through(Masker(values), *cut) == _through(Masker(values), b"".join(cut))

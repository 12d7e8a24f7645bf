"""A change as a value: it adds up, and its message is one that git keeps as it is."""

import pytest

from svcops.store.change import Change, digest_of, listing_of


def test_changes_add_up_to_one():
    one = Change("Open", {"a": b"1"}, {"x": "d"}, {"f": ("n",)}, ("id-1",), "First.")
    other = Change("Log", {"b": None}, {"b": "e"}, {"g": ()}, ("id-2", "id-1"), "Second.")
    both = one + other
    assert both == Change(
        "Open",
        {"a": b"1", "b": None},
        {"x": "d", "b": "e"},
        {"f": ("n",), "g": ()},
        ("id-1", "id-2"),
        "First.\n\nSecond.",
    )


def test_two_changes_of_one_file_do_not_add_up():
    with pytest.raises(ValueError, match="both write a"):
        Change("One", {"a": b"1"}) + Change("Other", {"a": b"2"})
    assert (Change("One", {"a": b"1"}) + Change("Other", {"a": b"1"})).files == {"a": b"1"}


def test_two_changes_that_read_a_folder_differently_do_not_add_up():
    with pytest.raises(ValueError, match="read f differently"):
        Change("One", {}, listings={"f": ("a",)}) + Change("Other", {}, listings={"f": ("a", "b")})


@pytest.mark.parametrize(
    ("subject", "line"),
    [
        ("Plain", "Plain"),
        ("two\nlines", "two lines"),
        ("# comment", "comment"),
        ("##", ""),
        ("  a \t b\r\n\x0b", "a b"),
        ("line\u2028separator", "line separator"),
    ],
)
def test_a_subject_is_one_line_that_git_does_not_take_for_a_comment(subject, line):
    assert Change(subject, {}).message == line + "\n"


def test_a_message_ends_in_a_trailer_a_record():
    change = Change("Subject", {}, records=("a", "b"), body="Body.")
    assert change.message == "Subject\n\nBody.\n\nSvcops-Record: a\nSvcops-Record: b\n"


def test_a_listing_has_no_temporary_files_and_none_where_there_is_no_folder(tmp_path):
    for name in ("b.yaml", "a.yaml", ".a.yaml.svcops", ".hidden"):
        (tmp_path / name).touch()
    assert listing_of(tmp_path, ".") == ("a.yaml", "b.yaml")
    assert listing_of(tmp_path, "nothing") == ()
    assert listing_of(tmp_path, "a.yaml/below") == ()


def test_a_digest_is_sha_256():
    assert digest_of(b"") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

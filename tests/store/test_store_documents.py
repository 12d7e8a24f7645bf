"""Files as documents: YAML, front matter of Markdown, and the places in both."""

import pytest

from svcops.checking.model import At
from svcops.store.documents import Locator, body, parse, split_front_matter
from svcops.store.files import WorkTree


@pytest.mark.parametrize(
    ("text", "front", "below", "line"),
    [
        ("---\na: 1\n---\n\nText\n", "a: 1\n", "\nText\n", 4),
        ("---\na: 1\n---", "a: 1\n", "", 3),
        ("---\n---\nText", "", "Text", 3),
        ("---  \r\na: 1\r\n--- \r\nText\r\n", "a: 1\r\n", "Text\r\n", 4),
        ("---\na: |\n  ---\n---\nText\n---\n", "a: |\n  ---\n", "Text\n---\n", 5),
    ],
)
def test_front_matter_is_taken_off(text, front, below, line):
    split = split_front_matter(text)
    assert (split.front, split.body, split.body_line) == (front, below, line)


@pytest.mark.parametrize(
    "text", ["", "Text", "\n---\na: 1\n---\n", " ---\na: 1\n---\n", "---\na: 1\n", "----\na: 1\n---\n"]
)
def test_what_does_not_begin_with_front_matter_has_none(text):
    assert split_front_matter(text) is None
    finding = parse(text.encode(), "runbooks/a/b.md").findings[0]
    assert finding.code == "FILE006"
    assert finding.span


def test_a_finding_in_front_matter_is_at_its_line_in_the_file():
    finding = parse(b"---\na: 1\na: 2\n---\nText\n", "runbooks/a/b.md").findings[0]
    assert (finding.code, finding.span.line) == ("YAML002", 3)


def test_the_body_is_what_is_below_the_front_matter(tmp_path):
    (tmp_path / "a.md").write_bytes(b"\xef\xbb\xbf---\na: 1\n---\n# Text\r\n")
    tree = WorkTree(tmp_path)
    assert body(tree, "a.md") == "# Text\r\n"
    (tmp_path / "b.md").write_bytes(b"no front matter")
    assert body(tree, "b.md") == body(tree, "gone.md") == ""


YAML = "# a comment\ntitle: Payroll\nlist:\n  - one\n  - service: ledger\n    critical: true\nempty: {}\n"


@pytest.mark.parametrize(
    ("keys", "part", "text"),
    [
        (("title",), "value", "Payroll"),
        (("title",), "key", "title"),
        (("list", 0), "value", "one"),
        (("list", 1, "service"), "value", "ledger"),
        (("list", 1, "service"), "key", "service"),
        (("list", 1, "missing"), "key", "s"),
        (("empty", "missing"), "key", "empty"),
        (("empty",), "value", "{}"),
        ((), "value", "t"),
        (("missing",), "key", "t"),
    ],
)
def test_a_place_is_found_or_the_nearest_around_it(tmp_path, keys, part, text):
    (tmp_path / "x.yaml").write_text(YAML)
    span = Locator(WorkTree(tmp_path)).span(At("x.yaml", keys, part))
    line = YAML.splitlines()[span.line - 1]
    assert line[span.column - 1 : span.end_column - 1] == text
    assert span.line == span.end_line


def test_places_of_later_documents_and_of_front_matter_are_found(tmp_path):
    (tmp_path / "many.yaml").write_text("a: 1\n---\n- b: 2\n")
    assert Locator(WorkTree(tmp_path)).span(At("many.yaml", (0, "b"), "value", 1)).line == 3
    (tmp_path / "x.md").write_text("---\n# comment\na: 1\n---\nText\n")
    assert Locator(WorkTree(tmp_path)).span(At("x.md", ("a",), "key")).line == 3


def test_a_file_that_is_gone_or_damaged_has_no_places(tmp_path):
    (tmp_path / "damaged.yaml").write_bytes(b"\xff")
    for path in ("gone.yaml", "damaged.yaml"):
        assert Locator(WorkTree(tmp_path)).span(At(path, ("a",))) is None

"""YAML becomes plain data or findings with their places, soon, whatever is in the file."""

import io
import json
import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML
from tests.tries import tries

from svcops.store.yaml_reading import MAX_DEPTH, MAX_NODES, compose, decode
from svcops.store.yaml_writing import dump

LIMIT = 1024 * 1024


def only(text, **options):
    """The one finding of a text."""
    parsed = compose(text, "x.yaml", **options)
    assert len(parsed.findings) == 1, parsed.findings
    return parsed.findings[0]


def place(finding):
    span = finding.span
    return (span.line, span.column, span.end_line, span.end_column)


# Bytes ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("data", [b"", b"a: 1\n", "é: ü 😀 日本\n".encode(), b"\xef\xbb\xbfa: 1\n", b"a:\t1\r\n"])
def test_clean_utf_8_is_text(data):
    text, problem = decode(data, "x.yaml", max_bytes=LIMIT)
    assert problem is None
    assert text == data.decode("utf-8-sig")


@pytest.mark.parametrize(
    ("data", "message", "line", "column"),
    [
        (b"a: 1\nb: \x00\n", "U+0000", 2, 4),
        (b"\x00", "U+0000", 1, 1),
        (b"a: \x1b[31m\n", "U+001B", 1, 4),
        (b"a: \x7f", "U+007F", 1, 4),
        (b"a: \xc2\x9b", "U+009B", 1, 4),
        ("é: ü\n€: \x01".encode(), "U+0001", 2, 4),
        ("a: \ufffe".encode(), "U+FFFE", 1, 4),
        ("a\ufeff: 1".encode(), "U+FEFF", 1, 2),
        (b"a: \xff\n", "byte 0xff", 1, 4),
        ("ä: ü\nö: ".encode() + b"\xe4\n", "byte 0xe4", 2, 4),
        (b"\xed\xa0\x80", "byte 0xed", 1, 1),
        (b"\xc0\xaf", "byte 0xc0", 1, 1),
        ("a: 1".encode("utf-16"), "byte 0xff", 1, 1),
        (b"\xef\xbb\xbf\xff", "byte 0xff", 1, 1),
        (b"a: \xe2\x82", "byte 0xe2", 1, 4),
    ],
)
def test_what_is_no_clean_utf_8_is_a_finding_at_its_place(data, message, line, column):
    text, finding = decode(data, "x.yaml", max_bytes=LIMIT)
    assert text == ""
    assert finding.code == "FILE001"
    assert message in finding.message
    assert place(finding) == (line, column, line, column + 1)


def test_a_file_over_the_limit_is_a_finding_and_one_at_the_limit_is_none():
    assert decode(b"a" * 100, "x.yaml", max_bytes=100)[1] is None
    assert decode(b"a" * 101, "x.yaml", max_bytes=100)[1].code == "FILE002"


# Findings and their places -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "code", "span"),
    [
        ("", "YAML001", (1, 1, 1, 1)),
        ("# only a comment\n", "YAML001", (1, 1, 1, 1)),
        ("a: [1, 2\n", "YAML001", (1, 4, 1, 4)),
        ("a: b: c\n", "YAML001", (1, 5, 1, 5)),
        ("a:\n\tb: 1\n", "YAML001", (2, 1, 2, 1)),
        ("key: 'open\n", "YAML001", (1, 6, 1, 6)),
        ("ä: b\nü: \u2028c\n", "YAML001", (2, 4, 2, 5)),
        ("a: 1\nb: 2\na: 3\n", "YAML002", (3, 1, 3, 2)),
        ("a: {b: 1, 'b': 2}\n", "YAML002", (1, 11, 1, 14)),
        ("a: !!python/object/apply:os.system [id]\n", "YAML003", (1, 4, 1, 37)),
        ("a: !thing 1\n", "YAML003", (1, 4, 1, 12)),
        ("a: !!int x\n", "YAML003", (1, 4, 1, 11)),
        ("a: !!set {x}\n", "YAML003", (1, 4, 1, 11)),
        ("a: *b\n", "YAML004", (1, 4, 1, 6)),
        ("a: &b [1, *b]\n", "YAML004", (1, 11, 1, 13)),
        ("1: a\n", "YAML005", (1, 1, 1, 2)),
        ("? [a]\n: b\n", "YAML005", (1, 3, 1, 4)),
        ("<<: {a: 1}\n", "YAML005", (1, 1, 1, 3)),
        ("a: 1\n---\nb: 2\n", "YAML006", (2, 1, 2, 4)),
        ("a: " + "[" * (MAX_DEPTH + 1), "YAML007", (1, 3 + MAX_DEPTH, 1, 4 + MAX_DEPTH)),
        ("n: " + "9" * 500, "YAML007", (1, 4, 1, 504)),
    ],
)
def test_what_is_wrong_has_its_code_and_place(text, code, span):
    finding = only(text)
    assert finding.code == code
    assert place(finding) == span
    assert finding.at.path == "x.yaml"


def test_a_key_that_is_set_twice_says_where_it_was_first_set_and_the_rest_is_read():
    parsed = compose("a: 1\nb: 1\na: 2\nb: 2\nc: 3\n", "x.yaml")
    assert [finding.message for finding in parsed.findings] == ["the key a is set twice", "the key b is set twice"]
    assert [finding.related[0].span.line for finding in parsed.findings] == [1, 2]


def test_the_same_key_in_two_mappings_is_no_finding():
    assert compose("a: {b: 1}\nc: {b: 1}\n", "x.yaml").documents == [{"a": {"b": 1}, "c": {"b": 1}}]


def test_places_count_from_the_first_line_of_the_front_matter():
    finding = only("a: 1\na: 2\n", first_line=10)
    assert place(finding) == (11, 1, 11, 2)
    assert finding.related[0].span.line == 10
    assert only("a: [\n", first_line=10).span.line >= 10
    assert only("a: \u2028\n", first_line=10).span.line == 10


def test_several_documents_are_read_where_a_file_may_hold_several():
    assert compose("a: 1\n---\n---\n- b\n", "x.yaml", many=True).documents == [{"a": 1}, None, ["b"]]
    assert compose("", "x.yaml", many=True) == compose("# nothing\n", "x.yaml", many=True)


def test_an_alias_does_not_reach_another_document():
    assert only("&a 1\n---\n*a\n", many=True).code == "YAML004"


def test_an_anchor_that_is_set_again_stands_for_the_new_value():
    assert compose("[&a 1, *a, &a 2, *a]", "x.yaml").documents == [[1, 1, 2, 2]]


def test_an_anchor_that_is_set_again_on_what_holds_its_alias_is_a_finding():
    assert only("- &a 1\n- &a [*a]\n").code == "YAML004"


def test_a_number_keeps_its_digits():
    read = compose(
        "a: 123456789012345678901234567890\nb: 0.1\nc: 1e-7\nd: 0o755\ne: 0xFF\nf: -0.0\n", "x.yaml"
    ).documents[0]
    assert read == {"a": 123456789012345678901234567890, "b": 0.1, "c": 1e-7, "d": 493, "e": 255, "f": -0.0}
    assert str(read["f"]) == "-0.0"


# Bombs ---------------------------------------------------------------------------------------------------------------


def bomb_of_lists():
    lines = ["a0: &a0 [" + ", ".join(["x"] * 9) + "]"]
    lines += [f"a{number}: &a{number} [" + ", ".join([f"*a{number - 1}"] * 9) + "]" for number in range(1, 12)]
    return "\n".join(lines)


BOMBS = {
    "lists": bomb_of_lists(),
    "mappings": "a: &a {b: 1, c: 2}\n"
    + "".join(
        f"k{n}: &k{n} {{a: *{'a' if n == 0 else f'k{n - 1}'}, b: *{'a' if n == 0 else f'k{n - 1}'}}}\n"
        for n in range(30)
    ),
    "long text": "a: &a " + "x" * 500_000 + "\nb: [" + "*a, " * 100_000 + "]\n",
    "long text in a list": "a: &a [" + "x" * 500_000 + "]\nb: [" + "*a, " * 100_000 + "]\n",
    "long key": 'a: &a {"' + "x" * 900 + '": 1}\nb: [' + "*a, " * 100_000 + "]\n",
    "long key itself": "a: &a " + "x" * 900 + "\nb: [" + "{? *a : 1}, " * 60_000 + "]\n",
}


@pytest.mark.parametrize("name", BOMBS)
def test_what_explodes_once_aliases_are_written_out_is_refused(name):
    text = BOMBS[name]
    assert len(text) <= LIMIT
    started = time.monotonic()
    parsed = compose(text, "x.yaml")
    assert time.monotonic() - started < 5
    if parsed.findings:
        assert [finding.code for finding in parsed.findings] == ["YAML004"]
    else:
        assert len(json.dumps(parsed.documents)) < 64 * LIMIT


def test_many_aliases_that_do_not_explode_are_read():
    text = "a: &a {b: [1, 2]}\n" + "".join(f"k{number}: *a\n" for number in range(5_000))
    parsed = compose(text, "x.yaml")
    assert not parsed.findings
    assert parsed.documents[0]["k4999"] == {"b": [1, 2]}


def test_as_many_values_as_are_allowed_are_read_and_one_more_is_not():
    assert not compose("- 1\n" * (MAX_NODES - 1), "x.yaml").findings
    assert only("- 1\n" * MAX_NODES).code == "YAML004"


@pytest.mark.parametrize(
    "piece",
    [
        *(
            "[",
            "{",
            "- ",
            "? ",
            ": ",
            "a: ",
            "- - ",
            '"',
            "'",
            "&a ",
            "*a ",
            "!",
            "!!str ",
            "#",
            "%",
            "|\n",
            ">\n ",
            "---\n",
        ),
        *(
            "a",
            "\n",
            " ",
            "\t",
            "[]",
            "{}, ",
            "a: b\n",
            "- a\n",
            "{a: ",
            "[a, ",
            "a:\n ",
            "!a!b ",
            "&a\n",
            "...\n",
            "\\",
            '"\\',
            "0",
            "1.",
        ),
        *("[{", "- {", "? - ", "a: &a\n", "*a : ", "<<: ", '"a" ', "-", "--", ",", "]", "}", "- |\n  a\n", "é", "😀"),
    ],
)
def test_a_megabyte_of_anything_ends_soon(piece):
    text = piece * (LIMIT // len(piece.encode()))
    started = time.monotonic()
    parsed = compose(text, "x.yaml", many=True)
    assert time.monotonic() - started < 10
    assert len(parsed.findings) <= 101
    for finding in parsed.findings:
        assert finding.span is not None
        assert len(finding.message) < 400
        assert len(finding.help) < 400


# Places of what was read ---------------------------------------------------------------------------------------------

TEXTS = st.text(
    st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\u2028\u2029\ufeff\ufffe\uffff"), max_size=12
)
SCALARS = st.none() | st.booleans() | st.integers(-999, 10**12) | st.floats(allow_nan=False) | TEXTS
PLAIN = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4), max_leaves=12
)


def with_ruamel(plain, *, flow):
    writer = YAML(typ="safe", pure=True)
    writer.default_flow_style = flow
    out = io.StringIO()
    writer.dump(plain, out)
    return out.getvalue()


def with_comments(text):
    return (
        "# before 😀\n\n" + text.replace("\n", "\n# ü\n", 1)
        if not re.search(r"[|>'\"]", text)
        else "# before 😀\n\n" + text
    )


FORMS = {
    "svcops": dump,
    "block": lambda plain: with_ruamel(plain, flow=False),
    "flow": lambda plain: with_ruamel(plain, flow=True),
    "json": lambda plain: json.dumps(plain, ensure_ascii=False).replace("Infinity", ".inf"),
    "comments": lambda plain: with_comments(with_ruamel(plain, flow=None)),
    "windows": lambda plain: with_ruamel(plain, flow=False).replace("\n", "\r\n"),
}


def cut(text, span):
    """What stands at a span, lines and columns counted as an editor does."""
    lines = re.split(r"(?<=\n)", text)
    if span.line == span.end_line:
        return lines[span.line - 1][span.column - 1 : span.end_column - 1]
    rest = lines[span.end_line - 1][: span.end_column - 1] if span.end_line <= len(lines) else ""
    return "".join([lines[span.line - 1][span.column - 1 :], *lines[span.line : span.end_line - 1], rest])


def value_at(documents, keys):
    found = documents
    for key in keys:
        found = found[key]
    return found


@tries(250)
@given(PLAIN, st.sampled_from(sorted(FORMS)))
def test_what_stands_at_a_place_is_what_was_read_there(plain, form):
    text = FORMS[form](plain)
    parsed = compose(text, "x.yaml", locate=True)
    if re.search(r"[{\[, ]:\S", text) and parsed.findings:
        return  # a key in brackets that begins with a colon: ruamel.yaml writes it, libyaml refuses it
    assert not parsed.findings
    found = set()
    for keys, span in parsed.places.values.items():
        value = value_at(parsed.documents, keys)
        found.add(keys)
        if isinstance(value, (dict, list)) and not cut(text, span).startswith(("[", "{")):
            continue
        alone = compose(cut(text, span) or "null", "x.yaml")
        assert alone.documents == [value], cut(text, span)
    for keys, span in parsed.places.keys.items():
        assert compose(cut(text, span), "x.yaml").documents == [keys[-1]], cut(text, span)
    assert found == set(all_paths(parsed.documents)) - {()}
    assert set(parsed.places.keys) == {keys for keys in found if keys and isinstance(keys[-1], str)}


def all_paths(plain, keys=()):
    yield keys
    if isinstance(plain, dict):
        for key, value in plain.items():
            yield from all_paths(value, (*keys, key))
    elif isinstance(plain, list):
        for index, value in enumerate(plain):
            yield from all_paths(value, (*keys, index))


def test_places_are_only_worked_out_where_they_are_asked_for():
    parsed = compose("a: [1, {b: 2}]\n", "x.yaml")
    assert not parsed.places.keys
    assert not parsed.places.values


def test_an_alias_has_the_place_of_the_alias():
    text = "a: &x [1]\nb: *x\n"
    places = compose(text, "x.yaml", locate=True).places
    assert cut(text, places.values[0, "b"]) == "*x"
    assert cut(text, places.values[0, "a"]) == "&x [1]"


@tries(300)
@given(st.text(st.sampled_from("ab:-?[]{}&*!|>'\"#,\n \t%@0\\éü😀"), max_size=60))
def test_every_finding_lies_within_the_text(text):
    parsed = compose(text, "x.yaml", locate=True)
    lines = text.split("\n")
    for finding in parsed.findings:
        span = finding.span
        assert 1 <= span.line <= span.end_line <= len(lines)
        assert span.column >= 1
        assert span.column <= len(lines[span.line - 1]) + 1


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ('title: "Ledger\nowner: operations\n', 1, 8),
        ("title: P\ntags: [a, b\nowner: o\n", 2, 7),
        ("title: P\napi: {type: x\nowner: o\n", 2, 6),
    ],
    ids=["quote", "bracket", "brace"],
)
def test_what_was_never_closed_is_found_where_it_was_opened(text: str, line: int, column: int) -> None:
    (found,) = compose(text, "a.yaml").findings
    assert found.span
    assert (found.code, found.span.line, found.span.column) == ("YAML001", line, column)


@pytest.mark.parametrize("text", ["é: [", "é: [\n", "é: [\n\n", "a: b\né: [ \n"])
def test_what_ends_too_soon_is_found_at_its_last_character(text: str) -> None:
    """Not on a line behind it, which is not there, or is empty."""
    line = text.rstrip().count("\n") + 1
    assert place(only(text)) == (line, 4, line, 5)

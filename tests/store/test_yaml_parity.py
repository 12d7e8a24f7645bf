"""The fast parser reads what ruamel.yaml reads, in YAML 1.2; every difference is listed here and meant."""

import io
import json
import math
import re
import subprocess
import warnings
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError, YAMLWarning
from tests.tries import tries

from svcops.store.documents import split_front_matter
from svcops.store.yaml_reading import compose, decode

ROOT = Path(__file__).resolve().parents[2]


def project_files():
    """Every YAML file of the project, and every Markdown file with front matter."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "*.yaml", "*.yml", "*.md"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    ).stdout.split("\0")
    if listed == [""]:  # not a clone
        listed = [
            path.relative_to(ROOT).as_posix() for path in ROOT.glob("[!.]*/**/*.*") if path.suffix in (".yaml", ".md")
        ]
    return sorted(path for path in listed if path and (ROOT / path).is_file())


def ours(text):
    """The documents, or None where there is a finding."""
    parsed = compose(text, "x.yaml", many=True)
    return None if parsed.findings else parsed.documents


def ruamels(text):
    """The documents as ruamel.yaml reads them, with its safe pure loader; None where it refuses."""
    reader = YAML(typ="safe", pure=True)
    reader.version = (1, 2)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", YAMLWarning)
            return list(reader.load_all(text))
    except (YAMLError, ValueError, KeyError, NotImplementedError):
        return None


def is_same(one, other):
    if type(one) is not type(other):
        return False
    if isinstance(one, float):
        return one == other or (math.isnan(one) and math.isnan(other))
    if isinstance(one, list):
        return len(one) == len(other) and all(map(is_same, one, other))
    if isinstance(one, dict):
        return list(one) == list(other) and all(is_same(one[key], other[key]) for key in one)
    return one == other


@pytest.mark.parametrize("path", project_files())
def test_every_file_of_the_project_is_read_as_ruamel_reads_it(path):
    text, problem = decode((ROOT / path).read_bytes(), path, max_bytes=2**24)
    assert problem is None
    if path.endswith(".md"):
        split = split_front_matter(text)
        if split is None:
            return
        text = split.front
    read = compose(text, path, many=True, max_nodes=10**9)
    if re.search(r"^\s+<<: \*", text, re.MULTILINE):  # test cases may merge keys, records may not
        assert {finding.code for finding in read.findings} == {"YAML005"}
        return
    assert not read.findings
    assert is_same(read.documents, ruamels_without_dates(text))


def ruamels_without_dates(text):
    """As ruamel.yaml reads it, but with what looks like a date left as the text it is in YAML 1.2."""
    reader = YAML(typ="safe", pure=True)
    reader.version = (1, 2)

    class AsText(reader.Constructor):
        """Leaves timestamps alone."""

    AsText.add_constructor("tag:yaml.org,2002:timestamp", lambda loader, node: loader.construct_scalar(node))
    reader.Constructor = AsText
    try:
        return list(reader.load_all(text))
    except YAMLError:
        return None


SAME = (
    # numbers of the core schema, and what only looks like one
    *(
        "0",
        "007",
        "0o17",
        "0x1F",
        "+1",
        "-0",
        "-12",
        "1.",
        ".5",
        "+.5",
        "-.5",
        "1e3",
        "1E+3",
        "1.5e-3",
        "+12e03",
        "1e400",
    ),
    *(
        "0.0",
        "-0.0",
        "00",
        "09",
        "0o8",
        "0O17",
        "0X1f",
        "0x",
        "1e",
        ".e3",
        ".",
        "+",
        "..",
        "1.2.3",
        "1,000",
        "_1",
        "1 000",
    ),
    *(".inf", "-.INF", "+.inf", ".nan", ".NaN", "nan", "inf", ".Nan", "1:2", "12:30", "190:20:30"),
    # words
    *("~", "null", "Null", "NULL", "nULL", "true", "True", "TRUE", "tRUE", "false", "yes", "no", "on", "off", "y", "n"),
    # text
    *(
        '"a\\u00e9\\x41\\N\\_\\L\\P\\/"',
        "'it''s'",
        "a #b",
        "a#b",
        "a:b",
        "http://x.y",
        '"\\U0001F600"',
        '"\\x00"',
        "é: ü",
        "😀: 😀",
    ),
    *(
        "|\n  a\n  b\n",
        ">-\n  a\n  b\n\n  c\n",
        "|+\n  a\n\n",
        "|2\n    a\n",
        "a: |\n b\n  c\n d",
        "a: >\n b\n  c\n d\n",
    ),
    *(
        '"a\n  b"',
        '"a\n\n  b"',
        "a\n b\n  c",
        '"\\\n a"',
        "a: 'b\n\n c'",
        "--- |\n a\n...\n",
        "--- #x",
        "#",
        "# only\n",
    ),
    # collections
    *(
        "- a",
        "a: b",
        "{a: 1}",
        "[1, 2]",
        "- - a\n  - b\n",
        "- \n- ",
        "{a, b: }",
        "? a\n: b\n",
        "[a: b]",
        "{a: b,}",
        "key: [a,\n b]",
    ),
    *(
        "a: [\n]",
        "a: {\n}",
        "{a:b}",
        '{"a":b}',
        "[a:b]",
        "{u: http://x.y}",
        "? |\n  k\n: v\n",
        '"a: b": 1',
        "-",
        "- ",
        "a: !!str",
        "!!str",
    ),
    # tags of the core schema
    *(
        "!!str 1",
        '!!int "1"',
        "!!float 1",
        "!!float 1.5",
        '!!bool "true"',
        '!!null ""',
        "!!null null",
        "!!seq [1]",
        "!!map {a: 1}",
    ),
    *("!<tag:yaml.org,2002:str> 1", 'a: !<tag:yaml.org,2002:int> "3"', "%TAG !e! tag:yaml.org,2002:\n--- !e!str 1\n"),
    # anchors
    *("[&a x, *a]", "x: &a\ny: *a", "[&a [1], *a, &a 2, *a]", "a: &x {b: 1}\nc: *x", "- &a a\n- b: *a"),
    # documents
    *("---\n---\n", "--- a\n...\n--- b\n", "%YAML 1.2\n---\nyes\n", "", "---\n", '--- "a"\n---', "a: 1\r\nb: 2\r\n"),
    *('"a\r\nb"', "|\r\n a\r\n b\r\n", "a: 1\rb: 2\r"),
)

REFUSED_BY_BOTH = (
    *(
        "@a",
        "`a",
        "%a",
        "{a: [b, c}",
        "a: b: c",
        'a: "b',
        "\ta: b",
        "a:\n\tb",
        "[a,,b]",
        "[,]",
        "*a",
        "&a *a",
        '"a"b',
        "[a]b",
    ),
    *(
        "a: - b",
        "a: 'b'c",
        '"\\q"',
        "!foo 1",
        "%TAG ! tag:x,2000:\n--- !a b\n",
        "!!python/object:os.system x",
        "{a: 1, a: 2}",
    ),
    *("!!int x", "!!bool maybe", "!!float x", "- a\n-b: c", "<<: 1", "*", "&", "[1, 2", "? a\n? a", "'", "a\nb: c"),
)

DIFFERENT = {
    # Dates and times are text in YAML 1.2; records say what is a time.
    "2026-11-23": ["2026-11-23"],
    "2026-11-23T08:15:00Z": ["2026-11-23T08:15:00Z"],
    "2026-11-23 08:15:00 +1": ["2026-11-23 08:15:00 +1"],
    # Underscores and 0b are of YAML 1.1.
    "1_000": ["1_000"],
    "1__0": ["1__0"],
    "0_1": ["0_1"],
    "1_": ["1_"],
    "0b11": ["0b11"],
    # In the core schema only decimal numbers have a sign.
    "-0x1f": ["-0x1f"],
    "+0o7": ["+0o7"],
    # A number that begins with its point needs no sign in its exponent.
    ".1e5": [10000.0],
    # `=` and `<<` are types of YAML 1.1 that ruamel cannot make a value of; in 1.2 they are text.
    "=": ["="],
    "<<": ["<<"],
    # `!` says that it is text, whatever it looks like.
    "! 1": ["1"],
    "!": [""],
    # A tab may follow a colon, or come before a comment.
    "a:\tb": [{"a": "b"}],
    "a: b\t# c": [{"a": "b"}],
    # A marker at the start of a line ends the document, in block text too.
    "|\n---\n": ["", None],
    # Block text is indented, even where it is all there is.
    "|\n#": [""],
    # The version that a directive names does not change how we read; ruamel goes back to 1.1.
    "%YAML 1.1\n---\nyes\n": ["yes"],
}

REFUSED_BY_US = {
    # Keys of records are text.
    "{1: a}": "YAML005",
    "{null: a}": "YAML005",
    "{true: a}": "YAML005",
    "{1.5: a}": "YAML005",
    "{[1]: 2}": "YAML005",
    "{{a: b}: 2}": "YAML005",
    "?": "YAML005",
    "{a: 1, ? }": "YAML005",
    ": a": "YAML001",
    # Merge keys are not YAML 1.2.
    "{<<: {a: 1}}": "YAML005",
    # Types beyond plain data.
    "!!binary aGk=": "YAML003",
    "!!timestamp 2026-11-23": "YAML003",
    "!!set {a}": "YAML003",
    "!!omap [a: 1]": "YAML003",
    # A list that holds itself.
    "&a [1, *a]": "YAML004",
    # Half a character.
    '"\\ud800"': "YAML001",
    # Text in brackets that begins with a colon.
    "{:0: a}": "YAML001",
    # Directives that no YAML knows.
    "%FOO\n--- a": "YAML001",
    # Line ends of YAML 1.1 that no editor shows as such: what stands behind one would look like part of the line before.
    "a: b\u2028c: d": "YAML001",
    "a: b\u2029c: d": "YAML001",
    "a: b\x85c: d": "YAML001",
    "a\u2028b": "YAML001",
    '"a\u2028b"': "YAML001",
    "|\n  a\x85  b": "YAML001",
}


@pytest.mark.parametrize("text", SAME)
def test_it_is_read_as_ruamel_reads_it(text):
    assert ours(text) is not None
    assert is_same(ours(text), ruamels(text))


@pytest.mark.parametrize("text", REFUSED_BY_BOTH)
def test_it_is_refused_by_both(text):
    assert ours(text) is None
    assert ruamels(text) is None


@pytest.mark.parametrize("text", DIFFERENT)
def test_the_difference_is_meant(text):
    assert is_same(ours(text), DIFFERENT[text])
    assert not is_same(ours(text), ruamels(text))


@pytest.mark.parametrize("text", REFUSED_BY_US)
def test_what_ruamel_accepts_is_refused_with_its_code_and_place(text):
    findings = compose(text, "x.yaml", many=True).findings
    assert [finding.code for finding in findings] == [REFUSED_BY_US[text]]
    assert findings[0].span is not None


TEXTS = st.text(st.characters(exclude_categories=("Cs",)), max_size=30) | st.sampled_from(SAME + tuple(DIFFERENT))
SCALARS = st.none() | st.booleans() | st.integers(-(10**30), 10**30) | st.floats() | TEXTS
PLAIN = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4), max_leaves=15
)


def in_order(plain):
    """With the keys sorted, as ruamel.yaml writes them."""
    if isinstance(plain, dict):
        return {key: in_order(plain[key]) for key in sorted(plain)}
    return list(map(in_order, plain)) if isinstance(plain, list) else plain


@tries(150)
@given(PLAIN, st.sampled_from((False, True, None)), st.sampled_from((20, 80, 4096)), st.booleans())
def test_what_ruamel_writes_is_read_as_what_it_was(plain, flow, width, unicode):
    """Where ruamel.yaml itself reads what it wrote, and it is YAML 1.2: it breaks some lines where none may be broken."""
    writer = YAML(typ="safe", pure=True)
    writer.default_flow_style, writer.width, writer.allow_unicode = flow, width, unicode
    out = io.StringIO()
    writer.dump(plain, out)
    text = out.getvalue()
    if is_same(in_order(ruamels_without_dates(text)), in_order([plain])) and not re.search(NOT_OURS, text):
        assert is_same(in_order(ours(text)), in_order([plain]))


NOT_OURS = "(?m)[\x85\u2028\u2029]|^---.|^\\.\\.\\..|[{\\[, ]:|\\.[0-9]+[eE][0-9]"
"""Line ends of 1.1; markers of documents within quotes; a key in brackets that begins with a colon; numbers, see above."""


@tries(150)
@given(PLAIN, st.booleans(), st.sampled_from((None, 2)))
def test_json_is_read_as_what_it_was(plain, ascii_only, indent):
    text = json.dumps(plain, ensure_ascii=ascii_only, indent=indent).replace("NaN", ".nan").replace("Infinity", ".inf")
    if any(char in text for char in "\x7f\x85\u2028\u2029\ufeff\ufffe\uffff") or any(
        "\x80" <= char < "\xa0" for char in text
    ):
        return
    expected = json.loads(json.dumps(plain))
    found = ours(text)
    assert found is None if has_half_characters(text) else is_same(found, [expected]) or "nan" in text or "inf" in text


def has_half_characters(text):
    """JSON writes characters beyond the first 65,536 as two halves, which YAML does not know."""
    return "\\ud" in text.lower()


PIECES = (
    *"-:[]{}&*!|>%@`'\"#?,\n \t~<=.\\+_0123456789abexoEX",
    *(
        "\r\n",
        "ä",
        "🧾",
        "---\n",
        "...\n",
        "- ",
        ": ",
        "? ",
        "&a ",
        "*a ",
        "!!int ",
        "!!str ",
        "| \n",
        ">-\n",
        "  ",
        "\n  ",
    ),
    *(
        "null",
        "true",
        "1_000",
        "0x1f",
        "0o7",
        "1e999",
        ".inf",
        "-.nan",
        "yes",
        "a: ",
        "b: 1\n",
        "- c\n",
        "key",
        "'x'",
        '"y"',
    ),
)


def differs_by_meaning(text):
    """Whether one of the listed differences may be in play, so that parity is no question."""
    return any(piece in text for piece in ("_", "=", "<<", "!", "\t", "%", "0b", "\ufeff")) or ruamel_has_its_own_way(
        text
    )


def ruamel_has_its_own_way(text):
    """Dates, signs before what is not decimal, and block text without indentation."""
    return bool(re.search(r"(?s)\d{4}-\d|[-+]0[xob]|[|>].*\n\S", text))


@tries(500)
@given(st.lists(st.sampled_from(PIECES), max_size=25).map("".join))
def test_what_both_read_they_read_alike(text):
    if differs_by_meaning(text):
        return
    mine, theirs = ours(text), ruamels(text)
    if mine is not None and theirs is not None:
        assert is_same(mine, theirs)


def test_libyaml_is_there():
    assert yaml.__with_libyaml__

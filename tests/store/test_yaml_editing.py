"""An edit changes what it was asked to change, and every other byte of the text stays."""

import re
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from svcops.checking.model import KeyPath
from svcops.store.documents import split_front_matter
from svcops.store.yaml_editing import Added, CannotEdit, append, arrange, remove, set_value
from svcops.store.yaml_reading import compose
from svcops.store.yaml_writing import NotWritable, is_same

SERVICE = """\
# The books.
title: Ledger  # as people call it
owner:   'finance'   # with care
tier:

# Who else
tags: # sorted
  # these two
  - finance  # first
  - books

  - name: third # odd
    text: |
      prose

    more: 2
# Further
map:
  x: [1, 2, {y: z}]  # short
  # more
  empty: {}
text: |  # header
  one

  two

# end
"""


@pytest.mark.parametrize(
    ("keys", "value", "old", "new"),
    [
        (("title",), "Books", "title: Ledger  # as", "title: Books  # as"),
        (("title",), "a: b", "title: Ledger  # as", 'title: "a: b"  # as'),
        (("title",), ["a"], "title: Ledger  # as people call it\n", "title:  # as people call it\n  - a\n"),
        (("title",), "a\nb", "title: Ledger  # as people call it\n", "title: |-  # as people call it\n  a\n  b\n"),
        (("owner",), "it's", "owner:   'finance'   # with", "owner:   'it''s'   # with"),
        (("tier",), 1, "tier:\n", "tier: 1\n"),
        (("tier",), {"a": [1]}, "tier:\n", "tier:\n  a:\n    - 1\n"),
        (("tags", 0), "on", "- finance  # first", '- "on"  # first'),
        (("tags", 2, "name"), "x", "- name: third # odd", "- name: x # odd"),
        (("tags", 2, "text"), "a\nb\n", "text: |\n      prose\n", "text: |\n      a\n      b\n"),
        (("tags", 2, "text"), 1, "text: |\n      prose\n", "text: 1\n"),
        (("tags", 2, "new"), None, "more: 2\n", "more: 2\n    new: null\n"),
        (("tags",), "none", "tags: # sorted", "tags: none # sorted"),
        (("map", "x"), [3], "x: [1, 2, {y: z}]  # short", "x: [3]  # short"),
        (("map", "x", 2, "y"), "on", "{y: z}]  # short", '{y: "on"}]  # short'),
        (("map", "x", 2, "w"), "a, b", "{y: z}]  # short", '{y: z, w: "a, b"}]  # short'),
        (("map", "empty", "k"), "v", "  empty: {}\n", "  empty:\n    k: v\n"),
        (("map", "new", "deep", "key"), 1, "  empty: {}\n", "  empty: {}\n  new:\n    deep:\n      key: 1\n"),
        (("text",), "short", "text: |  # header\n  one\n\n  two\n", "text: short  # header\n"),
        (("end",), [{"a": 1, "b": 2}], "  two\n", "  two\nend:\n  - a: 1\n    b: 2\n"),
    ],
)
def test_setting_a_value(keys: KeyPath, value: Any, old: str, new: str) -> None:
    assert SERVICE.count(old) == 1
    expected = SERVICE.replace(old, new)
    if keys == ("tags",):
        expected = re.sub(r"  - finance(.|\n)*more: 2\n", "", expected)
    assert set_value(SERVICE, keys, value) == expected


@pytest.mark.parametrize(
    ("keys", "value", "old", "new"),
    [
        (("tags",), "z", "    more: 2\n", "    more: 2\n  - z\n"),
        (("tags",), {"a": 1, "b": "x\ny\n"}, "    more: 2\n", "    more: 2\n  - a: 1\n    b: |\n      x\n      y\n"),
        (("map", "x"), {"q": 1}, "{y: z}]  # short", "{y: z}, {q: 1}]  # short"),
        (("tier",), "first", "tier:\n", "tier:\n  - first\n"),
        (("links",), "first", "  two\n", "  two\nlinks:\n  - first\n"),
    ],
)
def test_appending_an_item(keys: KeyPath, value: Any, old: str, new: str) -> None:
    assert append(SERVICE, keys, value) == SERVICE.replace(old, new)


@pytest.mark.parametrize(
    ("keys", "old", "new"),
    [
        (("title",), "title: Ledger  # as people call it\n", ""),
        (("tags", 0), "  - finance  # first\n", ""),
        (("tags", 2), "  - name: third # odd\n    text: |\n      prose\n\n    more: 2\n", ""),
        (("tags", 2, "name"), "  - name: third # odd\n    text: |\n", "  - text: |\n"),
        (("tags", 2, "text"), "    text: |\n      prose\n", ""),
        (("map", "x", 0), "[1, 2, {y: z}]", "[2, {y: z}]"),
        (("map", "x", 2), "[1, 2, {y: z}]", "[1, 2]"),
        (("map", "x", 2, "y"), "{y: z}", "{}"),
        (("text",), "text: |  # header\n  one\n\n  two\n", ""),
    ],
)
def test_removing(keys: KeyPath, old: str, new: str) -> None:
    assert remove(SERVICE, keys) == SERVICE.replace(old, new)


@pytest.mark.parametrize(
    ("before", "keys", "value", "after"),
    [
        ("", ("a",), 1, "a: 1\n"),
        ("# only a comment", ("a",), 1, "# only a comment\na: 1"),
        ("---\n{}\n", ("a",), 1, "---\na: 1\n"),
        ("a: 1", ("b",), 2, "a: 1\nb: 2"),
        ("a: 1", ("b",), "x\ny\n", 'a: 1\nb: "x\\ny\\n"'),
        ("a: 1\r\nb: # c\r\n", ("b",), "x\ny\n", "a: 1\r\nb: | # c\r\n  x\r\n  y\r\n"),
        ("a: |+\n  x\n\n\n# c\n", ("b",), 1, "a: |+\n  x\n\n\nb: 1\n# c\n"),
        ("a: x\n\n\nb: 1\n", ("a",), "x\n\n", 'a: "x\\n\\n"\n\n\nb: 1\n'),
        ("\ufeffa: 1\n", ("a",), 2, "\ufeffa: 2\n"),
        ("a:\n- x\nb: 1\n", ("b",), ["z"], "a:\n- x\nb:\n- z\n"),
        (
            "a:\n    b:\n        - x\n",
            ("a", "c"),
            {"d": ["z"]},
            "a:\n    b:\n        - x\n    c:\n      d:\n          - z\n",
        ),
        ('"a" : &x !!str 1 # c\n', ("a",), 2, '"a" : 2 # c\n'),
        ("a: &x 1\nb: *x\n", ("b",), 2, "a: &x 1\nb: 2\n"),
        ("a: two\n  lines # c\nb: 1\n", ("a",), "one", "a: one # c\nb: 1\n"),
        ("a:\n  # why\n  value\nb: 1\n", ("a",), "one", "a: one\n  # why\nb: 1\n"),
        ("x: 1\r\na:\n  # why\n  value\nb: 1\n", ("a",), "one", "x: 1\r\na: one\n  # why\nb: 1\n"),
        ("x: 1\na:\r\n  # why\r\n  value\r\nb: 1\n", ("a",), "one", "x: 1\na: one\r\n  # why\r\nb: 1\n"),
        ("{a: 1, b: [\n  1, # one\n]}\n", ("b", 0), 2, "{a: 1, b: [\n  2, # one\n]}\n"),
        ("{a: , b}\n", ("b",), 2, "{a: , b: 2}\n"),
        ("a: [x, y]\n", ("a",), ["word"] * 30, "a:\n" + "  - word\n" * 30),
        ("- - a\n  - b\n- c\n", (0, 1), "x", "- - a\n  - x\n- c\n"),
        ("-\n  # c\n  a: 1\n", (0, "a"), 2, "-\n  # c\n  a: 2\n"),
        ("a: 1 # same\n", ("a",), 1, "a: 1 # same\n"),
    ],
)
def test_layouts(before: str, keys: KeyPath, value: Any, after: str) -> None:
    assert set_value(before, keys, value) == after


@pytest.mark.parametrize(
    ("before", "keys", "after"),
    [
        ("a: 1\nb: 2", ("b",), "a: 1"),
        ("a:\n  b: 1\nc: 2\n", ("a", "b"), "a: {}\nc: 2\n"),
        ("# c\na: 1 # d\n# e\n", ("a",), "# c\n{}\n# e\n"),
        ("- - a\n  - b\n", (0, 0), "- - b\n"),
        ("a: |+\n  x\nb: 1\n\nc: 2\n", ("b",), "a: |+\n  x\nc: 2\n"),
        ("a: [1, # one\n  2, # two\n]\n", ("a", 1), "a: [1, # one\n  # two\n]\n"),
        ("a: [1, # one\n  2 # two\n]\n", ("a", 1), "a: [1, # one\n   # two\n]\n"),
        ("- a: 1\n  # about b\n  b: 2\n", (0, "a"), "- # about b\n  b: 2\n"),
    ],
)
def test_removing_from_other_layouts(before: str, keys: KeyPath, after: str) -> None:
    assert remove(before, keys) == after


CONTACTS = """\
contacts: # whom to call
  # everybody reads it
  - channel: chat
    address: "#old"   # alerts
    # a room of its own

  # at night only
  - channel: telephone
    address: '+1 212'

  - mail # in office hours
# the rest
tags: [a , 'b',  "c"] # short
"""


@pytest.mark.parametrize(
    ("keys", "items", "old", "new"),
    [
        (("contacts",), [Added("x"), 0, 1, 2], "  # everybody", "  - x\n  # everybody"),
        (("contacts",), [0, Added({"a": 1, "b": 2}), 1, 2], "own\n", "own\n  - a: 1\n    b: 2\n"),
        (("contacts",), [0, 1, 2, Added("x")], "hours\n", "hours\n  - x\n"),
        (("contacts",), [0, 2], "\n  # at night only\n  - channel: telephone\n    address: '+1 212'\n", ""),
        (("contacts",), [1, 2], CONTACTS[CONTACTS.index("  # everybody") : CONTACTS.index("  # at night")], ""),
        (("tags",), [2, 0], "[a , 'b',  \"c\"]", '["c" , a]'),
        (("tags",), [0, Added("on"), 1, 2], "[a , 'b',  \"c\"]", '[a , "on",  \'b\',  "c"]'),
        (("tags",), [Added("x")], "[a , 'b',  \"c\"]", "[x]"),
        (("tags",), [], "[a , 'b',  \"c\"]", "[]"),
    ],
)
def test_an_item_keeps_its_lines_and_its_comments(keys: KeyPath, items: list[int | Added], old: str, new: str) -> None:
    assert CONTACTS.count(old) == 1
    assert arrange(CONTACTS, keys, items) == CONTACTS.replace(old, new)


def test_an_item_that_moves_takes_its_comments_along() -> None:
    assert arrange(CONTACTS, ("contacts",), [1, 2, 0]) == (
        "contacts: # whom to call\n"
        "  # at night only\n  - channel: telephone\n    address: '+1 212'\n\n"
        "  - mail # in office hours\n\n"
        '  # everybody reads it\n  - channel: chat\n    address: "#old"   # alerts\n    # a room of its own\n'
        "# the rest\ntags: [a , 'b',  \"c\"] # short\n"
    )


def test_items_beside_the_dash_of_their_list_move_too() -> None:
    assert arrange("- - a # one\n  - b # two\n", (0,), [1, Added("x"), 0]) == "- - b # two\n  - x\n  - a # one\n"


@pytest.mark.parametrize("text", ["a: 1\n", "a: &x [1, 2]\nb: *x\n", "a: [1, # one\n  2]\n"])
def test_what_is_no_list_of_its_own_is_not_arranged(text: str) -> None:
    with pytest.raises(CannotEdit):
        arrange(text, ("a",), [1, 0])


def test_the_front_matter_of_a_markdown_file() -> None:
    page = "---\r\ntitle: Restore  # short\r\nkind: recovery\r\n---\r\n\r\n# Steps\r\n"
    split = split_front_matter(page)
    assert split
    edited = append(set_value(split.front, ("title",), "Restore: all"), ("services",), "ledger")
    assert edited == 'title: "Restore: all"  # short\r\nkind: recovery\r\nservices:\r\n  - ledger\r\n'


def test_one_of_several_documents() -> None:
    text = "a: 1\n---\n# second\na: 2\n---\na: 3\n"
    assert set_value(text, ("b",), 4, document=1) == "a: 1\n---\n# second\na: 2\nb: 4\n---\na: 3\n"
    assert append("- 1\n", (), 2) == "- 1\n- 2\n"


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("a: &x {b: 1}\nc: *x\n", ("a", "b")),
        ("a: &x {b: 1}\nc: *x\n", ("c", "b")),
        ("a: &x {b: 1}\nc: *x\n", ("c", "d")),
        ("a: &x\n  b: 1\nc: *x\n", ("a", "d")),
        ("a: &x 1\nb: *x\n", ("a",)),
        ("a: 1\n", ("a", "b")),
        ("a: [1]\n", ("a", 1)),
        ("a: [1]\n", ("a", "b")),
        ("a: 1\n", ()),
        ("a: 1\na: 2\n", ("a",)),
        ("a: [\n", ("a",)),
        ("? a\n: 1\n", ("a",)),
        ("a: 1\n", (0,)),
    ],
)
def test_what_cannot_be_edited_is_refused_and_named(text: str, keys: KeyPath) -> None:
    with pytest.raises(CannotEdit, match=r"svcops\.yaml cannot be changed"):
        set_value(text, keys, "new", path="svcops.yaml")


@pytest.mark.parametrize("text", ["title: A\ntags: [a]\n", "title: |\n  A\ntags:\n  - a\n", "{title: A, tags: [a]}\n"])
def test_what_no_record_can_hold_is_refused_with_its_place(text: str) -> None:
    with pytest.raises(NotWritable, match=r"^title holds the control character U\+001B"):
        set_value(text, ("title",), "a\x1b[31m")
    with pytest.raises(NotWritable, match=r"^contact\.chat holds the control character U\+001B"):
        set_value(text, ("contact",), {"chat": "\x1b"})
    with pytest.raises(NotWritable, match=r"^tags\.1 holds the control character U\+001B"):
        append(text, ("tags",), "\x1b")


def test_there_must_be_something_to_remove_or_a_list_to_append_to() -> None:
    for keys in (("b",), ("a", "c"), ()):
        with pytest.raises(CannotEdit):
            remove("a: 1\n", keys)
    for text, keys in (
        ("a: 1\n", ("a",)),
        ("a: 1\n", ()),
        ("a: &x [1]\nb: *x\n", ("b",)),
        ("a: &x [1]\nb: *x\n", ("a",)),
    ):
        with pytest.raises(CannotEdit):
            append(text, keys, 1)


# --- documents of every layout ------------------------------------------------------------------------------------

INLINE = ("1", "x", "two words", "'it''s'", '"on"', "~", "", "true", "[]", "{}", "[1, x]", "{a: 1, 'b c': [x, {d: }]}")
NAMES = ("title", "owner", '"on"', "'c d'", "é", "x-y", "last")
COMMENTS = st.sampled_from(("", "", " # why", "   #", " # a: b"))
NEW = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-9, 9)
    | st.sampled_from(
        ("x", "on", "a: b", "it's", "a, b", "", "# c", "l1\nl2", "l1\n\n  l2\n", "end\n\n", "\nx", "word " * 40)
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(("k", "on", "l m")), inner, max_size=3),
    max_leaves=6,
)


@st.composite
def noise(draw: st.DrawFn, indent: int) -> list[str]:
    """Lines between entries: comments and blank ones."""
    line = st.sampled_from(("", " " * indent + "# about", "# left"))
    return draw(st.lists(line, max_size=2)) if draw(st.booleans()) else []


@st.composite
def values(draw: st.DrawFn, indent: int, depth: int, item: bool) -> list[str]:
    """What follows a colon or dash: the rest of that line, then whole lines."""
    forms = ["inline", "inline", "literal", "folded"] + (["map", "list"] if depth < 3 else [])
    form = draw(st.sampled_from(forms))
    comment = draw(COMMENTS)
    if form == "inline":
        text = draw(st.sampled_from(INLINE))
        return [(f" {text}" if text else "") + comment]
    inner = " " * (indent + 2)
    if form in ("literal", "folded"):
        header = draw(st.sampled_from(("|", "|-", "|+", ">", ">-")))
        return [f" {header}{comment}", f"{inner}first", *draw(st.sampled_from(([], [""], ["", f"{inner} second"])))]
    if form == "list":
        offset = 2 if item else draw(st.sampled_from((0, 2)))
        return [comment, *draw(lists(indent + offset, depth + 1))]
    lines = draw(mappings(indent + 2, depth + 1))
    if item and lines[0].startswith(inner) and lines[0].strip()[0] != "#" and draw(st.booleans()):
        return [" " + lines[0].removeprefix(inner), *lines[1:]]
    return [comment, *lines]


@st.composite
def mappings(draw: st.DrawFn, indent: int, depth: int) -> list[str]:
    lines: list[str] = []
    for name in draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=4, unique=True)):
        first, *more = draw(values(indent, depth, item=False))
        lines += [*draw(noise(indent)), f"{' ' * indent}{name}:{first}", *more]
    return lines


@st.composite
def lists(draw: st.DrawFn, indent: int, depth: int) -> list[str]:
    lines: list[str] = []
    for _ in range(draw(st.integers(1, 3))):
        first, *more = draw(values(indent, depth, item=True))
        lines += [*draw(noise(indent)), f"{' ' * indent}-{first}", *more]
    return lines


@st.composite
def documents(draw: st.DrawFn) -> str:
    lines = [*draw(mappings(0, 0)), *draw(noise(0))]
    text = draw(st.sampled_from(("\n", "\r\n"))).join([*lines, ""])
    bare = text.rstrip("\r\n")
    assume(not compose(text, "").findings)
    is_same_bare = is_same(compose(text, "").documents, compose(bare, "").documents)
    return bare if is_same_bare and draw(st.booleans()) else text


def places(text: str) -> list[KeyPath]:
    return [place[1:] for place in compose(text, "", locate=True).places.values if len(place) > 1]


def intended(data: Any, keys: KeyPath, change: Any) -> Any:
    holder = data
    for key in keys[:-1]:
        holder = holder[key]
    change(holder, keys[-1])
    return data


def in_common(old: str, new: str) -> tuple[list[str], list[str], list[str]]:
    """The lines that begin both texts, the old ones between, the lines that end both."""
    before, after = old.splitlines(), new.splitlines()
    start = next(
        (i for i, (a, b) in enumerate(zip(before, after, strict=False)) if a != b), min(len(before), len(after))
    )
    back = zip(reversed(before[start:]), reversed(after[start:]), strict=False)
    end = next((i for i, (a, b) in enumerate(back) if a != b), min(len(before), len(after)) - start)
    return before[:start], before[start : len(before) - end], before[len(before) - end :]


def lines_of(text: str, keys: KeyPath) -> set[str]:
    """The lines that a value, its key or dash, and what stands between them take; the next, where it would move up."""
    found = compose(text, "", locate=True).places
    value = found.values[(0, *keys)]
    first = found.keys.get((0, *keys), value).line
    lines = text.splitlines()
    if isinstance(keys[-1], int):
        column = found.values[(0, *keys[:-1])].column
        first = next((line for line in range(first, 0, -1) if lines[line - 1][column - 1 : column] == "-"), first)
    moved_up = lines[value.end_line : value.end_line + 1] if lines[first - 1].lstrip().startswith("- ") else []
    return {*lines[first - 1 : value.end_line], *moved_up}


@given(st.data(), documents(), NEW)
def test_setting_changes_only_the_lines_of_the_value(data: st.DataObject, text: str, value: Any) -> None:
    keys = data.draw(st.sampled_from(places(text)))
    new = set_value(text, keys, value)
    assert is_same(
        compose(new, "").documents[0],
        intended(compose(text, "").documents[0], keys, lambda at, key: at.__setitem__(key, value)),
    )
    assert set(in_common(text, new)[1]) <= lines_of(text, keys)
    assert_line_ends(text, new)


@given(st.data(), documents(), NEW)
def test_adding_leaves_every_line(data: st.DataObject, text: str, value: Any) -> None:
    plain = compose(text, "").documents[0]
    holders = [keys for keys in ((), *places(text)) if isinstance(at(plain, keys), (dict, list))]
    keys = data.draw(st.sampled_from(holders))
    if isinstance(at(plain, keys), list):
        new = append(text, keys, value)
        at(plain, keys).append(value)
    else:
        new = set_value(text, (*keys, "new key"), value)
        at(plain, keys)["new key"] = value
    assert is_same(compose(new, "").documents[0], plain)
    assert len(in_common(text, new)[1]) <= 1
    assert_line_ends(text, new)


@given(st.data(), documents())
def test_removing_leaves_every_other_line(data: st.DataObject, text: str) -> None:
    keys = data.draw(st.sampled_from(places(text)))
    new = remove(text, keys)
    assert is_same(
        compose(new, "").documents,
        [intended(compose(text, "").documents[0], keys, lambda at, key: at.__delitem__(key))],
    )
    is_last = len(at(compose(text, "").documents[0], keys[:-1])) == 1 and len(keys) > 1
    assert set(in_common(text, new)[1]) <= lines_of(text, keys[:-1] if is_last else keys) | {""}
    assert_line_ends(text, new)


@given(st.data(), documents(), NEW)
def test_arranging_leaves_every_line_of_what_stays(data: st.DataObject, text: str, value: Any) -> None:
    plain = compose(text, "").documents[0]
    holders = [keys for keys in places(text) if isinstance(at(plain, keys), list)]
    assume(holders)
    keys = data.draw(st.sampled_from(holders))
    there = at(plain, keys)
    items: list[int | Added] = [*data.draw(st.permutations(range(len(there))))]
    items.insert(data.draw(st.integers(0, len(items))), Added(value))
    try:
        new = arrange(text, keys, items)
    except CannotEdit:
        assume(False)
    wanted = [there[one] if isinstance(one, int) else one.value for one in items]
    expected = intended(plain, keys, lambda holder, key: holder.__setitem__(key, wanted))
    assert is_same(compose(new, "").documents[0], expected)
    comments = re.compile("# (?:about|left|why)")
    assert sorted(comments.findall(text)) == sorted(comments.findall(new))
    assert_line_ends(text, new)


def at(plain: Any, keys: KeyPath) -> Any:
    for key in keys:
        plain = plain[key]
    return plain


def assert_line_ends(old: str, new: str) -> None:
    assert ("\r" in new) <= ("\r\n" in old)
    assert not ("\r\n" in old and re.search(r"(?<!\r)\n", new))
    assert new.endswith("\n") or not old.endswith("\n")

"""The scanner of Markdown: headings, code and comments, each thing at its place."""

from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from svcops.postmortems.prose import key_of, read


def titles(text):
    return [(one.title, one.level) for one in read(text).sections]


def words(text):
    return [line.words.rstrip() for line in read(text).lines]


def test_headings_in_both_forms_with_their_levels():
    text = "# One\n\n## Two ##\n\nThree\n=====\n\n  Four\n---\n\n#No heading\n####### No heading\n##\n"
    assert titles(text) == [("One", 1), ("Two", 2), ("Three", 1), ("Four", 2), ("", 2)]


def test_what_only_looks_like_a_heading_is_none():
    text = "```sh\n# a comment\n```\n<!--\n## later\n-->\n- item\n---\n| a |\n---\n\n---\n    # code\n"
    assert titles(text) == []


def test_a_section_holds_its_lower_ones_and_ends_at_the_next_of_its_own():
    text = "## One\na\n### Below\nb\n## Two\nc\n"
    one, below, two = read(text, first_line=10).sections
    assert [line.number for line in one.lines] == [11, 12, 13]
    assert [line.text for line in below.lines] == ["b"]
    assert (two.heading.line, two.heading.column, two.heading.end_column) == (14, 1, 7)


def test_a_title_is_compared_whatever_its_letters_and_marks():
    prose = read("## **What** happened?\n")
    assert prose.section("what happened")
    assert key_of("What  Happened:") == "what happened"
    assert prose.section("nothing") is None


def test_code_and_comments_leave_everything_else_in_its_place():
    assert words("a `b` c ``d ` e`` f\n") == ["a     c           f", ""]
    assert words("a <!-- b --> c <!-- d\ne\n--> f") == ["a            c", "", "    f"]
    assert words("~~~\nx\n```\ny\n~~~\nz") == ["", "", "", "", "", "z"]
    assert words("```\nx\n````\ny") == ["", "", "", "y"]
    assert words("```js `x`\ny") == ["```js", "y"]
    assert read("a `b` <!-- c -->").lines[0].text.rstrip() == "a `b`"


def test_windows_line_ends_count_as_line_ends():
    prose = read("## One\r\n\r\ntext\r\n")
    assert prose.sections[0].title == "One"
    assert prose.sections[0].heading.end_column == 7


MARKDOWN = st.text(alphabet=st.sampled_from(list("#`~<!->=* \n\r\tab1.|[]\u2028\u00e9")), max_size=200)


@given(MARKDOWN, st.integers(1, 50))
@example("#`1`", 1)
def test_every_line_keeps_its_number_and_its_length(text, first):
    prose = read(text, first)
    raw = [line.removesuffix("\r") for line in text.split("\n")]
    assert [line.number for line in prose.lines] == list(range(first, first + len(raw)))
    for line, written in zip(prose.lines, raw, strict=True):
        assert len(line.text) == len(line.words) == len(written)
        assert all(char in (" ", was) for char, was in zip(line.words, written, strict=True))
    for one in prose.sections:
        assert first <= one.heading.line < first + len(raw)
        assert 1 <= one.heading.column <= one.heading.end_column


@given(
    st.lists(
        st.sampled_from(["# A", "## B #", "text", "", "```", "- item", "C\n===", "> quote", "a `# b`"]), max_size=12
    )
)
def test_headings_are_those_that_markdown_has(blocks):
    text = "\n\n".join(blocks)
    tokens = MarkdownIt().parse(text)
    expected = [
        (tokens[number + 1].content, int(token.tag[1]))
        for number, token in enumerate(tokens)
        if token.type == "heading_open"
    ]
    assert titles(text) == expected

"""Findings as a comment on a pull request: what a record says is text there, and nothing else."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from svcops.checking.formats.markdown import LIMIT
from svcops.checking.model import At, Finding, Fix, Span

Shown = Callable[..., str]

HOSTILE = [
    "@ops and #12, owner/name#3",
    "| a | b |",
    "`code` ``more``",
    "**bold** _it_ ~~gone~~",
    "[x](https://evil.example) ![y](z)",
    "https://evil.example/path",
    "<script>alert(1)</script></details>",
    "<!-- hidden",
    "&lt;b&gt; &copy;",
    "$\\frac{1}{2}$",
    "# title\n- item\n\n1. one",
    "\\| \\` \\\\",
]


def tokens(text: str) -> list[Any]:
    found = MarkdownIt("commonmark", {"linkify": False}).enable("table").enable("strikethrough").parse(text)
    return [inner for token in found for inner in (token, *(token.children or ()))]


def test_comment(shown: Shown, snapshot: Callable[[str, str], None]) -> None:
    text = shown("markdown", prefix="ops/", site="https://ops.example.org", waived=2, remarks=("profile: basic",))
    snapshot("markdown-comment.md", text)


def test_nothing_found(shown: Shown) -> None:
    assert shown("markdown", ()) == "### svcops check\n\n12 records checked, nothing found.\n"


@pytest.mark.parametrize("text", HOSTILE)
def test_what_a_record_says_is_only_text(shown: Shown, text: str) -> None:
    found = (Finding("REF001", text, At("a.yaml"), text, span=Span(1, 1, 1, 2), fix=Fix(text, ())),)
    shown_text = shown("markdown", found)
    kinds = {token.type for token in tokens(shown_text)}
    assert not kinds & {"link_open", "image", "em_open", "strong_open", "s_open", "html_inline"}
    assert [one.content for one in tokens(shown_text) if one.type == "html_block"] == [
        "<details><summary>What to do</summary>\n",
        "</details>\n",
    ]
    assert sum(one.type == "td_open" for one in tokens(shown_text)) == 3
    words = "".join(one.content for one in tokens(shown_text) if one.type == "text").replace("\u2060", "")
    assert words.count(" ".join(text.split())) == 3


@pytest.mark.parametrize("text", ["@ops", "a @ops b", "#12", "owner/name#3", "https://evil.example"])
def test_nobody_is_called_and_nothing_linked(shown: Shown, text: str) -> None:
    shown_text = shown("markdown", (Finding("REF001", text, At("a.yaml"), text),))
    assert text not in shown_text
    assert text not in shown_text.replace("\\", "")


@pytest.mark.parametrize("path", ["a`b.yaml", "``.yaml", "a|b.yaml", "@ops.yaml", "<b>.yaml", "a\nb.yaml"])
def test_a_path_is_code(shown: Shown, path: str) -> None:
    shown_text = shown("markdown", (Finding("NAME001", "m", At(path)),))
    codes = [one.content for one in tokens(shown_text) if one.type == "code_inline"]
    assert codes == [path.replace("\n", " ")]


def test_an_address_breaks_neither_link_nor_table(shown: Shown) -> None:
    found = (Finding("REF001", "m", At("a.yaml")),)
    shown_text = shown("markdown", found, site="https://ops.example.org/a(b|c)")
    (link,) = (one for one in tokens(shown_text) if one.type == "link_open")
    assert link.attrs["href"] == "https://ops.example.org/a%28b%7Cc%29/checks/REF001.html"


@given(st.integers(1, 3000), st.integers(1, 40), st.sampled_from(["m", "a longer message " * 9, "x" * 5000]))
def test_a_comment_is_never_too_long_and_says_what_it_leaves_out(
    shown: Shown, number: int, files: int, message: str
) -> None:
    found = tuple(
        Finding("REF001", message, At(f"{one % files}.yaml"), "Help.", span=Span(one + 1, 1, one + 1, 2))
        for one in range(number)
    )
    text = shown("markdown", found, fingerprints=("",) * number)
    assert len(text) <= LIMIT + 100
    rows = text.count("| error REF001 |")
    left = number - rows
    assert (f"\n{left:,} more finding{'s' if left != 1 else ''}: `svcops check` lists " in text) == bool(left)


def test_files_with_errors_come_first(shown: Shown) -> None:
    found = (
        Finding("TEAM003", "m", At("a.yaml"), severity="note"),
        Finding("FILE007", "m", At("b.yaml"), severity="warning"),
        Finding("REF001", "m", At("c.yaml")),
    )
    text = shown("markdown", found)
    assert text.index("`c.yaml`") < text.index("`b.yaml`") < text.index("`a.yaml`")

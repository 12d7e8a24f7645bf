"""Markdown of records as HTML that does nothing: no raw HTML, no script, no picture from elsewhere, no dead link."""

import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from svcops.portal.words import Link
from svcops.store.frozen import frozen

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token
    from markupsafe import Markup

_TOP = 2
"""The level of a text's first headings: above them stands the title of the page."""


@frozen
class Text:
    """A text that was parsed once, with the ids of its headings by what GitHub would call them."""

    tokens: "Sequence[Token]"
    ids: dict[str, str]
    contents: tuple[Link, ...]
    """Its first headings, as links inside the page."""


def parse(source: str) -> Text:
    """Parse a text; its headings get ids, and levels that leave none out."""
    tokens = _parser().parse(source)
    ids: dict[str, str] = {}
    contents = []
    open_levels: list[int] = []
    for number, token in enumerate(tokens):
        if token.type != "heading_open":
            continue
        level = int(token.tag[1])
        while open_levels and open_levels[-1] >= level:
            open_levels.pop()
        open_levels.append(level)
        token.tag = tokens[number + 2].tag = f"h{min(len(open_levels) + _TOP - 1, 6)}"
        words = _words(tokens[number + 1])
        token.attrSet("id", _new_id(words, ids))
        if token.tag == f"h{_TOP}":
            contents.append(Link(words, f"#{token.attrs['id']}"))
    return Text(tokens, ids, tuple(contents))


def render(text: Text, resolve: Callable[[str], str]) -> "Markup":
    """The text as HTML; `resolve` gives the address for a link as written, or nothing where it leads nowhere."""
    from markupsafe import Markup

    parser = _parser()
    tokens = [one.copy(children=_mended(one.children, resolve)) if one.children else one for one in text.tokens]
    return Markup(parser.renderer.render(tokens, parser.options, {}))  # noqa: S704 - escaped by the renderer


def _mended(tokens: "Sequence[Token]", resolve: Callable[[str], str]) -> "list[Token]":
    """Inline tokens with links that lead somewhere, and with words in the place of pictures."""
    from markdown_it.token import Token

    kept: list[Token] = []
    followed: list[bool] = []
    for token in tokens:
        if token.type == "image":
            kept.append(Token("text", "", 0, content=f"[picture: {token.content or 'without a description'}]"))
        elif token.type == "link_open":
            href = resolve(str(token.attrs.get("href", "")))
            followed.append(bool(href))
            if href:
                away = {"rel": "noreferrer"} if ":" in href else {}
                kept.append(token.copy(attrs={"href": href, **away}))
        elif token.type != "link_close" or followed.pop():
            kept.append(token)
    return kept


def _parser() -> "MarkdownIt":
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
    for name, function in (("table_open", _table_open), ("table_close", _table_close), ("th_open", _th_open)):
        parser.add_render_rule(name, function)
    parser.add_render_rule("fence", _code)
    parser.add_render_rule("code_block", _code)
    return parser


def _table_open(*_: Any) -> str:
    return '<div class="scroll" tabindex="0" role="group" aria-label="Table"><table>\n'


def _table_close(*_: Any) -> str:
    return "</table></div>\n"


def _th_open(*_: Any) -> str:
    return '<th scope="col">'


def _code(_: Any, tokens: "Sequence[Token]", index: int, *__: Any) -> str:
    from markupsafe import escape

    return f"<pre><code>{escape(tokens[index].content)}</code></pre>\n"


def _words(inline: "Token") -> str:
    """What a heading says, without its markup."""
    return "".join(one.content for one in inline.children or () if one.type in ("text", "code_inline")).strip()


def _new_id(words: str, ids: dict[str, str]) -> str:
    """An id for a heading, as GitHub makes them; those of the page's own parts begin with `page-`."""
    slug = re.sub(r"[^\w\- ]", "", words.lower()).strip().replace(" ", "-") or "section"
    name, number = slug, 0
    while name in ids:
        number += 1
        name = f"{slug}-{number}"
    ids[name] = f"text-{name}" if name.startswith(("page-", "text-")) else name
    return ids[name]

"""A page of HTML, read as a browser would."""

from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

VOID = {"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"}
NOT_IN_A_PARAGRAPH = {
    *("article", "blockquote", "details", "div", "dl", "footer", "h1", "h2", "h3", "h4", "h5", "h6", "header"),
    *("hr", "main", "nav", "ol", "p", "pre", "section", "table", "ul"),
}


STANDING_APART = {*NOT_IN_A_PARAGRAPH, "dd", "dt", "li", "td", "th"}


@dataclass
class Element:
    tag: str
    attributes: dict[str, str]
    text: str = ""


class Page(HTMLParser):
    """A page: its elements in order, and everything that is wrong with how they are nested."""

    def __init__(self, path: str, source: str) -> None:
        super().__init__(convert_charrefs=True)
        self.path = path
        self.source = source
        self.elements: list[Element] = []
        self.wrong: list[str] = []
        self._open: list[Element] = []
        self.feed(source)
        self.close()
        self.wrong += [f"<{one.tag}> is never closed" for one in self._open]

    def handle_decl(self, decl: str) -> None:
        if decl.lower() != "doctype html":
            self.wrong.append(decl)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        if len(names) != len(set(names)):
            self.wrong.append(f"<{tag}> has an attribute twice: {names}")
        if tag in NOT_IN_A_PARAGRAPH and any(one.tag == "p" for one in self._open):
            self.wrong.append(f"<{tag}> inside <p>, at {self.getpos()}")
        if tag in STANDING_APART:
            self.handle_data(" ")
        element = Element(tag, {name: value or "" for name, value in attrs})
        self.elements.append(element)
        if tag not in VOID:
            self._open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(Element(tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        if not self._open or self._open[-1].tag != tag:
            self.wrong.append(f"</{tag}> closes {[one.tag for one in self._open[-2:]]}, at {self.getpos()}")
        else:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        for one in self._open:
            one.text += data

    def all(self, *tags: str) -> list[Element]:
        return [one for one in self.elements if one.tag in tags]

    def one(self, tag: str) -> Element:
        (found,) = self.all(tag)
        return found

    @property
    def text(self) -> str:
        """What a reader reads, with single spaces."""
        return " ".join(self.one("body").text.split())

    @property
    def ids(self) -> list[str]:
        return [one.attributes["id"] for one in self.elements if "id" in one.attributes]

    def href(self, text: str) -> str:
        """Where the first link of that text leads."""
        return next(one.attributes["href"] for one in self.all("a") if " ".join(one.text.split()) == text)

    def row(self, start: str) -> str:
        """The row of a table that begins so."""
        rows = (" ".join(one.text.split()) for one in self.all("tr"))
        return next(one for one in rows if one.startswith(start))

    def leads_to(self, href: str) -> tuple[str, str]:
        """A relative link as the page it leads to, from the site's root, and the fragment."""
        parts = urlsplit(href)
        target = Path("/", self.path).parent / unquote(parts.path) if parts.path else Path("/", self.path)
        steps: list[str] = []
        for step in target.parts[1:]:
            steps = steps[:-1] if step == ".." else [*steps, step]
        return "/".join(steps), unquote(parts.fragment)


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours such as #1d2125 (WCAG 2.2, 1.4.3)."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(color: str) -> float:
    parts = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue

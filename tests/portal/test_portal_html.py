"""The pages as documents: well-formed, whole, reaching nowhere, and to be used without eyes or without a mouse."""

import re
from itertools import pairwise

import pytest
from tests.html_page import contrast

LOADING = {"audio", "base", "embed", "frame", "iframe", "img", "input", "object", "script", "source", "style", "video"}
PAIRS = ("text", "quiet", "link", "good", "bad", "warn", "unknown")


@pytest.fixture
def pages(story):
    return story.build()


def test_every_page_is_well_formed(pages):
    assert {path: page.wrong for path, page in pages.items() if page.wrong} == {}


def test_no_id_stands_twice(pages):
    for path, page in pages.items():
        assert len(page.ids) == len(set(page.ids)), path


def test_every_link_inside_the_site_leads_somewhere(pages):
    links = 0
    for page in pages.values():
        for one in page.all("a", "use"):
            href = one.attributes["href"]
            if href.startswith(("https://", "mailto:", "tel:")):
                continue
            target, fragment = page.leads_to(href)
            assert target in pages, (page.path, href)
            assert not fragment or fragment in pages[target].ids, (page.path, href)
            links += 1
    assert links > 500


def test_every_page_can_be_reached_from_the_first(pages):
    seen, waiting = set(), ["index.html"]
    while waiting:
        path = waiting.pop()
        if path not in seen:
            seen.add(path)
            links = (one.attributes["href"] for one in pages[path].all("a"))
            waiting += [pages[path].leads_to(href)[0] for href in links if ":" not in href]
    assert seen == set(pages)


def test_nothing_is_loaded_from_elsewhere(pages, story):
    for page in pages.values():
        assert not page.all(*LOADING), page.path
        (style,) = (one for one in page.all("link") if one.attributes["rel"] == "stylesheet")
        assert page.leads_to(style.attributes["href"]) == ("style.css", "")
        assert all("src" not in one.attributes and "srcset" not in one.attributes for one in page.elements)
        assert not [
            name for one in page.elements for name in one.attributes if name.startswith("on") or name == "style"
        ]
        policy = next(one for one in page.all("meta") if "http-equiv" in one.attributes)
        assert policy.attributes["content"].startswith("default-src 'none'")
    style = (story.site / "style.css").read_text(encoding="utf-8")
    assert "url(" not in style
    assert "@import" not in style


def test_landmarks_headings_and_tables_are_what_a_screen_reader_needs(pages):
    for page in pages.values():
        assert page.one("html").attributes["lang"] == "en"
        assert page.one("main").attributes["id"] == "page-main"
        assert page.all("a")[0].attributes == {"class": "skip", "href": "#page-main"}
        assert len(page.all("header")) == len(page.all("footer")) == len(page.all("h1")) == 1
        assert page.one("title").text.strip()
        levels = [int(one.tag[1]) for one in page.all("h1", "h2", "h3", "h4", "h5", "h6")]
        assert levels[0] == 1
        assert all(after <= before + 1 for before, after in pairwise(levels)), page.path
        assert all(one.attributes.get("scope") in ("col", "row", "rowgroup") for one in page.all("th")), page.path
        assert all(one.attributes.get("aria-label") for one in page.all("nav"))
        for table in (one for one in page.all("table") if one.attributes):
            assert table.attributes["role"] == "table"
        labelled = [one.attributes["aria-labelledby"] for one in page.all("section")]
        assert set(labelled) <= set(page.ids)


def test_contrast_is_enough_in_light_and_in_dark(story):
    story.build()
    style = (story.site / "style.css").read_text(encoding="utf-8")
    light, dark = (
        dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", block))
        for block in re.findall(r":root \{(.*?)\}", style, re.DOTALL)[:2]
    )
    for theme in (light, dark):
        for ground in ("page", "sheet", "shade", "warn-ground"):
            for name in PAIRS:
                assert contrast(theme[name], theme[ground]) >= 4.5, (name, ground, theme[name], theme[ground])

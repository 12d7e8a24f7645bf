"""The pages as documents: whole, loading nothing, and to be used without eyes, without a mouse, without colours."""

import base64
import re
from hashlib import sha256
from itertools import pairwise

import pytest
from tests.html_page import Page, contrast

LOADING = {"audio", "base", "embed", "frame", "iframe", "img", "input", "object", "script", "source", "video"}
EVIL = "<script>alert(1)</script> {{ 7*7 }} ]]> --> \"'><img src=x onerror=alert(1)>\u202eabc"
NOON = ("--at", "2026-11-23T12:00:00Z")


def of_class(page, name):
    return [one for one in page.elements if name in one.attributes.get("class", "").split()]


def test_every_page_is_well_formed(pages):
    assert {path: page.wrong for path, page in pages.items() if page.wrong} == {}


def test_no_id_stands_twice_and_whatever_names_one_finds_it(pages):
    for page in pages.values():
        assert len(page.ids) == len(set(page.ids))
        named = [one.attributes["aria-labelledby"] for one in page.elements if "aria-labelledby" in one.attributes]
        assert {each for names in named for each in names.split()} <= set(page.ids)
        assert {each for one in page.all("use") for each in [one.attributes["href"].removeprefix("#")]} <= set(page.ids)
        assert set(re.findall(r"url\(#([^)]+)\)", page.source)) <= set(page.ids)


def test_every_link_leads_somewhere(pages):
    for page in pages.values():
        for one in page.all("a"):
            target, fragment = page.leads_to(one.attributes["href"])
            assert target in pages
            assert not fragment or fragment in pages[target].ids


def test_nothing_is_loaded_and_nothing_runs(pages):
    for page in pages.values():
        assert not page.all(*LOADING)
        assert not re.search(r"https?:|@import|url\((?!#)", page.source)
        names = {name for one in page.elements for name in one.attributes}
        assert not {name for name in names if name.startswith("on") or name in ("src", "srcset", "style")}
        assert [one.attributes["href"] for one in page.all("link")] == ["data:,"]


def test_the_policy_lets_this_style_sheet_in_and_nothing_else(pages):
    for page in pages.values():
        style = page.one("style").text
        digest = base64.b64encode(sha256(style.encode()).digest()).decode()
        policy = next(one.attributes["content"] for one in page.all("meta") if "http-equiv" in one.attributes)
        assert policy == (
            f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; form-action 'none'"
        )


def test_every_picture_has_a_name_and_a_description_or_is_decoration(pages):
    for page in pages.values():
        images = [one for one in page.all("svg") if one.attributes.get("role") == "img"]
        assert len(images) == len(page.all("article"))
        assert all(len(one.attributes["aria-labelledby"].split()) == 2 for one in images)
        assert all(title.text.strip() for title in page.all("title", "desc"))
        hidden = [one for one in page.all("svg") if one.attributes.get("aria-hidden") == "true"]
        inside = [one for one in page.all("svg") if not {"role", "aria-hidden"} & set(one.attributes)]
        assert len(images) + len(hidden) + len(inside) == len(page.all("svg"))
        keys = of_class(page, "key")
        assert all(one in keys or "preserveaspectratio" in one.attributes for one in inside)


def test_landmarks_headings_and_tables_are_what_a_screen_reader_needs(pages):
    for page in pages.values():
        assert page.one("html").attributes["lang"] == "en"
        assert len(page.all("header")) == len(page.all("main")) == len(page.all("footer")) == len(page.all("h1")) == 1
        levels = [int(one.tag[1]) for one in page.all("h1", "h2", "h3", "h4")]
        assert levels[0] == 1
        assert all(after <= before + 1 for before, after in pairwise(levels))
        assert all(one.attributes.get("scope") in ("col", "row") for one in page.all("th"))
        assert all(one.attributes["role"] == "table" for one in page.all("table"))
        assert all("aria-label" in one.attributes for one in page.all("nav"))


def test_the_keyboard_goes_through_the_page_in_its_order(pages):
    for page in pages.values():
        assert page.all("a")[0].attributes == {"class": "skip", "href": "#page-main"}
        assert {one.attributes["tabindex"] for one in page.elements if "tabindex" in one.attributes} == {"-1"}
        assert all(page.all("details")[number].attributes["id"] for number in range(len(page.all("details"))))


def test_a_state_is_a_word_and_a_shape_and_not_a_colour_alone(pages):
    for mark in of_class(pages["index.html"], "mark"):
        assert mark.text.strip()
    shapes = {one.attributes["href"] for one in pages["index.html"].all("use")}
    assert {"#page-mark-good", "#page-mark-bad", "#page-mark-warn"} <= shapes


def test_contrast_is_enough_in_light_in_dark_and_on_paper(pages):
    """WCAG 2.2: 4.5 for words (1.4.3), 3 for what is needed to understand a picture (1.4.11)."""
    style = pages["index.html"].one("style").text
    blocks = re.findall(r":root \{(.*?)\}", style, re.DOTALL)
    palettes = [dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", block)) for block in blocks]
    light, dark = palettes[0] | palettes[3], palettes[1] | palettes[4]
    assert "incident" in light
    assert "incident" in dark
    for theme in (light, dark):
        for name in ("text", "quiet", "link", "good", "bad", "warn", "unknown", "incident"):
            assert contrast(theme[name], theme["sheet"]) >= 4.5, name
        assert contrast(theme["text"], theme["warn-ground"]) >= 4.5


@pytest.fixture
def evil(small):
    board = small(EVIL, objective=EVIL)
    text = EVIL.replace("'", "''").replace("\u202e", "")
    board.write("svcops.yaml", f"organisation: '{text}'\ntime_zone: UTC\n")
    board.write("catalogue/teams/ops.yaml", f"title: '{text}'\ncontacts: [{{channel: '{text}', address: '{text}'}}]\n")
    board.write("catalogue/services/shop.yaml", f"title: '{text}'\ndescription: '{text}'\nowner: ops\n")
    board.write(
        "slo/exclusions/a.yaml",
        f"title: '{text}'\nslos: [checkout]\nreason: '{text}'\nreviewed_by: kim\n"
        "times: [{from: 2026-11-23T11:30:00Z, until: 2026-11-23T11:40:00Z}]\n",
    )
    board.write("catalogue/people/kim.yaml", "name: Kim\nemails: [kim@example.com]\n")
    board.incident("cccccc", "x", "shop", "2026-11-23T11:10:00Z")
    path = "incidents/2026/incident-20261123-cccccc/incident.yaml"
    board.write(path, board.read(path).replace("'x'", f"'{text}'"))
    return board


def test_hostile_text_is_shown_as_text(evil):
    done = evil.call("slo", "report", "--format", "html", *NOON)
    assert done.status == 0, done.err
    page = Page("-", done.out)
    assert page.wrong == []
    assert not page.all(*LOADING)
    assert not {name for one in page.elements for name in one.attributes if name.startswith("on")}
    shown = "<script>alert(1)</script> {{ 7*7 }} ]]> --> \"'><img src=x onerror=alert(1)>"
    assert page.text.count(shown) >= 10
    assert shown in page.one("title" if len(page.all("title")) == 1 else "head").text
    assert "\u202e" not in done.out


def test_a_query_that_is_hostile_is_shown_as_text_where_it_is_wrong(small):
    board = small()
    text = board.read("slo/slo.yaml").replace('"query": "good"', '"query": "<script>alert(1)</script>"')
    board.write("slo/slo.yaml", text)
    page = Page("-", board.call("slo", "report", "--format", "html", *NOON).out)
    assert "no column <script>alert(1)</script>" in page.text
    assert page.wrong == []


def test_names_that_differ_stay_apart_as_ids(small):
    from svcops.slo.dashboard.words import anchor

    assert (
        len({anchor("a", "b c"), anchor("a", "b-c"), anchor("a--b", "c"), anchor("a", "b_20c"), anchor("ä", "b")}) == 5
    )
    assert all(re.fullmatch(r"[A-Za-z0-9_.-]+", anchor(one)) for one in ("ä<>\"'", "\n", "a/b"))

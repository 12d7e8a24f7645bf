"""Records that would like to be more than text."""

import pytest

from svcops.portal.addresses import contact, in_store, outside
from svcops.portal.markdown import parse, render

EVIL = "<script>alert(1)</script> {{ 7*7 }} {% raw %} \"'><img src=x onerror=alert(1)>"


@pytest.fixture
def evil(portal):
    """A store in which every text that a person may write is hostile."""
    text = EVIL.replace("'", "''")
    write = portal.store.write
    write("svcops.yaml", f"organisation: '{text}'\n")
    portal.service(
        "evil",
        f"title: '{text}'\ndescription: '{text}'\nowner: evil\nlifecycle: '{text}'\nsystem: evil\ntags: ['{text}']\n"
        f"links: [{{url: 'javascript:alert(1)', title: '{text}'}}, {{url: 'https://x/\"><script>', title: a}}]\n"
        f"dependencies: [{{service: evil, why: '{text}'}}]\n"
        f"core_workflows: [{{name: w, title: '{text}', slo: '{text}'}}]\napi: {{type: '{text}', definition: '{text}'}}\n",
    )
    write("catalogue/systems/evil.yaml", f"title: '{text}'\n")
    write(
        "catalogue/teams/evil.yaml",
        f"title: '{text}'\ndescription: '{text}'\nmembers: [evil]\n"
        f"contacts: [{{channel: '{text}', address: 'javascript:alert(1)'}}, {{channel: x, address: '{text}'}}]\n",
    )
    write("catalogue/people/evil.yaml", f"name: '{text}'\n")
    body = f"# {EVIL}\n\n{EVIL}\n\n[x](javascript:alert(1)) ![p](https://evil.example/p.png) <b>bold</b>\n\n```sh\n{EVIL}\n```\n"
    write(
        "runbooks/evil/evil.md",
        f"---\ntitle: '{text}'\nkind: operation\nservices: [evil]\nalerts: ['{text}']\n---\n{body}",
    )
    folder = "incidents/2026/incident-20261118-aaaaaa"
    write(f"{folder}/incident.yaml", f"title: '{text}'\nservices: [evil]\ndetected_by: user\n")
    event = f"at: 2026-11-18T10:00:00Z\nby: '{text}'\nrecorded_at: 2026-11-18T10:00:0"
    write(f"{folder}/timeline/1.yaml", f"type: opened\nseverity: sev9\nfrom: normal operations\n{event}1Z\n")
    write(f"{folder}/timeline/2.yaml", f"type: log\ntext: '{text}'\n{event}2Z\n")
    write(
        "postmortems/2026/postmortem-20261118-aaaaaa.md",
        f"---\ntitle: '{text}'\nincidents: [incident-20261118-aaaaaa]\nauthor: '{text}'\nstarted_at: 2026-11-18T10:00:00Z\n---\n{body}",
    )
    write(
        "measures/2026/measure-20261118-aaaaaa/measure.yaml",
        f"title: '{text}'\ntype: prevent\nincident: incident-20261118-aaaaaa\nowner: evil\ndue: 2026-12-01\n"
        f"added_at: 2026-11-18T10:00:00Z\nby: '{text}'\n",
    )
    write(
        "slo/evil.yaml",
        f"apiVersion: openslo/v1\nkind: SLO\nmetadata: {{name: evil, displayName: '{text}'}}\n"
        f"spec:\n  description: '{text}'\n  service: evil\n  budgetingMethod: Occurrences\n"
        f"  objectives: [{{displayName: '{text}', target: 0.9}}]\n  indicator: {{metadata: {{name: a}}, spec: {{}}}}\n",
    )
    return portal


def test_hostile_text_is_shown_as_text(evil):
    pages = evil.build(status=2)  # the SLO cannot be worked out
    assert len([path for path in pages if not path.startswith("checks")]) == 8
    shown = " ".join(EVIL.split())
    for path, page in pages.items():
        assert page.wrong == [], path
        if path.startswith("checks"):
            continue  # of this program's own words
        assert not page.all("script", "img", "b"), path
        assert "49" not in page.one("main").text, path
        assert shown in page.text or path == "runbooks.html", path
        for one in page.elements:
            assert not [name for name in one.attributes if name.startswith("on")]
            assert (
                not one.attributes.get("href", "")
                .lower()
                .startswith(("javascript", "data:text", "https://x", "https://evil"))
            )


def test_a_text_cannot_turn_the_page_round(portal):
    portal.store.write("runbooks/a/a.md", "---\ntitle: A\nkind: operation\nservices: []\n---\n# a\u202eb\u2066c\n")
    assert portal.build()["runbooks/a/a.html"].all("h2")[0].text == "a·b·c"


def test_names_that_an_address_must_escape_still_lead_somewhere(portal):
    for name in ("a b", "c#d", "e%20f", "g?h", "j&k", 'l"m', "ü"):
        portal.service(name, f"title: T\nowner: ops\ndependencies: [{{service: '{name}'}}]\n")
    pages = portal.build()
    page = pages["index.html"]
    targets = {page.leads_to(one.attributes["href"])[0] for one in page.all("a") if one.text == "T"}
    assert len(targets) == 7
    assert targets <= set(pages)


@pytest.mark.parametrize(
    "href",
    [
        *("javascript:alert(1)", "JaVaScRiPt:alert(1)", " javascript:alert(1)", "java\nscript:alert(1)", "vbscript:x"),
        *(
            "data:text/html,<script>",
            "file:///etc/passwd",
            "//evil.example/x",
            "https:evil",
            'https://x"onclick=1',
            "tel:x",
        ),
        *("\x01javascript:alert(1)", "https://", "http:\\\\evil", "blob:x", "mailto:", "ftp://x"),
    ],
)
def test_only_web_mail_and_telephone_lead_outside(href):
    assert outside(href) == ""
    assert contact(href).href == ""


@pytest.mark.parametrize("href", ["https://example.com/a?b=c#d", "HTTP://x", "mailto:a@example.com", "tel:+4930123"])
def test_addresses_that_lead_outside(href):
    assert outside(href) == href


@pytest.mark.parametrize(
    ("href", "expected"),
    [
        ("b.md", ("runbooks/a/b.md", "")),
        ("../c/d.md#e", ("runbooks/c/d.md", "e")),
        ("#f", ("runbooks/a/x.md", "f")),
        ("g%20h.md", ("runbooks/a/g h.md", "")),
        ("../../../etc/passwd", None),
        ("/etc/passwd", None),
        ("javascript:alert(1)", None),
        ("x?y", None),
    ],
)
def test_a_relative_link_means_a_file_of_the_store(href, expected):
    assert in_store("runbooks/a/x.md", href) == expected


def _html(source: str) -> str:
    return str(render(parse(source), lambda href: outside(href) or (href if href.startswith("#") else "")))


@pytest.mark.parametrize(
    "source",
    [
        "[x](javascript:alert(1))",
        "[x](<java\tscript:alert(1)>)",
        "[x](&#106;avascript:alert(1))",
        "<javascript:alert(1)>",
        '[x](https://a.example "t" onclick=alert)',
        "[x]: javascript:alert(1)\n\n[x]",
        "![x](javascript:alert(1))",
        "![x](https://a.example/x.png)",
        "![x](data:image/png;base64,AAAA)",
        "[![x](https://a.example/x.png)](javascript:alert(1))",
        "<img src=x onerror=alert(1)>",
        "<a href='javascript:alert(1)'>x</a>",
        '```"><script>\nx\n```',
        "[x](b.md)",
    ],
)
def test_markdown_is_harmless(source):
    html = _html(source)
    assert "<a " not in html
    assert "<script" not in html
    assert "<img" not in html


def test_a_picture_is_its_description():
    assert "[picture: the plan]" in _html("![the plan](plan.png)")


def test_headings_leave_no_level_out_and_have_ids():
    text = parse("# One\n#### Two\n### Three\n# One\n## page-main\n")
    assert _html("# One\n#### Two\n### Three\n# One\n").count("<h2") == 2
    assert [token.tag for token in text.tokens if token.type == "heading_open"] == ["h2", "h3", "h3", "h2", "h3"]
    assert text.ids == {"one": "one", "two": "two", "three": "three", "one-1": "one-1", "page-main": "text-page-main"}
    assert [one.href for one in text.contents] == ["#one", "#one-1"]


def test_a_table_has_scopes_and_can_be_scrolled():
    html = _html("|a|b|\n|-|-|\n|1|2|\n")
    assert '<th scope="col">a</th>' in html
    assert 'tabindex="0"' in html


def test_a_year_at_the_end_of_the_calendar_is_shown(portal):
    folder = "incidents/9998/incident-99981231-aaaaaa"
    portal.store.write(f"{folder}/incident.yaml", "title: Late\nservices: []\ndetected_by: user\n")
    portal.store.write(
        f"{folder}/timeline/1.yaml",
        "type: log\ntext: x\nby: x\nat: 9998-12-31T23:59:00Z\nrecorded_at: 9998-12-31T23:59:00Z\n",
    )
    assert "9999-01-01" in portal.build()["incidents/incident-99981231-aaaaaa.html"].text

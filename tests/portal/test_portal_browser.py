"""The site in a real browser, from the disk, with no network."""

import pytest
from tests.browser import dump, needs_chromium


@pytest.fixture(autouse=True)
def _needs_chromium():
    needs_chromium()


def test_the_first_page_opens_from_the_disk_without_a_word_of_complaint(story, tmp_path):
    story.build()
    document, console = dump((story.site / "index.html").as_uri(), tmp_path)
    assert console == []
    assert "Incidents in the cycle" in document
    assert "-117.2 %" in document
    assert "</footer>" in document


def test_a_deeper_page_finds_its_style(story, tmp_path):
    story.build()
    _, console = dump((story.site / "services/payroll.html").as_uri(), tmp_path)
    assert console == []


def test_the_browser_would_have_complained(story, tmp_path):
    story.build()
    page = story.site / "index.html"
    text = page.read_text(encoding="utf-8").replace("</main>", "<script>alert(1)</script></main>")
    page.write_text(text, encoding="utf-8")
    _, console = dump(page.as_uri(), tmp_path)
    assert "Content Security Policy" in console[0]

"""The dashboard in a real browser, from the disk, with no network."""

import pytest
from tests.browser import dump, needs_chromium

MEASURE = """<script>
addEventListener("load", () => {
  const wide = [...document.querySelectorAll("main *")].filter(
    (one) => !one.closest("details:not([open])") && !one.closest(".sprite, thead") &&
      one.getBoundingClientRect().right > innerWidth + 0.5);
  document.documentElement.dataset.wide = wide.map((one) => one.outerHTML.slice(0, 80)).join(" | ");
  document.documentElement.dataset.scrolls = document.documentElement.scrollWidth > innerWidth;
});
</script>"""


@pytest.fixture(autouse=True)
def _needs_chromium():
    needs_chromium()


@pytest.mark.parametrize("page", ["index.html", "services/ledger.html"])
def test_it_opens_from_the_disk_without_a_word_of_complaint(drawn, tmp_path, page):
    document, console = dump((drawn.folder / page).as_uri(), tmp_path)
    assert console == []
    assert "Reports are there in time" in document
    assert "</footer>" in document


def test_on_a_phone_nothing_reaches_over_the_edge(drawn, tmp_path):
    """A frame of 360 pixels, as a window of a browser is never that narrow."""
    text = (drawn.folder / "index.html").read_text(encoding="utf-8")
    policy = text.index('<meta http-equiv="Content-Security-Policy"')
    text = text[:policy] + text[text.index(">", policy) + 1 :]
    (tmp_path / "page.html").write_text(text.replace("</body>", MEASURE + "</body>"), encoding="utf-8")
    frame = (
        '<iframe id="phone" width="360" height="800" src="page.html"></iframe><script>'
        'addEventListener("load", () => { const root = phone.contentDocument.documentElement;'
        "document.title = `${phone.contentWindow.innerWidth} ${root.dataset.scrolls} ${root.dataset.wide}`; });</script>"
    )
    (tmp_path / "frame.html").write_text(f"<!DOCTYPE html><title></title>{frame}", encoding="utf-8")
    document, _ = dump((tmp_path / "frame.html").as_uri(), tmp_path, "--allow-file-access-from-files")
    assert "<title>360 false </title>" in document.replace("&lt;", "<")

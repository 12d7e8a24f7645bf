"""The site in a real browser, from the disk, with no network."""

import os
import shutil
import subprocess

import pytest

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


def _dump(page, tmp_path):
    """The document as Chromium made it, and what it wrote to its console."""
    done = subprocess.run(
        [
            *(CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
            *(
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--disable-dev-shm-usage",
            ),
            *(
                "--host-resolver-rules=MAP * ~NOTFOUND",
                "--enable-logging=stderr",
                f"--user-data-dir={tmp_path / 'profile'}",
            ),
            *("--dump-dom", page.as_uri()),
        ],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    return done.stdout, [line for line in done.stderr.splitlines() if "CONSOLE" in line]


@pytest.fixture(autouse=True)
def _needs_chromium():
    if CHROMIUM is None:
        if os.environ.get("CI") == "true":
            pytest.fail("Chromium is not installed, and in CI the site is looked at in a browser")
        pytest.skip("Chromium is not installed: apt-get install chromium")


def test_the_first_page_opens_from_the_disk_without_a_word_of_complaint(story, tmp_path):
    story.build()
    document, console = _dump(story.site / "index.html", tmp_path)
    assert console == []
    assert "Incidents in the cycle" in document
    assert "-117.2 %" in document
    assert "</footer>" in document


def test_a_deeper_page_finds_its_style(story, tmp_path):
    story.build()
    _, console = _dump(story.site / "services/payroll.html", tmp_path)
    assert console == []


def test_the_browser_would_have_complained(story, tmp_path):
    story.build()
    page = story.site / "index.html"
    text = page.read_text(encoding="utf-8").replace("</main>", "<script>alert(1)</script></main>")
    page.write_text(text, encoding="utf-8")
    _, console = _dump(page, tmp_path)
    assert "Content Security Policy" in console[0]

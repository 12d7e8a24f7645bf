"""Where the site is written, and what is never touched."""

import json
import os
import subprocess
import sys

import pytest

MARKER = ".svcops-site"


def test_the_same_input_gives_the_same_bytes(story):
    story.build()
    first = story.bytes()
    story.now = story.now.replace(hour=9)
    story.build()
    assert story.bytes() == first
    assert {"index.html", "style.css", MARKER} <= set(first)


def test_the_same_input_gives_the_same_bytes_in_another_folder_of_the_store(landscape):
    landscape.build()
    first = landscape.bytes()
    landscape.site = landscape.root / "public"
    landscape.build()
    landscape.build()
    assert landscape.bytes() == first


def test_the_folder_is_printed_and_the_rest_is_said(landscape):
    done = landscape.run("site", "build", "--out", str(landscape.site), "--at", "2026-11-23T00:00Z")
    assert done.out == f"{landscape.site}\n"
    assert done.err == (
        "rendered 19 pages: 6 services, 9 runbooks, no incidents, no post-mortems; "
        "service levels of Mon 2026-11-23 01:00 CET\n"
    )


def test_without_options_it_is_the_folder_site_here_and_now(landscape):
    done = landscape.run("site", "build")
    assert (done.status, done.out) == (0, f"{landscape.root / 'site'}\n")
    assert "As of Mon 2026-11-23 07:00 CET." in (landscape.root / "site/index.html").read_text(
        encoding="utf-8"
    ).replace('<time datetime="2026-11-23T07:00:00+01:00">', "").replace("</time>", "")


def test_json_names_the_pages(landscape):
    done = landscape.run("site", "build", "--out", str(landscape.site), "--at", "2026-11-23T00:00Z", "--json")
    told = json.loads(done.out)
    assert told["schema"] == "svcops.site/1"
    assert told["pages"][0] == {"path": "index.html", "title": "Example Business Suite"}
    assert {one["path"] for one in told["pages"]} == set(landscape.pages())
    assert (told["commit"], told["left_out"], told["slos_not_computed"]) == (landscape.store.head(), [], [])


def test_the_folder_may_be_said_as_an_export_has_it(portal):
    assert portal.run("site", "build", "--output", str(portal.site)).status == 0
    assert (portal.site / "index.html").exists()


def test_a_page_of_an_earlier_build_is_removed_with_its_empty_folder(landscape):
    landscape.build()
    (landscape.root / "runbooks/identity/sign-in-failing.md").unlink()
    done = landscape.run("site", "build", "--out", str(landscape.site), "--at", "2026-11-23T00:00Z")
    assert done.err.endswith("; 1 old page removed\n")
    assert not (landscape.site / "runbooks/identity").exists()
    assert (landscape.site / "runbooks/ledger").exists()


def test_what_others_put_beside_the_site_stays(landscape):
    landscape.build()
    (landscape.site / "CNAME").write_text("ops.example.com", encoding="utf-8")
    (landscape.site / "runbooks/identity/own.txt").write_text("mine", encoding="utf-8")
    (landscape.root / "runbooks/identity/sign-in-failing.md").unlink()
    landscape.build()
    assert (landscape.site / "CNAME").read_text(encoding="utf-8") == "ops.example.com"
    assert (landscape.site / "runbooks/identity/own.txt").exists()


def _refused(portal, words, folder=None):
    done = portal.run("site", "build", "--out", str(folder or portal.site), "--at", "2026-11-23T00:00Z")
    assert done.status == 2, done.err
    assert words in done.err
    assert done.out == ""


def test_a_folder_with_something_else_in_it_is_refused(portal):
    portal.site.mkdir()
    (portal.site / "thesis.txt").write_text("years of work", encoding="utf-8")
    _refused(portal, "it is not empty")
    assert os.listdir(portal.site) == ["thesis.txt"]


def test_a_file_is_no_folder(portal):
    portal.site.write_text("x", encoding="utf-8")
    _refused(portal, "it is no folder")


def test_a_file_that_svcops_did_not_write_is_not_overwritten(portal):
    portal.build()
    (portal.site / "services").mkdir()
    (portal.site / "services/mine.html").write_text("mine", encoding="utf-8")
    before = portal.bytes()
    portal.service("mine")
    _refused(portal, "services/mine.html is there already")
    assert portal.bytes() == before


@pytest.mark.parametrize("folder", [".", "catalogue", "runbooks/x", "templates/site", ".git/x", ".hidden"])
def test_the_store_s_own_folders_are_refused(portal, folder):
    (portal.root / "catalogue").mkdir()
    _refused(portal, "and svcops overwrites only what it wrote", portal.root / folder)


@pytest.mark.parametrize(
    "listed",
    [
        *(
            '["../victim.html"]',
            '["/etc/x.html"]',
            '["a/../../victim.html"]',
            '["index.html", 7]',
            '"index.html"',
            "null",
        ),
        *('["victim.txt"]', '["./a.html"]', "[[]]", '["a/..html/../../b.html"]'),
    ],
)
def test_a_marker_that_is_not_svcops_own_is_refused(portal, listed):
    victim = portal.site.parent / "victim.html"
    victim.write_text("x", encoding="utf-8")
    portal.site.mkdir()
    (portal.site / MARKER).write_text('{"files": ' + listed + "}", encoding="utf-8")
    _refused(portal, "is not as svcops writes it")
    assert victim.exists()


@pytest.mark.parametrize("text", ["", "[]", "{", "\xff", "[" * 100_000])
def test_a_marker_that_cannot_be_read_is_refused(portal, text):
    portal.site.mkdir()
    (portal.site / MARKER).write_bytes(text.encode("latin-1"))
    _refused(portal, "is not as svcops writes it")


def test_no_file_is_written_or_removed_through_a_link(portal, tmp_path):
    portal.service("a")
    portal.build()
    elsewhere = tmp_path / "elsewhere"
    (portal.site / "services").rename(elsewhere)
    (portal.site / "services").symlink_to(elsewhere)
    (portal.root / "catalogue/services/a.yaml").unlink()
    _refused(portal, "a link stands on the way to services/a.html")
    assert (elsewhere / "a.html").exists()


def test_a_link_to_a_folder_may_be_the_folder_itself(portal, tmp_path):
    (tmp_path / "real").mkdir()
    portal.site.symlink_to(tmp_path / "real")
    portal.service("a")
    portal.build()
    (portal.root / "catalogue/services/a.yaml").unlink()
    portal.build()
    assert not (tmp_path / "real/services").exists()


def test_a_build_that_fails_leaves_the_old_site(portal):
    portal.build()
    before = portal.bytes()
    portal.store.write("templates/site/teams.html", "{% if %}")
    _refused(portal, "templates/site/teams.html:1")
    assert portal.bytes() == before


def test_a_write_that_fails_leaves_the_old_pages_and_is_mended(portal, monkeypatch):
    portal.build()
    before = portal.bytes()
    portal.service("a")
    with monkeypatch.context() as patch:
        patch.setattr("pathlib.Path.write_bytes", _disk_full)
        done = portal.run("site", "build", "--out", str(portal.site), "--at", "2026-11-23T00:00Z")
    assert (done.status, "No space left on device" in done.err) == (3, True)
    assert {name: data for name, data in portal.bytes().items() if name != MARKER} == {
        name: data for name, data in before.items() if name != MARKER
    }
    assert sorted(os.listdir(portal.site)) == [
        MARKER,
        "checks",
        "checks.html",
        "incidents.html",
        "index.html",
        "runbooks.html",
        "style.css",
        "teams.html",
    ]
    assert "services/a.html" in portal.build()


def _disk_full(*_):
    raise OSError(28, "No space left on device")


def test_what_a_killed_build_left_is_cleared_away(portal):
    portal.build()
    before = portal.bytes()
    portal.store.write(str(portal.site / ".svcops-new-abc/index.html"), "half")
    portal.build()
    assert portal.bytes() == before


def test_a_time_that_cannot_be_read_is_refused(portal):
    done = portal.run("site", "build", "--at", "yesterday")
    assert (done.status, "--at yesterday" in done.err) == (2, True)


def test_with_a_broken_zone_times_are_in_utc_and_it_says_so(portal):
    portal.store.write("svcops.yaml", "time_zone: Mars/Olympus\n")
    done = portal.run("site", "build", "--out", str(portal.site), "--at", "2026-11-23T00:00Z")
    assert "Mars/Olympus is not a known time zone, so times are in UTC" in done.err
    assert "00:00 UTC" in (portal.site / "index.html").read_text(encoding="utf-8")


def test_libraries_are_imported_only_when_it_is_built():
    code = (
        "import sys, svcops.portal.commands, svcops.portal.build, svcops.portal.reading\n"
        "print([one for one in ('jinja2', 'markdown_it', 'duckdb', 'git', 'pydantic') if one in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"

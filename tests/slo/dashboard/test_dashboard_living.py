"""The dashboard that runs: renewed when something changed, never blank, never a figure that is old without saying so."""

import os
import threading
from datetime import UTC, datetime, timedelta

import pytest
from tests.html_page import Page

from svcops.slo.dashboard import living as module
from svcops.slo.dashboard.living import Living
from svcops.slo.dashboard.making import renewed
from svcops.slo.dashboard.watching import fingerprint

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


class Clock:
    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def live(small, clock):
    """Makes a dashboard that lives, of a small store."""

    def make(**of):
        board = small(**of)
        session, _ = board.session("slo", "serve")
        log = []
        found = Living(
            root=board.root,
            make=lambda earlier: renewed(session, clock, "", earlier),
            look=lambda patterns: fingerprint(board.root, patterns),
            log=lambda line, alarming: log.append(line),
        )
        found.log_of_test = log
        return board, found

    return make


def shown(living, path: str = "index.html") -> Page:
    return Page(path, living.files[path].data.decode())


def text(living) -> str:
    return " ".join(shown(living).one("main").text.split())


def test_a_page_says_that_it_renews_itself_and_may_run_only_that_script(live):
    _, living = live()
    page = shown(living)
    assert page.wrong == []
    assert len(page.all("script")) == 1
    (status,) = (one for one in page.elements if one.attributes.get("role") == "status")
    assert status.attributes["id"] == "page-status"
    policy = next(one.attributes["content"] for one in page.all("meta") if "http-equiv" in one.attributes)
    assert policy.endswith("connect-src 'self'")
    assert "script-src 'sha256-" in policy
    assert "unsafe" not in policy


def test_nothing_changed_nothing_is_made(live):
    _, living = live()
    before = living.files
    assert not living.renew()
    assert living.files is before


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("metrics/b.csv", "timestamp,good,total\n2026-11-23T12:00:00Z,0,1\n"),
        ("catalogue/services/shop.yaml", "title: Another shop\nowner: ops\n"),
        ("slo/exclusions/a.yaml", "title: Agreed\n"),
        ("templates/site/style.css", "body { margin: 0 }\n"),
        ("svcops.yaml", "organisation: Another\ntime_zone: UTC\n"),
    ],
)
def test_whatever_the_pages_are_made_from_is_watched(live, path, content):
    board, living = live()
    tag = living.files["index.html"].tag
    board.write(path, content)
    assert living.renew()
    assert living.files["index.html"].tag != tag
    assert not living.renew()


def test_an_incident_shows_when_it_is_declared(live):
    board, living = live()
    board.incident("dddddd", "Checkout is slow", "shop", "2026-11-23T11:30:00Z")
    assert living.renew()
    assert "Checkout is slow" in text(living)


def test_a_file_that_is_written_anew_with_as_many_bytes_is_seen(live):
    board, living = live()
    path = board.root / "metrics/a.csv"
    path.write_text(path.read_text().replace("99,100", "50,100"), encoding="utf-8")
    os.utime(path, ns=(0, 1))
    assert living.renew()
    assert "budget spent" in text(living)


def test_windows_move_on_though_nothing_changes(live, clock, monkeypatch):
    _, living = live()
    clock.now += timedelta(minutes=5)
    assert not living.renew()
    monkeypatch.setattr(module, "ANYWAY", timedelta(0))
    living._took = 0
    assert living.renew()
    assert "As of Mon 2026-11-23 12:05" in text(living)


def test_where_samples_are_damaged_the_last_good_figures_stay_and_say_that_they_are_old(live, clock):
    board, living = live()
    good = board.read("metrics/a.csv")
    assert "fine" in text(living)
    board.write("metrics/a.csv", good + "2026-11-23T12:00:00Z,1,many\n")
    clock.now += timedelta(minutes=1)
    assert living.renew()
    for told in (
        "Checkout Shop: most old: fine 90.0 %",
        "Old figures These are the last good figures, of Mon 2026-11-23 12:00.",
        "Nothing is known of it: metrics/a.csv",
        "many",
        "of 1 it is unknown",
        "As of Mon 2026-11-23 12:01",
    ):
        assert told in text(living)
    board.write("metrics/a.csv", good + "2026-11-23T12:00:00Z,1,more\n")
    assert living.renew()
    assert "the last good figures, of Mon 2026-11-23 12:00." in text(living)
    assert "more" in text(living)
    assert "old: old" not in text(living)
    board.write("metrics/a.csv", good)
    assert living.renew()
    assert "Old figures" not in text(living)
    assert "fine" in text(living)


def test_where_a_document_is_damaged_its_figures_stay_too(live):
    board, living = live()
    board.write("slo/slo.yaml", board.read("slo/slo.yaml").replace("0.9", '"much"'))
    assert living.renew()
    assert "damaged, and left out: slo/slo.yaml" in text(living)
    assert "the last good figures, of Mon 2026-11-23 12:00. slo/slo.yaml is damaged." in text(living)


def test_an_slo_that_was_taken_away_is_gone(live):
    board, living = live()
    (board.root / "slo/slo.yaml").unlink()
    assert living.renew()
    assert "There are no SLOs" in text(living)


def test_what_was_never_known_is_not_made_up(live):
    board, living = live(samples="2026-11-23T11:00:00Z,1,many\n")
    assert "not worked out" in text(living)
    board.write("metrics/b.csv", "timestamp,good,total\n")
    assert living.renew()
    assert "Old figures" not in text(living)


def test_where_a_template_gets_broken_the_pages_stay_and_say_so(live):
    board, living = live()
    board.write("templates/dashboard/page.html", "{{ nothing }}")
    assert living.renew()
    assert "could not be renewed: templates/dashboard/page.html:1: 'nothing' is undefined." in text(living)
    assert "All figures are old: those of Mon 2026-11-23 12:00." in text(living)
    assert "not renewed" in living.log_of_test[0]
    (board.root / "templates/dashboard/page.html").unlink()
    assert living.renew()
    assert "could not be renewed" not in text(living)


def test_whatever_goes_wrong_it_goes_on(live, monkeypatch):
    board, living = live()

    def fail(_):
        raise MemoryError("no more")

    make, living._make = living._make, fail
    board.write("metrics/b.csv", "timestamp,good,total\n")
    assert living.renew()
    assert "could not be renewed: MemoryError: no more. All figures are old" in text(living)
    living._make = make
    board.write("metrics/b.csv", "timestamp,good,total\n2026-11-23T12:00:00Z,1,1\n")
    assert living.renew()
    assert "All figures are old" not in text(living)


def test_it_looks_again_and_again_until_it_is_stopped(live, monkeypatch):
    board, living = live()
    monkeypatch.setattr(module, "EVERY", timedelta(milliseconds=1))
    stop, tag = threading.Event(), living.files["index.html"].tag
    thread = threading.Thread(target=living.keep, args=(stop,))
    thread.start()
    board.write("metrics/b.csv", "timestamp,good,total\n2026-11-23T12:00:00Z,0,1\n")
    for _ in range(6000):
        if living.files["index.html"].tag != tag or stop.wait(0.01):
            break
    stop.set()
    thread.join()
    assert living.files["index.html"].tag != tag

"""What takes long says what it is at: after a while, on a terminal, and nothing of it stays."""

import io
import time
from datetime import UTC, datetime

import pytest

from svcops.terminal import progress
from svcops.terminal.session import Options, Session


@pytest.fixture
def screen(tmp_path, monkeypatch):
    class Screen(io.StringIO):
        terminal = True

        def isatty(self):
            return self.terminal

    monkeypatch.setattr(progress, "_SILENT", 0.01)
    return Session(
        options=Options(),
        cwd=tmp_path,
        env={},
        stdin=io.StringIO(),
        stdout=io.StringIO(),
        stderr=Screen(),
        now=lambda: datetime(2026, 11, 23, tzinfo=UTC),
        random_bytes=bytes,
    )


def wait_for(what: str, screen) -> None:
    for _ in range(1000):
        if what in screen.stderr.getvalue():
            return
        time.sleep(0.01)
    pytest.fail(f"{what} is never told")


def test_what_was_told_last_is_shown_when_it_takes_long_and_then_each(screen) -> None:
    with progress.telling(screen) as tell:
        tell("reading the samples of a")
        wait_for("reading the samples of a", screen)
        tell("1 of 2 parts")
    assert screen.stderr.getvalue().endswith("\r\x1b[K1 of 2 parts\r\x1b[K")
    assert screen.stdout.getvalue() == ""


def test_what_is_over_soon_shows_nothing(screen, monkeypatch) -> None:
    monkeypatch.setattr(progress, "_SILENT", 1000)
    with progress.telling(screen) as tell:
        tell("reading")
    assert screen.stderr.getvalue() == ""


def test_without_a_terminal_nothing_is_shown(screen) -> None:
    screen.stderr.terminal = False
    with progress.telling(screen) as tell:
        tell("reading")
        time.sleep(0.05)
    assert screen.stderr.getvalue() == ""

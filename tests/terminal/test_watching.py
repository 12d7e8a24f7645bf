"""A page drawn again and again: what fits on a screen, and on a real terminal, what is left after ^C."""

import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from svcops.terminal.watching import fitted


def test_a_page_that_fits_is_shown_whole() -> None:
    assert fitted("one\ntwo", 10, 2) == ["one", "two"]


def test_of_a_long_page_the_top_and_the_end_are_shown() -> None:
    page = "\n".join(str(number) for number in range(20))
    assert fitted(page, 40, 6) == ["0", "1", "2", "… 15 lines …", "18", "19"]


def test_a_long_line_is_cut_and_says_so() -> None:
    assert fitted("Receipts are not extracted", 12, 5) == ["Receipts ar…"]


@given(st.text(), st.integers(2, 60), st.integers(2, 30))
def test_nothing_is_wider_or_higher_than_the_terminal(text: str, columns: int, rows: int) -> None:
    found = fitted(text, columns, rows)
    assert len(found) <= rows
    assert all(len(line) <= columns for line in found)


@pytest.fixture
def opened(console: Any) -> Any:
    """A console with an incident in its store."""
    console("incident", "open", "No receipts", "--service", "ledger", "--severity", "sev3", "--detected-by", "user")
    return console


def _until(screen: int, wanted: str, seen: str = "") -> str:
    """What the terminal shows, once it shows that."""
    end = time.monotonic() + 20
    while wanted not in seen:
        assert time.monotonic() < end, seen
        if select.select([screen], [], [], 0.5)[0]:
            seen += os.read(screen, 65536).decode()
    return seen


def test_an_incident_is_watched_until_it_is_interrupted(opened: Any) -> None:
    short = opened("incident", "list", "-q").id
    screen, terminal = pty.openpty()
    watching = subprocess.Popen(
        [sys.executable, "-m", "svcops", "--store", str(opened.store.root), "incident", "show", short, "--watch"],
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
        env={**opened.store.env, "TERM": "xterm"},
        start_new_session=True,
    )
    os.close(terminal)
    try:
        first = _until(screen, "Timeline")
        assert first.startswith("\x1b[?1049h")
        assert "No receipts" in first
        opened("incident", "log", short, "Rolled back")
        later = _until(screen, "Rolled back")
        times = re.findall(r"(\d\d:\d\d:\d\d), read every", first + later)
        assert len(set(times)) > 1, "the clock goes on"
        watching.send_signal(signal.SIGINT)
        assert _until(screen, "\x1b[?1049l").count("Traceback") == 0
        assert watching.wait(20) == 130
    finally:
        watching.kill()
        os.close(screen)


def test_without_a_terminal_there_is_nothing_to_watch(opened: Any) -> None:
    short = opened("incident", "list", "-q").id
    assert "--watch needs a terminal" in opened("incident", "show", short, "--watch", code=2).err


def test_a_program_does_not_watch(opened: Any) -> None:
    short = opened("incident", "list", "-q").id
    assert "--watch is for a person" in opened("incident", "show", short, "--watch", "--json", code=2).err

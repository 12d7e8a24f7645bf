"""Whole commands at once, and whole commands killed: nothing is lost, nothing half-written, no lock stays."""

import os
import random
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime

import pytest

OPEN = (
    "incident",
    "open",
    "Receipts are not extracted",
    "--service",
    "receipt-scanner",
    "--severity",
    "sev1",
    "--detected-by",
    "slo",
)


def start(console, *arguments):
    """A command as a process group of its own."""
    names = {f"GIT_{role}_NAME": "Ada Example" for role in ("AUTHOR", "COMMITTER")}
    mails = {f"GIT_{role}_EMAIL": "ada@example.org" for role in ("AUTHOR", "COMMITTER")}
    return subprocess.Popen(
        [sys.executable, "-m", "svcops", *arguments],
        cwd=console.store.root,
        env={**os.environ, **console.store.env, **names, **mails},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def test_twenty_processes_that_each_open_an_incident_leave_twenty_incidents_and_twenty_commits(console):
    before = len(console.store.log())
    running = [start(console, *OPEN) for _ in range(20)]
    for process in running:
        out, err = process.communicate(timeout=120)
        assert process.returncode == 0, out + err
    assert len(console("incident", "list").out.splitlines()) == 20
    assert len(console.store.log()) == before + 20
    console.store.fsck()
    assert console.store.is_clean()


def kill_at_a_random_instant(console, short, text, longest):
    """Start `svcops incident log` and kill its process group after a random time; whether it lived to its end."""
    process = start(console, "incident", "log", short, text)
    try:
        out, _ = process.communicate(timeout=random.uniform(0.0, longest))
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        out, _ = process.communicate()
    return bool(out)


def storm(console, times):
    short = console(*OPEN).id[-6:]
    began = time.perf_counter()
    start(console, "incident", "log", short, "not killed").communicate()
    longest = (time.perf_counter() - began) * 1.1
    told = []
    for number in range(times):
        text = f"number {number}"
        if kill_at_a_random_instant(console, short, text, longest):
            told.append(text)
        assert not [path for path in console.store.locks() if path.name != "index.lock"] or console("incident", "list")
    said = console("incident", "log", short, "after the storm")
    timeline = console("incident", "show", short, "--json").json["incident"]["timeline"]
    texts = [event.get("text") for event in timeline]
    assert set(told) <= set(texts), "what was said to be written is there"
    console.now = datetime.now(UTC)  # the others looked at the clock on the wall
    assert console("check").code == 0, said.err
    assert console.store.is_clean()
    console.store.fsck()
    written = [line for line in console.store.log() if line.startswith("Log to incident")]
    assert len(written) == len([event for event in timeline if event["type"] == "log"])


def test_killing_the_process_group_at_random_instants_leaves_no_half_record_and_no_lock(console):
    storm(console, 25)


@pytest.mark.soak
def test_killing_it_two_hundred_times(console):
    storm(console, 200)

"""`policy.sync: auto`: what was committed is shared at once, and nobody waits for it.

A change leaves a mark and starts `svcops sync` apart from this process. One sync runs at a time; it goes another round
where a mark came meanwhile. What could not be shared is told by the next command that writes. All of it is files below
the git directory, of this clone alone, and nothing that a store says is ever run.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime, tzinfo
from pathlib import Path
from typing import Any

from svcops.store.frozen import frozen

_MOST_LOG = 128 * 1024
"""Bytes of the log from which on a new one is begun; one older is kept."""
_APART = '"$@" &'
"""For sh: start it and do not wait, so that nobody has to take its exit status later."""


@frozen
class Waits:
    """How many changes could not be shared, since when the first waits (None where git cannot tell), and why."""

    changes: int
    since: datetime | None
    why: str

    def told(self, now: datetime, zone: tzinfo) -> str:
        """For a person: `3 changes wait since 03:12`, with the day where that is not today."""
        many = "1 change waits" if self.changes == 1 else f"{self.changes} changes wait"
        if self.since is None:
            return many
        local, today = self.since.astimezone(zone), now.astimezone(zone).date()
        return f"{many} since {local:%H:%M}" if local.date() == today else f"{many} since {local:%Y-%m-%d %H:%M}"


def folder_of(git_dir: Path) -> Path:
    """Where a sync keeps its lock, its marks and its log."""
    return git_dir / "svcops" / "sync"


def start(root: Path, git_dir: Path, env: Mapping[str, str]) -> None:
    """Start a sync of the store apart from this process; OSError where that cannot be.

    With -P nothing is imported from the folder that the command was called in, which may be a store of strangers.
    """
    folder = folder_of(git_dir)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "wanted").touch()
    log = folder / "log"
    with suppress(FileNotFoundError):
        if log.stat().st_size > _MOST_LOG:
            os.replace(log, folder / "log.1")
    command = [sys.executable, "-P", "-m", "svcops", "--store", str(root), "sync", "--background", "--quiet"]
    with open(log, "ab") as said:
        subprocess.run(
            ["/bin/sh", "-c", _APART, "sh", *command],
            cwd=root,
            env=dict(env),
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            start_new_session=True,
            check=True,
        )


def is_wanted(git_dir: Path) -> bool:
    """Whether a change asked for a sync since the last one began."""
    return (folder_of(git_dir) / "wanted").exists()


def begin(git_dir: Path) -> int | None:
    """Note that a sync begins, which holds the lock; when one began that came to no end, in ns, or None.

    From here on another change asks for another round.
    """
    folder = folder_of(git_dir)
    (folder / "wanted").unlink(missing_ok=True)
    began = folder / "began"
    try:
        before = began.stat().st_mtime_ns
    except FileNotFoundError:
        before = None
    began.write_text(f"{time.time_ns()}\n", encoding="ascii")
    return before


def end(git_dir: Path, waits: Waits | None) -> None:
    """Note that a sync came to its end, and what waits after it."""
    folder = folder_of(git_dir)
    place = folder / "waits.json"
    if waits is None or not waits.changes:
        place.unlink(missing_ok=True)
    else:
        since = waits.since.isoformat() if waits.since else None
        coming = folder / "waits.json.new"
        coming.write_text(json.dumps({"changes": waits.changes, "since": since, "why": waits.why}), encoding="utf-8")
        os.replace(coming, place)
    (folder / "began").unlink(missing_ok=True)


def waits(git_dir: Path) -> Waits | None:
    """What the last sync could not share; None where it shared everything, or there was none."""
    try:
        held: Any = json.loads((folder_of(git_dir) / "waits.json").read_bytes())
        since = held["since"]
        return Waits(int(held["changes"]), datetime.fromisoformat(since) if since else None, str(held["why"]))
    except (OSError, ValueError, TypeError, KeyError):
        return None

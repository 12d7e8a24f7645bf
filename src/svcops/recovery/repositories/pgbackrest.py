"""A repository of pgBackRest. It takes clusters itself, so a plan keeps none: its backups are restored and started.

`pgbackrest verify` ends with 0 where a file is damaged, so it counts for nothing here. A restore checks each file
against its checksum, and the log of the backup is brought by `archive-get`, which does the same.
"""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from shutil import rmtree
from typing import Any

from svcops.recovery.data.postgresql.programs import checked, plain, programs, version_of
from svcops.recovery.interface import Answer, Failed, Snapshot, Work, has_no_room
from svcops.recovery.plan import PgbackrestBackup, Reason
from svcops.recovery.repositories.local import copy_of, files_of
from svcops.store.frozen import frozen

_SEGMENT = re.compile(r"([0-9A-F]{8})([0-9A-F]{8})([0-9A-F]{8})")
_SPACE = 1 << 32
"""Bytes of the log that the middle part of a segment's name counts."""
_OTHER = 99
"""The state of a repository that cannot be read; `info` ends with 0 (src/command/info/info.c)."""
_DAMAGED = re.compile(r"\[(?:Checksum|Format)Error\]")
_EVERY = 9999
"""Full backups that are kept: more than there are."""


@frozen
class Pgbackrest:
    """The repository of a plan."""

    plan: PgbackrestBackup
    work: Work

    def snapshots(self) -> list[Snapshot]:
        """Its backups, with the time when each was over: that is the state to which it is recovered."""
        return [
            Snapshot(one["label"], datetime.fromtimestamp(one["timestamp"]["stop"], UTC)) for one in self._backups()
        ]

    def fetch(self, snapshot: str, folder: Path) -> None:
        """Restored, with the log from its start to its end, so that no server has to ask the archive."""
        backup = next((one for one in self._backups() if one["label"] == snapshot), None)
        if backup is None:
            raise Failed("fetch-failed", f"{snapshot} is not there any more")
        if backup.get("error"):
            raise Failed("said-damaged", f"pgBackRest found pages with a wrong checksum when it took {snapshot}")
        place = f"--pg1-path={folder}"
        # Tablespaces and links would come to where they lie on the server in use.
        spaces = f"--tablespace-map-all={folder.with_name(f'{folder.name}-tablespaces')}"
        here = [spaces, "--reset-tablespace-map", "--reset-link-map", "--no-link-all", "--reset-recovery-option"]
        options = [f"--set={snapshot}", "--type=none", "--archive-mode=off"]
        self._run(["restore", *options, *here, place], "fetch-failed")
        archive = backup["archive"]
        for name in _segments(archive["start"], archive["stop"], self._segment_size(folder)):
            self._run(["archive-get", place, name, str(folder / "pg_wal" / name)], "fetch-failed")

    def keep(self, folder: Path) -> Snapshot:  # noqa: ARG002 - it takes no folder
        """It takes no folder: it has to be at the server."""
        raise Failed("not-possible", "pgBackRest takes a server itself and keeps no folder")

    def forget(self, snapshot: str) -> None:
        """With what is based on it. `expire` keeps the last full one, and lists none whose files are gone."""
        for folder in (self.top / "backup" / self.plan.stanza).glob(f"{snapshot}*"):
            rmtree(folder)
        self._run(["expire", f"--repo1-retention-full={_EVERY}"], "not-possible")

    def copied(self, to: Path) -> "Pgbackrest":
        """A copy of a repository that is a folder."""
        if not self.top.is_dir():
            raise Failed("not-possible", "the repository is no folder here, so damage cannot be done to a copy")
        copy_of(self.top, to, self.work, "the repository cannot be copied")
        return replace(self, plan=replace(self.plan, repository=str(to)))

    def files(self, snapshot: str) -> list[Path]:
        """Those of the backup first."""
        every = files_of(self.top, "backup")
        return sorted(every, key=lambda one: snapshot not in one.parts)

    @property
    def top(self) -> Path:
        """The folder."""
        return self.work.place(self.plan.repository)

    def versions(self) -> dict[str, str]:
        """That of pgBackRest."""
        try:
            said = self.work.run(["pgbackrest", "version"])
        except Failed:
            return {}
        found = re.search(r"pgBackRest (\S+)", said.text)
        return {"pgbackrest": found[1]} if found else {}

    def _backups(self) -> list[dict[str, Any]]:
        said = self._run(["info", "--output=json"], "no-snapshot")
        start = said.text.find("[{")
        try:
            found: Any = json.JSONDecoder().raw_decode(said.text[max(start, 0) :])[0]
            every = [backup for stanza in found for backup in stanza.get("backup", ())]
            states = [one["status"] for stanza in found for one in stanza.get("repo", ())]
        except (ValueError, AttributeError, KeyError):
            raise Failed("no-snapshot", f"pgBackRest lists no backups: {said.last_line}") from None
        for one in states:
            if one.get("code") == _OTHER:
                told = str(one.get("message"))
                raise Failed("said-damaged" if _DAMAGED.match(told) else "not-possible", f"pgbackrest info: {told}")
        return sorted(every, key=lambda one: int(one["timestamp"]["stop"]))

    def _segment_size(self, folder: Path) -> int:
        """Bytes of a segment of the log, which the control file says."""
        program = programs(self.work, version_of(folder)).path("pg_controldata")
        said = replace(self.work, env=plain(self.work)).run([program, str(folder)])
        checked(said, "fetch-failed", "pg_controldata")
        found = re.search(r"^Bytes per WAL segment: +([1-9]\d*)$", said.text, re.MULTILINE)
        if not found:
            raise Failed("fetch-failed", "the control file of the backup does not say how long a segment of the log is")
        return int(found[1])

    def _run(self, words: Sequence[str], reason: Reason) -> Answer:
        # As environment, options that a command does not take are passed over, and secrets of the plan's caller stay.
        env = {
            "PGBACKREST_CONFIG": str(self.work.place(self.plan.config)) if self.plan.config else "/dev/null",
            "PGBACKREST_STANZA": self.plan.stanza,
            "PGBACKREST_REPO1_PATH": str(self.top),
            "PGBACKREST_LOCK_PATH": str(self.work.scratch),
            "PGBACKREST_SPOOL_PATH": str(self.work.scratch),
            "PGBACKREST_JOB_RETRY": "0",  # it would read a damaged file of this disk again, for 40 s
            "PGBACKREST_LOG_LEVEL_FILE": "off",
            "PGBACKREST_LOG_LEVEL_CONSOLE": "warn",
        }
        said = self.work.run(["pgbackrest", *words], env)
        if said.exit:
            wrong = re.findall(r"ERROR: (?:\[\d+\]: )?(.+)", said.text)
            reason = "not-possible" if has_no_room(said.text) else reason
            raise Failed(reason, f"pgbackrest {words[0]}: {wrong[0] if wrong else said.last_line}", said.exit)
        return said


def _segments(first: str, last: str, size: int) -> Iterator[str]:
    """The names of the segments of the log from one to another, on one time line.

    https://www.postgresql.org/docs/current/wal-internals.html
    """
    start, end = _SEGMENT.fullmatch(first), _SEGMENT.fullmatch(last)
    if not start or not end:
        return
    each = _SPACE // size
    numbers = [int(one[2], 16) * each + int(one[3], 16) for one in (start, end)]
    for number in range(numbers[0], numbers[1] + 1):
        yield f"{start[1]}{number // each:08X}{number % each:08X}"

"""A repository of borg. Reading takes no lock; what borg notes of a repository lies in the scratch folder."""

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from svcops.recovery.interface import Answer, Failed, Snapshot, Work
from svcops.recovery.plan import BorgBackup, Reason
from svcops.recovery.repositories.local import copy_of, files_of
from svcops.store.frozen import frozen

_NOT_THE_BACKUP = re.compile(
    r"passphrase|Failed to create/acquire the lock|Connection closed by remote|No key file|Permission denied"
    r"|No space left",
    re.IGNORECASE,
)
_WARNING = 1
"""The exit code of borg where it went on in spite of something: a file came back with zeros for what is missing."""


@frozen
class Borg:
    """The repository of a plan."""

    plan: BorgBackup
    work: Work

    def snapshots(self) -> list[Snapshot]:
        """The archives that the plan's pattern names."""
        return [one for one in self._archives() if fnmatchcase(one.id, self.plan.archives)]

    def fetch(self, snapshot: str, folder: Path) -> None:
        """Extracted; Failed also where borg only warns."""
        said = self._run(["--bypass-lock", "extract", f"::{snapshot}"], "fetch-failed", cwd=folder)
        _check_nothing_is_damaged(said)

    def keep(self, folder: Path) -> Snapshot:
        """An archive with the folder as its top, by a name that the plan's pattern chooses."""
        stamp = f"svcops-{self.work.now().astimezone(UTC):%Y%m%dt%H%M%S.%fz}"
        name = self.plan.archives.replace("*", stamp, 1).replace("*", "")
        if not fnmatchcase(name, self.plan.archives) or name == self.plan.archives:
            raise Failed("not-possible", f"no new archive can be called {self.plan.archives}: the pattern has no *")
        said = self._run(["create", f"::{name}", "."], "not-possible", cwd=folder)
        found = next((one for one in self.snapshots() if one.id == name), None)
        if said.exit or found is None:
            raise Failed("not-possible", f"borg did not keep all of it: {said.last_line}", said.exit)
        return found

    def forget(self, snapshot: str) -> None:
        """Its data stays until the repository is compacted."""
        self._run(["delete", f"::{snapshot}"], "not-possible")

    def copied(self, to: Path) -> "Borg":
        """A copy of a repository that is a folder."""
        if not self.top.is_dir():
            raise Failed("not-possible", "the repository is no folder here, so damage cannot be done to a copy")
        copy_of(self.top, to, self.work, "the repository cannot be copied")
        return replace(self, plan=replace(self.plan, repository=str(to)))

    def files(self, snapshot: str) -> list[Path]:
        """Segments first. A copy holds no other archive then, as damage to those of another would show nothing."""
        others = [one.id for one in self._archives() if one.id != snapshot]
        if others and self.top.is_relative_to(self.work.scratch):
            for one in others:
                self.forget(one)
            self._run(["compact", "--threshold", "0"], "not-possible")
        return files_of(self.top, "data")

    @property
    def top(self) -> Path:
        """The folder, where it is one."""
        return self.work.place(self.plan.repository)

    def versions(self) -> dict[str, str]:
        """That of borg."""
        try:
            said = self.work.run(["borg", "--version"])
        except Failed:
            return {}
        found = re.search(r"borg (\S+)", said.text)
        return {"borg": found[1]} if found else {}

    def _archives(self) -> list[Snapshot]:
        said = self._run(["--bypass-lock", "list", "--json"], "no-snapshot")
        _check_nothing_is_damaged(said)
        start = said.text.find("{\n")
        try:
            found: Any = json.JSONDecoder().raw_decode(said.text[start:])[0]
            every = [Snapshot(one["name"], _time_of(one["start"])) for one in found["archives"]]
        except (ValueError, KeyError):
            raise Failed("no-snapshot", f"borg lists no archives: {said.last_line}") from None
        return sorted(every, key=lambda one: one.taken_at)

    def _run(self, words: Sequence[str], reason: Reason, cwd: Path | None = None) -> Answer:
        place = self.work.scratch / "borg"
        env = {
            "BORG_REPO": str(self.top) if self.top.is_dir() else self.plan.repository,
            "BORG_CACHE_DIR": str(place / "cache"),
            "BORG_SECURITY_DIR": str(place / "security"),
            "BORG_RELOCATED_REPO_ACCESS_IS_OK": "yes",
            "BORG_UNKNOWN_UNENCRYPTED_REPO_ACCESS_IS_OK": "yes",
            "TZ": "UTC",
        }
        said = self.work.run(["borg", *words], env, cwd)
        if said.exit not in (0, _WARNING):
            told = _error_of(said)
            raise Failed("not-possible" if _NOT_THE_BACKUP.search(told) else reason, f"borg: {told}", said.exit)
        return said


def _check_nothing_is_damaged(said: Answer) -> None:
    if said.exit == _WARNING:
        raise Failed("said-damaged", f"borg ended with a warning: {said.last_line}", said.exit)


def _time_of(text: str) -> datetime:
    """Borg 1 writes local times without an offset, and is told that it is in UTC."""
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _error_of(said: Answer) -> str:
    """The last line of a traceback, or the first that says what is wrong."""
    lines = [line.strip() for line in said.text.splitlines() if line.strip()]
    wrong = [
        line for line in lines if re.match(r"(borg\.\S+: |\S*Error|.* does not exist|Repository |Data integrity)", line)
    ]
    return wrong[0] if wrong else said.last_line

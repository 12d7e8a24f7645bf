"""A repository of restic. It is only read, without a lock and without a cache, but where a snapshot is kept.

restic tries again by itself where a repository does not answer, for a lock up to 45 s and more: the limit of the stage
holds for all of its tries.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from svcops.recovery.interface import Answer, Failed, Snapshot, Work
from svcops.recovery.plan import Reason, ResticBackup
from svcops.recovery.repositories.local import copy_of, files_of
from svcops.store.frozen import frozen
from svcops.timing.model import parse_instant

_NOT_THE_BACKUP = re.compile(
    r"wrong password|no password|empty password|password file|RESTIC_PASSWORD|resolving password"
    r"|connection refused|no such host|i/o timeout"
    r"|permission denied|already locked|no space left",
    re.IGNORECASE,
)
"""What says nothing of the backup, but of the way there."""
_SAID_DAMAGED = re.compile(
    r"ignoring error for|ciphertext verification failed|is damaged|does not match"
    r"|(?:could not|unable to) load|invalid data returned|^panic: ",
    re.IGNORECASE,
)
"""What means damage of the backup, also where restic goes on without what it could not load, and ends with 0."""


@frozen
class Restic:
    """The repository of a plan."""

    plan: ResticBackup
    work: Work

    def snapshots(self) -> list[Snapshot]:
        """Those of the plan's host with all of its tags; Failed where it said that it could not load one of them.

        Which one that is, and how old, nobody knows: the latest of the others would be taken for the latest.
        """
        chosen = ["--tag", ",".join(self.plan.tags)] if self.plan.tags else []
        chosen += ["--host", self.plan.host] if self.plan.host else []
        said = self._run(["snapshots", "--json", "--no-lock", *chosen], "no-snapshot")
        _check_nothing_is_damaged(said)
        every = [Snapshot(one["id"], parse_instant(one["time"])) for one in _listed(said)]
        return sorted(every, key=lambda one: one.taken_at)

    def fetch(self, snapshot: str, folder: Path) -> None:
        """Restored, with the digests of all that is read; Failed also where it only says what it could not restore."""
        said = self._run(["restore", snapshot, "--no-lock", "--target", str(folder)], "fetch-failed")
        _check_nothing_is_damaged(said)

    def keep(self, folder: Path) -> Snapshot:
        """Backed up with the folder as the top, and with the tags and the host that the plan chooses by."""
        named = [word for tag in self.plan.tags for word in ("--tag", tag)]
        named += ["--host", self.plan.host] if self.plan.host else []
        said = self._run(["backup", "--json", "--force", *named, "."], "not-possible", cwd=folder)
        summary = next((one for one in _json_lines(said) if one.get("message_type") == "summary"), {})
        id_ = str(summary.get("snapshot_id", ""))
        found = next((one for one in self.snapshots() if id_ and one.id.startswith(id_)), None)
        if found is None:
            raise Failed("not-possible", f"restic said nothing of a snapshot: {said.last_line}")
        return found

    def forget(self, snapshot: str) -> None:
        """Its data stays until the repository is pruned."""
        self._run(["forget", snapshot], "not-possible")

    def copied(self, to: Path) -> "Restic":
        """A copy of a repository that is a folder."""
        if not self.top.is_dir():
            raise Failed("not-possible", "the repository is no folder here, so damage cannot be done to a copy")
        copy_of(self.top, to, self.work, "the repository cannot be copied")
        return replace(self, plan=replace(self.plan, repository=str(to)))

    def files(self, snapshot: str) -> list[Path]:
        """Packs first. A copy holds no other snapshot then, as damage to those of another would show nothing."""
        listed = _listed(self._run(["snapshots", "--json", "--no-lock"], "not-possible"))
        others = [one["id"] for one in listed if one["id"] != snapshot]
        if others and self.top.is_relative_to(self.work.scratch):
            self._run(["forget", *others], "not-possible")
            self._run(["prune", "--max-unused", "0"], "not-possible")
        return files_of(self.top, "data")

    @property
    def top(self) -> Path:
        """The folder, where it is one."""
        return self.work.place(self.plan.repository.removeprefix("local:"))

    def versions(self) -> dict[str, str]:
        """That of restic."""
        try:
            said = self.work.run(["restic", "version"])
        except Failed:
            return {}
        found = re.search(r"restic (\S+)", said.text)
        return {"restic": found[1]} if found else {}

    def _run(self, words: Sequence[str], reason: Reason, cwd: Path | None = None) -> Answer:
        # The repository goes by the environment: its address may hold a password, which arguments would show.
        is_here = self.top.is_dir()
        env = {"RESTIC_REPOSITORY": str(self.top) if is_here else self.plan.repository, "RESTIC_REPOSITORY_FILE": ""}
        env |= {"RESTIC_PROGRESS_FPS": "0.01", "LC_ALL": "C"}
        if self.plan.password_file:
            env |= {
                "RESTIC_PASSWORD_FILE": str(self.work.place(self.plan.password_file)),
                "RESTIC_PASSWORD_COMMAND": "",
            }
        said = self.work.run(["restic", "--no-cache", *words], env, cwd)
        if said.exit:
            told = _error_of(said)
            if reason == "no-snapshot" and _SAID_DAMAGED.search(told):
                reason = "said-damaged"
            raise Failed("not-possible" if _NOT_THE_BACKUP.search(told) else reason, f"restic: {told}", said.exit)
        return said


def _error_of(said: Answer) -> str:
    """What went wrong first, as later lines only count it."""
    lines = [line.strip() for line in said.text.splitlines()]
    wrong = [line for line in lines if line.startswith(("Fatal:", "panic:", "ignoring error", "error", "unable to"))]
    return wrong[0] if wrong else said.last_line


def _check_nothing_is_damaged(said: Answer) -> None:
    if match := _SAID_DAMAGED.search(said.text):
        line = _line_of(said.text, match)
        reason: Reason = "not-possible" if _NOT_THE_BACKUP.search(line) else "said-damaged"
        raise Failed(reason, f"restic ended with 0, and said: {line}", 0)


def _line_of(text: str, match: re.Match[str]) -> str:
    start = text.rfind("\n", 0, match.start()) + 1
    return text[start:].partition("\n")[0].strip()


def _json_lines(said: Answer) -> list[dict[str, Any]]:
    found = []
    for line in said.text.splitlines():
        if line.startswith("{"):
            try:
                found.append(json.loads(line))
            except ValueError:
                continue
    return found


def _listed(said: Answer) -> list[dict[str, Any]]:
    """The JSON of a line that begins as a list: warnings come on the same stream. Failed where there is none."""
    for line in said.text.splitlines():
        if line.startswith("["):
            try:
                found: list[dict[str, Any]] = json.loads(line)
            except ValueError:
                continue
            return found
    if "null" in said.text.splitlines():  # so restic writes a list of none
        return []
    raise Failed("no-snapshot", f"restic lists no snapshots: {said.last_line}")

"""Any other tool: commands of the plan list snapshots, bring one, and keep one, told what to do by the environment."""

from dataclasses import replace
from pathlib import Path

from svcops.recovery.interface import Answer, Failed, Snapshot, Work, says_nothing_of_the_backup
from svcops.recovery.plan import Argv, CommandBackup, Reason
from svcops.recovery.repositories.local import copy_of
from svcops.store.frozen import frozen
from svcops.timing.model import parse_instant


@frozen
class Commands:
    """The commands of a plan."""

    plan: CommandBackup
    work: Work

    def snapshots(self) -> list[Snapshot]:
        """A line each: id and time, with a tab between.

        Failed (not-possible) where nobody could look, or a line is none; a folder that is not there holds no snapshot.
        """
        if self.plan.repository is not None and not self.top.exists():
            raise Failed("no-snapshot", f"{self.plan.repository} is not there")
        said = self._run(self.plan.list, "not-possible", is_data=True)
        found = [_snapshot(line) for line in said.text.splitlines() if line.strip()]
        return sorted(found, key=lambda one: one.taken_at)

    def fetch(self, snapshot: str, folder: Path) -> None:
        """By the command, into the folder that it is told."""
        self._run(self.plan.fetch, "fetch-failed", SVCOPS_SNAPSHOT=snapshot, SVCOPS_FOLDER=str(folder))

    def keep(self, folder: Path) -> Snapshot:
        """By the command; its last line is the id."""
        if not self.plan.keep:
            raise Failed("not-possible", "the plan has no command that keeps a snapshot (backup.keep)")
        said = self._run(self.plan.keep, "not-possible", is_data=True, SVCOPS_FOLDER=str(folder))
        found = next((one for one in self.snapshots() if one.id == said.last_line), None)
        if found is None:
            raise Failed("not-possible", f"{self.plan.keep[0]} said {said.last_line!r}, and no snapshot has that id")
        return found

    def forget(self, snapshot: str) -> None:
        """There is no command for it."""
        raise Failed("not-possible", f"no command of the plan takes a snapshot away, such as {snapshot}")

    def copied(self, to: Path) -> "Commands":
        """A copy of the folder that the plan names; commands are told it."""
        if self.plan.repository is None or not self.top.is_dir():
            raise Failed("not-possible", "backup.repository names no folder here that could be copied")
        copy_of(self.top, to, self.work, f"{self.plan.repository} cannot be copied")
        return replace(self, plan=replace(self.plan, repository=str(to)))

    def files(self, snapshot: str) -> list[Path]:
        """Every file of the repository, the largest first; before the others those whose path has the snapshot's id.

        In which files it lies only the tool knows.
        """
        every = [one for one in self.top.rglob("*") if one.is_file() and not one.is_symlink()]
        named = {one: snapshot in one.relative_to(self.top).as_posix() for one in every}
        return sorted(every, key=lambda one: (not named[one], -one.stat().st_size, str(one)))

    @property
    def top(self) -> Path:
        """The folder that the plan names."""
        return self.work.place(self.plan.repository or "")

    def versions(self) -> dict[str, str]:
        """Nobody knows how these commands are asked."""
        return {}

    def _run(self, argv: Argv, reason: Reason, *, is_data: bool = False, **env: str) -> Answer:
        place = {"SVCOPS_REPOSITORY": str(self.top)} if self.plan.repository else {}
        said = self.work.run(argv, {**place, **env}, is_data=is_data)
        if said.exit:
            known: Reason = "not-possible" if says_nothing_of_the_backup(said.text) else reason
            raise Failed(known, f"{argv[0]} ended with {said.exit}: {said.last_line}", said.exit)
        return said


def _snapshot(line: str) -> Snapshot:
    name, _, time = line.strip().partition("\t")
    if not name.isprintable():
        raise Failed("not-possible", f"a line of the list has an id that cannot be shown: {line!r}")
    try:
        return Snapshot(name, parse_instant(time.strip()))
    except ValueError as error:
        raise Failed(
            "not-possible", f"a line of the list is no id and time with a tab between: {line!r}: {error}"
        ) from None

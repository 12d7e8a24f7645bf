"""Any other data: commands of the plan take it in, load it, and say what it is, told folders by the environment."""

import re
from pathlib import Path

from svcops.recovery.data.files import change_first_byte, has_content
from svcops.recovery.fingerprints import fingerprint_of
from svcops.recovery.interface import Answer, Failed, Work, says_nothing_of_the_backup
from svcops.recovery.model import Fingerprint, Part
from svcops.recovery.plan import Argv, CommandData, Reason

_MOST_TRIED = 50
"""Files that are changed, one after the other, to find one that is of the data."""


class Commands:
    """The commands of a plan."""

    def __init__(self, plan: CommandData, work: Work) -> None:
        self.plan = plan
        self.work = work
        self._loaded: Path | None = None

    def export(self, folder: Path) -> Fingerprint:
        """By the command; its fingerprint is that of what it wrote, loaded from there."""
        self._run(self.plan.export, "not-possible", folder)
        try:
            self.load(folder)
            return self.fingerprint()
        finally:
            self.stop()

    def load(self, folder: Path) -> None:
        """By the command, where there is one."""
        if self.plan.load:
            self._run(self.plan.load, "load-failed", folder)
        self._loaded = folder

    def fingerprint(self) -> Fingerprint:
        """A line a part; Failed at a line that is none, and where there is none at all."""
        assert self._loaded, "it is loaded first"
        said = self._run(self.plan.fingerprint, "load-failed", self._loaded, is_data=True)
        lines = [line for line in said.text.splitlines() if line.strip()]
        if not lines:
            raise Failed("load-failed", f"{self.plan.fingerprint[0]} names no part of {self.plan.name}")
        return fingerprint_of(self.plan.name, [_part(line) for line in lines])

    def stop(self) -> None:
        """What a command left running is ended with the drill."""
        self._loaded = None

    def change_one_value(self, folder: Path) -> str:
        """The first byte of the first file by which its fingerprint is another: others may be of other data."""
        before = self._found_in(folder)
        for path in [one for one in sorted(folder.rglob("*")) if has_content(one)][:_MOST_TRIED]:
            told = change_first_byte(folder, path)
            now = self._found_in(folder)
            if before and now and now.digest != before.digest:
                return told
            change_first_byte(folder, path)
        raise Failed("not-possible", f"no file is known by which {self.plan.name} would be another")

    def _found_in(self, folder: Path) -> Fingerprint | None:
        try:
            self.load(folder)
            return self.fingerprint()
        except Failed:
            return None
        finally:
            self.stop()

    def versions(self) -> dict[str, str]:
        """Nobody knows how these commands are asked."""
        return {}

    def _run(self, argv: Argv, reason: Reason, folder: Path, *, is_data: bool = False) -> Answer:
        said = self.work.run(argv, {"SVCOPS_FOLDER": str(folder)}, is_data=is_data)
        if said.exit:
            known: Reason = "not-possible" if says_nothing_of_the_backup(said.text) else reason
            raise Failed(known, f"{argv[0]} ended with {said.exit}: {said.last_line}", said.exit)
        return said


def _part(line: str) -> Part:
    name, count, digest, *_ = [*line.split("\t"), "", ""]
    digest = digest.strip().removeprefix("sha256:")
    if not (name.strip() and re.fullmatch("[0-9]{1,18}", count) and re.fullmatch("[0-9a-f]{64}", digest)):
        raise Failed("load-failed", f"a line of a fingerprint is no name, count and SHA-256 with tabs: {line!r}")
    return Part(name=name, count=int(count), digest=f"sha256:{digest}")

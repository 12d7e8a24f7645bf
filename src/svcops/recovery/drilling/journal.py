"""A drill that is not over: a folder below the git directory, with a line an event, on the disk before work goes on.

Whoever runs it holds its lock, which the system takes away with the process: a drill that nobody holds was
interrupted, and becomes evidence that says so.
"""

import json
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from shutil import rmtree
from typing import Any

from svcops.errors import NotDone
from svcops.recovery.model import CaseResult, Evidence, Fault, StageResult
from svcops.store.lock import CannotWrite

RECORD = "evidence.yaml"


class Goes(NotDone):
    """A drill of the plan is at work."""

    def __init__(self, plan: str) -> None:
        super().__init__(
            f"a drill or a baseline of {plan} goes on in another process: two at once would measure each other",
            help="Wait for its end; svcops drill list says what came of it.",
        )


class Journal:
    """One drill. `base` is its evidence as far as it is known at the start."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.id = folder.name
        self.plain: dict[str, Any] = {}
        """The evidence as far as it was known at the start, as plain data."""
        self.scratch = ""
        self.stages: list[dict[str, Any]] = []
        self.faults: list[dict[str, Any]] = []
        self.cases: list[dict[str, Any]] = []
        self.over: dict[str, Any] = {}
        """The whole evidence, as plain data, where the drill is over and not recorded yet."""
        self.begun = ""
        """The stage that was begun and not ended."""
        self.last_at = ""
        """When it was last heard of."""

    @property
    def logs(self) -> Path:
        """Where what is said is kept."""
        return self.folder / "logs"

    def begin(self, base: Evidence, scratch: Path, at: str) -> None:
        """The drill begins."""
        from svcops.store.yaml_writing import plain_of

        try:
            self.logs.mkdir(parents=True)
        except OSError as error:
            raise CannotWrite(self.folder, error) from None
        self.add("drill", evidence=plain_of(base), scratch=str(scratch), at=at)

    def begin_stage(self, name: str, at: str) -> None:
        """A stage is about to begin."""
        self.add("begin", stage=name, at=at)

    def end_stage(self, result: StageResult, faults: Sequence[Fault], at: str) -> None:
        """A stage is over."""
        from svcops.store.yaml_writing import plain_of

        self.add("end", result=plain_of(result), faults=[plain_of(one) for one in faults], at=at)

    def end_case(self, result: CaseResult, at: str) -> None:
        """A damage case is over."""
        from svcops.store.yaml_writing import plain_of

        self.add("case", result=plain_of(result), at=at)

    def end(self, evidence: Evidence, at: str) -> None:
        """The drill is over, and came to this, whatever becomes of its record."""
        from svcops.store.yaml_writing import plain_of

        self.add("over", evidence=plain_of(evidence), at=at)

    def add(self, what: str, **content: Any) -> None:
        """Write an event, and have it on the disk; CannotWrite where that is full."""
        line = json.dumps({"what": what, **content}) + "\n"
        try:
            with (self.folder / "journal").open("a", encoding="utf-8") as file:
                file.write(line)
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise CannotWrite(self.folder / "journal", error) from None
        self._take(what, content)

    def read(self) -> bool:
        """Take in what is written; whether that is a drill. A last line that broke off does not count."""
        try:
            text = (self.folder / "journal").read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            return False
        for line in text[: text.rfind("\n") + 1].splitlines():
            with suppress(ValueError, KeyError, TypeError, AttributeError):  # what somebody else wrote there
                content = json.loads(line)
                self._take(content.pop("what"), content)
        return bool(self.plain)

    def _take(self, what: str, content: dict[str, Any]) -> None:
        self.last_at = content["at"]
        if what == "drill":
            self.plain, self.scratch = content["evidence"], content["scratch"]
        elif what == "begin":
            self.begun = content["stage"]
        elif what == "end":
            self.begun = ""
            self.stages.append(content["result"])
            self.faults = content["faults"]
        elif what == "over":
            self.over = content["evidence"]
        elif what == "case":
            self.cases.append(content["result"])

    def kept_logs(self) -> dict[str, bytes]:
        """What was said, by the path beside the record."""
        return {f"logs/{one.name}": one.read_bytes() for one in sorted(self.logs.glob("*.txt"))}

    def forget(self) -> None:
        """It is recorded."""
        rmtree(self.folder, ignore_errors=True)


def left(drills: Path) -> Iterable[Journal]:
    """Drills that are not recorded, in the order of their ids."""
    for folder in sorted(drills.iterdir()) if drills.is_dir() else ():
        if folder.is_dir():
            yield Journal(folder)


@contextmanager
def held(drills: Path, name: str) -> Iterator[bool]:
    """Hold the lock of a plan, or the one of closing; whether nobody else does."""
    import fcntl

    try:
        drills.mkdir(parents=True, exist_ok=True)
        lock = os.open(drills / f"{name}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise CannotWrite(drills, error) from None
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
    finally:
        os.close(lock)

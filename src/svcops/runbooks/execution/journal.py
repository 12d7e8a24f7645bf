"""A run that is not over: a folder below the git directory, with a line an event, on the disk before work goes on.

It holds the runbook's text as it was, and what each step said. Whoever runs it holds its lock, which the system takes
away with the process: a run that nobody holds was left, and can be taken up.
"""

import json
import os
import re
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from shutil import rmtree
from typing import IO, Any

from svcops.errors import NotDone, Refused
from svcops.runbooks.model import StepResult
from svcops.store.frozen import frozen
from svcops.store.lock import CannotWrite
from svcops.timing.model import parse_instant

_LONGEST = 96
"""Bytes of the name of a step's files; what follows them takes four more."""
_TIMES = ("started_at", "ended_at")


@frozen
class Head:
    """What is said of a run at its start."""

    id: str
    """That of its exercise."""
    runbook: str
    blob: str
    by: str
    started_at: str
    mode: str
    incident: str
    only: tuple[str, ...]
    """The steps that are run; the others are left out. Empty for all."""
    why_only: str = ""


class Journal:
    """One run. `results` are of the steps that are over; `begun` is one that may have run, and nobody knows."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._lock: int | None = None
        self._file: IO[str] | None = None
        self.head: Head
        self.results: dict[str, StepResult] = {}
        self.attempts: dict[str, int] = {}
        self.begun = ""
        self.began_at = ""
        self.variables: dict[str, str] = {}
        self.not_kept: set[str] = set()
        """Variables whose values are secret, so they are not in the journal."""
        self.mode = ""
        """How it is run by now: one that stopped without a person may be taken up by one."""
        self.rolls_back = False
        self.told = False
        """Whether the incident's timeline tells of its start."""
        self.over: dict[str, str] = {}
        """How and when it ended, where it did, and is not recorded yet."""

    @property
    def text(self) -> str:
        """The runbook as it was when the run began."""
        return (self.folder / "runbook.md").read_text(encoding="utf-8")

    @property
    def outputs(self) -> tuple[str, ...]:
        """What steps that are over said: the files, as their results name them."""
        return tuple(one.output for one in self.results.values() if one.output)

    def output_of(self, step: str) -> Path:
        """Where what a step said is kept."""
        return self.folder / "output" / f"{step}.txt"

    def add(self, what: str, **content: Any) -> None:
        """Write an event, and have it on the disk; CannotWrite where that is full."""
        assert self._file
        try:
            self._file.write(json.dumps({"what": what, **content}) + "\n")
            self._file.flush()
            os.fsync(self._file.fileno())
        except OSError as error:
            raise CannotWrite(self.folder / "journal", error) from None
        self._take(what, content)

    def begin(self, step: str, at: str) -> None:
        """A step's command is about to be run."""
        self.add("begin", step=step, at=at)

    def end(self, result: StepResult) -> None:
        """A step is over."""
        from svcops.store.yaml_writing import plain_of

        self.add("end", result=plain_of(result))

    def close(self, *, keep: bool = True) -> None:
        """Let go of the run; without `keep` it is gone."""
        if not keep:
            rmtree(self.folder, ignore_errors=True)
        if self._file:
            self._file.close()
        self._let_go()

    def read(self) -> bool:
        """Take in what is written; whether that is the journal of a run. A last line that broke off does not count."""
        try:
            text = (self.folder / "journal").read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            return False
        whole = text[: text.rfind("\n") + 1]
        for line in whole.splitlines():
            with suppress(ValueError, KeyError, TypeError, AttributeError):  # a line that somebody damaged
                content = json.loads(line)
                self._take(content.pop("what"), content)
        return hasattr(self, "head")

    def _take(self, what: str, content: dict[str, Any]) -> None:
        if what == "run":
            self.head = Head(**{**content, "only": tuple(content["only"])})
            self.mode = self.head.mode
        elif what == "begin":
            self.begun, self.began_at = content["step"], content["at"]
            self.attempts[self.begun] = self.attempts.get(self.begun, 0) + 1
        elif what == "end":
            result = _result(content["result"])
            self.results[result.step] = result
            self.begun = "" if result.step == self.begun else self.begun
        elif what == "again":
            self.results.pop(content["step"], None)
            self.begun = ""
        elif what == "variables":
            self.variables |= content["values"]
            self.not_kept |= set(content["secret"])
        elif what == "mode":
            self.mode = content["mode"]
        elif what == "rollback":
            self.rolls_back = True
        elif what == "told":
            self.told = True
        elif what == "over":
            self.over = content

    def lock(self) -> bool:
        """Hold it; False where another process does."""
        import fcntl

        held = os.open(self.folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(held)
            return False
        self._lock = held
        return True

    @property
    def is_held(self) -> bool:
        """Whether another process is at it."""
        if not self.lock():
            return True
        self._let_go()
        return False

    def _let_go(self) -> None:
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def open(self) -> None:
        """Be able to add to it; a last line that broke off is taken away."""
        path = self.folder / "journal"
        whole = path.read_bytes()
        os.truncate(path, whole.rfind(b"\n") + 1)
        self._file = path.open("a", encoding="utf-8")


def begin(runs: Path, head: Head, text: str) -> Journal:
    """A new run."""
    from dataclasses import asdict

    folder = runs / head.id
    runs.mkdir(parents=True, exist_ok=True)
    folder.mkdir(mode=0o700)  # what steps hand on is nobody else's business
    (folder / "output").mkdir()
    journal = Journal(folder)
    journal.lock()
    (folder / "runbook.md").write_text(text, encoding="utf-8", newline="")
    journal._file = (folder / "journal").open("a", encoding="utf-8")  # noqa: SLF001 - the two are one
    journal.add("run", **asdict(head))
    return journal


def left(runs: Path, runbook: str = "") -> list[Journal]:
    """Runs that are not over and not recorded, of a runbook or of all, the oldest first."""
    found = []
    for folder in sorted(runs.iterdir()) if runs.is_dir() else ():
        journal = Journal(folder)
        if journal.read() and runbook in ("", journal.head.runbook):
            found.append(journal)
    return sorted(found, key=lambda one: parse_instant(one.head.started_at))


def take_up(runs: Path, runbook: str) -> Journal:
    """The last run of a runbook that was left; Refused where there is none, NotDone where somebody is at it."""
    found = left(runs, runbook)
    if not found:
        raise Refused(f"no run of {runbook} was left", help=f"svcops runbook run {runbook} begins one.")
    journal = found[-1]
    if not journal.lock():
        raise NotDone(f"the run {journal.head.id} goes on in another process", help="End that one first.")
    journal.open()
    return journal


def _result(plain: dict[str, Any]) -> StepResult:
    given: dict[str, Any] = {name: parse_instant(value) if name in _TIMES else value for name, value in plain.items()}
    return StepResult(**given)


def safe_name(step: str) -> str:
    """The name of a step as that of a file, no other step's: letters that a file system may not have are left out.

    With `.txt` behind it has at most 100 bytes; where more would be needed, a digest stands for the end.
    """
    from hashlib import sha256

    name = re.sub(r"[^\w.-]+", "-", step)
    if len(name.encode()) <= _LONGEST:
        return name
    digest = sha256(step.encode()).hexdigest()[:12]
    return f"{name.encode()[: _LONGEST - 13].decode(errors='ignore')}-{digest}"


def moment_of(text: str) -> datetime:
    """A time as the journal holds it."""
    return parse_instant(text)

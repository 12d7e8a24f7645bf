"""Running what one step says: its commands, what they said, what they leave to later steps."""

import codecs
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from svcops.runbooks.execution.journal import safe_name
from svcops.runbooks.execution.judging import captured, fault
from svcops.runbooks.masking import Masker, secrets_of
from svcops.runbooks.processes import Command, Ended, Keeper
from svcops.runbooks.step_settings import StepSettings
from svcops.store.frozen import frozen
from svcops.store.lock import CannotWrite
from svcops.terminal.session import printable

if TYPE_CHECKING:
    from svcops.runbooks.structure import Step

MOST_KEPT = 5_000_000
"""Bytes of what a step said that are kept, and judged; the rest is counted."""
_OF_THE_SHELL = frozenset({"_", "PWD", "OLDPWD", "SHLVL", "BASH_ENV"})
"""Variables that a shell sets by itself."""
_WRAPPER = "trap 'command env -0 >{exports} || :' EXIT\n. {script}"
"""Runs a script and keeps what it exports, however it ends; the script has the lines that errors name."""


@frozen
class Tried:
    """What became of one try of a step."""

    ended: Ended
    reason: str
    """Why a program knows that it is not as expected; empty where it does not."""
    values: Mapping[str, str]
    """What later steps are given by it."""


class Runner:
    """Runs steps, each with what the earlier ones left; what they say is shown as it comes, and kept, both masked."""

    def __init__(
        self,
        keeper: Keeper,
        scratch: Path,
        cwd: Path,
        env: Mapping[str, str],
        secrets: tuple[str, ...],
        show: Callable[[str], None],
    ) -> None:
        self._keeper = keeper
        self._scratch = scratch
        self._cwd = cwd
        self._named = secrets
        self._show = show
        self.env = dict(env)
        self.masker = Masker({})
        self.learn({})

    def learn(self, values: Mapping[str, str]) -> None:
        """Give values to the later steps, and mask those that are secret from now on."""
        self.env |= values
        self.masker = Masker(secrets_of(self.env, self._named))

    def is_secret(self, name: str) -> bool:
        """Whether the value of a variable is masked."""
        return bool(secrets_of({name: "set"}, self._named))

    def run(self, step: "Step", settings: StepSettings | None, kept: Path) -> Tried:
        """Try a step once; what it says is added to the file `kept`."""
        captures = (settings.capture if settings else None) or {}
        holds_back = any(map(self.is_secret, captures))
        said = _Said(self.masker, None if holds_back else self._show)
        before = dict(self.env)
        ended, reason, values = None, "", dict[str, str]()
        with _adding(kept) as file:
            commands = list(self._commands(step, settings))
            for number, argv in enumerate(commands, 1):
                exports = self._scratch / f"exports-{number}"
                one = Command(argv, {**before, **values}, self._cwd, (settings or StepSettings()).limit)
                ended = self._keeper.run(one, lambda data: file.write(said.take(data)))
                values |= _exported(exports, {**before, **values})
                is_last = number == len(commands)
                reason = fault(ended, said.text, settings if is_last else None)
                if reason:
                    break
            assert ended, "a step that is run has a command"
            file.write(said.rest())
        said.end_line()
        if captures and not reason:
            taken, reason = captured(said.text, captures)
            values |= taken
        self.learn(values)
        _mask_again(kept, self.masker)
        if holds_back:
            self._show(kept.read_text(encoding="utf-8", errors="replace"))
        return Tried(ended, self.masker.mask(printable(reason)), values)

    def _commands(self, step: "Step", settings: StepSettings | None) -> Iterator[tuple[str, ...]]:
        """The argument lists of a step, one after the other."""
        from shlex import quote

        if settings and settings.argv:
            yield settings.argv
            return
        for number, code in enumerate(step.commands, 1):
            name = safe_name(step.name)
            script = self._scratch / (name if len(step.commands) == 1 else f"{name}.{number}")
            script.write_text(code.text, encoding="utf-8")
            exports = self._scratch / f"exports-{number}"
            text = _WRAPPER.format(exports=quote(str(exports)), script=quote(str(script)))
            yield ("bash", "-euo", "pipefail", "-c", text)


class _Said:
    """What a step says: to be shown and kept masked, and as it is for who judges."""

    def __init__(self, masker: Masker, show: Callable[[str], None] | None) -> None:
        self._masker = masker
        self._show = show
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._raw = bytearray()
        self._kept = 0
        self._more = 0
        self._last = "\n"

    @property
    def text(self) -> str:
        """As it is, secrets and all."""
        return self._raw.decode("utf-8", "replace")

    def take(self, data: bytes) -> bytes:
        """Show what came; what of it is to be kept."""
        self._raw += data[: MOST_KEPT - len(self._raw)]
        return self._masked(self._masker.feed(data))

    def rest(self) -> bytes:
        """The end of it."""
        last = self._masked(self._masker.rest())
        return last + (b"\n[%d more bytes were not kept]\n" % self._more if self._more else b"")

    def end_line(self) -> None:
        """So that what is shown next begins on a line of its own."""
        if self._show and self._last != "\n":
            self._show("\n")

    def _masked(self, data: bytes) -> bytes:
        text = self._decoder.decode(data)
        if self._show and text:
            self._show(text)
            self._last = text[-1]
        keep = data[: max(0, MOST_KEPT - self._kept)]
        self._kept += len(keep)
        self._more += len(data) - len(keep)
        return keep


class _Adding:
    """A file that is added to."""

    def __init__(self, fd: int) -> None:
        self._fd = fd

    def write(self, data: bytes) -> None:
        """All of it; OSError where it does not get there."""
        while data:
            data = data[os.write(self._fd, data) :]


@contextmanager
def _adding(path: Path) -> Iterator[_Adding]:
    """A file that is added to, and on the disk at the end; CannotWrite where it is not."""
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    try:
        yield _Adding(fd)
        os.fsync(fd)
    except OSError as error:
        raise CannotWrite(path, error) from None
    finally:
        os.close(fd)


def _exported(path: Path, before: Mapping[str, str]) -> dict[str, str]:
    """What a script exports that it was not given, or with another value."""
    try:
        text = os.fsdecode(path.read_bytes())
    except FileNotFoundError:  # it was ended from outside, or is no script
        return {}
    path.unlink()
    found = dict(one.partition("=")[::2] for one in text.split("\0") if "=" in one)
    return {
        name: value
        for name, value in found.items()
        if name not in _OF_THE_SHELL and not name.startswith("BASH_FUNC_") and before.get(name) != value
    }


def _mask_again(path: Path, masker: Masker) -> None:
    """Mask in a file what is known to be secret only now; anew beside it, so that nothing is lost on a full disk."""
    data = path.read_bytes()
    masked = masker.feed(data) + masker.rest()
    if masked != data:
        beside = path.with_suffix(".new")
        beside.write_bytes(masked)
        os.replace(beside, path)

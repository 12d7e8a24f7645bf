"""Running what one step says: its commands, what they said, what they leave to later steps."""

import codecs
import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from svcops.runbooks.execution import matching
from svcops.runbooks.execution.journal import safe_name
from svcops.runbooks.execution.judging import NotCompared, Search, captured, cut, fault, missing, written_forms
from svcops.runbooks.execution.scripts import Script
from svcops.runbooks.masking import Masker, secrets_of
from svcops.runbooks.processes import Command, Ended, Keeper
from svcops.runbooks.step_settings import Capture, StepSettings
from svcops.store.frozen import frozen
from svcops.store.lock import CannotWrite
from svcops.terminal.session import printable

if TYPE_CHECKING:
    from svcops.runbooks.structure import Step

MOST_KEPT = 5_000_000
"""Bytes of what a step said that are kept, and judged; the rest is counted."""
_NOT_STARTED = (126, 127)
"""Exit codes of what could not be run."""


@frozen
class Tried:
    """What became of one try of a step."""

    ended: Ended
    reason: str
    """Why a program knows that it is not as expected; empty where it does not."""
    values: Mapping[str, str]
    """What later steps are given by it."""
    is_broken: bool
    """Whether it says nothing of what it looks at: it was ended, was not started, or has no value for a capture."""


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
        warn: Callable[[str], None],
    ) -> None:
        self._keeper = keeper
        self._scratch = scratch
        self._cwd = cwd
        self._named = secrets
        self._show = show
        self._warn = warn
        self._written: dict[str, str] = {}
        """Other forms in which values stood that are secret."""
        self.env = dict(env)
        self.masker = Masker({})
        self.learn({})

    def learn(self, values: Mapping[str, str]) -> None:
        """Give values to the later steps, and mask those that are secret from now on."""
        self.env |= values
        self.masker = Masker({**secrets_of(self.env, self._named), **self._written})

    def is_secret(self, name: str) -> bool:
        """Whether the value of a variable is masked."""
        return bool(secrets_of({name: "set"}, self._named))

    def run(self, step: "Step", settings: StepSettings | None, kept: Path) -> Tried:
        """Try a step once; what it says is added to the file `kept`."""
        captures = (settings.capture if settings else None) or {}
        holds_back = any(map(self.is_secret, captures))
        said = _Said(self.masker, None if holds_back else self._show)
        with _adding(kept) as file:
            ended, reason, values, is_broken = self._commands(step, settings, said, file)
            file.write(said.rest())
        said.end_line()
        try:
            if settings and not reason:
                reason = missing(said.text, said.output, settings, self._searching(settings))
            if captures and not is_broken:  # also where it found what is wrong: what is done about that needs them
                taken, lacking = captured(said.output, captures, self._searching(settings))
                reason, is_broken = reason or lacking, bool(lacking) and not reason
                values |= taken
                self._learn_written(said.output, captures, taken)
            if reason and said.is_cut and ended.exit == (settings.exit if settings else 0):
                reason += f", in the first {MOST_KEPT:,} bytes: what came after was not compared"
                is_broken = True
        except NotCompared as error:
            reason, is_broken = str(error), True
        self.learn(values)
        self.mask_again(kept)
        if holds_back:
            self._show(kept.read_text(encoding="utf-8", errors="replace"))
        self._tell_too_short(values)
        return Tried(ended, cut(self.masker.mask(printable(reason))), values, is_broken)

    def mask_again(self, path: Path) -> None:
        """Mask in a file what is known to be secret only now; beside it, so that nothing is lost on a full disk."""
        data = path.read_bytes()
        masker = self.masker.anew()
        masked = masker.feed(data) + masker.rest()
        if masked != data:
            beside = path.with_suffix(".new")
            beside.write_bytes(masked)
            os.replace(beside, path)

    def _commands(
        self, step: "Step", settings: StepSettings | None, said: "_Said", file: "_Adding"
    ) -> tuple[Ended, str, dict[str, str], bool]:
        """Run the commands of a step, within its limit all together, until one does not end as it should.

        How the last of them ended, why not as it should, what they export, and whether that says nothing.
        """
        known = settings or StepSettings()

        def take(data: bytes, *, is_error: bool = False) -> None:
            file.write(said.take(data, is_error=is_error))

        end = time.monotonic() + known.limit.total_seconds()
        argv = [known.argv] if known.argv else []
        commands = [] if argv else step.commands
        values = dict[str, str]()
        ended, reason, why, lacks = None, "", "", False
        for number in range(1, len(argv or commands) + 1):
            name = f"{safe_name(step.name)}.{number}"
            script = None if argv else Script(self._scratch, name, commands[number - 1].text)
            left = max(timedelta(milliseconds=1), timedelta(seconds=end - time.monotonic()))
            one = Command(script.argv if script else known.argv, {**self.env, **values}, self._cwd, left)
            on_errors = partial(take, is_error=True) if known.json or known.capture else None
            ended = self._keeper.run(one, take, on_errors)
            if script:
                values |= script.exported({**self.env, **values})
                self.learn(values)
                file.write(said.mask_by(self.masker))
                why = script.broke_off(said.text)
                lacks = script.lacked_a_program() or bool(why)
            is_last = number == len(argv or commands)
            reason = fault(ended, known.exit if is_last else 0, known.limit)
            reason += f": {why}" if reason and why else ""
            if reason:
                break
        assert ended, "a step that is run has a command"
        is_broken = ended.exit is None or ended.exit in _NOT_STARTED or (bool(reason) and lacks)
        return ended, reason, values, is_broken

    def _searching(self, settings: StepSettings | None) -> Search:
        """Matches patterns in a process of its own, for as long as a try may take."""
        limit = (settings or StepSettings()).limit

        def search(pattern: str, text: str) -> tuple[bool, str | None]:
            files = self._scratch / "pattern", self._scratch / "text"
            for path, content in zip(files, (pattern, text), strict=True):
                path.write_bytes(content.encode("utf-8", "surrogatepass"))
            heard = bytearray()
            argv = (sys.executable, "-I", "-S", matching.__file__, *map(str, files))
            ended = self._keeper.run(Command(argv, {}, self._scratch, limit), heard.extend)
            if ended.exit != 0:
                raise NotCompared(pattern, limit if ended.why == "limit" else None)
            is_there, value = json.loads(heard)
            return is_there, value

        return search

    def _learn_written(self, said: str, captures: Mapping[str, Capture], taken: Mapping[str, str]) -> None:
        """Mask secrets as the JSON has them from which they came: with its escapes, and each part of an object."""
        for name, one in captures.items():
            if one.json is not None and name in taken and self.is_secret(name):
                forms = written_forms(said, one.json)
                self._written |= {f"{name} {number}": form for number, form in enumerate(sorted(forms))}

    def _tell_too_short(self, values: Mapping[str, str]) -> None:
        found = [name for name in self.masker.too_short if name in values]
        if found:
            self._warn(f"too short to be masked: {', '.join(found)}")


class _Said:
    """What a step says: to be shown and kept masked, and as it is for who judges."""

    def __init__(self, masker: Masker, show: Callable[[str], None] | None) -> None:
        self._maskers = masker.anew(), masker.anew()
        """Of standard output and error: what one holds back, as a secret may begin there, the other does not end."""
        self._decoders = tuple(codecs.getincrementaldecoder("utf-8")("replace") for _ in self._maskers)
        self._show = show
        self._raw, self._output = bytearray(), bytearray()
        self._said = self._kept = self._more = 0
        self._last = "\n"

    @property
    def text(self) -> str:
        """As it is, secrets and all."""
        return self._raw.decode("utf-8", "replace")

    @property
    def output(self) -> str:
        """The same of standard output alone, where the two streams come apart."""
        return self._output.decode("utf-8", "replace")

    @property
    def is_cut(self) -> bool:
        """Whether it said more than is kept."""
        return self._said > MOST_KEPT

    def take(self, data: bytes, *, is_error: bool = False) -> bytes:
        """Show what came; what of it is to be kept."""
        self._said += len(data)
        self._raw += data[: max(0, MOST_KEPT - len(self._raw))]
        if not is_error:
            self._output += data[: max(0, MOST_KEPT - len(self._output))]
        return self._masked(self._maskers[is_error].feed(data), is_error=is_error)

    def mask_by(self, masker: Masker) -> bytes:
        """Mask more from now on; what was held back, and is to be kept."""
        last = self._held_back()
        self._maskers = masker.anew(), masker.anew()
        return last

    def rest(self) -> bytes:
        """The end of it."""
        last = self._held_back()
        return last + (b"\n[%d more bytes were not kept]\n" % self._more if self._more else b"")

    def end_line(self) -> None:
        """So that what is shown next begins on a line of its own."""
        if self._show and self._last != "\n":
            self._show("\n")

    def _held_back(self) -> bytes:
        both = enumerate(self._maskers)
        return b"".join(self._masked(one.rest(), is_error=bool(number)) for number, one in both)

    def _masked(self, data: bytes, *, is_error: bool) -> bytes:
        text = self._decoders[is_error].decode(data)
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

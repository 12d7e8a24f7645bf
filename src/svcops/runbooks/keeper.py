"""The program beside a run: it starts commands, and ends whatever is left of them (decision 26, "Processes").

Started by its path with no site packages, so that it costs a few milliseconds: standard library alone, nothing of
svcops. It is spoken to over a socket on its standard input, a JSON object a line:

    {"do": "start", "id": 1, "argv": [...], "env": {...}, "cwd": "..."} with the file that output goes to,
    {"do": "end", "id": 1}, {"do": "signal", "id": 1, "signal": 15}, {"do": "done"};

and it answers {"id": 1, "pid": 4711} or {"id": 1, "error": "..."}, later {"id": 1, "exit": 0} (below 0: by that
signal), and {"removed": true} at the end. Where the socket closes before it is done, svcops was killed: it ends
everything, removes the scratch folder, and becomes the program that closes the run.
"""

import contextlib
import ctypes
import json
import os
import select
import signal
import socket
import sys
import time

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing is not imported, as that takes as long as all of the rest
    from collections.abc import Callable
    from typing import Any

MARK = "SVCOPS_RUN"
"""The environment variable by which the commands of a run are known, wherever they went."""
_PR_SET_PDEATHSIG, _PR_SET_CHILD_SUBREAPER = 1, 36  # prctl(2)
_PATIENCE = 2.0
"""Seconds between asking a process to end and ending it."""
_OWN = 3
"""File descriptors that are passed on at most."""


def adopt() -> None:
    """Become the parent of all descendants that lose theirs; nothing where the system has no such thing.

    prctl(2), PR_SET_CHILD_SUBREAPER, is Linux's. Elsewhere the sessions of commands have to do.
    """
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)


def adopt_no_more() -> None:
    """Take that back."""
    _prctl(_PR_SET_CHILD_SUBREAPER, 0)


def end(which: "Callable[[], list[int]]", after_each: "Callable[[], object] | None" = None) -> None:
    """End processes: asked first, then without being asked.

    `which` gives them anew each time, as whoever is ended may leave children that were not there before. Children are
    reaped, by `after_each` where that is given.
    """
    deadline = time.monotonic() + _PATIENCE
    _tell(which(), signal.SIGTERM)
    while left := which():
        if time.monotonic() > deadline:
            _tell(left, signal.SIGKILL)
        (after_each or reap)()
        time.sleep(0.01)


def reap() -> "dict[int, int]":
    """The exit codes of the children that ended, by pid; below 0 for a signal."""
    ended: dict[int, int] = {}
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return ended
        if not pid:
            return ended
        ended[pid] = os.waitstatus_to_exitcode(status)


def family(pids: "list[int]") -> "list[int]":
    """Those of the processes that run, with all of their session, and all that descends from any of these."""
    known = _processes()
    if not known:
        return [pid for pid in pids if _runs(pid)]
    found = {pid for pid, (_, session) in known.items() if pid in pids or session in pids}
    while more := {pid for pid, (parent, _) in known.items() if parent in found} - found:
        found |= more
    return sorted(found - {os.getpid()})


def marked(mark: str) -> "list[int]":
    """The processes that carry this mark of a run in their environment, or a mark that begins with it and a colon."""
    found = []
    for pid in _processes():
        try:
            with open(f"/proc/{pid}/environ", "rb") as file:
                entries = file.read().split(b"\0")
        except OSError:
            continue
        own = f"{MARK}={mark}".encode()
        if any(one == own or one.startswith(own + b":") for one in entries):
            found.append(pid)
    return found


def _processes() -> "dict[int, tuple[int, int]]":
    """Parent and session of each process that runs, by pid (proc(5), /proc/PID/stat); empty where there is no /proc."""
    found: dict[int, tuple[int, int]] = {}
    try:
        names = os.listdir("/proc")
    except OSError:
        return found
    for name in names:
        if name.isdigit():
            try:
                with open(f"/proc/{name}/stat", "rb") as file:
                    fields = file.read().rpartition(b")")[2].split()
            except OSError:
                continue
            if fields[0] not in (b"Z", b"X"):
                found[int(name)] = int(fields[1]), int(fields[3])
    return found


def children() -> "list[int]":
    """The processes whose parent this one is."""
    own = os.getpid()
    return [pid for pid, (parent, _) in _processes().items() if parent == own]


def remove(folder: str) -> bool:
    """Remove a folder with all that is in it; whether it is gone."""
    import shutil

    def again(_function: object, path: str, _error: object) -> None:
        with contextlib.suppress(OSError):
            os.chmod(os.path.dirname(path), 0o700)
            if os.path.isdir(path) and not os.path.islink(path):
                os.chmod(path, 0o700)
                shutil.rmtree(path)
            else:
                os.unlink(path)

    shutil.rmtree(folder, onerror=again)
    return not os.path.lexists(folder)


def main(scratch: str, then: "list[str]") -> None:
    """Serve one run, until it is done or whoever asked is gone."""
    for one in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(one, signal.SIG_IGN)
    adopt()
    keeper = Keeper(socket.socket(fileno=0))
    is_done = keeper.serve()
    end(lambda: family([*keeper.running, *children()]))
    removed = remove(scratch) if scratch else True
    if is_done:
        keeper.say({"removed": removed})
    elif then:
        null = os.open(os.devnull, os.O_RDWR)
        for number in range(3):
            os.dup2(null, number)
        os.execv(then[0], then)  # noqa: S606 - what svcops said at the start


class Keeper:
    """The commands that were started, and the socket to who asked for them."""

    def __init__(self, control: socket.socket) -> None:
        self.control = control
        self.running: dict[int, int] = {}
        """The number of each command that runs, by its pid."""

    def serve(self) -> bool:
        """Do what is asked; whether it was said to be done."""
        wake, woken = os.pipe()
        os.set_blocking(woken, False)
        signal.set_wakeup_fd(woken, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        text = b""
        files: list[int] = []
        while True:
            self._tell_ended()
            ready, _, _ = select.select([self.control.fileno(), wake], [], [])
            if wake in ready:
                os.read(wake, 4096)
            if self.control.fileno() in ready:
                try:
                    data, more, _, _ = socket.recv_fds(self.control, 1 << 16, _OWN)
                except OSError:
                    return False
                if not data:
                    return False
                text, files = text + data, [*files, *more]
                while b"\n" in text:
                    line, _, text = text.partition(b"\n")
                    asked = json.loads(line)
                    if asked["do"] == "done":
                        return True
                    self._do(asked, files)
                    files = []

    def say(self, content: "dict[str, Any]") -> None:
        """Answer; whoever is gone needs none."""
        with contextlib.suppress(OSError):
            self.control.sendall(json.dumps(content).encode() + b"\n")

    def _do(self, asked: "dict[str, Any]", files: "list[int]") -> None:
        number = asked["id"]
        if asked["do"] == "start":
            self._start(asked, files)
        elif asked["do"] == "signal":
            _tell([pid for pid, one in self.running.items() if one == number], asked["signal"])
        else:
            end(lambda: self._all_of(number), self._tell_ended)

    def _all_of(self, number: int) -> "list[int]":
        """The processes of a command, and those that lost their parent, unless they belong to one that goes on."""
        others = set(family([pid for pid, one in self.running.items() if one != number]))
        own = [pid for pid, one in self.running.items() if one == number]
        return [pid for pid in family([*own, *(one for one in children() if one not in others)]) if pid not in others]

    def _start(self, asked: "dict[str, Any]", files: "list[int]") -> None:
        parent, (report, failed) = os.getpid(), os.pipe()
        pid = os.fork()
        if not pid:
            try:
                _become(asked, files[0], parent)
            except BaseException as error:  # noqa: BLE001 - it has to end here, whatever it is
                os.write(failed, str(getattr(error, "strerror", None) or error).encode())
            finally:
                os._exit(127)
        os.close(failed)
        for one in files:
            os.close(one)
        with os.fdopen(report, "rb") as file:
            why = file.read().decode()
        if why:
            os.waitpid(pid, 0)
            self.say({"id": asked["id"], "error": why})
        else:
            self.running[pid] = asked["id"]
            self.say({"id": asked["id"], "pid": pid})

    def _tell_ended(self) -> None:
        for pid, code in reap().items():
            number = self.running.pop(pid, None)
            if number is not None:
                self.say({"id": number, "exit": code})


def _become(asked: "dict[str, Any]", output: int, parent: int) -> None:
    """Turn this new process into the command."""
    os.setsid()
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it ended before that was said
        os._exit(127)
    for one in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGPIPE, signal.SIGCHLD):
        signal.signal(one, signal.SIG_DFL)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.chdir(asked["cwd"])
    os.execvpe(asked["argv"][0], asked["argv"], asked["env"])  # noqa: S606 - no shell


def _tell(pids: "list[int]", number: int) -> None:
    for pid in pids:
        with contextlib.suppress(OSError):
            os.kill(pid, number)


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True


def _prctl(option: int, value: int) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(option, ctypes.c_ulong(value), 0, 0, 0)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])

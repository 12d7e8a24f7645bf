"""Kills a writing svcops at every instant that matters, and looks at what the next call makes of it.

    crash.py points FOLDER SCENARIO PART PARTS      before and after every system call that Python makes
    crash.py twice FOLDER SCENARIO SEED COUNT       again while the first crash is being cleared away
    crash.py random FOLDER SCENARIO SEED COUNT      the whole process group, git included, at a random instant
    crash.py crowd FOLDER SCENARIO SEED COUNT       six writers at once, every other one killed at a random instant

Every writer is a fork of this process in a session of its own. Prints one line a failure, then how many were tried.
"""

import builtins
import fcntl
import io
import os
import random
import shutil
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path

from svcops.errors import SvcopsError
from svcops.store.change import Change, digest_of
from svcops.store.git_places import git_dir_of
from svcops.store.writing import apply, recover

NEW = {
    "svcops.yaml": b"organisation: New\n",
    "catalogue/teams/changed.yaml": b"title: New\n",
    "catalogue/teams/removed.yaml": None,
    "incidents/2026/x/incident.yaml": b"title: New\n",
    "incidents/2026/x/timeline/a.yaml": b"type: log\n",
}
OLD: dict[str, bytes | None] = {
    **dict.fromkeys(NEW),
    "svcops.yaml": b"organisation: Old\n",
    "catalogue/teams/changed.yaml": b"title: Old\n",
    "catalogue/teams/removed.yaml": b"title: Old\n",
}
FORMATTED = b"organisation: New\n# formatted\n"
HOOKS = {
    "formatted": ("pre-commit", 'echo "# formatted" >> svcops.yaml; git add svcops.yaml'),
    "formatted, not added": ("pre-commit", 'echo "# formatted" >> svcops.yaml'),
    "refused": ("pre-commit", "exit 1"),
    "git dies": ("post-commit", "kill -9 $PPID"),
}


class Store:
    """A store at `top / below`, with other people's work staged and unstaged."""

    def __init__(self, top: Path, scenario: str) -> None:
        self.top = top
        self.scenario = scenario
        self.root = top / "ops" if scenario == "subfolder" else top
        self.said: list[str] = []

    def git(self, *arguments: str, check: bool = True) -> str:
        done = subprocess.run(["git", *arguments], cwd=self.top, capture_output=True, text=True, check=False)
        assert not check or not done.returncode, done.stderr
        return done.stdout

    def make(self) -> None:
        self.root.mkdir(parents=True)
        self.git("init", "--quiet", "--initial-branch=main")
        self.git("config", "user.name", "Ada Example")
        self.git("config", "user.email", "ada@example.org")
        self.write({**OLD, "others.txt": b"one\n", "others-staged.txt": b"one\n"})
        (self.root / "catalogue/teams/changed.yaml").chmod(0o755)
        (self.root / "catalogue/teams/removed.yaml").chmod(0o755)
        if self.scenario != "unborn":
            self.git("add", "--all")
            self.git("commit", "--quiet", "--message=Start")
            self.write({"others.txt": b"unstaged\n", "others-staged.txt": b"staged\n"})
            self.git("add", str(self.root / "others-staged.txt"))
        self.write({"others-new.txt": b"new\n", "others-intended.txt": b"new\n"})
        self.git("add", str(self.root / "others-new.txt"))
        self.git("add", "--intent-to-add", str(self.root / "others-intended.txt"))
        if self.scenario == "detached":
            self.git("checkout", "--quiet", "--detach")
        if self.scenario in HOOKS:
            name, script = HOOKS[self.scenario]
            hook = self.top / ".git/hooks" / name
            hook.parent.mkdir(exist_ok=True)
            hook.write_text(f"#!/bin/sh\n{script}\n")
            hook.chmod(0o755)

    def write(self, files: dict[str, bytes | None]) -> None:
        for path, data in files.items():
            if data is not None:
                (self.root / path).parent.mkdir(parents=True, exist_ok=True)
                (self.root / path).write_bytes(data)

    def apply(self, change: Change) -> None:
        git_dir = git_dir_of(self.root)
        assert git_dir
        commit = self.scenario != "not committed"
        apply(change, root=self.root, git_dir=git_dir, env=os.environ, commit=commit, say=self.said.append)

    def change(self) -> None:
        files = {path: data for path, data in NEW.items() if self.scenario != "unborn" or OLD[path] is None}
        before = {path: digest_of(data) for path in files if (data := OLD[path]) is not None}
        self.apply(Change("The change", files, before))

    def wait_for_the_dead(self) -> None:
        """Until the git of a killed writer is gone, too: it holds the store's lock."""
        place = self.top / ".git/svcops/lock"
        if not place.exists():
            return
        with open(place, "rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX)

    def recover(self) -> None:
        git_dir = git_dir_of(self.root)
        assert git_dir
        recover(root=self.root, git_dir=git_dir, env=os.environ, say=self.said.append)

    def look(self) -> tuple[object, ...]:
        """Everything about the store that somebody can see, but for the commit's own id."""
        files = {
            path.relative_to(self.top).as_posix(): (path.read_bytes(), path.stat().st_mode)
            for path in sorted(self.top.rglob("*"))
            if path.is_file() and ".git" not in path.relative_to(self.top).parts
        }
        tree = self.git("rev-parse", "HEAD^{tree}", check=False)
        status = self.git("--no-optional-locks", "status", "--porcelain=v2", "--untracked-files=all")
        subjects = self.git("log", "--format=%s", check=False)
        return files, tree, status, subjects, self.git("diff", "--cached"), self.git("diff"), self.git("ls-files", "-s")

    def faults(self, *, scratch: bool = False) -> list[str]:
        """What must never be there after the next call; `scratch`, which the next writer removes, may be."""
        fsck = self.git("fsck", "--full", "--strict", "--no-dangling", check=False)
        locks = [str(path) for path in (self.top / ".git").rglob("*.lock")]
        temporary = [str(path) for path in self.top.rglob(".*.svcops")]
        place = self.top / ".git/svcops"
        journals = [path.name for path in place.iterdir() if path.name != "lock"] if place.exists() else []
        if scratch:
            journals = [name for name in journals if name not in ("transaction.new", "transaction.done")]
        return [*filter(None, fsck.splitlines()), *locks, *temporary, *journals]


class Template:
    """The store before the change, and what it looks like before and after."""

    def __init__(self, folder: Path, scenario: str) -> None:
        self.folder = folder
        self.scenario = scenario
        self.place = folder / "template"
        Store(self.place, scenario).make()
        self.before = self.copy("before").look()
        after = self.copy("after")
        try:
            after.change()
        except SvcopsError:
            assert scenario == "refused"
        self.after = after.look()
        assert self.before != self.after
        assert not after.faults(), after.faults()

    def copy(self, name: str) -> Store:
        place = self.folder / name
        shutil.rmtree(place, ignore_errors=True)
        shutil.copytree(self.place, place, symlinks=True)
        subprocess.run(["git", "update-index", "-q", "--refresh"], cwd=place, check=False, stdout=subprocess.DEVNULL)
        return Store(place, self.scenario)

    def verdict(self, store: Store, how: int) -> list[str]:
        """What the next call, without hooks, makes of it: a read (even) or a write (odd)."""
        shutil.rmtree(store.top / ".git/hooks", ignore_errors=True)
        store.wait_for_the_dead()
        try:
            if how % 2:
                store.apply(Change("Next", {"next.yaml": b"next\n"}))
                (store.root / "next.yaml").unlink()
                if store.scenario != "not committed":
                    store.git("reset", "--quiet", "--soft", "HEAD~1") if store.git(
                        "rev-parse", "--verify", "--quiet", "HEAD~1", check=False
                    ) else store.git("update-ref", "-d", "HEAD")
                    store.git("rm", "--quiet", "--cached", str(store.root / "next.yaml"))
            else:
                store.recover()
                store.recover()
        except SvcopsError as error:
            return [f"the next call failed: {error.message}"]
        except Exception:  # noqa: BLE001 - whatever it is, it is a fault
            return [traceback.format_exc()]
        found = store.look()
        faults = store.faults(scratch=how % 2 == 0)
        written = found[0] == self.after[0] and found[1:2] + found[3:5] == self.before[1:2] + self.before[3:5]
        if found not in (self.before, self.after) and not (written and self.scenario.startswith("formatted")):
            for number, name in enumerate(("files", "tree", "status", "log", "staged", "unstaged", "index")):
                if found[number] != self.before[number] and found[number] != self.after[number]:
                    faults.append(f"neither old nor new {name}: {found[number]!r}")
                    break
            else:
                faults.append(f"partly old and partly new: {[a == b for a, b in zip(found, self.before, strict=True)]}")
        return faults


def fork(work: Callable[[], None]) -> int:
    """Run `work` in a session of its own; the caller may kill that as a group."""
    pid = os.fork()
    if pid:
        return pid
    os.setsid()
    status = 1
    try:
        devnull = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(devnull, stream)
        work()
        status = 0
    except SvcopsError:
        status = 0
    finally:
        os._exit(status)


def killed(pid: int) -> bool:
    """Wait for the fork; whether it was killed rather than done."""
    _, status = os.waitpid(pid, 0)
    return os.WIFSIGNALED(status)


def dying_at(number: int, work: Callable[[], None]) -> Callable[[], None]:
    """`work` with the whole group killed at the instant of that number: even before a call, odd after it."""
    left = number

    def tick() -> None:
        nonlocal left
        if left == 0:
            os.killpg(0, signal.SIGKILL)
            signal.pause()
        left -= 1

    def around(function: Callable[..., object]) -> Callable[..., object]:
        def wrapped(*arguments: object, **named: object) -> object:
            tick()
            done = function(*arguments, **named)
            tick()
            return done

        return wrapped

    def dying() -> None:
        for name in ("replace", "rename", "link", "unlink", "rmdir", "mkdir", "fsync", "sync", "ftruncate", "pwrite"):
            setattr(os, name, around(getattr(os, name)))
        shutil.copyfile = around(shutil.copyfile)
        subprocess.run = around(subprocess.run)
        opened = around(io.open)

        def open_(file: object, mode: str = "r", *more: object, **named: object) -> object:
            return (opened if "w" in mode or "x" in mode else io_open)(file, mode, *more, **named)

        io_open = io.open
        builtins.open = io.open = open_
        work()

    return dying


def points(template: Template, part: int, parts: int) -> int:
    """Every instant of that part, one after the other, until the change is done before it comes."""
    number = part
    while True:
        store = template.copy(f"point-{part}")
        dead = killed(fork(dying_at(number, store.change)))
        report(f"at instant {number}", template.verdict(store, number // parts))
        if not dead:
            return number
        number += parts


def twice(template: Template, seed: int, count: int) -> int:
    """A crash, and another while the next call clears the first away."""
    chance = random.Random(seed)
    tried = 0
    while tried < count:
        store = template.copy(f"twice-{seed}")
        first, second = chance.randrange(20, 130), chance.randrange(0, 60)
        if not killed(fork(dying_at(first, store.change))):
            continue
        killed(fork(dying_at(second, store.recover)))
        tried += 1
        report(f"at instants {first} and {second}", template.verdict(store, tried))
    return tried


def at_random(template: Template, seed: int, count: int) -> int:
    """The group killed by the clock, which hits git and its hooks as well as Python."""
    chance = random.Random(seed)
    store = template.copy("timed")
    started = time.monotonic()
    killed(fork(store.change))
    usual = time.monotonic() - started
    hit = 0
    for number in range(count):
        store = template.copy(f"random-{seed}")
        pause = chance.random() * usual * 1.1
        pid = fork(store.change)
        time.sleep(pause)
        try:
            os.killpg(pid, signal.SIGKILL)
        except ProcessLookupError:
            os.kill(pid, signal.SIGKILL)
        hit += killed(pid)
        report(f"after {pause:.4f} s of {usual:.4f}", template.verdict(store, number))
    return hit


def crowd(template: Template, seed: int, count: int) -> int:
    """Writers at once in one store, round after round; every file must end up committed or nowhere."""
    chance = random.Random(seed)
    store = template.copy(f"crowd-{seed}")
    folder = store.root / "incidents/2026/crowd/timeline"
    before = store.look()
    done = set()
    for number in range(count):
        names = [f"{number}-{writer}.yaml" for writer in range(6)]
        writers = {fork(partial(add, store, name)): name for name in names}
        for pid in list(writers)[::2]:
            time.sleep(chance.random() * 0.06)
            with suppress(ProcessLookupError):
                os.killpg(pid, signal.SIGKILL)
        dead = {name for pid, name in writers.items() if killed(pid)}
        store.wait_for_the_dead()
        store.recover()
        standing = {path.name for path in folder.iterdir()} if folder.exists() else set()
        committed = set(store.git("ls-tree", "--name-only", "HEAD", f"{folder.relative_to(store.top)}/").split())
        faults = store.faults(scratch=True)
        if {Path(path).name for path in committed} != standing:
            faults.append(f"committed {committed} but standing {standing}")
        if set(names) - dead - standing:
            faults.append(f"lost {set(names) - dead - standing}")
        if store.git("rev-list", "--count", "HEAD").strip() != str(1 + len(standing)):
            faults.append("more or fewer commits than files")
        if store.look()[4:6] != before[4:6]:
            faults.append("other people's work changed")
        done |= standing
        report(f"in round {number}", faults)
    return len(done)


def add(store: Store, name: str) -> None:
    store.apply(Change(f"Add {name}", {f"incidents/2026/crowd/timeline/{name}": b"type: log\n"}))


def report(when: str, faults: list[str]) -> None:
    for fault in faults:
        print(f"FAULT {when}: {fault}", flush=True)


if __name__ == "__main__":
    how, place, scenario, *numbers = sys.argv[1:]
    template = Template(Path(place), scenario)
    run = {"points": points, "twice": twice, "random": at_random, "crowd": crowd}[how]
    print("TRIED", run(template, *map(int, numbers)))

"""Kills a svcops that brings in what was fetched, and looks at what the next call makes of it.

    sync_crash.py points FOLDER HOW PART PARTS      before and after every system call that Python makes
    sync_crash.py random FOLDER HOW SEED COUNT      the whole process group, git included, at a random instant

HOW is merge (both sides have commits) or forward. Prints one line a failure, then how many were tried.
"""

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

from crash import dying_at, fork, killed, report

from svcops.errors import SvcopsError
from svcops.store import merging
from svcops.store.git_places import git_dir_of
from svcops.store.writing import recover, settled

MANY = 60


class Clone:
    """A clone with commits of a colleague fetched, and with work of its own staged and unstaged."""

    def __init__(self, top: Path) -> None:
        self.top = top
        self.said: list[str] = []

    def git(self, *arguments: str) -> str:
        done = subprocess.run(["git", *arguments], cwd=self.top, capture_output=True, text=True, check=False)
        assert not done.returncode, done.stderr
        return done.stdout

    def write(self, files: dict[str, str]) -> None:
        for path, text in files.items():
            (self.top / path).parent.mkdir(parents=True, exist_ok=True)
            (self.top / path).write_text(text)

    def make(self, how: str) -> None:
        self.top.mkdir()
        self.git("init", "--quiet", "--initial-branch=main")
        self.git("config", "user.name", "Ada Example")
        self.git("config", "user.email", "ada@example.org")
        gone = {"gone/one.yaml": "title: Gone\n", "folder": "a file\n", "tool.sh": "#!/bin/sh\n"}
        self.write({"svcops.yaml": "organisation: Old\n", "others.txt": "one\n", "staged.txt": "one\n", **gone})
        self.commit("Start")
        self.git("checkout", "--quiet", "-b", "theirs")
        events = {f"incidents/2026/x/timeline/{number}.yaml": "type: log\n" * 2000 for number in range(MANY)}
        self.git("rm", "--quiet", "gone/one.yaml", "folder")
        self.write({"svcops.yaml": "organisation: New\n", "folder/file": "new\n", **events})
        (self.top / "tool.sh").chmod(0o755)
        (self.top / "link").symlink_to("svcops.yaml")
        self.commit("Theirs")
        self.git("update-ref", "refs/remotes/origin/main", "theirs")
        self.git("checkout", "--quiet", "main")
        if how == "merge":
            self.write({"incidents/2026/x/timeline/own.yaml": "type: log\n"})
            self.commit("Ours")
        self.write({"others.txt": "unstaged\n", "staged.txt": "staged\n", "new.txt": "new\n"})
        self.git("add", "staged.txt")

    def commit(self, message: str) -> None:
        self.git("add", "--all")
        self.git("commit", "--quiet", f"--message={message}")

    def bring_in(self) -> None:
        git_dir = git_dir_of(self.top)
        assert git_dir
        with settled(root=self.top, git_dir=git_dir, env=os.environ, say=self.said.append) as git:
            theirs = git.text("rev-parse", "refs/remotes/origin/main")
            merging.bring_in(
                git,
                git_dir,
                branch="refs/heads/main",
                theirs=theirs,
                name="origin/main",
                message="Merge\n",
                say=self.said.append,
            )

    def recover(self) -> None:
        git_dir = git_dir_of(self.top)
        assert git_dir
        recover(root=self.top, git_dir=git_dir, env=os.environ, say=self.said.append)

    def look(self) -> tuple[object, ...]:
        """Everything about the clone that somebody can see, but for the commit's own id."""
        files = {
            path.relative_to(self.top).as_posix(): (path.is_symlink(), path.read_bytes(), path.stat().st_mode)
            for path in sorted(self.top.rglob("*"))
            if path.is_file() and ".git" not in path.relative_to(self.top).parts
        }
        folders = sorted(
            path.relative_to(self.top).as_posix()
            for path in self.top.rglob("*")
            if path.is_dir() and ".git" not in path.relative_to(self.top).parts
        )
        status = self.git("--no-optional-locks", "status", "--porcelain=v2", "--untracked-files=all")
        return (
            files,
            folders,
            self.git("rev-parse", "HEAD^{tree}"),
            status,
            self.git("log", "--format=%s"),
            self.git("diff", "--cached"),
            self.git("diff"),
        )

    def faults(self) -> list[str]:
        fsck = self.git("fsck", "--full", "--strict", "--no-dangling")
        locks = [str(path) for path in (self.top / ".git").rglob("*.lock")]
        left = [path.name for path in (self.top / ".git/svcops").iterdir() if path.name != "lock"]
        return [*filter(None, fsck.splitlines()), *locks, *left]


class Template:
    """The clone before, and what it looks like before and after."""

    def __init__(self, folder: Path, how: str) -> None:
        self.folder = folder
        self.place = folder / "template"
        Clone(self.place).make(how)
        self.before = self.copy("before").look()
        after = self.copy("after")
        started = time.monotonic()
        after.bring_in()
        self.usual = time.monotonic() - started
        self.after = after.look()
        assert self.before != self.after
        assert not after.faults(), after.faults()

    def copy(self, name: str) -> Clone:
        place = self.folder / name
        shutil.rmtree(place, ignore_errors=True)
        shutil.copytree(self.place, place, symlinks=True)
        subprocess.run(["git", "update-index", "-q", "--refresh"], cwd=place, check=False, stdout=subprocess.DEVNULL)
        (place / ".git/svcops").mkdir(exist_ok=True)
        return Clone(place)

    def verdict(self, clone: Clone) -> list[str]:
        try:
            while (clone.top / ".git/svcops/lock").exists() and in_use(clone.top / ".git/svcops/lock"):
                time.sleep(0.01)
            clone.recover()
        except SvcopsError as error:
            return [f"the next call failed: {error.message}"]
        found = clone.look()
        if found not in (self.before, self.after):
            names = ("files", "folders", "tree", "status", "log", "staged", "unstaged")
            other = [
                f"{name}: {now!r:.300}"
                for name, now, before, after in zip(names, found, self.before, self.after, strict=True)
                if now not in (before, after)
            ]
            return other or [f"partly old and partly new: {[a == b for a, b in zip(found, self.before, strict=True)]}"]
        faults = clone.faults()
        clone.bring_in()
        return faults + ([] if clone.look() == self.after else ["another attempt does not come to the same"])


def in_use(lock: Path) -> bool:
    """Whether the git of a killed svcops still holds the store's lock."""
    import fcntl

    with open(lock, "rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        return False


def points(template: Template, part: int, parts: int) -> int:
    number = part
    while True:
        clone = template.copy(f"point-{part}")
        dead = killed(fork(dying_at(number, clone.bring_in)))
        report(f"at instant {number}", template.verdict(clone))
        if not dead:
            return number
        number += parts


def at_random(template: Template, seed: int, count: int) -> int:
    chance = random.Random(seed)
    hit = 0
    for _ in range(count):
        clone = template.copy(f"random-{seed}")
        pause = chance.uniform(0.05, 1.1) * template.usual
        pid = fork(clone.bring_in)
        time.sleep(pause)
        try:
            os.killpg(pid, signal.SIGKILL)
        except ProcessLookupError:
            os.kill(pid, signal.SIGKILL)
        hit += killed(pid)
        report(f"after {pause:.4f} s of {template.usual:.4f}", template.verdict(clone))
    return hit


if __name__ == "__main__":
    how, place, kind, *numbers = sys.argv[1:]
    run = {"points": points, "random": at_random}[how]
    print("TRIED", run(Template(Path(place), kind), *map(int, numbers)))

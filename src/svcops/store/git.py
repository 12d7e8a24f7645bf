"""Git as the store uses it: every call of git goes through here or `svcops.store.history`.

git itself is called, not a library's index: on 100,000 files its own index code is ten times faster than
GitPython's, and importing that costs 100 ms (docs/decisions/0003-git.md).
"""

import os
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from svcops.errors import NotDone

_LOCAL = (
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_COMMON_DIR",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_PREFIX",
    "GIT_NAMESPACE",
    "GIT_QUARANTINE_PATH",
)
_CALM = ("-c", "gc.auto=0", "-c", "maintenance.auto=false", "-c", "core.fsync=committed,reference")


class GitFailed(NotDone):
    """Git could not do what was asked; the message carries its own words."""


class NotARepository(NotDone):
    """The store lies in no git repository."""

    def __init__(self, root: Path) -> None:
        super().__init__(f"{root} is not in a git repository", help="git init makes one; svcops init does so too.")


class WhoAreYou(NotDone):
    """Git has no name or mail address for whoever is typing."""

    def __init__(self, missing: str) -> None:
        key = f"user.{missing}"
        example = "Ada Example" if missing == "name" else "ada@example.org"
        super().__init__(
            f"git does not know who you are: {key} is not set, and every record says who made it",
            help=f'git config --global {key} "{example}"',
        )


@dataclass(frozen=True, slots=True)
class Person:
    """Who git says is typing."""

    name: str
    mail: str


def environment(base: Mapping[str, str], **more: str) -> dict[str, str]:
    """A process environment for git: not that of a hook we may run in, in English, never asking anything."""
    kept = {key: value for key, value in base.items() if key not in _LOCAL}
    return {**kept, "LC_ALL": "C.UTF-8", "GIT_TERMINAL_PROMPT": "0", "GIT_LITERAL_PATHSPECS": "1", **more}


class Git:
    """One repository, seen from the folder `root` inside its work tree. Paths are relative to `root`."""

    def __init__(self, root: Path, env: Mapping[str, str], *, keep_open: tuple[int, ...] = ()) -> None:
        self.root = root
        self.env = env
        self.keep_open = keep_open

    def run(
        self, *arguments: str, stdin: bytes = b"", index: Path | None = None, accept: Iterable[int] = (0,)
    ) -> "subprocess.CompletedProcess[bytes]":
        """Run git; another exit status than those accepted raises GitFailed with git's own words."""
        more = {"GIT_INDEX_FILE": str(index)} if index else {}
        try:
            done = subprocess.run(
                ["git", *_CALM, *arguments],
                cwd=self.root,
                env=environment(self.env, **more),
                input=stdin,
                capture_output=True,
                check=False,
                pass_fds=self.keep_open,
            )
        except FileNotFoundError:
            raise GitFailed("git is not installed, or not on PATH", help="apt-get install git") from None
        if done.returncode not in accept:
            said = (done.stderr or done.stdout).decode("utf-8", "replace").strip()
            raise GitFailed(f"git {arguments[0]} failed: {said or f'exit status {done.returncode}'}")
        return done

    def text(self, *arguments: str, index: Path | None = None) -> str:
        """Standard output of a git command as text, without the last line end."""
        return self.run(*arguments, index=index).stdout.decode("utf-8", "surrogateescape").rstrip("\n")

    def me(self) -> Person:
        """Who is typing, as git will write it into the commit; WhoAreYou where it would have to guess."""
        listed = self.run("config", "--null", "--get-regexp", r"^(user|author)\.(name|email)$", accept=(0, 1)).stdout
        pairs = (entry.partition("\n") for entry in listed.decode("utf-8", "replace").split("\0"))
        known = {key: value.strip() for key, _, value in pairs}
        name = self.env.get("GIT_AUTHOR_NAME") or known.get("author.name") or known.get("user.name")
        mail = self.env.get("GIT_AUTHOR_EMAIL") or known.get("author.email") or known.get("user.email")
        if not name:
            raise WhoAreYou("name")
        if not mail:
            raise WhoAreYou("email")
        return Person(name, mail.lower())

    def head(self) -> str | None:
        """The commit that HEAD is, or None on an unborn branch."""
        found = self.run("rev-parse", "--verify", "--quiet", "HEAD^{commit}", accept=(0, 1)).stdout
        return found.decode().strip() or None

    def branch(self) -> str | None:
        """The full name of the branch that HEAD is on, or None when it is detached."""
        found = self.run("symbolic-ref", "--quiet", "HEAD", accept=(0, 1)).stdout
        return found.decode().strip() or None

    def blob_at(self, revision: str, path: str) -> str | None:
        """The object id of a file of a revision, or None where it has none."""
        listed = self.run("ls-tree", "-z", "--full-name", revision, "--", path).stdout.split(b"\0")[0]
        return listed.split(b"\t")[0].split()[2].decode() if listed else None

    def blob_on_disk(self, path: str) -> str:
        """The object id that the file would have if it were added now."""
        return self.text("hash-object", "--", path)

    def uncommitted(self, paths: Iterable[str]) -> list[str]:
        """Those of the paths that are staged, changed or unmerged; a path that git does not know is not."""
        done = self.run("status", "--porcelain=v1", "-z", "--untracked-files=no", "--no-renames", "--", *paths)
        return [entry[3:].decode("utf-8", "surrogateescape") for entry in done.stdout.split(b"\0") if entry]

    def is_tracked(self, path: str) -> bool:
        """Whether git tracks the path."""
        return bool(self.run("ls-files", "-z", "--", path).stdout)


def git_dir_of(root: Path) -> Path | None:
    """The git directory of the work tree around `root`, found without starting git; of a linked worktree, its own."""
    for folder in (root, *root.parents):
        dot_git = folder / ".git"
        if dot_git.is_dir():
            return dot_git
        if dot_git.is_file():
            line = dot_git.read_text(encoding="utf-8", errors="surrogateescape").strip()
            return Path(os.path.normpath(folder / line.removeprefix("gitdir:").strip()))
    return None


def common_dir_of(git_dir: Path) -> Path:
    """Where the branches are: the git directory itself, or for a linked worktree that of its repository."""
    pointer = git_dir / "commondir"
    try:
        return Path(os.path.normpath(git_dir / pointer.read_text(encoding="utf-8").strip()))
    except OSError:
        return git_dir

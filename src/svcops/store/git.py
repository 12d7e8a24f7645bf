"""Git as the store uses it: every call of git goes through here.

git itself is called, not a library's index: on 100,000 files its own index code is ten times faster than
GitPython's, and importing that costs 100 ms (docs/decisions/0003-git.md).
"""

import os
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from svcops.errors import NotDone
from svcops.store.frozen import frozen

if TYPE_CHECKING:
    import subprocess  # whose import takes longer than all else here: many a call needs no git

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
    "GIT_GLOB_PATHSPECS",
    "GIT_NOGLOB_PATHSPECS",
    "GIT_ICASE_PATHSPECS",
)
_SETTINGS = (
    "advice.graftFileDeprecated=false",  # of the empty one that is looked at in place of any
    "gc.auto=0",
    "maintenance.auto=false",
    "core.fsync=committed,pack-metadata,reference",
    "core.fsyncMethod=batch",
    "core.safecrlf=false",
    "diff.orderFile=/dev/null",
    "diff.relative=false",
    "i18n.commitEncoding=UTF-8",
    "log.follow=false",  # else a log of one path is that of another, too
    "log.showRoot=true",  # else what the first commit brought is in no log
    "log.showSignature=false",  # else git log runs a program of the user's, and prints what that says
)
_CALM = tuple(word for setting in _SETTINGS for word in ("-c", setting))
AS_IT_HAPPENED = {
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_GRAFT_FILE": os.devnull,
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_ALLOW_PROTOCOL": "none",
}
"""Variables for a git that tells of history: what git replace or a graft puts in a commit's place, or in that of its
parents, is not what happened, and may even lead back to itself. Nothing is fetched that a partial clone left out."""
_LETTING_GO_SECONDS = 2.0
"""How long a git that is told to end may take to remove its locks."""
_STAGED = ("--cached", "-z", "--name-only", "--ignore-submodules=none")
"""Of `git diff-index`: everything that is staged, whatever .gitmodules says of submodules."""
_FEW = 200
"""Paths that are named to git one by one; it compares each with every file."""


class GitFailed(NotDone):
    """Git could not do what was asked; the message carries its own words."""


class GitKilled(GitFailed):
    """Git was killed: by a person, or because memory ran out. It may have left locks."""


class Unanswered(GitFailed):
    """A remote did not answer in the time that it was given."""


class NotARepository(NotDone):
    """The store lies in no git repository."""

    def __init__(self, root: Path) -> None:
        super().__init__(f"{root} is not in a git repository", help="git init && git add --all && git commit")


class WhoAreYou(NotDone):
    """Git has no name or mail address for whoever is typing."""

    def __init__(self, missing: str) -> None:
        key = f"user.{missing}"
        example = "Ada Example" if missing == "name" else "ada@example.org"
        super().__init__(
            f"git does not know who you are: {key} is not set, and every record says who made it",
            help=f'git config --global {key} "{example}"',
        )


@frozen
class Held:
    """What git holds, or would hold, at a path: its mode as git writes it, and its object id."""

    mode: str
    blob: str


@frozen
class Person:
    """Who git says is typing."""

    name: str
    mail: str


def environment(base: Mapping[str, str], **more: str) -> dict[str, str]:
    """A process environment for git: not that of a hook we may run in, in English, never asking anything."""
    kept = {key: value for key, value in base.items() if key not in _LOCAL}
    calm = {"LC_ALL": "C.UTF-8", "GIT_TERMINAL_PROMPT": "0", "GIT_LITERAL_PATHSPECS": "1", "GIT_OPTIONAL_LOCKS": "0"}
    return {**kept, **calm, **more}


class Git:
    """One repository, seen from the folder `root` inside its work tree. Paths are relative to `root`."""

    def __init__(
        self,
        root: Path,
        env: Mapping[str, str],
        *,
        keep_open: tuple[int, ...] = (),
        more: Mapping[str, str] | None = None,
        seen_from: str = "",
    ) -> None:
        self.root = root
        self.env = env
        self.keep_open = keep_open
        self.more = dict(more or {})
        """Variables for git itself, such as another place for the objects that it writes."""
        self.seen_from = seen_from
        """The folder below `root` from which people look at the repository, and name its files."""

    def at_top(self) -> "Git":
        """The same git, run at the top of its work tree, so that it names paths as commits do.

        What names paths of a tree may name them from where it runs, `../README.md` too, and not as every other does.
        """
        top, prefix = self.text("rev-parse", "--show-toplevel"), self.text("rev-parse", "--show-prefix")
        return Git(Path(top), self.env, keep_open=self.keep_open, more=self.more, seen_from=prefix)

    def as_seen(self, paths: Iterable[str]) -> list[str]:
        """Paths below `root` as whoever looks from `seen_from` names them."""
        return [os.path.relpath(path, self.seen_from) for path in paths] if self.seen_from else list(paths)

    def run(
        self, *arguments: str, stdin: bytes = b"", index: Path | None = None, accept: Iterable[int] = (0,)
    ) -> "subprocess.CompletedProcess[bytes]":
        """Run git; another exit status than those accepted raises GitFailed with git's own words."""
        import subprocess

        more = {**self.more, "GIT_INDEX_FILE": str(index)} if index else self.more
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
            failed = GitKilled if done.returncode < 0 else GitFailed
            raise failed(f"git {arguments[0]} failed: {said or f'exit status {done.returncode}'}")
        return done

    def talk(self, *arguments: str, seconds: float) -> "subprocess.CompletedProcess[bytes]":
        """Run a git command that talks to a remote, whatever its exit status; Unanswered after that many seconds.

        It has a session of its own, so that nothing of it can ask at the terminal, and so that all of it can be ended.
        Its hooks may use patterns as they are used to, and leave something running without being waited for.
        """
        import subprocess
        import tempfile

        env = environment(self.env, **self.more)
        del env["GIT_LITERAL_PATHSPECS"]
        command = ["git", *_CALM, *arguments]
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            try:
                process = subprocess.Popen(
                    command,
                    cwd=self.root,
                    env=env,
                    stdin=subprocess.DEVNULL,
                    stdout=out,
                    stderr=err,
                    pass_fds=self.keep_open,
                    start_new_session=True,
                )
            except FileNotFoundError:
                raise GitFailed("git is not installed, or not on PATH", help="apt-get install git") from None
            try:
                status = process.wait(seconds)
            except subprocess.TimeoutExpired:
                raise Unanswered(f"no answer to git {arguments[0]} in {seconds:g} s") from None
            finally:
                _end(process)
            out.seek(0)
            err.seek(0)
            return subprocess.CompletedProcess(command, status, out.read(), err.read())

    def commit(self, message: str, *, index: Path, said: Path) -> None:
        """Commit an index; hooks run as for any commit, and may use patterns as they are used to.

        What git and the hooks say goes through the file `said`: a pipe would wait for whatever a hook leaves running.
        """
        import subprocess

        env = environment(self.env, GIT_INDEX_FILE=str(index))
        del env["GIT_LITERAL_PATHSPECS"]
        with open(said, "w+b") as words:
            done = subprocess.run(
                ["git", *_CALM, "commit", "--quiet", "--cleanup=whitespace", "--file=-"],
                cwd=self.root,
                env=env,
                input=message.encode(),
                stdout=words,
                stderr=words,
                check=False,
                pass_fds=self.keep_open,
            )
            words.seek(0)
            heard = words.read().decode("utf-8", "replace").strip()
        if done.returncode < 0:
            raise GitKilled(f"git commit was killed: {heard or f'signal {-done.returncode}'}")
        if done.returncode:
            raise GitFailed(f"git commit failed: {heard or f'exit status {done.returncode}'}")

    def prepare(self, contents: Iterable[bytes]) -> None:
        """Let git have contents that are about to be staged, all in one pack where they are many; else nothing.

        A file for each takes five times as long. Nothing rests on it: staging finds what is there, and writes what is
        not, such as what git converts on the way (line ends, a filter).
        """
        wanted = [data for data in contents if data]
        if len(wanted) > _FEW:
            blobs = b"".join(b"blob\ndata %d\n%b\n" % (len(data), data) for data in wanted)
            with suppress(GitFailed):
                self.run("fast-import", "--quiet", "--depth=0", stdin=blobs + b"done\n")

    def stage(self, paths: Iterable[str], *, index: Path) -> None:
        """Put the files as they stand, or their absence, into an index: ignored, or outside a sparse checkout, too."""
        listed = os.fsencode("".join(f"{path}\0" for path in paths))
        self.run("update-index", "--add", "--remove", "--replace", "-z", "--stdin", stdin=listed, index=index)

    def unstage(self, paths: Iterable[str], *, index: Path) -> None:
        """Put the paths as HEAD has them, or has them not, into an index."""
        listed = os.fsencode("".join(f"{path}\0" for path in paths))
        flags = ("--quiet", "--pathspec-from-file=-", "--pathspec-file-nul")
        self.run("reset", *flags, stdin=listed, index=index)

    def text(self, *arguments: str, stdin: bytes = b"", index: Path | None = None) -> str:
        """Standard output of a git command as text, without the last line end."""
        return self.run(*arguments, stdin=stdin, index=index).stdout.decode("utf-8", "surrogateescape").rstrip("\n")

    def me(self) -> Person:
        """Who is typing, as git will write it into the commit; WhoAreYou where it would have to guess."""
        pattern = r"^(user|author|committer)\.(name|email)$"
        listed = self.run("config", "--null", "--get-regexp", pattern, accept=(0, 1)).stdout
        pairs = (entry.partition("\n") for entry in listed.decode("utf-8", "replace").split("\0"))
        known = {key: value.strip() for key, _, value in pairs}
        self._identity("committer", known)
        return self._identity("author", known)

    def _identity(self, role: str, known: Mapping[str, str]) -> Person:
        asked = f"GIT_{role.upper()}"
        name = self.env.get(f"{asked}_NAME") or known.get(f"{role}.name") or known.get("user.name")
        mail = self.env.get(f"{asked}_EMAIL") or known.get(f"{role}.email") or known.get("user.email")
        mail = mail or self.env.get("EMAIL", "").strip()
        if not name:
            raise WhoAreYou("name")
        if not mail:
            raise WhoAreYou("email")
        return Person(name, mail.lower())

    def head(self) -> str | None:
        """The commit that HEAD is, or None on an unborn branch."""
        found = self.run("rev-parse", "--verify", "--quiet", "HEAD^{commit}", accept=(0, 1)).stdout
        return found.decode().strip() or None

    def is_unborn(self) -> bool:
        """Whether HEAD is on a branch that has no commit yet, and not just one that git cannot read."""
        branch = self.branch()
        return branch is not None and not self.text("for-each-ref", "--count=1", branch)

    def branch(self) -> str | None:
        """The full name of the branch that HEAD is on, or None when it is detached."""
        found = self.run("symbolic-ref", "--quiet", "HEAD", accept=(0, 1)).stdout
        return found.decode().strip() or None

    def blob_at(self, revision: str, path: str) -> str | None:
        """The object id of a file of a revision, or None where it has none."""
        listed = self.run("ls-tree", "-z", "--full-name", revision, "--", path).stdout.split(b"\0")[0]
        return listed.split(b"\t")[0].split()[2].decode() if listed else None

    def lacking(self, paths: Iterable[str]) -> list[str]:
        """Those of the paths that HEAD has no file at."""
        wanted = list(paths)
        held = set(self.about("ls-tree", "-r", "-z", "--name-only", "HEAD", paths=wanted)) if wanted else set()
        return [path for path in wanted if path not in held]

    def uncommitted(self, paths: Iterable[str]) -> list[str]:
        """Those of the paths that are staged, changed or unmerged; a path that git does not know is `untracked`."""
        wanted = list(paths)
        flags = ("--porcelain=v2", "-z", "--untracked-files=no", "--no-renames", "--ignore-submodules=all")
        listed = self.about("status", *flags, paths=wanted)
        if not any(listed):
            return []
        prefix = self.text("rev-parse", "--show-prefix")
        touched = {entry.split(" ", 10 if entry[0] == "u" else 8)[-1]: entry for entry in listed if entry}
        return [path for path in wanted if (entry := touched.get(prefix + path)) and self._is_touched(path, entry)]

    def _is_touched(self, path: str, entry: str) -> bool:
        """Whether a commit of the path would hold anything new.

        `git status` tells by their size that files differ whose bytes are what is committed once git has converted
        them: those with line ends that .gitattributes says otherwise (https://git-scm.com/docs/git-status#_porcelain_format_version_2).
        """
        if not entry.startswith("1 .M "):
            return True
        _, _, _, _, mode_staged, mode, _, blob_staged, _ = entry.split(" ", 8)
        return mode != mode_staged or self.text("hash-object", "--", path) != blob_staged

    def not_committed(self, paths: Iterable[str]) -> list[str]:
        """The files at or below the paths that differ from HEAD, new ones too; relative to `root`."""
        flags = ("--porcelain=v1", "-z", "--untracked-files=all", "--no-renames")
        listed = self.text("status", *flags, "--", *paths).split("\0")
        prefix = self.text("rev-parse", "--show-prefix")
        return [entry[3:].removeprefix(prefix) for entry in listed if entry]

    def hidden(self, paths: Iterable[str]) -> list[str]:
        """Those of the paths that git is told not to look at: skip-worktree, assume-unchanged, not checked out."""
        wanted = list(paths)
        listed = self.about("ls-files", "-v", "-z", paths=wanted)
        marked = {entry[2:] for entry in listed if entry[:1] == "S" or entry[:1].islower()}
        return [path for path in wanted if path in marked]

    def is_ahead_of(self, revision: str | None) -> bool:
        """Whether HEAD has that commit, or with None nothing, somewhere before it."""
        head = self.head()
        if head is None or head == revision:
            return False
        if revision is None:
            return True
        return not self.run("merge-base", "--is-ancestor", revision, "HEAD", accept=(0, 1)).returncode

    def changed_since(self, revision: str | None) -> set[str]:
        """The paths below `root` in which HEAD differs from a revision, or with None from nothing at all."""
        if revision is None:
            listed = self.text("ls-tree", "-r", "-z", "--name-only", "HEAD")
        else:
            listed = self.text("diff-tree", "-r", "-z", "--name-only", "--relative", revision, "HEAD")
        return set(listed.split("\0"))

    def is_new(self, paths: Iterable[str]) -> bool:
        """Whether git knows of no such file: neither the index nor HEAD has one of them."""
        wanted = list(paths)
        if len(wanted) > _FEW or self.run("ls-files", "-z", "--", *wanted).stdout:
            return False
        held = self.run("ls-tree", "-z", "--name-only", "HEAD", "--", *wanted, accept=(0, 128))
        return not held.stdout if held.returncode == 0 else self.head() is None

    def untracked(self, paths: Iterable[str]) -> list[str]:
        """Those of the paths that the index has no file at, whether one is there or not."""
        wanted = list(paths)
        tracked = set(self.about("ls-files", "-z", paths=wanted))
        return [path for path in wanted if path not in tracked]

    def not_as_committed(self, *, index: Path) -> set[str]:
        """The paths below `root` in which an index differs from HEAD."""
        listed = self.text("diff-index", *_STAGED, "--relative", "HEAD", index=index)
        return set(listed.split("\0"))

    def blobs(self, paths: Sequence[str]) -> list[str]:
        """The object ids that files would have once committed, in their order; `root` is the top of the work tree."""
        odd = [path for path in paths if "\n" in path or path.startswith('"')]
        ids = {path: self.text("hash-object", "--", path) for path in odd}
        others = [path for path in paths if path not in ids]
        listed = os.fsencode("".join(f"{path}\n" for path in others))
        asked = self.text("hash-object", "--stdin-paths", stdin=listed).split() if others else []
        ids |= dict(zip(others, asked, strict=True))
        return [ids[path] for path in paths]

    def about(self, *command: str, paths: Sequence[str]) -> list[str]:
        """What git lists about the paths, or about everything where they are many."""
        return self.text(*command, "--", *(paths if len(paths) <= _FEW else ())).split("\0")


def _end(process: "subprocess.Popen[bytes]") -> None:
    """End a git and all that it started, if it still runs; its locks first."""
    import signal
    import subprocess

    for how in (signal.SIGTERM, signal.SIGKILL):
        if process.poll() is not None:
            return
        with suppress(ProcessLookupError):
            os.killpg(process.pid, how)
        with suppress(subprocess.TimeoutExpired):
            process.wait(_LETTING_GO_SECONDS)

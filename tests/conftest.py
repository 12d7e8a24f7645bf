"""What tests share: real git repositories and stores in them, shielded from the git configuration of whoever runs them."""

import io
import json
import os
import shutil
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pytest
from tests import tries

from svcops.cli.main import run
from svcops.store.change import Change, digest_of
from svcops.store.writing import Written, apply, recover
from svcops.terminal.session import Session, take_options


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Properties are tried more often in the soak; files lie in memory, where there is room for them."""
    tries.load("soak" if "soak" in config.option.markexpr else "svcops")
    if _has_room_in_memory():
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))


MEMORY = Path("/dev/shm")
ROOM = 10 * 2**30
"""Bytes; all tests write less than a third of that."""


def _has_room_in_memory() -> bool:
    """Whether files may lie in memory, and hooks be run from there; on a disk small files take a quarter more time."""
    try:
        found = os.statvfs(MEMORY)
    except OSError:
        return False
    free = found.f_bavail * found.f_frsize
    return free > ROOM and not found.f_flag & os.ST_NOEXEC and os.access(MEMORY, os.W_OK)


def pytest_xdist_auto_num_workers() -> int:
    """One more than there are cores: a fifth of the time goes by while a test waits for a process, or for a while."""
    return (os.cpu_count() or 1) + 1


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Long runs only where they are asked for: `make soak`."""
    if "soak" in config.option.markexpr:
        return
    long = [item for item in items if item.get_closest_marker("soak")]
    items[:] = [item for item in items if item not in long]
    config.hook.pytest_deselected(items=long)


SETTINGS = "organisation: Example\ntime_zone: Europe/Berlin\n"


class Repository:
    """A git repository of a test, driven by plain git."""

    def __init__(self, path: Path, env: Mapping[str, str]) -> None:
        self.path = path
        self.env = dict(env)

    @property
    def git_dir(self) -> Path:
        return Path(os.path.normpath(self.path / self.git("rev-parse", "--git-dir").strip()))

    def git(self, *arguments: str, check: bool = True, stdin: str = "") -> str:
        done = subprocess.run(
            ["git", *arguments], cwd=self.path, env=self.env, input=stdin, capture_output=True, text=True, check=False
        )
        assert not check or done.returncode == 0, f"git {' '.join(arguments)}: {done.stdout}{done.stderr}"
        return done.stdout

    def write(self, path: str, text: str | bytes) -> Path:
        full = self.path / path
        full.parent.mkdir(parents=True, exist_ok=True)
        full.write_bytes(text.encode() if isinstance(text, str) else text)
        return full

    def hook(self, name: str, script: str) -> None:
        hook = Path(os.path.normpath(self.path / self.git("rev-parse", "--git-path", "hooks").strip())) / name
        hook.parent.mkdir(parents=True, exist_ok=True)
        hook.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
        hook.chmod(0o755)

    def commit(self, message: str = "by hand", *paths: str) -> str:
        self.git("add", "--all", "--force", *(["--", *paths] if paths else []))
        self.git("commit", "--quiet", "--no-verify", f"--message={message}", *(["--", *paths] if paths else []))
        return self.head()

    def head(self) -> str:
        return self.git("rev-parse", "--verify", "--quiet", "HEAD", check=False).strip()

    def log(self) -> list[str]:
        return self.git("log", "--format=%s").splitlines() if self.head() else []

    def committed(self, revision: str = "HEAD") -> dict[str, str]:
        """The paths that a commit changed, with their letters."""
        listed = self.git("diff-tree", "--root", "--no-commit-id", "--name-status", "-r", "-z", revision).split("\0")
        return dict(zip(listed[1::2], listed[::2], strict=False))

    def status(self) -> list[str]:
        return [line for line in self.git("status", "--porcelain=v2", "-z").split("\0") if line]

    def staged(self) -> str:
        return self.git("diff", "--cached", "--binary", "--no-renames")

    def unstaged(self) -> str:
        return self.git("diff", "--binary", "--no-renames")

    def fsck(self) -> None:
        done = subprocess.run(
            ["git", "fsck", "--full", "--strict"],
            cwd=self.path,
            env=self.env,
            capture_output=True,
            text=True,
            check=False,
        )
        wrong = [
            line for line in (done.stdout + done.stderr).splitlines() if not line.startswith(("dangling", "notice"))
        ]
        assert done.returncode == 0, done.stdout + done.stderr
        assert not wrong, wrong

    def locks(self) -> list[Path]:
        """Every lock file of git below the git directory."""
        common = Path(os.path.normpath(self.path / self.git("rev-parse", "--git-common-dir").strip()))
        return sorted(common.rglob("*.lock"))

    def leftovers(self) -> list[Path]:
        """Everything that svcops may have left where it works: temporary files and journals."""
        below = [path for path in self.path.rglob(".*.svcops") if ".git" not in path.parts]
        place = self.git_dir / "svcops"
        return below + [path for path in place.glob("*") if path.name not in ("lock", "cache")]


class StoreOnDisk(Repository):
    """A store in a repository: `root` may be a folder below the repository's top."""

    def __init__(self, path: Path, env: Mapping[str, str], folder: str = "") -> None:
        super().__init__(path, env)
        self.root = path / folder
        self.said: list[str] = []

    def apply(self, change: Change, *, commit: bool = True) -> Written:
        return apply(change, root=self.root, git_dir=self.git_dir, env=self.env, commit=commit, say=self.said.append)

    def recover(self) -> None:
        recover(root=self.root, git_dir=self.git_dir, env=self.env, say=self.said.append)

    def change(self, files: Mapping[str, bytes | str | None], subject: str = "Change", **more: object) -> Change:
        """A change as a command makes one: from what stands there now."""
        plain = {path: data.encode() if isinstance(data, str) else data for path, data in files.items()}
        before = {
            path: digest_of((self.root / path).read_bytes()) for path in plain if os.path.lexists(self.root / path)
        }
        return Change(subject, plain, before, **more)  # type: ignore[arg-type]

    def put(self, path: str, data: bytes | str | None, subject: str = "Change") -> Written:
        """One file, written and committed."""
        return self.apply(self.change({path: data}, subject))

    def read(self, path: str) -> str:
        return (self.root / path).read_text(encoding="utf-8")

    def at_head(self, path: str) -> str:
        prefix = self.root.relative_to(self.path).as_posix()
        return self.git("show", f"HEAD:{path if prefix == '.' else f'{prefix}/{path}'}")

    def is_clean(self) -> bool:
        return not self.status() and not self.locks() and not self.leftovers()


def shielded(home: Path) -> dict[str, str]:
    """An environment in which git sees no configuration but the repository's own."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "XDG_CONFIG_HOME": str(home),
        "LANG": "C.UTF-8",
        "GIT_CONFIG_GLOBAL": "/dev/null",
        "GIT_CONFIG_NOSYSTEM": "1",
    }


@pytest.fixture(scope="session")
def homes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of their own: to number one more among those of all tests takes a look at each."""
    return tmp_path_factory.mktemp("homes")


@pytest.fixture
def env(homes: Path) -> dict[str, str]:
    """An environment in which git sees no configuration but the repository's own."""
    return shielded(Path(mkdtemp(dir=homes)))


class Moulds:
    """Repositories that are made once and copied for each test: three processes of git and more are spared in each."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._made: dict[tuple[str, ...], Path] = {}

    def cast(
        self, what: str, to: Path, env: Mapping[str, str], make: Callable[[Path, Mapping[str, str]], object]
    ) -> None:
        """Have at `to` what `make` makes; `what` tells it from whatever else is made."""
        more = [f"{name}={value}" for name, value in env.items() if name not in ("HOME", "XDG_CONFIG_HOME")]
        key = (what, *more)
        mould = self._made.get(key)
        if mould is None:
            mould = self._folder / str(len(self._made))
            mould.mkdir()
            make(mould, env)
            self._made[key] = mould
        shutil.copytree(mould, to, symlinks=True, dirs_exist_ok=True)
        if (to / ".git" / "index").exists():  # it knows its files by their inodes, and the copies have others
            Repository(to, env).git("update-index", "-q", "--refresh")


@pytest.fixture(scope="session")
def moulds(tmp_path_factory: pytest.TempPathFactory) -> Moulds:
    """What tests begin with."""
    return Moulds(tmp_path_factory.mktemp("moulds"))


def make_repository(path: Path, env: Mapping[str, str], name: str | None, mail: str | None) -> Repository:
    repository = Repository(path, env)
    repository.git("init", "--quiet", "--initial-branch=main")
    if name is not None:
        repository.git("config", "user.name", name)
    if mail is not None:
        repository.git("config", "user.email", mail)
    return repository


@pytest.fixture
def new_repository(tmp_path: Path, env: dict[str, str], moulds: Moulds) -> Callable[..., Repository]:
    """Makes an empty repository; `name` and `mail` are who git says is typing there, None for nobody."""

    def make(
        folder: str = "repository", *, name: str | None = "Ada Example", mail: str | None = "ada@example.org"
    ) -> Repository:
        path = tmp_path / folder
        path.mkdir(parents=True)
        moulds.cast(f"{name} {mail}", path, env, lambda mould, env: make_repository(mould, env, name, mail))
        return Repository(path, env)

    return make


@pytest.fixture
def new_store(
    tmp_path: Path, env: dict[str, str], moulds: Moulds, new_repository: Callable[..., Repository]
) -> Callable[..., StoreOnDisk]:
    """Makes a store with svcops.yaml, in `below` of a new repository; committed unless `born` is false."""

    def make(folder: str = "repository", *, below: str = "", born: bool = True, **who: str | None) -> StoreOnDisk:
        if (below, born, who) == ("", True, {}):
            path = tmp_path / folder
            path.mkdir(parents=True)
            moulds.cast("store", path, env, make_store)
            return StoreOnDisk(path, env)
        repository = new_repository(folder, **who)
        store = StoreOnDisk(repository.path, repository.env, below)
        store.write(f"{below}/svcops.yaml" if below else "svcops.yaml", SETTINGS)
        if born:
            store.commit("Start")
        return store

    return make


def make_store(path: Path, env: Mapping[str, str]) -> StoreOnDisk:
    make_repository(path, env, *ADA)
    store = StoreOnDisk(path, env)
    store.write("svcops.yaml", SETTINGS)
    store.commit("Start")
    return store


@pytest.fixture
def repository(new_repository: Callable[..., Repository]) -> Repository:
    """An empty repository of Ada Example."""
    return new_repository()


@pytest.fixture
def store(new_store: Callable[..., StoreOnDisk]) -> StoreOnDisk:
    """A store with svcops.yaml, committed by Ada Example."""
    return new_store()


START = datetime(2026, 11, 23, 7, 15, tzinfo=UTC)
ADA = ("Ada Example", "ada@example.org")
NOOR = ("Noor Voorbeeld", "noor@example.org")


@dataclass
class Said:
    """What one call of svcops printed, and its exit code."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def id(self) -> str:
        return self.out.split()[0]


class Console:
    """svcops, called in this process on a real store, with a clock that the test moves and ids that repeat."""

    def __init__(self, store: StoreOnDisk) -> None:
        self.store = store
        self.now = START
        self.who = ADA
        self.cwd = store.root
        self._seed = 0

    def __call__(self, *arguments: str, code: int | None = 0) -> Said:
        """Run a command; `code` is the exit code expected, None for any. A minute passes."""
        self.now += timedelta(minutes=1)
        options, rest = take_options(arguments)
        out, err = io.StringIO(), io.StringIO()
        name, mail = self.who
        author = {"GIT_AUTHOR_NAME": name, "GIT_AUTHOR_EMAIL": mail}
        committer = {"GIT_COMMITTER_NAME": name, "GIT_COMMITTER_EMAIL": mail}
        session = Session(
            options=options,
            cwd=self.cwd,
            env={**self.store.env, **author, **committer},
            stdin=io.StringIO(),
            stdout=out,
            stderr=err,
            now=lambda: self.now,
            random_bytes=self._random_bytes,
        )
        said = Said(run(session, rest), out.getvalue(), err.getvalue())
        assert code is None or said.code == code, f"exit code {said.code}, not {code}\n{said.out}\n{said.err}"
        return said

    def _random_bytes(self, number: int) -> bytes:
        self._seed += 1
        return sha256(str(self._seed).encode()).digest()[:number]


@pytest.fixture
def console(tmp_path: Path, env: dict[str, str], moulds: Moulds) -> Console:
    """svcops on a small store: team platform, two services, a runbook, two people."""
    path = tmp_path / "repository"
    moulds.cast("catalogue", path, env, make_catalogue)
    return Console(StoreOnDisk(path, env))


def make_catalogue(path: Path, env: Mapping[str, str]) -> None:
    store = make_store(path, env)
    store.write(
        "catalogue/teams/platform.yaml",
        "title: Platform\nmembers: [ada, noor]\ncontacts:\n  - channel: chat\n    address: '#platform'\n",
    )
    store.write("catalogue/services/receipt-scanner.yaml", "title: Receipt scanner\nowner: platform\ntier: 1\n")
    store.write("catalogue/services/ledger.yaml", "title: Ledger\nowner: platform\ntier: 1\n")
    store.write("catalogue/people/ada.yaml", "name: Ada Example\nemails: [ada@example.org, ada@home.example]\n")
    store.write("catalogue/people/noor.yaml", "name: Noor Voorbeeld\nemails: [noor@example.org]\n")
    store.write(
        "runbooks/receipt-scanner/queue.md",
        "---\ntitle: Queue\nkind: operation\nservices: [receipt-scanner]\n---\n\n"
        "## Meaning\n\n## Impact\n\n## Diagnosis\n\nLook.\n\n## Mitigation\n",
    )
    store.commit("The catalogue")


@pytest.fixture
def new_console() -> Callable[[StoreOnDisk], Console]:
    """Makes a console on any store."""
    return Console

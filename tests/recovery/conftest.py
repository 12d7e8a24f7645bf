"""Evidence of drills in a real store, signed and approved with real keys."""

import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pytest
from tests.conftest import ADA, NOOR, Console
from tests.recovery import books, postgresql

from svcops.recovery.interface import Current, Work
from svcops.runbooks.processes import Keeper

LOG = b"14 snapshots, the latest of 2026-11-23\n"


@dataclass
class Keys:
    """OpenSSH keys without a passphrase, made when they are first asked for."""

    folder: Path

    def file(self, name: str) -> Path:
        file = self.folder / name
        if not file.exists():
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", file], check=True)
        return file

    def public(self, name: str) -> str:
        return self.file(name).with_suffix(".pub").read_text().strip()

    def sign(self, name: str, data: bytes, namespace: str) -> bytes:
        words = ["ssh-keygen", "-q", "-Y", "sign", "-f", self.file(name), "-n", namespace]
        return subprocess.run(words, input=data, capture_output=True, check=True).stdout


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Keys:
    return Keys(tmp_path_factory.mktemp("keys"))


@dataclass
class Drills:
    """A store with evidence, and what a person or an attacker does with it."""

    console: Console
    keys: Keys

    def id(self, tail: str) -> str:
        return f"evidence-20261123-{tail}"

    def path(self, tail: str = "aaaaaa") -> str:
        return f"recovery/evidence/2026/{self.id(tail)}/evidence.yaml"

    def digest(self, tail: str) -> str:
        return f"sha256:{sha256((self.console.store.root / self.path(tail)).read_bytes()).hexdigest()}"

    def write(self, tail: str = "aaaaaa", *after: str, verdict: str = "passed", more: str = "") -> str:
        """Evidence with a log, written and committed as a drill leaves it."""
        store, folder = self.console.store, self.path(tail).rpartition("/")[0]
        store.write(f"{folder}/logs/fetch.txt", LOG)
        named = "".join(f"  - id: {self.id(one)}\n    digest: {self.digest(one)}\n" for one in after)
        store.write(
            self.path(tail),
            f"id: {self.id(tail)}\nplan: ledger\n"
            "started_at: '2026-11-23T06:00:00Z'\nended_at: '2026-11-23T06:30:00Z'\n"
            f"verdict: {verdict}\nby: ada\nrto: 12m\n{more}"
            "stages:\n  - name: fetch\n    started_at: '2026-11-23T06:00:00Z'\n    ended_at: '2026-11-23T06:10:00Z'\n"
            "    seconds: 600.0\n    exit: 0\n    log: logs/fetch.txt\n"
            f"    digest: sha256:{sha256(LOG).hexdigest()}\n" + (f"after:\n{named}" if named else ""),
        )
        store.commit(f"The drill {tail}")
        return tail

    def sign(self, tail: str = "aaaaaa") -> None:
        self.console.who = ADA
        self.console("evidence", "sign", tail, "--key", str(self.keys.file("ada")))

    def approve(self, tail: str = "aaaaaa") -> str:
        self.console.who = NOOR
        return self.console("evidence", "approve", tail, "--key", str(self.keys.file("noor"))).id

    def proved(self, tail: str = "aaaaaa", *after: str, **more: Any) -> str:
        """Evidence that was written, signed and approved; the approval's path."""
        self.write(tail, *after, **more)
        self.sign(tail)
        return f"approvals/2026/{self.approve(tail)}.yaml"

    def pin(self) -> None:
        """What stands here now is what an auditor trusts."""
        self.console.store.git("tag", "--force", "audited")
        self.console.store.git("config", "svcops.trusted", "audited")

    def enrol(self, *lines: str, revoked: str = "") -> None:
        """The keys that count, by one commit."""
        self.console.store.write("trust/allowed_signers", "".join(f"{line}\n" for line in lines))
        if revoked:
            self.console.store.write("trust/revoked", revoked)
        self.console.store.commit("Keys")

    def line(self, mail: str, name: str, options: str = "") -> str:
        return f"{mail} {options}{' ' if options else ''}{self.keys.public(name)}"

    def forge(self, path: str, key: str, namespace: str) -> None:
        """A signature beside a file, made by hand."""
        data = (self.console.store.root / path).read_bytes()
        self.console.store.write(f"{path}.sig", self.keys.sign(key, data, namespace))

    def verify(self, *arguments: str, code: int) -> Any:
        return self.console("evidence", "verify", *arguments, "--json", code=code).json

    def judged(self, tail: str = "aaaaaa", *, code: int = 1) -> dict[str, str]:
        """The reasons of what does not hold of one evidence, by what they are about."""
        said = self.verify(code=code)
        (one,) = [one for one in said["evidence"] if one["id"].endswith(tail)]
        parts = ("signature", "approval", "logs", "chain", "identity")
        return {name: one[name]["why"] for name in parts if one[name]["standing"] != "good"}

    def gaps(self, *, code: int = 1) -> list[str]:
        return [gap["why"] for gap in self.verify(code=code)["completeness"]["gaps"]]


@pytest.fixture
def drills(console: Console, keys: Keys) -> Drills:
    """A store whose trusted revision knows the keys of Ada, who runs drills, and Noor, who approves."""
    console.store.write("recovery/plans/ledger.yaml", "title: The ledger from its backup\nservices: [ledger]\n")
    drills = Drills(console, keys)
    drills.enrol(drills.line("ada@example.org", "ada"), drills.line("noor@example.org", "noor"))
    drills.pin()
    return drills


@pytest.fixture
def branch(drills: Drills) -> Callable[[str], None]:
    """Takes up work on a branch, as a pull request brings it."""
    return lambda name: drills.console.store.git("checkout", "--quiet", "-b", name) and None


@pytest.fixture(scope="session")
def server() -> Iterator[postgresql.Postgres]:
    """A server with the ledger, once for all; what a test adds it takes away again, or it is in no one's way."""
    with postgresql.running() as one:
        one.sql("CREATE DATABASE ledger", "postgres")
        one.sql(postgresql.BOOKS)
        yield one


@contextmanager
def working(**env: str) -> Iterator[Work]:
    """What a stage works with, in a scratch folder that PostgreSQL can reach."""
    scratch = Path(mkdtemp(prefix="svcops-drill-"))
    with Keeper(scratch) as keeper:
        yield Work(keeper, scratch, scratch, {**os.environ, **env}, lambda: datetime.now(UTC), Current())


@pytest.fixture
def work() -> Iterator[Work]:
    """Of one test."""
    with working() as one:
        yield one


@pytest.fixture(scope="module")
def module_work() -> Iterator[Work]:
    """Of all tests of a module, with the passwords of other tools about."""
    with working(RESTIC_PASSWORD="correct-horse", BORG_PASSPHRASE="battery-staple") as one:
        yield one


@pytest.fixture
def ledger(console: Console) -> Console:
    """A store with a plan for the ledger's books, which are there, below a folder that git ignores."""
    books.agree(console)
    console.store.write(".gitignore", "/var/\n")
    books.plan(console)
    books.make_books(console.store.root)
    return console

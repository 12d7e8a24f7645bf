"""A store, a call of svcops on it, and the pages that come out, read as a browser would."""

import io
import itertools
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from tests.html_page import Page

from svcops.cli.main import run
from svcops.terminal.session import Session, take_options

PROJECT = Path(__file__).parents[2]
AT = "2026-11-23T00:00:00+00:00"


@dataclass
class Done:
    """What a call of svcops did."""

    status: int
    out: str
    err: str


@dataclass
class Portal:
    """A store of a test, and the folder of its site."""

    store: Any
    site: Path
    now: datetime = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    @property
    def root(self) -> Path:
        return self.store.root

    def run(self, *arguments: str) -> Done:
        options, rest = take_options(arguments)
        out, err = io.StringIO(), io.StringIO()
        session = Session(
            options=options,
            cwd=self.root,
            env=self.store.env,
            stdin=io.StringIO(),
            stdout=out,
            stderr=err,
            now=lambda: self.now,
            random_bytes=lambda count: (next(self._numbers) * 2654435761).to_bytes(8, "big")[-count:],
        )
        return Done(run(session, rest), out.getvalue(), err.getvalue())

    def svcops(self, *arguments: str) -> str:
        """A call that must succeed: its output."""
        done = self.run(*arguments)
        assert done.status == 0, done.out + done.err
        return done.out.strip()

    def build(self, *more: str, status: int = 0, at: str = AT) -> dict[str, Page]:
        """Build the site, and read its pages."""
        done = self.run("site", "build", "--out", str(self.site), "--at", at, *more)
        assert done.status == status, done.out + done.err
        return self.pages()

    def pages(self) -> dict[str, Page]:
        found = {path.relative_to(self.site).as_posix(): path for path in sorted(self.site.rglob("*.html"))}
        return {name: Page(name, path.read_text(encoding="utf-8")) for name, path in found.items()}

    def bytes(self) -> dict[str, bytes]:
        """Everything in the folder of the site."""
        files = (path for path in sorted(self.site.rglob("*")) if path.is_file())
        return {path.relative_to(self.site).as_posix(): path.read_bytes() for path in files}

    def service(self, name: str, text: str = "title: A service\nowner: ops\n") -> None:
        self.store.write(f"catalogue/services/{name}.yaml", text)


@pytest.fixture
def portal(store, tmp_path) -> Portal:
    """A store with nothing but its settings."""
    return Portal(store, tmp_path / "site")


@pytest.fixture
def landscape(new_store: Callable[..., Any], tmp_path: Path) -> Portal:
    """The reference landscape, with nothing that happened yet."""
    store = new_store("landscape", name="Robin Sample", mail="robin@example.org")
    for folder in ("catalogue", "runbooks", "slo", "metrics", "templates"):
        shutil.copytree(PROJECT / folder, store.root / folder)
    shutil.copy(PROJECT / "svcops.yaml", store.root)
    store.commit("The landscape")
    return Portal(store, tmp_path / "site")


@pytest.fixture(scope="session")
def told(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the story is kept once it was told: telling it takes dozens of calls of git."""
    return tmp_path_factory.mktemp("told") / "landscape"


@pytest.fixture
def story(landscape: Portal, told: Path) -> Portal:
    """The landscape with one major incident that went through the cycle, and a minor one that is open."""
    if not told.exists():
        tell(landscape)
        shutil.copytree(landscape.root, told)
    shutil.rmtree(landscape.root)
    shutil.copytree(told, landscape.root)
    return landscape


def tell(portal: Portal) -> None:
    said = portal.svcops
    major = said(
        *("--quiet", "incident", "open", "Receipts are not extracted", "--service", "receipt-scanner"),
        *("--severity", "sev1", "--detected-by", "slo", "--started", "2026-11-18T09:15", "--at", "2026-11-18T09:31"),
    )
    said("incident", "log", major, "Rolled back to 4.2.0", "--at", "2026-11-18T12:05")
    said("incident", "resolve", major, "Queue drained", "--at", "2026-11-18T12:31")
    started = said("--quiet", "postmortem", "start", major, "--moderator", "noor-voorbeeld")
    text = f"postmortems/2026/{started}.md"
    portal.store.write(text, re.sub(r"(?m)^> .*$", "Said.", portal.store.read(text)))
    portal.store.commit("What happened")
    measure = said(
        *("--quiet", "measure", "add", major, "The runbook names the rollback first", "--type", "mitigate"),
        *("--owner", "platform", "--due", "2026-12-01"),
    )
    runbook = "runbooks/receipt-scanner/extraction-failing.md"
    portal.store.write(runbook, portal.store.read(runbook) + "\nRoll back first.\n")
    portal.store.write(
        "exercises/2026/exercise-20261119-b7qk2m/exercise.yaml",
        "runbook: receipt-scanner/extraction-failing\nresult: passed\n"
        "started_at: 2026-11-19T10:00:00+01:00\nended_at: 2026-11-19T10:20:00+01:00\nby: noor-voorbeeld\ntext: Rolled back in a test\n",
    )
    portal.store.commit("Roll back first, as was tried")
    said("measure", "anchor", measure, "--path", runbook)
    portal.store.git("config", "user.name", "Erika Mustermann")
    portal.store.git("config", "user.email", "erika.mustermann@example.com")
    said("postmortem", "approve", major)
    said("incident", "close", major)
    said(
        *("incident", "open", "Payslips are late", "--service", "payroll", "--service", "ledger"),
        *("--severity", "sev3", "--detected-by", "user", "--at", "2026-11-23T05:10"),
    )

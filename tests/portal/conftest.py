"""A store, a call of svcops on it, and the pages that come out, read as a browser would."""

import io
import itertools
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest

from svcops.cli.main import run
from svcops.terminal.session import Session, take_options

PROJECT = Path(__file__).parents[2]
AT = "2026-11-23T00:00:00+00:00"
VOID = {"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"}
NOT_IN_A_PARAGRAPH = {
    *("article", "blockquote", "details", "div", "dl", "footer", "h1", "h2", "h3", "h4", "h5", "h6", "header"),
    *("hr", "main", "nav", "ol", "p", "pre", "section", "table", "ul"),
}


STANDING_APART = {*NOT_IN_A_PARAGRAPH, "dd", "dt", "li", "td", "th"}


@dataclass
class Element:
    tag: str
    attributes: dict[str, str]
    text: str = ""


class Page(HTMLParser):
    """A page: its elements in order, and everything that is wrong with how they are nested."""

    def __init__(self, path: str, source: str) -> None:
        super().__init__(convert_charrefs=True)
        self.path = path
        self.source = source
        self.elements: list[Element] = []
        self.wrong: list[str] = []
        self._open: list[Element] = []
        self.feed(source)
        self.close()
        self.wrong += [f"<{one.tag}> is never closed" for one in self._open]

    def handle_decl(self, decl: str) -> None:
        if decl.lower() != "doctype html":
            self.wrong.append(decl)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        if len(names) != len(set(names)):
            self.wrong.append(f"<{tag}> has an attribute twice: {names}")
        if tag in NOT_IN_A_PARAGRAPH and any(one.tag == "p" for one in self._open):
            self.wrong.append(f"<{tag}> inside <p>, at {self.getpos()}")
        if tag in STANDING_APART:
            self.handle_data(" ")
        element = Element(tag, {name: value or "" for name, value in attrs})
        self.elements.append(element)
        if tag not in VOID:
            self._open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(Element(tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        if not self._open or self._open[-1].tag != tag:
            self.wrong.append(f"</{tag}> closes {[one.tag for one in self._open[-2:]]}, at {self.getpos()}")
        else:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        for one in self._open:
            one.text += data

    def all(self, *tags: str) -> list[Element]:
        return [one for one in self.elements if one.tag in tags]

    def one(self, tag: str) -> Element:
        (found,) = self.all(tag)
        return found

    @property
    def text(self) -> str:
        """What a reader reads, with single spaces."""
        return " ".join(self.one("body").text.split())

    @property
    def ids(self) -> list[str]:
        return [one.attributes["id"] for one in self.elements if "id" in one.attributes]

    def href(self, text: str) -> str:
        """Where the first link of that text leads."""
        return next(one.attributes["href"] for one in self.all("a") if " ".join(one.text.split()) == text)

    def row(self, start: str) -> str:
        """The row of a table that begins so."""
        rows = (" ".join(one.text.split()) for one in self.all("tr"))
        return next(one for one in rows if one.startswith(start))

    def leads_to(self, href: str) -> tuple[str, str]:
        """A relative link as the page it leads to, from the site's root, and the fragment."""
        parts = urlsplit(href)
        target = Path("/", self.path).parent / unquote(parts.path) if parts.path else Path("/", self.path)
        steps: list[str] = []
        for step in target.parts[1:]:
            steps = steps[:-1] if step == ".." else [*steps, step]
        return "/".join(steps), unquote(parts.fragment)


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

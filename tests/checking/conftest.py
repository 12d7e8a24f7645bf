"""Stores without git, svcops called in them, and expected outputs as files."""

import io
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from svcops.checking.formats import render
from svcops.checking.formats.report import Report
from svcops.checking.model import At, Edit, Finding, Fix, Related, Span
from svcops.cli.main import run
from svcops.store.files import WorkTree
from svcops.terminal.session import Session, take_options

NOW = datetime(2026, 11, 23, 8, 15, tzinfo=UTC)
SNAPSHOTS = Path(__file__).parent / "snapshots"


@dataclass
class Answer:
    """What a call printed, and its exit code."""

    code: int
    out: str
    err: str


class Terminal(io.StringIO):
    """Standard output as a person's terminal."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def write(tmp_path: Path) -> Callable[[Mapping[str, str | bytes]], Path]:
    """Write the files of a store, with a svcops.yaml, into a folder that is in no git repository."""

    def make(files: Mapping[str, str | bytes]) -> Path:
        root = tmp_path / "store"
        for path, content in {"svcops.yaml": "organisation: Example\n", **files}.items():
            full = root / path
            full.parent.mkdir(parents=True, exist_ok=True)
            full.write_bytes(content.encode() if isinstance(content, str) else content)
        return root

    return make


@pytest.fixture
def call() -> Callable[..., Answer]:
    """Call svcops in a folder; `terminal` makes standard output one, `env` is the environment."""

    def svcops(cwd: Path, *arguments: str, terminal: bool = False, env: Mapping[str, str] | None = None) -> Answer:
        options, rest = take_options(arguments)
        out, err = Terminal() if terminal else io.StringIO(), io.StringIO()
        session = Session(
            options=options,
            cwd=cwd,
            env=env or {},
            stdin=io.StringIO(),
            stdout=out,
            stderr=err,
            now=lambda: NOW,
            random_bytes=bytes,
        )
        return Answer(run(session, rest), out.getvalue(), err.getvalue())

    return svcops


@pytest.fixture
def snapshot() -> Callable[[str, str], None]:
    """Compare a text with the file of that name; UPDATE_SNAPSHOTS=1 writes the file instead."""

    def compare(name: str, text: str) -> None:
        file = SNAPSHOTS / name
        if os.environ.get("UPDATE_SNAPSHOTS"):
            file.write_bytes(text.encode())
        assert file.exists(), (
            f"{file} is missing: UPDATE_SNAPSHOTS=1 pytest tests/checking makes it; read it before you commit"
        )
        assert text == file.read_bytes().decode()

    return compare


LEDGER = "catalogue/services/ledger.yaml"
TORN = "catalogue/services/torn äö%20.yaml"

FINDINGS = (
    Finding(
        "REF001",
        "owner names no team: opperations",
        At(LEDGER, ("owner",)),
        "Did you mean operations?",
        span=Span(2, 8, 2, 19),
        related=(
            Related("operations is defined here", At("catalogue/teams/operations.yaml")),
            Related("of this {service} [x](https://evil.example)", At(LEDGER), Span(1, 1, 1, 6)),
        ),
        fix=Fix("write operations", (Edit(At(LEDGER), "operations", span=Span(2, 8, 2, 19)),)),
    ),
    Finding("SCHEMA003", "tags must be text, not {a: 1}", At(LEDGER, ("tags", 0)), span=Span(3, 8, 5, 2)),
    Finding("FILE007", "a link to a folder", At("runbooks/books"), "Take it away.", "warning"),
    Finding("TEAM003", "owns nothing", At("catalogue/teams/operations.yaml"), severity="note", span=Span(1, 1, 1, 2)),
    Finding("YAML001", "not YAML: a [ that nothing ends", At(TORN), span=Span(2, 1, 2, 1)),
    Finding("FILE005", "cannot be read: Permission denied", At("catalogue/services/shut.yaml")),
)
"""One of every shape: a fix, related places, several lines, a file as a whole, a file that could not be parsed or read."""


@pytest.fixture
def report(tmp_path: Path) -> Callable[..., Report]:
    """A report on `FINDINGS`, or on others, over a folder that holds one of their files."""

    def make(findings: tuple[Finding, ...] = FINDINGS, **more: object) -> Report:
        (tmp_path / LEDGER).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / LEDGER).write_text("title: Ledger\nowner: opperations\ntags: [{\n  a: 1\n}]\n", encoding="utf-8")
        return Report(findings, 12, WorkTree(tmp_path), **more)  # type: ignore[arg-type]

    return make


@pytest.fixture
def shown(report: Callable[..., Report]) -> Callable[..., str]:
    """What a format makes of `report`."""

    def show(name: str, findings: tuple[Finding, ...] = FINDINGS, **more: object) -> str:
        return "\n".join(render(name, report(findings, **more)))

    return show

"""The reference landscape with two incidents, in a plain folder, and the dashboard that is made of it once."""

import io
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from tests.html_page import Page

from svcops.cli.main import run
from svcops.terminal.session import Session, take_options

PROJECT = Path(__file__).parents[3]
AT = "2026-11-23T00:00:00+00:00"
NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)


@dataclass
class Done:
    """What a call of svcops did."""

    status: int
    out: str
    err: str


@dataclass
class Board:
    """A store in a plain folder, and svcops called in it."""

    root: Path
    written: dict[str, Page] = field(default_factory=dict)

    def session(self, *arguments: str) -> tuple[Session, list[str]]:
        options, rest = take_options(arguments)
        return (
            Session(
                options=options,
                cwd=self.root,
                env={"HOME": str(self.root), "GIT_CEILING_DIRECTORIES": str(self.root.parent)},
                stdin=io.StringIO(),
                stdout=io.StringIO(),
                stderr=io.StringIO(),
                now=lambda: NOW,
                random_bytes=bytes,
            ),
            rest,
        )

    def call(self, *arguments: str) -> Done:
        session, rest = self.session(*arguments)
        status = run(session, rest)
        return Done(status, session.stdout.getvalue(), session.stderr.getvalue())  # type: ignore[attr-defined]

    def write(self, path: str, text: str) -> Path:
        full = self.root / path
        full.parent.mkdir(parents=True, exist_ok=True)
        full.write_text(text, encoding="utf-8")
        return full

    def read(self, path: str) -> str:
        return (self.root / path).read_text(encoding="utf-8")

    def incident(self, tail: str, title: str, service: str, start: str, end: str = "") -> None:
        """An incident whose impact began and ended then; of the month of November 2026."""
        folder = f"incidents/2026/incident-202611{start[8:10]}-{tail}"
        self.write(f"{folder}/incident.yaml", f"title: {title!r}\nservices: [{service}]\ndetected_by: user\n")
        common = f"by: robin-sample\nrecorded_at: {start}"
        self.write(f"{folder}/timeline/1.yaml", f"type: impact-started\nat: {start}\n{common}\n")
        opened = "type: opened\nseverity: sev1\nfrom: normal operations\n"
        self.write(f"{folder}/timeline/2.yaml", f"{opened}at: {start}\n{common}\n")
        if end:
            resolved = f"type: resolved\nat: {end}\nby: robin-sample\nrecorded_at: {end}\nfrom: incident\ntext: Over\n"
            self.write(f"{folder}/timeline/3.yaml", resolved)

    def pages(self, folder: Path) -> dict[str, Page]:
        found = {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*.html"))}
        return {name: Page(name, path.read_text(encoding="utf-8")) for name, path in found.items()}


def _landscape(folder: Path) -> Board:
    for name in ("catalogue", "slo", "metrics"):
        shutil.copytree(PROJECT / name, folder / name)
    shutil.copy(PROJECT / "svcops.yaml", folder)
    board = Board(folder)
    board.incident(
        *("aaaaaa", "Receipts are not extracted", "receipt-scanner"),
        *("2026-11-18T08:15:00Z", "2026-11-18T11:31:00Z"),
    )
    board.incident("bbbbbb", "Sign-ins fail for some", "identity", "2026-11-10T07:00:00Z")
    return board


@pytest.fixture
def board(tmp_path: Path) -> Board:
    """The landscape, for a test that changes it."""
    (tmp_path / "store").mkdir()
    return _landscape(tmp_path / "store")


@pytest.fixture(scope="session")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Board:
    """The landscape with its dashboard, for tests that only read."""
    board = _landscape(tmp_path_factory.mktemp("landscape"))
    folder = tmp_path_factory.mktemp("drawn") / "dashboard"
    done = board.call("slo", "dashboard", "--output", str(folder), "--at", AT)
    assert done.status == 1, done.err
    board.written = board.pages(folder)
    board.folder = folder  # type: ignore[attr-defined]
    return board


@pytest.fixture(scope="session")
def pages(drawn: Board) -> Mapping[str, Page]:
    """The pages by path."""
    return drawn.written


@pytest.fixture
def small(tmp_path: Path) -> Callable[..., Board]:
    """Makes a store of one SLO, over an hour of samples that end at noon, with hostile or odd words where wanted."""

    def make(title: str = "Checkout", *, samples: str = "", objective: str = "most", more: str = "") -> Board:
        board = Board(tmp_path)
        board.write("svcops.yaml", "organisation: Example\ntime_zone: UTC\n")
        board.write("catalogue/teams/ops.yaml", "title: Operations\n")
        board.write("catalogue/services/shop.yaml", "title: Shop\nowner: ops\n")
        rows = samples or "".join(f"2026-11-23T11:{minute:02}:00Z,99,100\n" for minute in range(60))
        board.write("metrics/a.csv", "timestamp,good,total\n" + rows)
        board.write("slo/slo.yaml", _slo(title, objective) + more)
        return board

    return make


def _slo(title: str, objective: str) -> str:
    import json

    def metric(name: str) -> dict[str, Any]:
        return {"metricSource": {"metricSourceRef": "samples", "spec": {"query": name}}}

    ratio = {"ratioMetric": {"counter": False, "good": metric("good"), "total": metric("total")}}
    slo = {
        "apiVersion": "openslo/v1",
        "kind": "SLO",
        "metadata": {"name": "checkout", "displayName": title},
        "spec": {
            "description": title,
            "service": "shop",
            "budgetingMethod": "Occurrences",
            "timeWindow": [{"duration": "1h", "isRolling": True}],
            "indicator": {"metadata": {"name": "sli"}, "spec": ratio},
            "objectives": [{"displayName": objective, "target": 0.9}],
        },
    }
    source = {
        "apiVersion": "openslo/v1",
        "kind": "DataSource",
        "metadata": {"name": "samples"},
        "spec": {"type": "CSV", "connectionDetails": {"path": "metrics/*.csv"}},
    }
    return f"{json.dumps(slo)}\n---\n{json.dumps(source)}\n"

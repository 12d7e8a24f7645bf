"""A small store of SLOs and sample files, made by each test as it needs it."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter

from svcops.slo.answers import Result
from svcops.slo.exclusions import Exclusions
from svcops.slo.model import Document
from svcops.slo.presenting import to_json
from svcops.slo.report import Report, report

AT = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
_DOCUMENTS: TypeAdapter[Any] = TypeAdapter(Document)


def read_document(kind: str, name: str, spec: Any, **metadata: Any) -> Any:
    plain = {"apiVersion": "openslo/v1", "kind": kind, "metadata": {"name": name, **metadata}, "spec": spec}
    return _DOCUMENTS.validate_json(json.dumps(plain))


@pytest.fixture
def read() -> Callable[..., Any]:
    """An OpenSLO document as the store reads it: of a kind, a name, and plain data as its spec."""
    return read_document


@dataclass
class World:
    """Files below `root`, and documents that are read as the store reads them. Reports are made at 12:00 on 23 November.

    A few samples are enough here for a level; tests of how much of a window must be covered say so.
    """

    root: Path
    documents: list[tuple[str, Any]] = field(default_factory=list)
    least_coverage: str | None = "0"
    """The annotation of the SLOs that are added; None for none."""
    exclusions: Exclusions = field(default_factory=Exclusions)

    def write(self, path: str, content: str | bytes) -> Path:
        full = self.root / path
        full.parent.mkdir(parents=True, exist_ok=True)
        full.write_bytes(content.encode() if isinstance(content, str) else content)
        return full

    def csv(self, path: str, *lines: str) -> Path:
        return self.write(path, "".join(f"{line}\n" for line in lines))

    def json_lines(self, path: str, *lines: object) -> Path:
        return self.write(path, "".join(f"{json.dumps(line)}\n" for line in lines))

    def parquet(self, path: str, select: str) -> Path:
        import duckdb

        full = self.root / path
        full.parent.mkdir(parents=True, exist_ok=True)
        with duckdb.connect() as database:
            database.sql(select).write_parquet(str(full))
        return full

    def add(self, kind: str, name: str, spec: Mapping[str, Any], annotations: Mapping[str, str] | None = None) -> None:
        metadata = {"annotations": dict(annotations)} if annotations else {}
        self.documents.append((f"slo/{name}.yaml", read_document(kind, name, dict(spec), **metadata)))

    def source(self, type_: str = "CSV", *, name: str = "samples", **details: str) -> None:
        self.add("DataSource", name, {"type": type_, "connectionDetails": {"path": "metrics/*", **details}})

    def slo(
        self,
        name: str = "availability",
        *,
        counter: bool = True,
        window: str = "1h",
        target: float = 0.9,
        of: Mapping[str, str] | None = None,
        calendar: Mapping[str, str] | None = None,
        method: str = "Occurrences",
        objective: Mapping[str, Any] | None = None,
        indicator: Mapping[str, Any] | None = None,
        no_data: str = "",
        **parts: str,
    ) -> None:
        """An SLO of the source `samples`, or of the sources that `of` names for good, bad and total."""
        metrics: dict[str, Any] = {
            part: {"metricSource": {"metricSourceRef": (of or {}).get(part, "samples"), "spec": {"query": query}}}
            for part, query in parts.items()
        }
        annotations = {"svcops/no-data": no_data} if no_data else {}
        if self.least_coverage is not None:
            annotations["svcops/least-coverage"] = self.least_coverage
        self.add(
            "SLO",
            name,
            {
                "service": "shop",
                "indicator": {
                    "metadata": {"name": f"{name}-sli"},
                    "spec": indicator or {"ratioMetric": {"counter": counter, **metrics}},
                },
                "timeWindow": [{"duration": window, **({"calendar": calendar} if calendar else {"isRolling": True})}],
                "budgetingMethod": method,
                "objectives": [{"target": target, **(objective or {})}],
            },
            annotations,
        )

    def report(self, at: datetime = AT) -> Report:
        return report(self.documents, at, self.root, self.exclusions)

    def one(self, at: datetime = AT) -> Result:
        """The only result."""
        (result,) = self.report(at).results
        return result

    def counts(self, at: datetime = AT) -> tuple[Any, Any]:
        """Good and total of the only result."""
        level = self.one(at).level
        assert level is not None
        return level.good, level.total

    def json(self, at: datetime = AT) -> Any:
        return to_json(self.report(at))


@pytest.fixture(scope="session")
def new_world(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], World]:
    """Makes an empty world; for a test that needs many."""
    return lambda: World(tmp_path_factory.mktemp("store"))


@pytest.fixture
def world(tmp_path: Path) -> World:
    """An empty world."""
    return World(tmp_path)

"""Every record of the reference landscape is valid, and everything it names is there."""

import json
import re
from pathlib import Path
from pkgutil import resolve_name

import pytest
from pydantic import TypeAdapter

from svcops.store.documents import parse
from svcops.store.graph import Graph
from svcops.store.layout import kind_of_path

ROOT = Path(__file__).resolve().parents[2]


def paths_of(*patterns: str) -> list[str]:
    """The files of this repository that match, as paths below it."""
    return sorted(path.relative_to(ROOT).as_posix() for pattern in patterns for path in ROOT.glob(pattern))


@pytest.mark.parametrize("path", paths_of("svcops.yaml", "catalogue/**/*.yaml", "slo/*.yaml", "runbooks/*/*.md"))
def test_record_is_valid(path: str) -> None:
    found = kind_of_path(path)
    assert found, "lies where no record belongs"
    kind = found[0]
    parsed = parse((ROOT / path).read_bytes(), path, many=kind.many)
    assert parsed.documents
    assert parsed.findings == []
    for plain in parsed.documents:
        TypeAdapter(resolve_name(kind.model)).validate_json(json.dumps(plain))


def test_every_reference_leads_to_a_record() -> None:
    graph = Graph(ROOT)
    assert [f"{one.source.path}: {one.name}" for one in graph.references if one.target is None] == []
    assert graph.findings == ()


def test_every_service_of_ours_has_a_runbook_and_measured_workflows() -> None:
    graph = Graph(ROOT)
    ours = {name: entry.value for name, entry in graph.all("service").items() if not entry.value.external}
    runbooks = graph.all("runbook").values()
    assert {entry.parts["service"] for entry in runbooks} == set(ours)
    assert all(entry.parts["service"] in entry.value.services for entry in runbooks)
    measured = {name: [workflow.slo for workflow in service.core_workflows] for name, service in ours.items()}
    assert all(slos and None not in slos for slos in measured.values())


def test_every_slo_measures_a_core_workflow_of_its_service() -> None:
    graph = Graph(ROOT)
    of_services = {
        (name, workflow.slo) for name, entry in graph.all("service").items() for workflow in entry.value.core_workflows
    }
    slos = {(entry.value.spec.service, name) for name, entry in graph.all("slo").items() if name.startswith("SLO/")}
    assert of_services == slos


@pytest.mark.parametrize("path", paths_of("runbooks/*/*.md", "metrics/*.md", "postmortems/*.md"))
def test_links_between_pages_lead_somewhere(path: str) -> None:
    page = ROOT / path
    targets = re.findall(r"\]\((?!https?:)([^)#\s]+)", page.read_text(encoding="utf-8"))
    assert [target for target in targets if not (page.parent / target).exists()] == []

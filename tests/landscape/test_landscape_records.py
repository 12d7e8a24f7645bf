"""Every record of the reference landscape is valid, and everything it names is there."""

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from pkgutil import resolve_name

import pytest
from pydantic import TypeAdapter

from svcops.checking.engine import check
from svcops.checking.fmt import all_files, format_files
from svcops.store.documents import parse
from svcops.store.graph import Graph
from svcops.store.layout import KINDS, kind_of_path

ROOT = Path(__file__).resolve().parents[2]


RECORDS = ("svcops.yaml", "catalogue/**/*.yaml", "maintenance/*/*.yaml", "slo/*.yaml", "runbooks/*/*.md")


def paths_of(*patterns: str) -> list[str]:
    """The files of this repository that match, as paths below it."""
    return sorted(path.relative_to(ROOT).as_posix() for pattern in patterns for path in ROOT.glob(pattern))


@pytest.mark.parametrize("path", paths_of(*RECORDS))
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
    graph.read_everything()
    lost = [f"{one.source.path}: {one.name}" for kind in KINDS for one in graph.dangling(kind.name)]
    assert lost == []
    assert graph.findings == ()


def test_every_service_of_ours_has_a_runbook_and_measured_workflows() -> None:
    graph = Graph(ROOT)
    ours = {name: entry.value for name, entry in graph.all("service").items() if not entry.value.external}
    runbooks = graph.all("runbook").values()
    assert {entry.parts["service"] for entry in runbooks} == set(ours)
    assert all(entry.parts["service"] in entry.value.services for entry in runbooks)
    measured = {name: [workflow.slo for workflow in service.core_workflows] for name, service in ours.items()}
    assert all(slos and None not in slos for slos in measured.values())


def test_every_service_of_ours_is_promised_and_every_workflow_counted_in_it() -> None:
    graph = Graph(ROOT)
    promised: dict[str, set[str]] = {}
    for entry in graph.all("agreement").values():
        assert entry.value.agreed
        for name in entry.value.services:
            promised.setdefault(name, set()).update(entry.value.availability.slos)
    for name, entry in graph.all("service").items():
        assert {workflow.slo for workflow in entry.value.core_workflows} <= promised[name], name


def test_every_team_is_called_by_a_policy() -> None:
    graph = Graph(ROOT)
    teams = {name: entry.value for name, entry in graph.all("team").items()}
    for name, team in teams.items():
        above = teams[team.parent] if team.parent else team
        assert team.escalation or above.escalation, name


@pytest.mark.parametrize("months_later", [0, 9])
def test_the_landscape_has_no_finding_of_any_severity(months_later: int) -> None:
    """Nor will it for some time without a commit: the example that people copy is that of today."""
    now = datetime(2026, 11, 23, 8, 15, tzinfo=UTC) + timedelta(days=30 * months_later)
    assert [f"{one.at.path} {one.code} {one.message}" for one in check(Graph(ROOT), now).findings] == []


def test_the_keys_of_the_landscape_are_in_order() -> None:
    graph = Graph(ROOT)
    found = format_files(graph, all_files(graph))
    assert found.files
    assert (found.changed, found.kept, found.damaged) == ({}, {}, {})


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

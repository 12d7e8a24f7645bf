"""Incidents as files, with the minutes between what happened to them."""

import io
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from svcops.store.graph import Graph

MONDAY = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
"""Ten o'clock in Berlin, on a working day."""
CATALOGUE = {
    "svcops.yaml": "organisation: Example\ntime_zone: Europe/Berlin\n",
    "catalogue/services/ledger.yaml": "title: Ledger\nowner: finance\ntier: 1\n",
    "catalogue/services/payroll.yaml": "title: Payroll\nowner: finance\ntier: 1\n",
    "catalogue/services/archive.yaml": "title: Archive\nowner: records\ntier: 1\n",
    "catalogue/teams/finance.yaml": "title: Finance\nmembers: [ada]\ncontacts: [{channel: chat, address: '#fin'}]\n",
    "catalogue/teams/records.yaml": "title: Records\nmembers: [ada]\ncontacts: [{channel: chat, address: '#rec'}]\n",
    "catalogue/people/ada.yaml": "name: Ada Example\nemails: [ada@example.org]\n",
    "catalogue/people/noor.yaml": "name: Noor Voorbeeld\nemails: [noor@example.org]\n",
    "catalogue/agreements/books.yaml": (
        "title: Books\nservices: [ledger, payroll]\n"
        'support_hours: {open: [{days: [mon-fri], from: "08:00", until: "18:00"}]}\n'
        'agreed: {with: Finance, at: "2026-01-01", document: https://contracts.example.com/1}\n'
    ),
}


def make_incident(
    tail: str,
    declared: datetime = MONDAY,
    *,
    services: str = "ledger",
    detected_by: str = "monitoring",
    severity: str = "sev3",
    imported: bool = False,
    started: float | None = None,
    **after: float | tuple[float, str],
) -> dict[str, str]:
    """The files of an incident: minutes before it was declared that the impact `started`, and minutes after that it
    was `acknowledged`, `mitigated`, `resolved`, `closed`, `cancelled` or `merged`; with a text, more of the event.
    """
    name = f"incident-{declared:%Y%m%d}-{tail}"
    folder = f"incidents/{declared.year}/{name}"
    origin = "imported: {system: statuspage, key: x}\n" if imported else ""
    found = {f"{folder}/incident.yaml": f"title: T\nservices: [{services}]\ndetected_by: {detected_by}\n{origin}"}
    events: list[tuple[float, str, str]] = [(0, "opened", f"severity: {severity}\n")]
    if started is not None:
        events.insert(0, (-started, "impact-started", ""))
    phase = "incident"
    for type_, given in after.items():
        minutes, more = given if isinstance(given, tuple) else (given, "")
        events.append((minutes, type_, more + (f"from: {phase}\n" if type_ != "mitigated" else "")))
        phase = {"acknowledged": "remediation", "resolved": "post-mortem"}.get(type_, phase)
    for number, (minutes, type_, more) in enumerate(events):
        at = declared + timedelta(minutes=minutes)
        recorded = declared + timedelta(seconds=number)
        found[f"{folder}/timeline/{number:03}-{type_}-{tail}.yaml"] = (
            f"type: {type_}\nat: {at.isoformat()}\nrecorded_at: {recorded.isoformat()}\nby: ada\n{more}"
        )
    return found


def make_measure(tail: str, incident: str, due: str, *, anchored: bool = False) -> dict[str, str]:
    """The files of a measure of an incident."""
    folder = f"measures/2026/measure-20261103-{tail}"
    text = f"title: M\ntype: detect\nincident: {incident}\nowner: finance\ndue: '{due}'\n"
    found = {f"{folder}/measure.yaml": f"{text}added_at: 2026-11-03T10:00:00Z\nby: ada\n"}
    if anchored:
        found[f"{folder}/20261104t100000000z-anchored-{tail}.yaml"] = (
            "type: anchored\nat: 2026-11-04T10:00:00Z\nrecorded_at: 2026-11-04T10:00:00Z\nby: ada\n"
            f"anchor: {{path: slo/x.yaml, after: '{'0' * 40}'}}\n"
        )
    return found


@pytest.fixture
def incident() -> Callable[..., dict[str, str]]:
    return make_incident


@pytest.fixture
def measure() -> Callable[..., dict[str, str]]:
    return make_measure


@pytest.fixture
def graph_of(tmp_path: Path) -> Callable[..., Graph]:
    """The graph of the catalogue with these files."""

    def build(*files: Mapping[str, str]) -> Graph:
        for path, text in {key: text for one in (CATALOGUE, *files) for key, text in one.items()}.items():
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / path).write_text(text, encoding="utf-8")
        return Graph(tmp_path)

    return build


@pytest.fixture
def console_of(new_store, new_console):
    """svcops on the catalogue with these files, committed."""

    def build(*files: Mapping[str, str]):
        store = new_store("ops")
        for one in (CATALOGUE, *files):
            for path, text in one.items():
                store.write(path, text)
        store.commit("The records")
        return new_console(store)

    return build


@pytest.fixture
def terminal(monkeypatch):
    """Makes standard output a terminal of 80 columns."""
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setattr(io, "StringIO", Terminal)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True

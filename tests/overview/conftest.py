"""A store in which one service meets all that is asked; a test changes one thing of it."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from svcops.overview.judgement import Judgement
from svcops.overview.score import score
from svcops.store.graph import Graph

NOW = datetime(2026, 11, 23, 8, 15, tzinfo=UTC)
EXERCISE = "exercises/2026/exercise-20261101-aaaaaa/exercise.yaml"
EVIDENCE = "recovery/evidence/2026/evidence-20261101-aaaaaa/evidence.yaml"


EXERCISE_RECORD = """\
runbook: ledger/late
started_at: 2026-01-01T00:00:00Z
ended_at: 2026-11-01T10:00:00Z
by: ada
result: passed
"""
EVIDENCE_RECORD = """\
plan: ledger
started_at: 2026-01-01T00:00:00Z
ended_at: 2026-11-01T10:00:00Z
by: ada
verdict: passed
rto: 3h
rpo: 1h
"""
SERVICE = """\
title: Ledger
description: Keeps the books.
owner: finance
tier: 1
dependencies:
  - service: identity
core_workflows:
  - {name: post, title: Enter a posting, slo: SLO/posting}
"""
SLO = """\
apiVersion: openslo/v1
kind: SLO
metadata: {name: posting}
spec:
  service: ledger
  indicatorRef: posting
  timeWindow: [{duration: 30d, isRolling: true}]
  budgetingMethod: Occurrences
  objectives: [{target: 0.99}]
  alertPolicies: [{alertPolicyRef: PostingBurn}]
---
apiVersion: openslo/v1
kind: AlertPolicy
metadata: {name: PostingBurn}
spec:
  conditions: [{conditionRef: PostingBurnFast}, {conditionRef: PostingBurnSlow}]
"""
AGREEMENT = """\
title: Bookkeeping
services: [ledger, identity]
support_hours: {open: [{days: [mon-fri], from: "08:00", until: "18:00"}]}
rto: 4h
rpo: 1h
agreed: {with: The finance department, at: "2026-01-26", document: https://contracts.example.com/2026}
valid_until: "2027-12-31"
"""
ESCALATION = """\
title: Finance
levels:
  - notify: [{schedule: finance}]
"""
RECORDS = {
    "svcops.yaml": "organisation: Example\ntime_zone: Europe/Berlin\nescalation: finance\n",
    "catalogue/services/ledger.yaml": SERVICE,
    "catalogue/services/identity.yaml": "title: Identity\ndescription: Who is who.\nowner: finance\ntier: 1\n",
    "catalogue/teams/finance.yaml": "title: Finance\nmembers: [noor]\ncontacts: [{channel: chat, address: '#fin'}]\n",
    "catalogue/people/noor.yaml": "name: Noor Voorbeeld\ncontacts: [{channel: telephone, address: '+49 30 1'}]\n",
    "catalogue/schedules/finance.yaml": "title: Finance\nrotations: [{people: [noor], starts: '2026-01-05'}]\n",
    "catalogue/escalations/finance.yaml": ESCALATION,
    "catalogue/agreements/books.yaml": AGREEMENT,
    "slo/ledger.yaml": SLO,
    "runbooks/ledger/late.md": (
        "---\ntitle: Postings are late\nkind: operation\nservices: [ledger]\nalerts: [PostingBurn]\n---\n\nLook.\n"
    ),
    "recovery/plans/ledger.yaml": "title: The ledger's data\nservices: [ledger]\n",
    "keydates/close.yaml": "title: Period-end close\nservices: [ledger]\nrunbooks: [ledger/late]\n",
    EXERCISE: EXERCISE_RECORD,
    EVIDENCE: EVIDENCE_RECORD,
}

Edit = tuple[str, str | None] | tuple[str, str, str]
"""A file with its text, or None to leave it out; or a file with what to replace in it by what."""


def records(*edits: Edit) -> dict[str, str]:
    """The files of the store with these edits."""
    files: dict[str, str | None] = dict(RECORDS)
    for path, *edit in edits:
        if len(edit) == 1:
            files[path] = edit[0]
        else:
            before = files[path] or ""
            assert edit[0] in before, (path, edit[0])
            files[path] = before.replace(edit[0], edit[1])
    return {path: text for path, text in files.items() if text is not None}


@pytest.fixture
def graph_of(tmp_path: Path) -> Callable[..., Graph]:
    """The graph of the store with these edits."""

    def build(*edits: Edit) -> Graph:
        for path, text in records(*edits).items():
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / path).write_text(text, encoding="utf-8")
        return Graph(tmp_path)

    return build


@pytest.fixture
def judged(graph_of: Callable[..., Graph]) -> Callable[..., Mapping[str, Judgement]]:
    """How the ledger is judged in the store with these edits."""

    def judge(*edits: Edit) -> Mapping[str, Judgement]:
        graph = graph_of(*edits)
        found = score(graph, graph.all("service")["ledger"], NOW).judged
        assert not graph.findings, graph.findings
        return found

    return judge


@pytest.fixture
def ledger(new_store, console):
    """svcops on the store, committed."""
    store = new_store("ledger")
    for path, text in records().items():
        store.write(path, text)
    store.commit("The records")
    return type(console)(store)

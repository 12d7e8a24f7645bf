"""What the sample exports are made for: one SLO breached, the others met, and every figure as it was put in."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from runpy import run_path

from svcops.slo.presenting import to_json
from svcops.slo.report import report
from svcops.store.graph import Graph

ROOT = Path(__file__).resolve().parents[2]
AT = datetime(2026, 11, 23, tzinfo=UTC)
WINDOW = timedelta(days=28)
LOADS = {
    "document-retrieval": ["DOCUMENTS"],
    "payslip-production": ["PAYSLIPS", "CORRECTIONS"],
    "posting-acceptance": ["POSTINGS"],
    "receipt-extraction": ["RECEIPTS"],
    "report-delivery": ["REPORTS"],
    "sign-in": ["SIGN_INS"],
}


def test_figures_are_those_of_the_counts_the_exports_were_made_from() -> None:
    figures = reported(AT)
    script = run_path(str(ROOT / "scripts" / "landscape_metrics.py"))
    for name, loads in LOADS.items():
        counts = [one for load in loads for one in script["counts"](script[load]) if AT - WINDOW < one.end <= AT]
        expected = (sum(one.total for one in counts), sum(one.failed for one in counts))
        assert figures[name][:2] == expected, name


def test_the_receipt_scanner_is_the_one_that_breached() -> None:
    verdicts = {name: verdict for name, (_, _, verdict) in reported(AT).items()}
    assert verdicts == dict.fromkeys(LOADS, "met") | {"receipt-extraction": "breached"}


def test_before_the_disruption_every_slo_was_met() -> None:
    before = datetime(2026, 11, 18, 8, 15, tzinfo=UTC)
    assert {verdict for _, _, verdict in reported(before).values()} == {"met"}


def reported(at: datetime) -> dict[str, tuple[int, int, str]]:
    """What `svcops slo report` says: total, bad and verdict by SLO."""
    documents = [(entry.path, entry.value) for entry in Graph(ROOT).all("slo").values()]
    slos = to_json(report(documents, at, ROOT))["slos"]
    return {one["name"]: (one["total"], one["bad"], one["verdict"]) for one in slos}

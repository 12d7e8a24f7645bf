"""The report as CSV and Markdown: every figure of it, nothing rounded up, nothing unknown as a number."""

import csv
import io
from datetime import UTC, datetime
from typing import Any

from svcops.slo.presenting import COLUMNS, csv_of, markdown_of
from svcops.slo.report import report_each

AT = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def counts(world: Any, good: object, total: object, *, name: str = "availability", target: float = 0.9) -> None:
    samples = ("2026-11-23T11:00:00Z,0,0", f"2026-11-23T12:00:00Z,{good},{total}")
    world.csv(f"metrics/{name}.csv", "timestamp,good,total", *samples)
    world.source(name=name, path=f"metrics/{name}.csv")
    world.slo(name, counter=False, target=target, good="good", total="total", of={"good": name, "total": name})


def table(world: Any) -> list[dict[str, str]]:
    text = csv_of(report_each(world.documents, AT, world.root))
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_the_columns_of_the_csv_are_a_contract(world) -> None:
    counts(world, 999_750, 1_000_000, target=0.999)
    assert table(world) == [
        {
            "at": "2026-11-23T12:00:00Z",
            "slo": "availability",
            "service": "shop",
            "objective": "1",
            "window": "1h",
            "start": "2026-11-23T11:00:00Z",
            "end": "2026-11-23T12:00:00Z",
            "target": "0.999",
            "sli": "0.99975",
            "good": "999750",
            "bad": "250",
            "total": "1000000",
            "budget": "1000",
            "budget_left": "750",
            "budget_left_share": "0.75",
            "burn_window": "",
            "burn": "",
            "lasts": "",
            "coverage": "1",
            "verdict": "met",
            "reason": "",
            "path": "slo/availability.yaml",
            "sli_without_exclusions": "",
            "verdict_without_exclusions": "",
        }
    ]


def test_what_is_unknown_is_empty(world) -> None:
    counts(world, 0, 0)
    (row,) = table(world)
    assert row["verdict"] == "not enough data"
    assert row["reason"]
    assert {row[name] for name in ("sli", "good", "bad", "total", "budget", "budget_left", "budget_left_share")} == {""}


def test_a_share_is_never_rounded_to_one(world) -> None:
    counts(world, 10**17 - 1, 10**17)
    assert table(world)[0]["sli"] == "0.9999999999999999"


def test_a_budget_that_is_overspent_stays_a_number(world) -> None:
    counts(world, 0, 10)
    assert table(world)[0]["budget_left_share"] == "-9"


def test_an_slo_that_is_wrong_has_a_row_and_hides_no_other(world) -> None:
    counts(world, 11, 10, name="broken")
    counts(world, 9, 10, name="fine")
    wrong, fine = table(world)
    assert (fine["slo"], fine["verdict"]) == ("fine", "met")
    assert (wrong["slo"], wrong["verdict"], wrong["sli"], wrong["path"]) == (
        "broken",
        "error",
        "",
        "slo/broken.yaml",
    )
    assert "broken" in wrong["reason"]
    assert list(wrong) == list(COLUMNS)


def test_the_same_report_is_the_same_bytes_whatever_the_order_of_documents(world) -> None:
    for name in ("b", "a", "c"):
        counts(world, 9, 10, name=name)
    text = csv_of(report_each(world.documents, AT, world.root))
    assert [row["slo"] for row in table(world)] == ["a", "b", "c"]
    world.documents.reverse()
    assert csv_of(report_each(world.documents, AT, world.root)) == text


def test_markdown_has_the_worst_first_and_then_what_is_to_be_said(world) -> None:
    counts(world, 9, 10, name="fine")
    counts(world, 8, 10, name="worse")
    counts(world, 0, 0, name="unknown")
    counts(world, 11, 10, name="impossible")
    text = markdown_of(report_each(world.documents, AT, world.root))
    head, _, columns, _, *rows = text.splitlines()
    assert head == "## Service levels at 2026-11-23T12:00:00Z"
    assert columns == "| SLO | service | objective | window | SLI % | target % | left % | lasts | verdict |"
    assert rows[:3] == [
        "| worse | shop | 1 | 1h | 80.000 | 90 | -100.0 | spent | breached |",
        "| unknown | shop | 1 | 1h | - | 90 | - | - | not enough data |",
        "| fine | shop | 1 | 1h | 90.000 | 90 | 0.0 | spent | met |",
    ]
    assert [line.partition(" ")[2].split(":")[0] for line in rows[4:]] == ["unknown", "impossible was not worked out"]


def test_nothing_in_it_is_obeyed_by_who_shows_it(world) -> None:
    world.csv("metrics/x.csv", "timestamp,good,total", "2026-11-23T12:00:00Z,<b>|@team,10")
    world.source(path="metrics/x.csv")
    world.slo(counter=False, good="good", total="total")
    text = markdown_of(report_each(world.documents, AT, world.root))
    assert "&lt;b&gt;\\|@\u2060team" in text


def test_a_store_without_slos_has_no_table(world) -> None:
    assert markdown_of(report_each([], AT, world.root)).splitlines()[-1] == "No SLOs."
    assert table(world) == []

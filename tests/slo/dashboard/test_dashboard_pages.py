"""What stands on the pages: the worst first, every figure in words, what is unknown as that."""

import json
import os
import re
from pathlib import Path

from tests.html_page import Page

AT = ("--at", "2026-11-23T00:00:00+00:00")
NOON = ("--at", "2026-11-23T12:00:00Z")
SNAPSHOT = Path(__file__).parents[1] / "snapshots" / "dashboard-payroll.html"


def texts(page, tag, **attributes):
    found = [one for one in page.all(tag) if attributes.items() <= one.attributes.items()]
    return [" ".join(one.text.split()) for one in found]


def test_the_overview_begins_with_how_many_spent_their_budget(pages):
    page = pages["index.html"]
    assert page.one("h1").text == "Service levels"
    assert texts(page, "p", **{"class": "lead"}) == ["1 of 6 objectives spent its error budget."]
    assert texts(page, "p", **{"class": "summary"}) == ["1 spent its budget 1 with little left 4 fine"]
    assert texts(page, "p", **{"class": "moment"}) == ["As of Mon 2026-11-23 01:00. Times are those of Europe/Berlin."]


def test_objectives_stand_worst_first_in_the_table_and_below(pages):
    names = [
        *("Receipts are extracted", "Sign-ins succeed", "Reports are there in time"),
        *("Payslips are produced", "Postings are accepted", "Documents are retrieved"),
    ]
    assert texts(pages["index.html"], "h3") == names
    rows = [" ".join(one.text.split()) for one in pages["index.html"].all("tr")]
    assert [row[: len(name)] for row, name in zip(rows[1:7], names, strict=True)] == names
    assert rows[1] == (
        "Receipts are extracted Receipt scanner: 995 of 1,000 receipts budget spent \u2212117.2 % 28d"
        " 98.914 % 99.5 % spent"
    )


def test_a_card_tells_everything_of_its_objective(pages):
    card = texts(pages["index.html"], "article")[0]
    for told in (
        "Receipts are extracted budget spent",
        "Missed: 336 events were bad, and 154.7 may be.",
        "Budget left \u2212117.2 %",
        "SLI 98.914 %",
        "Target 99.5 % over 28d",
        "Lasts, at this pace spent",
        "Coverage 100.0 %",
        "Newest sample up to the moment",
        "Bad of total, events 336 of 30,953",
        "It was spent by Wed 2026-11-18 13:28.",
        "5 min to 2 h unknown no samples, or nothing happened",
        "3 d 0.0\u00d7 nothing was bad",
        "Receipts are not extracted incident-20261118-aaaaaa Wed 2026-11-18 09:15 to Wed 2026-11-18 12:31",
        "metrics/receipts.csv up to Mon 2026-11-23 01:00",
    ):
        assert told in card


def test_an_incident_that_goes_on_reaches_to_the_moment_of_the_page(pages):
    card = texts(pages["index.html"], "article")[1]
    assert "Sign-ins fail for some incident-20261110-bbbbbb since Tue 2026-11-10 08:00, goes on" in card


def test_who_owns_a_service_and_whom_to_call_stands_there(pages):
    rows = texts(pages["index.html"], "tr")
    assert any(row.startswith("Receipt scanner Platform Robin Sample telephone +49") for row in rows)


def test_there_is_a_page_a_service_that_leads_back(pages):
    services = ("document-archive", "identity", "ledger", "payroll", "receipt-scanner")
    assert list(pages) == ["index.html", *(f"services/{one}.html" for one in services)]
    page = pages["services/ledger.html"]
    assert page.one("h1").text == "Ledger"
    assert texts(page, "h3") == ["Reports are there in time", "Postings are accepted"]
    assert page.leads_to(page.href("All service levels")) == ("index.html", "")


def test_the_picture_as_figures_ends_with_what_is_left(pages):
    table = next(one for one in pages["services/payroll.html"].all("table") if "What was left" in one.text)
    rows = [" ".join(one.split()) for one in re.findall(r"(\w{3} 2026-\d\d-\d\d \d\d:\d\d +[^A-Z]+%)", table.text)]
    assert len(rows) <= 30
    assert rows[0] == "Mon 2026-10-26 01:00 100.0 %"
    assert rows[-1] == "Mon 2026-11-23 01:00 49.2 %"


def test_the_same_store_and_moment_give_the_same_bytes(drawn):
    one, other = (drawn.call("slo", "report", "--format", "html", *AT) for _ in range(2))
    assert one.out == other.out
    assert one.status == 1
    assert one.out.startswith("<!DOCTYPE html>")


def test_the_overview_alone_leads_to_no_page_that_is_not_there(drawn):
    page = Page("-", drawn.call("slo", "dashboard", "--output", "-", *AT).out)
    assert {one.attributes["href"][0] for one in page.all("a")} == {"#"}


def test_a_page_looks_as_it_was_agreed(pages):
    """UPDATE_SNAPSHOTS=1 writes it anew."""
    text = re.sub(r"(?s)<style>.*?</style>", "<style></style>", pages["services/payroll.html"].source)
    text = re.sub(r"sha256-[A-Za-z0-9+/=]+|svcops \d[^ ]+", "...", text)
    if os.environ.get("UPDATE_SNAPSHOTS"):
        SNAPSHOT.write_text(text, encoding="utf-8")
    assert text == SNAPSHOT.read_text(encoding="utf-8")


def test_the_newest_sample_is_one_of_what_is_counted_whatever_else_there_is(small):
    board = small()
    rows = [
        f"2026-11-23T11:{minute:02}:00Z,{metric},1\n"
        for metric, minutes in (("good", 31), ("total", 31), ("other", 60))
        for minute in range(minutes)
    ]
    board.write("metrics/a.csv", "timestamp,metric,value\n" + "".join(rows))
    card = texts(Page("-", board.call("slo", "report", "--format", "html", *NOON).out), "article")[0]
    assert "Newest sample 30 min old" in card


def test_what_is_not_known_is_unknown_and_says_why(small):
    board = small(samples="2026-11-23T11:01:00Z,1,1\n2026-11-23T11:02:00Z,1,1\n")
    done = board.call("slo", "report", "--format", "html", *NOON)
    assert done.status == 4
    page = Page("-", done.out)
    card = texts(page, "article")[0]
    assert "Checkout unknown" in card
    assert "Unknown, neither met nor missed: samples speak for 2 min of 1 h, and 50 % have to be known" in card
    assert "Budget left unknown" in card
    assert "Newest sample 58 min old" in card
    assert "No line is drawn, as what is left of the budget is unknown." in card
    assert texts(page, "p", **{"class": "lead"}) == [
        "None of 1 objective is known to have spent its error budget; of 1 it is unknown."
    ]
    assert not [one for one in page.elements if one.attributes.get("class") == "line" and one.attributes.get("d")]


def test_of_many_gaps_the_longest_are_told_and_the_others_counted(small):
    kept = [0, *range(1, 60, 2)]
    board = small(samples="".join(f"2026-11-23T11:{minute:02}:00Z,1,1\n" for minute in kept))
    slo = board.root / "slo" / "slo.yaml"
    slo.write_text(slo.read_text().replace("metrics/*.csv", 'metrics/*.csv", "step": "1m'))
    card = texts(Page("-", board.call("slo", "report", "--format", "html", *NOON).out), "article")[0]
    assert card.count("No data") == 20
    assert "And 9 gaps that are no longer than these, 9 min together." in card


def test_an_slo_that_is_wrong_stands_among_the_unknown_with_the_reason(small):
    board = small()
    board.write("slo/slo.yaml", board.read("slo/slo.yaml").replace('"query": "good"', '"query": "god"'))
    done = board.call("slo", "report", "--format", "html", *NOON)
    assert done.status == 2
    card = texts(Page("-", done.out), "article")[0]
    assert "Checkout not worked out" in card
    assert "Nothing is known of it: metrics/a.csv: no column god; there are timestamp, good, total. Did you" in card


def test_a_store_without_slos_says_so(small):
    board = small()
    (board.root / "slo/slo.yaml").unlink()
    page = Page("-", board.call("slo", "report", "--format", "html", *NOON).out)
    assert texts(page, "p", **{"class": "lead"}) == ["There are no SLOs: slo/ holds none."]


def test_a_damaged_file_is_told_on_the_page(small):
    board = small()
    board.write("slo/other.yaml", "kind: SLO\n")
    done = board.call("slo", "report", "--format", "html", *NOON)
    assert done.status == 2
    assert "damaged, and left out: slo/other.yaml. svcops check shows the place." in Page("-", done.out).text


def test_the_dashboard_of_one_service(drawn):
    page = Page("-", drawn.call("slo", "dashboard", "ledger", "--output", "-", *AT).out)
    assert texts(page, "h3") == ["Reports are there in time", "Postings are accepted"]
    wrong = drawn.call("slo", "dashboard", "legder", "--output", "-", *AT)
    assert wrong.status == 2
    assert "Did you mean ledger?" in wrong.err


def test_a_file_of_its_own(board):
    done = board.call("slo", "dashboard", "payroll", "--output", "../payroll.html", *AT)
    assert done.status == 0
    assert (board.root / "../payroll.html").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    refused = board.call("slo", "dashboard", "--output", "slo/a.html", *AT)
    assert refused.status == 2
    assert "a folder of the store's records" in refused.err


def test_a_folder_of_somebody_else_is_left_alone(board, tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/index.html").write_text("mine")
    done = board.call("slo", "dashboard", "--output", str(tmp_path / "mine"), *AT)
    assert done.status == 2
    assert "svcops slo dashboard made: --output DIR" in done.err
    assert (tmp_path / "mine/index.html").read_text() == "mine"


def test_what_is_gone_is_removed_and_told_as_json(board, tmp_path):
    folder = tmp_path / "out"
    board.call("slo", "dashboard", "--output", str(folder), *AT)
    (board.root / "slo/payroll.yaml").unlink()
    said = json.loads(board.call("--json", "slo", "dashboard", "--output", str(folder), *AT).out)
    assert said["schema"] == "svcops.slo-dashboard/1"
    assert said["removed"] == ["services/payroll.html"]
    assert said["written"][0] == "index.html"
    assert not (folder / "services/payroll.html").exists()

"""`svcops report response` as it is typed: what is shown in which format, and what is refused."""

import csv
import io
import re
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest

from svcops.terminal.csv_text import csv_text
from svcops.terminal.markdown import escaped

MONDAY = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
A, B, C, D = (f"incident-20261102-{letter * 6}" for letter in "abcd")
NOVEMBER = ("report", "response", "--since", "2026-11-01", "--until", "2026-11-23")


@pytest.fixture
def told(console_of, incident, measure):
    """A few incidents of November, one of them imported, one cancelled; and one of October."""
    return console_of(
        incident("aaaaaa", started=10, acknowledged=5, mitigated=20, resolved=50),
        incident("bbbbbb", severity="sev1", detected_by="user", started=20, acknowledged=15, resolved=100),
        incident("cccccc", cancelled=(1, "text: A test\n")),
        incident("dddddd", imported=True, detected_by="null", services="", started=0, resolved=30),
        incident("eeeeee", MONDAY - timedelta(days=9), started=1, resolved=200),
        measure("aaaaaa", B, "2026-11-10"),
    )


def golden(name, text):
    """What was agreed on; a change of it is read in the diff of this file."""
    assert text == (Path(__file__).parent / name).read_bytes().decode()


def test_the_page_at_a_terminal_fits_eighty_columns(told, terminal):
    said = told(*NOVEMBER, "--by", "severity", "--no-color")
    text = "\n".join(line.rstrip() for line in re.sub(r"\x1b\[\d*m", "", said.out).splitlines()) + "\n"
    assert max(map(len, text.splitlines())) <= 80
    golden("response.txt", text)
    assert "Hyndman and Fan 1996, definition 7" in said.err
    assert "Fewer than 10" in said.err


def test_markdown_to_paste(told):
    golden("response.md", told(*NOVEMBER, "--format", "markdown").out)


def test_csv_is_that_of_the_rfc(told, store):
    out = told(*NOVEMBER, "--format", "csv").out
    golden("response.csv", out.replace("\r\n", "\n"))
    assert out.count("\r\n") == out.count("\n") == len(out.splitlines())
    rows = list(csv.DictReader(io.StringIO(out, newline="")))
    found = {(row["incidents"], row["figure"], row["counted_in"]): row for row in rows}
    resolve = found["written here", "time to resolve", "every hour"]
    assert (resolve["n"], resolve["median_seconds"], resolve["before_median_seconds"]) == ("2", "5400", "12060")
    assert found["imported", "time to acknowledge", "every hour"]["median_seconds"] == ""


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@sum", "\t=1"])
def test_no_cell_of_a_csv_is_a_formula(text):
    (cell,) = list(csv.reader(io.StringIO(csv_text(("x",), [(text,)]), newline="")))[1]
    assert cell.startswith("'")


def test_a_cell_may_hold_commas_quotes_and_line_breaks_and_a_number_stays_one():
    text = csv_text(("x", "y"), [('a, "b"\nc\x1b', -1.5)])
    assert list(csv.reader(io.StringIO(text, newline="")))[1] == ['a, "b" c·', "-1.5"]


def test_nothing_in_markdown_is_obeyed():
    assert escaped("a|b <b> @team #1 http://x") == "a\\|b &lt;b&gt; @\u2060team \\#\u20601 http:\u2060//x"


def test_piped_every_line_has_as_many_cells(told):
    lines = [line.split("\t") for line in told(*NOVEMBER, "--by", "service").out.splitlines()]
    assert {len(line) for line in lines} == {16}
    assert ["written here", "", "all", "time to resolve", "impact started", "resolved", "every hour"] in [
        line[:7] for line in lines
    ]
    assert "1 h 30 min" in told(*NOVEMBER).out


def test_json_holds_seconds_and_the_ids_behind_each_figure(told):
    found = told(*NOVEMBER, "--by", "severity", "--json").json
    assert found["schema"] == "svcops.report.response/1"
    assert found == told(*NOVEMBER, "--by", "severity", "--format", "json").json
    own, imported = found["figures"]
    assert (own["of"], own["incidents"], own["cancelled"]) == ("written here", [A, B], [C])
    resolve = own["clocks"][3]
    assert resolve["wall_clock"]["known"] == {A: 3600, B: 7200}
    assert (resolve["wall_clock"]["median"], resolve["before"]["median"]) == (5400, 12060)
    assert resolve["change"]["seconds"] is None
    assert own["clocks"][2]["wall_clock"]["unknown"] == {B: "when it was mitigated is not known"}
    assert own["noticed_first"] == {"n": 1, "of": 2, "yes": [A], "no": [B], "unknown": {}}
    assert own["measures"]["overdue"] == ["measure-20261103-aaaaaa"]
    assert [one["name"] for one in own["groups"]] == ["sev1", "sev3"]
    assert imported["clocks"][1]["wall_clock"]["median"] is None
    assert list(imported["noticed_first"]["unknown"]) == [D]


def test_quiet_gives_the_ids_that_are_counted(told):
    assert told(*NOVEMBER, "-q").out.split() == [A, B, D]


@pytest.mark.parametrize(
    ("figure", "rows"),
    [
        ("resolve", [(B, "here", "2 h", "2 h", ""), (A, "here", "1 h", "1 h", "")]),
        (
            "time to mitigate",
            [(A, "here", "30 min", "30 min", ""), (B, "here", "unknown", "unknown", "when it was mi")],
        ),
        ("noticed", [(B, "here", "by people", "", ""), (A, "here", "by an SLO or monitoring", "", "")]),
        ("postmortems", [(B, "here", "no approved one", "", "")]),
        ("measures", [("measure-20261103-aaaaaa", "here", "overdue", "", "")]),
        ("not-counted", [(C, "here", "cancelled", "", "")]),
    ],
)
def test_a_figure_is_explained_by_its_records(told, figure, rows):
    lines = [line.split("\t") for line in told(*NOVEMBER, "--explain", figure).out.splitlines()]
    for number, (*row, why) in enumerate(rows):
        assert lines[number][:4] == row
        assert lines[number][4].startswith(why)


def test_with_what_a_minor_incident_was_closed_is_explained(console_of, incident):
    because = "no_measure_because: A one-off\n"
    console = console_of(incident("aaaaaa", resolved=1, closed=(2, because)), incident("bbbbbb", resolved=1, closed=2))
    said = console(*NOVEMBER, "--explain", "no-measure").out.splitlines()
    assert [tuple(line.split("\t")[:3]) for line in said] == [
        (A, "here", "with a reason"),
        (B, "here", "with nothing that stands"),
    ]
    found = console(*NOVEMBER, "--format", "json").json["figures"][0]["no_measure"]
    assert (found["n"], found["of"], found["closed_with"]) == (1, 2, {A: "reason", B: "nothing"})


def test_the_records_of_the_time_before_are_told_too_but_not_as_ids(told):
    said = told(*NOVEMBER, "--imported", "without", "--explain", "resolve")
    assert said.out.splitlines()[-1].split("\t")[:3] == ["incident-20261024-eeeeee", "here before", "3 h 21 min"]
    assert told(*NOVEMBER, "--explain", "resolve", "-q").out.split() == [B, A, D]
    assert "| 2 h |" in told(*NOVEMBER, "--explain", "resolve", "--format", "markdown").out
    assert f"{B},here,7200,7200," in told(*NOVEMBER, "--explain", "resolve", "--format", "csv").out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--since", "soon"), "--since soon"),
        (("--until", "2026-13-01"), "--until 2026-13-01"),
        (("--since", "2026-11-20", "--until", "2026-11-01"), "after the last day"),
        (("--by", "colour"), "One of service, severity, month, team"),
        (("--severity", "sev9"), "no severity 'sev9'"),
        (("--service", "legder"), "ledger"),
        (("--format", "pdf"), "One of table, json, csv, markdown"),
        (("--imported", "perhaps"), "One of with, without, only"),
        (("--explain", "resolv"), "resolve"),
    ],
)
def test_what_cannot_be_meant_is_refused(told, words, message):
    said = told("report", "response", *words, code=2)
    assert message in said.err
    assert said.out == ""


def test_without_an_incident_there_is_not_enough_data_to_say(told):
    said = told("report", "response", "--since", "2026-01-01", "--until", "2026-01-31", code=4)
    assert said.out == ""
    assert "2026-01-01 to 2026-01-31" in said.err
    assert "the next one was declared on 2026-10-24: --until names a later day" in said.err
    assert "the last one before" not in said.err


def test_the_day_to_name_is_one_of_what_the_filters_leave(told):
    told.store.write(
        "incidents/2025/incident-20251224-zzzzzz/incident.yaml",
        "title: T\nservices: []\ndetected_by: null\nimported: {system: statuspage, key: x}\n",
    )
    told.store.write(
        "incidents/2025/incident-20251224-zzzzzz/timeline/1.yaml",
        "type: opened\nat: 2025-12-24T10:00:00Z\nrecorded_at: 2025-12-24T10:00:00Z\nby: ada\nseverity: sev3\n",
    )
    january = ("report", "response", "--since", "2026-01-01", "--until", "2026-01-31")
    assert "the last one before was declared on 2025-12-24: --since names" in told(*january, code=4).err
    assert "the last one before" not in told(*january, "--imported", "without", code=4).err


def test_to_a_program_nothing_is_an_answer_too(told):
    january = ("report", "response", "--since", "2026-01-01", "--until", "2026-01-31")
    found = told(*january, "--json", code=4).json
    assert (found["schema"], found["since"]) == ("svcops.report.response/1", "2026-01-01")
    assert [one["total"]["incidents"] for one in found["figures"]] in ([], [0], [0, 0])
    (header, *_) = csv.reader(io.StringIO(told(*january, "--format", "csv", code=4).out))
    assert header[:3] == ["since", "until", "incidents"]


def test_two_formats_at_once_are_refused(told):
    assert "--json and --format csv are two formats" in told(*NOVEMBER, "--json", "--format", "csv", code=2).err


def test_only_cancelled_ones_are_not_enough_either(console_of, incident):
    console = console_of(incident("cccccc", cancelled=(1, "text: A test\n")))
    assert "1 cancelled or merged" in console(*NOVEMBER, code=4).err


def test_a_damaged_record_is_said_and_left_out(told, store):
    told.store.write(f"incidents/2026/{A}/timeline/999-log-aaaaaa.yaml", "type: [\n")
    said = told(*NOVEMBER, "--json", code=2)
    assert f"left out, damaged: incidents/2026/{A}/timeline/999-log-aaaaaa.yaml" in said.err
    assert said.json["damaged"] == [A]
    assert said.json["figures"][0]["incidents"] == [B]


def remove(told, name, what):
    next(told.store.root.glob(f"incidents/2026/{name}/{what}")).unlink()
    told.store.commit("Gone")


def test_an_incident_without_its_first_file_is_said_and_left_out(told):
    remove(told, A, "incident.yaml")
    said = told(*NOVEMBER, "--json", code=2)
    assert f"left out, without incident.yaml: {A}; svcops check says how it comes back" in said.err
    assert said.json["damaged"] == [A]
    assert said.json["figures"][0]["incidents"] == [B]
    why = f"{A}\tnone\tleft out\t\ta file of it is damaged or missing"
    assert why in told(*NOVEMBER, "--explain", "not-counted", code=2).out


def test_an_incident_that_nobody_declared_is_said_in_every_format(told):
    remove(told, A, "timeline/*opened*")
    for words in ((), ("--json",), ("--format", "csv"), ("--format", "markdown"), ("--explain", "resolve")):
        assert f"in no period, as nothing says when it was declared: {A}" in told(*NOVEMBER, *words).err
    why = f"{A}\tnone\tin no period\t\tnothing says when it was declared"
    assert why in told(*NOVEMBER, "--explain", "not-counted").out


def test_seconds_are_given_to_the_millisecond(console_of, incident):
    minutes = {"aaaaaa": 1, "bbbbbb": 1, "cccccc": 1, "dddddd": 2}
    console = console_of(*(incident(name, started=0, resolved=taken) for name, taken in minutes.items()))
    *_, resolve = console(*NOVEMBER, "--json").json["figures"][0]["clocks"]
    assert resolve["wall_clock"]["p90"] == 102


def test_by_month_begins_with_a_month(told):
    said = told("report", "response", "--since", "2026-10-20", "--by", "month", "--json")
    assert said.json["since"] == "2026-10-01"
    assert "from the first day of the month" in said.err
    assert [one["name"] for one in said.json["figures"][0]["groups"]] == ["2026-10", "2026-11"]


def test_a_month_that_is_not_whole_is_marked_in_every_format(told):
    whole = ("report", "response", "--since", "2026-10-01", "--by", "month")
    part = (*whole, "--until", "2026-11-23")
    groups = told(*part, "--json").json["figures"][0]["groups"]
    assert [(one["name"], one["partial"]) for one in groups] == [("2026-10", False), ("2026-11", True)]
    found = list(csv.DictReader(io.StringIO(told(*part, "--format", "csv").out, newline="")))
    assert {(row["group"], row["partial"]) for row in found} == {("all", ""), ("2026-10", ""), ("2026-11", "yes")}
    for arguments in (part, (*part, "--format", "markdown")):
        out = told(*arguments).out
        assert "2026-11 (partial)" in out
        assert "2026-10 (partial)" not in out
    told.now += timedelta(days=30)
    assert "partial)" not in told(*whole, "--until", "2026-11-30").out


def test_on_a_terminal_a_month_that_is_not_whole_is_marked(told, terminal):
    out = told("report", "response", "--since", "2026-10-01", "--by", "month", "--no-color").out
    assert "2026-11 (partial)" in out
    assert "2026-10 (partial)" not in out


def test_an_approved_postmortem_counts_and_one_that_changed_since_does_not(told):
    path = f"postmortems/2026/postmortem-{B.removeprefix('incident-')}.md"
    head = f"title: T\nincidents: [{B}]\nauthor: ada\nstarted_at: 2026-11-03T10:00:00Z\n"
    told.store.write(path, f"---\n{head}---\n\n## Summary\n\nIt broke.\n")
    told.store.commit("The post-mortem")
    told.who = ("Noor Voorbeeld", "noor@example.org")

    def approved():
        return told(*NOVEMBER, "--json").json["figures"][0]["approved_postmortem"]

    digest = sha256((told.store.root / path).read_bytes()).hexdigest()
    approval = f"of: {path}\ndigest: sha256:{digest}\nrole: reviewer\nby: noor\nat: 2026-11-04T10:00:00Z\n"
    told.store.write("approvals/2026/approval-20261104-aaaaaa.yaml", approval)
    assert approved() == {"n": 1, "of": 1, "yes": [B], "no": [], "unknown": {}, "proved": []}
    assert "approved, asserted" in told(*NOVEMBER, "--explain", "postmortems").out
    told.store.write(path, f"---\n{head}---\n\n## Summary\n\nIt broke twice.\n")
    assert approved()["no"] == [B]
    told.store.write(path, f"---\n{head}---\n\n## Summary\n\nIt broke.\n")
    assert approved()["yes"] == [B]
    told.store.write("approvals/2026/approval-20261104-aaaaaa.yaml", approval.replace("by: noor", "by: ada"))
    assert approved()["no"] == [B]

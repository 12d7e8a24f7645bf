"""The cycle: normal operations, incident, remediation, post-mortem, normal operations with a measure anchored."""

import re
import resource
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

OPEN = ("incident", "open", "Receipts are not extracted", "--service", "receipt-scanner", "--severity", "sev1")
PROBE = "apiVersion: openslo/v1\nkind: Service\nmetadata: {name: queue}\nspec: {}\n"
"""Something that works next time: content that an anchor may lie in."""
MINOR = (*OPEN[:-1], "sev3", "--detected-by", "user")


def opened(console, *more):
    return console(*OPEN, "--detected-by", "slo", *more).id.rsplit("-", 1)[1]


def resolved(console):
    short = opened(console)
    console("incident", "resolve", short)
    return short


def shown(console, short):
    return console("incident", "show", short, "--json").json["incident"]


def test_the_whole_cycle_of_a_major_incident(console):
    short = opened(console, "--started", "-20m")
    assert shown(console, short)["phase"] == "incident"
    console("incident", "log", short, "Rolled back to 4.2.0", "--at", "-5m")
    console("incident", "resolve", short)
    assert shown(console, short)["phase"] == "post-mortem"
    console("postmortem", "start", short, "--moderator", "noor")
    (text,) = console.store.root.glob("postmortems/2026/*.md")
    text.write_text(re.sub(r"(?m)^> .*$", "Said.", text.read_text()))
    console.store.commit("What happened")
    refused = console("incident", "close", short, code=1)
    assert "an approval of postmortems/2026/postmortem-20261123" in refused.err
    assert f"svcops measure add {short}" in refused.err
    console(
        "measure", "add", short, "Probe the queue", "--type", "detect", "--owner", "platform", "--due", "2026-12-20"
    )
    console.store.write("slo/queue.yaml", PROBE)
    console.store.commit("Probe the queue")
    console("measure", "anchor", short, "--path", "slo/queue.yaml")
    console("postmortem", "approve", short, code=1)
    console.who = ("Noor Voorbeeld", "noor@example.org")
    console("postmortem", "approve", short)
    console("incident", "close", short)
    end = shown(console, short)
    assert end["phase"] == "normal operations"
    assert end["measures"][0]["anchored"]
    assert [event["type"] for event in end["timeline"]] == ["impact-started", "opened", "log", "resolved", "closed"]
    assert console("check").code == 0
    assert console.store.is_clean()


def closed_and_resolved_again(console):
    """A major incident that went through the whole cycle, went on after all, and is resolved a second time."""
    short = opened(console, "--started", "-20m")
    console("incident", "resolve", short)
    console("postmortem", "start", short, "--moderator", "noor")
    (text,) = console.store.root.glob("postmortems/2026/*.md")
    text.write_text(re.sub(r"(?m)^> .*$", "Said.", text.read_text()))
    console.store.commit("What happened")
    measured(console, short, "Probe the queue", "slo/queue.yaml")
    approve(console, short)
    console("incident", "close", short)
    console("incident", "reopen", short, "It fails again")
    console.now += timedelta(days=2)
    return short, console("incident", "resolve", short).err


def measured(console, short, title, path):
    console("measure", "add", short, title, "--type", "detect", "--owner", "platform", "--due", "2026-12-20")
    console.store.write(path, PROBE.replace("queue", Path(path).stem))
    console.store.commit(title)
    console("measure", "anchor", short, "--path", path)


def approve(console, short, code=0):
    console.who = ("Noor Voorbeeld", "noor@example.org")
    said = console("postmortem", "approve", short, code=code)
    console.who = ("Ada Example", "ada@example.org")
    return said


def test_what_was_reopened_closes_on_a_new_approval_only(console):
    """Who approved before had not read of what came: neither how long it really took, nor what did not hold."""
    short, said = closed_and_resolved_again(console)
    assert [line for line in said.splitlines() if line.startswith("next")] == [
        f"next: svcops postmortem start {short} --facts",
        f"next: svcops postmortem approve {short}",
        f'next: svcops measure add {short} "WHAT" --type prevent|detect|mitigate|process --owner TEAM --due DATE',
    ]
    shown = console("postmortem", "show", short).out
    assert "status      draft" in shown
    assert "does not count, the incident was reopened afterwards" in shown
    assert "PMO008" in {one["code"] for one in console("check", "--json").json["findings"]}
    assert "is not finished" in approve(console, short, code=1).err
    measured(console, short, "Bound the queue", "slo/bound.yaml")
    refused = console("incident", "close", short, code=1).err
    assert "does not count, the incident was reopened afterwards" in refused
    console("postmortem", "start", short, "--facts")
    approve(console, short)
    console("incident", "close", short)
    assert console("check").code == 0


def test_a_closing_by_hand_on_an_approval_from_before_it_was_reopened_is_found(console):
    short, _ = closed_and_resolved_again(console)
    measured(console, short, "Bound the queue", "slo/bound.yaml")
    folder = next(console.store.root.glob("incidents/2026/*")).relative_to(console.store.root)
    at = console.now.isoformat()
    console.store.write(
        f"{folder}/timeline/99-closed.yaml",
        f"type: closed\nat: {at}\nrecorded_at: {at}\nby: ada\nfrom: post-mortem\n",
    )
    console.store.commit("Closed by hand")
    found = [one["message"] for one in console("check", "--json", code=1).json["findings"] if one["code"] == "INC002"]
    assert len(found) == 1
    assert "the incident was reopened afterwards" in found[0]
    share = console("report", "response", "--json").json["figures"][0]["approved_postmortem"]
    assert (share["n"], share["of"]) == (0, 1)


def test_what_did_not_hold_is_named_though_a_new_measure_is_open(console):
    short, _ = closed_and_resolved_again(console)
    before = "a measure anchored since it was reopened, as this one did not hold: "
    refused = console("incident", "close", short, code=1).err
    assert before in refused
    console("measure", "add", short, "Bound it", "--type", "prevent", "--owner", "platform", "--due", "2026-12-20")
    refused = console("incident", "close", short, code=1).err
    assert re.search(rf"{before}\w+ Probe the queue; open is \w+ Bound it\n", refused)
    assert f"svcops measure anchor {short} --path PATH" in refused


def test_opening_prints_the_id_and_says_who_answers(console):
    said = console(*OPEN, "--detected-by", "slo")
    assert said.out.startswith("incident-20261123-")
    assert "receipt-scanner answers: platform (chat #platform)" in said.err
    assert "commit " in said.err


def test_what_came_first_is_judged_by_instants_and_not_by_the_clock_on_the_wall(console):
    console.now = datetime(2027, 10, 31, 9, tzinfo=UTC)
    summer, winter = "2027-10-31T02:50+02:00", "2027-10-31T02:10+01:00"
    short = opened(console, "--at", winter, "--started", summer)
    assert shown(console, short)["clocks"][0]["seconds"] == 20 * 60
    said = console(*OPEN, "--detected-by", "slo", "--at", summer, "--started", winter, code=2)
    assert "--started is after the incident is declared" in said.err


def test_opening_is_one_commit_that_names_the_record(console):
    said = console(*OPEN, "--detected-by", "slo")
    message = console.store.git("log", "-1", "--format=%B")
    assert message.startswith(f"Open incident {said.id[-6:]}: Receipts are not extracted (sev1)")
    assert f"Svcops-Record: {said.id}" in message


def test_a_clock_names_both_its_ends_and_is_unknown_without_them(console):
    known = {clock["name"]: clock for clock in shown(console, opened(console, "--started", "-20m"))["clocks"]}
    assert known["time to detect"]["seconds"] == 20 * 60
    assert (known["time to detect"]["from"], known["time to detect"]["to"]) == ("impact started", "detected")
    assert known["time to resolve"]["seconds"] is None
    unknown = shown(console, opened(console))["clocks"]
    assert [clock["seconds"] for clock in unknown] == [None] * 4


def test_a_clock_whose_ends_stand_in_the_wrong_order_is_unknown(console):
    short = opened(console, "--started", "-20m")
    folder = next(console.store.root.glob("incidents/2026/*/timeline"))
    late = next(folder.glob("*impact-started*"))
    late.write_text(late.read_text().replace('at: "2026-11-23T07:56', 'at: "2026-11-23T23:56'))
    assert [clock["seconds"] for clock in shown(console, short)["clocks"]] == [None] * 4


@pytest.mark.parametrize(
    ("arguments", "message", "help_"),
    [
        (
            ("--service", "receipt-scaner", "--severity", "sev1", "--detected-by", "slo"),
            "no service 'receipt-scaner'",
            "Did you mean receipt-scanner?",
        ),
        (("--service", "ledger", "--severity", "sev9", "--detected-by", "slo"), "no severity 'sev9'", "sev1, sev2"),
        (
            ("--service", "ledger", "--severity", "sev1", "--detected-by", "luck"),
            "--detected-by luck",
            "slo, monitoring",
        ),
        (
            ("--service", "ledger", "--severity", "sev1", "--detected-by", "slo", "--started", "+5x"),
            "--started +5x",
            "-20m",
        ),
        (
            ("--service", "ledger", "--severity", "sev1", "--detected-by", "slo", "--at", "2030-01-01T00:00Z"),
            "in the future",
            "",
        ),
        (("--service", "ledger", "--severity", "sev1"), "--detected-by", "incident open --help"),
        (
            ("--service", "ledger", "--severity", "sev1", "--detected-by", "slo", "--started", "-5m", "--at", "-10m"),
            "after the incident is declared",
            "",
        ),
    ],
)
def test_a_bad_call_says_what_to_type_and_writes_nothing(console, arguments, message, help_):
    before = console.store.head()
    said = console("incident", "open", "Title", *arguments, code=2)
    assert message in said.err
    assert help_ in said.err
    assert console.store.head() == before
    assert console.store.is_clean()


def test_an_empty_title_or_log_is_refused(console):
    short = opened(console)
    assert "needs a title" in console("incident", "open", " ", *OPEN[3:], "--detected-by", "slo", code=2).err
    assert "nothing to log" in console("incident", "log", short, "  ", code=2).err


def test_a_title_is_one_line_of_two_hundred_characters(console):
    before = console.store.head()
    for title in ("x" * 201, "word " * 20_000):
        refused = console("incident", "open", title, *OPEN[3:], "--detected-by", "slo", code=2).err
        assert "characters: 200 are the most" in refused
        assert len(refused) < 500
    assert console.store.head() == before
    short = console("incident", "open", "  Receipts\n\tfail" + "\r\n" * 300 + "x" * 180, *OPEN[3:], "--detected-by",
                    "slo").id  # fmt: skip
    assert shown(console, short)["title"] == "Receipts fail " + "x" * 180


@pytest.mark.parametrize("verb", ["close"])
def test_an_open_incident_cannot_be_closed(console, verb):
    short = opened(console)
    said = console("incident", verb, short, code=1)
    assert "it is not acknowledged yet" in said.err
    assert f"svcops incident ack {short}" in said.err


def test_a_resolved_incident_cannot_be_resolved_again(console):
    short = resolved(console)
    assert "it is resolved, and in its post-mortem" in console("incident", "resolve", short, code=1).err


def test_it_cannot_end_before_it_began(console):
    short = opened(console, "--started", "-20m")
    assert "before it began" in console("incident", "resolve", short, "--at", "-30m", code=2).err


def test_a_minor_incident_closes_with_a_reason_and_a_major_one_does_not(console):
    minor = console(*MINOR).id
    console("incident", "resolve", minor)
    assert "a measure, and its anchor" in console("incident", "close", minor, code=1).err
    console("incident", "close", minor, "--no-measure-because", "A one-off at the bank")
    major = resolved(console)
    assert "closes with a measure" in console("incident", "close", major, "--no-measure-because", "x", code=1).err


def test_an_id_may_be_shortened_and_an_ambiguous_one_lists_its_candidates(console):
    first, second = console(*MINOR).id, console(*MINOR).id
    assert console("incident", "show", first[-6:-2], "--quiet").id == first
    assert console("incident", "show", first[:-1], "--quiet").id == first
    assert console("incident", "show", first.upper(), "--quiet").id == first
    said = console("incident", "show", "incident-2026", code=2)
    assert "may be 2 incidents" in said.err
    assert first in said.err
    assert second in said.err
    assert "no incident 'zzzz'" in console("incident", "show", "zzzz", code=2).err


def test_a_list_is_tab_separated_when_piped_and_ids_alone_with_quiet(console):
    one, two = console(*MINOR).id, console(*OPEN, "--detected-by", "slo").id
    lines = console("incident", "list").out.splitlines()
    assert [line.split("\t")[0] for line in lines] == [two, one]
    assert console("incident", "list", "--quiet").out.split() == [two, one]
    assert [entry["id"] for entry in console("incident", "list", "--json").json["incidents"]] == [two, one]
    assert console("incident", "list", "--service", "ledger").out == ""
    assert "Did you mean ledger?" in console("incident", "list", "--service", "ledgr", code=2).err


def test_the_list_of_open_ones_leaves_out_what_is_back_in_normal_operations(console):
    minor = console(*MINOR).id
    console("incident", "resolve", minor)
    console("incident", "close", minor, "--no-measure-because", "A one-off")
    assert console("incident", "list", "--open").out == ""
    assert minor in console("incident", "list").out


def test_no_incidents_is_no_error(console):
    said = console("incident", "list")
    assert said.out == ""
    assert said.err == "No incidents.\n"


def test_a_damaged_event_is_named_and_the_list_goes_on_without_it(console):
    short = opened(console)
    event = next(console.store.root.glob("incidents/2026/*/timeline/*opened*"))
    event.write_text("type: opened\nat: yesterday\n")
    said = console("incident", "list", code=2)
    assert "left out, damaged: incidents/2026/" in said.err
    assert "damaged file" in console("incident", "resolve", short, code=2).err
    console("incident", "log", short, "logging goes on")
    shown = console("incident", "show", short, code=2)
    assert "logging goes on" in shown.out
    assert "left out, damaged" in shown.err
    assert "phase        unknown" in shown.out


def test_an_open_incident_whose_record_is_gone_is_named_where_the_others_are_listed(console):
    gone = opened(console)
    next(console.store.root.glob(f"incidents/2026/*{gone}/incident.yaml")).unlink()
    said = console("incident", "list", code=2)
    assert said.err.startswith("No incident that can be read.\n")
    assert f"-{gone}; svcops check says how it comes back" in said.err
    other = opened(console)
    said = console("incident", "list", "--open", "-q", code=2)
    assert (said.out.split()[0][-6:], gone in said.err) == (other, True)


def test_text_that_a_terminal_would_obey_never_becomes_a_record(console):
    said = console("incident", "open", "Red \x1b[31m alert\x07", *OPEN[3:], "--detected-by", "slo", code=2)
    assert "control character" in said.err
    assert "\x1b" not in said.err
    assert console.store.is_clean()


def test_two_clones_that_log_to_one_incident_merge_without_a_conflict(console, tmp_path):
    from shutil import copytree

    short = opened(console)
    other = type(console)(type(console.store)(copytree(console.store.path, tmp_path / "clone"), console.store.env))
    other._seed = 1000
    console("incident", "log", short, "Said in the first clone")
    other("incident", "log", short, "Said in the second clone")
    other("incident", "resolve", short)
    console.store.git("pull", "--quiet", "--no-rebase", "--no-edit", str(other.store.path), "main")
    texts = [event.get("text") for event in shown(console, short)["timeline"]]
    assert {"Said in the first clone", "Said in the second clone"} <= set(texts)
    assert shown(console, short)["phase"] == "post-mortem"
    assert console("check").code == 0


def test_two_clones_that_both_resolve_keep_both_and_the_second_has_no_effect(console, tmp_path):
    from shutil import copytree

    short = opened(console)
    other = type(console)(type(console.store)(copytree(console.store.path, tmp_path / "clone"), console.store.env))
    other._seed = 1000
    console("incident", "resolve", short, "first")
    other.now = console.now
    other("incident", "resolve", short, "second")
    console.store.git("pull", "--quiet", "--no-rebase", "--no-edit", str(other.store.path), "main")
    timeline = shown(console, short)["timeline"]
    assert [event["void"] for event in timeline if event["type"] == "resolved"] == [False, True]
    found = console("check", "--json").json["findings"]
    assert [(finding["code"], finding["severity"]) for finding in found] == [("INC005", "warning")]


def test_an_incident_closes_only_with_what_others_will_see(console):
    short = console(*MINOR).id[-6:]
    console("incident", "resolve", short)
    console("measure", "add", short, "Probe", "--type", "detect", "--owner", "platform", "--due", "2026-12-20")
    console.store.write("slo/queue.yaml", PROBE)
    console.store.commit("Probe the queue")
    console("--no-commit", "measure", "anchor", short, "--path", "slo/queue.yaml")
    said = console("incident", "close", short, code=3)
    assert "is not committed" in said.err
    assert "git add -- measures/2026/" in said.err
    console.store.commit("The anchor")
    console("incident", "close", short)


def test_settings_that_cannot_be_read_are_said_before_anything_is_written(console):
    console.store.write("svcops.yaml", "severties: []\n")
    said = console(*MINOR, code=None)
    assert "svcops.yaml is damaged, and what can be read of it is used" in said.err


def test_a_blank_reason_is_no_reason(console):
    short = console(*MINOR).id[-6:]
    console("incident", "resolve", short)
    assert "needs a reason" in console("incident", "close", short, "--no-measure-because", " ", code=2).err
    assert "--no-measure-because REASON" in console("incident", "close", short, code=1).err


def test_a_disk_that_takes_nothing_more_keeps_nobody_from_being_called(console):
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
    try:
        said = console(*OPEN, "--detected-by", "user", code=3)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert not list(console.store.root.glob("incidents/*/*"))
    assert "receipt-scanner answers: platform" in said.err
    assert "the incident is declared nowhere: nothing was written" in said.err
    console(*OPEN, "--detected-by", "user")


def test_a_hook_that_refuses_keeps_nobody_from_being_called(console):
    console.store.hook("pre-commit", "exit 1")
    said = console(*OPEN, "--detected-by", "user", code=3)
    (record,) = console.store.root.glob("incidents/*/*")
    assert "the incident is declared in the work tree alone" in said.err
    assert record.name in said.err
    assert "receipt-scanner answers: platform" in said.err
    assert "written, but not committed" in said.err

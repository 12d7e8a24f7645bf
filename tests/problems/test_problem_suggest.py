"""What recurs and that no problem holds: found, explained, and proposed with the command to type."""

import io
import shlex
from datetime import timedelta

import pytest

from svcops.problems.suggesting import suggestions
from svcops.store.graph import Graph


def lines(console, *arguments):
    return [line.split("\t") for line in console("problem", "suggest", *arguments).out.splitlines()]


def test_what_recurs_is_proposed_with_its_reasons_and_the_command_works_as_printed(console, incident):
    one, other = incident(), incident("No receipts extracted since noon")
    incident("Postings fail", "ledger")
    found = lines(console)
    assert len(found) == 1
    incident_id, number, services, problem_id, reasons, command = found[0]
    assert (incident_id[-6:], number, services, problem_id) == (other, "2", "receipt-scanner", "")
    assert reasons == "same service: receipt-scanner; same words in the title: extracted"
    assert command.startswith("svcops problem open ")
    short = console(*shlex.split(command)[1:]).id
    held = console("problem", "show", short, "--json").json["problem"]["incidents"]
    assert [name[-6:] for name in held] == [one, other]
    said = console("problem", "suggest")
    assert (said.out, said.err) == ("", "Nothing recurs that no problem holds.\n")


def test_what_looks_like_a_problem_that_is_there_is_linked_to_it(console, problem, incident):
    short, held = problem
    later = incident("Receipts: nothing extracted")
    found = lines(console)
    assert [one[5] for one in found] == [f"svcops problem link {short} {later}"]
    console("problem", "link", short, "--suggested")
    assert lines(console) == []
    assert f"{held}  " in console("problem", "show", short).out


def test_what_was_ruled_out_is_not_proposed_for_that_problem_again(console, problem, incident):
    short, _ = problem
    first = incident()
    console("problem", "link", short, first, "--not", "The disk was full")
    assert lines(console) == []
    second = incident()
    found = lines(console)
    assert [one[5] for one in found] == [f"svcops problem link {short} {second}"]
    console("problem", "link", short, second, "--not", "The disk was full again")
    assert lines(console)[0][1] == "2", "the two of them recur by themselves"


@pytest.fixture
def taken_over(console, incident):
    """An incident into which one was merged that a problem holds, and the problem: the ends of their ids."""
    first = incident()
    short = console("problem", "open", "The queue fills up", "--incident", first).id[-6:]
    goes_on = incident("No receipts extracted since noon")
    console("incident", "merge", first, "--into", goes_on)
    return goes_on, short


def test_what_a_problem_holds_through_a_duplicate_is_proposed_for_no_other(console, taken_over, incident):
    _, short = taken_over
    again = incident()
    assert [one[5] for one in lines(console)] == [f"svcops problem link {short} {again}"]
    console("problem", "link", short, "--suggested")
    assert lines(console) == []


def test_what_is_said_of_an_incident_holds_for_what_was_merged_into_it_and_the_latest_counts(console, taken_over):
    goes_on, short = taken_over
    already = console("problem", "link", short, goes_on, code=2).err
    assert already.startswith(f"error: {goes_on}: linked already")
    assert console("problem", "show", goes_on, "-q").id[-6:] == short
    console("problem", "link", short, goes_on, "--not", "The disk was full")
    found = console("problem", "show", short, "--json").json["problem"]
    assert (found["incidents"], [name[-6:] for name in found["ruled_out"]]) == ([], [goes_on])
    assert console("incident", "show", goes_on, "--json").json["incident"]["problems"] == []
    assert lines(console) == [], "it was ruled out"
    console("problem", "link", short, goes_on)
    found = console("problem", "show", short, "--json").json["problem"]
    assert ([name[-6:] for name in found["incidents"]], found["ruled_out"]) == ([goes_on], [])


def test_a_duplicate_that_was_ruled_out_rules_out_what_it_was_merged_into(console, problem, incident):
    short, _ = problem
    first, goes_on = incident(), incident("Receipts: nothing extracted")
    console("problem", "link", short, first, "--not", "The disk was full")
    console("incident", "merge", first, "--into", goes_on)
    assert lines(console) == []


def test_what_was_cancelled_or_merged_does_not_recur(console, incident):
    one, other, third = incident(), incident(), incident()
    console("incident", "cancel", other, "A test")
    console("incident", "merge", third, "--into", one)
    assert lines(console) == []


def test_the_same_words_in_what_was_logged_recur_though_the_titles_differ(console, incident):
    one, other = incident("Receipts are late"), incident("Uploads hang")
    for short in (one, other):
        console("incident", "log", short, "The extraction worker ran out of memory")
    found = lines(console)
    assert found[0][4].startswith("same service: receipt-scanner; same words in what was logged and told: ")
    assert found[0][1] == "2"


def test_the_same_alert_recurs_whatever_was_said(console):
    for number, title in enumerate(("Receipts are late", "Uploads hang")):
        name = f"incident-2026112{number}-aaaaa{number}"
        console.store.write(
            f"incidents/2026/{name}/incident.yaml",
            f"title: {title}\nservices: [receipt-scanner]\ndetected_by: monitoring\n"
            "alert: {key: '{}:{alertname=\"QueueGrows\"}', labels: {alertname: QueueGrows}}\n",
        )
        at = f"2026-11-2{number}T07:00:00Z"
        console.store.write(
            f"incidents/2026/{name}/timeline/1.yaml",
            f"type: opened\nat: {at}\nrecorded_at: {at}\nby: ada\nseverity: sev3\n",
        )
    console.store.commit("Alerts")
    assert lines(console)[0][4] == "same alert: QueueGrows; same service: receipt-scanner"


def test_it_can_be_narrowed_to_a_service_and_read_by_programs(console, problem, incident):
    incident()
    one, other = incident("Postings fail", "ledger"), incident("Postings fail", "ledger")
    assert [found[0][-6:] for found in lines(console, "--service", "ledger")] == [other]
    assert "Did you mean ledger?" in console("problem", "suggest", "--service", "ledgr", code=2).err
    said = console("problem", "suggest", "--json").json
    assert said["schema"] == "svcops.problem-suggestions/1"
    assert said["attributed"][0]["problem"].endswith(problem[0])
    assert said["attributed"][0]["like"].endswith(problem[1])
    assert said["attributed"][0]["score"] == 1.0
    assert [name[-6:] for name in said["recurring"][0]["incidents"]] == [one, other]
    assert len(console("problem", "suggest", "-q").out.split()) == 2


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture
def on_a_terminal(monkeypatch):
    """Standard output is a terminal."""
    monkeypatch.setattr(io, "StringIO", Terminal)


def test_on_a_terminal_it_reads_as_a_proposal(console, problem, incident, on_a_terminal):
    short, held = problem
    later = incident()
    shorts = [incident("It's slow: postings", "ledger") for _ in range(7)]
    text = console("problem", "suggest").out
    assert text.startswith(
        "Looks like a problem that is there\n"
        f"  {later}  Mon 2026-11-23 08:18  sev3  Receipts are not extracted (incident)\n"
        f"    problem {short}, The queue fills up (investigating)\n"
        f"    like {held}: same service: receipt-scanner; same words in the title: extracted\n"
        f"    svcops problem link {short} {later}\n"
        "\n"
        "7 incidents, ledger: It's slow: postings\n"
        "    same service: ledger; same words in the title: postings, slow\n"
    )
    assert "  and 1 earlier ones\n" in text
    assert f"""svcops problem open 'It'"'"'s slow: postings' --incident {shorts[1]}""" in text


def test_damaged_incidents_are_named_and_left_out(console, incident):
    one, _ = incident(), incident()
    next(console.store.root.glob(f"incidents/2026/*{one}/incident.yaml")).write_text("title: [\n", encoding="utf-8")
    said = console("problem", "suggest", code=2)
    assert "left out, damaged: incidents/2026/" in said.err
    assert said.out == ""


def test_the_same_store_gives_the_same_suggestions_in_the_same_order(console, incident):
    for title, service in (("Postings fail", "ledger"), ("Receipts vanish", "receipt-scanner")) * 2:
        incident(title, service)
    found = [suggestions(Graph(console.store.root)) for _ in range(2)]
    assert [[one.id for one in group.incidents] for group in found[0].recurring] == [
        [one.id for one in group.incidents] for group in found[1].recurring
    ]
    assert [group.title for group in found[0].recurring] == ["Receipts vanish", "Postings fail"], "the latest first"


def test_what_recurs_after_its_measure_was_anchored_says_that_it_did_not_hold(console, incident, measure):
    first = incident()
    later = measure(first, console.now + timedelta(days=9), "Probe the queue")
    held = measure(first, console.now)
    console.now += timedelta(days=2)
    again = incident()
    reasons = lines(console)[0][4]
    assert reasons.endswith(f"; recurred after measure {held} was anchored on 2026-11-23: the measure did not hold")
    assert later not in reasons, "it was anchored only then"
    (found,) = console("problem", "suggest", "--json").json["recurring"][0]["did_not_hold"]
    assert (found["measure"][-6:], found["incident"][-6:], found["answered"]) == (held, again, True)
    assert found["anchored"].startswith("2026-11-23T")


def test_what_looks_like_a_problem_with_an_anchored_measure_says_that_it_did_not_hold(
    console, problem, incident, measure
):
    _, taught = problem
    incident()
    assert "did not hold" not in lines(console)[0][4]
    held = measure(taught, console.now)
    console.now += timedelta(days=2)
    incident()
    before, after = lines(console)
    assert "did not hold" not in before[4]
    assert after[4].endswith(f"recurred after measure {held} was anchored on 2026-11-23: the measure did not hold")
    found = console("problem", "suggest", "--json").json["attributed"]
    assert [[one["measure"][-6:] for one in each["did_not_hold"]] for each in found] == [[], [held]]


def test_a_terminal_is_told_what_did_not_hold(console, problem, incident, measure, on_a_terminal):
    first = incident("Postings fail", "ledger")
    held = [measure(first, console.now), measure(problem[1], console.now)]
    console.now += timedelta(days=2)
    incident("Postings fail", "ledger")
    incident()
    text = console("problem", "suggest").out.splitlines()
    for one in held:
        assert f"    recurred after measure {one} was anchored on 2026-11-23: the measure did not hold" in text

"""Problems as they are typed: investigating, known error, resolved, verified, and back again."""

import shutil
from datetime import timedelta

import pytest

from svcops.incidents.problems import known_errors
from svcops.store.graph import Graph

RESTART = "Restart the extractor"


def shown(console, short):
    return console("problem", "show", short, "--json").json["problem"]


def explained(console, short):
    console("problem", "factor", short, "No bound", "--evidence", "svcops.yaml", "--why", "It grows")


def resolved(console, problem):
    explained(console, problem[0])
    console("problem", "resolve", problem[0], "Release 4.3 bounds the queue")
    return problem[0]


def test_the_whole_cycle_of_a_problem(console, problem, measure):
    short, taught = problem
    explained(console, short)
    console("problem", "workaround", short, RESTART)
    console("problem", "known-error", short, "The queue has no upper bound")
    assert shown(console, short)["status"] == "known error"
    console("problem", "resolve", short, "Release 4.3 bounds the queue")
    measure(taught, console.now)
    console.now += timedelta(days=30, minutes=1)
    console("problem", "verify", short, "Three releases without it")
    found = shown(console, short)
    assert (found["status"], found["missing"]) == ("verified", [])
    assert [event["type"] for event in found["events"]] == [
        "incident",
        "factor",
        "workaround",
        "known-error",
        "resolved",
        "verified",
    ]
    assert console("check").code == 0
    assert console.store.is_clean()


def test_opening_takes_the_services_of_its_incidents_and_is_one_commit(console, incident):
    one, other = incident(), incident("Postings fail", "ledger")
    before = len(console.store.log())
    said = console("problem", "open", "  The queue\nfills up ", "--incident", one, "--incident", other)
    found = shown(console, said.id)
    assert (found["title"], found["services"]) == ("The queue fills up", ["receipt-scanner", "ledger"])
    assert [name[-6:] for name in found["incidents"]] == [one, other]
    assert len(console.store.log()) == before + 1
    assert console.store.log()[0] == f"Open problem {said.id[-6:]}: The queue fills up"
    assert f"Svcops-Record: {found['incidents'][1]}" in console.store.git("log", "-1", "--format=%B")
    assert f'next: svcops problem workaround {said.id[-6:]} "' in said.err


def test_a_problem_may_be_known_before_anything_happened(console):
    said = console("problem", "open", "The certificate expires", "--service", "ledger", "--at", "-2h")
    found = shown(console, said.id)
    assert (found["services"], found["incidents"]) == (["ledger"], [])
    assert found["opened"] == "2026-11-23T06:16:00+01:00"
    assert "Incidents: none is linked" in console("problem", "show", said.id).out


@pytest.mark.parametrize(
    ("arguments", "message", "help_"),
    [
        ((" ", "--service", "ledger"), "a problem needs a title", "in one line"),
        (("T",), "which incidents, or which service?", "--incident ID"),
        (("T", "--service", "legder"), "no service 'legder'", "Did you mean ledger?"),
        (("T", "--incident", "zzzz"), "no incident 'zzzz'", ""),
        (("T", "--service", "ledger", "--at", "+2h"), "--at", ""),
    ],
)
def test_a_bad_opening_says_what_to_type_and_writes_nothing(console, arguments, message, help_):
    before = console.store.head()
    said = console("problem", "open", *arguments, code=2)
    assert message in said.err
    assert help_ in said.err
    assert console.store.head() == before


def test_a_known_error_needs_a_workaround(console, problem):
    said = console("problem", "known-error", problem[0], code=1)
    assert "it has no workaround" in said.err
    assert f"svcops problem workaround {problem[0]}" in said.err
    console("problem", "workaround", problem[0], RESTART)
    console("problem", "known-error", problem[0])


def test_a_problem_is_resolved_without_ever_having_been_a_known_error(console, problem):
    resolved(console, problem)
    assert shown(console, problem[0])["known_error"] is None


@pytest.mark.parametrize(
    ("verb", "told"),
    [("verify", "cannot be verified: it is investigating"), ("reopen", "cannot be reopened: it is investigating")],
)
def test_steps_out_of_order_are_refused(console, problem, verb, told):
    said = console("problem", verb, problem[0], "x", code=1)
    assert told in said.err
    assert f"svcops problem known-error {problem[0]}" in said.err


def test_what_is_resolved_is_not_resolved_again_and_no_known_error(console, problem):
    console("problem", "workaround", problem[0], RESTART)
    resolved(console, problem)
    assert "it is resolved" in console("problem", "resolve", problem[0], "x", code=1).err
    assert "it is resolved" in console("problem", "known-error", problem[0], code=1).err


def test_verifying_waits_for_a_measure_and_for_the_quiet_time(console, problem, measure):
    short = resolved(console, problem)
    said = console("problem", "verify", short, code=1)
    assert "an anchored measure of one of its incidents" in said.err
    assert (
        "a quiet time of 30 d: from when it was resolved on Mon 2026-11-23 08:19, it is over on Wed 2026-12-23 08:19"
        in said.err
    )
    assert f"svcops measure add {problem[1]}" in said.err
    console.now += timedelta(days=31)
    open_ = measure(problem[1])
    said = console("problem", "verify", short, code=1)
    assert f"open is {open_} Bound the queue" in said.err
    assert f"svcops measure anchor {open_} --path PATH" in said.err
    assert "quiet time" not in said.err
    late = measure(problem[1], console.now)
    said = console("problem", "verify", short, code=1)
    assert f"a quiet time of 30 d: from when measure {late} was anchored on Thu 2026-12-24 08:2" in said.err
    console.now += timedelta(days=31)
    console("problem", "verify", short)


def test_the_quiet_time_begins_with_the_last_measure_and_no_later_one_voids_what_was_verified(
    console, problem, measure
):
    short = resolved(console, problem)
    measure(problem[1], console.now + timedelta(days=1))
    last = measure(problem[1], console.now + timedelta(days=20))
    console.now += timedelta(days=31)
    said = console("problem", "verify", short, code=1)
    assert f"from when measure {last} was anchored on Sun 2026-12-13 " in said.err
    assert shown(console, short)["quiet_until"].startswith("2027-01-12")
    console.now += timedelta(days=20)
    console("problem", "verify", short)
    measure(problem[1], console.now + timedelta(days=1))
    console.now += timedelta(days=2)
    assert shown(console, short)["quiet_until"].startswith("2027-01-12")
    assert "PRB004" not in console("check", code=None).out


def test_what_was_verified_stays_so_when_its_measure_is_taken_back_and_is_found(console, problem, measure):
    short = resolved(console, problem)
    held = measure(problem[1], console.now + timedelta(days=1))
    console.now += timedelta(days=40)
    console("problem", "verify", short)
    assert console("check").code == 0
    console.store.git("rm", "--quiet", f"templates/{held}.j2")
    console.store.commit("Back")
    assert "; open, due 2027-12-20, taken back)\n" in console("problem", "show", short).out
    found = shown(console, short)
    assert (found["status"], len(found["measures"][0]["taken_back"])) == ("verified", 1)
    codes = [(one["code"], one["severity"]) for one in console("check", "--json").json["findings"]]
    assert codes == [("MEA009", "warning"), ("PRB009", "warning")]


@pytest.mark.parametrize("verb", ["known-error", "resolve"])
def test_nothing_happens_to_a_problem_before_it_was_opened(console, problem, verb):
    short, _ = problem
    explained(console, short)
    console("problem", "workaround", short, RESTART)
    said = console("problem", verb, short, "Release 4.3", "--at", "-1h", code=2)
    assert "it was opened on Mon 2026-11-23 08:17: nothing happened to it before that" in said.err
    assert shown(console, short)["status"] == "investigating"


def test_the_quiet_time_is_the_policys_and_is_over_in_its_very_instant(console, problem, measure):
    console.store.write("svcops.yaml", f"{console.store.read('svcops.yaml')}policy: {{quiet: 2h}}\n")
    console.store.commit("Two hours will do")
    short = resolved(console, problem)
    until = console.now + timedelta(hours=2)
    measure(problem[1], console.now)
    console.now = until - timedelta(minutes=2)
    assert "a quiet time of 2 h" in console("problem", "verify", short, code=1).err
    console.now = until - timedelta(minutes=1)
    console("problem", "verify", short)


def test_without_an_incident_nothing_can_be_verified(console):
    short = console("problem", "open", "T", "--service", "ledger").id[-6:]
    explained(console, short)
    console("problem", "resolve", short, "x")
    assert f"svcops problem link {short} INCIDENT" in console("problem", "verify", short, code=1).err


def test_what_came_back_is_reopened_and_the_measure_did_not_hold(console, problem, measure, incident):
    short = resolved(console, problem)
    held = measure(problem[1], console.now)
    console.now += timedelta(days=1)
    back = incident()
    said = console("problem", "link", short, back)
    assert f"it came back after it was resolved: svcops problem reopen {short}" in said.err
    assert f"the measure did not hold: {held} Bound the queue (incident {back} came after it)" in said.err
    console.now += timedelta(days=60)
    said = console("problem", "verify", short, code=1)
    assert f"incident {back} was declared Tue 2026-11-24 08:21, after it was resolved" in said.err
    text = console("problem", "show", short).out
    assert f"CAME BACK after it was resolved: {back}" in text
    assert f"DID NOT HOLD: {back} came after it" in text
    assert "a measure did not hold, came back" in console("problem", "list").out
    assert shown(console, short)["did_not_hold"][0]["incident"].endswith(back)
    console("problem", "reopen", short, "The queue filled up again")
    found = shown(console, short)
    assert (found["status"], found["resolved"], found["came_back"]) == ("investigating", None, [])


def test_a_measure_held_where_nothing_came_after_it(console, problem, measure, incident):
    """It was anchored after both; and what came before the incident that taught it was not for it to prevent."""
    short, taught = problem
    later = incident()
    console("problem", "link", short, later)
    measure(taught, console.now)
    assert shown(console, short)["did_not_hold"] == []
    measure(later, console.now - timedelta(days=3), "Known before")
    assert shown(console, short)["did_not_hold"] == []


def test_an_incident_that_looks_like_it_has_to_be_linked_or_ruled_out_first(console, problem, measure, incident):
    short = resolved(console, problem)
    measure(problem[1], console.now)
    console.now += timedelta(days=1)
    other = incident("No receipts extracted")
    console.now += timedelta(days=31)
    said = console("problem", "verify", short, code=1)
    assert f"a word about incident {other}, which looks like it: same service: receipt-scanner" in said.err
    assert f"svcops problem link {short} {other} --not" in said.err
    console("problem", "link", short, other, "--not", "The disk was full")
    console("problem", "verify", short)
    assert f"{other}  is something else: The disk was full" in console("problem", "show", short).out


def test_what_explains_a_duplicate_is_told_with_the_incident_that_goes_on(console, problem, incident):
    short, held = problem
    console("problem", "workaround", short, RESTART)
    on = incident()
    console("incident", "merge", held, "--into", on)
    told = console("incident", "show", on).out
    assert f"Problem      {short}" in told
    assert f"Workaround   {short}" in told
    assert RESTART in console("incident", "handover", on).out
    found = console("incident", "show", on, "--json").json["incident"]
    assert [one["id"][-6:] for one in found["problems"]] == [short]
    assert len(found["workarounds"]) == 1


def test_nothing_is_verified_while_an_incident_of_it_goes_on_or_came_back(console, problem, measure, incident):
    held = incident("It goes on")
    console("problem", "link", problem[0], held)
    short = resolved(console, problem)
    measure(problem[1], console.now)
    console.now += timedelta(days=40)
    assert f"the end of incident {held}, which goes on" in console("problem", "verify", short, code=1).err
    console("incident", "resolve", held, "--at", "-39d")
    console("incident", "reopen", held, "It came back", "--at", "-3h")
    said = console("problem", "verify", short, code=1).err
    assert f"incident {held} was reopened" in said
    console("incident", "resolve", held, "--at", "-2h")
    assert f"svcops problem reopen {short}" in console("problem", "verify", short, code=1).err


def test_a_second_problem_of_the_same_incident_explains_nothing_away(console, problem, measure, incident):
    short = resolved(console, problem)
    measure(problem[1], console.now)
    console.now += timedelta(days=1)
    other = incident("No receipts extracted")
    console.now += timedelta(days=31)
    view = console("problem", "open", "Another view of it", "--incident", problem[1]).id[-6:]
    for call in ((), ("problem", "link", view, other)):
        if call:
            console(*call)
        assert f"a word about incident {other}" in console("problem", "verify", short, code=1).err
    console("problem", "link", view, other, "--not", "The disk was full")
    assert f"a word about incident {other}" in console("problem", "verify", short, code=1).err
    console("problem", "open", "The disk is full", "--incident", other)
    console("problem", "verify", short)


def test_a_verification_of_the_past_looks_at_what_came_back_since(console, problem, measure, incident):
    console.store.write("svcops.yaml", f"{console.store.read('svcops.yaml')}policy: {{quiet: 2h}}\n")
    console.store.commit("Two hours will do")
    short = resolved(console, problem)
    measure(problem[1], console.now)
    console.now += timedelta(hours=5)
    console("problem", "link", short, incident())
    assert "after it was resolved" in console("problem", "verify", short, "--at", "-2h", code=1).err


def test_a_merged_incident_counts_as_the_one_that_goes_on_and_a_cancelled_one_not_at_all(console, problem, incident):
    short, held = problem
    duplicate, none = incident(), incident()
    console("problem", "link", short, duplicate, none)
    console("incident", "reopen", held, "It is back")
    console("incident", "merge", duplicate, "--into", held)
    console("incident", "cancel", none, "A test")
    assert [name[-6:] for name in shown(console, short)["incidents"]] == [held]
    assert f"was merged into incident-20261123-{held}" in console("problem", "link", short, duplicate, code=1).err
    assert "there was no disruption" in console("problem", "link", short, none, code=1).err


def test_linking_asks_for_what_is_meant(console, problem, incident):
    short, held = problem
    assert f"{held}: linked already" in console("problem", "link", short, held, code=2).err
    assert "which incidents?" in console("problem", "link", short, code=2).err
    assert "which incidents?" in console("problem", "link", short, held, "--suggested", code=2).err
    assert "no incident looks like" in console("problem", "link", short, "--suggested", code=2).err
    other = incident("Postings fail", "ledger")
    assert "--because and --not" in console("problem", "link", short, other, "--because", "x", "--not", "y", code=2).err
    console("problem", "link", short, other, "--not", "Another queue")
    assert f"{other}: ruled out already" in console("problem", "link", short, other, "--not", "x", code=2).err
    console("problem", "link", short, other, "--because", "It was the same queue after all")
    assert "It was the same queue after all" in console("problem", "show", short).out


@pytest.mark.parametrize(
    ("verb", "arguments", "message"),
    [
        ("workaround", (" ",), "a workaround needs a text"),
        ("workaround", ("x", "-F", "y"), "a text and --file"),
        ("workaround", ("-F", "nowhere"), "No such file"),
        ("resolve", (" ",), "a resolution needs a text"),
        ("factor", (" ", "--evidence", "a log", "--why", "y"), "a factor needs a claim"),
        ("factor", ("x", "--evidence", " ", "--why", "y"), "a factor needs evidence"),
        ("factor", ("x", "--evidence", "a log", "--why", " "), "a factor needs a reason"),
        ("workaround", ("x", "--corrects", "zzzzzz"), "no event of"),
        ("workaround", ("x", "--at", "2030-01-01T00:00Z"), "in the future"),
    ],
)
def test_what_says_nothing_is_refused(console, problem, verb, arguments, message):
    before = console.store.head()
    assert message in console("problem", verb, problem[0], *arguments, code=2).err
    assert console.store.head() == before


def test_reopening_needs_what_shows_it(console, problem):
    resolved(console, problem)
    assert "nothing shows that it came back" in console("problem", "reopen", problem[0], " ", code=2).err


def test_an_event_is_corrected_by_another(console, problem):
    short = problem[0]
    console("problem", "workaround", short, "Wait")
    console("problem", "workaround", short, "Restart")
    name = next(
        line.split()[3] for line in console("problem", "show", short, "--events").out.splitlines() if "Wait" in line
    )
    console("problem", "workaround", short, "Wait an hour", "--corrects", name)
    assert shown(console, short)["workaround"] == "Restart"
    assert "(corrected later)" in console("problem", "show", short, "--events").out


def test_the_incident_names_its_only_problem(console, problem, incident):
    short, held = problem
    assert console("problem", "show", held, "-q").id.endswith(short)
    assert "no problem" in console("problem", "show", incident(), code=2).err
    said = console("problem", "show", "zzzz", code=2)
    assert "svcops problem list shows the problems" in said.err


def test_a_list_is_tab_separated_when_piped_and_can_be_narrowed(console, problem):
    short = problem[0]
    other = console("problem", "open", "Postings are late", "--service", "ledger").id
    lines = [line.split("\t") for line in console("problem", "list").out.splitlines()]
    assert [line[0] for line in lines] == [other, lines[1][0]]
    assert lines[1][1:] == ["investigating", "2026-11-23 08:17", "receipt-scanner", "1", "", "The queue fills up"]
    assert console("problem", "list", "--service", "ledger", "-q").out.split() == [other]
    resolved(console, problem)
    assert console("problem", "list", "--open", "-q").out.split() == [other]
    assert console("problem", "list", "--status", "resolved", "-q").id.endswith(short)
    assert "--status gone" in console("problem", "list", "--status", "gone", code=2).err
    assert "Did you mean ledger?" in console("problem", "list", "--service", "ledgr", code=2).err
    listed = console("problem", "list", "--json").json
    assert listed["schema"] == "svcops.problems/1"
    assert [one["status"] for one in listed["problems"]] == ["investigating", "resolved"]


def test_known_errors_are_shown_with_what_helps(console, problem):
    short = problem[0]
    assert console("problem", "list", "--known-errors").err == "No known errors.\n"
    console("problem", "workaround", short, f"{RESTART}:\n  systemctl restart extractor")
    assert console("problem", "list", "--known-errors").out == ""
    console("problem", "known-error", short)
    line = console("problem", "list", "--known-errors").out.strip().split("\t")
    assert line[1:] == ["receipt-scanner", "The queue fills up", f"{RESTART}: systemctl restart extractor"]
    graph = Graph(console.store.root)
    assert [one.id for one in known_errors(graph, ["receipt-scanner", "ledger"])] == [line[0]]
    assert known_errors(graph, ["ledger"]) == []


def test_no_problems_is_no_error(console):
    assert console("problem", "list").err == "No problems.\n"


def test_it_reads_like_a_report(console, problem):
    short, held = problem
    console("problem", "factor", short, "The queue has no bound", "--evidence", "svcops.yaml", "--why", "It grows")
    console("problem", "workaround", short, RESTART)
    assert console("problem", "show", short).out == (
        f"{short}  The queue fills up\n"
        f"  id        problem-20261123-{short}\n"
        "  status    investigating\n"
        "  services  receipt-scanner\n"
        "  opened    Mon 2026-11-23 08:17, by ada\n"
        "\n"
        "Incidents (1)\n"
        f"  {held}  Mon 2026-11-23 08:16  sev3  Receipts are not extracted (post-mortem)\n"
        "\n"
        "Factors\n"
        "  1. The queue has no bound\n"
        "     evidence  svcops.yaml\n"
        "     why       It grows\n"
        "\n"
        "Workaround (ada, Mon 2026-11-23 08:19)\n"
        "  Restart the extractor\n"
        "\n"
        "Measures: none\n"
        "\n"
        "Missing to be a known error\n"
        "  - the word that it is understood\n"
        f"      svcops problem known-error {short}\n"
    )


def test_nothing_is_committed_where_one_says_so_and_nothing_unseen_verifies(console, problem, measure):
    short, held = problem
    explained(console, short)
    before = console.store.head()
    said = console("problem", "resolve", short, "x", "--no-commit")
    assert "not committed" in said.err
    assert console.store.head() == before
    measure(held, console.now)
    console.now += timedelta(days=31)
    folder = console.store.root / "measures/2026/measure-20261120-m0000a"
    (folder / "20261121t100000000z-anchored-bbbbbb.yaml").write_text(
        next(folder.glob("*anchored*")).read_text(encoding="utf-8"), encoding="utf-8"
    )
    assert "is not committed, and the problem would be verified" in console("problem", "verify", short, code=3).err


def test_a_damaged_event_is_named_and_no_status_is_decided_on_it(console, problem):
    short = problem[0]
    console("problem", "workaround", short, RESTART)
    event = next(console.store.root.glob("problems/2026/*/*workaround*"))
    event.write_text("type: workaround\nat: yesterday\n", encoding="utf-8")
    for verb in ("list", "show"):
        said = console("problem", verb, *([short] if verb == "show" else []), code=2)
        assert "left out, damaged: problems/2026/" in said.err
        assert short in said.out
    assert "has a damaged file" in console("problem", "resolve", short, "x", code=2).err
    console("problem", "factor", short, "c", "--evidence", "A log", "--why", "w")


def test_nothing_is_verified_while_an_incident_cannot_be_read(console, problem, measure, incident):
    short = resolved(console, problem)
    measure(problem[1], console.now)
    other = incident("Postings fail", "ledger")
    next(console.store.root.glob(f"incidents/2026/*{other}/incident.yaml")).write_text("title: [\n", encoding="utf-8")
    console.now += timedelta(days=31)
    said = console("problem", "verify", short, code=2)
    assert "is damaged, so that nobody knows whether it came back" in said.err


def test_it_can_be_read_outside_a_repository(console, problem, tmp_path):
    shutil.copytree(console.store.root, tmp_path / "copy", ignore=shutil.ignore_patterns(".git"))
    console.cwd = tmp_path / "copy"
    assert "The queue fills up" in console("problem", "show", problem[0]).out


def test_a_move_is_corrected_where_it_stands(console, problem):
    short = resolved(console, problem)
    event = shown(console, short)["events"][-1]["path"].rpartition("-")[2].removesuffix(".yaml")
    console("problem", "resolve", short, "What was really changed", "--corrects", event)
    assert shown(console, short)["status"] == "resolved"
    assert not [one for one in console("check", "--json", code=None).json["findings"] if one["code"].startswith("PRB")]


def test_a_move_is_corrected_though_an_earlier_one_was_corrected_before(console, problem):
    short, _ = problem
    console("problem", "workaround", short, RESTART)
    console("problem", "known-error", short)
    resolved(console, problem)
    understood, changed = (
        event["path"].rpartition("-")[2].removesuffix(".yaml")
        for event in shown(console, short)["events"]
        if event["type"] in ("known-error", "resolved")
    )
    console("problem", "known-error", short, "It has no bound", "--corrects", understood)
    console("problem", "resolve", short, "What was really changed", "--corrects", changed)
    found = shown(console, short)
    assert (found["status"], found["events"][-1]["from"]) == ("resolved", "known error")


def test_an_incident_of_several_problems_names_them(console, problem):
    short, about = problem
    other = console("problem", "open", "Nobody looks at it", "--incident", about).id[-6:]
    for call in (("show", about), ("workaround", about, RESTART)):
        said = console("problem", *call, code=2).err
        assert f"{about} is explained by 2 problems" in said
        assert f"  {short}  The queue fills up\n  {other}  Nobody looks at it" in said


def test_a_workaround_is_not_older_than_its_problem(console, problem):
    short, _ = problem
    said = console("problem", "workaround", short, RESTART, "--at", "-60d", code=2).err
    assert "nothing happened to it before that" in said
    console("problem", "workaround", short, RESTART)


def test_a_known_error_waits_for_a_workaround_alone(console, problem):
    short, _ = problem
    assert [one["what"] for one in shown(console, short)["missing"]] == ["a workaround: what helps meanwhile"]
    console("problem", "workaround", short, RESTART)
    assert [one["what"] for one in shown(console, short)["missing"]] == ["the word that it is understood"]
    console("problem", "known-error", short)
    assert "a factor" in shown(console, short)["missing"][0]["what"]


def test_ruling_out_without_a_reason_links_nothing(console, problem, incident):
    short, _ = problem
    other = incident()
    assert "--not needs a reason" in console("problem", "link", short, other, "--not", "  ", code=2).err
    assert [name[-6:] for name in shown(console, short)["incidents"]] == [problem[1]]


def test_the_measure_that_failed_verifies_nothing(console, problem, measure, incident):
    short = resolved(console, problem)
    failed = measure(problem[1], console.now)
    console.now += timedelta(days=1)
    back = incident()
    console("incident", "resolve", back)
    console("problem", "link", short, back)
    console("problem", "reopen", short, "Again")
    console("problem", "resolve", short, "Nothing at all")
    console.now += timedelta(days=40)
    said = console("problem", "verify", short, code=1).err
    assert (
        f"a measure that holds: {failed} Bound the queue is anchored and did not hold:"
        f" incident {back} was declared on Tue 2026-11-24 08:21" in said
    )
    assert "an anchored measure" not in said
    open_ = measure(back, title="Probe the queue")
    said = console("problem", "verify", short, code=1).err
    assert f"on Tue 2026-11-24 08:21; open is {open_} Probe the queue\n" in said
    (event,) = console.store.root.glob(f"measures/2026/*{failed}/*-anchored-*.yaml")
    again = event.with_name("20261221t100000000z-anchored-bbbbbb.yaml")  # the same measure, anchored once more
    again.write_text(event.read_text().replace("2026-11-23", "2026-12-21"))
    console.store.commit("Anchored again")
    console.now += timedelta(days=31)
    console("problem", "verify", short)


def test_measures_of_what_was_merged_count_for_the_one_that_goes_on(console, measure, incident):
    held, duplicate = incident(), incident()
    measure(duplicate, console.now)
    console("incident", "resolve", duplicate)
    console("incident", "resolve", held)
    assert "a measure, and its anchor" in console("incident", "close", held, code=1).err
    console("incident", "merge", duplicate, "--into", held)
    console("incident", "close", held)


def test_what_looked_like_it_before_it_was_resolved_does_not_hold_it_up(console, problem, measure, incident):
    incident("No receipts extracted")
    console.now += timedelta(minutes=5)
    short = resolved(console, problem)
    measure(problem[1], console.now)
    console.now += timedelta(days=31)
    console("problem", "verify", short)


def test_what_came_back_after_it_was_closed_closes_with_a_measure_anchored_since(console, incident, measure):
    short = incident()
    failed = measure(short, console.now)
    console("incident", "resolve", short)
    console("incident", "close", short)
    console.now += timedelta(days=1)
    console("incident", "reopen", short, "It came back")
    console("incident", "resolve", short)
    said = console("incident", "close", short, code=1)
    assert f"a measure anchored since it was reopened, as this one did not hold: {failed} Bound the queue" in said.err
    measure(short, console.now, "Something better")
    console("incident", "close", short)
    assert console("check").code == 0


def test_what_was_only_resolved_too_early_closes_with_the_measure_that_it_has(console, incident, measure):
    short = incident()
    measure(short, console.now)
    console("incident", "resolve", short)
    console("incident", "reopen", short, "Not yet")
    console("incident", "resolve", short)
    console("incident", "close", short)


def test_an_incident_is_linked_to_its_problem_from_either_side(console, problem, incident):
    short, taught = problem
    later = incident("Receipts fail again")
    said = console("incident", "link", later, short, "The same  queue", "--at", "-1m")
    assert said.id.endswith(later)
    event = shown(console, short)["events"][-1]
    assert (event["type"], event["incident"][-6:], event["text"]) == ("incident", later, "The same queue")
    head = console.store.head()
    assert f"linked to {short} already" in console("incident", "link", later, short, code=2).err
    assert "linked already" in console("problem", "link", short, later, code=2).err
    assert "--not" in console("incident", "link", later, short, "--corrects", "x", code=2).err
    console("incident", "reopen", taught, "It is back")
    console("incident", "merge", later, "--into", taught)
    found = console("incident", "show", taught, "--json").json["incident"]
    assert [(one["id"][-6:], one["title"], one["status"]) for one in found["problems"]] == [
        (short, "The queue fills up", "investigating")
    ]
    assert [one[-6:] for one in found["merged"]] == [later]
    text = console("incident", "show", taught).out
    assert f"Problem      {short}  The queue fills up (investigating)" in text
    assert f"Merged       {later}  Receipts fail again" in text
    other = console("problem", "open", "Another", "--service", "ledger").id[-6:]
    assert f"svcops incident show {taught}" in console("incident", "link", later, other, code=1).err
    assert console.store.head() != head
    assert console("check").code == 0


def test_a_minor_incident_closes_with_a_problem_and_a_major_one_does_not(console, problem, incident):
    short, _ = problem
    minor = incident("Receipts fail again")
    console("incident", "resolve", minor)
    refused = console("incident", "close", minor, code=1).err
    assert "a linked problem, or the reason" in refused
    assert f"svcops incident link {minor} PROBLEM" in refused
    console("--no-commit", "incident", "link", minor, short)
    assert "is not committed" in console("incident", "close", minor, code=3).err
    console.store.commit("The link")
    console("incident", "close", minor)
    assert console("incident", "show", minor, "--json").json["incident"]["ending"] == "closed"
    assert console("check").code == 0
    major = console("incident", "open", "None at all", "--service", "ledger", "--severity", "sev1",
                    "--detected-by", "user").id[-6:]  # fmt: skip
    console("incident", "resolve", major)
    console("incident", "link", major, short)
    assert "a post-mortem" in console("incident", "close", major, code=1).err


def test_nothing_is_resolved_of_which_nobody_says_why_it_happens(console, problem):
    short = problem[0]
    said = console("problem", "resolve", short, "Release 4.3 bounds the queue", code=1)
    assert "missing: a factor" in said.err
    assert f"svcops problem factor {short}" in said.err
    assert shown(console, short)["status"] == "investigating"
    resolved(console, problem)
    factor = next((console.store.root / "problems").rglob("*-factor-*.yaml"))
    console.store.put(factor.relative_to(console.store.root).as_posix(), None)
    assert "PRB007" in console("check", code=1).out


@pytest.mark.parametrize("nowhere", ["slo/nowhere.yaml", "../elsewhere.yaml", "/etc/hostname", "nonsense"])
def test_evidence_that_is_nowhere_is_refused(console, problem, nowhere):
    short = problem[0]
    words = ("problem", "factor", short, "No bound", "--why", "It grows", "--evidence")
    said = console(*words, nowhere, code=2)
    assert f"--evidence {nowhere}: no file of this store, no id and no address" in said.err
    assert shown(console, short)["factors"] == []


def test_evidence_is_a_path_an_id_an_address_or_what_was_measured(console, problem):
    short, taught = problem
    words = ("problem", "factor", short, "No bound", "--why", "It grows", "--evidence")
    given = [
        "svcops.yaml:1",
        "runbooks/receipt-scanner",
        taught,
        "https://example.org/graph",
        "4,000 receipts in an hour",
    ]
    for one in given:
        console(*words, one)
    assert [one["evidence"] for one in shown(console, short)["factors"]] == given


def test_a_title_is_one_line_that_a_list_can_show(console, problem):
    short = console("problem", "open", " The queue\n  fills up ", "--service", "ledger").id[-6:]
    assert shown(console, short)["title"] == "The queue fills up"
    console("problem", "open", "x" * 200, "--service", "ledger")
    said = console("problem", "open", "x" * 201, "--service", "ledger", code=2)
    assert "a title of 201 characters: 200 are the most" in said.err
    assert "the rest with svcops problem factor ID" in said.err

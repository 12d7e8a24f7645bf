"""Two branches that both write about one problem merge without a conflict, and what counts is found by the check."""

from datetime import timedelta

import pytest


def shown(console, short):
    return console("problem", "show", short, "--json").json["problem"]


def merged(console, ours, theirs):
    """Run each on a branch of its own, and merge them with git."""
    store = console.store
    store.git("checkout", "--quiet", "-b", "theirs")
    for step in theirs:
        console(*step)
    store.git("checkout", "--quiet", "main")
    for step in ours:
        console(*step)
    store.git("merge", "--quiet", "--no-edit", "theirs")


def findings(console, code=1):
    said = console("check", "--json", code=code).json
    return [(one["code"], one["severity"]) for one in said["findings"]]


@pytest.fixture
def short(problem):
    return problem[0]


def test_both_resolve_it_and_the_first_counts(console, short):
    console("problem", "factor", short, "No bound", "--evidence", "svcops.yaml", "--why", "It grows")
    merged(console, [("problem", "resolve", short, "Ours")], [("problem", "resolve", short, "Theirs")])
    found = shown(console, short)
    assert (found["status"], [event["void"] for event in found["events"]]) == ("resolved", [False, False, False, True])
    assert findings(console, 0) == [("PRB006", "warning")]
    assert "(no effect)" in console("problem", "show", short, "--events").out


def test_one_resolves_it_and_one_calls_it_a_known_error(console, short):
    console("problem", "factor", short, "No bound", "--evidence", "svcops.yaml", "--why", "It grows")
    console("problem", "workaround", short, "Restart")
    merged(console, [("problem", "resolve", short, "x")], [("problem", "known-error", short)])
    assert shown(console, short)["status"] == "known error", "theirs was recorded first"
    assert findings(console, 0) == [("PRB006", "warning")]
    said = console("check", "--json", code=0).json["findings"][0]["help"]
    event = said.partition("--corrects ")[2].split()[0]
    console("problem", "workaround", short, "Restart", "--corrects", event)
    assert findings(console, 0) == []
    assert shown(console, short)["status"] == "known error"


def test_the_workaround_of_a_known_error_turns_out_to_be_none(console, short):
    console("problem", "workaround", short, "Restart")
    event = shown(console, short)["events"][-1]["path"].rpartition("-")[2].removesuffix(".yaml")
    wrong = ("problem", "factor", short, "c", "--evidence", "A log", "--why", "w", "--corrects", event)
    merged(console, [("problem", "known-error", short)], [wrong])
    assert findings(console) == [("PRB003", "error")]
    assert console("problem", "list", "--known-errors").out == ""
    assert "  - a workaround: what helps meanwhile\n" in console("problem", "show", short).out
    console("problem", "workaround", short, "Wait")
    assert console("check").code == 0


def test_one_verifies_it_and_the_other_links_what_came_back(console, problem, measure, incident):
    short, taught = problem
    console("problem", "factor", short, "No bound", "--evidence", "svcops.yaml", "--why", "It grows")
    console("problem", "resolve", short, "x")
    measure(taught, console.now)
    console.now += timedelta(days=1)
    other = incident("Nothing like it", "ledger")
    console.now += timedelta(days=31)
    merged(console, [("problem", "verify", short)], [("problem", "link", short, other)])
    assert shown(console, short)["status"] == "verified"
    found = findings(console)
    assert found == [("PRB005", "warning"), ("PRB004", "error")]
    assert "CAME BACK" in console("problem", "show", short).out
    console("problem", "reopen", short, "It came back")
    assert findings(console, 0) == [("PRB005", "warning")]
    measure(other, console.now, "Something better")
    assert console("check").code == 0


def test_by_hand_every_step_that_the_command_refuses_is_found(console, short):
    folder = next(console.store.root.glob("problems/2026/*")).relative_to(console.store.root)
    at = "2026-11-23T07:30:00Z"
    head = f"at: {at}\nrecorded_at: {at}\nby: ada\n"
    console.now += timedelta(hours=1)
    steps = {
        "PRB003": f"type: known-error\n{head}from: investigating\n",
        "PRB002": f"type: verified\n{head}from: investigating\n",
    }
    for code, text in steps.items():
        console.store.write(f"{folder}/by-hand.yaml", text)
        assert findings(console) == [(code, "error")]
    console.store.write(f"{folder}/by-hand.yaml", f"type: resolved\n{head}from: investigating\ntext: x\n")
    later = head.replace("07:30", "07:31")
    console.store.write(f"{folder}/by-hand-2.yaml", f"type: verified\n{later}from: resolved\n")
    assert findings(console) == [("PRB004", "error")] * 3


def test_an_event_that_came_meanwhile_stops_a_move_and_nothing_is_written(console, short, monkeypatch):
    """Between reading the problem and writing, somebody else's resolution arrives."""
    from svcops.incidents import problem_changes as changes

    first = changes.add_all
    folder = next(console.store.root.glob("problems/2026/*"))

    def late(*given, **named):
        change = first(*given, **named)
        (folder / "20261123t073000000z-resolved-zzzzzz.yaml").write_text(
            "type: resolved\nat: 2026-11-23T07:30:00Z\nrecorded_at: 2026-11-23T07:30:00Z\nby: noor\n"
            "from: investigating\ntext: x\n",
            encoding="utf-8",
        )
        return change

    console("problem", "factor", short, "No bound", "--evidence", "svcops.yaml", "--why", "It grows")
    monkeypatch.setattr(changes, "add_all", late)
    before = console.store.head()
    console("problem", "resolve", short, "Mine", code=None)
    assert console.store.head() == before
    assert len(list(folder.glob("*resolved*"))) == 1

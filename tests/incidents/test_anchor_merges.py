"""An anchor holds from when its content came to the line of history that people have, however it came there."""

from datetime import UTC, datetime, timedelta

import pytest

RUNBOOK = "runbooks/receipt-scanner/queue.md"
SLO = "slo/receipts.yaml"
OBJECTIVE = """\
apiVersion: openslo/v1
kind: SLO
metadata: {name: receipts}
spec: {service: receipt-scanner, budgetingMethod: Occurrences, objectives: [{target: 0.99}]}
"""
OPEN = ("incident", "open", "No receipts", "--service", "receipt-scanner", "--severity", "sev3", "--detected-by", "slo")
ADD = ("Probe the queue", "--type", "detect", "--owner", "platform", "--due", "2026-12-20")
MERGE = ("merge", "--quiet", "--no-ff", "-m", "Merge pull request #7 from ada/fix", "fix")


def day(number, hour=10):
    return datetime(2026, 11, number, hour, tzinfo=UTC)


def git(console, moment, *arguments):
    """Git at that moment."""
    dates = dict.fromkeys(("GIT_AUTHOR_DATE", "GIT_COMMITTER_DATE"), moment.isoformat())
    place = type(console.store)(console.store.path, {**console.store.env, **dates})
    return place.git(*arguments)


def at(console, moment, *arguments, code=0):
    """A command at that moment, and its commit with it."""
    console.now = moment - timedelta(minutes=1)
    dates = dict.fromkeys(("GIT_AUTHOR_DATE", "GIT_COMMITTER_DATE"), moment.isoformat())
    console.store.env.update(dates)
    try:
        return console(*arguments, code=code)
    finally:
        for name in dates:
            del console.store.env[name]


def commit(console, moment, message="By hand"):
    git(console, moment, "add", "--all")
    git(console, moment, "commit", "--quiet", f"--message={message}")


def change(console, moment, path=SLO):
    text = console.store.read(path)
    console.store.write(path, text.replace("0.99", "0.995") if path == SLO else f"{text}Probe it.\n")
    commit(console, moment, "Better")


def exercise(console, began, recorded=None):
    console.store.write(
        "exercises/2026/exercise-20261103-e00000/exercise.yaml",
        f"runbook: receipt-scanner/queue\nstarted_at: {began.isoformat()}\n"
        f"ended_at: {(began + timedelta(minutes=5)).isoformat()}\nby: ada\nresult: passed\n",
    )
    commit(console, recorded or began + timedelta(minutes=10), "Exercise it")


def branch(console, name="fix"):
    console.store.git("switch", "--quiet", "--create", name)


def main(console):
    console.store.git("switch", "--quiet", "main")


def merge(console, moment, how="no-ff"):
    """What a host does with a pull request, or somebody at a terminal."""
    if how == "no-ff":
        git(console, moment, *MERGE)
    elif how == "squash":
        git(console, moment, "merge", "--quiet", "--squash", "fix")
        commit(console, moment, "Better (#7)")
    elif how == "rebase":
        console.store.git("switch", "--quiet", "fix")
        later = {"GIT_COMMITTER_DATE": moment.isoformat()}
        place = type(console.store)(console.store.path, {**console.store.env, **later})
        place.git("rebase", "--quiet", "--force-rebase", "main")
        main(console)
        place.git("merge", "--quiet", "--ff-only", "fix")
    else:
        assert how == "foxtrot"
        console.store.git("switch", "--quiet", "fix")
        git(console, moment, "merge", "--quiet", "-m", "Merge branch 'main' into fix", "main")
        main(console)
        git(console, moment, "merge", "--quiet", "--ff-only", "fix")


EVERY = ["no-ff", "squash", "rebase", "foxtrot"]


@pytest.fixture
def measure(console):
    """The end of the id of a measure, of an incident of 1 November that is resolved."""
    console.store.write(SLO, OBJECTIVE)
    for commits in (["add", "--all"], ["commit", "--quiet", "--message=Objective"]):
        git(console, day(1, 1), *commits)
    incident = at(console, day(1), *OPEN).id
    at(console, day(1, 11), "incident", "resolve", incident)
    return at(console, day(1, 12), "measure", "add", incident[-6:], *ADD).id[-6:]


@pytest.fixture
def problem(console, measure):
    """The problem of that incident, with what else it needs to be verified."""
    incident = console.store.git("ls-files", "incidents/*/incident.yaml").split("/")[2]
    short = at(console, day(1, 13), "problem", "open", "The queue fills up", "--incident", incident).id[-6:]
    at(console, day(1, 13), "problem", "factor", short, "No bound", "--evidence", SLO, "--why", "It grows")
    return short


def codes(console, moment):
    return {one["code"] for one in at(console, moment, "check", "--json", code=None).json["findings"]}


def anchored_at(console):
    (one,) = console("measure", "list", "--anchored", "--json").json["measures"]
    return datetime.fromisoformat(one["anchored_at"])


def despite(console, moment):
    """How many incidents came back though a measure was in place, by the report."""
    figures = at(console, moment, "report", "response", "--since", "2026-11-01", "--json").json["figures"][0]
    return figures["recurrences"]["despite_measure"]


@pytest.mark.parametrize("how", EVERY)
@pytest.mark.parametrize("anchored_on", ["main", "branch"])
def test_what_recurs_before_the_merge_says_nothing_against_the_measure(console, measure, problem, how, anchored_on):
    branch(console)
    change(console, day(2))
    if anchored_on == "branch":
        at(console, day(2, 11), "measure", "anchor", measure, "--path", SLO)
        assert anchored_at(console) == day(2), "on the branch it is in place"
    main(console)
    again = at(console, day(3), *OPEN).id
    at(console, day(3, 11), "problem", "link", problem, again)
    merge(console, day(5), how)
    if anchored_on == "main":
        at(console, day(5, 11), "measure", "anchor", measure, "--path", SLO)
    assert anchored_at(console) == day(5)
    assert "PRB005" not in codes(console, day(5, 12))
    assert not despite(console, day(5, 12))
    later = at(console, day(6), *OPEN).id
    at(console, day(6, 11), "problem", "link", problem, later)
    assert "PRB005" in codes(console, day(6, 12))


def test_a_fast_forward_keeps_no_other_time_than_that_of_the_commit(console, measure):
    branch(console)
    change(console, day(2))
    main(console)
    git(console, day(5), "merge", "--quiet", "--ff-only", "fix")
    at(console, day(5, 11), "measure", "anchor", measure, "--path", SLO)
    assert anchored_at(console) == day(2)


def test_a_measure_says_since_when_by_history_and_what_somebody_said(console, measure):
    branch(console)
    change(console, day(2))
    at(console, day(2, 11), "measure", "anchor", measure, "--path", SLO)
    assert "since   Mon 2026-11-02 11:00, said by ada" in console("measure", "show", measure).out
    main(console)
    merge(console, day(5))
    shown = console("measure", "show", measure).out
    assert "since   Thu 2026-11-05 11:00, by git's history; ada said Mon 2026-11-02 11:00" in shown
    (anchor,) = console("measure", "show", measure, "--json").json["measure"]["anchors"]
    assert (anchor["at"], anchor["in_place"]) == ("2026-11-02T11:00:00+01:00", "2026-11-05T11:00:00+01:00")


def test_a_draft_from_before_the_incident_is_in_place_when_it_is_merged(console):
    console.store.write(SLO, OBJECTIVE)
    commit(console, day(1, 1))
    branch(console)
    change(console, day(1, 2))
    main(console)
    incident = at(console, day(1), *OPEN).id[-6:]
    measure = at(console, day(1, 12), "measure", "add", incident, *ADD).id[-6:]
    merge(console, day(5))
    at(console, day(5, 11), "measure", "anchor", measure, "--path", SLO)
    assert anchored_at(console) == day(5)
    assert "MEA003" not in codes(console, day(5, 12))


def test_what_was_merged_before_its_incident_was_written_down_is_in_place_since_the_merge(console):
    console.store.write(SLO, OBJECTIVE)
    commit(console, day(1, 1))
    branch(console)
    change(console, day(1, 2))
    main(console)
    merge(console, day(5))
    incident = at(console, day(6), *OPEN, "--at", "2026-11-02T10:00", "--started", "2026-11-02T09:00").id[-6:]
    measure = at(console, day(6, 12), "measure", "add", incident, *ADD).id[-6:]
    at(console, day(6, 13), "measure", "anchor", measure, "--path", SLO)
    assert anchored_at(console) == day(5)
    assert "MEA003" not in codes(console, day(6, 14))


def test_the_quiet_time_begins_with_the_merge(console, measure, problem):
    branch(console)
    change(console, day(2))
    main(console)
    at(console, day(2, 11), "problem", "resolve", problem, "Bounded")
    merge(console, day(25))
    at(console, day(25, 11), "measure", "anchor", measure, "--path", SLO)
    early, over = day(25) + timedelta(days=29), day(25) + timedelta(days=30, minutes=5)
    said = at(console, early, "problem", "verify", problem, code=1)
    assert f"from when measure {measure} was anchored on Wed 2026-11-25 11:00" in said.err
    at(console, over, "problem", "verify", problem)
    assert "PRB004" not in codes(console, over)


def test_what_was_verified_stays_so_when_all_commits_are_made_anew(console, measure, problem):
    change(console, day(2))
    at(console, day(2, 11), "problem", "resolve", problem, "Bounded")
    at(console, day(2, 12), "measure", "anchor", measure, "--path", SLO)
    over = day(2, 13) + timedelta(days=30)
    at(console, over, "problem", "verify", problem)
    later = over + timedelta(days=30)
    place = type(console.store)(console.store.path, {**console.store.env, "GIT_COMMITTER_DATE": later.isoformat()})
    place.git("rebase", "--quiet", "--root", "--force-rebase")
    assert not codes(console, later) & {"PRB004", "PRB005", "MEA003", "INC002"}


# What has to be tried -------------------------------------------------------------------------------------------------


def test_an_exercise_of_the_old_text_does_not_show_that_the_new_one_works(console, measure):
    """It was recorded on main, between the commit on the branch and the merge, or after it."""
    branch(console)
    change(console, day(2), RUNBOOK)
    main(console)
    exercise(console, day(3))
    merge(console, day(5))
    said = at(console, day(5, 11), "measure", "anchor", measure, "--path", RUNBOOK, code=1)
    assert (
        "passed since it was changed, Thu 2026-11-05 11:00; the last one that passed began Tue 2026-11-03" in said.err
    )


def test_the_check_finds_an_anchor_from_a_branch_that_only_main_s_exercise_was_to_prove(console, measure):
    branch(console)
    change(console, day(2), RUNBOOK)
    after = console.store.git("rev-parse", f"HEAD:{RUNBOOK}").strip()
    folder = next(console.store.root.glob("measures/2026/*")).relative_to(console.store.root)
    text = f"type: anchored\nat: {day(2).isoformat()}\nrecorded_at: {day(2).isoformat()}\nby: ada\n"
    console.store.write(f"{folder}/1-anchored.yaml", f"{text}anchor: {{path: {RUNBOOK}, after: {after}}}\n")
    commit(console, day(2, 11), "Anchored by hand")
    main(console)
    exercise(console, day(3), recorded=day(3, 12))
    merge(console, day(5))
    before = console.store.git("rev-parse", f"HEAD^:{RUNBOOK}").strip()
    event = f"{text}anchor: {{path: {RUNBOOK}, before: {before}, after: {after}}}\n"
    console.store.write(f"{folder}/1-anchored.yaml", event)
    commit(console, day(5, 11), "Say what it was")
    assert "MEA003" in codes(console, day(5, 12))


@pytest.mark.parametrize("how", EVERY)
def test_an_exercise_on_the_branch_was_of_the_new_text(console, measure, how):
    branch(console)
    change(console, day(2), RUNBOOK)
    exercise(console, day(3))
    main(console)
    at(console, day(4), *OPEN)
    merge(console, day(5), how)
    at(console, day(5, 11), "measure", "anchor", measure, "--path", RUNBOOK)
    assert anchored_at(console) == day(5)
    assert "MEA003" not in codes(console, day(5, 12))


def test_an_exercise_on_the_branch_before_the_change_was_of_the_old_text(console, measure):
    branch(console)
    exercise(console, day(1, 14))
    change(console, day(2), RUNBOOK)
    main(console)
    merge(console, day(5))
    at(console, day(5, 11), "measure", "anchor", measure, "--path", RUNBOOK, code=1)


def test_a_shallow_clone_takes_an_anchor_at_its_word(console, new_console, measure, tmp_path):
    branch(console)
    change(console, day(2), RUNBOOK)
    exercise(console, day(3))
    main(console)
    merge(console, day(5))
    at(console, day(5, 11), "measure", "anchor", measure, "--path", RUNBOOK)
    console.store.git("clone", "--quiet", "--depth=1", f"file://{console.store.path}", str(tmp_path / "shallow"))
    shallow = new_console(type(console.store)(tmp_path / "shallow", console.store.env))
    assert anchored_at(shallow) == day(5)
    assert "MEA003" not in codes(shallow, day(5, 12))

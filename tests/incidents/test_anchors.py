"""A changed runbook or recovery plan counts as an anchor once somebody tried it, and it worked."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from svcops.incidents.contents import is_anchor_place
from svcops.incidents.trials import Run, counted, trial_of
from svcops.runbooks.model import Exercise
from svcops.store.entries import Entry

RUNBOOK = "runbooks/receipt-scanner/queue.md"
PLAN = "recovery/plans/receipts.yaml"
OPEN = ("incident", "open", "No receipts", "--service", "receipt-scanner", "--severity", "sev3", "--detected-by", "slo")
ADD = ("Probe the queue", "--type", "detect", "--owner", "platform", "--due", "2026-12-20")
NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)


@pytest.fixture
def short(console):
    """An incident with one open measure, declared at 08:16."""
    console.store.write(PLAN, "title: The receipts from their backup\nservices: [receipt-scanner]\n")
    commit(console, "A plan")
    short = console(*OPEN).id[-6:]
    console("measure", "add", short, *ADD)
    return short


def commit(console, message):
    """A commit of what stands there, made when the console's clock says."""
    console.store.env["GIT_COMMITTER_DATE"] = console.now.isoformat()
    try:
        return console.store.commit(message)
    finally:
        del console.store.env["GIT_COMMITTER_DATE"]


def change(console, path=RUNBOOK):
    console.now += timedelta(minutes=10)
    console.store.write(path, console.store.read(path) + ("Probe it.\n" if path == RUNBOOK else "every: 30d\n"))
    return commit(console, "Say how to probe")


def exercise(console, began="-5m", result="passed", *, committed=True, number=0):
    """An exercise that began so long before now, and took a minute."""
    start = console.now - timedelta(minutes=int(began.strip("-m")))
    end = start + timedelta(minutes=1)
    path = f"exercises/2026/exercise-20261123-e0000{number}/exercise.yaml"
    console.store.write(
        path,
        f"runbook: receipt-scanner/queue\nstarted_at: {start.isoformat()}\nended_at: {end.isoformat()}\n"
        f"by: ada\nresult: {result}\n",
    )
    if committed:
        commit(console, "Exercise it")
    return path


def anchor(console, short, path=RUNBOOK, code=0):
    return console("measure", "anchor", short, "--path", path, code=code)


def by_hand(console):
    blob = console.store.git("rev-parse", f"HEAD:{RUNBOOK}").strip()
    folder = next(console.store.root.glob("measures/2026/*")).relative_to(console.store.root)
    moment = console.now.isoformat()
    console.store.write(
        f"{folder}/1-anchored.yaml",
        f"type: anchored\nat: {moment}\nrecorded_at: {moment}\nby: ada\nanchor: {{path: {RUNBOOK}, after: {blob}}}\n",
    )


def anchored_at(console):
    return console("measure", "list", "--anchored", "--json").json["measures"][0]["anchored_at"]


def test_a_changed_runbook_that_nobody_tried_is_no_anchor(console, short):
    change(console)
    said = anchor(console, short, code=1)
    assert (
        "no exercise of the runbook receipt-scanner/queue passed since it was changed, Mon 2026-11-23 08:27" in said.err
    )
    assert "Exercise receipt-scanner/queue, record it below exercises/" in said.err
    assert "measure-" not in console("measure", "list", "--anchored").out


def test_exercised_since_it_is_anchored_since_it_was_changed(console, short):
    change(console)
    console.now += timedelta(minutes=10)
    exercise(console)
    anchor(console, short)
    assert anchored_at(console) == "2026-11-23T08:27:00+01:00"
    assert console("check").code == 0


def test_an_exercise_from_before_the_change_does_not_show_that_it_works(console, short):
    console.now += timedelta(minutes=5)
    exercise(console, "-1m")
    change(console)
    said = anchor(console, short, code=1)
    assert "the last one that passed began Mon 2026-11-23 08:21" in said.err


@pytest.mark.parametrize("result", ["failed", "aborted"])
def test_an_exercise_that_did_not_pass_is_none(console, short, result):
    change(console)
    console.now += timedelta(minutes=10)
    exercise(console, result=result)
    assert "no exercise of the runbook" in anchor(console, short, code=1).err


def test_change_and_exercise_in_one_commit_are_enough(console, short):
    """Whoever tries an edit before committing it, or squashes a branch, leaves no order of the two."""
    console.now += timedelta(minutes=10)
    exercise(console, "-5m", committed=False)
    change(console)
    anchor(console, short)
    assert anchored_at(console) == "2026-11-23T08:37:00+01:00"
    assert console("check").code == 0


def test_an_exercise_from_before_the_incident_is_none_even_in_one_commit(console, short):
    console.now += timedelta(minutes=10)
    exercise(console, "-15m", committed=False)
    change(console)
    anchor(console, short, code=1)


def test_an_exercise_that_only_you_have_is_refused(console, short):
    change(console)
    console.now += timedelta(minutes=10)
    path = exercise(console, committed=False)
    said = anchor(console, short, code=3)
    assert f"{path} is not committed as it is" in said.err


def test_a_damaged_exercise_may_be_the_one_so_that_nobody_knows(console, short):
    change(console)
    console.store.write("exercises/2026/exercise-20261123-e00009/exercise.yaml", "runbook: [\n")
    commit(console, "Damaged")
    said = anchor(console, short, code=4)
    assert "cannot be known: exercises/2026/exercise-20261123-e00009/exercise.yaml is damaged" in said.err
    by_hand(console)
    assert "MEA003" not in {one["code"] for one in console("check", "--json", code=1).json["findings"]}
    next(console.store.root.glob("measures/2026/*/1-anchored.yaml")).unlink()
    console.now += timedelta(minutes=10)
    exercise(console)
    anchor(console, short)


def test_a_changed_plan_needs_a_drill_that_passed(console, short):
    change(console, PLAN)
    assert "no drill of the recovery plan receipts passed" in anchor(console, short, PLAN, code=1).err
    console.now += timedelta(minutes=10)
    times = "started_at: 2026-11-23T08:30:00+01:00\nended_at: 2026-11-23T08:35:00+01:00\n"
    path = "recovery/evidence/2026/evidence-20261123-e00000/evidence.yaml"
    console.store.write(path, f"id: {path.split('/')[3]}\nplan: receipts\n{times}verdict: passed\nby: ada\n")
    commit(console, "A drill")
    anchor(console, short, PLAN)
    assert console("check").code == 0


@pytest.mark.parametrize("changed", [False, True])
def test_what_a_store_began_with_is_not_written_for_an_incident_from_before_it(console, changed):
    """Whose first commit has everything, and is of three days after the incident was declared."""
    console.store.git("reset", "--soft", "HEAD~1")
    console.store.git("commit", "--amend", "--no-edit")
    path = "catalogue/services/receipt-scanner.yaml"
    short = console(*OPEN, "--at", "2026-11-20T08:00").id[-6:]
    console("measure", "add", short, *ADD)
    if not changed:
        said = anchor(console, short, path, code=1).err
        assert f"{path} has not changed since incident {short} was declared" in said
        return
    console.store.write(path, console.store.read(path) + "description: Reads receipts.\n")
    commit(console, "Say what it does")
    anchor(console, short, path)
    assert console("check").code == 0


def test_a_change_drafted_before_the_incident_counts_from_its_declaration(console, short):
    console.now -= timedelta(hours=3)
    console.store.write("slo/receipts.yaml", "apiVersion: openslo/v1\nkind: Service\nmetadata: {name: r}\nspec: {}\n")
    commit(console, "A draft that was merged late")
    console.now += timedelta(hours=3)
    anchor(console, short, "slo/receipts.yaml")
    assert anchored_at(console) == "2026-11-23T08:16:00+01:00"


def test_an_anchor_made_by_hand_is_found_by_the_check(console, short):
    change(console)
    by_hand(console)
    commit(console, "By hand")
    found = console("check", "--json", code=1).json["findings"]
    assert [one["code"] for one in found] == ["MEA003"]
    console.now += timedelta(minutes=10)
    exercise(console)
    assert console("check").code == 0


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("runbooks/ledger/late.md", ("exercise", "ledger/late")),
        ("recovery/plans/ledger.yaml", ("evidence", "ledger")),
        ("runbooks/README.md", None),
        ("runbooks/ledger/late.png", None),
        ("recovery/plans/README.md", None),
        ("slo/ledger.yaml", None),
        ("templates/page.j2", None),
        ("anything", None),
    ],
)
def test_what_has_to_be_tried(path, found):
    trial = trial_of(path)
    assert (trial and (trial.runs, trial.name)) == found


@pytest.mark.parametrize(
    "path", ["problems/2026/x/problem.yaml", "exercises/2026/x", "metrics/x.csv", ".github/x.yaml"]
)
def test_records_of_what_happened_are_no_places(path):
    assert not is_anchor_place(path)


def run_at(minutes, number):
    start = NOW + timedelta(minutes=minutes)
    value = Exercise(runbook="a/b", started_at=start, ended_at=start, by="ada", result="passed")
    return Entry("exercise", str(number), f"exercises/2026/{number}/exercise.yaml", value)


@given(
    starts=st.lists(st.integers(-50, 50), max_size=8),
    changed=st.integers(-50, 50),
    declared=st.none() | st.integers(-50, 50),
    together=st.sets(st.integers(0, 7)),
)
def test_the_run_that_counts_began_after_the_incident_and_after_the_change_or_came_with_it(
    starts, changed, declared, together
):
    runs: list[Run] = [run_at(start, number) for number, start in enumerate(sorted(starts))]
    since = None if declared is None else NOW + timedelta(minutes=declared)
    found = counted(runs, NOW + timedelta(minutes=changed), lambda one: int(one.name) in together, since)
    good = [
        number
        for number, start in enumerate(sorted(starts))
        if (declared is None or start >= declared) and (start >= changed or number in together)
    ]
    assert (found and int(found.name)) == (good[0] if good else None)


def test_people_and_teams_carry_no_measure(console):
    opened = console("incident", "open", "T", "--service", "ledger", "--severity", "sev3", "--detected-by", "user")
    added = console(
        "measure", "add", opened.id[-6:], "Probe", "--type", "detect", "--owner", "platform", "--due", "2026-12-20"
    )
    for path in ("catalogue/people/noor.yaml", "catalogue/teams/platform.yaml"):
        console.store.put(path, console.store.read(path) + "\n")
        said = console("measure", "anchor", added.id[-6:], "--path", path, code=1)
        assert f"{path} says who people are" in said.err
        assert "a runbook, an SLO" in said.err

"""Records of runs name what there was: a runbook, a plan, a person. What is gone since was no slip of theirs."""

import json
from typing import Any

import pytest

RUNBOOK = "runbooks/ledger/late.md"
PLAN = "recovery/plans/ledger.yaml"
PERSON = "catalogue/people/noor.yaml"
EXERCISE = "exercises/2026/exercise-20261101-aaaaaa/exercise.yaml"
EVIDENCE = "recovery/evidence/2026/evidence-20261101-aaaaaa/evidence.yaml"
TIMES = "started_at: 2026-11-01T08:00:00Z\nended_at: 2026-11-01T10:00:00Z\n"
EXERCISED = f"runbook: ledger/late\n{TIMES}by: noor\nresult: passed\n"
DRILLED = f"plan: ledger\n{TIMES}by: noor\nverdict: passed\nid: {EVIDENCE.split('/')[3]}\n"


@pytest.fixture
def ran(console: Any) -> Any:
    """A store with an exercise and a drill, committed with all that they name."""
    store = console.store
    store.write(RUNBOOK, "---\ntitle: Late\nkind: operation\nservices: [ledger]\n---\n\nLook.\n")
    store.write(PLAN, "title: The ledger\nservices: [ledger]\n")
    store.write(PERSON, "name: Noor Voorbeeld\n")
    store.write(EXERCISE, EXERCISED)
    store.write(EVIDENCE, DRILLED)
    store.commit("What was run")
    return store


def found(console: Any, *arguments: str) -> list[str]:
    listed = json.loads(console("check", "--json", *arguments, code=None).out)["findings"]
    return [f"{one['path']}:{one['line']} {one['code']}" for one in listed if "2026/e" in one["path"]]


@pytest.mark.parametrize("is_committed", [True, False])
def test_what_was_renamed_or_retired_since_is_no_error_of_the_record(
    console: Any, ran: Any, is_committed: bool
) -> None:
    ran.git("mv", RUNBOOK, "runbooks/ledger/slow.md")
    ran.git("rm", "--quiet", PLAN, PERSON)
    if is_committed:
        ran.commit("Renamed, and retired")
    assert found(console) == []
    assert "not judged" not in console("check", code=None).out


def test_what_is_still_to_be_done_names_what_there_is(console: Any, ran: Any) -> None:
    ran.write("keydates/close.yaml", "title: Close\nservices: [ledger]\nrunbooks: [ledger/late]\n")
    ran.git("mv", RUNBOOK, "runbooks/ledger/slow.md")
    ran.commit("Renamed")
    listed = console("check", "--json", code=1).json["findings"]
    assert [one["path"] for one in listed if one["code"] == "REF001"] == ["keydates/close.yaml"]


def test_a_name_that_there_never_was_is_a_slip(console: Any, ran: Any) -> None:
    ran.write(EXERCISE, EXERCISED.replace("ledger/late", "ledger/latte").replace("noor", "norr"))
    ran.write(EVIDENCE, DRILLED.replace("plan: ledger", "plan: ledgers").replace("noor", "norr"))
    ran.commit("Slips")
    assert found(console) == [
        f"{EXERCISE}:1 REF001",
        f"{EXERCISE}:4 EXE002",
        f"{EVIDENCE}:1 EVD012",  # and it was changed
        f"{EVIDENCE}:1 REF001",
        f"{EVIDENCE}:4 EVD002",
    ]


def test_an_exercise_of_what_was_renamed_stays_as_it_was(console: Any, ran: Any) -> None:
    """Its name was right: to write another is a change of what was recorded."""
    ran.git("mv", RUNBOOK, "runbooks/ledger/later.md")
    ran.commit("Renamed")
    ran.git("switch", "--quiet", "--create", "mine")
    ran.write(EXERCISE, EXERCISED.replace("ledger/late", "ledger/later"))
    ran.commit("Renamed, too")
    (told,) = console("check", "--since", "main", "--json", code=None).json["findings"]
    assert told["code"] == "HIS001"
    assert "say what is right by one more exercise" in told["help"]


def test_in_a_shallow_clone_it_is_not_judged_and_that_is_said(
    console: Any, ran: Any, new_console: Any, tmp_path: Any
) -> None:
    ran.git("mv", RUNBOOK, "runbooks/ledger/slow.md")
    ran.git("rm", "--quiet", PLAN, PERSON)
    ran.commit("Renamed, and retired")
    ran.git("clone", "--quiet", "--depth=1", f"file://{ran.path}", str(tmp_path / "clone"))
    shallow = new_console(type(ran)(tmp_path / "clone", ran.env))
    assert found(shallow) == []
    told = "not judged by history, whether there once was ledger, ledger/late, noor: this is a shallow clone"
    assert told in " ".join(shallow("check", code=None).out.split())

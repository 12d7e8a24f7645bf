"""Which profile services and stores meet, what is missing for the next, and what changed."""

from datetime import UTC, datetime, timedelta

import pytest

from svcops.overview.profiles import PROFILES, REQUIREMENTS
from svcops.overview.score import _standing, changes, score, scores, standing, summary, unread

NOW = datetime(2026, 11, 23, 8, 15, tzinfo=UTC)
LEDGER = "catalogue/services/ledger.yaml"
IDENTITY = "catalogue/services/identity.yaml"
ONE = (IDENTITY, "title: Identity\n", "title: Identity\nexternal: true\n")
"""Identity is run by somebody else, so the ledger alone is judged."""
EXERCISE = "exercises/2026/exercise-20261101-aaaaaa/exercise.yaml"
EVIDENCE = "recovery/evidence/2026/evidence-20261101-aaaaaa/evidence.yaml"


def profile_of(graph, service="ledger"):
    return score(graph, graph.all("service")[service], NOW).profile


def test_each_profile_asks_for_all_that_the_one_before_asks(graph_of):
    """Without a tier nothing above counts, however much is proved."""
    graph = graph_of((LEDGER, "tier: 1\n", ""))
    found = score(graph, graph.all("service")["ledger"], NOW)
    assert (found.profile, found.next) == (None, "basic")
    assert [one.name for one in found.lacks("provable")] == ["tier"]


@pytest.mark.parametrize(
    ("edits", "profile"),
    [
        ((), "provable"),
        (((EXERCISE, None),), "operated"),
        ((("catalogue/agreements/books.yaml", None),), "basic"),
        (((LEDGER, "description: Keeps the books.\n", ""),), None),
    ],
)
def test_a_service_meets_the_highest_profile_of_which_nothing_is_missing(graph_of, edits, profile):
    assert profile_of(graph_of(*edits)) == profile


def test_of_an_external_service_owner_and_agreement_are_asked(graph_of):
    graph = graph_of((IDENTITY, "title: Identity\ndescription: Who is who.\n", "title: I\nexternal: true\n"))
    found = score(graph, graph.all("service")["identity"], NOW)
    assert [name for name, one in found.judged.items() if one.standing != "not asked"] == ["owner", "agreement"]
    assert (found.profile, found.next) == ("operated", None)


def test_of_an_experimental_service_basic_is_asked(graph_of):
    graph = graph_of((LEDGER, "tier: 1", "tier: 1\nlifecycle: Experimental"), (EXERCISE, None), ONE)
    found = score(graph, graph.all("service")["ledger"], NOW)
    assert (found.profile, found.next) == ("basic", None)
    assert standing(scores(graph, NOW)).profile == "basic"


@pytest.mark.parametrize("lifecycle", ["deprecated", "production", "a word of our own", "unknown", "''"])
def test_what_is_no_experiment_is_asked_for_everything(graph_of, lifecycle):
    assert profile_of(graph_of((LEDGER, "tier: 1", f"tier: 1\nlifecycle: {lifecycle}"), (EXERCISE, None))) == "operated"


def test_the_store_meets_what_all_services_run_here_meet(graph_of):
    assert standing(scores(graph_of(ONE), NOW)).profile == "provable"
    found = standing(scores(graph_of(), NOW))
    assert (found.profile, found.next, found.services) == ("basic", "operated", 2)
    assert [(one.requirement.name, one.missing, one.unknown) for one in found.lacking] == [
        ("workflows", 1, 0),
        ("alerts", 0, 1),
    ]


def test_services_run_by_others_hold_no_store_back(graph_of):
    nobody = (IDENTITY, "owner: finance\n", "owner: nobody\nexternal: true\n")
    assert standing(scores(graph_of(nobody), NOW)).profile == "provable"


def test_experimental_services_hold_no_store_back_above_basic(graph_of):
    trying = ("catalogue/services/try.yaml", "title: T\nowner: finance\nlifecycle: experimental\n")
    assert standing(scores(graph_of(ONE, trying), NOW)).next == "basic"
    described = (trying[0], f"{trying[1]}description: D\ntier: 3\n")
    assert standing(scores(graph_of(ONE, described), NOW)).profile == "provable"


@pytest.mark.parametrize(
    ("edits", "line"),
    [
        ((ONE,), "profile: provable"),
        (
            (),
            "profile: basic; for operated 1 of 2 services lacks core workflows, of 1 nobody can tell whether they have a runbook for each alert: svcops score",
        ),
        (
            (ONE, (EXERCISE, None)),
            "profile: operated; for provable 1 of 1 service lacks fresh exercises of each runbook, 1 lacks rehearsed key dates: svcops score",
        ),
        (
            ((LEDGER, "tier: 1\n", ""), (IDENTITY, "tier: 1\n", "")),
            "profile: none yet; for basic 2 of 2 services lack a tier: svcops score",
        ),
        (((LEDGER, None), ONE), ""),
    ],
)
def test_the_closing_line_of_the_check(graph_of, edits, line):
    graph = graph_of(*edits)
    assert summary(graph, NOW) == line
    assert _standing(graph, NOW) == standing(scores(graph, NOW)), "the quick look says what all scores say"


def test_the_closing_line_says_at_most_three_things(graph_of):
    text = "title: S\ndescription: D\nowner: finance\ntier: 3\ncore_workflows: [{name: use, title: Use it}]\n"
    bare = [(f"catalogue/services/s{number}.yaml", text) for number in range(4)]
    nobody_called = ("svcops.yaml", "escalation: finance\n", "")
    assert summary(graph_of(ONE, nobody_called, *bare), NOW) == (
        "profile: basic; for operated 5 of 5 services lack an escalation that reaches somebody at every hour,"
        " 4 lack an agreement in force, 4 lack an SLO on each core workflow, 1 more requirement is not met:"
        " svcops score"
    )


def test_what_one_service_lacks_and_of_another_nobody_can_tell_is_told_together(graph_of):
    damaged = "titel: Bookkeeping\nservices: [identity]\n"
    found = summary(graph_of(("catalogue/agreements/books.yaml", damaged)), NOW)
    lacking = "1 of 2 services lacks an agreement in force, of 1 nobody can tell, "
    assert found.startswith(f"profile: basic; for operated {lacking}")


def test_what_lies_above_the_first_profile_that_is_missed_is_not_read(graph_of):
    graph = graph_of((LEDGER, "tier: 1\n", ""))
    summary(graph, NOW)
    assert not {"exercise", "evidence", "measure", "agreement"} & graph._loaded.keys()


def test_what_changed_between_two_states_of_the_records(graph_of, tmp_path):
    old = graph_of((EXERCISE, None), ("recovery/plans/ledger.yaml", None))
    before = scores(old, NOW)
    (tmp_path / "catalogue/services/mail.yaml").write_text("title: Mail\nowner: finance\n")
    new = graph_of((LEDGER, "description: Keeps the books.\n", ""), ("keydates/close.yaml", None))
    (tmp_path / "keydates/close.yaml").unlink()
    found = changes(before, before, scores(new, NOW))
    assert [(one.service, one.what, one.requirement) for one in found] == [
        ("ledger", "lost", "description"),
        ("ledger", "gained", "exercises"),
        ("ledger", "gained", "restore"),
        ("ledger", "no longer asked", "key-dates"),
        ("mail", "new service", ""),
    ]
    assert found[-1].why == "meets no profile; basic lacks description, tier"
    back = changes(scores(new, NOW), scores(new, NOW), before)
    assert [(one.service, one.what, one.requirement) for one in back][-2:] == [
        ("ledger", "newly asked", "key-dates"),
        ("mail", "service gone", ""),
    ]


def test_of_a_service_whose_record_is_damaged_nobody_can_tell(graph_of):
    sound = scores(graph_of(), NOW)
    graph = graph_of((LEDGER, "tier: 1\n", "teir: 1\n"))
    torn = scores(graph, NOW)
    said = [(one.service, one.what, one.why) for one in changes(sound, sound, torn, (), unread(graph))]
    assert said == [("ledger", "unknown", "its record is damaged")]
    said = [(one.service, one.what, one.why) for one in changes(torn, torn, sound, unread(graph))]
    assert said == [("ledger", "unknown", "its record was damaged there")]


def test_what_damaged_records_leave_open_is_neither_gained_nor_lost(graph_of):
    sound = scores(graph_of(), NOW)
    torn = scores(graph_of((IDENTITY, "tier: 1\n", "teir: 1\n"), (EXERCISE, "passed", "fail")), NOW)
    there = {"dependencies": IDENTITY, "exercises": EXERCISE, "key-dates": EXERCISE}
    found = [one for one in changes(sound, sound, torn) if one.service == "ledger"]
    assert {one.requirement: one.what for one in found} == dict.fromkeys(there, "unknown")
    assert all(one.why.endswith(f"but {there[one.requirement]} cannot be read") for one in found)
    found = [one for one in changes(torn, torn, sound) if one.service == "ledger"]
    assert {one.requirement: one.what for one in found} == dict.fromkeys(there, "unknown")
    assert all(one.why.endswith(f"but {there[one.requirement]} was damaged there") for one in found)


def test_what_was_unknown_and_is_missing_now_did_not_grow_old(graph_of):
    torn = scores(graph_of((EXERCISE, "passed", "fail")), NOW)
    gone = scores(graph_of((EXERCISE, None)), NOW)
    sound = scores(graph_of(), NOW)
    assert {one.what for one in changes(sound, torn, gone)} <= {"unknown"}


def test_what_only_grew_old_is_told_apart(graph_of):
    graph = graph_of()
    then, later = scores(graph, NOW), NOW + timedelta(days=100)
    found = changes(then, scores(graph, later), scores(graph, later))
    assert [(one.service, one.what, one.requirement, one.why) for one in found] == [
        ("ledger", "too old", "restore", "ledger last passed on 2026-11-01, too long ago")
    ]


def test_nothing_changed(graph_of):
    found = scores(graph_of(), NOW)
    assert changes(found, found, found) == []


def test_requirements_stand_in_the_order_of_profiles_and_have_names_of_their_own():
    assert [one.profile for one in REQUIREMENTS] == sorted((one.profile for one in REQUIREMENTS), key=PROFILES.index)
    assert len({one.name for one in REQUIREMENTS}) == len(REQUIREMENTS)

"""What each requirement asks for, what does not count, and what to write next."""

from datetime import UTC, datetime

import pytest

from svcops.overview.score import score

NOW = datetime(2026, 11, 23, 8, 15, tzinfo=UTC)
SETTINGS = "svcops.yaml"
SERVICE = "catalogue/services/ledger.yaml"
IDENTITY = "catalogue/services/identity.yaml"
TEAM = "catalogue/teams/finance.yaml"
PERSON = "catalogue/people/noor.yaml"
SCHEDULE = "catalogue/schedules/finance.yaml"
ESCALATION = "catalogue/escalations/finance.yaml"
AGREEMENT = "catalogue/agreements/books.yaml"
SLO = "slo/ledger.yaml"
RUNBOOK = "runbooks/ledger/late.md"
NO_POLICY = (SLO, "  alertPolicies: [{alertPolicyRef: PostingBurn}]\n", "")
PLAN = "recovery/plans/ledger.yaml"
KEYDATE = "keydates/close.yaml"
EXERCISE = "exercises/2026/exercise-20261101-aaaaaa/exercise.yaml"
SECOND = "exercises/2026/exercise-20261102-bbbbbb/exercise.yaml"
EVIDENCE = "recovery/evidence/2026/evidence-20261101-aaaaaa/evidence.yaml"

AT_ALL_HOURS = (TEAM, "members: [noor]\ncontacts: [{channel: chat, address: '#fin'}]\n", "members: [noor]\n")
ENDED = "ended_at: 2026-11-01T10:00:00Z"
MEASURE = """\
title: Alert earlier
type: detect
incident: incident-20261101-aaaaaa
owner: finance
due: "2026-11-22"
added_at: 2026-11-02T00:00:00Z
by: ada
"""
INCIDENT = (
    "incidents/2026/incident-20261101-aaaaaa/incident.yaml",
    "title: A blip\nservices: [ledger]\ndetected_by: user\n",
)
OPEN = "[{from: '08:00', until: '17:00'}]"
UNTIL_FIVE = (
    SCHEDULE,
    "rotations: [{people: [noor], starts: '2026-01-05'",
    f"hours: {{open: {OPEN}}}\nrotations: [{{people: [noor], starts: '2026-01-05', hours: {OPEN}",
)
BY_NIGHT = (ESCALATION, "- notify", "- during: outside-hours\n    notify")
DRAFT = (
    AGREEMENT,
    'agreed: {with: The finance department, at: "2026-01-26", document: https://contracts.example.com/2026}\n',
    "",
)
TAKEN_OVER = (
    "incidents/2026/incident-20261101-aaaaaa/timeline/1-taken-over.yaml",
    (
        "type: taken-over\nat: 2026-11-01T00:00:00Z\nrecorded_at: 2026-11-01T00:00:00Z\nby: ada\nof: incident-20261101-bbbbbb\n"
        "services: [ledger]\ndetected_by: user\ndeclared: 2026-11-01T00:00:00Z\n"
    ),
)
LATE_MEASURE = ("measures/2026/measure-20261102-m00000/measure.yaml", MEASURE)
ANCHORED = (
    "measures/2026/measure-20261102-m00000/1-anchored.yaml",
    "type: anchored\nat: 2026-11-03T00:00:00Z\nrecorded_at: 2026-11-03T00:00:00Z\nby: ada\n"
    "anchor: {path: slo/ledger.yaml, before: null, after: " + "a" * 40 + "}\n",
)


def another(result: str, ended: str) -> tuple[str, str]:
    return (
        SECOND,
        f"runbook: ledger/late\nstarted_at: 2026-01-01T00:00:00Z\nended_at: {ended}\nby: ada\nresult: {result}\n",
    )


def test_a_service_that_has_everything_lacks_nothing(judged):
    found = judged()
    assert {one.standing for one in found.values()} == {"met"}
    assert len(found) == 14


def test_a_record_that_is_damaged_is_not_told_as_missing(graph_of):
    graph = graph_of((TEAM, "title: Finance", "titel: Finance"), (SLO, "apiVersion", "version"))
    found = score(graph, graph.all("service")["ledger"], NOW).judged
    assert (found["owner"].standing, found["owner"].why) == ("unknown", f"{TEAM} cannot be read")
    assert found["slos"].standing == "unknown"
    assert found["slos"].why.endswith(f"but {SLO} cannot be read")


@pytest.mark.parametrize(
    ("requirement", "damaged"),
    [
        ("escalation", ESCALATION),
        ("on-call", SCHEDULE),
        ("on-call", ESCALATION),
        ("on-call", PERSON),
        ("dependencies", IDENTITY),
        ("dependencies", AGREEMENT),
        ("agreement", AGREEMENT),
        ("exercises", RUNBOOK),
        ("exercises", EXERCISE),
        ("restore", PLAN),
        ("restore", EVIDENCE),
        ("key-dates", KEYDATE),
    ],
)
def test_what_a_damaged_record_may_show_is_unknown(graph_of, requirement, damaged):
    graph = graph_of((damaged, "title: [\n"))
    found = score(graph, graph.all("service")["ledger"], NOW).judged[requirement]
    assert (found.standing, found.next) == ("unknown", "svcops check"), found.why


def test_a_policy_that_stands_in_for_a_damaged_one_is_not_what_is_asked(graph_of):
    graph = graph_of(
        (ESCALATION, "title: [\n"),
        ("catalogue/escalations/all.yaml", "title: All\nlevels: [{notify: [{team: finance}]}]\n"),
        (SERVICE, "owner: finance\n", "owner: finance\nescalation: finance\n"),
        (SETTINGS, "escalation: finance\n", "escalation: all\n"),
    )
    found = score(graph, graph.all("service")["ledger"], NOW).judged
    assert found["escalation"].why == f"all, named by the store, but {ESCALATION} cannot be read"
    assert found["on-call"].why == f"no schedule is called, but {ESCALATION} cannot be read"
    assert {found[name].standing for name in ("escalation", "on-call")} == {"unknown"}


@pytest.mark.parametrize(
    ("requirement", "edits", "why", "next_"),
    [
        ("owner", [(SERVICE, "owner: finance", "owner: nobody")], "nobody is not in the catalogue", "--owner TEAM"),
        (
            "owner",
            [AT_ALL_HOURS, (PERSON, "name: Noor Voorbeeld\n")],
            "nothing says how to reach finance",
            "contacts in catalogue/teams/finance.yaml",
        ),
        (
            "description",
            [(SERVICE, "description: Keeps the books.", "description: ' '")],
            "what it does",
            "--description",
        ),
        ("tier", [(SERVICE, "tier: 1\n", "")], "how critical", "--tier NUMBER"),
        (
            "agreement",
            [(AGREEMENT, "services: [ledger, identity]", "services: [identity]")],
            "nothing is agreed",
            "[ledger]",
        ),
        (
            "agreement",
            [
                (AGREEMENT, "agreed:", "annotations:"),
                (
                    AGREEMENT,
                    'annotations: {with: The finance department, at: "2026-01-26", document: https://contracts.example.com/2026}\n',
                    "",
                ),
            ],
            "books is a draft",
            f"agree on it, and write agreed: in {AGREEMENT}",
        ),
        (
            "agreement",
            [(AGREEMENT, "2027-12-31", "2026-11-22")],
            "books is over",
            f"renew it, and write agreed: and valid_until: in {AGREEMENT}",
        ),
        (
            "agreement",
            [(AGREEMENT, 'at: "2026-01-26"', 'at: "2026-11-24"')],
            "books is still to come",
            f"before it begins, as in {AGREEMENT}",
        ),
        ("escalation", [(SETTINGS, "escalation: finance\n", "")], "no escalation policy", "--escalation NAME"),
        (
            "escalation",
            [(ESCALATION, "- notify", "- during: support-hours\n    notify")],
            "finance reaches nobody outside support hours at sev1, sev2",
            f"name somebody who has contacts in the levels of {ESCALATION}",
        ),
        (
            "escalation",
            [(ESCALATION, "- notify", "- severities: [sev1]\n    notify")],
            "finance reaches nobody in support hours at sev2; finance reaches nobody outside support hours at sev2",
            ESCALATION,
        ),
        (
            "escalation",
            [(PERSON, "name: Noor Voorbeeld\n")],
            "finance reaches nobody in support hours at sev1, sev2",
            ESCALATION,
        ),
        (
            "on-call",
            [(SCHEDULE, "starts: '2026-01-05'", "starts: '2026-01-05', until: '2026-12-01'")],
            "nobody of the catalogue is on call in finance from Tue 2026-12-01 09:00",
            SCHEDULE,
        ),
        (
            "on-call",
            [(SCHEDULE, "people: [noor]", "people: [gone]")],
            "nobody of the catalogue is on call in finance at this moment",
            f"add turns to {SCHEDULE}",
        ),
        (
            "on-call",
            [UNTIL_FIVE],
            "at Mon 2026-11-23 17:00, when finance calls it in the support hours of agreement books",
            SCHEDULE,
        ),
        (
            "on-call",
            [UNTIL_FIVE, BY_NIGHT],
            "nobody is on call in finance at Mon 2026-11-23 18:00, when finance calls it outside the support hours",
            SCHEDULE,
        ),
        ("on-call", [(SCHEDULE, None)], "there is no schedule finance", f"a schedule that there is in {ESCALATION}"),
        ("on-call", [(SCHEDULE, "people: [noor]", "people: []")], "cannot hold", SCHEDULE),
        ("on-call", [(SCHEDULE, "title: Finance", "title: F\ntime_zone: Nowhere/Town")], "Nowhere/Town", SCHEDULE),
        (
            "workflows",
            [(SERVICE, "core_workflows:\n  - {name: post, title: Enter a posting, slo: SLO/posting}\n", "")],
            "users come for",
            "--add-workflow",
        ),
        ("slos", [(SERVICE, ", slo: SLO/posting", "")], "post names no SLO", "slo: SLO/NAME in catalogue"),
        ("slos", [(SERVICE, "slo: SLO/posting", "slo: SLO/other")], "there is no SLO/other", "slo/ledger.yaml"),
        (
            "slos",
            [(SERVICE, "slo: SLO/posting", "slo: AlertPolicy/PostingBurn")],
            "there is no AlertPolicy/",
            "slo/ledger.yaml",
        ),
        (
            "alerts",
            [(RUNBOOK, "alerts: [PostingBurn]\n", "")],
            "no runbook answers PostingBurn",
            "alerts: [PostingBurn]",
        ),
        (
            "alerts",
            [(RUNBOOK, "[PostingBurn]", "[PostingBurnFast]")],
            "no runbook answers PostingBurn",
            "runbooks/ledger/",
        ),
        (
            "alerts",
            [
                (
                    SLO,
                    "[{alertPolicyRef: PostingBurn}]",
                    "[{kind: AlertPolicy, spec: {conditions: [{conditionRef: Fast}]}}]",
                )
            ],
            "no runbook answers Fast",
            "alerts: [Fast]",
        ),
        ("alerts", [NO_POLICY], "no runbook answers PostingBudgetBurn", "alerts: [PostingBudgetBurn]"),
        (
            "alerts",
            [(SLO, "spec:\n  conditions", "spec:\n  alertWhenNoData: true\n  conditions")],
            "no runbook answers PostingBudgetBurn",
            "alerts: [PostingBudgetBurn]",
        ),
        (
            "dependencies",
            [(SERVICE, "service: identity", "service: mail")],
            "mail: not in the catalogue",
            "svcops service new mail",
        ),
        (
            "dependencies",
            [(AGREEMENT, "[ledger, identity]", "[ledger]")],
            "nothing in force promises identity",
            "[identity]",
        ),
        ("exercises", [(RUNBOOK, None)], "it has no runbook", "runbooks/ledger/NAME.md"),
        ("exercises", [(EXERCISE, None)], "ledger/late never passed", "exercise runbooks/ledger/late.md"),
        (
            "exercises",
            [(EXERCISE, "result: passed", "result: failed")],
            "never passed, the last run failed on 2026-11-01",
            "exercise",
        ),
        (
            "exercises",
            [(EXERCISE, "result: passed", "result: aborted")],
            "never passed, the last run aborted",
            "exercise",
        ),
        (
            "exercises",
            [another("failed", "2026-11-20T00:00:00Z")],
            "ledger/late failed on 2026-11-20, after it passed on 2026-11-01",
            "exercise",
        ),
        (
            "exercises",
            [(EXERCISE, ENDED, "ended_at: 2026-05-27T08:15:00Z")],
            "last passed on 2026-05-27, too long ago",
            "exercise",
        ),
        (
            "exercises",
            [(EXERCISE, ENDED, "ended_at: 2026-11-23T08:15:01Z")],
            "in the future, or before it begins",
            "exercise",
        ),
        (
            "exercises",
            [(EXERCISE, ENDED, "ended_at: 2025-12-31T23:59:59Z")],
            "in the future, or before it begins",
            "exercise",
        ),
        ("restore", [(PLAN, None)], "no recovery plan names it", "services: [ledger]"),
        ("restore", [(EVIDENCE, None)], "ledger never passed", "drill recovery/plans/ledger.yaml"),
        ("restore", [(EVIDENCE, "verdict: passed", "verdict: inconclusive")], "the last run inconclusive", "drill"),
        (
            "restore",
            [(EVIDENCE, ENDED, "ended_at: 2026-08-25T08:15:00Z")],
            "last passed on 2026-08-25, too long ago",
            f"drill {PLAN}, and record it below recovery/evidence/",
        ),
        ("restore", [(PLAN, "services", "every: 7d\nservices")], "last passed on 2026-11-01, too long ago", "drill"),
        ("restore", [(EVIDENCE, "rto: 3h", "rto: 5h")], "ledger showed an RTO of 5 h, 4 h is agreed", "drill"),
        ("restore", [(EVIDENCE, "rpo: 1h", "rpo: 61m")], "ledger showed an RPO of 1 h 1 min, 1 h is agreed", "drill"),
        ("key-dates", [(KEYDATE, "runbooks: [ledger/late]", "runbooks: []")], "close names no runbook", KEYDATE),
        (
            "key-dates",
            [(KEYDATE, "[ledger/late]", "[ledger/late, ledger/gone]")],
            "ledger/gone, named by close, is not there",
            KEYDATE,
        ),
        ("key-dates", [(EXERCISE, None)], "ledger/late never passed", KEYDATE),
        (
            "measures",
            [INCIDENT, LATE_MEASURE],
            "m00000 Alert earlier was due on 2026-11-22",
            "svcops measure anchor m00000",
        ),
    ],
)
def test_what_is_missing_is_named_with_what_to_do(judged, requirement, edits, why, next_):
    found = judged(*edits)[requirement]
    assert found.standing == "missing"
    assert why in found.why
    assert next_ in found.next


@pytest.mark.parametrize(
    ("requirement", "edits", "why"),
    [
        ("owner", [AT_ALL_HOURS], "finance, by telephone"),
        ("agreement", [(AGREEMENT, "2027-12-31", "2026-11-23")], "books"),
        ("escalation", [(ESCALATION, "- notify", "- severities: [sev1, sev2]\n    notify")], "named by the store"),
        (
            "escalation",
            [
                (ESCALATION, "- notify", "- during: support-hours\n    notify"),
                (
                    AGREEMENT,
                    'support_hours: {open: [{days: [mon-fri], from: "08:00", until: "18:00"}]}',
                    "support_hours: always",
                ),
            ],
            "named by the store",
        ),
        ("escalation", [BY_NIGHT, DRAFT], "finance"),
        (
            "on-call",
            [UNTIL_FIVE, (ESCALATION, "{schedule: finance}", "{schedule: finance}, {team: finance}")],
            "finance",
        ),
        (
            "escalation",
            [(PERSON, "name: Noor Voorbeeld\n"), (SCHEDULE, "title: F", "team: finance\ntitle: F")],
            "finance",
        ),
        ("slos", [], "SLO/posting"),
        ("slos", [(SLO, "service: ledger", "service: identity")], "SLO/posting (an SLO of identity)"),
        ("alerts", [(RUNBOOK, "[PostingBurn]", "[PostingBurnFast, PostingBurnSlow]")], "PostingBurn"),
        (
            "alerts",
            [NO_POLICY, (RUNBOOK, "[PostingBurn]", "[PostingBudgetBurn, DiskFull]")],
            "PostingBudgetBurn, DiskFull",
        ),
        ("alerts", [NO_POLICY, (SLO, "target: 0.99", "target: 0.0")], "PostingBurn"),
        ("alerts", [NO_POLICY, (SLO, "{target: 0.99}", "{displayName: Not finished}")], "PostingBurn"),
        ("alerts", [(SLO, None)], "PostingBurn"),
        ("exercises", [(EXERCISE, ENDED, "ended_at: 2026-05-27T08:15:01Z")], "ledger/late"),
        ("exercises", [(EXERCISE, ENDED, "ended_at: 2026-11-23T08:15:00Z")], "ledger/late"),
        (
            "exercises",
            [another("aborted", "2026-11-20T00:00:00Z")],
            "passed on 2026-11-01; but ledger/late aborted on 2026-11-20, after that",
        ),
        ("exercises", [another("failed", "2026-10-20T00:00:00Z")], "ledger/late"),
        (
            "restore",
            [(EVIDENCE, ENDED, "ended_at: 2026-01-25T08:15:00Z"), (PLAN, "services", "every: 365d\nservices")],
            "ledger",
        ),
        ("measures", [INCIDENT, LATE_MEASURE, ANCHORED], "none is open"),
        ("measures", [INCIDENT, (LATE_MEASURE[0], MEASURE.replace("11-22", "11-23"))], "m00000 is open"),
        ("measures", [(INCIDENT[0], INCIDENT[1].replace("ledger", "identity")), LATE_MEASURE], "none is open"),
    ],
)
def test_what_is_enough_is_met(judged, requirement, edits, why):
    found = judged(*edits)[requirement]
    assert (found.standing, found.next) == ("met", "")
    assert why in found.why


def test_an_open_measure_is_of_the_services_that_came_to_its_incident_by_a_merge_too(judged):
    of_identity = (INCIDENT[0], INCIDENT[1].replace("ledger", "identity"))
    assert judged(of_identity, LATE_MEASURE, TAKEN_OVER)["measures"].standing == "missing"


@pytest.mark.parametrize(
    ("requirement", "edits", "why"),
    [
        (
            "alerts",
            [(RUNBOOK, "alerts: [PostingBurn]\n", ""), (SLO, None)],
            "no alert of it is known",
        ),
        ("restore", [(EVIDENCE, "rto: 3h\n", "")], "did not measure its RTO"),
    ],
)
def test_what_no_record_says_is_unknown_and_holds_back(judged, requirement, edits, why):
    found = judged(*edits)[requirement]
    assert found.standing == "unknown"
    assert why in found.why
    assert found.next
    assert found.holds_back


@pytest.mark.parametrize(
    ("requirement", "edits"),
    [
        ("on-call", [(ESCALATION, "schedule: finance", "team: finance")]),
        ("on-call", [(SETTINGS, "escalation: finance\n", "")]),
        ("slos", [(SERVICE, "core_workflows:\n  - {name: post, title: Enter a posting, slo: SLO/posting}\n", "")]),
        ("dependencies", [(SERVICE, "service: identity", "service: identity\n    critical: false")]),
        ("restore", [(PLAN, None), (EVIDENCE, None), (AGREEMENT, "rto: 4h\nrpo: 1h\n", "")]),
        ("key-dates", [(KEYDATE, None)]),
    ],
)
def test_what_does_not_concern_a_service_is_not_asked(judged, requirement, edits):
    found = judged(*edits)[requirement]
    assert found.standing == "not asked"
    assert not found.holds_back


def test_what_ages_says_from_when_it_is_and_until_when_it_counts(judged):
    found = judged(INCIDENT, (LATE_MEASURE[0], MEASURE.replace("11-22", "11-30")))
    times = {name: (one.proved, one.until) for name, one in found.items() if one.until}
    first = datetime(2026, 11, 1, 10, tzinfo=UTC)
    assert times == {
        "agreement": (datetime(2026, 1, 25, 23, tzinfo=UTC), datetime(2027, 12, 31, 23, tzinfo=UTC)),
        "exercises": (first, datetime(2027, 4, 30, 10, tzinfo=UTC)),
        "restore": (first, datetime(2027, 1, 30, 10, tzinfo=UTC)),
        "key-dates": (first, datetime(2027, 4, 30, 10, tzinfo=UTC)),
        "measures": (None, datetime(2026, 11, 30, 23, tzinfo=UTC)),
    }


def test_a_proof_that_is_too_old_says_when_it_stopped_to_count(judged):
    found = judged((EXERCISE, ENDED, "ended_at: 2026-05-01T10:00:00Z"))["exercises"]
    assert found.until == datetime(2026, 10, 28, 10, tzinfo=UTC)


SLOW = ("runbooks/ledger/slow.md", "---\ntitle: Slow\nkind: operation\nservices: [ledger]\n---\n\nLook.\n")
BOTH = (KEYDATE, "[ledger/late]", "[ledger/late, ledger/slow]")


def ran(day: str, runbook: str, result: str = "passed") -> tuple[str, str]:
    """An exercise that was over at ten o'clock on a day of 2026."""
    at = f"2026-{day}T10:00:00Z"
    text = f"runbook: {runbook}\nstarted_at: {at}\nended_at: {at}\nby: noor\nresult: {result}\n"
    return f"exercises/2026/exercise-2026{day.replace('-', '')}-00000{runbook[-1]}/exercise.yaml", text


def drilled(day: str, plan: str, verdict: str = "passed", rto: str = "3h") -> tuple[str, str]:
    """A drill that was over at ten o'clock on a day of 2026."""
    at = f"2026-{day}T10:00:00Z"
    text = f"plan: {plan}\nstarted_at: {at}\nended_at: {at}\nby: noor\nverdict: {verdict}\nrto: {rto}\nrpo: 1h\n"
    return f"recovery/evidence/2026/evidence-2026{day.replace('-', '')}-00000{plan[-1]}/evidence.yaml", text


@pytest.mark.parametrize(
    ("runs", "proved", "until"),
    [
        ([("05-01", "ledger/slow")], None, None),
        ([("05-01", "ledger/late", "failed")], None, None),
        ([("05-01", "ledger/late"), ("05-02", "ledger/slow")], (5, 1), (10, 28)),
        ([("05-01", "ledger/late"), ("11-02", "ledger/slow")], None, None),
        ([("05-01", "ledger/late"), ("05-02", "ledger/slow"), ("11-02", "ledger/slow")], (5, 1), (10, 28)),
        ([("05-01", "ledger/late"), ("06-02", "ledger/slow"), ("11-20", "ledger/slow", "failed")], (5, 1), (10, 28)),
        ([("05-30", "ledger/slow"), ("11-01", "ledger/late"), ("11-20", "ledger/late", "failed")], (5, 30), (11, 20)),
        ([("11-01", "ledger/late"), ("11-02", "ledger/slow"), ("11-20", "ledger/late", "failed")], (11, 1), (11, 20)),
        (
            [
                *(("11-01", "ledger/late"), ("11-02", "ledger/slow"), ("11-10", "ledger/late", "failed")),
                ("11-20", "ledger/late", "failed"),
            ],
            (11, 1),
            (11, 10),
        ),
    ],
)
def test_of_several_runbooks_it_counted_until_the_first_lapsed_or_failed_if_ever(judged, runs, proved, until):
    found = judged(SLOW, BOTH, (EXERCISE, None), *(ran(*one) for one in runs))
    for one in (found["exercises"], found["key-dates"]):
        assert one.standing == "missing"
        assert one.proved == (proved and datetime(2026, *proved, 10, tzinfo=UTC))
        assert one.until == (until and datetime(2026, *until, 10, tzinfo=UTC))


def test_of_several_plans_one_that_never_passed_leaves_no_day(judged):
    papers = ("recovery/plans/papers.yaml", "title: The vouchers\nservices: [ledger]\n")
    found = judged(papers)["restore"]
    assert (found.standing, found.proved, found.until) == ("missing", None, None)


def test_a_drill_that_was_too_slow_never_counted(judged):
    lapsed = drilled("05-01", "ledger")
    assert judged((EVIDENCE, None), lapsed)["restore"].until == datetime(2026, 7, 30, 10, tzinfo=UTC)
    too_slow = drilled("05-01", "ledger", rto="5h")
    found = judged((EVIDENCE, None), too_slow)["restore"]
    assert (found.why, found.proved, found.until) == ("ledger last passed on 2026-05-01, too long ago", None, None)


@pytest.mark.parametrize("every", ["30d", "21d"])
def test_that_the_latest_drill_failed_is_told_whether_or_not_the_one_before_it_still_counts(judged, every):
    plan = (PLAN, "services", f"every: {every}\nservices")
    found = judged(plan, drilled("11-10", "ledger", "failed"))["restore"]
    assert found.standing == ("met" if every == "30d" else "missing")
    assert found.why.endswith("ledger failed on 2026-11-10, after that")


def test_what_else_should_be_known_is_told_of_every_plan(judged):
    papers = ("recovery/plans/papers.yaml", "title: The vouchers\nservices: [ledger]\n")
    failed = (drilled("11-10", "ledger", "failed"), drilled("11-12", "papers", "failed"))
    told = "ledger failed on 2026-11-10, after that; papers failed on 2026-11-12, after that"
    found = judged(papers, drilled("11-02", "papers"), *failed)["restore"]
    assert found.why == f"drill of ledger, papers, the oldest passed on 2026-11-01; but {told}"
    lapsed = (papers[0], f"{papers[1]}every: 7d\n")
    found = judged(lapsed, drilled("11-02", "papers"), *failed)["restore"]
    assert found.why == f"papers last passed on 2026-11-02, too long ago; {told}"


def test_of_several_runbooks_the_oldest_proof_counts(judged):
    second = ("runbooks/ledger/slow.md", "---\ntitle: Slow\nkind: operation\nservices: [ledger]\n---\n\nLook.\n")
    assert "ledger/slow never passed" in judged(second)["exercises"].why
    ran = another("passed", "2026-11-10T00:00:00Z")
    ran = (ran[0], ran[1].replace("ledger/late", "ledger/slow"))
    found = judged(second, ran)["exercises"]
    assert (found.standing, found.proved) == ("met", datetime(2026, 11, 1, 10, tzinfo=UTC))


def test_a_runbook_elsewhere_that_names_the_service_is_one_of_it(judged):
    elsewhere = ("runbooks/identity/down.md", "---\ntitle: Down\nkind: operation\nservices: [ledger]\n---\n\nLook.\n")
    assert "identity/down never passed" in judged(elsewhere)["exercises"].why


def test_a_draft_is_no_promise_to_who_depends_on_it(judged):
    draft = ("catalogue/agreements/who.yaml", "title: Who is who\nservices: [identity]\nsupport_hours: always\n")
    found = judged((AGREEMENT, "[ledger, identity]", "[ledger]"), draft)["dependencies"]
    assert found.why == "nothing in force promises identity"


def test_a_deputy_with_a_telephone_is_reached(judged):
    deputy = ("catalogue/people/robin.yaml", "name: Robin\ncontacts: [{channel: telephone, address: '+49 30 2'}]\n")
    alone = (PERSON, "name: Noor Voorbeeld\n")
    assert judged(alone)["escalation"].standing == "missing"
    deputised = (PERSON, "name: Noor Voorbeeld\ndeputies: [robin]\n")
    assert judged(deputised, deputy)["escalation"].standing == "met"
    team = (
        (ESCALATION, "{schedule: finance}", "{team: all}"),
        ("catalogue/teams/all.yaml", "title: All\nmembers: [noor]\n"),
    )
    assert judged(*team, alone)["escalation"].standing == "missing"
    assert judged(*team, deputised, deputy)["escalation"].standing == "met"


def test_who_takes_turns_no_more_need_not_be_reached(judged):
    gone = ("catalogue/people/gone.yaml", "name: Gone\n")
    over = "rotations: [{people: [gone], starts: '2025-01-06', until: '2026-11-23'}, {people: [noor]"
    assert judged(gone, (SCHEDULE, "rotations: [{people: [noor]", over))["escalation"].standing == "met"
    still = over.replace("2026-11-23", "2026-11-24")
    assert judged(gone, (SCHEDULE, "rotations: [{people: [noor]", still))["escalation"].standing == "missing"


def test_a_run_at_the_beginning_of_time_is_too_long_ago(judged):
    runs = (
        EXERCISE,
        "runbook: ledger/late\nstarted_at: 0002-01-01T00:00:00Z\nended_at: 0002-01-01T00:00:00Z\nby: ada\n",
    )
    runs = (runs[0], runs[1] + "result: passed\n")
    far_west = (SETTINGS, "Europe/Berlin", "Pacific/Honolulu")
    assert "too long ago" in judged(runs, far_west)["exercises"].why


def test_every_plan_of_a_service_has_to_be_proved(judged):
    second = ("recovery/plans/papers.yaml", "title: The vouchers\nservices: [ledger]\n")
    assert judged(second)["restore"].why == "papers never passed"


@pytest.mark.parametrize(
    ("measured", "standing", "next_"),
    [
        ({"papers": "9h"}, "missing", "make it faster and drill recovery/plans/papers.yaml again, or agree on more"),
        ({"papers": ""}, "unknown", "drill recovery/plans/papers.yaml, with rto and rpo in its evidence"),
        (
            {"ledger": "5h", "papers": "9h"},
            "missing",
            "make it faster and drill recovery/plans/ledger.yaml, recovery/plans/papers.yaml again, or agree on more",
        ),
    ],
)
def test_of_several_plans_those_found_wanting_are_named_to_be_drilled_again(judged, measured, standing, next_):
    papers = ("recovery/plans/papers.yaml", "title: The vouchers\nservices: [ledger]\n")
    runs = [drilled("11-02", name, rto=measured.get(name, "3h")) for name in ("ledger", "papers")]
    found = judged(papers, (EVIDENCE, None), *((path, text.replace("rto: \n", "")) for path, text in runs))["restore"]
    assert (found.standing, found.next) == (standing, next_)


def test_of_several_plans_the_first_to_need_a_drill_says_until_when(judged):
    second = ("recovery/plans/papers.yaml", "title: The vouchers\nservices: [ledger]\nevery: 30d\n")
    drill = "plan: papers\nstarted_at: 2026-11-02T00:00:00Z\nended_at: 2026-11-02T10:00:00Z\nverdict: passed\nby: ada\n"
    proof = ("recovery/evidence/2026/evidence-20261102-bbbbbb/evidence.yaml", f"{drill}rto: 1h\nrpo: 1m\n")
    found = judged(second, proof)["restore"]
    assert (found.standing, found.until) == ("met", datetime(2026, 12, 2, 10, tzinfo=UTC))


LATER = "exercises/2026/exercise-20261110-cccccc/exercise.yaml"
DRILLED_LATER = "recovery/evidence/2026/evidence-20261110-cccccc/evidence.yaml"
PAPERS = "recovery/plans/papers.yaml"
OF_BANK = (
    "catalogue/agreements/bank.yaml",
    "title: Bank\nservices: [ledger]\nsupport_hours: always\nrto: 1 hour\n",
)
OWN_POLICY = (
    (TEAM, "title: Finance\n", "title: Finance\nparent: all\nescalation: own\n"),
    ("catalogue/teams/all.yaml", "title: All\nescalation: finance\n"),
    ("catalogue/escalations/own.yaml", "titel: Own\nlevels: [{notify: [{team: finance}]}]\n"),
)
SLO_MORE = """\
apiVersion: openslo/v1
kind: SLO
metadata: {name: more}
spec: {service: ledger, alertPolicies: [{alertPolicyRef: NobodyAnswers}]}
foo: 1
"""
DOWN = ("runbooks/identity/down.md", "---\ntitle: D\nkind: operation\nservices: [identity]\n---\n\nL.\n")
DRILL = "plan: ledger\nstarted_at: 2026-11-10T00:00:00Z\nended_at: 2026-11-10T10:00:00Z\nby: ada\nverdict: passed\nrpo: 1h\n"


@pytest.mark.parametrize(
    ("requirement", "edits"),
    [
        (
            "exercises",
            [("runbooks/ledger/slow.md", "---\ntitle: Slow\nkind: slow\nservices: [ledger]\n---\n\nLook.\n")],
        ),
        (
            "exercises",
            [("runbooks/identity/down.md", "---\ntitle: D\nkind: d\nservices: [identity, ledger]\n---\n\nL.\n")],
        ),
        ("exercises", [("runbooks/identity/down.md", "---\ntitle: [\n---\n\nLook.\n")]),
        ("exercises", [(LATER, another("fail", "2026-11-10T00:00:00Z")[1])]),
        ("exercises", [(LATER, "")]),
        ("exercises", [(LATER, "runbook: ledger/lat\nresult: fail\n")]),
        ("key-dates", [(LATER, another("fail", "2026-11-10T00:00:00Z")[1])]),
        ("key-dates", [("keydates/audit.yaml", "title: Audit\nservices: [ledger]\nrunbook: ledger/late\n")]),
        ("restore", [(DRILLED_LATER, f"{DRILL}rto: 5 hours\n")]),
        ("restore", [(PAPERS, "title: The vouchers\nservices: [ledger]\nevery: often\n")]),
        ("restore", [OF_BANK]),
        ("alerts", [("slo/more.yaml", SLO_MORE)]),
        (
            "alerts",
            [("slo/more.yaml", SLO_MORE.replace("service: ledger", "service: identity").replace("more", "posting"))],
        ),
        ("alerts", [("slo/more.yaml", "kind: [\n")]),
        ("measures", [INCIDENT, (LATE_MEASURE[0], MEASURE.replace("title", "titel"))]),
        ("measures", [(INCIDENT[0], f"{INCIDENT[1]}foo: 1\n"), LATE_MEASURE]),
        ("escalation", [(TEAM, "title: Finance", "titel: Finance")]),
        ("on-call", [*OWN_POLICY]),
        ("escalation", [*OWN_POLICY]),
        ("escalation", [BY_NIGHT, DRAFT, OF_BANK]),
        ("on-call", [UNTIL_FIVE, (AGREEMENT, "18:00", "17:00"), OF_BANK]),
    ],
)
def test_what_a_damaged_record_may_undo_is_unknown(graph_of, requirement, edits):
    """Whether or not it is met by what can be read."""
    graph = graph_of(*edits)
    found = score(graph, graph.all("service")["ledger"], NOW).judged[requirement]
    damaged = sorted({one.at.path for one in graph.findings})
    assert (found.standing, list(found.damaged)) == ("unknown", damaged), found.why
    assert found.why.endswith(f"but {damaged[0]} cannot be read")
    assert found.next == "svcops check"


@pytest.mark.parametrize(
    ("requirement", "edits"),
    [
        ("exercises", [("runbooks/identity/down.md", "---\ntitle: D\nkind: d\nservices: [identity]\n---\n\nL.\n")]),
        ("exercises", [(LATER, "runbook: identity/down\nresult: fail\n"), DOWN]),
        ("key-dates", [(LATER, "runbook: identity/down\nresult: fail\n"), DOWN]),
        ("restore", [(PAPERS, "title: The vouchers\nservices: [identity]\nevery: often\n")]),
        ("restore", [(OF_BANK[0], OF_BANK[1].replace("ledger", "identity"))]),
        ("alerts", [("slo/more.yaml", SLO_MORE.replace("ledger", "identity"))]),
        ("alerts", [("slo/more.yaml", "apiVersion: openslo/v1\nkind: AlertPolicy\nmetadata: {name: Other}\nfoo: 1\n")]),
        ("measures", [(INCIDENT[0], f"{INCIDENT[1]}foo: 1\n")]),
        (
            "measures",
            [(INCIDENT[0], INCIDENT[1].replace("ledger", "identity")), (LATE_MEASURE[0], f"{MEASURE}foo: 1\n")],
        ),
        ("escalation", [OF_BANK]),
        ("on-call", [OF_BANK]),
        ("on-call", [("catalogue/teams/other.yaml", "titel: Other\n"), ("catalogue/people/kim.yaml", "name: [\n")]),
        ("agreement", [OF_BANK]),
        ("dependencies", [OF_BANK]),
    ],
)
def test_what_is_damaged_and_about_something_else_undoes_nothing(graph_of, requirement, edits):
    graph = graph_of(*edits)
    found = score(graph, graph.all("service")["ledger"], NOW).judged[requirement]
    assert graph.findings
    assert found.standing == "met", found.why


def test_nor_does_it_make_up_for_what_is_missing(graph_of):
    """One more runbook, or plan, does not prove those that are there."""
    graph = graph_of(
        ("runbooks/ledger/slow.md", "---\ntitle: Slow\nkind: slow\nservices: [ledger]\n---\n\nLook.\n"),
        (PAPERS, "title: The vouchers\nservices: [ledger]\nevery: often\n"),
        (EXERCISE, None),
        (EVIDENCE, None),
    )
    found = score(graph, graph.all("service")["ledger"], NOW).judged
    assert {found[name].standing for name in ("exercises", "restore", "key-dates")} == {"missing"}


def test_whether_a_measure_is_overdue_is_unknown_where_what_may_anchor_it_is_damaged(graph_of):
    anchored = (ANCHORED[0], ANCHORED[1].replace("type", "typ"))
    graph = graph_of(INCIDENT, LATE_MEASURE, anchored)
    found = score(graph, graph.all("service")["ledger"], NOW).judged["measures"]
    assert (found.standing, found.damaged) == ("unknown", (ANCHORED[0],))
    second = (LATE_MEASURE[0].replace("m00000", "m00001"), MEASURE)
    graph = graph_of(INCIDENT, LATE_MEASURE, anchored, second)
    found = score(graph, graph.all("service")["ledger"], NOW).judged["measures"]
    assert (found.standing, found.why) == ("missing", "m00001 Alert earlier was due on 2026-11-22")

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from svcops.overview.response import figure, report
from svcops.overview.response_cases import Wanted
from svcops.overview.response_hours import OpenSum
from svcops.overview.response_outcome import Share
from svcops.overview.response_period import Period
from svcops.overview.response_presenting import measures, recurrences, share, trend
from svcops.timing.hours import OpenTimes
from svcops.timing.model import Hours, OpenHours

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 23, 8, 15, tzinfo=UTC)
NOVEMBER = Period(date(2026, 11, 1), date(2026, 11, 23), BERLIN)
MONDAY = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
A, B, C, D = (f"incident-20261102-{letter * 6}" for letter in "abcd")
MEASURE = "measures/2026/measure-20261103-mmmmmm/measure.yaml"


def figures(graph, **more):
    found = report(graph, NOVEMBER, NOW, **more)
    assert not graph.findings, graph.findings
    return found


def the(graph, **more):
    (only,) = figures(graph, **more).populations
    return only


def damaged(graph):
    """The figures of a store with a file that cannot be read."""
    (only,) = report(graph, NOVEMBER, NOW).populations
    assert graph.findings
    return only.total


def clock(group, name):
    return next(one for one in group.clocks if one.name == f"time to {name}")


def test_the_figures_of_three_incidents_as_worked_out_by_hand(graph_of, incident):
    graph = graph_of(
        incident("aaaaaa", started=10, acknowledged=5, mitigated=20, resolved=50),
        incident("bbbbbb", started=20, acknowledged=15, resolved=100),
        incident("cccccc", acknowledged=2),
    )
    total = the(graph).total
    detect, acknowledge, mitigate, resolve = (
        clock(total, one) for one in ("detect", "acknowledge", "mitigate", "resolve")
    )
    assert total.incidents == (A, B, C)
    assert detect.wall.known == {A: 600, B: 1200}
    assert detect.wall.unknown == {C: "when the impact started is not known"}
    assert (detect.wall.spread.median, detect.wall.spread.mean, detect.wall.spread.p90) == (900, 900, 1140)
    assert acknowledge.wall.known == {C: 120, A: 300, B: 900}
    assert acknowledge.wall.spread.median == 300
    assert mitigate.wall.known == {A: 1800}
    assert mitigate.wall.unknown == {
        B: "when it was mitigated is not known",
        C: "when the impact started is not known",
    }
    assert resolve.wall.known == {A: 3600, B: 7200}
    assert [(one.start_name, one.end_name) for one in total.clocks] == [
        ("impact started", "detected"),
        ("declared", "acknowledged"),
        ("impact started", "mitigated"),
        ("impact started", "resolved"),
    ]


def test_what_goes_on_is_not_resolved_yet_and_contradicting_times_say_so(graph_of, incident):
    graph = graph_of(incident("aaaaaa", started=5), incident("bbbbbb", started=5, resolved=-10))
    resolve = clock(the(graph).total, "resolve")
    assert resolve.wall.known == {}
    assert resolve.wall.spread is None
    assert resolve.wall.unknown[A] == "not resolved yet"
    assert "contradict" in resolve.wall.unknown[B]


def test_when_nobody_knows_who_detected_it_nobody_knows_when(graph_of, incident):
    found = clock(the(graph_of(incident("aaaaaa", detected_by="null", started=5))).total, "detect")
    assert found.wall.unknown == {A: "when it was detected is not known"}


def test_support_hours_leave_out_the_night_and_the_weekend(graph_of, incident):
    friday = datetime(2026, 11, 6, 16, 30, tzinfo=UTC)  # 17:30 in Berlin; open until 18:00
    graph = graph_of(incident("aaaaaa", friday, started=0, resolved=(64 + 8) * 60))
    resolve = clock(the(graph).total, "resolve")
    name = "incident-20261106-aaaaaa"
    assert resolve.wall.known == {name: 72 * 3600}
    assert resolve.support.known == {name: (0.5 + 9.5) * 3600}  # and on Monday from 08:00 to 17:30


def test_support_hours_are_unknown_without_an_agreement_then_in_force(graph_of, incident):
    graph = graph_of(
        incident("aaaaaa", services="archive", acknowledged=5),
        incident("bbbbbb", services="", acknowledged=5),
        {
            "catalogue/agreements/books.yaml": "title: B\nservices: [ledger]\nsupport_hours: always\nagreed: "
            "{with: F, at: '2026-11-03', document: d}\n"
        },
        incident("cccccc", acknowledged=5),
    )
    found = clock(the(graph).total, "acknowledge")
    assert len(found.wall.known) == 3
    assert found.support.unknown == {
        A: "no agreement was in force",
        B: "its services are unknown",
        C: "no agreement was in force",
    }
    assert found.support.spread is None


def test_a_damaged_agreement_may_be_the_one_that_is_missing(graph_of, incident):
    damaged = {"catalogue/agreements/other.yaml": "title: [\n"}
    graph = graph_of(damaged, incident("aaaaaa", services="archive", acknowledged=5))
    (only,) = report(graph, NOVEMBER, NOW).populations
    assert "of those that can be read" in clock(only.total, "acknowledge").support.unknown[A]


def test_of_several_agreements_an_hour_counts_that_is_in_any(graph_of, incident):
    later = (
        "title: Late\nservices: [payroll]\n"
        'support_hours: {open: [{days: [mon-fri], from: "17:00", until: "20:00"}]}\n'
        'agreed: {with: Finance, at: "2026-01-01", document: d}\n'
    )
    start = datetime(2026, 11, 2, 15, 0, tzinfo=UTC)  # 16:00 in Berlin
    graph = graph_of(
        {"catalogue/agreements/late.yaml": later},
        incident("aaaaaa", start, services="ledger, payroll", acknowledged=600),
    )
    assert clock(the(graph).total, "acknowledge").support.known == {A: 4 * 3600}


def test_hours_of_more_than_ten_years_are_not_worked_out(graph_of, incident):
    graph = graph_of(incident("aaaaaa", started=12 * 366 * 24 * 60))
    found = clock(the(graph).total, "detect")
    assert found.support.unknown == {A: "longer than 10 years"}
    assert len(found.wall.known) == 1


def test_the_cancelled_and_the_merged_are_told_and_not_counted(graph_of, incident):
    graph = graph_of(
        incident("aaaaaa", acknowledged=1),
        incident("bbbbbb", cancelled=(1, "text: A test\n")),
        incident("cccccc", merged=(1, f"into: {A}\n")),
    )
    found = the(graph)
    assert (found.total.incidents, found.cancelled, found.merged) == ((A,), (B,), (C,))


def test_the_measures_of_what_was_merged_count_for_the_one_that_goes_on_each_once(graph_of, incident, measure):
    found = the(
        graph_of(
            incident("aaaaaa"),
            incident("bbbbbb", merged=(1, f"into: {A}\n")),
            incident("cccccc", merged=(1, f"into: {B}\n")),
            measure("aaaaaa", A, "2026-11-10", anchored=True),
            measure("bbbbbb", B, "2026-11-10"),
            measure("cccccc", C, "2026-12-10"),
            {"slo/x.yaml": "in place: yes\n"},
        )
    ).total.measures
    ids = [f"measure-20261103-{one}" for one in ("aaaaaa", "bbbbbb", "cccccc")]
    assert (found.anchored, found.open, found.overdue) == ((ids[0],), (ids[1], ids[2]), (ids[1],))


def test_an_incident_counts_on_the_day_it_was_declared(graph_of, incident):
    last = datetime(2026, 10, 31, 22, 59, tzinfo=UTC)  # 23:59 in Berlin
    graph = graph_of(incident("aaaaaa", last), incident("bbbbbb", last + timedelta(minutes=1)))
    assert the(graph).total.incidents == ("incident-20261031-bbbbbb",)


def test_what_is_imported_is_counted_apart_unless_asked_for(graph_of, incident):
    graph = graph_of(incident("aaaaaa"), incident("bbbbbb", imported=True))
    assert [(one.of, one.total.incidents) for one in figures(graph).populations] == [
        ("written here", (A,)),
        ("imported", (B,)),
    ]
    assert the(graph, imported="with").total.incidents == (A, B)
    assert the(graph, imported="without").total.incidents == (A,)
    assert the(graph, imported="only").total.incidents == (B,)


def test_a_damaged_incident_is_left_out_and_one_without_a_declaration_is_in_no_period(graph_of, incident):
    files = incident("bbbbbb", acknowledged=1)
    event = next(path for path in files if "acknowledged" in path)
    undeclared = {path: text for path, text in incident("cccccc").items() if "opened" not in path}
    found = report(graph_of(incident("aaaaaa"), files, {event: "type: [\n"}, undeclared), NOVEMBER, NOW)
    assert found.populations[0].total.incidents == (A,)
    assert (found.damaged, found.undeclared) == ((B,), (C,))


def test_only_some_services_and_severities(graph_of, incident):
    graph = graph_of(
        incident("aaaaaa", severity="sev1"),
        incident("bbbbbb", services="payroll, archive"),
        incident("cccccc", services="archive"),
    )
    assert the(graph, wanted=Wanted(services=("payroll",))).total.incidents == (B,)
    assert the(graph, wanted=Wanted(severities=("sev1", "sev2"))).total.incidents == (A,)
    by = the(graph, by="service", wanted=Wanted(services=("payroll",)))
    assert [one.name for one in by.groups] == ["payroll"]


@pytest.mark.parametrize(
    ("by", "groups"),
    [
        ("service", {"archive": (B,), "ledger": (A,), "payroll": (B,), "unknown": (C,)}),
        ("team", {"finance": (A, B), "records": (B,), "unknown": (C,)}),
        ("severity", {"sev1": (B,), "sev3": (A, C)}),
        ("month", {"2026-11": (A, B, C)}),
    ],
)
def test_groups_hold_an_incident_under_each_of_its_names(graph_of, incident, by, groups):
    graph = graph_of(
        incident("aaaaaa"),
        incident("bbbbbb", services="payroll, archive", severity="sev1"),
        incident("cccccc", services=""),
    )
    found = the(graph, by=by)
    assert {one.name: one.incidents for one in found.groups} == groups
    assert list(groups) == [one.name for one in found.groups]


def many(incident, day, minutes, step=1):
    """Ten incidents on a day, resolved after about so many minutes."""
    tails = ("".join(pair) * 3 for pair in zip("0123456789", "abcdefghjk", strict=True))
    files = {}
    for number, tail in enumerate(tails):
        files |= incident(tail, MONDAY.replace(day=day), started=0, resolved=minutes + step * number)
    return files


@pytest.mark.parametrize(
    ("minutes", "and_one_of", "said"),
    [
        (60, None, "shorter by 30 min: on either side all are alike"),
        (90, None, "no change: on either side all are alike"),
        (60, 200, "shorter by 30 min: how sure cannot be said, too many are alike"),
        (90, 200, "no change: how sure cannot be said, too many are alike"),
    ],
)
def test_where_many_are_alike_no_bounds_are_told(graph_of, incident, minutes, and_one_of, said):
    week = Period(date(2026, 11, 9), date(2026, 11, 15), BERLIN)
    other = incident("zzzzzz", MONDAY.replace(day=10), started=0, resolved=and_one_of) if and_one_of else {}
    graph = graph_of(many(incident, 4, 90, step=0), many(incident, 10, minutes, step=0), other)
    assert trend(clock(report(graph, week, NOW).populations[0].total, "resolve")) == said


def test_the_median_is_compared_with_the_days_before(graph_of, incident):
    week = Period(date(2026, 11, 9), date(2026, 11, 15), BERLIN)
    graph = graph_of(many(incident, 4, 100), many(incident, 10, 40))
    found = clock(report(graph, week, NOW).populations[0].total, "resolve")
    assert (found.before.spread.median, found.wall.spread.median) == (104.5 * 60, 44.5 * 60)
    assert found.shift.change == -3600
    assert found.shift.is_sure
    assert (
        clock(report(graph, replace(week, last=date(2026, 11, 11)), NOW).populations[0].total, "resolve").shift is None
    )


def test_a_month_is_compared_with_the_month_before_it(graph_of, incident):
    october = datetime(2026, 10, 5, 9, 0, tzinfo=UTC)
    graph = graph_of(incident("aaaaaa", october, started=0, resolved=30), incident("bbbbbb", started=0, resolved=60))
    (month,) = the(graph, by="month").groups
    found = clock(month, "resolve")
    assert (dict(found.before.known), dict(found.wall.known)) == ({"incident-20261005-aaaaaa": 1800}, {B: 3600})


def test_noticed_first_is_a_share_of_those_whose_source_is_known(graph_of, incident):
    graph = graph_of(
        incident("aaaaaa", detected_by="slo"),
        incident("bbbbbb", detected_by="user"),
        incident("cccccc", detected_by="null"),
    )
    assert the(graph).total.noticed == Share((A,), (B,), {C: "how it was noticed is not known"})


BECAUSE = "no_measure_because: A one-off\n"


def test_closed_with_a_reason_counts_minor_ones_that_have_nothing_else(graph_of, incident):
    graph = graph_of(
        incident("aaaaaa", resolved=1, closed=(2, BECAUSE)),
        incident("bbbbbb", resolved=1, closed=2),
        incident("cccccc", resolved=1, imported=True, closed=(2, BECAUSE)),
        incident("dddddd", resolved=1, closed=2),
        problem(D),
    )
    own, imported = figures(graph).populations
    assert (own.total.no_measure.yes, own.total.no_measure.no) == ((A,), (B, D))
    assert own.total.no_measure.by == {A: "reason", B: "nothing", D: "problem"}
    assert imported.total.no_measure.unknown == {C: "imported: its measures are not told"}


def test_what_an_incident_was_closed_with_is_what_stands_now(graph_of, incident, measure):
    files = (incident("aaaaaa", resolved=1, closed=(2, BECAUSE)), measure("mmmmmm", A, "2026-11-10", anchored=True))
    found = the(graph_of(*files)).total.no_measure
    assert (found.yes, found.by) == ((A,), {A: "reason"}), "what anchors it is not there"
    found = the(graph_of(*files, problem(A))).total.no_measure
    assert (found.yes, found.by) == ((), {A: "problem"}), "though a reason was given before"
    found = the(graph_of(*files, {"slo/x.yaml": "in place: yes\n"})).total.no_measure
    assert found.by == {A: "measure"}


@pytest.mark.parametrize("path", ["problems/2026/problem-20261103-pppppp/problem.yaml", MEASURE])
def test_what_was_closed_is_unknown_while_what_it_may_rest_on_is_damaged(graph_of, incident, path):
    files = (incident("aaaaaa", resolved=1, closed=(2, BECAUSE)), incident("bbbbbb", resolved=1, closed=2))
    found = damaged(graph_of(*files, {path: "title: [\n"})).no_measure
    assert (found.yes, found.no, sorted(found.unknown)) == ((), (), [A, B])


def test_measures_are_anchored_open_and_overdue(graph_of, incident, measure):
    files = (
        incident("aaaaaa"),
        measure("aaaaaa", A, "2026-11-10", anchored=True),
        measure("bbbbbb", A, "2026-11-22"),
        measure("cccccc", A, "2026-11-23"),
    )
    gone = the(graph_of(*files)).total.measures
    assert (gone.count, gone.anchored) == (3, ()), "what anchors it is not there"
    assert "measure-20261103-aaaaaa" in gone.open
    assert "measure-20261103-aaaaaa" in gone.overdue
    found = the(graph_of(*files, {"slo/x.yaml": "in place: yes\n"})).total.measures
    assert found.count == 3
    assert found.anchored == ("measure-20261103-aaaaaa",)
    assert found.open == ("measure-20261103-bbbbbb", "measure-20261103-cccccc")
    assert found.overdue == ("measure-20261103-bbbbbb",)


def test_a_measure_with_a_damaged_file_is_unknown(graph_of, incident, measure):
    files = measure("aaaaaa", A, "2026-11-10", anchored=True)
    event = next(path for path in files if "anchored" in path)
    found = report(graph_of(incident("aaaaaa"), files, {event: "type: [\n"}), NOVEMBER, NOW)
    assert found.populations[0].total.measures.unknown == ("measure-20261103-aaaaaa",)


def test_of_a_measure_without_its_first_file_nobody_knows_whose_it_is(graph_of, incident):
    group = damaged(graph_of(incident("aaaaaa"), {MEASURE: "title: [\n"}))
    assert (group.measures.count, group.measures.lost) == (0, ("measure-20261103-mmmmmm",))
    assert measures(group.measures) == "unknown of 1"


def problem(*incidents):
    """A problem that these incidents are linked to."""
    folder = "problems/2026/problem-20261103-pppppp"
    files = {f"{folder}/problem.yaml": "title: P\nservices: [ledger]\nopened_at: 2026-11-03T10:00:00Z\nby: ada\n"}
    for number, name in enumerate(incidents):
        files[f"{folder}/{number:03}-incident.yaml"] = (
            f"type: incident\nat: 2026-11-20T10:00:00Z\nrecorded_at: 2026-11-20T10:00:0{number}Z\nby: ada\nincident: {name}\n"
        )
    return files


def test_recurrences_are_the_later_ones_of_a_problem_and_a_measure_may_not_have_held(graph_of, incident, measure):
    later = MONDAY + timedelta(days=7)
    again = "incident-20261109-bbbbbb"
    files = (incident("aaaaaa"), incident("bbbbbb", later), incident("cccccc"), problem(A, again))
    found = the(graph_of(*files)).total.recurrences
    assert dict(found.found) == {again: "aaaaaa before, problem pppppp"}
    assert found.despite == ()
    anchored = measure("mmmmmm", A, "2026-11-10", anchored=True)
    assert the(graph_of(*files, anchored)).total.recurrences.despite == (), "what anchored it is not there"
    found = the(graph_of(*files, anchored, {"slo/x.yaml": "in place: yes\n"})).total.recurrences
    assert found.despite == (again,)


def test_whether_an_incident_recurred_is_unknown_while_a_problem_is_damaged(graph_of, incident):
    later = MONDAY + timedelta(days=7)
    again = "incident-20261109-bbbbbb"
    held = problem(A, again)
    files = (incident("aaaaaa"), incident("bbbbbb", later), incident("cccccc"), held)
    group = the(graph_of(*files)).total
    assert (dict(group.recurrences.unknown), recurrences(group)) == ({}, "1")
    group = damaged(graph_of(*files, {"problems/2026/problem-20261103-qqqqqq/problem.yaml": "title: [\n"}))
    assert (sorted(group.recurrences.unknown), recurrences(group)) == ([A, C], "1; unknown: 2")
    group = damaged(graph_of(*files, {next(iter(held)): "title: [\n"}))
    assert (list(group.recurrences.found), recurrences(group)) == ([], "unknown of 3")


def test_whether_an_incident_recurred_is_unknown_where_one_of_its_problem_is_damaged(graph_of, incident):
    later = MONDAY + timedelta(days=7)
    again = "incident-20261109-bbbbbb"
    first = {f"incidents/2026/{A}/incident.yaml": "title: [\n"}
    group = damaged(graph_of(incident("aaaaaa"), incident("bbbbbb", later), problem(A, again), first))
    assert group.recurrences.unknown == {
        again: "a file of incident aaaaaa is damaged, which may have come before, problem pppppp"
    }


READINGS = st.dictionaries(
    st.text("abcdef", min_size=1, max_size=4), st.floats(0, 1e7) | st.sampled_from(["no", "not yet"])
)


@given(READINGS, st.randoms())
def test_neither_order_nor_what_is_unknown_changes_the_numbers(readings, random):
    pairs = list(readings.items())
    random.shuffle(pairs)
    found = figure(pairs)
    assert found == figure(readings.items())
    only_known = figure([(name, one) for name, one in pairs if not isinstance(one, str)])
    assert found.spread == only_known.spread
    assert len(found.known) + len(found.unknown) == len(readings)
    assert list(found.known.values()) == sorted(found.known.values())


HOURS = st.builds(
    Hours,
    open=st.lists(
        st.builds(
            OpenHours,
            days=st.sampled_from([("mon-fri",), ("sat",), ("mon", "wed"), ("mon-sun",)]),
            from_=st.sampled_from(["00:00", "02:30", "08:00", "22:00"]),
            until=st.sampled_from(["06:00", "12:00", "18:00", "24:00"]),
        ),
        max_size=2,
    ).map(tuple),
    holidays=st.sampled_from([None, "DE-BE"]),
)
MOMENTS = st.datetimes(datetime(2019, 1, 1), datetime(2027, 1, 1), timezones=st.just(BERLIN))


@given(HOURS, MOMENTS, st.timedeltas(timedelta(0), timedelta(days=900)))
def test_hours_are_those_that_opening_hours_count_one_by_one(hours, start, length):
    times = OpenTimes(hours, BERLIN)
    end = start + length
    if end >= start:
        assert OpenSum([times]).between(start, end) == pytest.approx(
            times.between(start, end).total_seconds(), abs=1e-3
        )


@pytest.mark.parametrize(
    ("yes", "no", "text"),
    [
        (0, 3, "0 of 3 (0 %)"),
        (1, 999, "1 of 1,000 (< 1 %)"),
        (999, 1, "999 of 1,000 (99 %)"),
        (3, 0, "3 of 3 (100 %)"),
        (0, 0, "none"),
    ],
)
def test_a_share_is_never_rounded_to_all_or_nothing(yes, no, text):
    names = [str(number) for number in range(yes + no)]
    assert share(Share(tuple(names[:yes]), tuple(names[yes:]), {})) == text


def test_of_what_nobody_knows_there_is_no_share():
    assert share(Share((), (), {"a": "why"})) == "unknown of 1"

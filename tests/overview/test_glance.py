"""svcops service show: what an engineer asks at night, in the order in which it is asked."""

from datetime import UTC, datetime, timedelta

import pytest

SERVICE = "catalogue/services/ledger.yaml"
EXERCISE = "exercises/2026/exercise-20261101-aaaaaa/exercise.yaml"
RATIO = """\
  indicator:
    metadata: {name: posting}
    spec:
      ratioMetric:
        counter: false
        good: {metricSource: {metricSourceRef: samples, spec: {query: good}}}
        total: {metricSource: {metricSourceRef: samples, spec: {query: total}}}
"""
SOURCE = """\
apiVersion: openslo/v1
kind: DataSource
metadata: {name: samples}
spec:
  type: CSV
  connectionDetails: {path: metrics/ledger.csv, time: time, unit: iso}
"""


@pytest.fixture
def measured(ledger):
    """The SLO of the ledger reads samples; the test writes them."""
    text = ledger.store.read("slo/ledger.yaml")
    assert "  indicatorRef: posting\n" in text
    ledger.store.write("slo/ledger.yaml", text.replace("  indicatorRef: posting\n", RATIO))
    ledger.store.write("slo/sources.yaml", SOURCE)
    ledger.store.commit("Measure it")
    return ledger


def samples(good: int, until: str = "2026-11-23T07:00:00Z") -> str:
    return f"time,good,total\n2026-10-01T00:00:00Z,100,100\n2026-11-10T00:00:00Z,{good},1000\n{until},100,100\n"


def test_the_page_begins_with_what_one_needs_first(ledger):
    headings = [
        line.split("(")[0].split(":")[0].strip() for line in ledger("service", "show", "ledger").out.split("\n")
    ]
    wanted = [
        "ledger  Ledger",
        "Open incidents",
        "Service levels",
        "Whom to call now",
        "Runbooks",
        "Who answers",
        "Promised by books",
        "Depends on",
        "Core workflows",
        "Profile",
    ]
    places = [headings.index(one) for one in wanted]
    assert places == sorted(places)


def test_the_page_of_a_quiet_night(measured):
    measured.store.write("metrics/ledger.csv", samples(999))
    page = measured("service", "show", "ledger").out
    assert page.split("\nWho answers\n")[0] == (
        """\
ledger  Ledger
  Keeps the books.

  tier         1
  lifecycle    production
  record       catalogue/services/ledger.yaml

Open incidents: none

Service levels
  met  posting  99.909 % of 99 %  30d, budget left 90.9 %

Whom to call now (sev1; more: svcops escalate ledger)
  telephone  +49 30 1  Noor Voorbeeld  on call until further notice

Runbooks
  runbooks/ledger/late.md  passed 2026-11-01  Postings are late
"""
    )
    assert page.endswith("\nProfile: meets provable (more: svcops score ledger)\n")


def test_a_level_that_is_missed_stands_first(measured):
    measured.store.write("metrics/ledger.csv", samples(900))
    assert "\nService levels\n  breached  posting  " in measured("service", "show", "ledger").out
    slos = measured("service", "show", "ledger", "--json").json["service"]["slos"]
    assert [(one["name"], one["verdict"]) for one in slos] == [("posting", "breached")]


def test_a_service_whose_slo_is_damaged_is_not_one_without(ledger):
    text = ledger.store.read("slo/ledger.yaml").replace("Occurrences", "Ocurrences")
    ledger.store.write("slo/ledger.yaml", text)
    assert "\nService levels: no SLO that can be read\n" in ledger("service", "show", "ledger", code=2).out


def test_a_level_with_exclusions_is_shown_with_the_one_without(measured):
    measured.store.write("metrics/ledger.csv", samples(900))
    measured.store.write(
        "slo/exclusions/a.yaml",
        "title: Restart\nreason: Agreed\nreviewed_by: noor\nservices: [ledger]\n"
        "times: [{from: 2026-11-09T00:00:00Z, until: 2026-11-10T00:00:00Z}]\n",
    )
    out = measured("service", "show", "ledger").out
    assert "\nService levels\n  met  posting  100.000 % of 99 %" in out
    assert "\n  ! posting: without exclusions 90.909 %, breached\n" in out


def test_too_few_samples_are_no_level(measured):
    measured.store.write("metrics/ledger.csv", "time,good,total\n2026-11-23T06:00:00Z,1,1\n2026-11-23T07:00:00Z,1,1\n")
    out = measured("service", "show", "ledger").out
    assert "  not enough data  posting  unknown" in out
    assert "  ! posting: samples speak for 2 h 16 min of 30 d, and 50 % have to be known" in out


def test_samples_that_are_not_there_are_a_remark_and_hide_nothing(measured):
    said = measured("service", "show", "ledger")
    assert "  not worked out  posting\n" in said.out
    assert "no file matches metrics/ledger.csv" in said.out
    assert "Whom to call now" in said.out
    errors = measured("service", "show", "ledger", "--json").json["service"]["slo_errors"]
    assert "no file matches" in errors[0]["message"]


def test_only_the_samples_of_this_service_are_read(measured):
    """Those of another service may be damaged: nobody asked for them."""
    other = measured.store.read("slo/ledger.yaml").partition("\n---\n")[0].replace("ledger", "identity")
    other = other.replace("posting", "sign-in").replace("metricSourceRef: samples", "metricSourceRef: broken")
    measured.store.write("slo/identity.yaml", other + "\n")
    measured.store.write("slo/broken.yaml", SOURCE.replace("name: samples", "name: broken").replace("ledger", "broken"))
    measured.store.write("metrics/broken.csv", "nothing\nof,use\n")
    measured.store.write("metrics/ledger.csv", samples(999))
    found = measured("service", "show", "ledger", "--json").json["service"]
    assert [one["name"] for one in found["slos"]] == ["posting"]
    assert found["slo_errors"] == []


def opened(ledger, title: str, service: str, severity: str, *more: str) -> str:
    given = (f"--service={service}", f"--severity={severity}", "--detected-by=user", *more)
    return ledger("incident", "open", title, *given).id


@pytest.mark.parametrize("file", ["incident.yaml", "timeline/*-opened-*.yaml"])
def test_of_a_damaged_incident_nobody_can_tell_whether_it_goes_on(ledger, file):
    found = opened(ledger, "No postings", "ledger", "sev1")
    (path,) = ledger.store.root.glob(f"incidents/*/{found}/{file}")
    path.write_text(f"{path.read_text()}<<<<<<< HEAD\n")
    out = ledger("service", "show", "ledger", code=2).out
    assert "normal operations" not in out
    assert f"  damaged, and nobody can tell of which service, or whether it goes on: {found[-6:]}\n" in out
    assert ("\nOpen incidents: none that can be read\n" in out) == (file == "incident.yaml")


def test_incidents_that_are_not_over_are_told_what_hurts_first(ledger):
    hurts = opened(ledger, "No postings", "ledger", "sev1", "--started", "-2h")
    over = opened(ledger, "Reports are late", "ledger", "sev4")
    ledger("incident", "resolve", over)
    opened(ledger, "No sign-in", "identity", "sev2")
    out = ledger("service", "show", "ledger").out
    assert f"\nOpen incidents\n  {hurts[-6:]}  sev1, major  incident, 2 h 4 min" in out
    first, second = out.split("\nOpen incidents\n")[1].splitlines()[:2]
    assert "No postings" in first
    assert f"{over[-6:]}  sev4         post-mortem, " in second
    assert "No sign-in" not in out.split("\nDisturbed, of what it needs\n")[0]
    incidents = ledger("service", "show", "ledger", "--json").json["service"]["incidents"]
    assert [(one["id"], one["phase"]) for one in incidents] == [(hurts, "incident"), (over, "post-mortem")]


def section_of(page, heading):
    return page.split(f"\n{heading}\n")[1].split("\n\n")[0].splitlines()


@pytest.fixture
def deep(ledger):
    """The ledger needs identity, which needs the directory, which needs it in turn."""
    for name, needs in (("identity", "directory"), ("directory", "identity")):
        text = f"title: {name}\nowner: books\ndependencies: [{{service: {needs}, critical: false}}]\n"
        ledger.store.write(f"catalogue/services/{name}.yaml", text)
    ledger.store.commit("What it needs")
    return ledger


def test_what_it_needs_is_marked_where_that_is_disturbed(deep):
    hurts = opened(deep, "No sign-in", "identity", "sev1")
    page = deep("service", "show", "ledger").out
    assert "\nOpen incidents: none\n" in page
    (line,) = section_of(page, "Disturbed, of what it needs")
    assert line == f"  identity  {hurts[-6:]}  sev1, major  incident, 1 min  No sign-in"
    assert f"    ! disturbed: {hurts[-6:]}, sev1, major, incident, 1 min" in section_of(page, "Depends on")
    (identity,) = deep("service", "show", "ledger", "--json").json["service"]["depends_on"]
    assert [(one["service"], one["incident"]["id"]) for one in identity["disturbed"]] == [("identity", hurts)]


def test_so_is_what_needs_something_that_is_disturbed(deep):
    hurts = opened(deep, "No names", "directory", "sev2")
    page = deep("service", "show", "ledger").out
    assert section_of(page, "Disturbed, of what it needs")[0].startswith(f"  directory  {hurts[-6:]}  sev2")
    assert f"    ! disturbed: needs directory: {hurts[-6:]}, sev2, major, incident, 1 min" in page


def test_what_is_resolved_disturbs_nothing_and_what_is_its_own_is_told_as_such(deep):
    over = opened(deep, "No sign-in", "identity", "sev1")
    deep("incident", "resolve", over)
    opened(deep, "No postings", "ledger", "sev1")
    page = deep("service", "show", "ledger").out
    assert "isturbed" not in page
    (identity,) = deep("service", "show", "ledger", "--json").json["service"]["depends_on"]
    assert identity["disturbed"] == []


def test_of_runbooks_and_agreements_it_is_said_that_there_are_none(ledger):
    ledger.store.write("catalogue/services/wiki.yaml", "title: Wiki\nowner: books\n")
    page = ledger("service", "show", "wiki").out
    assert "\nRunbooks: none\n" in page
    assert "\nPromised: no agreement\n" in page
    ledger.store.write("runbooks/wiki/start.md", "---\ntitle: [\n---\n")
    ledger.store.write("catalogue/agreements/wiki.yaml", "title: [\n")
    page = ledger("service", "show", "wiki", code=2).out
    assert "\nRunbooks: none that can be read\n" in page
    assert "\nPromised: no agreement that can be read\n" in page


def test_an_incident_that_is_closed_is_no_longer_told(ledger):
    told = ledger(
        "incident", "open", "Reports are late", "--service=ledger", "--severity=sev4", "--detected-by=user"
    ).id
    ledger("incident", "resolve", told)
    ledger("incident", "close", told, "--no-measure-because", "A one-off")
    assert "Open incidents: none" in ledger("service", "show", "ledger").out


def test_maintenance_stands_above_whom_to_call(ledger):
    ledger.store.write(
        "maintenance/2026/maintenance-20261123-aaaaaa.yaml",
        "title: New disks\nservices: [ledger]\nreason: Full\nby: noor\n"
        "planned: {from: 2026-11-23T06:00:00Z, until: 2026-11-23T09:00:00Z}\nactual: {from: 2026-11-23T06:05:00Z}\n",
    )
    out = ledger("service", "show", "ledger").out
    assert out.index("under way since 2026-11-23 07:05, planned until 2026-11-23 10:00") < out.index("Whom to call now")


def test_who_stands_in_and_who_is_next_are_told_once(ledger):
    person = "name: {0}\ncontacts: [{{channel: telephone, address: '+49 30 2'}}]\n"
    ledger.store.write("catalogue/people/robin.yaml", person.format("Robin Sample"))
    noor = "catalogue/people/noor.yaml"
    ledger.store.write(noor, ledger.store.read(noor) + "deputies: [robin]\n")
    ledger.store.write(
        "catalogue/escalations/finance.yaml",
        "title: Finance\nlevels:\n  - notify: [{schedule: finance}]\n  - {after: 30m, notify: [{team: finance}]}\n",
    )
    out = ledger("service", "show", "ledger").out
    assert out.split("svcops escalate ledger)\n")[1].split("\n\n")[0].splitlines() == [
        "  telephone  +49 30 1  Noor Voorbeeld  on call until further notice",
        "  telephone  +49 30 2  Robin Sample    or, in their place",
        "  chat       #fin      Finance         if no answer by 08:46",
    ]


@pytest.mark.parametrize(
    ("turn", "until"), [("1d", "Tue 09:00"), ("7d", "Mon 11-30 09:00")], ids=["tomorrow", "in a week"]
)
def test_a_time_has_its_day_where_it_is_not_today_and_its_date_where_that_is_far(ledger, turn, until):
    schedule = "catalogue/schedules/finance.yaml"
    ledger.store.write(
        schedule, ledger.store.read(schedule).replace("[noor]", "[noor, ada]").replace("}]", f", turn: {turn}}}]")
    )
    ledger.now += timedelta(hours=1)
    assert f"on call until {until}\n" in ledger("service", "show", "ledger").out


def test_every_command_says_the_same_of_who_is_on_call_until_when(ledger):
    ledger.store.write(
        "catalogue/schedules/finance.yaml",
        "title: Finance\nrotations: [{people: [ada, noor], starts: '2026-11-16'}]\n"
        "overrides:\n  - {person: ada, from: '2026-11-26T09:00:00+01:00', until: '2026-11-30T09:00:00+01:00'}\n",
    )
    ada = "name: Ada Example\ncontacts: [{channel: telephone, address: '+49 30 2'}]\n"
    ledger.store.write("catalogue/people/ada.yaml", ada)
    ledger.now = datetime(2026, 11, 27, 9, tzinfo=UTC)
    assert "on call until Mon 12-07 09:00" in ledger("service", "show", "ledger").out
    assert "Ada Example (ada), on call in finance until Mon 2026-12-07 09:00" in ledger("escalate", "ledger").out
    assert "\tMon 2026-12-07 09:00\tNoor Voorbeeld from Mon 2026-12-07 09:00" in ledger("schedule", "list").out
    page = ledger("schedule", "show", "finance").out
    assert page.startswith("On call now: Ada Example (ada) until Mon 2026-12-07 09:00")
    (called,) = ledger("escalate", "ledger", "--json").json["escalation"]["levels"][0]["calls"]
    (listed,) = ledger("schedule", "list", "--json").json["schedules"]
    until = (called["until"], listed["on_call"]["until"], listed["next"]["from"])
    assert until == ("2026-12-07T08:00:00Z",) * 3


def test_who_is_on_call_alone_is_so_until_further_notice(ledger):
    assert "on call until further notice" in ledger("service", "show", "ledger").out
    assert ", on call in finance until further notice\n" in ledger("escalate", "ledger").out
    (listed,) = ledger("schedule", "list", "--json").json["schedules"]
    assert (listed["on_call"]["person"], listed["on_call"]["until"], listed["next"]) == ("noor", None, None)


def test_where_the_policy_leads_to_nobody_the_owner_is_called(ledger):
    ledger.store.write("catalogue/escalations/finance.yaml", "title: F\nlevels:\n  - notify: [{person: gone}]\n")
    out = ledger("service", "show", "ledger").out
    assert "  chat       #fin      Finance         answers for it\n" in out
    assert "  ! gone is not in the catalogue\n" in out


def test_who_comes_in_place_of_somebody_is_told_in_place_of_whom(ledger):
    ledger.store.write("catalogue/schedules/finance.yaml", "title: F\nteam: finance\n")
    out = ledger("service", "show", "ledger").out
    assert "  chat       #fin      Finance         at once, in place of schedule finance\n" in out
    assert "  telephone  +49 30 1  Noor Voorbeeld  or, in their place\n" in out


@pytest.mark.parametrize("schedule", ["title: [\n", "title: Finance\n"], ids=["damaged", "without anybody"])
def test_nobodys_answer_is_waited_for_where_the_first_level_reaches_nobody(ledger, schedule):
    ledger.store.write("catalogue/schedules/finance.yaml", schedule)
    ledger.store.write(
        "catalogue/escalations/finance.yaml",
        "title: Finance\nlevels:\n  - notify: [{schedule: finance}]\n  - {after: 30m, notify: [{team: finance}]}\n"
        "  - {after: 1h, notify: [{person: noor}]}\n",
    )
    out = ledger("service", "show", "ledger", code=None).out
    assert out.split("svcops escalate ledger)\n")[1].splitlines()[:2] == [
        "  chat       #fin      Finance         at once",
        "  telephone  +49 30 1  Noor Voorbeeld  or, in their place",
    ]


def test_a_policy_that_waits_before_it_calls_anybody_is_followed(ledger):
    text = "title: Finance\nlevels: [{after: 30m, notify: [{team: finance}]}]\n"
    ledger.store.write("catalogue/escalations/finance.yaml", text)
    assert "Finance         if no answer by 08:46" in ledger("service", "show", "ledger").out


def test_the_owner_goes_before_a_level_that_is_reached_years_later(ledger):
    text = "title: F\nlevels:\n  - {after: 1000d, notify: [{person: noor}]}\n"
    ledger.store.write("catalogue/escalations/finance.yaml", text)
    out = ledger("service", "show", "ledger").out
    assert out.index("answers for it") < out.index("if no answer by")


def test_doubts_about_the_support_hours_are_told(ledger):
    text = "title: F\nlevels:\n  - {during: support-hours, notify: [{person: noor}]}\n"
    ledger.store.write("catalogue/escalations/finance.yaml", text)
    books = "catalogue/agreements/books.yaml"
    ledger.store.write(books, ledger.store.read(books).replace("2027-12-31", "2026-11-20"))
    out = ledger("service", "show", "ledger").out
    assert "  ! no agreement is in force: the support hours are those of books, which ended on 2026-11-20\n" in out


def test_nobody_at_all_is_said_loudly(ledger):
    ledger.store.write("catalogue/teams/finance.yaml", "title: Finance\n")
    ledger.store.write("catalogue/people/noor.yaml", "name: Noor Voorbeeld\n")
    assert "  nobody can be reached: no contact of any level" in ledger("service", "show", "ledger").out


def test_a_runbook_that_failed_since_says_both(ledger):
    later = ledger.store.read(EXERCISE).replace("ended_at: 2026-11-01", "ended_at: 2026-11-20")
    ledger.store.write(
        EXERCISE.replace("20261101-aaaaaa", "20261120-bbbbbb"), later.replace("result: passed", "result: failed")
    )
    assert "late.md  failed 2026-11-20, passed 2026-11-01  Postings" in ledger("service", "show", "ledger").out
    runbook = ledger("service", "show", "ledger", "--json").json["service"]["runbooks"][0]
    assert (runbook["last_passed"], runbook["failed_since"]) == ("2026-11-01T10:00:00Z", "2026-11-20T10:00:00Z")


def test_json_has_all_that_the_catalogue_has_and_more(ledger):
    from svcops.catalogue.presenting import detail
    from svcops.store.graph import Graph

    graph = Graph(ledger.store.root)
    own = detail(graph, graph.all("service")["ledger"], ledger.now)
    found = ledger("service", "show", "ledger", "--json").json
    assert found["schema"] == "svcops.service/1"
    assert list(found["service"])[: len(own)] == list(own)
    assert list(found["service"])[len(own) :] == [
        "incidents",
        "known_errors",
        "slos",
        "slo_errors",
        "call_now",
        "score",
    ]
    assert found["service"]["call_now"]["call_first"]["name"] == "noor"
    assert found["service"]["score"]["profile"] == "provable"


def test_of_an_external_service_no_levels_are_expected(ledger):
    ledger.store.write("catalogue/services/bank.yaml", "title: Bank\nowner: finance\nexternal: true\n")
    out = ledger("service", "show", "bank").out
    assert "Service levels" not in out
    assert "Runbooks" not in out
    assert "Service levels: no SLO" in ledger("service", "show", "identity").out


def test_quiet_is_the_name(ledger):
    assert ledger("service", "show", "Ledger", "--quiet").out == "ledger\n"


def test_the_other_verbs_are_there_in_their_order(ledger, capsys):
    ledger("service", "--help")
    lines = capsys.readouterr().out.split("Commands:\n")[1].splitlines()
    verbs = [line.split()[0] for line in lines if line.startswith("  ") and not line.startswith("   ")]
    assert verbs[:6] == ["list", "show", "graph", "impact", "new", "edit"]


def test_a_time_zone_that_nobody_knows_is_told(ledger):
    settings = ledger.store.read("svcops.yaml")
    ledger.store.write("svcops.yaml", settings.replace("Europe/Berlin", "Europe/Berln"))
    said = ledger("service", "show", "ledger", code=2)
    assert "Europe/Berln is not a known time zone, so times are in UTC" in said.err


def test_a_known_error_is_told_with_what_helps(ledger):
    problem = ledger("problem", "open", "Postings stall after a release", "--service", "ledger").id
    ledger("problem", "workaround", problem, "Restart the worker")
    assert "Known errors" not in ledger("service", "show", "ledger").out
    ledger("problem", "known-error", problem)
    out = ledger("service", "show", "ledger").out
    line = f"{problem[-6:]}  Postings stall after a release  workaround: Restart the worker"
    assert f"\nKnown errors\n  {line}\n" in out
    (told,) = ledger("service", "show", "ledger", "--json").json["service"]["known_errors"]
    assert told == {"id": problem, "title": "Postings stall after a release", "workaround": "Restart the worker"}

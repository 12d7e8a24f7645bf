"""Every figure of an SLO is explained down to its counts, each formula with its numbers."""

import shutil
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from svcops.slo.explaining import as_json, as_text, percent, steps
from svcops.slo.facts import Level
from svcops.slo.remarks import unselected

PROJECT = Path(__file__).parents[2]
EXAMPLE = """\
availability, objective 1, of shop: met
  window   after 2026-11-23T11:00:00Z until 2026-11-23T12:00:00Z, 1h rolling
  samples  metrics/a.csv, 2026-11-23T11:00:00Z to 2026-11-23T12:00:00Z, sha256 {digest}
  missing  nothing
  excluded nothing

  good      999750  sum of good in samples
  bad          250  total - good
  total    1000000  sum of total in samples

  SLI        = good / total                  = 999750 / 1000000  = 99.975 %
  budget     = (1 - target) x total          = 0.1 % x 1000000   = 1000
  spent      = bad / budget                  = 250 / 1000        = 25 %
  left       = budget - bad                  = 1000 - 250        = 750
  left       = 1 - spent                     = 100 % - 25 %      = 75 %
  burn rate  = (bad / total) / (1 - target)  = 0.025 % / 0.1 %   = 0.25
  target 99.9 % is reached: SLI 99.975 % >= 99.9 %"""


def burn(bad: int, total: int, target: str) -> str:
    return steps(Level(total - bad, total, Fraction(target)))[-1].shown


@pytest.fixture
def measured(world):
    world.csv(
        "metrics/a.csv",
        "timestamp,good,total",
        "2026-11-23T11:00:00Z,5,5",
        "2026-11-23T12:00:00Z,999750,1000000",
    )
    world.source()
    return world


def test_a_page_leads_from_the_files_to_the_verdict(measured) -> None:
    measured.slo(counter=False, target=0.999, good="good", total="total")
    (result,) = measured.report().results
    assert as_text(result) == EXAMPLE.format(digest=result.inputs[0].sha256[:12])


def test_by_bad_of_counters_it_says_what_grew(measured) -> None:
    measured.slo(counter=True, target=0.5, bad="good", total="total")
    (result,) = measured.report().results
    lines = [line.split() for line in as_text(result).splitlines()]
    assert ["bad", "999745", "increase", "of", "good", "in", "samples"] in lines
    assert ["good", "250", "total", "-", "bad"] in lines
    assert "target 50 % is missed" in as_text(result)


def test_without_a_level_there_are_no_numbers_and_the_reason(measured) -> None:
    calendar = {"startTime": "2027-01-01 00:00:00", "timeZone": "UTC"}
    measured.slo("to-come", counter=False, window="1M", calendar=calendar, good="good", total="total")
    (to_come,) = measured.report().results
    assert as_text(to_come) == (
        "to-come, objective 1, of shop: not enough data\n"
        "  its first window is still to come\n"
        "\n"
        "  good     -  sum of good in samples\n"
        "  bad      -  total - good\n"
        "  total    -  sum of total in samples"
    )


SLICED = """\
availability, objective 1, of shop: met
  window   after 2026-10-31T23:00:00Z until 2026-11-30T23:00:00Z, 1M of a calendar in Europe/Berlin
  samples  metrics/a.csv, 2026-11-23T11:00:00Z to 2026-11-23T12:00:00Z, sha256 {digest}
  missing  99.630314… % of the slices are without samples; left out
           2026-10-31T23:00:00Z to 2026-11-23T10:00:00Z, 22 d 11 h
  excluded nothing

  good   sum of good in samples
  total  sum of total in samples

  slices of 1 h, each good where good / total >= 99.99 %
  1 good of 2

  SLI        = good / total                      = 1 / 2                 = 50 %
  budget     = (1 - target) x all of the window  = 1 % x 181             = 1.81
  spent      = bad / budget                      = 1 / 1.81              = 55.248618… %
  left       = budget - bad                      = 1.81 - 1              = 0.81
  left       = 1 - spent                         = 100 % - 55.248618… %  = 44.751381… %
  burn rate  = (bad / total) / (1 - target)      = 50 % / 1 %            = 50
  as time the budget is 1 h 48 min 36 s, of which 48 min 36 s is left
  target 99 % is reached: bad 1 <= budget 1.81, of the whole window
  burn rate now: unknown over 5 min, unknown over 30 min, 100 over 1 h, 50 over 2 h, 50 over 6 h, 50 over 1 d, 50 over 3 d
  at that of the last 3 d the budget lasts 6 h 26 min more"""


def test_a_budget_of_time_is_explained_by_its_slices_and_the_whole_window(measured) -> None:
    measured.slo(
        counter=False,
        target=0.99,
        window="1M",
        calendar={"startTime": "2026-01-01 00:00:00", "timeZone": "Europe/Berlin"},
        method="Timeslices",
        objective={"timeSliceWindow": "1h", "timeSliceTarget": 0.9999},
        good="good",
        total="total",
    )
    (result,) = measured.report().results
    assert as_text(result) == SLICED.format(digest=result.inputs[0].sha256[:12])


@pytest.mark.parametrize(
    ("bad", "total", "target", "shown"),
    [
        (250, 1_000_000, "0.999", "0.25"),
        (30, 10**8, "0.9999995", "0.6"),
        (1444, 100_000, "0.999", "14.44"),
        (1, 3, "0", "0.333333…"),
        (1, 3 * 10**6, "0", "0.000000333333…"),
    ],
)
def test_burn_rates_are_exact(bad: int, total: int, target: str, shown: str) -> None:
    assert burn(bad, total, target) == shown


@given(st.integers(0, 10**6), st.integers(1, 10**6), st.integers(0, 999))
def test_what_is_spent_is_what_was_burnt_and_what_is_shown_are_its_first_digits(
    bad: int, more: int, mille: int
) -> None:
    level = Level(more, bad + more, Fraction(mille, 1000))
    named = {one.name: one for one in steps(level)}
    assert named["burn rate"].value == named["spent"].value
    assert named["spent"].value + named["left"].value == 1
    assert named["SLI"].value == Fraction(more, bad + more)
    for one in steps(level):
        share = Fraction(one.shown.removesuffix(" %").removesuffix("…")) / (100 if one.shown.endswith("%") else 1)
        assert share == one.value if "…" not in one.shown else abs(share) < abs(one.value)


@given(st.fractions(-2, 2))
def test_a_percentage_says_where_it_is_cut_off(share: Fraction) -> None:
    text = percent(share)
    shown = Fraction(text.removesuffix(" %").removesuffix("…"))
    assert (shown == share * 100) == ("…" not in text)


def test_programs_get_the_report_with_the_formulas(measured) -> None:
    measured.slo(counter=False, target=0.999, good="good", total="total")
    found = as_json(measured.report())
    (one,) = found["slos"]
    assert (found["schema"], one["sli"]) == ("svcops.slo-explain/1", 0.99975)
    asked = {"measure": "sum of", "source": "samples"}
    assert one["counted"] == {"good": {**asked, "query": "good"}, "total": {**asked, "query": "total"}}
    assert one["steps"][2] == {"name": "spent", "formula": "bad / budget", "numbers": "250 / 1000", "value": 0.25}


@pytest.fixture
def landscape(console):
    for folder in ("catalogue", "slo", "metrics"):
        shutil.copytree(PROJECT / folder, console.store.root / folder, dirs_exist_ok=True)
    return console


def test_as_it_is_typed(landscape) -> None:
    words = ("slo", "explain", "sign-in", "--at", "2026-11-23T00:00Z")
    said = landscape(*words)
    assert "  SLI        = good / total" in said.out
    found = landscape(*words, "--json").json
    assert found["schema"] == "svcops.slo-explain/1"
    assert landscape(*words, "--quiet").out == f"{found['slos'][0]['verdict']}\n" == "met\n"
    assert "Did you mean sign-in?" in landscape("slo", "explain", "signin", code=2).err


REQUESTS = [f"2026-11-23T{at}Z,req,10,200\n2026-11-23T{at}Z,req,5,500" for at in ("11:30:00", "12:00:00")]


def test_a_selector_that_matches_no_series_is_told_as_its_0_may_be_a_slip(world) -> None:
    world.csv("metrics/a.csv", "timestamp,metric,value,code", *REQUESTS)
    world.source()
    world.slo(counter=False, bad='req{code="5xx"}', total="req")
    found = world.report()
    said = 'no series matches req{code="5xx"}, so 0 are bad: that is right only if the selector is'
    assert unselected(found) == [f"availability: {said}"]
    assert f"  but      {said}" in as_text(found.results[0]).splitlines()
    assert world.json()["slos"][0]["nothing_selected"] is True


def test_a_selector_that_matches_a_series_says_nothing(world) -> None:
    world.csv("metrics/a.csv", "timestamp,metric,value,code", *REQUESTS)
    world.source()
    world.slo(counter=False, bad='req{code=~"5.."}', total="req")
    assert unselected(world.report()) == []


def test_what_is_assumed_for_missing_time_is_told_apart_from_what_was_counted(world) -> None:
    times = [f"2026-11-23T11:{minute:02}:00Z,1,2" for minute in range(31)]
    world.csv("metrics/a.csv", "timestamp,good,total", *times)
    world.source()
    world.slo(counter=False, target=0.1, good="good", total="total", no_data="bad")
    (result,) = world.report().results
    assert result.assumed == result.level.total - 60
    assert "  of which 60 are assumed, all of them bad, for the time without samples" in as_text(result).splitlines()

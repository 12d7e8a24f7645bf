"""The rules in a real Prometheus: `promtool check rules` reads them, `promtool test rules` runs them on series."""

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

PROMTOOL = shutil.which("promtool")
REFERENCE = Path(__file__).parents[2]
LANDSCAPE = ("svcops.yaml", "catalogue", "runbooks", "slo", "metrics")


@pytest.fixture(autouse=True)
def _needs_promtool() -> None:
    if PROMTOOL is None:
        if os.environ.get("CI") == "true":
            pytest.fail("promtool is not installed, and in CI the rules are tried: scripts/components installs it")
        pytest.skip("promtool is not installed: scripts/components installs it")


def promtool(*arguments: str, cwd: Path) -> None:
    done = subprocess.run(["promtool", *arguments], cwd=cwd, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def metric(query: str) -> Any:
    return {"metricSource": {"metricSourceRef": "prometheus", "spec": {"query": query}}}


def slo(ratio: Any = None, *, threshold: str = "", method: str = "Occurrences", **more: Any) -> Any:
    """An SLO of 99.9 % over 30 days; `more` is of its objective, or replaces a part of its spec."""
    indicator = {"ratioMetric": ratio} if ratio else {"thresholdMetric": metric(threshold)}
    spec = {
        "service": "ledger",
        "indicator": {"metadata": {"name": "sli"}, "spec": indicator},
        "timeWindow": more.pop("timeWindow", [{"duration": "30d", "isRolling": True}]),
        "alertPolicies": more.pop("alertPolicies", []),
        "budgetingMethod": method,
        "objectives": [{"target": 0.999, **more}],
    }
    return {"apiVersion": "openslo/v1", "kind": "SLO", "metadata": {"name": "postings"}, "spec": spec}


SOURCE = {
    "apiVersion": "openslo/v1",
    "kind": "DataSource",
    "metadata": {"name": "prometheus"},
    "spec": {"type": "Prometheus", "connectionDetails": {"url": "http://prometheus.example"}},
}
FILE = {"path": "metrics/file.csv", "metric": "metric"}
COUNTERS = {"counter": True, "good": metric('postings_total{code!~"5.."}'), "total": metric("postings_total")}
TWO_METRICS = {"counter": True, "bad": metric("errors_total"), "total": metric("postings_total")}
COUNTS = {"counter": False, "good": metric("postings_accepted"), "total": metric("postings_submitted")}
POLICY = {
    "kind": "AlertPolicy",
    "metadata": {"name": "FastBurn"},
    "spec": {
        "alertWhenBreaching": True,
        "alertWhenNoData": True,
        "conditions": [
            {
                "kind": "AlertCondition",
                "metadata": {"name": "fast"},
                "spec": {
                    "severity": "page",
                    "condition": {"op": "gte", "threshold": 2, "lookbackWindow": "30m", "alertAfter": "10m"},
                },
            }
        ],
    },
}

Try = Callable[..., None]


@pytest.fixture
def trial(console: Any, tmp_path: Path) -> Try:
    """Writes the rules of an SLO, and asks a Prometheus that evaluates them each minute.

    `asks` are expressions, the minute, and the value that is expected there; None where there is no value.
    """

    def run(
        document: Any, series: dict[str, str], *asks: tuple[str, int, float | None], options: tuple[str, ...] = ()
    ) -> None:
        console.store.write("slo/prometheus.yaml", json.dumps(SOURCE))
        console.store.write("slo/postings.yaml", json.dumps(document))
        (tmp_path / "rules.yaml").write_text(console("slo", "rules", *options).out, encoding="utf-8")
        promtool("check", "rules", "rules.yaml", cwd=tmp_path)
        test = {
            "interval": "1m",
            "input_series": [{"series": name, "values": values} for name, values in series.items()],
            "promql_expr_test": [
                {
                    "expr": f"sum({expression})",
                    "eval_time": f"{minute}m",
                    "exp_samples": [] if value is None else [{"labels": "{}", "value": value}],
                }
                for expression, minute, value in asks
            ],
        }
        plain = {"rule_files": ["rules.yaml"], "evaluation_interval": "1m", "tests": [test]}
        (tmp_path / "test.yaml").write_text(json.dumps(plain), encoding="utf-8")
        promtool("test", "rules", "test.yaml", cwd=tmp_path)

    return run


def firing(window: str, **labels: str) -> str:
    """How many alerts fire that look back over a window; not any where none does."""
    told = "".join(f',{label}="{value}"' for label, value in labels.items())
    return f'ALERTS{{alertstate="firing",window="{window}"{told}}}'


def burning(bad: int, minutes: int = 120) -> dict[str, str]:
    """Ten thousand postings a minute, and so many of them bad."""
    return {
        'postings_total{code="200"}': f"0+{10_000 - bad}x{minutes}",
        'postings_total{code="500"}': f"0+{bad}x{minutes}",
    }


def test_a_burn_rate_of_just_the_factor_does_not_alert_and_one_above_it_does(trial: Try) -> None:
    trial(slo(COUNTERS), burning(144), ("slo:bad_per_total:ratio1h", 100, 0.0144), (firing("1h"), 100, None))
    trial(slo(COUNTERS), burning(145), (firing("1h", severity="page", team="platform"), 100, 1))


def test_an_alert_ends_when_the_short_window_is_clean_although_the_long_one_is_not(trial: Try) -> None:
    series = {
        'postings_total{code="200"}': "0+9000x60 540000+10000x60",
        'postings_total{code="500"}': "0+1000x60 60000x60",
    }
    trial(
        slo(COUNTERS),
        series,
        (firing("1h"), 60, 1),
        ("slo:bad_per_total:ratio5m", 70, 0),
        ("slo:bad_per_total:ratio1h > bool 0.0144", 70, 1),
        (firing("1h"), 70, None),
    )


def test_without_samples_nothing_is_recorded_and_no_tier_alerts(trial: Try) -> None:
    trial(
        slo(COUNTERS),
        {'others_total{code="200"}': "0+1x120"},
        ("slo:total:rate1h", 100, None),
        ("slo:bad_per_total:ratio1h", 100, None),
        ('ALERTS{alertname=~".+"}', 100, None),
    )


def test_no_errors_yet_is_none_and_nothing_good_is_none(trial: Try) -> None:
    good, bad = {'postings_total{code="200"}': "0+10x120"}, {'postings_total{code="500"}': "0+10x120"}
    by_bad = {"counter": True, "bad": metric('postings_total{code=~"5.."}'), "total": metric("postings_total")}
    for ratio in (COUNTERS, by_bad):
        trial(slo(ratio), good, ("slo:bad:rate5m", 100, 0), ("slo:bad_per_total:ratio1h", 100, 0))
        trial(slo(ratio), bad, ("slo:bad_per_total:ratio1h", 100, 1), (firing("1h"), 100, 1))


def test_where_another_metric_is_missing_nothing_is_known(trial: Try) -> None:
    trial(
        slo(TWO_METRICS),
        {"postings_total": "0+10x120"},
        ("slo:total:rate1h", 100, 10 / 60),
        ("slo:bad:rate1h", 100, None),
        ("slo:bad_per_total:ratio1h", 100, None),
    )


def test_where_nothing_happened_there_is_no_ratio(trial: Try) -> None:
    idle = {'postings_total{code="200"}': "7x120"}
    trial(slo(COUNTERS), idle, ("slo:total:rate1h", 100, 0), ("slo:bad_per_total:ratio1h", 100, None))


def test_a_restart_of_a_counter_is_no_loss(trial: Try) -> None:
    series = {'postings_total{code="200"}': "0+10x50 0+10x70", 'postings_total{code="500"}': "0+10x50 0+10x70"}
    trial(slo(COUNTERS), series, ("slo:bad_per_total:ratio1h", 100, 0.5))


def test_the_ratio_of_a_long_window_is_that_of_the_sums_and_no_mean_of_ratios(trial: Try) -> None:
    """A busy hour with few errors, and a quiet one with many: 100 bad of 10,000, then 60 of 100."""
    series = {"postings_submitted": "10000 100 _x100", "postings_accepted": "9900 40 _x100"}
    trial(
        slo(COUNTS),
        series,
        ("slo:total:sum1h", 5, 10_100),
        ("slo:bad:sum1h", 5, 160),
        ("slo:bad_per_total:ratio1h", 5, 0.015841584158),
    )


@pytest.mark.parametrize(("raw_type", "bad"), [("success", 0.25), ("failure", 0.75)])
def test_a_ratio_that_was_worked_out_before_is_the_mean_of_its_samples_without_nan(
    trial: Try, raw_type: str, bad: float
) -> None:
    raw = {"raw": metric("share"), "rawType": raw_type}
    trial(
        slo(raw),
        {"share": "0.5 1 NaN 0.5 1"},
        ("slo:total:count5m", 4, 4),
        ("slo:bad_per_total:ratio5m", 4, bad),
    )


def test_of_a_threshold_metric_the_instants_count_at_which_it_stands_as_it_should(trial: Try) -> None:
    document = slo(threshold='latency{path="/"}', op="lte", value=0.3)
    trial(
        document,
        {'latency{path="/"}': "0.1 0.3 0.4 NaN +Inf"},
        ("slo:total:count5m", 4, 4),
        ("slo:bad:count5m", 4, 2),
        ("slo:bad_per_total:ratio5m", 4, 0.5),
    )


@pytest.mark.parametrize(("target", "bad"), [(0.25, 0), (0.3, 5)])
def test_slices_are_good_or_bad_and_equality_is_good(trial: Try, target: float, bad: int) -> None:
    """After half an hour, a quarter of each slice is good."""
    document = slo(COUNTERS, method="Timeslices", timeSliceWindow="5m", timeSliceTarget=target)
    series = {'postings_total{code="200"}': "0+10x30 300+5x30", 'postings_total{code="500"}': "0+0x30 0+15x30"}
    trial(
        document,
        series,
        ("slice:bad_per_total:ratio5m", 56, 0.75),
        ("slo:total:count30m", 56, 6),
        ("slo:bad:count30m", 56, bad),
        options=("--tiers", "6h"),
    )


def test_shares_of_slices_are_averaged_where_no_share_makes_a_slice_good(trial: Try) -> None:
    document = slo(COUNTERS, method="RatioTimeslices", timeSliceWindow="5m")
    series = {'postings_total{code="200"}': "0+5x120", 'postings_total{code="500"}': "0+15x120"}
    trial(
        document,
        series,
        ("slo:total:count30m", 101, 6),
        ("slo:bad:sum30m", 101, 4.5),
        ("slo:bad_per_total:ratio30m", 101, 0.75),
    )


def test_an_alert_policy_of_the_slo_alerts_after_the_time_that_it_says(trial: Try) -> None:
    """A burn rate of 2 is enough for `gte`; it holds from the second minute on, and alerts ten minutes later."""
    document = slo(COUNTERS, alertPolicies=[POLICY])
    alert = firing("30m", alertname="FastBurn", severity="page", condition="fast")
    trial(document, burning(25), (alert, 9, None), (alert, 40, 1), options=("--tiers", "none"))


def test_an_alert_policy_tells_of_missing_data_where_it_says_so(trial: Try) -> None:
    document = slo(COUNTERS, alertPolicies=[POLICY])
    silent = firing("30m", alertname="FastBurn", reason="no-data", slo="postings")
    trial(document, {"others_total": "0+1x60"}, (silent, 9, None), (silent, 30, 1))
    trial(document, burning(0), (silent, 30, None))


def test_what_people_write_stays_what_it_is_in_selectors_and_templates(trial: Try) -> None:
    document = slo(COUNTERS, displayName='99.9 % "of all" {{ $value }} \\ ü')
    trial(document, burning(500), (firing("1h", objective=r"99.9 % \"of all\" {{ $value }} \\ ü"), 100, 1))


MINUTES = 61
ACCEPTED = [str(7 * minute % 200 + 7 * max(0, minute - 30)) for minute in range(MINUTES)]
"""A counter that restarts now and then."""
SUBMITTED = [str(20 * minute + 100) for minute in range(MINUTES)]
SHARES = ["_", *(["0.5", "1", "NaN", "0.25", "0", "1"] * 10)]
HOUR_POLICY = {
    "metadata": {"name": "Hour"},
    "spec": {
        "conditions": [
            {
                "metadata": {"name": "hour"},
                "spec": {"severity": "page", "condition": {"op": "gt", "threshold": 1, "lookbackWindow": "1h"}},
            }
        ]
    },
}


def of_file(query: str) -> Any:
    return {"metricSource": {"metricSourceRef": "file", "spec": {"query": query}}}


@pytest.mark.parametrize(
    ("indicator", "objective", "series"),
    [
        (
            {"ratioMetric": {"counter": True, "good": of_file("accepted"), "total": of_file("submitted")}},
            {},
            {"accepted": ACCEPTED, "submitted": SUBMITTED},
        ),
        (
            {"ratioMetric": {"counter": False, "bad": of_file("accepted"), "total": of_file("submitted")}},
            {},
            {"accepted": ["_", *ACCEPTED[1:]], "submitted": ["_", *SUBMITTED[1:]]},
        ),
        ({"ratioMetric": {"raw": of_file("share"), "rawType": "success"}}, {}, {"share": SHARES}),
        ({"thresholdMetric": of_file("share")}, {"op": "gt", "value": 0.25}, {"share": SHARES}),
    ],
)
def test_the_rules_of_an_slo_say_the_same_as_the_report_on_it(
    console: Any, tmp_path: Path, indicator: Any, objective: Any, series: dict[str, list[str]]
) -> None:
    """The same samples as a file and in a Prometheus, one SLO for both."""
    at = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
    document = slo(
        COUNTERS, timeWindow=[{"duration": "1h", "isRolling": True}], alertPolicies=[HOUR_POLICY], **objective
    )
    document["spec"]["indicator"]["spec"] = indicator
    source = {**SOURCE, "metadata": {"name": "file"}, "spec": {"type": "CSV", "connectionDetails": FILE}}
    lines = ["timestamp,metric,value"]
    for minute in range(MINUTES):
        when = (at - timedelta(minutes=MINUTES - 1 - minute)).isoformat()
        lines += [f"{when},{name},{values[minute]}" for name, values in series.items() if values[minute] != "_"]
    console.store.write("metrics/file.csv", "\n".join(lines) + "\n")
    console.store.write("slo/file.yaml", json.dumps(source))
    console.store.write("slo/postings.yaml", json.dumps(document))
    (reported,) = console("slo", "report", "--at", at.isoformat(), "--json", code=None).json["slos"]
    (tmp_path / "rules.yaml").write_text(console("slo", "rules", "--tiers", "none").out, encoding="utf-8")
    asked = {
        "expr": f"sum(abs(slo:bad_per_total:ratio1h - {1 - reported['sli']!r}) < bool 1e-9)",
        "eval_time": "60m",
        "exp_samples": [{"labels": "{}", "value": 1}],
    }
    given = [{"series": name, "values": " ".join(values)} for name, values in series.items()]
    test = {"interval": "1m", "input_series": given, "promql_expr_test": [asked]}
    plain = {"rule_files": ["rules.yaml"], "evaluation_interval": "1m", "tests": [test]}
    (tmp_path / "test.yaml").write_text(json.dumps(plain), encoding="utf-8")
    promtool("test", "rules", "test.yaml", cwd=tmp_path)


@pytest.mark.parametrize("options", [(), ("--tiers", "page"), ("--no-alerts",), ("--no-recording",)])
def test_the_rules_of_the_landscape_are_valid(
    new_store: Any, new_console: Any, tmp_path: Path, options: tuple[str, ...]
) -> None:
    store = new_store()
    for name in LANDSCAPE:
        copy = shutil.copytree if (REFERENCE / name).is_dir() else shutil.copy
        copy(REFERENCE / name, store.root / name, **({"dirs_exist_ok": True} if copy is shutil.copytree else {}))
    folder = tmp_path / "prometheus"
    said = new_console(store)("slo", "rules", "--output", str(folder), *options, code=4)
    assert said.out == f"{folder}/receipt-scanner.yaml\n"
    promtool("check", "rules", "receipt-scanner.yaml", cwd=folder)

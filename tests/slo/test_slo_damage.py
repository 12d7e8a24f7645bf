"""An SLO whose file is damaged: who asks for it by name is told which file, and what is wrong; it is not `no SLO`."""

from typing import Any

import pytest

SOURCE = """\
apiVersion: openslo/v1
kind: DataSource
metadata: {name: samples}
spec: {type: CSV, connectionDetails: {path: metrics/buy.csv}}
"""
BUY = """\
apiVersion: openslo/v1
kind: SLO
metadata: {name: buy}
spec:
  service: shop
  indicator:
    metadata: {name: bought}
    spec:
      ratioMetric:
        counter: false
        good: {metricSource: {metricSourceRef: samples, spec: {query: good}}}
        total: {metricSource: {metricSourceRef: samples, spec: {query: total}}}
  timeWindow: [{duration: 7d, isRolling: true}]
  budgetingMethod: Occurrences
  objectives: [{target: 0.9}]
"""
MISTYPED = BUY.replace("Occurrences", "Ocurrences")
BY_NAME = [
    ("explain", "buy"),
    ("report", "buy"),
    ("attribute", "buy"),
    ("backtest", "buy"),
    ("rules", "buy"),
    ("watch", "buy", "--once", "--no-incidents"),
]


@pytest.fixture
def shop(console: Any) -> Any:
    """A store with one SLO, and the samples that it asks for."""
    console.store.write("slo/buy.yaml", BUY)
    console.store.write("slo/source.yaml", SOURCE)
    console.store.write("metrics/buy.csv", "timestamp,good,total\n2026-11-23T11:00:00Z,9,10\n")
    return console


@pytest.mark.parametrize("words", BY_NAME, ids=lambda words: words[0])
def test_who_asks_for_it_by_name_is_told_the_file_and_what_is_wrong(shop: Any, words: Any) -> None:
    shop.store.write("slo/buy.yaml", MISTYPED)
    said = shop("slo", *words, code=2).err
    where = 'slo/buy.yaml:14:20: budgetingMethod is "Ocurrences"'
    assert f"error: the SLO buy is damaged: {where}, not one of" in said
    assert "  help: svcops check shows the place.\n" in said


def test_of_several_documents_of_a_file_the_one_that_is_meant_is_told(shop: Any) -> None:
    sell = BUY.replace("name: buy", "name: sell").replace("0.9", "high")
    shop.store.write("slo/buy.yaml", f"{sell}---\n{MISTYPED}")
    assert "the SLO buy is damaged: slo/buy.yaml:30:20: budgetingMethod" in shop("slo", "explain", "buy", code=2).err
    assert "the SLO sell is damaged: slo/buy.yaml:15:25: " in shop("slo", "explain", "sell", code=2).err


def test_a_file_that_is_no_yaml_is_told_too(shop: Any) -> None:
    shop.store.write("slo/buy.yaml", f"{BUY}  objectives: ]\n")
    assert "the SLO buy is damaged: slo/buy.yaml:16:" in shop("slo", "report", "buy", code=2).err


def test_a_name_that_no_file_has_is_none_of_those_that_can_be_read(shop: Any) -> None:
    shop.store.write("slo/buy.yaml", MISTYPED)
    said = shop("slo", "explain", "sell", code=2).err
    assert "error: there is no SLO 'sell' that can be read\n  help: SLOs: none.\n" in said
    shop.store.write("slo/buy.yaml", BUY)
    assert "error: there is no SLO 'sell'\n  help: SLOs: buy.\n" in shop("slo", "explain", "sell", code=2).err


def test_a_damaged_source_that_is_to_be_pulled_is_told(shop: Any) -> None:
    shop.store.write("slo/source.yaml", SOURCE.replace("type: CSV", "kind: Prometheus"))
    assert "the DataSource samples is damaged: slo/source.yaml:4:" in shop("slo", "pull", "samples", code=2).err


@pytest.mark.parametrize(
    "words",
    [("report",), ("report", "--format", "markdown"), ("attribute",), ("rules",), ("pull",), ("watch", "--once")],
    ids=" ".join,
)
def test_a_store_whose_only_slo_is_damaged_is_not_one_without_slos(shop: Any, words: Any) -> None:
    shop.store.write("slo/buy.yaml", MISTYPED)
    said = shop("slo", *words, code=2)
    assert "holds none" not in said.out + said.err
    assert "SLO that can be read" in said.out + said.err
    assert "left out, damaged: slo/buy.yaml; svcops check shows the place" in said.err


def test_its_dashboard_says_so(shop: Any) -> None:
    shop.store.write("slo/buy.yaml", MISTYPED)
    assert "There is no SLO that can be read." in shop("slo", "dashboard", "--output", "-", code=2).out
    assert "no SLO that can be read is of a service 'shop'" in shop("slo", "dashboard", "shop", code=2).err

"""Four years of a public status page, held to facts that were counted with a script; see ../shared/data/README.md."""

import json
import os
from collections import Counter
from pathlib import Path
from statistics import mean, median

import pytest

from svcops.incidents.facts import states
from svcops.store.graph import Graph

DATA = Path(os.environ.get("SVCOPS_REAL_DATA") or Path(__file__).resolve().parents[2].parent / "shared" / "data")
FILE = DATA / "statuses-github" / "incidents.jsonl"

pytestmark = pytest.mark.skipif(not FILE.is_file(), reason=f"no real data at {DATA}; SVCOPS_REAL_DATA says where")


def test_801_incidents_and_18_maintenances_with_the_figures_that_were_counted(console, new_store, new_console):
    told = [json.loads(line) for line in FILE.read_text(encoding="utf-8").splitlines()]
    report = console("import", "statuspage", str(FILE), "--json").json
    assert report["entities"] == 819
    assert Counter(one["kind"] for one in report["added"]) == {"incident": 801, "maintenance": 18}
    assert report["unsupported"] == report["duplicates"] == report["kept"] == []
    assert console.store.is_clean()
    assert console.store.log()[:2] == ["Import 819 records from Statuspage", "The catalogue"]
    console.store.fsck()

    found = states(Graph(console.store.root, None))
    minutes = [state.clocks[3].span.total_seconds() / 60 for state in found.values()]
    assert len(minutes) == 801
    assert round(median(minutes), 1) == 65.0
    assert round(mean(minutes), 1) == 125.9
    assert not any(state.void for state in found.values())
    assert {state.ending for state in found.values()} == {"closed"}
    assert Counter(state.severity for state in found.values()) == {"sev3": 604, "sev2": 138, "sev1": 28, "sev4": 31}
    texts = Counter(one.value.text for state in found.values() for one in state.events if one.value.type == "update")
    assert texts == Counter(
        said["message"].strip() for one in told if one["impact"] != "maintenance" for said in one["updates"]
    )

    findings = console("check", "--json", code=None).json["findings"]
    assert Counter(one["code"] for one in findings if "2022" < one["path"].split("/")[1] < "2027") == {"INC008": 155}

    head = console.store.head()
    assert "nothing written" in console("import", "statuspage", str(FILE), "--update").err
    assert console.store.head() == head

"""What recurs in a public incident log: read as it is, and what is found is what people would call the same."""

import json
import os
from datetime import datetime
from pathlib import Path

import pytest

from svcops.incidents.facts import fold
from svcops.incidents.model import Incident, Opened, Updated
from svcops.incidents.similarity import Weighing, likeness, similar, told_by
from svcops.store.entries import Entry
from svcops.store.model import Origin

PROJECT = Path(__file__).resolve().parents[2]
DATA = Path(os.environ.get("SVCOPS_REAL_DATA", PROJECT.parent / "shared" / "data"))
LOG = DATA / "statuses-github" / "incidents.jsonl"
ACCOUNT = "On December 26, 2023, GitHub received a report through our Bug Bounty Program"
"""How several incidents of one day begin their account of what happened."""

pytestmark = pytest.mark.skipif(not LOG.is_file(), reason=f"no real data at {DATA}; set SVCOPS_REAL_DATA")


def state(number, item):
    name = f"incident-{item['started_at'][:10].replace('-', '')}-{number:06}"
    origin = Origin(system="statuspage", key=item["id"], parts=tuple(item.get("components") or ()))
    entry = Entry("incident", name, "p", Incident(title=item["title"], services=(), detected_by=None, imported=origin))
    first = datetime.fromisoformat(item["updates"][0]["at"])
    opened = Opened(type="opened", at=first, recorded_at=first, by="import", severity="sev3")
    events = [Entry("incident-event", f"{name}/0", "p", opened)]
    for step, update in enumerate(item["updates"], 1):
        at = datetime.fromisoformat(update["at"])
        told = Updated(type="update", at=at, recorded_at=at, by="import", text=update["message"])
        events.append(Entry("incident-event", f"{name}/{step}", "p", told))
    return fold(entry, events)


@pytest.fixture(scope="module")
def states():
    items = [json.loads(line) for line in LOG.read_text(encoding="utf-8").splitlines()]
    return [state(number, item) for number, item in enumerate(items) if item.get("impact") != "maintenance"]


def titles(states, found):
    by_id = {one.id: one.incident.title for one in states}
    return [by_id[one.id] for one in found]


def test_the_same_model_failing_again_is_found_by_its_name_and_not_by_what_every_title_says(states):
    found = similar([one.entry for one in states], "Disruption with Gemini 2.5 Pro models", ["Copilot"])
    assert len(found) >= 3
    assert all("Gemini" in title for title in titles(states, found))
    assert all("gemini" in one.reasons[-1] for one in found)


def test_what_every_title_of_the_log_says_is_no_likeness(states):
    assert len(states) == 801
    entries = [one.entry for one in states]
    assert similar(entries, "Disruption with some GitHub services", ["Actions"]) == []
    assert similar(entries, "Incident with Actions", ["Actions"]) == []


def test_one_account_given_for_several_incidents_is_found_in_their_texts(states):
    told = [told_by(one) for one in states]
    words = Weighing.of_all(told)
    weighed = [words.of(one) for one in told if any(ACCOUNT in text for text in one.texts)]
    found = [likeness(weighed[0], other) for other in weighed[1:] if other.told.places & weighed[0].told.places]
    assert len(found) == 2
    assert all(one and "in what was logged and told" in one.reasons[-1] for one in found)

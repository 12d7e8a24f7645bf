"""Outlines of incidents as the cache holds them: always what their timelines say."""

import os
import shutil
import sqlite3
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.tries import tries

from svcops.incidents import facts
from svcops.incidents.facts import Outline, states
from svcops.incidents.outlines import outlines
from svcops.store import cache, derivations, foreseen, forked
from svcops.store.graph import Graph
from svcops.store.layout import kind

_TICK = 0.02
FIRST = "incidents/2026/incident-20261120-k7f3q0"
LATE = "incidents/2026/incident-20261123-b2m9aa"


@pytest.fixture(autouse=True)
def every_store_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(foreseen, "_MANY", 0)
    monkeypatch.setattr(cache, "_TICK_NS", int(_TICK * 1e9))


def event(type_: str, minute: int, more: str = "") -> str:
    moment = f"2026-11-23T08:{minute:02}:00.123456Z"
    return f"type: {type_}\nat: {moment}\nrecorded_at: {moment}\nby: ada\n{more}"


EVENTS = {
    "1-opened": event("opened", 1, "severity: sev2\n"),
    "2-severity": event("severity", 2, "from: sev3\nto: sev1\ntext: x\n"),
    "3-role": event("role", 3, "role: incident-commander\nto: kim\n"),
    "4-impact": event("impact-started", 0),
    "5-log": event("log", 5, "text: Step\n"),
    "5-mitigated": event("mitigated", 5),
    "5-mitigated-late": event("mitigated", 5).replace("at: 2026-11-23T08:05", "at: 2026-11-23T08:15", 1),
    "6-resolved": event("resolved", 6, "from: remediation\n"),
    "6-reopened": event("reopened", 6, "from: post-mortem\ntext: x\n"),
    "7-void": event("acknowledged", 7, "from: incident\n"),
    "8-update": event("update", 8, "text: We know\nnext_by: 2026-11-23T09:00:00+01:00\n"),
    "9-log": event("log", 9, "text: Other\nsupersedes: 5-log\n"),
}


def write(root: Path, path: str, text: str) -> None:
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")


def ranked(*severities: str) -> str:
    """Settings with these severities, the highest first."""
    return f"organisation: Example\nseverities: [{', '.join(f'{{name: {one}}}' for one in severities)}]\n"


def incident(root: Path, folder: str, events: Mapping[str, str], title: str = "No receipts") -> None:
    write(root, f"{folder}/incident.yaml", f"title: {title}\nservices: [ledger]\ndetected_by: user\n")
    for name, text in events.items():
        write(root, f"{folder}/timeline/{name}.yaml", text)


def made(root: Path) -> Path:
    """A store of which outlines are held."""
    write(root, "svcops.yaml", ranked("sev1", "sev2", "sev3", "sev4"))
    incident(root, LATE, EVENTS)
    incident(root, FIRST, {"1-opened": EVENTS["1-opened"]})
    incident(root, f"{LATE[:-1]}b", {})
    known(root)
    return root


def known(root: Path) -> None:
    """Look at the store when its times prove something: first to see that it is so, then to hold what follows."""
    for _ in range(3):
        time.sleep(_TICK * 1.5)
        shown(root)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return made(tmp_path / "store")


def graph(root: Path) -> Graph:
    return Graph(root, root / ".git" / "cache")


def told(found: Mapping[str, Outline]) -> dict[str, dict[str, Any]]:
    """Outlines, or states, field by field, in their order."""
    return {name: {one.name: getattr(of, one.name) for one in fields(Outline)} for name, of in found.items()}  # type: ignore[arg-type]


def shown(root: Path) -> dict[str, dict[str, Any]]:
    return told(outlines(graph(root)))


def plainly(root: Path) -> dict[str, dict[str, Any]]:
    """The same from the timelines, without a cache."""
    return told(states(Graph(root)))


def same(root: Path) -> bool:
    return list(shown(root).items()) == list(plainly(root).items())


@pytest.fixture
def folded(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The incidents that are folded from now on."""
    seen: list[str] = []
    original = facts.fold

    def fold(entry: Any, *more: Any) -> Any:
        seen.append(entry.name)
        return original(entry, *more)

    monkeypatch.setattr(facts, "fold", fold)
    return seen


def test_an_outline_is_what_the_timeline_says(place: Path) -> None:
    late = shown(place)["incident-20261123-b2m9aa"]
    assert (late["phase"], late["severity"], late["roles"]) == ("post-mortem", "sev1", {"incident-commander": "kim"})
    assert late["resolved"].microsecond == 123456
    assert same(place)


def test_what_is_held_is_not_folded_again(place: Path, folded: list[str]) -> None:
    found = outlines(graph(place))
    assert folded == []
    assert [type(one) for one in found.values()] == [Outline] * 3


def test_timelines_that_are_read_already_are_folded_once(place: Path, folded: list[str]) -> None:
    here = graph(place)
    every = states(here)
    assert outlines(here) is every
    assert len(folded) == 3


def test_records_are_there_beside_their_outlines(place: Path) -> None:
    here = graph(place)
    outlines(here)
    assert list(here.all("incident-event")) == list(Graph(place).all("incident-event"))
    assert here.files_of("incident-event") == Graph(place).files_of("incident-event")
    assert told(states(here)) == plainly(place)


CHANGES: dict[str, Callable[[Path], None]] = {
    "an event more": lambda root: write(
        root, f"{LATE}/timeline/a-closed.yaml", event("closed", 10, "from: post-mortem\n")
    ),
    "an event in place of another": lambda root: write(
        root, f"{FIRST}/timeline/1-opened.yaml", event("opened", 1, "severity: sev4\n")
    ),
    "an event less": lambda root: (root / LATE / "timeline/6-resolved.yaml").unlink(),
    "a damaged event": lambda root: write(root, f"{LATE}/timeline/6-resolved.yaml", "type: lag\n"),
    "an incident more": lambda root: incident(root, f"{LATE[:-1]}c", EVENTS),
    "an incident less": lambda root: shutil.rmtree(root / FIRST),
    "another title": lambda root: incident(root, FIRST, {}, "Late receipts"),
    "an incident of a name without a day": lambda root: incident(root, "incidents/2026/by-hand", EVENTS),
    "another order of severities": lambda root: write(root, "svcops.yaml", ranked("sev3", "sev2", "sev1", "sev4")),
}


@pytest.mark.parametrize("settled", [False, True])
@pytest.mark.parametrize("change", CHANGES)
def test_what_changes_is_folded_anew(place: Path, change: str, settled: bool) -> None:
    before = shown(place)
    CHANGES[change](place)
    if settled:
        time.sleep(_TICK * 1.5)
    assert same(place)
    assert shown(place) != before
    known(place)
    assert same(place)


@pytest.mark.parametrize(
    ("change", "day"),
    [
        ("an event more", "20261123"),
        ("an event less", "20261123"),
        ("an incident more", "20261123"),
        ("a damaged event", "20261123"),
        ("another title", "20261120"),
        ("an incident less", ""),
    ],
)
def test_only_the_day_that_changed_is_folded(place: Path, folded: list[str], change: str, day: str) -> None:
    CHANGES[change](place)
    shown(place)
    assert {name.split("-")[1] for name in folded} == ({day} if day else set())


def test_what_is_wrong_in_the_day_that_changed_is_said(place: Path) -> None:
    CHANGES["a damaged event"](place)
    here = graph(place)
    outlines(here)
    assert [one.at.path for one in here.findings] == [f"{LATE}/timeline/6-resolved.yaml"]


def test_what_is_gone_is_forgotten_at_once(place: Path) -> None:
    CHANGES["an incident less"](place)
    shown(place)
    assert sorted(graph(place)._cache.heads(kind("incident"))) == ["20261123"]


def test_what_changed_is_held_again(place: Path, folded: list[str]) -> None:
    CHANGES["another title"](place)
    known(place)
    folded.clear()
    shown(place)
    assert folded == []


@pytest.mark.parametrize("part", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("path", [f"{FIRST}/incident.yaml", f"{LATE}/timeline/1-opened.yaml"])
def test_either_process_sees_a_file_that_was_written_over(
    place: Path, monkeypatch: pytest.MonkeyPatch, part: float, path: str
) -> None:
    monkeypatch.setattr(derivations, "_PART", part)
    text = (place / path).read_text(encoding="utf-8").replace("receipts", "payments").replace("sev2", "sev3")
    (place / path).write_text(text, encoding="utf-8")
    assert same(place)


def test_a_change_costs_one_look(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[Any] = []
    original = forked.start

    def start(work: Callable[[], Any]) -> Any:
        started.append(work)
        return original(work)

    monkeypatch.setattr(forked, "start", start)
    CHANGES["another title"](place)
    shown(place)
    assert len(started) == 1


DAMAGES = (
    "UPDATE packs SET documents = '[]' WHERE kind = 'outlines of incidents'",
    "UPDATE packs SET checksum = checksum + 1",
    "UPDATE packs SET checksum = checksum + 1 WHERE kind = 'incident'",
    "UPDATE packs SET files = X'FF00' WHERE kind = 'incident-event'",
    "UPDATE packs SET files = 'text'",
    "UPDATE packs SET files = CAST(X'FF' || substr(files, 2) AS BLOB) WHERE kind = 'incident'",
    "UPDATE packs SET files = CAST(replace(files, '/', '?') AS BLOB) WHERE kind = 'incident'",
    "UPDATE packs SET files = X'61' WHERE kind = 'incident'",
    "UPDATE packs SET pack = 'x' || pack WHERE kind = 'outlines of incidents'",
    "DELETE FROM packs WHERE kind = 'incident-event'",
    "DELETE FROM packs WHERE kind = 'incident' AND pack = '20261120'",
    "DELETE FROM packs WHERE kind = 'outlines of incidents'",
    "DELETE FROM packs WHERE kind LIKE 'folders%'",
    "UPDATE packs SET pack = 'x' || pack WHERE kind = 'incident'",
    "DROP TABLE packs",
)


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_cache_changes_nothing(place: Path, damage: str) -> None:
    spoil(place, damage)
    assert same(place)
    assert same(place)


def spoil(root: Path, damage: str) -> None:
    for file in (root / ".git" / "cache").glob("records-*.db"):
        connection = sqlite3.connect(file)
        with connection:
            connection.execute(damage)
        connection.close()


@given(st.lists(st.sampled_from([*CHANGES, *DAMAGES, "known"]), min_size=2, max_size=6))
@tries(25)
def test_whatever_comes_in_whatever_order_an_outline_is_what_the_timeline_says(
    tmp_path_factory: pytest.TempPathFactory, steps: list[str]
) -> None:
    root = made(tmp_path_factory.mktemp("outlines") / "store")
    for step in steps:
        if step in CHANGES and not (
            step == "an event less" and not (root / LATE / "timeline/6-resolved.yaml").exists()
        ):
            if step != "an incident less" or (root / FIRST).exists():
                CHANGES[step](root)
        elif step in DAMAGES and list((root / ".git" / "cache").glob("records-*.db")):
            with suppress(sqlite3.Error):  # it was damaged before
                spoil(root, step)
        elif step == "known":
            known(root)
        assert same(root)


def test_outlines_of_packs_that_are_gone_are_forgotten(place: Path) -> None:
    CHANGES["an incident less"](place)
    known(place)
    rows = graph(place)._cache.plain_rows("outlines of incidents")
    assert sorted(rows) == ["20261123"]


def test_by_one_process_it_is_the_same(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> int:
        raise OSError(11, "no more processes")

    monkeypatch.setattr(os, "fork", refuse)
    assert same(place)

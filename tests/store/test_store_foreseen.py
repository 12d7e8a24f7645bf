"""A large store read by two processes: whatever happened to the cache or the files, the same as by one."""

import os
import signal
import sqlite3
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from svcops.store import cache, foreseen, forked, reading, walk
from svcops.store.graph import Graph

KINDS = ("incident", "incident-event")


@pytest.fixture(autouse=True)
def every_store_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(foreseen, "_MANY", 0)
    monkeypatch.setattr(cache, "_TICK_NS", 50_000_000)


@pytest.fixture
def place(store: Any) -> Path:
    """A store of a few incidents, older than a tick of the clock."""
    for number in range(5):
        folder = f"incidents/2026/incident-2026112{number}-k7f3q{number}"
        store.write(f"{folder}/incident.yaml", "title: No receipts\nservices: []\ndetected_by: user\n")
        for event in range(3):
            store.write(f"{folder}/timeline/{event}-log.yaml", log(f"Step {event}"))
    past = time.time() - 60
    for path in store.root.rglob("*.yaml"):
        os.utime(path, (past, past))
    time.sleep(0.06)  # a change of an inode is as recent as it was
    read(store.root)
    return Path(store.root)


def log(text: str) -> str:
    moment = "2026-11-23T08:15:00Z"
    return f"type: log\nat: {moment}\nrecorded_at: {moment}\nby: ada\ntext: {text}\n"


def read(root: Path) -> tuple[dict[str, Any], list[str]]:
    """Every entry by kind and name, in order, and what is wrong, by a graph with the store's cache."""
    return _read(Graph(root, root / ".git" / "svcops" / "cache"))


def plainly(root: Path) -> tuple[dict[str, Any], list[str]]:
    """The same without a cache, by one process."""
    graph = Graph(root)
    graph.let_go()
    return _read(graph)


def _read(graph: Graph) -> tuple[dict[str, Any], list[str]]:
    graph.together(KINDS, len)
    entries = {f"{kind} {name}": entry for kind in KINDS for name, entry in graph.all(kind).items()}
    return entries, [f"{one.at.path} {one.code}" for one in graph.findings]


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Whether each reading from now on found every file as it was."""
    seen: list[bool] = []
    original = forked.Forked.result

    def result(self: forked.Forked) -> Any:
        answer = original(self)
        seen.append(answer is None)
        return answer

    monkeypatch.setattr(forked.Forked, "result", result)
    return seen


def test_what_did_not_change_is_taken_from_the_cache(place: Path, looks: list[bool]) -> None:
    assert read(place) == plainly(place)
    assert list(read(place)[0]) == list(plainly(place)[0])
    assert looks == [True, True]


CHANGES = {
    "an event more": lambda root: new(root, "9-log.yaml", log("More")),
    "an event in place of another": lambda root: new(root, "1-log.yaml", log("Step 7")),
    "a damaged event": lambda root: new(root, "1-log.yaml", "type: lag\n"),
    "an event less": lambda root: (first(root) / "timeline" / "1-log.yaml").unlink(),
    "an incident less": lambda root: (first(root) / "incident.yaml").unlink(),
    "a link that leaves the store": lambda root: (first(root) / "timeline" / "8-log.yaml").symlink_to("/etc/hosts"),
}


def first(root: Path) -> Path:
    return root / "incidents" / "2026" / "incident-20261120-k7f3q0"


def new(root: Path, name: str, text: str) -> None:
    (first(root) / "timeline" / name).write_text(text, encoding="utf-8")


@pytest.mark.parametrize("change", CHANGES)
def test_what_changed_is_read_again_and_then_known(place: Path, looks: list[bool], change: str) -> None:
    CHANGES[change](place)
    assert read(place) == plainly(place)
    assert looks == [False]


def test_one_change_costs_one_look(place: Path, looks: list[bool]) -> None:
    CHANGES["an event less"](place)
    read(place)
    assert read(place) == plainly(place)
    assert looks == [False, True]


def test_a_pack_that_is_damaged_is_read_anew(place: Path) -> None:
    (cache,) = (place / ".git" / "svcops" / "cache").glob("records-*.db")
    with sqlite3.connect(cache) as connection:
        connection.execute("UPDATE packs SET documents = '[]' WHERE kind = 'incident-event'")
    connection.close()
    assert read(place) == plainly(place)


def test_a_second_process_that_dies_changes_nothing(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(foreseen._Look, "changed", lambda *_: os.kill(os.getpid(), 9))
    assert read(place) == plainly(place)


def test_where_no_process_can_be_started_one_does_it_all(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> int:
        raise OSError(11, "no more processes")

    monkeypatch.setattr(os, "fork", refuse)
    assert read(place) == plainly(place)


def test_no_child_is_left_when_reading_fails(place: Path) -> None:
    graph = Graph(place, place / ".git" / "svcops" / "cache")

    def fail(*_: Any) -> None:
        raise KeyboardInterrupt

    from svcops.store.layout import kind

    with pytest.raises(KeyboardInterrupt):
        foreseen.foresee(graph.tree, graph._cache, [kind("incident")], fail)
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)


@pytest.fixture
def cold(place: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The store without its cache, which two processes walk through and parse, half each."""
    monkeypatch.setattr(reading, "_MANY", 2)
    monkeypatch.setattr(walk, "_MANY", 2)
    for file in (place / ".git" / "svcops" / "cache").iterdir():
        file.unlink()
    return place


def test_a_cold_store_is_parsed_by_two_and_then_known(cold: Path, looks: list[bool]) -> None:
    assert read(cold) == plainly(cold)
    looks.clear()
    assert read(cold) == plainly(cold)
    assert looks == [True]


def test_what_is_damaged_in_either_half_is_found_once(cold: Path) -> None:
    for number in (0, 4):
        event = cold / f"incidents/2026/incident-2026112{number}-k7f3q{number}/timeline/1-log.yaml"
        event.write_text("type: lag\n", encoding="utf-8")
    entries, findings = read(cold)
    assert (entries, sorted(findings)) == (plainly(cold)[0], sorted(plainly(cold)[1]))
    assert len(findings) == 2


def test_a_file_with_a_waiver_in_the_second_half_is_marked(cold: Path) -> None:
    event = first(cold).parent / "incident-20261124-k7f3q4" / "timeline" / "1-log.yaml"
    event.write_text(log("x") + "# svcops: waive REF001 until 2027-03-31 by ada: later\n", encoding="utf-8")
    graph = Graph(cold, cold / ".git" / "svcops" / "cache")
    graph.together(KINDS, len)
    assert graph.marked == [event.relative_to(cold).as_posix()]


@pytest.mark.parametrize("change", ["an event in place of another", "a damaged event", "an event less"])
def test_what_changes_later_is_read_again(cold: Path, change: str) -> None:
    read(cold)
    CHANGES[change](cold)
    assert read(cold) == plainly(cold)
    assert read(cold) == plainly(cold)


def test_beside_a_damaged_file_all_others_are_known_the_next_time(cold: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    paths = sorted(cold.glob("incidents/*/*/timeline/*.yaml"))
    for event in (paths[0], paths[-1]):
        event.write_text("type: lag\n", encoding="utf-8")
    read(cold)
    asked: list[str] = []
    monkeypatch.setattr(reading.Reader, "_read_some", lambda _self, some, _found: asked.extend(some))
    graph = Graph(cold, cold / ".git" / "svcops" / "cache")
    graph.let_go()
    with pytest.raises(KeyError):  # nothing was read of what was asked for
        graph.all("incident-event")
    assert asked == [path.relative_to(cold).as_posix() for path in (paths[0], paths[-1])]


@pytest.mark.parametrize("number", [0, 1, 2, 3])
def test_what_is_odd_in_either_half_of_the_walk_is_found_once(cold: Path, number: int) -> None:
    place = cold / f"incidents/2026/incident-2026112{number}-k7f3q{number}"
    (place / "notes.txt").write_text("x", encoding="utf-8")
    (place / "timeline/away.yaml").symlink_to("/etc/hosts")
    found = _inventory(cold)
    assert found == _inventory(cold, cached=False)
    assert len(found[1]) == 2


def _inventory(root: Path, *, cached: bool = True) -> tuple[dict[str, list[str]], list[str]]:
    tree = Graph(root, root / ".git" / "svcops" / "cache" if cached else None).tree
    found = tree.inventory(["incidents"], by_two=True)
    return found.paths, sorted(f"{one.at.path} {one.code}" for one in found.findings)


@pytest.mark.parametrize(("module", "name"), [(reading.Reader, "_rows"), (walk, "_inside")])
def test_a_process_that_dies_over_its_half_changes_nothing(
    cold: Path, monkeypatch: pytest.MonkeyPatch, module: Any, name: str
) -> None:
    parent, original = os.getpid(), getattr(module, name)

    def die(*given: Any) -> Any:
        return original(*given) if os.getpid() == parent else os.kill(os.getpid(), 9)

    monkeypatch.setattr(module, name, die)
    assert read(cold) == plainly(cold)


def test_no_child_is_left_when_a_half_of_the_walk_fails(cold: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    original = walk._inside

    def fail(folders: Any, below: str, *more: Any) -> Any:
        if below.count("/") > 1 and os.getpid() == parent:  # by then, a second process is at work
            raise KeyboardInterrupt
        return original(folders, below, *more)

    parent = os.getpid()
    monkeypatch.setattr(walk, "_inside", fail)
    with pytest.raises(KeyboardInterrupt):
        Graph(cold, cold / ".git" / "svcops" / "cache").together(KINDS, len)
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)


def test_among_threads_no_process_is_started() -> None:
    going = threading.Event()
    other = threading.Thread(target=going.wait)
    other.start()
    try:
        assert forked.start(lambda: None) is None
    finally:
        going.set()
        other.join()
    second = forked.start(lambda: 7)
    assert second is not None
    assert second.result() == 7


def test_where_children_are_ignored_a_second_process_still_answers() -> None:
    before = signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    try:
        second = forked.start(lambda: "x" * 100_000)
        assert second is not None
        assert second.result() == "x" * 100_000
    finally:
        signal.signal(signal.SIGCHLD, before)


def test_half_an_answer_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forked.pickle, "dumps", lambda _: os._exit(0))
    second = forked.start(lambda: 1)
    assert second is not None
    with pytest.raises(BrokenPipeError):
        second.result()

"""Two processes find what one finds, whatever becomes of the second."""

import errno
import gc
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.tries import tries

from svcops.checking import engine
from svcops.checking.apart import shares
from svcops.checking.engine import Outcome, check
from svcops.checking.model import At, Finding
from svcops.checking.rule import Context, Rule
from svcops.store.files import WorkTree
from svcops.store.graph import Graph
from svcops.store.layout import KINDS
from svcops.store.walk import first_folders

pytestmark = [
    pytest.mark.skipif(not hasattr(os, "fork"), reason="one process does it all here"),
    # pytest-xdist has threads of its own; svcops has none.
    pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning"),
]
NOW = datetime(2026, 11, 23, 8, 15, tzinfo=UTC)
INCIDENT = "incidents/2026/incident-20261123-k7f3q2"
EVENT = "at: 2026-11-23T08:15:00Z\nrecorded_at: 2026-11-23T08:15:00Z\nby: kim\n"
FILES: dict[str, tuple[str, ...]] = {
    "svcops.yaml": ("organisation: E\n", "organisation: [\n", "organisation: E\ntime_zone: Nowhere/Else\n"),
    "catalogue/services/payroll.yaml": ("title: Payroll\nowner: finance\n", "title: P\nowner: nobody\n", "tilte: P\n"),
    "catalogue/services/ledger.yaml": (
        "title: L\nowner: finance\ndependencies: [{service: payroll}]\n",
        "title: L\nowner: no-one  # svcops: waive REF001 by kim until 2027-01-01 because it is new\n",
    ),
    "catalogue/services/Odd.yaml": ("title: Odd\nowner: finance\n",),
    "catalogue/teams/finance.yaml": ("title: Finance\n", "title: ''\n"),
    "catalogue/people/kim.yaml": ("name: Kim\n",),
    "catalogue/stray.txt": ("Text\n",),
    "runbooks/payroll/restore.md": ("---\ntitle: R\nkind: recovery\nservices: [payrol]\n---\nText\n", "No fields\n"),
    "slo/a.yaml": ("apiVersion: openslo/v1\nkind: Service\nmetadata: {name: one}\nspec: {}\n", "[]\n"),
    "slo/b.yaml": ("apiVersion: openslo/v1\nkind: Service\nmetadata: {name: one}\nspec: {}\n",),
    f"{INCIDENT}/incident.yaml": ("title: T\nservices: [payroll]\ndetected_by: user\n", "title: T\nservices: [x]\n"),
    f"{INCIDENT}/timeline/1-opened.yaml": (f"type: opened\n{EVENT}severity: sev3\n", f"type: opned\n{EVENT}"),
    f"{INCIDENT}/timeline/2-log.yaml": (f"type: log\n{EVENT}text: 'x'  # svcops: waive INC001\n", "a: 1\na: 2\n"),
    "approvals/2026/approval-20261123-k7f3q2.yaml": (
        f"of: svcops.yaml\nrole: reviewer\nby: kim\nat: 2026-11-23T08:15:00Z\ndigest: sha256:{'0' * 64}\n",
    ),
    "maintenance/2026/maintenance-20261123-k7f3q2.yaml": ("title: M\n",),
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A store with something wrong in every corner."""
    root = tmp_path / "store"
    write(root, {path: texts[-1] for path, texts in FILES.items()})
    return root


@pytest.fixture(autouse=True)
def two_processors(monkeypatch: pytest.MonkeyPatch) -> None:
    """As most machines have."""
    monkeypatch.setattr(os, "cpu_count", lambda: 2)


@pytest.fixture(autouse=True)
def nothing_is_left() -> Iterator[None]:
    """No child that runs on or that nobody waited for, no open end of a pipe, and no test that waits for ever."""
    before = len(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else 0
    signal.alarm(120)
    yield
    signal.alarm(0)
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)
    gc.collect()
    if before:
        assert len(os.listdir("/proc/self/fd")) <= before


def write(root: Path, files: dict[str, str]) -> None:
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")


def by_one(root: Path) -> Outcome:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine, "_MANY", 10**9)
        return check(Graph(root), NOW)


def by_two(root: Path, folder: Path | None = None) -> Outcome:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine, "_MANY", 0)
        return check(Graph(root, folder), NOW)


@pytest.fixture
def with_rule(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[Context, bool], Any]], None]:
    """Add a rule that knows in which process it runs: it is called with the context, and whether that is the child."""
    parent, real = os.getpid(), engine.registry.running

    def add(find: Callable[[Context, bool], Any]) -> None:
        rule = Rule("ZZZ001", "a test", find=lambda context: find(context, os.getpid() != parent) or [])
        monkeypatch.setattr(engine.registry, "running", lambda kinds: [*real(kinds), rule])

    return add


def test_two_find_what_one_finds(root: Path) -> None:
    found = by_two(root)
    assert found == by_one(root)
    assert {one.at.path.partition("/")[0] for one in found.findings} >= {"catalogue", "incidents", "runbooks"}


@tries(80)
@given(
    st.fixed_dictionaries(
        {"svcops.yaml": st.sampled_from(FILES["svcops.yaml"])},
        optional={path: st.sampled_from(texts) for path, texts in FILES.items() if path != "svcops.yaml"},
    )
)
def test_two_find_what_one_finds_in_any_store(tmp_path_factory: pytest.TempPathFactory, files: dict[str, str]) -> None:
    root = tmp_path_factory.mktemp("store")
    write(root, files)
    assert by_two(root) == by_one(root)


def test_the_second_process_is_there(root: Path, with_rule: Any, tmp_path: Path) -> None:
    """Otherwise the tests here would prove nothing."""
    with_rule(lambda context, is_child: (tmp_path / f"{is_child}").touch())
    by_two(root)
    assert (tmp_path / "True").exists()
    assert (tmp_path / "False").exists()


def test_every_kind_is_in_one_share_and_a_folder_in_one_whole(root: Path) -> None:
    first, second = shares(WorkTree(root).sizes())
    assert sorted(kind.name for kind in (*first, *second)) == sorted(kind.name for kind in KINDS)
    folders = [{kind.pattern.partition("/")[0] for kind in share} for share in (first, second)]
    assert not folders[0] & folders[1]
    assert "catalogue" in folders[0]


def test_the_shares_are_about_as_large() -> None:
    """A file of what describes the store counts as four."""
    sizes = dict.fromkeys(first_folders(), 10) | {"incidents": 2500, "catalogue": 400, "slo": 100, "exercises": 300}
    folders = [{kind.pattern.partition("/")[0] for kind in share} for share in shares(sizes)]
    assert folders[0] >= {"svcops.yaml", "catalogue", "slo", "runbooks"}
    assert "incidents" in folders[1]
    assert "exercises" in folders[0]


def test_the_size_of_a_store_is_told_without_walking_it(root: Path) -> None:
    write(root, {"incidents/2026/incident-20261123-aaaaaa/incident.yaml": "title: A\n"})
    write(root, {"incidents/2026/incident-20261123-bbbbbb/incident.yaml": "title: A\n"})
    sizes = WorkTree(root).sizes()
    assert sizes.keys() == set(first_folders())
    assert sizes["catalogue"] >= len(WorkTree(root).inventory({"catalogue"}).paths["service"]) > 0
    assert sizes["incidents"] >= 14


# What may become of the second process ---------------------------------------------------------------------------------


def _raise(error: BaseException) -> None:
    raise error


DEATHS: dict[str, Callable[[], Any]] = {
    "ends as if all were well": lambda: os._exit(0),
    "ends with an error": lambda: os._exit(7),
    "is killed": lambda: os.kill(os.getpid(), signal.SIGKILL),
    "runs out of memory": lambda: _raise(MemoryError()),
    "has a fault": lambda: _raise(RuntimeError("a fault")),
    "is interrupted": lambda: _raise(KeyboardInterrupt()),
    "exits": lambda: _raise(SystemExit(3)),
    "finds what cannot be sent": lambda: [Finding("ZZZ001", lambda: None, At("x"))],  # type: ignore[arg-type]
}


@pytest.mark.parametrize("death", DEATHS)
def test_a_second_process_that_dies_changes_nothing(
    root: Path, with_rule: Any, death: str, capfd: pytest.CaptureFixture[str]
) -> None:
    with_rule(lambda context, is_child: DEATHS[death]() if is_child else [])
    assert by_two(root) == by_one(root)
    assert capfd.readouterr() == ("", "")


def test_where_nothing_can_be_forked_one_does_it_all(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fork", lambda: _raise(OSError(errno.EAGAIN, "no more processes")))
    assert by_two(root) == by_one(root)


@pytest.mark.parametrize("missing", ["fork", "a second processor"])
def test_where_there_is_no_second_process_one_does_it_all(
    root: Path, monkeypatch: pytest.MonkeyPatch, missing: str
) -> None:
    if missing == "fork":
        monkeypatch.delattr(os, "fork")
    else:
        monkeypatch.setattr(os, "cpu_count", lambda: None)
        monkeypatch.setattr(os, "fork", lambda: _raise(AssertionError("forked")))
    assert by_two(root) == by_one(root)


def test_megabytes_of_findings_come_through(root: Path, with_rule: Any) -> None:
    """More than any pipe holds, from both, in another order in each."""
    texts = [f"{number} {'x' * 200}" for number in range(20_000)]

    def find(context: Context, is_child: bool) -> Iterator[Finding]:
        for text in reversed(texts) if is_child else texts:
            yield Finding("ZZZ001", text, At("svcops.yaml"))

    with_rule(find)
    assert len(by_two(root).findings) > 20_000
    assert by_two(root) == by_one(root)


@pytest.mark.parametrize("error", [KeyboardInterrupt(), RuntimeError("a fault")], ids=["interrupt", "fault"])
def test_where_the_first_process_stops_the_second_does_not_go_on(root: Path, with_rule: Any, error: Any) -> None:
    with_rule(lambda context, is_child: time.sleep(600) if is_child else _raise(error))
    began = time.monotonic()
    with pytest.raises(type(error)):
        by_two(root)
    assert time.monotonic() - began < 100


PROGRAM = """
import os, signal, sys, time
from datetime import UTC, datetime
from pathlib import Path
from svcops.checking import engine
from svcops.checking.model import At, Finding
from svcops.checking.rule import Rule
from svcops.store.graph import Graph

os.cpu_count = lambda: 2
engine._MANY = 0
parent, real = os.getpid(), engine.registry.running
print("said before")

def find(context):
    if os.getpid() != parent:
        Path(sys.argv[2]).write_text(str(os.getpid()))
        return CHILD
    while not Path(sys.argv[2]).exists() or not Path(sys.argv[2]).read_text():
        time.sleep(0.01)
    Path(sys.argv[2] + ".parent").touch()
    PARENT
    return []

engine.registry.running = lambda kinds: [*real(kinds), Rule("ZZZ001", "a test", find=find)]
engine.check(Graph(Path(sys.argv[1])), datetime(2026, 11, 23, tzinfo=UTC))
print("said after")
"""


def start(root: Path, pid: Path, child: str, parent: str) -> "subprocess.Popen[str]":
    program = PROGRAM.replace("CHILD", child).replace("PARENT", parent)
    command = [sys.executable, "-B", "-c", program, str(root), str(pid)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True)


def is_running(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def ends(pid: int) -> bool:
    """Whether a process ends by itself; one of an hour would not."""
    until = time.monotonic() + 30
    while time.monotonic() < until and is_running(pid):
        time.sleep(0.02)
    return not is_running(pid)


needs_proc = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks for processes in /proc")


@needs_proc
def test_where_the_first_process_is_killed_the_second_ends(root: Path, tmp_path: Path) -> None:
    """It may not wait for ever to be heard."""
    megabytes = "time.sleep(0.3) or [Finding('ZZZ001', str(n) + 'x' * 1000, At('svcops.yaml')) for n in range(5000)]"
    with start(root, tmp_path / "pid", megabytes, "os.kill(os.getpid(), signal.SIGKILL)") as process:
        process.wait()
        assert ends(int((tmp_path / "pid").read_text()))


@needs_proc
@pytest.mark.parametrize("whom", ["the first", "both"])
def test_an_interrupt_from_the_keyboard_ends_both(root: Path, tmp_path: Path, whom: str) -> None:
    pid = tmp_path / "pid"
    with start(root, pid, "time.sleep(3600)", "time.sleep(3600)") as process:
        while not Path(f"{pid}.parent").exists():
            time.sleep(0.02)
        time.sleep(0.2)
        (os.killpg if whom == "both" else os.kill)(process.pid, signal.SIGINT)
        _, said = process.communicate(timeout=60)
        assert ends(int(pid.read_text()))
    assert process.returncode == -signal.SIGINT
    assert said.count("KeyboardInterrupt") == 1
    assert said.count("Traceback") == 1


def test_nothing_is_printed_twice(root: Path, tmp_path: Path) -> None:
    with start(root, tmp_path / "pid", "[]", "") as process:
        assert process.communicate() == ("said before\nsaid after\n", "")


def test_the_cache_is_not_shared_by_two_processes(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """SQLite forbids what is open to be used on both sides of a fork."""
    monkeypatch.setattr(engine, "_MANY", 0)
    graph, fork = Graph(root, tmp_path / "cache"), os.fork
    assert graph.settings
    assert "_connection" in graph._cache.__dict__

    def watched() -> int:
        assert "_connection" not in graph._cache.__dict__
        return fork()

    monkeypatch.setattr(os, "fork", watched)
    assert check(graph, NOW) == by_one(root)


def test_both_fill_the_cache(root: Path, tmp_path: Path) -> None:
    import sqlite3

    assert by_two(root, tmp_path / "cache") == by_one(root)
    (file,) = (tmp_path / "cache").glob("*.db")
    connection = sqlite3.connect(file)
    folders = {files.partition(b"/")[0].decode() for (files,) in connection.execute("SELECT files FROM packs")}
    connection.close()
    assert folders >= {"catalogue", "slo"}
    assert by_two(root, tmp_path / "cache") == by_one(root)

"""No state of the cache can change a result: not an old one, a damaged one, one of others, or none."""

import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.tries import tries

from svcops.checking.engine import Outcome, check
from svcops.store import cache as cache_module
from svcops.store.files import WorkTree
from svcops.store.graph import Graph

NOW = datetime(2026, 11, 23, 8, 15, tzinfo=UTC)
INCIDENT = "incidents/2026/incident-20261123-k7f3q2"
EVENT = "at: 2026-11-23T08:15:00Z\nrecorded_at: 2026-11-23T08:15:00Z\nby: kim\n"
FILES: dict[str, tuple[str, ...]] = {
    "svcops.yaml": ("organisation: E\n", "organisation: F\n", "organisation: [\n"),
    "catalogue/services/payroll.yaml": ("title: Pay\nowner: finance\n", "title: Pay\nowner: finanse\n", "tilte: P\n"),
    "catalogue/services/ledger.yaml": (
        "title: L\nowner: finance\ndependencies: [{service: payroll}]\n",
        "title: L\nowner: finance\ndependencies: [{service: payrell}]\n",
        "title: L\nowner: nobody  # svcops: waive REF001 by kim until 2027-01-01 because it is new\n",
    ),
    "catalogue/services/Odd.yaml": ("title: Odd\nowner: finance\n",),
    "catalogue/teams/finance.yaml": ("title: Finance\n", "title: Fin-nce\n", "title: ''\n"),
    "catalogue/people/kim.yaml": ("name: Kim\n", "nome: Kim\n"),
    "runbooks/payroll/restore.md": (
        "---\ntitle: R\nkind: recovery\nservices: [payroll]\n---\nText\n",
        "---\ntitle: R\nkind: recovery\nservices: [pay-all]\n---\nText\n",
        "No fields\n",
    ),
    "slo/a.yaml": ("apiVersion: openslo/v1\nkind: Service\nmetadata: {name: one}\nspec: {}\n", "[]\n", ""),
    "slo/b.yaml": ("apiVersion: openslo/v1\nkind: Service\nmetadata: {name: one}\nspec: {}\n",),
    f"{INCIDENT}/incident.yaml": ("title: T\nservices: [payroll]\ndetected_by: user\n", "title: T\nservices: [x]\n"),
    f"{INCIDENT}/timeline/1-opened.yaml": (f"type: opened\n{EVENT}severity: sev3\n", f"type: opned\n{EVENT}"),
}
PATHS = st.sampled_from(sorted(FILES))
EDITS = st.tuples(
    st.sampled_from(
        ("write", "write", "write with the time put back", "delete", "touch", "rename", "link", "as it is")
    ),
    PATHS,
    st.integers(0, 2),
)
STATES = (
    "as it is",
    "as it is",
    "certain",
    "gone",
    "a byte changed",
    "cut short",
    "zeros",
    "other documents",
    "rows exchanged",
    "other columns",
    "another version",
    "a folder in its place",
    "may not be written",
    "may not be used",
    "locked",
    "about to be written",
)


def outcome(root: Path, folder: Path | None) -> Outcome:
    return check(Graph(root, folder), NOW)


def write(root: Path, path: str, text: str) -> None:
    full = root / path
    full.parent.mkdir(parents=True, exist_ok=True)
    if full.is_symlink():
        full.unlink()
    full.write_text(text, encoding="utf-8")


def edit(root: Path, what: str, path: str, choice: int) -> None:
    """What a person, an editor or git does to a file; some of it keeps size and time of change."""
    full = root / path
    text = FILES[path][choice % len(FILES[path])]
    before = full.stat() if full.exists() else None
    if what == "write" or (before is None and what != "as it is"):
        write(root, path, text)
    elif before is None:
        return
    elif what == "write with the time put back":
        write(root, path, text)
        os.utime(full, ns=(before.st_atime_ns, before.st_mtime_ns))
    elif what == "delete":
        full.unlink()
    elif what == "touch":
        os.utime(full, (choice, choice))
    elif what == "rename":
        full.replace(full.with_name(f"other-{choice}{full.suffix}"))
    elif what == "link":
        full.replace(full.with_name(f"target{full.suffix}"))
        full.symlink_to(f"target{full.suffix}")


def sql(file: Path, *statements: str) -> None:
    connection = sqlite3.connect(file)
    try:
        with connection:
            for statement in statements:
                connection.execute(statement)
    except sqlite3.Error:
        pass  # it was damaged before
    connection.close()


def make_certain(root: Path, file: Path) -> None:
    """As after two seconds in which nothing changed: size and times stand for the content, where it is the content."""
    connection = sqlite3.connect(file)
    try:
        with connection:
            for of, name, *row, _ in connection.execute("SELECT * FROM packs").fetchall():
                files = cache_module.Pack(*row).files()
                for path, one in files.items():
                    signature = WorkTree(root).signature(path)
                    if signature and cache_module.blob_of((root / path).read_bytes()) == one.blob:
                        files[path] = one._replace(signature=signature)
                connection.execute(cache_module._PUT, cache_module._row(of, name, files))
    except (sqlite3.Error, TypeError, ValueError, OSError):
        pass  # it was damaged before
    connection.close()
    time.sleep(0.012)  # longer than a tick of this machine's clock, as two seconds are of any


def damage(file: Path, state: str, seed: int) -> None:
    chance, data = random.Random(seed), bytearray(file.read_bytes())
    start = chance.randrange(len(data)) if data else 0
    if state == "a byte changed" and data:
        data[start] ^= 1 << chance.randrange(8)
    elif state == "cut short":
        del data[start:]
    elif state == "zeros":
        data[start : start + 100] = bytes(len(data[start : start + 100]))
    file.write_bytes(data)


STATEMENTS = {
    "other documents": (
        """UPDATE packs SET documents = CAST('[[{"title": "Poison", "owner": "poison"}]]' AS BLOB)""",
        """UPDATE packs SET documents = CAST('[[{"name": "Poison"}]]' AS BLOB) WHERE kind = 'person'""",
    ),
    "rows exchanged": (
        "UPDATE packs SET pack = pack || 'x' WHERE kind = 'service'",
        "UPDATE packs SET pack = (SELECT min(pack) FROM packs WHERE kind = 'team') WHERE kind = 'service'",
        "UPDATE packs SET kind = 'team' WHERE kind = 'system'",
    ),
    "other columns": ("ALTER TABLE packs DROP COLUMN checksum", "ALTER TABLE packs ADD COLUMN more DEFAULT 1"),
}


@contextmanager
def in_state(root: Path, folder: Path, state: str, seed: int) -> Iterator[None]:
    """The cache in that state, for as long as it is looked at."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cache_module, "_WAIT", 0.001)
        if state == "another version":
            patch.setattr(cache_module, "stamp", lambda: f"version {seed % 2}")
        file = folder / cache_module._name()
        is_file = file.is_file()
        other = None
        if state == "gone":
            shutil.rmtree(folder, ignore_errors=True)
        elif state == "a folder in its place":
            file.unlink() if is_file else None
            file.mkdir(parents=True, exist_ok=True)
        elif is_file and state in ("a byte changed", "cut short", "zeros"):
            damage(file, state, seed)
        elif is_file and state in STATEMENTS:
            sql(file, *STATEMENTS[state])
        elif is_file and state == "certain":
            make_certain(root, file)
        elif is_file and state in ("may not be written", "may not be used"):
            file.chmod(0o400 if state == "may not be written" else 0)
            patch.setattr(cache_module, "_open", refusing(state))  # permissions do not hold root back
        elif is_file and state in ("locked", "about to be written"):
            other = sqlite3.connect(file, isolation_level=None)
            with suppress(sqlite3.Error):  # it was damaged before
                other.execute("BEGIN EXCLUSIVE" if state == "locked" else "BEGIN IMMEDIATE")
        yield
        if other:
            other.close()
        if state == "a folder in its place":
            file.rmdir()
        elif file.exists():
            file.chmod(0o600)


def refusing(state: str) -> Callable[[Path], sqlite3.Connection]:
    def open_(file: Path) -> sqlite3.Connection:
        if state == "may not be used":
            raise sqlite3.OperationalError("unable to open database file")
        return sqlite3.connect(f"file:{file}?mode=ro", uri=True)

    return open_


@tries(60)
@given(
    st.dictionaries(PATHS, st.integers(0, 2)),
    st.lists(st.tuples(EDITS, st.sampled_from(STATES), st.integers(0, 2**32)), min_size=1, max_size=6),
)
def test_no_state_of_the_cache_changes_a_result(tmp_path_factory, files, steps) -> None:
    place = tmp_path_factory.mktemp("states")
    root, folder = place / "store", place / "cache"
    write(root, "svcops.yaml", FILES["svcops.yaml"][0])
    for path, choice in files.items():
        edit(root, "write", path, choice)
    outcome(root, folder)
    for what, state, seed in steps:
        edit(root, *what)
        without = outcome(root, None)
        with in_state(root, folder, state, seed):
            assert outcome(root, folder) == without, (what, state)
            assert outcome(root, folder) == without, (what, state)
    shutil.rmtree(place)


def test_a_change_of_title_is_seen_from_every_state(tmp_path: Path) -> None:
    """What the property above compares does differ: a poisoned cache that is believed shows."""
    write(tmp_path, "catalogue/services/payroll.yaml", "title: P\nowner: finance\n")
    write(tmp_path, "catalogue/teams/finance.yaml", "title: Finance\n")
    folder = tmp_path / "cache"
    before = outcome(tmp_path, folder)
    make_certain(tmp_path, next(folder.iterdir()))
    connection = sqlite3.connect(next(folder.iterdir()))
    with connection:
        of, name, *row, _ = connection.execute("SELECT * FROM packs WHERE kind = 'service'").fetchone()
        poison = [{"title": "P", "owner": "nobody"}]
        files = {path: file._replace(documents=poison) for path, file in cache_module.Pack(*row).files().items()}
        connection.execute(cache_module._PUT, cache_module._row(of, name, files))
    connection.close()
    assert outcome(tmp_path, folder) != before
    assert outcome(tmp_path, None) == before


# Several processes, as they are called --------------------------------------------------------------------------------


@pytest.fixture
def large(store) -> Path:
    """A store of a few hundred records in git, some of them wrong."""
    for number in range(300):
        wrong = "\nowner: nobody" if number % 10 == 0 else "\nowner: finance"
        write(store.root, f"catalogue/services/service-{number}.yaml", f"title: Service {number}{wrong}\n")
        write(store.root, f"catalogue/people/person-{number}.yaml", f"name: Person {number}\n")
    write(store.root, "catalogue/teams/finance.yaml", "title: Finance\n")
    return store.root


CHECK = [sys.executable, "-m", "svcops", "check"]


def start(root: Path) -> "subprocess.Popen[str]":
    return subprocess.Popen([*CHECK, "--json"], cwd=root, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_checks_at_once_on_one_cold_cache_say_the_same(large: Path) -> None:
    answers = [process.communicate() for process in [start(large) for _ in range(4)]]
    last = start(large).communicate()
    assert {out for out, _ in answers} == {last[0]}
    assert {err for _, err in answers} == {""}
    assert len(json.loads(last[0])["findings"]) >= 30


def test_a_check_that_is_killed_while_it_writes_leaves_the_next_one_right(large: Path, tmp_path: Path) -> None:
    right = start(large).communicate()[0]
    cache = large / ".git" / "svcops" / "cache"
    chance = random.Random(2)
    for _ in range(6):
        shutil.rmtree(cache)
        # A file, not a pipe: nobody reads before the kill, and a check whose pipe is full would wait for ever.
        with (tmp_path / "said").open("wb") as said:
            process = subprocess.Popen([*CHECK, "--json"], cwd=large, stdout=said, stderr=said)
        while process.poll() is None and not list(cache.glob("*.db-journal")):
            time.sleep(0.0005)
        time.sleep(chance.random() / 50)
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert start(large).communicate() == (right, "")
    assert start(large).communicate() == (right, "")

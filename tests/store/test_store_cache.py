"""The cache changes how long reading takes, and nothing else."""

import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.tries import tries

from svcops.store import cache as cache_module
from svcops.store.cache import Cache
from svcops.store.files import WorkTree
from svcops.store.graph import Graph
from svcops.store.layout import KINDS, kind

TEAM = "catalogue/teams/finance.yaml"
SERVICE = "catalogue/services/payroll.yaml"
GOOD = {
    TEAM: ("title: Finance\n", "title: Fin-nce\n", "title: Finance\ndescription: Money\n"),
    SERVICE: ("title: Pay\nowner: finance\n", "title: Pey\nowner: finance\n", "title: Pay\nowner: finance\ntier: 1\n"),
    "slo/a.yaml": ("apiVersion: openslo/v1\nkind: Service\nmetadata: {name: a}\nspec: {}\n",),
}
BAD = {
    TEAM: ("titel: Finance\n", "title: [inance\n"),
    SERVICE: ("title: Pay\n", "a: 1\na: 2\n"),
    "slo/a.yaml": ("x: 1\n",),
}


def write(root, files):
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")


def read(root, folder):
    """Every entry and every finding, as text."""
    graph = Graph(root, folder)
    graph.read_everything()
    entries = {of.name: {name: repr(entry) for name, entry in graph.all(of.name).items()} for of in KINDS}
    return entries, sorted(map(repr, graph.findings))


def alter(folder, statement, *values):
    """Change the cache file by SQL."""
    (file,) = folder.glob("*.db")
    connection = sqlite3.connect(file)
    with connection:
        found = connection.execute(statement, values).fetchall()
    connection.close()
    return found


def packs(folder):
    """What every row of the cache holds: by kind and pack, by path."""
    rows = alter(folder, "SELECT kind, pack, files, documents FROM packs")
    return {(of, name): cache_module.Pack(files, text).files() for of, name, files, text in rows}


def held(folder):
    """The paths that the cache holds."""
    return {path for files in packs(folder).values() for path in files}


def rewrite(folder, change):
    """Hold something else, as if svcops had written it: `change` makes the new _File from a path and the old one."""
    for key, files in packs(folder).items():
        new = {path: change(path, file) for path, file in files.items()}
        alter(folder, cache_module._PUT, *cache_module._row(*key, new))


def age(root, folder):
    """Make what is held certain, as it is when the files have been as they are for longer than a tick of the clock."""

    def certain(path, file):
        signature = WorkTree(root).signature(path)
        is_same = signature and cache_module.blob_of((root / path).read_bytes()) == file.blob
        return file._replace(signature=signature) if is_same else file

    rewrite(folder, certain)


def poison(folder, path):
    """Hold something for a file that it does not say."""
    said = [{"title": "Poison"}]
    rewrite(folder, lambda each, file: file._replace(documents=said) if each == path else file)


@pytest.fixture
def root(tmp_path):
    root = tmp_path / "store"
    write(root, {path: texts[0] for path, texts in GOOD.items()})
    return root


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "cache"


def test_a_second_reading_neither_parses_nor_validates(root, folder):
    read(root, folder)
    program = (
        "import sys\nfrom pathlib import Path\nfrom svcops.store.graph import Graph\n"
        f"graph = Graph(Path({str(root)!r}), Path({str(folder)!r}))\ngraph.read_everything()\n"
        "assert graph.all('service')['payroll'].value.title == 'Pay'\n"
        "print(sorted({'pydantic', 'yaml', 'ruamel', 'git'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-B", "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_with_without_and_warm_are_the_same(root, folder):
    write(root, {TEAM: BAD[TEAM][0]})
    without = read(root, None)
    assert read(root, folder) == without
    assert read(root, folder) == without
    assert list(folder.iterdir())


def test_only_files_without_findings_are_held_and_never_a_finding(root, folder):
    write(root, {"catalogue/teams/bad.yaml": "titel: x\n"})
    read(root, folder)
    assert held(folder) == set(GOOD)
    assert b"SCHEMA001" not in b"".join(path.read_bytes() for path in folder.iterdir())


def test_a_file_with_a_waiver_is_not_held(root, folder):
    write(root, {TEAM: "title: Finance  # svcops: waive TEAM001 because it is new\n"})
    read(root, folder)
    assert TEAM not in held(folder)


def test_a_file_that_is_gone_is_forgotten(root, folder):
    write(root, {"catalogue/services/other.yaml": "title: Other\nowner: finance\n"})
    read(root, folder)
    (root / SERVICE).unlink()
    read(root, folder)
    assert SERVICE not in held(folder)
    assert "catalogue/services/other.yaml" in held(folder)


def test_a_cache_of_a_store_that_is_gone_is_no_harm(root, folder):
    read(root, folder)
    shutil.rmtree(root)
    root.mkdir()
    assert read(root, folder) == read(root, None)


def test_a_cache_of_another_version_is_not_used_and_is_thrown_away(root, folder, monkeypatch):
    read(root, folder)
    age(root, folder)
    poison(folder, TEAM)
    assert "Poison" in str(read(root, folder)), "what is held is what is used"
    (before,) = folder.iterdir()
    monkeypatch.setattr(cache_module, "stamp", lambda: "another version")
    found = read(root, folder)
    assert found == read(root, None)
    assert "Poison" not in str(found)
    assert not before.exists()
    assert held(folder) == set(GOOD)


def test_the_stamp_changes_with_the_version(monkeypatch):
    import svcops

    before = cache_module.stamp.__wrapped__()
    monkeypatch.setattr(svcops, "__version__", "99")
    assert cache_module.stamp.__wrapped__() != before


# Damage --------------------------------------------------------------------------------------------------------------

ODD = (b"", b"null", b"{", b"\x00", b"SQLite format 3\x00", b"SQLite format 3\x00" + b"\xff" * 5000, b"\x00" * 100_000)


@pytest.mark.parametrize("content", ODD, ids=range(len(ODD)))
def test_an_odd_cache_is_as_if_there_were_none_and_does_not_last(root, folder, content):
    read(root, folder)
    without = read(root, None)
    (file,) = folder.iterdir()
    file.write_bytes(content)
    assert read(root, folder) == without
    assert read(root, folder) == without
    read(root, folder)
    assert held(folder) == set(GOOD)


CHANGES = (
    "documents = NULL",
    "documents = ''",
    "documents = x''",
    "documents = x'5b5d'",
    "documents = '[[]]'",
    "documents = 1",
    """documents = CAST('[[{"title":"Poison"}]]' AS BLOB)""",
    "files = ''",
    "files = x''",
    "files = NULL",
    "files = 1",
    "files = x'ff0000'",
    "files = documents",
    "files = CAST(replace(CAST(files AS TEXT), 'finance', 'balance') AS BLOB)",
    "checksum = NULL",
    "checksum = checksum + 1",
    "kind = 'team'",
    "pack = pack || 'x'",
    "pack = CAST(x'ff' AS TEXT) || pack",
    "pack = NULL",
    "kind = CAST(x'ff' AS TEXT)",
)


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("is_aged", [False, True])
def test_a_row_that_svcops_did_not_write_is_as_if_there_were_none(root, folder, change, is_aged):
    read(root, folder)
    if is_aged:
        age(root, folder)
    alter(folder, f"UPDATE packs SET {change}")
    without = read(root, None)
    assert read(root, folder) == without
    assert read(root, folder) == without


def test_a_row_that_claims_to_be_of_another_content_is_as_if_there_were_none(root, folder):
    """Its documents are as they were; what says of which file they are is not."""
    read(root, folder)
    (root / TEAM).write_text("title: Other\n")
    signature = WorkTree(root).signature(TEAM).encode()
    for name, files in alter(folder, "SELECT pack, files FROM packs WHERE kind = 'team'"):
        path, _, blob = files.split(b"\0")
        alter(folder, "UPDATE packs SET files = ? WHERE pack = ?", b"\0".join((path, signature, blob)), name)
    assert "Other" in str(read(root, folder)[0]["team"])


def test_rows_that_changed_places_are_as_if_there_were_none(root, folder):
    write(root, {"catalogue/teams/other.yaml": "title: Other\n"})
    read(root, folder)
    age(root, folder)
    one, other = (name for (name,) in alter(folder, "SELECT pack FROM packs WHERE kind = 'team'"))
    for before, after in ((one, "tmp"), (other, one), ("tmp", other)):
        alter(folder, "UPDATE packs SET pack = ? WHERE kind = 'team' AND pack = ?", after, before)
    assert read(root, folder) == read(root, None)


@pytest.mark.parametrize(
    "statement",
    [
        "DROP TABLE packs",
        "ALTER TABLE packs DROP COLUMN documents",
        "ALTER TABLE packs RENAME COLUMN kind TO sort",
        "ALTER TABLE packs ADD COLUMN more",
        "ALTER TABLE packs RENAME TO other",
        "CREATE TRIGGER no BEFORE INSERT ON packs BEGIN SELECT RAISE(FAIL, 'no'); END",
    ],
)
def test_another_table_is_as_if_there_were_none(root, folder, statement):
    read(root, folder)
    alter(folder, statement)
    without = read(root, None)
    assert read(root, folder) == without
    assert read(root, folder) == without


def test_a_cache_whose_damage_cannot_be_told_in_unicode_is_as_if_there_were_none(root, folder):
    read(root, folder)
    (file,) = folder.glob("*.db")
    damaged = file.read_bytes().replace(b"tablefiles", b"tablefi\xa0es").replace(b"CREATE TABLE", b"CREATE TABLX")
    file.write_bytes(damaged)
    assert read(root, folder) == read(root, None)
    assert read(root, folder) == read(root, None)


@given(seed=st.integers(0, 2**32), how=st.sampled_from(("flip", "cut", "double", "zero", "swap")))
@tries(150)
def test_a_damaged_cache_is_as_if_there_were_none(tmp_path_factory, seed, how):
    place = tmp_path_factory.mktemp("damaged")
    root, folder = place / "store", place / "cache"
    write(root, {path: texts[0] for path, texts in GOOD.items()})
    without = read(root, None)
    read(root, folder)
    age(root, folder)
    damage(folder, random.Random(seed), how)
    assert read(root, folder) == without
    assert read(root, folder) == without
    shutil.rmtree(place)


def damage(folder, chance, how):
    """Change some bytes of the cache file."""
    for path in folder.iterdir():
        data = bytearray(path.read_bytes())
        start = chance.randrange(len(data))
        end = min(len(data), start + chance.randrange(1, 20))
        if how == "flip":
            data[start] ^= 1 << chance.randrange(8)
        elif how == "cut":
            del data[start:end]
        elif how == "double":
            data[start:start] = data[start:end]
        elif how == "zero":
            data[start:end] = bytes(end - start)
        else:
            data[start:end] = reversed(data[start:end])
        path.write_bytes(data)


# Files that change ---------------------------------------------------------------------------------------------------

STEPS = st.lists(
    st.tuples(
        st.sampled_from(sorted(GOOD)),
        st.sampled_from(
            ("good", "bad", "same size", "replace", "delete", "touch", "back", "certain", "read part", "swap")
        ),
        st.integers(0, 2),
    ),
    min_size=1,
    max_size=8,
)


@tries(60)
@given(STEPS)
def test_a_stale_cache_is_noticed_whatever_happens_to_the_files(tmp_path_factory, steps):
    place = tmp_path_factory.mktemp("stale")
    root, folder = place / "store", place / "cache"
    write(root, {path: texts[0] for path, texts in GOOD.items()})
    read(root, folder)
    for path, step, choice in steps:
        happen(root, folder, path, step, choice)
        without = read(root, None)
        assert read(root, folder) == without, step
    shutil.rmtree(place)


def happen(root, folder, path, step, choice):
    full = root / path
    if step in ("good", "bad"):
        texts = (GOOD if step == "good" else BAD)[path]
        write(root, {path: texts[choice % len(texts)]})
    elif step == "certain":
        age(root, folder)
        time.sleep(0.012)  # longer than a tick of this machine's clock, as two seconds are of any
    elif step == "read part":
        Graph(root, folder).part("team", name="finance")
    elif not full.exists():
        return
    elif step == "same size":
        before, data = full.stat(), full.read_bytes()
        full.write_bytes(data.replace(b"a", b"o") if choice else data.replace(b"i", b"e"))
        os.utime(full, ns=(before.st_atime_ns, before.st_mtime_ns))
    elif step == "replace":
        before = full.stat()
        other = full.with_name("other.tmp")
        other.write_bytes(full.read_bytes().replace(b"e", b"a"))
        os.utime(other, ns=(before.st_atime_ns, before.st_mtime_ns))
        os.replace(other, full)
    elif step == "delete":
        full.unlink()
    elif step == "touch":
        full.touch()
    elif step == "back":
        os.utime(full, (1, 1))
    elif step == "swap":
        other = root / "catalogue/teams/other.yaml"
        if path == TEAM and other.exists():
            other.rename(full)
        elif path == TEAM:
            full.rename(other)


def test_a_change_of_the_same_size_with_its_time_put_back_is_noticed(root, folder):
    read(root, folder)
    age(root, folder)
    time.sleep(0.05)
    full = root / TEAM
    before = full.stat()
    full.write_text("title: Fanince\n")
    os.utime(full, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert (full.stat().st_size, full.stat().st_mtime_ns) == (before.st_size, before.st_mtime_ns)
    assert "Fanince" in str(read(root, folder))


def test_a_change_right_after_reading_is_noticed_though_its_times_may_be_the_same(root, folder):
    for number in range(30):
        (root / TEAM).write_text(f"title: t{number:07d}\n")
        assert f"t{number:07d}" in str(read(root, folder)[0]["team"])


def test_a_file_that_changes_between_reading_and_remembering_is_not_remembered_wrongly(root, folder):
    """An editor saves while the file is being validated: what was read is not what is there now."""
    cache, tree = Cache(folder), WorkTree(root)
    (root / TEAM).write_text("title: Finance\n")
    data, _ = tree.read(TEAM)
    (root / TEAM).write_text("title: Fanince\n")
    cache.put(tree, kind("team"), TEAM, data, [{"title": "Finance"}])
    cache.save()
    assert "Fanince" in str(read(root, folder)[0]["team"])


def test_a_file_that_changes_between_the_walk_and_reading_is_not_remembered_wrongly(root, folder):
    os.utime(root / TEAM, (1, 1))
    graph = Graph(root, folder)
    graph.take_inventory()
    (root / TEAM).write_text("title: Fanince\n")
    assert "Fanince" in str(graph.all("team"))
    (root / TEAM).write_text("title: Finance\n")
    os.utime(root / TEAM, (1, 1))
    assert "Finance" in str(read(root, folder)[0]["team"])


def test_a_part_that_was_read_does_not_drop_the_rest(root, folder, monkeypatch):
    monkeypatch.setattr(cache_module, "_PACKS", 1)
    read(root, folder)
    write(root, {"catalogue/teams/new.yaml": "title: New\n"})
    assert [*Graph(root, folder).part("team", name="new")] == ["new"]
    assert held(folder) == {*GOOD, "catalogue/teams/new.yaml"}
    assert read(root, folder) == read(root, None)


DAY = "incidents/2026/incident-20261123-{}/incident.yaml"
INCIDENT = "title: Down\nservices: [payroll]\ndetected_by: user\n"


def test_what_happened_on_a_day_is_one_pack_and_a_part_of_it_is_read_alone(root, folder):
    write(root, {DAY.format(tail): INCIDENT for tail in ("aaaaaa", "bbbbbb", "cccccc")})
    read(root, folder)
    age(root, folder)
    assert [len(files) for (of, _), files in packs(folder).items() if of == "incident"] == [3]
    (root / DAY.format("bbbbbb")).write_text(INCIDENT.replace("Down", "Slow"))
    found = Graph(root, folder).part("incident", year="2026", name="incident-20261123-bbbbbb")
    assert [entry.value.title for entry in found.values()] == ["Slow"]
    assert held(folder) == {*GOOD, *(DAY.format(tail) for tail in ("aaaaaa", "bbbbbb", "cccccc"))}
    assert read(root, folder) == read(root, None)


@pytest.mark.parametrize("path", [TEAM, DAY.format("bbbbbb")])
def test_one_file_of_a_pack_that_is_gone_or_damaged_leaves_the_others(root, folder, path, monkeypatch):
    monkeypatch.setattr(cache_module, "_PACKS", 1)
    write(root, {DAY.format(tail): INCIDENT for tail in ("aaaaaa", "bbbbbb")})
    write(root, {"catalogue/teams/other.yaml": "title: Other\n"})
    read(root, folder)
    age(root, folder)
    before = held(folder)
    (root / path).write_text("titel: x\n")
    assert read(root, folder) == read(root, None)
    assert held(folder) == before - {path}
    read(root, folder)
    (root / path).unlink()
    assert read(root, folder) == read(root, None)
    assert held(folder) == before - {path}


def test_a_new_file_joins_its_pack(root, folder, monkeypatch):
    monkeypatch.setattr(cache_module, "_PACKS", 1)
    read(root, folder)
    age(root, folder)
    write(root, {"catalogue/teams/new.yaml": "title: New\n"})
    read(root, folder)
    assert held(folder) == {*GOOD, "catalogue/teams/new.yaml"}


def test_a_folder_that_became_a_link_is_not_read_through_though_its_files_are_as_they_were(root, folder):
    write(root, {DAY.format("aaaaaa"): INCIDENT, "incidents/2025/incident-20251123-bbbbbb/incident.yaml": INCIDENT})
    read(root, folder)
    age(root, folder)
    (root / "incidents" / "2026").rename(root / "moved")
    (root / "incidents" / "2026").symlink_to("../moved")
    assert read(root, folder) == read(root, None)


def test_nothing_is_written_where_nothing_changed(root, folder):
    """A file with a finding, and one younger than a tick of the clock, are looked at every time."""
    write(root, {"catalogue/teams/bad.yaml": "titel: x\n"})
    read(root, folder)
    (file,) = folder.glob("*.db")
    before = file.read_bytes()
    read(root, folder)
    assert file.read_bytes() == before


def test_a_path_outside_of_the_store_root_is_keyed_as_it_is(root, folder):
    read(root, folder)
    other = root.with_name("other")
    shutil.copytree(root, other)
    (other / TEAM).write_text("title: Else\n")
    assert "Else" in str(read(Path(other), folder))


def test_a_name_that_is_not_text_does_not_keep_the_others_out(root, folder):
    name = os.fsdecode(b"catalogue/teams/\xff.yaml")
    write(root, {name: "title: Odd\n"})
    found = read(root, folder)
    assert found == read(root, None)
    assert held(folder) == set(GOOD)
    graph = Graph(root, folder)
    assert list(graph.part("team", name=os.fsdecode(b"\xff"))) == [os.fsdecode(b"\xff")]
    assert held(folder) == set(GOOD)


# Places that cannot be used ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("obstacle", ["a file", "a file above", "a folder where the file goes", "a link to nowhere"])
def test_a_place_that_cannot_be_used_is_no_error(root, tmp_path, obstacle):
    folder = tmp_path / "git" / "cache"
    if obstacle == "a file above":
        (tmp_path / "git").write_text("")
    else:
        folder.parent.mkdir()
        if obstacle == "a file":
            folder.write_text("")
        elif obstacle == "a link to nowhere":
            folder.symlink_to("nowhere/at/all")
        else:
            (folder / cache_module._name()).mkdir(parents=True)
    assert read(root, folder) == read(root, None)


READER = """
import sys
from pathlib import Path
from svcops.store.graph import Graph
graph = Graph(Path(sys.argv[1]), Path(sys.argv[2]))
graph.read_everything()
print(len(graph.all("team")), len(graph.findings))
"""


def read_as_nobody_special(root, folder, *before):
    """Root may do everything: read without that power."""
    powerless = (
        "setpriv",
        "--bounding-set=-dac_override,-dac_read_search",
        "--inh-caps=-dac_override,-dac_read_search",
    )
    prefix = powerless if os.getuid() == 0 else ()
    done = subprocess.run(
        [*before, *prefix, sys.executable, "-B", "-c", READER, str(root), str(folder)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert not done.returncode, done.stderr
    return done.stdout


@pytest.mark.skipif(os.getuid() == 0 and not shutil.which("setpriv"), reason="root may do everything")
@pytest.mark.parametrize("mode", [0o000, 0o400, 0o500, 0o200, 0o300])
@pytest.mark.parametrize("filled", [False, True])
def test_a_folder_without_the_right_to_use_it_is_no_error(root, folder, mode, filled):
    folder.mkdir()
    if filled:
        read(root, folder)
        (root / TEAM).write_text("title: Other\n")
    folder.chmod(mode)
    try:
        assert read_as_nobody_special(root, folder) == "1 0\n"
    finally:
        folder.chmod(0o700)


@pytest.mark.skipif(os.getuid() == 0 and not shutil.which("setpriv"), reason="root may do everything")
@pytest.mark.parametrize("mode", [0o000, 0o400, 0o200])
def test_a_file_without_the_right_to_use_it_is_no_error(root, folder, mode):
    read(root, folder)
    (root / TEAM).write_text("title: Other\n")
    for path in folder.iterdir():
        path.chmod(mode)
    assert read_as_nobody_special(root, folder) == "1 0\n"


def may_mount():
    if not shutil.which("unshare"):
        return False
    command = ["unshare", "--mount", "sh", "-c", "mount -t tmpfs none /mnt"]
    return not subprocess.run(command, capture_output=True, check=False).returncode


@pytest.mark.skipif(not may_mount(), reason="needs the right to mount")
@pytest.mark.parametrize("filled", [False, True])
def test_a_file_system_that_is_read_only_is_no_error(root, folder, filled):
    folder.mkdir()
    if filled:
        read(root, folder)
        (root / TEAM).write_text("title: Other\n")
    script = f'mount --bind {folder} {folder} && mount -o remount,ro,bind {folder} && exec "$@"'
    assert read_as_nobody_special(root, folder, "unshare", "--mount", "sh", "-c", script, "sh") == "1 0\n"


@pytest.mark.parametrize("lock", ["BEGIN IMMEDIATE", "BEGIN EXCLUSIVE"])
def test_a_cache_that_another_program_holds_on_to_is_waited_for_once(root, folder, lock, monkeypatch):
    """Not once a kind: the reading goes on without it."""
    read(root, folder)
    write(root, {TEAM: "title: Other\n"})
    monkeypatch.setattr(cache_module, "_WAIT", 0.01)
    tries = []
    monkeypatch.setattr(
        Cache, "_give_up", lambda self, error, real=Cache._give_up: tries.append(error) or real(self, error)
    )
    (file,) = folder.iterdir()
    other = sqlite3.connect(file, isolation_level=None)
    other.execute(lock)
    assert read(root, folder) == read(root, None)
    assert len(tries) <= 1
    other.execute("ROLLBACK")
    other.close()
    assert file.exists(), "it is not damaged, only busy"
    read(root, folder)
    assert held(folder) == set(GOOD)


def test_a_disk_that_is_full_is_no_error(root, folder, monkeypatch):
    """SQLite is told to take no page more, which fails as a full disk does."""
    real = cache_module._open

    def full(file):
        connection = real(file)
        connection.execute("PRAGMA max_page_count = 1")
        return connection

    monkeypatch.setattr(cache_module, "_open", full)
    write(root, {f"catalogue/teams/team-{number}.yaml": f"title: Team {number}\n" for number in range(200)})
    assert read(root, folder) == read(root, None)
    assert held(folder) <= {SERVICE}


# Several at once -----------------------------------------------------------------------------------------------------


def test_readers_at_once_do_not_disturb_each_other(root, folder):
    write(root, {f"catalogue/teams/team-{number}.yaml": f"title: Team {number}\n" for number in range(50)})
    readers = [
        subprocess.Popen(
            [sys.executable, "-B", "-c", READER, str(root), str(folder)], stdout=subprocess.PIPE, text=True
        )
        for _ in range(6)
    ]
    for reader in readers:
        assert reader.communicate()[0] == "51 0\n"
    assert read(root, folder) == read(root, None)
    assert held(folder) == {path.relative_to(root).as_posix() for path in root.rglob("*.yaml")}


def test_one_that_begins_does_not_take_away_what_another_began(root, folder, monkeypatch):
    """Both find no file; the second to open it must not remove what the first has made meanwhile."""
    monkeypatch.setattr(Path, "exists", lambda path: False)
    first, second = Cache(folder), Cache(folder)
    tree = WorkTree(root)
    for cache, path in ((first, TEAM), (second, SERVICE)):
        cache.put(tree, kind("team"), path, (root / path).read_bytes(), [{}])
    assert first._connection
    assert second._connection
    second.save()
    first.save()
    assert held(folder) == {TEAM, SERVICE}
    assert len(list(folder.iterdir())) == 1


WRITER = """
import os, sys
from pathlib import Path
from svcops.store.graph import Graph
while True:
    for path in Path(sys.argv[1]).glob("catalogue/teams/*.yaml"):
        os.utime(path)
    graph = Graph(Path(sys.argv[1]), Path(sys.argv[2]))
    graph.read_everything()
    print("again", flush=True)
"""


def test_a_reader_killed_while_it_writes_leaves_the_next_one_right(root, folder):
    write(root, {f"catalogue/teams/team-{number}.yaml": f"title: Team {number}\n" for number in range(400)})
    without = read(root, None)
    chance = random.Random(1)
    for _ in range(8):
        command = [sys.executable, "-B", "-c", WRITER, str(root), str(folder)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
            writer.stdout.readline()
            time.sleep(chance.random() / 10)
            writer.send_signal(signal.SIGKILL)
        assert read(root, folder) == without
    assert read(root, folder) == without


def test_a_journal_that_a_killed_writer_left_is_rolled_back(root, folder):
    read(root, folder)
    program = (
        "import os, sqlite3, sys\n"
        "connection = sqlite3.connect(sys.argv[1])\n"
        "connection.execute('PRAGMA cache_size = 1')\n"
        "connection.execute('PRAGMA cache_spill = ON')\n"
        "for number in range(2000):\n"
        "    connection.execute('INSERT INTO packs (pack, documents) VALUES (?, ?)', (str(number), b'x' * 1000))\n"
        "os.kill(os.getpid(), 9)\n"
    )
    (file,) = folder.iterdir()
    subprocess.run([sys.executable, "-c", program, str(file)], check=False)
    assert {path.suffix for path in folder.iterdir()} == {".db", ".db-journal"}
    assert read(root, folder) == read(root, None)
    assert held(folder) == set(GOOD)


def test_without_a_folder_nothing_is_kept(root, tmp_path):
    before = sorted(path.as_posix() for path in tmp_path.rglob("*"))
    cache = Cache(None)
    cache.put(WorkTree(root), kind("team"), TEAM, b"title: x\n", [{"title": "x"}])
    cache.save()
    cache.close()
    read(root, None)
    assert sorted(path.as_posix() for path in tmp_path.rglob("*")) == before

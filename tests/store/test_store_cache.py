"""The cache changes how long reading takes, and nothing else."""

import json
import os
import random
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from svcops.store import cache as cache_module
from svcops.store.cache import Cache
from svcops.store.change import digest_of
from svcops.store.graph import Graph
from svcops.store.layout import KINDS

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
    text = "".join(path.read_text(encoding="utf-8") for path in folder.iterdir())
    assert TEAM in text
    assert "bad.yaml" not in text
    assert "SCHEMA001" not in text


def test_a_cache_of_a_store_that_is_gone_is_no_harm(root, folder):
    read(root, folder)
    shutil.rmtree(root)
    root.mkdir()
    assert read(root, folder) == read(root, None)


def test_a_cache_of_another_version_is_not_used(root, folder, monkeypatch):
    read(root, folder)
    entries, replace = entries_of(folder / "team.json")
    entries[TEAM][3][0]["title"] = "Poison"
    replace(entries)
    assert "Poison" in str(read(root, folder)), "what is held is what is used"
    monkeypatch.setattr(cache_module, "_stamp", lambda: "another version")
    found = read(root, folder)
    assert found == read(root, None)
    assert "Poison" not in str(found)


def test_the_stamp_changes_with_the_version(monkeypatch):
    import svcops

    before = cache_module._stamp.__wrapped__()
    monkeypatch.setattr(svcops, "__version__", "99")
    assert cache_module._stamp.__wrapped__() != before


ODD = ("", "null", "[]", "{}", "1", '"x"', "{", "\x00", '{"stamp": 1, "files": []}', "[" * 100_000, "9" * 5000, "NaN")


@pytest.mark.parametrize("content", ODD, ids=range(len(ODD)))
def test_an_odd_cache_is_as_if_there_were_none(root, folder, content):
    read(root, folder)
    without = read(root, None)
    for path in folder.iterdir():
        path.write_text(content, encoding="utf-8")
    assert read(root, folder) == without
    assert read(root, folder) == without


def entries_of(path):
    """The entries of a cache file, and a function that puts others in their place under a right checksum."""
    held = Cache(path.parent, path.stem)

    def replace(entries):
        held._entries = entries
        held._changed = True
        held.save()

    return held._entries, replace


ODD_ENTRIES = (
    None,
    [],
    {},
    "x",
    [1, 2, 3, 4],
    [None] * 4,
    [[], True, "", []],
    [[1, 2, 3, 4], True, "0" * 64, None],
    [0, 0, 0, {}],
)


@pytest.mark.parametrize("entry", ODD_ENTRIES, ids=range(len(ODD_ENTRIES)))
def test_an_odd_entry_is_as_if_there_were_none(root, folder, entry):
    read(root, folder)
    for path in list(folder.iterdir()):
        entries, replace = entries_of(path)
        replace(dict.fromkeys(entries, entry))
    assert read(root, folder) == read(root, None)


@given(seed=st.integers(0, 2**32), how=st.sampled_from(("flip", "cut", "double", "zero", "swap")))
@settings(max_examples=150)
def test_a_damaged_cache_is_as_if_there_were_none(tmp_path_factory, seed, how):
    place = tmp_path_factory.mktemp("damaged")
    root, folder = place / "store", place / "cache"
    write(root, {path: texts[0] for path, texts in GOOD.items()})
    without = read(root, None)
    read(root, folder)
    age(folder, root)
    chance = random.Random(seed)
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
    assert read(root, folder) == without
    assert read(root, folder) == without
    shutil.rmtree(place)


def age(folder, root):
    """Make what is held certain, as it is when the files have been as they are for longer than a tick of the clock."""
    for path in list(folder.iterdir()):
        entries, replace = entries_of(path)
        for name, (_, _, digest, documents) in entries.items():
            if digest_of((root / name).read_bytes()) == digest:
                entries[name] = [cache_module._signature(str(root / name)), True, digest, documents]
        replace(entries)


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


@settings(max_examples=60)
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
        age(folder, root) if all((root / one).exists() for one in GOOD) else None
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
    age(folder, root)
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


def test_a_part_that_was_read_does_not_drop_the_rest(root, folder):
    read(root, folder)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    write(root, {"catalogue/teams/new.yaml": "title: New\n"})
    Graph(root, folder).part("team", name="new")
    entries, _ = entries_of(folder / "team.json")
    assert set(entries) == {TEAM, "catalogue/teams/new.yaml"}
    assert set(before) == {path.name for path in folder.iterdir()}


# Places that cannot be used ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("obstacle", ["a file", "a file above", "a folder where a file goes", "a link to nowhere"])
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
            for of in KINDS:
                (folder / f"{of.name}.json").mkdir(parents=True)
    assert read(root, folder) == read(root, None)
    assert not list(tmp_path.rglob("*.tmp"))


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
def test_files_without_the_right_to_read_them_are_no_error(root, folder):
    read(root, folder)
    for path in folder.iterdir():
        path.chmod(0)
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
    assert not list(folder.glob("*.tmp"))
    assert read(root, folder) == read(root, None)


def test_the_cache_is_plain_json(root, folder):
    read(root, folder)
    for path in folder.iterdir():
        assert path.suffix == ".json"
        last = path.read_text(encoding="utf-8").splitlines()[-1]
        json.loads(last)


def test_without_a_folder_nothing_is_kept(root, tmp_path):
    before = sorted(path.as_posix() for path in tmp_path.rglob("*"))
    held = Cache(None, "team")
    held.put(TEAM, str(root / TEAM), b"title: x\n", [{"title": "x"}])
    held.save()
    read(root, None)
    assert sorted(path.as_posix() for path in tmp_path.rglob("*")) == before


def test_a_file_that_changes_between_reading_and_remembering_is_not_remembered_wrongly(root, folder):
    """An editor saves while the file is being validated: what was read is not what is there now."""
    held = Cache(folder, "team")
    (root / TEAM).write_text("title: Finance\n")
    data = (root / TEAM).read_bytes()
    (root / TEAM).write_text("title: Fanince\n")
    held.put(TEAM, str(root / TEAM), data, [{"title": "Finance"}])
    held.save()
    assert "Fanince" in str(read(root, folder)[0]["team"])


def test_a_path_outside_of_the_store_root_is_keyed_as_it_is(root, folder):
    read(root, folder)
    other = root.with_name("other")
    shutil.copytree(root, other)
    (other / TEAM).write_text("title: Else\n")
    assert "Else" in str(read(Path(other), folder))

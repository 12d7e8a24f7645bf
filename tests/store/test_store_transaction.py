"""A killed writer leaves the old state or the new one, and the next call clears the rest away."""

import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

import pytest

from svcops.store.change import digest_of
from svcops.store.transaction import Transaction
from svcops.store.writing import NotCommitted, apply

CRASH = Path(__file__).parent / "children" / "crash.py"
SCENARIOS = (
    "plain",
    "not committed",
    "subfolder",
    "unborn",
    "detached",
    "formatted",
    "formatted, not added",
    "refused",
    "git dies",
)
EVENT = "incidents/2026/incident-20261123-k7f3q2/timeline/one.yaml"


@pytest.fixture
def crash(env, tmp_path):
    """Runs crash.py in memory where that can be: a killed process loses nothing that a disk would keep."""
    memory = Path("/dev/shm")
    usable = memory.is_dir() and os.access(memory, os.W_OK)
    folder = Path(tempfile.mkdtemp(dir=memory if usable else tmp_path))

    def run(*arguments):
        done = subprocess.run(
            [sys.executable, "-B", str(CRASH), arguments[0], str(folder), *map(str, arguments[1:])],
            env=env,
            capture_output=True,
            text=True,
            check=False,
        )
        assert not done.returncode, done.stderr
        faults = [line for line in done.stdout.splitlines() if line.startswith("FAULT")]
        assert not faults, "\n".join(faults[:5])
        return int(done.stdout.split()[-1])

    yield run
    shutil.rmtree(folder)


@pytest.mark.parametrize("part", [1, 4])
def test_killed_at_a_third_of_all_instants_of_a_change_of_several_files(crash, part):
    assert crash("points", "plain", part, 6) > 40


@pytest.mark.parametrize("scenario", SCENARIOS[1:])
def test_killed_at_some_instants_in_every_kind_of_repository(crash, scenario):
    assert crash("points", scenario, SCENARIOS.index(scenario), 22) > 80


@pytest.mark.soak
@pytest.mark.parametrize("part", range(3))
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_killed_at_every_instant_in_every_kind_of_repository(crash, scenario, part):
    assert crash("points", scenario, part, 3) > 80


def test_killed_again_while_the_next_call_clears_up(crash):
    assert crash("twice", "plain", 1, 20) == 20


@pytest.mark.soak
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_killed_again_and_again_while_the_next_call_clears_up(crash, scenario):
    assert crash("twice", scenario, 2, 150) == 150


def test_the_group_killed_at_random_instants(crash):
    assert crash("random", "plain", 1, 40) > 0


@pytest.mark.soak
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_the_group_killed_at_random_instants_200_times(crash, scenario):
    assert crash("random", scenario, 2, 200) > 50


def test_writers_at_once_some_of_them_killed(crash):
    assert crash("crowd", "plain", 1, 8) >= 8 * 3


@pytest.mark.soak
@pytest.mark.parametrize("scenario", ["plain", "subfolder"])
def test_writers_at_once_for_long_some_of_them_killed(crash, scenario):
    assert crash("crowd", scenario, 2, 100) >= 100 * 3


# One by one ----------------------------------------------------------------------------------------------------------

WRITER = """
import os, sys
from contextlib import suppress
from pathlib import Path
from svcops.store.change import Change
from svcops.store.git_places import git_dir_of
from svcops.store.writing import apply

root = Path(sys.argv[1])
apply(Change("Killed", {sys.argv[2]: b"a: 1\\n"}), root=root, git_dir=git_dir_of(root), env=os.environ,
      commit=True, say=print)
"""


def start_writer(store, path=EVENT):
    return subprocess.Popen(
        [sys.executable, "-B", "-c", WRITER, str(store.root), path],
        env=store.env,
        start_new_session=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def wait_until(condition, what="it"):
    for _ in range(2000):
        if condition():
            return
        time.sleep(0.005)
    raise AssertionError(f"{what} did not happen")


def test_what_was_cleared_away_is_said(store):
    store.hook("pre-commit", "touch ../in-hook; sleep 60")
    with start_writer(store) as writer:
        wait_until((store.path / "../in-hook").exists)
        os.killpg(writer.pid, signal.SIGKILL)
    assert (store.git_dir / "index.lock").exists()
    assert (store.root / EVENT).exists()
    store.hook("pre-commit", "exit 0")
    store.put("next.yaml", "next\n")
    assert store.said == [
        f"removed {store.git_dir}/index.lock, left by a svcops that was killed",
        f"took back what an interrupted svcops had begun: {EVENT}",
    ]
    assert not (store.root / "incidents").exists()
    assert store.is_clean()
    store.fsck()


def test_a_reader_does_not_wait_for_a_writer_and_takes_nothing_back_from_it(store):
    store.hook("pre-commit", "touch ../in-hook; while [ ! -e ../go-on ]; do sleep 0.01; done")
    with start_writer(store) as writer:
        wait_until((store.path / "../in-hook").exists)
        started = time.monotonic()
        store.recover()
        assert time.monotonic() - started < 1
        assert (store.root / EVENT).exists()
        assert not store.said
        (store.path / "../go-on").touch()
        assert writer.wait() == 0
    assert store.committed() == {EVENT: "A"}
    assert store.is_clean()


def test_a_writer_that_is_killed_alone_while_its_git_goes_on_is_waited_for(store):
    """Its git still holds the store's lock; the next writer finds the commit made, and finishes it."""
    store.hook("pre-commit", "touch ../in-hook; while [ ! -e ../go-on ]; do sleep 0.01; done")
    with start_writer(store) as writer:
        wait_until((store.path / "../in-hook").exists)
        writer.kill()
    second = start_writer(store, "second.yaml")
    time.sleep(0.5)
    assert second.poll() is None, "the second waits"
    (store.path / "../go-on").touch()
    assert second.wait() == 0
    assert store.log() == ["Killed", "Killed", "Start"]
    assert store.committed("HEAD~1") == {EVENT: "A"}
    assert store.committed() == {"second.yaml": "A"}
    assert store.is_clean()
    store.fsck()


def test_an_interrupted_writer_takes_back_at_once_what_it_began(store):
    store.hook("pre-commit", "touch ../in-hook; sleep 60")
    program = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n" + WRITER
    with subprocess.Popen(
        [sys.executable, "-B", "-c", program, str(store.root), EVENT],
        env=store.env,
        start_new_session=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as writer:
        wait_until((store.path / "../in-hook").exists)
        os.killpg(writer.pid, signal.SIGINT)
        said, failed = writer.communicate()
    assert "KeyboardInterrupt" in failed
    assert "took back" in said
    assert not (store.root / "incidents").exists()
    assert store.is_clean()


def test_files_that_somebody_changed_after_the_crash_are_left_and_named(store):
    store.hook("pre-commit", "touch ../in-hook; sleep 60")
    with start_writer(store) as writer:
        wait_until((store.path / "../in-hook").exists)
        os.killpg(writer.pid, signal.SIGKILL)
    store.write(EVENT, "a person's own\n")
    wait_until(lambda: store.recover() or store.said, "the lock of the killed git")
    assert store.read(EVENT) == "a person's own\n"
    assert EVENT in store.said[-1]
    assert "changed since" in store.said[-1]
    assert not store.leftovers()
    assert not store.locks()


@pytest.mark.parametrize("when", ["while writing", "while committing"])
def test_files_that_somebody_committed_by_hand_after_the_crash_are_left(store, when):
    place = store.git_dir / "svcops" / "transaction"
    files = {EVENT: b"a: 1\n", "svcops.yaml": b"organisation: New\n"}
    place.parent.mkdir()
    transaction = Transaction.begin(store.root, place, dict(files), "refs/heads/main", store.head())
    transaction.write(dict(files))
    if when == "while committing":
        transaction.about_to_commit()
    head = store.commit("By hand")
    store.recover()
    assert store.head() == head
    assert store.read(EVENT) == "a: 1\n"
    assert store.read("svcops.yaml") == "organisation: New\n"
    assert store.is_clean()


def test_another_commit_after_the_crash_does_not_make_it_a_commit(store):
    place = store.git_dir / "svcops" / "transaction"
    files = {EVENT: b"a: 1\n", "svcops.yaml": b"organisation: New\n"}
    place.parent.mkdir()
    transaction = Transaction.begin(store.root, place, dict(files), "refs/heads/main", store.head())
    transaction.write(dict(files))
    transaction.about_to_commit()
    store.write("other.txt", "other\n")
    store.commit("By hand", "other.txt")
    store.recover()
    assert not (store.root / EVENT).exists()
    assert "Example" in store.read("svcops.yaml")
    assert store.is_clean()


def test_a_file_that_was_deleted_comes_back_with_its_permissions(store):
    script = store.write("runbooks/a/check.sh", "#!/bin/sh\n")
    script.chmod(0o755)
    store.commit()
    place = store.git_dir / "svcops" / "transaction"
    place.parent.mkdir()
    transaction = Transaction.begin(store.root, place, {"runbooks/a/check.sh": None}, None, store.head())
    transaction.write({"runbooks/a/check.sh": None})
    assert not script.exists()
    assert transaction.undo() == []
    transaction.end()
    assert script.stat().st_mode & 0o777 == 0o755
    assert store.is_clean()


@pytest.mark.parametrize(
    "damage", [b"", b"{", b"[]", b"null", b'{"steps": [{"path": 1}]}', b'{"steps": 3}', b"\xff\xfe"]
)
def test_a_damaged_journal_is_put_aside_and_nothing_is_touched(store, damage):
    place = store.git_dir / "svcops" / "transaction"
    place.mkdir(parents=True)
    (place / "journal.json").write_bytes(damage)
    store.put(EVENT, "a: 1\n")
    assert store.committed() == {EVENT: "A"}
    assert [path.name.partition("-")[0] for path in store.leftovers()] == ["transaction.damaged"]


def test_a_journal_is_complete_when_it_appears(store):
    place = store.git_dir / "svcops" / "transaction"
    place.parent.mkdir()
    files = {EVENT: b"a: 1\n", "svcops.yaml": None}
    transaction = Transaction.begin(store.root, place, dict(files), "refs/heads/main", store.head())
    again = Transaction.left_behind(place)
    assert again == transaction
    held = json.loads((place / "journal.json").read_bytes())
    assert held["steps"] == [
        {"path": EVENT, "before": None, "after": digest_of(b"a: 1\n")},
        {"path": "svcops.yaml", "before": digest_of((store.root / "svcops.yaml").read_bytes()), "after": None},
    ]
    assert held["root"] == "../../.."
    assert held["new_folders"] == [
        "incidents",
        "incidents/2026",
        "incidents/2026/incident-20261123-k7f3q2",
        "incidents/2026/incident-20261123-k7f3q2/timeline",
    ]
    transaction.end()
    assert store.is_clean()


def test_an_undo_leaves_folders_that_others_put_something_in(store):
    place = store.git_dir / "svcops" / "transaction"
    place.parent.mkdir()
    transaction = Transaction.begin(store.root, place, {EVENT: b"a: 1\n"}, None, store.head())
    transaction.write({EVENT: b"a: 1\n"})
    store.write("incidents/2026/theirs.txt", "theirs\n")
    assert transaction.undo() == []
    assert [path.name for path in (store.root / "incidents/2026").iterdir()] == ["theirs.txt"]


def test_a_refused_commit_is_final_and_nothing_is_taken_back_later(store):
    store.hook("pre-commit", "exit 1")
    with pytest.raises(NotCommitted):
        store.put(EVENT, "a: 1\n")
    store.hook("pre-commit", "exit 0")
    store.recover()
    store.put("next.yaml", "next\n")
    assert store.read(EVENT) == "a: 1\n"
    assert not store.said


def test_a_killed_git_leaves_no_lock(store):
    """Only git is killed, as by a machine out of memory, while it holds the locks of HEAD and the branch."""
    store.hook("reference-transaction", '[ "$1" = prepared ] && kill -9 $PPID; exit 0')
    before = store.head()
    with pytest.raises(NotCommitted, match="killed"):
        store.put(EVENT, "a: 1\n")
    assert store.head() == before
    assert not store.locks()
    assert any("left by the git of a svcops" in line for line in store.said)
    (store.git_dir / "hooks/reference-transaction").unlink()
    store.commit("By hand")
    assert store.is_clean()


def test_the_group_killed_in_the_middle_of_the_reference_update_leaves_no_lock(store):
    store.hook("reference-transaction", '[ "$1" = prepared ] && touch ../in-hook && sleep 60; exit 0')
    with start_writer(store) as writer:
        wait_until((store.path / "../in-hook").exists)
        kill_group(writer, store)
    (store.git_dir / "hooks/reference-transaction").unlink()
    assert len(store.locks()) >= 2, "git's own locks are there"
    store.recover()
    assert not store.locks()
    assert not (store.root / EVENT).exists()
    assert len(store.said) == 4, store.said
    assert store.is_clean()
    store.fsck()


def test_the_group_killed_in_a_linked_worktree_leaves_no_lock(store, tmp_path):
    store.git("worktree", "add", "--quiet", "-b", "deep/branch", str(tmp_path / "other"))
    linked = type(store)(tmp_path / "other", store.env)
    store.hook("reference-transaction", f'[ "$1" = prepared ] && touch {tmp_path}/in-hook && sleep 60; exit 0')
    with start_writer(linked) as writer:
        wait_until((tmp_path / "in-hook").exists)
        kill_group(writer, linked)
    (store.git_dir / "hooks/reference-transaction").unlink()
    assert store.locks()
    linked.recover()
    assert not store.locks()
    assert linked.is_clean()
    assert store.is_clean()


def test_apply_says_nothing_when_there_is_nothing_to_clear(store):
    said = []
    change = store.change({EVENT: "a: 1\n"})
    apply(change, root=store.root, git_dir=store.git_dir, env=store.env, commit=True, say=said.append)
    assert said == []


def killed_in_hook(store, path=EVENT):
    """A writer whose group is killed while git commits: all files stand, nothing is committed."""
    flag = store.path.parent / "in-hook"
    flag.unlink(missing_ok=True)
    store.hook("pre-commit", f"touch '{flag}'; sleep 60")
    with start_writer(store, path) as writer:
        wait_until(flag.exists)
        kill_group(writer, store)
    (store.git_dir / "hooks/pre-commit").unlink()


def kill_group(writer, store):
    """Kill a writer and whatever it started, until all have let go of the store's lock.

    Who is just being started when the signal comes may survive it, and would hold the lock for as long as it lives.
    """
    with open(store.git_dir / "svcops/lock", "rb") as file:
        while True:
            with suppress(ProcessLookupError):
                os.killpg(writer.pid, signal.SIGKILL)
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                time.sleep(0.05)
            else:
                return


def test_another_store_of_the_same_repository_takes_back_what_was_begun_in_this_one(new_store):
    """Two stores share git's directory, and so the journal: its paths are those of the store that was written to."""
    store = new_store(below="one")
    other = type(store)(store.path, store.env, "two")
    other.write("two/svcops.yaml", "organisation: Other\n")
    other.write(f"two/{EVENT}", "a: 1\n")
    store.commit("Two stores")
    killed_in_hook(store)
    assert (store.root / EVENT).exists()
    other.put("next.yaml", "next\n")
    assert not (store.root / EVENT).exists()
    assert other.read(EVENT) == "a: 1\n"
    assert store.is_clean()


def test_a_repository_that_was_moved_after_the_crash_is_cleared_where_it_is_now(store):
    killed_in_hook(store)
    moved = store.path.with_name("moved")
    store.path.rename(moved)
    again = type(store)(moved, store.env)
    again.recover()
    assert not (moved / "incidents").exists()
    assert again.is_clean()


def test_another_branch_after_the_crash_is_not_taken_for_the_commit(store):
    store.git("checkout", "--quiet", "-b", "other")
    store.put(EVENT, "of the other branch\n")
    store.git("checkout", "--quiet", "main")
    store.put("more.yaml", "more\n")
    killed_in_hook(store)
    (store.git_dir / "index.lock").unlink()
    store.git("checkout", "--quiet", "--force", "other")
    store.recover()
    assert not any("had committed" in line for line in store.said), store.said
    assert store.read(EVENT) == "of the other branch\n"
    assert store.is_clean()


def test_a_folder_that_somebody_made_where_a_file_was_begun_is_left(store):
    killed_in_hook(store)
    (store.root / EVENT).unlink()
    (store.root / EVENT).mkdir()
    store.recover()
    assert (store.root / EVENT).is_dir()
    assert "changed since" in store.said[-1]
    assert not store.leftovers()


def test_a_folder_that_somebody_removed_after_the_crash_comes_back(store):
    store.write("runbooks/a/b.md", "old\n")
    store.commit()
    place = store.git_dir / "svcops" / "transaction"
    place.parent.mkdir()
    transaction = Transaction.begin(store.root, place, {"runbooks/a/b.md": None}, None, store.head())
    transaction.write({"runbooks/a/b.md": None})
    (store.root / "runbooks/a").rmdir()
    store.recover()
    assert store.read("runbooks/a/b.md") == "old\n"
    assert store.is_clean()


RECOVERER = """
import os, sys
from contextlib import suppress
from pathlib import Path
from svcops.store.git_places import git_dir_of
from svcops.store.writing import recover

root = Path(sys.argv[1])
recover(root=root, git_dir=git_dir_of(root), env=os.environ, say=print)
"""


@pytest.mark.skipif(os.getuid() == 0 and not shutil.which("setpriv"), reason="root may write everywhere")
def test_what_cannot_be_cleared_away_is_said_and_does_not_keep_anybody_from_reading(store):
    killed_in_hook(store)
    folder = (store.root / EVENT).parent
    folder.chmod(0o555)
    powerless = ("setpriv", "--bounding-set=-dac_override", "--inh-caps=-dac_override") if os.getuid() == 0 else ()
    done = subprocess.run(
        [*powerless, sys.executable, "-B", "-c", RECOVERER, str(store.root)],
        env=store.env,
        capture_output=True,
        text=True,
        check=False,
    )
    folder.chmod(0o755)
    assert done.returncode == 0, done.stderr
    assert "cannot be cleared away" in done.stdout
    assert EVENT.rpartition("/")[0] in done.stdout
    store.recover()
    assert store.is_clean()


def test_the_lock_of_the_other_format_of_references_is_cleared_too(store):
    """git 2.45 and later may keep references in one table, with one lock; this git may not, so only the lock is there."""
    place = store.git_dir / "svcops" / "transaction"
    place.parent.mkdir()
    transaction = Transaction.begin(store.root, place, {EVENT: b"a: 1\n"}, "refs/heads/main", store.head())
    transaction.write({EVENT: b"a: 1\n"})
    transaction.about_to_commit()
    (store.git_dir / "reftable").mkdir()
    (store.git_dir / "reftable/tables.list.lock").touch()
    store.recover()
    assert store.is_clean()

"""Of a record that others have only in part nothing more is committed, until the rest of it is."""

import pytest

from svcops.errors import NotDone

FOLDER = "incidents/2026/incident-20261123-aaaaaa"
RECORD = f"{FOLDER}/incident.yaml"
OPENED = f"{FOLDER}/timeline/20261123t080000000z-opened-aaaaaa.yaml"
LOG = f"{FOLDER}/timeline/20261123t080500000z-log-aaaaaa.yaml"


def test_no_event_is_committed_before_the_record_that_it_belongs_to(store):
    store.write(RECORD, "a: 1\n")
    with pytest.raises(NotDone) as caught:
        store.put(LOG, "a: 1\n")
    assert caught.value.message == f"{RECORD} is written, and not committed"
    assert caught.value.help.splitlines()[0] == f"git add -- {FOLDER} && git commit -- {FOLDER}"
    assert not (store.root / LOG).exists()


@pytest.mark.parametrize(
    ("record", "event"),
    [
        ("problems/2026/problem-20261123-aaaaaa/problem.yaml", "20261123t080500000z-factor-aaaaaa.yaml"),
        ("measures/2026/measure-20261123-aaaaaa/measure.yaml", "20261123t080500000z-dropped-aaaaaa.yaml"),
    ],
)
def test_so_it_is_of_problems_and_measures(store, record, event):
    store.write(record, "a: 1\n")
    with pytest.raises(NotDone, match="is written, and not committed"):
        store.put(f"{record.rpartition('/')[0]}/{event}", "a: 1\n")


def test_what_is_staged_and_an_earlier_event_wait_too(store):
    store.put(RECORD, "a: 1\n")
    store.write(OPENED, "a: 1\n")
    store.git("add", OPENED)
    with pytest.raises(NotDone, match="opened-aaaaaa"):
        store.put(LOG, "a: 1\n")


def test_the_command_that_is_told_commits_it_and_then_it_goes_on(store):
    store.write(RECORD, "a: 1\n")
    store.write(OPENED, "a: 1\n")
    store.git("add", "--", FOLDER)
    store.git("commit", "--quiet", "--message=By hand", "--", FOLDER)
    assert store.put(LOG, "a: 1\n").commit
    assert store.is_clean()


def test_without_a_commit_it_is_written_beside_them(store):
    store.write(RECORD, "a: 1\n")
    assert store.apply(store.change({LOG: "a: 1\n"}, "Log"), commit=False).commit is None
    assert (store.root / LOG).exists()


def test_the_first_commit_of_a_repository_is_made_in_one(new_store):
    empty = new_store("empty", born=False)
    empty.write(RECORD, "a: 1\n")
    with pytest.raises(NotDone, match="not committed"):
        empty.put(LOG, "a: 1\n")


@pytest.mark.parametrize(
    "path",
    [
        pytest.param(f"{FOLDER}/notes.txt", id="no record"),
        pytest.param(f"{FOLDER}/timeline/.20261123t080100000z-log-aaaaaa.yaml.new", id="a temporary file"),
        pytest.param("incidents/2026/incident-20261123-bbbbbb/incident.yaml", id="another record"),
        pytest.param("catalogue/services/shop.yaml", id="of another kind"),
    ],
)
def test_other_files_need_no_commit(store, path):
    store.put(RECORD, "a: 1\n")
    store.write(path, "a: 1\n")
    assert store.put(LOG, "a: 1\n").commit


def test_what_somebody_edits_in_a_committed_file_is_left_alone(store):
    store.put(RECORD, "a: 1\n")
    store.write(RECORD, "a: 2\n")
    assert store.put(LOG, "a: 1\n").commit
    assert store.git("status", "--porcelain").split() == ["M", RECORD]

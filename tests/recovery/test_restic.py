"""A real restic with damage in it that it passes over: what it says counts, whatever it ends with."""

import os
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from tests.recovery import postgresql

from svcops.recovery.interface import Failed, Repository
from svcops.recovery.plan import ResticBackup
from svcops.recovery.registry import repository_of

SECRET = {"RESTIC_PASSWORD": "of a repository that is thrown away"}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A repository of two snapshots, once for all, and their ids, the oldest first."""
    postgresql.needed("restic", "restic")
    top, data = tmp_path_factory.mktemp("restic") / "repository", tmp_path_factory.mktemp("data")
    (data / "paper").touch()
    for words in (["init"], ["backup", data], ["backup", data]):
        subprocess.run(["restic", "--quiet", "--repo", top, *words], check=True, env={**os.environ, **SECRET})
    return top, [one.name for one in sorted((top / "snapshots").iterdir(), key=lambda one: one.stat().st_mtime_ns)]


@pytest.fixture
def restic(made, work) -> tuple[Repository, list[Path]]:
    """A copy of it, and the files that hold its snapshots."""
    top, ids = made
    plan = ResticBackup(tool="restic", repository=str(top))
    repository = repository_of(plan, replace(work, env={**work.env, **SECRET})).copied(work.scratch / "repository")
    return repository, [repository.top / "snapshots" / one for one in ids]


def overwrite(path: Path) -> None:
    path.chmod(0o600)
    path.write_bytes(b"\0\0\0" + path.read_bytes()[3:])


def empty(path: Path) -> None:
    path.chmod(0o600)
    path.write_bytes(b"")


@pytest.mark.parametrize("damage", [overwrite, empty])
def test_a_snapshot_that_cannot_be_loaded_is_damage_and_none_older_is_taken_in_its_place(restic, damage):
    repository, (_, newest) = restic
    damage(newest)
    with pytest.raises(Failed, match=f"could not load snapshot {newest.name[:8]}") as error:
        repository.snapshots()
    assert error.value.reason == "said-damaged"


def test_a_repository_of_damaged_snapshots_alone_is_damaged_and_not_empty(restic):
    repository, files = restic
    for one in files:
        overwrite(one)
    with pytest.raises(Failed) as error:
        repository.snapshots()
    assert error.value.reason == "said-damaged"


def cut(path):
    path.chmod(0o600)
    path.write_bytes(b"x")


@pytest.mark.parametrize(("damage", "said"), [(overwrite, "is damaged"), (cut, "restic: panic: runtime error")])
def test_a_damaged_configuration_of_a_repository_is_damage(restic, damage, said):
    repository, _ = restic
    damage(repository.top / "config")
    with pytest.raises(Failed, match=said) as error:
        repository.snapshots()
    assert error.value.reason == "said-damaged"


@pytest.mark.parametrize("password_file", ["of-another", "nowhere"])
def test_a_password_that_is_wrong_or_not_there_says_nothing_of_the_backup(made, work, tmp_path, password_file):
    (tmp_path / "of-another").write_text("of another repository\n")
    plan = ResticBackup(tool="restic", repository=str(made[0]), password_file=str(tmp_path / password_file))
    with pytest.raises(Failed) as error:
        repository_of(plan, work).snapshots()
    assert error.value.reason == "not-possible"

import hashlib
import os

import pytest

from svcops.errors import BadInput, NotDone
from svcops.slo.model import DataSource, DataSourceSpec, Metadata
from svcops.slo.sources import ChangedWhileRead, FileSource, file_source, find_files


def source(details: object, type_: str = "CSV") -> FileSource:
    document = DataSource(
        apiVersion="openslo/v1",
        kind="DataSource",
        metadata=Metadata(name="samples"),
        spec=DataSourceSpec(type=type_, connectionDetails=details),
    )
    return file_source(document, "slo/sources.yaml")


def test_only_the_path_must_be_said() -> None:
    found = source({"path": "metrics/*.csv"})
    assert (found.form, found.path, found.time, found.unit) == ("csv", "metrics/*.csv", "timestamp", "iso")
    assert (found.zone, found.metric, found.value) == (None, None, None)


@pytest.mark.parametrize(
    ("details", "field", "reason"),
    [
        ([{"path": "a.csv"}], "connectionDetails", "a mapping"),
        (None, "connectionDetails", "a mapping"),
        ({}, "path", "missing"),
        ({"path": ""}, "path", "is empty"),
        ({"path": 5}, "path", "must be text"),
        ({"path": "a.csv", "tiem": "t"}, "tiem", "not a key"),
        ({"path": "a.csv", "unit": "us"}, "unit", "not one of iso, s, ms"),
        ({"path": "a.csv", "zone": "Europe/Atlantis"}, "zone", "not a known time zone"),
        ({"path": "a.csv", "zone": "../../etc/passwd"}, "zone", "not a known time zone"),
        ({"path": "/etc/passwd"}, "path", "not a path below the store"),
        ({"path": "C:/metrics/a.csv"}, "path", "not a path below the store"),
        ({"path": "\\\\host\\share"}, "path", "not a path below the store"),
        ({"path": "http://host/a.csv"}, "path", "not a path below the store"),
        ({"path": "s3://bucket/a.csv"}, "path", "not a path below the store"),
        ({"path": "../a.csv"}, "path", ".. is refused"),
        ({"path": "metrics/../../a.csv"}, "path", ".. is refused"),
        ({"path": "metrics\\..\\..\\a.csv"}, "path", ".. is refused"),
    ],
)
def test_what_cannot_be_followed_is_named_with_its_document_and_key(details: object, field: str, reason: str) -> None:
    with pytest.raises(BadInput) as caught:
        source(details)
    assert caught.value.message.startswith("slo/sources.yaml: DataSource samples: spec.connectionDetails")
    assert field in caught.value.message
    assert reason in caught.value.message


def test_an_unknown_key_comes_with_the_one_that_was_meant() -> None:
    with pytest.raises(BadInput) as caught:
        source({"path": "a.csv", "tiem": "t"})
    assert caught.value.help == "Did you mean time?"


def test_of_a_prometheus_what_was_pulled_is_read() -> None:
    found = source({"url": "https://prometheus.example"}, "Prometheus")
    assert (found.form, found.path, found.time, found.unit) == (
        "parquet",
        "metrics/samples/*.parquet",
        "__time__",
        "ms",
    )
    assert (found.metric, found.value) == ("__name__", "__value__")


@pytest.mark.parametrize("path", ["metrics/*/*.parquet", "metrics/a.parquet", "*.parquet", "metrics/**"])
def test_what_is_pulled_needs_a_folder_of_its_own(path: str) -> None:
    with pytest.raises(BadInput, match="is not one folder for what is pulled") as caught:
        source({"url": "https://prometheus.example", "path": path}, "Prometheus")
    assert caught.value.help == "Such as metrics/samples/*.parquet."


def test_nothing_pulled_yet_is_told_with_the_command_that_pulls(world) -> None:
    found = source({"url": "https://prometheus.example"}, "Prometheus")
    with pytest.raises(BadInput, match="no samples of DataSource samples are here") as caught:
        find_files(found, world.root)
    assert caught.value.help == "svcops slo pull samples"


def test_json_lines_have_a_path_for_the_time_and_no_columns() -> None:
    found = source({"path": "a.jsonl", "time": 'meta["at"]'}, "JSONLines")
    assert found.time_path.pointer == "/meta/at"
    with pytest.raises(BadInput, match=r"spec\.connectionDetails\.metric: JSON lines have no columns"):
        source({"path": "a.jsonl", "metric": "m"}, "JSONLines")
    with pytest.raises(BadInput, match=r"spec\.connectionDetails\.time: a key is missing, at character 5 of a\.b\."):
        source({"path": "a.jsonl", "time": "a.b."}, "JSONLines").time_path  # noqa: B018


def test_files_are_found_in_order_with_their_digests(world) -> None:
    for name in ("b", "a", "c/d"):
        world.csv(f"metrics/{name}.csv", name)
    world.csv("metrics/.hidden.csv", "x")
    (world.root / "metrics" / "folder.csv").mkdir()
    flat = find_files(source({"path": "metrics/*.csv"}), world.root)
    assert [file.path for file in flat] == ["metrics/a.csv", "metrics/b.csv"]
    assert flat[0].sha256 == hashlib.sha256(b"a\n").hexdigest()
    deep = find_files(source({"path": "metrics/**/*.csv"}), world.root)
    assert [file.path for file in deep] == ["metrics/a.csv", "metrics/b.csv", "metrics/c/d.csv"]


def test_no_file_is_an_error_and_not_an_empty_answer(world) -> None:
    with pytest.raises(BadInput, match=r"no file matches metrics/\*\.csv"):
        find_files(source({"path": "metrics/*.csv"}), world.root)
    (world.root / "metrics").mkdir()
    with pytest.raises(BadInput, match="no file matches metrics"):
        find_files(source({"path": "metrics"}), world.root)


@pytest.mark.parametrize("link", ["file", "folder"])
def test_links_that_leave_the_store_are_refused(new_world, link) -> None:
    inside, outside = new_world(), new_world()
    secret = outside.csv("metrics/a.csv", "secret")
    if link == "file":
        (inside.root / "metrics").mkdir()
        (inside.root / "metrics" / "a.csv").symlink_to(secret)
    else:
        (inside.root / "metrics").symlink_to(secret.parent)
    with pytest.raises(BadInput, match=r"metrics/a\.csv is a link that leaves the store"):
        find_files(source({"path": "metrics/*.csv"}), inside.root)


def test_links_within_the_store_are_followed_and_so_is_a_store_behind_a_link(world, tmp_path_factory) -> None:
    world.csv("metrics/2026.csv", "x")
    (world.root / "metrics" / "latest.csv").symlink_to("2026.csv")
    behind = tmp_path_factory.mktemp("links") / "store"
    behind.symlink_to(world.root)
    found = find_files(source({"path": "metrics/l*.csv"}), behind)
    assert [file.path for file in found] == ["metrics/latest.csv"]


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root reads everything")
def test_a_file_that_cannot_be_read_is_no_fault_of_the_input(world) -> None:
    world.csv("metrics/a.csv", "x").chmod(0)
    with pytest.raises(NotDone, match=r"metrics/a\.csv cannot be read"):
        find_files(source({"path": "metrics/*.csv"}), world.root)


def test_a_file_that_changes_after_its_digest_was_taken_is_noticed(world) -> None:
    path = world.csv("metrics/a.csv", "x")
    (file,) = find_files(source({"path": "metrics/*.csv"}), world.root)
    file.check_unchanged()
    with path.open("a") as more:
        more.write("y")
    with pytest.raises(ChangedWhileRead, match=r"metrics/a\.csv changed while it was read"):
        file.check_unchanged()
    path.unlink()
    with pytest.raises(ChangedWhileRead):
        file.check_unchanged()

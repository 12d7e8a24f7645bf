"""History as an input: what stood before, and what differs between two contents."""

import pytest

from svcops.store.history import ShallowHistory, blob_before, difference
from svcops.store.opening import Store


@pytest.fixture
def opened(store):
    return Store(store.root, store.env, store.said.append)


def commit(store, path, text):
    store.write(path, text)
    return store.commit("A change")


def blob(store, path):
    return store.git("rev-parse", f"HEAD:{path}").strip()


def test_a_shallow_clone_does_not_know(store, tmp_path):
    commit(store, "a.txt", "1\n")
    store.git("clone", "--quiet", "--depth=1", f"file://{store.path}", str(tmp_path / "shallow"))
    shallow = Store(tmp_path / "shallow", store.env, store.said.append)
    with pytest.raises(ShallowHistory):
        blob_before(shallow, "b.txt", "a.txt")


def test_a_difference_is_the_lines_that_go_and_come(store, opened):
    commit(store, "a.txt", "1\n2\n3\n")
    before = blob(store, "a.txt")
    commit(store, "a.txt", "1\n-- two\n3\n4")
    assert difference(opened, before, blob(store, "a.txt")) == ["-2", "+-- two", "+4"]
    assert difference(opened, None, before) == ["+1", "+2", "+3"]
    assert difference(opened, before, before) == []


def test_what_is_no_text_has_no_lines(store, opened):
    commit(store, "a.bin", b"\0\1")
    before = blob(store, "a.bin")
    commit(store, "a.bin", b"\0\2")
    assert difference(opened, None, before) == []
    assert difference(opened, before, blob(store, "a.bin")) == []


@pytest.mark.parametrize("missing", ["1" * 40, "0" * 40])
def test_what_is_not_here_is_not_known(store, opened, missing):
    commit(store, "a.txt", "1\n")
    assert difference(opened, None, missing) is None
    assert difference(opened, missing, blob(store, "a.txt")) is None
    assert difference(opened, None, store.head()) is None


def test_outside_a_repository_nothing_is_here(tmp_path, env):
    (tmp_path / "svcops.yaml").write_text("organisation: Example\n")
    assert difference(Store(tmp_path, env, print), None, "1" * 40) is None


def test_a_difference_starts_no_program_and_asks_no_host(store, tmp_path):
    """Neither a diff driver of the user's nor the remote of a partial clone, which git would otherwise ask."""
    commit(store, "a.txt", "1\n")
    before = blob(store, "a.txt")
    commit(store, "a.txt", "2\n")
    after = blob(store, "a.txt")
    store.git("config", "diff.external", f"touch {tmp_path}/started; false")
    assert difference(Store(store.root, store.env, print), before, after) == ["-1", "+2"]
    store.git("config", "uploadpack.allowFilter", "true")
    store.git("clone", "--quiet", "--filter=blob:none", f"file://{store.path}", str(tmp_path / "partial"))
    partial = Store(tmp_path / "partial", store.env, print)
    assert difference(partial, None, after) == ["+2"]
    assert difference(partial, before, after) is None
    assert not (tmp_path / "started").exists()

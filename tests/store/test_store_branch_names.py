"""Which names of branches svcops.yaml takes: those of git, of the characters that people use."""

import subprocess

import pytest

from svcops.store.graph import Graph

TAKEN = ["svcops", "ops/noor", "Ops/2026.11/a-b_c", "a.lockx/b", "x-", "a./b", "1"]
REFUSED = [
    "a..b",
    "/a",
    "a/",
    ".a",
    "a.",
    "a//b",
    "a.lock",
    "a.lock/b",
    "a/.b",
    "-a",
    "HEAD",
    "a b",
    "a~b",
    "a@{b",
    "a:b",
]


@pytest.mark.parametrize("name", TAKEN)
def test_a_name_that_git_takes_is_taken(store, name):
    assert _git(store, name) == 0
    assert not _found(store, name)


@pytest.mark.parametrize("name", REFUSED)
def test_a_name_that_git_refuses_is_refused(store, name):
    assert _git(store, name) != 0
    (found,) = _found(store, name)
    assert "not the name of a branch" in found.message


def _git(store, name):
    words = ["git", "check-ref-format", "--branch", name]
    return subprocess.run(words, cwd=store.root, env=store.env, capture_output=True, check=False).returncode


def _found(store, name):
    store.write("svcops.yaml", f"organisation: Example\npolicy:\n  sync_branch: '{name}'\n")
    graph = Graph(store.root)
    graph.all("settings")
    return graph.findings

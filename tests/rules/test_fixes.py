"""The cases of the rules that say `fixed`: what the fixes make of the files, and that nothing is left to mend there."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from svcops.checking.engine import check
from svcops.checking.fixing import located, until_stable
from svcops.checking.model import Finding
from svcops.store.files import Tree
from svcops.store.graph import Graph

HERE = Path(__file__).parent
FORM = ("YAML", "SCHEMA")
"""Codes of a record that cannot be read: other rules look at it only once it can be."""
NOW = datetime(2026, 11, 23, 8, 15, tzinfo=UTC)


@dataclass(frozen=True)
class Case:
    """A store, and what its files are once every fix is made; a file that is not named stays as it is."""

    name: str
    files: dict[str, Any]
    fixed: dict[str, str]


def cases() -> Iterator[Case]:
    for file in sorted(HERE.glob("*.yaml")):
        for one in yaml.safe_load(file.read_bytes())["fail"]:
            if "fixed" in one:
                yield Case(f"{file.stem}-{one['name']}", one["files"], one["fixed"])


CASES = list(cases())


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_case(case: Case, store_of: Callable[[dict[str, Any]], Path]) -> None:
    root = store_of(case.files)

    def judge(tree: Tree) -> list[Finding]:
        graph = Graph(root, tree=tree)
        return located(check(graph, NOW).findings, graph)

    tree = Graph(root).tree
    before = judge(tree)
    done, left = until_stable(tree, before, judge)
    assert {path: data.decode() for path, data in done.files.items()} == case.fixed
    found = {(one.code, one.at, one.message) for one in left}
    assert not found & {(one.code, one.at, one.message) for one in done.findings}, "a fix that does not mend"
    new = found - {(one.code, one.at, one.message) for one in before}
    unread = {one.at.path for one in before if one.code.startswith(FORM)}
    assert all(at.path in unread and not code.startswith(FORM) for code, at, _ in new), (
        "a fix that brings something new"
    )

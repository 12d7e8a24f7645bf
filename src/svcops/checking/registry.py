"""Which rules there are: the files `rules/CODE.py` of every room, with the page `rules/CODE.md` beside each.

Adding a rule is adding files; nothing is listed anywhere. What is told while files are read, or of two branches, has
nothing to run and lies in `told/`, so that a check need not import it.
"""

import os
from collections.abc import Callable
from functools import cache
from importlib import import_module
from pathlib import Path

import svcops
from svcops.checking.rule import Context, Rule
from svcops.errors import BadInput


class UnknownCode(BadInput):
    """No rule has that code."""


@cache
def _files() -> dict[str, Path]:
    package = os.path.dirname(svcops.__file__)
    folders = (f"{room.path}/{name}" for room in os.scandir(package) if room.is_dir() for name in ("rules", "told"))
    found = [(one, folder) for folder in folders if os.path.isdir(folder) for one in os.listdir(folder)]
    rules = sorted(one for one in found if one[0].endswith(".py") and one[0][-4].isdigit())
    return {name.removesuffix(".py").upper(): Path(folder, name) for name, folder in rules}


def codes() -> list[str]:
    """Every code, sorted."""
    return list(_files())


def rule(code: str) -> Rule:
    """The rule of that code; UnknownCode with the nearest one where there is none."""
    path = _files().get(code.upper())
    if path is None:
        from svcops.store.suggest import did_you_mean

        near = did_you_mean(code.upper(), codes())
        raise UnknownCode(f"there is no rule {code!r}", help=near or "svcops rules lists them all.")
    found = import_module(f"svcops.{path.parent.parent.name}.{path.parent.name}.{path.stem}").RULE
    assert isinstance(found, Rule), path
    assert found.code == path.stem.upper(), path
    return found


def rules() -> list[Rule]:
    """Every rule, by code."""
    return [rule(code) for code in codes()]


def running() -> list[Rule]:
    """Every rule that has something to run, by code."""
    return [rule(code) for code, path in _files().items() if path.parent.name == "rules"]


def remarks() -> list[Callable[[Context], str]]:
    """What rooms say about a store as a whole when the check ends: `remark` of the files `remark.py`."""
    found = sorted(Path(svcops.__file__).parent.glob("*/remark.py"))
    return [import_module(f"svcops.{path.parent.name}.remark").remark for path in found]


def page(code: str) -> str:
    """The page of a rule, as Markdown."""
    found = rule(code)
    return _files()[found.code].with_name(f"{found.code}.md").read_text(encoding="utf-8")

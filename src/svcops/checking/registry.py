"""Which rules there are: the files `CODE.py` in the folder `rules/` of every room, with the page `CODE.md` beside each.

Adding a rule is adding files; nothing is listed anywhere. A rule in `rules/KIND/` is about records of that kind, so
that who reads others need not import it. What is told while files are read, or of two branches, has nothing to run and
lies in `told/`.
"""

import os
from collections.abc import Callable, Collection
from functools import cache
from importlib import import_module
from pathlib import Path

import svcops
from svcops.checking.rule import Context, Rule
from svcops.errors import BadInput


class UnknownCode(BadInput):
    """No rule has that code."""


@cache
def _files() -> dict[str, str]:
    """Where each rule is: `incidents/rules/incident/inc001`, by code."""
    package = os.path.dirname(svcops.__file__)
    rooms = [room.name for room in os.scandir(package) if room.is_dir()]
    waiting, found = [f"{room}/{name}" for room in rooms for name in ("rules", "told")], list[str]()
    for folder in waiting:
        if os.path.isdir(f"{package}/{folder}"):
            names = [name.partition(".") for name in os.listdir(f"{package}/{folder}")]
            found += [f"{folder}/{name}" for name, _, ending in names if ending == "py" and name[-1].isdigit()]
            waiting += [f"{folder}/{name}" for name, _, ending in names if not ending and name != "__pycache__"]
    return dict(sorted((path.rpartition("/")[2].upper(), path) for path in found))


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
    found = import_module(f"svcops.{path.replace('/', '.')}").RULE
    assert isinstance(found, Rule), path
    assert found.code == code.upper(), path
    return found


def rules() -> list[Rule]:
    """Every rule, by code."""
    return [rule(code) for code in codes()]


def running(kinds: Collection[str]) -> list[Rule]:
    """Every rule that has something to run about records of these kinds, by code."""
    return [rule(code) for code, path in _files().items() if _is_about(kinds, path.split("/"))]


def _is_about(kinds: Collection[str], steps: list[str]) -> bool:
    _, folder, *kind, _ = steps
    return folder == "rules" and (not kind or kind[0].replace("_", "-") in kinds)


def remarks() -> list[Callable[[Context], str]]:
    """What rooms say about a store as a whole when the check ends: `remark` of the files `remark.py`."""
    found = sorted(Path(svcops.__file__).parent.glob("*/remark.py"))
    return [import_module(f"svcops.{path.parent.name}.remark").remark for path in found]


def page(code: str) -> str:
    """The page of a rule, as Markdown."""
    found = rule(code)
    folder = os.path.dirname(_files()[found.code])
    return Path(os.path.dirname(svcops.__file__), folder, f"{found.code}.md").read_text(encoding="utf-8")

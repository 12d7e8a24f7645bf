"""A folder of the store that is nearly named like one of records, whose files nobody reads."""

import os
from collections.abc import Iterable, Iterator

from svcops.checking.model import At, Finding
from svcops.checking.rule import Context, Rule
from svcops.store.layout import FOLDERS_OF_OTHERS, KINDS
from svcops.store.suggest import nearest

_FOLDERS = tuple(dict.fromkeys(kind.pattern.split("/")[0] for kind in KINDS if "/" in kind.pattern))


def misspelt(folders: Iterable[str]) -> Iterator[Finding]:
    """A finding for every first folder of a store that is likely meant to be one of the layout's."""
    for name in sorted(folders):
        if name in _FOLDERS or name in FOLDERS_OF_OTHERS or name.startswith("."):
            continue
        near = nearest(name, _FOLDERS)
        if near:
            message = f"no folder of the layout, so the files in it are not read: {name}"
            help_ = f"Did you mean {near}? Any name that is less like it is yours."
            yield Finding("FILE008", message, At(name), help_, severity="warning")


def _find(context: Context) -> Iterator[Finding]:
    with os.scandir(context.graph.root) as found:
        folders = [one.name for one in found if one.is_dir()]
    yield from misspelt(folders)


RULE = Rule("FILE008", "a misspelt folder of records", "warning", about="settings", find=_find)

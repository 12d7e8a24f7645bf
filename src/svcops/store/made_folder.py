"""A folder of files that a command makes, again and again: only what it wrote itself is overwritten or removed.

The folder is ours only where a marker says so, and of it only the files that the marker lists. They are made in a
temporary folder inside, moved into their places one by one, and what an earlier run left is removed last. The marker
lists the files of both runs meanwhile, so that a killed run is mended by the next.
"""

import json
import os
import re
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from svcops.errors import BadInput
from svcops.store.frozen import frozen
from svcops.store.outside import naming, write_whole

_TEMPORARY = ".svcops-new-"
_WRITTEN = re.compile(r"(?!.*(?:^|/)\.\.?(?:/|$))(?:[^/\0]+/)*[^/\0]+\.(?:html|css)")
"""What a marker may list: pages and their style sheet, below the folder."""


class NotOurs(BadInput):
    """The folder holds what svcops did not write."""

    def __init__(self, folder: Path, what: str, by: "Maker") -> None:
        super().__init__(
            f"{folder}: {what}, and svcops overwrites only what it wrote",
            help=f"Name an empty folder, or one that {by.command} made: {by.option} DIR.",
        )


@frozen
class Maker:
    """A command that makes folders: the file by which it knows them again, and how it is called."""

    marker: str
    schema: str
    command: str
    option: str


def write(by: Maker, folder: Path, files: Mapping[str, bytes]) -> list[str]:
    """Put files in their folder; the paths of an earlier run's files that were removed. CannotWrite."""
    before = _ours(by, folder, files)
    folder.mkdir(parents=True, exist_ok=True)
    _mark(by, folder, {*before, *files})
    for left in folder.glob(f"{_TEMPORARY}*"):
        shutil.rmtree(left, ignore_errors=True)
    with TemporaryDirectory(prefix=_TEMPORARY, dir=folder) as temporary:
        for path, data in files.items():
            made = Path(temporary, path)
            with naming(folder / path):
                made.parent.mkdir(parents=True, exist_ok=True)
                made.write_bytes(data)
        for path in files:
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            os.replace(Path(temporary, path), folder / path)
    stale = sorted(before - set(files))
    _remove(folder, stale)
    _mark(by, folder, files)
    return stale


def check_folder(by: Maker, folder: Path, store: Path) -> None:
    """NotOurs, or BadInput, where the files cannot be put, known before anything is worked out."""
    from svcops.store.layout import FOLDERS_OF_OTHERS, is_record_folder

    if folder.resolve().is_relative_to(store.resolve()):
        parts = folder.resolve().relative_to(store.resolve()).parts
        first = parts[0] if parts else "."
        if first.startswith(".") or is_record_folder(first) or first in FOLDERS_OF_OTHERS:
            raise NotOurs(folder, "this is where the store keeps its own", by)
    _ours(by, folder, ())


def _ours(by: Maker, folder: Path, files: Iterable[str]) -> set[str]:
    """The files of an earlier run; NotOurs where the folder is not svcops', or what will be written is not."""
    if not folder.exists():
        return set()
    if not folder.is_dir():
        raise NotOurs(folder, "it is no folder", by)
    if not (folder / by.marker).is_file():
        if any(folder.iterdir()):
            raise NotOurs(folder, "it is not empty", by)
        return set()
    known = _listed(by, folder)
    for path in {*known, *files}:
        if (folder / path).parent.resolve() != (folder.resolve() / path).parent:
            raise NotOurs(folder, f"a link stands on the way to {path}", by)
    for path in files:
        if path not in known and os.path.lexists(folder / path):
            raise NotOurs(folder, f"{path} is there already", by)
    return known


def _listed(by: Maker, folder: Path) -> set[str]:
    try:
        content: Any = json.loads((folder / by.marker).read_bytes())
    except (ValueError, RecursionError):
        content = None
    listed = content.get("files") if isinstance(content, dict) else None
    if not isinstance(listed, list) or not all(isinstance(one, str) and _WRITTEN.fullmatch(one) for one in listed):
        raise NotOurs(folder, f"its {by.marker} is not as svcops writes it", by)
    return set(listed)


def _mark(by: Maker, folder: Path, files: Iterable[str]) -> None:
    text = json.dumps({"schema": by.schema, "files": sorted(files)}, indent=1)
    write_whole(folder / by.marker, f"{text}\n")


def _remove(folder: Path, stale: Iterable[str]) -> None:
    """Remove files of an earlier run, and the folders that are empty then."""
    for path in stale:
        (folder / path).unlink(missing_ok=True)
        for parent in list(Path(path).parents)[:-1]:
            try:
                (folder / parent).rmdir()
            except OSError:
                break

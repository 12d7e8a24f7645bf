"""Where an export goes: files outside the store, all of them or none, and nothing that is there unless told to."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from svcops.errors import BadInput
from svcops.store.outside import write_whole

YAML = (".yaml", ".yml")
JSON = (".json",)


class Writable(Protocol):
    """An export: one text, or several files by name."""

    def text(self) -> str:
        """All of it."""

    def files(self) -> dict[str, str]:
        """The same as files of a folder."""


class Taken(BadInput):
    """Files are there already."""

    def __init__(self, paths: list[str]) -> None:
        super().__init__(f"{', '.join(paths)}: there already, nothing written", help="--force overwrites.")


def write(
    place: Callable[[str], Path],
    output: str,
    export: Writable,
    store: Path,
    *,
    force: bool,
    endings: tuple[str, ...] = YAML,
) -> list[str]:
    """Write an export to a file (with one of `endings`), or to a folder; the paths as they were named.

    `place` says where they are. Raises BadInput for a place inside the store, and Taken.
    """
    target = place(output)
    if target.resolve().is_relative_to(store.resolve()):
        help_ = "Name a file or folder beside it: --output ../export."
        raise BadInput(f"{output} lies in the store, whose files are its records", help=help_)
    if output.endswith(endings) and not target.is_dir():
        texts = {output: export.text()}
    else:
        texts = {f"{output.rstrip('/')}/{name}": text for name, text in export.files().items()}
    taken = [path for path in texts if os.path.lexists(place(path))]
    if taken and not force:
        raise Taken(taken)
    for path, text in texts.items():
        write_whole(place(path), text)
    return list(texts)

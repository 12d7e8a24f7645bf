"""Where an export goes: files outside the store, all of them or none, and nothing that is there unless told to."""

import os
from collections.abc import Callable
from pathlib import Path

from svcops.errors import BadInput
from svcops.exchange.backstage_export import Export
from svcops.store.outside import write_whole

_FILES = (".yaml", ".yml")


class Taken(BadInput):
    """Files are there already."""

    def __init__(self, paths: list[str]) -> None:
        super().__init__(f"{', '.join(paths)}: there already, nothing written", help="--force overwrites.")


def write(place: Callable[[str], Path], output: str, export: Export, store: Path, *, force: bool) -> list[str]:
    """Write an export to a file (`.yaml`), or to a folder with a file a kind; the paths as they were named.

    `place` says where they are. Raises BadInput for a place inside the store, and Taken.
    """
    target = place(output)
    if target.resolve().is_relative_to(store.resolve()):
        help_ = "Name a file or folder beside it: --output ../backstage."
        raise BadInput(f"{output} lies in the store, whose files are its records", help=help_)
    if output.endswith(_FILES) and not target.is_dir():
        texts = {output: export.text()}
    else:
        texts = {f"{output.rstrip('/')}/{name}": text for name, text in export.files().items()}
    taken = [path for path in texts if os.path.lexists(place(path))]
    if taken and not force:
        raise Taken(taken)
    for path, text in texts.items():
        write_whole(place(path), text)
    return list(texts)

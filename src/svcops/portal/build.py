"""Writing the site: every page is rendered before the first file of an older site is touched.

The folder is ours only where a marker says so, and of it only the files that the marker lists. They are made in a
temporary folder inside, moved into their places one by one, and what an earlier build left is removed last. The marker
lists the files of both builds meanwhile, so that a killed build is mended by the next.
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
from svcops.portal.pages import Page, Site

MARKER = ".svcops-site"
_STYLE = "style.css"
_STYLE_SOURCE = "site/style.css"
_TEMPORARY = ".svcops-new-"
_WRITTEN = re.compile(r"(?!.*(?:^|/)\.\.?(?:/|$))(?:[^/\0]+/)*[^/\0]+\.(?:html|css)")
"""What a marker may list: pages and the style sheet, below the folder."""

# A page shows text, and is never steered by it: control characters, and what turns the direction of reading round.
_STEERING = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


class NotOurs(BadInput):
    """The folder holds what svcops did not write."""

    def __init__(self, folder: Path, what: str) -> None:
        super().__init__(
            f"{folder}: {what}, and svcops overwrites only what it wrote",
            help="Name an empty folder, or one that svcops site build made: --out DIR.",
        )


def render(root: Path, site: Site, pages: Iterable[Page]) -> dict[str, bytes]:
    """The files of the site by path: every page, and the style sheet. BadTemplate where a template is wrong."""
    from svcops.store.templates import Templates

    templates = Templates(root)
    files = {_STYLE: templates.source(_STYLE_SOURCE).encode()}
    for page in pages:
        text = templates.render(page.template, site=site, page=page, content=page.content)
        files[page.path] = _STEERING.sub("·", text).encode()
    return files


def write(folder: Path, files: Mapping[str, bytes]) -> list[str]:
    """Put the site's files in their folder; the paths of an earlier build's files that were removed."""
    before = _ours(folder, files)
    folder.mkdir(parents=True, exist_ok=True)
    _mark(folder, {*before, *files})
    for left in folder.glob(f"{_TEMPORARY}*"):
        shutil.rmtree(left, ignore_errors=True)
    with TemporaryDirectory(prefix=_TEMPORARY, dir=folder) as temporary:
        for path, data in files.items():
            made = Path(temporary, path)
            made.parent.mkdir(parents=True, exist_ok=True)
            made.write_bytes(data)
        for path in files:
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            os.replace(Path(temporary, path), folder / path)
    stale = sorted(before - set(files))
    _remove(folder, stale)
    _mark(folder, files)
    return stale


def check_folder(folder: Path, store: Path) -> None:
    """NotOurs, or BadInput, where no site can be put, known before anything is worked out."""
    from svcops.store.layout import FOLDERS_OF_OTHERS, is_record_folder

    if folder.resolve().is_relative_to(store.resolve()):
        parts = folder.resolve().relative_to(store.resolve()).parts
        first = parts[0] if parts else "."
        if first.startswith(".") or is_record_folder(first) or first in FOLDERS_OF_OTHERS:
            raise NotOurs(folder, "this is where the store keeps its own")
    _ours(folder, ())


def _ours(folder: Path, files: Iterable[str]) -> set[str]:
    """The files of an earlier build; NotOurs where the folder is not svcops', or what will be written is not."""
    if not folder.exists():
        return set()
    if not folder.is_dir():
        raise NotOurs(folder, "it is no folder")
    if not (folder / MARKER).is_file():
        if any(folder.iterdir()):
            raise NotOurs(folder, "it is not empty")
        return set()
    known = _listed(folder)
    for path in {*known, *files}:
        if (folder / path).parent.resolve() != (folder.resolve() / path).parent:
            raise NotOurs(folder, f"a link stands on the way to {path}")
    for path in files:
        if path not in known and os.path.lexists(folder / path):
            raise NotOurs(folder, f"{path} is there already")
    return known


def _listed(folder: Path) -> set[str]:
    try:
        content: Any = json.loads((folder / MARKER).read_bytes())
    except (ValueError, RecursionError):
        content = None
    listed = content.get("files") if isinstance(content, dict) else None
    if not isinstance(listed, list) or not all(isinstance(one, str) and _WRITTEN.fullmatch(one) for one in listed):
        raise NotOurs(folder, f"its {MARKER} is not as svcops writes it")
    return set(listed)


def _mark(folder: Path, files: Iterable[str]) -> None:
    text = json.dumps({"schema": "svcops.site-folder/1", "files": sorted(files)}, indent=1)
    new = folder / f"{MARKER}.new"
    new.write_text(f"{text}\n", encoding="utf-8")
    os.replace(new, folder / MARKER)


def _remove(folder: Path, stale: Iterable[str]) -> None:
    """Remove files of an earlier build, and the folders that are empty then."""
    for path in stale:
        (folder / path).unlink(missing_ok=True)
        for parent in list(Path(path).parents)[:-1]:
            try:
                (folder / parent).rmdir()
            except OSError:
                break

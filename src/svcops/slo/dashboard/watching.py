"""Whether anything changed that the dashboard is made from: a cheap look at names, sizes and times of files."""

import glob
import os
from collections.abc import Iterable, Iterator
from hashlib import blake2b
from pathlib import Path

from svcops.errors import SvcopsError
from svcops.slo.model import DataSource
from svcops.slo.sources import file_source
from svcops.store.graph import Graph
from svcops.store.layout import SETTINGS

_FOLDERS = ("slo", "catalogue", "incidents", "maintenance", "templates")
"""What the pages are made from, beside the settings and the samples."""


def patterns_of(graph: Graph) -> list[str]:
    """Where the samples are, as patterns below the store; of a source that is wrong, its document is watched."""
    found = []
    for one in graph.all("slo").values():
        if isinstance(one.value, DataSource):
            try:
                found.append(file_source(one.value, one.path).path)
            except SvcopsError:
                continue
    return sorted(set(found))


def fingerprint(root: Path, patterns: Iterable[str]) -> str:
    """Another text where a file was written, made or removed; what cannot be looked at counts as not there."""
    seen = blake2b(digest_size=16)
    for path in (SETTINGS, *_below(root), *_samples(root, patterns)):
        try:
            stat = os.stat(root / path)
        except OSError:
            continue
        seen.update(f"{path}\0{stat.st_size}\0{stat.st_mtime_ns}\0{stat.st_ino}\n".encode(errors="surrogateescape"))
    return seen.hexdigest()


def _below(root: Path) -> Iterator[str]:
    for name in _FOLDERS:
        for folder, folders, files in os.walk(root / name):
            folders.sort()
            yield from (os.path.join(folder, file) for file in sorted(files))


def _samples(root: Path, patterns: Iterable[str]) -> Iterator[str]:
    for pattern in patterns:
        yield from sorted(glob.glob(pattern, root_dir=root, recursive=True))

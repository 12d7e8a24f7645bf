"""What was read and found valid before, as plain data, so that a warm command neither parses nor validates.

Under the git directory, one file a kind: a checksum and JSON. An entry is keyed by the file's content: size, change
time and inode stand for it while they are certain, otherwise the SHA-256 is compared (a file changed in the same clock
tick as the cache was written looks unchanged by its time alone). Only clean files are held, and never a finding.
Anything odd about a cache file, and it is as if there were none.
"""

import json
import os
import time
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any
from zlib import crc32

Documents = list[Any]
_TICK_NS = 2_000_000_000
"""No file system that git runs on has a coarser clock."""


@cache
def _stamp() -> str:
    """Changes whenever the code that gives cached data its meaning changes."""
    import svcops

    package = Path(svcops.__file__).parent
    sources = sorted([*package.glob("*/model.py"), *package.glob("store/*.py")])
    digest = sha256(svcops.__version__.encode())
    for source in sources:
        digest.update(source.read_bytes())
    return digest.hexdigest()


class Cache:
    """Valid documents by path, for one kind of record; `folder` None means that nothing is kept."""

    def __init__(self, folder: Path | None, kind: str) -> None:
        self._file = folder / f"{kind}.json" if folder else None
        self._entries: dict[str, list[Any]] = self._load()
        self._changed = False

    def _load(self) -> dict[str, list[Any]]:
        if self._file is None:
            return {}
        try:
            checksum, _, body = self._file.read_bytes().partition(b"\n")
            if checksum != _checksum(body):
                return {}
            held = json.loads(body)
            entries = held["files"] if held["stamp"] == _stamp() else {}
            return entries if all(_is_entry(entry) for entry in entries.values()) else {}
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
            return {}

    def get(self, path: str, full: str, read: Callable[[], bytes]) -> Documents | None:
        """The documents of the file if it still is what was validated, else None."""
        entry = self._entries.get(path)
        if entry is None:
            return None
        signature, certain, digest, documents = entry
        try:
            now = _signature(full)
        except OSError:
            return None
        if now == signature and certain:
            return documents  # type: ignore[no-any-return]
        if sha256(read()).hexdigest() != digest:
            return None
        self._entries[path] = [now, _is_certain(now), digest, documents]
        self._changed = True
        return documents  # type: ignore[no-any-return]

    def put(self, path: str, full: str, data: bytes, documents: Documents) -> None:
        """Remember a file that was read and found valid."""
        try:
            signature = _signature(full)
        except OSError:
            return
        certain = _is_certain(signature) and signature[0] == len(data)
        self._entries[path] = [signature, certain, sha256(data).hexdigest(), documents]
        self._changed = True

    def save(self) -> None:
        """Write the cache if it changed; a place that cannot be written is no error."""
        if self._file is None or not self._changed:
            return
        self._changed = False
        temporary = self._file.with_name(f"{self._file.name}.{os.getpid()}.tmp")
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            body = json.dumps({"stamp": _stamp(), "files": self._entries}).encode()
            temporary.write_bytes(_checksum(body) + b"\n" + body)
            os.replace(temporary, self._file)
        except OSError:
            with suppress(OSError):
                temporary.unlink()


def _checksum(body: bytes) -> bytes:
    return f"{crc32(body):08x}".encode()


def _signature(full: str) -> list[int]:
    found = os.stat(full)
    return [found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino]


def _is_certain(signature: list[int]) -> bool:
    """Whether a later change would show in the times: they are older than now by more than a tick of any clock."""
    return max(signature[1], signature[2]) + _TICK_NS < time.time_ns()


def _is_entry(entry: Any) -> bool:
    return isinstance(entry, list) and len(entry) == 4 and isinstance(entry[3], list)

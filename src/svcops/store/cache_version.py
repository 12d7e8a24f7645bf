"""The version of what the cache holds: another wherever the code that gives it its meaning is another."""

import os
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from importlib.util import find_spec
from zlib import adler32, crc32

import svcops

_OF_ROOMS = ("branches.py", "facts.py", "folding.py", "judgements.py", "model.py", "outlines.py", "wholes.py")
"""The files of every room that say what is valid, and what follows from it; of the store itself all do."""
_OF_TEXTS = (
    "blocks.py",
    "gaps.py",
    "markdown.py",
    "outline.py",
    "reading.py",
    "scanning.py",
    "sections.py",
    "step_settings.py",
    "structure.py",
    "unfinished.py",
)
"""The files that say what is read in the texts of runbooks (`svcops.store.texts`)."""
_LIBRARIES = ("holidays",)
"""Those that decide what is valid."""


@cache
def stamp() -> str:
    """64 bits of two checksums, as hexadecimal digits."""
    checksum = other = 1
    for source in (svcops.__version__.encode(), *_own(os.path.dirname(svcops.__file__)), *_libraries()):
        checksum, other = crc32(b"%d " % len(source) + source, checksum), adler32(source, other)
    return f"{checksum:08x}{other:08x}"


def _own(package: str) -> Iterator[bytes]:
    for room in sorted(one.path for one in os.scandir(package) if one.is_dir()):
        is_store = os.path.basename(room) == "store"
        for name in sorted(one for one in os.listdir(room) if one.endswith(".py")) if is_store else _OF_ROOMS:
            with suppress(FileNotFoundError), open(f"{room}/{name}", "rb") as file:
                yield file.read()
    for name in _OF_TEXTS:
        with open(f"{package}/runbooks/{name}", "rb") as file:
            yield file.read()


def _libraries() -> Iterator[bytes]:
    for library in _LIBRARIES:
        found = find_spec(library)
        if found and found.origin:
            with open(os.path.join(os.path.dirname(found.origin), "version.py"), "rb") as file:
                yield file.read()

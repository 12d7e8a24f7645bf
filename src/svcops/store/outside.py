"""Files outside a store, which others read while they are written."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from svcops.store.lock import CannotWrite


@contextmanager
def naming(path: Path) -> Iterator[None]:
    """CannotWrite, which names the file, where the system says only that something cannot be written."""
    try:
        yield
    except OSError as error:
        raise CannotWrite(path, error) from None


def write_whole(path: Path, text: str) -> None:
    """Write beside and rename, so that whoever reads it sees the old file or the new one; folders are made.

    CannotWrite.
    """
    beside = path.with_name(f".{path.name}.svcops")
    with naming(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            beside.write_text(text, encoding="utf-8", newline="\n")
            beside.replace(path)
        finally:
            beside.unlink(missing_ok=True)

"""Files outside a store, which others read while they are written."""

from pathlib import Path


def write_whole(path: Path, text: str) -> None:
    """Write beside and rename, so that whoever reads it sees the old file or the new one; folders are made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.svcops")
    try:
        beside.write_text(text, encoding="utf-8", newline="\n")
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)

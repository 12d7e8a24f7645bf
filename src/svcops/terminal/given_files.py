"""Files that a person names on the command line: what to say where one cannot be read."""

import os
from pathlib import Path

from svcops.errors import BadInput


def unread(given: str, name: str, path: Path, error: OSError | UnicodeDecodeError) -> BadInput:
    """The error, and what to do; `given` is how the file was named, with its option, `name` without, `path` where."""
    if isinstance(error, UnicodeDecodeError):
        return BadInput(f"{given} cannot be read: it is not UTF-8 text", help="Save it as UTF-8.")
    return BadInput(f"{given} cannot be read: {error.strerror}", help=_help(error, name, path))


def _help(error: OSError, name: str, path: Path) -> str:
    if isinstance(error, IsADirectoryError):
        return f"It is a folder: name a file in it, {os.path.join(name, 'FILE')}."
    if isinstance(error, PermissionError):
        return f"See who may: ls -l {name}"
    if not isinstance(error, FileNotFoundError | NotADirectoryError):
        return ""
    folder, wanted = os.path.split(name)
    try:
        beside = os.listdir(path.parent)
    except OSError:
        return f"There is no folder {path.parent}."
    from svcops.store.suggest import nearest

    stem, ending = os.path.splitext(wanted)
    others = {os.path.splitext(one)[0]: one for one in sorted(beside) if one != wanted and one.endswith(ending)}
    near = others.get(nearest(stem, others) or "")
    return f"Did you mean {os.path.join(folder, near)}?" if near else f"There is no such file in {path.parent}."

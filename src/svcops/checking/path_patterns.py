"""The paths that a waiver is about: `*` stands for anything within a name, `**` for any folders, or none.

A pattern becomes a regular expression that never tries anew what an earlier `*` could have taken as well: each literal
is looked for at the first place where it fits, which loses nothing, as whatever comes later has then most room.
"""

import re

_ANY_FOLDERS = "(?:[^/]+/)*?"


def compiled(pattern: str) -> re.Pattern[str]:
    """What matches the whole of a path below the store; ValueError says why a pattern can match none.

    `./`, a first `/` and a doubled one say nothing; a folder with a last `/` stands for all that is in it.
    """
    steps = [step for step in pattern.split("/") if step not in ("", ".")]
    if ".." in steps or not steps:
        raise ValueError("which leads out of the store")
    if any("**" in step and step != "**" for step in steps):
        raise ValueError("in which ** is only part of a name")
    if pattern.endswith("/"):
        steps.append("**")
    *groups, last = _groups(steps)
    written = ""
    for number, group in enumerate(groups):
        step_by_step = "".join(f"{_name(step)}/" for step in group)
        written += f"(?>{_ANY_FOLDERS}{step_by_step})" if number else step_by_step
    if groups:
        written += _ANY_FOLDERS
    return re.compile(written + ("/".join(map(_name, last)) or ".+"), re.DOTALL)


def _groups(steps: list[str]) -> list[list[str]]:
    """The steps between one `**` and the next."""
    groups: list[list[str]] = [[]]
    for step in steps:
        if step == "**":
            groups.append([])
        else:
            groups[-1].append(step)
    return groups


def _name(step: str) -> str:
    """One step of a path. What follows must be a slash or the end, so the last `*` has one way to match."""
    first, *more = map(re.escape, step.split("*"))
    if not more:
        return first
    return first + "".join(f"(?>[^/]*?{literal})" for literal in more[:-1]) + f"[^/]*{more[-1]}"

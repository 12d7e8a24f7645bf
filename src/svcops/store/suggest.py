"""Did you mean: the nearest of the names that exist."""

from collections.abc import Iterable

_LIKENESS = 0.7
"""Of difflib's ratio: `platfrom` is like `platform`, `team-phoenix` is not like `team-tenet`."""


def nearest(wrong: str, known: Iterable[str]) -> str | None:
    """The known name that `wrong` most likely was meant to be, or None where none is near."""
    from difflib import get_close_matches

    names = list(dict.fromkeys(known))
    lowered = {name.lower(): name for name in reversed(names)}
    found = get_close_matches(wrong.lower(), list(lowered), n=1, cutoff=_LIKENESS)
    return lowered[found[0]] if found else None


def did_you_mean(wrong: str, known: Iterable[str]) -> str:
    """`Did you mean X?`, or nothing."""
    found = nearest(wrong, known)
    return f"Did you mean {found}?" if found else ""

"""What OpenSLO has no field for, as annotations of the SLO: it stays a valid document for other tools.

svcops/no-data         what time without samples counts as: gap (default; it is left out), good, or bad
svcops/least-coverage  the share of a window of which something has to be known for a verdict: 0.5 (default)
"""

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Literal, cast

from svcops.store.frozen import frozen
from svcops.store.suggest import did_you_mean

NoData = Literal["gap", "good", "bad"]
PREFIX = "svcops/"
LEAST_COVERAGE = Fraction(1, 2)
"""Below one half more of a window is unknown than known, and its level would be that of another, shorter window."""
_NO_DATA = ("gap", "good", "bad")
_KEYS = (f"{PREFIX}no-data", f"{PREFIX}least-coverage")


@frozen
class Policy:
    """How an SLO is judged where OpenSLO does not say."""

    no_data: NoData = "gap"
    least_coverage: Fraction = LEAST_COVERAGE


def policy_of(annotations: Mapping[str, str] | None, bad: Callable[[str, str], Exception]) -> Policy:
    """Read the annotations of an SLO. `bad` makes the error that is raised of a key and a reason."""
    given = {key: text for key, text in (annotations or {}).items() if key.startswith(PREFIX)}
    for key in given:
        if key not in _KEYS:
            near = did_you_mean(key, _KEYS) or f"Known here: {', '.join(_KEYS)}."
            raise bad(key, f"not an annotation that is known here. {near}")
    no_data = given.get(_KEYS[0], "gap")
    if no_data not in _NO_DATA:
        raise bad(_KEYS[0], f"{no_data} is none of {', '.join(_NO_DATA)}")
    return Policy(cast("NoData", no_data), _share(given.get(_KEYS[1]), bad))


def _share(written: str | None, bad: Callable[[str, str], Exception]) -> Fraction:
    if written is None:
        return LEAST_COVERAGE
    try:
        share = Fraction(written)
    except (ValueError, ZeroDivisionError):
        share = Fraction(-1)
    if not 0 <= share <= 1:
        raise bad(_KEYS[1], f"{written} is no share from 0 to 1, such as 0.9")
    return share

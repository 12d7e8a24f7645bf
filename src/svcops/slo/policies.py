"""What OpenSLO has no field for, as annotations: an SLO and its alerts stay valid documents for other tools.

svcops/no-data         what time without samples counts as: gap (default; it is left out), good, or bad
svcops/least-coverage  the share of a window of which something has to be known for a verdict: 0.5 (default)
svcops/increase        how far counters grew: exact (default), or as prometheus2 or prometheus3 estimates it
svcops/composite-target  the target of an SLO made of several objectives, as a whole: 0.99

Of an AlertCondition:

svcops/short-window    a second, shorter window over which the burn rate has to hold, too, as long as it goes on: 5m
"""

from collections.abc import Callable, Collection, Mapping
from fractions import Fraction
from typing import Literal, cast

from svcops.store.frozen import frozen
from svcops.store.suggest import did_you_mean

NoData = Literal["gap", "good", "bad"]
Increase = Literal["exact", "prometheus2", "prometheus3"]
PREFIX = "svcops/"
LEAST_COVERAGE = Fraction(1, 2)
"""Below one half more of a window is unknown than known, and its level would be that of another, shorter window."""
_NO_DATA = ("gap", "good", "bad")
INCREASES: tuple[Increase, ...] = ("exact", "prometheus2", "prometheus3")
_KEYS = (f"{PREFIX}no-data", f"{PREFIX}least-coverage", f"{PREFIX}increase", f"{PREFIX}composite-target")
COMPOSITE_TARGET = _KEYS[3]
SHORT_WINDOW = f"{PREFIX}short-window"
Bad = Callable[[str, str], Exception]
"""Makes the error that is raised of a key and a reason."""


@frozen
class Policy:
    """How an SLO is judged where OpenSLO does not say."""

    no_data: NoData = "gap"
    least_coverage: Fraction = LEAST_COVERAGE
    increase: Increase = "exact"
    composite_target: Fraction | None = None
    """Of an SLO made of several objectives, as a whole."""


def policy_of(annotations: Mapping[str, str] | None, bad: Bad) -> Policy:
    """Read the annotations of an SLO."""
    given = _given(annotations, _KEYS, bad)
    no_data, increase = given.get(_KEYS[0], "gap"), given.get(_KEYS[2], "exact")
    for key, text, known in ((_KEYS[0], no_data, _NO_DATA), (_KEYS[2], increase, INCREASES)):
        if text not in known:
            raise bad(key, f"{text} is none of {', '.join(known)}")
    least, target = (_share(given.get(key)) for key in (_KEYS[1], COMPOSITE_TARGET))
    if least is not None and not 0 <= least <= 1:
        raise bad(_KEYS[1], f"{given[_KEYS[1]]} is no share from 0 to 1, such as 0.9")
    if target is not None and not 0 <= target < 1:
        raise bad(COMPOSITE_TARGET, f"{given[COMPOSITE_TARGET]} is no share from 0 to below 1, such as 0.99")
    return Policy(
        cast("NoData", no_data), LEAST_COVERAGE if least is None else least, cast("Increase", increase), target
    )


def short_window_of(annotations: Mapping[str, str] | None, bad: Bad) -> str | None:
    """Read the annotations of an AlertCondition: its second window, as it is written; None where it has none."""
    return _given(annotations, (SHORT_WINDOW,), bad).get(SHORT_WINDOW)


def _given(annotations: Mapping[str, str] | None, keys: Collection[str], bad: Bad) -> dict[str, str]:
    """The annotations of svcops, of which each has to be one of these keys."""
    given = {key: text for key, text in (annotations or {}).items() if key.startswith(PREFIX)}
    for key in given:
        if key not in keys:
            near = did_you_mean(key, keys) or f"Known here: {', '.join(keys)}."
            raise bad(key, f"not an annotation that is known here. {near}")
    return given


def _share(written: str | None) -> Fraction | None:
    """A share exactly as written; below every share where it is none."""
    if written is None:
        return None
    try:
        return Fraction(written)
    except (ValueError, ZeroDivisionError):
        return Fraction(-1)

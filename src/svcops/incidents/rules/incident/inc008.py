"""An imported incident whose stated duration is not that of its own timeline."""

from collections.abc import Iterator

from svcops.checking.model import Finding
from svcops.checking.rule import Context, Rule
from svcops.incidents.facts import states

_TOLERANCE = 1.0
"""Minutes: what rounding to whole ones may make of it."""


def _find(context: Context) -> Iterator[Finding]:
    for state in states(context.graph).values():
        origin = state.incident.imported
        stated = origin.stated_minutes if origin else None
        if origin is None or stated is None:
            continue
        span = next(one.span for one in state.clocks if one.end_name == "resolved")
        if span is not None and abs(stated - (own := span.total_seconds() / 60)) > _TOLERANCE:
            told = f"{origin.system} states {_minutes(stated)} min"
            message = f"{told}, and from impact started to resolved it is {_minutes(own)} min"
            help_ = "Nothing needs to be done: what the timeline says counts, the stated figure never does."
            yield Finding("INC008", message, state.entry.at("imported", "stated_minutes"), help_, severity="note")


def _minutes(number: float) -> str:
    """As it is, without trailing zeros, to the hundredth."""
    return f"{number:.2f}".rstrip("0").rstrip(".")


RULE = Rule("INC008", "an imported duration that its own timeline contradicts", "note", find=_find)

"""A window of minutes where one of months is meant: OpenSLO tells them apart by a capital letter alone."""

from collections.abc import Iterator

from svcops.checking.model import Finding
from svcops.checking.rule import Context, Rule
from svcops.slo.model import SLO

_MOST = 12
"""Months that a window is ever meant to have: so many minutes are none."""


def _find(context: Context) -> Iterator[Finding]:
    for entry in context.graph.all("slo").values():
        if not isinstance(entry.value, SLO):
            continue
        for number, window in enumerate(entry.value.spec.timeWindow):
            length = window.duration
            if length.endswith("m") and 0 < int(length[:-1]) <= _MOST:
                at = entry.at("spec", "timeWindow", number, "duration")
                message = f"a window of {length} is one of minutes"
                help_ = f"A capital letter makes months of it: {length[:-1]}M."
                yield Finding("SLO002", message, at, help_, severity="warning")


RULE = Rule("SLO002", "a window of minutes where one of months is meant", "warning", find=_find)

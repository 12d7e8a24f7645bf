"""A percentage that is promised, and hardly meant: 0.995 is a share, and its percentage is 99.5."""

from collections.abc import Iterator

from svcops.catalogue.agreements import percent_of, percent_text
from svcops.checking.model import Finding
from svcops.checking.rule import Context, Rule

_LEAST = 50
"""Percent below which something fails more often than it works, which nobody agrees to."""


def _find(context: Context) -> Iterator[Finding]:
    for entry in context.graph.all("agreement").values():
        availability = entry.value.availability
        if availability is None or not 0 < availability.percent < _LEAST:  # AGR001 finds what is none
            continue
        percent = percent_of(availability)
        meant = percent_text(percent * 100)
        of_a_share = f"For {meant} % of the time, write {meant}."
        help_ = of_a_share if percent <= 1 else "Write how much of what users do has to work, such as 99.5."
        message = f"promises {percent_text(percent)} %: less than half of the time"
        yield Finding("AGR014", message, entry.at("availability", "percent"), help_, severity="warning")


RULE = Rule("AGR014", "a percentage that is hardly meant", "warning", find=_find)

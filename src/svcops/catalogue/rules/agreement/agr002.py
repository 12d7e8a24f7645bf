"""An agreement that is over, with none after it."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import TYPE_CHECKING

from svcops.catalogue.agreements import beginning, begins, in_force, standing, today
from svcops.catalogue.occasions import occasions
from svcops.checking.model import Finding, Related
from svcops.checking.rule import Context, Rule

if TYPE_CHECKING:
    from svcops.catalogue.model import Agreement
    from svcops.store.entries import Entry

_DAY = timedelta(days=1)


def _find(context: Context) -> Iterator[Finding]:
    day = today(context.graph, context.now)
    held = in_force(context.graph, day)
    services = context.graph.all("service")
    over = [one for one in context.graph.all("agreement").values() if standing(one.value, day) == "expired"]
    coming: dict[str, Entry[Agreement]] = {}
    for occasion in occasions(context.graph, context.now)[1:] if over else ():
        for entry in occasion.agreements:
            for name in entry.value.services:
                coming.setdefault(name, entry)
    for entry in over:
        left: dict[str, list[str]] = {}
        for name in dict.fromkeys(entry.value.services):
            if name in services and name not in held:
                left.setdefault(coming[name].name if name in coming else "", []).append(name)
        for after, names in left.items():
            yield _until(entry, coming[names[0]], names) if after else _over(entry, names)


def _over(entry: "Entry[Agreement]", names: list[str]) -> Finding:
    message = f"expired on {entry.value.valid_until}: nothing is promised for {', '.join(names)} any more"
    help_ = "Agree on it anew: another day in valid_until and agreed, or a new agreement beside this one."
    return Finding("AGR002", message, entry.at("valid_until"), help_)


def _until(entry: "Entry[Agreement]", coming: "Entry[Agreement]", names: list[str]) -> Finding:
    last, first = entry.value.valid_until or "", begins(coming.value)
    message = f"expired on {last}: nothing is promised for {', '.join(names)} until {first}"
    day_before, day_after = date.fromisoformat(first) - _DAY, date.fromisoformat(last) + _DAY
    help_ = f"Let it end on {day_before}, or {coming.name} begin on {day_after}."
    related = (Related("the next one begins here", beginning(coming)),)
    return Finding("AGR002", message, entry.at("valid_until"), help_, related=related)


RULE = Rule("AGR002", "an agreement that is over, with none after it", rests_on=("agreement",), find=_find)

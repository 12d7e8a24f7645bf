"""An agreement that is over, with none after it."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import TYPE_CHECKING

from svcops.catalogue.agreements import beginning, begins, in_force, party, standing, today
from svcops.catalogue.occasions import occasions
from svcops.checking.model import Finding, Related
from svcops.checking.rule import Context, Rule
from svcops.store.frozen import frozen

if TYPE_CHECKING:
    from svcops.catalogue.model import Agreement
    from svcops.store.entries import Entry

_DAY = timedelta(days=1)
_FOR_GOOD = " If it ended for good, waive this: the record stays, as it tells what was promised then."


@frozen
class _Next:
    """What comes after an agreement for some of its services."""

    is_covered: bool
    """Whether something is promised for them today, to others than the party of this agreement."""
    coming: str
    """The name of the first agreement that begins later: with the same party where others are covered. Or nothing."""


def _find(context: Context) -> Iterator[Finding]:
    day = today(context.graph, context.now)
    held = in_force(context.graph, day)
    services = context.graph.all("service")
    every: Mapping[str, Entry[Agreement]] = context.graph.all("agreement")
    over = [one for one in every.values() if standing(one.value, day) == "expired"]
    coming: dict[tuple[str, str], str] = {}
    for occasion in occasions(context.graph, context.now)[1:] if over else ():
        for entry in occasion.agreements:
            for name in entry.value.services:
                coming.setdefault((name, ""), entry.name)
                coming.setdefault((name, party(entry.value)), entry.name)
    for entry in over:
        whom = party(entry.value)
        left: dict[_Next, list[str]] = {}
        for name in dict.fromkeys(entry.value.services):
            parties = {party(one.value) for one in held.get(name, ())}
            if name in services and whom not in parties:
                after = _Next(bool(parties), coming.get((name, whom if parties else ""), ""))
                left.setdefault(after, []).append(name)
        for after, names in left.items():
            yield _finding(entry, names, after, every.get(after.coming))


def _finding(entry: "Entry[Agreement]", names: list[str], after: _Next, coming: "Entry[Agreement] | None") -> Finding:
    agreed, last = entry.value.agreed, entry.value.valid_until or ""
    assert agreed, "what ended was agreed"
    nothing = f"nothing is agreed with {agreed.with_}" if after.is_covered else "nothing is promised"
    related: tuple[Related, ...] = ()
    if coming:
        first = begins(coming.value)
        until = f"until {first}"
        day_before, day_after = date.fromisoformat(first) - _DAY, date.fromisoformat(last) + _DAY
        help_ = f"Let it end on {day_before}, or {coming.name} begin on {day_after}."
        related = (Related("the next one begins here", beginning(coming)),)
    else:
        until = "any more"
        help_ = "Agree on it anew: another day in valid_until and agreed, or a new agreement beside this one."
        help_ += _FOR_GOOD if after.is_covered else ""
    message = f"expired on {last}: {nothing} for {', '.join(names)} {until}"
    return Finding("AGR002", message, entry.at("valid_until"), help_, related=related)


RULE = Rule("AGR002", "an agreement that is over, with none after it", rests_on=("agreement",), find=_find)

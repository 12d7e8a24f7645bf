"""An agreement that ends soon, with none right after it."""

from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING

from svcops.catalogue.agreements import LAST_DAY, beginning, begins, days_left, days_on, party, standing, today
from svcops.checking.model import Finding, Related
from svcops.checking.rule import Context, Rule

if TYPE_CHECKING:
    from svcops.catalogue.model import Agreement
    from svcops.store.entries import Entry

_Agreements = list["Entry[Agreement]"]


def _find(context: Context) -> Iterator[Finding]:
    day = today(context.graph, context.now)
    notice = context.graph.settings.policy.agreement_notice
    every: Mapping[str, Entry[Agreement]] = context.graph.all("agreement")
    agreed = [one for one in every.values() if standing(one.value, day) in ("in force", "to come")]
    ending = {
        one.name: days for one in agreed if (days := days_left(one.value, day)) is not None and days <= notice.days
    }
    held = _by_service(agreed, {name for one in ending for name in every[one].value.services})
    for one, left in ending.items():
        entry = every[one]
        after: dict[tuple[str, str], list[str]] = {}
        for name in dict.fromkeys(entry.value.services):
            about = held.get(name, [])
            alike = [other for other in about if party(other.value) == party(entry.value)]
            for agreements, whom in ((about, ""), (alike, entry.value.agreed.with_ if entry.value.agreed else "")):
                last, coming = _first_end(agreements)
                if last == entry.value.valid_until:
                    after.setdefault((coming, whom), []).append(name)
                    break
        for (coming, whom), names in after.items():
            yield _gap(entry, every[coming], names, whom) if coming else _end(entry, left, names, whom)


def _by_service(agreed: _Agreements, services: Collection[str]) -> dict[str, _Agreements]:
    """The agreements about these services, the first to begin first."""
    found: dict[str, _Agreements] = {}
    for entry in sorted(agreed, key=lambda one: begins(one.value)):
        if begins(entry.value) <= (entry.value.valid_until or LAST_DAY):  # AGR001 tells of others
            for name in dict.fromkeys(entry.value.services):
                if name in services:
                    found.setdefault(name, []).append(entry)
    return found


def _first_end(agreements: _Agreements) -> tuple[str, str]:
    """The last day before the first on which none of these holds, and the name of the one that begins after it."""
    last = ""
    for one in agreements:
        if last and begins(one.value) > days_on(last, 1):
            return last, one.name
        last = max(last, one.value.valid_until or LAST_DAY)
    return last, ""


def _end(entry: "Entry[Agreement]", left: int, names: list[str], whom: str) -> Finding:
    """`whom`: the party with which nothing is agreed then, where others are promised something; else empty."""
    agreed = f"agreed with {whom}" if whom else "agreed"
    message = f"ends on {entry.value.valid_until}, with nothing {agreed} after it for {', '.join(names)}"
    when = f"in {left} day{'s' if left != 1 else ''}" if left else "today"
    help_ = f"That is {when}: agree on what comes after it. svcops.yaml says how long before: policy.agreement_notice."
    return Finding("AGR003", message, entry.at("valid_until"), help_, severity="warning")


def _gap(entry: "Entry[Agreement]", coming: "Entry[Agreement]", names: list[str], whom: str) -> Finding:
    last, first = entry.value.valid_until or "", begins(coming.value)
    nothing = f"nothing is agreed with {whom}" if whom else "nothing is promised"
    message = f"ends on {last}, and {nothing} for {', '.join(names)} until {first}"
    help_ = f"Let it end on {days_on(first, -1)}, or {coming.name} begin on {days_on(last, 1)}."
    related = (Related("the next one begins here", beginning(coming)),)
    return Finding("AGR003", message, entry.at("valid_until"), help_, severity="warning", related=related)


RULE = Rule(
    "AGR003",
    "an agreement that ends soon, with none right after it",
    "warning",
    rests_on=("agreement",),
    find=_find,
)

"""Two overrides of a schedule that name different people for one time."""

from collections.abc import Iterator
from datetime import datetime

from svcops.catalogue.agreements import zone_of
from svcops.catalogue.model import Override, Schedule
from svcops.checking.model import Finding, Related
from svcops.checking.rule import Context, Rule
from svcops.timing.wall import shown


def _find(context: Context) -> Iterator[Finding]:
    for entry in context.graph.all("schedule").values():
        for number, other in _contradicted(entry.value, context.now).items():
            one = entry.value.overrides[number]
            earlier = entry.value.overrides[other]
            zone = zone_of(context.graph)
            since, until = shown(max(one.from_, earlier.from_), zone), shown(min(one.until, earlier.until), zone)
            message = f"from {since} until {until} another override has {earlier.person} on call, this one {one.person}"
            help_ = f"Of the two the last one written counts, {one.person}: shorten one, or take one away."
            related = (Related("the other", entry.at("overrides", other, "person")),)
            at = entry.at("overrides", number, "person")
            yield Finding("SCH005", message, at, help_, severity="warning", related=related)


def _contradicted(schedule: Schedule, now: datetime) -> dict[int, int]:
    """The overrides that take time from one of somebody else that was written before, by their numbers in the list.

    Of what goes on as one begins, the two that go on longest are enough, if they are of two people.
    """
    found: dict[int, int] = {}
    longest: dict[str, tuple[int, Override]] = {}
    ahead = ((number, one) for number, one in enumerate(schedule.overrides) if max(now, one.from_) < one.until)
    for number, one in sorted(ahead, key=lambda pair: pair[1].from_):
        for person, (other, held) in longest.items():
            if person != one.person and max(one.from_, now) < held.until:
                found.setdefault(max(number, other), min(number, other))
        if one.person not in longest or longest[one.person][1].until < one.until:
            longest[one.person] = (number, one)
        longest = dict(sorted(longest.items(), key=lambda pair: pair[1][1].until)[-2:])
    return found


RULE = Rule("SCH005", "two overrides that name different people for one time", "warning", find=_find)

"""What is wrong with hours that cannot hold. Pure values: a rule makes findings of them."""

from collections.abc import Iterator
from datetime import date

from svcops.checking.model import KeyPath
from svcops.store.frozen import frozen
from svcops.store.suggest import did_you_mean
from svcops.timing.hours import weekdays_of
from svcops.timing.model import Hours, OpenHours
from svcops.timing.wall import zone_called


@frozen
class Fault:
    """What is wrong, the way to it inside the value that was judged, and what to do."""

    keys: KeyPath
    message: str
    help: str


def faults_of_hours(hours: Hours) -> Iterator[Fault]:
    """What makes hours such that nobody can tell when they are, or such that they are never."""
    if not hours.open:
        yield Fault(("open",), "hours that are never open", "Write a stretch such as {days: [mon-fri], from: '08:00'}.")
    for fault in faults_of_stretches(hours.open):
        yield Fault(("open", *fault.keys), fault.message, fault.help)
    if hours.time_zone:
        yield from faults_of_zone(hours.time_zone)
    yield from _of_days(hours)


def faults_of_stretches(stretches: tuple[OpenHours, ...]) -> Iterator[Fault]:
    """Stretches on no day of the week."""
    for number, stretch in enumerate(stretches):
        if not stretch.days:
            yield Fault((number, "days"), "a stretch on no day of the week", "Write days such as [mon-fri].")


def faults_of_zone(name: str) -> Iterator[Fault]:
    """A zone at the key `time_zone` that this machine does not know."""
    try:
        zone_called(name)
    except ValueError:
        message = f"time_zone is {name}, which this machine's zone database does not know"
        yield Fault(("time_zone",), message, help_of_zone(name))


def help_of_zone(name: str) -> str:
    """What to write in the place of a zone that this machine does not know."""
    from zoneinfo import available_timezones

    near = did_you_mean(name, sorted(available_timezones()))
    return near or "Write a zone of the IANA database, such as Europe/Berlin."


def _of_days(hours: Hours) -> Iterator[Fault]:
    closed, covered = frozenset(hours.closed), weekdays_of(hours.open)
    for number, day in enumerate(hours.open_on):
        if day in closed:
            message = f"{day} is named as closed and as open"
            yield Fault(("open_on", number), message, "Take it away from one of the two.")
        elif covered and (begins := date.fromisoformat(day)).weekday() not in covered:
            message = f"{day} is a {begins:%A}, for which open has no hours: nobody attends"
            help_ = f"Take it away: on a day of open_on the hours of its weekday hold, and a {begins:%A} has none."
            yield Fault(("open_on", number), message, help_)

"""Key dates: the days on which a service must not fail."""

from svcops.store.model import RunbookRef, ServiceRef, Text, record


@record
class KeyDate:
    """A load bound to a date, such as the payroll run, and the procedures that carry it."""

    title: Text
    """What people call it: Payroll run."""
    services: tuple[ServiceRef, ...]
    """What must not fail on that day."""
    runbooks: tuple[RunbookRef, ...] = ()
    """Its procedures, as SERVICE/NAME; it is rehearsed when each of them has been."""

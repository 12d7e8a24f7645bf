"""Key dates: the days on which a service must not fail."""

from svcops.store.model import RunbookRef, ServiceRef, Text, record


@record
class KeyDate:
    """A load bound to a date, such as the payroll run, and the procedures that carry it."""

    title: Text
    services: tuple[ServiceRef, ...]
    runbooks: tuple[RunbookRef, ...] = ()
    """Its procedures, as SERVICE/NAME; it is rehearsed when each of them has been."""

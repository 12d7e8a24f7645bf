"""Times given on the command line, read in the zone of the store."""

from datetime import datetime

from svcops.terminal.session import Session
from svcops.timing.when import parse_past, parse_when


def past(session: Session, text: str, option: str) -> datetime:
    """When something happened; BadInput names the option."""
    return parse_past(text, now=session.now(), zone=session.zone, option=option)


def moment(session: Session, text: str, option: str) -> datetime:
    """Any instant, the future included; BadInput names the option."""
    return parse_when(text, now=session.now(), zone=session.zone, option=option)

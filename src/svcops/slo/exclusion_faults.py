"""What makes an exclusion one that cannot hold. Pure: rule EXC001 tells it, and figures go without such a one."""

from collections.abc import Iterator

from svcops.slo.exclusion import Exclusion
from svcops.slo.recurring import faults_of
from svcops.timing.faults import Fault


def faults_of_exclusion(of: Exclusion) -> Iterator[Fault]:
    """What is wrong with it: it excludes nothing, or no one can tell what."""
    if not of.slos and not of.services:
        yield Fault((), "it is about no SLO and no service", "Name slos, or services.")
    if not of.times and not of.recurring and not of.maintenance:
        yield Fault((), "it excludes no time", "Write times, recurring, or maintenance: true.")
    if of.maintenance and not of.services:
        yield Fault(("maintenance",), "the maintenance of no service", "Maintenance is of services: name them.")
    for number, one in enumerate(of.times):
        if one.until <= one.from_:
            yield Fault(("times", number, "until"), "it is over before it begins", "Correct one of the two.")
    for number, each in enumerate(of.recurring):
        for fault in faults_of(each):
            yield Fault(("recurring", number, *fault.keys), fault.message, fault.help)

"""A recovery time that is shorter than that of what the service needs."""

from collections.abc import Iterator

from svcops.catalogue.agreements import shortest_rto
from svcops.catalogue.carriers import exceeded
from svcops.catalogue.occasions import each_once
from svcops.checking.model import Finding
from svcops.checking.rule import Context, Rule
from svcops.timing.model import format_duration


def _find(context: Context) -> Iterator[Finding]:
    return each_once(_exceeded(context))


def _exceeded(context: Context) -> Iterator[Finding]:
    for one in exceeded(context.graph, context.now, shortest_rto):
        needed, theirs = one.below[0]
        ours, longer = format_duration(one.own.value), format_duration(theirs.value)
        without = f"{needed.name}, without which it stops{needed.by_way}"
        message = f"{one.service} has to be back after {ours}, and {without}, after {longer}"
        help_ = f"Promise no less than {longer}, or have {needed.name} back sooner."
        at = one.own.agreement.at(*one.own.keys)
        yield Finding("AGR007", one.occasion.told(message), at, help_, related=one.related, gist=message)


RULE = Rule(
    "AGR007", "a recovery time that is shorter than that of a critical dependency", rests_on=("agreement",), find=_find
)

"""A recovery point that is nearer than that of where the service's data lies."""

from collections.abc import Iterator

from svcops.catalogue.agreements import shortest_rpo
from svcops.catalogue.carriers import exceeded
from svcops.catalogue.occasions import each_once
from svcops.checking.model import Finding
from svcops.checking.rule import Context, Rule
from svcops.timing.model import format_duration


def _find(context: Context) -> Iterator[Finding]:
    return each_once(_exceeded(context))


def _exceeded(context: Context) -> Iterator[Finding]:
    for one in exceeded(context.graph, context.now, shortest_rpo, lambda dependency: dependency.kind == "data"):
        needed, theirs = one.below[0]
        ours, longer = format_duration(one.own.value), format_duration(theirs.value)
        where = f"{needed.name}, where data of it lies{needed.by_way}"
        message = f"{one.service} may lose {ours} of data, and {where}, may lose {longer}"
        help_ = f"Promise no less than {longer}, or have less lost in {needed.name}."
        at = one.own.agreement.at(*one.own.keys)
        yield Finding("AGR008", one.occasion.told(message), at, help_, related=one.related, gist=message)


RULE = Rule(
    "AGR008", "a recovery point that is nearer than that of a data dependency", rests_on=("agreement",), find=_find
)

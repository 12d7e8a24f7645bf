"""An agreement that is over, with none after it."""

from collections.abc import Iterator

from svcops.catalogue.endings import ended
from svcops.checking.model import Finding
from svcops.checking.rule import Context, Rule


def _find(context: Context) -> Iterator[Finding]:
    for one in ended(context.graph, context.now):
        if not one.is_covered:
            named = ", ".join(one.services)
            message = f"expired on {one.entry.value.valid_until}: nothing is promised for {named} {one.until}"
            yield Finding("AGR002", message, one.entry.at("valid_until"), one.help, related=one.related)


RULE = Rule("AGR002", "an agreement that is over, with none after it", rests_on=("agreement",), find=_find)

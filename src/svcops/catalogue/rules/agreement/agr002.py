"""An agreement that is over, with none after it."""

from collections.abc import Iterator

from svcops.catalogue.agreements import in_force, standing, today
from svcops.checking.model import Finding
from svcops.checking.rule import Context, Rule


def _find(context: Context) -> Iterator[Finding]:
    day = today(context.graph, context.now)
    held = in_force(context.graph, day)
    services = context.graph.all("service")
    for entry in context.graph.all("agreement").values():
        if standing(entry.value, day) == "expired":
            left = [name for name in dict.fromkeys(entry.value.services) if name in services and name not in held]
            if left:
                message = f"expired on {entry.value.valid_until}: nothing is promised for {', '.join(left)} any more"
                help_ = "Agree on it anew: another day in valid_until and agreed, or a new agreement beside this one."
                yield Finding("AGR002", message, entry.at("valid_until"), help_)


RULE = Rule("AGR002", "an agreement that is over, with none after it", rests_on=("agreement",), find=_find)

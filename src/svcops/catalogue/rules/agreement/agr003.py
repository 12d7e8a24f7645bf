"""An agreement that ends soon, with none after it."""

from collections.abc import Iterator

from svcops.catalogue.agreements import days_left, standing, today
from svcops.checking.model import Finding
from svcops.checking.rule import Context, Rule

_NEVER = "9999-99-99"


def _find(context: Context) -> Iterator[Finding]:
    day = today(context.graph, context.now)
    notice = context.graph.settings.policy.agreement_notice
    last = _last_days(context, day)
    for entry in context.graph.all("agreement").values():
        left = days_left(entry.value, day)
        if standing(entry.value, day) != "in force" or left is None or left > notice.days:
            continue
        ending = [name for name in dict.fromkeys(entry.value.services) if last[name] == entry.value.valid_until]
        if ending:
            message = f"ends on {entry.value.valid_until}, with nothing agreed after it for {', '.join(ending)}"
            help_ = (
                f"That is in {left} day{'s' if left != 1 else ''}: agree on what comes after it. "
                "svcops.yaml says how long before: policy.agreement_notice."
            )
            yield Finding("AGR003", message, entry.at("valid_until"), help_, severity="warning")


def _last_days(context: Context, day: str) -> dict[str, str]:
    """The last day on which something that is agreed holds, by service."""
    last: dict[str, str] = {}
    for entry in context.graph.all("agreement").values():
        if standing(entry.value, day) in ("in force", "to come"):
            for name in entry.value.services:
                last[name] = max(last.get(name, ""), entry.value.valid_until or _NEVER)
    return last


RULE = Rule("AGR003", "an agreement that ends soon, with none after it", "warning", rests_on=("agreement",), find=_find)

"""A schedule that nobody calls."""

from collections.abc import Iterator

from svcops.catalogue.answering import called_schedules
from svcops.checking.model import Finding
from svcops.checking.rule import Context, Rule


def _find(context: Context) -> Iterator[Finding]:
    called = called_schedules(context.graph)
    for entry in context.graph.all("schedule").values():
        if entry.name not in called:
            message = f"no escalation policy calls {entry.name}: nobody is called because they are on it"
            help_ = (
                f"Write schedule: {entry.name} at a level of the policy that should call it, or remove the schedule."
            )
            yield Finding("SCH006", message, entry.at(), help_, severity="note")


RULE = Rule("SCH006", "a schedule that nobody calls", "note", rests_on=("escalation",), find=_find)

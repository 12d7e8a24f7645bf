"""An escalation policy that nothing names."""

from collections.abc import Iterator

from svcops.catalogue.answering import named_policies
from svcops.checking.model import Finding
from svcops.checking.rule import Context, Rule


def _find(context: Context) -> Iterator[Finding]:
    named = named_policies(context.graph)
    for entry in context.graph.all("escalation").values():
        if entry.name not in named:
            message = f"no service, no team and no setting names {entry.name}: it is never followed"
            help_ = f"Write escalation: {entry.name} in a service, in a team, or in svcops.yaml, or remove it."
            yield Finding("ESC004", message, entry.at(), help_, severity="note")


RULE = Rule("ESC004", "an escalation policy that nothing names", "note", rests_on=("service", "team"), find=_find)

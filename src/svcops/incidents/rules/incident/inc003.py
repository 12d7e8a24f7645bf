"""An incident whose severity is not one of the settings'."""

from collections.abc import Iterator

from svcops.checking.model import Finding
from svcops.checking.rule import Context, Rule
from svcops.incidents.facts import states
from svcops.incidents.model import Opened
from svcops.store.suggest import did_you_mean


def _find(context: Context) -> Iterator[Finding]:
    known = [level.name for level in context.graph.settings.severities]
    for state in states(context.graph).values():
        for event in state.events:
            if isinstance(event.value, Opened) and event.value.severity not in known:
                message = f"svcops.yaml names no severity {event.value.severity}; the incident counts as major"
                help_ = did_you_mean(event.value.severity, known) or f"Its severities: {', '.join(known)}."
                yield Finding("INC003", message, event.at("severity"), help_)


RULE = Rule("INC003", "a severity that the settings do not name", find=_find)

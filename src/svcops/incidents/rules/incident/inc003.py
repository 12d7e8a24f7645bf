"""An incident whose severity is not one of the settings'."""

from collections.abc import Iterator

from svcops.checking.model import Finding
from svcops.checking.rule import Context, Rule
from svcops.incidents.facts import states
from svcops.incidents.model import Opened, SeverityChanged
from svcops.store.suggest import did_you_mean


def _find(context: Context) -> Iterator[Finding]:
    known = [level.name for level in context.graph.settings.severities]
    for state in states(context.graph).values():
        for event in state.events:
            if type(event.value) is Opened:
                key, judged = "severity", event.value.severity
            elif type(event.value) is SeverityChanged and event not in state.superseded:
                key, judged = "to", event.value.to
            else:
                continue
            if judged not in known:
                message = f"svcops.yaml names no severity {judged}; the incident counts as major"
                help_ = did_you_mean(judged, known) or f"Its severities: {', '.join(known)}."
                yield Finding("INC003", message, event.at(key), help_)


RULE = Rule("INC003", "a severity that the settings do not name", whole=True, find=_find)

"""An incident that nobody declared."""

from collections.abc import Iterator

from svcops.checking.model import At, Finding
from svcops.checking.orphans import brought_back
from svcops.checking.rule import Context, Rule
from svcops.incidents.facts import states


def _find(context: Context) -> Iterator[Finding]:
    found = states(context.graph)
    for state in found.values():
        if state.declared is None:
            folder = state.entry.path.rpartition("/")[0]
            help_ = "Remove the folder, or bring its timeline back."
            if state.events:
                help_ = brought_back(folder, f"{folder}/timeline")
            message = "no event of its timeline declares it: its phase and severity are unknown"
            yield Finding("INC004", message, state.entry.at(), help_)
    known = set(context.graph.names("incident"))
    for owner, path in {
        one.name.partition("/")[0]: one.path for one in reversed(list(context.graph.all("incident-event").values()))
    }.items():
        if owner not in known:
            folder = path.partition("/timeline/")[0]
            help_ = brought_back(folder, f"{folder}/incident.yaml")
            yield Finding("INC004", f"a timeline without {owner}/incident.yaml", At(path), help_)


RULE = Rule("INC004", "an incident that nobody declared", whole=True, find=_find)

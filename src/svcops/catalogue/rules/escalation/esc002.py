"""A disruption for which an escalation policy calls nobody."""

from collections.abc import Iterator

from svcops.catalogue.escalation import applies
from svcops.catalogue.model import Escalation
from svcops.checking.model import Finding
from svcops.checking.rule import Context, Rule
from svcops.store.entries import Entry


def _find(context: Context) -> Iterator[Finding]:
    known = [level.name for level in context.graph.settings.severities]
    for entry in context.graph.all("escalation").values():
        if entry.value.levels:  # without one, ESC001 says so
            yield from _judge(entry, known)


def _judge(entry: Entry[Escalation], known: list[str]) -> Iterator[Finding]:
    inside = _uncovered(entry.value, known, in_hours=True)
    outside = [] if entry.value.support_hours == "always" else _uncovered(entry.value, known, in_hours=False)
    never = [name for name in inside if name in outside or entry.value.support_hours == "always"]
    for names, when in (
        (never, "at any hour"),
        ([name for name in inside if name not in never], "in support hours"),
        ([name for name in outside if name not in never], "outside support hours"),
    ):
        if names:
            message = f"nobody is called {when} at {', '.join(names)}"
            help_ = "Add a level for it, if only one that writes to the team's channel."
            yield Finding("ESC002", message, entry.at("levels"), help_, severity="warning")


def _uncovered(policy: Escalation, known: list[str], *, in_hours: bool) -> list[str]:
    """The severities for which no level is."""
    return [name for name in known if not any(applies(level, name, in_hours=in_hours) for level in policy.levels)]


RULE = Rule("ESC002", "a disruption for which an escalation policy calls nobody", "warning", find=_find)

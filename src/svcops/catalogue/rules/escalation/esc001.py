"""An escalation policy that cannot hold."""

from collections.abc import Iterator
from datetime import timedelta

from svcops.catalogue.model import Escalation, EscalationLevel, Responder
from svcops.checking.model import Finding, Related
from svcops.checking.rule import Context, Rule
from svcops.store.entries import Entry
from svcops.store.suggest import did_you_mean
from svcops.timing.model import format_duration


def _find(context: Context) -> Iterator[Finding]:
    known = [level.name for level in context.graph.settings.severities]
    for entry in context.graph.all("escalation").values():
        if not entry.value.levels:
            help_ = "Add a level with whom to notify."
            yield Finding("ESC001", "a policy without a level calls nobody", entry.at("levels"), help_)
        yield from _order(entry)
        for number, level in enumerate(entry.value.levels):
            yield from _notify(entry, number, level)
            yield from _severities(entry, number, level, known)


def _order(entry: Entry[Escalation]) -> Iterator[Finding]:
    """Levels stand in the order in which they are reached, so that who reads the file sees what happens."""
    latest, latest_number = timedelta(0), 0
    for number, level in enumerate(entry.value.levels):
        if level.after < latest:
            message = f"after {format_duration(level.after)} comes before the level above it, {format_duration(latest)}"
            at = entry.at("levels", number, "after") if level.after else entry.at("levels", number)
            earlier = Related("reached later", entry.at("levels", latest_number, "after"))
            yield Finding("ESC001", message, at, "Put the levels in the order of after.", related=(earlier,))
        else:
            latest, latest_number = level.after, number


def _notify(entry: Entry[Escalation], number: int, level: EscalationLevel) -> Iterator[Finding]:
    if not level.notify:
        help_ = "Name a person, a schedule or a team."
        yield Finding("ESC001", "a level that notifies nobody", entry.at("levels", number, "notify"), help_)
    for place, responder in enumerate(level.notify):
        named = _named(responder)
        if len(named) != 1:
            message = f"names {' and '.join(named)} at once" if named else "names no person, schedule or team"
            help_ = "Write one item for each." if named else "Name one of the three."
            yield Finding("ESC001", f"notify {message}", entry.at("levels", number, "notify", place), help_)


def _named(responder: Responder) -> list[str]:
    return [key for key in ("person", "schedule", "team") if getattr(responder, key) is not None]


def _severities(entry: Entry[Escalation], number: int, level: EscalationLevel, known: list[str]) -> Iterator[Finding]:
    for place, name in enumerate(level.severities):
        if name not in known:
            near = did_you_mean(name, known) or f"svcops.yaml names {', '.join(known)}."
            at = entry.at("levels", number, "severities", place)
            yield Finding("ESC001", f"{name} is no severity of this store", at, near)


RULE = Rule("ESC001", "an escalation policy that cannot hold", find=_find)

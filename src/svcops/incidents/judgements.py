"""Which severity counts, where several branches judged an incident. Pure functions of its events.

Its openings, and the changes of its severity, are a graph: each change `follows` those that its writer saw last. What
nothing follows is where a branch ended, and of these ends the highest counts, in whichever order they were recorded.
"""

from collections.abc import Sequence
from typing import Any

from svcops.incidents.model import AnyEvent, Opened, SeverityChanged
from svcops.store.corrections import at_place, short
from svcops.store.entries import Entry

Judgement = Entry[AnyEvent]
"""An opening, or a change of the severity."""
_NEARLY_ALWAYS = 2
"""As many judgements has an incident whose severity was changed; most have one."""


def severity_of(event: Any) -> str:
    """The severity that a judgement says."""
    severity: str = event.to if type(event) is SeverityChanged else event.severity
    return severity


def standing(judged: list[Judgement], ordered: list[Judgement]) -> list[Judgement]:
    """Of the judgements that count, those that nothing followed, or none for certain; `ordered` are all events.

    A change without `follows` came from some judgement of the severity that it names as `from`. Where there is one such
    alone it followed that one; of several each may be the end of another branch, and doubt means the higher severity.
    """
    if len(judged) == _NEARLY_ALWAYS and _is_next(*judged):
        return judged[1:]
    said: dict[str, int] = {}
    left, followed = set[str](), set[str]()
    by_name: dict[str, str] = {}
    for one in judged:
        change, severity = one.value, severity_of(one.value)
        if type(change) is SeverityChanged:
            followed.update([by_name[name] for name in change.follows if name in by_name])
            if not change.follows and change.from_ in said:
                left.add(change.from_)
        said[severity] = said.get(severity, 0) + 1
        for name in _names(one, ordered):
            by_name[name] = one.name
    left = {severity for severity in left if said[severity] == 1}
    return [one for one in judged if one.name not in followed and severity_of(one.value) not in left]


def _is_next(first: Judgement, second: Judgement) -> bool:
    """Whether the second of two alone followed the first."""
    change = second.value
    if type(change) is not SeverityChanged:
        return False
    return short(first) in change.follows if change.follows else change.from_ == severity_of(first.value)


def highest(judgements: Sequence[Judgement], severities: Sequence[str]) -> str | None:
    """The highest severity of these; `severities` are those of the settings, and any other is higher than all."""
    if len(judgements) <= 1:
        return severity_of(judgements[0].value) if judgements else None
    ranks = {name: rank for rank, name in enumerate(severities)}
    return min({severity_of(one.value) for one in judgements}, key=lambda name: (ranks.get(name, -1), name))


def _names(one: Judgement, ordered: list[Judgement]) -> list[str]:
    """The names by which a writer may have seen what it says: its own, and those of what it corrects in words alone."""
    if not one.value.supersedes:
        return [short(one)]
    severity = severity_of(one.value)
    there = [other for other in at_place(ordered, one) if isinstance(other.value, Opened | SeverityChanged)]
    return [short(other) for other in there if severity_of(other.value) == severity]

"""Incidents that are merged into each other: two branches each let another one go on, and none does."""

from collections.abc import Iterator, Mapping

from svcops.checking.model import At, Finding, Related
from svcops.checking.rule import Context, Rule
from svcops.incidents.facts import State, states
from svcops.incidents.model import Merged
from svcops.store.ids import tail


def _find(context: Context) -> Iterator[Finding]:
    for circle in _circles(states(context.graph)):
        told = ", ".join(f"{one.id} into {one.merged_into}" for one in circle)
        first, *others = (Related(f"{one.id} is merged into {one.merged_into}", _place(one)) for one in circle)
        command = f'svcops incident reopen {tail(circle[0].id)} "WHY THIS ONE GOES ON"'
        help_ = f"{command}, or another of them: reopen the one that goes on."
        yield Finding(
            "INC011", f"merged in a circle, so that none goes on: {told}", first.at, help_, related=(*others,)
        )


def _circles(every: Mapping[str, State]) -> Iterator[list[State]]:
    """Each circle of merges once, beginning with the oldest of it."""
    seen: set[str] = set()
    for start in every.values():
        way: list[State] = []
        here: State | None = start
        while here and here.merged_into and here.id not in seen:
            seen.add(here.id)
            way.append(here)
            here = every.get(here.merged_into)
        if here in way:
            circle = way[way.index(here) :]
            oldest = circle.index(min(circle, key=lambda one: one.id))
            yield circle[oldest:] + circle[:oldest]


def _place(state: State) -> At:
    return next(one for one in reversed(state.counting) if isinstance(one.value, Merged)).at("into")


RULE = Rule("INC011", "incidents that are merged into each other", find=_find)

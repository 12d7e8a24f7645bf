"""An incident that says of its duplicates other than they do: by hand, by a correction, or by two branches."""

from collections.abc import Iterator, Mapping
from typing import Any

from svcops.catalogue.agreements import zone_of
from svcops.checking.model import Finding, Related
from svcops.checking.rule import Context, Rule
from svcops.incidents.duplicates import differs, lacks, said, taken_of
from svcops.incidents.facts import State, states
from svcops.incidents.model import Merged, TakenOver
from svcops.store.corrections import short
from svcops.store.entries import Entry
from svcops.store.graph import Graph
from svcops.store.ids import tail
from svcops.timing.wall import shown


def _find(context: Context) -> Iterator[Finding]:
    every = states(context.graph)
    for state in every.values():
        if state.merged_into and not _is_in_a_circle(every, state):
            yield from _of_merged(context.graph, state, every.get(state.merged_into))
        for name in state.taken:
            duplicate = every.get(name)
            if duplicate and duplicate.merged_into != state.id:
                yield from (_of_none(state, one) for one in taken_of(state, name))


def _of_merged(graph: Graph, state: State, other: State | None) -> Iterator[Finding]:
    """What goes on in its place says other than it, or was not told."""
    if other is None or other.ending == "cancelled":
        return
    help_ = f"svcops incident merge {tail(state.id)} --into {tail(other.id)} writes it there."
    taken = other.taken.get(state.id)
    if taken is None:
        merge = next(one for one in reversed(state.counting) if isinstance(one.value, Merged))
        if keys := lacks(other, state):
            message = f"merged into {other.id}, which does not say so: {_told(graph, state, keys)}"
            yield Finding("INC015", message, merge.at("into"), help_)
    elif keys := differs(other, state):
        message = f"{state.id} says otherwise: {_told(graph, state, keys)}"
        related = (Related("merged into this one", state.entry.at()),)
        yield Finding("INC015", message, _place(taken, keys[0]), help_, related=related)


def _of_none(state: State, taken: Entry[TakenOver]) -> Finding:
    """What it took over of an incident that goes on by itself."""
    message = f"takes over {taken.value.of}, which is not merged into it: that counts here, too"
    help_ = f'svcops incident log {tail(state.id)} "WHY IT IS NO DUPLICATE" --corrects {short(taken)} takes it back.'
    return Finding("INC015", message, taken.at("of"), help_)


def _told(graph: Graph, state: State, keys: list[str]) -> str:
    zone, now = zone_of(graph), said(state)
    words = {"services": "services", "detected_by": "detected by"}

    def text(key: str) -> str:
        value: Any = now[key]
        if key == "services":
            return ", ".join(value) or "unknown"
        if value is None:
            return "none" if key == "next_update" else "unknown"
        return value if key == "detected_by" else shown(value, zone)

    return "; ".join(f"{words.get(key, key.replace('_', ' '))} {text(key)}" for key in keys)


def _place(taken: Entry[TakenOver], key: str) -> Any:
    return taken.at("of" if getattr(taken.value, key) is None and key != "detected_by" else key)


def _is_in_a_circle(every: Mapping[str, State], state: State) -> bool:
    """Whether it is merged into itself in turn, which INC011 says."""
    here, seen = state.merged_into, {state.id}
    while here and here not in seen:
        seen.add(here)
        other = every.get(here)
        here = other.merged_into if other else None
    return here is not None


RULE = Rule(
    "INC015",
    "an incident that says of a duplicate other than that one does",
    whole=True,
    rests_on=("incident", "incident-event"),
    find=_find,
)

"""A correction that corrects nothing: of an event that is not there, or in a circle."""

from collections.abc import Iterator

from svcops.checking.model import Finding
from svcops.checking.rule import Context, Rule
from svcops.incidents.facts import State, states
from svcops.store.ids import tail
from svcops.store.suggest import did_you_mean


def _find(context: Context) -> Iterator[Finding]:
    for state in states(context.graph).values():
        if any([one.value.supersedes for one in state.events]):  # noqa: C419 - a list is faster, and there is hardly one
            yield from _of(state)


def _of(state: State) -> Iterator[Finding]:
    earlier = {one.name.rpartition("/")[2]: one.value.supersedes for one in state.events}
    for event in state.events:
        named = event.value.supersedes
        if named and named not in earlier:
            message = f"corrects {named}, which is no event of this timeline: what it was to correct counts, too"
            near = did_you_mean(named, earlier)
            help_ = near or f"svcops incident show {tail(state.id)} --events names them."
            yield Finding("INC007", message, event.at("supersedes"), help_)
        elif named and _comes_back(event.name.rpartition("/")[2], earlier):
            help_ = "Take supersedes out of the one that came first; a correction only leads back in time."
            message = f"corrects {named}, which corrects this one in turn: in a circle nothing is corrected"
            yield Finding("INC007", message, event.at("supersedes"), help_)


def _comes_back(name: str, earlier: dict[str, str | None]) -> bool:
    """Whether the way of corrections from an event leads to it again."""
    here = earlier[name]
    for _ in earlier:
        if here == name:
            return True
        here = earlier.get(here or "")
    return False


RULE = Rule("INC007", "a correction that corrects nothing", whole=True, find=_find)

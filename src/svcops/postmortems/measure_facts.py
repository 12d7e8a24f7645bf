"""Which measure is meant, which are wanted, and what one still lacks. Pure functions of the graph."""

from collections.abc import Callable, Iterable
from datetime import date, timedelta

from svcops.incidents.measures import MeasureState, measure_states, measures_with
from svcops.incidents.outlines import goes_on_as, services_with
from svcops.store.frozen import frozen
from svcops.store.graph import Graph
from svcops.store.ids import matching, resolve, tail

UNKNOWN = "unknown"


@frozen
class Lack:
    """What stands between a measure and its end, and the commands that bring it there, one a line."""

    what: str
    commands: str


@frozen
class Overdue:
    """The measures of one owner, or about one service, that are late; the latest first."""

    name: str
    measures: tuple[MeasureState, ...]
    longest: timedelta


def find_measure(graph: Graph, given: str, wanted: Callable[[MeasureState], bool], noun: str = "open measure") -> str:
    """A measure's id, given its own or that of an incident of which one is `wanted`; `noun` says what they are.

    BadInput where there is none or several.
    """
    measures = measure_states(graph)
    incidents = matching(given, graph.names("incident"))
    names = graph.names("measure")
    if matching(given, names) or len(incidents) != 1:

        def described(name: str) -> str:
            return f"{name}  {measures[name].measure.title}" if name in measures else name

        help_ = "svcops measure list shows the measures."
        return resolve(given, names, noun="measure", describe=described, help=help_)
    of_it = measures_with(graph, goes_on_as(graph, incidents[0]))
    found = [one for one in of_it if wanted(one)]
    if len(found) == 1:
        return found[0].id
    raise _none_or_several(given, found, of_it, noun)


def _none_or_several(given: str, found: list[MeasureState], of_it: list[MeasureState], noun: str) -> Exception:
    from svcops.errors import BadInput
    from svcops.store.ids import AmbiguousName

    listed = "\n".join(f"  {tail(one.id)}  {one.measure.title} ({one.standing})" for one in found or of_it)
    if found:
        return AmbiguousName(f"incident {given} has {len(found)} {noun}s:\n{listed}", help="Name the measure itself.")
    if of_it:
        return BadInput(f"incident {given} has no {noun}; it has:\n{listed}", help="Name the measure itself.")
    add = f'svcops measure add {given} "WHAT" --type prevent --owner TEAM --due DATE'
    return BadInput(f"incident {given} has no {noun}", help=add)


def in_order(states: Iterable[MeasureState]) -> list[MeasureState]:
    """Open ones first, the one due first at the top; then what is done, the latest due first."""
    by_due = sorted(states, key=lambda one: (one.measure.due, one.id))
    is_open = [one for one in by_due if one.standing == "open"]
    return is_open + [one for one in reversed(by_due) if one.standing != "open"]


def services_of(graph: Graph, state: MeasureState) -> tuple[str, ...]:
    """The services that the incident disturbed from which it came; none where nobody knows."""
    return services_with(graph, state.measure.incident)


def overdue(states: Iterable[MeasureState], today: date) -> list[MeasureState]:
    """Those that are late, the latest first."""
    late = [(days, one) for one in states if (days := one.overdue_by(today))]
    return [one for _, one in sorted(late, key=lambda pair: (-pair[0], pair[1].id))]


def grouped(late: Iterable[MeasureState], names: Callable[[MeasureState], Iterable[str]], today: date) -> list[Overdue]:
    """Late measures by what `names` gives for each, most of them first; without a name they are unknown's."""
    groups: dict[str, list[MeasureState]] = {}
    for one in late:
        for name in tuple(names(one)) or (UNKNOWN,):
            groups.setdefault(name, []).append(one)
    found = [Overdue(name, tuple(ones), _longest(ones, today)) for name, ones in groups.items()]
    return sorted(found, key=lambda one: (-len(one.measures), -one.longest, one.name))


def _longest(states: Iterable[MeasureState], today: date) -> timedelta:
    return max(late for one in states if (late := one.overdue_by(today)))


def lacking(state: MeasureState) -> Lack | None:
    """What is missing until a measure is done with; None where it is anchored or dropped."""
    short = tail(state.id)
    if not state.is_certain:
        return Lack(f"what {state.unreadable[0]} says: it is damaged", "svcops check")
    if state.standing != "open":
        return None
    anchor = f"svcops measure anchor {short} --path PATH"
    if state.proposed:
        by = state.proposed.value.by
        return Lack(f"an approval by somebody else that {by} drops it, or an anchor", f"{_approve(short)}\n{anchor}")
    drop = f'svcops measure drop {short} --because "WHY NOT"'
    return Lack("an anchor, or the reason why it is not done", f"{anchor}\n{drop}")


def _approve(short: str) -> str:
    return f"svcops measure approve {short}"

"""The records behind a figure: each with its value, and why it is unknown of others."""

from collections.abc import Callable, Iterator, Mapping

from svcops.errors import BadInput
from svcops.overview.response import Figure, Population, Report
from svcops.overview.response_outcome import Share
from svcops.store.frozen import frozen

COLUMNS = ("id", "of", "value", "support hours", "why")
"""`of` is whose figure it stands behind: here, imported or all, and of these the time before; none is nobody's."""
_CLOCKS = ("detect", "acknowledge", "mitigate", "resolve")
BEFORE = "before"


@frozen
class Behind:
    """A record behind a figure: durations are seconds, other values are words; None is unknown."""

    id: str
    of: str
    value: float | str | None
    support: float | str | None = ""
    why: str = ""

    @property
    def is_before(self) -> bool:
        """Whether it is of the time that the figure is compared with."""
        return self.of.endswith(BEFORE)


def behind(report: Report, name: str) -> list[Behind]:
    """The records behind a figure, of all its incidents; BadInput where there is no such figure."""
    wanted = name.strip().lower().removeprefix("time to ")
    if wanted not in FIGURES:
        from svcops.store.suggest import did_you_mean

        near = did_you_mean(wanted, FIGURES)
        raise BadInput(f"there is no figure {name!r}", help=f"{near} One of {', '.join(FIGURES)}.".strip())
    found = [row for population in report.populations for row in FIGURES[wanted](population)]
    return [*found, *_left_out(report)] if wanted == "not-counted" else found


def _left_out(report: Report) -> Iterator[Behind]:
    """Those of which nobody knows whose figures they would be in."""
    for name in report.undeclared:
        yield Behind(name, "none", "in no period", why="nothing says when it was declared")
    for name in report.damaged:
        yield Behind(name, "none", "left out", why="a file of it is damaged or missing")


def _of(population: Population) -> str:
    return "here" if population.of == "written here" else population.of


def _of_clock(number: int) -> Callable[[Population], Iterator[Behind]]:
    return lambda population: _clock(population, number)


def _clock(population: Population, number: int) -> Iterator[Behind]:
    """The longest first, then those that are unknown; then those of the time before."""
    if number >= len(population.total.clocks):
        return
    clock = population.total.clocks[number]
    for name, seconds in _longest_first(clock.wall):
        why = clock.support.unknown.get(name, "")
        yield Behind(
            name, _of(population), seconds, clock.support.known.get(name), f"support hours: {why}" if why else ""
        )
    for name, why in clock.wall.unknown.items():
        yield Behind(name, _of(population), None, None, why)
    yield from _before(_of(population), clock.before)


def _longest_first(figure: Figure) -> list[tuple[str, float]]:
    return list(reversed(list(figure.known.items())))


def _before(of: str, figure: Figure) -> Iterator[Behind]:
    for name, seconds in _longest_first(figure):
        yield Behind(name, f"{of} {BEFORE}", seconds)
    for name, why in figure.unknown.items():
        yield Behind(name, f"{of} {BEFORE}", None, why=why)


def _share_of(pick: Callable[[Population], Share], yes: str, no: str) -> Callable[[Population], Iterator[Behind]]:
    def rows(population: Population) -> Iterator[Behind]:
        share = pick(population)
        yield from (Behind(name, _of(population), no) for name in share.no)
        yield from (Behind(name, _of(population), yes) for name in share.yes)
        yield from (Behind(name, _of(population), None, why=why) for name, why in share.unknown.items())

    return rows


def _postmortems(population: Population) -> Iterator[Behind]:
    share, proved = population.total.postmortems, set(population.total.proved)
    yield from (Behind(name, _of(population), "no approved one") for name in share.no)
    for name in share.yes:
        yield Behind(name, _of(population), "approved, proved" if name in proved else "approved, asserted")
    yield from (Behind(name, _of(population), None, why=why) for name, why in share.unknown.items())


def _measures(population: Population) -> Iterator[Behind]:
    found = population.total.measures
    overdue = set(found.overdue)
    yield from (Behind(name, _of(population), "overdue" if name in overdue else "open") for name in found.open)
    yield from (Behind(name, _of(population), "anchored") for name in found.anchored)
    yield from (Behind(name, _of(population), "dropped") for name in found.dropped)
    yield from (Behind(name, _of(population), None, why="a file of it is damaged") for name in found.unknown)
    lost = "its first file is damaged: nobody knows of which incident it is"
    yield from (Behind(name, _of(population), None, why=lost) for name in found.lost)


def _recurrences(population: Population) -> Iterator[Behind]:
    again = population.total.recurrences
    despite = set(again.despite)
    for name, said in again.found.items():
        value = "despite an anchored measure" if name in despite else "recurred"
        yield Behind(name, _of(population), value, why=said)
    yield from (Behind(name, _of(population), None, why=why) for name, why in again.unknown.items())


def _closings(population: Population) -> Iterator[Behind]:
    closings = population.total.no_measure
    for name, by in closings.by.items():
        yield Behind(name, _of(population), "with nothing that stands" if by == "nothing" else f"with a {by}")
    yield from (Behind(name, _of(population), None, why=why) for name, why in closings.unknown.items())


def _not_counted(population: Population) -> Iterator[Behind]:
    yield from (Behind(name, _of(population), "cancelled") for name in population.cancelled)
    yield from (Behind(name, _of(population), "merged") for name in population.merged)


FIGURES: Mapping[str, Callable[[Population], Iterator[Behind]]] = {
    **{name: _of_clock(number) for number, name in enumerate(_CLOCKS)},
    "noticed": _share_of(lambda one: one.total.noticed, "by an SLO or monitoring", "by people"),
    "postmortems": _postmortems,
    "measures": _measures,
    "recurrences": _recurrences,
    "no-measure": _closings,
    "not-counted": _not_counted,
}
"""What --explain takes."""

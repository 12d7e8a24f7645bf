"""Service levels as a page shows them: the worst first, every figure with what it was worked out from."""

from datetime import datetime, timedelta
from fractions import Fraction
from typing import TYPE_CHECKING

from svcops.portal.addresses import Here, anchor
from svcops.portal.reading import World
from svcops.portal.words import UNKNOWN, Link, Mark, Moment, Tone, counted, grouped, when
from svcops.store.frozen import frozen
from svcops.timing.model import format_duration

if TYPE_CHECKING:
    from svcops.slo.answers import Result
    from svcops.slo.questions import Question
    from svcops.slo.report import Failure

_MARKS = {
    "breached": Mark("bad", "breached"),
    "not enough data": Mark("unknown", "not enough data"),
    "not computed": Mark("unknown", "not computed"),
    "met": Mark("good", "met"),
}
"""The verdicts, the worst first."""

_ORDER = tuple(_MARKS)
_STALE = timedelta(days=1)
"""Samples older than that are pointed out: a level that is met says little about today then."""


@frozen
class Figures:
    """What an objective came to, as text; nothing is rounded up."""

    sli: str = UNKNOWN
    good: str = UNKNOWN
    bad: str = UNKNOWN
    total: str = UNKNOWN
    left: str = UNKNOWN
    """Of the error budget."""
    bar: str = ""
    """How much of the budget is left, from 0 to 100, for the eye; unknown, there is none."""
    plain: str = ""
    """The SLI and the verdict with nothing excluded; empty where nothing is."""


@frozen
class Level:
    """One objective of an SLO at the moment of the site."""

    slo: str
    title: str
    description: str
    service: str
    objective: str
    target: str
    window: str
    verdict: Mark
    reason: str
    figures: Figures
    id: str
    order: tuple[int, Fraction, str, str]


@frozen
class Row:
    """A level on a page: `name` leads to where it stands in full, `id` is there to be led to."""

    level: Level
    name: Link
    service: Link
    id: str


@frozen
class Source:
    """A file that service levels were worked out from, and how old its newest sample was."""

    path: str
    sha256: str
    first: Moment
    last: Moment
    age: str


def levels(world: World) -> tuple[Level, ...]:
    """Every objective of every SLO, the worst first."""
    found: list[Level] = []
    for result in world.levels.results:
        found.append(_of_result(world, result, _id(result.question.name, found)))
    for failure in world.levels.failures:
        for question in failure.asked or (None,):
            found.append(_of_failure(failure, question, _id(failure.slo.metadata.name, found)))
    return tuple(sorted(found, key=lambda one: one.order))


def row(here: Here, world: World, level: Level, *, home: bool = False) -> Row:
    """A level as a row; at `home` other pages lead to it."""
    name = Link(level.title) if home else Link(level.title, here.to("index.html", level.id))
    return Row(level, name, here.service(world.graph, level.service), level.id if home else "")


def tally(found: tuple[Level, ...], noun: str = "") -> tuple[Mark, ...]:
    """How many there are of each verdict, the worst first; with a noun, `2 SLOs met`."""
    verdicts = [one.verdict for one in found]
    return tuple(
        Mark(mark.tone, f"{counted(verdicts.count(mark), noun) if noun else verdicts.count(mark)} {mark.word}")
        for mark in _MARKS.values()
        if mark in verdicts
    )


def sources(world: World) -> tuple[Source, ...]:
    """The files that were read, by path."""
    files = {file.path: file for result in world.levels.results for file in result.inputs}
    return tuple(
        Source(
            path,
            files[path].sha256,
            when(files[path].first, world.zone),
            when(files[path].last, world.zone),
            _age(files[path].last, world.at),
        )
        for path in sorted(files)
    )


def _id(slo: str, before: list[Level]) -> str:
    """The first objective of an SLO has its name; the others are numbered."""
    number = 1 + sum(one.slo == slo for one in before)
    return anchor("slo", slo) + (f"-{number}" if number > 1 else "")


def _of_result(world: World, result: "Result", id_: str) -> Level:
    from svcops.slo.facts import cut, decimal, whole
    from svcops.slo.presenting import without_exclusions

    asked, reached = result.question, result.level
    plain = without_exclusions(result)
    figures = Figures(plain=plain)
    if reached:
        share = reached.left_share * 100
        figures = Figures(
            sli=f"{cut(reached.sli * 100, 3)} %",
            good=grouped(reached.good),
            bad=grouped(reached.bad),
            total=grouped(reached.total),
            left=f"{cut(share, 1)} %",
            bar=cut(min(max(share, Fraction(0)), Fraction(100)), 0),
            plain=plain,
        )
    entry = world.graph.all("slo").get(f"SLO/{asked.name}")
    return Level(
        slo=asked.name,
        title=(entry.value.metadata.displayName if entry else "") or asked.name,
        description=entry.value.spec.description if entry else "",
        service=asked.service,
        objective=asked.objective,
        target=f"{decimal(whole(asked.target * 100))} %",
        window=asked.window or UNKNOWN,
        verdict=_MARKS[result.verdict],
        reason=result.reason,
        figures=figures,
        id=id_,
        order=(_ORDER.index(result.verdict), reached.left_share if reached else Fraction(0), asked.name, id_),
    )


def _of_failure(failure: "Failure", question: "Question | None", id_: str) -> Level:
    from svcops.slo.facts import decimal, whole

    slo = failure.slo
    return Level(
        slo=slo.metadata.name,
        title=slo.metadata.displayName or slo.metadata.name,
        description=slo.spec.description,
        service=slo.spec.service,
        objective=question.objective if question else UNKNOWN,
        target=f"{decimal(whole(question.target * 100))} %" if question else UNKNOWN,
        window=(question.window if question else "") or UNKNOWN,
        verdict=_MARKS["not computed"],
        reason=failure.error.message,
        figures=Figures(),
        id=id_,
        order=(_ORDER.index("not computed"), Fraction(0), slo.metadata.name, id_),
    )


def _age(last: datetime | None, at: datetime) -> str:
    if last is None:
        return "no samples"
    return f"{format_duration(at - last)} old" if last <= at else f"reaches {format_duration(last - at)} beyond"


def data_age(world: World) -> Mark | None:
    """How old the data is: that of the file whose newest sample is the oldest. None where no file was read."""
    files = [file for result in world.levels.results for file in result.inputs]
    if not files:
        return None
    known = [file.last for file in files if file.last is not None]
    if len(known) < len(files):
        return Mark("warn", "a file without samples")
    oldest = min(known)
    tone: Tone = "warn" if world.at - oldest > _STALE else "plain"
    return Mark(tone, f"samples up to {when(oldest, world.zone).text}, {_age(oldest, world.at)}")

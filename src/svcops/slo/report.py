"""The report on every SLO at one moment: what was promised, what was reached, and from which bytes that was worked out.

The same documents, files and moment give the same report, to the byte. It reads, and never writes.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from svcops.errors import ANSWER_IS_NO, BAD_INPUT, DONE, NOT_DONE, NOT_ENOUGH_DATA, BadInput, SvcopsError
from svcops.slo.answers import Result, answer, edges_of
from svcops.slo.buckets import Reading
from svcops.slo.composites import compose
from svcops.slo.documents import Documents, sort_out
from svcops.slo.exclusions import Exclusions
from svcops.slo.model import SLO, Document
from svcops.slo.policies import Increase
from svcops.slo.questions import Question, questions
from svcops.slo.readings import read_all
from svcops.store.entries import Entry
from svcops.store.frozen import frozen
from svcops.store.graph import Graph

if TYPE_CHECKING:
    from svcops.slo.pushing import Pushing

_NOTHING = Exclusions()
_FIRST_YEAR, _LAST_YEAR = 1970, 2199
"""Times of samples lie between; every window that ends between them is within what a datetime can hold."""


class SeveralProblems(BadInput):
    """More than one thing is wrong with the input: all of them, each on its own line."""

    def __init__(self, errors: Sequence[BadInput]) -> None:
        messages = [f"{one.message} ({one.help})" if one.help else one.message for one in errors]
        super().__init__("\n".join(dict.fromkeys(messages)))


@frozen
class Failure:
    """An SLO that could not be worked out: what it asks, where that can be told, and the reason."""

    path: str
    slo: SLO
    asked: tuple[Question, ...]
    error: SvcopsError


@frozen
class Report:
    """Every objective at one moment (UTC), and the SLOs that could not be worked out; both in the order of names."""

    at: datetime
    results: tuple[Result, ...]
    failures: tuple[Failure, ...] = ()

    @property
    def exit_code(self) -> int:
        """The first of these that holds.

        3 where something could not be read, 2 where something is wrong, 1 where a target is missed, 4 where anything is
        not known or not worked out, else 0.
        """
        if any(one.error.exit_code == NOT_DONE for one in self.failures):
            return NOT_DONE
        if self.failures:
            return BAD_INPUT
        verdicts = {one.verdict for one in self.results}
        if "breached" in verdicts:
            return ANSWER_IS_NO
        return NOT_ENOUGH_DATA if verdicts - {"met"} else DONE


def report_of(
    graph: Graph,
    at: datetime,
    names: Collection[str] | None = None,
    *,
    increase: Increase | None = None,
    pushing: "Pushing | None" = None,
    points: int = 0,
) -> Report:
    """The report on the SLOs of a store, or on those of these names, each with the times that are excluded.

    With `points`, it says how each budget was spent, at about so many moments.
    """
    entries = graph.all("slo").items()
    wanted = entries if names is None else [one for one in entries if _is_wanted(*one, names)]
    documents = [(entry.path, entry.value) for _, entry in wanted]
    if not any(isinstance(document, SLO) for _, document in documents):
        return Report(_checked(at), ())
    agreed = list(graph.all("exclusion").values())
    maintenances = graph.all("maintenance").values() if any(one.value.maintenance for one in agreed) else ()
    exclusions = Exclusions(agreed, list(maintenances))
    return report_each(documents, at, graph.root, exclusions, increase=increase, pushing=pushing, points=points)


def _is_wanted(name: str, entry: Entry[Document], names: Collection[str]) -> bool:
    return not isinstance(entry.value, SLO) or name.removeprefix("SLO/") in names


def report_each(
    documents: Iterable[tuple[str, Document]],
    at: datetime,
    root: Path,
    exclusions: Exclusions = _NOTHING,
    *,
    increase: Increase | None = None,
    pushing: "Pushing | None" = None,
    points: int = 0,
) -> Report:
    """The report on every SLO; where that is refused, on each SLO by itself, so that one does not hide the others.

    BadInput where the moment is wrong; whatever else is wrong is among the report's failures.
    """
    documents, at = list(documents), _checked(at)
    try:
        return report(documents, at, root, exclusions, increase=increase, pushing=pushing, points=points)
    except SvcopsError:
        pass
    slos, known = sort_out(documents)
    others = [one for one in documents if not isinstance(one[1], SLO)]
    results: list[Result] = []
    failures = []
    for path, slo in slos:
        try:
            alone = [*others, (path, slo)]
            results += report(alone, at, root, exclusions, increase=increase, pushing=pushing, points=points).results
        except SvcopsError as error:
            failures.append(Failure(path, slo, _asked(path, slo, known), error))
    return Report(at, tuple(results), tuple(failures))


def _asked(path: str, slo: SLO, known: Documents) -> tuple[Question, ...]:
    try:
        return tuple(questions(path, slo, known))
    except BadInput:
        return ()


def _checked(at: datetime) -> datetime:
    """The moment in UTC; BadInput where it is too far from now."""
    at = at.astimezone(UTC)
    if not _FIRST_YEAR < at.year < _LAST_YEAR:
        raise BadInput(f"no samples are read of the year {at.year}", help="Give a time from 1971 to 2198.")
    return at


def report(
    documents: Iterable[tuple[str, Document]],
    at: datetime,
    root: Path,
    exclusions: Exclusions = _NOTHING,
    *,
    increase: Increase | None = None,
    pushing: "Pushing | None" = None,
    points: int = 0,
) -> Report:
    """Work out every SLO among the documents (with their paths), with windows that end `at`, an aware time.

    `root` is the store's folder, `increase` goes before what SLOs say of how counters grow. With `pushing` the hosts of
    sources of type Prometheus count. BadInput where documents or files are wrong, all that is wrong together; NotDone
    where a file cannot be read, or a host does not answer.
    """
    at = _checked(at)
    slos, known = sort_out(documents)
    errors: list[BadInput] = []
    asked: list[Question] = []
    for path, slo in slos:
        try:
            asked += questions(path, slo, known, increase)
        except BadInput as error:
            errors.append(error)
    edges = {question: edges_of(question, exclusions, at, points) for question in asked}
    readings = read_all(edges, known, root, errors, pushing=pushing)
    results: list[Result] = []
    for question in asked:
        if question.composite:
            results = _with_whole(results, question, readings, at, points)
            continue
        needed = question.judged.indicator.sources if question.judged and edges[question] else set()
        if not needed <= readings.keys():
            continue  # What is wrong with its source is among the errors.
        try:
            results.append(answer(question, readings, exclusions, at, points))
        except BadInput as error:
            errors.append(error)
    if errors:
        raise errors[0] if len(errors) == 1 else SeveralProblems(errors)
    return Report(at, tuple(results))


def _with_whole(
    results: list[Result], question: Question, readings: Mapping[str, Reading], at: datetime, points: int
) -> list[Result]:
    """The results with that of a composite SLO, before those of its objectives, which are the last ones."""
    parts = [one for one in results if (one.question.path, one.question.name) == (question.path, question.name)]
    if not parts:
        return results  # What is wrong with all of their sources is among the errors.
    return [*results[: -len(parts)], compose(question, parts, readings, at, points), *parts]

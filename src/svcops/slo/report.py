"""The report on every SLO at one moment: what was promised, what was reached, and from which bytes that was worked out.

The same documents, files and moment give the same report, to the byte. It reads, and never writes.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from svcops.errors import ANSWER_IS_NO, BAD_INPUT, DONE, NOT_DONE, NOT_ENOUGH_DATA, BadInput, SvcopsError
from svcops.slo.agreed import exclusions_of
from svcops.slo.answers import Result, answer, edges_of
from svcops.slo.composites import compose
from svcops.slo.documents import Documents, sort_out
from svcops.slo.exclusions import Exclusions
from svcops.slo.model import SLO, Document
from svcops.slo.policies import Increase
from svcops.slo.questions import Question, questions
from svcops.slo.readings import Readings, read_all, sampled, together
from svcops.store.entries import Entry
from svcops.store.frozen import frozen
from svcops.store.graph import Graph

if TYPE_CHECKING:
    from svcops.slo.pushing import Pushing

_NOTHING = Exclusions()
Tell = Callable[[str], None]
"""Hears what is done now, where that takes long."""


def _silent(what: str) -> None:
    """Tell nobody."""


@frozen
class Way:
    """How a report is worked out, where not as the SLOs say and from the files that they name."""

    increase: Increase | None = None
    """Goes before what SLOs say of how counters grow."""
    pushing: "Pushing | None" = None
    """The hosts that count what is in sources of type Prometheus."""
    points: int = 0
    """At about so many moments it is worked out, too, what was left of each budget."""
    tell: Tell = _silent


_AS_EVER = Way()


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
    way: Way = _AS_EVER,
) -> Report:
    """The report on the SLOs of a store, or on those of these names, each with the times that are excluded."""
    entries = graph.all("slo").items()
    wanted = entries if names is None else [one for one in entries if _is_wanted(*one, names)]
    documents = [(entry.path, entry.value) for _, entry in wanted]
    if not any(isinstance(document, SLO) for _, document in documents):
        return Report(sampled(at), ())
    return report_each(documents, at, graph.root, exclusions_of(graph), way)


def _is_wanted(name: str, entry: Entry[Document], names: Collection[str]) -> bool:
    return not isinstance(entry.value, SLO) or name.removeprefix("SLO/") in names


def report_each(
    documents: Iterable[tuple[str, Document]],
    at: datetime,
    root: Path,
    exclusions: Exclusions = _NOTHING,
    way: Way = _AS_EVER,
) -> Report:
    """The report on every SLO among the documents (with their paths), with windows that end `at`, an aware time.

    `root` is the store's folder. An SLO that is wrong hides no other: it is among the report's failures. BadInput where
    the moment is wrong, or two documents have one name.
    """
    at = sampled(at)
    slos, known = sort_out(documents)
    asked = [(path, slo, _asked(path, slo, known, way)) for path, slo in slos]
    edges = {
        question: edges_of(question, exclusions, at, way.points)
        for *_, every in asked
        if not isinstance(every, SvcopsError)
        for question in every
    }
    readings = read_all(edges, known, root, pushing=way.pushing, tell=way.tell)
    results, failures = list[Result](), list[Failure]()
    for path, slo, every in asked:
        if isinstance(every, SvcopsError):
            failures.append(Failure(path, slo, (), every))
            continue
        found, errors = _answered(every, readings, exclusions, at, way.points)
        if errors:
            failures.append(Failure(path, slo, every, together(errors)))
        else:
            results += found
    return Report(at, tuple(results), tuple(failures))


def _asked(path: str, slo: SLO, known: Documents, way: Way) -> tuple[Question, ...] | BadInput:
    try:
        return tuple(questions(path, slo, known, way.increase))
    except BadInput as error:
        return error


def _answered(
    asked: Sequence[Question], readings: Readings, exclusions: Exclusions, at: datetime, points: int
) -> tuple[list[Result], list[SvcopsError]]:
    """What came out for the objectives of one SLO, and what is wrong; of a composite, the whole before its parts."""
    results, errors = list[Result](), list[SvcopsError]()
    for question in asked:
        try:
            if question.composite and not errors:
                needed = readings.of(*(one.question for one in results))
                results = [compose(question, results, needed, at, points), *results]
            elif not question.composite:
                results.append(answer(question, readings.of(question), exclusions, at, points))
        except SvcopsError as error:
            errors.append(error)
    return results, errors


def report(
    documents: Iterable[tuple[str, Document]],
    at: datetime,
    root: Path,
    exclusions: Exclusions = _NOTHING,
    way: Way = _AS_EVER,
) -> Report:
    """The same, and all that is wrong raised together.

    BadInput where documents or files are wrong; NotDone where a file cannot be read, or a host does not answer.
    """
    found = report_each(documents, at, root, exclusions, way)
    if found.failures:
        raise together([one.error for one in found.failures]) from None
    return found

"""The report on every SLO at one moment: what was promised, what was reached, and from which bytes that was worked out.

The same documents, files and moment give the same report, to the byte. It reads, and never writes.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path

from svcops.errors import ANSWER_IS_NO, BAD_INPUT, DONE, NOT_DONE, NOT_ENOUGH_DATA, BadInput, SvcopsError
from svcops.slo import slices
from svcops.slo.buckets import Reading, read_source
from svcops.slo.engine import open_database
from svcops.slo.facts import Impossible, Level, Verdict, count, coverage, level
from svcops.slo.model import SLO, Document
from svcops.slo.questions import BadSLO, Documents, Question, Ratio, questions, sort_out
from svcops.slo.slices import Slices
from svcops.slo.sources import File, FileSource, Input, file_source, find_files
from svcops.slo.windows import Stretch
from svcops.store.frozen import frozen
from svcops.timing.model import format_duration, format_instant

LEAST_COVERAGE = Fraction(1, 2)
"""Of a window must lie between the first and the last sample, or nothing is said of it: below one half, more of the
window is unknown than known, and the level would be that of another, shorter window."""

_FIRST_YEAR, _LAST_YEAR = 1970, 2199
"""Times of samples lie between; every window that ends between them is within what a datetime can hold."""


class SeveralProblems(BadInput):
    """More than one thing is wrong with the input: all of them, each on its own line."""

    def __init__(self, errors: Sequence[BadInput]) -> None:
        messages = [f"{one.message} ({one.help})" if one.help else one.message for one in errors]
        super().__init__("\n".join(dict.fromkeys(messages)))


@frozen
class Result:
    """What came out for one objective. Without `level` it is unknown, or not worked out here, and `reason` says why.

    The window is (start, end], judged up to the moment of the report where that is before its end. `coverage` is the
    share of what is judged that lies between the first and the last sample, of the source that has the least; where
    slices are judged, the share of those that are over of which something is known. These are None where it is not
    worked out.
    """

    question: Question
    window: Stretch | None
    level: Level | None
    verdict: Verdict
    reason: str
    coverage: Fraction | None
    inputs: tuple[Input, ...]


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


def report_each(documents: Iterable[tuple[str, Document]], at: datetime, root: Path) -> Report:
    """The report on every SLO; where that is refused, on each SLO by itself, so that one does not hide the others.

    BadInput where the moment is wrong; whatever else is wrong is among the report's failures.
    """
    documents, at = list(documents), _checked(at)
    try:
        return report(documents, at, root)
    except SvcopsError:
        pass
    slos, known = sort_out(documents)
    others = [one for one in documents if not isinstance(one[1], SLO)]
    results: list[Result] = []
    failures = []
    for path, slo in slos:
        try:
            results += report([*others, (path, slo)], at, root).results
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
    documents: Iterable[tuple[str, Document]], at: datetime, root: Path, *, least_coverage: Fraction = LEAST_COVERAGE
) -> Report:
    """Work out every SLO among the documents (with their paths), with windows that end `at`, an aware time.

    `root` is the store's folder. BadInput where documents or files are wrong, all that is wrong together; NotDone where
    a file cannot be read.
    """
    at = _checked(at)
    slos, known = sort_out(documents)
    errors: list[BadInput] = []
    asked: list[Question] = []
    for path, slo in slos:
        try:
            asked += questions(path, slo, known)
        except BadInput as error:
            errors.append(error)
    readings = _read_all(asked, known, at, root, errors)
    results = []
    for question in asked:
        needed = question.ratio.sources if question.ratio and question.ratio.window.around(at) else set()
        if not needed <= readings.keys():
            continue  # What is wrong with its source is among the errors.
        try:
            results.append(_answer(question, readings, at, least_coverage))
        except BadInput as error:
            errors.append(error)
    if errors:
        raise errors[0] if len(errors) == 1 else SeveralProblems(errors)
    return Report(at, tuple(results))


def _read_all(
    asked: Iterable[Question], known: Documents, at: datetime, root: Path, errors: list[BadInput]
) -> dict[str, Reading]:
    """Read every source that is asked, once; by the names of the sources. What is wrong is added to `errors`."""
    queries, edges = _by_source(asked, at)
    found: dict[str, tuple[FileSource, tuple[File, ...]]] = {}
    for name in sorted(queries):
        path, document = known.sources[name]
        try:
            source = file_source(document, path)
            found[name] = (source, find_files(source, root))
        except BadInput as error:
            errors.append(error)
    readings: dict[str, Reading] = {}
    if not found:
        return readings
    with open_database(file.full for _, files in found.values() for file in files) as database:
        for name, (source, files) in found.items():
            try:
                readings[name] = read_source(database, source, files, queries[name], sorted(edges[name]))
            except BadInput as error:
                errors.append(error)
    return readings


def _by_source(asked: Iterable[Question], at: datetime) -> tuple[dict[str, dict[str, str]], dict[str, set[datetime]]]:
    """For each source its queries, each with who asks first, and the moments between which they are asked for."""
    queries: dict[str, dict[str, str]] = {}
    edges: dict[str, set[datetime]] = {}
    for question in asked:
        between = question.ratio.edges(at) if question.ratio else ()
        if question.ratio and between:
            for term in (question.ratio.part, question.ratio.total):
                queries.setdefault(term.source, {}).setdefault(term.query, term.asked_by)
                edges.setdefault(term.source, set()).update(between)
    return queries, edges


def _answer(question: Question, readings: Mapping[str, Reading], at: datetime, least_coverage: Fraction) -> Result:
    """What came out for one objective; BadSLO where its counts contradict each other."""
    ratio = question.ratio
    if ratio is None:
        return Result(question, None, None, "not computed", question.reason, None, ())
    window = ratio.window.around(at)
    if window is None:
        return Result(question, None, None, "not enough data", "its first window is still to come", None, ())
    by_source = [readings[name].inputs for name in sorted(ratio.sources)]
    inputs = tuple(one for files in by_source for one in files)
    covered = min((_covered(files, window.start, at) for files in by_source), key=lambda one: one.share)
    try:
        if ratio.slices:
            reached, reason, covered = _by_slices(question, ratio, ratio.slices, readings, window, at)
        else:
            reached, reason = _level(question, ratio, readings, window.start, at)
    except Impossible as error:
        field = ratio.part.asked_by.rpartition(": ")[2]
        between = f"from {format_instant(window.start)} to {format_instant(at)}"
        raise BadSLO(question.path, question.name, field, f"{error}, {between}") from None
    if not reason and covered.share < least_coverage:
        reached, reason = None, covered.reason
    if reached is None:
        reason = reason or "the total is 0: nothing happened in the window"
        return Result(question, window, None, "not enough data", reason, covered.share, inputs)
    verdict: Verdict = "met" if reached.met else "breached"
    return Result(question, window, reached, verdict, "", covered.share, inputs)


@frozen
class _Covered:
    """How much of a window the samples of one source cover, and the same in words."""

    share: Fraction
    reason: str


def _covered(files: Iterable[Input], start: datetime, at: datetime) -> _Covered:
    known = [(one.first, one.last) for one in files if one.first is not None and one.last is not None]
    if not known:
        return _Covered(Fraction(0), "there are no samples")
    first, last = min(one for one, _ in known), max(one for _, one in known)
    share = coverage(first, last, start, at)
    inside = max(min(last, at) - max(first, start), timedelta(0))
    edges = [f"from {format_instant(first)}"] if first > start else []
    edges += [f"up to {format_instant(last)}"] if last < at else []
    of = f"samples cover {format_duration(inside)} of the {format_duration(at - start)} window"
    return _Covered(share, f"{of}, {' '.join(edges)}")


def _level(
    question: Question, ratio: Ratio, readings: Mapping[str, Reading], start: datetime, at: datetime
) -> tuple[Level | None, str]:
    """The level that was reached, or None and why it is not known; None without a reason where the total is 0."""
    part, total = (readings[term.source].counted[term.query] for term in (ratio.part, ratio.total))
    bad_or_good = count(part.buckets, start, at, counter=ratio.counter)
    of = count(total.buckets, start, at, counter=ratio.counter)
    if not of.samples:
        return None, f"no samples of {ratio.total.query.strip()} in the window"
    if not bad_or_good.samples and not _is_sampled(ratio, readings):
        return None, f"no samples of {ratio.part.query.strip()} in the window"
    amount = {"good" if ratio.part_is_good else "bad": bad_or_good.amount}
    return level(total=of.amount, target=question.target, **amount), ""


def _is_sampled(ratio: Ratio, readings: Mapping[str, Reading]) -> bool:
    """Whether a part without samples is known to be 0: its metric was sampled, and no 5xx yet is no error."""
    part, total = (readings[term.source].counted[term.query] for term in (ratio.part, ratio.total))
    return ratio.part.source == ratio.total.source and part.metric == total.metric


def _by_slices(
    question: Question, ratio: Ratio, of: Slices, readings: Mapping[str, Reading], window: Stretch, at: datetime
) -> tuple[Level | None, str, _Covered]:
    """The level that the slices reached, or None and why it is not known, and of how many something is known."""
    part, total = (readings[term.source].counted[term.query] for term in (ratio.part, ratio.total))
    how = slices.Counting(ratio.counter, ratio.part_is_good, _is_sampled(ratio, readings))
    found = slices.judge(of, slices.edges(window, at, of.length), part.buckets, total.buckets, how)
    told = f"of {found.over} slices of {format_duration(of.length)} {found.missing} are without samples"
    covered = _Covered(Fraction(found.judged, found.over) if found.over else Fraction(0), told)
    if not found.judged:
        return None, f"nothing was counted in any of {found.over} slices of {format_duration(of.length)}", covered
    to_come = slices.number_in(window, of.length) - found.over
    whole = found.judged + to_come if to_come else None
    return Level(found.good, found.judged, question.target, whole), "", covered

"""Every source that questions need, read once."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from svcops.errors import BadInput, NotDone, SvcopsError
from svcops.slo.buckets import Reading, read_source
from svcops.slo.contradictions import Pair
from svcops.slo.documents import Documents
from svcops.slo.engine import open_database
from svcops.slo.questions import Question
from svcops.slo.sources import PROMETHEUS, File, FileSource, file_source, find_files
from svcops.slo.terms import Asked
from svcops.store.frozen import frozen

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from svcops.slo.pushing import Pushing


_FIRST_YEAR, _LAST_YEAR = 1970, 2199
"""Times of samples lie between; every window that ends between them is within what a datetime can hold."""


def sampled(at: datetime) -> datetime:
    """A moment of which samples are asked, in UTC; BadInput where it is too far from now."""
    at = at.astimezone(UTC)
    if not _FIRST_YEAR < at.year < _LAST_YEAR:
        raise BadInput(f"no samples are read of the year {at.year}", help="Give a time from 1971 to 2198.")
    return at


class SeveralProblems(BadInput):
    """More than one thing is wrong with the input: all of them, each on its own line."""

    def __init__(self, errors: Sequence[SvcopsError]) -> None:
        messages = [f"{one.message} ({one.help})" if one.help else one.message for one in errors]
        super().__init__("\n".join(dict.fromkeys(messages)))


def together(errors: Sequence[SvcopsError]) -> SvcopsError:
    """One error in the place of several: the first that is no matter of input, else all that is wrong, each once."""
    every = distinct(errors)
    other = next((one for one in every if not isinstance(one, BadInput)), None)
    return other or (every[0] if len(every) == 1 else SeveralProblems(every))


def distinct(errors: Iterable[SvcopsError]) -> tuple[SvcopsError, ...]:
    """Each error once: a source that is wrong is the same error of every SLO."""
    return tuple({(one.message, one.help): one for one in errors}.values())


@frozen
class Readings:
    """Every source, read for all that it is asked; where something of that is wrong, for each question by itself."""

    whole: Mapping[str, Reading]
    apart: Mapping[tuple[str, Question], "Reading | SvcopsError"]

    def of(self, *asked: Question) -> dict[str, Reading]:
        """What questions need, by the names of the sources; what is wrong with one of these is raised."""
        found: dict[str, Reading] = {}
        for question in asked:
            for name in sorted(question.judged.indicator.sources) if question.judged else ():
                one = self.whole.get(name) or self.apart.get((name, question))
                if isinstance(one, SvcopsError):
                    raise one
                if one is not None:  # nothing is asked of a window that is still to come
                    found[name] = one
        return found


def read_all(
    asked: Mapping[Question, Sequence[datetime]],
    known: Documents,
    root: Path,
    near: Collection[datetime] = (),
    pushing: "Pushing | None" = None,
    tell: Callable[[str], None] = lambda _: None,
) -> Readings:
    """Read every source that is asked, once.

    `asked` are the questions, each with the edges between which it has to be known what was counted. With `pushing` the
    hosts of sources of type Prometheus are asked, and their files are not read. `tell` hears what is read now.
    """
    whole: dict[str, Reading] = {}
    apart: dict[tuple[str, Question], Reading | SvcopsError] = {}
    files: dict[str, tuple[FileSource, tuple[File, ...]]] = {}
    by_source = _by_source(asked)
    for name, of in by_source.items():
        path, document = known.sources[name]
        try:
            if pushing and document.spec.type == PROMETHEUS:
                whole[name] = pushing.reading(path, document, _terms(name, of), of)
            else:
                source = file_source(document, path)
                files[name] = source, find_files(source, root)
        except SvcopsError as error:
            apart |= {(name, question): error for question in of}
    try:
        with _opened(files.values()) as database:
            for name, (source, found) in files.items():
                tell(f"reading the samples of {name}")
                _read(_Source(database, source, found, near, tell), by_source[name], whole, apart)
    except NotDone as error:
        unread = [name for name in files if name not in whole]
        apart |= {(name, one): error for name in unread for one in by_source[name] if (name, one) not in apart}
    return Readings(whole, apart)


@contextmanager
def _opened(sources: Collection[tuple[FileSource, tuple[File, ...]]]) -> Iterator["DuckDBPyConnection"]:
    """A database for the files of sources; none is opened where there are none."""
    if not sources:
        yield None  # type: ignore[misc]
        return
    whole = sum(file.state[1] for source, files in sources for file in files if source.form == "prometheusjson")
    with open_database([file.full for _, files in sources for file in files], whole) as database:
        yield database


@frozen
class _Source:
    """The files of one source, and how they are read."""

    database: "DuckDBPyConnection"
    source: FileSource
    files: tuple[File, ...]
    near: Collection[datetime]
    tell: Callable[[str], None]

    def read(self, of: Mapping[Question, Sequence[datetime]]) -> Reading:
        terms, edges = _terms(self.source.name, of), sorted({moment for between in of.values() for moment in between})
        if self.source.is_pulled:
            _check_pulled(self.database, self.source, self.files, terms, edges)
        pairs = _pairs(self.source.name, of)
        return read_source(self.database, self.source, self.files, terms, edges, self.near, self.tell, pairs)


def _read(
    one: _Source,
    of: Mapping[Question, Sequence[datetime]],
    whole: dict[str, Reading],
    apart: dict[tuple[str, Question], Reading | SvcopsError],
) -> None:
    """Read a source for all its questions; where what one asks is wrong, for each by itself."""
    name = one.source.name
    try:
        whole[name] = one.read(of)
    except BadInput as error:
        for question, between in of.items():
            try:
                apart[name, question] = error if len(of) == 1 else one.read({question: between})
            except SvcopsError as own:
                apart[name, question] = own
    except NotDone as error:
        apart |= {(name, question): error for question in of}


def _check_pulled(
    database: "DuckDBPyConnection",
    source: FileSource,
    files: Sequence[File],
    asked: Mapping[Asked, str],
    edges: Collection[datetime],
) -> None:
    from svcops.slo.pulled import check_pulled
    from svcops.timing.hours import Interval

    check_pulled(database, source, files, asked, Interval(min(edges), max(edges)))


def _by_source(asked: Mapping[Question, Sequence[datetime]]) -> dict[str, dict[Question, Sequence[datetime]]]:
    """The questions that each source is asked, by its name."""
    found: dict[str, dict[Question, Sequence[datetime]]] = {}
    for question, between in asked.items():
        if question.judged and between:
            for name in question.judged.indicator.sources:
                found.setdefault(name, {})[question] = between
    return dict(sorted(found.items()))


def _pairs(name: str, questions: Iterable[Question]) -> list[Pair]:
    """The parts and totals that a source is asked both of, each once."""
    indicators = [one.judged.indicator for one in questions if one.judged]
    pairs = ((one.part.asked, one.total.asked) for one in indicators if one.sources == {name})
    return list(dict.fromkeys(pairs))


def _terms(name: str, questions: Iterable[Question]) -> dict[Asked, str]:
    """What a source is asked, each with who asks first."""
    terms: dict[Asked, str] = {}
    for question in questions:
        assert question.judged
        for term in (question.judged.indicator.part, question.judged.indicator.total):
            if term.source == name:
                terms.setdefault(term.asked, term.asked_by)
    return terms

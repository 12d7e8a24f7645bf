"""Every source that questions need, read once."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from svcops.errors import BadInput
from svcops.slo.buckets import Reading, read_source
from svcops.slo.documents import Documents
from svcops.slo.engine import open_database
from svcops.slo.questions import Question
from svcops.slo.sources import PROMETHEUS, File, FileSource, file_source, find_files
from svcops.slo.terms import Asked

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from svcops.slo.pushing import Pushing


def read_all(
    asked: Mapping[Question, Sequence[datetime]],
    known: Documents,
    root: Path,
    errors: list[BadInput],
    near: Collection[datetime] = (),
    pushing: "Pushing | None" = None,
    tell: Callable[[str], None] = lambda _: None,
) -> dict[str, Reading]:
    """Read every source that is asked, once; by the names of the sources. What is wrong is added to `errors`.

    `asked` are the questions, each with the edges between which it has to be known what was counted. With `pushing` the
    hosts of sources of type Prometheus are asked, and their files are not read. `tell` hears what is read now.
    """
    terms, edges = _by_source(asked)
    found: dict[str, tuple[FileSource, tuple[File, ...]]] = {}
    readings: dict[str, Reading] = {}
    for name in sorted(terms):
        path, document = known.sources[name]
        try:
            if pushing and document.spec.type == PROMETHEUS:
                readings[name] = pushing.reading(path, document, terms[name], _of_source(asked, name))
                continue
            source = file_source(document, path)
            found[name] = (source, find_files(source, root))
        except BadInput as error:
            errors.append(error)
    if not found:
        return readings
    whole = sum(file.state[1] for source, files in found.values() for file in files if source.form == "prometheusjson")
    with open_database([file.full for _, files in found.values() for file in files], whole) as database:
        for name, (source, files) in found.items():
            tell(f"reading the samples of {name}")
            try:
                if source.is_pulled:
                    _check_pulled(database, source, files, terms[name], edges[name])
                readings[name] = read_source(database, source, files, terms[name], sorted(edges[name]), near, tell)
            except BadInput as error:
                errors.append(error)
    return readings


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


def _of_source(asked: Mapping[Question, Sequence[datetime]], name: str) -> dict[Question, Sequence[datetime]]:
    """The questions that a source is asked."""
    return {
        question: between
        for question, between in asked.items()
        if question.judged and between and name in question.judged.indicator.sources
    }


def _by_source(
    asked: Mapping[Question, Sequence[datetime]],
) -> tuple[dict[str, dict[Asked, str]], dict[str, set[datetime]]]:
    """For each source what it is asked, each with who asks first, and between which moments."""
    terms: dict[str, dict[Asked, str]] = {}
    edges: dict[str, set[datetime]] = {}
    for question, between in asked.items():
        if question.judged and between:
            indicator = question.judged.indicator
            for term in (indicator.part, indicator.total):
                terms.setdefault(term.source, {}).setdefault(term.asked, term.asked_by)
                edges.setdefault(term.source, set()).update(between)
    return terms, edges

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
from svcops.slo.sources import File, FileSource, file_source, find_files
from svcops.slo.terms import Asked

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def read_all(
    asked: Mapping[Question, Sequence[datetime]],
    known: Documents,
    root: Path,
    errors: list[BadInput],
    near: Collection[datetime] = (),
    tell: Callable[[str], None] = lambda _: None,
) -> dict[str, Reading]:
    """Read every source that is asked, once; by the names of the sources. What is wrong is added to `errors`.

    `asked` are the questions, each with the edges between which it has to be known what was counted. `tell` hears
    what is read now.
    """
    terms, edges = _by_source(asked)
    found: dict[str, tuple[FileSource, tuple[File, ...]]] = {}
    for name in sorted(terms):
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

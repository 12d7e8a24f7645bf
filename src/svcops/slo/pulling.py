"""Samples of a Prometheus into Parquet files: which selectors, over which range, in which chunks.

A file holds one selector from one moment until before another: at most one day (UTC), or the part of it that was asked
for, so that pulling again writes the same files anew. Each is written beside and renamed: there are whole ones only.
"""

import os
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from svcops.errors import DONE, BadInput, SvcopsError
from svcops.slo.damage import refuse_damaged
from svcops.slo.documents import sort_out
from svcops.slo.model import DataSource
from svcops.slo.prometheus_api import Connection, HostFailed, TooMuch, connected
from svcops.slo.prometheus_host import Host, host_of
from svcops.slo.pulled import Series, Span, clash, file_name, is_within, write
from svcops.slo.questions import questions
from svcops.slo.samples import instant, microseconds
from svcops.slo.selectors import Selector, parse_selector
from svcops.slo.sources import PROMETHEUS, FileSource, file_source
from svcops.store.frozen import frozen
from svcops.store.graph import Graph
from svcops.store.suggest import did_you_mean

if TYPE_CHECKING:
    from svcops.terminal.session import Session

DAY = 86_400_000
"""Milliseconds."""
SHORTEST = 60_000
"""No chunk is halved below this, in milliseconds."""
_BEFORE = timedelta(minutes=5)
"""So much earlier than a window begins is pulled: a counter grows from the sample before it."""


@frozen
class Wanted:
    """What SLOs ask of one source: selectors, and since when."""

    document: DataSource
    path: str
    source: FileSource
    selectors: tuple[Selector, ...]
    labels: Mapping[str, frozenset[str]]
    """By metric: the labels that SLOs name."""
    start: datetime | None
    """From when on the longest window needs samples; None where no window has begun."""


@dataclass
class Pulled:
    """What came of a selector so far."""

    source: str
    selector: Selector
    files: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    """Files that were left as they are, as the host has fewer samples by now."""
    series: set[frozenset[tuple[str, str]]] = field(default_factory=set)
    samples: int = 0
    first: datetime | None = None
    last: datetime | None = None


@frozen
class Result:
    """What was pulled, and what went wrong."""

    pulled: tuple[Pulled, ...]
    errors: tuple[SvcopsError, ...]

    @property
    def exit_code(self) -> int:
        """3 where something could not be done, 2 where something is wrong, else 0."""
        return max((one.exit_code for one in self.errors), default=DONE)


def pull_all(session: "Session", names: Collection[str], start: datetime | None, until: datetime) -> Result:
    """Pull what the SLOs of the store ask of the sources of these names, or of all. One that fails hides no other.

    BadInput where there is no such source. Without `start`, from where the longest window begins.
    """
    from svcops.terminal.progress import progress

    store = session.store_untouched
    errors: list[SvcopsError] = []
    asked = wanted(store.graph, until.astimezone(UTC), names, errors)
    spans = {one.source.name: chunks(start or since(one.start or until), until) for one in asked}
    total = sum(len(spans[one.source.name]) * len(one.selectors) for one in asked)
    pulled: list[Pulled] = []
    done = 0
    with progress(session, "chunks pulled", total, every=1) as show:

        def tick() -> None:
            nonlocal done
            done += 1
            show(done)

        for one in asked:
            try:
                host = host_of(one.document, one.path, session.env, store.root)
                with connected(host) as connection:
                    pulling = Pulling(one, host, connection, store.root)
                    for selector in one.selectors:
                        pulled.append(Pulled(one.source.name, selector))
                        for span in spans[one.source.name]:
                            pulling.pull(span, pulled[-1])
                            tick()
            except SvcopsError as error:
                errors.append(error)
    return Result(tuple(pulled), tuple(errors))


def wanted(graph: Graph, until: datetime, names: Collection[str], errors: list[SvcopsError]) -> list[Wanted]:
    """What the SLOs of a store ask of the sources of type Prometheus, or of those of these names.

    Of an SLO or a source that is wrong nothing is asked; it is added to `errors`. BadInput where there is no source of
    such a name, or it is damaged.
    """
    slos, known = sort_out((entry.path, entry.value) for entry in graph.all("slo").values())
    there = [name for name, (_, document) in known.sources.items() if document.spec.type == PROMETHEUS]
    for name in names:
        if name not in there:
            refuse_damaged(graph, "DataSource", name)
            near = did_you_mean(name, there) or f"There are: {', '.join(sorted(there)) or 'none'}."
            raise BadInput(f"there is no DataSource {name!r} of type Prometheus", help=near)
    selectors: dict[str, set[Selector]] = {}
    starts: dict[str, datetime] = {}
    for path, slo in slos:
        try:
            asked = questions(path, slo, known)
        except BadInput as error:
            errors.append(error)
            continue
        for question in asked:
            judged = question.judged
            stretch = judged.window.around(until) if judged else None
            for term in (judged.indicator.part, judged.indicator.total) if judged else ():
                if known.sources[term.source][1].spec.type == PROMETHEUS and (not names or term.source in names):
                    selectors.setdefault(term.source, set()).add(parse_selector(term.query))
                    if stretch:
                        starts[term.source] = min(stretch.start, starts.get(term.source, stretch.start))
    found = []
    for name in sorted(selectors):
        path, document = known.sources[name]
        try:
            source = file_source(document, path)
        except BadInput as error:
            errors.append(error)
            continue
        labels = {
            metric: frozenset(
                one.label for other in selectors[name] if other.metric == metric for one in other.matchers
            )
            for metric in {one.metric for one in selectors[name]}
        }
        found.append(Wanted(document, path, source, widest(selectors[name]), labels, starts.get(name)))
    return found


def widest(selectors: Collection[Selector]) -> tuple[Selector, ...]:
    """Those whose series no other has all of: fewer conditions on the same metric select more."""
    chosen: list[Selector] = []
    for one in sorted(selectors, key=lambda selector: (len(set(selector.matchers)), str(selector))):
        if not any(is_within(one, other) for other in chosen):
            chosen.append(one)
    return tuple(chosen)


def since(start: datetime) -> datetime:
    """From when on is pulled for a window: from the beginning of its first day, so that files keep their names."""
    return (start.astimezone(UTC) - _BEFORE).replace(hour=0, minute=0, second=0, microsecond=0)


def chunks(start: datetime, end: datetime) -> list[Span]:
    """From a moment to another, both included, by days of UTC."""
    first, last = microseconds(start) // 1000, microseconds(end) // 1000 + 1
    edges = [first, *range((first // DAY + 1) * DAY, last, DAY), last]
    return [Span(one, other) for one, other in pairwise(edges)]


class Pulling:
    """A source of which SLOs want something, its host, and the store that it goes to."""

    def __init__(self, wanted: Wanted, host: Host, connection: Connection, root: Path) -> None:
        self._wanted = wanted
        self._host = host
        self._connection = connection
        self._root = root
        self._folder = _folder(wanted.source, root)

    def pull(self, span: Span, pulled: Pulled) -> None:
        """Write the samples of a selector in a chunk, or in its parts; `pulled` says what came of it.

        HostFailed or NotDone ends it; the files that were written stay.
        """
        for part, found in self._samples(pulled.selector, span):
            path = f"{self._folder}/{file_name(pulled.selector, part)}"
            labels = self._wanted.labels[pulled.selector.metric]
            is_written = write(self._root / path, pulled.selector, part, found, labels)
            (pulled.files if is_written else pulled.kept).append(path)
            _add(pulled, found)

    def _samples(self, selector: Selector, span: Span) -> Iterator[tuple[Span, list[Series]]]:
        """The samples of a chunk; in halves, and theirs, where they are too many at once."""
        parts = [span]
        while parts:
            part = parts.pop()
            try:
                found = self._connection.samples(selector, part.start, part.end)
            except TooMuch as error:
                if part.end - part.start <= SHORTEST:
                    help_ = f"Of {selector} there is too much in a minute: an SLO may ask for less of it."
                    raise HostFailed(self._host, str(error), help=help_) from None
                middle = part.start + (part.end - part.start) // 2000 * 1000
                parts += [Span(middle, part.end), Span(part.start, middle)]
                continue
            named = self._wanted.labels[selector.metric]
            wrong = clash(sorted(named.union(*(one.labels for one in found))))
            if wrong:
                raise HostFailed(self._host, f"has labels of {selector.metric} that no table can hold: {wrong}")
            yield part, found


def _folder(source: FileSource, root: Path) -> str:
    """The folder of a source, below the store."""
    folder = source.path.replace("\\", "/").rpartition("/")[0]
    if not f"{os.path.realpath(root / folder)}{os.sep}".startswith(os.path.realpath(root) + os.sep):
        raise source.bad("path", f"{folder} is a link that leaves the store")
    return folder


def _add(pulled: Pulled, found: Iterable[Series]) -> None:
    for one in found:
        pulled.series.add(frozenset(one.labels.items()))
        pulled.samples += len(one.times)
        first, last = instant(min(one.times) * 1000), instant(max(one.times) * 1000)
        pulled.first = min(first, pulled.first or first)
        pulled.last = max(last, pulled.last or last)

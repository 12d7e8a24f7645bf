"""All links of runbooks and of the annotations of alerts, and where each leads."""

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Literal

from svcops.runbooks.annotations import annotations, page_of_site, why_lost
from svcops.runbooks.facts import outline
from svcops.runbooks.links import is_beyond, is_outside, why_dead
from svcops.runbooks.outside import Answer, is_asked, page_of
from svcops.store.documents import Locator
from svcops.store.frozen import frozen
from svcops.store.graph import Graph

State = Literal["there", "dead", "unknown", "not asked"]


@frozen
class Reference:
    """A link: the file and line on which it stands, where it leads, and why not, as far as the store alone can say."""

    path: str
    line: int
    to: str
    is_outside: bool
    why: str = ""
    is_beyond: bool = False
    """Whether it leads by its path out of the store."""


@frozen
class Judged:
    """A link, and what is known of where it leads."""

    link: Reference
    state: State
    why: str = ""


def references(graph: Graph, names: Collection[str] = ()) -> Iterator[Reference]:
    """The links of these runbooks; of all, and of the annotations of alerts, where none is named."""
    for book in graph.all("runbook").values():
        for link in outline(graph, book).links if not names or book.name in names else ():
            outside = is_outside(link.to)
            why = "" if outside else why_dead(graph, book.path, link.to)
            yield Reference(book.path, link.span.line, link.to, outside, why, is_beyond(book.path, link.to))
    locator = Locator(graph.tree)
    for one in annotations(graph) if not names else ():
        span = locator.span(one.at)
        outside = is_outside(one.to) and not page_of_site(graph, one.to)
        yield Reference(one.at.path, span.line if span else 1, one.to, outside, why_lost(graph, one))


def to_ask(links: Collection[Reference]) -> list[str]:
    """The pages outside that these links lead to and that can be asked for, each once."""
    return list(dict.fromkeys(page_of(one.to) for one in links if one.is_outside and is_asked(one.to)))


def judged(links: Collection[Reference], answers: Mapping[str, Answer]) -> list[Judged]:
    """Each link with what is known of it."""
    return list(map(_judge(answers), links))


def _judge(answers: Mapping[str, Answer]) -> Callable[[Reference], Judged]:
    def judge(link: Reference) -> Judged:
        if link.is_beyond:
            return Judged(link, "unknown", "it leaves the store: what stands there is not known here")
        if not link.is_outside:
            return Judged(link, "dead" if link.why else "there", link.why)
        answer = answers.get(page_of(link.to))
        return Judged(link, answer.state, answer.why) if answer else Judged(link, "not asked")

    return judge

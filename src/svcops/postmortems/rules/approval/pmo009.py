"""An approval by somebody who wrote the file."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from svcops.checking.model import Finding
from svcops.checking.rule import Context, Rule
from svcops.trust.facts import over_what_stands, who

if TYPE_CHECKING:
    from svcops.postmortems.model import Postmortem
    from svcops.store.entries import Entry


def _find(context: Context) -> Iterator[Finding]:
    graph, history = context.graph, context.history
    approvals = list(over_what_stands(graph))
    own = _named(context) if approvals else {}
    for entry in approvals:
        of, by = entry.value.of, who(graph, entry.value.by)
        authors = [*own.get(of, ()), *(history.authors(of, [entry.path]) if history else ())]
        if by in {who(graph, one) for one in authors}:
            message = f"the approval of {of} does not count: {entry.value.by} wrote the file too"
            help_ = "Have somebody approve it who did not write it. git log -- PATH shows who did."
            yield Finding("PMO009", message, entry.at("by"), help_.replace("PATH", of))


def _named(context: Context) -> dict[str, list[str]]:
    """Who wrote a post-mortem by what it says itself, by path. Of the wish to drop a measure MEA006 tells that."""
    postmortems: Mapping[str, Entry[Postmortem]] = context.graph.all("postmortem")
    return {one.path: [one.value.author] for one in postmortems.values()}


RULE = Rule("PMO009", "an approval by somebody who wrote the file", rests_on=("person",), find=_find)

"""An approval by somebody who wrote the file."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from svcops.checking.model import Finding, Related
from svcops.checking.rule import Context, Rule
from svcops.trust.facts import over_what_stands, who

if TYPE_CHECKING:
    from svcops.postmortems.model import Postmortem
    from svcops.store.entries import Entry


def _find(context: Context) -> Iterator[Finding]:
    graph, history = context.graph, context.history
    approvals = list(over_what_stands(graph))
    written = _postmortems(context) if approvals else {}
    for entry in approvals:
        of, by = entry.value.of, who(graph, entry.value.by)
        names = written.get(of)
        if names and who(graph, names.value.author) != by:
            names = None
        if names or (history and by in {who(graph, one) for one in history.authors(of, [entry.path])}):
            message = f"the approval of {of} does not count: {entry.value.by} wrote the file too"
            help_ = f"Have somebody approve it who did not write it. git log -- {of} shows who did."
            related = (Related("its author is named here", names.at("author")),) if names else ()
            yield Finding("PMO009", message, entry.at("by"), help_, related=related)


def _postmortems(context: Context) -> "dict[str, Entry[Postmortem]]":
    """Those that say themselves who wrote them, by path. Of the wish to drop a measure MEA006 tells that."""
    postmortems: Mapping[str, Entry[Postmortem]] = context.graph.all("postmortem")
    return {one.path: one for one in postmortems.values()}


RULE = Rule("PMO009", "an approval by somebody who wrote the file", rests_on=("person",), find=_find)

"""An approval by somebody who wrote the file, or may have."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from svcops.checking.model import Finding, Related
from svcops.checking.rule import Context, Rule
from svcops.store.people import is_nobody, who, why_nobody
from svcops.trust.facts import authors_by_history, over_what_stands, wrote

if TYPE_CHECKING:
    from svcops.postmortems.model import Postmortem
    from svcops.store.entries import Entry


def _find(context: Context) -> Iterator[Finding]:
    graph, history = context.graph, context.history
    approvals = [one for one in over_what_stands(graph) if one.value.role != "approver"]  # those are of evidence
    written = _postmortems(context) if approvals else {}
    for entry in approvals:
        of, by = entry.value.of, who(graph, entry.value.by)
        one = written.get(of)
        named = one.value.authors if one else ()
        unknown = next((name for name in named if is_nobody(graph, name)), None)
        message = f"the approval of {of} does not count: "
        here = (Related("its author is named here", one.at("author")),) if one else ()
        if by in wrote(graph, [*named, *authors_by_history(graph, history, of, entry.path)]):
            related = here if by in wrote(graph, named) else ()
            help_ = f"Have somebody approve it who did not write it. git log -- {of} shows who did."
            message += f"{entry.value.by} wrote the file too"
            yield Finding("PMO009", message, entry.at("by"), help_, related=related)
        elif unknown is not None:
            message += f"its author may be anybody: {why_nobody(graph, unknown)}"
            help_ = f"Write who it is, a name of catalogue/people, in its place in {of}, and have it approved again."
            yield Finding("PMO009", message, entry.at("by"), help_, related=here)


def _postmortems(context: Context) -> "dict[str, Entry[Postmortem]]":
    """Those that say themselves who wrote them, by path. Of the wish to drop a measure MEA006 tells that."""
    postmortems: Mapping[str, Entry[Postmortem]] = context.graph.all("postmortem")
    return {one.path: one for one in postmortems.values()}


RULE = Rule("PMO009", "an approval by somebody who wrote the file, or may have", rests_on=("person",), find=_find)

"""An approval by somebody who wrote the file, or may have."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from svcops.checking.model import Finding
from svcops.checking.rule import Context, Rule
from svcops.store.people import is_nobody, who, why_nobody
from svcops.trust.facts import over_what_stands, wrote

if TYPE_CHECKING:
    from svcops.postmortems.model import Postmortem
    from svcops.store.entries import Entry


def _find(context: Context) -> Iterator[Finding]:
    graph, history = context.graph, context.history
    approvals = list(over_what_stands(graph))
    own = _named(context) if approvals else {}
    for entry in approvals:
        of, by = entry.value.of, who(graph, entry.value.by)
        named = own.get(of, [])
        unknown = next((one for one in named if is_nobody(graph, one)), None)
        message = f"the approval of {of} does not count: "
        if by in wrote(graph, [*named, *(history.authors(of, [entry.path]) if history else ())]):
            help_ = f"Have somebody approve it who did not write it. git log -- {of} shows who did."
            yield Finding("PMO009", f"{message}{entry.value.by} wrote the file too", entry.at("by"), help_)
        elif unknown is not None:
            message += f"its author may be anybody: {why_nobody(graph, unknown)}"
            help_ = f"Write who it is, a name of catalogue/people, behind author: of {of}, and have it approved again."
            yield Finding("PMO009", message, entry.at("by"), help_)


def _named(context: Context) -> dict[str, list[str]]:
    """Who wrote a post-mortem by what it says itself, by path. Of the wish to drop a measure MEA006 tells that."""
    postmortems: Mapping[str, Entry[Postmortem]] = context.graph.all("postmortem")
    return {one.path: [one.value.author] for one in postmortems.values()}


RULE = Rule("PMO009", "an approval by somebody who wrote the file, or may have", find=_find)

"""An approval of evidence by somebody who ran the drill, or was its witness."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from svcops.checking.model import Finding, Related
from svcops.checking.rule import Context, Rule
from svcops.store.people import who
from svcops.trust.facts import over_what_stands, wrote

if TYPE_CHECKING:
    from svcops.recovery.model import Evidence
    from svcops.store.entries import Entry

_HELP = "Have it approved by somebody who had no part in it: svcops evidence approve ID"


def _find(context: Context) -> Iterator[Finding]:
    graph = context.graph
    approvals = [one for one in over_what_stands(graph) if one.value.role == "approver"]
    evidence: Mapping[str, Entry[Evidence]] = graph.all("evidence") if approvals else {}
    by_path = {one.path: one for one in evidence.values()}
    for entry in approvals:
        one, by = by_path.get(entry.value.of), entry.value.by
        if one is None:
            continue
        for name, key, did in (
            (one.value.by, "by", "ran the drill"),
            (one.value.witness, "witness", "was its witness"),
        ):
            if name and who(graph, by) in wrote(graph, (name,)):
                message = f"the approval of {one.path} does not count: {by} {did}"
                related = (Related("named here", one.at(key)),)
                yield Finding("EVD014", message, entry.at("by"), _HELP, related=related)


RULE = Rule("EVD014", "an approval of evidence by somebody who had a part in it", rests_on=("person",), find=_find)

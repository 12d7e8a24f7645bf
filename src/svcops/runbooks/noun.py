"""What the verbs of `svcops runbook` share: the app, and which runbook is meant."""

from typing import TYPE_CHECKING, Annotated

from svcops.errors import BadInput
from svcops.terminal.command import App, Argument

if TYPE_CHECKING:
    from svcops.runbooks.model import Runbook
    from svcops.store.entries import Entry
    from svcops.store.graph import Graph

app = App("Runbooks: what to do, step by step, and what came of it.")

Name = Annotated[str, Argument(metavar="SERVICE/NAME", help="The runbook; its name alone where one service has it.")]


def runbook_called(graph: "Graph", given: str) -> "Entry[Runbook]":
    """The runbook that is meant; BadInput where there is none, or where several services have one of that name."""
    known = graph.all("runbook")
    if given in known:
        return known[given]
    found = sorted(name for name in known if name.partition("/")[2] == given)
    if len(found) == 1:
        return known[found[0]]
    if found:
        raise BadInput(f"{given} may be {' or '.join(found)}", help="Name its service too.")
    from svcops.catalogue.facts import called

    return called(graph, "runbook", given)

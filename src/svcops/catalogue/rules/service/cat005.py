"""Two core workflows of a service that have one name."""

from collections.abc import Iterator

from svcops.catalogue.model import Service
from svcops.checking.model import At, Finding, Related
from svcops.checking.rule import Context, Rule


def doubled(service: Service, path: str) -> Iterator[Finding]:
    """A finding for every core workflow of a service whose name an earlier one has."""
    first: dict[str, int] = {}
    for number, workflow in enumerate(service.core_workflows):
        if first.setdefault(workflow.name, number) != number:
            earlier = Related("first here", At(path, ("core_workflows", first[workflow.name], "name")))
            message = f"a second core workflow {workflow.name}: the name does not tell which is meant"
            at = At(path, ("core_workflows", number, "name"))
            yield Finding("CAT005", message, at, "Give one of them another name, or keep one.", related=(earlier,))


def _find(context: Context) -> Iterator[Finding]:
    for entry in context.graph.all("service").values():
        yield from doubled(entry.value, entry.path)


RULE = Rule("CAT005", "two core workflows of a service that have one name", find=_find)

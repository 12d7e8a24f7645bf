"""A service that says twice that it needs another in one way."""

from collections.abc import Iterator

from svcops.catalogue.model import Service
from svcops.checking.model import At, Finding, Related
from svcops.checking.rule import Context, Rule


def doubled(service: Service, path: str) -> Iterator[Finding]:
    """A finding for every dependency of a service that an earlier one is, too: on the same service, of one kind."""
    first: dict[tuple[str, str], int] = {}
    for number, one in enumerate(service.dependencies):
        earlier = first.setdefault((one.service, one.kind), number)
        if earlier != number:
            message = f"a second dependency on {one.service} of the kind {one.kind}"
            help_ = "Keep the one that is right: where either of the two is critical, the service stops with it."
            related = (Related("first here", At(path, ("dependencies", earlier, "service"))),)
            at = At(path, ("dependencies", number, "service"))
            yield Finding("CAT006", message, at, help_, severity="warning", related=related)


def _find(context: Context) -> Iterator[Finding]:
    for entry in context.graph.all("service").values():
        yield from doubled(entry.value, entry.path)


RULE = Rule("CAT006", "a dependency that is written twice", "warning", find=_find)

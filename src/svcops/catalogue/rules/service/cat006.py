"""A service that says twice that it needs another in one way."""

from collections.abc import Iterator

from svcops.checking.model import Finding, Related
from svcops.checking.rule import Context, Rule


def _find(context: Context) -> Iterator[Finding]:
    for entry in context.graph.all("service").values():
        first: dict[tuple[str, str], int] = {}
        for number, one in enumerate(entry.value.dependencies):
            earlier = first.setdefault((one.service, one.kind), number)
            if earlier != number:
                message = f"a second dependency on {one.service} of the kind {one.kind}"
                help_ = "Keep the one that is right: where either of the two is critical, the service stops with it."
                related = (Related("first here", entry.at("dependencies", earlier, "service")),)
                at = entry.at("dependencies", number, "service")
                yield Finding("CAT006", message, at, help_, severity="warning", related=related)


RULE = Rule("CAT006", "a dependency that is written twice", "warning", find=_find)

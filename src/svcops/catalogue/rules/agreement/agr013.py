"""A service that an agreement names twice."""

from collections.abc import Iterator

from svcops.checking.model import Finding, Related
from svcops.checking.rule import Context, Rule


def _find(context: Context) -> Iterator[Finding]:
    for entry in context.graph.all("agreement").values():
        services = entry.value.services
        if len(set(services)) == len(services):
            continue
        first: dict[str, int] = {}
        for number, name in enumerate(services):
            earlier = first.setdefault(name, number)
            if earlier != number:
                related = (Related("first here", entry.at("services", earlier)),)
                help_ = "Take it away, or name the service that was meant."
                at = entry.at("services", number)
                yield Finding("AGR013", f"names {name} a second time", at, help_, severity="warning", related=related)


RULE = Rule("AGR013", "a service that an agreement names twice", "warning", find=_find)

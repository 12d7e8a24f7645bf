"""A system to which no service belongs."""

from collections.abc import Iterator

from svcops.checking.model import Finding
from svcops.checking.rule import Context, Rule


def _find(context: Context) -> Iterator[Finding]:
    used = {one.value.system for one in context.graph.all("service").values()}
    for entry in context.graph.all("system").values():
        if entry.name not in used:
            help_ = f"Write system: {entry.name} in its services, or remove it."
            message = f"no service says that it belongs to the system {entry.name}"
            yield Finding("CAT003", message, entry.at(), help_, severity="note")


RULE = Rule("CAT003", "a system without services", "note", rests_on=("service",), find=_find)

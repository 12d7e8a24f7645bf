"""A key date that is about no service."""

from collections.abc import Iterator

from svcops.checking.model import Finding
from svcops.checking.rule import Context, Rule


def _find(context: Context) -> Iterator[Finding]:
    for entry in context.graph.all("keydate").values():
        if not entry.value.services:
            help_ = "Name in services what must not fail on that day, or remove the record."
            yield Finding(
                "KEY001", "a key date on which no service matters", entry.at("services"), help_, severity="warning"
            )


RULE = Rule("KEY001", "a key date that is about no service", "warning", find=_find)

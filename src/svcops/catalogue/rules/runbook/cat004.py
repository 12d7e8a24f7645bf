"""A folder of runbooks that is named like no service."""

from collections.abc import Iterator

from svcops.checking.model import At, Finding
from svcops.checking.rule import Context, Rule
from svcops.store.suggest import nearest


def _find(context: Context) -> Iterator[Finding]:
    services = context.graph.names("service")
    known = set(services)
    first: dict[str, str] = {}
    for path in context.graph.paths("runbook"):
        first.setdefault(path.split("/")[1], path)
    for folder, path in first.items():
        if folder not in known:
            near = nearest(folder, services)
            help_ = f"Did you mean runbooks/{near}?" if near else "Name the folder like the service it is about."
            message = f"runbooks/{folder} is the folder of no service: there is none of that name"
            yield Finding("CAT004", message, At(path), help_, severity="warning")


RULE = Rule("CAT004", "a folder of runbooks that is named like no service", "warning", find=_find)

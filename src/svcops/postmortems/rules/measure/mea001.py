"""Events of a measure that is not there."""

from collections.abc import Iterator

from svcops.checking.model import At, Finding
from svcops.checking.orphans import brought_back
from svcops.checking.rule import Context, Rule


def _find(context: Context) -> Iterator[Finding]:
    known = set(context.graph.names("measure"))
    first: dict[str, str] = {}
    for one in context.graph.all("measure-event").values():
        first.setdefault(one.name.partition("/")[0], one.path)
    for owner, path in first.items():
        if owner not in known:
            folder = path.rpartition("/")[0]
            help_ = brought_back(folder, f"{folder}/measure.yaml")
            yield Finding("MEA001", f"events without {owner}/measure.yaml", At(path), help_)


RULE = Rule("MEA001", "events of a measure that is not there", whole=True, find=_find)

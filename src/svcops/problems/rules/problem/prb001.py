"""Events of a problem that is not there."""

from collections.abc import Iterator

from svcops.checking.model import At, Finding
from svcops.checking.orphans import brought_back
from svcops.checking.rule import Context, Rule


def _find(context: Context) -> Iterator[Finding]:
    known = set(context.graph.names("problem"))
    first: dict[str, str] = {}
    for one in context.graph.all("problem-event").values():
        first.setdefault(one.name.partition("/")[0], one.path)
    for owner, path in first.items():
        if owner not in known:
            folder = path.rpartition("/")[0]
            help_ = brought_back(folder, f"{folder}/problem.yaml")
            yield Finding("PRB001", f"events without {owner}/problem.yaml", At(path), help_)


RULE = Rule("PRB001", "events of a problem that is not there", whole=True, find=_find)

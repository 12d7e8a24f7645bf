"""Teams that are part of each other."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from svcops.checking.model import Finding, Related
from svcops.checking.rule import Context, Rule

if TYPE_CHECKING:
    from svcops.catalogue.model import Team
    from svcops.store.entries import Entry


def _find(context: Context) -> Iterator[Finding]:
    teams: Mapping[str, Entry[Team]] = context.graph.all("team")
    done: set[str] = set()
    for start in sorted(teams):
        path: dict[str, None] = {}
        name = start
        while name in teams and name not in done and name not in path:
            path[name] = None
            name = teams[name].value.parent or ""
        if name in path:
            names = list(path)
            yield _finding(teams, names[names.index(name) :])
        done.update(path)


def _finding(teams: "Mapping[str, Entry[Team]]", circle: list[str]) -> Finding:
    first = circle.index(min(circle))
    names = [*circle[first:], *circle[:first]]
    round_ = " is part of ".join([*names[:8], *(["..."] if len(names) > 8 else []), names[0]])
    related = tuple(Related("and this one", teams[name].at("parent")) for name in names[1:])
    help_ = "Take parent out of the team that stands above the others."
    return Finding("TEAM006", f"{round_}, in a circle", teams[names[0]].at("parent"), help_, related=related)


RULE = Rule("TEAM006", "teams that are part of each other", find=_find)

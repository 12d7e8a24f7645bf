"""A service that does not meet the profile that the store asks for."""

from collections.abc import Iterator

from svcops.checking.model import Finding, Related
from svcops.checking.rule import Context, Rule
from svcops.overview.score import score


def _find(context: Context) -> Iterator[Finding]:
    settings = context.graph.all("settings").get("settings")
    profile = context.graph.settings.profile
    if settings is None or profile is None:
        return
    related = (Related(f"{profile} is asked for here", settings.at("profile")),)
    for entry in context.graph.all("service").values():
        if entry.value.external:
            continue
        found = score(context.graph, entry, context.now, profile)
        for one in found.lacks(profile):
            judged = found.judged[one.name]
            asked = f"{one.title}, which the profile {one.profile} asks for"
            unknown = judged.standing == "unknown"
            said = f"of {entry.name} nobody can tell whether it has" if unknown else f"{entry.name} lacks"
            message = f"{said} {asked}: {judged.why}"
            help_ = f"{judged.next}; svcops score {entry.name} tells the rest."
            yield Finding("PRO001", message, entry.at(), help_, related=related, gist=one.name)


RULE = Rule("PRO001", "a service that does not meet the store's profile", find=_find)

"""A service that does not meet the profile that the store asks for."""

from collections.abc import Iterator

from svcops.checking.model import Finding, Related
from svcops.checking.rule import Context, Rule
from svcops.overview.judgement import listed
from svcops.overview.score import score


def _find(context: Context) -> Iterator[Finding]:
    settings = context.graph.all("settings").get("settings")
    profile = context.graph.settings.profile
    if settings is None or profile is None:
        return
    asked = Related("asked for here", settings.at("profile"))
    for entry in context.graph.all("service").values():
        if entry.value.external:
            continue
        found = score(context.graph, entry, context.now, profile)
        lacks = [f"{one.title} ({found.judged[one.name].why})" for one in found.lacks(profile)]
        if lacks:
            message = f"{entry.name} does not meet the profile {profile}: it lacks {listed(lacks)}"
            help_ = f"svcops score {entry.name} says for each what to write next."
            yield Finding("PRO001", message, entry.at(), help_, related=(asked,))


RULE = Rule("PRO001", "a service that does not meet the store's profile", about="service", find=_find)

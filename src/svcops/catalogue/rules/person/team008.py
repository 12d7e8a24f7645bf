"""A mail address that two people have: what is done under it would be one's, and might be the other's."""

from collections.abc import Iterator

from svcops.checking.model import At, Finding, Related
from svcops.checking.rule import Context, Rule


def _find(context: Context) -> Iterator[Finding]:
    first: dict[str, tuple[str, At]] = {}
    for entry in context.graph.all("person").values():
        for number, mail in enumerate(entry.value.emails):
            at = entry.at("emails", number)
            name, place = first.setdefault(mail.lower(), (entry.name, at))
            if name != entry.name:
                message = f"{mail} is the address of {name}, too: git does not tell the two apart"
                help_ = "Leave it with the one whose it is."
                yield Finding("TEAM008", message, at, help_, related=(Related("first given here", place),))


RULE = Rule("TEAM008", "a mail address of two people", find=_find)

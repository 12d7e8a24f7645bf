"""Who is meant by what a record says of a person: a name of catalogue/people, a mail address, or how people write them.

Records should hold the first two, and svcops writes no other. By hand people write `Kim Beispiel`, `KIM-BEISPIEL` or
`Kim Beispiel <kim@example.org>`, as git and mail do: what must not be the same person's is asked of all of these.
"""

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from svcops.store.graph import Graph
from svcops.store.layout import path_named

if TYPE_CHECKING:
    from svcops.catalogue.model import Person
    from svcops.store.entries import Entry

_WITH_MAIL = re.compile(r"[^<>]*<\s*([^<>\s]+@[^<>\s]+)\s*>\s*")


def who(graph: Graph, given: str) -> str:
    """The person of the catalogue who is meant; else what was given, an address in small letters."""
    found = _known(graph, given)
    return found[0] if len(found) == 1 else _as_given(given)


def meant(graph: Graph, given: str) -> frozenset[str]:
    """Everybody who may be meant: the persons of that name, where several have it; else what was given."""
    return frozenset(_known(graph, given) or (_as_given(given),))


def person_with(graph: Graph, mail: str) -> str:
    """The one person of the catalogue who has a mail address; else, and where several have it, the address."""
    found = graph.once(_by_mail).get(mail.lower(), ())
    return found[0] if len(found) == 1 else mail.lower()


def is_nobody(graph: Graph, given: str) -> bool:
    """Whether nobody knows which person is meant: none of the catalogue, or several. It may be any author then.

    In a store that has no people, every address and every name stands for itself.
    """
    has_people = bool(graph.all("person") or graph.damaged("person"))
    return has_people and len(_known(graph, given)) != 1


def is_no_name(graph: Graph, given: str) -> bool:
    """The same of what is no mail address either: whoever is meant cannot be asked."""
    return "@" not in given.lstrip("@") and is_nobody(graph, given)


def unread(graph: Graph, given: str) -> str:
    """The damaged file that may tell who is meant, where nothing else does; empty where there is none.

    That of this name, if it is one of them: else a name or an address may be anybody's whose file cannot be read.
    """
    damaged = [] if _known(graph, given) else graph.damaged("person")
    own = path_named("person", given)
    return own if own in damaged else next(iter(damaged), "")


def why_nobody(graph: Graph, given: str) -> str:
    """What to say of somebody who `is_nobody`."""
    several = sorted(_known(graph, given))
    if several:
        return f"{given} may be {' or '.join(several)} of catalogue/people"
    path = unread(graph, given)
    if path:
        return f"who {given} is cannot be told, as {path} is damaged"
    return f"{given} is nobody of catalogue/people"


def _known(graph: Graph, given: str) -> tuple[str, ...]:
    """The persons of the catalogue who may be meant, each once."""
    if given in graph.all("person"):
        return (given,)
    with_mail = _WITH_MAIL.fullmatch(given)
    mail = with_mail[1] if with_mail else given.strip()
    if "@" in mail.lstrip("@"):
        return graph.once(_by_mail).get(mail.lower(), ())
    return graph.once(_by_name).get(_plain(mail.removeprefix("@")), ())


def _as_given(given: str) -> str:
    return given.lower() if "@" in given else given


def _plain(name: str) -> str:
    """A name as it is compared: whatever the letters' case, its spaces, and how its accents are put together."""
    from unicodedata import normalize

    return " ".join(normalize("NFKC", name).casefold().split())


def _by_mail(graph: Graph) -> Mapping[str, tuple[str, ...]]:
    """Everybody by their addresses; that two have one is TEAM008."""
    found: dict[str, tuple[str, ...]] = {}
    people: Mapping[str, Entry[Person]] = graph.all("person")
    for name, entry in people.items():
        for mail in entry.value.emails:
            known = found.get(mail.lower(), ())
            found[mail.lower()] = known if name in known else (*known, name)
    return found


def _by_name(graph: Graph) -> Mapping[str, tuple[str, ...]]:
    """Everybody by the name that people write, and by the record's, each as it is compared."""
    found: dict[str, tuple[str, ...]] = {}
    people: Mapping[str, Entry[Person]] = graph.all("person")
    for name, entry in people.items():
        for key in {_plain(name), _plain(entry.value.name)}:
            found[key] = (*found.get(key, ()), name)
    return found

"""Where everything stands in the site, and how one page points to another. A link never leads to what is not there."""

import re
from posixpath import dirname, normpath, relpath
from typing import NamedTuple
from urllib.parse import quote, unquote

from svcops.portal.words import Link
from svcops.store.graph import Graph

_FOLDERS = {"service": "services", "runbook": "runbooks", "incident": "incidents", "postmortem": "postmortems"}
"""The kinds of which every record has a page."""

_OUTSIDE = re.compile(r"(?:https?://[^\s/]|mailto:[^\s@]+@|tel:\+?[0-9])[^\s\"'<>\\`]*", re.IGNORECASE)
_TELEPHONE = re.compile(r"\+?[0-9][0-9 ()/.-]{2,}")
_MAIL = re.compile(r"[^\s@:/?&%]+@[^\s@:/?&%]+")


class Place(NamedTuple):
    """Where something stands in the site: a page, from the site's root, and perhaps an anchor in it."""

    page: str
    fragment: str = ""


def anchor(kind: str, name: str) -> str:
    """The id of a record inside a page: of characters that no address needs to escape."""
    safe = "".join(char if char.isascii() and (char.isalnum() or char in ".-") else f"_{ord(char):x}" for char in name)
    return f"{kind}-{safe}"


def outside(url: str) -> str:
    """An address outside the site as it may stand in a page, or nothing: only the web, mail and telephone."""
    return url if _OUTSIDE.fullmatch(url) else ""


def contact(address: str) -> Link:
    """A way to reach somebody, as a link where it is an address that a browser can follow."""
    if _MAIL.fullmatch(address):
        return Link(address, f"mailto:{address}")
    if _TELEPHONE.fullmatch(address):
        return Link(address, "tel:" + re.sub(r"[^0-9+]", "", address))
    return Link(address, outside(address))


def nowhere(graph: Graph, name: str, *kinds: str) -> str:
    """The text for a name that leads to no readable record of these kinds: why it does not."""
    damaged = any(name in graph.paths(kind).values() for kind in kinds)
    return f"{name} (its file is damaged)" if damaged else f"{name} (no such {' or '.join(kinds)})"


class Addresses:
    """The pages of a store's site, by record and by the path of the record's file."""

    def __init__(self, graph: Graph) -> None:
        places: dict[tuple[str, str], Place] = {}
        paths: dict[str, Place] = {"svcops.yaml": Place("index.html")}
        for kind, folder in _FOLDERS.items():
            for name, entry in graph.all(kind).items():
                places[kind, name] = paths[entry.path] = Place(f"{folder}/{name}.html")
        for kind in ("team", "person"):
            for name, entry in graph.all(kind).items():
                places[kind, name] = paths[entry.path] = Place("teams.html", anchor(kind, name))
        for name, entry in graph.all("slo").items():
            if name.startswith("SLO/"):
                places["slo", name] = Place("index.html", anchor("slo", name.removeprefix("SLO/")))
                paths[entry.path] = Place("index.html", "slos")
        self._places = places
        self._paths = paths

    def of(self, kind: str, name: str) -> Place | None:
        """Where a record stands; None where it has no place."""
        return self._places.get((kind, name))

    def of_path(self, path: str) -> Place | None:
        """Where a file of the store is shown; None where it is not."""
        return self._paths.get(path)

    def here(self, kind: str, name: str) -> "Here":
        """The page of a record that has one of its own."""
        return Here(self._places[kind, name].page, self)


class Here:
    """A page, as the place from which links lead to others."""

    def __init__(self, path: str, addresses: Addresses) -> None:
        self.path = path
        self.addresses = addresses

    @property
    def root(self) -> str:
        """The way up to the site's root, with a last slash; nothing on its top pages."""
        return "../" * self.path.count("/")

    def to(self, page: str, fragment: str = "") -> str:
        """The relative address of a page that is given from the site's root, and perhaps of an anchor in it."""
        at = f"#{quote(fragment)}" if fragment else ""
        return at if at and page == self.path else quote(relpath(page, dirname(self.path) or ".")) + at

    def link(self, kind: str, name: str, text: str = "") -> Link:
        """A link to a record, or its text where it has no page."""
        place = self.addresses.of(kind, name)
        return Link(text or name, self.to(*place) if place else "")

    def answering(self, graph: Graph, name: str) -> Link:
        """A link to the team or person of that name."""
        team, person = graph.all("team").get(name), graph.all("person").get(name)
        if team:
            return self.link("team", name, team.value.title)
        return self.link("person", name, person.value.name) if person else Link(nowhere(graph, name, "team", "person"))

    def who(self, graph: Graph, by: str) -> Link:
        """Whoever did something: a person of the catalogue, or what the record says."""
        person = graph.all("person").get(by)
        return self.link("person", by, person.value.name) if person else Link(by)

    def service(self, graph: Graph, name: str) -> Link:
        """A link to a service by its title."""
        entry = graph.all("service").get(name)
        return self.link("service", name, entry.value.title) if entry else Link(nowhere(graph, name, "service"))


def in_store(source: str, href: str) -> tuple[str, str] | None:
    """Which file of the store a relative link in the file `source` means, and its fragment; None where it leads out."""
    path, _, fragment = href.partition("#")
    if re.match(r"[A-Za-z][A-Za-z0-9+.-]*:|/|\\", path) or "?" in path:
        return None
    target = normpath(f"{dirname(source)}/{unquote(path)}") if path else source
    return None if target.startswith("..") else (target.removeprefix("./"), unquote(fragment))

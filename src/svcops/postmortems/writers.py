"""Who wrote post-mortems: everybody whose commit touched the file, with the co-authors that commits name."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from svcops.incidents.closing import authors_of
from svcops.store.frozen import frozen
from svcops.trust.facts import Authors, wrote

if TYPE_CHECKING:
    from svcops.postmortems.model import Postmortem
    from svcops.store.entries import Entry
    from svcops.store.opening import Store


@frozen
class Writers:
    """Who wrote a post-mortem, as persons of the catalogue or mail addresses.

    `unknown` says why git's history does not tell; there is only the author that the front matter names then.
    """

    people: frozenset[str]
    authors: Authors
    """The same for each approval that there is."""
    unknown: str = ""


def writers_of(store: "Store", entries: "Sequence[Entry[Postmortem]]") -> Mapping[str, Writers]:
    """Who wrote each of these, by path."""
    found = {}
    for one in entries:
        authors = authors_of(store.graph, one)
        found[one.path] = Writers(wrote(store.graph, authors.everybody), authors, _unknown(store))
    return found


def _unknown(store: "Store") -> str:
    """Why git's history does not tell; before the first commit there is nothing to tell."""
    if not store.history.unknown or (store.git_dir and store.git.head() is None):
        return ""
    return f"{store.history.unknown}: who wrote it cannot be known"

"""Who wrote post-mortems: everybody whose commit touched the file, with the co-authors that commits name."""

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from svcops.errors import NotDone, NotEnoughData
from svcops.store.frozen import frozen

if TYPE_CHECKING:
    from svcops.postmortems.model import Postmortem
    from svcops.store.entries import Entry
    from svcops.store.opening import Store

_CO_AUTHOR = re.compile(r"^Co-authored-by:[^<\n]*<([^>\n]+)>", re.MULTILINE | re.IGNORECASE)


@frozen
class Writers:
    """Who wrote a post-mortem, as persons of the catalogue or mail addresses.

    `unknown` says why git's history does not tell; there is only the author that the front matter names then.
    """

    people: frozenset[str]
    unknown: str = ""


def writers_of(store: "Store", entries: "Sequence[Entry[Postmortem]]") -> Mapping[str, Writers]:
    """Who wrote each of these, by path. One call of git, however many they are."""
    own = {one.path: frozenset({store.person_of(one.value.author)}) for one in entries}
    try:
        found = _from_history(store, list(own)) if own else {}
    except (NotDone, NotEnoughData) as error:
        return {path: Writers(people, error.message) for path, people in own.items()}
    return {path: Writers(people | found.get(path, frozenset())) for path, people in own.items()}


def _from_history(store: "Store", paths: list[str]) -> Mapping[str, frozenset[str]]:
    if store.git.run("rev-parse", "--is-shallow-repository").stdout.strip() == b"true":
        raise NotEnoughData("this is a shallow clone: who wrote it cannot be known", help="git fetch --unshallow")
    if store.git.head() is None:
        return {}
    asked = paths if len(paths) == 1 else ["postmortems"]
    shape = "--format=%x01%ae%n%B%x02"
    # -c: of a merge, the files that are like neither side, which is what somebody wrote there
    text = store.git.text("log", shape, "-c", "--name-only", "-z", "--relative", "HEAD", "--", *asked)
    found: dict[str, set[str]] = {}
    for commit in text.split("\x01")[1:]:
        about, _, names = commit.partition("\x02")
        mail, _, message = about.partition("\n")
        people = {store.person_of(one.strip()) for one in (mail, *_CO_AUTHOR.findall(message)) if one.strip()}
        for name in filter(None, (one.strip("\n") for one in names.split("\0"))):
            found.setdefault(name, set()).update(people)
    return {path: frozenset(people) for path, people in found.items()}

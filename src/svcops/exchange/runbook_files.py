"""Runbooks as other collections keep them: folders of Markdown, with front matter or without. Files in, values out.

The title is that of the front matter, else the first heading, else the file's name. A page that is called like an alert
(KubeAPIDown) answers it: so the common collections name theirs (https://runbooks.prometheus-operator.dev).
"""

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from os.path import commonprefix
from pathlib import Path
from posixpath import dirname, join, normpath
from typing import Any
from urllib.parse import quote, unquote

from svcops.checking.model import At, Finding
from svcops.errors import BadInput
from svcops.exchange.drafts import slug_of
from svcops.exchange.sources import MAX_BYTES, Input, Source, Unreadable, read_inputs
from svcops.runbooks.links import is_outside
from svcops.runbooks.model import Runbook
from svcops.runbooks.outline import Outline, outline_of
from svcops.store.documents import split_front_matter
from svcops.store.frozen import frozen
from svcops.store.validation import validate
from svcops.store.yaml_reading import compose, decode

SYSTEM = "runbook-file"
_ALERT = re.compile(r"(?:[A-Z][a-z0-9]*){2,}[A-Za-z0-9_]*")
"""What the name of an alert looks like, by the convention of Prometheus: words of capitals, at least two."""
_TITLES, _ALERTS = ("title", "name"), ("alerts", "alert")
_KEPT = ("kind", "services", "owner", "preconditions", "estimated", "secrets")
_OF_A_FOLDER = ("readme", "index", "_index")
"""Pages that are called by their folder; at the top of what was given they are about the collection."""
_NO_RUNBOOKS = ("license", "contributing", "changelog", "code_of_conduct")


@frozen
class Told:
    """A runbook as its file tells it, and under which name it comes here."""

    service: str
    """The service that it is for, whether there is one of that name or not."""
    name: str
    title: str
    alerts: tuple[str, ...]
    said: Mapping[str, Any]
    """What else its front matter says that a runbook has a key for, each of a form that it may have there."""
    left: tuple[str, ...]
    """Keys of its front matter that no runbook has, or not so."""
    body: str
    """Without the front matter, and with links that lead to where their pages come."""
    key: str
    """Its path below the folder that was given."""
    source: Source


@frozen
class _Page:
    """A file that was given: its key, and what is in it."""

    key: str
    file: Input
    front: Mapping[str, Any]
    body: str
    first_line: int
    """Of the file, on which the body begins."""
    outline: Outline


def files_below(place: Callable[[str], Path], names: Sequence[str]) -> dict[str, Input]:
    """The Markdown files of these names, and in folders of these names, by their path below them.

    BadInput where one cannot be read, a folder holds none, or two have the same path below theirs.
    """
    found: dict[str, str] = {}
    for key, name in _named(place, names):
        other = found.setdefault(key, name)
        if place(other).resolve() != place(name).resolve():
            raise BadInput(
                f"{other} and {name} are both {key}: one would take the place of the other",
                help="Name the folder above both, so that their paths tell them apart.",
            )
    return {key: read_inputs(place, [name])[0] for key, name in found.items()}


def _named(place: Callable[[str], Path], names: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Each file's path below what was given, and how it is named here."""
    for name in names:
        folder = place(name)
        if not folder.is_dir():
            yield Path(name).name, name
            continue
        below = sorted(one for one in folder.rglob("*.md") if _is_runbook(one, folder))
        if not below:
            raise BadInput(f"{name}: there is no Markdown file in it", help="Runbooks are read from files *.md.")
        for path in below:
            if not path.resolve().is_relative_to(folder.resolve()):
                raise BadInput(
                    f"{path.relative_to(folder.parent)} is a link that leads out of {name}",
                    help="Name the folder that it leads to, or take the link away.",
                )
            key = path.relative_to(folder).as_posix()
            yield key, f"{name.rstrip('/')}/{key}"


def services_of(files: Mapping[str, Input], known: Collection[str]) -> dict[str, str]:
    """The service of each page, by its key: that which a folder above it is called like, the nearest first.

    Where no service of the store is, the folder that tells it from other pages. BadInput where that tells nothing.
    """
    folders = {key: _folders(file.name) for key, file in files.items()}
    common = len(commonprefix(list(folders.values())))  # noqa: RUF071 - of lists it takes whole items
    found = {}
    for key, steps in folders.items():
        own = next((one for one in reversed(steps) if one in known), "")
        found[key] = own or next(iter(steps[common : common + 1] or steps[-1:]), "")
    nameless = next((files[key].name for key, service in found.items() if not service), None)
    one = set(found.values())
    if nameless is not None or (len(one) == 1 and one.isdisjoint(known)):
        of = nameless or next(iter(files.values())).name
        raise BadInput(f"{of}: no folder above it is called like a service", help="--service NAME says it for all.")
    return found


def _folders(name: str) -> list[str]:
    """The folders above a file, as services would be called."""
    return [slug for step in dirname(name).split("/") if (slug := slug_of(step))]


def read(files: Mapping[str, Input], services: Mapping[str, str]) -> list[Told]:
    """The runbooks of the files, for the services that each key of theirs has. Raises Unreadable with every place."""
    pages: list[_Page] = []
    faults: list[Finding] = []
    for key, file in files.items():
        try:
            pages.append(_page(key, file))
        except Unreadable as error:
            faults += error.findings
    if faults:
        raise Unreadable(faults)
    names = _names([one.key for one in pages])
    return [_told(one, names, services) for one in pages]


def _is_runbook(path: Path, folder: Path) -> bool:
    stem = path.stem.lower()
    return stem not in _NO_RUNBOOKS and not (stem in _OF_A_FOLDER and path.parent == folder)


def _page(key: str, file: Input) -> _Page:
    text, problem = decode(file.data, file.name, max_bytes=MAX_BYTES)
    if problem:
        raise Unreadable([problem])
    split = split_front_matter(text)
    if split is None:
        return _Page(key, file, {}, text, 1, outline_of(text))
    parsed = compose(split.front, file.name, first_line=2)
    front = parsed.documents[0] if parsed.documents else {}
    if parsed.findings or not isinstance(front, dict):
        raise Unreadable(parsed.findings or [Finding("SCHEMA003", "its front matter is no mapping", At(file.name))])
    return _Page(key, file, front, split.body, split.body_line, outline_of(split.body, split.body_line))


def _names(keys: Sequence[str]) -> dict[str, str]:
    """A name for each, by its key: the file's, with the folders above it where two would have the same."""
    found: dict[str, str] = {}
    for key in keys:
        steps = key.removesuffix(".md").split("/")
        if len(steps) > 1 and steps[-1].lower() in _OF_A_FOLDER:
            steps.pop()
        found[key] = next(
            (
                name
                for first in range(len(steps) - 1, -1, -1)
                if _is_free(name := slug_of("-".join(steps[first:])), found)
            ),
            "",
        )
    return found


def _is_free(name: str, found: Mapping[str, str]) -> bool:
    return bool(name) and name not in found.values()


def _told(page: _Page, names: Mapping[str, str], services: Mapping[str, str]) -> Told:
    stem = page.key.rpartition("/")[2].removesuffix(".md")
    headings = [one.title for one in page.outline.headings if one.level == 1 and one.title]
    called = next((page.front[key] for key in _TITLES if page.front.get(key)), None)
    title = " ".join(str(called or next(iter(headings), stem)).split())
    given: Any = next((page.front[key] for key in _ALERTS if page.front.get(key)), [])
    every = [given] if isinstance(given, str) else given if isinstance(given, list) else []
    alerts = [one for one in every if isinstance(one, str)]
    if not alerts and _ALERT.fullmatch(stem):
        alerts = [stem]
    said = dict(_said(page.front))
    taken = (*said, *_TITLES, *(_ALERTS if every or not given else ()))
    left = tuple(key for key in page.front if key not in taken)
    source = Source(page.file.name, 1)
    body = _relinked(page, names, services)
    return Told(services[page.key], names[page.key], title, tuple(alerts), said, left, body, page.key, source)


def _said(front: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """What a runbook may say so, each key on its own."""
    needed = {"title": "of a page", "kind": "operation", "services": []}
    for key in _KEPT:
        if front.get(key) is not None:
            record, wrong = validate(Runbook, {**needed, key: front[key]}, At(""))
            if not wrong:
                yield key, getattr(record, key)


def _relinked(page: _Page, names: Mapping[str, str], services: Mapping[str, str]) -> str:
    """The text, in which links to other pages that come lead to their names here, and all else is as it was."""
    lines = page.body.split("\n")
    for link in reversed(page.outline.links):
        path, hash_, anchor = link.to.partition("#")
        target = normpath(join(dirname(page.key), unquote(path)))
        if not path or is_outside(link.to) or target not in names:
            continue
        place = link.span.line - page.first_line
        line = lines[place]
        folder = "" if services[target] == services[page.key] else f"../{quote(services[target])}/"
        new = f"{folder}{quote(names[target])}.md{hash_}{anchor}"
        lines[place] = line[: link.span.column - 1] + new + line[link.span.end_column - 1 :]
    return "\n".join(lines)

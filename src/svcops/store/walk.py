"""The one walk through a store's folders: which file is a record of which kind, and what lies among them and is none.

It is the same for the work tree and for a revision; `Folders` is what it needs of either.
"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Protocol

from svcops.checking.model import At, Finding
from svcops.store.layout import (
    FOLDERS_OF_OTHERS,
    KINDS,
    NO_RECORD,
    SETTINGS,
    Place,
    is_record_folder,
    place_of,
    signed_by,
    top,
)

if TYPE_CHECKING:
    from svcops.store.forked import Forked

Listed = tuple[str, str]
"""A folder that holds nothing but records' files and folders: its signature, taken before it was listed, and the names;
those of files with slashes between, two slashes, and those of folders."""
Waiting = tuple[str, Place | None]
"""A folder that is to be looked at, and what the layout knows of it."""
_MANY = 2_000
"""Folders on one level from which a second process saves more than it costs."""
_ENDINGS_OF_COPIES = ("~", ".bak", ".orig", ".rej", ".tmp", ".swp")
_OTHER_ENDINGS = {".yaml": (".yml", ".yaml", ".json"), ".md": (".markdown", ".mdown", ".md")}
"""Endings that people give to files of the one that records have, in any letter case."""


_NONE: Mapping[str, Listed] = MappingProxyType({})


Start = Callable[[Callable[[], Any]], "Forked | None"]
"""What begins work in a second process (`svcops.store.forked`); None where there can be none."""


class Item(Protocol):
    """What a folder holds, as `os.DirEntry` tells of it; a symbolic link is no file and no folder but itself."""

    @property
    def name(self) -> str:
        """Its last name."""

    def is_dir(self, *, follow_symlinks: bool) -> bool:
        """Whether it is a folder."""

    def is_file(self, *, follow_symlinks: bool) -> bool:
        """Whether it is a plain file."""

    def is_symlink(self) -> bool:
        """Whether it is a symbolic link."""


class Folders(Protocol):
    """The folders of a store."""

    def items(self, folder: str) -> Iterable[Item]:
        """What a folder holds; OSError where it cannot be listed."""

    def signature_of(self, one: Item) -> str | None:
        """What tells whether that file changed, where that is known by its times."""

    def signatures_in(self, folder: str, names: Iterable[str]) -> list[str] | None:
        """The same of files in a folder, by their names; None where one of them is no plain file."""

    def signature_of_folder(self, path: str) -> str | None:
        """What tells whether the names in a folder changed, where that is known by its times."""

    def is_inside(self, path: str) -> bool:
        """Whether a path is no link, or a link to something of the store. Hidden folders, such as .git, are not."""

    def is_folder(self, path: str) -> bool:
        """Whether it is a folder, or a link to one inside the store."""


@dataclass(slots=True)
class Inventory:
    """Every record's file, by kind and in the order of paths, and what lies among them and is no record."""

    paths: dict[str, list[str]] = field(default_factory=lambda: {kind.name: [] for kind in KINDS})
    findings: list[Finding] = field(default_factory=list)
    signatures: dict[str, str] = field(default_factory=dict)
    """What tells whether a file changed, as it was seen on the way."""
    beside: list[str] = field(default_factory=list)
    """Signatures of records, which lie beside them, and files that are none of a record."""
    listed: dict[str, Listed] = field(default_factory=dict)
    """Folders that need not be listed again while their signature is the same; nothing in them was odd."""
    is_news: bool = False
    """Whether any of these had to be listed."""

    def add(self, other: "Inventory") -> None:
        """Put in what was found in other folders."""
        for name, paths in other.paths.items():
            self.paths[name] += paths
        self.findings += other.findings
        self.signatures |= other.signatures
        self.beside += other.beside
        self.listed |= other.listed
        self.is_news |= other.is_news


def first_folders() -> list[str]:
    """The first steps of the paths of records: folders, and the settings' file."""
    return list(dict.fromkeys(kind.pattern.partition("/")[0] for kind in KINDS))


def take(
    folders: Folders,
    only: Collection[str] | None = None,
    known: Mapping[str, Listed] = _NONE,
    start: Start | None = None,
) -> Inventory:
    """Everything at once. FILE003, FILE004, FILE005, FILE007, FILE008 for what is no record.

    With `only` some of the `first_folders`; what lies beside these goes with the settings. Folders that are `known`,
    and did not change since, are not listed again. Where there are many, `start` begins a second process for half.
    """
    only = first_folders() if only is None else only
    found = Inventory()
    try:
        items = folders.items("")
    except OSError as error:
        return Inventory(findings=[unreadable(".", error.strerror or str(error))])
    for one in items:
        if one.name in only:
            if one.name == SETTINGS:
                found.paths["settings"].append(SETTINGS)
            else:
                _first_folder(folders, one, found, known, start)
        elif is_record_folder(one.name) or one.name == SETTINGS or SETTINGS not in only:
            continue
        elif one.name in FOLDERS_OF_OTHERS:
            found.findings += [] if folders.is_inside(one.name) else [leaves(one.name)]
        elif folders.is_folder(one.name):
            found.findings += misspelt([one.name])
    for paths in found.paths.values():
        paths.sort()
    found.findings += _unknown(found)
    return found


def _first_folder(
    folders: Folders, one: Item, found: Inventory, known: Mapping[str, Listed], start: Start | None
) -> None:
    if one.is_dir(follow_symlinks=False):
        _below(folders, [(one.name, top().child(one.name))], found, known, start)
    elif not folders.is_inside(one.name):
        found.findings.append(leaves(one.name))
    elif folders.is_folder(one.name):
        found.findings.append(_folder_link(one.name))
    else:
        found.findings.append(unknown_place(one.name))


def _below(
    folders: Folders, waiting: list[Waiting], found: Inventory, known: Mapping[str, Listed], start: Start | None
) -> None:
    """Take what is in some folders, and in those below: level by level, as many on a level can be shared."""
    while waiting:
        if start and len(waiting) >= _MANY:
            _below_by_two(folders, waiting, found, known, start)
            return
        waiting = [one for below, place in waiting for one in _inside(folders, below, place, found, known)]


def _below_by_two(
    folders: Folders, waiting: list[Waiting], found: Inventory, known: Mapping[str, Listed], start: Start
) -> None:
    def half() -> Inventory:
        seen = Inventory()
        _below(folders, waiting[::2], seen, known, None)
        return seen

    second = start(half)
    try:
        _below(folders, waiting[1::2], found, known, None)
    except BaseException:
        if second:
            second.give_up()
        raise
    try:
        seen = second.result() if second else half()
    except BrokenPipeError:
        seen = half()
    found.add(seen)


def _inside(
    folders: Folders, below: str, place: Place | None, found: Inventory, known: Mapping[str, Listed]
) -> list[Waiting]:
    """Take the files of a folder; the folders in it."""
    signature = folders.signature_of_folder(below)
    as_it_was = known.get(below)
    if as_it_was and place and as_it_was[0] == signature:
        inside = _as_listed(folders, below, place, as_it_was[1], found)
        if inside is not None:
            found.listed[below] = as_it_was
            return inside
    return _list(folders, below, place, signature, found)


def _as_listed(folders: Folders, below: str, place: Place, names: str, found: Inventory) -> list[Waiting] | None:
    """Take the files of a folder that was listed before; the folders in it, or None where it has to be listed again."""
    files, _, inside = names.partition("//")
    if files:
        last = files.split("/")
        seen = folders.signatures_in(below, last)
        if seen is None:
            return None
        paths = [f"{below}/{name}" for name in last]
        found.signatures.update(zip(paths, seen, strict=True))
        if place.only and place.only.kind:
            found.paths[place.only.kind.name] += paths
        else:
            for name, path in zip(last, paths, strict=True):
                here = place.child(name)
                assert here, path
                assert here.kind, path
                found.paths[here.kind.name].append(path)
    return [(f"{below}/{name}", place.child(name)) for name in inside.split("/")] if inside else []


def _list(folders: Folders, below: str, place: Place | None, signature: str | None, found: Inventory) -> list[Waiting]:
    """List a folder and take its files; the folders in it."""
    try:
        items = folders.items(below)
    except OSError as error:
        found.findings.append(unreadable(below, error.strerror or str(error)))
        return []
    paths, signatures, signature_of = found.paths, found.signatures, folders.signature_of
    only, files, inside, is_plain = place.only if place else None, list[str](), list[Waiting](), True
    if only:
        items = _beside_the_records(folders, below, only, items, found, files)
    for one in items:
        name = one.name
        if name[0] == ".":
            continue
        path = f"{below}/{name}"
        here = place.child(name) if place else None
        if here is not None and here.kind and one.is_file(follow_symlinks=False):
            paths[here.kind.name].append(path)
            files.append(name)
            seen = signature_of(one)
            if seen:
                signatures[path] = seen
        elif one.is_dir(follow_symlinks=False) and not (here and here.kind):
            if not (here and here.holds_files):
                inside.append((path, here))
        else:
            is_plain = False
            _odd(folders, path, one, here, found)
    if is_plain and place and signature:
        names = "/".join(files) + "//" + "/".join([path.rpartition("/")[2] for path, _ in inside])
        found.listed[below] = (signature, names)
        found.is_news = True
    return inside


def _beside_the_records(
    folders: Folders, below: str, only: Place, items: Iterable[Item], found: Inventory, files: list[str]
) -> list[Item]:
    """Take the records of a folder in which there is one kind of them, quickly: their names are added to `files`.

    What else it holds is left.
    """
    assert only.kind
    ending, rest, signature_of, signatures = only.ending, list[Item](), folders.signature_of, found.signatures
    paths = found.paths[only.kind.name]
    for one in items:
        name = one.name
        if not name.endswith(ending) or name[0] in ".R" or name == ending or not one.is_file(follow_symlinks=False):
            rest.append(one)  # README.md among them
            continue
        path = f"{below}/{name}"
        paths.append(path)
        files.append(name)
        signature = signature_of(one)
        if signature:
            signatures[path] = signature
    return rest


def _odd(folders: Folders, path: str, one: Item, here: Place | None, found: Inventory) -> None:
    """What is neither a plain file in a record's place nor a folder above one."""
    is_folder, is_link, is_record = folders.is_folder(path), one.is_symlink(), bool(here and here.kind)
    if here is not None and here.kind and not is_folder:
        found.paths[here.kind.name].append(path)
    if is_link and not folders.is_inside(path):
        found.findings.append(leaves(path))
    elif not is_folder:
        if signed_by(path) or (one.name != NO_RECORD and not is_record):
            found.beside.append(path)
    elif is_link:
        found.findings.append(_folder_link(path))
    else:
        message = "a folder, where a record of that name is a file"
        found.findings.append(Finding("FILE004", message, At(path), "Rename the folder."))


def _unknown(found: Inventory) -> Iterator[Finding]:
    """FILE004, of every file that is none of a record, and every signature that lies beside none."""
    records = {path for paths in found.paths.values() for path in paths} if found.beside else set[str]()
    for path in found.beside:
        of = signed_by(path)
        if not of:
            yield unknown_place(path, records)
        elif of not in records:
            help_ = f"Bring {of} back from git's history, or take the signature away."
            yield Finding("FILE004", "a signature, and the record that it signs is not there", At(path), help_)


def unreadable(path: str, reason: str) -> Finding:
    """FILE005, with the operating system's words."""
    help_ = "Put a file here that may be read, or take it away."
    return Finding("FILE005", f"cannot be read: {reason}", At(path), help_)


def leaves(path: str) -> Finding:
    """FILE003, of a link that is not followed."""
    help_ = "Put the file itself here; a record is never read through a link that leaves the store."
    return Finding("FILE003", "a symbolic link that leaves the store", At(path), help_)


def _folder_link(path: str) -> Finding:
    message = "a symbolic link to a folder: the records behind it are read where they are, not here"
    return Finding("FILE007", message, At(path), "Take the link away.", severity="warning")


def misspelt(folders: Iterable[str]) -> Iterator[Finding]:
    """FILE008, of every first folder of a store that is likely meant to be one of the layout's."""
    from svcops.store.suggest import nearest

    known = [folder for folder in top().below if folder != SETTINGS]
    for name in sorted(folders):
        near = None if name in known or name in FOLDERS_OF_OTHERS or name.startswith(".") else nearest(name, known)
        if near:
            message = f"no folder of the layout, so the files in it are not read: {name}"
            help_ = f"Did you mean {near}? Any name that is less like it is yours."
            yield Finding("FILE008", message, At(name), help_, severity="warning")


def unknown_place(path: str, records: Collection[str] = ()) -> Finding:
    """FILE004, of a file among the records that is none, with what to do about it."""
    message = "not a record of any kind: this place or name is unknown"
    return Finding("FILE004", message, At(path), _renamed(path, records) or _elsewhere(path))


def _renamed(path: str, records: Collection[str]) -> str:
    """What to do about a copy that a tool left behind, or another ending; nothing where it is neither."""
    from svcops.store.ids import near_slug

    folder, _, name = path.rpartition("/")
    if name.lower().endswith(_ENDINGS_OF_COPIES):
        return "A copy that an editor or a merge left behind: delete it."
    stem = name.rpartition(".")[0] or name
    for ending in (".yaml", ".md"):
        if not (name.lower().endswith(_OTHER_ENDINGS[ending]) and place_of(f"{folder}/{stem}{ending}")):
            continue
        right = f"{near_slug(stem)}{ending}"
        if right == ending:
            return f"Rename it to NAME{ending}, where NAME is of lower-case letters and digits."
        taken = f"{folder}/{right}" in records
        return f"{right} is there already: keep one of the two." if taken else f"Rename it to {right}."
    return ""


def _elsewhere(path: str) -> str:
    """The nearest place that is one of the layout."""
    from svcops.store.suggest import nearest

    patterns = {one.pattern.rpartition("/")[0]: one.pattern for one in KINDS if one.pattern != SETTINGS}
    near = nearest(path.rpartition("/")[0], patterns)
    if not near:
        return "svcops explain FILE004 shows the layout of a store."
    return f"Did you mean {re.sub('{([a-z]+)}', lambda part: part[1].upper(), patterns[near])}?"

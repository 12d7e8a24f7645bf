"""Taking one's own last change back: by another commit, as history is only added to.

Only what nothing else rests on is taken back: no later change of the same files, nothing added since to what the change
began, no other record that names it.
"""

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from svcops.errors import NotDone, Refused
from svcops.store.change import Change, digest_of, listing_of
from svcops.store.declared import declared_of
from svcops.store.events import subject as subject_of
from svcops.store.frozen import frozen
from svcops.store.ids import tail
from svcops.store.layout import KINDS, kind_of_path
from svcops.store.remotes import Shared, between
from svcops.store.shape import Named, shape_of

if TYPE_CHECKING:
    from svcops.store.opening import Store

_TAKES_BACK = "Takes back commit "
_MARK = re.compile(rf"^{_TAKES_BACK}([0-9a-f]{{40,64}})\.$", re.MULTILINE)
_FEW = 5
_MANY = 200
"""Paths from which on git is asked about everything, as a command line has an end."""
_FOLDERS = {one.name for one in KINDS if one.pattern.count("/") > 2}
"""Kinds whose records are folders, or events in one."""
_INSTEAD = {
    "incident": 'svcops incident cancel {id} "OPENED IN ERROR" says that there was none.',
    "problem": 'svcops problem link {id} INCIDENT --not "OPENED IN ERROR" takes its incidents away.',
    "measure": 'svcops measure drop {id} --because "ADDED IN ERROR" says that nothing is to be done.',
    "postmortem": "Say in {path} what it is, and commit that.",
}
"""What to do with a record that was begun in error, where others have it already."""
_STAYS = {
    "evidence": 'svcops drill run PLAN --deviation "WHAT WAS WRONG WITH {id}" adds one that corrects it.',
    "exercise": 'svcops runbook run RUNBOOK --text "WHAT WAS WRONG WITH {id}" adds one that corrects it.',
}
"""What came of a drill or a run is never taken back, least of all where it failed: how it is corrected."""
_NOTED = "-notice-failed-"
"""In the name of an event that nobody recorded: svcops itself noted it in the background, for whoever typed before."""


@frozen
class Undoing:
    """What will be taken back: the commit, the change that does it, and whether others have that commit already."""

    commit: str
    subject: str
    at: datetime | None
    change: Change
    is_shared: bool


class NothingToUndo(Refused):
    """There is no change of whoever is typing."""

    def __init__(self, mails: Iterable[str]) -> None:
        super().__init__(
            f"there is no change here that svcops made for {', '.join(sorted(mails))}",
            help="git log shows who changed what; git revert takes back what was written by hand.",
        )


class RestsOnIt(Refused):
    """Something came since that rests on the change."""

    def __init__(self, told: str, what: str, since: Iterable[str], help: str) -> None:
        found = list(since)
        more = f" and {len(found) - _FEW} more" if len(found) > _FEW else ""
        super().__init__(f"{told!r} cannot be taken back: {what}: {', '.join(found[:_FEW])}{more}", help=help)


def last_of_mine(store: "Store") -> Undoing:
    """The last change on this branch that svcops made for whoever is typing, and how it is taken back.

    Raises NothingToUndo, RestsOnIt, or Refused where it took something back itself; NotDone where files of it have
    changes that are not committed.
    """
    mails = _mails(store)
    if store.git.head() is None:
        raise NothingToUndo(mails)
    found = _last_by(store, mails)
    body = store.git.text("log", "-1", "--no-show-signature", "--format=%b", found.commit)
    told = found.subject
    if _MARK.search(body):
        raise Refused(
            f"your last change took one back already: {told}",
            help=f"git revert {found.commit[:10]} brings that back; earlier ones: git revert COMMIT.",
        )
    parents = store.git.text("rev-list", "--parents", "--max-count=1", found.commit).split()[1:]
    if not parents:
        raise Refused(f"{told!r} is where the store begins", help="There is nothing before it.")
    before, after = (_files_of(store, revision, found.commit) for revision in (parents[0], found.commit))
    paths = sorted(before.keys() | after.keys())
    _refuse_what_stays(found, paths)
    _refuse_changed_since(store, found, after, paths)
    began = [path for path in paths if path not in before]
    is_shared = bool(store.git.text("for-each-ref", "--count=1", f"--contains={found.commit}", "refs/remotes"))
    if is_shared:
        _refuse_to_orphan(found, began)
    noted = _refuse_added_since(store, found, paths, began)
    _refuse_named(store, found, [*began, *noted])
    change = _change(store, found, parents[0], before, [*paths, *noted])
    return Undoing(found.commit, told, found.at, change, is_shared)


def _mails(store: "Store") -> set[str]:
    """Every mail address of whoever is typing."""
    mine = store.git.me().mail
    person = store.graph.all("person").get(store.person_of(mine))
    return {mine, *(mail.lower() for mail in (person.value.emails if person else ()))}


def _last_by(store: "Store", mails: set[str]) -> Shared:
    """The last commit of these addresses that names a record; git looks for the addresses as text.

    Merges are left out, and what was only noted in the background.
    """
    asked = [f"--author={mail}" for mail in sorted(mails)]
    sought = ("--fixed-strings", "--regexp-ignore-case", "--grep=Svcops-Record: ", "--no-merges")
    for number in ("--max-count=20", "--max-count=-1"):  # nearly always one of the first
        found = between(store.git, ["HEAD"], [], number, *asked, *sought)
        for one in reversed(found):
            if one.mail in mails and one.records and not _is_only_noted(store, one.commit):
                return one
    raise NothingToUndo(mails)


def _is_only_noted(store: "Store", commit: str) -> bool:
    """Whether nobody made a change, but svcops noted in the background what became of one."""
    listed = store.git.text("diff-tree", "--root", "--no-commit-id", "-r", "-z", "--name-only", commit).split("\0")
    paths = list(filter(None, listed))
    if not any(_NOTED in path for path in paths):
        return False
    prefix = store.git.text("rev-parse", "--show-prefix")
    return all(path.startswith(prefix) and _is_noted(path.removeprefix(prefix)) for path in paths)


def _is_noted(path: str) -> bool:
    place = kind_of_path(path)
    return place is not None and "owner" in place[1] and _NOTED in place[1]["name"]


def _files_of(store: "Store", revision: str, commit: str) -> Mapping[str, str]:
    """The paths that a commit changed, below the store, that a revision has: with their object ids there.

    Refused where the commit changed anything beside the store.
    """
    listed = store.git.text("diff-tree", "-r", "-z", "--no-renames", "--name-only", f"{commit}^", commit)
    prefix = store.git.text("rev-parse", "--show-prefix")
    paths = list(filter(None, listed.split("\0")))
    outside = [path for path in paths if not path.startswith(prefix)]
    if outside:
        raise Refused(f"that change is about more than this store: {outside[0]}", help=f"git revert {commit[:10]}")
    below = [path.removeprefix(prefix) for path in paths]
    tree = store.git.text("ls-tree", "-r", "-z", revision, "--", *(below if len(below) <= _MANY else ())).split("\0")
    ids = {line.partition("\t")[2]: line.split()[2] for line in tree if line}
    return {path: ids[path] for path in below if path in ids}


def _refuse_what_stays(found: Shared, paths: list[str]) -> None:
    """What was found out stays, whatever it is."""
    for path in paths:
        place = kind_of_path(path)
        if place and place[0].name in _STAYS:
            what = "drill" if place[0].name == "evidence" else "run"
            raise Refused(
                f"{found.subject!r} cannot be taken back: what came of a {what} stays, so that none is chosen",
                help=_STAYS[place[0].name].format(id=tail(place[1]["name"])),
            )


def _refuse_changed_since(store: "Store", found: Shared, after: Mapping[str, str], paths: list[str]) -> None:
    """Every file must stand at HEAD as the change left it, and hold nothing that is not committed."""
    now = _files_of(store, "HEAD", found.commit)
    moved = [path for path in paths if now.get(path) != after.get(path)]
    if moved:
        later = between(store.git, ["HEAD"], [found.commit], "--", *moved[:_MANY])
        told = [f"{one.subject} ({one.name}, {one.commit[:10]})" for one in later] or moved
        raise RestsOnIt(
            found.subject, "changed again since", told, f"Change it anew, or git revert {found.commit[:10]} by hand."
        )
    touched = store.git.uncommitted(paths)
    if touched:
        raise NotDone(
            f"{touched[0]} has changes that are not committed, and they would be lost",
            help=f"Commit them or take them back first: git restore --staged --worktree -- {touched[0]}",
        )


def _refuse_to_orphan(found: Shared, began: list[str]) -> None:
    """A record that others have may have got events, or an approval, in their clones: none is to be left without it."""
    for path in began:
        place = kind_of_path(path)
        if place and "owner" not in place[1] and place[0].name in _INSTEAD:
            name = place[1]["name"]
            raise Refused(
                f"{found.subject!r} cannot be taken back: others have {name} already, and may have added to it",
                help=_INSTEAD[place[0].name].format(id=tail(name), path=path),
            )


def _refuse_added_since(store: "Store", found: Shared, paths: list[str], began: list[str]) -> list[str]:
    """Nothing may have been added to a record that the change began, or that its event belongs to.

    What was noted in the background does not count. Gives those notes that have to go, as their record goes; one that
    is not committed as it stands would be lost, so that counts.
    """
    folders = {folder for path in paths if (folder := _folder_of(path))}
    goes = {_folder_of(path) for path in began if (place := kind_of_path(path)) and "owner" not in place[1]}
    standing = (one for folder in folders for one in (store.root / folder).rglob("*") if one.is_file())
    names = {one.relative_to(store.root).as_posix() for one in standing if not one.name.startswith(".")}
    added = names - _below(store, found.commit, folders)
    noted = {path for path in added if _is_noted(path)}
    along = {path for path in noted if _folder_of(path) in goes}
    if along:
        along &= _below(store, "HEAD", folders) - set(store.git.uncommitted(sorted(along)))
    since = sorted(path for path in added - along if path not in noted or _folder_of(path) in goes)
    if since:
        raise RestsOnIt(
            found.subject,
            "since then there came",
            since,
            "What others rest on is corrected, not taken back: "
            + (_correction(paths) or "an incident that was none with svcops incident cancel."),
        )
    return sorted(along)


def _correction(paths: list[str]) -> str:
    """How the one event of a change is corrected; nothing where the change is another."""
    place = kind_of_path(paths[0])
    if len(paths) > 1 or place is None or place[0].name not in ("incident-event", "problem-event"):
        return ""
    noun, record, name = place[0].name.removesuffix("-event"), tail(place[1]["owner"]), tail(place[1]["name"])
    if noun == "incident" and "-log-" in place[1]["name"]:
        return f'svcops incident log {record} "AS IT SHOULD BE" --corrects {name}'
    return f"the same command again for {record}, with --corrects {name} (svcops {noun} show {record} --events)."


def _below(store: "Store", revision: str, folders: AbstractSet[str]) -> set[str]:
    """The files that a revision has in these folders; with those of all others, where the folders are many."""
    asked = sorted(folders) if len(folders) <= _MANY else ()
    if not folders:
        return set()
    return set(store.git.text("ls-tree", "-r", "-z", "--name-only", revision, "--", *asked).split("\0"))


def _folder_of(path: str) -> str | None:
    """The folder of the record that a file belongs to; None where the record is one file."""
    found = kind_of_path(path)
    if found is None or found[0].name not in _FOLDERS:
        return None
    name = found[1].get("owner") or found[1]["name"]
    return path.partition(f"/{name}/")[0] + f"/{name}" if f"/{name}/" in path else None


def _refuse_named(store: "Store", found: Shared, began: list[str]) -> None:
    """No record that stays may name one that goes, or the path of one.

    git looks for the names as text, committed or not, and only the records that hold one are read.
    """
    gone = {(kind, name): path for path in began for kind, name in _record_at(store, path)}
    if not gone:
        return
    paths = set(gone.values())
    naming = _holding(store, paths) - set(began)
    held = _holding(store, {name for _, name in gone}) - set(began) - naming
    naming |= set(_naming(store, gone.keys(), held))
    if naming:
        raise RestsOnIt(
            found.subject, "these records name it", sorted(naming), "Change them first, or leave it and say so there."
        )


def _record_at(store: "Store", path: str) -> Iterator[tuple[str, str]]:
    """Kind and name of the record that others may name, of a file that holds one."""
    place = kind_of_path(path)
    if place and not place[0].many and "owner" not in place[1]:
        yield place[0].name, store.graph.paths(place[0].name).get(path, "")


def _holding(store: "Store", texts: AbstractSet[str]) -> set[str]:
    """The files of the work tree that hold one of these texts."""
    here = ("--untracked", "--no-recurse-submodules")  # git refuses both, which submodule.recurse would ask for
    sought = ("-l", "-z", "-I", "--no-color", "--no-full-name", *here, "--fixed-strings", "-f", "-")
    patterns = os.fsencode("\n".join(filter(None, texts)))
    listed = store.git.run("grep", *sought, "--", ".", stdin=patterns, accept=(0, 1)).stdout
    return set(filter(None, listed.decode("utf-8", "surrogateescape").split("\0")))


def _naming(store: "Store", gone: AbstractSet[tuple[str, str]], held: AbstractSet[str]) -> Iterator[str]:
    """Those of the paths whose records name one of those, which are kinds and names."""
    for kind in {place[0].name: place[0] for path in held if (place := kind_of_path(path))}.values():
        names = shape_of(declared_of(kind)).names
        for entry in store.graph.all(kind.name).values() if names else ():
            named: set[Named] = set()
            if names and entry.path in held:
                names(entry.value, named.add)
            if any((one.partition(":")[0], name) in gone for kinds, name in named for one in kinds):
                yield entry.path


def _change(store: "Store", found: Shared, parent: str, before: Mapping[str, str], paths: list[str]) -> Change:
    """The change that puts back what stood before, as the work tree has it: with its line ends."""
    files: dict[str, bytes | None] = {}
    digests = {}
    for path in paths:
        files[path] = _content(store, parent, path) if path in before else None
        with suppress(FileNotFoundError):
            digests[path] = digest_of((store.root / path).read_bytes())
    folders = sorted({folder for path in paths if (folder := path.rpartition("/")[0]) and _folder_of(path)})
    return Change(
        subject_of(f"Undo: {found.subject}"),
        files,
        digests,
        {folder: listing_of(store.root, folder) for folder in folders},
        found.records,
        f"{_TAKES_BACK}{found.commit}.",
    )


def _content(store: "Store", revision: str, path: str) -> bytes:
    prefix = store.git.text("rev-parse", "--show-prefix")
    return store.git.run("cat-file", "--filters", f"{revision}:{prefix}{path}").stdout


def sweep(root: Path, change: Change) -> None:
    """Remove the folders that a change left empty, as git does; the caller holds the store's lock."""
    for path in (path for path, data in change.files.items() if data is None):
        folder = os.path.dirname(path)
        with suppress(OSError):
            while folder:
                (root / folder).rmdir()
                folder = os.path.dirname(folder)

"""Whether any evidence is missing: what the trusted revision holds, and what git's history once held (decision 28).

The chain tells what one evidence names and is not there (`svcops.recovery.chain`). What no later one names is missed
only by who kept a revision of their own that had it.
"""

import re
from collections.abc import Collection, Iterator, Sequence
from shlex import quote
from typing import TYPE_CHECKING, Literal

from svcops.checking.model import At
from svcops.recovery.chain import breaks
from svcops.recovery.logs import is_log, logs_of
from svcops.recovery.model import Head
from svcops.store.frozen import frozen
from svcops.store.git import Git
from svcops.store.git_places import folder_of
from svcops.store.layout import SETTINGS, SIGNATURE
from svcops.terminal.session import printable
from svcops.trust.trusted import Trusted, object_id

if TYPE_CHECKING:
    from collections.abc import Mapping

    from svcops.recovery.model import Evidence
    from svcops.store.entries import Entry
    from svcops.store.file_history import FileHistory
    from svcops.store.graph import Graph
    from svcops.store.opening import Store
    from svcops.trust.model import Approval

KIND = "evidence"
RECORD = "evidence.yaml"
_FOLDER = "recovery/evidence/"
_OF = re.compile(rb"^of: (recovery/evidence/\S+)[ \t]*$", re.MULTILINE)
"""Of what an approval is, as svcops writes it."""


@frozen
class Gap:
    """What is missing, or is not what it was."""

    path: str
    """The file; empty where it is history itself."""
    why: str
    by: str = ""
    """The commit that took it away, where one did."""


@frozen
class Completeness:
    """Whether nothing is missing; `unknown` says why nobody can tell."""

    unknown: str
    gaps: tuple[Gap, ...]

    @property
    def standing(self) -> Literal["complete", "incomplete", "unknown"]:
        """What is known to be missing goes before what cannot be told."""
        return "incomplete" if self.gaps else "unknown" if self.unknown else "complete"


def completeness(store: "Store", pin: Trusted) -> Completeness:
    """Whether all evidence that is known of is here, as it was."""
    graph, history = store.graph, store.history
    gaps, elsewhere = _elsewhere(graph, pin.git)
    unknown = pin.unpinned or history.unknown or elsewhere
    if not pin.unpinned:
        rewritten = _rewritten(pin)
        if rewritten and history.unknown:
            unknown = f"whether {pin.name} is part of this history cannot be told: {history.unknown}"
        elif rewritten:
            gaps.append(Gap("", rewritten))
        gaps += _missing(graph, pin)
    told = {gap.path for gap in gaps}
    found = (*lost(graph, history), *_altered(graph, history), *_named(graph))
    gaps += [gap for gap in found if gap.path not in told]
    return Completeness(unknown, tuple(gaps))


def _elsewhere(graph: "Graph", git: "Git") -> tuple[list[Gap], str]:
    """Evidence that git knows elsewhere in the repository, where it is no more, as after a store was moved.

    The gaps: what is here of that id, and is not what it was. And why nobody can tell whether all is here: what is not
    may have been of this store, which stood there then, or of another one, as git does not say.
    """
    git = Git(git.root, git.env, more={**git.more, "GIT_LITERAL_PATHSPECS": "0"})
    own, pattern = folder_of(git.root) + _FOLDER, f":(top,glob)**/{_FOLDER}*/*/{RECORD}*"
    shape = ("--format=", "--raw", "--no-abbrev", "-z", "-m", "--no-renames", "--full-history")
    listed = iter(git.text("log", *shape, "HEAD", "--", pattern).split("\0"))
    blobs: dict[str, set[str]] = {}
    for about in listed:
        if about.strip("\n"):
            blobs.setdefault(next(listed), set()).add(about.split()[3])
    blobs = {path: ones for path, ones in blobs.items() if not path.startswith(own)}
    tree = _tree(git) if blobs else {}
    there = {path for path, ones in blobs.items() if tree.get(path) in ones and _store_of(path) in tree}
    gone = {path: f"{_FOLDER}{'/'.join(path.split('/')[-3:])}" for path in sorted(blobs.keys() - there)}
    here = frozenset(graph.files_of(KIND))
    gaps = [
        Gap(path, f"it is not as it was in {was}") for was, path in gone.items() if _is_other(graph, path, blobs[was])
    ]
    lost = [was for was, path in gone.items() if path.endswith(RECORD) and path not in here]
    if not lost:
        return gaps, ""
    shown = lost[0].encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    told = f"{shown} and {len(lost) - 1} more were" if len(lost) > 1 else f"{shown} was"
    how = f"git log --full-history -- {quote(f':/{shown}')}"
    return gaps, printable(f"{told} taken away, and this store may have been there: {how}")


def _tree(git: Git) -> dict[str, str]:
    """What HEAD has, by path: the object id."""
    listed = git.text("ls-tree", "-r", "-z", "--full-tree", "HEAD").split("\0")
    return {path: about.split()[2] for about, _, path in (one.partition("\t") for one in listed if one)}


def _store_of(path: str) -> str:
    """The settings of the store that evidence is in."""
    return f"{path[: path.rindex(_FOLDER)]}{SETTINGS}"


def _is_other(graph: "Graph", path: str, blobs: set[str]) -> bool:
    """Whether evidence that is here had any other bytes, or a signature of it is here no more."""
    if path.endswith(SIGNATURE):
        return graph.tree.has(path.removesuffix(SIGNATURE)) and not graph.tree.has(path)
    data, problem = graph.tree.read(path) if graph.tree.has(path) else (b"", None)
    known = [one for one in blobs if one.strip("0")]
    return problem is None and bool(data) and any(object_id(data, like=one) != one for one in known)


def altered(graph: "Graph", history: "FileHistory", path: str) -> str:
    """The commit that first gave evidence other bytes than it was committed with; empty where it still has those.

    Empty, too, where nothing is known of its history. What no reader ever took for evidence may be mended.
    """
    data, problem = graph.tree.read(path)
    held = [one for one in history.of(path) if one.after]
    if not held or problem is not None or object_id(data, like=held[-1].after) == held[-1].after:
        return ""
    known = history.read({one.after for one in held})
    held = [one for one in held if _counted(graph, path, known.get(one.after))]
    if not held or object_id(data, like=held[-1].after) == held[-1].after:
        return ""
    later = [one.commit for one in held if one.after != held[-1].after]
    return later[-1] if later else held[-1].commit


def _counted(graph: "Graph", path: str, data: bytes | None) -> bool:
    """Whether bytes that stood at a path counted as evidence; so do those that are not known.

    No reader took for it what is no record, nor a copy of other evidence (EVD016) that is here under its own id.
    """
    from svcops.recovery.model import Evidence
    from svcops.store.documents import parse
    from svcops.store.validation import validate

    if data is None:
        return True
    parsed, name = parse(data, path), path.split("/")[-2]
    if parsed.findings or not parsed.documents:
        return False
    found: Evidence | None = validate(Evidence, parsed.documents[0], At(path))[0]
    return found is not None and (found.id in (None, name) or found.id not in graph.paths(KIND).values())


def _rewritten(pin: Trusted) -> str:
    """Why the history here is not one that goes on from the trusted revision; empty where it is."""
    asked = ("merge-base", "--is-ancestor")
    if not pin.git.run(*asked, pin.commit, "HEAD", accept=(0, 1)).returncode:
        return ""
    if not pin.git.run(*asked, "HEAD", pin.commit, accept=(0, 1)).returncode:
        return f"HEAD lies before {pin.name}, and what came since is not here: git merge --ff-only {pin.name}"
    apart = f"{pin.name} ({pin.commit[:10]}) is no ancestor of HEAD"
    if pin.git.run("merge-base", pin.commit, "HEAD", accept=(0, 1)).returncode:
        return f"{apart}: history was rewritten, or goes on from elsewhere"
    return f"{apart}: this branch lacks what came since (git merge {pin.name}), or history was rewritten"


def _missing(graph: "Graph", pin: Trusted) -> Iterator[Gap]:
    """What the trusted revision has of evidence, its signatures and approvals, and the work tree has not, or not so."""
    for path in pin.graph.files_of(KIND):
        gaps = [*_differs(graph, pin, path, KIND)]
        data, problem = pin.tree.read(path) if gaps else (b"", None)
        if gaps and _counted(graph, path, None if problem else data):
            yield from gaps
    for path in pin.graph.files_of("approval"):
        gaps = [*_differs(graph, pin, path, "approval")]
        if gaps and _is_of_evidence(pin, path):  # looked at last, as records are read for it
            yield from gaps


def _differs(graph: "Graph", pin: Trusted, record: str, kind: str) -> Iterator[Gap]:
    """The gaps of a record and its signature; where a link leads to, no record is."""
    is_here = record in graph.once(_files, kind)
    for path in (record, record + SIGNATURE):
        blob = pin.tree.blob(path)
        if blob is None:
            continue
        if not is_here or not graph.tree.has(path):
            yield Gap(path, f"{pin.name} has it, and it is not here")
            continue
        data, problem = graph.tree.read(path)
        if problem is not None or object_id(data, like=blob) != blob:
            yield Gap(path, f"{pin.name} has it with other bytes")


def _files(graph: "Graph", kind: str) -> frozenset[str]:
    return frozenset(graph.files_of(kind))


def _is_of_evidence(pin: Trusted, path: str) -> bool:
    approvals: Mapping[str, Entry[Approval]] = pin.graph.all("approval")
    return any(one.path == path and _is_ours(one.value.of) for one in approvals.values())


def _is_ours(path: str) -> bool:
    return path.startswith(_FOLDER)


def lost(graph: "Graph", history: "FileHistory") -> "Iterator[Gap]":
    """Evidence that was committed and is not here, as far as history goes; else which of its signature and logs.

    And approvals of evidence that is here, with their signatures.
    """
    ever = {path for path, _ in history.below(["recovery"]) if _is_ours(path)}
    here = set(graph.files_of(KIND))
    folders = {path.rpartition("/")[0] for path in here}
    for path in sorted(ever - here):
        steps = path.split("/")
        name, own = "/".join(steps[4:]), "/".join(steps[:4])
        is_of_one = name == RECORD + SIGNATURE or is_log(name)
        if name == RECORD:
            read = history.read(known := {one.after for one in history.of(path) if one.after})
            is_lost = any(_counted(graph, path, read.get(one)) for one in known)
        else:
            is_lost = own in folders and is_of_one and not graph.tree.has(path)
        if is_lost:
            yield _taken(history, path)
    yield from _lost_approvals(graph, history, here)


def _taken(history: "FileHistory", path: str) -> Gap:
    took = next((one.commit[:10] for one in history.of(path) if not one.after), "")
    return Gap(path, f"commit {took} took it away" if took else "it was committed, and is not here", took)


def _lost_approvals(graph: "Graph", history: "FileHistory", here: "Collection[str]") -> "Iterator[Gap]":
    ever = {path: touch.after for path, touch in history.below(["approvals"]) if not graph.tree.has(path)}
    records = {path.removesuffix(SIGNATURE) for path in ever}
    held = {path: graph.tree.read(path)[0] for path in records if path not in ever}
    read = history.read({ever[path] for path in records if path in ever})
    for path in sorted(ever):
        record = path.removesuffix(SIGNATURE)
        said = _OF.search(held.get(record) or read.get(ever.get(record, ""), b""))
        if said and said[1].decode("utf-8", "replace") in here:
            yield _taken(history, path)


def lost_heads(graph: "Graph", history: "FileHistory") -> tuple[Head, ...]:
    """Evidence that was committed and is not here, as the next evidence has to name it; what one names already is out.

    So what is taken away before others have it, as on a branch that is squashed, leaves a trace all the same.
    """
    from svcops.trust.facts import digest_text

    named = {head.id for entry in evidence_of(graph).values() for head in entry.value.after}
    gone = [gap.path for gap in lost(graph, history) if gap.path.endswith(f"/{RECORD}")]
    last = {path: next(one.after for one in history.of(path) if one.after) for path in gone}
    read = history.read(last.values())
    found = {path.split("/")[-2]: read.get(blob) for path, blob in last.items()}
    return tuple(Head(id=name, digest=digest_text(data)) for name, data in found.items() if data and name not in named)


def _named(graph: "Graph") -> "Iterator[Gap]":
    """Evidence that another names, and that is not there, or not so."""
    for entry in evidence_of(graph).values():
        for one in breaks(graph, entry):
            yield Gap(entry.path, one.why)


def _altered(graph: "Graph", history: "FileHistory") -> "Iterator[Gap]":
    """Evidence that was committed, and was changed since."""
    for path in graph.files_of(KIND):
        if commit := altered(graph, history, path):
            yield Gap(path, f"it was changed after it was committed: git log -p -- {path} ({commit[:10]})")


def uncommitted(store: "Store", entries: "Sequence[Entry[Evidence]]") -> list[str]:
    """The files of evidence, and of approvals, that are here and not in HEAD: nobody else has them."""
    if store.git.head() is None:
        return []
    own = {path for entry in entries for path in (entry.path, entry.path + SIGNATURE, *_logs(entry))}
    approvals: Mapping[str, Entry[Approval]] = store.graph.all("approval")
    of = {entry.path for entry in entries}
    own |= {path for one in approvals.values() if one.value.of in of for path in (one.path, one.path + SIGNATURE)}
    return store.git.lacking(sorted(path for path in own if store.graph.tree.has(path)))


def _logs(entry: "Entry[Evidence]") -> list[str]:
    return [log.path for log in logs_of(entry)]


def evidence_of(graph: "Graph") -> "Mapping[str, Entry[Evidence]]":
    """Every evidence that can be read, by id."""
    return graph.all(KIND)

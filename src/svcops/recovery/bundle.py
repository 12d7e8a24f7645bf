"""A folder that an auditor verifies without this software: the bytes, the signatures, the signers, a script."""

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from svcops.errors import BadInput, NotDone
from svcops.recovery.logs import logs_of
from svcops.store.layout import SIGNATURE
from svcops.store.people import who
from svcops.trust.signatures import REVOKED

if TYPE_CHECKING:
    from svcops.recovery.model import Evidence
    from svcops.recovery.verdicts import Verdict
    from svcops.store.entries import Entry
    from svcops.store.graph import Graph
    from svcops.trust.model import Approval
    from svcops.trust.trusted import Trusted

_WRITTEN = Path(__file__).with_name("bundled")
"""What goes with every bundle: an auditor reads it, and then runs the script."""
_MOST_SAID = 3


def bundle_files(
    graph: "Graph", pin: "Trusted", found: "Sequence[Verdict]", completeness: str
) -> dict[str, bytes | Path]:
    """The files of a bundle of evidence that stands, by path: bytes, or the file of the store to be copied.

    `completeness` says in words whether any evidence is missing here.
    """
    written = (_WRITTEN / "README.txt").read_text(encoding="utf-8")
    revoked = REVOKED if pin.trust.revoked is not None else f"/dev/null, as there is no {REVOKED},"
    readme = written.format(revision=f"{pin.name} ({pin.commit})", revoked=revoked, completeness=completeness)
    names = [one.entry.name for one in found]
    files: dict[str, bytes | Path] = {
        "README.txt": readme.encode("utf-8", "backslashreplace"),
        "verify.sh": _WRITTEN / "verify.sh",
        "signers": pin.trust.signers or b"",
        "revoked": pin.trust.revoked or b"",
        "evidence.list": "".join(f"{name}\n" for name in names).encode(),
    }
    for one in found:
        files |= {f"evidence/{one.entry.name}/{name}": held for name, held in _of(graph, one).items()}
        files |= _people(pin, one)
    return files


def write_bundle(folder: Path, files: Mapping[str, bytes | Path]) -> None:
    """Write a new folder, all of it or nothing; BadInput where something is there, NotDone where it cannot be."""
    import shutil
    from tempfile import mkdtemp

    if os.path.lexists(folder) and not (folder.is_dir() and not any(folder.iterdir())):
        raise BadInput(f"--output {folder}: it is there already", help="Name a folder that is not there yet.")
    made = Path()
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        made = Path(mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
        _fill(made, files)
        made.chmod(0o755)
        made.replace(folder)
    except BaseException as error:
        if made.name:
            shutil.rmtree(made, ignore_errors=True)
        if isinstance(error, OSError):
            raise NotDone(f"--output {folder}: it cannot be written: {error.strerror or error}") from None
        raise


def script_says(folder: Path) -> str:
    """What of a bundle does not hold by its own script and lists, in a line; empty where all does, or it cannot be run.

    It reads records in one form alone, and judges keys as of now.
    """
    import shutil
    import subprocess

    if not all(map(shutil.which, ("sh", "awk", "cut", "mktemp", "sha256sum", "ssh-keygen", "tr"))):
        return ""
    done = subprocess.run(["sh", folder / "verify.sh"], capture_output=True, check=False, stdin=subprocess.DEVNULL)
    if done.returncode != 1:  # all holds, or it did not come to an end
        return ""
    lines = [line.strip() for line in done.stdout.decode("utf-8", "replace").splitlines()]
    wrong = [line.removeprefix("NOT GOOD: ") for line in lines if line.startswith("NOT GOOD: ")]
    more = [f"and {len(wrong) - _MOST_SAID} more"] if len(wrong) > _MOST_SAID else []
    return "; ".join([*wrong[:_MOST_SAID], *more]) or f"exit code {done.returncode}"


def _fill(folder: Path, files: Mapping[str, bytes | Path]) -> None:
    import shutil

    for name, held in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(held, bytes):
            file.write_bytes(held)
        else:
            shutil.copyfile(held, file)
    sums = "".join(f"{_digest(folder / name)}  {name}\n" for name in sorted(files))
    (folder / "SHA256SUMS").write_text(sums, encoding="utf-8")


def _digest(file: Path) -> str:
    import hashlib

    with open(file, "rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _of(graph: "Graph", found: "Verdict") -> dict[str, bytes | Path]:
    """What belongs to one evidence, by its name in the folder of that."""
    entry, approval = found.entry, _approval(graph, found)
    return {
        **{log.name: graph.root / log.path for log in logs_of(entry)},
        "evidence.yaml": graph.tree.read(entry.path)[0],
        f"evidence.yaml{SIGNATURE}": graph.tree.read(entry.path + SIGNATURE)[0],
        "approval.yaml": graph.tree.read(approval.path)[0],
        f"approval.yaml{SIGNATURE}": graph.tree.read(approval.path + SIGNATURE)[0],
    }


def _approval(graph: "Graph", found: "Verdict") -> "Entry[Approval]":
    """The approval that counts."""
    approvals: Mapping[str, Entry[Approval]] = graph.all("approval")
    return approvals[found.approval.record]


def _people(pin: "Trusted", found: "Verdict") -> Iterator[tuple[str, bytes]]:
    """The records of who signed and who approved, as the trusted revision has them, or had."""
    one: Evidence = found.entry.value
    for by in filter(None, (one.by, found.approval.by, one.witness)):
        graph = pin.graph_of(by)
        person = graph.all("person").get(who(graph, by))
        if person is not None:
            yield f"people/{person.name}.yaml", graph.tree.read(person.path)[0]

"""svcops init: a store, empty or with the reference landscape."""

from pathlib import Path
from typing import Annotated

import svcops
from svcops.errors import DONE, BadInput
from svcops.store.change import Change
from svcops.store.layout import SETTINGS
from svcops.terminal.command import Argument, Context, Option, single
from svcops.terminal.session import Session

_FOLDERS = ("catalogue", "maintenance", "runbooks", "postmortems", "recovery/plans", "slo", "templates")
_ATTRIBUTES = """\
*.yaml text eol=lf
# Approvals and evidence are about exact bytes: git must not change line ends in them. The last line that fits counts.
/approvals/** -text
/postmortems/** -text
/recovery/evidence/** -text
/exercises/*/*/output/** -text
"""
_IGNORE = """\
# Exported samples are large and come from elsewhere; a report records the digest of what it read.
/metrics/*
!/metrics/README.md
# What recovery is practised on, and its copies.
/var/
/site/
/dashboard/
"""
_SETTINGS = """\
# What holds for the whole store. `svcops explain SCHEMA001` and `svcops check` help when a key is refused.
organisation: Your organisation
time_zone: UTC
severities:
  - name: sev1
    title: A core workflow does not work, for everybody
    major: true
  - name: sev2
    title: A core workflow is badly degraded, or fails for some
    major: true
  - name: sev3
    title: Part of a service is degraded; there is a way around
  - name: sev4
    title: A blemish, or a near miss
"""

_FIRST_RECORDS = (
    "catalogue/people/ada.yaml    name: Ada Example",
    "catalogue/teams/shop.yaml    title: Shop, members: [ada], and contacts",
    'svcops service new orders --title "Orders" --owner shop',
    "svcops check says what is missing; svcops schema shows every record",
)
"""What to write first into an empty store: each names what stands before it."""


def init(
    ctx: Context,
    folder: Annotated[str, Argument(metavar="[DIR]", help="Where; made if it is not there.")] = ".",
    example: Annotated[bool, Option("--example", help="Copy the reference landscape, a small business suite.")] = False,
) -> int:
    """Make a store: svcops.yaml, and what git must know, in a repository of its own or the one that is there."""
    from svcops.store.git import Git
    from svcops.store.git_places import git_dir_of
    from svcops.store.opening import Store

    session: Session = ctx.obj
    root = session.place(folder).resolve()
    if (root / SETTINGS).exists():
        raise BadInput(f"{root} is a store already", help="svcops check says how it stands.")
    files: dict[str, bytes | None] = {**(_landscape() if example else {SETTINGS: _SETTINGS.encode()})}
    files |= {".gitattributes": _ATTRIBUTES.encode(), ".gitignore": _IGNORE.encode()}
    _refuse_overwriting(root, files)
    above = next(one for one in (root, *root.parents) if one.is_dir())
    Git(above, session.env).me()
    root.mkdir(parents=True, exist_ok=True)
    if git_dir_of(root) is None:
        _git_init(root, session)
    store = Store(root, session.env, session.say)
    what = "the reference landscape" if example else "an empty store"
    written = store.apply(Change(f"Start {what}", files), commit=not session.options.no_commit)
    for path, data in (_samples() if example else {}).items():
        (root / path).parent.mkdir(exist_ok=True)
        (root / path).write_bytes(data)
    if example:
        from svcops.cli import practice

        practice.make(root)
    session.finish(written, str(root), "svcops.init/1", lambda: {"root": str(root)})
    if example:
        session.say("next: svcops check" if folder == "." else f"next: cd {folder} && svcops check")
        session.say("a recovery that is proved: svcops drill baseline document-archive-index, then drill harden")
    else:
        there = "" if folder == "." else f"cd {folder}, and "
        session.say(f"next: {there}write people first, then teams, then services from the bottom up")
        for line in _FIRST_RECORDS:
            session.say(f"  {line}")
    return DONE


def _landscape() -> dict[str, bytes]:
    """The records of the reference landscape."""
    return {SETTINGS: (_landscape_root() / SETTINGS).read_bytes(), **_files_below(*_FOLDERS, "metrics/README.md")}


def _samples() -> dict[str, bytes]:
    """The exported samples that the landscape ships; git ignores them in a store."""
    return {path: data for path, data in _files_below("metrics").items() if path != "metrics/README.md"}


def _files_below(*places: str) -> dict[str, bytes]:
    root = _landscape_root()
    found = [path for place in places for path in (root / place, *sorted((root / place).rglob("*"))) if path.is_file()]
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in found}


def _landscape_root() -> Path:
    """In the checkout that svcops is run from, or in the installed package."""
    package = Path(svcops.__file__).parent
    return package.parents[1] if (package.parents[1] / SETTINGS).is_file() else package / "landscape"


def _refuse_overwriting(root: Path, files: dict[str, bytes | None]) -> None:
    there = [path for path in files if (root / path).exists()]
    if there:
        raise BadInput(f"{root / there[0]} is there already", help="Name an empty folder: svcops init DIR.")


def _git_init(root: Path, session: Session) -> None:
    from svcops.store.git import Git

    git = Git(root, session.env)
    chosen = git.run("config", "--get", "init.defaultBranch", accept=(0, 1)).stdout.strip()
    git.run("init", "--quiet", *([] if chosen else ["--initial-branch=main"]))


app = single(init, name="init", examples="svcops init\nsvcops init --example ../ops")

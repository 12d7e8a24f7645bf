"""svcops undo: one's own last change, taken back by a commit."""

from typing import TYPE_CHECKING, Annotated, Any

from svcops.errors import DONE
from svcops.terminal.command import Context, Option, single
from svcops.terminal.session import Session

if TYPE_CHECKING:
    from svcops.store.undoing import Undoing


def undo(
    ctx: Context,
    dry_run: Annotated[bool, Option("--dry-run", help="Say what would be taken back, and leave it.")] = False,
) -> int:
    """Take your own last change back, by another commit: nothing goes out of the history.

    That is the last one that svcops made for you on this branch. It is refused where something rests on it: the same
    files changed since, something was added to the same record, another record names it, it began a record that others
    have by now. What came of a drill or a run stays.
    """
    from svcops.store.lock import Locked
    from svcops.store.undoing import last_of_mine, sweep
    from svcops.store.writing import settled

    session: Session = ctx.obj
    found = last_of_mine(session.store)
    if dry_run:
        _preview(session, found)
        return DONE
    written = session.apply(found.change)
    git_dir = session.store.git_dir
    assert git_dir, "there was a commit"
    try:
        with settled(root=session.store.root, git_dir=git_dir, env=session.env, say=session.say):
            sweep(session.store.root, found.change)
    except Locked:
        pass  # empty folders are no harm
    name = " ".join(found.change.records)
    session.finish(written, name, "svcops.undo/1", lambda: {"undone": _detail(found), "dry_run": False})
    session.say(f"taken back: {found.subject}")
    if found.is_shared:
        session.say("others have it already: svcops sync brings them this commit, too")
    return DONE


def _preview(session: Session, found: "Undoing") -> None:
    if session.options.json:
        session.show_json("svcops.undo/1", undone=_detail(found), dry_run=True, written=None)
        return
    if session.options.quiet:
        for name in found.change.records:
            session.show(name)
        return
    rows = [(path, "removed" if data is None else "as before") for path, data in sorted(found.change.files.items())]
    session.show_table(("FILE", "THEN"), rows)
    shared = ", which others have already" if found.is_shared else ""
    session.say(f"would take back {found.commit[:10]}{shared}: {found.subject}; nothing was changed")


def _detail(found: "Undoing") -> dict[str, Any]:
    return {
        "commit": found.commit,
        "subject": found.subject,
        "at": found.at.isoformat() if found.at else None,
        "records": list(found.change.records),
        "shared": found.is_shared,
        "files": [
            {"path": path, "then": "removed" if data is None else "as before"}
            for path, data in sorted(found.change.files.items())
        ],
    }


app = single(undo, name="undo", examples="svcops undo --dry-run\nsvcops undo")

"""svcops fmt."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from svcops.errors import ANSWER_IS_NO, BAD_INPUT, DONE, BadInput
from svcops.terminal.command import Argument, Context, Option, single
from svcops.terminal.session import Session

if TYPE_CHECKING:
    from svcops.checking.fmt import Formatted
    from svcops.store.graph import Graph

_MOST = 5
"""Files that are left alone and named one by one."""


def fmt(
    ctx: Context,
    paths: Annotated[list[str] | None, Argument(metavar="PATH", help="Files or folders; without any, all.")] = None,
    *,
    check: Annotated[bool, Option("--check", help="Write nothing; exit with 1 where a file would change.")] = False,
    diff: Annotated[bool, Option("--diff", help="Write nothing; show what would change.")] = False,
) -> int:
    """Put the keys of records in order: that of svcops schema. Comments stay with their keys, nothing else moves.

    Written to the work tree and never committed. Events, exercises, evidence, approvals and what an approval covers
    stay as they are. A damaged file is left alone and named: exit code 2.
    """
    from svcops.checking.fixing import change_of
    from svcops.checking.fmt import all_files, format_files

    session: Session = ctx.obj
    store = session.store_untouched if check or diff else session.store
    graph = store.graph
    wanted = _below(graph, session.place, paths) if paths else all_files(graph)
    done = format_files(graph, wanted)
    if done.changed and not (check or diff):
        store.apply(change_of(graph.tree, done.changed, "Put keys in order"), commit=False)
    _show(session, graph, done, writes=not (check or diff), diff=diff)
    if done.damaged:
        return BAD_INPUT
    return ANSWER_IS_NO if check and done.changed else DONE


def _below(graph: "Graph", place: Callable[[str], Path], paths: list[str]) -> list[str]:
    """The files of records that paths of the command line name, a folder for all that is in it."""
    from svcops.checking.fmt import all_files

    every, chosen = all_files(graph), set()
    for path in paths:
        full = place(path).resolve()
        if not full.is_relative_to(graph.root.resolve()):
            raise BadInput(f"{path} lies outside the store", help="Name files or folders of the store.")
        below = full.relative_to(graph.root.resolve()).as_posix()
        found = [one for one in every if below in (".", one) or one.startswith(f"{below}/")]
        if not found and not full.is_dir():
            what = "is no record whose keys are put in order" if full.exists() else "is not there"
            raise BadInput(f"{path} {what}", help="svcops schema lists the kinds of records, and where they lie.")
        chosen.update(found)
    return sorted(chosen)


def _show(session: Session, graph: "Graph", done: "Formatted", *, writes: bool, diff: bool) -> None:
    from svcops.checking.fixing import diffs
    from svcops.checking.formats.sources import printable
    from svcops.checking.patches import show_diff

    if session.options.json:
        session.show_json("svcops.fmt/1", **_as_json(done, writes=writes))
        return
    if diff:
        for one in diffs(graph.tree, done.changed):
            show_diff(session, one)
    else:
        for path in done.changed:
            session.show(printable(path))
    _say(session, done, writes=writes)


def _as_json(done: "Formatted", *, writes: bool) -> dict[str, Any]:
    left = [{"path": path, "reason": reason} for path, reason in sorted((done.damaged | done.kept).items())]
    return {"files": done.files, "changed": list(done.changed), "written": writes, "left": left}


def _say(session: Session, done: "Formatted", *, writes: bool) -> None:
    """What a person should know, on standard error."""
    number = len(done.changed)
    for path, reason in list(done.kept.items())[:_MOST]:
        session.say(f"left as it is: {path}, {reason}")
    for path, reason in list(done.damaged.items())[:_MOST]:
        session.warn(f"left alone, damaged: {path}: {reason}")
    if len(done.damaged) > _MOST:
        session.warn(f"and {len(done.damaged) - _MOST:,} more")
    if done.damaged:
        session.say("svcops check shows the places")
    in_order = done.files - len(done.damaged) - len(done.kept)
    if number and writes:
        session.say(f"wrote {_files(number)}, not committed: git diff shows what moved")
    elif number:
        session.say(f"{_files(number)} would change: svcops fmt")
    elif in_order == done.files:
        session.say(f"nothing to do: the keys of {_files(in_order)} are in order")
    elif in_order:
        session.say(f"the keys of the other {_files(in_order)} are in order")


def _files(number: int) -> str:
    return f"{number:,} file{'' if number == 1 else 's'}"


app = single(
    fmt,
    name="fmt",
    examples="svcops fmt\nsvcops fmt --check\nsvcops fmt --diff catalogue\nsvcops fmt runbooks/ledger/restore.md",
)

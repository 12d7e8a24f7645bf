"""svcops check, svcops explain."""

import re
from pathlib import Path
from typing import Annotated, Any

from typer import Argument, Context, Option

from svcops.errors import ANSWER_IS_NO, DONE, BadInput
from svcops.terminal.command import single
from svcops.terminal.session import Session

_FORMATS = ("text", "json", "github")
_FENCE_OF_A_FILE = re.compile(r"^(```\w+) +(\S.*)$", re.MULTILINE)
"""A fence that names its file, which a terminal would not show."""


def check(
    ctx: Context,
    format: Annotated[str, Option("--format", metavar="FORMAT", help="text, json or github.")] = "text",
) -> int:
    """Check every record of the store: form, names, references, and the rules of every room.

    Exit code 0 when there is no error, 1 when there is. Nothing is written to the work tree, no host is reached.
    """
    from svcops.checking.engine import check as run

    session: Session = ctx.obj
    chosen = "json" if session.options.json else format
    if chosen not in _FORMATS:
        raise BadInput(f"there is no format {chosen!r}", help=f"Formats: {', '.join(_FORMATS)}.")
    store = session.store_untouched
    outcome = run(store.graph, session.now())
    _show(session, outcome, chosen)
    return ANSWER_IS_NO if outcome.count("error") else DONE


def _show(session: Session, outcome: Any, chosen: str) -> None:
    from svcops.checking.formats import as_json, github, text

    store = session.store_untouched
    if session.options.quiet and chosen == "text":
        for one in outcome.findings:
            place = f":{one.span.line}:{one.span.column}" if one.span else ""
            session.show(f"{one.at.path}{place} {one.code}")
    elif chosen == "json":
        found = as_json.findings(outcome)
        counts = {severity: outcome.count(severity) for severity in ("error", "warning", "note")}
        session.show_json("svcops.findings/1", findings=found, counts=counts, records=outcome.records)
    elif chosen == "github":
        for line in github.render(outcome, _below_repository(store.root)):
            session.show(line)
    else:
        paint = text.coloured if session.use_color(session.stdout) else text.plain
        for block in text.render(outcome, store.graph.tree, paint):
            session.show(block, painted=True)


def _below_repository(root: Path) -> str:
    """The store's folder below the top of its work tree, with a last slash; nothing where it is the top itself."""
    top = next((folder for folder in (root, *root.parents) if (folder / ".git").exists()), root)
    return "" if top == root else f"{root.relative_to(top).as_posix()}/"


def explain(ctx: Context, code: Annotated[str, Argument(help="Such as REF001.")]) -> int:
    """Explain the code of a finding: what it means, a bad and a good example, what to do."""
    from svcops.checking.registry import page, rule

    session: Session = ctx.obj
    found = rule(code)
    text = page(code)
    if session.options.json:
        content = {"code": found.code, "title": found.title, "severity": found.severity, "page": text}
        session.show_json("svcops.rule/1", rule=content)
    elif session.is_terminal:
        from rich.console import Console
        from rich.markdown import Markdown

        shown = _FENCE_OF_A_FILE.sub(r"`\2`:\n\n\1", text)
        Console(file=session.stdout, no_color=not session.use_color(session.stdout)).print(Markdown(shown))
    else:
        session.show(text.rstrip())
    return DONE


check_app = single(check, name="check", examples="svcops check\nsvcops check --format github\nsvcops check --json")
explain_app = single(explain, name="explain", examples="svcops explain REF001")

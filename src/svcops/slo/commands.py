"""svcops slo ..."""

from typing import TYPE_CHECKING, Annotated

from typer import Argument, Context, Option

from svcops.errors import BadInput
from svcops.terminal.command import App
from svcops.terminal.session import Session
from svcops.timing.asking import moment

if TYPE_CHECKING:
    from svcops.slo.model import Document

app = App("Service levels, computed from exported metrics.")


@app.verb(
    "report",
    examples="""
svcops slo report
svcops slo report receipt-extraction --at 2026-11-23T00:00Z
svcops slo report --json
""",
)
def report(
    ctx: Context,
    names: Annotated[
        list[str] | None, Argument(metavar="[NAME]...", help="The SLOs; all of them without a name.")
    ] = None,
    at: Annotated[str, Option("--at", metavar="TIME", help="Where the windows end: -1h, 2026-11-23T00:00Z.")] = "now",
) -> int:
    """Report every SLO: target, level reached, error budget left.

    Exit code 0 when every target is met, 1 when one is missed, 4 when something is not known.
    """
    from svcops.slo.report import HEADINGS, rows, to_json
    from svcops.slo.report import report as work_out

    session: Session = ctx.obj
    documents = _documents(session, names or [])
    result = work_out(documents, moment(session, at, "--at"), session.store.root)
    if session.options.json:
        content = to_json(result)
        session.show_json(content.pop("schema"), **content)
        return result.exit_code
    session.show_table(HEADINGS, rows(result), empty="No SLOs: slo/ holds none.")
    for one in result.results:
        if one.reason:
            session.say(f"{one.question.name}: {one.reason}")
    return result.exit_code


def _documents(session: Session, names: list[str]) -> list[tuple[str, "Document"]]:
    """The OpenSLO documents of the store, of its SLOs only the named ones."""
    graph = session.store.graph
    entries = graph.all("slo")
    damaged = [one for one in graph.findings if one.at.path.startswith("slo/")]
    if damaged:
        raise BadInput(f"{damaged[0].at.path}: {damaged[0].message}", help="svcops check shows the place.")
    known = [name.removeprefix("SLO/") for name in entries if name.startswith("SLO/")]
    for name in names:
        if name not in known:
            from svcops.store.suggest import did_you_mean

            raise BadInput(f"there is no SLO {name!r}", help=did_you_mean(name, known) or f"SLOs: {', '.join(known)}.")
    wanted = {f"SLO/{name}" for name in names or known}
    return [(one.path, one.value) for name, one in entries.items() if not name.startswith("SLO/") or name in wanted]

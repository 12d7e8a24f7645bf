"""Writing runbooks."""

from svcops.runbooks.model import Kind, Runbook
from svcops.runbooks.sections import ASKED, REQUIRED
from svcops.store.change import Change
from svcops.store.events import subject
from svcops.store.recording import text_of


def new(name: str, title: str, kind: Kind, services: tuple[str, ...], alerts: tuple[str, ...]) -> Change:
    """Begin a runbook: the sections of its kind, each with what it has to answer as a comment that nobody is shown."""
    record = Runbook(title=title, kind=kind, services=services, alerts=alerts)
    sections = "\n".join(f"## {one}\n\n<!-- TODO: {ASKED[one]} -->\n" for one in (*REQUIRED[kind], "Escalation"))
    path = f"runbooks/{name}.md"
    return Change(
        subject(f"Begin the runbook {name}: {title}"),
        {path: f"---\n{text_of(record)}---\n\n{sections}".encode()},
        records=(name,),
    )

"""A runbook's front matter, whose steps are the Markdown below it; and exercises, what a run of one did."""

from typing import Literal

from svcops.store.model import OwnerRef, RunbookRef, ServiceRef, Text, record
from svcops.timing.model import Instant


@record
class Runbook:
    """What a runbook is for; the file's folder names the service it belongs to."""

    title: Text
    kind: Literal["operation", "recovery", "key-date"]
    services: tuple[ServiceRef, ...]
    owner: OwnerRef | None = None
    alerts: tuple[str, ...] = ()
    """Names of the alerts it answers."""


@record
class Exercise:
    """exercise.yaml: what a run of a runbook did. A runbook is as fresh as the last of them that passed."""

    runbook: RunbookRef
    """As SERVICE/NAME."""
    started_at: Instant
    ended_at: Instant
    by: Text
    result: Literal["passed", "failed", "aborted"]
    text: str = ""

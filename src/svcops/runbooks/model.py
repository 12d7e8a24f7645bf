"""A runbook's front matter; its steps are the Markdown below it."""

from typing import Literal

from svcops.store.model import OwnerRef, ServiceRef, Text, record


@record
class Runbook:
    """What a runbook is for; the file's folder names the service it belongs to."""

    title: Text
    kind: Literal["operation", "recovery", "key-date"]
    services: tuple[ServiceRef, ...]
    owner: OwnerRef | None = None
    alerts: tuple[str, ...] = ()
    """Names of the alerts it answers."""

"""Changes to the catalogue: each a value, applied by the store."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from svcops.catalogue.model import Maintenance, Planned, Service
from svcops.checking.model import KeyPath
from svcops.store.change import Change, digest_of
from svcops.store.entries import Entry
from svcops.store.events import Author, subject
from svcops.store.ids import new_id, tail, year_of
from svcops.store.recording import bytes_of, text_of
from svcops.timing.model import format_instant


def service_path(name: str) -> str:
    """Where a service of that name lies."""
    return f"catalogue/services/{name}.yaml"


def service_text(service: Service) -> str:
    """A service as a file of its own, its keys in the order of the model."""
    return text_of(service)


def new_service(name: str, data: bytes) -> Change:
    """A service that was not there before."""
    return Change(subject(f"Add service {name}"), {service_path(name): data}, records=(name,))


def edit_service(name: str, path: str, before: bytes, after: bytes, what: str) -> Change:
    """A service's file with other bytes; `what` says in a few words what was changed."""
    return Change(subject(f"Edit service {name}: {what}"), {path: after}, {path: digest_of(before)}, records=(name,))


def plan_maintenance(
    *, author: Author, title: str, services: Sequence[str], begin: datetime, end: datetime, reason: str
) -> tuple[str, Change]:
    """Plan a maintenance: its id, dated by when it begins, and the change that records it."""
    record_id = new_id("maintenance", begin, author.random_bytes)
    planned = Planned(from_=begin, until=end)
    record = Maintenance(title=title, services=tuple(services), reason=reason, planned=planned, by=author.by)
    path = f"maintenance/{year_of(record_id)}/{record_id}.yaml"
    line = subject(f"Plan maintenance {tail(record_id)}: {title}")
    return record_id, Change(line, {path: bytes_of(record)}, records=(record_id,))


def start_maintenance(entry: Entry[Maintenance], data: bytes, at: datetime) -> Change:
    """It began."""
    return _maintenance(entry, data, ("actual",), {"from": format_instant(at)}, "Start")


def end_maintenance(entry: Entry[Maintenance], data: bytes, at: datetime) -> Change:
    """It is over."""
    return _maintenance(entry, data, ("actual", "until"), format_instant(at), "End")


def cancel_maintenance(entry: Entry[Maintenance], data: bytes, reason: str) -> Change:
    """It does not take place."""
    return _maintenance(entry, data, ("cancelled",), reason, "Cancel")


def _maintenance(entry: Entry[Maintenance], data: bytes, keys: KeyPath, value: Any, verb: str) -> Change:
    from svcops.store.formatting import kept_in_order
    from svcops.store.yaml_editing import set_value

    before = data.decode()
    text = kept_in_order(before, set_value(before, keys, value, path=entry.path), Maintenance, entry.path)
    return Change(
        subject(f"{verb} maintenance {tail(entry.name)}: {entry.value.title}"),
        {entry.path: text.encode()},
        {entry.path: digest_of(data)},
        records=(entry.name,),
    )

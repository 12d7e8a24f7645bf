"""What happened elsewhere as events and files: times of recording and names come from the source alone.

So the same input gives the same bytes in every clone. `by` is the system: nobody of the catalogue wrote this.
"""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from typing import Any, cast

from svcops.exchange.drafts import NoRecord
from svcops.incidents.model import AnyEvent
from svcops.store.events import TICK, Author
from svcops.store.files import MAX_BYTES
from svcops.store.ids import derived_id
from svcops.store.yaml_writing import NotWritable, dump, plain_of

NO_MEASURE = "it is imported, and its measures are not told"
FIRST_YEAR = 1970
"""A time before it is no time, but what stands for `not known`: Go's zero time is in the year 1."""


def outside_id(kind: str, at: datetime, outside_key: str) -> str:
    """The id of what happened elsewhere (`derived_id`); NoRecord where its name there is no text."""
    try:
        return derived_id(kind, at, outside_key)
    except UnicodeEncodeError:  # half a character: JSON may escape one, and a file's name may be no UTF-8
        raise NoRecord("what it is called there has a character that no file can hold") from None


def event(made: type[Any], type_: str, at: datetime, by: str, **own: Any) -> AnyEvent:
    """An event with its `own` fields, not yet `recorded`."""
    return cast("AnyEvent", made(type=type_, at=at, recorded_at=at, by=by, **own))


def recorded(events: Sequence[AnyEvent], newest: datetime | None) -> list[AnyEvent]:
    """The events with their time of recording: when it happened, but after `newest` and after one another."""
    found = []
    for one in events:
        newest = one.at if newest is None or one.at > newest else newest + TICK
        found.append(replace(one, recorded_at=newest))
    return found


def event_file(outside_key: str, one: AnyEvent) -> tuple[str, str]:
    """Name and text of an event's file; NoRecord where it cannot be written.

    The name comes from what is outside and what it says: the same again is the same file, and something else that is
    told later, or in another clone, never the same file with other content.
    """
    text = text_of(one, f"its {one.type} of {one.at:%Y-%m-%d %H:%M}")
    digest = sha256(f"{outside_key}\n{text}".encode()).digest()
    author = Author(one.by, one.recorded_at, lambda number: digest[:number])
    return author.file_name(one.recorded_at, one.type), text


def remembered(record: Any, text: str | None = None) -> Any:
    """An imported record, and of a post-mortem its text, that knows by digests what is written of it now."""
    written = {key: value for key, value in plain_of(record).items() if key != "imported"} | {"text": text}
    said = {key: digest for key, value in written.items() if (digest := said_digest(value))}
    return replace(record, imported=replace(record.imported, said=said))


def said_digest(value: Any) -> str:
    """What stands for a value in `said`; empty for none. Line ends make no difference: git may convert them."""
    if value is None:
        return ""
    plain = value.replace("\r\n", "\n") if isinstance(value, str) else value
    return sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()[:16]


def text_of(record: Any, what: str) -> str:
    """A record as a file; NoRecord, which names it as `what`, where no file can hold it."""
    texts = (getattr(record, name, None) for name in ("text", "title", "reason"))
    if any(isinstance(text, str) and len(text) > MAX_BYTES for text in texts):
        raise NoRecord(_too_long(what))  # before it is written: that takes as long as it is
    try:
        text = dump(plain_of(record))
    except NotWritable as error:
        raise NoRecord(f"{what}: {error.message}") from None
    return limited(text, what)


def limited(text: str, what: str = "it") -> str:
    """The text of a file; NoRecord where it is more than a record may have."""
    if len(text.encode()) > MAX_BYTES:
        raise NoRecord(_too_long(what))
    return text


def _too_long(what: str) -> str:
    return f"{what} has more than the {MAX_BYTES:,} bytes that a record may have"

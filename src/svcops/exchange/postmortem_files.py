"""Post-mortems as other tools keep them: Markdown with front matter. Files in, plain values out.

There is no one format: the keys are those of common templates and collections. What stands for a time, a severity or
a service is read under any of its usual names; everything else is kept, and listed.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, tzinfo
from typing import Any

from svcops.checking.model import At, Finding, Span
from svcops.exchange.sources import MAX_BYTES, Input, Source, Unreadable
from svcops.store.documents import split_front_matter
from svcops.store.frozen import frozen
from svcops.store.yaml_reading import Places, compose, decode
from svcops.timing.model import parse_instant, with_offset

SYSTEM = "postmortem-file"

_TITLE = ("title", "name", "summary")
_STARTED = ("impact_started", "started_at", "start_time", "starttime", "started", "start")
_ENDED = ("resolved_at", "end_time", "endtime", "ended_at", "resolved", "end")
_DAY = ("incident_date", "date", "occurred_at", "created", "created_at")
_SEVERITY = ("severity", "sev", "priority")
_SERVICES = ("services", "service", "services_affected", "affected_services", "components", "systems")
_AUTHORS = ("authors", "author", "co_authors", "written_by")
_OWNER = ("owner",)
_URL = ("url", "link", "source")
_INCIDENT = ("incident", "incident_id", "incidents")
_HEADING = re.compile(r"^#[ \t]+(.+?)[ \t]*#*[ \t]*$", re.MULTILINE)
_WEB = re.compile(r"https?://\S+")
_COMMA = re.compile(",")
_BETWEEN = re.compile(r"[,;&]|\band\b")
"""What stands between people who are named in one text."""
_DATE = re.compile(r"\d{4}-\d\d-\d\d")


@frozen
class Told:
    """A post-mortem as its file tells it. Times are in UTC; `day` is its first moment where no more is known."""

    title: str
    url: str | None
    day: datetime
    started: datetime | None
    ended: datetime | None
    severity: str
    """As it is written there; empty where it is not."""
    services: tuple[str, ...]
    authors: tuple[str, ...]
    """Everybody who is named as who wrote it, each once; its owner where nobody is."""
    incident: str
    """The incident that it names; empty where it names none."""
    elsewhere: str
    """The same where it was found to be none of the store, so that another system's may be meant."""
    rest: Mapping[str, Any]
    """The front matter that has no place in a store."""
    body: str
    source: Source

    @property
    def key(self) -> str:
        """What it is called outside: its address, else its file, day and title; many are all called index.md."""
        return self.url or f"{self.source.file.rsplit('/', 1)[-1]} {self.day:%Y-%m-%d}: {self.title}"


def read(inputs: Sequence[Input], zone: tzinfo) -> list[Told]:
    """The post-mortems of the files; a day without a time is one of `zone`. Raises Unreadable with every place."""
    found: list[Told] = []
    faults: list[Finding] = []
    for file in inputs:
        try:
            found.append(_told(file, zone))
        except Unreadable as error:
            faults += error.findings
    if faults:
        raise Unreadable(faults)
    return found


@frozen
class _Front:
    """Front matter that is taken apart, key by key; `left` holds what nobody asked for."""

    file: str
    left: dict[str, Any]
    places: Places

    def take(self, keys: Sequence[str]) -> tuple[str, Any]:
        """The first of the keys that says something, and its value, which is taken out; two empty texts without one."""
        for written in list(self.left):
            key = re.sub(r"[ -]", "_", written.lower())
            if key in keys and self.left[written] not in (None, "", []):
                return written, self.left.pop(written)
        return "", ""

    def fault(self, key: str, message: str) -> Unreadable:
        """That a value is not what it should be."""
        span = self.places.values.get((0, key), Span(1, 1, 1, 1))
        return Unreadable([Finding("YAML001", f"{key}: {message}", At(self.file), span=span)])

    def text(self, keys: Sequence[str]) -> str:
        """One line of text, or a number as text."""
        key, value = self.take(keys)
        if isinstance(value, list | dict | bool):
            raise self.fault(key, "is no text")
        return " ".join(str(value).split())

    def texts(self, keys: Sequence[str], between: re.Pattern[str] = _COMMA) -> list[str]:
        """Texts, whether it is a list or one text with commas, or what else stands between them."""
        key, value = self.take(keys)
        items = value if isinstance(value, list) else between.split(str(value))
        if not all(isinstance(item, str | int) and not isinstance(item, bool) for item in items):
            raise self.fault(key, "is no list of texts")
        return [text for item in items if (text := " ".join(str(item).split()))]

    def moment(self, keys: Sequence[str], zone: tzinfo) -> tuple[datetime | None, bool]:
        """A time, and whether it is one, or only a day: then it is the first moment of it in `zone`."""
        key, value = self.take(keys)
        text = str(value).strip()
        if not text:
            return None, False
        try:
            if _DATE.fullmatch(text):
                day = datetime.combine(date.fromisoformat(text), time(), zone)
                return with_offset(day, zone), False  # in its zone, so that its id has that day
            moment = parse_instant(text).astimezone(UTC)
        except OverflowError:  # the first or the last day of all, in a zone east or west
            raise self.fault(key, f"{text}: a time outside the years 1 to 9999") from None
        except ValueError as error:
            raise self.fault(key, f"{text[:40]}: {error}") from None
        return moment.replace(microsecond=moment.microsecond // 1000 * 1000), True


def _told(file: Input, zone: tzinfo) -> Told:
    front, body = _taken_apart(file)
    started, is_moment = front.moment(_STARTED, zone)
    ended, is_end = front.moment(_ENDED, zone)
    day, has_time = front.moment(_DAY, zone)
    first = started or day or ended
    if first is None:
        raise Unreadable([Finding("YAML001", "no date: date, or start_time", At(file.name), span=Span(1, 1, 1, 1))])
    if started is None and has_time:
        started, is_moment = day, True
    heading = _HEADING.search(body)
    title = front.text(_TITLE) or (heading[1] if heading else "")
    if not title:
        message = "no title: title, or a heading in the text"
        raise Unreadable([Finding("YAML001", message, At(file.name), span=Span(1, 1, 1, 1))])
    authors = [name for key in _AUTHORS for name in front.texts((key,), _BETWEEN)] or front.texts(_OWNER, _BETWEEN)
    services, incidents = front.texts(_SERVICES), front.texts(_INCIDENT)
    if len(incidents) > 1:
        front.left["incidents"] = incidents[1:]
    url = front.text(_URL)
    if url and not _WEB.fullmatch(url):
        front.left["source"] = url
        url = ""
    return Told(
        title=title,
        url=url or None,
        day=first,
        started=started if is_moment else None,
        ended=ended if is_end else None,
        severity=front.text(_SEVERITY),
        services=tuple(dict.fromkeys(services)),
        authors=tuple(dict.fromkeys(authors)),
        incident=incidents[0] if incidents else "",
        elsewhere="",
        rest={key: value for key, value in front.left.items() if value not in (None, "", [], {})},
        body=body,
        source=Source(file.name, 1),
    )


def _taken_apart(file: Input) -> tuple[_Front, str]:
    """Front matter and text of a file; Unreadable where it has none, or it is no mapping of texts."""
    text, problem = decode(file.data, file.name, max_bytes=MAX_BYTES)
    if problem:
        raise Unreadable([problem])
    split = split_front_matter(text)
    if split is None:
        message = "no front matter: its fields stand at the very top, between two lines ---"
        raise Unreadable([Finding("YAML001", message, At(file.name), span=Span(1, 1, 1, 1))])
    parsed = compose(split.front, file.name, first_line=2, locate=True)
    if parsed.findings:
        raise Unreadable(parsed.findings)
    plain = parsed.documents[0]
    if not isinstance(plain, dict) or not all(isinstance(key, str) for key in plain):
        raise Unreadable(
            [
                Finding(
                    "YAML001", "the front matter is no mapping of keys to values", At(file.name), span=Span(2, 1, 2, 1)
                )
            ]
        )
    return _Front(file.name, dict(plain), parsed.places), split.body

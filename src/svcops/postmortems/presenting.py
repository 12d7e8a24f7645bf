"""Post-mortems as a person, or a program, sees them."""

from collections.abc import Iterator, Sequence
from datetime import date, tzinfo
from typing import Any

from svcops.checking.model import Finding
from svcops.incidents.facts import is_major
from svcops.postmortems.due import Due
from svcops.postmortems.standing import Standing
from svcops.store.graph import Graph
from svcops.store.ids import tail
from svcops.store.people import who
from svcops.timing.model import format_instant
from svcops.timing.wall import in_zone
from svcops.trust.facts import Judged

COLUMNS = ("id", "status", "due", "author", "moderator", "title")


def row(one: Standing, today: date) -> tuple[str, ...]:
    """One line of a list."""
    record = one.entry.value
    due = f"{one.due}{' overdue' if one.is_overdue(today) else ''}" if one.due else ""
    return (one.entry.name, one.status, due, record.author, record.moderator or "", record.title)


def row_of_none(one: Due, today: date) -> tuple[str, ...]:
    """One line for a post-mortem that nobody has started, or that is damaged: by its incident's id."""
    due = f"{one.day}{' overdue' if one.is_overdue(today) and not one.damaged else ''}"
    return (one.state.id, _status(one), due, "", "", one.state.incident.title)


def _status(one: Due) -> str:
    return "damaged" if one.damaged else "not started"


def summary(one: Standing, today: date) -> dict[str, Any]:
    """A post-mortem in a JSON list."""
    record = one.entry.value
    return {
        "id": one.entry.name,
        "title": record.title,
        "status": one.status,
        "incidents": list(record.incidents),
        "author": record.author,
        "co_authors": list(record.co_authors),
        "moderator": record.moderator,
        "started_at": format_instant(record.started_at),
        "due": one.due.isoformat() if one.due else None,
        "overdue": one.is_overdue(today),
        "path": one.entry.path,
    }


def summary_of_none(one: Due, today: date) -> dict[str, Any]:
    """The same of one that nobody has started, or that is damaged: without an id, and of the former without a path."""
    return {
        "id": None,
        "title": one.state.incident.title,
        "status": _status(one),
        "incidents": [one.state.id],
        "author": None,
        "co_authors": [],
        "moderator": None,
        "started_at": None,
        "due": one.day.isoformat(),
        "overdue": None if one.damaged else one.is_overdue(today),
        "path": one.damaged or None,
    }


def detail(one: Standing, today: date, findings: Sequence[Finding]) -> dict[str, Any]:
    """A post-mortem as one JSON object: the summary, who wrote it, its approvals, what is found in it."""
    return {
        **summary(one, today),
        "writers": sorted(one.writers.people),
        "writers_unknown": one.writers.unknown or None,
        "approvals": [_approval(judged) for judged in one.approvals],
        "findings": [
            {
                "code": finding.code,
                "severity": finding.severity,
                "message": finding.message,
                "line": finding.span.line if finding.span else None,
                "column": finding.span.column if finding.span else None,
                "help": finding.help or None,
            }
            for finding in findings
        ],
    }


def as_text(graph: Graph, one: Standing, today: date, zone: tzinfo, findings: Sequence[Finding]) -> str:
    """A post-mortem as a page to read in a terminal."""
    return "\n".join(_lines(graph, one, today, zone, findings))


def _lines(graph: Graph, one: Standing, today: date, zone: tzinfo, findings: Sequence[Finding]) -> Iterator[str]:
    record, short = one.entry.value, tail(one.entry.name)
    yield f"{short}  {record.title}"
    yield f"  id          {one.entry.name}"
    yield f"  status      {one.status}"
    known = {state.id: state for state in one.states}
    for number, incident in enumerate(record.incidents):
        state = known.get(incident)
        major = ", major" if state and is_major(graph, state.severity) else ""
        about = f"{state.severity or 'unknown'}{major}, {state.phase}" if state else "cannot be read"
        yield f"  {'' if number else 'about':<10}  {incident} ({about})"
    unknown = f" and perhaps others: {one.writers.unknown}" if one.writers.unknown else ""
    yield f"  written by  {', '.join(sorted(one.writers.people))}{unknown}"
    yield f"  moderator   {record.moderator or 'nobody yet'}"
    yield f"  due         {_due(one, today)}"
    yield f"  file        {one.entry.path}"
    if one.approvals:
        yield ""
        yield "Approvals"
    for judged in one.approvals:
        yield f"  {in_zone(judged.approval.value.at, zone):%Y-%m-%d %H:%M}  {_why(graph, one, judged)}"
    if findings:
        yield ""
        yield "To do"
    for finding in findings:
        place = f"{finding.span.line}:{finding.span.column}" if finding.span else ""
        yield f"  {place:<7} {finding.message} ({finding.code})"


def _due(one: Standing, today: date) -> str:
    if one.due is None:
        return "no day is set"
    if one.is_overdue(today):
        return f"{one.due:%a %Y-%m-%d}, overdue"
    return f"{one.due:%a %Y-%m-%d}"


def _why(graph: Graph, one: Standing, judged: Judged) -> str:
    by, proof = judged.approval.value.by, proof_of(judged)
    if judged.damaged:
        return f"{by}: unknown, {judged.why_not}"
    if not judged.counts:
        return f"{by}: does not count, {judged.why_not}"
    squashed = who(graph, by) in one.writers.people
    why = ", as a squash of several people's work brought it, which does not tell who wrote what" if squashed else ""
    return f"{by}, {proof}: counts{why}"


def proof_of(judged: Judged) -> str:
    """`proved` where a good signature lies beside it, else `asserted`."""
    return "proved" if judged.is_proved else "asserted"


def _approval(judged: Judged) -> dict[str, Any]:
    """`proof` is null where it does not count."""
    record = judged.approval.value
    return {
        "id": judged.approval.name,
        "by": record.by,
        "at": format_instant(record.at),
        "counts": None if judged.damaged else judged.counts,
        "proof": proof_of(judged) if judged.counts else None,
        "why_not": judged.why_not or None,
        "signature": judged.signature.standing if judged.signature else None,
    }

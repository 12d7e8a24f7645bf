"""Evidence, and what it is worth, as a person or a program sees it."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import tzinfo
from typing import TYPE_CHECKING, Any

from svcops.recovery.completeness import Completeness
from svcops.recovery.verdicts import Verdict
from svcops.store.layout import SIGNATURE
from svcops.store.yaml_writing import plain_of
from svcops.timing.model import format_duration, format_instant
from svcops.timing.wall import shown

if TYPE_CHECKING:
    from svcops.recovery.model import Evidence
    from svcops.store.entries import Entry
    from svcops.store.graph import Graph

COLUMNS = ("id", "verdict", "ended", "plan", "by", "signed", "approved by")
_WORDS = {"good": "good", "absent": "not there", "bad": "NOT GOOD", "unknown": "unknown"}
_STANDS = {"good": "stands", "absent": "is not proved", "bad": "DOES NOT STAND", "unknown": "could not be verified"}


def row(graph: "Graph", entry: "Entry[Evidence]", zone: tzinfo) -> tuple[str, ...]:
    """One line of a list. Whether a signature is good is not looked at here."""
    one = entry.value
    signed = "signed" if graph.tree.has(entry.path + SIGNATURE) else ""
    approvers = ", ".join(dict.fromkeys(_approvers(graph, entry)))
    ended = shown(one.ended_at, zone).partition(" ")[2]
    return (entry.name, one.verdict, ended, one.plan, one.by, signed, approvers)


def detail(graph: "Graph", entry: "Entry[Evidence]") -> dict[str, Any]:
    """Evidence as one JSON object: its record, where it is, and what lies beside it."""
    return {
        **plain_of(replace(entry.value, id=entry.name)),
        "path": entry.path,
        "signed": graph.tree.has(entry.path + SIGNATURE),
        "approved_by": list(dict.fromkeys(_approvers(graph, entry))),
    }


def as_text(graph: "Graph", entry: "Entry[Evidence]", zone: tzinfo) -> str:
    """Evidence as a page to read in a terminal."""
    return "\n".join(_lines(graph, entry, zone))


def _lines(graph: "Graph", entry: "Entry[Evidence]", zone: tzinfo) -> Iterator[str]:
    one = entry.value
    yield f"{entry.name}  {one.verdict}"
    for fault in one.faults:
        yield f"  {fault.reason:<16} {fault.text}"
    yield f"  plan         {one.plan}"
    yield f"  began        {shown(one.started_at, zone)}"
    yield f"  ended        {shown(one.ended_at, zone)}"
    yield f"  run by       {one.by}"
    if one.witness:
        yield f"  witness      {one.witness}"
    target = one.target
    for name, measured, agreed in (
        ("RTO", one.rto, target.rto if target else None),
        ("RPO", one.rpo, target.rpo if target else None),
    ):
        if measured is not None:
            held = f", agreed {format_duration(agreed)}" if agreed is not None else ""
            yield f"  {name}          {format_duration(measured)}{held}"
    if one.backup:
        yield f"  backup       {one.backup.tool} {one.backup.repository} {one.backup.snapshot or '(no snapshot)'}"
    for stage in one.stages:
        code = f", exit {stage.exit}" if stage.exit is not None else ""
        yield f"  {stage.name:<12} {stage.seconds:.1f} s{code}"
    for case in one.cases:
        as_it_must = ("noticed", "MISSED") if case.expected else ("passed", "NOT PASSED")
        yield f"  {as_it_must[not case.noticed]:<12} {case.case}"
    for item in (*one.deviations, *(f"{one.text} ({one.owner}, {one.due})" for one in one.defects)):
        yield f"  remark       {item}"
    if one.text:
        yield f"  text         {' '.join(one.text.split())}"
    yield f"  after        {', '.join(head.id for head in one.after) or 'none before it'}"
    yield f"  signature    {'there' if graph.tree.has(entry.path + SIGNATURE) else 'none'}"
    yield f"  approved by  {', '.join(dict.fromkeys(_approvers(graph, entry))) or 'nobody'}"
    yield f"  record       {entry.path}"


def _approvers(graph: "Graph", entry: "Entry[Evidence]") -> Iterator[str]:
    from svcops.trust.facts import approvals_of

    return (one.value.by for one in approvals_of(graph, entry.path) if one.value.role == "approver")


def verdict_detail(found: Verdict, whole: Completeness) -> dict[str, Any]:
    """What one evidence is worth, as one JSON object."""
    parts = {
        name: {
            "standing": part.standing,
            "why": part.why or None,
            **({"by": part.by, "key_of": part.mail or None} if part.by else {}),
            **({"judged_as_of": format_instant(part.at)} if part.at else {}),
            **({"record": part.record} if part.record else {}),
        }
        for name, part in found.parts.items()
    }
    return {
        "id": found.entry.name,
        "path": found.entry.path,
        "verdict": found.entry.value.verdict,
        "standing": found.standing,
        **parts,
        "completeness": whole.standing,
    }


def completeness_detail(whole: Completeness, revision: str, commit: str) -> dict[str, Any]:
    """Whether anything is missing, as one JSON object."""
    return {
        "standing": whole.standing,
        "trusted": revision,
        "commit": commit,
        "why": whole.unknown or None,
        "gaps": [{"path": gap.path or None, "why": gap.why} for gap in whole.gaps],
    }


def verdicts_text(found: Sequence[Verdict], whole: Completeness) -> str:
    """What was found, for a person: each evidence with the reason of what is not good, then whether any is missing."""
    return "\n".join([*(line for one in found for line in _verdict_lines(one)), completeness_text(whole)])


def _verdict_lines(found: Verdict) -> Iterator[str]:
    whose = [f"signed by {found.signature.by}"] if found.signature.standing == "good" else []
    whose += [f"approved by {found.approval.by}"] if found.approval.standing == "good" else []
    told = f": {', '.join(whose)}" if whose else ""
    yield f"{found.entry.name} ({found.entry.value.verdict}) {_STANDS[found.standing]}{told}"
    for name, part in found.parts.items():
        if part.standing != "good":
            yield f"  {name:<13}{_WORDS[part.standing]}: {part.why}"


def completeness_text(whole: Completeness) -> str:
    """Whether anything is missing, for a person."""
    return "\n".join(_completeness_lines(whole))


def _completeness_lines(whole: Completeness) -> Iterator[str]:
    if whole.standing == "complete":
        yield "completeness: nothing is missing"
    elif whole.standing == "unknown":
        yield f"completeness unknown: {whole.unknown}"
    else:
        yield "completeness: NOT COMPLETE"
        for gap in whole.gaps:
            yield f"  {gap.path + ': ' if gap.path else ''}{gap.why}"

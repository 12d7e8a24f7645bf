"""What recurs, as a person, or a program, sees it."""

import shlex
from collections.abc import Iterator
from datetime import tzinfo
from typing import Any

from svcops.incidents.recurrences import outlived_content
from svcops.problems.presenting import incident_line
from svcops.problems.suggesting import Attributed, Recurring, Suggestions, recurred_after
from svcops.store.graph import Graph
from svcops.store.ids import tail
from svcops.timing.wall import in_zone

_MOST_NAMED = 6
"""Incidents of a group that a command names, the latest; svcops problem link --suggested finds the others."""
_MOST_REASONS = 3


def suggestion_lines(graph: Graph, found: Suggestions, zone: tzinfo, most: int | None) -> Iterator[str]:
    """What to read in a terminal: what a problem may explain, then what recurs, each with what to type."""
    if found.attributed:
        yield "Looks like a problem that is there"
    for one in found.attributed:
        yield f"  {incident_line(one.incident, zone)}"
        yield f"    problem {tail(one.problem.id)}, {one.problem.problem.title} ({one.problem.status})"
        yield f"    like {tail(one.like.id)}: {'; '.join(one.like.reasons)}"
        yield from (f"    {told}" for told in did_not_hold(graph, one, zone))
        yield f"    {link_command(one)}"
    if found.attributed and found.recurring:
        yield ""
    for number, group in enumerate(found.recurring[:most]):
        if number:
            yield ""
        yield f"{len(group.incidents)} incidents, {', '.join(group.services) or 'service unknown'}: {group.title}"
        yield f"    {'; '.join(group.reasons[:_MOST_REASONS])}"
        yield from (f"    {told}" for told in did_not_hold(graph, group, zone))
        for incident in group.incidents[-_MOST_NAMED:]:
            yield f"  {incident_line(incident, zone)}"
        if len(group.incidents) > _MOST_NAMED:
            yield f"  and {len(group.incidents) - _MOST_NAMED} earlier ones"
        yield f"    {open_command(group)}"


def suggestion_rows(graph: Graph, found: Suggestions, zone: tzinfo) -> Iterator[tuple[str, ...]]:
    """One line an incident or a group: the latest incident, how many, of which service, by what, what to type."""
    for one in found.attributed:
        services = ", ".join(one.incident.services)
        reasons = "; ".join([*one.like.reasons, *did_not_hold(graph, one, zone)])
        yield (one.incident.id, "1", services, one.problem.id, reasons, link_command(one))
    for group in found.recurring:
        services = ", ".join(group.services)
        reasons = "; ".join([*group.reasons[:_MOST_REASONS], *did_not_hold(graph, group, zone)])
        yield (group.incidents[-1].id, str(len(group.incidents)), services, "", reasons, open_command(group))


def suggestions_content(graph: Graph, found: Suggestions) -> dict[str, Any]:
    """The same for JSON, with every incident and every reason."""
    return {
        "attributed": [
            {
                "incident": one.incident.id,
                "problem": one.problem.id,
                "like": one.like.id,
                "score": one.like.score,
                "reasons": list(one.like.reasons),
                "did_not_hold": [outlived_content(each) for each in recurred_after(graph, one)],
                "command": link_command(one),
            }
            for one in found.attributed
        ],
        "recurring": [
            {
                "title": group.title,
                "services": list(group.services),
                "incidents": [one.id for one in group.incidents],
                "reasons": list(group.reasons),
                "did_not_hold": [outlived_content(each) for each in recurred_after(graph, group)],
                "command": open_command(group),
            }
            for group in found.recurring
        ],
    }


def did_not_hold(graph: Graph, one: Attributed | Recurring, zone: tzinfo) -> Iterator[str]:
    """A line for each measure after which it recurred."""
    measures = {each.measure.id: each.measure for each in recurred_after(graph, one)}
    for measure in measures.values():
        assert measure.anchored_at
        day = f"{in_zone(measure.anchored_at, zone):%Y-%m-%d}"
        yield f"recurred after measure {tail(measure.id)} was anchored on {day}: the measure did not hold"


def link_command(one: Attributed) -> str:
    """What says that a problem explains an incident."""
    return f"svcops problem link {tail(one.problem.id)} {tail(one.incident.id)}"


def open_command(group: Recurring) -> str:
    """What makes a problem of what recurs."""
    named = " ".join(f"--incident {tail(one.id)}" for one in group.incidents[-_MOST_NAMED:])
    return f"svcops problem open {shlex.quote(' '.join(group.title.split()))} {named}"

"""A measure that did not hold: what it was to prevent happened again, and nothing was anchored since."""

from collections.abc import Iterator

from svcops.catalogue.agreements import zone_of
from svcops.checking.model import At, Finding, Related
from svcops.checking.rule import Context, Rule
from svcops.incidents.problems import links
from svcops.incidents.recurrences import NotHeld, did_not_hold
from svcops.store.graph import Graph
from svcops.store.ids import tail
from svcops.timing.wall import shown


def _find(context: Context) -> Iterator[Finding]:
    zone = zone_of(context.graph)
    for one in did_not_hold(context.graph):
        if one.answered:
            continue
        recurred, anchor = one.recurred, one.measure.anchors[0]
        short = tail(recurred.incident.id)
        message = f"measure {tail(one.measure.id)} did not hold: incident {short} was {recurred.how} after it"
        help_ = f'svcops measure add {short} "WHAT" --type prevent --owner TEAM --due DATE, and anchor it.'
        yield Finding(
            "PRB005",
            f"{message}, on {shown(recurred.at, zone)}",
            _place(context.graph, one),
            help_,
            severity="warning",
            related=(Related("anchored here", anchor.at("at")),),
        )


def _place(graph: Graph, one: NotHeld) -> At:
    """Where a problem says that it explains the incident; without a problem, where the measure is written."""
    if one.problem is None:
        return one.measure.entry.at()
    link = links(graph, one.problem).get(one.recurred.incident.id)
    return link.at("incident") if link else one.problem.entry.at()


RULE = Rule("PRB005", "a measure that did not hold", "warning", find=_find)

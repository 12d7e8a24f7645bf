"""A measure that did not hold: what it was to prevent happened again, and nothing was anchored since."""

from collections.abc import Iterator

from svcops.catalogue.agreements import zone_of
from svcops.checking.model import Finding, Related
from svcops.checking.rule import Context, Rule
from svcops.incidents.problems import problem_states
from svcops.problems.facts import did_not_hold
from svcops.store.ids import tail
from svcops.timing.wall import shown


def _find(context: Context) -> Iterator[Finding]:
    graph = context.graph
    problems = problem_states(graph)
    for one in did_not_hold(graph):
        if one.answered:
            continue
        recurred = one.recurred
        assert recurred.declared
        link = problems[one.problem.id].incidents.get(recurred.id)
        place = link.at("incident") if link else one.problem.entry.at()
        anchor = one.measure.anchors[0]
        message = (
            f"measure {tail(one.measure.id)} did not hold: incident {tail(recurred.id)} was declared after it,"
            f" on {shown(recurred.declared, zone_of(graph))}"
        )
        help_ = f'svcops measure add {tail(recurred.id)} "WHAT" --type prevent --owner TEAM --due DATE, and anchor it.'
        related = (Related("anchored here", anchor.at("at")),)
        yield Finding("PRB005", message, place, help_, severity="warning", related=related)


RULE = Rule("PRB005", "a measure that did not hold", "warning", find=_find)

"""A problem that counts as resolved, and nothing says why it happened."""

from collections.abc import Iterator

from svcops.checking.model import Finding
from svcops.checking.rule import Context, Rule
from svcops.incidents.problems import problem_states
from svcops.problems.facts import no_factor


def _find(context: Context) -> Iterator[Finding]:
    for state in problem_states(context.graph).values():
        if state.status == "resolved" and not state.factors:
            lacks = no_factor(state)
            yield Finding("PRB007", f"resolved without {lacks.what}", state.moved["resolved"].at("type"), lacks.command)


RULE = Rule("PRB007", "a problem resolved without a factor", whole=True, find=_find)

"""A known error without a workaround."""

from collections.abc import Iterator

from svcops.checking.model import Finding
from svcops.checking.rule import Context, Rule
from svcops.incidents.problems import problem_states
from svcops.store.ids import tail


def _find(context: Context) -> Iterator[Finding]:
    for state in problem_states(context.graph).values():
        if state.status == "known error" and state.workaround is None:
            help_ = f'svcops problem workaround {tail(state.id)} "WHAT HELPS MEANWHILE"'
            place = state.moved["known error"].at("type")
            yield Finding("PRB003", "a known error, and nothing says what helps meanwhile", place, help_)


RULE = Rule("PRB003", "a known error without a workaround", whole=True, find=_find)

"""An exercise by somebody whom nobody knows."""

from collections.abc import Iterator

from svcops.checking.model import Finding
from svcops.checking.rule import Context, Rule
from svcops.checking.runs import run_by_nobody


def _find(context: Context) -> Iterator[Finding]:
    return run_by_nobody(context, "exercise", "EXE002")


RULE = Rule("EXE002", "an exercise by somebody whom nobody knows", "warning", find=_find, rests_on=("person",))

"""An exercise at a time that cannot be."""

from collections.abc import Iterator

from svcops.checking.model import Finding
from svcops.checking.rule import Context, Rule
from svcops.checking.runs import impossible_times


def _find(context: Context) -> Iterator[Finding]:
    return impossible_times(context, "exercise", "EXE001")


RULE = Rule("EXE001", "an exercise at a time that cannot be", find=_find)

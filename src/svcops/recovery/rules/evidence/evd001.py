"""Evidence of a drill at a time that cannot be."""

from collections.abc import Iterator

from svcops.checking.model import Finding
from svcops.checking.rule import Context, Rule
from svcops.checking.runs import impossible_times


def _find(context: Context) -> Iterator[Finding]:
    return impossible_times(context, "evidence", "EVD001")


RULE = Rule("EVD001", "evidence at a time that cannot be", find=_find)

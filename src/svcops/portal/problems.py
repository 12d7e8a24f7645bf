"""What helps meanwhile: known errors and workarounds, where somebody with a disruption looks for them."""

from collections.abc import Iterable

from svcops.incidents.problems import ProblemState
from svcops.store.frozen import frozen
from svcops.store.ids import tail


@frozen
class HelpRow:
    """A problem whose workaround helps."""

    short: str
    title: str
    status: str
    workaround: str
    """As it was written, with its lines."""


def helping_rows(found: Iterable[ProblemState]) -> tuple[HelpRow, ...]:
    """Problems as lines of a list; one without a workaround helps nobody."""
    return tuple(
        HelpRow(tail(one.id), one.problem.title, one.status, one.workaround.value.text.strip())
        for one in found
        if one.workaround
    )

"""What a run cannot do with the steps of a runbook, as the check finds it. Pure."""

from svcops.runbooks.outline import key_of
from svcops.runbooks.sections import READ_ONLY, ROLLBACK, role_of
from svcops.runbooks.structure import Structure
from svcops.store.frozen import frozen


@frozen
class Place:
    """A step by its name, and the line on which it begins."""

    step: str
    line: int


@frozen
class Gaps:
    """What a run cannot do with the steps of a text."""

    mute: tuple[Place, ...]
    """Steps that run a command and do not say what is expected; one that is done by hand is judged by its own text."""
    loose: tuple[int, ...]
    """The lines on which commands begin that belong to no step."""
    twice: tuple[Place, ...]
    """The first step of each section whose steps are called like those of one before it."""


def gaps_of(structure: Structure) -> Gaps:
    """What is missing in a runbook's text."""
    steps = structure.steps
    run = [one for one in steps if role_of(one.section) not in READ_ONLY - {ROLLBACK}]
    mute = tuple(Place(one.name, one.line) for one in run if one.commands and not (one.expected or one.settings))
    twice, seen = [], set[str]()
    for one in steps:
        if one.number == 1 and key_of(one.section) in seen:
            twice.append(Place(one.name, one.line))
        seen.add(key_of(one.section))
    return Gaps(mute, tuple(code.line - 1 for code in structure.loose), tuple(twice))

"""What is said of one requirement for one service."""

from collections.abc import Iterable
from datetime import datetime
from typing import Literal, NamedTuple

Standing = Literal["met", "missing", "unknown", "not asked"]
HOLDING_BACK: tuple[Standing, ...] = ("missing", "unknown")
"""What keeps a service from a profile."""


class Judgement(NamedTuple):
    """Whether a service meets a requirement, and why; what is unknown is not met.

    Where a proof stands behind it that ages: `proved` is its instant, `until` when it stops, or stopped, to count.
    `next` is the command to type or the file to write where it is not met. `damaged` are the files because of which
    it is unknown.
    """

    standing: Standing
    why: str
    next: str = ""
    proved: datetime | None = None
    until: datetime | None = None
    damaged: tuple[str, ...] = ()

    @property
    def holds_back(self) -> bool:
        """Whether a service does not reach the profile because of it."""
        return self.standing in HOLDING_BACK


def met(why: str, proved: datetime | None = None, until: datetime | None = None) -> Judgement:
    """The requirement is met."""
    return Judgement("met", why, "", proved, until)


def missing(why: str, next_: str, proved: datetime | None = None, until: datetime | None = None) -> Judgement:
    """It is not met; a proof that is too old is told with its times."""
    return Judgement("missing", why, next_, proved, until)


def unknown(why: str, next_: str, damaged: tuple[str, ...] = ()) -> Judgement:
    """The records do not say whether it is met; where they are `damaged`, because of these files."""
    return Judgement("unknown", why, next_, damaged=damaged)


def doubted(why: str, paths: Iterable[str]) -> Judgement:
    """It is what the readable records say, but the damaged files at these paths may say otherwise."""
    damaged = tuple(dict.fromkeys(paths))
    return unknown(f"{why}, but {listed(list(damaged))} cannot be read", "svcops check", damaged)


def not_asked(why: str) -> Judgement:
    """It is not asked of this service."""
    return Judgement("not asked", why)


def listed(names: list[str], most: int = 3) -> str:
    """Names in a sentence: the first few, and how many more."""
    more = [f"{len(names) - most} more"] if len(names) > most else []
    return ", ".join([*names[:most], *more])

"""A rule: one module with a `RULE`, one page beside it, one file of pass and fail cases in tests/rules.

A rule's `find` is a function of its context alone: graph and clock in, findings out. One that is about records of every
kind looks at those of `Context.kinds`.
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from svcops.checking.model import Finding, Severity
from svcops.store.frozen import frozen
from svcops.store.graph import Graph
from svcops.store.layout import KINDS
from svcops.store.model import Kind

if TYPE_CHECKING:
    from svcops.store.file_history import FileHistory


@frozen
class Context:
    """What rules may look at."""

    graph: Graph
    now: datetime
    kinds: tuple[Kind, ...] = KINDS
    """The kinds of records that rules about all of them look at; the others are another process's."""

    @property
    def history(self) -> "FileHistory | None":
        """What git says of files; None where nobody asked git, as of a store that stands in none."""
        return self.graph.history


@frozen
class Rule:
    """`title` completes "this is". Without `find` the code is given while files are read (`svcops.store`)."""

    code: str
    title: str
    severity: Severity = "error"
    find: Callable[[Context], Iterable[Finding]] | None = None
    fixes: bool = False
    """Whether some of its findings carry a fix, which `svcops check --fix` writes."""
    whole: bool = False
    """Whether a finding takes it that every file of the record in whose folder it is can be read."""
    rests_on: tuple[str, ...] = ()
    """Kinds of which a finding takes it that every file can be read: what a damaged one says, nobody knows."""

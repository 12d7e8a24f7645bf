"""What the verbs about post-mortems and measures ask: which record, and that what it rests on is committed."""

import os
from typing import TYPE_CHECKING, Annotated

from svcops.errors import BadInput, NotDone, Refused
from svcops.terminal.command import Argument, Option
from svcops.terminal.session import Session

if TYPE_CHECKING:
    from collections.abc import Iterable

    from svcops.incidents.facts import State
    from svcops.postmortems.model import Postmortem
    from svcops.store.entries import Entry

_DAMAGED = "svcops check shows what is wrong with it."
IncidentId = Annotated[
    str, Argument(metavar="ID", help="The incident: its id, or the beginning of its last six characters.")
]
Key = Annotated[
    str, Option("--key", metavar="FILE", help="Sign with this OpenSSH key; where one must be, else with git's.")
]


def path_inside(session: Session, path: str) -> str:
    """A path as typed, from the current folder or from the store's, as a path below the store."""
    root = session.store.root
    for base in filter(None, (session.cwd, root)):
        full = os.path.normpath(base / path)
        if os.path.isfile(full) and full.startswith(f"{root}{os.sep}"):
            return os.path.relpath(full, root).replace(os.sep, "/")
    raise BadInput(f"there is no file {path} in this store", help="Name a file of the store, such as slo/NAME.yaml.")


def leads_on(session: Session, path: str) -> str:
    """The first step of a path of the store that is a symbolic link; empty where none is."""
    steps = path.split("/")
    tried = ("/".join(steps[:count]) for count in range(1, len(steps) + 1))
    return next((one for one in tried if (session.store.root / one).is_symlink()), "")


def refuse_not_counted(session: Session, state: "State", verb: str) -> None:
    """What was cancelled teaches nothing, and what was merged is counted as another, of which the `verb` tells."""
    from svcops.incidents.outlines import goes_on_as
    from svcops.store.ids import tail

    if state.ending == "cancelled":
        raise Refused(
            f"{state.id} was cancelled: there was no disruption to learn from",
            help=f"svcops incident show {tail(state.id)}",
        )
    if state.merged_into:
        into = goes_on_as(session.store.graph, state.id)
        raise Refused(f"{state.id} was merged into {into}, which is counted in its place", help=verb.format(tail(into)))


def refuse_uncommitted(session: Session, path: str) -> None:
    """What is approved or anchored must be what others will see: the committed bytes."""
    git = session.store.git
    if git.uncommitted([path]) or git.head() is None or git.blob_at("HEAD", path) is None:
        raise NotDone(f"{path} is not committed as it is", help=f"git add -- {path} && git commit -- {path}")


def refuse_nobody(session: Session, by: str) -> None:
    """An approval by an address that is nobody's would not count: it may be the author's second one."""
    from svcops.store.people import is_nobody, unread, why_nobody

    if unread(session.store.graph, by):
        raise Refused(f"the approval would not count: {why_nobody(session.store.graph, by)}", help=_DAMAGED)
    if is_nobody(session.store.graph, by):
        raise Refused(
            f"the approval would not count: {by} is nobody of catalogue/people",
            help="Add the address to emails of your file there, and have that reviewed:\n"
            f"$EDITOR catalogue/people/YOUR-NAME.yaml    emails: [..., {by}]",
        )


def refuse_unknown_author(session: Session, entry: "Entry[Postmortem]") -> None:
    """An approval would not count where nobody knows who an author is: it may be whoever approves."""
    from svcops.store.people import is_nobody, unread, why_nobody

    graph = session.store.graph
    unknown = next((name for name in entry.value.authors if is_nobody(graph, name)), None)
    if unknown is not None:
        write = f"Write who it is, a name of catalogue/people, in its place and commit that: $EDITOR {entry.path}"
        raise Refused(
            f"the approval would not count: its author may be anybody: {why_nobody(graph, unknown)}",
            help=_DAMAGED if unread(graph, unknown) else write,
        )


def refuse_moderator(session: Session, moderator: str, states: "Iterable[State]", instead: str) -> None:
    """Who led the incident does not moderate, and nobody whom the catalogue does not know a major one."""
    from svcops.incidents.closing import led
    from svcops.incidents.facts import is_major
    from svcops.store.people import is_nobody, unread, why_nobody

    graph = session.store.graph
    for state in states:
        if moderator in led(graph, state):
            raise Refused(
                f"{moderator} led {state.id} as incident commander, and somebody else moderates", help=instead
            )
        if is_major(graph, state.severity) and is_nobody(graph, moderator):
            if unread(graph, moderator):
                raise Refused(f"{why_nobody(graph, moderator)}: it may be who led {state.id}", help=_DAMAGED)
            raise Refused(
                f"{moderator} is nobody of catalogue/people, and may be who led {state.id}",
                help=f"{instead}\nor add the address to emails of their file in catalogue/people, and commit that.",
            )

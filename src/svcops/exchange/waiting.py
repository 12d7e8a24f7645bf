"""What an import found written already, and not committed: a hook refused it before, say."""

import shlex
from collections.abc import Iterator

from svcops.errors import NotDone
from svcops.exchange.plan import Plan
from svcops.terminal.session import Session

_A_FOLDER = "/incident.yaml"
"""What the path of a record ends with whose folder is all of it."""


def refuse_uncommitted(session: Session, plan: Plan) -> None:
    """Who brings the same again should know that nobody else has it; NotDone with what commits it."""
    places = {one.path.removesuffix(_A_FOLDER) for one in plan.unchanged}
    if not places or session.options.no_commit or session.store.git_dir is None:
        return
    folders = {place.partition("/")[0] for place in places}
    left = [one for one in session.store.git.not_committed(sorted(folders)) if not places.isdisjoint(_above(one))]
    if left:
        wait = "1 file is" if len(left) == 1 else f"{len(left)} files are"
        listed = shlex.join(left)
        raise NotDone(
            f"there already, but {wait} not committed: {left[0]}{' ...' if len(left) > 1 else ''}",
            help=f"Look at them, then:\n  git add -- {listed} && git commit -- {listed}",
        )


def _above(path: str) -> Iterator[str]:
    """A path, and the folders that it lies in."""
    while path:
        yield path
        path = path.rpartition("/")[0]

"""Options that take one of a few words."""

from svcops.errors import BadInput
from svcops.terminal.session import Session

FORMATS = ("table", "json", "csv", "markdown")
"""Those of figures."""


def word(given: str, option: str, known: tuple[str, ...], usual: str) -> str:
    """The word that was given for an option, `usual` where none was; BadInput for one that is not known."""
    asked = given.strip().lower()
    if asked and asked not in known:
        raise BadInput(f"{option} {given}: no such word", help=f"One of {', '.join(known)}.")
    return asked or usual


def format_of(session: Session, given: str, more: tuple[str, ...] = ()) -> str:
    """One of FORMATS, or of `more`, as --format or --json asks for; BadInput where they ask for two."""
    found = word(given, "--format", (*FORMATS, *more), "json" if session.options.json else "table")
    if session.options.json and found != "json":
        raise BadInput(f"--json and --format {found} are two formats", help="Leave one of them out.")
    return found

"""Diffs as `git apply` reads them."""

import re

from svcops.terminal.session import Session

_OBEYED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
"""Control characters but tab and the two of line ends, without which a patch would not fit its file."""


def show_diff(session: Session, text: str) -> None:
    """A unified diff on standard output: safe to look at on a terminal, and whole where it is piped."""
    text = text.removesuffix("\n")
    if session.is_terminal:
        session.show(text)
    else:
        session.show(_OBEYED.sub("·", text), painted=True)

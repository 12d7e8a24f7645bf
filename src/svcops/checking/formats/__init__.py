"""How findings are shown: a module a format, each a function of a `Report`."""

from collections.abc import Iterator
from importlib import import_module
from typing import TYPE_CHECKING

from svcops.errors import BadInput

if TYPE_CHECKING:
    from svcops.checking.formats.paint import Paint
    from svcops.checking.formats.report import Report

_MODULES = {"json": "as_json"}
FORMATS = ("text", "concise", "json", "github", "gitlab", "sarif", "junit", "markdown")


def known(name: str) -> str:
    """The name of a format; BadInput with the nearest one where there is none of that name."""
    if name not in FORMATS:
        from svcops.store.suggest import did_you_mean

        near = did_you_mean(name, FORMATS)
        raise BadInput(f"there is no format {name!r}", help=f"{near} Formats: {', '.join(FORMATS)}.".strip())
    return name


def render(name: str, report: "Report", paint: "Paint | None" = None, width: int | None = None) -> Iterator[str]:
    """The report in one of the `FORMATS`, block by block, each for a line of its own and safe to print as it is.

    `paint` and `width`, the columns of the terminal, are of the format for people, text; the others are the same
    everywhere. BadInput where there is no format of that name.
    """
    if known(name) == "text":
        from svcops.checking.formats import text
        from svcops.checking.formats.paint import WIDEST, plain

        return text.blocks(report, paint or plain, width or WIDEST)
    module = import_module(f"svcops.checking.formats.{_MODULES.get(name, name)}")
    shown: Iterator[str] = module.blocks(report)
    return shown

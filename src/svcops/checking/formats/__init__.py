"""How findings are shown: a module a format, each a function of a `Report`."""

from collections.abc import Iterator
from importlib import import_module

from svcops.checking.formats.paint import WIDEST, Paint, plain
from svcops.checking.formats.report import Report
from svcops.errors import BadInput

__all__ = ["FORMATS", "Report", "known", "render"]

_MODULES = {"json": "as_json"}
FORMATS = ("text", "concise", "json", "github", "gitlab", "sarif", "junit", "markdown")


def known(name: str) -> str:
    """The name of a format; BadInput with the nearest one where there is none of that name."""
    if name not in FORMATS:
        from svcops.store.suggest import did_you_mean

        near = did_you_mean(name, FORMATS)
        raise BadInput(f"there is no format {name!r}", help=f"{near} Formats: {', '.join(FORMATS)}.".strip())
    return name


def render(name: str, report: Report, paint: Paint = plain, width: int = WIDEST) -> Iterator[str]:
    """The report in one of the `FORMATS`, block by block, each for a line of its own and safe to print as it is.

    `paint` and `width`, the columns of the terminal, are of the format for people, text; the others are the same
    everywhere. BadInput where there is no format of that name.
    """
    if known(name) == "text":
        from svcops.checking.formats import text

        return text.blocks(report, paint, width)
    module = import_module(f"svcops.checking.formats.{_MODULES.get(name, name)}")
    shown: Iterator[str] = module.blocks(report)
    return shown

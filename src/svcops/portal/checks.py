"""The pages of the rules: where the address of a finding leads (`url`, below the site's address in svcops.yaml)."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from svcops.checking.registry import codes, page, rule
from svcops.portal.addresses import Here, outside
from svcops.portal.markdown import parse, render
from svcops.portal.words import Link
from svcops.store.frozen import frozen

if TYPE_CHECKING:
    from markupsafe import Markup

LIST = "checks.html"
_HEADING = re.compile(r"\A# .*\n")
_FENCE_OF_A_FILE = re.compile(r"^(```\w+) +(\S.*)$", re.MULTILINE)
"""A fence that names its file, which a page would not show."""


@frozen
class RuleRow:
    """A rule in the list."""

    code: Link
    title: str
    severity: str


@frozen
class ChecksPage:
    """Every rule."""

    rules: tuple[RuleRow, ...]


@frozen
class RulePage:
    """What a code means, and what to do."""

    severity: str
    text: "Markup"


def address(code: str) -> str:
    """Where the page of a rule stands in the site."""
    return f"checks/{code}.html"


def checks_page(here: Here) -> ChecksPage:
    """The list of rules, by code."""
    found = (rule(code) for code in codes())
    rows = (RuleRow(Link(one.code, here.to(address(one.code))), one.title, one.severity) for one in found)
    return ChecksPage(tuple(rows))


def rule_pages() -> Iterator[tuple[str, str, RulePage]]:
    """For each rule its code, its title and what its page shows."""
    for code in codes():
        text = _FENCE_OF_A_FILE.sub(r"`\2`:\n\n\1", _HEADING.sub("", page(code)))
        found = rule(code)
        yield code, f"{code}: {found.title}", RulePage(found.severity, render(parse(text), outside))

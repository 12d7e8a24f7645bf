"""The document of an agreement that is not where the agreement says."""

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from svcops.checking.model import Finding
from svcops.checking.rule import Context, Rule

if TYPE_CHECKING:
    from svcops.catalogue.model import Agreement
    from svcops.store.entries import Entry

_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:\S+")
"""A scheme and what follows it (https://www.rfc-editor.org/rfc/rfc3986#section-3.1); one letter is a Windows drive."""

_HELP = "Name a file by its path from the store's root, or an address with its scheme, such as https:."


def _find(context: Context) -> Iterator[Finding]:
    agreements: Mapping[str, Entry[Agreement]] = context.graph.all("agreement")
    for entry in agreements.values():
        agreed = entry.value.agreed
        if agreed and not _ADDRESS.fullmatch(agreed.document) and not context.graph.tree.has(agreed.document):
            message = f"the store has no file {agreed.document}, so nobody finds what was agreed"
            yield Finding("AGR010", message, entry.at("agreed", "document"), _HELP, severity="warning")


RULE = Rule("AGR010", "an agreement whose document is not there", "warning", find=_find)

"""What an import of things that happened would do, as a person or a program sees it."""

from collections import Counter
from typing import Any

from svcops.exchange.outside import Outcome
from svcops.exchange.presenting import as_json, as_text

_MOST = 12
"""Names on a line; the others are counted."""


def outcome_as_text(found: Outcome, *, update: bool = False) -> str:
    """The plan as lines to read, with what it does not say: components that are no service, the number of events."""
    lines = [*found.remarks]
    if found.unknown_parts:
        lines += [f"No service of the catalogue, kept as they are called there: {_listed(found)}", _HELP, ""]
    kinds = Counter(one.kind for one in found.plan.added)
    if kinds:
        events = sum("/timeline/" in path for path in found.files)
        told = ", ".join(f"{number} {kind}{'s' if number != 1 else ''}" for kind, number in kinds.items())
        lines += [f"To add: {told}" + (f", with {events} events" if events else ""), ""]
    return "\n".join([*lines, as_text(found.plan, update=update)])


_HELP = '--map "NAME=SERVICE" says which service one of them is.'


def _listed(found: Outcome) -> str:
    names = [f"{name} {number}" for name, number in found.unknown_parts.items()]
    more = f" and {len(names) - _MOST} more" if len(names) > _MOST else ""
    return ", ".join(names[:_MOST]) + more


def outcome_as_json(found: Outcome) -> dict[str, Any]:
    """The plan as JSON, schema `svcops.import/1`, with the components that are no service."""
    return {**as_json(found.plan), "unknown_parts": dict(found.unknown_parts)}

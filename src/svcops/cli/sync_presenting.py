"""What a sync did, or what waits for one: as JSON, and as rows of a table."""

from collections.abc import Callable, Iterable, Sequence
from datetime import tzinfo
from typing import Any

from svcops.store.remotes import Route, Shared, short
from svcops.store.sharing import Outcome
from svcops.timing.wall import shown

COLUMNS = ("RECORD", "WAY", "BY", "WHEN", "WHAT")

Who = Callable[[Shared], str]
"""Gives whoever made a commit, as the catalogue calls them."""


def rows(way: str, commits: Iterable[Shared], who: Who, zone: tzinfo) -> list[Sequence[str]]:
    """A row a change, without the merges, which change nothing of their own."""
    return [
        (
            " ".join(one.records) or one.commit[:10],
            way,
            who(one),
            shown(one.at, zone) if one.at else "unknown",
            one.subject,
        )
        for one in commits
        if not one.is_merge
    ]


def records_of(commits: Iterable[Shared]) -> list[str]:
    """The records that commits changed, each once; commits that name none by their own id."""
    return list(dict.fromkeys(name for one in commits if not one.is_merge for name in (one.records or (one.commit,))))


def detail(outcome: Outcome, who: Who) -> dict[str, Any]:
    """What a sync did, for JSON (`svcops.sync/1`)."""
    return {
        "done": not outcome.dry,
        "dry_run": outcome.dry,
        **_ends(outcome.route, outcome.to),
        "came_in": _commits(outcome.came, who),
        "went_out": _commits(outcome.went, who),
        "waits": _commits(outcome.went, who) if outcome.dry else [],
        "merges": list(outcome.merges),
        "proposed": outcome.proposed,
        "pull_request": outcome.pull_request,
        "attempts": outcome.attempts,
        "reason": None,
    }


def detail_of_failure(route: Route | None, waits: Sequence[Shared], reason: str, who: Who) -> dict[str, Any]:
    """What waits where a sync could not be done, in the same shape."""
    return {
        "done": False,
        "dry_run": False,
        **_ends(route, None),
        "came_in": [],
        "went_out": [],
        "waits": _commits(waits, who),
        "merges": [],
        "proposed": False,
        "pull_request": None,
        "attempts": None,
        "reason": reason,
    }


def _ends(route: Route | None, to: str | None) -> dict[str, str | None]:
    return {
        "remote": route.remote if route else None,
        "branch": short(route.branch) if route else None,
        "from": route.name if route else None,
        "to": to,
    }


def _commits(commits: Sequence[Shared], who: Who) -> list[dict[str, Any]]:
    return [
        {
            "commit": one.commit,
            "subject": one.subject,
            "by": who(one),
            "at": one.at.isoformat() if one.at else None,
            "records": list(one.records),
            "merge": one.is_merge,
        }
        for one in commits
    ]


def summary(outcome: Outcome) -> str:
    """One line for a person."""
    came, went = counted(outcome.came), counted(outcome.went)
    ways = [f"{came} came from {outcome.route.name}"] if outcome.came else []
    ways += [f"{went} went to {outcome.to}"] if outcome.went else []
    if outcome.dry:
        return f"would take in {came} of {outcome.route.name}, and bring {went} to {outcome.to}; nothing was changed"
    if not ways:
        return f"{outcome.route.name} and this clone hold the same" if not outcome.proposed else "nothing new"
    again = f", at attempt {outcome.attempts}" if outcome.attempts > 1 else ""
    return f"{', '.join(ways)}{again}"


def counted(commits: Iterable[Shared]) -> str:
    """How many changes these are: merges are none."""
    number = sum(not one.is_merge for one in commits)
    return "1 change" if number == 1 else f"{number} changes"

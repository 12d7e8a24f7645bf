"""What an import from Statuspage would do to a store: a function of what was told, of the graph and of the clock."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from svcops.errors import BadInput
from svcops.exchange.drafts import NoRecord, Unsupported
from svcops.exchange.outside import Choices, Outcome, by_origin, known_services, known_severity, pairs
from svcops.exchange.outside_records import event_file, outside_id, remembered, text_of
from svcops.exchange.outside_updates import Outside, said, update_of
from svcops.exchange.plan import DAMAGED, Duplicate, Plan, Planned
from svcops.exchange.statuspage import IMPACTS, SYSTEM, Reported
from svcops.exchange.statuspage_news import news
from svcops.exchange.statuspage_records import Kind, events_of, incident_of, kind_of, maintenance_of, refuse
from svcops.incidents.facts import State, states
from svcops.store.change import digest_of
from svcops.store.entries import Entry
from svcops.store.graph import Graph
from svcops.store.ids import year_of

_CALLED = "Statuspage"
_MOST = 12
"""Names on a line; the others are counted."""


@dataclass(slots=True)
class _Work:
    """What is known while one after another is planned."""

    graph: Graph
    choices: Choices
    now: datetime
    update: bool
    there: dict[Kind, dict[str, Entry[Any]]]
    states: dict[str, State]
    outcome: dict[str, list[Planned]] = field(
        default_factory=lambda: {"added": [], "updated": [], "unchanged": [], "kept": []}
    )
    files: dict[str, str] = field(default_factory=dict)
    before: dict[str, str] = field(default_factory=dict)
    listings: dict[str, tuple[str, ...]] = field(default_factory=dict)
    ids: dict[str, str] = field(default_factory=dict)
    """Of the records to add: whose they are."""


def choices_of(graph: Graph, services: Iterable[str], severities: Iterable[str]) -> Choices:
    """What the options --map and --severity say; BadInput where that is not possible.

    Without a word on it, impacts are the severities of the settings, from the highest: critical, major, minor, none.
    Where the settings have fewer, the lowest stands for the rest.
    """
    levels = [level.name for level in graph.settings.severities]
    chosen = pairs("--severity", severities, "critical=sev1")
    for impact, name in chosen.items():
        if impact not in IMPACTS:
            raise BadInput(f"--severity {impact}={name}: no such impact", help=f"One of {', '.join(IMPACTS)}.")
        known_severity(graph, f"--severity {impact}", name)
    ranked = dict(zip(reversed(IMPACTS), [*levels, *[levels[-1]] * len(IMPACTS)] if levels else [], strict=False))
    if missing := [impact for impact in IMPACTS if impact not in {**ranked, **chosen}]:
        raise BadInput(
            "svcops.yaml names no severities", help=f"Say what {missing[0]} is: --severity {missing[0]}=sev1"
        )
    parts = pairs("--map", services, "Git Operations=git")
    return Choices(parts, {**ranked, **chosen}, known_services(graph, parts))


def plan(
    reported: Sequence[Reported],
    graph: Graph,
    choices: Choices,
    now: datetime,
    *,
    update: bool = False,
    tick: Callable[[int], None] = lambda _: None,
) -> Outcome:
    """What importing would do; with `update` incidents that are there get the events that they do not have.

    `tick` is told how many have been looked at.
    """
    by_key: dict[str, list[Reported]] = {}
    for one in reported:
        by_key.setdefault(one.key, []).append(one)
    kinds: tuple[Kind, ...] = ("incident", "maintenance")
    there = {kind: by_origin(graph, kind, SYSTEM) for kind in kinds}
    work = _Work(graph, choices, now, update, there, dict(states(graph)) if there["incident"] else {})
    refused = []
    for number, (first, *_) in enumerate(by_key.values()):
        tick(number)
        try:
            _take(work, first)
        except NoRecord as reason:
            refused.append(Unsupported(kind_of(first), first.key, str(reason), first.source))
    parts = Counter(part for same in by_key.values() for part in choices.unknown(same[0].parts))
    return Outcome(
        Plan(
            format=_CALLED,
            entities=len(reported),
            **{where: tuple(sorted(found, key=lambda one: one.path)) for where, found in work.outcome.items()},
            duplicates=tuple(_duplicate(same) for same in by_key.values() if len(same) > 1),
            dangling=(),
            unsupported=tuple(refused),
        ),
        work.files,
        work.before,
        work.listings,
        dict(parts.most_common()),
        (*choices.unused(part for same in by_key.values() for part in same[0].parts), *_remarks(reported)),
    )


def _remarks(reported: Sequence[Reported]) -> Iterator[str]:
    """What a source leaves open, so that a figure will be unknown."""
    over = sorted({one.key for one in reported if one.is_over and not one.resolved and not one.is_maintenance})
    if over:
        named = ", ".join(over[:_MOST]) + (f" and {len(over) - _MOST} more" if len(over) > _MOST else "")
        yield f"Over, and it is not told since when, so that the time to resolve is unknown: {named}"
        yield ""


def _duplicate(same: Sequence[Reported]) -> Duplicate:
    alike = all(replace(one, source=same[0].source) == same[0] for one in same)
    called = kind_of(same[0]) if alike else f"{kind_of(same[0])} (not the same each time)"
    return Duplicate(called, same[0].key, tuple(one.source for one in same))


def _take(work: _Work, one: Reported) -> None:
    refuse(one, work.now)
    kind = kind_of(one)
    for other, known in work.there.items():
        if other != kind and one.key in known:
            raise NoRecord(f"it was imported as {other} {known[one.key].name}")
    entry = work.there[kind].get(one.key)
    if entry is None:
        _add(work, one, kind)
    elif kind == "incident":
        _update_incident(work, one, entry)
    else:
        _update_maintenance(work, one, entry)


def _add(work: _Work, one: Reported, kind: Kind) -> None:
    record: Any = incident_of(one, work.choices) if kind == "incident" else maintenance_of(one, work.choices)
    record_id = outside_id(kind, one.started if kind == "incident" else record.planned.from_, one.outside_key)
    folder = f"{kind}s/{year_of(record_id)}/{record_id}" if kind == "incident" else ""
    path = f"{folder}/incident.yaml" if folder else f"maintenance/{year_of(record_id)}/{record_id}.yaml"
    planned = Planned(kind, record_id, path, one.source)
    if work.graph.find((kind,), record_id) is not None:
        is_read = record_id in work.graph.all(kind)
        stays = "its record says no more that it was imported" if is_read else DAMAGED
        work.outcome["kept"].append(replace(planned, stays=stays))
        return
    if work.ids.setdefault(record_id, one.key) != one.key:
        raise NoRecord(f"its id {record_id} is that of {work.ids[record_id]}, by chance: open it by hand")
    files = {path: text_of(remembered(record), "it")}
    if kind == "incident":
        for event in events_of(one, work.choices.severities[one.impact]):
            name, text = event_file(one.outside_key, event)
            files[f"{folder}/timeline/{name}"] = text
    work.files |= files
    work.outcome["added"].append(planned)


def _update_incident(work: _Work, one: Reported, entry: Entry[Any]) -> None:
    state = work.states[entry.name]
    found = news(one, state, work.choices.severities[one.impact])
    outside = Outside(one.outside_key, one.source)
    update = update_of(work.graph, state, incident_of(one, work.choices), found, outside, update=work.update)
    work.outcome[update.where].append(update.planned)
    work.files |= update.files
    work.before |= update.before
    work.listings |= update.listings


def _update_maintenance(work: _Work, one: Reported, entry: Entry[Any]) -> None:
    told, before, after = said(work.graph, entry, maintenance_of(one, work.choices))
    planned = Planned("maintenance", entry.name, entry.path, one.source, differs=told)
    if not told:
        work.outcome["unchanged"].append(planned)
    elif not work.update or not after:
        work.outcome["kept"].append(planned)
    else:
        work.files[entry.path] = after
        work.before[entry.path] = digest_of(work.graph.tree.read(entry.path)[0])
        work.outcome["updated"].append(replace(planned, before=before, after=after))

"""What an import of runbooks would do: each file becomes a runbook of a service."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from svcops.exchange.drafts import NoRecord, Unsupported
from svcops.exchange.outside import Outcome, compared
from svcops.exchange.outside_records import limited, remembered, text_of
from svcops.exchange.plan import DAMAGED, Dangling, Plan, Planned
from svcops.exchange.runbook_files import SYSTEM, Told
from svcops.runbooks.model import Runbook
from svcops.store.change import digest_of
from svcops.store.documents import split_front_matter
from svcops.store.entries import Entry
from svcops.store.graph import Graph
from svcops.store.model import Origin


def plan(told: Sequence[Told], graph: Graph, *, update: bool) -> Outcome:
    """What importing these runbooks would do to the store; with `update` those that are there take what differs."""
    found: dict[str, list[Planned]] = {where: [] for where in ("added", "updated", "unchanged", "kept")}
    refused: list[Unsupported] = []
    for one in told:
        try:
            where, planned = _planned(one, graph, update=update)
        except NoRecord as error:
            refused.append(Unsupported("runbook", one.name or one.key, str(error), one.source))
            continue
        found[where].append(planned)
    outcome = Plan(
        "runbook files",
        len(told),
        added=_by_path(found["added"]),
        updated=_by_path(found["updated"]),
        unchanged=_by_path(found["unchanged"]),
        kept=_by_path(found["kept"]),
        dangling=tuple(_without_service(told, graph)),
        unsupported=tuple(refused),
    )
    written = (*outcome.added, *outcome.updated)
    before = {one.path: digest_of(one.before.encode()) for one in outcome.updated}
    return Outcome(outcome, {one.path: one.after for one in written}, before, {}, {})


def _without_service(told: Sequence[Told], graph: Graph) -> Iterator[Dangling]:
    """Each service that the store has not, where it is named first."""
    first: dict[str, Told] = {}
    for one in told:
        if graph.find(("service",), one.service) is None:
            first.setdefault(one.service, one)
    for service, one in first.items():
        yield Dangling("runbook", f"{service}/{one.name}", "services", service, one.source)


def _by_path(ones: list[Planned]) -> tuple[Planned, ...]:
    return tuple(sorted(ones, key=lambda one: one.path))


def _planned(one: Told, graph: Graph, *, update: bool) -> tuple[str, Planned]:
    """In which list of the plan a runbook goes."""
    if not one.name:
        raise NoRecord("its name has no letter or digit that a file's name here may have")
    name = f"{one.service}/{one.name}"
    said, unknown = _known(one.said, graph)
    left = (*one.left, *unknown)
    notes = (f"left out of its front matter: {', '.join(left)}",) if left else ()
    planned = Planned("runbook", name, f"runbooks/{name}.md", one.source, notes=notes)
    services = (one.service, *(name for name in said.pop("services", ()) if name != one.service))
    base = Runbook(title=one.title, kind="operation", services=services, alerts=one.alerts)
    record = replace(base, imported=Origin(system=SYSTEM, key=one.key), **said)
    entry: Entry[Runbook] | None = graph.all("runbook").get(name)
    if entry is None:
        if graph.find(("runbook",), name) is not None:
            return "kept", replace(planned, stays=DAMAGED)
        front = text_of(remembered(record, one.body), "its front matter")
        return "added", replace(planned, after=limited(f"---\n{front}---\n{one.body}"))
    there = entry.value.imported
    if there is None:
        raise NoRecord(f"{name} was written here")
    if (there.system, there.key) != (SYSTEM, one.key):
        raise NoRecord(f"{name} is that of {there.key}")
    return _compared(one, planned, graph, entry, record, update=update)


def _known(said: Mapping[str, Any], graph: Graph) -> tuple[dict[str, Any], list[str]]:
    """What a page says, without names that nobody has here; and those."""
    kept, unknown = dict(said), []
    owner = kept.get("owner")
    if owner is not None and graph.find(("team", "person"), owner) is None:
        unknown.append(f"owner ({kept.pop('owner')})")
    services = [one for one in kept.get("services", ()) if graph.find(("service",), one) is None]
    if services:
        kept["services"] = tuple(one for one in kept["services"] if one not in services)
        unknown.append(f"services ({', '.join(services)})")
    return kept, unknown


def _compared(
    one: Told, planned: Planned, graph: Graph, entry: Entry[Runbook], record: Runbook, *, update: bool
) -> tuple[str, Planned]:
    """The same of one that is there: what differs becomes that of the file, unless it was edited here since."""
    before = graph.tree.read(entry.path)[0].decode()
    split = split_front_matter(before)
    assert split, entry.path
    found = compared(entry, record, split.front, (split.body, one.body))
    planned = replace(planned, differs=found.told)
    if not found.differs:
        return "unchanged", planned
    if not update or not found.writes:
        return "kept", planned
    after = limited(f"---\n{found.front}---\n{one.body if found.takes_text else split.body}")
    return "updated", replace(planned, before=before, after=after)

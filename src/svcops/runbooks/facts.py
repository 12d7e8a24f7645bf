"""What is known of runbooks: their texts, read once a call. Pure functions of the graph."""

from datetime import datetime
from typing import TYPE_CHECKING

from svcops.runbooks.contradicting import contradictions
from svcops.runbooks.model import Exercise, Runbook
from svcops.runbooks.runs import Track, age, tracks
from svcops.store.cache import blob_of
from svcops.store.entries import Entry
from svcops.store.graph import Graph

if TYPE_CHECKING:
    from svcops.runbooks.outline import Outline
    from svcops.runbooks.reading import Reading
    from svcops.runbooks.step_settings import StepSettings
    from svcops.runbooks.structure import Structure


def reading(graph: Graph, entry: Entry[Runbook]) -> "Reading":
    """What the check reads in the text of a runbook."""
    from svcops.runbooks.reading import reading_at

    return reading_at(graph, entry.path)


def outline(graph: Graph, entry: Entry[Runbook]) -> "Outline":
    """The headings and links of a runbook."""
    return reading(graph, entry).outline


def structure(graph: Graph, entry: Entry[Runbook]) -> "tuple[Structure, dict[str, StepSettings | None]]":
    """The sections and steps of a runbook, and by name what the blocks of its steps say; takes a parser of Markdown."""
    from svcops.checking.model import At
    from svcops.runbooks.markdown import structure_of
    from svcops.runbooks.step_settings import settings_of
    from svcops.store.documents import split_front_matter

    text = graph.tree.read(entry.path)[0].decode("utf-8-sig", "replace")
    split = split_front_matter(text)
    found = structure_of(split.body, split.body_line) if split else structure_of("")
    return found, {step.name: settings_of(step, At(entry.path), text)[0] for step in found.steps}


def service_of(entry: Entry[Runbook]) -> str:
    """The service that a runbook belongs to: that of its folder."""
    return entry.name.partition("/")[0]


def owner_of(graph: Graph, entry: Entry[Runbook]) -> str:
    """Who keeps it right: who it names, else whoever owns the service of its folder; empty where nobody is known."""
    service = graph.all("service").get(service_of(entry))
    return entry.value.owner or (service.value.owner if service else "")


def exercises(graph: Graph, now: datetime) -> dict[str, Track[Exercise]]:
    """What the exercises of each runbook amount to, by its name."""
    return tracks(graph.all("exercise").values(), lambda run: run.runbook, now, graph.once(contradictions))


def is_changed(graph: Graph, entry: Entry[Runbook], runs: Track[Exercise] | None) -> bool:
    """Whether the file is another than the one that passed last; what was written down by hand does not say which."""
    was = runs.passed.value.blob if runs and runs.passed else None
    return was is not None and was != (graph.tree.blob(entry.path) or blob_of(graph.tree.read(entry.path)[0]))


def why_stale(graph: Graph, name: str, runs: Track[Exercise] | None, now: datetime) -> str:
    """Why a runbook does not count as rehearsed (`policy.runbook_exercised`); empty where it does."""
    return age(name, runs, graph.settings.policy.runbook_exercised, now, graph.zone).wrong

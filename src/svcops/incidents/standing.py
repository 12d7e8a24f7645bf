"""Where an incident is, in words, and the command that goes on from there."""

from typing import Any

from svcops.incidents.facts import State, is_major
from svcops.incidents.model import AnyEvent
from svcops.store.corrections import short
from svcops.store.entries import Entry
from svcops.store.graph import Graph
from svcops.store.ids import tail


def standing(state: State) -> str:
    """Why a step cannot be taken: where the incident is."""
    if state.declared is None:
        return "no event of its timeline declares it"
    if state.ending == "merged":
        return f"it was merged into {state.merged_into}"
    if state.phase == "remediation" and state.acknowledged is None:
        return "it was reopened, and is not acknowledged yet"
    return {
        "incident": "it is not acknowledged yet",
        "remediation": "it is acknowledged, and not resolved yet",
        "post-mortem": "it is resolved, and in its post-mortem",
        "normal operations": f"it is {state.ending}",
    }[state.phase]


def step_of(event: AnyEvent) -> str:
    """What an event that moves the phase did, in the word that follows `it was`."""
    return {"opened": "declared", "role": "acknowledged"}.get(event.type, event.type)


def next_step(graph: Graph, state: State) -> str:
    """The command that goes on from where the incident is."""
    from svcops.incidents.closing import postmortems_with

    if state.phase == "post-mortem" and is_major(graph, state.severity) and not postmortems_with(graph, state.id):
        return f"svcops postmortem start {tail(state.id)}"
    steps = {"incident": "ack", "remediation": "resolve", "post-mortem": "close", "normal operations": "reopen"}
    if state.ending == "merged":
        return f"svcops incident show {tail(state.merged_into or '')}"
    verb = steps[state.phase] if state.declared else "show"
    if state.phase == "remediation" and state.acknowledged is None:
        verb = "ack"
    return f"svcops incident {verb} {tail(state.id)}" + (' "WHAT SHOWS THAT IT GOES ON"' if verb == "reopen" else "")


def settled(incident_id: str, void: Entry[Any]) -> str:
    """How to say that a move without effect is settled: by an event in its place."""
    return f'then svcops incident log {tail(incident_id)} "WHAT WAS AGREED" --corrects {short(void)} settles this one.'

"""Where an incident is, in words, and the command that goes on from there."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from svcops.incidents.facts import State, is_major
from svcops.incidents.model import AnyEvent
from svcops.incidents.outlines import goes_on_as
from svcops.store.corrections import short
from svcops.store.entries import Entry
from svcops.store.graph import Graph
from svcops.store.ids import tail

if TYPE_CHECKING:
    from svcops.incidents.closing import Missing


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
    from svcops.incidents.closing import damaged_postmortem, postmortems_with

    if state.phase == "post-mortem" and is_major(graph, state.severity) and not postmortems_with(graph, state.id):
        if damaged_postmortem(graph, state.id):
            return "svcops check"
        return f"svcops postmortem start {tail(state.id)}"
    steps = {"incident": "ack", "remediation": "resolve", "post-mortem": "close", "normal operations": "reopen"}
    if state.ending == "merged":
        return f"svcops incident show {tail(goes_on_as(graph, state.id))}"
    verb = steps[state.phase] if state.declared else "show"
    if state.phase == "remediation" and state.acknowledged is None:
        verb = "ack"
    return reopening(state) if verb == "reopen" else f"svcops incident {verb} {tail(state.id)}"


def reopening(state: State) -> str:
    """The command by which an incident goes on after all."""
    return f'svcops incident reopen {tail(state.id)} "WHAT SHOWS THAT IT GOES ON"'


def after_resolution(graph: Graph, state: State, now: datetime) -> list[str]:
    """The commands that go on from a resolution: of what was reopened, all that has to be done anew before it closes.

    None where the incident is elsewhere by now.
    """
    from svcops.incidents.closing import last_reopened

    if state.phase != "post-mortem":
        return []
    if last_reopened([state]) is None:
        return [next_step(graph, state)]
    needs = before_closing(graph, state, now)
    return [line for one in needs for line in one.command.splitlines()] or [next_step(graph, state)]


def before_closing(graph: Graph, state: State, now: datetime) -> "list[Missing]":
    """What a command asks for before it closes an incident."""
    from svcops.incidents.anchors import unproved
    from svcops.incidents.closing import authors_of, missing

    return missing(
        graph,
        state,
        lambda entry: authors_of(graph, entry),
        lambda measure, since: unproved(graph, measure, now, since, may_be_gone=False),
    )


def settled(incident_id: str, void: Entry[Any]) -> str:
    """How to say that a move without effect is settled: by an event in its place."""
    return f'then svcops incident log {tail(incident_id)} "WHAT WAS AGREED" --corrects {short(void)} settles this one.'

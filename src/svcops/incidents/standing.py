"""Where an incident is, in words, and the command that goes on from there."""

from svcops.incidents.facts import State
from svcops.store.ids import tail


def standing(state: State) -> str:
    """Why a step cannot be taken: where the incident is."""
    if state.declared is None:
        return "no event of its timeline declares it"
    if state.ending == "merged":
        return f"it was merged into {state.merged_into}"
    return {
        "incident": "it is not acknowledged yet",
        "remediation": "it is acknowledged, and not resolved yet",
        "post-mortem": "it is resolved, and in its post-mortem",
        "normal operations": f"it is {state.ending}",
    }[state.phase]


def next_step(state: State) -> str:
    """The command that goes on from where the incident is."""
    steps = {"incident": "ack", "remediation": "resolve", "post-mortem": "close", "normal operations": "reopen"}
    if state.ending == "merged":
        return f"svcops incident show {tail(state.merged_into or '')}"
    verb = steps[state.phase] if state.declared else "show"
    return f"svcops incident {verb} {tail(state.id)}" + (' "WHAT SHOWS THAT IT GOES ON"' if verb == "reopen" else "")

"""The verbs of `svcops incident` that correct when something began: the ends of clocks."""

from typing import TYPE_CHECKING, Annotated

from svcops.errors import BadInput, Refused
from svcops.incidents import model
from svcops.incidents.noun import At, Corrects, Id, app, one, write
from svcops.store.ids import tail
from svcops.terminal.command import Context, Option
from svcops.timing.asking import past

if TYPE_CHECKING:
    from datetime import datetime

    from svcops.incidents.facts import State
    from svcops.terminal.session import Session


@app.verb("started", examples="svcops incident started k7f3 --at 07:40\nsvcops incident started --at -50m")
def started(ctx: Context, id: Id = "", at: At = "now", corrects: Corrects = "") -> int:
    """Say since when users notice, where that was not known on opening, or turned out otherwise.

    It replaces what was said of it before, and starts the clocks to detect, to mitigate and to resolve.
    """
    session: Session = ctx.obj
    state = one(session, id)
    began = past(session, at, "--at")
    _refuse_what_a_duplicate_contradicts(state, began, "impact_started", "started")
    for name, moment in (("declared", state.declared), ("mitigated", state.mitigated), ("resolved", state.resolved)):
        if moment and began > moment:
            raise BadInput(f"it cannot begin after it was {name}", help="--at says when users began to notice.")
    return write(session, state, model.ImpactStarted, "Say when impact began of", state.incident.title,
                 at=at, corrects=corrects, follows=state.started_by)  # fmt: skip


@app.verb("declared", examples="svcops incident declared k7f3 --at 07:52\nsvcops incident declared --at -20m")
def declared(
    ctx: Context,
    at: Annotated[str, Option("--at", metavar="TIME", help="When: 14:05, 2026-11-23T14:05, -20m.")],
    id: Id = "",
) -> int:
    """Correct when an incident was declared.

    That ends the clock to detect, and starts the one to acknowledge and the windows of the agreements.
    """
    session: Session = ctx.obj
    state = one(session, id)
    counting = {event.name.rpartition("/")[2]: event.value for event in state.counting}
    found = [(name, event) for name, event in counting.items() if isinstance(event, model.Opened)]
    if not found:
        raise BadInput(f"nobody declared {state.id}, as far as can be read", help="svcops check shows the place.")
    name, opened = found[0]
    moment = past(session, at, "--at")
    if state.impact_started and moment < state.impact_started:
        raise BadInput("it cannot be declared before the impact started", help="svcops incident started corrects that.")
    _refuse_what_a_duplicate_contradicts(state, moment, "declared", "declared")
    steps = [(event.at, event.type) for event in counting.values() if isinstance(event, model.Move | model.Mitigated)]
    steps += [(state.acknowledged, "acknowledged")] if state.acknowledged else []  # a first commander does that, too
    for then, step in sorted(steps):
        if moment > then and step != opened.type:
            raise BadInput(f"it cannot be declared after it was {step}", help="--at says when it was declared.")
    return write(session, state, model.Opened, "Correct when it was declared:", state.incident.title, at=at,
                 corrects=name, from_=opened.from_, severity=opened.severity)  # fmt: skip


def _refuse_what_a_duplicate_contradicts(state: "State", moment: "datetime", key: str, verb: str) -> None:
    """Of an incident and what was merged into it the earliest counts: a later time would have no effect."""
    for name, taken in state.taken.items():
        earlier = getattr(taken.value, key)
        if earlier and earlier < moment:
            told = f"{tail(name)}, which was merged into it, says {earlier:%Y-%m-%d %H:%M}"
            help_ = f"Of both the earlier counts. If that is wrong: svcops incident {verb} {tail(name)} --at TIME"
            raise Refused(told, help=help_)

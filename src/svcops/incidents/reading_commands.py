"""The verbs of `svcops incident` that write nothing: show, list, handover."""

from typing import Annotated

from svcops.errors import BadInput
from svcops.incidents.noun import Id, app, known_services, mention_left_out, one
from svcops.terminal.command import Context, Option
from svcops.terminal.session import Session

_EVERY = 2
"""Seconds between two looks of --watch."""


@app.verb("show", examples="svcops incident show k7f3\nsvcops incident show k7f3 --json\nsvcops incident show --watch")
def show(
    ctx: Context,
    id: Id = "",
    events: Annotated[bool, Option("--events", help="The name of each event, too: what --corrects takes.")] = False,
    watch: Annotated[bool, Option("--watch", help="Stay, and show what changes, until ^C.")] = False,
) -> int:
    """Show one incident: phase, clocks, roles, timeline, merged ones, problems, what helps, post-mortem, measures."""
    from svcops.incidents.presenting import as_text, detail

    session: Session = ctx.obj
    state = one(session, id, whole=False)
    if watch:
        _watch(session, state.id, with_names=events)
    elif session.options.quiet:
        session.show(state.id)
    elif session.options.json:
        session.show_json("svcops.incident/1", incident=detail(session.store.graph, state, session.now()))
    else:
        session.show(as_text(session.store.graph, state, session.now(), session.zone, with_names=events))
    return session.mention_damage()


@app.verb("list", examples="svcops incident list\nsvcops incident list --open --json")
def list_(
    ctx: Context,
    open_only: Annotated[bool, Option("--open", help="Only those not yet back in normal operations.")] = False,
    service: Annotated[str, Option("--service", metavar="NAME", help="Only those of a service.")] = "",
) -> int:
    """List every incident, the newest first."""
    from svcops.incidents.outlines import outlines, without_record
    from svcops.incidents.presenting import row, summary

    session: Session = ctx.obj
    graph = session.store.graph
    everything = outlines(graph)
    if service and not any(service in one.services for one in everything.values()):
        known_services(session, [service])
    found = [
        one
        for one in everything.values()
        if not (open_only and one.is_over) and (not service or service in one.services)
    ]
    found.sort(key=lambda one: (one.declared is not None, one.declared, one.id), reverse=True)
    if session.options.json:
        session.show_json("svcops.incidents/1", incidents=[summary(one) for one in found])
    else:
        zone = session.zone
        session.show_table(
            ("id", "severity", "phase", "declared", "services", "title"),
            [row(one, zone) for one in found],
            empty="No incident that can be read." if graph.findings or without_record(graph) else "No incidents.",
        )
    return mention_left_out(session)


@app.verb("handover", examples="svcops incident handover k7f3\nsvcops incident handover --json")
def handover(ctx: Context, id: Id = "") -> int:
    """Brief whoever takes over, on one screen: who, what is due, what was told and done last, where help is."""
    from svcops.incidents import handover as brief

    session: Session = ctx.obj
    state = one(session, id, whole=False)
    graph, now = session.store.graph, session.now()
    if session.options.quiet:
        session.show(state.id)
    elif session.options.json:
        session.show_json("svcops.handover/1", **brief.content(graph, state, now))
    else:
        session.show("\n".join(brief.lines(graph, state, now, session.zone)))
    return session.mention_damage()


def _watch(session: Session, incident_id: str, *, with_names: bool) -> None:
    """Show an incident anew every two seconds, read anew each time, as of then: what is due comes nearer."""
    from datetime import UTC, datetime
    from time import sleep

    from svcops.incidents.facts import read_state
    from svcops.incidents.presenting import as_text
    from svcops.terminal.watching import watch

    if session.options.json or session.options.quiet:
        raise BadInput("--watch is for a person", help="Without it, the incident is shown once.")

    def draw() -> str:
        session.store.forget()
        graph, now = session.store.graph, datetime.now(UTC)
        state = read_state(graph, incident_id, whole=False)
        head = f"{now.astimezone(session.zone):%H:%M:%S}, read every {_EVERY} s until ^C"
        damaged = "".join(f"\n! damaged: {one.at.path}" for one in graph.findings if one.severity == "error")
        return f"{head}{damaged}\n\n{as_text(graph, state, now, session.zone, with_names=with_names)}"

    watch(session, draw, lambda: sleep(_EVERY))

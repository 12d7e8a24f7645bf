"""The verbs of `svcops measure` that show measures."""

from typing import TYPE_CHECKING, Annotated

from svcops.errors import ANSWER_IS_NO, DONE, BadInput
from svcops.postmortems.measure_noun import Id, app, today
from svcops.terminal.command import Context, Option

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from svcops.incidents.measures import MeasureState
    from svcops.terminal.session import Session

Owner = Annotated[str, Option("--owner", metavar="NAME", help="Only those of a team or a person.")]
Service = Annotated[str, Option("--service", metavar="NAME", help="Only those from incidents of a service.")]


@app.verb(
    "list",
    examples="svcops measure list\nsvcops measure list --open --owner platform\nsvcops measure list --incident k7f3",
)
def list_(
    ctx: Context,
    open_only: Annotated[bool, Option("--open", help="Only those that are neither anchored nor dropped.")] = False,
    anchored: Annotated[bool, Option("--anchored", help="Only those that are in place.")] = False,
    dropped: Annotated[bool, Option("--dropped", help="Only those that somebody else agreed to drop.")] = False,
    late_only: Annotated[bool, Option("--overdue", help="Only open ones whose last day is over.")] = False,
    owner: Owner = "",
    service: Service = "",
    incident: Annotated[str, Option("--incident", metavar="ID", help="Only those of an incident.")] = "",
) -> int:
    """List measures: the open ones by their last day, then those that are done."""
    from svcops.incidents.measures import measure_states
    from svcops.postmortems.measure_facts import in_order
    from svcops.postmortems.measure_presenting import COLUMNS, detail, none_of, row

    session: Session = ctx.obj
    graph, day = session.store.graph, today(session)
    wanted = _of(session, owner, service, incident)
    asked = [word for word, given in (("open", open_only), ("anchored", anchored), ("dropped", dropped)) if given]
    if len(asked) + late_only > 1:
        raise BadInput("--open, --anchored, --dropped and --overdue exclude one another", help="Leave all but one out.")
    every = measure_states(graph).values()
    found = in_order(
        one
        for one in every
        if wanted(one)
        and (not asked or (one.is_certain and one.standing in asked))
        and (not late_only or one.overdue_by(day))
    )
    if session.options.json:
        session.show_json("svcops.measures/1", measures=[detail(graph, one, day) for one in found])
    else:
        empty = none_of(graph, "matches" if every else "")
        session.show_table(COLUMNS, [row(graph, one, day) for one in found], empty=empty)
    return session.mention_damage()


@app.verb("show", examples="svcops measure show m7k2\nsvcops measure show m7k2 --json")
def show(ctx: Context, id: Id) -> int:
    """Show one measure: what anchors it and what changed there, who drops it and who agreed, what is missing."""
    from svcops.incidents.measures import measure_states
    from svcops.postmortems.measure_facts import find_measure
    from svcops.postmortems.measure_presenting import as_text, detail
    from svcops.postmortems.model import Anchored
    from svcops.store.history import difference

    session: Session = ctx.obj
    graph, day = session.store.graph, today(session)
    state = measure_states(graph).get(find_measure(graph, id, lambda _: True, "measure"))
    if state is None:
        session.mention_damage()
        raise BadInput(f"measure {id} has a damaged file", help="svcops check shows the place.")
    if session.options.quiet:
        session.show(state.id)
    elif session.options.json:
        session.show_json("svcops.measure/1", measure=detail(graph, state, day))
    else:
        contents = {one.name: one.value.anchor for one in state.anchors if isinstance(one.value, Anchored)}
        changed = {name: difference(session.store, one.before, one.after) for name, one in contents.items()}
        session.show(as_text(graph, state, day, session.zone, changed))
    return session.mention_damage()


@app.verb("overdue", examples="svcops measure overdue\nsvcops measure overdue --by owner --json")
def overdue(
    ctx: Context,
    by: Annotated[str, Option("--by", metavar="WHAT", help="owner or service: how many each has.")] = "",
    owner: Owner = "",
    service: Service = "",
) -> int:
    """List open measures whose last day is over, the latest first. Exit code 1 where there are some.

    After the grace of svcops.yaml (policy.measure_grace) svcops check fails for them, too.
    """
    from svcops.incidents.measures import measure_states
    from svcops.postmortems import measure_facts as facts
    from svcops.postmortems import measure_presenting as presenting

    session: Session = ctx.obj
    graph, day = session.store.graph, today(session)
    if by not in ("", "owner", "service"):
        raise BadInput(f"--by {by}: no such way", help="owner or service.")
    wanted = _of(session, owner, service, "")
    late = facts.overdue(filter(wanted, measure_states(graph).values()), day)

    def names(one: "MeasureState") -> "Iterable[str]":
        return [one.measure.owner] if by == "owner" else facts.services_of(graph, one)

    groups = facts.grouped(late, names, day) if by else []
    empty = presenting.none_of(graph, "is overdue")
    if session.options.json:
        content = {f"by_{by}": [presenting.group_detail(one) for one in groups]} if by else {}
        measures = [presenting.detail(graph, one, day) for one in late]
        session.show_json("svcops.measures/1", measures=measures, **content)
    elif by:
        rows = [presenting.group_row(one) for one in groups]
        session.show_table((by, "overdue", "longest", "measures"), rows, empty=empty)
    else:
        rows = [presenting.overdue_row(graph, one, day) for one in late]
        session.show_table(presenting.OVERDUE_COLUMNS, rows, empty=empty)
    return session.mention_damage() or (ANSWER_IS_NO if late else DONE)


def _of(session: "Session", owner: str, service: str, incident: str) -> "Callable[[MeasureState], bool]":
    """Whether a measure is of this owner, service and incident, each where it is given; BadInput for unknown ones."""
    from svcops.catalogue.facts import called
    from svcops.incidents.measures import measure_states
    from svcops.incidents.outlines import counted_as, goes_on_as
    from svcops.postmortems.measure_facts import services_of
    from svcops.store.ids import resolve

    graph = session.store.graph
    if not any(one.measure.owner == owner for one in measure_states(graph).values()):
        known_owner(session, owner)
    name = called(graph, "service", service).name if service else ""
    given = resolve(incident, graph.names("incident"), noun="incident") if incident else ""
    incidents = counted_as(graph, goes_on_as(graph, given)) if given else []

    def wanted(one: "MeasureState") -> bool:
        return (
            (not owner or one.measure.owner == owner)
            and (not name or name in services_of(graph, one))
            and (not given or one.measure.incident in incidents)
        )

    return wanted


def known_owner(session: "Session", name: str) -> None:
    """BadInput where a name is given, and the catalogue has no such team or person."""
    graph = session.store.graph
    if name and graph.find(("team", "person"), name) is None:
        from svcops.store.suggest import did_you_mean

        near = did_you_mean(name, graph.candidates(("team", "person")))
        raise BadInput(f"there is no team or person {name!r}", help=near or "catalogue/teams holds the teams.")

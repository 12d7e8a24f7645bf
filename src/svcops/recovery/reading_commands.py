"""The verbs of `svcops drill` that show: due, list, show, trend."""

from typing import TYPE_CHECKING, Annotated

from svcops.errors import ANSWER_IS_NO, DONE
from svcops.recovery.noun import Plan, app, mention_what_was_left, plan_called
from svcops.terminal.command import Argument, Context, Option

if TYPE_CHECKING:
    from svcops.recovery.plan import RecoveryPlan
    from svcops.store.entries import Entry
    from svcops.terminal.session import Session


@app.verb("list", examples="svcops drill list\nsvcops drill list --service document-archive --json")
def list_(
    ctx: Context,
    service: Annotated[str, Option("--service", metavar="NAME", help="Only plans of a service.")] = "",
) -> int:
    """List recovery plans: what came of the last drill, when the next is due, whether it is hardened."""
    session: Session = ctx.obj
    mention_what_was_left(session)
    return _listed(session, _plans(session, service), empty="no recovery plan")


@app.verb("due", examples="svcops drill due\nsvcops drill due --quiet")
def due(
    ctx: Context,
    service: Annotated[str, Option("--service", metavar="NAME", help="Only plans of a service.")] = "",
) -> int:
    """List the plans whose drill is due: it never passed, or that is too long ago. Exit code 1 where one is."""
    from svcops.recovery.facts import drills, due_at

    session: Session = ctx.obj
    mention_what_was_left(session)
    graph, now = session.store.graph, session.now()
    runs = drills(graph, now)
    found = []
    for one in _plans(session, service):
        at = due_at(graph, one.value, runs.get(one.name))
        if at is None or at <= now:
            found.append(one)
    return _listed(session, found, empty="no drill is due") or (ANSWER_IS_NO if found else DONE)


def _plans(session: "Session", service: str) -> "list[Entry[RecoveryPlan]]":
    from svcops.catalogue.facts import called

    graph = session.store.graph
    name = called(graph, "service", service).name if service else ""
    every = graph.all("recovery-plan").values()
    return sorted((one for one in every if name in ("", *one.value.services)), key=lambda one: one.name)


def _listed(session: "Session", plans: "list[Entry[RecoveryPlan]]", empty: str) -> int:
    from svcops.recovery.facts import drills
    from svcops.recovery.presenting import AMBER, PLANS, plan_detail, plan_row

    graph, now = session.store.graph, session.now()
    runs = drills(graph, now)
    if session.options.json:
        session.show_json(
            "svcops.recovery-plans/1", plans=[plan_detail(graph, one, runs.get(one.name), now) for one in plans]
        )
    else:
        rows = [plan_row(graph, one, runs.get(one.name), now) for one in plans]
        session.show_table(PLANS, rows, empty=empty, styles={AMBER: "yellow"})
    return session.mention_damage()


@app.verb("show", examples="svcops drill show archive-index\nsvcops drill show k7f3 --json")
def show(
    ctx: Context,
    given: Annotated[str, Argument(metavar="PLAN|ID", help="A plan, or the id of a drill, or the beginning of it.")],
) -> int:
    """Show a recovery plan, or what a drill came to, with each judgement."""
    from svcops.recovery.facts import drills
    from svcops.recovery.presenting import evidence_detail, evidence_text, painted, plan_detail, plan_text
    from svcops.store.ids import resolve
    from svcops.terminal.session import printable

    session: Session = ctx.obj
    mention_what_was_left(session)
    graph, now = session.store.graph, session.now()
    plans = graph.all("recovery-plan")
    if given in plans:
        entry, runs = plans[given], drills(graph, now).get(given)
        if session.options.json:
            session.show_json("svcops.recovery-plan/1", plan=plan_detail(graph, entry, runs, now))
        else:
            text = entry.name if session.options.quiet else printable(plan_text(graph, entry, runs, now))
            session.show(painted(text) if session.use_color(session.stdout) else text, painted=True)
        return session.mention_damage()
    every = graph.all("evidence")
    name = resolve(given, every, noun="drill or plan", help="svcops drill list shows the plans.")
    if session.options.json:
        session.show_json("svcops.evidence/1", evidence=evidence_detail(every[name]))
    else:
        session.show(name if session.options.quiet else evidence_text(name, every[name].value, session.zone))
    return session.mention_damage()


@app.verb("trend", examples="svcops drill trend archive-index\nsvcops drill trend archive-index --json")
def trend(ctx: Context, given: Plan) -> int:
    """List every drill of a plan, the newest first: how long it took and how old the data was, of what is agreed."""
    from svcops.recovery.facts import ran
    from svcops.recovery.presenting import TREND, evidence_detail, trend_row

    session: Session = ctx.obj
    mention_what_was_left(session)
    graph = session.store.graph
    name = plan_called(graph, given).name
    every = [one for one in ran(graph) if one.value.plan == name]
    every.sort(key=lambda one: one.value.ended_at, reverse=True)
    if session.options.json:
        session.show_json("svcops.drills/1", plan=name, drills=[evidence_detail(one) for one in every])
    else:
        session.show_table(TREND, [trend_row(one, session.zone) for one in every], empty=f"no drill of {name} yet")
    return session.mention_damage()

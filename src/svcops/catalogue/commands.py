"""svcops service ..."""

from typing import TYPE_CHECKING, Annotated, Any

from svcops.errors import DONE, BadInput, NotDone
from svcops.terminal.command import App, Argument, Context, Option

if TYPE_CHECKING:
    from collections.abc import Sequence

    from svcops.catalogue.editing import Edits
    from svcops.catalogue.model import Service
    from svcops.catalogue.validity import Worse
    from svcops.store.change import Change
    from svcops.store.entries import Entry
    from svcops.store.graph import Graph
    from svcops.terminal.session import Session

app = App("What runs, who answers for it, what it needs, and what was promised.")

Name = Annotated[str, Argument(metavar="NAME", help="The service's name, as svcops service list shows it.")]
Many = list[str] | None
WorkflowSlo = Annotated[
    Many,
    Option(
        "--workflow-slo",
        metavar="NAME=SLO",
        help="What measures a core workflow: sign-in=SLO/sign-in; sign-in= takes it away. May be repeated.",
    ),
]
DependencyWhy = Annotated[
    Many,
    Option(
        "--dependency-why",
        metavar="NAME=TEXT",
        help="What a dependency is needed for; NAME= takes it away. May be repeated.",
    ),
]
_NEEDS = "NAME, NAME:KIND or NAME:KIND:not-critical; KIND is call, data, event or infrastructure; may be repeated."


@app.verb(
    "list",
    examples="""
svcops service list
svcops service list --owner platform --tier 1
svcops service list --depends-on identity --columns name,owner,tier
svcops service list --text "pay slip" --no-external --json
""",
)
def list_(
    ctx: Context,
    owner: Annotated[str, Option("--owner", metavar="NAME", help="Only what this team or person answers for.")] = "",
    tier: Annotated[
        int | None, Option("--tier", metavar="NUMBER", help="Only this tier; 1 is the most critical.")
    ] = None,
    system: Annotated[str, Option("--system", metavar="NAME", help="Only what belongs to this system.")] = "",
    lifecycle: Annotated[str, Option("--lifecycle", metavar="WORD", help="Only this stage: production, ...")] = "",
    tag: Annotated[str, Option("--tag", metavar="TAG", help="Only what has this tag.")] = "",
    external: Annotated[
        bool | None, Option("--external/--no-external", help="Only what others run, or only what is run here.")
    ] = None,
    depends_on: Annotated[
        str, Option("--depends-on", metavar="NAME", help="Only what needs this service, not by way of others.")
    ] = "",
    text: Annotated[str, Option("--text", metavar="WORDS", help="Only what all these words stand in.")] = "",
    columns: Annotated[str, Option("--columns", metavar="A,B,C", help="Which columns, in this order.")] = "",
) -> int:
    """List the services of the catalogue.

    Columns: name, title, owner, tier, system, lifecycle, type, external, escalation, depends-on, workflows, tags,
    description, path.
    """
    from svcops.catalogue import facts
    from svcops.catalogue.presenting import in_list, row

    session: Session = ctx.obj
    graph = session.store.graph
    chosen = _columns(columns)
    _known("--owner", owner, facts.owners(graph) if owner else [])
    _known("--system", system, facts.systems(graph) if system else [])
    _known("--lifecycle", lifecycle, [*facts.STAGES, *facts.lifecycles(graph)] if lifecycle else [])
    _known("--tag", tag, facts.tags(graph) if tag else [])
    _known("--depends-on", depends_on, facts.needed(graph) if depends_on else [])
    found = facts.services(graph, facts.Filter(owner, tier, system, lifecycle, tag, external, depends_on, text))
    if session.options.json:
        session.show_json("svcops.services/1", services=[in_list(one) for one in found])
    elif session.options.quiet:
        session.show_table(("name",), [(one.name,) for one in found])
    else:
        empty = "no services" + (" match" if graph.names("service") else "")
        session.show_table(chosen, [row(one, chosen) for one in found], empty=empty)
    return session.mention_damage()


@app.verb(
    "graph",
    examples="""
svcops service graph
svcops service graph payroll
svcops service graph identity --up --depth 2
svcops service graph --format mermaid > landscape.mmd
svcops service graph --format dot | dot -Tsvg > landscape.svg
""",
)
def graph_(
    ctx: Context,
    name: Annotated[str, Argument(metavar="[NAME]", help="A service; without it, the whole landscape.")] = "",
    format: Annotated[str, Option("--format", metavar="FORMAT", help="tree, mermaid or dot.")] = "tree",
    up: Annotated[bool, Option("--up", help="What needs it.")] = False,
    down: Annotated[bool, Option("--down", help="What it needs; so it is without --up.")] = False,
    depth: Annotated[int | None, Option("--depth", metavar="NUMBER", help="As many dependencies away.")] = None,
) -> int:
    """Show what services need of each other."""
    from svcops.catalogue import dependencies, graphing
    from svcops.catalogue.facts import called

    session: Session = ctx.obj
    graph = session.store.graph
    if format not in ("tree", "mermaid", "dot"):
        raise BadInput(f"there is no format {format!r}", help="Formats: tree, mermaid, dot; --json for programs.")
    if depth is not None and depth < 1:
        raise BadInput(f"--depth {depth}: at least 1", help="svcops service graph NAME --depth 1")
    start = called(graph, "service", name).name if name else ""
    down = down or not up
    part = dependencies.landscape(graph)
    if start:
        part = dependencies.around(graph, start, up=up, down=down, depth=depth)
    if session.options.json:
        session.show_json("svcops.service-graph/1", **graphing.plain(part))
    elif session.options.quiet:
        session.show_table(("name",), [(one,) for one in part.services])
    elif format == "tree":
        for line in graphing.trees(part, start, up=up, down=down, depth=depth):
            session.show(line)
        if not part.services:
            session.say("no services")
    else:
        session.show(graphing.mermaid(part) if format == "mermaid" else graphing.dot(part))
    return session.mention_damage()


@app.verb("impact", examples="svcops service impact identity\nsvcops service impact bank-gateway --json")
def impact(ctx: Context, name: Name) -> int:
    """Show what suffers when a service fails: what stops, what is degraded, why, and the tightest promises hit."""
    from svcops.catalogue import impact_presenting
    from svcops.catalogue.dependencies import impact as impact_of
    from svcops.catalogue.facts import called

    session: Session = ctx.obj
    graph = session.store.graph
    entry = called(graph, "service", name)
    for kind in ("service", "agreement"):
        graph.all(kind)
    session.zone  # noqa: B018 - read, so that one that nobody knows is told: which agreements hold today hangs on it
    code = session.mention_damage()  # before the answer: who reads it at night has to know that more may suffer
    if session.options.json:
        session.show_json("svcops.impact/1", impact=impact_presenting.detail(graph, entry, session.now()))
    elif session.options.quiet:
        session.show_table(("name",), [(one.name,) for one in impact_of(graph, entry.name)])
    else:
        session.show(impact_presenting.as_text(graph, entry, session.now()))
    return code


@app.verb(
    "new",
    examples="""
svcops service new expenses --title "Expenses" --owner finance-applications --tier 2 --depends-on identity
svcops service new mail --title "Mail relay" --owner platform --external --depends-on dns:infrastructure
svcops service new search --title Search --owner platform --workflow "find=Find a document" \\
    --workflow-slo find=SLO/search
""",
)
def new(
    ctx: Context,
    name: Annotated[str, Argument(metavar="NAME", help="Its name: lower-case letters, digits, - . _ between them.")],
    title: Annotated[str, Option("--title", metavar="TEXT", help="What people call it.")],
    owner: Annotated[str, Option("--owner", metavar="NAME", help="The team, or person, that answers for it.")],
    description: Annotated[str, Option("--description", metavar="TEXT", help="What it does.")] = "",
    tier: Annotated[int | None, Option("--tier", metavar="NUMBER", help="How critical, 1 the most.")] = None,
    lifecycle: Annotated[str, Option("--lifecycle", metavar="WORD", help="Its stage of life.")] = "production",
    type_: Annotated[str, Option("--type", metavar="WORD", help="A word of your own, such as service.")] = "",
    system: Annotated[str, Option("--system", metavar="NAME", help="The system that it belongs to.")] = "",
    escalation: Annotated[str, Option("--escalation", metavar="NAME", help="Its own escalation policy.")] = "",
    external: Annotated[bool, Option("--external", help="Somebody else runs it.")] = False,
    depends_on: Annotated[Many, Option("--depends-on", metavar="DEPENDENCY", help=_NEEDS)] = None,
    workflow: Annotated[
        Many, Option("--workflow", metavar="NAME=TITLE", help="What users come for; may be repeated.")
    ] = None,
    workflow_slo: WorkflowSlo = None,
    dependency_why: DependencyWhy = None,
    tag: Annotated[Many, Option("--tag", metavar="TAG", help="May be repeated.")] = None,
) -> int:
    """Add a service to the catalogue."""
    from svcops.catalogue import changes, editing
    from svcops.catalogue.model import Service
    from svcops.catalogue.validity import refuse_worse

    session: Session = ctx.obj
    graph = session.store.graph
    editing.new_name(graph, name)
    service = Service(
        title=" ".join(title.split()),
        description=description.strip(),
        owner=owner,
        tier=tier,
        lifecycle=lifecycle,
        type=type_,
        system=system or None,
        escalation=escalation or None,
        external=external,
        dependencies=tuple(map(editing.dependency, depends_on or ())),
        core_workflows=tuple(map(editing.workflow, workflow or ())),
        tags=tuple(tag or ()),
    )
    path, text = changes.service_path(name), changes.service_text(service)
    data = editing.edited(text.encode(), editing.Edits({}, parts=editing.parts(workflow_slo, dependency_why)), path)
    refuse_worse(graph, path, data)
    return _write(session, name, changes.new_service(name, data))


@app.verb(
    "edit",
    examples="""
svcops service edit ledger
svcops service edit ledger --owner platform --tier 2
svcops service edit ledger --add-dependency search:call:not-critical --remove-dependency bank-gateway
svcops service edit ledger --unset system
svcops service edit ledger --workflow-slo accept-posting=SLO/posting-acceptance
svcops service edit ledger --dependency-why identity="every posting names who made it"
""",
)
def edit(
    ctx: Context,
    name: Name,
    title: Annotated[str | None, Option("--title", metavar="TEXT", help="What people call it.")] = None,
    owner: Annotated[str | None, Option("--owner", metavar="NAME", help="Who answers for it.")] = None,
    description: Annotated[str | None, Option("--description", metavar="TEXT", help="What it does.")] = None,
    tier: Annotated[int | None, Option("--tier", metavar="NUMBER", help="How critical, 1 the most.")] = None,
    lifecycle: Annotated[str | None, Option("--lifecycle", metavar="WORD", help="Its stage of life.")] = None,
    type_: Annotated[str | None, Option("--type", metavar="WORD", help="A word of your own.")] = None,
    system: Annotated[str | None, Option("--system", metavar="NAME", help="The system that it belongs to.")] = None,
    escalation: Annotated[str | None, Option("--escalation", metavar="NAME", help="Its own escalation policy.")] = None,
    external: Annotated[bool | None, Option("--external/--no-external", help="Whether somebody else runs it.")] = None,
    unset: Annotated[Many, Option("--unset", metavar="KEY", help="Take a key away; may be repeated.")] = None,
    add_dependency: Annotated[Many, Option("--add-dependency", metavar="DEPENDENCY", help=_NEEDS)] = None,
    remove_dependency: Annotated[Many, Option("--remove-dependency", metavar="NAME", help="May be repeated.")] = None,
    add_workflow: Annotated[Many, Option("--add-workflow", metavar="NAME=TITLE", help="May be repeated.")] = None,
    remove_workflow: Annotated[Many, Option("--remove-workflow", metavar="NAME", help="May be repeated.")] = None,
    workflow_slo: WorkflowSlo = None,
    dependency_why: DependencyWhy = None,
    add_tag: Annotated[Many, Option("--add-tag", metavar="TAG", help="May be repeated.")] = None,
    remove_tag: Annotated[Many, Option("--remove-tag", metavar="TAG", help="May be repeated.")] = None,
) -> int:
    """Change a service; every byte that is not changed stays.

    Without options, on a terminal, an editor ($VISUAL, $EDITOR) opens a copy, and what comes of it is written only if
    it is valid.
    """
    from svcops.catalogue import editing

    session: Session = ctx.obj
    values = {
        "title": None if title is None else " ".join(title.split()),
        "description": description,
        "owner": owner,
        "tier": tier,
        "lifecycle": lifecycle,
        "type": type_,
        "system": system,
        "escalation": escalation,
        "external": external,
    }
    for key in unset or ():
        if values.get(key) is not None:
            raise BadInput(f"--{key} and --unset {key} contradict each other", help="Leave one of them out.")
    edits = editing.Edits(
        values={key: value for key, value in values.items() if value is not None},
        unset=tuple(unset or ()),
        add=editing.additions(add_dependency, add_workflow, add_tag),
        remove=editing.removals(remove_dependency, remove_workflow, remove_tag),
        parts=editing.parts(workflow_slo, dependency_why),
    )
    return _edit(session, _to_edit(session.store.graph, name), edits)


def _to_edit(graph: "Graph", name: str) -> str:
    """The name of a service that is there, damaged or not."""
    wanted = name.strip().lower()
    if wanted not in graph.names("service"):
        from svcops.catalogue.facts import called

        called(graph, "service", name)
    return wanted


def _edit(session: "Session", name: str, edits: "Edits") -> int:
    from svcops.catalogue import changes, editing
    from svcops.catalogue.validity import refuse_worse

    graph = session.store.graph
    path = graph.find(("service",), name) or ""
    problem = graph.tree.read(path)[1]
    if problem:
        raise BadInput(f"{path}: {problem.message}", help=problem.help)
    before = session.store.blob(path)
    if edits:
        after = editing.edited(before, edits, path)
        found = refuse_worse(graph, path, after, before)
        if after == before:
            return _unchanged(session, name, f"{name} says so already; nothing to change")
        done = _write(session, name, changes.edit_service(name, path, before, after, edits.what))
        return _mention_left(session, found, done)
    if session.options.no_input or not (session.is_terminal and session.stdin.isatty()):
        help_ = "--title, --owner, --tier, --add-dependency ...: svcops service edit --help lists them."
        raise BadInput("say what to change: there is no terminal to open an editor on", help=help_)
    copy = editing.edit_by_hand(graph, path, before, session.env)
    if copy.data == before:
        copy.discard()
        return _unchanged(session, name, "nothing was changed")
    try:
        done = _write(session, name, changes.edit_service(name, path, before, copy.data, "by hand"))
    except NotDone as error:
        error.help = "\n".join(filter(None, (error.help, f"Your copy is kept: {copy.path}")))
        raise
    copy.discard()
    return _mention_left(session, copy.found, done)


def _mention_left(session: "Session", found: "Worse", code: int) -> int:
    """Say what is wrong with the record as it was before; the exit code is the one given."""
    from svcops.catalogue.validity import line_of

    for one in found.left:
        session.say(line_of(one))
    return code


def _write(session: "Session", name: str, change: "Change") -> int:
    written = session.apply(change)
    session.finish(written, name, "svcops.service/1", lambda: {"service": _content(session, name)})
    return DONE


def _unchanged(session: "Session", name: str, why: str) -> int:
    session.say(why)
    if session.options.json:
        session.show_json("svcops.service/1", service=_content(session, name), written=None)
    return DONE


def _content(session: "Session", name: str) -> dict[str, Any] | None:
    """The service as it now is, for JSON; None where it is damaged."""
    from svcops.catalogue.presenting import detail

    graph = session.store.graph
    entry: Entry[Service] | None = graph.all("service").get(name)
    return detail(graph, entry, session.now()) if entry else None


def _columns(text: str) -> "Sequence[str]":
    """The columns that were asked for, each one that there is."""
    from svcops.catalogue.presenting import COLUMNS, DEFAULT_COLUMNS

    chosen = [one.strip() for one in text.split(",") if one.strip()]
    for one in chosen:
        _known("--columns", one, list(COLUMNS))
    return chosen or DEFAULT_COLUMNS


def _known(flag: str, name: str, names: list[str]) -> None:
    """Refuse a filter that can match nothing because nothing has that name."""
    if name and name not in names:
        from svcops.store.suggest import did_you_mean

        some = f"One of {', '.join(sorted(set(names))[:20])}." if names else "There is none of any name."
        raise BadInput(f"{flag} {name}: nothing here has that name", help=did_you_mean(name, names) or some)

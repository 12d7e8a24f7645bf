"""svcops import FORMAT, svcops export FORMAT."""

from typing import TYPE_CHECKING, Annotated

import svcops.exchange.slo_commands  # noqa: F401 - its verbs
from svcops.errors import BAD_INPUT
from svcops.exchange.noun import (
    REFUSED,
    DryRun,
    Force,
    Map,
    Output,
    Owner,
    Update,
    export_app,
    import_app,
    import_batch,
    say_done,
)
from svcops.terminal.command import Argument, Context, Option
from svcops.terminal.session import Session

if TYPE_CHECKING:
    from svcops.exchange.outside import Outcome
    from svcops.exchange.sources import Input

_MANY = 2000
"""Files that take some seconds to write."""


@import_app.verb(
    "backstage",
    examples="svcops import backstage catalog-info.yaml --dry-run\nsvcops import backstage catalog/*.yaml",
)
def backstage(
    ctx: Context,
    files: Annotated[list[str], Argument(metavar="FILE...", help="Files of Backstage entities, several in a file.")],
    dry_run: DryRun = False,
    update: Update = False,
) -> int:
    """Bring components, APIs, systems, groups and users of a Backstage catalogue.

    Lists the names that are defined more than once (the first is kept), every reference that leads nowhere, and what
    is kept as annotations. One commit; doing it twice writes nothing the second time.
    """
    from svcops.exchange.backstage import read

    return import_batch(ctx.obj, read, files, dry_run=dry_run, update=update)


@import_app.verb(
    "gitlab-catalog",
    examples="svcops import gitlab-catalog services/service-catalog.yml services/teams.yml --dry-run",
)
def gitlab_catalog(
    ctx: Context,
    files: Annotated[
        list[str], Argument(metavar="FILE...", help="service-catalog.yml, teams.yml: lists of services and teams.")
    ],
    owner: Owner = "",
    dry_run: DryRun = False,
    update: Update = False,
) -> int:
    """Bring services and teams of a service catalogue as GitLab keeps its own.

    Its tiers (sv, db, inf, ...) are kinds, no criticality: they are kept as annotations. One commit; doing it twice
    writes nothing the second time.
    """
    from svcops.exchange.gitlab_catalog import read

    return import_batch(
        ctx.obj, lambda inputs, _: read(inputs, owner), files, dry_run=dry_run, update=update, owner=owner
    )


@import_app.verb(
    "datadog",
    examples="svcops import datadog entity.datadog.yaml --dry-run\n"
    "svcops import datadog */service.datadog.yaml --owner platform",
)
def datadog(
    ctx: Context,
    files: Annotated[
        list[str], Argument(metavar="FILE...", help="Datadog service and entity definitions: v2, v2.1, v2.2, v3.")
    ],
    owner: Owner = "",
    dry_run: DryRun = False,
    update: Update = False,
) -> int:
    """Bring services, data stores, queues, APIs and systems that Datadog's software catalogue defines.

    A tier that is no number (High, critical) is kept as an annotation, as is what has no field. One commit; doing it
    twice writes nothing the second time.
    """
    from svcops.exchange.datadog import read

    return import_batch(
        ctx.obj, lambda inputs, graph: read(inputs, graph, owner), files, dry_run=dry_run, update=update, owner=owner
    )


@import_app.verb(
    "statuspage",
    examples="""
svcops import statuspage incidents.json --dry-run
svcops import statuspage incidents.jsonl --map "Git Operations=git" --severity critical=sev1
curl -s https://status.example.com/api/v2/incidents.json | svcops import statuspage -
""",
)
def statuspage(
    ctx: Context,
    file: Annotated[
        str, Argument(metavar="FILE", help="incidents.json of the API, or JSON lines; - is standard input.")
    ],
    services: Map = None,
    severities: Annotated[
        list[str] | None,
        Option("--severity", metavar="IMPACT=SEVERITY", help="What an impact is here; may be repeated."),
    ] = None,
    dry_run: DryRun = False,
    update: Annotated[
        bool, Option("--update", help="Add what was told since of incidents that are there; shows it.")
    ] = False,
) -> int:
    """Bring incidents with their timed updates, and maintenance, that a status page told of.

    critical is the highest severity of svcops.yaml, major the second, minor the third, none the fourth. A component
    is a service that is called like it, or as --map says; what is none is kept with the incident. One commit; doing it
    twice writes nothing the second time, and --update only adds events.
    """
    from svcops.exchange.outside import inputs_of
    from svcops.exchange.statuspage import read
    from svcops.exchange.statuspage_plan import choices_of, plan
    from svcops.terminal.progress import progress

    session: Session = ctx.obj
    graph = session.store.graph
    choices = choices_of(graph, services or (), severities or ())
    inputs = inputs_of(session, [file])
    reported = read(inputs)
    with progress(session, "incidents compared", len(reported)) as tick:
        found = plan(reported, graph, choices, session.now(), update=update, tick=tick)
    return _bring(session, found, inputs, dry_run=dry_run, update=update)


@import_app.verb(
    "postmortem",
    examples="svcops import postmortem docs/postmortems/*.md --dry-run\n"
    'svcops import postmortem 2024-05-01.md --severity "P1=sev1" --map "API=gateway"',
)
def postmortem(
    ctx: Context,
    files: Annotated[
        list[str], Argument(metavar="FILE...", help="Markdown files with front matter; - is standard input.")
    ],
    services: Map = None,
    severities: Annotated[
        list[str] | None,
        Option("--severity", metavar="NAME=SEVERITY", help="What a severity is here; none is for files without one."),
    ] = None,
    dry_run: DryRun = False,
    update: Update = False,
) -> int:
    """Bring post-mortems that are Markdown with front matter, each with the incident that it is about.

    Read are title, date or start and end, severity, services, authors, url, and incident (one of this store), under
    their usual names; everything else is listed, and kept below the text, which stays as it is. One commit; doing it
    twice writes nothing the second time.
    """
    from svcops.exchange.outside import inputs_of
    from svcops.exchange.postmortem_files import read
    from svcops.exchange.postmortem_plan import choices_of, plan

    session: Session = ctx.obj
    graph = session.store.graph
    choices = choices_of(graph, services or (), severities or ())
    inputs = inputs_of(session, files)
    found = plan(read(inputs, session.zone_to_record), graph, choices, session.now(), update=update)
    return _bring(session, found, inputs, dry_run=dry_run, update=update)


@import_app.verb(
    "runbooks",
    examples="svcops import runbooks ../runbooks --dry-run\nsvcops import runbooks KubeAPIDown.md --service cluster",
)
def runbooks(
    ctx: Context,
    files: Annotated[list[str], Argument(metavar="PATH...", help="Markdown files, and folders of them.")],
    service: Annotated[
        str, Option("--service", metavar="NAME", help="The service that all are for; else their folders tell.")
    ] = "",
    dry_run: DryRun = False,
    update: Update = False,
) -> int:
    """Bring runbooks that are Markdown, with front matter or without.

    A page is for the service that a folder above it is called like; where none is, its folder names one that is to be
    made. A page that is called like an alert answers it. Kind, owner, preconditions, estimated, secrets, services and
    alerts of its front matter are kept where they may be said so here; what is left out is told, page by page.
    Texts stay as they are; links between pages that come lead to their new places. One commit; doing it twice
    writes nothing the second time. svcops check says what each of them lacks.
    """
    from svcops.catalogue.facts import called
    from svcops.exchange.runbook_files import files_below, read, services_of
    from svcops.exchange.runbook_plan import plan

    session: Session = ctx.obj
    graph = session.store.graph
    one = called(graph, "service", service).name if service else ""
    inputs = files_below(session.place, files)
    services = dict.fromkeys(inputs, one) if one else services_of(inputs, graph.names("service"))
    found = plan(read(inputs, services), graph, update=update)
    return _bring(session, found, list(inputs.values()), dry_run=dry_run, update=update)


@export_app.verb(
    "backstage",
    examples="svcops export backstage > catalog.yaml\nsvcops export backstage --output ../backstage/catalog",
)
def export_backstage(
    ctx: Context,
    output: Output = "-",
    force: Force = False,
) -> int:
    """Give services, systems, teams and people as Backstage entities.

    What Backstage has no words for goes into annotations under svcops/, which an import reads back; what was imported
    from Backstage goes back to its place. Never writes into the store.
    """
    from svcops.exchange.backstage_export import export
    from svcops.exchange.destination import write
    from svcops.exchange.presenting import export_as_json, export_remarks

    session: Session = ctx.obj
    store = session.store_untouched
    found = export(store.graph)
    written = write(session.place, output, found, store.root, force=force) if output != "-" else []
    if session.options.json:
        session.show_json("svcops.export/1", format="Backstage", **export_as_json(found), written=written)
    elif session.options.quiet:
        for one in found.entities:
            session.show(one.reference)
    elif output == "-":
        session.show(found.text().removesuffix("\n"))
    else:
        for path in written:
            session.show(path)
    for remark in export_remarks(found):
        session.say(remark)
    return session.mention_damage()


def _bring(session: Session, found: "Outcome", inputs: list["Input"], *, dry_run: bool, update: bool) -> int:
    """Show and write what happened elsewhere; exit code 2 where anything that was given was refused."""
    from svcops.exchange.outside_presenting import outcome_as_json, outcome_as_text
    from svcops.exchange.sources import origin_of
    from svcops.exchange.waiting import refuse_uncommitted

    code = session.mention_damage()
    if not session.options.json and not session.options.quiet:
        session.show(outcome_as_text(found, update=update))
    if len(found.files) > _MANY and not dry_run and session.stderr.isatty():
        session.say(f"writing {len(found.files):,} files, as one commit ...")
    written = session.apply(found.change(origin_of(inputs))) if found.plan.writes and not dry_run else None
    if session.options.quiet:
        for one in (*found.plan.added, *found.plan.updated):
            session.show(one.name)
    elif session.options.json:
        result = {"paths": list(written.paths), "commit": written.commit} if written else None
        session.show_json("svcops.import/1", **outcome_as_json(found), written=result)
    elif not found.is_refused:
        say_done(session, found.plan, written, dry_run=dry_run)
    if found.is_refused:
        session.warn(REFUSED)
    elif found.plan.unsupported:
        session.warn(f"not imported, as told above: {len(found.plan.unsupported)}")
    if not dry_run:
        refuse_uncommitted(session, found.plan)
    return BAD_INPUT if found.plan.unsupported else code


import_app.put_in_order(
    "backstage gitlab-catalog datadog statuspage postmortem runbooks openslo sloth pyrra slo-generator"
)
export_app.put_in_order("backstage openslo grafana")

"""svcops import FORMAT, svcops export FORMAT."""

from collections.abc import Callable, Collection, Sequence
from typing import TYPE_CHECKING, Annotated

from typer import Argument, Context, Option

from svcops.errors import DONE, BadInput
from svcops.terminal.command import App
from svcops.terminal.session import Session

if TYPE_CHECKING:
    from svcops.exchange.drafts import Batch
    from svcops.exchange.plan import Plan
    from svcops.exchange.sources import Input
    from svcops.store.writing import Written

import_app = App("Bring records from other tools. What the store has already is never overwritten unasked.")
export_app = App("Give the catalogue to other tools.")

DryRun = Annotated[bool, Option("--dry-run", help="Only show what would be done.")]
Update = Annotated[bool, Option("--update", help="Take over what differs in records that are there; shows a diff.")]
Owner = Annotated[str, Option("--owner", metavar="TEAM", help="Who answers for what names no owner.")]


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

    return _import(ctx.obj, read, files, dry_run=dry_run, update=update)


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

    return _import(ctx.obj, lambda inputs, _: read(inputs, owner), files, dry_run=dry_run, update=update, owner=owner)


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

    return _import(ctx.obj, lambda inputs, _: read(inputs, owner), files, dry_run=dry_run, update=update, owner=owner)


@export_app.verb(
    "backstage",
    examples="svcops export backstage > catalog.yaml\nsvcops export backstage --output ../backstage/catalog",
)
def export_backstage(
    ctx: Context,
    output: Annotated[
        str,
        Option(
            "--output", "--out", metavar="PATH", help="A .yaml file, or a folder (a file a kind); - is standard output."
        ),
    ] = "-",
    force: Annotated[bool, Option("--force", help="Overwrite files that are there.")] = False,
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
    written = write(session.cwd, output, found, store.root, force=force) if output != "-" else []
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


def _import(
    session: Session,
    read: Callable[[Sequence["Input"], Collection[str]], "Batch"],
    files: list[str],
    *,
    dry_run: bool,
    update: bool,
    owner: str | None = None,
) -> int:
    """Plan, show and write; `owner` is None where the format has no such option, and empty where it was not used."""
    from svcops.exchange.drafts import OWNERS
    from svcops.exchange.plan import plan
    from svcops.exchange.presenting import as_json, as_text
    from svcops.exchange.sources import origin_of, read_inputs

    inputs = read_inputs(session.cwd, files)
    graph = session.store.graph
    batch = read(inputs, set(graph.names("person")))
    if owner and not graph.find(OWNERS, owner) and not any(one.key == ("team", owner) for one in batch.drafts):
        raise BadInput(f"--owner {owner}: neither the store nor the files have a team or person of that name")
    found = plan(batch, graph, update=update)
    session.mention_damage()
    if not session.options.json and not session.options.quiet:
        session.show(as_text(found, diffs=update))
    written = session.apply(found.change(origin_of(inputs))) if found.writes and not dry_run else None
    if session.options.quiet:
        for one in (*found.added, *found.updated):
            session.show(one.name)
    elif session.options.json:
        result = {"paths": list(written.paths), "commit": written.commit} if written else None
        session.show_json("svcops.import/1", **as_json(found), written=result)
    else:
        if owner == "" and any("owner is missing" in one.reason for one in found.unsupported):
            session.say("next: --owner TEAM says who answers for what names no owner")
        _say_done(session, found, written, dry_run=dry_run)
    return DONE


def _say_done(session: Session, plan: "Plan", written: "Written | None", *, dry_run: bool) -> None:
    if written:
        session.say_written(written)
        if plan.dangling:
            session.say("next: svcops check shows each reference that leads nowhere, at its line")
    else:
        session.say("nothing written: a dry run" if dry_run else "nothing written: there is nothing to add")

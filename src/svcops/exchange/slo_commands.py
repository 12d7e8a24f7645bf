"""svcops import openslo|sloth|pyrra|slo-generator, svcops export openslo|grafana."""

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Annotated, Any

from svcops.exchange.noun import DryRun, Force, Map, Output, Update, export_app, import_app, import_batch
from svcops.terminal.command import Argument, Context, Option
from svcops.terminal.session import Session

if TYPE_CHECKING:
    from svcops.exchange.destination import Writable
    from svcops.exchange.drafts import Batch
    from svcops.exchange.slo_drafts import Options
    from svcops.exchange.sources import Input
    from svcops.store.graph import Graph

    Read = Callable[[Sequence[Input], Graph, Options], Batch]

Window = Annotated[str, Option("--window", metavar="DURATION", help="Over which time SLOs are judged, such as 28d.")]
ServiceOf = Annotated[str, Option("--service", metavar="NAME", help="Which service SLOs are for that name none.")]
SourceOf = Annotated[
    str,
    Option(
        "--source",
        metavar="NAME",
        help="The DataSource of the store that plain selectors are asked of; else one of type Prometheus.",
    ),
]


@import_app.verb(
    "openslo",
    examples="svcops import openslo slos.yaml --dry-run\nsvcops import openslo old/*.yaml --map shop-api=shop",
)
def openslo(
    ctx: Context,
    files: Annotated[list[str], Argument(metavar="FILE...", help="OpenSLO documents of v1 or v1alpha, YAML or JSON.")],
    services: Map = None,
    source: SourceOf = "",
    dry_run: DryRun = False,
    update: Update = False,
) -> int:
    """Bring OpenSLO documents: of v1 as they are, of v1alpha as the v1 documents that say the same.

    Each goes to a file of its own in slo/. One commit; doing it twice writes nothing the second time.
    """
    from svcops.exchange.openslo import read

    return _import(ctx.obj, read, files, services, source=source, dry_run=dry_run, update=update)


@import_app.verb(
    "sloth",
    examples="svcops import sloth slos/*.yml --dry-run\nsvcops import sloth a.yml --window 28d --source shop-samples",
)
def sloth(
    ctx: Context,
    files: Annotated[
        list[str], Argument(metavar="FILE...", help="Files of Sloth (prometheus/v1), or its Kubernetes manifests.")
    ],
    services: Map = None,
    window: Window = "",
    source: SourceOf = "",
    dry_run: DryRun = False,
    update: Update = False,
) -> int:
    """Bring SLOs of Sloth with their alerts, as OpenSLO documents.

    sum(rate(SELECTOR[{{.window}}])) becomes the counter SELECTOR; other PromQL is kept as it is, and listed. Without
    --window an SLO is judged over 30d, as Sloth does.
    """
    from svcops.exchange.sloth import read

    return _import(ctx.obj, read, files, services, window=window, source=source, dry_run=dry_run, update=update)


@import_app.verb(
    "pyrra",
    examples="svcops import pyrra slos/*.yaml --service shop --dry-run\n"
    "svcops import pyrra api.yaml --service shop --source shop-samples",
)
def pyrra(
    ctx: Context,
    files: Annotated[list[str], Argument(metavar="FILE...", help="Manifests of Pyrra, pyrra.dev/v1alpha1.")],
    services: Map = None,
    service: ServiceOf = "",
    source: SourceOf = "",
    dry_run: DryRun = False,
    update: Update = False,
) -> int:
    """Bring SLOs of Pyrra with their alerts, as OpenSLO documents.

    The label pyrra.dev/service, or --service, says which service an SLO is for. Groups are kept as an annotation, and
    listed: OpenSLO judges all of them together.
    """
    from svcops.exchange.pyrra import read

    return _import(ctx.obj, read, files, services, service=service, source=source, dry_run=dry_run, update=update)


@import_app.verb(
    "slo-generator",
    examples="svcops import slo-generator config.yaml slos/*.yaml --dry-run\n"
    "svcops import slo-generator slos/*.yaml --window 28d",
)
def slo_generator(
    ctx: Context,
    files: Annotated[
        list[str], Argument(metavar="FILE...", help="SLOs (sre.google.com/v2), and the shared configuration.")
    ],
    services: Map = None,
    service: ServiceOf = "",
    window: Window = "",
    source: SourceOf = "",
    dry_run: DryRun = False,
    update: Update = False,
) -> int:
    """Bring SLOs of slo-generator, as OpenSLO documents.

    Windows and alerts come from the error budget policies of the shared configuration, if that is given too. What asks
    another backend than Prometheus is kept in its words, and listed.
    """
    from svcops.exchange.slo_generator import read

    said = {"service": service, "window": window, "source": source}
    return _import(ctx.obj, read, files, services, **said, dry_run=dry_run, update=update)


@export_app.verb(
    "openslo",
    examples="svcops export openslo > slos.yaml\nsvcops export openslo --output ../openslo",
)
def export_openslo(ctx: Context, output: Output = "-", force: Force = False) -> int:
    """Give the OpenSLO documents of the store, with the services that they refer to.

    The same store gives the same bytes. Never writes into the store.
    """
    from svcops.exchange.openslo_export import export

    session: Session = ctx.obj
    found = export(session.store_untouched.graph)
    documents = [dict(one) for one in found.documents]
    return _export(
        session, found, output, found.names, found.remarks, force=force, format="OpenSLO", documents=documents
    )


@export_app.verb(
    "grafana",
    examples="svcops export grafana --output ../grafana/service-levels.json\nsvcops export grafana > dashboard.json",
)
def export_grafana(
    ctx: Context,
    output: Annotated[
        str, Option("--output", "--out", metavar="PATH", help="A .json file, or a folder; - is standard output.")
    ] = "-",
    force: Force = False,
) -> int:
    """Give one Grafana dashboard of the service levels, over a Prometheus: SLI, budget left, burn rates.

    An SLO that Prometheus cannot be asked for is left out, and told why. Grafana 11 or later takes it as it is.
    """
    from svcops.exchange.grafana import export

    session: Session = ctx.obj
    found = export(session.store_untouched.graph)
    reasons = dict.fromkeys(one.reason for one in found.left_out)
    remarks = [
        f"left out: {', '.join(dict.fromkeys(one.name for one in found.left_out if one.reason == reason))} ({reason})"
        for reason in reasons
    ]
    left_out = [{"slo": one.name, "reason": one.reason} for one in found.left_out]
    more: dict[str, Any] = {"format": "Grafana", "dashboard": dict(found.dashboard), "left_out": left_out}
    return _export(session, found, output, found.shown, remarks, force=force, endings=(".json",), **more)


def _import(
    session: Session,
    read: "Read",
    files: list[str],
    services: list[str] | None,
    *,
    dry_run: bool,
    update: bool,
    **said: str,
) -> int:
    """Bring the documents that a format's files say."""
    from svcops.exchange.outside import pairs
    from svcops.exchange.slo_drafts import Options, checked

    options = Options(services=pairs("--map", services or (), "Shop API=shop"), **said)
    return import_batch(
        session,
        lambda inputs, graph: read(inputs, graph, checked(options, graph)),
        files,
        dry_run=dry_run,
        update=update,
    )


def _export(
    session: Session,
    found: "Writable",
    output: str,
    names: Iterable[str],
    remarks: Iterable[str],
    *,
    force: bool,
    endings: tuple[str, ...] = (".yaml", ".yml"),
    **content: Any,
) -> int:
    """Write or show an export; what it leaves out goes to standard error."""
    from svcops.exchange.destination import write

    root = session.store_untouched.root
    written = write(session.place, output, found, root, force=force, endings=endings) if output != "-" else []
    if session.options.json:
        session.show_json("svcops.export/1", **content, written=written)
    elif session.options.quiet:
        for name in names:
            session.show(name)
    elif output == "-":
        session.show(found.text().removesuffix("\n"))
    else:
        for path in written:
            session.show(path)
    for remark in remarks:
        session.say(remark)
    return session.mention_damage()

"""What the verbs of `svcops import` and `svcops export` share: options, and how a batch of records is brought."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Annotated

from svcops.errors import BAD_INPUT, BadInput
from svcops.terminal.command import App, Option
from svcops.terminal.session import Session

if TYPE_CHECKING:
    from svcops.exchange.drafts import Batch
    from svcops.exchange.plan import Plan
    from svcops.exchange.sources import Input
    from svcops.store.graph import Graph
    from svcops.store.writing import Written

REFUSED = "nothing written: nothing of it could be imported"

import_app = App("Bring records from other tools. What the store has already is never overwritten unasked.")
export_app = App("Give catalogue and service levels to other tools.")

DryRun = Annotated[bool, Option("--dry-run", help="Only show what would be done.")]
Update = Annotated[bool, Option("--update", help="Take over what differs in records that are there; shows a diff.")]
Map = Annotated[
    list[str] | None,
    Option("--map", metavar="NAME=SERVICE", help="Which service a component is; may be repeated."),
]
Owner = Annotated[str, Option("--owner", metavar="TEAM", help="Who answers for what names no owner.")]
Output = Annotated[
    str,
    Option(
        "--output", "--out", metavar="PATH", help="A .yaml file, or a folder (a file a kind); - is standard output."
    ),
]
Force = Annotated[bool, Option("--force", help="Overwrite files that are there.")]


def import_batch(
    session: Session,
    read: Callable[[Sequence["Input"], "Graph"], "Batch"],
    files: list[str],
    *,
    dry_run: bool,
    update: bool,
    owner: str | None = None,
) -> int:
    """Plan, show and write; `owner` is None where the format has no such option, and empty where it was not used.

    Exit code 2 where something was given, and nothing of it could be imported.
    """
    from svcops.exchange.drafts import OWNERS
    from svcops.exchange.plan import plan
    from svcops.exchange.presenting import as_json, as_text
    from svcops.exchange.sources import origin_of, read_inputs
    from svcops.exchange.waiting import refuse_uncommitted

    inputs = read_inputs(session.place, files)
    graph = session.store.graph
    batch = read(inputs, graph)
    if owner and not graph.find(OWNERS, owner) and not any(one.key == ("team", owner) for one in batch.drafts):
        raise BadInput(f"--owner {owner}: neither the store nor the files have a team or person of that name")
    found = plan(batch, graph, update=update)
    code = session.mention_damage()
    if not session.options.json and not session.options.quiet:
        session.show(as_text(found, update=update))
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
        if not found.is_refused:
            say_done(session, found, written, dry_run=dry_run)
    if found.is_refused:
        session.warn(REFUSED)
    if not dry_run:
        refuse_uncommitted(session, found)
    return BAD_INPUT if found.is_refused else code


def say_done(session: Session, plan: "Plan", written: "Written | None", *, dry_run: bool) -> None:
    """What was written, and what to do next."""
    if written:
        session.say_written(written)
        if plan.dangling:
            session.say("next: svcops check shows each reference that leads nowhere, at its line")
    else:
        session.say("nothing written: a dry run" if dry_run else "nothing written: there is nothing to add")

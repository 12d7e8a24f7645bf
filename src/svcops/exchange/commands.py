"""svcops import FORMAT."""

from typing import TYPE_CHECKING, Annotated

from typer import Argument, Context, Option

from svcops.errors import DONE, BadInput
from svcops.terminal.command import App
from svcops.terminal.session import Session

if TYPE_CHECKING:
    from svcops.exchange.backstage_entities import Entity
    from svcops.store.writing import Written

import_app = App("Bring records from other tools. What the store has already is never overwritten.")


@import_app.verb(
    "backstage",
    examples="svcops import backstage catalog-info.yaml --dry-run\nsvcops import backstage catalog/*.yaml",
)
def backstage(
    ctx: Context,
    files: Annotated[list[str], Argument(metavar="FILE...", help="Files of Backstage entities, several in a file.")],
    dry_run: Annotated[bool, Option("--dry-run", help="Only show what would be done.")] = False,
) -> int:
    """Bring components, APIs, systems, groups and users of a Backstage catalogue.

    Lists the names that are defined more than once (the first is kept) and every reference that leads nowhere. One
    commit; doing it twice writes nothing the second time.
    """
    from svcops.exchange.backstage import plan
    from svcops.exchange.presenting import as_json, as_text

    session: Session = ctx.obj
    entities, origin = _read(session, files)
    graph = session.store.graph
    found = plan(entities, graph)
    session.mention_damage()
    if not session.options.json and not session.options.quiet:
        session.show(as_text(found))
    written = session.apply(found.change(origin)) if found.added and not dry_run else None
    if session.options.quiet:
        for one in found.added:
            session.show(one.name)
    elif session.options.json:
        result = {"paths": list(written.paths), "commit": written.commit} if written else None
        session.show_json("svcops.import/1", **as_json(found), written=result)
    else:
        _say_done(session, written, dry_run=dry_run, dangling=len(found.dangling))
    return DONE


def _read(session: Session, files: list[str]) -> tuple[list["Entity"], str]:
    """The entities of the files, and the files with their digests for the commit message."""
    from svcops.exchange.backstage_entities import MAX_BYTES, Unreadable, read
    from svcops.store.change import digest_of

    entities, findings, origin = [], [], []
    for file in files:
        try:
            with (session.cwd / file).open("rb") as stream:
                data = stream.read(MAX_BYTES + 1)
        except OSError as error:
            raise BadInput(f"{file} cannot be read: {error.strerror}") from None
        found, wrong = read(file, data)
        entities += found
        findings += wrong
        origin.append(f"{file.rsplit('/', 1)[-1]} sha256:{digest_of(data)}")
    if findings:
        raise Unreadable(findings)
    return entities, "\n".join(origin)


def _say_done(session: Session, written: "Written | None", *, dry_run: bool, dangling: int) -> None:
    if written:
        session.say_written(written)
        if dangling:
            session.say("next: svcops check shows each reference that leads nowhere, at its line")
    else:
        session.say("nothing written: a dry run" if dry_run else "nothing written: there is nothing to add")

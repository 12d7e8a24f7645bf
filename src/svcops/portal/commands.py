"""svcops site ..."""

from typing import TYPE_CHECKING, Annotated

from svcops.errors import BAD_INPUT, DONE, NOT_DONE
from svcops.terminal.command import App, Context, Option
from svcops.terminal.session import Session

if TYPE_CHECKING:
    from svcops.portal.reading import Levels, World

app = App("The rendered site.")


@app.verb("build", examples="svcops site build\nsvcops site build --out /srv/www/ops --at 2026-11-23T06:00")
def build(
    ctx: Context,
    out: Annotated[
        str, Option("--out", "--output", metavar="DIR", help="The folder: new, empty, or of an earlier build.")
    ] = "site",
    at: Annotated[str, Option("--at", metavar="TIME", help="When the service levels are worked out.")] = "now",
) -> int:
    """Render the store as pages that need no server and no network. Prints their folder.

    Only what svcops wrote there before is overwritten or removed. What is damaged is left out and said so, on the
    pages and here: exit code 2 then, and the site is built all the same.
    """
    from svcops.portal.build import MAKER, render
    from svcops.portal.pages import pages, site
    from svcops.portal.reading import read
    from svcops.store.made_folder import check_folder, write
    from svcops.timing.asking import moment

    session: Session = ctx.obj
    store = session.store
    folder = session.place(out)
    check_folder(MAKER, folder, store.root)
    world = read(store, moment(session, at, "--at"), session.zone)
    every = list(pages(world))
    removed = write(MAKER, folder, render(store.root, site(world), every))
    if session.options.json:
        session.show_json(
            "svcops.site/1",
            folder=str(folder),
            at=site(world).at.iso,
            commit=world.revision.commit,
            pages=[{"path": one.path, "title": one.title} for one in every],
            removed=removed,
            left_out=sorted({one.at.path for one in world.left_out}),
            slos_not_computed=[one.slo.metadata.name for one in world.levels.failures],
        )
    else:
        session.show(str(folder))
        of_records = [page for page in every if not page.path.startswith("checks")]
        _say(session, world, len(of_records), len(removed))
    return max(session.mention_damage(), _mention_failures(session, world.levels))


def _say(session: Session, world: "World", rendered: int, removed: int) -> None:
    from svcops.portal.words import counted, when

    kinds = {"service": "service", "runbook": "runbook", "incident": "incident", "postmortem": "post-mortem"}
    of = ", ".join(counted(len(world.graph.all(kind)), word) for kind, word in kinds.items())
    gone = f"; {counted(removed, 'old page')} removed" if removed else ""
    levels = f"service levels of {when(world.at, world.zone).text}"
    session.say(f"rendered {counted(rendered, 'page')}: {of}; {levels}{gone}")


def _mention_failures(session: Session, levels: "Levels") -> int:
    """Say which SLOs could not be worked out, and why; the exit code for it."""
    for one in levels.failures:
        session.say(f"not worked out: {one.error.message}")
    if any(one.error.exit_code == NOT_DONE for one in levels.failures):
        return NOT_DONE
    return BAD_INPUT if levels.failures else DONE

"""What the verbs of `svcops slo` share: which SLOs are meant, who counts, and what is said of what is wrong."""

from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

from svcops.errors import NOT_ENOUGH_DATA, BadInput
from svcops.terminal.command import App, Option
from svcops.terminal.session import Session
from svcops.timing.asking import moment

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from svcops.errors import SvcopsError
    from svcops.slo.pushing import Pushing
    from svcops.slo.report import Report

app = App("Service levels, computed from exported metrics.")

FILES = "files"
_ENGINES = (FILES, "prometheus")
Engine = Annotated[
    str,
    Option(
        "--engine",
        metavar="NAME",
        help="Where samples are counted: in files here, or by the hosts of sources of type Prometheus (prometheus).",
    ),
]


def known(session: Session, names: list[str]) -> list[str] | None:
    """The names, each of an SLO of the store; None for all of them. BadInput where there is none, or it is damaged."""
    graph = session.store.graph
    every = [name.removeprefix("SLO/") for name in graph.all("slo") if name.startswith("SLO/")]
    for name in names:
        if name not in every:
            from svcops.slo.damage import but_damaged, refuse_damaged
            from svcops.store.suggest import did_you_mean

            refuse_damaged(graph, "SLO", name)
            near = did_you_mean(name, every) or f"SLOs: {', '.join(every) or 'none'}."
            raise BadInput(f"there is no SLO {name!r}{but_damaged(graph)}", help=near)
    return names or None


@contextmanager
def pushing(session: Session, engine: str) -> "Iterator[Pushing | None]":
    """The hosts that count, for as long as the block lasts; None where files are counted."""
    if engine not in _ENGINES:
        raise BadInput(f"--engine {engine}: not known", help=f"One of {', '.join(_ENGINES)}.")
    if engine == FILES:
        yield None
        return
    from svcops.slo.pushing import Pushing
    from svcops.terminal.progress import progress

    asked = 0
    with progress(session, "questions to Prometheus", 0, every=1) as show:

        def tell() -> None:
            nonlocal asked
            asked += 1
            show(asked)

        with Pushing(session.env, session.store.root, tell) as hosts:
            yield hosts


def until(session: Session, at: str, hosts: "Pushing | None") -> "datetime":
    """Where the windows end; in whole milliseconds where hosts are asked, as they know no others."""
    found = moment(session, at, "--at")
    return found.replace(microsecond=found.microsecond // 1000 * 1000) if hosts else found


def exit_code(session: Session, of: "Report") -> int:
    """The report's own, but a file that cannot be read is an input that is wrong."""
    damaged = session.mention_damage()
    return max(damaged, of.exit_code) if of.exit_code != NOT_ENOUGH_DATA else damaged or of.exit_code


def complain(session: Session, of: "Report") -> None:
    """Say what is wrong, each thing once, and which SLOs it kept from being worked out."""
    names: dict[tuple[str, str], list[str]] = {}
    for one in of.failures:
        names.setdefault((one.error.message, one.error.help), []).append(one.slo.metadata.name)
    for (message, help_), kept in names.items():
        session.warn(f"error: {message}")
        if help_:
            session.warn("  help: " + help_.replace("\n", "\n        "))
        session.warn(f"  not worked out: {', '.join(kept)}")


def wrong(session: Session, errors: "Sequence[SvcopsError]") -> int:
    """Say what is wrong with some SLOs; the exit code for it, 0 where nothing is."""
    for error in errors:
        session.warn(f"error: {error.message}")
        if error.help:
            session.warn("  help: " + error.help.replace("\n", "\n        "))
    return max((one.exit_code for one in errors), default=0)

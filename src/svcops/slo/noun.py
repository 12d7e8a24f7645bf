"""What the verbs of `svcops slo` share."""

from svcops.errors import BadInput
from svcops.terminal.command import App
from svcops.terminal.session import Session

app = App("Service levels, computed from exported metrics.")


def known(session: Session, names: list[str]) -> list[str] | None:
    """The names, each of an SLO of the store; None for all of them."""
    every = [name.removeprefix("SLO/") for name in session.store.graph.all("slo") if name.startswith("SLO/")]
    for name in names:
        if name not in every:
            from svcops.store.suggest import did_you_mean

            raise BadInput(f"there is no SLO {name!r}", help=did_you_mean(name, every) or f"SLOs: {', '.join(every)}.")
    return names or None

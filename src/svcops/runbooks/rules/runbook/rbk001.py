"""A runbook for an alert that is named nearly like one that an SLO raises, and that no runbook answers."""

from collections.abc import Collection, Iterator

from svcops.checking.model import Finding, Related
from svcops.checking.rule import Context, Rule
from svcops.runbooks.model import Runbook
from svcops.slo.model import SLO
from svcops.slo.raised import Alert, raised
from svcops.store.entries import Entry
from svcops.store.suggest import nearest


def _find(context: Context) -> Iterator[Finding]:
    graph = context.graph
    books = graph.all("runbook").values()
    answered = {name for book in books for name in book.value.alerts}
    known = graph.once(raised)
    if answered <= known.names:
        return
    waiting = _waiting(graph.all("slo").values(), known.by_slo, answered)
    for book in books:
        for number, name in enumerate(book.value.alerts):
            if name not in known.names:
                yield from _meant(book, number, [one for of in _services(book) for one in waiting.get(of, ())])


def _waiting(
    slos: Collection[Entry[object]], by_slo: dict[str, tuple[Alert, ...]], answered: Collection[str]
) -> dict[str, list[tuple[Alert, Entry[object]]]]:
    """The alerts that no runbook answers, with their SLOs, by service."""
    found: dict[str, list[tuple[Alert, Entry[object]]]] = {}
    for entry in slos:
        if isinstance(entry.value, SLO):
            alerts = [(one, entry) for one in by_slo[entry.name] if not one.is_answered(answered)]
            found.setdefault(entry.value.spec.service, []).extend(alerts)
    return found


def _services(book: Entry[Runbook]) -> Collection[str]:
    return dict.fromkeys((book.name.partition("/")[0], *book.value.services))


def _meant(book: Entry[Runbook], number: int, waiting: list[tuple[Alert, Entry[object]]]) -> Iterator[Finding]:
    name = book.value.alerts[number]
    slos = {alert.name: slo for alert, slo in waiting}
    near = nearest(name, slos)
    if near:
        message = f"no SLO raises {name}, and no runbook answers {near}"
        related = (Related(f"raises {near}", slos[near].at("metadata", "name")),)
        help_ = f"Did you mean {near}? It is answered only by its very name."
        yield Finding("RBK001", message, book.at("alerts", number), help_, severity="warning", related=related)


RULE = Rule(
    "RBK001",
    "a runbook for an alert that is named nearly like one of an SLO",
    "warning",
    find=_find,
    rests_on=("slo", "runbook"),
)

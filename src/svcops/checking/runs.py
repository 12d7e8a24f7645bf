"""What is wrong with the times of a run, of a runbook or of a recovery plan, and with who ran it."""

from collections.abc import Iterator

from svcops.checking.bygone import nobodies
from svcops.checking.model import Finding, Related
from svcops.checking.rule import Context
from svcops.store.people import why_nobody
from svcops.store.suggest import did_you_mean


def impossible_times(context: Context, kind: str, code: str) -> Iterator[Finding]:
    """Of every record of a run that ended before it began, or that is still to end."""
    for entry in context.graph.all(kind).values():
        run = entry.value
        if run.ended_at < run.started_at:
            related = (Related("it begins here", entry.at("started_at")),)
            message = "it is over before it begins"
            yield Finding(code, message, entry.at("ended_at"), "Correct one of the two.", related=related)
        elif run.ended_at > context.now:
            help_ = "It is recorded when it is over; until then it proves nothing."
            yield Finding(code, "it ends in the future", entry.at("ended_at"), help_)


def run_by_nobody(context: Context, kind: str, code: str) -> Iterator[Finding]:
    """Of every record of a run that names nobody who was ever known as who ran it."""
    graph = context.graph
    unknown = {by for by, was in nobodies(graph, kind).items() if was is False}
    for entry in graph.all(kind).values() if unknown else ():
        by = entry.value.by
        if by in unknown:
            help_ = did_you_mean(by, graph.names("person")) or "A name of catalogue/people, or a mail address."
            message = f"{why_nobody(graph, by)}: nobody can be asked what was seen"
            yield Finding(code, message, entry.at("by"), help_, severity="warning")

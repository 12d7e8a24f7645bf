"""What is wrong with the times of a run, of a runbook or of a recovery plan."""

from collections.abc import Iterator

from svcops.checking.model import Finding, Related
from svcops.checking.rule import Context


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

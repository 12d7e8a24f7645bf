"""A runbook that was tried and does not count as rehearsed any more."""

from collections.abc import Iterator

from svcops.checking.model import Finding, Related
from svcops.checking.rule import Context, Rule
from svcops.runbooks.facts import exercises, why_stale


def _find(context: Context) -> Iterator[Finding]:
    graph = context.graph
    if graph.settings.profile == "provable":  # PRO001 says it of each service that lacks it
        return
    runs = exercises(graph, context.now)
    for book in graph.all("runbook").values() if runs else ():
        track = runs.get(book.name)
        why = why_stale(graph, book.name, track, context.now) if track and track.runs else ""
        if track and why:
            last = track.runs[-1]
            related = (Related("its last exercise", last.at("ended_at")),)
            help_ = f"Exercise it again: svcops runbook run {book.name}."
            yield Finding("RBK007", why, book.at(), help_, severity="warning", related=related)


RULE = Rule(
    "RBK007",
    "a runbook that was exercised and counts no more as rehearsed",
    "warning",
    find=_find,
    rests_on=("exercise",),
)

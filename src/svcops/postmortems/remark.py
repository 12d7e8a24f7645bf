"""What the check says when git's history is not there: which approvals and anchors it took at their word."""

from svcops.checking.rule import Context


def remark(context: Context) -> str:
    """One line; empty where history is there, or nothing of the store needs it."""
    graph, history = context.graph, context.history
    if history is None or not (graph.files_of("approval") or graph.files_of("measure-event")):
        return ""
    if not history.unknown:
        return ""
    return f"not judged by history, who approved and what is anchored: {history.unknown}"

"""Which severity a disruption has by what it does to users, and to how many: the store's severity matrix."""

from svcops.errors import BadInput
from svcops.store.settings import Settings
from svcops.store.suggest import did_you_mean


def severity_of(settings: Settings, severity: str, impact: str, scope: str) -> str:
    """The severity that was said, or that the matrix gives; BadInput where neither does, or both.

    Without a scope it is the highest of the row: doubt means the higher one.
    """
    if severity and (impact or scope):
        raise BadInput("--severity says what --impact and --scope lead to", help="Leave either out.")
    if severity:
        return severity
    matrix = settings.severity_matrix or {}
    if not impact:
        names = ", ".join(level.name for level in settings.severities)
        or_impact = f", or --impact WORD (--scope WORD): {', '.join(matrix)}" if matrix else ""
        raise BadInput("an incident needs a severity", help=f"--severity NAME, one of {names}{or_impact}.")
    if not matrix:
        raise BadInput("--impact: svcops.yaml has no severity_matrix", help="Say --severity NAME.")
    row = matrix.get(impact)
    if row is None:
        raise BadInput(f"--impact {impact}: no such row of severity_matrix", help=_near(impact, list(matrix)))
    if scope and scope not in row:
        raise BadInput(f"--scope {scope}: not in the row {impact} of severity_matrix", help=_near(scope, list(row)))
    order = [level.name for level in settings.severities]
    found = [row[scope]] if scope else sorted(row.values(), key=lambda one: order.index(one) if one in order else 0)
    if not found:
        raise BadInput(f"--impact {impact}: its row of severity_matrix is empty", help="Say --severity NAME.")
    return found[0]


def _near(word: str, known: list[str]) -> str:
    return did_you_mean(word, known) or f"One of {', '.join(known)}."

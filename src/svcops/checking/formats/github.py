"""Findings as workflow commands of GitHub Actions.

https://docs.github.com/actions/reference/workflow-commands-for-github-actions: `%`, CR and LF are escaped in messages,
`:` and `,` in properties too. The end column there is the last character's, not one past it. What a terminal would
obey becomes a dot: logs are read in terminals too.
"""

from collections.abc import Iterator

from svcops.checking.engine import Outcome
from svcops.checking.model import Finding

_LEVEL = {"error": "error", "warning": "warning", "note": "notice"}


def render(outcome: Outcome, prefix: str = "") -> Iterator[str]:
    """One line a finding; `prefix` is the store's folder below the top of the repository, with its last slash."""
    for finding in outcome.findings:
        yield _line(finding, prefix)


def _line(finding: Finding, prefix: str) -> str:
    properties = {"file": prefix + finding.at.path}
    span = finding.span
    if span:
        properties |= {"line": str(span.line), "endLine": str(span.end_line)}
        if span.line == span.end_line:
            properties |= {"col": str(span.column), "endColumn": str(max(span.column, span.end_column - 1))}
    properties["title"] = finding.code
    listed = ",".join(f"{key}={_property(value)}" for key, value in properties.items())
    message = finding.message + (f"\n{finding.help}" if finding.help else "")
    return f"::{_LEVEL[finding.severity]} {listed}::{_data(message)}"


def _data(text: str) -> str:
    escaped = text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    return "".join(char if char.isprintable() else " " if char.isspace() else "·" for char in escaped)


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")

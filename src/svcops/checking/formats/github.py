"""Findings as workflow commands of GitHub Actions.

https://docs.github.com/actions/reference/workflow-commands-for-github-actions: `%`, CR and LF are escaped in messages,
`:` and `,` in properties too. The end column there is the last character's, not one past it. What a terminal would
obey becomes a dot: logs are read in terminals too. GitHub shows the first ten of a kind in a step: the worst go first.
"""

from collections.abc import Iterator

from svcops.checking.formats.report import Report, worst_first
from svcops.checking.formats.sources import printable
from svcops.checking.model import Finding, Related
from svcops.store.layout import SETTINGS

_LEVEL = {"error": "error", "warning": "warning", "note": "notice"}


def blocks(report: Report) -> Iterator[str]:
    """One line a finding, its path from the top of the repository; before them, why no rule was applied."""
    if report.stopped:
        file = _property(report.prefix + SETTINGS)
        yield f"::error file={file},title=svcops check::{_data(report.stopped)}"
    for finding in worst_first(report.findings):
        yield _line(finding, report.prefix, report.url(finding.code))


def _line(finding: Finding, prefix: str, url: str | None) -> str:
    properties = {"file": prefix + finding.at.path}
    span = finding.span
    if span:
        properties |= {"line": str(span.line), "endLine": str(span.last_line)}
        if span.line == span.end_line:
            properties |= {"col": str(span.column), "endColumn": str(max(span.column, span.end_column - 1))}
    properties["title"] = finding.code
    listed = ",".join(f"{key}={_property(value)}" for key, value in properties.items())
    related = [f"{one.label}: {prefix}{_place(one)}" for one in finding.related]
    message = "\n".join(filter(None, (finding.message, finding.help, *related, url)))
    return f"::{_LEVEL[finding.severity]} {listed}::{_data(message)}"


def _place(one: Related) -> str:
    return f"{one.at.path}:{one.span.line}" if one.span else one.at.path


def _data(text: str) -> str:
    return printable(text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A"))


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")

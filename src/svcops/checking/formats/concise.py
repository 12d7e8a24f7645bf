"""A line a finding, for editors and for people who know the codes: `path:line:column: severity[CODE] message`."""

from collections.abc import Iterator

from svcops.checking.formats.report import Report
from svcops.checking.formats.sources import printable


def blocks(report: Report) -> Iterator[str]:
    """One line a finding; `path` is relative to the store, and stands alone where only the file is known."""
    for finding in report.findings:
        place = f":{finding.span.line}:{finding.span.column}" if finding.span else ""
        yield printable(f"{finding.at.path}{place}: {finding.severity}[{finding.code}] {finding.message}")

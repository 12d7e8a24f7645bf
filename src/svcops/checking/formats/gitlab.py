"""Findings as a Code Quality report of GitLab: https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format.

GitLab tells new from old by the fingerprint, shows a path from the top of the repository, and wants a line for all: a
finding about a file as a whole stands at its first.
"""

from collections.abc import Iterator
from typing import Any

from svcops.checking.formats.report import Report
from svcops.checking.model import Finding
from svcops.terminal.session import json_text

_SEVERITY = {"error": "major", "warning": "minor", "note": "info"}
"""Of the five there are; what is critical, or blocks, is for people to say."""


def blocks(report: Report) -> Iterator[str]:
    """One array, as GitLab reads it: no object around it that could name a schema."""
    yield json_text([_issue(finding, mark, report.prefix) for finding, mark in report.fingerprinted()])


def _issue(finding: Finding, fingerprint: str, prefix: str) -> dict[str, Any]:
    lines = {"begin": finding.span.line, "end": finding.span.last_line} if finding.span else {"begin": 1}
    return {
        "description": ". ".join(" ".join(part.split()) for part in (finding.message, finding.help) if part),
        "check_name": finding.code,
        "fingerprint": fingerprint,
        "severity": _SEVERITY[finding.severity],
        "location": {"path": prefix + finding.at.path, "lines": lines},
    }

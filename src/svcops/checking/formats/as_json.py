"""Findings as JSON, schema `svcops.findings/1`: positions from 1, the end column one past the span."""

from typing import Any

from svcops.checking.engine import Outcome
from svcops.checking.model import Finding, Span


def findings(outcome: Outcome) -> list[dict[str, Any]]:
    """Every finding as an object; `path` is relative to the store, positions null where only the file is known."""
    return [_finding(one) for one in outcome.findings]


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "code": finding.code,
        "severity": finding.severity,
        "message": finding.message,
        "path": finding.at.path,
        **_span(finding.span),
        "help": finding.help or None,
        "related": [{"label": one.label, "path": one.at.path, **_span(one.span)} for one in finding.related],
        "fix": None,
        "url": None,
    }


def _span(span: Span | None) -> dict[str, int | None]:
    return {
        "line": span.line if span else None,
        "column": span.column if span else None,
        "end_line": span.end_line if span else None,
        "end_column": span.end_column if span else None,
    }

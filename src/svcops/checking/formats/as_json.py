"""Findings as JSON, schema `svcops.findings/1`: positions from 1, the end column one past the span."""

from collections.abc import Iterator
from typing import Any

from svcops.checking.formats.changes import is_located
from svcops.checking.formats.report import SEVERITIES, Report
from svcops.checking.model import Edit, Finding, Fix, Span
from svcops.terminal.session import json_text


def blocks(report: Report) -> Iterator[str]:
    """One object; `counts` are of the findings listed, the numbers behind it of those that are not."""
    yield json_text(
        {
            "schema": "svcops.findings/1",
            "findings": [
                {**_finding(one, report.url(one.code)), "fingerprint": mark} for one, mark in report.fingerprinted()
            ],
            "counts": {severity: report.count(severity) for severity in SEVERITIES},
            "records": report.records,
            "fixable": report.fixable,
            "waived": report.waived,
            "in_baseline": report.in_baseline,
            "unchanged": report.unchanged,
            "uncertain": report.uncertain,
            "remarks": list(report.remarks),
        }
    )


def _finding(finding: Finding, url: str | None) -> dict[str, Any]:
    """`path` is relative to the store; positions are null where only the file is known."""
    return {
        "code": finding.code,
        "severity": finding.severity,
        "message": finding.message,
        "path": finding.at.path,
        **_span(finding.span),
        "help": finding.help or None,
        "related": [{"label": one.label, "path": one.at.path, **_span(one.span)} for one in finding.related],
        "fix": _fix(finding.fix) if finding.fix and is_located(finding.fix) else None,
        "url": url,
    }


def _fix(fix: Fix) -> dict[str, Any]:
    return {"title": fix.title, "edits": [_edit(one) for one in fix.edits]}


def _edit(edit: Edit) -> dict[str, Any]:
    return {"path": edit.at.path, **_span(edit.span), "text": edit.text}


def _span(span: Span | None) -> dict[str, int | None]:
    return {
        "line": span.line if span else None,
        "column": span.column if span else None,
        "end_line": span.end_line if span else None,
        "end_column": span.end_column if span else None,
    }

"""Findings as SARIF 2.1.0: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html.

Every finding is one result. That a file could not be read or parsed is a result too, as it is a condition of that file
(3.58.1 keeps notifications for conditions of the tool), and hosts show results alone: left out there, a store with a
damaged record would look clean. It is besides a notification of level error, because rules did not see that file, and
that is how a log says that its results are incomplete (3.58.6 and appendix I). The run itself was a success: the tool
went to its end, and GitHub takes nothing at all from a run that says otherwise.

That is why a run in which no rule was applied is none: a host that took it would close every finding of the rules.
"""

import os
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

from svcops.checking.formats.changes import is_located
from svcops.checking.formats.report import NOT_READ, Report
from svcops.checking.model import Edit, Finding, Fix, Related, Span
from svcops.checking.registry import page, rules
from svcops.checking.rule import Rule
from svcops.store.layout import SETTINGS
from svcops.terminal.session import json_text

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_BASE = "%SRCROOT%"
_FINGERPRINT = "svcopsFinding/v1"


def blocks(report: Report) -> Iterator[str]:
    """One log of one run. Lines and columns are from 1, the end column one past the region, as in a `Span`."""
    yield json_text({"$schema": SCHEMA, "version": "2.1.0", "runs": [_run(report)]})


def _run(report: Report) -> dict[str, Any]:
    known = rules()
    places = {rule.code: number for number, rule in enumerate(known)}
    unread = [finding for finding in report.findings if finding.code in NOT_READ]
    notifications = [_notification(one, places, report.prefix) for one in unread]
    if report.stopped:
        notifications.insert(0, _error(report.stopped, _location(SETTINGS, None, report.prefix)))
    return {
        "tool": {
            "driver": {
                "name": "svcops",
                "version": report.version,
                "semanticVersion": report.version,
                "rules": [_rule(rule, report.url(rule.code)) for rule in known],
            }
        },
        "automationDetails": {"id": f"svcops/check/{_uri('', report.prefix)}"},
        "originalUriBaseIds": {_BASE: {"description": {"text": "The top of the repository."}}},
        "columnKind": "unicodeCodePoints",
        "newlineSequences": ["\r\n", "\n", "\r", "\u0085", "\u2028", "\u2029"],
        "invocations": [
            {
                "executionSuccessful": not report.stopped,
                "exitCode": 1 if any(map(report.fails, report.findings)) else 0,
                "toolExecutionNotifications": notifications,
            }
        ],
        "results": [_result(one, mark, places, report.prefix) for one, mark in report.fingerprinted()],
    }


def _rule(rule: Rule, url: str | None) -> dict[str, Any]:
    """A rule with its page; `helpUri` only where a site is known to have it."""
    text = page(rule.code).strip()
    _, first, *_ = text.split("\n\n")
    about: dict[str, Any] = {
        "id": rule.code,
        "shortDescription": {"text": _message(f"{rule.title[0].upper()}{rule.title[1:]}.")},
        "fullDescription": {"text": _message(" ".join(first.split()))},
        "help": {"text": _message(text), "markdown": text},
        "defaultConfiguration": {"level": rule.severity},
    }
    return about | ({"helpUri": url} if url else {})


def _result(finding: Finding, fingerprint: str, places: Mapping[str, int], prefix: str) -> dict[str, Any]:
    result: dict[str, Any] = {
        "ruleId": finding.code,
        "ruleIndex": places[finding.code],
        "level": finding.severity,
        "message": {"text": _message("\n".join(filter(None, (finding.message, finding.help))))},
        "locations": [_location(finding.at.path, finding.span or _FIRST_LINE, prefix)],
        "partialFingerprints": {_FINGERPRINT: fingerprint},
    }
    if finding.related:
        result["relatedLocations"] = [_related(number, one, prefix) for number, one in enumerate(finding.related, 1)]
    if finding.fix and is_located(finding.fix):
        result["fixes"] = [_fix(finding.fix, prefix)]
    return result


def _notification(finding: Finding, places: Mapping[str, int], prefix: str) -> dict[str, Any]:
    text = f"{finding.at.path} was not read, so no rule looked at it: {finding.message}"
    rule = {"associatedRule": {"id": finding.code, "index": places[finding.code]}}
    return _error(text, _location(finding.at.path, finding.span, prefix)) | rule


def _error(text: str, location: dict[str, Any]) -> dict[str, Any]:
    return {"level": "error", "message": {"text": _message(text)}, "locations": [location]}


_FIRST_LINE = Span(1, 1, 1, 1)
"""Where a result about a file as a whole stands: hosts that show results at a line need one."""


def _location(path: str, span: Span | None, prefix: str) -> dict[str, Any]:
    place: dict[str, Any] = {"artifactLocation": _artifact(path, prefix)}
    return {"physicalLocation": place | ({"region": _region(span)} if span else {})}


def _related(number: int, related: Related, prefix: str) -> dict[str, Any]:
    return {
        "id": number,
        **_location(related.at.path, related.span, prefix),
        "message": {"text": _message(related.label)},
    }


def _fix(fix: Fix, prefix: str) -> dict[str, Any]:
    changes: dict[str, list[dict[str, Any]]] = {}
    for edit in fix.edits:
        changes.setdefault(edit.at.path, []).append(_replacement(edit))
    return {
        "description": {"text": _message(fix.title)},
        "artifactChanges": [
            {"artifactLocation": _artifact(path, prefix), "replacements": replacements}
            for path, replacements in changes.items()
        ],
    }


def _replacement(edit: Edit) -> dict[str, Any]:
    assert edit.span
    return {"deletedRegion": _region(edit.span), "insertedContent": {"text": edit.text}}


def _region(span: Span) -> dict[str, int]:
    return {
        "startLine": span.line,
        "startColumn": span.column,
        "endLine": span.end_line,
        "endColumn": span.end_column,
    }


def _artifact(path: str, prefix: str) -> dict[str, str]:
    return {"uri": _uri(prefix, path), "uriBaseId": _BASE}


def _uri(prefix: str, path: str) -> str:
    """A relative reference; bytes of a name that is no UTF-8 stay what they are."""
    return quote(os.fsencode(prefix + path))


def _message(text: str) -> str:
    """Text in which nothing stands for an argument (3.11.5), and nothing is a link (3.11.6)."""
    return text.replace("{", "{{").replace("}", "}}").replace("](", "] (")

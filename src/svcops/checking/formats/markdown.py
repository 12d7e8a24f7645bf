"""Findings as a comment on a pull request: a table a file, help to unfold, and no more than a comment may hold."""

import re
from collections.abc import Iterator

from svcops.checking.formats.report import SEVERITIES, Report, counted, left_out, totals
from svcops.checking.formats.sources import printable
from svcops.checking.model import Finding
from svcops.terminal.markdown import escaped

LIMIT = 60_000
"""Characters; a comment on GitHub holds 65,536."""

_LONGEST = 1_000
"""Characters of one message or help."""

_OF_A_LINK = str.maketrans({"(": "%28", ")": "%29", "|": "%7C"})


def blocks(report: Report) -> Iterator[str]:
    """One comment: the totals, then the files, those with errors first. What does not fit is counted."""
    out = left_out(report)
    head = f"### svcops check\n\n{totals(report)}{f'; {out}' if out else ''}.\n"
    if report.fixable:
        head += f"\n{report.fixable:,} can be fixed: `svcops check --fix`\n"
    head += "".join(f"\n{_escaped(remark)}\n" for remark in report.remarks)
    shown = 0
    parts = [head]
    room = LIMIT - len(head)
    for path, findings in sorted(report.by_file().items(), key=_worst):
        part, number = _file(path, findings, report, room)
        if number:
            parts.append(part)
        room -= len(part)
        shown += number
        if number < len(findings):
            break
    if rest := len(report.findings) - shown:
        parts.append(f"{counted(rest, 'more finding')}: `svcops check` lists them.\n")
    yield "\n".join(parts)


def _worst(file: tuple[str, list[Finding]]) -> tuple[int, str]:
    return min(SEVERITIES.index(finding.severity) for finding in file[1]), file[0]


def _file(path: str, findings: list[Finding], report: Report, room: int) -> tuple[str, int]:
    """The table of a file and its help, with as many findings as fit; and how many these are."""
    start = f"{_code(report.prefix + path)}\n\n| line | | |\n|---:|---|---|\n"
    unfold, end = "\n<details><summary>What to do</summary>\n\n", "\n</details>\n"
    rows: list[str] = []
    helps: dict[str, None] = {}
    left = room - len(start) - len(unfold) - len(end)
    for number, finding in enumerate(findings):
        row, help_ = _row(finding, report), _help(finding)
        left -= len(row) + (len(help_) if help_ not in helps else 0)
        if left < 0:
            findings = findings[:number]
            break
        rows.append(row)
        if help_:
            helps[help_] = None
    below = f"{unfold}{''.join(helps)}{end}" if helps else ""
    return f"{start}{''.join(rows)}{below}", len(findings)


def _row(finding: Finding, report: Report) -> str:
    url = (report.url(finding.code) or "").translate(_OF_A_LINK)
    code = f"[{finding.code}]({url})" if url else finding.code
    line = finding.span.line if finding.span else ""
    return f"| {line} | {finding.severity} {code} | {_escaped(finding.message)} |\n"


def _help(finding: Finding) -> str:
    """The line of the help: what to do about a message, and what a fix would write."""
    words = [_escaped(finding.help)] if finding.help else []
    words += [f"Fix: {_escaped(finding.fix.title)}."] if finding.fix else []
    line = f"line {finding.span.line}, " if finding.span else ""
    return f"- {line}{finding.code}: {' '.join(words)}\n" if words else ""


def _escaped(text: str) -> str:
    return escaped(text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…")


def _code(path: str) -> str:
    """A path as code, between more backticks than it has in a row."""
    text = printable(path)
    fence = "`" * (max(map(len, re.findall("`+", text)), default=0) + 1)
    space = " " if fence != "`" else ""
    return f"{fence}{space}{text}{space}{fence}"

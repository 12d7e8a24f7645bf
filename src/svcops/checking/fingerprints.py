"""Fingerprints: what tells that a finding is the one of last time, although its line has moved.

A baseline, `--since`, and hosts that show what is new compare them. A fingerprint stands for the code, the path, and
the way to the place inside the file, or, where a finding has none, the source line it points at. Positions of items in
a list, and line numbers inside a message, are left out: a comment or an item above changes neither. Where a message
changes from day to day, its gist stands for it.
"""

import json
import re
from collections import Counter
from collections.abc import Callable, Sequence

from svcops.checking.model import Finding

ReadLine = Callable[[str, int], str | None]
"""One line of a file, by its path and number from 1; None where there is none."""

_DIGITS = 32
_LINE_NUMBERS = re.compile(r"\b(lines?|columns?) [0-9,]*[0-9]")


def fingerprints(findings: Sequence[Finding], read_line: ReadLine) -> list[str]:
    """The fingerprint of each finding, in the order given: 32 hexadecimal digits, none twice.

    Findings that are alike in all that counts are numbered by place, so that of three the third is the one that went.
    """
    from hashlib import sha256

    bases = [_base(finding, read_line) for finding in findings]
    seen: Counter[str] = Counter()
    found = [""] * len(findings)
    for number in sorted(range(len(findings)), key=lambda number: findings[number].order()):
        base = bases[number]
        found[number] = sha256(f"{base} {seen[base]}".encode()).hexdigest()[:_DIGITS]
        seen[base] += 1
    return found


def _base(finding: Finding, read_line: ReadLine) -> str:
    """What counts, as JSON: unambiguous, and of ASCII characters whatever a path holds."""
    keys = [key for key in finding.at.keys if isinstance(key, str)]
    line = ""
    if not finding.at.keys and finding.span:
        line = (read_line(finding.at.path, finding.span.line) or "").strip()
    message = finding.gist or _LINE_NUMBERS.sub(r"\1", finding.message)
    return json.dumps([finding.code, finding.at.path, keys, line, message])

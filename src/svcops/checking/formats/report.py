"""What there is to show of one check: a plain value that every format turns into text."""

from collections.abc import Iterator

import svcops
from svcops.checking.fingerprints import fingerprints
from svcops.checking.formats.sources import Sources
from svcops.checking.model import Finding, Severity
from svcops.checking.rule import Rule
from svcops.store.files import Tree
from svcops.store.frozen import frozen

SEVERITIES: tuple[Severity, ...] = ("error", "warning", "note")
"""The worst first."""

NOT_READ = frozenset((*(f"FILE00{n}" for n in (1, 2, 3, 5, 6, 9)), *(f"YAML00{n}" for n in range(1, 8))))
"""The codes of a file that could not be read or parsed: no rule looked at what it holds."""
_OF_ADDRESSES = "%:/?#[]@!$&'()*+,;="
"""What an address holds besides letters, digits and `-._~`."""


@frozen
class Report:
    """The findings to show, located and in order of place, and what they were found in."""

    findings: tuple[Finding, ...]
    records: int
    tree: Tree
    """Where the source lines are."""
    prefix: str = ""
    """The store's folder below the top of its repository, with its last slash; empty where it is the top itself."""
    site: str | None = None
    """Where the rendered site is published, and with it the pages of the rules."""
    fail_on: Severity = "error"
    """The mildest severity at which the check says no."""
    waived: int = 0
    """How many more findings a waiver covers,"""
    in_baseline: int = 0
    """the baseline holds,"""
    unchanged: int = 0
    """or were there before the revision of `--since`;"""
    uncertain: int = 0
    """and how many may be wrong, as they rest on damaged files."""
    is_partial: bool = False
    """Whether files that could not be read were left out, and are not among the findings."""
    remarks: tuple[str, ...] = ()
    """Further lines of the closing summary, such as which profile the store meets."""
    stopped: str = ""
    """Why no rule was applied, in a sentence; empty where they were."""
    is_read: bool = True
    """Whether the records were read; where not, nothing was found that is found while reading."""
    fingerprints: tuple[str, ...] = ()
    """Those of the findings, as they were worked out among all that was found; from these alone where not given."""
    version: str = svcops.__version__

    def count(self, severity: str) -> int:
        """How many findings have that severity."""
        return sum(finding.severity == severity for finding in self.findings)

    @property
    def fixable(self) -> int:
        """How many findings `svcops check --fix` mends."""
        return sum(finding.fix is not None for finding in self.findings)

    def fails(self, finding: Finding) -> bool:
        """Whether the check says no because of this finding."""
        return SEVERITIES.index(finding.severity) <= SEVERITIES.index(self.fail_on)

    def skips(self, rule: Rule) -> bool:
        """Whether a rule that found nothing looked at nothing."""
        return bool(self.stopped) and (rule.find is not None or not self.is_read)

    def url(self, code: str) -> str | None:
        """The address of a rule's page, where the store says where its site is."""
        if not self.site:
            return None
        from urllib.parse import quote

        return f"{quote(self.site.rstrip('/'), safe=_OF_ADDRESSES)}/checks/{code}.html"

    def fingerprinted(self) -> Iterator[tuple[Finding, str]]:
        """Every finding with its fingerprint."""
        given = self.fingerprints or fingerprints(self.findings, Sources(self.tree).line)
        return zip(self.findings, given, strict=True)

    def by_file(self) -> dict[str, list[Finding]]:
        """The findings of each file, in order."""
        found: dict[str, list[Finding]] = {}
        for finding in self.findings:
            found.setdefault(finding.at.path, []).append(finding)
        return found


def counted(number: int, noun: str) -> str:
    """`1 record`, `2 records`."""
    return f"{number:,} {noun}{'s' if number != 1 else ''}"


def totals(report: Report) -> str:
    """`2 errors, 1 note in 2 files; 12 records checked`, without a full stop."""
    if not report.findings:
        among = " in those that can be read" if report.is_partial else ""
        return f"{counted(report.records, 'record')} checked, nothing found{among}"
    parts = [counted(number, one) for one in SEVERITIES if (number := report.count(one))]
    files = counted(len(report.by_file()), "file")
    return f"{', '.join(parts)} in {files}; {counted(report.records, 'record')} checked"


def left_out(report: Report) -> str:
    """`2 waived, 14 in the baseline, 3 as before`; empty where nothing was left out."""
    numbers = {
        "waived": report.waived,
        "in the baseline": report.in_baseline,
        "as before": report.unchanged,
        "uncertain until the damaged files are mended": report.uncertain,
    }
    return ", ".join(f"{number:,} {what}" for what, number in numbers.items() if number)


def worst_first(findings: tuple[Finding, ...]) -> list[Finding]:
    """By severity, and by place among those of one."""
    return sorted(findings, key=lambda finding: SEVERITIES.index(finding.severity))

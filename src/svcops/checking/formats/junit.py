"""Findings as a JUnit report, in the elements that Jenkins and GitLab read.

A suite is a rule, and a rule that found nothing is one test that passed, so that the number of tests says what was
checked; where it was not applied, that test was skipped. A finding is a test with a name that a moved line does not
change, by which hosts tell new from old.
https://github.com/jenkinsci/xunit-plugin (junit-10.xsd), https://docs.gitlab.com/ci/testing/unit_test_reports/
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from svcops.checking.formats.report import Report
from svcops.checking.formats.sources import printable
from svcops.checking.model import Finding
from svcops.checking.registry import rules
from svcops.checking.rule import Rule


def blocks(report: Report) -> Iterator[str]:
    """One XML document. Only what printable text holds is in it, all of which XML 1.0 allows."""
    found: dict[str, list[Finding]] = {}
    for finding in report.findings:
        found.setdefault(finding.code, []).append(finding)
    suites = Element("testsuites", name="svcops check")
    suites.extend(_suite(rule, found.get(rule.code, []), report) for rule in rules())
    for number in ("tests", "failures", "errors"):
        suites.set(number, str(sum(int(suite.get(number, "0")) for suite in suites)))
    indent(suites)
    yield f'<?xml version="1.0" encoding="UTF-8"?>\n{tostring(suites, encoding="unicode")}'


def _suite(rule: Rule, findings: Iterable[Finding], report: Report) -> Element:
    suite = Element("testsuite", name=f"{rule.code}: {rule.title}")
    names: Counter[str] = Counter()
    for finding in findings:
        name = printable(f"{finding.at.path}: {finding.message}")
        names[name] += 1
        _test(suite, finding, f"{name} ({names[name]})" if names[name] > 1 else name, report)
    if not len(suite):
        test = SubElement(suite, "testcase", classname=f"svcops.{rule.code}", name=rule.title, time="0")
        if report.skips(rule):
            SubElement(test, "skipped", message=printable(report.stopped))
    suite.attrib |= {"tests": str(len(suite)), "failures": str(len(suite.findall("*/failure"))), "errors": "0"}
    suite.attrib |= {"skipped": str(len(suite.findall("*/skipped"))), "time": "0"}
    return suite


def _test(suite: Element, finding: Finding, name: str, report: Report) -> None:
    """A finding below what fails the check is told by a test that passed."""
    path = printable(report.prefix + finding.at.path)
    test = SubElement(suite, "testcase", classname=f"svcops.{finding.code}", name=name, file=path, time="0")
    if report.fails(finding):
        failure = SubElement(test, "failure", type=finding.severity, message=printable(finding.message))
        failure.text = _details(finding, path, report)
    else:
        SubElement(test, "system-out").text = _details(finding, path, report)


def _details(finding: Finding, path: str, report: Report) -> str:
    place = f":{finding.span.line}:{finding.span.column}" if finding.span else ""
    lines = [f"{path}{place}: {finding.severity}[{finding.code}] {finding.message}"]
    for one in finding.related:
        line = f":{one.span.line}" if one.span else ""
        lines.append(f"{one.label}: {report.prefix}{one.at.path}{line}")
    if finding.help:
        lines.append(f"help: {finding.help}")
    if finding.fix:
        lines.append(f"fix: {finding.fix.title}")
    lines.append(report.url(finding.code) or f"svcops explain {finding.code}")
    return printable("\n".join(lines), keep_lines=True)

"""Findings for a person: the source line, the span underlined, the related place, what to do, the fix as a diff."""

from collections.abc import Iterator
from itertools import zip_longest

from svcops.checking.formats.changes import hunks, is_located
from svcops.checking.formats.frames import Mark, cut_to, frame
from svcops.checking.formats.paint import WIDEST, Look, Paint, plain
from svcops.checking.formats.report import SEVERITIES, Report, counted, left_out, totals
from svcops.checking.formats.sources import Sources, columns, printable
from svcops.checking.model import Finding, Fix, Related


def blocks(report: Report, paint: Paint = plain, width: int = WIDEST) -> Iterator[str]:
    """The findings, one block each, and the closing summary."""
    sources = Sources(report.tree)
    for finding in report.findings:
        yield "\n".join([*_block(finding, sources, paint, width), ""])
    yield "\n".join(summary(report, paint, width))


def summary(report: Report, paint: Paint = plain, width: int = WIDEST) -> Iterator[str]:
    """The lines that close the list: how many of what, what else there is, and where to read more."""
    out = left_out(report)
    rest = f"; {out}." if out else "."
    if report.findings:
        shown = totals(report)
        for severity in SEVERITIES:
            if number := report.count(severity):
                words = counted(number, severity)
                shown = shown.replace(words, paint(words, severity), 1)
        yield shown + rest
    else:
        yield totals(report) + rest if report.is_partial else paint(f"All good: {totals(report)}{rest}", "good")
    if report.fixable:
        yield f"{report.fixable:,} can be fixed: svcops check --fix"
    for remark in report.remarks:
        yield from _folded(printable(remark), width)
    codes = sorted({finding.code for finding in report.findings})
    if report.site:
        yield from (f"{code}: {printable(report.url(code) or '')}" for code in codes)
    elif codes:
        more = f" ({', '.join(codes[1:])} likewise)" if len(codes) > 1 else ""
        yield from _folded(f"What a code means: svcops explain {codes[0]}{more}", width)


def _block(finding: Finding, sources: Sources, paint: Paint, width: int) -> Iterator[str]:
    look = Look(paint, width, _pad(finding))
    span, path = finding.span, finding.at.path
    head = f"{finding.severity}[{finding.code}]"
    first, *more = _folded(f"{head}: {printable(finding.message)}", width)
    yield paint(head, finding.severity) + first.removeprefix(head)
    yield from more
    place = f":{span.line}:{span.column}" if span else ""
    yield f"{' ' * look.pad}{paint('-->', 'place')} {printable(path)}{place}"
    marks = [Mark(span, finding.severity)] if span else []
    beside = [one for one in finding.related if span and one.span and one.at.path == path]
    yield from frame(path, [*marks, *map(_mark, beside)], sources, look)
    for one in finding.related:
        if one not in beside:
            yield from _elsewhere(one, sources, look)
    if finding.help:
        yield from _said("help", finding.help, look)
    if finding.fix:
        yield from _said("fix", finding.fix.title, look)
        if is_located(finding.fix):
            yield from _change(finding.fix, path, sources, look)


def _folded(text: str, width: int) -> list[str]:
    """A line of words, folded between them for a terminal; what goes elsewhere stays one line, to be searched."""
    if columns(text) <= width or width >= WIDEST:
        return [text]
    return _wrapped(text, width, "  ")


def _wrapped(text: str, width: int, indent: str = "") -> list[str]:
    from textwrap import wrap

    return wrap(text, width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)


def _pad(finding: Finding) -> int:
    """The width of the widest line number of a block."""
    spans = [finding.span, *(one.span for one in finding.related)]
    if finding.fix:
        spans += [edit.span for edit in finding.fix.edits]
    return max((len(str(span.end_line)) for span in spans if span), default=1)


def _mark(related: Related) -> Mark:
    assert related.span
    return Mark(related.span, "note", related.label, "-")


def _elsewhere(related: Related, sources: Sources, look: Look) -> Iterator[str]:
    """A related place in another file: its line, or its path where that says enough."""
    path = printable(related.at.path)
    if related.span:
        yield f"{' ' * look.pad}{look.paint(':::', 'place')} {path}:{related.span.line}:{related.span.column}"
        yield from frame(related.at.path, [_mark(related)], sources, look)
    else:
        yield look.row("", f"note: {printable(related.label)}: {path}", look.paint("=", "place"))


def _said(title: str, text: str, look: Look) -> Iterator[str]:
    """A remark below the frame, each of its lines folded to fit, and set in below its first word."""
    head = f"{title}: "
    for number, line in enumerate(printable(text, keep_lines=True).split("\n")):
        room = max(20, look.room - len(head))
        folded = _wrapped(line, room) if len(line) > room else [line]
        for part in folded:
            sign = look.paint("=", "place") if not number and part is folded[0] else " "
            yield look.row("", f"{head if sign != ' ' else ' ' * len(head)}{part}", sign)


def _change(fix: Fix, path: str, sources: Sources, look: Look) -> Iterator[str]:
    lines = {edit.at.path: sources.lines(edit.at.path) for edit in fix.edits}
    for hunk in hunks(fix, lines):
        if hunk.path != path:
            yield f"{' ' * look.pad}{look.paint(':::', 'place')} {printable(hunk.path)}:{hunk.first}"
        yield look.row("", "")
        for sign, role, texts, others in (("-", "old", hunk.old, hunk.new), ("+", "new", hunk.new, hunk.old)):
            for number, (text, other) in enumerate(zip_longest(texts, others[: len(texts)]), hunk.first):
                shown = _cut_to_change(printable(text).rstrip(), printable(other or "").rstrip(), look.room)
                yield look.row(number, look.paint(shown, role), look.paint(sign, role))


def _cut_to_change(text: str, other: str, room: int) -> str:
    """The part of a line that fits the room, with what differs from the line in whose place it is or comes."""
    begin = _alike(text, other)
    alike = _alike(text[begin:][::-1], other[begin:][::-1])
    return cut_to(text, room, begin + 1, len(text) - alike + 1).text


def _alike(one: str, other: str) -> int:
    """With how many characters both begin."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((number for number, (here, there) in pairs if here != there), min(len(one), len(other)))

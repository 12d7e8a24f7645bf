"""svcops check, svcops explain."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from svcops.errors import ANSWER_IS_NO, DONE, BadInput
from svcops.store.frozen import frozen
from svcops.store.layout import SETTINGS
from svcops.terminal.command import Argument, Context, Option, single
from svcops.terminal.session import Session

if TYPE_CHECKING:
    from svcops.checking.baseline import Listed
    from svcops.checking.engine import Outcome
    from svcops.checking.fixing import Fixed
    from svcops.checking.formats.report import Report
    from svcops.checking.model import Finding, Severity
    from svcops.store.files import Tree
    from svcops.store.graph import Graph

_FATAL: dict[str, "Severity"] = {"error": "error", "warning": "warning"}
_NOT_MERGED = f"Nothing was judged, as {SETTINGS} cannot be merged: the rules go by what it says."
_FENCE_OF_A_FILE = re.compile(r"^(```\w+) +(\S.*)$", re.MULTILINE)
"""A fence that names its file, which a terminal would not show."""


@frozen
class _Shown:
    """The findings to show; with fingerprints where others were left out, as those number what is alike."""

    findings: tuple["Finding", ...]
    fingerprints: tuple[str, ...] = ()


@frozen
class _Found:
    """What the check found, in which records; and how many more findings a revision had before, where one was named.

    `merged` gives a file of the result of the merge with that revision, None where it has none. Where nothing
    `is_judged`, nothing is said of the store as a whole.
    """

    outcome: "Outcome"
    graph: "Graph"
    unchanged: int | None = None
    merged: Callable[[str], bytes | None] | None = None
    is_judged: bool = True


def check(
    ctx: Context,
    format: Annotated[
        str,
        Option("--format", metavar="FORMAT", help="text, concise, json, github, gitlab, sarif, junit or markdown."),
    ] = "text",
    fail_on: Annotated[
        str, Option("--fail-on", metavar="SEVERITY", help="error, or warning: what makes the exit code 1.")
    ] = "error",
    fix: Annotated[bool, Option("--fix", help="Mend what can be mended for certain, in the work tree.")] = False,
    diff: Annotated[bool, Option("--diff", help="Only show what --fix would change; exit code 1 if anything.")] = False,
    since: Annotated[
        str | None,
        Option("--since", metavar="REV", help="Only what this branch changes or breaks, judged on its merge with REV."),
    ] = None,
    baseline: Annotated[
        bool, Option("--baseline", help="Leave out the findings that check-baseline.txt lists.")
    ] = False,
    write_baseline: Annotated[
        bool, Option("--write-baseline", help="List all findings of today in check-baseline.txt, and commit it.")
    ] = False,
) -> int:
    """Check every record of the store: form, names, references, and the rules of every room.

    Exit code 0 when there is no error, 1 when there is. Without --fix nothing is written to the work tree. No host is
    reached, and nothing that a record says is run.
    """
    from svcops.checking.formats import known

    session: Session = ctx.obj
    if session.options.json and format not in ("text", "json"):
        raise BadInput(f"--json and --format {format}: which of the two?", help="svcops check --help")
    chosen = known("json" if session.options.json else format)
    if fail_on not in _FATAL:
        raise BadInput(f"--fail-on {fail_on}: not a severity", help="error or warning.")
    if diff and chosen not in ("text", "json"):
        raise BadInput(f"--diff shows a diff, not {chosen}", help="svcops check --diff, or --diff --json")
    if since is not None and (fix or diff):
        raise BadInput("--since looks at a merge, and --fix at the work tree", help="svcops check --fix")
    if write_baseline and (baseline or since is not None or fix or diff):
        raise BadInput("--write-baseline stands alone: it lists all findings", help="svcops check --write-baseline")
    with _found(session, since, with_remarks=_in_words(session, chosen) and not (write_baseline or diff)) as first:
        if write_baseline:
            return _write_baseline(session, first)
        if diff:
            return _show_diff(session, first, _shown(session, first, baseline=baseline), as_json=chosen == "json")
        found = _mend(session, first, _shown(session, first, baseline=baseline)) if fix else first
        report = _report(session, found, _shown(session, found, baseline=baseline), _FATAL[fail_on], chosen)
        _show(session, report, chosen)
        if report.stopped not in ("", *report.remarks):
            session.warn(report.stopped)
    return ANSWER_IS_NO if any(map(report.fails, report.findings)) else DONE


@contextmanager
def _found(session: Session, revision: str | None, *, with_remarks: bool) -> Iterator[_Found]:
    store = session.store_untouched
    if revision is None:
        from svcops.checking.engine import check as run

        outcome = run(store.graph, session.now(), with_remarks=with_remarks)
        yield _Found(outcome, store.graph)
    else:
        from svcops.checking.since import since

        with since(store, revision, session.now()) as merged:
            yield _Found(merged.outcome, merged.graph, merged.unchanged, merged.content, merged.is_judged)


def _write_baseline(session: Session, found: _Found) -> int:
    from svcops.checking.baseline import FILE, change
    from svcops.checking.formats.report import counted

    findings = found.outcome.findings
    if any(map(found.outcome.stops_rules, findings)):
        raise BadInput(
            f"{SETTINGS} is damaged, and no rule was applied: a baseline would list next to nothing",
            help=f"Mend {SETTINGS} first: svcops check shows where.",
        )
    marks = _fingerprints(found)
    kept = _unread(session, found.outcome, marks)
    made = change(session.store.root, findings, marks, kept)
    if kept:
        told = f"{counted(len(kept), 'line')} of {FILE} {'stays' if len(kept) == 1 else 'stay'}"
        session.say(f"{told}, as nobody can tell while {found.outcome.damaged[0]} is damaged")
    if made is not None:
        session.finish(session.apply(made), FILE, "svcops.baseline/1", lambda: {"findings": len(findings)})
    elif session.options.json:
        session.show_json("svcops.baseline/1", findings=len(findings), written=None)
    else:
        session.say(f"nothing written: {FILE} lists just these {len(findings)}")
    return DONE


def _unread(session: Session, outcome: "Outcome", marks: list[str]) -> "dict[str, Listed]":
    """The lines of the baseline that is there for what is not found, and may be there, as files are damaged."""
    from svcops.checking.baseline import Missing, content, read

    if not outcome.may_hide:
        return {}
    try:
        listed = read(content(session.store_untouched.root))
    except Missing:
        return {}
    return {mark: one for mark, one in listed.items() if mark not in marks}


def _shown(session: Session, found: _Found, *, baseline: bool) -> _Shown:
    """The findings to look at: all, or those that the baseline does not list, these with their fingerprints."""
    if not baseline:
        return _Shown(found.outcome.findings)
    from svcops.checking.baseline import FILE, compare
    from svcops.checking.formats.report import counted

    outcome = found.outcome
    compared = compare(outcome.findings, _fingerprints(found), _baseline(session, found), outcome.stops_rules)
    gone = 0 if outcome.may_hide else len(compared.gone - _marks_of_all(found))
    if gone and found.unchanged is None:  # of a branch's change, most of what is listed is not looked at
        mended = f"{counted(gone, 'finding')} of {FILE} {'is' if gone == 1 else 'are'} mended"
        session.say(f"{mended}: svcops check --write-baseline takes {'it' if gone == 1 else 'them'} out")
    return _Shown(tuple(one for one, _ in compared.new), tuple(mark for _, mark in compared.new))


def _baseline(session: Session, found: _Found) -> "Mapping[str, Listed]":
    """What the baseline lists: that of the work tree, or of the result of a merge, where one is looked at."""
    from svcops.checking.baseline import FILE, Missing, content, read

    if found.merged is None:
        return read(content(session.store_untouched.root))
    data = found.merged(FILE)
    if data is None:
        raise Missing
    return read(data, is_merged=True)


def _marks_of_all(found: _Found) -> set[str]:
    """The fingerprints of what is there, waived or not."""
    from svcops.checking.fingerprints import fingerprints
    from svcops.checking.formats.sources import Sources

    every = [*found.outcome.findings, *found.outcome.waived]
    return set(fingerprints(every, Sources(found.graph.tree).line))


def _fingerprints(found: _Found) -> list[str]:
    from svcops.checking.fingerprints import fingerprints
    from svcops.checking.formats.sources import Sources

    return fingerprints(found.outcome.findings, Sources(found.graph.tree).line)


def _show_diff(session: Session, found: _Found, shown: _Shown, *, as_json: bool) -> int:
    from svcops.checking.fixing import diffs
    from svcops.checking.formats.report import counted
    from svcops.checking.patches import show_diff

    done, _ = _fixed(session, found, shown)
    texts, number = list(diffs(found.graph.tree, done.files)), len(done.findings)
    if as_json:
        session.show_json("svcops.diff/1", fixable=number, diff="".join(texts))
        return ANSWER_IS_NO if done.files else DONE
    for text in texts:
        show_diff(session, text)
    session.say(f"{counted(number, 'finding')} can be fixed: svcops check --fix" if number else "nothing can be fixed")
    return ANSWER_IS_NO if done.files else DONE


def _fixed(session: Session, found: _Found, shown: _Shown) -> tuple["Fixed", "Outcome"]:
    """The files with all fixes made, and what a check of these would find."""
    from svcops.checking.engine import check as run
    from svcops.checking.fixing import until_stable
    from svcops.store.graph import Graph

    store, outcome = session.store_untouched, found.outcome

    def again(tree: "Tree") -> Iterable["Finding"]:
        nonlocal outcome
        outcome = run(Graph(store.root, store.cache_folder, tree, lambda: store.history), session.now())
        return outcome.findings

    return until_stable(found.graph.tree, shown.findings, again)[0], outcome


def _mend(session: Session, found: _Found, shown: _Shown) -> _Found:
    """Write the fixes of the findings into the work tree; what is found then."""
    from svcops.checking.fixing import change_of
    from svcops.checking.formats.report import counted

    done, outcome = _fixed(session, found, shown)
    if not done.files:
        return found
    written = session.store.apply(change_of(found.graph.tree, done.files, "Mend what the check found"), commit=False)
    session.say(f"mended {counted(len(done.findings), 'finding')} in {', '.join(written.paths)}")
    session.say("not committed: git diff shows what changed")
    return _Found(outcome, session.store.graph)


def _in_words(session: Session, format: str) -> bool:
    """Whether what is said of the store as a whole is shown."""
    return format in ("text", "json", "markdown") and not session.options.quiet


def _report(session: Session, found: _Found, shown: _Shown, fail_on: "Severity", format: str) -> "Report":
    from svcops.checking.engine import remarks, stopped
    from svcops.checking.formats.report import Report

    root, graph = session.store_untouched.root, found.graph
    return Report(
        findings=shown.findings,
        fingerprints=shown.fingerprints,
        records=found.outcome.records,
        tree=graph.tree,
        prefix=_below_repository(root),
        site=graph.settings.site,
        fail_on=fail_on,
        waived=len(found.outcome.waived),
        in_baseline=len(found.outcome.findings) - len(shown.findings),
        unchanged=found.unchanged or 0,
        uncertain=len(found.outcome.uncertain),
        remarks=remarks(graph, session.now()) if found.is_judged and _in_words(session, format) else (),
        stopped=stopped(graph) if found.is_judged else _NOT_MERGED,
        is_read=found.is_judged,
    )


def _show(session: Session, report: "Report", format: str) -> None:
    from svcops.checking.formats import render
    from svcops.checking.formats.paint import coloured, plain
    from svcops.checking.formats.report import left_out, totals
    from svcops.checking.formats.sources import printable

    if session.options.quiet and format == "text":
        for one in report.findings:
            place = f":{one.span.line}:{one.span.column}" if one.span else ""
            session.show(f"{printable(one.at.path)}{place} {one.code}")
        return
    paint = coloured if session.use_color(session.stdout) else plain
    for block in render(format, report, paint, session.columns):
        session.show(block, painted=True)
    if format not in ("text", "json"):
        session.say("; ".join(filter(None, (totals(report), left_out(report)))))


def _below_repository(root: Path) -> str:
    """The store's folder below the top of its work tree, with a last slash; nothing where it is the top itself."""
    top = next((folder for folder in (root, *root.parents) if (folder / ".git").exists()), root)
    return "" if top == root else f"{root.relative_to(top).as_posix()}/"


def explain(ctx: Context, code: Annotated[str, Argument(help="Such as REF001.")]) -> int:
    """Explain the code of a finding: what it means, a bad and a good example, what to do."""
    from svcops.checking.registry import page, rule

    session: Session = ctx.obj
    found = rule(code)
    text = page(code)
    if session.options.json:
        content = {"code": found.code, "title": found.title, "severity": found.severity, "page": text}
        session.show_json("svcops.rule/1", rule=content)
    elif session.is_terminal:
        from rich.console import Console
        from rich.markdown import Markdown

        shown = _FENCE_OF_A_FILE.sub(r"`\2`:\n\n\1", text)
        Console(file=session.stdout, no_color=not session.use_color(session.stdout)).print(Markdown(shown))
    else:
        session.show(text.rstrip())
    return DONE


check_app = single(
    check,
    name="check",
    examples="svcops check\nsvcops check --fix\nsvcops check --since origin/main --format github\n"
    "svcops check --fail-on warning --format sarif > check.sarif\nsvcops check --baseline",
)
explain_app = single(explain, name="explain", examples="svcops explain REF001")

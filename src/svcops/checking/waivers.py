"""Waivers: a finding that is known is not reported until a day, and somebody answers for that.

They stand in svcops.yaml (`store.settings.Waiver`), or beside the record, as a comment anywhere in its file:

    # svcops: waive REF001 until 2027-03-31 by kim-beispiel: the ledger is renamed with release 5

Such a comment holds for its own file. In Markdown it is one of `<!-- -->`, below the front matter.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date, datetime

from svcops.checking.comments import comments_of
from svcops.checking.engine import Outcome, in_order
from svcops.checking.model import At, Finding, Span
from svcops.checking.path_patterns import compiled
from svcops.checking.registry import codes
from svcops.store.documents import Locator, split_front_matter
from svcops.store.frozen import frozen
from svcops.store.graph import Graph
from svcops.store.layout import SETTINGS
from svcops.store.suggest import did_you_mean

_FORM = re.compile(
    r"svcops: waive (?P<codes>[^\s,]+(?:, ?[^\s,]+)*) until (?P<until>\d{4}-\d{2}-\d{2})"
    r" by (?P<by>[^\s:]+): (?P<reason>\S.*)"
)
_MEANT = r"svcops(?:[ \t]*:|[ \t_-]+(?:(?i:waiv|wave|ignor|disabl|suppress|skip|allow|exempt)|[A-Z]+[0-9]{3}\b))"
"""What is a waiver, or is meant as one: what people write who know such comments of other tools."""
_BEGIN = re.compile(rf"(?<!\S)#+[ \t]*(?={_MEANT})")
_BEGIN_IN_PAGE = re.compile(rf"<!--\s*(?={_MEANT})")
_IN_FRONT = ("in the front matter, where it waives nothing", "Below the front matter")
_BELOW = ("that begins below the line of its <!--, and waives nothing", "On one line")
_CODE = re.compile(r"\b[A-Za-z]+[0-9]{3}\b")
_PATH_HELP = (
    "Below the store: * stands for anything in a name, ** between slashes for any folders: catalogue/**/*.yaml."
)
_NEVER = ("WAI", "SET", "MRG")
"""Beginnings of codes that nothing waives."""
_OF_CHANGE = ("HIS",)
"""Beginnings of codes that only the check of a branch looks for."""


@frozen
class _Waiver:
    code: str
    paths: re.Pattern[str]
    by: str
    until: date
    at: At
    span: Span | None

    def holds_for(self, path: str) -> bool:
        """Whether it waives what is found in a file."""
        return bool(self.paths.fullmatch(path))


def waive(outcome: Outcome, graph: Graph, now: datetime, *, of_change: bool = False) -> Outcome:
    """The outcome without what is waived today, with what is wrong about the waivers themselves.

    `of_change` says that findings which only a change can show were looked for.
    """
    wrong: list[Finding] = []
    waivers = [*_of_settings(graph, wrong), *_beside(outcome.marked, graph, wrong)]
    if not waivers and not wrong:
        return outcome
    today = now.astimezone(graph.zone).date()
    in_force = [one for one in waivers if one.until >= today]
    by_code: dict[str, list[_Waiver]] = {}
    for one in in_force:
        by_code.setdefault(one.code, []).append(one)
    kept: list[Finding] = []
    waived: list[Finding] = []
    used: set[_Waiver] = set()
    told = {one.at for one in wrong if one.at.keys}
    for finding in outcome.findings:
        if finding.code == "REF001" and finding.at in told:
            continue  # WAI001 says the same, and what follows from it
        offered = () if _stays(outcome, finding) else by_code.get(finding.code, ())
        using = [one for one in offered if one.holds_for(finding.at.path)]
        used.update(using)
        (waived if using else kept).append(finding)
    wrong += [_expired(one, today) for one in waivers if one.until < today]
    looked_for = in_force if of_change else [one for one in in_force if not one.code.startswith(_OF_CHANGE)]
    if not outcome.may_hide:
        beside = Counter(one.at for one in waivers)
        wrong += [_unused(one, is_alone=beside[one.at] == 1) for one in looked_for if one not in used]
    return replace(outcome, findings=in_order([*kept, *wrong]), waived=tuple(waived))


def _stays(outcome: Outcome, finding: Finding) -> bool:
    """Whether a finding is one that no waiver covers: about the waivers of svcops.yaml, or for all rules in the way."""
    is_of_waivers = finding.at.path == SETTINGS and finding.at.keys[:1] == ("waivers",)
    return is_of_waivers or outcome.stops_rules(finding)


def _of_settings(graph: Graph, wrong: list[Finding]) -> Iterator[_Waiver]:
    places = Locator(graph.tree)
    for entry in graph.all("settings").values():
        for number, one in enumerate(entry.value.waivers):
            at = {key: entry.at("waivers", number, key) for key in ("code", "path", "by")}
            span = {key: places.span(place) for key, place in at.items()}
            paths, of_path = _paths(one.path, at["path"], span["path"])
            of_others = (_of_code(one.code, at["code"], span["code"]), _of_person(graph, one.by, at["by"], span["by"]))
            problems = list(filter(None, (*of_others, of_path)))
            wrong += problems
            if paths and not problems:
                yield _Waiver(one.code, paths, one.by, date.fromisoformat(one.until), at["code"], span["code"])


def _paths(pattern: str, at: At, span: Span | None) -> tuple[re.Pattern[str] | None, Finding | None]:
    """The files that a waiver of svcops.yaml is about, or why there can be none."""
    try:
        return compiled(pattern), None
    except ValueError as error:
        return None, Finding("WAI001", f"a waiver of the path {pattern}, {error}", at, _PATH_HELP, span=span)


@frozen
class _Comment:
    """A comment that begins as a waiver does, or may be meant as one, from that word on."""

    text: str
    span: Span
    misplaced: tuple[str, str] | None = None
    """Why it waives nothing where it stands, whatever it says; and where to write it."""


def _beside(paths: Iterable[str], graph: Graph, wrong: list[Finding]) -> Iterator[_Waiver]:
    for path in paths:
        text = graph.tree.read(path)[0].decode("utf-8-sig", "replace")
        for comment in _of_page(text, path) if path.endswith(".md") else _of_yaml(text, path):
            found, span = _FORM.fullmatch(comment.text), comment.span
            if not found or comment.misplaced:
                wrong.append(_unreadable(comment, path))
            elif stranger := _of_person(graph, found["by"], At(path), span):
                wrong.append(stranger)
            else:
                problems = list(_problems(found, path, span))
                wrong += problems
                if not problems:
                    yield from _each(found, path, span)


def _of_yaml(text: str, path: str, first_line: int = 1, misplaced: tuple[str, str] | None = None) -> Iterator[_Comment]:
    """The first such comment of each line."""
    is_comment, offset = comments_of(text, path), 0
    for number, line in enumerate(text.split("\n"), first_line):
        begun = next((one for one in _BEGIN.finditer(line) if is_comment(offset + one.start())), None)
        if begun:
            yield _comment(line, begun.end(), number, misplaced)
        offset += len(line) + 1


def _of_page(text: str, path: str) -> Iterator[_Comment]:
    """Those of the front matter, where there are none that hold; and the first of each line below it."""
    split = split_front_matter(text)
    if split:
        yield from _of_yaml(split.front, "front.yaml", 2, _IN_FRONT)
    is_comment, number, at, last = comments_of(text, path), 1, 0, 0
    for begun in _BEGIN_IN_PAGE.finditer(text):
        number, at = number + text.count("\n", at, begun.end()), begun.end()
        if number == last or not is_comment(begun.start()):
            continue
        last, start, end = number, text.rfind("\n", 0, at) + 1, text.find("\n", at)
        line = text[start : end if end >= 0 else None]
        yield _comment(line, at - start, number, _BELOW if "\n" in begun.group() else None)


def _comment(line: str, start: int, number: int, misplaced: tuple[str, str] | None) -> _Comment:
    text = line[start:].partition("-->")[0].rstrip()
    return _Comment(text, Span(number, start + 1, number, start + len(text) + 1), misplaced)


def _unreadable(comment: _Comment, path: str) -> Finding:
    """What to type: what stands there, if that is right but for its place; else with the code that it names, if any."""
    code = next((one for one in map(str.upper, _CODE.findall(comment.text)) if one in codes()), "REF001")
    form = f"svcops: waive {code} until 2027-03-31 by kim-beispiel: the reason"
    written = comment.text if _FORM.fullmatch(comment.text) else form
    why, lead = comment.misplaced or ("that cannot be read", "Its form")
    help_ = f"{lead}: <!-- {written} -->" if path.endswith(".md") else f"{lead}: # {written}."
    return Finding("WAI001", f"a waiver {why}", At(path), help_, span=comment.span)


def _problems(found: re.Match[str], path: str, span: Span) -> Iterator[Finding]:
    """What is wrong with a comment in the right form: one wrong code, and it waives nothing."""
    of_codes = (_of_code(code, At(path), span) for code in _codes(found))
    yield from filter(None, (*of_codes, _of_day(found["until"], At(path), span)))


def _each(found: re.Match[str], path: str, span: Span) -> Iterator[_Waiver]:
    until = date.fromisoformat(found["until"])
    for code in _codes(found):
        yield _Waiver(code, re.compile(re.escape(path)), found["by"], until, At(path), span)


def _codes(found: re.Match[str]) -> list[str]:
    return found["codes"].replace(" ", "").split(",")


def _of_code(code: str, at: At, span: Span | None) -> Finding | None:
    """Why a waiver of this code cannot hold."""
    if code not in codes():
        help_ = did_you_mean(code, codes()) or "svcops rules lists them."
        return Finding("WAI001", f"a waiver of {code}, which is no code of a finding", at, help_, span=span)
    if code.startswith(_NEVER):
        return Finding("WAI001", f"a waiver of {code}, which cannot be waived", at, "Mend what it finds.", span=span)
    return None


def _of_person(graph: Graph, by: str, at: At, span: Span | None) -> Finding | None:
    """Why nobody answers for a waiver."""
    if graph.find(("person",), by):
        return None
    help_ = did_you_mean(by, graph.candidates(("person",)))
    return Finding("WAI001", f"a waiver by {by}, who is nobody of the catalogue", at, help_, span=span)


def _of_day(until: str, at: At, span: Span) -> Finding | None:
    """Why a waiver cannot hold until then. In svcops.yaml validation says so; a comment is validated by nobody else."""
    try:
        date.fromisoformat(until)
    except ValueError:
        help_ = "Name a day of the calendar, such as 2027-02-28."
        return Finding("WAI001", f"a waiver until {until}, a day that does not exist", at, help_, span=span)
    return None


def _expired(one: _Waiver, today: date) -> Finding:
    days = (today - one.until).days
    message = f"a waiver of {one.code} that ran out on {one.until}"
    ago = f"That is {days} day{'s' if days != 1 else ''} ago."
    help_ = f"{ago} Mend what it waived, or let {one.by} decide anew, with a reason and a day."
    return Finding("WAI002", message, one.at, help_, severity="warning", span=one.span)


def _unused(one: _Waiver, *, is_alone: bool) -> Finding:
    message = f"a waiver of {one.code}, and there is no such finding"
    help_ = "Take the waiver away." if is_alone else f"Take {one.code} out of it."
    return Finding("WAI003", message, one.at, help_, severity="warning", span=one.span)

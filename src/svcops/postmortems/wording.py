"""What the text of a post-mortem lacks or should not say: empty sections, questions that are left, blame.

Pure functions of the graph. A post-mortem looks for what made a mistake possible, and likely; a person's name, or
"human error", in the place of a cause ends that search. What is found here is a hint to who writes: it warns.
"""

import re
from collections.abc import Iterable, Iterator

from svcops.checking.model import At, Finding, Span
from svcops.postmortems.blame import (
    ERROR,
    NO_BLAME,
    NO_ERROR,
    OF_ERROR,
    OF_ROOT_CAUSE,
    OPENS_WITH_IT,
    ROOT_CAUSE,
    people,
)
from svcops.postmortems.model import Postmortem
from svcops.postmortems.prose import Block, Line, Prose, Section, blocks, is_heading, key_of, read
from svcops.postmortems.template import Template, template_of
from svcops.store.documents import split_front_matter
from svcops.store.entries import Entry
from svcops.store.frozen import frozen
from svcops.store.graph import Graph
from svcops.trust.facts import approvals_of, digest_text

FACTORS = "Contributing factors"
"""The section that the checks for blame look at."""
_FAKTOREN = ("beitragende faktoren", "beitragende umstände", "mitwirkende faktoren", "begünstigende faktoren")
"""How it is called in a template in German."""

_LONGEST = 60
"""Characters of a text that a finding repeats."""
_LOOKED_AT = 200
"""Characters of a line that tell how it begins; a longer one could hold the search up."""
_NOTHING = re.compile(r"[\s>*+|:#_.…-]*|[\s>]*\d+[.)]\s*")
"""A line that says nothing: an empty item, the rule of a table, dots."""
_TO_DO = re.compile(r"\b(?:TODO|TBD|FIXME|XXX)\b|\{\{.*?\}\}|\{%.*?%\}|(?i:\blorem ipsum\b)")
_OF_TO_DO = ("todo", "tbd", "fixme", "xxx", "{{", "{%", "lorem")
_NONE = re.compile(
    r"(?:\W|\d+[.)])*(?:none(?: known| found)?|n/?a|not applicable|nothing|no|keine?)?\W*", re.IGNORECASE
)
"""A text in the place of factors that names none."""
_ITEM = re.compile(r"\s*(?:[-*+]|\d+[.)])\s")


@frozen
class Text:
    """A post-mortem taken apart. `is_agreed`: somebody approved it, rightly or not, as it is now."""

    entry: Entry[Postmortem]
    prose: Prose
    is_agreed: bool
    small: str
    """All of it in small letters: whether a line has to be looked at for some words is told faster from this."""
    blocks: tuple[Block, ...]
    """What is read in one go, where the wording is looked at: not of what is agreed."""

    def has(self, words: Iterable[str]) -> bool:
        """Whether any of these, in small letters, stands anywhere in it."""
        return any(one in self.small for one in words)


def findings_of(graph: Graph, code: str) -> Iterator[Finding]:
    """What is found of one code, in all post-mortems that were written here."""
    for entry in graph.all("postmortem").values():
        yield from (one for one in findings_in(graph, entry.name) if one.code == code)


def findings_in(graph: Graph, name: str) -> tuple[Finding, ...]:
    """What is found in the text of one post-mortem; nothing where it was imported. Worked out once for each graph."""
    return graph.once(_findings_in, name)


def _findings_in(graph: Graph, name: str) -> tuple[Finding, ...]:
    entry: Entry[Postmortem] = graph.all("postmortem")[name]
    text = None if entry.value.imported else _text(graph, entry)
    if text is None:
        return ()
    template = template_of(graph)
    found = [*_empty(text, template), *_left(text, template)]
    if not text.is_agreed:  # who approved it read the wording, and a change would void that
        found += [*_names(graph, text), *_errors(text), *_root_cause(text, template)]
    return tuple(found)


def _text(graph: Graph, entry: Entry[Postmortem]) -> Text | None:
    data, problem = graph.tree.read(entry.path)
    split = split_front_matter(data.decode("utf-8-sig", "replace")) if problem is None else None
    if split is None:
        return None
    approvals = approvals_of(graph, entry.path)
    digest = digest_text(data) if approvals else ""
    agreed = any(one.value.digest == digest for one in approvals)
    prose = read(split.body, split.body_line)
    return Text(entry, prose, agreed, split.body.lower(), () if agreed else tuple(blocks(prose.lines)))


def _at(text: Text) -> At:
    return At(text.entry.path)


def is_empty(section: Section, template: Template) -> bool:
    """Whether nothing is written below a heading but what the template asks there."""
    return not any(_says(line, template) for line in section.lines)


def _says(line: Line, template: Template) -> bool:
    return not (_NOTHING.fullmatch(line.text) or is_heading(line) or template.is_question(line.text))


def _empty(text: Text, template: Template) -> Iterator[Finding]:
    there = {one.key for one in text.prose.sections}
    missing = [title for title in template.sections if key_of(title) not in there]
    if missing and not (text.is_agreed and len(missing) < len(template.sections)):
        line = text.prose.lines[0].number if text.prose.lines else 1
        message = f"has no section {', '.join(missing)}"
        help_ = "Add the heading and say what there is to say: what nobody writes down, nobody learns from."
        yield Finding("PMO001", message, _at(text), help_, severity="warning", span=Span(line, 1, line, 1))
    wanted = {key_of(title) for title in template.sections}
    for section in text.prose.sections:
        if section.key in wanted and is_empty(section, template):
            asked = next((line.text.strip(" >") for line in section.lines if template.is_question(line.text)), "")
            help_ = f"{asked or 'Say what there is to say.'} If it is nothing, say so."
            message = f"the section {section.title} is empty"
            yield Finding("PMO001", message, _at(text), help_, severity="warning", span=section.heading)


def _left(text: Text, template: Template) -> Iterator[Finding]:
    """Questions of the template below which something is written, and what people write to come back to it."""
    unfinished = text.has(_OF_TO_DO)
    empty = {line.number for one in text.prose.sections if is_empty(one, template) for line in one.lines}
    for line in text.prose.lines:
        if template.is_question(line.text) and line.number not in empty:
            start = len(line.text) - len(line.text.lstrip())
            span = line.span(start, len(line.text.rstrip()))
            message = f"a question of the template is left: {_short(line.text.strip(' >'))}"
            yield Finding("PMO002", message, _at(text), "Answer it, and take it out.", severity="warning", span=span)
        for found in _TO_DO.finditer(line.words) if unfinished else ():
            message = f"not finished: {found[0]}"
            help_ = "Finish it, or take it out."
            yield Finding(
                "PMO002", message, _at(text), help_, severity="warning", span=line.span(found.start(), found.end())
            )


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST].rsplit(' ', 1)[0]} …"


def _names(graph: Graph, text: Text) -> Iterator[Finding]:
    known = graph.once(people)
    if known is None or not text.has(known[0]):
        return
    _, named, blamed = known
    factors = _factors(text)
    inside = {line.number for line in factors.lines} if factors else set()
    for block in text.blocks:
        looked_for = (blamed, named) if block.lines[0].number in inside else (blamed,)
        told: set[tuple[int, str]] = set()
        for start, end in _apart(place for each in looked_for for place in _places(each, block.words)):
            name, span = _joined(block.words[start:end]), block.span(start, end)
            if (span.line, name) not in told:
                told.add((span.line, name))
                help_ = "Say what made it possible, and likely, whoever had been there: a tool, a sign, a habit, a gap."
                yield Finding("PMO003", f"{name} is named as a cause", _at(text), help_, severity="warning", span=span)


def _places(pattern: re.Pattern[str], words: str) -> Iterator[tuple[int, int]]:
    """Where its names are: what stands beside one may be another one's, so each is looked for behind the last."""
    found = pattern.search(words)
    while found:
        start, end = found.span(found.lastindex or 0)
        yield start, end
        found = pattern.search(words, end)


def _apart(places: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Those of several places that share nothing with one told before them, in the order of the text."""
    told: list[tuple[int, int]] = []
    for start, end in places:
        if all(end <= begun or start >= over for begun, over in told):
            told.append((start, end))
    return sorted(told)


def _errors(text: Text) -> Iterator[Finding]:
    if not text.has(OF_ERROR):
        return
    for block in text.blocks:
        for found in ERROR.finditer(block.words):
            denied = NO_BLAME if found[0].lower() == "schuld" else NO_ERROR
            if denied.search(block.words, 0, found.start()):
                continue
            message = f'"{_joined(found[0])}" is where the search for causes begins, not where it ends'
            help_ = "Ask what made the mistake possible and likely, and why nothing caught it."
            span = block.span(found.start(), found.end())
            yield Finding("PMO004", message, _at(text), help_, severity="warning", span=span)


def _root_cause(text: Text, template: Template) -> Iterator[Finding]:
    """A single cause in the place of factors; the first time that it is named."""
    factors = _factors(text)
    if not text.has(OF_ROOT_CAUSE) or (factors and _names_a_factor(factors, template)):
        return
    for block in text.blocks:
        found = None if template.is_question(block.lines[0].text) else ROOT_CAUSE.search(block.words)
        if found:
            message = f'one "{_joined(found[0])}", and no contributing factor'
            help_ = f"Below {FACTORS}, say which conditions had to come together, each of them."
            span = block.span(found.start(), found.end())
            yield Finding("PMO005", message, _at(text), help_, severity="warning", span=span)
            return


def _joined(words: str) -> str:
    return " ".join(words.split())


def _factors(text: Text) -> Section | None:
    """The section of the factors, by its English title or a German one."""
    german = (one for one in text.prose.sections if one.key in _FAKTOREN)
    return text.prose.section(FACTORS) or next(german, None)


def _names_a_factor(section: Section, template: Template) -> bool:
    """Whether an item or paragraph says more than that there is none, or what the one root cause is."""
    below_it, is_inside = False, False
    for line in section.lines:
        if is_heading(line):
            below_it, is_inside = bool(ROOT_CAUSE.search(line.words)), False
        elif not _says(line, template):
            is_inside = False
        elif not is_inside or _ITEM.match(line.text):  # the first line of an item or a paragraph
            start = line.text[:_LOOKED_AT]
            if not (below_it or _NONE.fullmatch(start) or OPENS_WITH_IT.match(start)):
                return True
            is_inside = True
    return False

"""The text of a runbook as sections and steps. Pure: nothing in it is executed here (decision 26).

Read as CommonMark (https://spec.commonmark.org/0.31.2/): a section is a heading of the second level with all below it;
a step is an item of a numbered list in it, or a heading of the third level with code below it. Beside such headings,
and where it says what is expected, one without code is a step too, which is done by hand. Fenced code at the left
margin right after an item belongs to it, and what is expected below that: the list that CommonMark ends there goes on
for whoever wrote it.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

from svcops.runbooks.scanning import without_comments
from svcops.runbooks.sections import DONE, READ_ONLY, ROLLBACK, role_of
from svcops.runbooks.structure import SHELLS, STEP, Code, Link, Section, Step, Structure

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_block import StateBlock
    from markdown_it.token import Token

_EXPECTED = re.compile(
    r"(?:^|(?<=[.!?:)])[ \t]+|\n[ \t]*)(?P<marks>[*_]*)"
    r"Expected(?:[ \t]+(?:result|output|outcome))?(?::[*_]*|[*_]+:)\s*",
    re.IGNORECASE,
)
"""Where a paragraph begins to say what is expected: at its start, or behind a sentence or a line of it."""
_NUMBER = re.compile(r"\d{1,9}[.)](?:[ \t]|$)")
_MARKS = re.compile(r"\*\*|__|`")
_SENTENCE = re.compile(r"(?<=[.!?:])\s")


def structure_of(body: str, first_line: int = 1) -> Structure:
    """The sections, steps and links of a text that begins on that line of its file."""
    body = without_comments(body)
    tokens = _parser().parse(body)
    lines = body.split("\n")
    heads = [place for place, one in enumerate(tokens) if one.type == "heading_open" and one.tag == "h2"]
    sections = []
    for start, end in zip(heads, [*heads[1:], len(tokens)], strict=False):
        title = _words(tokens[start + 1])
        inside = tokens[start + 3 : end]
        steps = tuple(_numbered(_steps(title, inside, lines, first_line)))
        if not steps and inside and role_of(title) in DONE:
            steps = (_whole(title, inside, lines, first_line),)
        known = {code.line for step in steps for code in step.codes}
        codes = (_code(one, first_line) for one in inside if _is_code(one))
        loose = tuple(one for one in codes if one.runs and one.line not in known)
        sections.append(Section(title, _line(tokens[start], first_line), steps, not inside, loose))
    codes = (_code(one, first_line) for one in tokens[: heads[0] if heads else len(tokens)] if _is_code(one))
    above = tuple(one for one in codes if one.runs)
    read = {step.settings.line for section in sections for step in section.steps if step.settings}
    blocks = (_written(one, first_line) for one in tokens if _is_code(one))
    stray = tuple(one for one in blocks if one.language == STEP and one.line not in read)
    spans = [_line(tokens[place], first_line) + _height(tokens[place]) for place in heads]
    shown, rest = _shown(sections, spans, lines, first_line)
    return Structure(shown, tuple(_links(tokens, first_line)), above, stray, rest)


@cache
def _parser() -> "MarkdownIt":
    from markdown_it import MarkdownIt

    made = MarkdownIt("commonmark", {"html": False}).enable("table")
    made.block.ruler.before("list", "item below what is expected", _ends_expected, {"alt": ["paragraph"]})
    return made


def _ends_expected(state: "StateBlock", line: int, _: int, silent: bool) -> bool:  # noqa: FBT001 - markdown-it calls it
    """Whether a numbered item ends the paragraph `Expected:` at the margin that it follows without an empty line.

    CommonMark lets an item do so only where its number is 1; whoever wrote the second step did not mean to hide it.
    """
    if not silent or state.level or state.parentType != "paragraph":
        return False
    begins, now = (state.src[state.bMarks[at] + state.tShift[at] : state.eMarks[at]] for at in (state.line, line))
    return bool(_EXPECTED.match(begins) and _NUMBER.match(now))


def _steps(section: str, tokens: Sequence["Token"], lines: Sequence[str], first: int) -> Iterator[Step]:
    """The steps of a section; a heading's reach to the next one, unless numbered items stand there."""
    has_headed = any(_is_headed(tokens, place) for place, one in enumerate(tokens) if _is_third(one))
    place = 0
    while place < len(tokens):
        token = tokens[place]
        if token.type == "ordered_list_open":
            end = _end_of(tokens, place)
            after = _after(tokens, end) if token.level == 0 else end
            yield from _items(section, tokens[place:end], tokens[end:after], lines, first)
            place = after
        elif _is_third(token) and (_is_headed(tokens, place) or _is_by_hand(tokens, place, beside_others=has_headed)):
            end = _end_of_block(tokens, place)
            yield _step(section, _words(tokens[place + 1]), tokens[place], tokens[place + 3 : end], (), lines, first)
            place = end
        else:
            place += 1


def _is_third(token: "Token") -> bool:
    return token.type == "heading_open" and token.tag == "h3"


def _is_of_success(title: "Token") -> bool:
    """Whether a heading in a section begins a step of it, and not a way back, or something to be read."""
    return role_of(_words(title)) not in READ_ONLY


def _end_of_block(tokens: Sequence["Token"], place: int) -> int:
    """The place of the next heading of the second or third level."""
    return next((at for at in range(place + 1, len(tokens)) if _is_heading(tokens[at])), len(tokens))


def _is_headed(tokens: Sequence["Token"], place: int) -> bool:
    """Whether a heading is a step by the code below it, without numbered items, which would be the steps."""
    inside = tokens[place + 3 : _end_of_block(tokens, place)]
    is_step = _is_of_success(tokens[place + 1]) and not any(one.type == "ordered_list_open" for one in inside)
    return is_step and any(map(_is_code, inside))


def _is_by_hand(tokens: Sequence["Token"], place: int, *, beside_others: bool) -> bool:
    """Whether a heading without code is a step: it says what is expected, or something, beside others with code."""
    inside = tokens[place + 3 : _end_of_block(tokens, place)]
    if not _is_of_success(tokens[place + 1]) or any(one.type == "ordered_list_open" for one in inside):
        return False
    return any(_tells(one) for one in inside) or (beside_others and any(one.type == "inline" for one in inside))


def _tells(token: "Token") -> bool:
    """Whether a paragraph says what is expected."""
    return token.type == "inline" and bool(_EXPECTED.search(token.content))


def _after(tokens: Sequence["Token"], place: int) -> int:
    """The end of what belongs to the last item of a list that ends there: fenced code, and what is expected of it.

    To that belongs a list of points right below.
    """
    is_told = False
    while place < len(tokens):
        token = tokens[place]
        if _is_code(token):
            place, is_told = place + 1, False
        elif token.type == "paragraph_open" and _EXPECTED.match(tokens[place + 1].content):
            place, is_told = place + 3, True
        elif is_told and token.type == "bullet_list_open":
            place, is_told = _end_of(tokens, place), False
        else:
            break
    return place


def _told(inside: Sequence["Token"]) -> Iterator[str]:
    """What paragraphs say is expected, with the points or the output that stand right below."""
    for place, one in enumerate(inside):
        found = _EXPECTED.search(one.content) if one.type == "inline" else None
        if found:
            said = one.content[found.end() :].strip()
            said = said.removesuffix(found["marks"]) if found["marks"] else said
            yield "\n".join(filter(None, (said, _below(inside, place + 2, is_alone=not said))))


def _below(inside: Sequence["Token"], place: int, *, is_alone: bool) -> str:
    """The points below a paragraph; of one that says nothing but that, the output, too."""
    if place >= len(inside):
        return ""
    token = inside[place]
    if token.type in ("bullet_list_open", "ordered_list_open"):
        points = inside[place : _end_of(inside, place)]
        return "\n".join(f"- {one.content}" for one in points if one.type == "inline")
    is_output = is_alone and _is_code(token) and not token.info.strip().startswith((*SHELLS, "yaml"))
    return token.content.strip() if is_output else ""


def _items(
    section: str, tokens: Sequence["Token"], after: Sequence["Token"], lines: Sequence[str], first: int
) -> Iterator[Step]:
    """The items of a numbered list; lists inside of them are text of the item. What comes after is the last one's."""
    level = tokens[0].level + 1
    place = 0
    while place < len(tokens):
        token = tokens[place]
        if token.type == "list_item_open" and token.level == level:
            end = _end_of(tokens, place)
            is_last = end == len(tokens) - 1
            yield _step(section, "", token, tokens[place + 1 : end - 1], after if is_last else (), lines, first)
            place = end
        else:
            place += 1


def _step(
    section: str,
    title: str,
    head: "Token",
    within: Sequence["Token"],
    after: Sequence["Token"],
    lines: Sequence[str],
    first: int,
) -> Step:
    inside = [*within, *after]
    codes = [_written(one, first) for one in inside if _is_code(one)]
    said = [one.content for one in inside if one.type == "inline"]
    start, end = head.map or (0, 0)
    own = max([end, *(one.map[1] for one in within if one.map)])
    end = max([own, *(one.map[1] for one in after if one.map)])
    title = title or _sentence(said[0] if said else "")
    settings = next((one for one in codes if one.language == STEP), None)
    text = _without_indent(lines[start:end], own - start)
    places = [one.map for one in inside if _is_code(one) and one.map]
    hidden = next((range(*place) for place, one in zip(places, codes, strict=True) if one is settings), range(0))
    prose = _without_indent(lines[start:end], own - start, range(hidden.start - start, hidden.stop - start))
    shown = tuple(Code(one.language.partition(" ")[0], one.text, one.line) for one in codes)
    kept = tuple(one for one, code in zip(shown, codes, strict=True) if code is not settings)
    return Step(
        section,
        0,
        text,
        prose,
        "",
        title,
        kept,
        "\n".join(filter(None, _told(inside))),
        settings,
        start + first,
        end + first,
    )


def _numbered(steps: Iterator[Step]) -> Iterator[Step]:
    for number, one in enumerate(steps, 1):
        yield replace(one, number=number)


def _whole(section: str, inside: Sequence["Token"], lines: Sequence[str], first: int) -> Step:
    """All that a section says, as one step that a person does; its code is shown, and not run."""
    places = [one.map for one in inside if one.map]
    start, end = min(one[0] for one in places), max(one[1] for one in places)
    said = [one.content for one in inside if one.type == "inline"]
    text = "\n".join(lines[start:end]).strip()
    title = _sentence(said[0] if said else "") or section
    told = "\n".join(filter(None, _told(inside)))
    return Step(section, 1, text, text, "", title, (), told, None, start + first, end + first, is_whole=True)


def _shown(
    sections: Sequence[Section], begins: Sequence[int], lines: Sequence[str], first: int
) -> tuple[tuple[Section, ...], str]:
    """The sections with what is shown before each step, and what is behind the last one.

    What a run passes by on its way is shown with the step that comes next, also of sections that have none. The way
    back begins anew.
    """
    found, waiting = [], list[str]()
    for number, section in enumerate(sections):
        end = sections[number + 1].line if number + 1 < len(sections) else len(lines) + first
        role, at = role_of(section.title), begins[number]
        is_back = role == ROLLBACK
        pending = list[str]() if is_back else waiting
        steps = []
        for step in section.steps:
            pending.append(_text_of(lines, at - first, step.line - first))
            steps.append(replace(step, before="\n\n".join(filter(None, pending))))
            pending.clear()
            at = step.end
        found.append(replace(section, steps=tuple(steps)))
        text = _text_of(lines, at - first, end - first)
        if text and (is_back or role not in READ_ONLY):
            pending.append(text if section.steps else f"## {section.title}\n\n{text}")
    return tuple(found), "\n\n".join(waiting)


def _text_of(lines: Sequence[str], start: int, end: int) -> str:
    return "\n".join(lines[start:end]).strip()


def _height(token: "Token") -> int:
    """How many lines a heading has."""
    return token.map[1] - token.map[0] if token.map else 1


def _end_of(tokens: Sequence["Token"], place: int) -> int:
    """The place behind what closes the token that opens here."""
    opened = tokens[place]
    closing = opened.type.replace("_open", "_close")
    return next(
        at + 1 for at in range(place, len(tokens)) if tokens[at].type == closing and tokens[at].level == opened.level
    )


def _is_heading(token: "Token") -> bool:
    return token.type == "heading_open" and token.tag in ("h2", "h3")


def _is_code(token: "Token") -> bool:
    return token.type == "fence"


def _written(token: "Token", first: int) -> Code:
    return Code(" ".join(token.info.split()), token.content, _line(token, first) + 1)


def _code(token: "Token", first: int) -> Code:
    written = _written(token, first)
    return Code(written.language.partition(" ")[0], written.text, written.line)


def _line(token: "Token", first: int) -> int:
    return (token.map[0] if token.map else 0) + first


def _without_indent(lines: Sequence[str], own: int, hidden: range = range(0)) -> str:
    """The lines of an item without its number, what sets its own others in below it, and those hidden."""
    if not lines:
        return ""
    marker = re.match(r"\s*\d+[.)]\s+", lines[0])
    width = len(marker[0]) if marker else 0
    others = [one[width:] if not one[:width].strip() else one.lstrip() for one in lines[1:own]]
    every = enumerate([lines[0][width:], *others, *lines[own:]])
    return "\n".join(one for place, one in every if place not in hidden).strip()


def _words(inline: "Token") -> str:
    """What a heading says, without its markup."""
    return "".join(one.content for one in inline.children or () if one.type in ("text", "code_inline")).strip()


def _sentence(text: str) -> str:
    """The first sentence of a paragraph, in one line and without marks."""
    return _SENTENCE.split(_MARKS.sub("", " ".join(text.split())), maxsplit=1)[0].rstrip(":")


def _links(tokens: Sequence["Token"], first: int) -> Iterator[Link]:
    for token in tokens:
        for one in token.children or ():
            if one.type in ("link_open", "image"):
                to = one.attrGet("href" if one.type == "link_open" else "src")
                yield Link(str(to or ""), _line(token, first))

"""A runbook that lacks a section which its kind has to have."""

from collections.abc import Iterator

from svcops.checking.model import Finding
from svcops.checking.rule import Context, Rule
from svcops.runbooks.facts import outline
from svcops.runbooks.outline import Outline, key_of
from svcops.runbooks.sections import REQUIRED


def _find(context: Context) -> Iterator[Finding]:
    for book in context.graph.all("runbook").values():
        text = outline(context.graph, book)
        there = {key_of(one.title) for one in text.sections}
        lacking = [title for title in REQUIRED[book.value.kind] if key_of(title) not in there]
        if lacking:
            sections = "the section" if len(lacking) == 1 else "the sections"
            message = f"it lacks {sections} {_listed(lacking)}, which a runbook of kind {book.value.kind} has"
            yield Finding("RBK002", message, book.at("kind"), _help(lacking, text), severity="warning")


def _help(lacking: list[str], text: Outline) -> str:
    """What to write: where a heading is there at another level, that its level is to be changed."""
    keys = {key_of(one) for one in lacking}
    lower = next((one for one in text.headings if one.level != 2 and key_of(one.title) in keys), None)
    if lower:
        return f"Line {lower.line}: make it ## {lower.title}, a heading of the second level."
    return f"Add {_listed([f'## {one}' for one in lacking])}; svcops explain RBK002 says what belongs there."


def _listed(names: list[str]) -> str:
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))


RULE = Rule("RBK002", "a runbook that lacks a section which its kind has to have", "warning", find=_find)

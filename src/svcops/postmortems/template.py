"""What a store's template for post-mortems asks for: its headings, and its questions to who writes."""

import re
from importlib.resources import files

from svcops.postmortems.prose import read
from svcops.store.frozen import frozen
from svcops.store.graph import Graph

NAME = "postmortem.md.j2"
_COMMENT = re.compile(r"\{#.*?#\}", re.DOTALL)
_VALUE = re.compile(r"\{\{.*?\}\}")

_WORD = re.compile(r"[^\W\d_]")
"""What a line must have beside its values to be a question: else any quotation would be that question."""


@frozen
class Template:
    """The headings of the second level, in order, and what finds a question that is still there."""

    sections: tuple[str, ...]
    questions: re.Pattern[str] | None

    def is_question(self, line: str) -> bool:
        """Whether a line is a question of the template, with whatever values were filled in."""
        if self.questions is None or ">" not in line:
            return False
        return bool(self.questions.fullmatch(line.strip()))


def template_of(graph: Graph) -> Template:
    """The store's own template, else the built-in one. Worked out once for each graph."""
    return graph.once(_template_of)


def _template_of(graph: Graph) -> Template:
    own = f"templates/{NAME}"
    data, problem = graph.tree.read(own) if graph.tree.has(own) else (b"", None)
    if problem or not data:
        data = files("svcops").joinpath("templates", NAME).read_bytes()
    return parsed(data.decode("utf-8-sig", "replace"))


def parsed(source: str) -> Template:
    """What a template asks for. A line that begins with > is a question; a heading with values in it is no section."""
    prose = read(_COMMENT.sub("", source))
    sections = tuple(one.title for one in prose.sections if one.level == 2 and "{" not in one.title)
    lines = (line.text.strip() for line in prose.lines if line.text.lstrip().startswith(">"))
    asked = [".*".join(map(re.escape, _VALUE.split(line))) for line in lines if _WORD.search(_VALUE.sub("", line))]
    return Template(sections, re.compile("|".join(asked)) if asked else None)

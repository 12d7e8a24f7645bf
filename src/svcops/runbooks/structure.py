"""A runbook's text as sections and steps: what is run, asked and shown. Pure data (decision 26)."""

from svcops.runbooks.outline import key_of
from svcops.runbooks.sections import READ_ONLY, role_of
from svcops.store.frozen import frozen

SHELLS = ("sh", "bash", "shell")
"""Languages of fenced code that is run; of every other one the code is shown, `console` among them."""
STEP = "yaml step"
"""The info string of the fenced code that says of a step what a program has to know."""
_PROMPT = "$ "
"""What code begins with that was copied from a terminal, and that is shown for a person to type."""


@frozen
class Code:
    """Fenced code: its language, the text, and the line of its first character, counted from 1 in the file."""

    language: str
    text: str
    line: int

    @property
    def runs(self) -> bool:
        """Whether it is a command, and no example, output, comment, or what somebody typed at a prompt."""
        lines = [line.strip() for line in self.text.split("\n")]
        says_something = any(line and not line.startswith("#") for line in lines)
        return self.language.lower() in SHELLS and says_something and not self.text.lstrip().startswith(_PROMPT)


@frozen
class Step:
    """One step: who reads it finds it by section and number."""

    section: str
    number: int
    """From 1 within its section."""
    text: str
    """All that is written of it, as Markdown, without its number."""
    prose: str
    """The same without the block that only programs read."""
    before: str
    """What stands between the step that a run takes before it and this one: notes, tables, headings, other sections."""
    title: str
    """Its first sentence, without marks."""
    codes: tuple[Code, ...]
    expected: str
    """What should come of it, in words for a person; empty where nothing says it."""
    settings: Code | None
    """What a program has to know of it, as YAML; None where nothing is said."""
    line: int
    """The line on which it begins, counted from 1 in the file."""
    end: int
    """The line behind its last."""
    is_whole: bool = False
    """Whether it is all that a section says, which has no steps of its own: a person does it."""

    @property
    def name(self) -> str:
        """By which it is called: mitigation-2."""
        return f"{key_of(self.section)}-{self.number}"

    @property
    def commands(self) -> tuple[Code, ...]:
        """What is run, one after the other; nothing where it is done by hand."""
        return tuple(one for one in self.codes if one.runs)


@frozen
class Section:
    """A section with its steps; `is_empty` where nothing stands in it."""

    title: str
    line: int
    steps: tuple[Step, ...]
    is_empty: bool
    loose: tuple[Code, ...] = ()
    """Commands that belong to no step."""


@frozen
class Link:
    """Where something in the text leads, as it is written, and the first line of what it stands in."""

    to: str
    line: int


@frozen
class Structure:
    """A runbook's text: what stands above the first section counts to none."""

    sections: tuple[Section, ...]
    links: tuple[Link, ...]
    above: tuple[Code, ...] = ()
    """Commands above the first section."""
    stray: tuple[Code, ...] = ()
    """Blocks `yaml step` that no step reads: they stand in none, or in one that has another."""
    rest: str = ""
    """What stands behind the last step that a run takes."""

    @property
    def steps(self) -> tuple[Step, ...]:
        """Those of all sections, in their order."""
        return tuple(step for section in self.sections for step in section.steps)

    @property
    def loose(self) -> tuple[Code, ...]:
        """Commands that no step runs, in a runbook that has steps to be run."""
        if not any(role_of(step.section) not in READ_ONLY and not step.is_whole for step in self.steps):
            return ()
        sections = [one for one in self.sections if one.steps or role_of(one.title) not in READ_ONLY]
        return (*self.above, *(code for one in sections for code in one.loose))

    def section(self, title: str) -> Section | None:
        """The first section of that title, whatever its case."""
        return next((one for one in self.sections if key_of(one.title) == key_of(title)), None)

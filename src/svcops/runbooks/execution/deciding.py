"""Who decides in a run: a person at the terminal, or nobody, where only what a program can judge is run."""

from typing import TYPE_CHECKING, Literal, Protocol

from svcops.errors import NotDone
from svcops.runbooks.sections import PRECONDITIONS, role_of
from svcops.runbooks.step_settings import can_run
from svcops.timing.model import format_duration

if TYPE_CHECKING:
    from svcops.runbooks.step_settings import StepSettings
    from svcops.runbooks.structure import Step
    from svcops.terminal.session import Session

Before = Literal["run", "skip", "rollback", "stop"]
Doubt = Literal["again", "passed", "failed", "skip", "stop"]
Failed = Literal["again", "rollback", "next", "stop"]


class NeedsPerson(NotDone):
    """A run without a person came to what only a person can do or judge."""

    def __init__(self, step: str, why: str, runbook: str) -> None:
        super().__init__(
            f"{step}: {why}, so the run stops here",
            help=f"svcops runbook run {runbook} --resume goes on with a person at the terminal.",
        )
        self.step = step


class Decider(Protocol):
    """What a run asks."""

    mode: str

    def precondition(self, name: str, text: str) -> bool:
        """Whether what has to be so before is so."""

    def before(self, step: "Step", settings: "StepSettings | None", *, can_roll_back: bool) -> Before:
        """What to do about a step that comes next."""

    def in_doubt(self, step: "Step", settings: "StepSettings | None") -> Doubt:
        """What to do about a step that may have been run."""

    def judge(self, step: "Step") -> bool:
        """Whether it did what is expected, where no program can tell."""

    def failed(self, step: "Step", settings: "StepSettings | None", reason: str, *, can_roll_back: bool) -> Failed:
        """What to do about a step that failed."""


class Automatic:
    """Nobody is there: a step that only a person can do, judge or allow stops the run."""

    mode = "automatic"

    def __init__(self, runbook: str, *, preconditions_hold: bool, allow_dangerous: bool) -> None:
        self._runbook = runbook
        self._preconditions_hold = preconditions_hold
        self._allow_dangerous = allow_dangerous

    def precondition(self, name: str, text: str) -> bool:
        """As the call says."""
        if not self._preconditions_hold:
            why = f"only a person knows whether it holds ({text}; --preconditions-hold)"
            raise NeedsPerson(name, why, self._runbook)
        return True

    def before(self, step: "Step", settings: "StepSettings | None", *, can_roll_back: bool) -> Before:  # noqa: ARG002 - see Decider
        """Run, where a program can judge, or whoever called says that what has to be so before is so."""
        if not can_run(step, settings):
            if self._said_to_hold(step):
                return "run"
            raise NeedsPerson(step.name, "it is done by hand", self._runbook)
        if settings is None or settings.manual:
            raise NeedsPerson(step.name, "only a person can judge it", self._runbook)
        if settings.dangerous and not self._allow_dangerous:
            why = f"it is dangerous: {settings.dangerous} (--allow-dangerous)"
            raise NeedsPerson(step.name, why, self._runbook)
        return "run"

    def in_doubt(self, step: "Step", settings: "StepSettings | None") -> Doubt:  # noqa: ARG002 - see Decider
        """Never run twice by itself."""
        raise NeedsPerson(step.name, "it may have been run before, and nobody knows how that ended", self._runbook)

    def judge(self, step: "Step") -> bool:
        """As the call says of what has to be so before; any other such step is not begun."""
        if self._said_to_hold(step):
            return True
        raise NeedsPerson(step.name, "only a person can judge it", self._runbook)

    def failed(
        self,
        step: "Step",  # noqa: ARG002 - see Decider
        settings: "StepSettings | None",  # noqa: ARG002
        reason: str,  # noqa: ARG002
        *,
        can_roll_back: bool,
    ) -> Failed:
        """Back to where it was."""
        return "rollback" if can_roll_back else "stop"

    def _said_to_hold(self, step: "Step") -> bool:
        return self._preconditions_hold and role_of(step.section) == PRECONDITIONS


class Terminal:
    """A person is asked, at each step."""

    mode = "terminal"

    def __init__(self, session: "Session") -> None:
        self._session = session
        self._shown = ""
        """The step that was shown last, by its name."""

    def precondition(self, name: str, text: str) -> bool:
        """Asked for each."""
        self._say(f"\n{name}: {text}")
        return self._ask("Is it so?", ("yes", "no")) == "yes"

    def before(self, step: "Step", settings: "StepSettings | None", *, can_roll_back: bool) -> Before:
        """Shown, and asked about."""
        self._show(step, settings)
        if settings and not settings.manual and can_run(step, settings):
            self._say(f"A program judges what comes of it, in at most {format_duration(settings.limit)}.")
        question = "Run it?" if can_run(step, settings) else "Do it by hand now?"
        given = self._ask(question, ("yes", "skip", *(("rollback",) if can_roll_back else ()), "no"), stops=True)
        answers: dict[str, Before] = {"yes": "run", "no": "stop", "skip": "skip", "rollback": "rollback"}
        return answers[given]

    def in_doubt(self, step: "Step", settings: "StepSettings | None") -> Doubt:
        """Look first, and say what is so."""
        self._show(step, settings)
        self._say("It was begun, and the run was broken off: it may have been done, in part or in full. Look first.")
        given = self._ask("What now?", ("again", "passed", "failed", "skip", "no"), stops=True)
        answers: dict[str, Doubt] = {
            "again": "again",
            "passed": "passed",
            "failed": "failed",
            "skip": "skip",
            "no": "stop",
        }
        return answers[given]

    def judge(self, step: "Step") -> bool:
        """By what is expected in words."""
        if step.expected:
            self._say(f"Expected: {step.expected}")
        return self._ask("Is it so?" if step.expected else "Did it do what it should?", ("yes", "no")) == "yes"

    def failed(self, step: "Step", settings: "StepSettings | None", reason: str, *, can_roll_back: bool) -> Failed:
        """Again, back to where it was, or on with it failed; a run that is taken up here shows the step first."""
        if self._shown != step.name:
            self._show(step, settings)
        self._say(f"{step.name} failed: {reason}")
        given = self._ask("What now?", ("again", *(("rollback",) if can_roll_back else ()), "next", "no"), stops=True)
        answers: dict[str, Failed] = {"again": "again", "rollback": "rollback", "next": "next", "no": "stop"}
        return answers[given]

    def _show(self, step: "Step", settings: "StepSettings | None") -> None:
        """All of a step that a person decides about."""
        self._shown = step.name
        if step.before:
            self._say(f"\n{step.before}")
        self._say(f"\n{step.name}: {step.prose}")
        if settings and settings.argv:
            from shlex import join

            self._say(f"Run is only:\n  $ {join(settings.argv)}")
            if step.commands:
                self._say("The code above is not run: `argv` of the step takes its place.")
        if settings and settings.dangerous:
            self._say(f"DANGEROUS: {settings.dangerous}")

    def _say(self, text: str) -> None:
        self._session.warn(text)

    def _ask(self, question: str, answers: tuple[str, ...], *, stops: bool = False) -> str:
        """One of the answers, or the beginning of one; asked until it is. `stops` says that no ends the run."""
        shown = "/".join(answers) + (", which stops" if stops else "")
        while True:
            print(f"{question} [{shown}] ", end="", file=self._session.stderr, flush=True)
            line = self._session.stdin.readline()
            if not line:
                raise NotDone("nobody answers: the input is at its end", help="The run is kept: --resume goes on.")
            given = line.strip().lower()
            found = [one for one in answers if given and one.startswith(given)]
            if len(found) == 1:
                return found[0]

"""The walk through a runbook's steps: what is next, what became of it, and where it goes when one fails."""

import time
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from svcops.checking.model import At
from svcops.errors import BadInput
from svcops.runbooks.blocks import ONE_EACH, UNREAD
from svcops.runbooks.execution.deciding import Decider
from svcops.runbooks.execution.journal import Journal, safe_name
from svcops.runbooks.execution.outcome import (
    DIAGNOSIS,
    has_begun,
    is_precondition,
    result_of_run,
    rollback,
    unknown,
    walked,
)
from svcops.runbooks.execution.running import Runner, Tried
from svcops.runbooks.markdown import structure_of
from svcops.runbooks.model import Runbook, StepResult
from svcops.runbooks.outline import key_of
from svcops.runbooks.sections import role_of
from svcops.runbooks.step_settings import StepSettings, can_run, settings_of
from svcops.runbooks.structure import Step, Structure
from svcops.store.documents import split_front_matter
from svcops.store.frozen import frozen
from svcops.timing.model import format_instant

if TYPE_CHECKING:
    from svcops.checking.model import Finding

Where = Literal["on", "rollback", "stop"]
Result = Literal["passed", "found", "failed"]
_PRECONDITION = "precondition"
NOT_TAKEN = "left out by whoever ran it"
NOT_SO = "whoever ran it says so"
LOOKED = "the run was broken off in it; a person looked what came of it"


@frozen
class Book:
    """A runbook that can be walked: its record, its text, its steps with what programs know of them."""

    record: Runbook
    text: str
    structure: Structure
    settings: Mapping[str, StepSettings | None]

    @property
    def preconditions(self) -> dict[str, str]:
        """Those of the front matter, each with the name of a step, and one that no step of the text has."""
        is_taken = any(key_of(one.title) == _PRECONDITION for one in self.structure.sections)
        begins = f"front-matter {_PRECONDITION}" if is_taken else _PRECONDITION  # a key of a section has no blank
        return {f"{begins}-{number}": text for number, text in enumerate(self.record.preconditions, 1)}

    def called(self, name: str) -> Step:
        """The step of that name."""
        for one in self.structure.steps:
            if one.name == name:
                return one
        from svcops.store.suggest import did_you_mean

        names = [one.name for one in self.structure.steps]
        raise BadInput(f"there is no step {name!r}", help=did_you_mean(name, names) or f"One of {', '.join(names)}.")


def book_of(record: Runbook, text: str, path: str) -> Book:
    """A runbook's text; BadInput with the places of what is wrong in blocks of its steps, or where it has none."""
    split = split_front_matter(text)
    structure = structure_of(split.body, split.body_line) if split else Structure((), ())
    settings: dict[str, StepSettings | None] = {}
    wrong: list[Finding] = []
    for step in structure.steps:
        settings[step.name], findings = settings_of(step, At(path), text)
        wrong += findings
    shown = [f"{path}:{one.span.line}:{one.span.column}: {one.message}" for one in wrong if one.span]
    shown += [f"{path}:{one.line - 1}:1: {UNREAD}" for one in structure.stray]
    if shown:
        help_ = wrong[0].help if wrong else ONE_EACH
        raise BadInput("\n".join(shown), help=help_ or "docs/records.md shows what a block `yaml step` takes.")
    names = [one.name for one in structure.steps]
    twice = next((one for one in structure.steps if names.count(one.name) > 1), None)
    if twice:
        help_ = "Give one of the two sections another title: steps are called by it."
        raise BadInput(f"{path}:{twice.line}: two steps are called {twice.name}", help=help_)
    if not walked(structure):
        raise BadInput(f"{path} has no steps", help="Steps are numbered items of its sections, or headings with code.")
    return Book(record, text, structure, settings)


class Walk:
    """One run from here to its end. `now` is the clock of the run."""

    def __init__(
        self,
        book: Book,
        journal: Journal,
        decider: Decider,
        runner: Runner,
        now: Callable[[], datetime],
        say: Callable[[str], None],
    ) -> None:
        self._book = book
        self._journal = journal
        self._decider = decider
        self._runner = runner
        self._now = now
        self._say = say

    def go(self) -> None:
        """Walk all steps that are not over, and write down what they come to."""
        where: Where = "rollback" if self._journal.rolls_back else "on"
        if where == "on":
            where = self._through(walked(self._book.structure))
        if where == "rollback":
            self._through(rollback(self._book.structure))
        if where == "on" and self._book.structure.rest and not self._journal.rolls_back:
            self._say(f"\n{self._book.structure.rest}")
        result = result_of_run(self._journal, self._book.structure, self._book.preconditions)
        self._journal.add("over", result=result, at=format_instant(self._now()))

    def _through(self, steps: tuple[Step, ...]) -> Where:
        is_way_back = self._journal.rolls_back
        if not is_way_back and not self._preconditions():
            return "stop"
        for step in steps:
            before = self._journal.results.get(step.name)
            if before and before.result != "failed":
                continue
            is_undone = not is_precondition(step) or has_begun(steps, self._journal.results)
            can = not is_way_back and is_undone and bool(rollback(self._book.structure))
            where = self._take(step, before, can_roll_back=can)
            if where == "rollback":
                self._journal.add("rollback")
                many = len(rollback(self._book.structure))
                self._say(f"going back: {many} step{'' if many == 1 else 's'} of the section Rollback")
            if where != "on":
                return where
        return "on"

    def _preconditions(self) -> bool:
        for name, text in self._book.preconditions.items():
            before = self._journal.results.get(name)
            if before and before.result == "passed":
                continue
            holds = self._decider.precondition(name, text)
            moment = self._now()
            self._journal.end(
                StepResult(
                    step=name,
                    title=text,
                    result="passed" if holds else "failed",
                    started_at=moment,
                    ended_at=moment,
                    judged_by="person",
                    reason="" if holds else "it is not so",
                )
            )
            if not holds:
                return False
        return True

    def _take(self, step: Step, before: StepResult | None, *, can_roll_back: bool) -> Where:
        """One step, with all that comes of it; `before` is how it failed, where the run was broken off then."""
        settings = self._book.settings[step.name]
        only = self._journal.head.only
        if only and step.name not in only and not self._journal.rolls_back:
            self._skip(step, self._journal.head.why_only)
            return "on"
        if before is None and self._journal.begun == step.name:
            said = self._decider.in_doubt(step, settings)
            if said == "stop":
                return "stop"
            before = self._looked(step, said)
        elif before is None:
            asked = self._decider.before(step, settings, can_roll_back=can_roll_back)
            if asked == "skip":
                self._skip(step, NOT_TAKEN)
                return "on"
            if asked != "run":
                return "stop" if asked == "stop" else "rollback"
        return self._run(step, settings, before, can_roll_back=can_roll_back)

    def _run(
        self, step: Step, settings: StepSettings | None, before: StepResult | None, *, can_roll_back: bool
    ) -> Where:
        """Until it failed no more, or whoever decides leaves it at that."""
        result = before or self._done(step, settings)
        while result.result == "failed":
            then = self._decider.failed(step, settings, result.reason, can_roll_back=can_roll_back)
            if then == "next":
                break
            if then != "again":
                return then
            self._journal.add("again", step=step.name)
            result = self._done(step, settings)
        return "on"

    def _done(self, step: Step, settings: StepSettings | None) -> StepResult:
        result = self._do(step, settings)
        self._journal.end(result)
        self._say(f"{step.name}: {result.result}" + (f": {result.reason}" if result.reason else ""))
        return result

    def _looked(self, step: Step, said: Literal["again", "passed", "failed", "skip"]) -> StepResult | None:
        """What a person says of a step that may have been run; None where it is run again.

        What it said until then is not kept: what it would have set is not known, so secrets may stand in it unmasked.
        """
        self._journal.output_of(safe_name(step.name)).unlink(missing_ok=True)
        if said == "again":
            return None
        if said == "skip":
            result = unknown(self._journal, step)
        else:
            began = datetime.fromisoformat(self._journal.began_at)
            result = self._result(step, said, began, reason=LOOKED, judged_by="person")
        self._journal.end(result)
        return result

    def _do(self, step: Step, settings: StepSettings | None) -> StepResult:
        """Run it, or have it done by hand; again as often as its settings say."""
        if not can_run(step, settings):
            began = self._now()
            self._journal.begin(step.name, format_instant(began))
            return self._by_person(step, began, None)
        tries = 1 + (settings.retries if settings else 0)
        began = self._now()
        for number in range(1, tries + 1):
            tried = self._try(step, settings)
            if not tried.reason:
                break
            if number < tries and settings:
                self._say(f"{step.name}: {tried.reason}; once more in {settings.pause.total_seconds():g} s")
                time.sleep(settings.pause.total_seconds())
        return self._judged(step, settings, tried, began)

    def _try(self, step: Step, settings: StepSettings | None) -> Tried:
        self._journal.begin(step.name, format_instant(self._now()))
        tried = self._runner.run(step, settings, self._journal.output_of(safe_name(step.name)))
        if tried.values:
            secret = [name for name in tried.values if self._runner.is_secret(name)]
            kept = {name: value for name, value in tried.values.items() if name not in secret}
            self._journal.add("variables", values=kept, secret=secret)
            if secret:
                self._mask_earlier()
        return tried

    def _mask_earlier(self) -> None:
        """What a step sets that is secret may stand in what the steps before it said."""
        for one in self._journal.results.values():
            if one.output:
                self._runner.mask_again(self._journal.folder / one.output)

    def _judged(self, step: Step, settings: StepSettings | None, tried: Tried, began: datetime) -> StepResult:
        exit_ = tried.ended.exit
        if tried.reason:
            said: Result = "failed" if tried.is_broken else self._otherwise(step)
            return self._result(step, said, began, reason=tried.reason, judged_by="program", exit_=exit_)
        if settings and not settings.manual:
            return self._result(step, "passed", began, judged_by="program", exit_=exit_)
        return self._by_person(step, began, exit_)

    def _by_person(self, step: Step, began: datetime, exit_: int | None) -> StepResult:
        if self._decider.judge(step):
            return self._result(step, "passed", began, judged_by="person", exit_=exit_)
        return self._result(step, self._otherwise(step), began, reason=NOT_SO, judged_by="person", exit_=exit_)

    @staticmethod
    def _otherwise(step: Step) -> Result:
        """What a step came to that is not as expected: where one looks for what is wrong, it is found."""
        return "found" if role_of(step.section) == DIAGNOSIS else "failed"

    def _skip(self, step: Step, reason: str) -> None:
        self._journal.end(StepResult(step=step.name, title=step.title, result="skipped", reason=reason))

    def _result(
        self,
        step: Step,
        result: Result,
        began: datetime,
        *,
        judged_by: Literal["program", "person"],
        reason: str = "",
        exit_: int | None = None,
    ) -> StepResult:
        name = safe_name(step.name)
        output = self._journal.output_of(name)
        there = output.exists() and output.stat().st_size > 0
        return StepResult(
            step=step.name,
            title=step.title,
            result=result,
            started_at=began,
            ended_at=self._now(),
            exit=exit_,
            attempts=max(1, self._journal.attempts.get(step.name, 1)),
            judged_by=judged_by,
            reason=reason,
            output=f"output/{name}.txt" if there else None,
        )

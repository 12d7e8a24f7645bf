"""The block `yaml step` of a step: read like a record, and each fault at its place in the runbook."""

import pytest

from svcops.checking.model import At
from svcops.runbooks.markdown import structure_of
from svcops.runbooks.step_settings import StepSettings, settings_of


def read(block: str, *, indent: str = "   ") -> tuple[StepSettings | None, list[str]]:
    """What a block of a numbered item says, and what is wrong: line:column message."""
    inside = "\n".join(f"{indent}{line}" for line in f"```sh\ntrue\n```\n\n```yaml step\n{block}\n```".split("\n"))
    text = f"## Mitigation\n\n1. Do it.\n\n{inside}\n"
    [step] = structure_of(text).steps
    found, wrong = settings_of(step, At("runbooks/ledger/late.md"), text)
    return found, [f"{one.span.line}:{one.span.column} {one.message}" for one in wrong if one.span]


def test_all_that_a_block_can_say() -> None:
    found, wrong = read(
        "exit: 1\ntext: a\npattern: b+\njson: {path: a.b, is: 3}\ntimeout: 30s\nretries: 2\nevery: 0s\n"
        "dangerous: It drops the queue\nmanual: true\ncapture: {A: {all: true}}\nargv: [ls, -l]"
    )
    assert wrong == []
    assert found
    assert (found.exit, found.limit.seconds, found.pause.seconds, found.argv) == (1, 30, 0, ("ls", "-l"))
    assert found.json
    assert (found.json.path, found.json.is_) == ("a.b", 3)


def test_without_a_word_a_step_has_ten_minutes() -> None:
    found, _ = read("exit: 0")
    assert found
    assert (found.limit.seconds, found.pause.seconds, found.retries) == (600, 5, 0)


@pytest.mark.parametrize(
    ("block", "place", "message"),
    [
        ("exit: zero", "10:10", "exit"),
        ("exit: 0\ntimout: 3s", "11:4", "timout"),
        ("timeout: soon", "10:13", "not a duration"),
        ("timeout: 0m", "10:13", "leaves no time"),
        ("retries: -1", "10:13", "not below 0"),
        ("pattern: '('", "10:13", "not a regular expression"),
        ("capture:\n  MY-ID: {all: true}", "11:6", "not the name of an environment variable"),
        ("capture:\n  ID: {all: true, json: a}", "11:6", "needs one of"),
        ("capture:\n  ID: {}", "11:6", "needs one of"),
        ("json: {path: a}", "10:4", "the key is is missing"),
        ("exit: [", "10:", ""),
        ("exit: 0\nexit: 1", "11:4", "exit"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(block: str, place: str, message: str) -> None:
    found, wrong = read(block)
    assert found is None
    assert wrong[0].startswith(place), wrong
    assert message in wrong[0]


def test_a_step_without_a_block_has_no_settings() -> None:
    [step] = structure_of("## Mitigation\n\n1. Do it.\n").steps
    assert settings_of(step, At("x.md"), "") == (None, [])

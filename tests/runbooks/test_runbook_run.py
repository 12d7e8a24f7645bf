"""svcops runbook run: real commands of a real runbook in a real store, recorded as an exercise."""

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

import svcops
from svcops.cli.init import _ATTRIBUTES
from svcops.store.yaml_reading import compose

FRONT = "title: Postings are late\nkind: operation\nservices: [ledger]\n"


def step(command: str, settings: str = "exit: 0", text: str = "Do it.", language: str = "sh") -> str:
    """A numbered item with a command, and what a program has to know of it; without settings a person judges."""
    blocks = [f"```{language}\n{command}\n```"]
    if settings:
        blocks.append(f"```yaml step\n{settings}\n```")
    inside = "\n\n".join(blocks).replace("\n", "\n   ")
    return f"1. {text}\n\n   {inside}\n"


def book(front: str = "", **sections: str | list[str]) -> str:
    """A runbook of these sections."""
    texts = []
    for title, steps in sections.items():
        joined = steps if isinstance(steps, str) else "\n".join(steps)
        texts.append(f"## {title.capitalize()}\n\n{joined}\n")
    return f"---\n{FRONT}{front}---\n\n" + "\n".join(texts)


@pytest.fixture
def write(console: Any) -> Callable[..., Any]:
    """Writes the runbook ledger/late."""

    def write(front: str = "", **sections: str | list[str]) -> Any:
        console.store.write("runbooks/ledger/late.md", book(front, **sections))
        console.store.commit("The runbook")
        return console

    return write


def exercise(console: Any) -> dict[str, Any]:
    """The one exercise of the store, as it is committed."""
    [path] = console.store.root.glob("exercises/*/*/exercise.yaml")
    text = console.store.at_head(path.relative_to(console.store.root).as_posix())
    found: dict[str, Any] = compose(text, str(path)).documents[0]
    return found


def steps(console: Any) -> dict[str, tuple[str, str]]:
    return {one["step"]: (one["result"], one.get("reason", "")) for one in exercise(console)["steps"]}


def output(console: Any, name: str) -> str:
    [path] = console.store.root.glob(f"exercises/*/*/output/{name}.txt")
    return str(path.read_text(encoding="utf-8"))


def runs(console: Any) -> list[Any]:
    folder = console.store.git_dir / "svcops" / "runs"
    return sorted(folder.iterdir()) if folder.is_dir() else []


def auto(console: Any, *more: str, code: int = 0) -> Any:
    return console("runbook", "run", "ledger/late", "--auto", *more, code=code)


def test_a_run_that_passed_is_recorded_with_what_each_step_said(write):
    console = write(Diagnosis=[step("echo looking")], Mitigation=[step("echo done >&2")])
    said = auto(console)
    assert said.out == f"looking\ndone\n{runs_id(console)}\n"
    record = exercise(console)
    assert record["result"] == "passed"
    assert (record["by"], record["mode"], record["runbook"]) == ("ada", "automatic", "ledger/late")
    assert [one["judged_by"] for one in record["steps"]] == ["program", "program"]
    first = record["steps"][0]
    assert output(console, "diagnosis-1") == "looking\n"
    assert first["digest"] == "sha256:" + sha256(b"looking\n").hexdigest()
    assert record["blob"] == console.store.git("hash-object", "runbooks/ledger/late.md").strip()
    assert runs(console) == []
    console("check")
    assert console.store.status() == []


def test_a_step_of_preconditions_that_does_not_hold_undoes_nothing(write):
    """Nothing was done yet that could be undone."""
    console = write(
        Preconditions=[step("test -z full")], Steps=[step("touch done")], Rollback=[step("touch undone; false")]
    )
    assert "preconditions-1: failed" in auto(console, code=1).err
    assert exercise(console)["result"] == "aborted"
    assert not (console.store.root / "undone").exists()
    assert not (console.store.root / "done").exists()
    assert steps(console)["steps-1"] == ("skipped", "not reached")


def test_a_run_that_leads_nobody_to_the_commands_of_a_section_is_no_full_one(write):
    first = step("true") + "\nDrain it:\n\n```sh\ntouch drained\n```\n\nThen start it.\n"
    console = write(Diagnosis=[step("false")], Mitigation=[first])
    auto(console, code=1)
    assert exercise(console)["result"] == "aborted"
    assert steps(console)["mitigation"] == ("skipped", "its commands belong to no step: line 34")
    assert "a command belongs to no step, and no run runs it: line 34" in console("check", code=None).out


@pytest.mark.parametrize("text", ["- Drain it.\n- Start it.\n", "Drain it:\n\n```sh\ntouch drained\n```\n"])
def test_a_section_without_steps_is_done_by_hand(write, text):
    console = write(Diagnosis=[step("false")], Mitigation=text)
    assert "mitigation-1: it is done by hand" in auto(console, code=3).err
    assert not (console.store.root / "drained").exists()


def test_what_has_to_be_so_before_may_be_said_to_be_so_however_it_is_written(write):
    console = write(Preconditions="- The old primary is off.\n", Steps=[step("true")])
    assert "preconditions-1: it is done by hand" in auto(console, code=3).err
    console("runbook", "run", "ledger/late", "--abandon")
    auto(console, "--preconditions-hold")
    found = console("runbook", "history", "ledger/late", "--json").json["exercises"][0]
    assert (found["result"], found["steps"][0]["judged_by"]) == ("passed", "person")


def test_a_way_back_that_stops_is_told_as_that(write):
    console = write(Mitigation=[step("exit 3")], Rollback=[step("rm nothing"), step("touch back")])
    said = auto(console, code=1).err
    assert "ledger/late: failed (mitigation-1: exit code 3; on the way back rollback-1: exit code 1)" in said
    assert steps(console)["rollback-2"] == ("skipped", "not reached")


def test_code_with_a_prompt_is_shown_and_typed_by_a_person(write):
    console = write(Mitigation=[step("$ touch ran", settings="", language="bash")])
    assert "mitigation-1: it is done by hand" in auto(console, code=3).err


def test_what_whoever_runs_it_says_is_masked_too(write):
    console = write(Mitigation=[step("true")])
    console.store.env["DB_PASSWORD"] = "hunter2222"
    auto(console, "--text", "With hunter2222")
    assert exercise(console)["text"] == "With ***"


def test_json_and_captured_values_are_looked_for_on_standard_output_alone(write):
    console = write(
        Diagnosis=[
            step("""echo '* Connected' >&2; echo '{"status": "ok"}'""", "json: {path: status, is: ok}"),
            step("echo warning >&2; echo 42", "capture: {ANSWER: {all: true}}"),
            step('test "$ANSWER" = 42'),
        ],
        Mitigation=[step("echo bad >&2", "text: bad")],
    )
    auto(console)
    assert "* Connected\n" in output(console, "diagnosis-1")
    assert exercise(console)["result"] == "passed"


def test_what_is_too_long_to_be_compared_is_said_to_be(write):
    console = write(Mitigation=[step("head -c 6000000 /dev/zero | tr '\\0' y; echo THE-END", "text: THE-END")])
    auto(console, code=1)
    assert steps(console)["mitigation-1"] == (
        "failed",
        "it does not say 'THE-END', in the first 5,000,000 bytes: what came after was not compared",
    )


def test_a_secret_that_one_command_of_a_step_exports_is_masked_from_the_next_on(write):
    two = step("export DB_PASSWORD=hunter2222") + '\n   ```sh\n   echo "second: $DB_PASSWORD"\n   ```\n'
    console = write(Mitigation=[two])
    said = auto(console)
    assert "second: ***" in said.out
    assert "hunter2222" not in said.out + output(console, "mitigation-1")


def test_nothing_in_a_comment_is_run_and_no_section_in_one_is_there(write):
    """A reviewer of a pull request does not see it."""
    hidden = "<!--\n" + step("touch ran") + "\n-->\n"
    console = write(Mitigation=hidden + "\n" + step("echo seen"))
    auto(console)
    assert not (console.store.root / "ran").exists()
    assert steps(console).keys() == {"mitigation-1"}
    console.store.write("runbooks/ledger/late.md", book(Meaning="It is.\n\n<!--\n## Impact\n\nNone\n-->\n"))
    assert "Impact" in console("check", code=None).out


def test_commands_above_the_first_section_are_no_step_and_the_run_no_full_one(write):
    console = write(Mitigation=[step("echo done")])
    path = console.store.root / "runbooks/ledger/late.md"
    path.write_text(path.read_text().replace("## Mitigation", "```sh\necho first\n```\n\n## Mitigation"))
    console.store.commit("Above")
    auto(console, code=1)
    assert exercise(console)["result"] == "aborted"
    assert steps(console)["above"][0] == "skipped"


def test_a_block_that_no_step_reads_is_refused_as_it_may_say_that_the_step_is_dangerous(write):
    stray = "```yaml step\ndangerous: It cannot be undone.\n```\n"
    console = write(Mitigation=["1. Empty:\n```sh\ntouch emptied\n```\nThis takes a while.\n" + stray])
    said = "runbooks/ledger/late.md:14:1: this block belongs to no step"
    for way in ("--auto", "--dry-run"):
        assert said in console("runbook", "run", "ledger/late", way, code=2).err
    console.store.write("runbooks/ledger/late.md", book(Mitigation=[step("touch emptied") + f"\n{stray}"]))
    assert "or to one that has another" in auto(console, code=2).err
    assert "RBK008" in console("check", code=None).out
    assert not (console.store.root / "emptied").exists()


def test_an_item_right_below_what_is_expected_is_a_step(write):
    """CommonMark takes it for text of the paragraph."""
    first = "1. Stop:\n```sh\ntouch stopped\n```\nExpected: `stopped`\n```yaml step\nexit: 0\n```\nExpected: so\n"
    console = write(Mitigation=[first + "2. Tell the bank.\n3. Empty:\n```sh\ntouch emptied\n```\n"])
    assert "mitigation-2: it is done by hand" in auto(console, code=3).err
    assert (console.store.root / "stopped").exists()
    assert not (console.store.root / "emptied").exists()


@pytest.mark.parametrize("wrong", ['echo "$LEDGER_URL_THAT_IS_NOT_SET"', 'echo "${NOT_SET:?}"', "if then x"])
def test_a_step_of_diagnosis_that_bash_could_not_run_found_nothing(write, wrong):
    console = write(Diagnosis=[step(wrong)], Mitigation=[step("true")])
    auto(console, code=1)
    assert steps(console)["diagnosis-1"][0] == "failed"


def test_a_secret_is_masked_before_a_reason_is_cut(write):
    console = write(
        Mitigation=[step("""printf '{"token": "%s"}' "$API_TOKEN" """, "json: {path: token, is: none}")],
    )
    console.store.env["API_TOKEN"] = "k1" * 300
    said = auto(console, code=1)
    assert "k1k1" not in said.err + said.out + json.dumps(exercise(console))
    assert steps(console)["mitigation-1"] == ("failed", 'token is "***", not "none"')


def test_passwords_in_addresses_are_masked_each_and_also_where_the_address_is_named_a_secret(write):
    console = write("secrets: [DATABASE_URL]\n", Mitigation=[step("echo firstpw1 secondpw2 thirdpw3")])
    console.store.env["DATABASE_URL"] = "postgres://a:firstpw1@h1/x,postgres://b:secondpw2@h2/x"
    console.store.env["OTHER_URL"] = "amqp://c:thirdpw3@h3"
    auto(console)
    assert output(console, "mitigation-1") == "*** *** ***\n"


def test_a_secret_that_comes_in_two_pieces_is_masked_whatever_the_other_stream_says_between(write):
    code = 'printf %s "${API_TOKEN:0:6}"; sleep 0.2; echo progress >&2; sleep 0.2; printf "%s\\n" "${API_TOKEN:6}"'
    console = write(Mitigation=[step(code, "capture: {N: {all: true}}")])
    console.store.env["API_TOKEN"] = "tok-ABCDEFGH"
    auto(console)
    assert "tok-AB" not in output(console, "mitigation-1")
    assert "***" in output(console, "mitigation-1")


def test_what_a_step_leaves_running_is_ended_with_the_run_and_that_is_said(write):
    console = write(Mitigation=[step("nohup sleep 4321 >/dev/null 2>&1 &")])
    assert "something that a step left running is ended now" in auto(console).err


def test_what_a_run_works_with_lies_in_its_own_folder_and_goes_with_it(write):
    """Where svcops and its keeper are both killed nobody else would take it away, and exports stand in it."""
    console = write(Mitigation=[step('echo "${BASH_SOURCE[0]}"'), "2. Look whether it helped."])
    said = auto(console, code=3)
    [folder] = runs(console)
    assert said.out.startswith(f"{folder}/scratch/")
    assert not (folder / "scratch").exists(), "the keeper took it away"
    (folder / "scratch").mkdir()
    console("runbook", "run", "ledger/late", "--abandon", code=None)
    assert not folder.exists()


def test_a_run_that_leaves_nothing_behind_says_nothing_of_it(write):
    console = write(Mitigation=[step("sleep 0.01 & wait")])
    assert "left running" not in auto(console).err


def test_what_came_of_a_run_is_not_taken_back_and_is_corrected_by_another(write):
    console = write(Mitigation=[step("false")])
    auto(console, code=1)
    said = console("undo", code=1)
    assert "cannot be taken back: what came of a run stays" in said.err
    assert "svcops runbook run RUNBOOK --text" in said.err
    assert exercise(console)["result"] == "failed"


def runs_id(console: Any) -> str:
    [path] = console.store.root.glob("exercises/*/*")
    return str(path.name)


def test_a_step_that_fails_goes_to_the_rollback_and_the_rest_is_not_reached(write):
    console = write(
        Mitigation=[step("echo one; exit 7"), step("echo two")],
        Verification=[step("echo three")],
        Rollback=[step("echo back"), step("echo further back")],
    )
    said = auto(console, code=1)
    assert "two" not in said.out
    assert steps(console) == {
        "mitigation-1": ("failed", "exit code 7"),
        "mitigation-2": ("skipped", "not reached"),
        "verification-1": ("skipped", "not reached"),
        "rollback-1": ("passed", ""),
        "rollback-2": ("passed", ""),
    }
    assert exercise(console)["result"] == "failed"
    assert exercise(console)["steps"][0]["exit"] == 7


def test_where_nothing_fails_the_rollback_is_not_walked(write):
    console = write(Mitigation=[step("true")], Rollback=[step("echo back")], Escalation="1. Call somebody.\n")
    auto(console)
    assert list(steps(console)) == ["mitigation-1"]


@pytest.mark.parametrize(
    ("command", "settings", "reason"),
    [
        ("exit 3", "exit: 3", ""),
        ("exit 0", "exit: 3", "exit code 0, not 3"),
        ("echo all is well", "text: is well", ""),
        ("echo all is well", "text: is bad", "it does not say 'is bad'"),
        ("printf 'a\\nlag: 3\\n'", "pattern: '^lag: [0-9]$'", ""),
        ("echo lag: 33", "pattern: '^lag: [0-9]$'", "nothing that it says matches '^lag: [0-9]$'"),
        ("""echo '{"items": [{"up": true}]}'""", "json: {path: items.0.up, is: true}", ""),
        ("""echo '{"up": 1}'""", "json: {path: up, is: true}", "up is 1, not true"),
        ("""echo '{"up": 1}'""", "json: {path: down, is: 1}", "it says no JSON with down"),
        ("""printf '[%.0s' {1..200000}""", "json: {path: a, is: 1}", "it says JSON that nests too deeply to be read"),
        ("false | true", "exit: 0", "exit code 1"),
        ("echo $NO_SUCH_VARIABLE", "exit: 0", "exit code 1: NO_SUCH_VARIABLE: unbound variable"),
        ("sleep 60", "timeout: 1s", "it took longer than 1 s, and was ended"),
        ("trap '' TERM; sleep 60 & wait; wait", "timeout: 1s", "it took longer than 1 s, and was ended"),
        ("kill -KILL $$", "exit: 0", "it was ended by a signal"),
        (
            "printf 'a%.0s' {1..40}; echo b",
            "pattern: '^(a+)+$'\ntimeout: 1s",
            "what it says could not be compared with '^(a+)+$' within 1 s",
        ),
        ("echo b", "pattern: '^(a)?b'", ""),
    ],
)
def test_what_is_expected(write, command, settings, reason):
    console = write(Mitigation=[step(command, settings)])
    auto(console, code=1 if reason else 0)
    assert steps(console)["mitigation-1"] == ("failed" if reason else "passed", reason)


def test_only_the_last_of_several_commands_may_end_with_another_exit_code(write):
    two = "1. Do it.\n\n   ```sh\n   exit 3\n   ```\n\n   ```sh\n   exit 3\n   ```\n\n   ```yaml step\n   exit: 3\n   ```\n"
    console = write(Mitigation=two)
    auto(console, code=1)
    assert steps(console)["mitigation-1"] == ("failed", "exit code 3")


def test_the_limit_is_that_of_a_try_whatever_its_commands(write):
    blocks = "".join(f"   ```sh\n   echo {number}; sleep 2\n   ```\n\n" for number in (1, 2))
    console = write(Mitigation=f"1. Do it.\n\n{blocks}   ```yaml step\n   timeout: 3s\n   ```\n")
    auto(console, code=1)
    assert output(console, "mitigation-1").startswith("1\n2\n")
    assert steps(console)["mitigation-1"] == ("failed", "it took longer than 3 s, and was ended")
    [one] = exercise(console)["steps"]
    took = datetime.fromisoformat(one["ended_at"]) - datetime.fromisoformat(one["started_at"])
    assert took < timedelta(seconds=30)


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("trap 'echo gone' EXIT; export ORDER=12", "gone\n"),
        ("trap 'echo gone' INT 0; export ORDER=12; trap - INT", "gone\n"),
        ("export ORDER=12; trap 'echo $?; exit 0' EXIT; (exit 3)", "3\n"),
        ("trap 'echo first' EXIT; trap -- 'echo \"it'\\''s gone\"' EXIT; export ORDER=12", "it's gone\n"),
        ("trap 'echo gone' EXIT; trap - EXIT; export ORDER=12; (trap 'echo inner' EXIT; export ORDER=9)", "inner\n"),
        ("trap 'echo next' DEBUG; trap - DEBUG; export ORDER=12", "next\n"),
    ],
)
def test_what_a_step_does_at_its_own_end_is_done_and_costs_no_export(write, command, said):
    console = write(Diagnosis=[step(command)], Mitigation=[step("echo order $ORDER", "text: order 12")])
    auto(console)
    assert output(console, "diagnosis-1") == said


def test_captured_and_exported_values_reach_later_steps_as_variables_and_are_pasted_nowhere(write):
    console = write(
        Diagnosis=[
            step(
                "echo 'id=$(touch pasted)'; export WORD='a  b'", "capture: {ID: {pattern: 'id=(.*)'}, ALL: {all: true}}"
            ),
            step("""echo '{"n": {"m": 5}}'""", "capture: {N: {json: n.m}}"),
        ],
        Mitigation=[step('echo "$ID|$WORD|$ALL|$N"')],
    )
    auto(console)
    assert output(console, "mitigation-1") == "$(touch pasted)|a  b|id=$(touch pasted)|5\n"
    assert not (console.store.root / "pasted").exists()


def test_a_value_that_is_not_said_fails_the_step(write):
    console = write(Diagnosis=[step("echo nothing", "capture: {ID: {pattern: 'id=(.*)'}}")])
    auto(console, code=1)
    assert steps(console)["diagnosis-1"] == ("failed", "it says nothing for ID")


def test_what_diagnosis_finds_is_no_failure_and_the_run_goes_on(write):
    console = write(
        Diagnosis=[step("echo 503", "text: '200'"), step("exit 3")], Mitigation=[step("echo mended", "text: mended")]
    )
    auto(console)
    assert steps(console) == {
        "diagnosis-1": ("found", "it does not say '200'"),
        "diagnosis-2": ("found", "exit code 3"),
        "mitigation-1": ("passed", ""),
    }


@pytest.mark.parametrize(
    ("command", "settings", "reason"),
    [
        ("sleep 60", "timeout: 1s", "it took longer than 1 s, and was ended"),
        ("no-such-program", "exit: 0", "exit code 127"),
        ("no-such-program status | grep -q healthy", "exit: 0", "exit code 1"),
        ("trap true EXIT; no-such-program status | grep -q healthy", "exit: 0", "exit code 1"),
        (
            "printf 'a%.0s' {1..40}; echo b",
            "pattern: '^(a+)+$'\ntimeout: 1s",
            "what it says could not be compared with '^(a+)+$' within 1 s",
        ),
        ("kill -KILL $$", "exit: 0", "it was ended by a signal"),
    ],
)
def test_a_step_of_diagnosis_that_says_nothing_is_broken(write, command, settings, reason):
    console = write(Diagnosis=[step(command, settings)], Mitigation=[step("true")])
    auto(console, code=1)
    assert steps(console)["diagnosis-1"] == ("failed", reason)


def test_the_incident_in_use_hears_what_was_found(write):
    console = write(Diagnosis=[step("echo 503", "text: '200'", text="Look.")], Mitigation=[step("true")])
    opened = console(
        "incident", "open", "Late", "--service", "ledger", "--severity", "sev3", "--detected-by", "user"
    ).id
    console("incident", "use", opened)
    auto(console)
    told = console("incident", "show", opened, "--json").out
    assert "Runbook ledger/late: diagnosis-1 is not as expected (Look.): it does not say '200'" in told


def test_a_temporary_folder_of_any_name_will_do(write, tmp_path, monkeypatch):
    odd = tmp_path / "my dir's"
    odd.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(odd))
    console = write(Diagnosis=[step("export A=1")], Mitigation=[step('echo "a is $A"', "text: a is 1")])
    auto(console)
    assert list(odd.iterdir()) == []


def test_a_step_may_take_a_year(write):
    console = write(Mitigation=[step("echo done", "timeout: 365d")])
    auto(console)
    assert steps(console)["mitigation-1"] == ("passed", "")


def test_secrets_are_masked_in_what_is_shown_and_kept(write):
    console = write(
        "secrets: [DSN]\n",
        Diagnosis=[
            step("echo token is s3cr3t-captured", "capture: {API_TOKEN: {pattern: 'is (.*)'}}"),
            step("export MADE_SECRET=exported-one; echo exported-one"),
        ],
        Mitigation=[
            step(
                'echo "$DSN"; printf "%s" "${PGPASSWORD:0:4}"; sleep 0.2; echo "${PGPASSWORD:4}" $API_TOKEN; exit 2',
                "pattern: x",
            )
        ],
    )
    console.store.env.update({"DSN": "host=db user=me", "PGPASSWORD": "hunter2000"})
    said = auto(console, code=1)
    kept = "".join(path.read_text() for path in console.store.root.rglob("output/*.txt"))
    for secret in ("host=db", "hunter", "2000", "s3cr3t", "exported-one"):
        assert secret not in kept
        if secret != "exported-one":  # which nobody could know before the step was over
            assert secret not in said.out + said.err
    assert output(console, "mitigation-1") == "***\n*** ***\n"
    assert output(console, "diagnosis-1") == "token is ***\n"


@pytest.mark.parametrize(
    ("said", "path"),
    [
        (r'{"pw": "pa\"ss\nword99\/\u00e9"}', "pw"),
        (r'{"pw": {"user": "pa\"ss", "word":   "word99\/\u00e9", "pin": 73519.50}}', "pw"),
        (r'{"pw": "\u0070\u0061ssword99"}', "pw"),
    ],
)
def test_a_secret_that_comes_from_json_is_masked_as_it_stands_there(write, said, path):
    console = write(
        Diagnosis=[step(f"cat <<'END'\n{said}\nEND", f"capture: {{DB_PASSWORD: {{json: {path}}}}}")],
        Mitigation=[step("echo used", "text: used")],
    )
    seen = auto(console)
    for part in ("ss", "word99", "0061", "73519"):
        assert part not in output(console, "diagnosis-1").replace('"word":', "").replace('"pass', "")
        assert part not in seen.out.replace('"word":', "")


def test_a_secret_of_the_environment_is_masked_as_json_writes_it(write):
    console = write(Mitigation=[step("""echo '{"pw": "hunter\\"2000"}'""")])
    console.store.env["PGPASSWORD"] = 'hunter"2000'
    auto(console)
    assert output(console, "mitigation-1") == '{"pw": "***"}\n'


def test_a_step_is_tried_again_as_often_as_it_says(write):
    console = write(
        Verification=[step('echo try >>"$HOME/tries"; test "$(wc -l <"$HOME/tries")" = 3', "retries: 2\nevery: 0s")]
    )
    auto(console)
    assert exercise(console)["steps"][0]["attempts"] == 3


def test_an_argument_list_is_run_by_no_shell(write):
    console = write(Mitigation=[step("exit 9", "argv: [printf, '%s\\n', '$HOME; echo x']")])
    auto(console)
    assert output(console, "mitigation-1") == "$HOME; echo x\n"


@pytest.mark.parametrize(
    ("one", "why"),
    [
        ("1. Call the bank.\n", "mitigation-1: it is done by hand"),
        (step("true", ""), "mitigation-1: only a person can judge it"),
        (step("true", "manual: true"), "mitigation-1: only a person can judge it"),
        (
            step("true", "dangerous: It drops the queue"),
            "mitigation-1: it is dangerous: It drops the queue (--allow-dangerous)",
        ),
    ],
)
def test_without_a_person_a_run_stops_at_what_only_a_person_can_do(write, one, why):
    console = write(Diagnosis=[step("echo first")], Mitigation=one)
    said = auto(console, code=3)
    assert why in said.err
    assert "--resume goes on" in said.err
    assert not list(console.store.root.glob("exercises"))
    assert len(runs(console)) == 1


def test_who_calls_may_say_what_a_person_would_be_asked(write):
    console = write("preconditions: [The window is open]\n", Mitigation=[step("true", "dangerous: It drops the queue")])
    assert "The window is open" in auto(console, code=3).err
    auto(console, "--preconditions-hold", "--allow-dangerous")
    assert steps(console)["precondition-1"] == ("passed", "")


@pytest.mark.parametrize("call", [("--from", "mitigation-2"), ("--step", "mitigation-2")])
def test_what_is_left_out_is_no_pass(write, call):
    console = write(Mitigation=[step("echo one"), step("echo two")])
    said = auto(console, *call, code=1)
    why = f"not asked for: {' '.join(call)}"
    assert said.out.startswith("two\n")
    assert f"ledger/late: aborted: not a full run (mitigation-1: {why})" in said.err
    assert exercise(console)["result"] == "aborted"
    assert steps(console) == {"mitigation-1": ("skipped", why), "mitigation-2": ("passed", "")}
    assert "ledger/late" in console("runbook", "list", "--stale").out


def test_a_runbook_that_was_changed_since_it_passed_is_marked(write):
    console = write(Mitigation=[step("echo one")])
    auto(console)
    [row] = [one for one in console("runbook", "list").out.splitlines() if one.startswith("ledger/late")]
    assert "changed since" not in row
    console.store.write("runbooks/ledger/late.md", book(Mitigation=[step("echo two")]))
    [row] = [one for one in console("runbook", "list").out.splitlines() if one.startswith("ledger/late")]
    assert row.split("\t")[2] == "passed 2026-11-23, changed since"
    assert ", changed since" in console("runbook", "show", "ledger/late").out
    assert console("runbook", "show", "ledger/late", "--json").json["runbook"]["changed_since"] is True
    assert "ledger/late" not in console("runbook", "list", "--stale").out


def test_a_record_that_its_own_steps_contradict_makes_nothing_fresh(write):
    console = write(Mitigation=[step("exit 1")])
    auto(console, code=1)
    [path] = console.store.root.glob("exercises/*/*/exercise.yaml")
    path.write_text(path.read_text().replace("result: failed", "result: passed", 1))
    console.store.commit("Nicer so")
    assert "EXE003" in console("check", "--json", code=1).out
    assert "ledger/late" in console("runbook", "list", "--stale").out
    said = console("runbook", "history").out
    assert "passed, contradicted" in said
    assert "it is said to have passed, and mitigation-1 failed" in said


@pytest.mark.parametrize("call", [("--from", "mitigation-1"), ("--step", "mitigation-1")])
def test_what_has_to_be_so_before_is_asked_for_whichever_step_is_the_first(write, call):
    console = write("preconditions: [The window is open]\n", Mitigation=[step("echo one")])
    assert "only a person knows whether it holds" in auto(console, *call, code=3).err
    auto(console, *call, "--preconditions-hold")
    assert steps(console)["precondition-1"] == ("passed", "")


def test_a_section_may_be_called_as_what_has_to_be_so_before(write):
    console = write("preconditions: [The window is open]\n", Precondition=[step("exit 1")], Mitigation=[step("true")])
    auto(console, "--preconditions-hold", code=1)
    assert steps(console) == {
        "front-matter precondition-1": ("passed", ""),
        "precondition-1": ("failed", "exit code 1"),
        "mitigation-1": ("skipped", "not reached"),
    }


def test_a_verification_that_is_left_out_is_no_pass(write):
    console = write(Mitigation=[step("echo one")], Verification=[step("echo two")])
    auto(console, "--step", "mitigation-1", code=1)
    assert exercise(console)["result"] == "aborted"
    assert steps(console)["verification-1"] == ("skipped", "not asked for: --step mitigation-1")


def test_a_step_that_is_not_there_names_the_nearest(write):
    console = write(Mitigation=[step("true")], Rollback=[step("true")])
    assert "Did you mean mitigation-1?" in auto(console, "--from", "mitigaton-1", code=2).err
    assert "of the section Rollback" in auto(console, "--step", "rollback-1", code=2).err


def test_a_dry_run_shows_every_command_and_runs_none(write):
    console = write(
        "preconditions: [The window is open]\n",
        Mitigation=[step("touch ran", "dangerous: It drops the queue"), step("touch ran", "argv: [touch, 'a b']")],
        Rollback=[step("touch ran", "")],
    )
    said = console("runbook", "run", "late", "--dry-run")
    for line in (
        "$ touch ran",
        "$ touch 'a b'",
        "DANGEROUS: It drops the queue",
        "Where a step failed:",
        "precondition-1: ",
    ):
        assert line in said.out
    plan = console("runbook", "run", "late", "--dry-run", "--json").json
    assert [one["needs"] for one in plan["steps"]] == ["person", "program", "program", "person"]
    shown = console("runbook", "show", "late", "--json").json["runbook"]["steps"]
    keys = shown[0].keys()
    assert shown == [{key: one[key] for key in keys} for one in plan["steps"] if "commands" in one]
    assert not (console.store.root / "ran").exists()
    assert runs(console) == []


def test_what_is_wrong_in_a_block_is_told_with_its_place(write):
    console = write(
        Mitigation=[step("true", "exit: 0\ntimout: 3s"), step("true", "pattern: '('"), step("true", "exit: [")]
    )
    lines = (console.store.root / "runbooks/ledger/late.md").read_text().split("\n")
    said = auto(console, code=2).err
    for wrong in ("timout", "'('"):
        [line] = [number for number, one in enumerate(lines, 1) if wrong in one]
        column = lines[line - 1].index(wrong) + 1
        assert f"runbooks/ledger/late.md:{line}:{column}: " in said
    assert len(said.strip().split("\n")) >= 4, "each of them is told"


@pytest.mark.parametrize(
    ("settings", "message"),
    [("", "the block `yaml step` is empty"), ("dangerous: ''", 'dangerous is "": must not be empty')],
)
def test_a_block_that_says_nothing_is_told(write, settings, message):
    written = f"1. Do it.\n\n   ```sh\n   true\n   ```\n\n   ```yaml step\n   {settings}\n   ```\n"
    console = write(Mitigation=written)
    assert message in auto(console, "--allow-dangerous", code=2).err


def test_without_a_terminal_nobody_is_asked(write):
    console = write(Mitigation=[step("true")])
    assert "--auto" in console("runbook", "run", "ledger/late", code=2).err
    console.store.write("runbooks/ledger/words.md", book(Meaning="It is.", Escalation="Call."))
    assert "no steps" in console("runbook", "run", "ledger/words", "--auto", code=2).err
    assert "Did you mean" in console("runbook", "run", "ledger/lat", "--auto", code=2).err


def test_as_json_the_record_is_all_of_standard_output(write):
    console = write(Mitigation=[step("echo said")])
    said = auto(console, "--json")
    assert said.json["schema"] == "svcops.exercise/1"
    assert said.json["exercise"]["steps"][0]["output"] == "output/mitigation-1.txt"
    assert "said" in said.err
    quiet = auto(console, "--quiet")
    assert quiet.out.strip() == quiet.id


def test_the_incident_in_use_hears_of_the_start_what_failed_and_the_end(write):
    console = write(Mitigation=[step("exit 4", text="Clear the queue.")])
    opened = console(
        "incident", "open", "Late", "--service", "ledger", "--severity", "sev3", "--detected-by", "user"
    ).id
    console("incident", "use", opened)
    auto(console, code=1)
    told = console("incident", "show", opened, "--json").out
    assert "Runbook ledger/late: a run began" in told
    assert "mitigation-1 failed (Clear the queue.): exit code 4" in told
    assert "Runbook ledger/late: the run failed" in told
    assert exercise(console)["incident"] == opened
    console("check", code=None)


def ran(console: Any) -> list[str]:
    """How often the step of these tests was run."""
    return (Path(console.store.env["HOME"]) / "ran").read_text(encoding="utf-8").split()


def test_what_a_hook_refuses_stands_in_the_work_tree(write):
    console = write(Mitigation=[step("echo ran >>$HOME/ran; echo said")])
    console.store.hook("pre-commit", "exit 1")
    assert "written, but not committed" in auto(console, code=3).err
    console.store.hook("pre-commit", "exit 0")
    console.store.commit("by hand")
    assert exercise(console)["result"] == "passed"
    assert output(console, "mitigation-1") == "said\n"
    assert ran(console) == ["ran"]
    assert runs(console) == []


def test_a_run_that_was_killed_once_it_was_recorded_is_not_recorded_twice(write):
    console = write(Mitigation=[step("echo ran >>$HOME/ran")])
    console.store.hook("pre-commit", 'cp -r .git/svcops/runs "$HOME/as-it-was"')
    auto(console)
    shutil.copytree(
        Path(console.store.env["HOME"]) / "as-it-was", console.store.git_dir / "svcops" / "runs", dirs_exist_ok=True
    )
    head = console.store.head()
    auto(console, "--resume")
    assert console.store.head() == head
    assert runs(console) == []
    assert ran(console) == ["ran"]


@pytest.mark.skipif(sys.platform != "linux", reason="counts in another unit elsewhere")
def test_on_a_full_disk_the_step_is_ended_and_the_run_kept(write):
    console = write(Diagnosis=[step("echo first")], Mitigation=[step("echo ran >>$HOME/ran; seq 100000")])
    console("check")
    call = 'ulimit -f 32; exec "$0" -m svcops runbook run ledger/late --auto'
    # Python's own bytecode would be cut off by the limit as well, and break every later call.
    path = str(Path(svcops.__file__).parents[1])
    env = {**console.store.env, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        ["bash", "-c", call, sys.executable],
        cwd=console.store.root,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 3, done.stderr
    assert "Traceback" not in done.stderr
    assert "mitigation-1.txt cannot be written: File too large" in done.stderr
    assert "--resume goes on with it" in done.stderr
    assert "nobody knows" in auto(console, "--resume", code=3).err, "it may have run"
    assert ran(console) == ["ran"]


def test_where_nothing_can_be_written_the_run_is_recorded_later_and_not_run_again(write):
    console = write(Mitigation=[step("echo ran >>$HOME/ran; touch exercises")])
    said = auto(console, code=3)  # a file stands where the folder has to be
    assert "Nothing of the run is lost" in said.err
    (console.store.root / "exercises").unlink()
    assert "is over, and not recorded yet" in console("runbook", "history").err
    auto(console, "--resume")
    assert exercise(console)["result"] == "passed"
    assert ran(console) == ["ran"]
    assert runs(console) == []


def test_history_lists_runs_the_newest_first_and_those_that_were_broken_off(write):
    console = write(Mitigation=[step("test -e $HOME/good")])
    auto(console, code=1)
    (Path(console.store.env["HOME"]) / "good").touch()
    auto(console)
    rows = [line.split("\t") for line in console("runbook", "history", "ledger/late").out.splitlines()]
    assert [row[4] for row in rows] == ["passed", "failed"]
    assert rows[1][7] == "mitigation-1: exit code 1"
    assert [one["result"] for one in console("runbook", "history", "--json").json["exercises"]] == ["passed", "failed"]
    assert console("runbook", "history", "receipt-scanner/queue").err == "no exercise is recorded\n"


def test_a_damaged_line_of_a_run_that_was_left_breaks_nothing(write):
    console = write(Mitigation=[step("true", "")])
    auto(console, code=3)
    [folder] = runs(console)
    with (folder / "journal").open("a") as file:
        file.write('{}\n[]\n{"what": "end"}\n{"what": "run"}\n')
    assert "was broken off" in console("runbook", "history").err


def test_output_keeps_its_line_ends_whatever_git_is_told_about_them(tmp_path, write):
    console = write(Mitigation=[step(r"printf 'one\r\ntwo\n'")])
    console.store.write(".gitattributes", _ATTRIBUTES)
    console.store.commit("As init writes it")
    auto(console)
    console.store.git("-c", "core.autocrlf=true", "clone", "--quiet", str(console.store.path), str(tmp_path / "clone"))
    [path] = (tmp_path / "clone").glob("exercises/*/*/output/mitigation-1.txt")
    assert path.read_bytes() == b"one\r\ntwo\n"


def test_two_steps_of_one_name_are_refused(write):
    console = write(Mitigation=[step("true")])
    path = "runbooks/ledger/late.md"
    console.store.write(path, book(Mitigation=[step("true")]) + "\n## Mitigation\n\n" + step("true"))
    assert "two steps are called mitigation-1" in auto(console, code=2).err


def test_much_output_is_kept_in_part_and_says_so(write):
    console = write(Mitigation=[step("seq 1000000; echo end", "text: '1000\\n'")])
    auto(console, code=1)
    kept = output(console, "mitigation-1")
    assert len(kept) < 5_001_000
    assert kept.endswith("more bytes were not kept]\n")


def test_a_secret_is_masked_in_the_reason_of_a_failure_too(write):
    console = write(Mitigation=[step("echo x", "text: hunter2000")])
    console.store.env["PGPASSWORD"] = "hunter2000"
    auto(console, code=1)
    assert steps(console)["mitigation-1"] == ("failed", "it does not say '***'")


def test_a_variable_that_is_too_short_to_mask_is_named(write):
    console = write("secrets: [PIN]\n", Mitigation=[step("true")])
    console.store.env["PIN"] = "12"
    assert "too short to be masked: PIN" in auto(console).err


def test_a_captured_secret_that_is_too_short_to_mask_is_named(write):
    console = write(Mitigation=[step("echo 77", "capture: {PIN_SECRET: {all: true}}"), step("export PASS=1")])
    said = auto(console).err
    assert "too short to be masked: PIN_SECRET\n" in said
    assert "too short to be masked: PASS\n" in said


@pytest.mark.parametrize("title", ["That is long " * 12, "数据库恢复步骤" * 13])
def test_steps_of_a_section_with_a_long_name_have_files_of_their_own(write, title):
    steps_ = "\n".join(step(f"echo {number}", "exit: 0") for number in ("one", "two"))
    console = write()
    console.store.write("runbooks/ledger/late.md", f"---\n{FRONT}---\n\n## {title}\n\n{steps_}")
    console.store.commit("With a long name")
    auto(console)
    for one, said in zip(exercise(console)["steps"], (b"one\n", b"two\n"), strict=True):
        assert len(one["output"].removeprefix("output/").encode()) <= 100
        assert one["digest"] == "sha256:" + sha256(said).hexdigest()
        [path] = console.store.root.glob(f"exercises/*/*/{one['output']}")
        assert path.read_bytes() == said


def test_odd_bytes_break_neither_the_run_nor_its_record(write):
    console = write(
        Mitigation=[
            step(r"printf 'a\377b\033[1m\n'; export ODD=$'\377'", "capture: {SAID: {all: true}}"),
            step("""printf '{"a": "\\\\ud800\\\\u0085"}'""", "json: {path: a, is: b}\ncapture: {A: {json: a}}"),
        ],
    )
    said = auto(console, code=1)
    assert "\033" not in said.out
    assert steps(console)["mitigation-1"] == ("passed", "")
    assert steps(console)["mitigation-2"][1].startswith("a is ")
    [path] = console.store.root.glob("exercises/*/*/output/mitigation-1.txt")
    assert path.read_bytes() == b"a\xffb\x1b[1m\n"


def test_a_value_that_no_variable_can_hold_fails_the_step(write):
    console = write(Diagnosis=[step(r"printf 'id=\0x\n'", "capture: {ID: {pattern: 'id=(.*)'}}")])
    auto(console, code=1)
    assert "NUL" in steps(console)["diagnosis-1"][1]


def test_an_incident_that_is_gone_keeps_no_run_from_its_record(write):
    console = write(Mitigation=[step("git rm -qr incidents && git commit -qm gone")])
    opened = console(
        "incident", "open", "Late", "--service", "ledger", "--severity", "sev3", "--detected-by", "user"
    ).id
    console("incident", "use", opened)
    assert "is told nothing" in auto(console).err
    assert exercise(console)["result"] == "passed"


def test_what_an_earlier_step_said_is_masked_once_it_is_known_to_be_secret(write):
    console = write(
        Diagnosis=[step("echo the word is swordfish")],
        Mitigation=[step("export LEDGER_PASSWORD=swordfish"), step("false")],
    )
    auto(console, code=1)
    assert output(console, "diagnosis-1") == "the word is ***\n"
    assert exercise(console)["steps"][0]["digest"] == "sha256:" + sha256(b"the word is ***\n").hexdigest()
    assert "EXE" not in console("check", code=None).out


def test_with_nobody_there_a_run_does_not_go_on_without_a_secret_of_a_step_before(write):
    """The next step would fail, and lead to the rollback, though nothing is wrong with the runbook."""
    console = write(
        Diagnosis=[step("export SESSION_TOKEN=abcdef123")],
        Mitigation=[step('test "$SESSION_TOKEN" = abcdef123', "exit: 0\ndangerous: It is.")],
        Rollback=[step("touch undone")],
    )
    assert "it is dangerous" in auto(console, code=3).err
    said = auto(console, "--resume", "--allow-dangerous", code=3).err
    assert "SESSION_TOKEN: set by a step before, and not kept, as secret, so the run stops here" in said
    assert "--resume" in said
    assert not (console.store.root / "undone").exists()
    console.store.env["SESSION_TOKEN"] = "abcdef123"
    auto(console, "--resume", "--allow-dangerous")
    assert exercise(console)["result"] == "passed"


def test_what_a_step_of_diagnosis_found_is_there_for_what_is_done_about_it(write):
    said = """echo '{"state": "stuck", "oldest": {"id": "o-17"}}'"""
    settings = "json: {path: state, is: ok}\ncapture: {OLDEST: {json: oldest.id}}"
    console = write(Diagnosis=[step(said, settings)], Mitigation=[step('test "$OLDEST" = o-17')])
    auto(console)
    assert steps(console)["diagnosis-1"][0] == "found"
    assert exercise(console)["result"] == "passed"


def test_a_headed_block_that_is_done_by_hand_is_not_passed_over(write):
    settings = "```yaml step\nexit: 0\n```\n"
    blocks = "### Freeze\n\nPress it.\n\nExpected: red.\n\n### Run\n\n```sh\ntouch ran\n```\n\n" + settings
    console = write(Steps=blocks)
    assert "steps-1: it is done by hand" in auto(console, code=3).err
    assert not (console.store.root / "ran").exists()


@pytest.mark.parametrize("title", ["Rollback plan", "Roll back", "ROLLBACK (if it fails)"])
def test_a_way_back_is_known_by_how_its_title_begins(write, title):
    console = write()
    text = f"---\n{FRONT}---\n\n## Mitigation\n\n{step('true')}\n## {title}\n\n{step('touch undone')}"
    console.store.write("runbooks/ledger/late.md", text)
    auto(console)
    assert not (console.store.root / "undone").exists()
    console.store.write("runbooks/ledger/late.md", text.replace("true", "false"))
    auto(console, code=1)
    assert (console.store.root / "undone").exists()


def test_a_way_back_beside_what_helps_is_no_step_of_that(write):
    console = write(Mitigation=step("true") + "\n### Rollback\n\n```sh\ntouch undone\n```\n\n")
    auto(console, code=1)
    assert exercise(console)["result"] == "aborted"
    assert not (console.store.root / "undone").exists()
    assert "RBK004" in console("check", code=None).out


def test_code_of_comments_alone_is_no_command(write):
    console = write(Mitigation=[step("# systemctl restart ledger")])
    assert "mitigation-1: it is done by hand" in auto(console, code=3).err


def test_a_run_that_is_taken_up_says_that_the_runbook_was_changed(write):
    console = write(Mitigation=[step("true", "exit: 0\ndangerous: It is.")])
    auto(console, code=3)
    console.store.write("runbooks/ledger/late.md", book(Mitigation=[step("false")]))
    said = auto(console, "--resume", "--allow-dangerous").err
    assert "ledger/late was changed since this run began, which goes on with the text of then" in said

"""The command line: help, unknown words, options anywhere, exit codes, and what each command imports."""

import os
import shlex
import signal
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest

from svcops import __version__
from svcops.cli.nouns import NOUNS, names
from svcops.errors import BadInput
from svcops.terminal.session import take_options

HEAVY = (
    *("typer", "pydantic", "pydantic_core", "yaml", "ruamel", "rich", "git", "duckdb", "jinja2", "markdown_it"),
    "tokenize",  # which inspect brings
)
TYPER = {"typer", "tokenize"}
READING = {"yaml", "pydantic", "pydantic_core", "tokenize"}
"""What reads and judges a file that is not in the cache, or surely right."""
CHECKING = READING | {"markdown_it"}
"""The same of the text of a runbook."""


def svcops(*arguments, cwd=None, env=None, **more):
    env = {**os.environ, **(env or {})}
    return subprocess.run(
        [sys.executable, "-m", "svcops", *arguments],
        cwd=cwd,
        env=env,
        capture_output=True,
        text=True,
        check=False,
        **more,
    )


def imported(*arguments, cwd, env):
    """The heavy packages that a command imports, in a process of its own."""
    program = (
        "import os, sys\nos._exit = sys.exit\n"
        f"sys.argv = ['svcops', *{list(arguments)!r}]\n"
        "from svcops.cli.main import main\n"
        "try:\n    main()\nexcept SystemExit as end:\n    code = end.code\n"
        f"print('IMPORTED', *[name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=cwd, env={**os.environ, **env}, capture_output=True, text=True, check=False
    )
    assert "IMPORTED" in done.stderr, done.stderr
    return set(done.stderr.rsplit("IMPORTED", 1)[1].split())


def test_version_and_help_import_nothing_heavy(store):
    assert imported("--version", cwd=store.root, env=store.env) == set()
    assert imported("--help", cwd=store.root, env=store.env) == set()


def test_a_warm_list_imports_neither_parser_nor_validation(console):
    console("incident", "open", "T", "--service", "ledger", "--severity", "sev1", "--detected-by", "slo")
    for path in console.store.root.rglob("*.yaml"):
        os.utime(path, (1_700_000_000, 1_700_000_000))
    settle(console.store.root)
    imported("incident", "list", cwd=console.store.root, env=console.store.env)
    assert imported("incident", "list", cwd=console.store.root, env=console.store.env) == set()


def settle(root: Path) -> None:
    """Wait until no file is so young that its times say nothing."""
    import time

    newest = max(path.stat().st_ctime for path in root.rglob("*.yaml"))
    time.sleep(max(0.0, newest + 2.1 - time.time()))


@pytest.mark.parametrize(
    ("arguments", "allowed"),
    [
        (("incident", "--help"), TYPER),
        (("incident", "open", "--help"), TYPER),
        (("check",), CHECKING),
        (("check", "--json"), CHECKING),
        (("check", "--fail-on", "warning"), TYPER | CHECKING),
        (("incident", "list"), READING),
        (("service", "list"), READING),
        (("explain", "REF001"), TYPER),
    ],
)
def test_no_command_imports_what_it_does_not_use(console, arguments, allowed):
    assert imported(*arguments, cwd=console.store.root, env=console.store.env) <= allowed


def test_version_and_help(tmp_path):
    assert svcops("--version").stdout == f"svcops {__version__}\n"
    for call in ((), ("--help",), ("-h",), ("--json", "--help")):
        assert "Usage: svcops" in svcops(*call, cwd=tmp_path).stdout


@pytest.mark.parametrize("noun", names())
def test_every_noun_has_help_with_a_description(noun, tmp_path):
    done = svcops(noun, "--help", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert f"Usage: svcops {noun}" in done.stdout
    assert len(done.stdout.splitlines()) > 4


def test_a_call_without_a_parameter_is_what_typer_would_make_of_it():
    """Such a call does not go through Typer."""
    from importlib import import_module

    from svcops.terminal.parsing import command_of

    compared = 0
    for noun in (noun for nouns in NOUNS.values() for noun in nouns):
        module, _, attribute = noun.app.partition(":")
        app = getattr(import_module(module), attribute)
        command = command_of(app)
        for verb in app.verbs:
            words = [] if app.is_single else [verb.name]
            assert (app.bare(words) is not None) == verb.is_enough(), verb.name
            assert app.bare([*words, "--json"]) is None
            if verb.is_enough():
                one = command if app.is_single else command.commands[verb.name]
                parsed = one.make_context(verb.name, []).params
                names = verb.function.__code__.co_varnames[1 : verb.function.__code__.co_argcount]
                plain = dict(zip(names, verb.function.__defaults__ or (), strict=True))
                plain |= verb.function.__kwdefaults__ or {}
                assert {key: value or None for key, value in parsed.items() if key != "help"} == {
                    key: value or None for key, value in plain.items()
                }, f"{noun.name} {verb.name}"
                compared += 1
    assert compared > 20


def test_of_a_room_that_is_called_with_a_verb_only_that_one_is_made(tmp_path):
    """To make them all takes longer than the rest of a small call; where none is named, all are there to be listed."""
    from svcops.incidents.commands import app
    from svcops.terminal.parsing import command_of

    assert list(command_of(app, ["show", "k7x2ab"]).commands) == ["show"]
    for words in ([], ["--help"], ["shwo"]):
        assert list(command_of(app, words).commands) == [one.name for one in app.verbs]
    assert "Did you mean 'show'" in svcops("incident", "shwo", cwd=tmp_path).stderr


def test_every_verb_has_help_with_an_example(tmp_path):
    from importlib import import_module

    from svcops.terminal.parsing import command_of

    for noun in (noun for nouns in NOUNS.values() for noun in nouns):
        module, _, attribute = noun.app.partition(":")
        command = command_of(getattr(import_module(module), attribute))
        for verb, one in getattr(command, "commands", {"": command}).items():
            assert one.help, f"{noun.name} {verb} has no help"
            assert f"svcops {noun.name} {verb}".strip() in (one.epilog or ""), f"{noun.name} {verb} has no example"


NAMED = {
    "service": "services",
    "escalate": "services",
    "score": "services",
    "--service": "services",
    "agreement": "agreements",
    "schedule": "schedules",
    "--owner": "teams",
}
"""What follows a noun and its verb, or an option, by the folder of the catalogue in which it lies."""
STILL_TO_COME = {"import", "new", "pull"}
"""Nouns and verbs whose examples name what the example store does not have."""


def example_words():
    """The words behind `svcops` of each example in the help, and where among them the first argument is."""
    from importlib import import_module

    for noun in (noun for nouns in NOUNS.values() for noun in nouns):
        module, _, attribute = noun.app.partition(":")
        app = getattr(import_module(module), attribute)
        for line in "\n".join(verb.examples for verb in app.verbs).splitlines():
            if line.startswith("svcops ") and not STILL_TO_COME & {*line.split()[1:3]}:
                yield line.split()[1:], 1 if app.is_single else 2


def test_examples_name_what_the_example_store_has(tmp_path):
    assert svcops("init", "--example", "store", cwd=tmp_path).returncode == 0
    slos = "".join(one.read_text() for one in (tmp_path / "store/slo").iterdir())
    catalogue, unknown, seen = tmp_path / "store/catalogue", [], 0
    for words, first in example_words():
        for key, name in [*zip(words[:1], words[first : first + 1], strict=False), *pairwise(words[first:])]:
            if name[0].isalpha() and (key in NAMED or key == "slo"):
                seen += 1
                is_there = (
                    f"name: {name}\n" in slos if key == "slo" else (catalogue / NAMED[key] / f"{name}.yaml").exists()
                )
                unknown += [] if is_there else [" ".join(words)]
    assert unknown == []
    assert seen > 30


def test_an_unknown_noun_or_verb_or_option_says_what_was_meant(tmp_path):
    done = svcops("incidnet", "list", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert "Did you mean incident?" in done.stderr
    assert svcops("incident", "lst", cwd=tmp_path).returncode == 2
    assert svcops("incident", "list", "--opne", cwd=tmp_path).returncode == 2


def test_outside_a_store_it_says_how_to_make_one(tmp_path):
    done = svcops("incident", "list", cwd=tmp_path)
    assert done.returncode == 2
    assert "no svcops.yaml" in done.stderr
    assert "svcops init" in done.stderr


def test_global_options_may_stand_anywhere():
    options, rest = take_options(["incident", "list", "--json", "--store", "../ops", "-q"])
    assert (options.json, options.quiet, options.store, rest) == (True, True, "../ops", ["incident", "list"])
    options, rest = take_options(["incident", "log", "k7", "--", "--json"])
    assert (options.json, rest) == (False, ["incident", "log", "k7", "--", "--json"])
    with pytest.raises(BadInput, match="--store needs a folder"):
        take_options(["check", "--store"])


def test_another_store_can_be_named(console, tmp_path):
    done = svcops("--store", str(console.store.root), "incident", "list", cwd=tmp_path, env=console.store.env)
    assert (done.returncode, done.stderr) == (0, "No incidents.\n")


def test_nobody_known_to_git_is_an_error_that_says_what_to_set(store):
    store.git("config", "--unset", "user.name")
    store.write("catalogue/teams/platform.yaml", "title: Platform\n")
    store.write("catalogue/services/ledger.yaml", "title: Ledger\nowner: platform\n")
    done = svcops(
        "incident",
        "open",
        "T",
        "--service",
        "ledger",
        "--severity",
        "sev1",
        "--detected-by",
        "slo",
        cwd=store.root,
        env=store.env,
    )
    assert done.returncode == 3
    assert "user.name is not set" in done.stderr
    assert 'git config --global user.name "' in done.stderr
    assert not (store.root / "incidents").exists()


def test_a_closed_pipe_is_no_error(console):
    for _ in range(3):
        console("incident", "open", "T", "--service", "ledger", "--severity", "sev1", "--detected-by", "slo")
    done = subprocess.run(
        f"{sys.executable} -m svcops incident list | head -n 0",
        shell=True,
        cwd=console.store.root,
        env={**os.environ, **console.store.env},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""


def test_interrupting_a_wait_exits_with_130(console):
    import fcntl
    import time

    place = console.store.git_dir / "svcops"
    place.mkdir(exist_ok=True)
    with (place / "lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        call = [
            sys.executable,
            "-m",
            "svcops",
            "incident",
            "open",
            "T",
            "--service",
            "ledger",
            "--severity",
            "sev1",
            "--detected-by",
            "slo",
        ]
        process = subprocess.Popen(
            call, cwd=console.store.root, env={**os.environ, **console.store.env}, stderr=subprocess.PIPE, text=True
        )
        time.sleep(1.5)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=10)
    assert process.returncode == 130
    assert "Traceback" not in err


def test_no_commit_leaves_the_commit_to_the_user(console):
    head = console.store.head()
    said = console(
        "--no-commit", "incident", "open", "T", "--service", "ledger", "--severity", "sev1", "--detected-by", "slo"
    )
    assert "not committed (--no-commit)" in said.err
    assert console.store.head() == head
    assert console.store.git("status", "--porcelain").startswith("?? incidents/")


def test_json_of_a_changing_verb_names_what_it_wrote(console):
    said = console(
        "incident", "open", "T", "--service", "ledger", "--severity", "sev1", "--detected-by", "slo", "--json"
    ).json
    assert said["schema"] == "svcops.incident/1"
    assert said["written"]["commit"] == console.store.head()
    assert set(said["written"]["paths"]) == set(console.store.committed())


@pytest.mark.parametrize(
    "arguments",
    [
        ["fmt", "\x1b[31mx"],
        ["check", "--since", "\x1b]0;owned\x07"],
        ["check", "--\x1b[31mx"],
        ["check", "\x1b[31mx"],
    ],
)
def test_what_was_typed_is_said_again_and_not_obeyed(console, arguments):
    said = console(*arguments, code=2)
    assert all(char.isprintable() or char == "\n" for char in said.err)
    assert said.err.startswith("error: ")


@pytest.mark.parametrize(
    "arguments",
    [
        ["incident", "open", "T", "--service", "ledger", "--severity", "sev1", "--at", ""],
        ["incident", "list", "--service", ""],
        ["check", "--since="],
        ["incident", "log", "", "Rolled back"],
    ],
)
def test_what_a_script_left_empty_is_not_taken_for_what_was_not_given(console, arguments):
    head = console.store.head()
    assert "must not be empty" in console(*arguments, code=2).err
    assert console.store.head() == head


@pytest.mark.parametrize("noun", ["incident", "problem"])
def test_an_argument_that_is_no_utf_8_is_said_in_plain_words(store, noun):
    """But for the name of a file, which may be any bytes."""
    head = store.head()
    done = svcops(noun, "open", b"caf\xe9", "--service=ledger", cwd=store.root, env=store.env)
    assert (done.returncode, store.head()) == (2, head)
    assert done.stderr.startswith("error: caf\u00b7 is not UTF-8 text\n  help: ")
    place = os.fsencode(store.root) + b"/caf\xe9"
    with open(place, "wb"):
        pass
    done = svcops("incident", "ingest", b"caf\xe9", cwd=store.root, env=store.env)
    assert "no webhook payload" in done.stderr


@pytest.fixture
def removed(tmp_path):
    """A folder that is to be removed while svcops is called in it."""
    (tmp_path / "removed").mkdir()
    return tmp_path / "removed"


def from_a_removed_folder(folder, *arguments, env=None):
    """What svcops says to a shell whose folder was removed."""
    call = shlex.join([sys.executable, "-m", "svcops", *map(str, arguments)])
    script = f"cd {shlex.quote(str(folder))} && rmdir {shlex.quote(str(folder))} && exec {call}"
    return subprocess.run(
        ["sh", "-c", script], env={**os.environ, **(env or {})}, capture_output=True, text=True, check=False
    )


def test_from_a_folder_that_is_gone_a_store_is_found_by_its_whole_path(store, removed):
    done = from_a_removed_folder(removed, "--store", store.root, "service", "list", "--json", env=store.env)
    assert (done.returncode, done.stderr) == (0, "")
    assert '"services": []' in done.stdout


@pytest.mark.parametrize("arguments", [("service", "list"), ("--store", ".", "check"), ("init", "ops")])
def test_where_the_folder_is_needed_it_is_said_that_it_is_gone(removed, arguments):
    done = from_a_removed_folder(removed, *arguments)
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr.startswith("error: the current folder is gone: somebody removed it\n  help: cd to one")


def test_a_file_may_be_named_by_its_whole_path_from_a_folder_that_is_gone(store, removed, tmp_path):
    (tmp_path / "input.yaml").write_text("a: 1\n", encoding="utf-8")
    call = ("--store", store.root, "import", "backstage", tmp_path / "input.yaml")
    done = from_a_removed_folder(removed, *call, env=store.env)
    assert "not a Backstage entity" in done.stderr

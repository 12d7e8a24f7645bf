"""Post-mortems are approved by somebody who did not write them, over exact bytes."""

import shutil
import subprocess

import pytest

OPEN = (
    "incident",
    "open",
    "Receipts are not extracted",
    "--service",
    "receipt-scanner",
    "--severity",
    "sev1",
    "--detected-by",
    "slo",
)
NOOR = ("Noor Voorbeeld", "noor@example.org")


@pytest.fixture
def short(console):
    """A resolved incident with its post-mortem."""
    short = console(*OPEN, "--started", "-20m").id[-6:]
    console("incident", "log", short, "Rolled back to 4.2.0")
    console("incident", "resolve", short)
    console("postmortem", "start", short)
    return short


def path_of(console):
    return next(console.store.root.glob("postmortems/2026/*.md")).relative_to(console.store.root).as_posix()


def test_it_has_its_incidents_date_and_tail_and_the_facts_of_the_timeline(console, short):
    path = path_of(console)
    assert path == f"postmortems/2026/postmortem-20261123-{short}.md"
    text = console.store.read(path)
    assert "| time to detect | impact started | detected | 20 min |" in text
    assert "Rolled back to 4.2.0 (ada)" in text
    assert "author: ada\n" in text


def test_starting_twice_says_where_it_is(console, short):
    assert f"{path_of(console)} is there already" in console("postmortem", "start", short, code=2).err


def test_the_stores_own_template_wins_and_a_broken_one_is_named(console):
    short = console(*OPEN).id[-6:]
    console.store.write("templates/postmortem.md.j2", "\nOurs: {{ title }}\n")
    console("postmortem", "start", short)
    assert "Ours: Receipts are not extracted" in console.store.read(path_of(console))
    other = console(*OPEN).id[-6:]
    console.store.write("templates/postmortem.md.j2", "\n\n{{ nonsense }}\n")
    said = console("postmortem", "start", other, code=2)
    assert "templates/postmortem.md.j2" in said.err
    assert "'nonsense' is undefined" in said.err


def test_a_template_of_a_store_reaches_nothing(console):
    console.store.write("templates/postmortem.md.j2", "{{ ''.__class__.__mro__[1].__subclasses__() }}")
    short = console(*OPEN).id[-6:]
    assert "unsafe" in console("postmortem", "start", short, code=2).err


def test_its_author_cannot_approve_it_whichever_address_they_use(console, short):
    assert "ada wrote" in console("postmortem", "approve", short, code=1).err
    console.who = ("A. Example", "ADA@home.example")
    assert "ada wrote" in console("postmortem", "approve", short, code=1).err


def test_who_committed_a_change_to_it_is_an_author_too(console, short):
    path = path_of(console)
    console.store.write(path, console.store.read(path) + "Noor knows more.\n")
    console.store.git("-c", "user.name=Noor", "-c", "user.email=noor@example.org", "commit", "-qam", "More")
    console.who = NOOR
    assert "noor@example.org wrote" in console("postmortem", "approve", short, code=1).err


def test_a_co_author_is_an_author_too(console, short):
    path = path_of(console)
    console.store.write(path, console.store.read(path) + "More.\n")
    console.store.git("commit", "-qam", "More\n\nCo-authored-by: Noor Voorbeeld <noor@example.org>")
    console.who = NOOR
    assert "noor@example.org wrote" in console("postmortem", "approve", short, code=1).err


def test_an_approval_is_over_exact_bytes(console, short):
    console.who = NOOR
    approval = console("postmortem", "approve", short)
    assert (
        f"digest: sha256:{subprocess.check_output(['sha256sum', console.store.root / path_of(console)], text=True)[:64]}"
        in (console.store.read(f"approvals/2026/{approval.id}.yaml"))
    )
    assert "has approved" in console("postmortem", "approve", short, code=1).err
    console.store.write(path_of(console), console.store.read(path_of(console)) + "Changed.\n")
    console.store.commit("Change it afterwards")
    console.who = ("Ada Example", "ada@example.org")
    assert "it changed after it was approved" in console("incident", "close", short, code=1).err


def test_what_is_not_committed_cannot_be_approved(console, short):
    path = path_of(console)
    console.store.write(path, console.store.read(path) + "Not yet.\n")
    console.who = NOOR
    assert f"{path} is not committed as it is" in console("postmortem", "approve", short, code=3).err


def test_a_shallow_clone_does_not_judge_who_wrote_it(console, short, tmp_path):
    clone = tmp_path / "shallow"
    console.store.git("clone", "--quiet", "--depth=1", f"file://{console.store.path}", str(clone))
    shallow = type(console)(type(console.store)(clone, console.store.env))
    shallow.who = NOOR
    said = shallow("postmortem", "approve", short, code=4)
    assert "shallow clone" in said.err
    assert "git fetch --unshallow" in said.err
    shutil.rmtree(clone)


def test_there_is_nothing_to_approve_before_it_is_started(console):
    short = console(*OPEN).id[-6:]
    assert "there is no postmortem" in console("postmortem", "approve", short, code=2).err

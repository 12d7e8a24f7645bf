"""Approving with a key: which key, the call of the real ssh-keygen and agent, and what a proof is asked for."""

import os
import pty
import re
import shutil
import signal
import subprocess
import sys

import pytest
from tests.conftest import ADA, NOOR, SETTINGS

from svcops.errors import BadInput, NotDone
from svcops.trust.signing import Key, chosen_key, sign

OPEN = ("incident", "open", "Receipts are not extracted", "--service", "receipt-scanner", "--severity", "sev1")
PROVED = f"{SETTINGS}policy: {{approvals: proved}}\n"


def new_key(folder, name="key", passphrase=""):
    file = folder / name
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", passphrase, "-C", name, "-f", file], check=True)
    return file


@pytest.fixture
def key(tmp_path):
    return new_key(tmp_path)


@pytest.fixture
def short(console, key):
    """A resolved major incident with a finished post-mortem by Ada; Noor's key is known, and Noor is typing."""
    short = console(*OPEN, "--detected-by", "slo").id[-6:]
    console("incident", "resolve", short)
    console.store.write("catalogue/people/kim.yaml", "name: Kim Beispiel\nemails: [kim@example.org]\n")
    console("postmortem", "start", short, "--moderator", "kim")
    path = path_of(console)
    console.store.write(path, re.sub(r"(?m)^> .*$", "Said.", console.store.read(path)))
    console.store.write("catalogue/people/noor.yaml", "name: Noor Voorbeeld\nemails: [noor@example.org]\n")
    console.store.write("trust/allowed_signers", f"noor@example.org {key.with_suffix('.pub').read_text()}")
    console.store.commit("What happened")
    console.who = NOOR
    return short


@pytest.fixture
def agent(tmp_path):
    """A real ssh-agent; gives the variable that leads to it."""
    started = subprocess.run(["ssh-agent", "-s", "-a", tmp_path / "agent"], capture_output=True, text=True, check=True)
    yield {"SSH_AUTH_SOCK": str(tmp_path / "agent")}
    os.kill(int(re.search(r"SSH_AGENT_PID=(\d+)", started.stdout)[1]), signal.SIGTERM)


def path_of(console):
    return next(console.store.root.glob("postmortems/2026/*.md")).relative_to(console.store.root).as_posix()


def shown(console, short):
    return console("postmortem", "show", short, "--json").json["postmortem"]


def test_an_approval_with_a_key_is_signed_in_the_same_commit_and_proved(console, short, key):
    said = console("postmortem", "approve", short, "--key", str(key))
    approval = f"approvals/2026/{said.id}.yaml"
    assert console.store.committed() == {approval: "A", f"{approval}.sig": "A"}
    (one,) = shown(console, short)["approvals"]
    assert (one["by"], one["counts"], one["proof"], one["signature"]) == ("noor", True, "proved", "good")
    assert console("check").code == 0
    verify = ["ssh-keygen", "-Y", "verify", "-f", "trust/allowed_signers", "-I", "noor@example.org"]
    with (console.store.root / approval).open("rb") as data:
        done = subprocess.run(
            [*verify, "-n", "svcops-approval@v1", "-s", f"{approval}.sig"],
            cwd=console.store.root,
            stdin=data,
            check=False,
        )
    assert done.returncode == 0


def test_without_a_key_it_is_asserted_where_nobody_asks_for_proof(console, short):
    said = console("postmortem", "approve", short, "--json").json
    assert said["approval"]["signed"] is False
    assert [path.endswith(".yaml") for path in said["written"]["paths"]] == [True]
    assert shown(console, short)["approvals"][0]["proof"] == "asserted"


def test_where_proof_is_asked_for_a_key_is_named_or_git_knows_one(console, short, key, tmp_path):
    console.store.write("svcops.yaml", PROVED)
    console.store.commit("Ask for proof")
    before = console.store.head()
    said = console("postmortem", "approve", short, code=2)
    assert "there is no key to sign it with" in said.err
    assert "--key ~/.ssh/id_ed25519" in said.err
    console.store.git("config", "user.signingkey", f"{key}.pub")
    assert "there is no key" in console("postmortem", "approve", short, code=2).err
    console.store.git("config", "gpg.format", "ssh")
    console.store.git("config", "user.signingkey", str(tmp_path / "gone.pub"))
    assert "there is no such file" in console("postmortem", "approve", short, code=2).err
    assert console.store.head() == before
    console.store.git("config", "user.signingkey", f"{key}.pub")
    console("postmortem", "approve", short)
    assert shown(console, short)["approvals"][0]["proof"] == "proved"


def test_a_key_of_gits_settings_may_stand_there_itself_and_an_agent_holds_it(console, short, key, agent):
    subprocess.run(["ssh-add", "-q", key], env={**os.environ, **agent}, check=True)
    public = key.with_suffix(".pub").read_text().strip()
    key.unlink()
    console.store.env |= agent
    console.store.write("svcops.yaml", PROVED)
    console.store.git("config", "gpg.format", "ssh")
    for value in (public, f"key::{public}"):
        console.store.git("config", "user.signingkey", value)
        assert chosen_key(git_of(console), "", console.cwd.joinpath) == Key(public=public)
    console("postmortem", "approve", short)
    assert shown(console, short)["approvals"][0]["proof"] == "proved"


def git_of(console):
    from svcops.store.git import Git

    return Git(console.store.root, console.store.env)


def test_an_agent_holds_the_key_with_a_passphrase(console, short, tmp_path, agent):
    locked = new_key(tmp_path, "locked", "secret")
    answer = tmp_path / "answer"
    answer.write_text("#!/bin/sh\necho secret\n")
    answer.chmod(0o755)
    asked = {**os.environ, **agent, "SSH_ASKPASS": str(answer), "SSH_ASKPASS_REQUIRE": "force"}
    subprocess.run(["ssh-add", "-q", locked], env=asked, check=True)
    console.store.write("trust/allowed_signers", f"noor@example.org {locked.with_suffix('.pub').read_text()}")
    console.store.env |= agent
    console("postmortem", "approve", short, "--key", f"{locked}.pub")
    assert shown(console, short)["approvals"][0]["proof"] == "proved"


def test_without_a_terminal_nobody_is_asked_for_a_passphrase(console, short, tmp_path):
    asked, asks = tmp_path / "asked", tmp_path / "asks"
    asks.write_text(f"#!/bin/sh\ntouch {asked}\necho secret\n")
    asks.chmod(0o755)
    console.store.env |= {"DISPLAY": ":0", "SSH_ASKPASS": str(asks)}
    locked = new_key(tmp_path, "locked", "secret")
    before = console.store.head()
    said = console("postmortem", "approve", short, "--key", str(locked), code=3)
    assert "ssh-keygen did not sign" in said.err
    assert "ssh-add" in said.err
    assert not asked.exists()
    assert console.store.head() == before
    assert console.store.is_clean()


def test_at_a_terminal_the_passphrase_is_asked_for_there(console, short, locked):
    status, seen = at_a_terminal(console, "postmortem", "approve", short, "--key", str(locked))
    assert status == 0, seen
    assert b"Enter passphrase" in seen
    assert b"secret" not in seen
    assert shown(console, short)["approvals"][0]["proof"] == "proved"


def test_who_wants_no_questions_is_asked_none_at_a_terminal_either(console, short, locked):
    status, seen = at_a_terminal(console, "--no-input", "postmortem", "approve", short, "--key", str(locked))
    assert status == 3, seen
    assert b"ssh-keygen did not sign" in seen
    assert not list(console.store.root.glob("approvals/2026/*"))


@pytest.fixture
def locked(console, short, tmp_path):
    """A key with the passphrase "secret", that is known to be Noor's."""
    locked = new_key(tmp_path, "locked", "secret")
    console.store.write("trust/allowed_signers", f"noor@example.org {locked.with_suffix('.pub').read_text()}")
    for name, value in (("name", NOOR[0]), ("email", NOOR[1])):
        console.store.git("config", f"user.{name}", value)
    assert short
    return locked


def at_a_terminal(console, *words):
    """The command itself in a terminal, at which somebody types the passphrase when asked: its status, what it showed."""
    child, terminal = pty.fork()
    if not child:
        os.chdir(console.store.root)
        os.execve(sys.executable, [sys.executable, "-m", "svcops", *words], console.store.env)
    seen = b""
    try:
        while part := os.read(terminal, 1000):
            seen += part
            if b"Enter passphrase" in part:
                os.write(terminal, b"secret\n")
    except OSError:  # the terminal is gone once the child is
        pass
    finally:
        os.close(terminal)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), seen


@pytest.mark.parametrize(("name", "why"), [("gone", "there is no such file"), (".", "there is no such file")])
def test_a_key_that_is_not_there_is_said(console, short, name, why):
    assert why in console("postmortem", "approve", short, "--key", name, code=2).err


def test_a_file_that_is_no_key_is_said(console, short, tmp_path):
    (tmp_path / "text").write_text("no key\n")
    said = console("postmortem", "approve", short, "--key", str(tmp_path / "text"), code=3)
    assert "ssh-keygen did not sign" in said.err


def test_a_key_that_is_not_known_signs_nothing_that_would_not_count(console, short, tmp_path):
    before = console.store.head()
    other = new_key(tmp_path, "other")
    said = console("postmortem", "approve", short, "--key", str(other), code=1)
    assert "trust/allowed_signers does not know its key" in said.err
    assert f'"$(cat {other}.pub)" >> trust/allowed_signers' in said.err
    assert console.store.head() == before
    assert console.store.is_clean()


@pytest.mark.parametrize("trust", ["there", "without a line's end", "not there"])
@pytest.mark.parametrize("folder", [".", "runbooks"])
def test_the_command_that_makes_a_key_known_does(console, short, tmp_path, trust, folder):
    (tmp_path / "my keys").mkdir()
    other = new_key(tmp_path / "my keys", "other")
    signers = console.store.root / "trust/allowed_signers"
    if trust == "not there":
        shutil.rmtree(signers.parent)
    elif trust == "without a line's end":
        signers.write_text(signers.read_text().rstrip("\n"))
    console.cwd = console.store.root / folder
    said = console("postmortem", "approve", short, "--key", str(other), code=1)
    (command,) = [line.strip().removeprefix("help: ") for line in said.err.splitlines() if "printf" in line]
    subprocess.run(["sh", "-c", command], cwd=console.cwd, check=True)
    console("postmortem", "approve", short, "--key", str(other))


def test_a_revoked_key_signs_nothing(console, short, key):
    console.store.write("trust/revoked", key.with_suffix(".pub").read_text())
    said = console("postmortem", "approve", short, "--key", str(key), code=1).err
    assert "trust/revoked lists its key" in said
    assert "A revoked key never counts again. Sign with another: --key FILE" in said
    assert ">> trust/allowed_signers" not in said


def test_a_key_path_is_taken_from_where_one_is_and_never_as_an_option(console, short, key, tmp_path):
    odd = tmp_path / "-fodd"
    key.rename(odd)
    console.cwd = tmp_path
    said = console("--store", str(console.store.root), "postmortem", "approve", short, "--key", "-fodd")
    assert shown_from(console, short)["approvals"][0]["proof"] == "proved"
    assert said.id


def shown_from(console, short):
    console.cwd = console.store.root
    return shown(console, short)


def test_a_home_folder_is_found_in_the_key_that_git_knows(console, short, key):
    console.store.git("config", "gpg.format", "ssh")
    console.store.git("config", "user.signingkey", "~/key.pub")
    home = console.store.env["HOME"]
    key.with_suffix(".pub").rename(f"{home}/key.pub")
    assert chosen_key(git_of(console), "", console.cwd.joinpath) == Key(path=f"{home}/key.pub")


def test_without_ssh_keygen_it_is_not_done(key, tmp_path):
    with pytest.raises(NotDone, match="not installed"):
        sign(b"x", Key(path=str(key)), {"PATH": str(tmp_path)}, asks=False)


def test_no_key_is_bad_input(console):
    with pytest.raises(BadInput, match="no key to sign"):
        chosen_key(git_of(console), "", console.cwd.joinpath)


# What a proof is asked for: the closing of a major incident.


@pytest.fixture
def anchored(console, short):
    """As `short`, with an anchored measure, in a store that asks for proof; only the approval is missing."""
    console.who = ADA
    console("measure", "add", short, "Probe", "--type", "detect", "--owner", "platform", "--due", "2026-12-20")
    console.store.write("slo/probe.yaml", "apiVersion: openslo/v1\nkind: Service\nmetadata: {name: probe}\nspec: {}\n")
    console.store.commit("Probe")
    console("measure", "anchor", short, "--path", "slo/probe.yaml")
    console.store.write("svcops.yaml", PROVED)
    console.store.commit("Ask for proof")
    return short


def test_a_major_incident_closes_with_a_proof_where_it_is_asked_for(console, anchored, key):
    approve_by_hand(console)
    said = console("incident", "close", anchored, code=1)
    assert "that of noor does not count, it is not signed" in said.err
    assert codes(console) == ["TRU003"]
    console.who = NOOR
    console("postmortem", "approve", anchored, "--key", str(key))
    console.who = ADA
    console("incident", "close", anchored)


def test_an_incident_that_was_closed_by_hand_on_an_unsigned_approval_is_found(console, anchored):
    approve_by_hand(console)
    close_by_hand(console)
    console.now = console.now.replace(hour=23)  # after what was written by hand
    assert codes(console) == ["TRU003", "INC002"]


def test_a_merge_that_brings_a_changed_approval_beside_its_signature_is_found(console, anchored, key):
    console.who = NOOR
    approval = f"approvals/2026/{console('postmortem', 'approve', anchored, '--key', str(key)).id}.yaml"
    console.who = ADA
    console("incident", "close", anchored)
    assert console("check").code == 0
    console.store.git("checkout", "-q", "-b", "other")
    console.store.write(approval, console.store.read(approval).replace("role: reviewer", "role:  reviewer"))
    console.store.commit("Touch the approval")
    console.store.git("checkout", "-q", "main")
    console.store.write("README.md", "Text\n")
    console.store.commit("Something else")
    console.store.git("merge", "-q", "--no-edit", "other")
    assert codes(console) == ["TRU002", "INC002"]


def test_a_key_that_is_revoked_later_takes_its_approvals_back(console, anchored, key):
    console.who = NOOR
    console("postmortem", "approve", anchored, "--key", str(key))
    console.store.write("trust/revoked", key.with_suffix(".pub").read_text())
    console.store.commit("The laptop was stolen")
    console.who = ADA
    assert "trust/revoked lists its key" in console("incident", "close", anchored, code=1).err


def test_keys_that_are_not_committed_close_nothing(console, anchored, key):
    console.who = NOOR
    console("postmortem", "approve", anchored, "--key", str(key))
    console.store.write("trust/allowed_signers", console.store.read("trust/allowed_signers") + "# mine\n")
    console.who = ADA
    assert "trust/allowed_signers is not committed" in console("incident", "close", anchored, code=3).err


def approve_by_hand(console):
    digest = subprocess.check_output(["sha256sum", console.store.root / path_of(console)], text=True)[:64]
    text = f"of: {path_of(console)}\ndigest: sha256:{digest}\nrole: reviewer\nby: noor\nat: 2026-11-23T09:00:00Z\n"
    console.store.write("approvals/2026/approval-20261123-aaaaaa.yaml", text)
    console.store.commit("Approved by hand")


def close_by_hand(console):
    folder = next(console.store.root.glob("incidents/2026/*/timeline"))
    at = "2026-11-23T12:00:00Z"
    (folder / "9-closed.yaml").write_text(f"type: closed\nat: {at}\nrecorded_at: {at}\nby: ada\nfrom: post-mortem\n")
    console.store.commit("Closed by hand")


def codes(console):
    found = console("check", "--json", code=1).json["findings"]
    return [one["code"] for one in found if one["severity"] == "error"]

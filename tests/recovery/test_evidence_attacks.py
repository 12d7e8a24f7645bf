"""What must not pass for proof: each attack with real keys on a real repository, and what is said of it."""

import os
import shlex
import subprocess

import pytest
from tests.conftest import NOOR, StoreOnDisk
from tests.recovery.conftest import LOG

EXECUTE = "svcops-evidence-execute@v1"
APPROVE = "svcops-evidence-approve@v1"


def test_evidence_that_was_signed_and_approved_stands(drills):
    drills.proved()
    said = drills.verify(code=0)
    (one,) = said["evidence"]
    assert (one["standing"], one["signature"]["by"], one["approval"]["by"]) == ("good", "ada", "noor")
    assert said["completeness"]["standing"] == "complete"
    assert drills.console("evidence", "verify", "--quiet").out == "evidence-20261123-aaaaaa\n"


def test_an_edited_record(drills):
    drills.proved()
    path = drills.path()
    drills.console.store.write(path, drills.console.store.read(path).replace("rto: 12m", "rto: 2m"))
    drills.console.store.commit("A better figure")
    wrong = drills.judged()
    assert "incorrect signature" in wrong["signature"]
    assert "its digest differs" in wrong["approval"]
    assert any("it was changed after it was committed" in gap for gap in drills.gaps())


def test_an_edited_log(drills):
    drills.proved()
    drills.console.store.write(drills.path().replace("evidence.yaml", "logs/fetch.txt"), "All well\n")
    drills.console.store.commit("A better log")
    assert drills.judged() == {"logs": "logs/fetch.txt was changed: its digest differs"}


def test_a_log_that_is_gone(drills):
    drills.proved()
    (drills.console.store.root / drills.path().replace("evidence.yaml", "logs/fetch.txt")).unlink()
    assert drills.judged() == {"logs": "logs/fetch.txt is not there"}


@pytest.mark.parametrize(
    "log",
    ["../../../../svcops.yaml", "/etc/hostname", "logs/../evidence.yaml", "people", "logs"],
    ids=["above", "absolute", "around", "beside", "the folder"],
)
def test_a_log_elsewhere_is_none(drills, log):
    store, path = drills.console.store, drills.path()
    drills.write()
    store.write(path, store.read(path).replace("logs/fetch.txt", log))
    assert drills.judged()["logs"] == f"{log} is not below logs/ of its folder"


def test_a_log_that_is_a_link_out_of_the_store(drills, tmp_path):
    drills.write()
    log = drills.console.store.root / drills.path().replace("evidence.yaml", "logs/fetch.txt")
    (tmp_path / "outside").write_bytes(log.read_bytes())
    log.unlink()
    log.symlink_to(tmp_path / "outside")
    assert drills.judged()["logs"] == "logs/fetch.txt is not there"


def test_a_signature_in_the_role_of_the_other(drills):
    approval = drills.proved()
    drills.forge(drills.path(), "ada", APPROVE)
    drills.forge(approval, "noor", EXECUTE)
    wrong = drills.judged()
    assert "namespace does not match" in wrong["signature"]
    assert "namespace does not match" in wrong["approval"]


def test_an_approval_in_the_role_of_a_reviewer(drills):
    approval = drills.proved()
    store = drills.console.store
    store.write(approval, store.read(approval).replace("role: approver", "role: reviewer"))
    drills.forge(approval, "noor", APPROVE)
    assert "its role is reviewer, and evidence takes an approver" in drills.judged()["approval"]


def test_a_key_that_nobody_enrolled(drills):
    drills.write()
    drills.forge(drills.path(), "mallory", EXECUTE)
    assert "trust/allowed_signers does not know its key" in drills.judged()["signature"]


def test_a_key_of_somebody_else_than_who_ran_the_drill(drills):
    drills.write()
    drills.forge(drills.path(), "noor", EXECUTE)
    assert "a key of noor@example.org, not of ada@example.org" in drills.judged()["signature"]


def test_a_key_that_expired_before_the_evidence_was_trusted(drills):
    """The evidence names a time at which the key was good, and anybody may write any time."""
    drills.enrol(
        drills.line("ada@example.org", "ada", 'valid-before="20261123T070000"'.replace("T", "")),
        drills.line("noor@example.org", "noor"),
    )
    drills.pin()
    drills.write()
    drills.forge(drills.path(), "ada", EXECUTE)
    drills.console.store.git(
        "commit", "--quiet", "--all", "--allow-empty", "--message=x", "--date=2026-11-23T06:31:00Z"
    )
    why = drills.judged()["signature"]
    assert "key has expired" in why
    assert "as of today, as audited does not hold these bytes" in why


def trusted_before_its_key_expired(drills):
    store = drills.console.store
    store.env |= {"GIT_COMMITTER_DATE": "2026-11-23T06:45:00Z"}
    drills.proved()
    del store.env["GIT_COMMITTER_DATE"]
    drills.enrol(
        drills.line("ada@example.org", "ada", 'valid-before="20261123070000"'),
        drills.line("noor@example.org", "noor"),
    )


def moved_below_the_top(drills):
    """All of the store into a folder of the repository, which is left to be committed."""
    store = drills.console.store
    (store.root / "ops").mkdir()
    store.git("mv", *(one.name for one in store.root.iterdir() if one.name not in (".git", "ops")), "ops/")
    return StoreOnDisk(store.path, store.env, "ops")


def test_a_key_that_expired_after_the_evidence_was_trusted_still_counts(drills):
    trusted_before_its_key_expired(drills)
    drills.pin()
    said = drills.verify(code=0)
    assert said["evidence"][0]["signature"]["judged_as_of"] == "2026-11-23T06:45:00Z"


def test_a_store_that_moves_to_another_folder_takes_the_time_of_its_signatures_along(drills, new_console):
    trusted_before_its_key_expired(drills)
    below = moved_below_the_top(drills)
    drills.console.store.commit("Below the top")
    drills.pin()
    moved = new_console(below)
    said = moved("evidence", "verify", "--json", code=0).json
    assert said["evidence"][0]["signature"]["judged_as_of"] == "2026-11-23T06:45:00Z"


def stands_once_it_is_signed(drills):
    """By keys and people that are trusted as they are now, before and after the signatures are trusted, too."""
    drills.pin()
    drills.sign()
    drills.approve()
    drills.verify(code=0)
    drills.pin()
    drills.verify(code=0)


def test_a_key_that_became_valid_after_the_drill_and_before_it_was_signed_counts_once_that_is_trusted(drills):
    """As it did before: what is trusted is judged as of when it came there, and not of the drill's end."""
    drills.write()
    drills.enrol(
        drills.line("ada@example.org", "ada", 'valid-after="20261123070000"'), drills.line("noor@example.org", "noor")
    )
    stands_once_it_is_signed(drills)


@pytest.mark.parametrize("what", ["renamed", "gone"])
def test_evidence_of_a_person_who_left_or_is_called_otherwise_is_still_theirs(drills, what, tmp_path):
    store = drills.console.store
    drills.proved()
    if what == "renamed":
        store.git("mv", "catalogue/people/ada.yaml", "catalogue/people/ada-muster.yaml")
    else:
        store.git("rm", "--quiet", "catalogue/people/ada.yaml")
    store.commit("People")
    assert drills.verify(code=0)["evidence"][0]["signature"]["by"] == "ada"
    drills.pin()
    drills.verify(code=0)
    drills.console("evidence", "bundle", "aaaaaa", "--output", str(tmp_path / "bundle"))
    assert (tmp_path / "bundle/people/ada.yaml").is_file()


def test_a_person_who_is_called_otherwise_now_signs_what_they_ran(drills):
    drills.write()
    store = drills.console.store
    store.git("mv", "catalogue/people/ada.yaml", "catalogue/people/ada-muster.yaml")
    store.commit("Another name")
    stands_once_it_is_signed(drills)


@pytest.mark.parametrize("old_line", ["kept", "replaced"])
def test_a_person_who_is_called_otherwise_now_and_has_another_address_is_still_who_they_were(drills, old_line):
    drills.proved()
    drills.write("bbbbbb", "aaaaaa")
    store = drills.console.store
    store.git("rm", "--quiet", "catalogue/people/ada.yaml")
    store.write("catalogue/people/ada-muster.yaml", "name: Ada Muster\nemails: [muster@example.org, ada@example.org]\n")
    old = [drills.line("ada@example.org", "ada")] if old_line == "kept" else [drills.line("muster@example.org", "ada")]
    drills.enrol(*old, drills.line("muster@example.org", "new"), drills.line("noor@example.org", "noor"))
    drills.pin()
    drills.verify("aaaaaa", code=0)
    drills.console.who = ("Ada Muster", "muster@example.org")
    drills.console("evidence", "sign", "bbbbbb", "--key", str(drills.keys.file("new")))
    drills.approve("bbbbbb")
    drills.verify(code=0)
    drills.pin()
    drills.verify(code=0)


def test_evidence_is_signed_once_its_logs_are_committed_too(drills):
    drills.write()
    store, folder = drills.console.store, drills.path().rpartition("/")[0]
    store.git("rm", "--quiet", "--cached", f"{folder}/logs/fetch.txt")
    store.git("commit", "--quiet", "--message=Without its log")
    said = drills.console("evidence", "sign", "aaaaaa", "--key", str(drills.keys.file("ada")), code=3).err
    assert f"{folder}/logs/fetch.txt is not committed as it is" in said
    assert f"git add -- {folder} && git commit -- {folder}" in said


def test_what_is_not_committed_holds_here_alone_and_that_is_said(drills):
    drills.write()
    drills.sign()
    drills.console.who = NOOR
    drills.console("evidence", "approve", "aaaaaa", "--key", str(drills.keys.file("noor")), "--no-commit")
    said = drills.console("evidence", "verify").err
    assert "approvals/2026/approval-" in said
    assert "and 1 more not committed: as long as it is not, it holds here alone" in said
    said = drills.console("evidence", "approve", "aaaaaa", "--key", str(drills.keys.file("noor")), code=1).err
    assert "noor has approved evidence-20261123-aaaaaa already, and that is not committed" in said
    assert "git add -- approvals/" in said


def test_in_a_shallow_clone_nobody_can_tell_who_left(drills, tmp_path, new_console):
    drills.proved()
    store = drills.console.store
    store.git("rm", "--quiet", "catalogue/people/ada.yaml", "catalogue/people/noor.yaml")
    store.write("catalogue/people/kim.yaml", "name: Kim\nemails: [kim@example.org]\n")
    store.commit("Others")
    drills.pin()
    drills.verify(code=0)
    store.git("clone", "--quiet", "--depth=1", f"file://{store.path}", str(tmp_path / "clone"))
    clone = new_console(StoreOnDisk(tmp_path / "clone", store.env))
    (one,) = clone("evidence", "verify", "--trusted", "origin/main", "--json", code=3).json["evidence"]
    for part in ("signature", "approval"):
        assert one[part]["standing"] == "unknown"
        assert "git fetch --unshallow" in one[part]["why"]


def test_a_person_who_is_called_otherwise_now_approves_nothing_of_their_own(drills):
    drills.write()
    drills.sign()
    store = drills.console.store
    store.git("mv", "catalogue/people/ada.yaml", "catalogue/people/ada-muster.yaml")
    drills.enrol(drills.line("ada@example.org", "ada"), drills.line("ada@home.example", "second"))
    drills.pin()
    drills.console.who = ("Ada Muster", "ada@home.example")
    said = drills.console("evidence", "approve", "aaaaaa", "--key", str(drills.keys.file("second")), code=1)
    assert "ada-muster ran this drill, and an approval is somebody else's" in said.err
    text = f"of: {drills.path()}\ndigest: {drills.digest('aaaaaa')}\nrole: approver\nby: ada-muster\nat: 2026-11-23T07:10:00Z\n"
    store.write("approvals/2026/approval-20261123-aaaaaa.yaml", text)
    drills.forge("approvals/2026/approval-20261123-aaaaaa.yaml", "second", APPROVE)
    assert "ada-muster ran the drill, and an approval is somebody else's" in drills.judged()["approval"]


@pytest.mark.parametrize("by", ["the branch", "the merge"])
def test_who_came_on_a_branch_and_was_not_taken_was_never_anybody(drills, branch, by):
    """Nobody who merged it took them; all that is left of them is a key."""
    drills.write()
    drills.sign()
    drills.enrol(
        *(drills.line(f"{name}@example.org", name) for name in ("ada", "noor")),
        drills.line("ghost@home.example", "ghost"),
    )
    branch("theirs")
    store = drills.console.store
    store.write("catalogue/people/ghost.yaml", "name: A Ghost\nemails: [ghost@home.example]\n")
    store.commit("Somebody")
    drills.console.who = ("A Ghost", "ghost@home.example")
    drills.console("evidence", "approve", "aaaaaa", "--key", str(drills.keys.file("ghost")))
    if by == "the branch":
        store.git("rm", "--quiet", "catalogue/people/ghost.yaml")
        store.commit("Nobody")
    store.git("checkout", "--quiet", "main")
    store.git("merge", "--quiet", "--no-ff", "--no-commit", "theirs")
    store.git("rm", "--quiet", "--force", "--ignore-unmatch", "catalogue/people/ghost.yaml")
    store.git("commit", "--quiet", "-m", "Merge branch 'theirs'")
    drills.pin()
    assert "ghost is nobody of catalogue/people of audited" in drills.judged()["approval"]


def test_a_signature_by_an_expired_key_that_is_put_beside_trusted_evidence_later(drills):
    """The trusted revision holds the evidence, and not this signature: its key is judged as of today."""
    drills.write()
    drills.enrol(drills.line("ada@example.org", "ada", 'valid-before="20261123070000"'))
    drills.pin()
    drills.forge(drills.path(), "ada", EXECUTE)
    assert "key has expired" in drills.judged()["signature"]


def test_a_revoked_key_counts_never_not_even_for_what_it_signed_before(drills):
    drills.proved()
    lines = drills.line("ada@example.org", "ada"), drills.line("noor@example.org", "noor")
    drills.enrol(*lines, revoked=drills.keys.public("ada"))
    drills.pin()
    assert "trust/revoked lists its key" in drills.judged()["signature"]


def test_a_branch_that_enrols_its_own_key(drills, branch):
    branch("mine")
    drills.enrol(drills.line("ada@example.org", "mallory"), drills.line("noor@example.org", "noor"))
    drills.write()
    drills.forge(drills.path(), "mallory", EXECUTE)
    drills.console.store.commit("A drill")
    why = drills.judged()["signature"]
    assert "does not know its key" in why
    assert "by trust/allowed_signers of audited, which is not the one here" in why


def test_a_branch_that_takes_a_revocation_back(drills, branch):
    lines = drills.line("ada@example.org", "ada"), drills.line("noor@example.org", "noor")
    drills.enrol(*lines, revoked=drills.keys.public("ada"))
    drills.pin()
    branch("mine")
    (drills.console.store.root / "trust/revoked").unlink()
    drills.write()
    drills.forge(drills.path(), "ada", EXECUTE)
    assert "trust/revoked lists its key" in drills.judged()["signature"]


def test_a_branch_that_gives_a_person_the_address_of_another_key(drills, branch):
    """Who is who is read from the trusted revision, too."""
    drills.enrol(drills.line("ada@example.org", "ada"), drills.line("guest@example.org", "guest"))
    drills.pin()
    branch("mine")
    drills.console.store.write("catalogue/people/ada.yaml", "name: Ada Example\nemails: [guest@example.org]\n")
    drills.write()
    drills.forge(drills.path(), "guest", EXECUTE)
    drills.console.store.commit("A drill")
    assert "a key of guest@example.org, not of ada@example.org" in drills.judged()["signature"]


def test_a_branch_that_makes_two_persons_of_one(drills, branch):
    branch("mine")
    store = drills.console.store
    store.write("catalogue/people/ada.yaml", "name: Ada Example\nemails: [ada@example.org]\n")
    store.write("catalogue/people/eve.yaml", "name: Eve Example\nemails: [ada@home.example]\n")
    approval = drills.proved()
    store.write(approval, store.read(approval).replace("by: noor", "by: ada@home.example"))
    drills.forge(approval, "second", APPROVE)
    assert "ada@home.example ran the drill" in drills.judged()["approval"]


def test_an_approval_by_who_ran_the_drill_under_a_second_address_and_key(drills):
    approval = drills.proved()
    drills.enrol(
        drills.line("ada@example.org", "ada"),
        drills.line("noor@example.org", "noor"),
        drills.line("ada@home.example", "second"),
    )
    drills.pin()
    store = drills.console.store
    store.write(approval, store.read(approval).replace("by: noor", "by: ada@home.example"))
    drills.forge(approval, "second", APPROVE)
    assert "ada@home.example ran the drill, and an approval is somebody else's" in drills.judged()["approval"]


def test_an_approval_by_an_address_that_is_nobodys(drills):
    """It may be a second one of who ran the drill."""
    approval = drills.proved()
    drills.enrol(drills.line("*@example.org", "ada"), drills.line("x@example.org", "second"))
    drills.pin()
    store = drills.console.store
    store.write(approval, store.read(approval).replace("by: noor", "by: x@example.org"))
    drills.forge(approval, "second", APPROVE)
    assert "x@example.org is nobody of catalogue/people" in drills.judged()["approval"]


def test_an_approval_with_the_key_that_signed_the_evidence(drills):
    """As where one key is enrolled for two persons."""
    approval = drills.proved()
    drills.enrol(drills.line("ada@example.org", "ada"), drills.line("noor@example.org", "ada"))
    drills.pin()
    drills.forge(approval, "ada", APPROVE)
    assert "signed with the key that signed the evidence" in drills.judged()["approval"]


@pytest.mark.parametrize("principal", ["ADA@home.example", "*@home.example"])
def test_an_approval_with_a_second_key_of_who_ran_the_drill(drills, principal):
    """As where whoever ran it has a key of their own, and one that they have from a colleague."""
    drills.proved()
    drills.enrol(drills.line("ada@example.org", "ada"), drills.line(f"noor@example.org,{principal}", "noor"))
    drills.pin()
    told = f"its key is also one of ada, as {principal} in trust/allowed_signers"
    assert told in drills.judged()["approval"]
    drills.write("bbbbbb")
    drills.sign("bbbbbb")
    drills.console.who = NOOR
    said = drills.console("evidence", "approve", "bbbbbb", "--key", str(drills.keys.file("noor")), code=1)
    assert f"the approval would not count: this key is also one of ada, as {principal}" in said.err


@pytest.mark.parametrize("certified", ["ada", "noor"])
def test_a_certificate_that_is_for_both(drills, certified, tmp_path):
    drills.write()
    people = {"ada": drills.keys.file("ada"), "noor": drills.keys.file("noor")}
    own = tmp_path / "both"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", own], check=True)
    names = "ada@example.org,noor@example.org"
    subprocess.run(["ssh-keygen", "-q", "-s", drills.keys.file("ca"), "-I", "x", "-n", names, f"{own}.pub"], check=True)
    people[certified] = tmp_path / "both-cert.pub"
    drills.enrol(
        drills.line("*@example.org", "ca", "cert-authority"),
        *(drills.line(f"{one}@example.org", one) for one in ("ada", "noor")),
    )
    drills.pin()
    signed(drills, drills.path(), people["ada"], EXECUTE)
    approval = "approvals/2026/approval-20261123-aaaaaa.yaml"
    text = (
        f"of: {drills.path()}\ndigest: {drills.digest('aaaaaa')}\nrole: approver\nby: noor\nat: 2026-11-23T07:10:00Z\n"
    )
    drills.console.store.write(approval, text)
    signed(drills, approval, people["noor"], APPROVE)
    assert drills.judged().keys() == {"approval"}
    assert (
        "its key is also one of" in drills.judged()["approval"] or "is also one of noor" in drills.judged()["approval"]
    )


def signed(drills, path, key, namespace):
    file = drills.console.store.root / path
    words = ["ssh-keygen", "-q", "-Y", "sign", "-f", key, "-n", namespace]
    made = subprocess.run(words, input=file.read_bytes(), capture_output=True, check=True).stdout
    drills.console.store.write(f"{path}.sig", made)


def test_evidence_that_is_signed_with_a_key_that_its_approver_has_too(drills):
    drills.proved()
    drills.enrol(drills.line("ada@example.org,noor@example.org", "ada"), drills.line("noor@example.org", "noor"))
    drills.pin()
    told = "the key that signed the evidence is also one of noor, as noor@example.org in trust/allowed_signers"
    assert told in drills.judged()["approval"]


def test_an_approval_with_that_key_in_a_signature_that_nobody_but_ssh_keygen_can_read(drills):
    """A zero byte at the end of its armour, which ssh-keygen takes for the end."""
    approval = drills.proved()
    drills.enrol(drills.line("ada@example.org", "ada"), drills.line("noor@example.org", "ada"))
    drills.pin()
    drills.forge(approval, "ada", APPROVE)
    signature = drills.console.store.root / f"{approval}.sig"
    signature.write_bytes(signature.read_bytes().replace(b"\n-----END", b"\0\n-----END"))
    assert "it is not written as ssh-keygen writes one" in drills.judged()["approval"]


def test_an_approval_by_the_witness(drills):
    drills.write(more="witness: noor\n")
    drills.sign()
    drills.console.who = ("Noor Voorbeeld", "noor@example.org")
    said = drills.console("evidence", "approve", "aaaaaa", "--key", str(drills.keys.file("noor")), code=1)
    assert "noor was its witness, and an approval is somebody else's" in said.err


def test_a_signature_of_another_evidence(drills):
    drills.proved()
    drills.write("bbbbbb", "aaaaaa")
    store = drills.console.store
    store.write(f"{drills.path('bbbbbb')}.sig", (store.root / f"{drills.path()}.sig").read_bytes())
    assert "incorrect signature" in drills.judged("bbbbbb")["signature"]


def test_an_approval_that_is_put_over_another_evidence(drills):
    approval = drills.proved()
    drills.write("bbbbbb", "aaaaaa")
    store = drills.console.store
    store.write(approval, store.read(approval).replace("aaaaaa", "bbbbbb"))
    assert "its digest differs" in drills.judged("bbbbbb")["approval"]


def test_a_copy_of_evidence_under_another_id(drills):
    """Its signature is good, of a drill that ran once; who approves it is told."""
    drills.proved()
    store = drills.console.store
    for name in ("", ".sig"):
        data = (store.root / f"{drills.path()}{name}").read_bytes()
        store.write(f"{drills.path('pppppp')}{name}", data)
    store.write(drills.path("pppppp").replace("evidence.yaml", "logs/fetch.txt"), LOG)
    store.commit("One more drill")
    wrong = drills.judged("pppppp")
    assert wrong["identity"] == "it names itself evidence-20261123-aaaaaa, so it is a copy of that"
    said = drills.console("evidence", "approve", "pppppp", "--key", str(drills.keys.file("noor")), code=1)
    assert "it names itself evidence-20261123-aaaaaa" in said.err
    assert "EVD016" in drills.console("check", code=1).out
    assert "pppppp" not in drills.console("drill", "trend", "ledger").out


def test_a_failed_drill_that_is_taken_away_and_that_a_later_one_names(drills):
    drills.proved("aaaaaa", verdict="failed")
    drills.proved("bbbbbb", "aaaaaa")
    drills.console.store.git("rm", "-r", "--quiet", drills.path().rpartition("/")[0])
    drills.console.store.commit("Tidy up")
    assert drills.judged("bbbbbb") == {"chain": "it names evidence-20261123-aaaaaa, which is not there"}


def test_a_failed_drill_that_is_taken_away_and_that_none_names(drills):
    drills.proved("aaaaaa", verdict="failed")
    drills.pin()
    drills.console.store.git("rm", "-r", "--quiet", drills.path().rpartition("/")[0])
    drills.console.store.commit("Tidy up")
    assert "audited has it, and it is not here" in drills.gaps()


def test_a_failed_drill_that_is_taken_away_before_it_was_ever_trusted(drills):
    drills.proved("aaaaaa", verdict="failed")
    drills.console.store.git("rm", "-r", "--quiet", drills.path().rpartition("/")[0])
    took = drills.console.store.commit("Tidy up")
    assert drills.gaps() == [f"commit {took[:10]} took it away"]
    said = drills.console("check", code=1).out
    assert "EVD015" in said
    assert f"evidence is missing: commit {took[:10]} took it away" in said
    assert said.count("error[EVD015]") == 1


@pytest.mark.parametrize("name", ["evidence-20261123-bbbbbb", ""], ids=["one", "the year"])
def test_a_failed_drill_that_hides_behind_a_link(drills, name):
    """Records behind links are none, although the file of that path can be read."""
    drills.proved("aaaaaa")
    drills.write("bbbbbb", verdict="failed")
    drills.pin()
    store, path = drills.console.store, f"recovery/evidence/2026/{name}".rstrip("/")
    store.git("mv", path, "recovery/old")
    (store.root / path).symlink_to("../../old" if name else "../old")
    store.commit("Tidy up")
    assert "audited has it, and it is not here" in drills.gaps()
    drills.pin()
    assert any("took it away" in gap for gap in drills.gaps())
    assert "EVD015" in drills.console("check", code=1).out


def test_a_failed_drill_that_is_left_behind_where_the_store_moves(drills, new_console):
    drills.proved("aaaaaa")
    drills.write("bbbbbb", verdict="failed")
    store = drills.console.store
    drills.console("check", code=None)  # so that the cache has the history of the store as it was
    (store.root / "ops").mkdir()
    store.git("rm", "-r", "--quiet", drills.path("bbbbbb").rpartition("/")[0])
    store.git("mv", *(one.name for one in store.root.iterdir() if one.name not in (".git", "ops")), "ops/")
    store.commit("Below the top")
    drills.pin()
    moved = new_console(StoreOnDisk(store.path, store.env, "ops"))
    whole = moved("evidence", "verify", "--json", code=4).json["completeness"]
    assert whole["standing"] == "unknown"
    left = drills.path("bbbbbb")
    why = f"{left} was taken away, and this store may have been there: git log --full-history -- :/{left}"
    assert whole["why"] == why


def test_a_failed_drill_that_becomes_another_where_the_store_moves(drills, new_console):
    drills.proved("aaaaaa", verdict="failed")
    store = drills.console.store
    below = moved_below_the_top(drills)
    path = f"ops/{drills.path()}"
    store.write(path, store.read(path).replace("verdict: failed", "verdict: passed"))
    (store.root / f"{path}.sig").unlink()
    store.commit("Below the top")
    drills.pin()
    moved = new_console(below)
    whole = moved("evidence", "verify", "--json", code=1).json["completeness"]
    assert {gap["why"] for gap in whole["gaps"]} == {
        f"it is not as it was in {drills.path()}",
        f"it is not as it was in {drills.path()}.sig",
    }


def test_an_expired_key_whose_signature_hides_behind_a_link(drills):
    """git has the link's bytes at that path, so when the signature came there is not known by it."""
    drills.write()
    drills.forge(drills.path(), "ada", EXECUTE)
    drills.enrol(
        drills.line("ada@example.org", "ada", 'valid-before="20261123064500"'), drills.line("noor@example.org", "noor")
    )
    store = drills.console.store
    (store.root / "attic").mkdir()
    (store.root / f"{drills.path()}.sig").rename(store.root / "attic/e.sig")
    (store.root / f"{drills.path()}.sig").symlink_to("../../../../attic/e.sig")
    store.commit("Tidy up")
    drills.pin()
    assert "key has expired" in drills.judged()["signature"]


def test_a_main_that_somebody_else_calls_so_makes_no_commit_older(drills):
    """`git pull THEIRS main` says that main was merged, and whoever made it chose that name."""
    store = drills.console.store
    drills.enrol(
        drills.line("ada@example.org", "ada", 'valid-before="20261123070000"'), drills.line("noor@example.org", "noor")
    )
    store.git("checkout", "--quiet", "-b", "theirs")
    drills.write()
    drills.forge(drills.path(), "ada", EXECUTE)
    store.git("add", "--all")
    store.env |= {"GIT_COMMITTER_DATE": "2026-11-23T06:45:00Z"}
    store.git("commit", "--quiet", "--message=The signature")
    del store.env["GIT_COMMITTER_DATE"]
    store.git("checkout", "--quiet", "main")
    message = "Merge branch 'main' of https://git.example.org/fork"
    store.git("merge", "--quiet", "--no-ff", "-m", message, "theirs")
    drills.pin()
    why = drills.judged(code=3)["signature"]
    assert "key has expired" in why
    assert "by another line of history it came on 2026-11-23, and which of the two was audited no merge tells" in why


@pytest.mark.parametrize(
    ("first", "message"),
    [
        ("what others shared", "Merge one change by Ada into origin/main"),
        ("what was here", "Merge remote-tracking branch 'origin/main'"),
    ],
)
def test_a_merge_of_what_others_shared_makes_no_key_younger(drills, first, message):
    """As `svcops sync` makes it, what others shared comes first; by `git pull` what was here does, and nobody knows."""
    store = drills.console.store
    start = store.head()
    trusted_before_its_key_expired(drills)
    shared = store.head()
    store.git("reset", "--quiet", "--hard", start)
    store.write("catalogue/services/payroll.yaml", "title: Payroll\nowner: platform\n")
    here = store.commit("Here")
    parents = (shared, here) if first == "what others shared" else (here, shared)
    store.git("merge", "--quiet", "--no-edit", shared)
    made = store.git("commit-tree", "-m", message, "-p", parents[0], "-p", parents[1], "HEAD^{tree}").strip()
    store.git("reset", "--quiet", "--hard", made)
    drills.pin()
    if first == "what others shared":
        drills.verify(code=0)
    else:
        why = drills.judged(code=3)["signature"]
        assert "key has expired" in why
        assert "--trusted COMMIT asks audited as it was before that merge" in why
    drills.verify("--trusted", shared, code=0)


@pytest.mark.parametrize("setting", ["diff.relative=true", "log.follow=true", "diff.orderFile=/nowhere"])
def test_what_a_person_sets_for_git_decides_nothing(drills, setting):
    drills.proved()
    drills.pin()
    drills.console.store.git("config", *setting.split("="))
    assert drills.verify(code=0)["completeness"]["standing"] == "complete"


def test_a_failed_drill_that_stays_behind_where_the_store_moves_is_no_more_in_one(drills, new_console):
    drills.proved("aaaaaa")
    drills.write("bbbbbb", verdict="failed")
    store = drills.console.store
    (store.root / "ops/recovery/evidence/2026").mkdir(parents=True)
    own = ("catalogue", "trust", "approvals", "svcops.yaml")
    store.git("mv", *(one for one in own if (store.root / one).exists()), "ops/")
    folder = drills.path().rpartition("/")[0]
    store.git("mv", folder, f"ops/{folder}")
    store.commit("Below the top")
    drills.pin()
    moved = new_console(StoreOnDisk(store.path, store.env, "ops"))
    assert moved("evidence", "verify", "--json", code=4).json["completeness"]["standing"] == "unknown"


def test_a_drill_that_others_name_and_that_never_came_is_missing_whichever_is_verified(drills):
    drills.proved("aaaaaa")
    drills.write("bbbbbb", more=f"after:\n  - id: {drills.id('zzzzzz')}\n    digest: sha256:{'0' * 64}\n")
    drills.pin()
    whole = drills.verify("aaaaaa", code=1)["completeness"]
    assert [gap["why"] for gap in whole["gaps"]] == [f"it names {drills.id('zzzzzz')}, which is not there"]


@pytest.mark.parametrize("folder", [b"A\xff", b"x'; touch PWNED; '"])
def test_what_a_folder_was_called_ends_nothing_and_breaks_out_of_no_command(drills, folder, tmp_path):
    drills.proved()
    store = drills.console.store
    place = os.path.join(os.fsencode(store.root), folder, b"recovery/evidence/2026/evidence-20261123-zzzzzz")
    os.makedirs(place)
    with open(os.path.join(place, b"evidence.yaml"), "w") as file:
        file.write("a\n")
    store.commit("Elsewhere")
    store.git("rm", "-r", "--quiet", os.fsdecode(folder))
    store.commit("And gone")
    drills.pin()
    why = drills.verify(code=4)["completeness"]["why"]
    assert shlex.split(why.partition("git log")[2])[-1].startswith(":/")
    drills.console("evidence", "bundle", "aaaaaa", "--output", str(tmp_path / "bundle"), code=4)


@pytest.mark.parametrize(
    "line",
    [
        'noor@example.org,"ada@example.org" {key}',
        '"ada@example.org,a ssh-ed25519 AAAAC3Nz b" {key}',
        'ada@example.org namespaces="svcops evidence ssh-ed25519 AAAAB3Nz,svcops-evidence-*" {key}',
    ],
)
def test_a_key_that_a_line_gives_to_both_however_it_is_written(drills, line):
    drills.write()
    drills.sign()
    drills.enrol(
        *(drills.line(f"{one}@example.org", one) for one in ("ada", "noor")),
        line.format(key=drills.keys.public("noor")),
    )
    drills.pin()
    drills.console.who = NOOR
    said = drills.console("evidence", "approve", "aaaaaa", "--key", str(drills.keys.file("noor")), code=1)
    assert "this key is also one of ada" in said.err


def test_a_key_of_both_is_told_also_after_a_record_that_was_edited(drills):
    """What was asked about a bad signature says nothing of its key."""
    for one in ("aaaaaa", "bbbbbb"):
        drills.write(one)
        drills.forge(drills.path(one), "ada", EXECUTE)
        approval = f"approvals/2026/approval-20261123-{one}.yaml"
        text = f"of: {drills.path(one)}\ndigest: {drills.digest(one)}\nrole: approver\nby: noor\nat: 2026-11-23T07:10:00Z\n"
        drills.console.store.write(approval, text)
        drills.forge(approval, "noor", APPROVE)
    first = "approvals/2026/approval-20261123-aaaaaa.yaml"
    drills.console.store.write(first, drills.console.store.read(first).replace("07:10", "07:11"))
    both = f'noor@example.org,"ada@example.org" {drills.keys.public("noor")}'
    drills.enrol(*(drills.line(f"{one}@example.org", one) for one in ("ada", "noor")), both)
    drills.pin()
    assert "its key is also one of ada" in drills.judged("bbbbbb")["approval"]


def test_evidence_whose_key_is_its_approvers_too_is_not_approved(drills):
    drills.write()
    drills.sign()
    drills.enrol(drills.line("ada@example.org,noor@example.org", "ada"), drills.line("noor@example.org", "noor"))
    drills.pin()
    drills.console.who = NOOR
    said = drills.console("evidence", "approve", "aaaaaa", "--key", str(drills.keys.file("noor")), code=1)
    assert "the key that signed the evidence is also one of noor" in said.err


def test_a_pattern_that_excludes_somebody_gives_them_no_key(drills):
    drills.write()
    drills.enrol(drills.line("*@example.org,!noor@example.org", "ada"), drills.line("noor@example.org", "noor"))
    drills.pin()
    drills.sign()
    drills.approve()
    drills.verify(code=0)


def test_all_of_recovery_that_is_taken_away(drills):
    drills.write(verdict="failed")
    drills.console.store.git("rm", "-r", "--quiet", "recovery")
    took = drills.console.store.commit("Tidy up")
    assert f"evidence is missing: commit {took[:10]} took it away" in drills.console("check", code=1).out


def test_a_failed_drill_that_a_merge_left_out(drills, branch):
    """Whose commit changes nothing: it keeps the files of one side."""
    store = drills.console.store
    branch("theirs")
    drills.write(verdict="failed")
    store.git("checkout", "--quiet", "main")
    store.git("merge", "--quiet", "--no-ff", "-s", "ours", "-m", "Merge", "theirs")
    assert drills.gaps(code=1) == ["it was committed, and is not here"]
    assert "evidence is missing: it was committed, and is not here" in drills.console("check", code=1).out


@pytest.mark.parametrize("name", ["evidence.yaml.sig", "logs/fetch.txt"])
def test_a_signature_or_a_log_that_is_taken_away_before_it_was_ever_trusted(drills, name):
    drills.proved()
    path = drills.path().replace("evidence.yaml", name)
    drills.console.store.git("rm", "--quiet", path)
    took = drills.console.store.commit("Tidy up")
    assert drills.gaps() == [f"commit {took[:10]} took it away"]
    said = drills.console("check", code=1).out
    assert "EVD015" in said
    assert path in said


def test_an_approval_or_a_signature_that_is_taken_away(drills):
    approval = drills.proved()
    drills.pin()
    drills.console.store.git("rm", "--quiet", approval, f"{approval}.sig", f"{drills.path()}.sig")
    drills.console.store.commit("Tidy up")
    assert drills.gaps() == ["audited has it, and it is not here"] * 3


def test_history_that_was_rewritten(drills):
    store = drills.console.store
    drills.proved("aaaaaa", verdict="failed")
    drills.pin()
    store.git("reset", "--quiet", "--hard", "HEAD~3")
    drills.proved("bbbbbb")
    assert any("no ancestor of HEAD" in gap and "or history was rewritten" in gap for gap in drills.gaps())


def test_history_that_was_cut_off(drills):
    drills.proved("aaaaaa", verdict="failed")
    drills.pin()
    drills.console.store.git("reset", "--quiet", "--hard", "HEAD~3")
    assert any("HEAD lies before audited" in gap for gap in drills.gaps())


def test_a_commit_that_stands_in_for_the_trusted_one(drills):
    """git replace puts another commit in its place, for everybody who does not say that it may not."""
    store = drills.console.store
    drills.write()
    drills.forge(drills.path(), "mallory", EXECUTE)
    drills.enrol(drills.line("ada@example.org", "mallory"))
    store.git("replace", "audited", "HEAD")
    assert "does not know its key" in drills.judged()["signature"]


def test_a_graft_that_joins_a_history_to_the_trusted_one(drills):
    """Older than git replace, and to the same end: parents that a commit never had."""
    store = drills.console.store
    drills.proved()
    drills.pin()
    tree = store.git("rev-parse", "HEAD^{tree}").strip()
    root = store.git("commit-tree", "-m", "Anew", tree).strip()
    store.git("reset", "--quiet", "--hard", root)
    (store.git_dir / "info").mkdir(exist_ok=True)
    (store.git_dir / "info/grafts").write_text(f"{root} {store.git('rev-parse', 'audited').strip()}\n")
    assert any("no ancestor of HEAD: history was rewritten" in gap for gap in drills.gaps())


def test_a_tag_with_the_name_of_the_trusted_branch(drills, branch, tmp_path):
    """Whoever may push may push it, and git takes a tag before the branch of a remote."""
    store = drills.console.store
    store.git("init", "--quiet", "--bare", str(tmp_path / "host"))
    store.git("remote", "add", "origin", str(tmp_path / "host"))
    store.git("push", "--quiet", "origin", "main")
    store.git("config", "svcops.trusted", "origin/main")
    branch("feature")
    drills.enrol(drills.line("ada@example.org", "mallory"), drills.line("noor@example.org", "mallory"))
    drills.write()
    drills.forge(drills.path(), "mallory", EXECUTE)
    store.commit("A drill")
    store.git("tag", "origin/main", "feature")
    assert "does not know its key" in drills.judged()["signature"]


def test_evidence_and_commit_that_are_dated_back(drills, branch):
    drills.enrol(drills.line("ada@example.org", "ada", 'valid-before="20261120000000"'))
    drills.pin()
    branch("mine")
    store = drills.console.store
    drills.write()
    store.write(drills.path(), store.read(drills.path()).replace("2026-11-23T", "2026-11-10T"))
    drills.forge(drills.path(), "ada", EXECUTE)
    store.env |= {f"GIT_{who}_DATE": "2026-11-10T07:00:00Z" for who in ("AUTHOR", "COMMITTER")}
    store.git("add", "--all")
    store.git("commit", "--quiet", "--amend", "--no-edit", "--reset-author")
    assert "key has expired" in drills.judged()["signature"]


def test_a_commit_that_is_dated_back_and_trusted_makes_no_key_younger_than_the_drill(drills):
    """Who merges it sees a drill of today, and no reason to look at the clock of the commit."""
    drills.enrol(
        drills.line("ada@example.org", "ada", 'valid-before="20261123000000"'), drills.line("noor@example.org", "noor")
    )
    store = drills.console.store
    drills.write()
    drills.forge(drills.path(), "ada", EXECUTE)
    store.git("add", "--all")
    store.env |= {f"GIT_{who}_DATE": "2026-11-10T07:00:00Z" for who in ("AUTHOR", "COMMITTER")}
    store.git("commit", "--quiet", "--message=The signature")
    drills.pin()
    assert "key has expired" in drills.judged()["signature"]


def test_who_is_nobody_any_more_approves_nothing_new(drills):
    drills.write()
    drills.sign()
    drills.console.store.git("rm", "--quiet", "catalogue/people/noor.yaml")
    drills.console.store.commit("Noor left")
    drills.pin()
    drills.console.who = NOOR
    drills.console("evidence", "approve", "aaaaaa", "--key", str(drills.keys.file("noor")), code=None)
    assert "approval" in drills.judged()


def test_a_tag_with_the_name_of_a_trusted_branch_that_is_not_here(drills):
    store = drills.console.store
    drills.proved()
    store.git("remote", "add", "origin", "https://git.example.org/ops.git")
    store.git("tag", "origin/main")
    said = drills.console("evidence", "verify", "--trusted", "origin/main", code=2)
    assert "there is no revision origin/main" in said.err

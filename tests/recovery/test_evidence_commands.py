"""Listing, signing and approving evidence: what is written, who may, and what is said where it would not count."""

import os

import pytest
from tests.conftest import ADA, NOOR, StoreOnDisk

from svcops.trust.keys import key_of


def sign(drills, key="ada", code=0, *more):
    drills.console.who = ADA
    return drills.console("evidence", "sign", "aaaaaa", "--key", str(drills.keys.file(key)), *more, code=code)


def approve(drills, key="noor", code=0, who=NOOR):
    drills.console.who = who
    return drills.console("evidence", "approve", "aaaaaa", "--key", str(drills.keys.file(key)), code=code)


def test_signing_puts_one_file_beside_the_evidence_in_one_commit(drills):
    drills.write()
    assert sign(drills).id == "evidence-20261123-aaaaaa"
    assert drills.console.store.committed() == {f"{drills.path()}.sig": "A"}
    assert drills.console("check").code == 0


def test_approving_writes_an_approval_with_its_signature_in_one_commit(drills):
    drills.write()
    sign(drills)
    approval = f"approvals/2026/{approve(drills).id}.yaml"
    assert drills.console.store.committed() == {approval: "A", f"{approval}.sig": "A"}
    text = drills.console.store.read(approval)
    assert "role: approver\nby: noor\n" in text
    assert f"digest: {drills.digest('aaaaaa')}" in text
    assert drills.console("check").code == 0


def test_the_check_finds_nothing_and_starts_no_ssh_keygen(drills, monkeypatch, tmp_path):
    """However many signatures there are: they are verified where somebody asks for it."""
    drills.proved()
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))  # git is found by the store's own environment
    drills.console("evidence", "verify", code=3)
    assert drills.console("check").out.startswith("All good")


def test_evidence_is_signed_by_who_ran_the_drill_alone(drills):
    drills.write()
    drills.console.who = NOOR
    said = drills.console("evidence", "sign", "aaaaaa", "--key", str(drills.keys.file("noor")), code=1)
    assert "ada ran this drill, and you are noor" in said.err
    assert "svcops evidence approve aaaaaa" in said.err


def test_what_is_not_committed_is_not_signed(drills):
    drills.write()
    store = drills.console.store
    store.write(drills.path(), store.read(drills.path()).replace("12m", "2m"))
    assert "is not committed as it is" in sign(drills, code=3).err


@pytest.mark.parametrize(
    ("was", "now", "why"),
    [
        ("id: evidence-20261123-aaaaaa\n", "", "it does not name itself"),
        ("id: evidence-20261123-aaaaaa", "id: evidence-20261123-bbbbbb", "it names itself evidence-20261123-bbbbbb"),
        ("ended_at: '2026", "ended_at: '2027", "ends in the future, at 2027-11-23T06:30:00Z"),
    ],
    ids=["without an id", "with another id", "that is not over"],
)
def test_evidence_that_cannot_be_what_it_says_is_neither_signed_nor_approved(drills, was, now, why):
    drills.write()
    store = drills.console.store
    store.write(drills.path(), store.read(drills.path()).replace(was, now, 1))
    store.commit("As no drill leaves it")
    assert why in sign(drills, code=1).err
    assert why in approve(drills, code=1).err


@pytest.mark.parametrize(
    ("was", "now"),
    [
        ("by: ada", "by: ada # at night"),
        ("    log: logs/fetch.txt\n", "    log: logs/fetch.txt # long\n"),
        ("  - name: fetch\n", "- name: fetch\n"),
        ("stages:\n", "stages: # all\n"),
        ("    log: logs/fetch.txt\n", "    log:\n      logs/fetch.txt\n"),
        ("    digest: sha256", "    digest: \n      sha256"),
        ("verdict: passed", "verdict:\n  passed"),
        ("  - name: fetch\n", "      - name: fetch\n"),
        ("by: ada\n", "by: Ada Example\n"),
        ("by: ada\n", "by: Ada <ada@example.org>\n"),
    ],
)
def test_what_the_script_of_a_bundle_would_not_read_is_not_signed(drills, was, now):
    store = drills.console.store
    drills.write()
    text = store.read(drills.path())
    if now.endswith("- name: fetch\n"):
        text = text.replace("\n    ", "\n  " if now.startswith("-") else "\n        ")
    assert was in text
    store.write(drills.path(), text.replace(was, now))
    store.commit("By hand")
    said = sign(drills, code=1).err
    assert "by: Ada" in now or "is not written as svcops writes it" in said
    assert "the script of a bundle" in said
    drills.forge(drills.path(), "ada", "svcops-evidence-execute@v1")
    store.commit("Signed by hand")
    assert "the script of a bundle" in approve(drills, code=1).err


def test_what_the_script_reads_past_may_be_written_in_any_way(drills):
    store = drills.console.store
    drills.write()
    text = store.read(drills.path()).replace("rto: 12m", "# by the clock on the wall\nrto: '12m' # about")
    store.write(drills.path(), text)
    store.commit("By hand")
    sign(drills)


def test_what_git_holds_with_other_line_ends_is_not_signed(drills):
    store = drills.console.store
    store.write(".gitattributes", "*.yaml text eol=lf\n")
    drills.write()
    path = store.root / drills.path()
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    store.git("add", "--all")
    assert "has other bytes in git than here" in sign(drills, code=3).err


def test_a_revision_whose_name_is_no_text_is_none(drills):
    drills.write()
    drills.console.store.git("config", "svcops.trusted", os.fsdecode(b"\xff"))
    assert "there is no revision" in drills.console("evidence", "verify", code=2).err


def test_evidence_is_signed_once(drills):
    drills.write()
    sign(drills)
    assert "is signed already" in sign(drills, code=1).err


def test_a_signature_that_is_no_good_is_made_anew(drills):
    drills.write()
    drills.forge(drills.path(), "mallory", "svcops-evidence-execute@v1")
    drills.console.store.commit("A signature")
    sign(drills)
    assert drills.judged(code=4) == {"approval": "no approval of it is here"}


def test_a_key_that_nobody_knows_is_refused_with_the_line_that_enrols_it(drills):
    drills.write()
    said = sign(drills, "mallory", 1)
    assert "the signature would not count" in said.err
    assert 'namespaces="svcops-evidence-*"' in said.err


def test_a_key_that_this_branch_enrols_signs_and_counts_once_it_is_trusted(drills):
    drills.enrol(drills.line("ada@example.org", "new"), drills.line("noor@example.org", "noor"))
    drills.write()
    assert "it counts once audited has trust/allowed_signers" in sign(drills, "new").err
    assert "does not know its key" in drills.judged()["signature"]
    drills.pin()
    assert drills.judged(code=4) == {"approval": "no approval of it is here"}


def test_a_revoked_key_signs_nothing(drills):
    lines = drills.line("ada@example.org", "ada"), drills.line("noor@example.org", "noor")
    drills.enrol(*lines, revoked=drills.keys.public("ada"))
    drills.pin()
    drills.write()
    assert "A revoked key never counts again" in sign(drills, code=1).err


def test_over_a_list_of_revoked_keys_that_is_damaged_nothing_is_known(drills):
    drills.proved()
    lines = drills.line("ada@example.org", "ada"), drills.line("noor@example.org", "noor")
    drills.enrol(*lines, revoked="nonsense\n")
    drills.pin()
    assert "trust/revoked is damaged" in drills.judged(code=3)["signature"]
    drills.console.store.git("rm", "--quiet", f"{drills.path()}.sig")
    drills.console.store.commit("Unsigned")
    assert "trust/revoked is damaged" in sign(drills, code=3).err


def test_who_ran_the_drill_approves_nothing_of_it(drills):
    drills.write()
    sign(drills)
    said = approve(drills, "ada", 1, ("Ada at home", "ada@home.example"))
    assert "ada ran this drill, and an approval is somebody else's" in said.err


def test_nobody_of_the_catalogue_approves_nothing(drills):
    drills.write()
    said = approve(drills, code=1, who=("X", "x@example.org"))
    assert "x@example.org is nobody of catalogue/people" in said.err


def test_the_key_of_who_ran_the_drill_approves_nothing(drills):
    drills.enrol(drills.line("ada@example.org", "ada"), drills.line("noor@example.org", "ada"))
    drills.pin()
    drills.write()
    sign(drills)
    assert "this key signed the evidence, as ada" in approve(drills, "ada", 1).err


def test_nobody_approves_what_does_not_hold(drills):
    drills.write()
    drills.console.store.write(drills.path().replace("evidence.yaml", "logs/fetch.txt"), "All well\n")
    assert "logs/fetch.txt was changed" in approve(drills, code=1).err


def test_evidence_is_approved_once_by_each(drills):
    drills.proved()
    assert "noor has approved evidence-20261123-aaaaaa already" in approve(drills, code=1).err


def test_without_a_pin_nobody_can_tell_whether_any_is_missing(drills):
    drills.proved()
    drills.console.store.git("config", "--unset", "svcops.trusted")
    said = drills.verify(code=4)
    assert said["evidence"][0]["standing"] == "good"
    assert said["completeness"]["standing"] == "unknown"
    assert "no trusted revision is set" in said["completeness"]["why"]


@pytest.mark.parametrize("revision", ["HEAD", "main", "@", "HEAD~1", "main^{commit}"])
def test_what_is_checked_out_pins_nothing(drills, revision):
    """Every commit made here moves it, also one that brings its own keys."""
    drills.proved()
    said = drills.verify("--trusted", revision, code=4)
    assert "moves with every commit made here" in said["completeness"]["why"]


def test_a_revision_that_is_not_there_is_named(drills):
    drills.write()
    said = drills.console("evidence", "verify", "--trusted", "origin/main", code=2)
    assert "there is no revision origin/main, which --trusted names" in said.err


@pytest.mark.parametrize("made", [("branch",), ("update-ref", "refs/remotes/audited/HEAD", "HEAD")])
def test_a_revision_of_whose_name_there_are_two_is_none(drills, made):
    drills.proved()
    drills.console.store.git(*made, *(["audited"] if len(made) == 1 else []))
    said = drills.console("evidence", "verify", code=2).err
    assert "audited may be any of refs/tags/audited, refs/" in said
    drills.verify("--trusted", "refs/tags/audited", code=0)


def test_a_commit_is_no_tag_that_has_the_beginning_of_its_id_for_a_name(drills):
    store = drills.console.store
    drills.pin()
    commit = store.git("rev-parse", "HEAD").strip()
    drills.proved()
    store.git("tag", commit[:8])
    assert "may be any of" in drills.console("evidence", "verify", "--trusted", commit[:8], code=2).err
    store.git("tag", commit)
    assert drills.verify("--trusted", commit, code=0)["completeness"]["commit"] == commit
    store.git("tag", "--delete", commit[:8])
    assert drills.verify("--trusted", commit[:8], code=0)["completeness"]["commit"] == commit


@pytest.mark.parametrize("revision", ["FETCH_HEAD", "refs/remotes/origin/main", "audited-3-g{commit}"])
def test_what_moves_by_itself_or_is_described_is_no_revision(drills, revision):
    store = drills.console.store
    drills.proved()
    store.git("fetch", "--quiet", str(store.path), "main")
    store.git("tag", "refs/remotes/origin/main")
    revision = revision.format(commit=store.git("rev-parse", "HEAD").strip()[:10])
    assert "there is no revision" in drills.console("evidence", "verify", "--trusted", revision, code=2).err


def test_what_looks_like_an_option_is_a_revision(drills):
    drills.write()
    assert "there is no revision --all" in drills.console("evidence", "verify", "--trusted=--all", code=2).err


def test_a_shallow_clone_says_that_it_cannot_tell(drills, new_console, tmp_path):
    drills.proved()
    store = drills.console.store
    store.git("clone", "--quiet", "--depth=1", f"file://{store.path}", str(tmp_path / "clone"))
    said = new_console(StoreOnDisk(tmp_path / "clone", store.env))("evidence", "verify", "--json", code=4).json
    assert said["completeness"]["standing"] == "unknown"


@pytest.mark.parametrize("option", ['valid-after="20261123070000"', 'valid-before="20261123070000"'])
def test_a_shallow_clone_does_not_know_when_a_signature_came_and_so_not_whether_its_key_was_good(
    drills, new_console, tmp_path, option
):
    line = drills.line("ada@example.org", "ada", option)
    drills.proved()
    drills.enrol(line, drills.line("noor@example.org", "noor"))
    drills.pin()
    store = drills.console.store
    store.git("clone", "--quiet", "--depth=1", "--branch=audited", f"file://{store.path}", str(tmp_path / "clone"))
    clone = new_console(StoreOnDisk(tmp_path / "clone", store.env))
    (one,) = clone("evidence", "verify", "--trusted", "audited", "--json", code=3).json["evidence"]
    assert one["signature"]["standing"] == "unknown"
    assert "when it came to audited cannot be told: this is a shallow clone" in one["signature"]["why"]


def test_the_branch_that_this_one_follows_is_a_pin(drills):
    store = drills.console.store
    drills.proved()
    store.git("remote", "add", "origin", "https://git.example.org/ops.git")
    store.git("update-ref", "refs/remotes/origin/main", "HEAD")
    store.git("config", "branch.main.remote", "origin")
    store.git("config", "branch.main.merge", "refs/heads/main")
    assert drills.verify("--trusted", "@{upstream}", code=0)["completeness"]["standing"] == "complete"


def test_a_store_below_the_top_of_its_repository(new_store, new_console, keys):
    from tests.recovery.conftest import Drills

    store = new_store(below="ops")
    root, inner = store.root, new_console(store)
    write = store.write
    store.write = lambda path, text: write(f"ops/{path}", text)
    store.write("catalogue/people/ada.yaml", "name: Ada Example\nemails: [ada@example.org]\n")
    store.write("catalogue/people/noor.yaml", "name: Noor Voorbeeld\nemails: [noor@example.org]\n")
    drills = Drills(inner, keys)
    drills.enrol(drills.line("ada@example.org", "ada"), drills.line("noor@example.org", "noor"))
    drills.proved()
    drills.pin()
    assert (root / drills.path()).is_file()
    assert drills.verify(code=0)["completeness"]["standing"] == "complete"


def test_evidence_is_listed_the_newest_first_and_shown(drills):
    drills.proved()
    drills.write("bbbbbb", "aaaaaa", verdict="failed")
    listed = drills.console("evidence", "list", "--quiet").out.split()
    assert sorted(listed) == ["evidence-20261123-aaaaaa", "evidence-20261123-bbbbbb"]
    assert drills.console("evidence", "list", "--verdict", "failed", "--quiet").id == "evidence-20261123-bbbbbb"
    (one,) = drills.console("evidence", "list", "--verdict", "passed", "--json").json["evidence"]
    assert (one["signed"], one["approved_by"], one["rto"]) == (True, ["noor"], "12m")
    shown = drills.console("evidence", "show", "bbbbbb").out
    assert "after        evidence-20261123-aaaaaa" in shown
    assert "there is no recovery plan 'leger'" in drills.console("evidence", "list", "--plan", "leger", code=2).err


def test_a_person_reads_the_reason_of_what_is_not_good(drills):
    drills.proved()
    drills.write("bbbbbb", "aaaaaa")
    said = drills.console("evidence", "verify", code=4).out
    assert "evidence-20261123-aaaaaa (passed) stands: signed by ada, approved by noor\n" in said
    assert "evidence-20261123-bbbbbb (passed) is not proved\n  signature    not there: it is not signed\n" in said
    assert said.endswith("completeness: nothing is missing\n")


def test_damaged_evidence_is_named(drills):
    drills.proved()
    drills.write("bbbbbb", "aaaaaa")
    drills.console.store.write(drills.path("bbbbbb"), ": no record\n")
    assert drills.path("bbbbbb") in drills.console("evidence", "verify", code=1).err
    assert "is damaged" in drills.console("evidence", "show", "bbbbbb", code=2).err


def test_the_check_finds_evidence_that_a_later_commit_changed(drills):
    drills.write()
    store = drills.console.store
    store.write(drills.path(), store.read(drills.path()).replace("12m", "2m"))
    commit = store.commit("A better figure")
    said = drills.console("check", code=1).out
    assert "EVD012" in said
    assert f"it was changed after it was committed, and evidence is written once ({commit[:10]})" in said


def test_a_signature_whose_evidence_is_gone_is_found(drills):
    drills.proved()
    (drills.console.store.root / drills.path()).unlink()
    assert "a signature, and the record that it signs is not there" in drills.console("check", code=1).out


def test_two_signatures_of_one_key_are_told_by_its_fields_whatever_they_sign(drills):
    first, second = (drills.keys.sign("ada", data, name) for data, name in ((b"a", "x"), (b"b", "y")))
    assert key_of(first) == key_of(second) != key_of(drills.keys.sign("noor", b"a", "x"))
    assert key_of(first)[0] == b"ssh-ed25519"


@pytest.mark.parametrize("text", [b"", b"nonsense", b"-----BEGIN SSH SIGNATURE-----\n!\n-----END SSH SIGNATURE-----"])
def test_what_is_no_signature_has_no_key(text):
    assert key_of(text) is None


def test_a_key_that_is_somebody_elses_or_has_ended_is_never_one_to_be_enrolled(drills):
    drills.write()
    said = drills.console("evidence", "sign", "aaaaaa", "--key", str(drills.keys.file("noor")), code=1).err
    assert "it was made with a key of noor@example.org, not of ada@example.org" in said
    assert "Sign with a key of your own" in said
    drills.enrol(
        drills.line("ada@example.org", "ada", 'valid-before="20261101"'), drills.line("noor@example.org", "noor")
    )
    drills.pin()
    ended = drills.console("evidence", "sign", "aaaaaa", "--key", str(drills.keys.file("ada")), code=1).err
    assert "the line of this one stays as it is" in ended
    assert "printf" not in said + ended

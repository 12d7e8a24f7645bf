"""What leaves the store: a bundle that an auditor verifies without svcops, and a Statement of in-toto."""

import json
import shutil
import subprocess
from datetime import UTC, datetime
from hashlib import sha256

import pytest
from tests.recovery.conftest import LOG

from svcops.recovery.model import CaseResult, Evidence, StageResult
from svcops.store.recording import bytes_of
from svcops.trust.signatures import APPROVE, EXECUTE


@pytest.fixture(scope="module")
def mould(tmp_path_factory):
    """Where the bundle that tests begin with is made once."""
    return tmp_path_factory.mktemp("mould") / "bundle"


@pytest.fixture
def bundle(drills, mould, tmp_path):
    """A bundle of two drills, of which the second comes after the first; nothing is missing."""
    if not mould.exists():
        drills.proved()
        drills.proved("bbbbbb", "aaaaaa", verdict="failed")
        bundled(drills, mould, "aaaaaa", "bbbbbb")
    return shutil.copytree(mould, tmp_path / "bundle")


def bundled(drills, folder, *tails, code=0):
    drills.console("evidence", "bundle", *tails, "--output", str(folder), code=code)
    return folder


@pytest.fixture
def audit(tmp_path):
    """Runs the script of a bundle where there is little but sha256sum and ssh-keygen."""
    tools = tmp_path / "tools"
    tools.mkdir()
    for name in ("sh", "sha256sum", "ssh-keygen", "awk", "cut", "tr", "mktemp", "rm"):
        (tools / name).symlink_to(shutil.which(name))

    def run(folder, *arguments):
        words = [str(tools / "sh"), str(folder / "verify.sh"), *map(str, arguments)]
        done = subprocess.run(words, env={"PATH": str(tools)}, cwd="/", capture_output=True, text=True, check=False)
        return done.returncode, done.stdout, done.stderr

    return run


def file(folder, tail, name):
    return folder / "evidence" / f"evidence-20261123-{tail}" / name


def change(path, was, now):
    text = path.read_text()
    assert was in text
    path.write_text(text.replace(was, now, 1))


def signed_anew(drills, path, key, purpose, was, now):
    """A record that is other than it was, with a good signature of it."""
    change(path, was, now)
    path.with_name(f"{path.name}.sig").write_bytes(drills.keys.sign(key, path.read_bytes(), purpose))


def renew_sums(folder):
    """What an attacker does: the list against damage on the way is as good as new."""
    listed = [line.partition("  ")[2] for line in (folder / "SHA256SUMS").read_text().splitlines()]
    there = [name for name in listed if (folder / name).exists()]
    sums = subprocess.run(["sha256sum", *there], cwd=folder, capture_output=True, check=True).stdout
    (folder / "SHA256SUMS").write_bytes(sums)


def test_a_bundle_is_verified_by_ssh_keygen_and_sha256sum(bundle, audit):
    code, said, errors = audit(bundle)
    assert (code, errors) == (0, "")
    assert "passed: signed by ada (ada@example.org), approved by noor (noor@example.org)\n" in said
    assert said.endswith("All of it holds, keys judged as of now.\n")


def test_what_the_auditor_got_another_way_is_used_and_told_apart(bundle, audit, drills, tmp_path):
    """By its digest each list can be compared over the telephone."""
    mine, revoked = tmp_path / "mine", tmp_path / "revoked"
    mine.write_text(drills.line("ada@example.org", "mallory"))
    assert "NOT ALL OF IT HOLDS" in audit(bundle, mine)[1]
    mine.write_text(f"{drills.line('ADA@example.org', 'ada')}\n{drills.line('noor@example.org', 'noor')}\n")
    revoked.write_text("")
    code, said, _ = audit(bundle, mine, revoked)
    assert code == 0
    digest = sha256(mine.read_bytes()).hexdigest()
    assert f"signers: {mine}, which you named, SHA-256 {digest}\n" in said
    assert f"revoked: {revoked}, which you named, SHA-256 " in said
    assert "person: people/ada.yaml, the bundle's own, SHA-256 " in said
    revoked.write_text(drills.keys.public("ada"))
    assert audit(bundle, mine, revoked)[0] == 1
    people = drills.console.store.root / "catalogue/people"
    revoked.write_text("")
    assert f"person: {people}/noor.yaml, which you named, SHA-256 " in audit(bundle, mine, revoked, people)[1]
    code, said, wrong = audit(bundle, mine, tmp_path / "nothing")
    assert (code, said) == (2, ""), "no signature is said to be wrong"
    assert "nothing: it cannot be read; in place of a list that is nowhere: /dev/null" in wrong
    assert "/dev/null, as there is no trust/revoked, and" in (bundle / "README.txt").read_text()
    assert audit(bundle, mine, "/dev/null", people)[0] == 0


APPROVAL = "approval.yaml", "noor", APPROVE
EVIDENCE = "evidence.yaml", "ada", EXECUTE


@pytest.mark.parametrize(
    ("name", "was", "now", "why"),
    [
        ("evidence.yaml", "12m", "2m", "incorrect signature"),
        ("logs/fetch.txt", "14", "15", "logs/fetch.txt is not there as it was"),
        ("approval.yaml", "by: noor", "by: kim", "who kim is cannot be told by people"),
        ("approval.yaml.sig", "BEGIN", "", "is not signed by noor"),
    ],
)
def test_a_bundle_that_was_tampered_with_does_not_hold(bundle, audit, name, was, now, why):
    change(file(bundle, "bbbbbb", name), was, now)
    renew_sums(bundle)
    code, said, _ = audit(bundle)
    assert code == 1
    assert why in said


@pytest.mark.parametrize(
    ("signed", "was", "now", "why"),
    [
        (EVIDENCE, "by: ada", "by: noor", "is not signed by noor (addresses: noor@example.org"),
        (EVIDENCE, "by: ada", "by: ada\nby: noor", "is not written as svcops writes it"),
        (EVIDENCE, "by: ada", "'by': ada", "is not written as svcops writes it"),
        (
            EVIDENCE,
            "id: evi",
            ' verdict: failed\n by: ada\n scenario: "x\nid: evi',
            "is not written as svcops writes it",
        ),
        (EVIDENCE, "by: ada", "by: ada\nwitness: noor@example.org", "its witness approved it: noor"),
        (EVIDENCE, "id: evidence-20261123-bbbbbb", "id: evidence-20261123-cccccc", "is of another id"),
        (EVIDENCE, "id: evidence-20261123-bbbbbb\n", "", "is of another id"),
        (EVIDENCE, "log: logs/fetch.txt", "log: logs/../people", "a log that is none"),
        (EVIDENCE, "log: logs/fetch.txt", "log: logs/other.txt", "logs/other.txt is not there as it was"),
        (
            EVIDENCE,
            f"digest: sha256:{sha256(LOG).hexdigest()}",
            "digest: sha256:unreadable",
            "fetch.txt is not there as it was",
        ),
        (EVIDENCE, "    digest: sha256", "    text: sha256", "logs/fetch.txt is not there as it was"),
        (EVIDENCE, "log: logs/fetch.txt", "log:\n      logs/fetch.txt", "is not written as svcops writes it"),
        (EVIDENCE, "    digest: sha256", "    digest: \n      sha256", "is not written as svcops writes it"),
        (EVIDENCE, "by: ada", "by: ada\nwitness:\n  noor", "is not written as svcops writes it"),
        (EVIDENCE, "verdict: failed", "verdict: \n  failed", "is not written as svcops writes it"),
        (EVIDENCE, "  - name: fetch", "      - name: fetch", "is not written as svcops writes it"),
        (EVIDENCE, "stages:", "stages: [{log: logs/x}]\ncases:", "is not written as svcops writes it"),
        (EVIDENCE, "after:", "after: [{id: x}]\nscope:", "is not written as svcops writes it"),
        (EVIDENCE, "  - id: evidence-20261123-aaaaaa", "  - {id: x}", "is not written as svcops writes it"),
        (EVIDENCE, "  - id: evidence-20261123-aaaaaa", "  - id: evidence-20261123-../x", "names what is no id"),
        (APPROVAL, "bbbbbb", "aaaaaa", "the approval is of another evidence"),
        (APPROVAL, "role: approver", "role: reviewer", "the approval is no approver's"),
        (APPROVAL, "by: noor", "by: ada@example.org", "is not signed by ada"),
        (APPROVAL, "digest: sha256:", "digest: sha256:00", "the approval is of other bytes"),
    ],
)
def test_what_was_signed_and_is_not_so_does_not_hold(bundle, audit, drills, signed, was, now, why):
    """Of what nobody signed nothing is left that could say otherwise."""
    name, key, purpose = signed
    signed_anew(drills, file(bundle, "bbbbbb", name), key, purpose, was, now)
    renew_sums(bundle)
    code, said, _ = audit(bundle)
    assert code == 1
    assert why in said
    assert said.count(": signed by ada") == 1, "that of the other, which holds"


def test_the_evidence_of_one_that_another_signed_does_not_hold(bundle, audit, drills):
    drills.keys.public("noor")
    signed_anew(drills, file(bundle, "bbbbbb", "evidence.yaml"), "noor", EXECUTE, "12m", "2m")
    renew_sums(bundle)
    code, said, _ = audit(bundle)
    assert code == 1
    assert "is not signed by ada (addresses: ada@example.org" in said


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        (["ada@example.org,noor@example.org {ada}"], "one key signed both"),
        (["ada@example.org {ada}", "noor@example.org {ada}"], "one key signed both"),
        (["ada@example.org {ada}", "noor@example.org,ada@home.example {noor}"], "the approval's key is also ada's"),
        (
            ["ada@example.org {ada}", "noor@example.org {noor}", "ada@home.example {noor}"],
            "the approval's key is also ada's",
        ),
        (["ada@example.org {ada}", "*@EXAMPLE.org,noor@example.org {noor}"], "the approval's key is also ada's"),
        (["ada@example.org,Noor@example.org {ada}", "noor@example.org {noor}"], "the evidence's key is also noor's"),
    ],
)
def test_a_key_that_is_given_to_both_persons_does_not_hold(bundle, audit, drills, lines, why):
    keys = {name: drills.keys.public(name) for name in ("ada", "noor")}
    (bundle / "signers").write_text("".join(f"{line.format(**keys)}\n" for line in lines))
    if why == "one key signed both":
        signed_anew(drills, file(bundle, "bbbbbb", "approval.yaml"), "ada", APPROVE, "", "")
    renew_sums(bundle)
    code, said, _ = audit(bundle)
    assert code == 1
    assert why in said


@pytest.mark.parametrize(
    ("person", "text", "why"),
    [
        (
            "noor",
            "name: Noor\nemails:\n  - noor@example.org\n  - Ada@Home.example\n",
            "have one address: ada@home.example",
        ),
        ("noor", "name: Noor\nemails: []  # noor@example.org\n", "is not signed by noor (addresses: none)"),
        ("noor", "name: Noor\ncontacts: [noor@example.org]\n", "is not signed by noor (addresses: none)"),
        ("ada", None, "who ada is cannot be told"),
    ],
)
def test_addresses_are_those_of_the_persons_that_the_records_name(bundle, audit, person, text, why):
    record = bundle / f"people/{person}.yaml"
    record.unlink()
    if text is not None:
        record.write_text(text)
    renew_sums(bundle)
    code, said, _ = audit(bundle)
    assert code == 1
    assert why in said


@pytest.mark.parametrize("by", ["NOOR", "Noor <noor@example.org>", "noor # me"])
def test_a_bundle_whose_script_does_not_agree_is_written_and_that_is_said(drills, tmp_path, by):
    approval = drills.proved()
    store = drills.console.store
    store.write(approval, store.read(approval).replace("by: noor\n", f"by: {by}\n"))
    drills.forge(approval, "noor", APPROVE)
    store.commit("By hand")
    drills.pin()
    drills.verify(code=0)
    said = drills.console("evidence", "bundle", "aaaaaa", "--output", str(tmp_path / "new"), code=1).err
    assert "verify.sh, run over it here, as of now, does not agree: " in said


def test_what_a_file_of_people_is_called_hides_no_evidence(bundle, audit, drills):
    """As of `x=y` awk would take the name for a variable, and read the list of evidence in its place."""
    (bundle / "people/q=1.yaml").write_text("name: Q\nemails: [q@example.org]\n")
    signed_anew(
        drills, file(bundle, "aaaaaa", "evidence.yaml"), "ada", EVIDENCE[2], "by: ada\n", "by: ada@example.org\n"
    )
    renew_sums(bundle)
    code, said, _ = audit(bundle)
    assert code == 1, "as the approval was of other bytes"
    assert "evidence-20261123-bbbbbb" in said.splitlines()


def test_an_address_with_an_apostrophe_is_one(bundle, audit, drills):
    for name in ("people/noor.yaml", "signers"):
        change(bundle / name, "noor@example.org", "o'noor@example.org")
    renew_sums(bundle)
    code, said, _ = audit(bundle)
    assert code == 0, said
    assert "approved by noor (o'noor@example.org)" in said


def test_one_person_under_two_names_of_which_one_is_an_address_does_not_hold(bundle, audit, drills):
    (bundle / "signers").write_text(
        f"{drills.line('ada@example.org', 'ada')}\n{drills.line('ada@home.example', 'second')}\n"
    )
    signed_anew(drills, file(bundle, "bbbbbb", "approval.yaml"), "second", APPROVE, "by: noor", "by: ada@home.example")
    renew_sums(bundle)
    code, said, _ = audit(bundle)
    assert code == 1
    assert "who ran it approved it: ada" in said


def test_without_people_an_address_is_nobodys(bundle, audit, drills, tmp_path):
    signed_anew(drills, file(bundle, "bbbbbb", "approval.yaml"), "noor", APPROVE, "by: noor", "by: noor@example.org")
    renew_sums(bundle)
    assert audit(bundle)[0] == 0
    (tmp_path / "people").mkdir()
    shutil.copy(bundle / "people/ada.yaml", tmp_path / "people")
    code, said, _ = audit(bundle, bundle / "signers", bundle / "revoked", tmp_path / "people")
    assert code == 1
    assert f"who noor@example.org is cannot be told by {tmp_path}/people" in said
    (tmp_path / "people/ada.yaml").unlink()
    assert (
        f"who noor@example.org is cannot be told by {tmp_path}/people"
        in audit(bundle, bundle / "signers", bundle / "revoked", tmp_path / "people")[1]
    )


def test_keys_are_judged_as_of_now_and_of_another_time_where_the_auditor_says_so(bundle, audit, drills, tmp_path):
    mine = tmp_path / "mine"
    lines = (
        drills.line("ada@example.org", "ada", 'valid-before="20261123063001"'),
        drills.line("noor@example.org", "noor"),
    )
    mine.write_text("".join(f"{line}\n" for line in lines))
    code, said, _ = audit(bundle, mine)
    assert code == 1
    assert "key has expired" in said
    assert audit(bundle, "-t", "2026-11-24", mine)[0] == 1
    code, said, _ = audit(bundle, "-t", "2026-11-23", mine)
    assert code == 0
    assert said.endswith("All of it holds, keys judged as of 2026-11-23.\n")
    for day in ("yesterday", "2026-13-01", "2026-11-40"):
        assert audit(bundle, "-t", day, mine)[0] == 2


@pytest.mark.parametrize(("listed", "why"), [("", "names no evidence"), ("../x\n", "that is no id")])
def test_a_list_without_evidence_holds_nothing(bundle, audit, listed, why):
    (bundle / "evidence.list").write_text(listed)
    renew_sums(bundle)
    code, said, _ = audit(bundle)
    assert code == 1
    assert why in said


def test_the_last_evidence_of_a_list_counts_without_a_line_end(bundle, audit):
    (bundle / "evidence.list").write_text("evidence-20261123-aaaaaa\nevidence-20261123-bbbbbb")
    change(file(bundle, "bbbbbb", "evidence.yaml"), "12m", "2m")
    renew_sums(bundle)
    assert audit(bundle)[0] == 1


def test_evidence_that_is_taken_out_of_a_bundle_is_told(bundle, audit):
    shutil.rmtree(file(bundle, "aaaaaa", ""))
    (bundle / "evidence.list").write_text("evidence-20261123-bbbbbb\n")
    renew_sums(bundle)
    code, said, _ = audit(bundle)
    assert code == 0
    assert "comes after evidence-20261123-aaaaaa, which is not in this bundle" in said


def test_evidence_that_is_another_than_the_next_one_names_does_not_hold(bundle, audit, drills):
    signed_anew(drills, file(bundle, "aaaaaa", "evidence.yaml"), "ada", EXECUTE, "12m", "2m")
    renew_sums(bundle)
    code, said, _ = audit(bundle)
    assert code == 1
    assert "comes after evidence-20261123-aaaaaa, which was another" in said


@pytest.mark.parametrize("digest", [sha256(LOG).hexdigest(), "unreadable"])
def test_a_log_that_is_taken_out_of_a_bundle_is_missed(bundle, audit, drills, digest):
    file(bundle, "bbbbbb", "logs/fetch.txt").unlink()
    evidence = file(bundle, "bbbbbb", "evidence.yaml")
    signed_anew(drills, evidence, "ada", EXECUTE, sha256(LOG).hexdigest(), digest)
    renew_sums(bundle)
    code, said, _ = audit(bundle)
    assert code == 1
    assert "logs/fetch.txt is not there as it was" in said


def test_what_a_drill_leaves_is_verified_as_svcops_writes_it(drills, audit, tmp_path):
    """Whatever it holds, and with a text that looks like keys."""
    record = Evidence(
        id="evidence-20261123-bbbbbb",
        plan="ledger",
        started_at=datetime(2026, 11, 23, 6, tzinfo=UTC),
        ended_at=datetime(2026, 11, 23, 6, 30, tzinfo=UTC),
        verdict="passed",
        by="ada",
        text="by: noor\nafter: nothing\n\n  - id: evidence\nlog: logs/nothing",
        stages=(stage("fetch"), stage("load the ledger's books", "logs/load the ledger's books.txt")),
        cases=(
            CaseResult(
                case="flip-bytes: one",
                expected=("fetch-failed",),
                verdict="failed",
                noticed=True,
                **logged("logs/c.txt"),
            ),
        ),
    )
    store, path = drills.console.store, drills.path("bbbbbb")
    for result in (*record.stages, *record.cases):
        if result.log:
            store.write(path.replace("evidence.yaml", result.log), LOG)
    store.write(path, bytes_of(record))
    store.commit("A drill")
    drills.sign("bbbbbb")
    drills.approve("bbbbbb")
    folder = bundled(drills, tmp_path / "bundle", "bbbbbb")
    code, said, _ = audit(folder)
    assert (code, "NOT GOOD" in said) == (0, False), said
    file(folder, "bbbbbb", "logs/c.txt").write_text("x")
    renew_sums(folder)
    assert audit(folder)[0] == 1


def stage(name, log=None):
    at = datetime(2026, 11, 23, 6, tzinfo=UTC)
    return StageResult(name=name, started_at=at, ended_at=at, seconds=1.0, exit=0, **(logged(log) if log else {}))


def logged(log):
    return {"log": log, "digest": f"sha256:{sha256(LOG).hexdigest()}"}


def test_a_bundle_is_written_and_says_so_where_nobody_can_tell_whether_any_is_missing(drills, audit, tmp_path):
    drills.proved()
    drills.console.store.git("config", "--unset", "svcops.trusted")
    folder = tmp_path / "bundle"
    said = drills.console("evidence", "bundle", "aaaaaa", "--output", str(folder), code=4)
    assert "completeness unknown: no trusted revision is set" in said.err
    assert "completeness unknown: no trusted revision is set" in (folder / "README.txt").read_text()
    assert audit(folder)[0] == 0


def test_a_bundle_says_what_is_missing(drills, tmp_path):
    drills.proved()
    drills.proved("bbbbbb", verdict="failed")
    drills.pin()
    drills.console.store.git("rm", "-r", "--quiet", drills.path("bbbbbb").rpartition("/")[0])
    drills.console.store.commit("Tidy up")
    folder = tmp_path / "bundle"
    said = drills.console("evidence", "bundle", "aaaaaa", "--output", str(folder), code=1)
    for told in (said.err, (folder / "README.txt").read_text()):
        assert "completeness: NOT COMPLETE" in told
        assert f"{drills.path('bbbbbb')}: audited has it, and it is not here" in told


def test_a_file_that_was_damaged_on_the_way_is_told(bundle, audit):
    (bundle / "README.txt").write_text("Nothing to see\n")
    code, said, _ = audit(bundle)
    assert code == 1
    assert "a file is not as it was bundled" in said


def test_evidence_that_does_not_stand_is_not_bundled(drills, tmp_path):
    drills.write()
    said = drills.console("evidence", "bundle", "aaaaaa", "--output", str(tmp_path / "bundle"), code=1)
    assert "signature: it is not signed" in said.err
    assert not (tmp_path / "bundle").exists()


def test_a_folder_that_holds_something_is_left_alone(drills, bundle):
    drills.proved()
    said = drills.console("evidence", "bundle", "aaaaaa", "--output", str(bundle), code=2)
    assert "it is there already" in said.err


MISSED = "cases: [{case: flip-bytes, expected: [fetch-failed], verdict: passed, noticed: false}]\n"
NOTICED = "cases: [{case: flip-bytes, expected: [fetch-failed], verdict: failed, noticed: true}]\n"


@pytest.mark.parametrize(
    ("verdict", "more", "result", "passed", "failed"),
    [
        ("passed", "", "PASSED", ["stage fetch"], []),
        ("passed", NOTICED, "PASSED", ["stage fetch", "damage case flip-bytes"], []),
        ("passed", MISSED, "FAILED", ["stage fetch"], ["damage case flip-bytes"]),
        ("failed", NOTICED, "FAILED", ["damage case flip-bytes"], ["drill of ledger"]),
        ("failed", "faults: [{reason: rto-missed, text: x}]\n", "FAILED", [], ["drill of ledger", "rto-missed"]),
        ("inconclusive", "", "FAILED", [], ["drill of ledger"]),
        (
            "inconclusive",
            "faults: [{reason: no-baseline, text: x}]\n",
            "FAILED",
            [],
            ["drill of ledger", "no-baseline"],
        ),
        (
            "inconclusive",
            "faults: [{reason: interrupted, text: x}]\n",
            "FAILED",
            [],
            ["drill of ledger", "interrupted"],
        ),
    ],
)
def test_evidence_is_exported_as_a_statement_of_in_toto(drills, verdict, more, result, passed, failed):
    """What nobody knows is among what failed: a warning would say that it passed."""
    drills.write(verdict=verdict, more=more)
    told = json.loads(export(drills, code=4).out)
    assert told["_type"] == "https://in-toto.io/Statement/v1"
    assert told["predicateType"] == "https://in-toto.io/attestation/test-result/v0.1"
    digest = drills.digest("aaaaaa").removeprefix("sha256:")
    assert told["subject"] == [{"name": drills.path(), "digest": {"sha256": digest}}]
    assert told["predicate"] == {
        "result": result,
        "configuration": [{"name": "recovery/plans/ledger.yaml", "uri": "recovery/plans/ledger.yaml"}],
        "passedTests": passed,
        "warnedTests": [],
        "failedTests": failed,
    }


def export(drills, code):
    return drills.console("evidence", "export", "aaaaaa", "--in-toto", code=code)


def test_what_is_exported_is_worth_what_the_evidence_is_and_that_is_said(drills):
    drills.proved()
    said = export(drills, code=0)
    assert "the statement is not signed" in said.err
    assert "evidence-20261123-aaaaaa (passed) stands: signed by ada, approved by noor" in said.err
    store = drills.console.store
    store.write(drills.path(), store.read(drills.path()).replace("verdict: passed", "verdict: failed"))
    said = export(drills, code=1)
    assert json.loads(said.out)["predicate"]["result"] == "FAILED"
    assert "evidence-20261123-aaaaaa (failed) DOES NOT STAND" in said.err


def test_a_format_has_to_be_named(drills):
    drills.write()
    assert "--in-toto" in drills.console("evidence", "export", "aaaaaa", code=2).err

"""What leaves the store: a bundle that an auditor verifies without svcops, and a Statement of in-toto."""

import json
import shutil
import subprocess

import pytest


@pytest.fixture
def bundle(drills, tmp_path):
    """A bundle of two drills, of which the second comes after the first."""
    drills.proved()
    drills.proved("bbbbbb", "aaaaaa", verdict="failed")
    folder = tmp_path / "bundle"
    drills.console("evidence", "bundle", "aaaaaa", "bbbbbb", "--output", str(folder))
    return folder


@pytest.fixture
def audit(tmp_path):
    """Runs the script of a bundle where there is nothing but sh, sha256sum and ssh-keygen."""
    tools = tmp_path / "tools"
    tools.mkdir()
    for name in ("sh", "sha256sum", "ssh-keygen"):
        (tools / name).symlink_to(shutil.which(name))

    def run(folder, *arguments):
        words = [str(tools / "sh"), str(folder / "verify.sh"), *map(str, arguments)]
        done = subprocess.run(words, env={"PATH": str(tools)}, cwd="/", capture_output=True, text=True, check=False)
        return done.returncode, done.stdout, done.stderr

    return run


def file(folder, tail, name):
    return folder / "evidence" / f"evidence-20261123-{tail}" / name


def renew_sums(folder):
    """What an attacker does: the list against damage on the way is as good as new."""
    listed = [line.partition("  ")[2] for line in (folder / "SHA256SUMS").read_text().splitlines()]
    there = [name for name in listed if (folder / name).exists()]
    sums = subprocess.run(["sha256sum", *there], cwd=folder, capture_output=True, check=True).stdout
    (folder / "SHA256SUMS").write_bytes(sums)


def test_a_bundle_is_verified_by_sh_sha256sum_and_ssh_keygen_alone(bundle, audit):
    code, said, errors = audit(bundle)
    assert (code, errors) == (0, "")
    assert "signed by ada@example.org, approved by noor@example.org" in said
    assert said.endswith("All of it holds.\n")


def test_a_bundle_is_verified_by_signers_that_the_auditor_got_another_way(bundle, audit, drills, tmp_path):
    mine = tmp_path / "mine"
    mine.write_text(drills.line("ada@example.org", "mallory"))
    code, said, _ = audit(bundle, mine)
    assert code == 1
    assert "NOT ALL OF IT HOLDS." in said
    mine.write_text(f"{drills.line('ada@example.org', 'ada')}\n{drills.line('noor@example.org', 'noor')}\n")
    assert audit(bundle, mine)[0] == 0


@pytest.mark.parametrize(
    ("name", "change", "why"),
    [
        ("evidence.yaml", lambda data: data.replace(b"12m", b"2m"), "incorrect signature"),
        ("logs/fetch.txt", lambda _: b"All well\n", "a log of evidence-20261123-bbbbbb is not as it was"),
        ("approval.yaml", lambda data: data.replace(b"noor", b"kim"), "incorrect signature"),
        ("logs.sha256", lambda data: b"0" * 64 + data[64:], "names no log of the digest"),
        ("people", lambda data: data.replace(b"noor@example.org", b"ada@example.org"), "who ran it approved it"),
        ("approval.yaml.sig", lambda _: b"", "NOT GOOD"),
    ],
)
def test_a_bundle_that_was_tampered_with_does_not_hold(bundle, audit, name, change, why):
    tampered = file(bundle, "bbbbbb", name)
    tampered.write_bytes(change(tampered.read_bytes()))
    renew_sums(bundle)
    code, said, _ = audit(bundle)
    assert code == 1
    assert why in said


def test_evidence_that_is_taken_out_of_a_bundle_is_told(bundle, audit):
    shutil.rmtree(file(bundle, "aaaaaa", ""))
    (bundle / "evidence.list").write_text("evidence-20261123-bbbbbb\n")
    renew_sums(bundle)
    code, said, _ = audit(bundle)
    assert code == 0
    assert "comes after evidence-20261123-aaaaaa, which is not in this bundle" in said


def test_a_log_that_is_taken_out_of_a_bundle_is_missed(drills, audit, tmp_path):
    store = drills.console.store
    drills.write()
    text = store.read(drills.path()).partition("stages:")[0].replace("aaaaaa", "bbbbbb")
    log = store.root / drills.path().replace("evidence.yaml", "logs/fetch.txt")
    digest = subprocess.run(["sha256sum", log], capture_output=True, text=True, check=True).stdout.split()[0]
    stage = (
        "stages:\n  - name: fetch\n    started_at: '2026-11-23T06:00:00Z'\n    ended_at: '2026-11-23T06:10:00Z'\n"
        f"    seconds: 600.0\n    log: logs/fetch.txt\n    digest: sha256:{digest}\n"
    )
    store.write(drills.path("bbbbbb"), text + stage)
    store.write(drills.path("bbbbbb").replace("evidence.yaml", "logs/fetch.txt"), log.read_bytes())
    store.commit("As svcops writes it")
    drills.sign("bbbbbb")
    drills.approve("bbbbbb")
    folder = tmp_path / "bundle"
    drills.console("evidence", "bundle", "bbbbbb", "--output", str(folder))
    assert audit(folder)[0] == 0
    file(folder, "bbbbbb", "logs/fetch.txt").unlink()
    file(folder, "bbbbbb", "logs.sha256").write_text("")
    renew_sums(folder)
    code, said, _ = audit(folder)
    assert code == 1
    assert "names logs/fetch.txt, which is not in the list of logs" in said


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
    said = drills.console("evidence", "bundle", "aaaaaa", "--output", str(bundle), code=2)
    assert "it is there already" in said.err


@pytest.mark.parametrize(
    ("verdict", "more", "result", "tests"),
    [
        ("passed", "", "PASSED", ("stage fetch", None, None)),
        (
            "failed",
            "faults: [{reason: content-differs, text: x}]\n",
            "FAILED",
            ("stage fetch", None, "content-differs"),
        ),
        ("inconclusive", "faults: [{reason: no-baseline, text: x}]\n", "WARNED", ("stage fetch", "no-baseline", None)),
    ],
)
def test_evidence_is_exported_as_a_statement_of_in_toto(drills, verdict, more, result, tests):
    drills.write(verdict=verdict, more=more)
    told = json.loads(drills.console("evidence", "export", "aaaaaa", "--in-toto").out)
    assert told["_type"] == "https://in-toto.io/Statement/v1"
    assert told["predicateType"] == "https://in-toto.io/attestation/test-result/v0.1"
    digest = drills.digest("aaaaaa").removeprefix("sha256:")
    assert told["subject"] == [{"name": drills.path(), "digest": {"sha256": digest}}]
    assert told["predicate"] == {
        "result": result,
        "configuration": [{"name": "recovery/plans/ledger.yaml"}],
        **{
            name: [one] if one else []
            for name, one in zip(("passedTests", "warnedTests", "failedTests"), tests, strict=True)
        },
    }


def test_a_format_has_to_be_named(drills):
    drills.write()
    assert "--in-toto" in drills.console("evidence", "export", "aaaaaa", code=2).err

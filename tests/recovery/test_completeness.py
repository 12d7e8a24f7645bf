"""What may be mended of evidence after it was committed, as it never counted as any, and what is missed."""

import pytest


def removed(drills, tail):
    drills.console.store.git("rm", "-r", "--quiet", drills.path(tail).rpartition("/")[0])
    return drills.console.store.commit("Tidy up")


def copied(drills, tail):
    """A copy of the evidence aaaaaa in a folder of another id."""
    store = drills.console.store
    store.write(drills.path(tail), store.read(drills.path()))
    store.commit("As a template")


@pytest.mark.parametrize("is_pinned", [False, True])
def test_nobody_misses_a_copy_that_is_taken_away(drills, is_pinned):
    drills.proved()
    copied(drills, "pppppp")
    if is_pinned:
        drills.pin()
    assert "EVD016" in drills.console("check", code=1).out
    removed(drills, "pppppp")
    assert drills.gaps(code=0) == []
    assert "EVD0" not in drills.console("check", code=None).out


def test_a_folder_that_was_renamed_gets_its_name_back(drills):
    drills.proved()
    store, folders = drills.console.store, [drills.path(one).rpartition("/")[0] for one in ("aaaaaa", "bbbbbb")]
    store.git("mv", *folders)
    store.commit("Rename")
    assert any("took it away" in gap for gap in drills.gaps())
    store.git("mv", *reversed(folders))
    store.commit("Rename back")
    assert drills.gaps(code=0) == []


def test_what_was_renamed_and_then_taken_away_is_missing(drills):
    """No copy, as it is there no more under its own id."""
    drills.proved("aaaaaa", verdict="failed")
    store, folders = drills.console.store, [drills.path(one).rpartition("/")[0] for one in ("aaaaaa", "bbbbbb")]
    store.git("mv", *folders)
    store.commit("Rename")
    took = removed(drills, "bbbbbb")
    assert f"commit {took[:10]} took it away" in drills.gaps()


def test_what_could_not_be_read_may_be_mended(drills):
    drills.write(verdict="pased")
    assert "SCHEMA" in drills.console("check", code=1).out
    store = drills.console.store
    store.write(drills.path(), store.read(drills.path()).replace("pased", "passed"))
    store.commit("A slip")
    drills.sign()
    drills.approve()
    assert drills.gaps(code=0) == []
    assert "EVD0" not in drills.console("check", code=None).out


def test_what_could_be_read_is_not_changed_by_way_of_what_cannot(drills):
    drills.write(verdict="failed")
    store = drills.console.store
    for before, after in (("failed", "fialed"), ("fialed", "passed")):
        store.write(drills.path(), store.read(drills.path()).replace(before, after))
        store.commit("A slip")
    assert any("it was changed after it was committed" in gap for gap in drills.gaps())
    assert "EVD012" in drills.console("check", code=1).out


def test_a_branch_that_lacks_what_came_to_the_trusted_one_is_told_how_to_have_it(drills):
    drills.proved()
    store = drills.console.store
    store.git("switch", "--quiet", "--create", "feature")
    store.git("commit", "--quiet", "--allow-empty", "--message=Here")
    store.git("switch", "--quiet", "main")
    store.git("commit", "--quiet", "--allow-empty", "--message=There")
    store.git("config", "svcops.trusted", "main")
    store.git("switch", "--quiet", "feature")
    [gap] = drills.gaps()
    assert "this branch lacks what came since (git merge main), or history was rewritten" in gap
    store.git("merge", "--quiet", "--no-edit", "main")
    assert drills.gaps(code=0) == []


def test_a_line_that_was_taken_out_of_the_list_is_told_how_a_key_ends(drills):
    drills.proved()
    drills.pin()
    drills.enrol(drills.line("noor@example.org", "noor"))
    drills.pin()
    assert 'stays there, with valid-before="YYYYMMDD"' in drills.judged()["signature"]


@pytest.mark.parametrize("name", ["", ".sig"])
def test_an_approval_or_its_signature_that_was_taken_away_is_missing(drills, name):
    approval = drills.proved()
    drills.console.store.git("rm", "--quiet", f"{approval}{name}", *([] if name else [f"{approval}.sig"]))
    took = drills.console.store.commit("To save room")
    drills.pin()
    assert set(drills.gaps()) == {f"commit {took[:10]} took it away"}
    assert "EVD015" in drills.console("check", code=1).out


def test_an_approval_of_something_else_that_was_taken_away_is_no_gap_of_evidence(drills):
    drills.proved()
    text = "of: svcops.yaml\ndigest: sha256:" + "0" * 64 + "\nrole: reviewer\nby: noor\nat: 2026-11-23T07:10:00Z\n"
    drills.console.store.write("approvals/2026/approval-20261123-zzzzzz.yaml", text)
    drills.console.store.commit("An approval")
    drills.console.store.git("rm", "--quiet", "approvals/2026/approval-20261123-zzzzzz.yaml")
    drills.console.store.commit("Not any more")
    assert drills.gaps(code=0) == []

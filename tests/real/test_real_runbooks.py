"""272 public alert runbooks, held to facts that were counted by hand; see ../shared/data/README.md."""

import os
from pathlib import Path

import pytest

from svcops.runbooks.markdown import structure_of

DATA = Path(os.environ.get("SVCOPS_REAL_DATA") or Path(__file__).resolve().parents[2].parent / "shared" / "data")
FOLDER = DATA / "runbooks-openshift"
HEADINGS = ("Meaning", "Impact", "Diagnosis", "Mitigation")

pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason=f"no real data at {DATA}; SVCOPS_REAL_DATA says where")


def lacking(path):
    """Whether a page lacks one of the four headings, by its lines alone."""
    lines = {line.strip().removeprefix("## ").strip(": ").lower() for line in path.read_text().splitlines()}
    return any(one.lower() not in lines for one in HEADINGS)


def test_272_come_and_the_check_says_which_29_lack_a_heading_and_which_links_are_dead(console):
    report = console("import", "runbooks", str(FOLDER), "--service", "ledger", "--json").json
    assert (report["entities"], len(report["added"]), report["unsupported"]) == (272, 272, [])
    found = console("check", "--json", code=None).json["findings"]
    incomplete = [
        one["path"] for one in found if one["code"] == "RBK002" and one["path"].startswith("runbooks/ledger/")
    ]
    pages = {one["path"]: FOLDER / one["source"]["file"] for one in report["added"]}
    assert len(incomplete) == 29
    assert set(incomplete) == {path for path, page in pages.items() if lacking(page)}
    dead = {one["message"].rpartition("/")[2] for one in found if one["code"] == "RBK003"}
    assert dead == {
        "kubeapierrorbudgetburn-error-types.png",
        "kubeapierrorbudgetburn-slow-resource.png",
        "alerts-hierarchy.svg",
        "expand-pvc-dropdown.png",
        "expand-pvc-dialog.png",
        "storage-client-list.png",
        "quota-increase.png",
    }


def test_their_folders_tell_for_which_services_they_are(console):
    report = console("import", "runbooks", str(FOLDER), "--json").json
    assert (len(report["added"]), len(report["dangling"]), report["unsupported"]) == (272, 18, [])
    found = console("check", "--json", code=None).json["findings"]
    own = {one["path"] for one in report["added"]}
    assert len({one["path"] for one in found if one["code"] == "RBK002"} & own) == 29
    assert len({one["message"].rpartition("/")[2] for one in found if one["code"] == "RBK003"}) == 7


def test_the_second_time_nothing_is_written(console):
    for said in ("272 to add", "272 there already"):
        assert said in console("import", "runbooks", str(FOLDER), "--service", "ledger").out


def test_code_at_the_left_margin_belongs_to_the_step_before_it():
    sections = [one for path in FOLDER.rglob("*.md") for one in structure_of(path.read_text()).sections]
    codes = [code for one in sections for step in one.steps for code in step.codes]
    assert sum(code.runs for code in codes) == 230
    assert sum(code.text.lstrip().startswith("$ ") for code in codes) == 319, "for a person to type"
    assert sum(len(one.loose) for one in sections if one.steps and not one.steps[0].is_whole) == 17

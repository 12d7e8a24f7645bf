"""A measure is dropped with a reason, and once somebody else agreed."""

import subprocess

import pytest

ADA = ("Ada Example", "ada@example.org")
ADA_AT_HOME = ("Ada Example", "ada@home.example")
NOOR = ("Noor Voorbeeld", "noor@example.org")
SLO = "slo/receipts.yaml"
MINOR = (
    "incident",
    "open",
    "No receipts",
    "--service",
    "receipt-scanner",
    "--severity",
    "sev3",
    "--detected-by",
    "slo",
)
ADD = ("Probe the queue", "--type", "detect", "--owner", "platform", "--due", "2026-12-20")
REASON = "The scanner is replaced in March"


@pytest.fixture
def short(console):
    """An incident with one open measure."""
    short = console(*MINOR).id[-6:]
    console("measure", "add", short, *ADD)
    return short


def only(console):
    return console("measure", "list", "--json").json["measures"][0]


def codes(console):
    return [one["code"] for one in console("check", "--json", code=None).json["findings"]]


def change_slo(console):
    console.store.write(SLO, "apiVersion: openslo/v1\nkind: Service\nmetadata: {name: r}\nspec: {}\n")
    console.store.commit("An objective")


def event(console):
    return next(console.store.root.glob("measures/2026/*/*-dropped-*"))


def test_a_wish_leaves_it_open_until_somebody_else_agrees(console, short):
    said = console("measure", "drop", short, "--because", REASON)
    assert "it stays open until somebody else agrees: svcops measure approve" in said.err
    assert only(console)["standing"] == "open"
    assert only(console)["missing"]["what"].startswith("an approval by somebody else that ada drops it")
    assert codes(console) == ["MEA006"]
    console.who = NOOR
    said = console("measure", "approve", short)
    assert said.id.startswith("approval-20261123-")
    assert f"is dropped: {REASON}" in said.err
    assert only(console)["standing"] == "dropped"
    assert only(console)["drops"][0]["approved_by"] == ["noor"]
    assert only(console)["missing"] is None
    assert codes(console) == []


@pytest.mark.parametrize("who", [ADA, ADA_AT_HOME])
def test_nobody_agrees_with_themselves_whatever_address_they_use(console, short, who):
    console("measure", "drop", short, "--because", REASON)
    console.who = who
    said = console("measure", "approve", short, code=1)
    assert "ada proposed to drop measure" in said.err
    assert "Ask a colleague" in said.err
    assert only(console)["standing"] == "open"


@pytest.mark.parametrize("by", ["ada", "ada@example.org", "ADA@home.example"])
def test_an_approval_of_ones_own_that_was_written_by_hand_does_not_count(console, short, by):
    from hashlib import sha256

    console("measure", "drop", short, "--because", REASON)
    path = event(console)
    console.store.write(
        "approvals/2026/approval-20261123-aaaaaa.yaml",
        f"of: {path.relative_to(console.store.root)}\ndigest: sha256:{sha256(path.read_bytes()).hexdigest()}\n"
        f"role: reviewer\nby: {by}\nat: 2026-11-23T09:00:00+01:00\n",
    )
    console.store.commit("By hand")
    assert only(console)["standing"] == "open"
    assert "MEA006" in codes(console)


def test_who_committed_the_wish_of_another_wrote_it_too(console, short):
    console("measure", "drop", short, "--because", REASON)
    path = event(console)
    path.write_text(path.read_text().replace("by: ada", "by: noor@example.org"))
    console.store.commit("As if Noor had said so")
    assert "an approval is somebody else's" in console("measure", "approve", short, code=1).err


def test_a_wish_that_is_changed_afterwards_needs_a_new_approval(console, short):
    console("measure", "drop", short, "--because", REASON)
    console.who = NOOR
    console("measure", "approve", short)
    path = event(console)
    path.write_text(path.read_text().replace(REASON, "Too much work"))
    console.store.commit("Another reason")
    assert only(console)["standing"] == "open"
    assert codes(console) == ["MEA006"]
    console.who = ("Kim Beispiel", "kim@example.org")
    console("measure", "approve", short)
    assert only(console)["standing"] == "dropped"


def test_what_is_not_committed_cannot_be_approved(console, short):
    console("--no-commit", "measure", "drop", short, "--because", REASON)
    console.who = NOOR
    assert "is not committed as it is" in console("measure", "approve", short, code=3).err


def test_what_nobody_wishes_to_drop_has_nothing_to_approve(console, short):
    measure = console("measure", "list", "--quiet").id
    said = console("measure", "approve", measure, code=1)
    assert "there is nothing to approve" in said.err
    assert "svcops measure drop" in said.err
    assert "has no measure that somebody wishes to drop" in console("measure", "approve", short, code=2).err


def test_a_wish_without_a_reason_is_refused(console, short):
    assert "--because needs a reason" in console("measure", "drop", short, "--because", " ", code=2).err
    assert "Missing option" in console("measure", "drop", short, code=2).err


def test_the_same_wish_twice_is_refused_and_another_reason_is_not(console, short):
    console("measure", "drop", short, "--because", REASON)
    assert "said so already" in console("measure", "drop", short, "--because", REASON, code=1).err
    console("measure", "drop", short, "--because", "Ada accepts the risk until March", "--at", "-5m")
    assert [one["because"] for one in only(console)["drops"]][1] == "Ada accepts the risk until March"


def test_what_is_done_with_is_not_dropped_anchored_or_approved_again(console, short):
    console("measure", "drop", short, "--because", REASON)
    console.who = NOOR
    console("measure", "approve", short)
    measure = console("measure", "list", "--dropped", "--quiet").id
    assert "is dropped already" in console("measure", "drop", measure, "--because", "x", code=1).err
    assert "is dropped already, with the approval of noor" in console("measure", "approve", measure, code=1).err
    change_slo(console)
    said = console("measure", "anchor", measure, "--path", SLO, code=1)
    assert "is dropped" in said.err
    assert f"svcops measure add {short}" in said.err


def test_what_is_anchored_is_not_dropped(console, short):
    console("measure", "drop", short, "--because", REASON)
    change_slo(console)
    said = console("measure", "anchor", short, "--path", SLO)
    assert "ada wished to drop it, which has no effect any more" in said.err
    measure = console("measure", "list", "--anchored", "--quiet").id
    assert "is anchored already" in console("measure", "drop", measure, "--because", "x", code=1).err
    assert "is anchored, and is not dropped" in console("measure", "approve", measure, code=1).err
    assert codes(console) == []
    assert "no effect: it is anchored" in console("measure", "show", measure).out


def test_an_incident_does_not_close_with_a_dropped_measure(console, short):
    console("incident", "resolve", short)
    console("measure", "drop", short, "--because", REASON)
    console("incident", "close", short, code=1)
    console.who = NOOR
    console("measure", "approve", short)
    said = console("incident", "close", short, code=1)
    assert "a measure, and its anchor" in said.err
    console("incident", "close", short, "--no-measure-because", "The scanner is replaced")


def test_with_a_damaged_approval_nobody_knows_whether_it_is_dropped(console, short):
    console("measure", "drop", short, "--because", REASON)
    console.who = NOOR
    console("measure", "approve", short)
    next(console.store.root.glob("approvals/2026/*.yaml")).write_text("of: [\n")
    said = console("measure", "list", code=2)
    assert "\tunknown\t" in said.out
    assert "left out, damaged: approvals/2026/" in said.err
    assert "MEA006" not in codes(console)


def test_while_the_file_of_who_approved_it_is_damaged_nobody_knows_whether_it_is_dropped(console, short):
    console("measure", "drop", short, "--because", REASON)
    console.who = NOOR
    console("measure", "approve", short)
    console.store.write("catalogue/people/noor.yaml", "name: [\n")
    assert console("measure", "list", "--json", code=2).json["measures"][0]["standing"] is None
    said = console("measure", "show", short, code=2).out
    assert "catalogue/people/noor.yaml says: it is damaged" in said


def test_where_the_policy_asks_for_proof_the_approval_is_signed(console, short, tmp_path):
    file = tmp_path / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", file], check=True)
    console.store.write("svcops.yaml", console.store.read("svcops.yaml") + "policy: {approvals: proved}\n")
    console.store.write("trust/allowed_signers", f"noor@example.org {file.with_suffix('.pub').read_text()}")
    console.store.commit("Only proofs")
    console("measure", "drop", short, "--because", REASON)
    console.who = NOOR
    assert "--key" in console("measure", "approve", short, code=2).err
    assert only(console)["standing"] == "open"
    approval = console("measure", "approve", short, "--key", str(file)).id
    assert only(console)["standing"] == "dropped"
    (console.store.root / f"approvals/2026/{approval}.yaml.sig").unlink()
    assert only(console)["standing"] == "open"
    assert "does not count: it is not signed" in console("measure", "show", short).out

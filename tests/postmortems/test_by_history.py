"""What the check and the figures ask git: who wrote what was approved, and whether an anchor says what was so.

Each of these stands in the files as it should, so that only history tells.
"""

import json
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest

OPEN = ("incident", "open", "Receipts", "--service", "receipt-scanner", "--severity", "sev1", "--detected-by", "slo")
ADD = ("Probe the queue", "--type", "detect", "--owner", "platform", "--due", "2026-12-20")
SLO = "slo/receipt-scanner.yaml"
OBJECTIVE = """\
apiVersion: openslo/v1
kind: SLO
metadata: {name: receipts}
spec: {service: receipt-scanner, budgetingMethod: Occurrences, objectives: [{target: 0.99}]}
"""
LONG_AGO = "2020-01-01T12:00:00Z"


def commit(console, message, *, at=None, who="Ada Example <ada@example.org>"):
    """A commit of all there is, made first `at` some time; else at one instant, as two seconds would look like a rebase."""
    now = datetime.now(UTC).isoformat()
    dated = {"GIT_AUTHOR_DATE": at} if at else {"GIT_AUTHOR_DATE": now, "GIT_COMMITTER_DATE": now}
    place = type(console.store)(console.store.path, {**console.store.env, **dated})
    place.git("add", "--all")
    place.git("commit", "--quiet", f"--author={who}", f"--message={message}")


def blob(console, path):
    return console.store.git("rev-parse", f"HEAD:{path}").strip()


def found(console, code):
    said = console("check", "--json", code=None)
    return [one for one in json.loads(said.out)["findings"] if one["code"] == code]


def approved(console):
    """How many major incidents have an approved post-mortem by the report, and of how many that is known."""
    share = console("report", "response", "--json").json["figures"][0]["approved_postmortem"]
    return share["n"], share["of"]


# Who wrote it ----------------------------------------------------------------------------------------------------


@pytest.fixture
def written(console):
    """A post-mortem that ada started; its path."""
    short = console(*OPEN).id[-6:]
    console("incident", "resolve", short, "Fixed")
    console("postmortem", "start", short)
    return next(console.store.root.glob("postmortems/2026/*.md")).relative_to(console.store.root).as_posix()


def approve_by_hand(console, path, by="noor", name="approval-20261126-cccccc", **committed):
    digest = sha256((console.store.root / path).read_bytes()).hexdigest()
    text = f"of: {path}\ndigest: sha256:{digest}\nrole: reviewer\nby: {by}\nat: 2026-11-23T12:00:00Z\n"
    console.store.write(f"approvals/2026/{name}.yaml", text)
    commit(console, **{"message": "Approved by hand", **committed})


@pytest.mark.parametrize("how", ["author", "co-author", "alias"])
def test_an_approval_by_who_wrote_it_by_git_is_found_and_counts_nowhere(console, written, how):
    message, who = "Written", "Noor <NOOR@example.org>"
    if how == "co-author":
        message, who = "Written\n\nCo-authored-by: Noor <noor@example.org>", "Ada <ada@example.org>"
    if how == "alias":
        console.store.write(
            "catalogue/people/noor.yaml", "name: Noor Voorbeeld\nemails: [noor@example.org, n@home.example]\n"
        )
        who = "N. <n@home.example>"
    console.store.write(written, (console.store.root / written).read_text() + "\nMore.\n")
    commit(console, message, who=who)
    approve_by_hand(console, written)
    (one,) = found(console, "PMO009")
    assert one["message"] == f"the approval of {written} does not count: noor wrote the file too"
    assert approved(console) == (0, 1)
    assert "noor wrote" in console("postmortem", "show", "--json", written.split("-")[-1][:6]).out


def test_an_approval_by_somebody_who_wrote_nothing_of_it_counts(console, written):
    approve_by_hand(console, written)
    assert not found(console, "PMO009")
    assert approved(console) == (1, 1)


@pytest.mark.parametrize("who", ["Ada <ada@example.org>", "Noor <noor@example.org>"])
def test_a_squash_makes_nobody_an_author_whose_approval_came_with_it(console, written, who):
    """Hosts name everybody who did anything on the branch as a co-author of it."""
    console.store.git("switch", "--quiet", "--create", "branch")
    console.store.write(written, (console.store.root / written).read_text() + "\nMore.\n")
    commit(console, "Written")
    approve_by_hand(console, written)
    console.store.git("switch", "--quiet", "main")
    console.store.git("merge", "--quiet", "--squash", "branch")
    everybody = "Co-authored-by: Ada <ada@example.org>\nCo-authored-by: Noor <noor@example.org>"
    commit(console, f"The branch (#1)\n\n{everybody}", who=who)
    assert not found(console, "PMO009")
    said = console("postmortem", "show", written.split("-")[-1][:6]).out
    assert "noor, asserted: counts, as a squash of several people's work brought it" in said


@pytest.mark.parametrize("message", ["Written and approved", "Both\n\nCo-authored-by: Noor <noor@elsewhere.org>"])
def test_a_commit_of_one_person_who_wrote_and_approved_is_no_squash(console, written, message):
    """An own text, or an edit of another's, by any of the person's addresses."""
    person = "name: Noor Voorbeeld\nemails: [noor@example.org, noor@elsewhere.org]\n"
    console.store.write("catalogue/people/noor.yaml", person)
    console.store.write(written, (console.store.root / written).read_text() + "\nMore.\n")
    approve_by_hand(console, written, message=message, who="Noor <noor@example.org>")
    (one,) = found(console, "PMO009")
    assert "noor wrote the file too" in one["message"]
    said = console("postmortem", "show", written.split("-")[-1][:6]).out
    assert "noor: does not count, noor wrote the file too" in said


def test_after_a_squash_who_made_it_is_an_author_for_any_later_approval(console, written):
    """An earlier approval that came with it makes nobody's own later one count, by command or by hand."""
    console.store.git("switch", "--quiet", "--create", "branch")
    console.store.write(written, (console.store.root / written).read_text() + "\nMore.\n")
    commit(console, "Written")
    approve_by_hand(console, written)
    console.store.git("switch", "--quiet", "main")
    console.store.git("merge", "--quiet", "--squash", "branch")
    console.store.write("catalogue/people/sam.yaml", "name: Sam Ejemplo\nemails: [sam@example.org]\n")
    commit(console, "The branch (#1)", who="Sam <sam@example.org>")
    assert not found(console, "PMO009")
    short = written.split("-")[-1][:6]
    console.who = ("Sam Ejemplo", "sam@example.org")
    said = console("postmortem", "approve", short, code=1)
    assert f"sam wrote {written}, and an approval is somebody else's" in said.err
    approve_by_hand(console, written, by="sam", name="approval-20261127-dddddd")
    (one,) = found(console, "PMO009")
    assert "sam wrote the file too" in one["message"]
    approvals = console("postmortem", "show", short, "--json").json["postmortem"]["approvals"]
    assert [(one["by"], one["counts"]) for one in approvals] == [("noor", True), ("sam", False)]


def test_a_closing_by_hand_on_such_an_approval_is_found(console, written):
    text = (console.store.root / written).read_text().replace("author: ada", "author: ada\nmoderator: noor", 1)
    console.store.write(written, text)
    commit(console, "Noor wrote it", who="Noor <noor@example.org>")
    approve_by_hand(console, written)
    folder = next(console.store.root.glob("incidents/2026/*")).relative_to(console.store.root)
    closed = "type: closed\nat: 2026-11-23T13:00:00Z\nrecorded_at: 2026-11-23T13:00:00Z\nby: ada\nfrom: post-mortem\n"
    console.store.write(f"{folder}/timeline/9-closed.yaml", closed)
    commit(console, "Closed by hand")
    assert any("noor wrote the file too" in one["message"] for one in found(console, "INC002"))


def test_in_a_shallow_clone_it_is_not_judged_and_that_is_said(console, written, new_console, tmp_path):
    console.store.write(written, (console.store.root / written).read_text() + "\nMore.\n")
    commit(console, "Noor wrote it", who="Noor <noor@example.org>")
    approve_by_hand(console, written)
    console.store.git("clone", "--quiet", "--depth=1", f"file://{console.store.path}", str(tmp_path / "clone"))
    shallow = new_console(type(console.store)(tmp_path / "clone", console.store.env))
    assert not found(shallow, "PMO009")
    told = "not judged by history, who approved and what is anchored: this is a shallow clone"
    assert told in shallow("check", code=None).out


def test_a_branch_brings_such_an_approval_and_check_since_finds_it(console, written):
    console.store.git("switch", "--quiet", "--create", "branch")
    console.store.write(written, (console.store.root / written).read_text() + "\nMore.\n")
    commit(console, "Noor wrote it", who="Noor <noor@example.org>")
    approve_by_hand(console, written)
    said = console("check", "--since", "main", "--json", code=None)
    assert "PMO009" in {one["code"] for one in json.loads(said.out)["findings"]}


def test_a_drop_that_its_writer_by_git_approved_is_found(console):
    short = console(*OPEN).id[-6:]
    console("measure", "add", short, *ADD)
    console("measure", "drop", short, "--because", "Too dear")
    wish = next(console.store.root.glob("measures/2026/*/*dropped*")).relative_to(console.store.root).as_posix()
    console.store.write(wish, (console.store.root / wish).read_text() + "# so it is\n")
    commit(console, "Noor wrote it", who="Noor <noor@example.org>")
    approve_by_hand(console, wish)
    (one,) = found(console, "PMO009")
    assert "noor wrote the file too" in one["message"]


# What is anchored ------------------------------------------------------------------------------------------------


@pytest.fixture
def measure(console):
    """The folder of an open measure of an incident that was declared after the objective was set."""
    console.store.write(SLO, OBJECTIVE.replace("0.99", "0.5"))
    commit(console, "A first objective", at=LONG_AGO)
    console.store.write(SLO, OBJECTIVE)
    console.store.write("slo/other.yaml", OBJECTIVE.replace("receipts", "other"))
    commit(console, "A second objective", at=LONG_AGO)
    short = console(*OPEN).id[-6:]
    console("measure", "add", short, *ADD)
    return next(console.store.root.glob("measures/2026/*")).relative_to(console.store.root).as_posix()


def anchor_by_hand(console, measure, path, after, before=None):
    at = "2026-11-23T13:00:00Z"
    lines = ["type: anchored", f"at: {at}", f"recorded_at: {at}", "by: ada", "anchor:", f"  path: {path}"]
    lines += [f'  before: "{before}"'] if before else []
    console.store.write(f"{measure}/9-anchored-aaaaaa.yaml", "\n".join([*lines, f'  after: "{after}"', ""]))
    commit(console, "Anchored by hand")


def open_everywhere(console, measure):
    """How a measure stands that every command takes for an open one."""
    figures = console("report", "response", "--json").json["figures"][0]["measures"]
    assert (len(figures["anchored"]), len(figures["open"])) == (0, 1)
    (told,) = console("measure", "list", "--open", "--json").json["measures"]
    assert (told["standing"], told["anchored_at"]) == ("open", None)
    assert console("measure", "list", "--anchored", "--json").json["measures"] == []
    incident = told["incident"][-6:]
    assert "open, due 2026-12-20" in console("incident", "show", incident).out
    assert "is neither anchored nor dropped" in console("postmortem", "remind", "--ahead", "60").out
    (row,) = (line.split("\t") for line in console("measure", "list").out.splitlines())
    assert f"standing  {row[1]}\n" in console("measure", "show", measure[-6:]).out
    return row[1]


def change(console):
    console.store.write(SLO, OBJECTIVE.replace("0.99", "0.995"))
    commit(console, "A better objective")


def test_an_anchor_by_hand_that_says_what_was_so_is_as_good_as_any(console, measure):
    before = blob(console, SLO)
    change(console)
    anchor_by_hand(console, measure, SLO, blob(console, SLO), before)
    assert not found(console, "MEA003")


INVENTED = {
    "unchanged": "has not changed since the incident was declared",
    "no such content after": "names a content that slo/receipt-scanner.yaml never had",
    "no such content before": "names a content that slo/receipt-scanner.yaml never had",
    "another file's content before": "names a content that slo/receipt-scanner.yaml never had",
    "no such file": "names a content that slo/nope.yaml never had",
    "white space alone": "in which only white space was changed",
    "white space alone, before left out": "in which only white space has changed since the incident was declared",
    "blank": "in which there was nothing",
    "empty": "in which there was nothing",
    "moved": "says just what slo/receipt-scanner.yaml said when the incident was declared",
    "copied": "says just what slo/receipt-scanner.yaml said when the incident was declared",
}


@pytest.mark.parametrize("how", INVENTED)
def test_an_anchor_that_history_contradicts_proves_nothing_and_closes_nothing(console, measure, how):
    old = blob(console, SLO)
    if how == "unchanged":
        anchor_by_hand(console, measure, SLO, old)
    elif how.startswith("white space"):
        console.store.write(SLO, f"\n{OBJECTIVE}\n".replace("\n", " \r\n"))
        commit(console, "White space")
        assert "only white space has" in console("measure", "anchor", measure[-6:], "--path", SLO, code=1).err
        anchor_by_hand(console, measure, SLO, blob(console, SLO), None if "left out" in how else old)
    elif how in ("blank", "empty"):
        console.store.write("templates/new.j2", " \n\t\n" if how == "blank" else "")
        commit(console, "Nothing")
        said = console("measure", "anchor", measure[-6:], "--path", "templates/new.j2", code=1)
        assert "there is nothing in templates/new.j2" in said.err
        anchor_by_hand(console, measure, "templates/new.j2", blob(console, "templates/new.j2"))
    elif how in ("moved", "copied"):
        console.store.write("slo/new.yaml", OBJECTIVE)
        if how == "moved":
            (console.store.root / SLO).unlink()
        commit(console, "Moved")
        said = console("measure", "anchor", measure[-6:], "--path", "slo/new.yaml", code=1)
        assert f"says just what {SLO} said when incident" in said.err
        anchor_by_hand(console, measure, "slo/new.yaml", blob(console, "slo/new.yaml"))
    else:
        anchored = {
            "no such content after": (SLO, "1" * 40, old),
            "no such content before": (SLO, old, "2" * 40),
            "another file's content before": (SLO, old, blob(console, "slo/other.yaml")),
            "no such file": ("slo/nope.yaml", old, None),
        }
        anchor_by_hand(console, measure, *anchored[how])
    (one,) = found(console, "MEA003")
    assert INVENTED[how] in one["message"]
    assert open_everywhere(console, measure) == "open, no anchor proves it"
    assert INVENTED[how] in console("measure", "show", measure[-6:]).out
    short = next(console.store.root.glob("incidents/2026/*")).name[-6:]
    console("incident", "severity", short, "sev4", "--because", "Less than we thought")
    console("incident", "resolve", short, "Fixed")
    assert INVENTED[how] in console("incident", "close", short, code=1).err


def test_a_change_that_a_rebase_put_before_the_incident_is_new_by_its_date(console, measure):
    """Its commit, and so what stood before the incident's, may have come to lie before it."""
    folder = next(console.store.root.glob("incidents/2026/*"))
    kept = {path: path.read_text() for path in (*folder.rglob("*.yaml"), *(console.store.root / measure).iterdir())}
    console.store.git("reset", "--quiet", "--hard", "HEAD~2")
    old = blob(console, SLO)
    change(console)
    for path, text in kept.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    commit(console, "The incident")
    anchor_by_hand(console, measure, SLO, blob(console, SLO), old)
    assert not found(console, "MEA003")


@pytest.mark.parametrize("how", ["squash", "rebase"])
def test_contents_that_a_squash_or_a_rebase_lost_are_no_fault(console, measure, how):
    """The anchor was made on a branch, and main changed the same file meanwhile."""
    console.store.git("switch", "--quiet", "--create", "branch")
    console.store.write(SLO, f"{OBJECTIVE}# at the end\n")
    commit(console, "At the end")
    console("measure", "anchor", measure[-6:], "--path", SLO)
    console.store.git("switch", "--quiet", "main")
    console.store.write(SLO, f"# at the top\n{OBJECTIVE}")
    commit(console, "At the top")
    if how == "squash":
        console.store.git("merge", "--quiet", "--squash", "branch")
        commit(console, "The branch")
    else:
        console.store.git("switch", "--quiet", "branch")
        later = {**console.store.env, "GIT_COMMITTER_DATE": (datetime.now(UTC) + timedelta(minutes=1)).isoformat()}
        type(console.store)(console.store.path, later).git("rebase", "--quiet", "main")
    assert not found(console, "MEA003")
    short = next(console.store.root.glob("incidents/2026/*")).name[-6:]
    console("incident", "severity", short, "sev4", "--because", "Less than we thought")
    console("incident", "resolve", short, "Fixed")
    console("incident", "close", short)


EDITED = {
    "before of another file": f"gives another content than git's history does as what stood in {SLO}",
    "before of no object": f"gives another content than git's history does as what stood in {SLO}",
    "before of an earlier time": f"gives another content than git's history does as what stood in {SLO}",
    "before deleted": f"gives nothing, unlike git's history, as what stood in {SLO}",
    "after of another file": f"names a content that {SLO} never had",
    "after of no object": f"names a content that {SLO} never had",
}


@pytest.mark.parametrize("how", EDITED)
def test_an_anchor_that_somebody_edited_proves_nothing_whatever_was_changed_since(console, measure, how):
    """Else what was taken back could be hidden: with another `before`, nothing is what it was before."""
    first = console.store.git("rev-parse", f"HEAD~3:{SLO}").strip()
    before = blob(console, SLO)
    change(console)
    after = blob(console, SLO)
    console("measure", "anchor", measure[-6:], "--path", SLO)
    console.store.write(SLO, console.store.read(SLO).replace("0.995", "0.99"))
    commit(console, "Back")
    assert found(console, "MEA009")
    event = next(console.store.root.glob("measures/2026/*/*anchored*")).relative_to(console.store.root).as_posix()
    text, old = console.store.read(event), after if how.startswith("after") else before
    other = {"file": blob(console, "svcops.yaml"), "object": "ab" * 20, "time": first}.get(how.split()[-1], "")
    changed = text.replace(old, other) if other else "".join(x for x in text.splitlines(keepends=True) if old not in x)
    console.store.write(event, changed)
    commit(console, "Edited by hand")
    (one,) = found(console, "MEA003")
    assert EDITED[how] in one["message"]
    assert open_everywhere(console, measure) == "open, no anchor proves it"


def test_what_a_squash_brought_with_the_incident_is_believed_and_never_what_another_file_was(console):
    """The branch changed the file before the incident was opened on it, so that main never had what stood then."""
    console.store.write(SLO, OBJECTIVE)
    commit(console, "A first objective", at=LONG_AGO)
    console.store.git("switch", "--quiet", "--create", "branch")
    console.store.write(SLO, OBJECTIVE.replace("0.99", "0.9"))
    commit(console, "On the branch alone", at=LONG_AGO)
    short = console(*OPEN).id[-6:]
    console("measure", "add", short, *ADD)
    change(console)
    console("measure", "anchor", short, "--path", SLO)
    console.store.git("switch", "--quiet", "main")
    console.store.git("merge", "--quiet", "--squash", "branch")
    commit(console, "The branch (#1)")
    assert not found(console, "MEA003")
    event = next(console.store.root.glob("measures/2026/*/*anchored*")).relative_to(console.store.root).as_posix()
    lines = [line for line in console.store.read(event).splitlines(keepends=True) if "before:" not in line]
    console.store.write(event, "".join(lines) + f"  before: {blob(console, 'svcops.yaml')}\n")
    commit(console, "Edited by hand")
    (one,) = found(console, "MEA003")
    assert "gives another content than git's history does" in one["message"]


def test_an_anchor_by_hand_may_name_what_is_not_committed_yet(console, measure):
    before = blob(console, SLO)
    change(console)
    console.store.write(SLO, OBJECTIVE.replace("0.99", "0.999"))
    anchored = console.store.git("hash-object", SLO).strip()
    at = "2026-11-23T13:00:00Z"
    lines = ["type: anchored", f"at: {at}", f"recorded_at: {at}", "by: ada", "anchor:", f"  path: {SLO}"]
    lines += [f'  before: "{before}"', f'  after: "{anchored}"', ""]
    console.store.write(f"{measure}/9-anchored-aaaaaa.yaml", "\n".join(lines))
    assert not found(console, "MEA003")


def test_what_was_changed_before_the_incident_was_recorded_counts_from_its_declaration(console):
    console.store.write(SLO, OBJECTIVE)
    commit(console, "A first objective", at=LONG_AGO)
    console.store.write(SLO, OBJECTIVE.replace("0.99", "0.995"))
    commit(console, "While it went on")
    short = console(*OPEN).id[-6:]
    console("measure", "add", short, *ADD)
    console("measure", "anchor", short, "--path", SLO)
    assert not found(console, "MEA003")


def test_a_file_that_was_moved_changed_and_taken_back_is_told(console, measure):
    console.store.git("mv", SLO, "slo/moved.yaml")
    console.store.write("slo/moved.yaml", OBJECTIVE.replace("0.99", "0.995"))
    commit(console, "Moved and changed")
    console("measure", "anchor", measure[-6:], "--path", "slo/moved.yaml")
    assert not found(console, "MEA009")
    console.store.write("slo/moved.yaml", OBJECTIVE)
    commit(console, "Back")
    assert found(console, "MEA009")


AGAIN = "is again what it was before"
BACK = {
    OBJECTIVE: AGAIN,
    f"{OBJECTIVE}\n": AGAIN,
    f"\n\n{OBJECTIVE}".replace("\n", " \r\n"): AGAIN,
    OBJECTIVE.rstrip(): AGAIN,
    "": "nothing is in slo/receipt-scanner.yaml any more",
    "\n \n": "nothing is in slo/receipt-scanner.yaml any more",
}


@pytest.mark.parametrize("text", BACK)
def test_what_was_taken_back_closes_nothing_whatever_the_white_space(console, measure, text):
    change(console)
    console("measure", "anchor", measure[-6:], "--path", SLO)
    assert not found(console, "MEA009")
    console.store.write(SLO, text)
    commit(console, "Back")
    (one,) = found(console, "MEA009")
    assert BACK[text] in one["message"]
    said = console("measure", "show", measure[-6:]).out
    assert open_everywhere(console, measure) == "open, taken back"
    assert BACK[text] in said
    assert BACK[text] in console("measure", "show", "--json", measure[-6:]).json["measure"]["taken_back"][0]
    assert BACK[text] in console("measure", "list", "--json").json["measures"][0]["taken_back"][0]
    short = next(console.store.root.glob("incidents/2026/*")).name[-6:]
    assert ", taken back)\n" in console("incident", "show", short).out
    console("incident", "severity", short, "sev4", "--because", "Less than we thought")
    console("incident", "resolve", short, "Fixed")
    assert BACK[text] in console("incident", "close", short, code=1).err
    console.store.write(SLO, OBJECTIVE.replace("0.99", "0.999"))
    commit(console, "Changed further")
    assert not found(console, "MEA009")
    assert "taken back" not in console("measure", "list").out
    assert console("measure", "list", "--json").json["measures"][0]["taken_back"] == []
    console("incident", "close", short)


def test_a_report_of_a_shallow_clone_says_that_it_takes_anchors_at_their_word(console, measure, new_console, tmp_path):
    change(console)
    console("measure", "anchor", measure[-6:], "--path", SLO)
    told = "What is anchored is not judged by history: this is a shallow clone"
    said = console("report", "response", "--format", "markdown")
    assert told not in said.out + said.err
    console.store.git("clone", "--quiet", "--depth=1", f"file://{console.store.path}", str(tmp_path / "clone"))
    shallow = new_console(type(console.store)(tmp_path / "clone", console.store.env))
    shallow.now = console.now
    assert told in shallow("report", "response", "--format", "markdown").out
    assert told in shallow("report", "response", "--format", "csv").err
    assert shallow("report", "response", "--json").json["anchors_not_judged"].startswith("this is a shallow clone")


def test_what_was_taken_back_is_overdue_as_if_it_had_never_been_anchored(console, measure):
    change(console)
    console("measure", "anchor", measure[-6:], "--path", SLO)
    console.store.git("revert", "--no-edit", "HEAD~1")
    console.now = datetime(2026, 12, 22, 8, tzinfo=UTC)
    assert "open, 2 d overdue, taken back" in console("measure", "list", "--overdue").out
    assert "\t2 d\t" in console("measure", "overdue", code=1).out
    assert {one["code"] for one in (*found(console, "MEA008"), *found(console, "MEA009"))} == {"MEA008", "MEA009"}
    console.now = datetime(2027, 1, 20, 8, tzinfo=UTC)
    assert "neither anchored nor dropped 14 d later" in found(console, "MEA005")[0]["message"]
    console.store.git("revert", "--no-edit", "HEAD")
    assert console("measure", "overdue").out == ""
    assert "anchored" in console("measure", "list").out
    assert not found(console, "MEA005")


def test_one_anchor_that_stands_is_enough(console, measure):
    change(console)
    console("measure", "anchor", measure[-6:], "--path", SLO)
    console("measure", "anchor", measure[-6:], "--link", "https://git.example.org/pull/1", "--because", "There, too")
    console.store.write(SLO, OBJECTIVE)
    commit(console, "Back")
    assert [line.split("\t")[1] for line in console("measure", "list").out.splitlines()] == ["anchored"]
    assert not found(console, "MEA009")


def test_what_was_taken_back_can_be_dropped(console, measure):
    change(console)
    console("measure", "anchor", measure[-6:], "--path", SLO)
    console.store.write(SLO, OBJECTIVE)
    commit(console, "Back")
    console("measure", "drop", measure[-6:], "--because", "It woke everybody up")
    console.who = ("Noor Voorbeeld", "noor@example.org")
    console("measure", "approve", measure[-6:])
    assert [line.split("\t")[1] for line in console("measure", "list").out.splitlines()] == ["dropped"]
    assert not found(console, "MEA007")
    assert not found(console, "MEA009")


def test_what_was_made_in_the_very_second_of_the_declaration_stood_then(console):
    """Git counts seconds: of a store made by a program that goes on at once, nothing has changed since."""
    console.store.write(SLO, OBJECTIVE)
    commit(console, "An objective", at=(console.now + timedelta(minutes=1)).isoformat())
    short = console(*OPEN).id[-6:]
    console("measure", "add", short, *ADD)
    assert "has not changed since" in console("measure", "anchor", short, "--path", SLO, code=1).err
    folder = next(console.store.root.glob("measures/2026/*")).relative_to(console.store.root).as_posix()
    anchor_by_hand(console, folder, SLO, blob(console, SLO))
    (one,) = found(console, "MEA003")
    assert "has not changed since the incident was declared" in one["message"]


def test_a_runbook_that_nobody_exercised_closes_nothing(console, measure):
    path = "runbooks/receipt-scanner/queue.md"
    console.store.write(path, (console.store.root / path).read_text() + "And listen.\n")
    old = blob(console, path)
    commit(console, "A better runbook")
    anchor_by_hand(console, measure, path, blob(console, path), old)
    assert open_everywhere(console, measure) == "open, no anchor proves it"
    short = next(console.store.root.glob("incidents/2026/*")).name[-6:]
    console("incident", "severity", short, "sev4", "--because", "Less than we thought")
    console("incident", "resolve", short, "Fixed")
    assert "of which no exercise passed" in console("incident", "close", short, code=1).err

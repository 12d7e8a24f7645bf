"""`svcops check --baseline`: an old store begins to be checked without drowning in what it has."""

from typing import Any

import pytest

FILE = "check-baseline.txt"
LEDGER = "catalogue/services/ledger.yaml"


@pytest.fixture
def old(console: Any) -> Any:
    """A store with two errors that nobody will mend today."""
    store = console.store
    store.write(LEDGER, "title: Ledger\nowner: nobody\ndependencies:\n  - service: nothing\n")
    store.commit("An old store")
    return store


def codes(said: Any) -> list[str]:
    return [one["code"] for one in said.json["findings"] if one["severity"] == "error"]


def test_what_it_lists_is_left_out_and_counted(console: Any, old: Any) -> None:
    assert codes(console("check", "--json", code=1)) == ["REF001", "REF001"]
    said = console("check", "--write-baseline")
    assert said.out == f"{FILE}\n"
    assert old.committed() == {FILE: "A"}
    said = console("check", "--baseline")
    assert "in the baseline" in said.out
    assert codes(console("check", "--baseline", "--json")) == []
    assert console("check", "--baseline", "--json").json["in_baseline"] >= 2


def test_a_new_finding_is_reported_although_lines_moved(console: Any, old: Any) -> None:
    console("check", "--write-baseline")
    text = old.read(LEDGER)
    old.write(LEDGER, f"# A remark.\n\n{text}  - service: more\n")
    said = console("check", "--baseline", "--json", code=1)
    assert [one["message"] for one in said.json["findings"] if one["severity"] == "error"] == [
        "service names no service of this store: more"
    ]


def test_a_circle_that_is_listed_hides_no_other(console: Any, old: Any) -> None:
    def needing(name: str, *needed: str) -> None:
        needs = "".join(f"  - service: {one}\n" for one in needed)
        old.write(f"catalogue/services/{name}.yaml", f"title: T\nowner: platform\ndependencies:\n{needs}")

    needing("a", "b")
    needing("b", "a")
    needing("c", "a")
    console("check", "--write-baseline")
    needing("a", "b", "c")
    found = console("check", "--baseline", "--json", code=1).json["findings"]
    assert [one["message"] for one in found if one["code"] == "CAT001"] == [
        "none of these works without the next, in a circle: a -> c -> a"
    ]


def test_what_was_mended_is_said_and_leaves_with_the_next_baseline(console: Any, old: Any) -> None:
    console("check", "--write-baseline")
    before = old.read(FILE)
    old.write(LEDGER, old.read(LEDGER).replace("nobody", "platform"))
    assert (
        f"1 finding of {FILE} is mended: svcops check --write-baseline takes it out"
        in console("check", "--baseline").err
    )
    console("check", "--write-baseline")
    assert len(old.read(FILE).splitlines()) == len(before.splitlines()) - 1


def test_mended_in_one_branch_and_in_another_merges(console: Any, old: Any) -> None:
    old.write("catalogue/teams/zebra.yaml", "title: Zebra\nparent: nobody\n")
    old.commit("More")
    console("check", "--write-baseline")
    for branch, path, wrong, right in (
        ("one", LEDGER, "owner: nobody", "owner: platform"),
        ("two", "catalogue/teams/zebra.yaml", "parent: nobody", "parent: platform"),
    ):
        old.git("switch", "--quiet", "--create", branch, "main")
        old.write(path, old.read(path).replace(wrong, right))
        old.commit("Mended")
        console("check", "--write-baseline")
    old.git("merge", "--quiet", "--no-edit", "one")
    assert codes(console("check", "--baseline", "--json")) == []


def test_without_a_baseline_it_says_how_to_make_one(console: Any, old: Any) -> None:
    assert "svcops check --write-baseline makes it" in console("check", "--baseline", code=2).err


@pytest.mark.parametrize("text", ["<<<<<<< mine\nx y z\n=======\n", "only-this\n", b"\xff\xfe"])
def test_a_damaged_baseline_is_refused_at_its_line(console: Any, old: Any, text: str | bytes) -> None:
    old.write(FILE, text)
    said = console("check", "--baseline", code=2)
    assert FILE in said.err
    assert "--write-baseline" in said.err


@pytest.mark.parametrize("more", [("--baseline",), ("--since", "HEAD"), ("--fix",), ("--diff",)])
def test_it_is_written_from_all_findings_only(console: Any, old: Any, more: tuple[str, ...]) -> None:
    assert "stands alone" in console("check", "--write-baseline", *more, code=2).err
    assert not (old.root / FILE).exists()


def test_a_baseline_of_nothing(console: Any) -> None:
    console("check", "--write-baseline")
    console("check", "--write-baseline")
    assert console("check", "--baseline").code == 0


def test_of_a_branch_nothing_is_said_to_be_mended(console: Any, old: Any) -> None:
    console("check", "--write-baseline")
    old.git("switch", "--quiet", "--create", "mine")
    said = console("check", "--since", "main", "--baseline")
    assert "mended" not in said.err


def test_a_second_time_it_writes_nothing_and_says_so_in_json_too(console: Any, old: Any) -> None:
    first = console("check", "--write-baseline", "--json").json
    assert first["written"]["paths"] == [FILE]
    again = console("check", "--write-baseline", "--json").json
    assert again == {**first, "written": None}


def test_both_branches_wrote_one_and_the_merge_can_be_finished(console: Any, old: Any) -> None:
    old.git("switch", "--quiet", "--create", "other")
    old.write("catalogue/services/archive.yaml", "title: Archive\nowner: nobody\n")
    old.commit("Archive")
    console("check", "--write-baseline")
    old.git("switch", "--quiet", "main")
    old.write("catalogue/services/books.yaml", "title: Books\nowner: nobody\n")
    old.commit("Books")
    console("check", "--write-baseline")
    old.git("merge", "--quiet", "other", check=False)
    said = console("check", "--baseline", code=2)
    assert f"{FILE}:3 is where a merge left a conflict open" in said.err
    assert f"git checkout --theirs -- {FILE}" in said.err
    lines = [line for line in old.read(FILE).splitlines(keepends=True) if not line.startswith(("<<<", "===", ">>>"))]
    old.write(FILE, "".join(lines))
    old.git("add", "--", FILE)
    old.git("commit", "--quiet", "--no-edit")
    assert codes(console("check", "--baseline", "--json")) == []
    console("check", "--write-baseline")
    assert codes(console("check", "--baseline", "--json")) == []


def test_a_folder_of_that_name(console: Any, old: Any) -> None:
    (old.root / FILE).mkdir()
    assert console("check", "--baseline", code=2).err.startswith(f"error: {FILE} cannot be read: Is a directory\n")


def test_a_baseline_is_taken_back_like_any_other_change(console: Any) -> None:
    console.store.write("catalogue/services/ledger.yaml", "title: Ledger\nowner: nobody\n")
    console.store.commit("A reference that leads nowhere")
    console("check", "--write-baseline")
    assert (console.store.root / FILE).exists()
    console("undo")
    assert not (console.store.root / FILE).exists()


def test_of_a_branch_that_is_older_the_one_counts_that_a_merge_would_bring(console: Any, old: Any) -> None:
    old.git("switch", "--quiet", "--create", "mine")
    old.write("catalogue/teams/zebra.yaml", "title: Zebra\nparent: nobody\n")
    old.commit("A slip")
    old.git("switch", "--quiet", "main")
    console("check", "--write-baseline")
    old.git("switch", "--quiet", "mine")
    old.write(LEDGER, old.read(LEDGER).replace("nobody", "nobody # yet"))
    said = console("check", "--since", "main", "--baseline", "--json", code=1)
    assert (codes(said), said.json["in_baseline"] > 0) == (["REF001"], True)
    old.git("switch", "--quiet", "--force", "--create", "bare", "main~1")
    assert f"there is no {FILE}" in console("check", "--since", "main~1", "--baseline", code=2).err


def test_of_one_that_cannot_be_merged_the_lines_of_both_sides_count(console: Any, old: Any) -> None:
    for branch, path in (("mine", "catalogue/teams/yak.yaml"), ("main", "catalogue/teams/zebra.yaml")):
        old.git("switch", "--quiet", *(("--create",) if branch == "mine" else ()), branch)
        old.write(path, "title: One\nparent: nobody\n")
        old.commit("A team")
        console("check", "--write-baseline")
    said = console("check", "--since", "mine", "--baseline", "--json", code=1)
    assert codes(said) == ["MRG001"]


def test_what_is_waived_is_not_called_mended(console: Any, old: Any) -> None:
    console("check", "--write-baseline")
    old.write(LEDGER, f"# svcops: waive REF001 until 2027-03-31 by ada: renamed soon\n{old.read(LEDGER)}")
    said = console("check", "--baseline")
    assert "2 waived" in said.out
    assert "mended" not in said.err


def test_what_a_damaged_file_may_hide_stays_in_it(console: Any, old: Any) -> None:
    console("check", "--write-baseline")
    text = old.read(LEDGER)
    old.write(LEDGER, f"{text}x: [\n")
    said = console("check", "--write-baseline")
    assert f"lines of {FILE} stay, as nobody can tell while {LEDGER} is damaged" in said.err
    old.write(LEDGER, text)
    assert codes(console("check", "--baseline", "--json")) == []

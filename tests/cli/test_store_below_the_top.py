"""A store in a folder of a repository that has more: what asks git knows its files by the names that the store has."""

from typing import Any

import pytest

LEDGER = "catalogue/services/ledger.yaml"
RUNBOOK = "runbooks/receipt-scanner/queue.md"
TEMPLATE = "templates/page.md.j2"
OPEN = ("incident", "open", "Receipts are late", "--service", "ledger", "--severity", "sev3", "--detected-by", "user")
MEASURE = ("Ask sooner", "--type", "detect", "--owner", "ada", "--due", "2026-12-24")


@pytest.fixture
def console(console: Any) -> Any:
    """The small store, in the folder ops of a repository with a page beside it."""
    store = console.store
    store.write("README.md", "Everything of ours.\n")
    (store.path / "ops").mkdir()
    store.git("mv", "catalogue", "runbooks", "svcops.yaml", "ops")
    store.commit("A folder for the store")
    store.root = console.cwd = store.path / "ops"
    return console


def write(console: Any, path: str, text: str, message: str = "By hand") -> str:
    """Write a file of the store and commit it; the commit."""
    console.store.write(f"ops/{path}", text)
    return str(console.store.commit(message))


def on_both(console: Any, path: str, here: str | None, there: str) -> None:
    """Change a file on main, and on the branch `mine`, which is then checked out; None deletes it there."""
    store = console.store
    store.git("branch", "mine")
    write(console, path, there)
    store.git("switch", "--quiet", "mine")
    if here is None:
        store.git("rm", "--quiet", f"ops/{path}")
        store.git("commit", "--quiet", "--message=Gone")
    else:
        write(console, path, here)


def conflicts(console: Any, *arguments: str) -> list[str]:
    said = console("check", "--since", "main", "--json", *arguments, code=1)
    return [f"{one['path']} {one['code']}" for one in said.json["findings"] if one["severity"] == "error"]


@pytest.mark.parametrize(
    ("path", "here", "there"),
    [
        (RUNBOOK, None, "---\ntitle: Queue\nkind: operation\nservices: [receipt-scanner]\n---\n\nLook twice.\n"),
        (LEDGER, "title: Ledger\nowner: ada\n", "title: Ledger\nowner: noor\n"),
        ("svcops.yaml", "organisation: Ours\n", "organisation: Theirs\n"),
        ("check-baseline.txt", "aaaa CAT001 here\n", "bbbb CAT001 there\n"),
    ],
)
def test_what_cannot_be_merged_is_found(console: Any, path: str, here: str | None, there: str) -> None:
    on_both(console, path, here, there)
    assert conflicts(console) == [f"{path} MRG001"]


def test_the_baseline_of_a_merge_that_git_cannot_make_holds_the_lines_of_both(console: Any) -> None:
    console.store.git("branch", "mine")
    for branch in ("main", "mine"):
        console.store.git("switch", "--quiet", branch)
        write(console, f"catalogue/services/{branch}.yaml", f"title: {branch}\nowner: nobody\n")
        console("check", "--write-baseline")
    assert conflicts(console, "--baseline") == ["check-baseline.txt MRG001"]


def test_a_conflict_beside_the_store_is_none_of_it(console: Any) -> None:
    on_both(console, "../README.md", "Mine.\n", "Theirs.\n")
    console("check", "--since", "main")


def test_the_score_since_a_revision_tells_what_became_of_the_services(console: Any) -> None:
    write(console, LEDGER, "title: Ledger\nowner: platform\ntier: 1\ndescription: The books.\n")
    assert console("score", "--since", "HEAD~1").out == "ledger\tgained\tdescription\tthere is one\n"


def test_an_anchor_names_what_was_there_before(console: Any) -> None:
    write(console, TEMPLATE, "Look at the queue.\n")
    incident = console(*OPEN).id
    console("measure", "add", incident, *MEASURE)
    before = console.store.git("rev-parse", f"HEAD:ops/{TEMPLATE}").strip()
    write(console, TEMPLATE, "Look at the queue, and at the disk.\n")
    console("measure", "anchor", incident, "--path", TEMPLATE)
    event = next(console.store.root.glob("measures/2026/*/*anchored*")).read_text(encoding="utf-8")
    assert f"before: {before}" in event.replace('"', "")
    figures = console("report", "response", "--json").json["figures"][0]["measures"]
    assert (len(figures["anchored"]), len(figures["open"])) == (1, 0)


def test_the_last_change_is_taken_back(console: Any) -> None:
    before = console.store.git("rev-parse", "HEAD^{tree}")
    console(*OPEN)
    console("undo")
    assert console.store.git("rev-parse", "HEAD^{tree}") == before


@pytest.fixture
def colleague(console: Any, tmp_path: Any, new_console: Any) -> Any:
    """A console on a clone; both can sync with the same bare repository."""
    store, hub = console.store, tmp_path / "hub.git"
    store.git("init", "--quiet", "--bare", "--initial-branch=main", str(hub))
    store.git("remote", "add", "origin", hub.as_uri())
    store.git("push", "--quiet", "--set-upstream", "origin", "main")
    store.git("clone", "--quiet", hub.as_uri(), str(tmp_path / "noor"))
    clone = type(store)(tmp_path / "noor", store.env, "ops")
    clone.git("config", "user.name", "Noor Voorbeeld")
    clone.git("config", "user.email", "noor@example.org")
    other = new_console(clone)
    other._seed = 1000
    return other


def test_a_sync_brings_what_both_recorded(console: Any, colleague: Any) -> None:
    theirs, ours = colleague(*OPEN).id, console(*OPEN).id
    console("sync")
    colleague("sync")
    console("sync")
    assert {one["id"] for one in console("incident", "list", "--json").json["incidents"]} == {theirs, ours}
    assert console.store.head() == colleague.store.head()
    assert not console.store.status()


@pytest.mark.parametrize("how", [(), ("--dry-run",)])
def test_a_sync_that_git_cannot_make_names_the_files_as_the_store_does(
    console: Any, colleague: Any, how: tuple[str, ...]
) -> None:
    write(console, LEDGER, "title: Ledger\nowner: ada\n")
    console("sync")
    write(colleague, LEDGER, "title: Ledger\nowner: noor\n")
    said = colleague("sync", *how, code=3).err
    assert f"in ways that git cannot merge: {LEDGER}\n" in said
    assert f"git add -- {LEDGER} &&" in said


@pytest.mark.parametrize("how", [(), ("--dry-run",)])
def test_what_is_in_the_way_of_a_sync_is_named_as_the_store_does(
    console: Any, colleague: Any, how: tuple[str, ...]
) -> None:
    console.store.write("README.md", "All of ours.\n")
    write(console, LEDGER, "title: Ledger\nowner: ada\n")
    console("sync")
    colleague.store.write(f"ops/{LEDGER}", "title: Ledger\nowner: noor\n")
    colleague.store.write("README.md", "Everything of us.\n")
    assert (
        f"not committed here, and changed by others too: ../README.md, {LEDGER}\n"
        in colleague("sync", *how, code=3).err
    )

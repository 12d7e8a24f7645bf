"""The line of history that people have: when a commit came to it, and by which."""

import pytest

from svcops.store.git import Git
from svcops.store.mainline import Mainline, brings_up_to_date


@pytest.fixture
def dated(store):
    """Runs git at so many hours after the first commit."""

    def run(hours, *arguments):
        moment = f"2026-11-23T{hours:02}:00:00Z"
        place = type(store)(store.path, {**store.env, "GIT_AUTHOR_DATE": moment, "GIT_COMMITTER_DATE": moment})
        return place.git(*arguments)

    return run


@pytest.fixture
def change(store, dated):
    """Commits a file of its own at some hour; the commit."""

    def make(hours, name):
        store.write(name, f"{name}\n")
        store.git("add", "--all")
        dated(hours, "commit", "--quiet", f"--message={name}")
        return store.head()

    return make


def hour(store, commit, *tips):
    """At which hour a commit came to the line, and by which commit."""
    arrival = Mainline.read(Git(store.root, store.env), tips or (store.head(),)).arrival(commit)
    return (arrival.at // 3600) % 24, arrival.commit


def test_what_was_made_on_a_branch_came_when_it_was_merged(store, dated, change):
    store.git("switch", "--quiet", "--create", "fix")
    fix = change(1, "fix")
    assert hour(store, fix) == (1, fix), "where the branch is checked out it is the line"
    store.git("switch", "--quiet", "main")
    main = change(2, "main")
    dated(3, "merge", "--quiet", "--no-ff", "-m", "Merge pull request #7 from ada/fix", "fix")
    assert hour(store, fix) == (3, store.head())
    assert hour(store, main) == (2, main)


def test_what_came_by_two_merges_came_by_the_first_that_reached_the_line(store, dated, change):
    store.git("switch", "--quiet", "--create", "fix")
    fix = change(1, "fix")
    store.git("switch", "--quiet", "--create", "release", "main")
    dated(2, "merge", "--quiet", "--no-ff", "-m", "Merge branch 'fix' into release", "fix")
    store.git("switch", "--quiet", "main")
    dated(3, "merge", "--quiet", "--no-ff", "-m", "Merge branch 'release'", "release")
    first = store.head()
    store.git("switch", "--quiet", "fix")
    later = change(4, "later")
    store.git("switch", "--quiet", "main")
    dated(5, "merge", "--quiet", "--no-ff", "-m", "Merge branch 'fix'", "fix")
    assert hour(store, fix) == (3, first)
    assert hour(store, later) == (5, store.head())


def test_a_fast_forward_leaves_nothing_but_when_the_commit_was_made(store, dated, change):
    store.git("switch", "--quiet", "--create", "fix")
    fix = change(1, "fix")
    store.git("switch", "--quiet", "main")
    dated(3, "merge", "--quiet", "--ff-only", "fix")
    assert hour(store, fix) == (1, fix)


@pytest.mark.parametrize(
    "message",
    [
        "Merge branch 'main' into fix",
        "Merge remote-tracking branch 'origin/main' into fix",
        "Merge branch 'main' of https://git.example.org/store",
    ],
)
def test_main_merged_into_a_branch_and_then_fast_forwarded_to_it_is_still_the_line(store, dated, change, message):
    """Its first parents are those of the branch, on which nobody else had what was made there."""
    store.git("switch", "--quiet", "--create", "fix")
    fix = change(1, "fix")
    store.git("switch", "--quiet", "main")
    main = change(2, "main")
    store.git("switch", "--quiet", "fix")
    dated(3, "merge", "--quiet", "-m", message, "main")
    store.git("switch", "--quiet", "main")
    dated(4, "merge", "--quiet", "--ff-only", "fix")
    assert hour(store, main) == (2, main)
    assert hour(store, fix) == (3, store.head())


@pytest.mark.parametrize(
    ("subject", "up_to_date"),
    [
        ("Merge branch 'main' into fix", True),
        ("Merge branch 'main' into 'fix'", True),
        ("Merge branch 'develop' of git.example.org:store into develop", True),
        ("Merge remote-tracking branch 'origin/develop' into develop", True),
        ("Merge remote-tracking branch 'origin/main'", True),
        ("Merge one change by Noor into origin/main", False),
        ("Merge branch 'fix'", False),
        ("Merge branch 'fix' into main", False),
        ("Merge branch 'fix/queue' into 'main'", False),
        ("Merge branch 'master' into main", False),
        ("Merge branch 'main' into master", False),
        ("Merge branch 'fix' of https://git.example.org/fork", False),
        ("Merge remote-tracking branch 'origin/fix'", False),
        ("Merge branch 'develop' into main", False),
        ("Merge pull request #7 from ada/main", False),
        ("Merged in fix (pull request #7)", False),
        ("Merge the queue", False),
        ("", False),
    ],
)
def test_the_message_says_what_was_merged_into_what(subject, up_to_date):
    assert brings_up_to_date(subject) is up_to_date


def test_what_the_line_to_a_second_commit_brings_comes_after_the_first_s(store, change):
    store.git("switch", "--quiet", "--create", "fix")
    fix = change(1, "fix")
    store.git("switch", "--quiet", "main")
    main = change(2, "main")
    assert hour(store, fix, main, fix) == (1, fix)
    assert hour(store, main, fix, main) == (2, main)


def test_read_since_a_commit_it_says_whether_the_line_leads_there(store, dated, change):
    start = store.head()
    store.git("switch", "--quiet", "--create", "fix")
    fix = change(1, "fix")
    store.git("switch", "--quiet", "main")
    change(2, "main")
    dated(3, "merge", "--quiet", "--no-ff", "-m", "Merge branch 'fix'", "fix")
    git, tips = Git(store.root, store.env), (store.head(),)
    of_line, of_branch = Mainline.read(git, tips, start), Mainline.read(git, tips, fix)
    assert (of_line.follows(start), of_line.is_continued(start)) == (True, True)
    assert (of_branch.follows(fix), of_branch.is_continued(fix)) == (True, False)
    of_none = Mainline.read(git, tips, "1" * 40)
    assert (of_none.follows("1" * 40), of_none.is_continued("1" * 40)) == (False, False)

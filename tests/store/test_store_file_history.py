"""What git's history says of files: who, which contents, what stood there before; and what the cache holds of it."""

import string
import subprocess

import pytest
from git import Repo
from hypothesis import given
from hypothesis import strategies as st
from tests.tries import tries

from svcops.store.cache import Cache
from svcops.store.file_history import FileHistory
from svcops.store.git import Git
from svcops.store.opening import Store

PAGE = "postmortems/2026/page.md"
MARKER = "incidents/2026/i/incident.yaml"


def by(store, mail, message="by hand", **files):
    """A commit of somebody's; a path is written with its slashes as two underscores, and its dot as one more."""
    for name, text in files.items():
        store.write(name.replace("__", "/"), text)
    store.git("add", "--all")
    who = {"GIT_AUTHOR_NAME": mail, "GIT_AUTHOR_EMAIL": mail}
    return type(store)(store.path, {**store.env, **who}).git("commit", "--quiet", "--allow-empty", "-m", message)


def write(store, mail, path, text, message="by hand"):
    store.write(path, text)
    by(store, mail, message)


def history_of(store, *tips, keep=True):
    cache = Cache(store.git_dir / "svcops/cache")
    return FileHistory(Git(store.root, store.env), cache, tips or ("HEAD",), keep=keep)


def blob(store, path):
    return store.git("rev-parse", f"HEAD:{path}").strip()


def test_authors_are_those_of_all_changes_and_their_co_authors(store):
    write(store, "Ada@example.org", PAGE, "one\n")
    write(store, "kim@example.org", PAGE, "two\n", "Two\n\nCo-authored-by: Noor <noor@example.org>")
    write(store, "robin@example.org", "postmortems/2026/other.md", "other\n")
    history = history_of(store)
    assert history.authors(PAGE) == {"ada@example.org", "kim@example.org", "noor@example.org"}
    assert history.authors("postmortems/2026/other.md") == {"robin@example.org"}
    assert history.authors("postmortems/2026/none.md") == set()


def test_who_wrote_into_a_merge_is_an_author_and_who_only_merged_is_not(store):
    write(store, "ada@example.org", PAGE, "one\n")
    store.git("switch", "--quiet", "--create", "side")
    write(store, "kim@example.org", PAGE, "side\n")
    store.git("switch", "--quiet", "main")
    write(store, "noor@example.org", "README.md", "hello\n")
    store.git("merge", "--quiet", "--no-edit", "side")
    assert history_of(store).authors(PAGE) == {"ada@example.org", "kim@example.org"}
    store.git("switch", "--quiet", "--create", "other", "HEAD~1")
    write(store, "ada@example.org", PAGE, "other\n")
    store.git("merge", "--quiet", "--no-commit", "main", check=False)
    store.write(PAGE, "of the merge\n")
    by(store, "evil@example.org", "Merge")
    assert "evil@example.org" in history_of(store).authors(PAGE)


def test_a_message_with_lines_that_look_like_git_s_own_is_a_message(store):
    message = f":100644 100644 {'1' * 40} {'2' * 40} M\n\n:000000 100644 {PAGE}\n{'3' * 40} 1\nmallory@example.org\n"
    write(store, "ada@example.org", PAGE, "one\n", message)
    write(store, "kim@example.org", "postmortems/2026/:odd\n name.md", "x\n")
    history = history_of(store)
    assert history.authors(PAGE) == {"ada@example.org"}
    assert history.authors("postmortems/2026/:odd\n name.md") == {"kim@example.org"}


def test_every_content_is_told_the_newest_first_with_when_it_was_made(store):
    made = []
    for text in ("one\n", "two\n", "three\n"):
        write(store, "ada@example.org", "slo/a.yaml", text)
        made.append(blob(store, "slo/a.yaml"))
    store.git("rm", "--quiet", "slo/a.yaml")
    by(store, "ada@example.org")
    touches = history_of(store).of("slo/a.yaml")
    assert [one.after for one in touches] == ["", *reversed(made)]
    assert all(one.at == int(store.git("show", "-s", "--format=%at", one.commit)) for one in touches)


@pytest.mark.parametrize(("committed", "is_remade"), [("08:00:00", False), ("08:00:01", False), ("08:00:05", True)])
def test_a_commit_is_made_anew_where_its_two_times_are_farther_apart_than_git_needs(store, committed, is_remade):
    store.write(PAGE, "one\n")
    store.git("add", "--all")
    times = {"GIT_AUTHOR_DATE": "2026-11-23T08:00:00Z", "GIT_COMMITTER_DATE": f"2026-11-23T{committed}Z"}
    type(store)(store.path, {**store.env, **times}).git("commit", "--quiet", "--message=One")
    (touch,) = history_of(store).of(PAGE)
    assert touch.is_remade is is_remade


def test_what_stood_before_a_file_was_first_committed(store):
    write(store, "ada@example.org", "slo/a.yaml", "old\n")
    old = blob(store, "slo/a.yaml")
    store.write(MARKER, "title: T\n")
    write(store, "ada@example.org", "slo/a.yaml", "in the same commit\n")
    write(store, "ada@example.org", MARKER, "title: Later\n")
    history = history_of(store)
    assert history.stood(MARKER, "slo/a.yaml") == old
    assert history.stood(MARKER, "slo/none.yaml") == ""
    assert history.stood("never committed", "slo/a.yaml") is None
    assert history_of(store).stood(MARKER, "slo/a.yaml") == old, "as it is held"


def test_where_a_content_ever_was(store):
    write(store, "ada@example.org", "slo/a.yaml", "one\n")
    one = blob(store, "slo/a.yaml")
    write(store, "ada@example.org", "slo/a.yaml", "two\n")
    write(store, "ada@example.org", "runbooks/a/b.md", "one\n")
    places = history_of(store).below(["slo", "runbooks", "none"])
    assert [path for path, touch in places if touch.after == one] == ["slo/a.yaml", "runbooks/a/b.md"]


def test_words_are_told_by_content_and_held_without_what_git_does_not_have(store, monkeypatch):
    texts = {
        "a": "one: 1\ntwo: 2\n",
        "b": "\ufeff\r\n one: 1\r\ntwo: 2",
        "c": "one: 1\n",
        "d": " \n\t\u00a0\n",
        "e": "",
    }
    for name, text in texts.items():
        write(store, "ada@example.org", f"slo/{name}.yaml", text)
    blobs = {name: blob(store, f"slo/{name}.yaml") for name in texts}
    words = history_of(store).words([*blobs.values(), "1" * 40])
    assert words[blobs["a"]] == words[blobs["b"]] != words[blobs["c"]]
    assert (words[blobs["d"]], words[blobs["e"]]) == ("", "")
    assert "1" * 40 not in words
    monkeypatch.setattr(Git, "run", lambda *words, **more: pytest.fail("it was held"))
    assert history_of(store).words(blobs.values()) == {one: words[one] for one in blobs.values()}


def test_before_the_very_first_commit_nothing_stood(new_store):
    store = new_store(born=False)
    store.write(MARKER, "title: T\n")
    by(store, "ada@example.org")
    assert history_of(store).stood(MARKER, "svcops.yaml") == ""


def test_in_a_store_in_a_subfolder_paths_are_the_store_s(new_store):
    store = new_store(below="ops")
    store.write(f"ops/{MARKER}", "title: T\n")
    write(store, "kim@example.org", f"ops/{PAGE}", "one\n")
    write(store, "ada@example.org", PAGE, "of another\n")
    history = history_of(store)
    assert history.authors(PAGE) == {"kim@example.org"}
    assert history.stood(MARKER, "svcops.yaml") == blob(store, "ops/svcops.yaml")


def test_where_git_log_is_set_to_leave_out_the_first_commit_it_is_there(new_store):
    store = new_store(born=False)
    store.write(MARKER, "title: T\n")
    write(store, "ada@example.org", PAGE, "one\n")
    store.git("config", "log.showRoot", "false")
    assert history_of(store).authors(PAGE) == {"ada@example.org"}
    assert history_of(store).stood(MARKER, PAGE) == ""


def test_where_git_log_is_set_to_check_signatures_no_program_runs(store):
    key, program = store.path.parent / "key", store.path.parent / "program"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
    for name, value in (("gpg.format", "ssh"), ("user.signingKey", str(key)), ("commit.gpgSign", "true")):
        store.git("config", name, value)
    write(store, "ada@example.org", PAGE, "one\n")
    program.write_text(f"#!/bin/sh\n: > {program}-ran\n")
    program.chmod(0o755)
    for name, value in (("log.showSignature", "true"), ("gpg.ssh.program", str(program))):
        store.git("config", name, value)
    store.git("config", "gpg.ssh.allowedSignersFile", f"{key}.pub")
    assert history_of(store).authors(PAGE) == {"ada@example.org"}
    assert not program.with_name("program-ran").exists()


@pytest.mark.parametrize("what", ["shallow", "no commit", "no repository", "no git"])
def test_where_history_is_not_there_it_says_why_and_knows_nothing(store, new_store, tmp_path, what):
    write(store, "ada@example.org", PAGE, "one\n")
    history = history_of(store)
    if what == "shallow":
        store.git("clone", "--quiet", "--depth=1", f"file://{store.path}", str(tmp_path / "clone"))
        history = history_of(type(store)(tmp_path / "clone", store.env))
    elif what == "no commit":
        history = history_of(new_store("empty", born=False))
    elif what == "no repository":
        history = Store(tmp_path / "nothing", store.env, print).history
    else:
        history = FileHistory(Git(store.root, {"PATH": str(tmp_path)}), Cache(None))
    assert history.unknown
    assert history.authors(PAGE) == set()
    assert history.of(PAGE) == []
    assert history.stood(MARKER, PAGE) is None


# What the cache holds ------------------------------------------------------------------------------------------------


def test_what_is_held_is_not_read_again_and_what_came_since_is(store, monkeypatch):
    write(store, "ada@example.org", PAGE, "one\n")
    assert history_of(store).authors(PAGE) == {"ada@example.org"}
    asked = []
    real = Git.run
    monkeypatch.setattr(Git, "run", lambda self, *words, **more: asked.append(words) or real(self, *words, **more))
    assert history_of(store).authors(PAGE) == {"ada@example.org"}
    assert not [words for words in asked if words[0] == "log"]
    before = store.head()
    write(store, "kim@example.org", PAGE, "two\n")
    assert history_of(store).authors(PAGE) == {"ada@example.org", "kim@example.org"}
    logs = [words for words in asked if words[0] == "log"]
    assert len(logs) == 2, "what changed, and when it came to the line"
    assert all(any(before in word for word in log) for log in logs)


def test_a_history_that_was_rewritten_is_read_anew(store):
    write(store, "ada@example.org", PAGE, "one\n")
    write(store, "evil@example.org", PAGE, "two\n")
    assert history_of(store).authors(PAGE) == {"ada@example.org", "evil@example.org"}
    store.git("reset", "--quiet", "--hard", "HEAD~1")
    write(store, "kim@example.org", PAGE, "three\n")
    assert history_of(store).authors(PAGE) == {"ada@example.org", "kim@example.org"}


def test_several_tips_are_read_together_and_held_for_none(store):
    write(store, "ada@example.org", PAGE, "one\n")
    history_of(store).authors(PAGE)
    store.git("switch", "--quiet", "--create", "side")
    write(store, "kim@example.org", PAGE, "side\n")
    store.git("switch", "--quiet", "main")
    write(store, "noor@example.org", PAGE, "main\n")
    assert history_of(store, "main", "side", keep=False).authors(PAGE) == {
        *("ada@example.org", "kim@example.org", "noor@example.org")
    }
    assert history_of(store).authors(PAGE) == {"ada@example.org", "noor@example.org"}


MAILS = ("ada@example.org", "kim@example.org", "noor@example.org")
STEPS = st.lists(
    st.tuples(
        st.sampled_from(("write", "other", "branch", "merge", "ask", "remove")),
        st.sampled_from(MAILS),
        st.text(string.ascii_lowercase, min_size=1, max_size=2),
    ),
    max_size=8,
)


@given(steps=STEPS)
@tries(15)
def test_however_it_was_read_it_says_what_gitpython_says(new_store, tmp_path_factory, steps):
    """With branches, merges and questions in between, each of which leaves something in the cache."""
    store = new_store(tmp_path_factory.mktemp("h").name)
    write(store, MAILS[0], PAGE, "first\n")
    for what, mail, text in steps:
        if what == "write":
            write(store, mail, PAGE, f"{text}\n")
        elif what == "other":
            write(store, mail, "README.md", f"{text}\n")
        elif what == "remove" and (store.path / PAGE).exists():
            (store.path / PAGE).unlink()
            by(store, mail)
        elif what == "branch":
            store.git("switch", "--quiet", "--create", f"b{len(store.git('branch').splitlines())}", "HEAD~0")
        elif what == "merge":
            store.git("merge", "--quiet", "--no-edit", "-X", "ours", "main", check=False)
            store.git("merge", "--abort", check=False)
        else:
            history_of(store).authors(PAGE)
    uncached = FileHistory(Git(store.root, store.env), Cache(None))
    assert history_of(store).of(PAGE) == uncached.of(PAGE)
    fresh = uncached.authors(PAGE)
    with Repo(store.root) as repository:
        commits = list(repository.iter_commits("HEAD", paths=PAGE))
        assert fresh >= {one.email for commit in commits for one in (commit.author, *commit.co_authors)}

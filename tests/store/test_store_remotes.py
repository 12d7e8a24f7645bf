"""Other clones: addresses, answers to a push, and what waits."""

import subprocess
import time

import pytest

from svcops.store import remotes
from svcops.store.git import Git, Unanswered
from svcops.store.remotes import Route, pull_request

ROUTE = Route("refs/heads/main", "origin", "refs/heads/main", "refs/remotes/origin/main", "origin")


@pytest.fixture
def shared(store, tmp_path):
    """A store with a bare remote, pushed."""
    hub = tmp_path / "hub.git"
    store.git("init", "--quiet", "--bare", "--initial-branch=main", str(hub))
    store.git("remote", "add", "origin", str(hub))
    store.git("push", "--quiet", "--set-upstream", "origin", "main")
    return store


def git_of(store):
    return Git(store.root, store.env)


@pytest.mark.parametrize(
    ("address", "page"),
    [
        ("git@github.com:acme/ops.git", "https://github.com/acme/ops/compare/main...svc?expand=1"),
        ("https://token:x@github.com/acme/ops", "https://github.com/acme/ops/compare/main...svc?expand=1"),
        (
            "ssh://git@gitlab.example.org:2222/a/b/ops.git",
            "https://gitlab.example.org/a/b/ops/-/merge_requests/new?merge_request%5Bsource_branch%5D=svc",
        ),
        ("https://gitea.example.org:3000/a/ops.git", "https://gitea.example.org:3000/a/ops/compare/main...svc"),
        ("https://codeberg.org/a/ops.git", "https://codeberg.org/a/ops/compare/main...svc"),
        ("git@bitbucket.org:a/ops.git", "https://bitbucket.org/a/ops/pull-requests/new?source=svc"),
        ("git@git.example.org:a/ops.git", None),
        ("/srv/github/ops.git", None),
        ("./github:x", None),
        ("file:///srv/github/ops.git", None),
        ("https://[github", None),
        ("https://github.com:port/a/b", None),
        ("", None),
    ],
)
def test_where_a_pull_request_is_opened_follows_from_the_address_of_a_known_host(address, page):
    assert pull_request(None, (), address, "main", "svc") == page


def test_the_settings_go_before_what_the_remote_says_and_that_before_what_is_known_of_its_host():
    words = ("Create a pull request for 'svc' by visiting:", "https://github.example.org/acme/ops/pull/new/svc")
    known = "git@github.com:acme/ops.git"
    assert pull_request("https://x.example/{branch}?a", words, known, "main", "a/b c") == "https://x.example/a/b%20c?a"
    assert pull_request(None, words, known, "main", "svc") == words[1]


@pytest.mark.parametrize("name", ["plain", "with/slash", "ünïcode"])
def test_the_route_is_the_upstream_of_the_branch(shared, name):
    shared.git("switch", "--quiet", "--create", "here")
    shared.git("push", "--quiet", "--set-upstream", "origin", f"here:refs/heads/{name}")
    route = remotes.route_of(git_of(shared))
    assert route == Route("refs/heads/here", "origin", f"refs/heads/{name}", f"refs/remotes/origin/{name}", "origin")
    assert route.name == f"origin/{name}"


def test_a_push_is_answered_by_done_faster_or_refused(shared, tmp_path):
    git = git_of(shared)
    shared.git("clone", "--quiet", str(tmp_path / "hub.git"), str(tmp_path / "other"))
    other = type(shared)(tmp_path / "other", shared.env)
    shared.put("a.yaml", "a: 1\n")
    pushed = remotes.push(git, ROUTE, shared.head(), 30)
    assert pushed.answer == "done"
    assert remotes.seen(git, ROUTE) == shared.head()
    other.git("-c", "user.name=N", "-c", "user.email=n@example.org", "commit", "--quiet", "--allow-empty", "-m", "x")
    assert remotes.push(git_of(other), ROUTE, other.head(), 30).answer == "faster"
    hook = tmp_path / "hub.git/hooks/update"
    hook.write_text("#!/bin/sh\necho not this one\nexit 1\n")
    hook.chmod(0o755)
    shared.put("b.yaml", "a: 1\n")
    pushed = remotes.push(git, ROUTE, shared.head(), 30)
    assert (pushed.answer, pushed.reason, pushed.words[0]) == ("refused", "hook declined", "not this one")


def test_a_branch_that_cannot_be_locked_at_the_remote_is_no_certain_race(shared, tmp_path):
    (tmp_path / "hub.git/refs/heads/main.lock").touch()
    shared.put("a.yaml", "a: 1\n")
    pushed = remotes.push(git_of(shared), ROUTE, shared.head(), 30)
    assert (pushed.answer, pushed.reason) == ("locked", "failed to update ref")
    assert "main.lock" in pushed.words[0]


def test_a_push_never_goes_by_force_or_with_tags_whatever_git_is_set_to(shared, tmp_path):
    git = git_of(shared)
    shared.git("config", "push.followTags", "true")
    shared.git("config", "remote.origin.push", "+refs/heads/*:refs/heads/*")
    shared.git("config", "remote.origin.mirror", "false")
    shared.git("tag", "-a", "-m", "mine", "mine")
    first = shared.head()
    shared.put("a.yaml", "a: 1\n")
    remotes.push(git, ROUTE, shared.head(), 30)
    assert remotes.push(git, ROUTE, first, 30).answer == "faster"
    listed = shared.git("ls-remote", "origin")
    assert "mine" not in listed
    assert f"{shared.head()}\trefs/heads/main" in listed


def test_a_branch_that_is_gone_at_the_remote_is_forgotten_here(shared, tmp_path):
    git = git_of(shared)
    shared.git("-C", str(tmp_path / "hub.git"), "update-ref", "-d", "refs/heads/main")
    assert remotes.seen(git, ROUTE)
    assert remotes.fetch(git, ROUTE, 30) is None
    assert remotes.seen(git, ROUTE) is None


def test_commits_are_told_with_their_records_the_oldest_first(shared):
    change = shared.change({"a.yaml": "a: 1\n"}, "Änder\tthings; \x02 odd", records=("one", "two"))
    shared.apply(change)
    shared.write("by-hand", "x")
    shared.commit("By hand")
    first, second = remotes.waiting(git_of(shared), ROUTE)
    assert (first.subject, first.records, first.mail) == ("Änder things; \x02 odd", ("one", "two"), "ada@example.org")
    assert (second.subject, second.records, second.is_merge) == ("By hand", (), False)


def test_an_impossible_time_of_a_commit_is_unknown(shared):
    raw = shared.git("cat-file", "commit", "HEAD")
    head = raw.split("committer ")[0]
    made = shared.git(
        "hash-object", "-t", "commit", "-w", "--stdin", "--literally",
        stdin=f"{head}committer A <a@example.org> 99999999999999999 +0000\n\nOdd\n",
    ).strip()  # fmt: skip
    assert [one.at for one in remotes.between(git_of(shared), [made], [])][-1] is None


def test_what_git_shows_of_signatures_is_no_part_of_the_list(shared):
    key = shared.path.parent / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
    for name, value in (("gpg.format", "ssh"), ("user.signingKey", str(key)), ("log.showSignature", "true")):
        shared.git("config", name, value)
    (key.parent / "allowed").write_text(f"ada@example.org {key.with_suffix('.pub').read_text()}")
    shared.git("config", "gpg.ssh.allowedSignersFile", str(key.parent / "allowed"))
    shared.git("config", "commit.gpgSign", "true")
    shared.put("a.yaml", "a: 1\n")
    assert [(one.commit, one.subject) for one in remotes.waiting(git_of(shared), ROUTE)] == [(shared.head(), "Change")]


def test_a_git_that_does_not_end_is_ended_with_all_that_it_started(shared, tmp_path):
    proof = tmp_path / "alive"
    shared.git("config", "alias.slow", f"!sleep 60 & echo $! > {proof}; wait")
    with pytest.raises(Unanswered, match=r"no answer to git slow in 0\.5 s"):
        git_of(shared).talk("slow", seconds=0.5)
    time.sleep(0.2)
    stat = type(proof)(f"/proc/{proof.read_text().strip()}/stat")
    assert not stat.exists() or stat.read_text().split()[2] == "Z"

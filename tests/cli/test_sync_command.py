"""svcops sync between real clones: nothing conflicts, nothing is lost, and offline it says what waits."""

import os
import socket
import subprocess
import sys
import time

import pytest


def timeline(console, short):
    return console("incident", "show", short, "--json").json["incident"]["timeline"]


def folded(console):
    shown = console("incident", "list", "--json").json["incidents"]
    return [console("incident", "show", one["id"], "--json").json["incident"] for one in shown]


def refuse_main(team):
    team.hub_hook(
        "pre-receive",
        'while read old new ref; do [ "$ref" = refs/heads/main ] && echo "main is protected" && exit 1; done; exit 0',
    )


def name_branch(team, who=None, **more):
    lines = "".join(f"  {key}: {value}\n" for key, value in {"sync_branch": "svcops", **more}.items())
    console = who or team.ada
    console.store.write("svcops.yaml", console.store.read("svcops.yaml") + "policy:\n" + lines)
    console.store.commit("A branch for pull requests")


# Two clones ------------------------------------------------------------------------------------------------------------


def test_what_is_recorded_here_goes_there_and_what_is_recorded_there_comes_here(team):
    mine = team.open(team.ada)
    said = team.ada("sync")
    assert said.out.startswith(f"{mine}\tout\tada\t")
    assert said.err.strip().endswith("1 change went to origin/main")
    said = team.noor("sync")
    assert said.out.startswith(f"{mine}\tin\tada\t")
    assert mine in team.noor("incident", "list").out
    assert team.noor("sync").err == "origin/main and this clone hold the same\n"
    assert not team.noor.store.status()


def test_two_clones_that_both_record_fold_to_the_same_once_both_have_synced(team):
    short = team.open(team.ada)[-6:]
    team.ada("sync")
    team.noor("sync")
    team.ada("incident", "log", short, "Ada looks")
    team.noor("incident", "log", short, "Noor looks")
    team.noor("incident", "severity", short, "sev1")
    team.ada("incident", "severity", short, "sev2")
    team.ada("sync")
    team.noor("sync")
    team.ada("sync")
    assert folded(team.ada) == folded(team.noor)
    assert {"Ada looks", "Noor looks"} <= {event.get("text") for event in timeline(team.ada, short)}
    assert team.ada.store.head() == team.noor.store.head()
    for console in (team.ada, team.noor):
        console.store.fsck()
        assert not console.store.status()
        assert not console.store.locks()


def test_a_merge_says_whose_changes_went_where_and_names_no_record(team):
    team.open(team.ada, "Receipts are late")
    team.ada("sync")
    team.open(team.noor, "Payroll is late")
    team.noor("sync")
    assert team.noor.store.git("log", "-1", "--format=%an|%s").strip() == (
        "Noor Voorbeeld|Merge one change by Noor Voorbeeld into origin/main"
    )
    body = team.noor.store.git("log", "-1", "--format=%b")
    assert body.startswith("- Open incident ")
    assert not team.noor.store.git("log", "-1", "--format=%(trailers:key=Svcops-Record)").strip()


def test_what_all_share_is_the_first_parent_of_a_merge(team):
    """So whoever follows first parents sees what others shared when they did, and what was here with the merge."""
    team.open(team.ada, "Receipts are late")
    team.ada("sync")
    team.open(team.noor, "Payroll is late")
    team.noor("sync")
    team.ada("sync")
    subjects = team.ada.store.git("log", "--first-parent", "--format=%an: %s", "-2").splitlines()
    assert subjects[0].startswith("Noor Voorbeeld: Merge one change")
    assert subjects[1].startswith("Ada Example: Open incident")


def test_json_names_what_came_and_what_went(team):
    mine = team.open(team.ada)
    team.ada("sync")
    theirs = team.open(team.noor)
    said = team.noor("sync", "--json").json
    assert said["schema"] == "svcops.sync/1"
    assert said["done"]
    assert (said["from"], said["to"], said["branch"]) == ("origin/main", "origin/main", "main")
    assert [(one["records"], one["by"]) for one in said["came_in"]] == [([mine], "ada")]
    out = [one for one in said["went_out"] if not one["merge"]]
    assert [(one["records"], one["by"]) for one in out] == [([theirs], "noor")]
    assert len(said["merges"]) == 1


def test_quiet_prints_ids_alone(team):
    mine = team.open(team.ada)
    said = team.ada("sync", "--quiet")
    assert (said.out, said.err) == (f"{mine}\n", "")


def test_a_dry_run_says_what_would_come_and_go_and_leaves_it(team):
    mine = team.open(team.ada)
    team.ada("sync")
    theirs = team.open(team.noor)
    head, hub = team.noor.store.head(), team.hub_git("rev-parse", "main")
    said = team.noor("sync", "--dry-run")
    assert [line.split("\t")[:2] for line in said.out.splitlines()] == [[mine, "in"], [theirs, "out"]]
    assert "nothing was changed" in said.err
    assert (team.noor.store.head(), team.hub_git("rev-parse", "main")) == (head, hub)


def test_a_new_branch_and_an_empty_remote_are_begun(team, tmp_path):
    team.ada.store.git("init", "--quiet", "--bare", str(tmp_path / "empty.git"))
    team.ada.store.git("remote", "set-url", "origin", str(tmp_path / "empty.git"))
    team.ada("sync")
    team.ada.store.git("switch", "--quiet", "--create", "drill")
    team.open(team.ada)
    assert team.ada("sync", "--json").json["to"] == "origin/drill"


# What is in the work tree stays ------------------------------------------------------------------------------------------


def test_work_that_is_not_committed_is_neither_touched_nor_shared(team):
    team.open(team.ada)
    team.ada("sync")
    store = team.noor.store
    store.write("catalogue/teams/platform.yaml", store.read("catalogue/teams/platform.yaml") + "# note\n")
    store.write("runbooks/ledger/new.md", "mine\n")
    store.write("staged.txt", "mine\n")
    store.git("add", "staged.txt")
    team.open(team.noor)
    before = store.status(), store.staged(), store.unstaged()
    team.noor("sync")
    assert (store.status(), store.staged(), store.unstaged()) == before
    assert "staged.txt" not in team.hub_git("ls-tree", "-r", "--name-only", "main")


@pytest.mark.parametrize("staged", [False, True])
def test_what_comes_in_never_overwrites_work_that_is_not_committed(team, staged):
    path = "catalogue/teams/platform.yaml"
    team.ada.store.put(path, team.ada.store.read(path).replace("Platform", "Platforms"))
    team.ada("sync")
    team.open(team.noor)
    store = team.noor.store
    store.write(path, store.read(path) + "# note\n")
    if staged:
        store.git("add", path)
    before = store.head(), store.status(), store.read(path)
    for way in ((), ("--dry-run",)):
        said = team.noor("sync", *way, code=3)
        assert f"not committed here, and changed by others too: {path}" in said.err
        assert f"git commit -- {path}" in said.err
        assert (store.head(), store.status(), store.read(path)) == before
    store.commit("Mine", path)
    team.noor("sync")
    assert "# note" in store.read(path)
    assert "Platforms" in store.read(path)


@pytest.mark.parametrize("ignored", [False, True])
def test_a_file_that_git_does_not_know_is_not_overwritten(team, ignored):
    team.ada.store.put("notes/today.txt", "theirs\n")
    team.ada("sync")
    store = team.noor.store
    store.write("notes/today.txt", "mine\n")
    if ignored:
        (store.git_dir / "info").mkdir(exist_ok=True)
        (store.git_dir / "info/exclude").write_text("notes/\n")
    said = team.noor("sync", code=3)
    assert "notes/today.txt" in said.err
    assert store.read("notes/today.txt") == "mine\n"


def test_a_file_that_stands_where_a_folder_comes_is_not_overwritten(team):
    team.ada.store.put("notes/today.txt", "theirs\n")
    team.ada("sync")
    team.noor.store.write("notes", "mine\n")
    said = team.noor("sync", code=3)
    assert "changed by others too: notes" in said.err
    assert team.noor.store.read("notes") == "mine\n"


def test_a_file_that_git_is_told_not_to_look_at_is_not_overwritten(team):
    path = "catalogue/teams/platform.yaml"
    team.ada.store.put(path, team.ada.store.read(path).replace("Platform", "Platforms"))
    team.ada("sync")
    store = team.noor.store
    store.git("update-index", "--assume-unchanged", path)
    store.write(path, "mine\n")
    assert path in team.noor("sync", code=3).err
    assert store.read(path) == "mine\n"


def test_an_edit_of_the_same_lines_is_said_with_what_solves_it_and_nothing_is_changed(team):
    path = "catalogue/services/ledger.yaml"
    for console, tier in ((team.ada, "2"), (team.noor, "3")):
        console.store.put(path, console.store.read(path).replace("tier: 1", f"tier: {tier}"))
    team.ada("sync")
    waiting = team.open(team.noor)
    store = team.noor.store
    before = store.head(), store.status()
    said = team.noor("sync", code=3)
    assert f"changed here and in origin/main in ways that git cannot merge: {path}" in said.err
    assert "git merge origin/main" in said.err
    assert waiting in said.out
    assert (store.head(), store.status()) == before
    assert not (store.git_dir / "MERGE_HEAD").exists()
    store.git("merge", "origin/main", check=False)
    assert "a merge is in progress" in team.noor("sync", code=3).err
    store.write(path, store.read(path).split("<<<<<<<")[0] + "tier: 2\n")
    store.git("add", "--", path)
    store.git("commit", "--quiet", "--no-edit")
    team.noor("sync")
    team.ada("sync")
    assert team.ada.store.head() == store.head()


def test_a_store_in_a_folder_of_its_repository_is_shared_with_all_that_is_in_it(new_store, new_console, tmp_path):
    store = new_store(below="ops")
    hub = tmp_path / "hub.git"
    store.git("init", "--quiet", "--bare", "--initial-branch=main", str(hub))
    store.git("remote", "add", "origin", str(hub))
    new_console(store)("sync")
    store.git("clone", "--quiet", str(hub), str(tmp_path / "other"))
    other = type(store)(tmp_path / "other", store.env, "ops")
    other.git("config", "user.name", "Noor Voorbeeld")
    other.git("config", "user.email", "noor@example.org")
    other.write("code.py", "theirs\n")
    other.commit("Code")
    new_console(other)("sync")
    store.write("code.py", "mine\n")
    assert "changed by others too: ../code.py" in new_console(store)("sync", code=3).err
    (store.path / "code.py").unlink()
    new_console(store)("sync")
    assert (store.path / "code.py").read_text() == "theirs\n"


# Others are faster ---------------------------------------------------------------------------------------------------------


def faster(team, times):
    """Noor pushes while Ada does: from a hook, after Ada's git has seen where the remote stands."""
    count = team.hub.parent / "count"
    noor = team.noor.store.path
    team.ada.store.hook(
        "pre-push",
        f"""
n=$(cat {count} 2>/dev/null || echo 0)
[ "$n" -ge {times} ] && exit 0
echo $((n + 1)) > {count}
unset GIT_DIR GIT_INDEX_FILE GIT_WORK_TREE
cd {noor} && git pull --quiet --no-rebase --no-edit >/dev/null 2>&1
echo "type: $n" > race-$n.txt && git add race-$n.txt && git commit --quiet -m "Race $n" && git push --quiet
""",
    )


def test_where_somebody_was_faster_it_merges_and_tries_again(team):
    mine = team.open(team.ada)
    faster(team, times=2)
    said = team.ada("sync", "--json").json
    assert said["attempts"] == 3
    assert {one["subject"] for one in said["came_in"] if not one["merge"]} == {"Race 0", "Race 1"}
    assert [one["records"] for one in said["went_out"] if not one["merge"]] == [[mine]]
    team.noor("sync")
    assert team.noor.store.head() == team.ada.store.head()


def test_where_somebody_is_always_faster_it_stops_and_loses_nothing(team):
    mine = team.open(team.ada)
    faster(team, times=100)
    said = team.ada("sync", code=3)
    assert "before each of 6 attempts" in said.err
    assert mine in said.out
    team.ada.store.hook("pre-push", "exit 0")
    team.ada("sync")
    assert mine in team.hub_git("ls-tree", "-r", "--name-only", "main")


def test_who_is_always_faster_is_told_by_the_branch_that_was_pushed_to(team):
    name_branch(team)
    team.ada.store.git("push", "--quiet", "origin", "main", "main:svcops")
    team.noor.store.git("pull", "--quiet")
    team.noor.store.git("fetch", "--quiet")
    team.noor.store.git("switch", "--quiet", "svcops")
    team.open(team.ada)
    faster(team, times=100)
    assert "others pushed to origin/svcops before each of 6 attempts" in team.ada("sync", code=3).err


def test_a_lock_that_stays_at_the_remote_is_nobody_who_was_faster(team):
    mine = team.open(team.ada)
    lock = team.hub / "refs/heads/main.lock"
    lock.touch()
    said = team.ada("sync", code=3)
    assert "origin cannot change main: failed to update ref" in said.err
    assert "origin says: error: cannot lock ref 'refs/heads/main'" in said.err
    assert "A push that was killed there" in said.err
    assert "protected" not in said.err
    assert "faster" not in said.err
    assert "others pushed" not in said.err
    assert mine in said.out
    lock.unlink()
    assert team.ada("sync", "--json").json["attempts"] == 1


def test_a_lock_that_was_held_for_a_moment_only_is_waited_for(team):
    team.open(team.ada)
    count = team.hub / "count"
    lock = team.hub / "refs/heads/main.lock"
    there = f"echo >> {count}; [ $(wc -l < {count}) -gt 3 ] && rm -f {lock} || touch {lock}"
    team.hub_hook("pre-receive", f"{there}; exit 0")
    assert team.ada("sync", "--json").json["attempts"] == 4


def test_a_branch_for_pull_requests_that_cannot_be_there_is_refused_in_the_words_of_the_remote(team):
    name_branch(team)
    team.ada.store.git("push", "--quiet", "origin", "main:svcops/other")
    team.open(team.ada)
    said = team.ada("sync", code=3)
    assert "origin cannot change svcops: failed to update ref" in said.err
    assert "'refs/heads/svcops/other' exists" in said.err
    assert "faster" not in said.err


def test_what_is_committed_while_the_remote_is_asked_goes_the_next_time(team):
    team.open(team.ada)
    store = team.ada.store
    store.hook("pre-push", "unset GIT_DIR GIT_INDEX_FILE; git commit --quiet --allow-empty -m Meanwhile --no-verify")
    team.ada("sync")
    store.hook("pre-push", "exit 0")
    assert [one["subject"] for one in team.ada("sync", "--json").json["went_out"]] == ["Meanwhile"]


# Hooks ---------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("hook", ["pre-merge-commit", "commit-msg", "prepare-commit-msg"])
def test_a_hook_that_refuses_the_merge_is_obeyed(team, hook):
    team.open(team.ada)
    team.ada("sync")
    team.open(team.noor)
    store = team.noor.store
    before = store.head(), store.status()
    store.hook(hook, "echo not today; exit 1")
    said = team.noor("sync", code=3)
    assert f"the hook {hook} refuses the merge: not today" in said.err
    assert (store.head(), store.status()) == before
    assert not store.locks()


def test_hooks_see_what_will_be_merged_and_may_change_the_message(team):
    mine = team.open(team.ada)
    team.ada("sync")
    team.open(team.noor)
    store = team.noor.store
    store.hook("pre-merge-commit", f"git ls-files | grep -q {mine}")
    store.hook("commit-msg", 'echo "Checked-by: a hook" >> "$1"')
    store.hook("post-merge", "touch merged")
    team.noor("sync")
    assert "Checked-by: a hook" in store.git("log", "-1", "--format=%b")
    assert (store.path / "merged").exists()


def test_where_commits_are_signed_the_merge_is_too(team, tmp_path):
    team.open(team.ada)
    team.ada("sync")
    team.open(team.noor)
    key = tmp_path / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
    for name, value in (("gpg.format", "ssh"), ("user.signingKey", str(key)), ("commit.gpgSign", "true")):
        team.noor.store.git("config", name, value)
    team.noor("sync")
    assert "\ngpgsig -----BEGIN SSH SIGNATURE" in team.noor.store.git("cat-file", "commit", "HEAD")


def test_a_pre_push_hook_that_refuses_is_obeyed(team):
    mine = team.open(team.ada)
    team.ada.store.hook("pre-push", "echo not today >&2; exit 1")
    said = team.ada("sync", code=3)
    assert "refused here, by the hook pre-push: not today" in said.err
    assert mine in said.out
    assert mine not in team.hub_git("ls-tree", "-r", "--name-only", "main")


def test_a_hook_may_leave_something_running(team):
    team.open(team.ada)
    team.ada.store.hook("pre-push", "sleep 30 &\nexit 0")
    started = time.monotonic()
    team.ada("sync")
    assert time.monotonic() - started < 15


# The remote is not there -----------------------------------------------------------------------------------------------------


def test_offline_it_says_what_waits_and_since_when(team):
    mine = team.open(team.ada)
    team.ada("incident", "log", mine[-6:], "Looking")
    team.hub.rename(team.hub.with_name("away.git"))
    said = team.ada("sync", code=3)
    assert [line.split("\t")[:3] for line in said.out.splitlines()] == [[mine, "waits", "ada"]] * 2
    assert "2 changes wait since " in said.err
    assert "origin cannot be reached: " in said.err
    assert team.ada("sync", "--quiet", code=3).out == f"{mine}\n"
    shown = team.ada("sync", "--json", code=3).json
    assert not shown["done"]
    assert [one["records"] for one in shown["waits"]] == [[mine], [mine]]
    assert "cannot be reached" in shown["reason"]
    team.hub.with_name("away.git").rename(team.hub)
    assert len(team.ada("sync").out.splitlines()) == 2


def test_a_remote_that_never_answers_is_given_up_after_the_time_given(team):
    mine = team.open(team.ada)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        team.ada.store.git("remote", "set-url", "origin", f"http://127.0.0.1:{silent.getsockname()[1]}/x.git")
        started = time.monotonic()
        said = team.ada("sync", "--timeout", "1", code=3)
        assert time.monotonic() - started < 8
    assert "no answer to git fetch in 1 s" in said.err
    assert mine in said.out
    assert not team.ada.store.locks()


def test_a_remote_that_asks_who_we_are_is_not_answered_for_ever(team):
    script = "import http.server as h\nclass A(h.BaseHTTPRequestHandler):\n def do_GET(s):\n  s.send_response(401);s.send_header('WWW-Authenticate','Basic');s.end_headers()\n def log_message(s,*a): pass\nw=h.HTTPServer(('127.0.0.1',0),A);print(w.server_port,flush=True);w.serve_forever()"
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as server:
        port = server.stdout.readline().strip()
        team.ada.store.git("remote", "set-url", "origin", f"http://127.0.0.1:{port}/x.git")
        said = team.ada("sync", code=3)
        server.kill()
    assert "terminal prompts disabled" in said.err


@pytest.mark.parametrize(
    ("break_", "said"),
    [
        (("remote", "remove", "origin"), "there is no remote to share main through"),
        (("switch", "--quiet", "--detach"), "HEAD is on no branch"),
        (("branch", "--quiet", "--set-upstream-to=other"), "follows another branch of this clone"),
    ],
)
def test_without_a_way_to_share_it_says_what_to_do(team, break_, said):
    team.ada.store.git("branch", "other")
    team.ada.store.git(*break_)
    heard = team.ada("sync", code=3).err
    assert said in heard
    assert "help: git " in heard


def test_with_several_remotes_and_no_origin_it_asks_which(team):
    team.ada.store.git("branch", "--unset-upstream")
    team.ada.store.git("remote", "rename", "origin", "one")
    team.open(team.ada)
    assert team.ada("sync", "--json").json["to"] == "one/main"
    team.ada.store.git("remote", "add", "two", str(team.hub))
    assert "no remote to share main through" in team.ada("sync", code=3).err


def test_another_store_is_not_merged(team, new_store):
    stranger = new_store("stranger", name="Somebody Else")
    stranger.put("x.yaml", "a: 1\n")
    team.ada.store.git("remote", "set-url", "origin", str(stranger.path))
    assert "have nothing in common" in team.ada("sync", code=3).err


def test_a_call_that_makes_no_sense_is_refused(team):
    assert "--timeout 0" in team.ada("sync", "--timeout", "0", code=2).err
    assert "--no-commit" in team.ada("sync", "--no-commit", code=2).err


def test_a_lock_that_a_killed_fetch_left_is_cleared_and_a_live_one_is_not(team):
    team.open(team.ada)
    git_dir = team.ada.store.git_dir
    lock = git_dir / "refs/remotes/origin/main.lock"
    team.open(team.noor)
    team.noor("sync")
    lock.touch()
    said = team.ada("sync", code=3)
    assert "cannot be reached" in said.err
    (git_dir / "svcops/sync/began").touch()
    os.utime(lock)
    assert "left by the git of a svcops that was killed" in team.ada("sync").err


# Protected branches ----------------------------------------------------------------------------------------------------------


def test_where_the_branch_is_protected_it_says_how_to_go_around(team):
    refuse_main(team)
    mine = team.open(team.ada)
    said = team.ada("sync", code=3)
    assert "origin refuses main: pre-receive hook declined" in said.err
    assert "origin says: main is protected" in said.err
    assert "sync_branch" in said.err
    assert mine in said.out


def test_with_a_branch_for_pull_requests_main_is_never_pushed_to(team):
    name_branch(team, pull_request="https://git.example.org/ops/compare/{branch}")
    main = team.hub_git("rev-parse", "main")
    mine = team.open(team.ada)
    said = team.ada("sync")
    assert "origin/svcops waits for a pull request: https://git.example.org/ops/compare/svcops" in said.err
    assert team.hub_git("rev-parse", "main") == main
    assert mine in team.hub_git("ls-tree", "-r", "--name-only", "svcops")
    shown = team.ada("sync", "--json").json
    assert shown["proposed"]
    assert not shown["went_out"]


def test_what_others_proposed_comes_too_and_after_the_pull_request_nothing_waits(team):
    name_branch(team)
    team.ada.store.git("push", "--quiet", "origin", "main")
    team.noor.store.git("pull", "--quiet")
    first = team.open(team.ada)
    team.ada("sync")
    second = team.open(team.noor)
    team.noor("sync")
    assert {first, second} <= set(team.noor("incident", "list", "-q").out.split())
    tree = team.hub_git("rev-parse", "svcops^{tree}")
    squashed = team.hub_git(
        "-c", "user.name=Host", "-c", "user.email=host@example.org", "commit-tree", tree, "-p", "main", "-m", "Squashed"
    )
    team.hub_git("update-ref", "refs/heads/main", squashed)
    team.hub_git("update-ref", "-d", "refs/heads/svcops")
    for console in (team.ada, team.noor):
        said = console("sync", "--json").json
        assert not said["proposed"]
        assert {first, second} <= set(console("incident", "list", "-q").out.split())
    assert team.hub_git("branch", "--list", "svcops") == ""


def test_what_a_squashed_pull_request_holds_waits_and_goes_no_more(team):
    name_branch(team)
    team.ada.store.git("push", "--quiet", "origin", "main")
    for _ in range(2):
        team.open(team.ada)
        team.ada("sync")
        tree = team.hub_git("rev-parse", "svcops^{tree}")
        identity = ("-c", "user.name=Host", "-c", "user.email=host@example.org")
        squashed = team.hub_git(*identity, "commit-tree", tree, "-p", "main", "-m", "Squashed")
        team.hub_git("update-ref", "refs/heads/main", squashed)
        team.hub_git("update-ref", "-d", "refs/heads/svcops")
        team.ada("sync")
    last = team.open(team.ada)
    went = [one for one in team.ada("sync", "--json").json["went_out"] if not one["subject"].startswith("Merge")]
    assert [one["records"] for one in went] == [[last]]


def test_where_the_proposals_conflict_it_goes_to_a_branch_beside(team):
    name_branch(team)
    team.ada.store.git("push", "--quiet", "origin", "main")
    team.noor.store.git("pull", "--quiet")
    path = "catalogue/services/ledger.yaml"
    for console, tier in ((team.ada, "2"), (team.noor, "3")):
        console.store.put(path, console.store.read(path).replace("tier: 1", f"tier: {tier}"))
    team.ada("sync")
    said = team.noor("sync", "--json").json
    assert said["to"] == f"origin/svcops-{team.noor.store.head()[:7]}"
    assert "tier: 3" in team.hub_git("show", f"{said['to'].removeprefix('origin/')}:{path}")
    assert "tier: 2" in team.hub_git("show", f"svcops:{path}")


def test_a_branch_of_ones_own_is_pushed_to_where_it_belongs(team):
    name_branch(team)
    team.ada.store.git("remote", "set-head", "origin", "main")
    team.ada.store.git("switch", "--quiet", "--create", "drill")
    team.open(team.ada)
    assert team.ada("sync", "--json").json["to"] == "origin/drill"


def test_who_works_with_a_fork_fetches_from_the_one_and_pushes_to_the_other(team, tmp_path):
    store = team.ada.store
    store.git("clone", "--quiet", "--bare", str(team.hub), str(tmp_path / "fork.git"))
    store.git("remote", "add", "fork", str(tmp_path / "fork.git"))
    store.git("config", "remote.pushDefault", "fork")
    theirs = team.open(team.noor)
    team.noor("sync")
    hub = team.hub_git("rev-parse", "main")
    mine = team.open(team.ada)
    said = team.ada("sync", "--json").json
    assert (said["from"], said["to"], said["proposed"]) == ("origin/main", "fork/main", True)
    assert [one["records"] for one in said["came_in"]] == [[theirs]]
    assert team.hub_git("rev-parse", "main") == hub
    assert mine in store.git("-C", str(tmp_path / "fork.git"), "ls-tree", "-r", "--name-only", "main")
    assert not team.ada("sync", "--json").json["went_out"]


def test_a_remote_that_was_rewritten_loses_nothing_and_it_is_said(team):
    mine = team.open(team.ada)
    team.ada("sync")
    team.noor("sync")
    team.hub_git("update-ref", "refs/heads/main", "main~1")
    team.open(team.noor)
    team.noor.store.git("reset", "--quiet", "--hard", "HEAD~2")
    theirs = team.open(team.noor)
    team.noor.store.git("push", "--quiet", "--force", "origin", "main")
    assert "origin/main was rewritten" in team.ada("sync").err
    assert {mine, theirs} <= set(team.ada("incident", "list", "-q").out.split())


def test_with_damaged_settings_nothing_is_pushed(team):
    team.open(team.ada)
    team.ada.store.write("svcops.yaml", "policy: {sync_branch: [}\n")
    main = team.hub_git("rev-parse", "main")
    said = team.ada("sync", code=3)
    assert "svcops.yaml is damaged, and where to push stands in it" in said.err
    assert team.hub_git("rev-parse", "main") == main


def test_settings_that_just_came_in_hold_at_once(team):
    name_branch(team, team.noor)
    team.noor.store.git("push", "--quiet")
    team.open(team.ada)
    assert team.ada("sync", "--json").json["to"] == "origin/svcops"


# Killed ------------------------------------------------------------------------------------------------------------------------


def test_killed_at_random_instants_it_leaves_before_or_after(team):
    import random
    import signal

    for round_ in range(6):
        theirs = team.open(team.noor, f"Round {round_}")
        team.noor("sync")
        mine = team.open(team.ada, f"Mine {round_}")
        store = team.ada.store
        process = subprocess.Popen(
            [sys.executable, "-m", "svcops", "sync"],
            cwd=store.root,
            env={**os.environ, **store.env},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        time.sleep(random.uniform(0.05, 0.9))
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        team.ada("sync")
        shown = team.ada("incident", "list", "-q").out.split()
        assert {mine, theirs} <= set(shown)
        team.noor("sync")
        assert team.noor.store.head() == store.head()
        assert not store.status()
        assert not store.locks()
    team.ada.store.fsck()


def test_what_a_hook_kept_from_being_committed_is_told(team):
    team.ada.store.hook("pre-commit", "exit 1")
    said = team.ada(
        "incident", "open", "Late", "--service", "ledger", "--severity", "sev3", "--detected-by", "user", code=3
    )
    assert "written, but not committed" in said.err
    found = team.ada("sync").err
    assert "not shared, as not committed: incidents/" in found
    assert " and 1 more; git status lists them" in found

"""Git as the store asks it: in any folder, about any path, whatever the environment says."""

import os

import pytest

from svcops.store.git import Git, GitFailed, NotARepository, WhoAreYou, environment
from svcops.store.git_places import common_dir_of, git_dir_of

NAMES = (
    "plain.yaml",
    "with space.yaml",
    "ümläut.yaml",
    "[x].yaml",
    "a*b.yaml",
    ":(top)x.yaml",
    "-x.yaml",
    "new\nline.yaml",
)


def git_of(repository, folder=""):
    return Git(repository.path / folder, repository.env)


# Where it is ---------------------------------------------------------------------------------------------------------


def test_the_git_directory_is_found_from_the_folder_itself_and_from_below(repository):
    below = repository.path / "a/b"
    below.mkdir(parents=True)
    assert git_dir_of(repository.path) == git_dir_of(below) == repository.path / ".git"
    assert common_dir_of(repository.path / ".git") == repository.path / ".git"


def test_outside_of_a_repository_there_is_none(tmp_path):
    assert git_dir_of(tmp_path) is None
    assert "not in a git repository" in NotARepository(tmp_path).message


def test_a_linked_worktree_has_a_git_directory_of_its_own_and_branches_in_common(repository, tmp_path):
    repository.write("a", "a")
    repository.commit()
    repository.git("worktree", "add", "--quiet", str(tmp_path / "other"))
    found = git_dir_of(tmp_path / "other")
    assert found == repository.path / ".git/worktrees/other"
    assert common_dir_of(found) == repository.path / ".git"


@pytest.mark.parametrize("folder", ["inner", "deep/inner"])
def test_a_submodule_has_its_git_directory_in_the_outer_one(new_repository, folder):
    inner, outer = new_repository("source"), new_repository("outer")
    inner.write("a", "a")
    inner.commit()
    outer.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(inner.path), folder)
    assert git_dir_of(outer.path / folder) == outer.path / ".git/modules" / folder


def test_through_a_symbolic_link_the_same_is_found(new_repository, tmp_path):
    inner, outer = new_repository("source"), new_repository("outer")
    inner.write("sub/a", "a")
    inner.commit()
    outer.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(inner.path), "inner")
    for name, target in (("one", inner.path), ("two", inner.path / "sub"), ("three", outer.path / "inner")):
        (tmp_path / name).symlink_to(target)
    assert git_dir_of(tmp_path / "one") == git_dir_of(tmp_path / "two") == inner.path / ".git"
    assert git_dir_of(tmp_path / "three") == outer.path / ".git/modules/inner"


# Who is typing -------------------------------------------------------------------------------------------------------


def test_who_is_typing_is_what_git_would_write(repository):
    assert git_of(repository).me().name == "Ada Example"
    assert git_of(repository).me().mail == "ada@example.org"


def test_an_author_of_its_own_goes_before_the_user(repository):
    repository.git("config", "author.name", "Grace Example")
    repository.git("config", "author.email", "Grace@Example.org")
    assert git_of(repository).me().name == "Grace Example"
    assert git_of(repository).me().mail == "grace@example.org"
    repository.env |= {"GIT_AUTHOR_NAME": "Env", "GIT_AUTHOR_EMAIL": "env@example.org"}
    assert git_of(repository).me().name == "Env"


@pytest.mark.parametrize("value", ["", "  "])
def test_an_empty_name_is_none(repository, value):
    repository.git("config", "user.name", value)
    with pytest.raises(WhoAreYou, match=r"user\.name"):
        git_of(repository).me()


def test_a_name_of_several_lines_is_read_whole(repository):
    repository.git("config", "user.name", "Ada\nExample")
    assert git_of(repository).me().name == "Ada\nExample"


# What it knows of paths ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("folder", ["", "store", "a b/[x]"])
@pytest.mark.parametrize("name", NAMES)
def test_paths_are_relative_to_the_store_and_never_patterns(repository, folder, name):
    top = f"{folder}/" if folder else ""
    for one in (name, "x.yaml", "axb.yaml"):
        repository.write(top + one, "one\n")
    repository.commit()
    git = git_of(repository, folder)
    assert git.text("ls-files", "--", name)
    assert git.uncommitted([name, "x.yaml"]) == []
    repository.write(top + name, "two\n")
    assert git.uncommitted([name, "x.yaml"]) == [name]
    assert git.hidden([name, "x.yaml"]) == []
    repository.git("update-index", "--assume-unchanged", "--", top + name)
    assert git.uncommitted([name]) == []
    assert git.hidden([name, "x.yaml"]) == [name]
    blob = repository.git("rev-parse", f"HEAD:{top}{name}").strip()
    assert git.blob_at("HEAD", name) == blob
    assert git.blob_at("HEAD", "nothing") is None
    head = git.head()
    repository.git("update-index", "--no-assume-unchanged", "--", top + name)
    repository.commit()
    assert git.changed_since(head) - {""} == {name}


def test_many_paths_are_asked_about_at_once(repository):
    for number in range(450):
        repository.write(f"store/{number}.yaml", "one\n")
    repository.write("outside.yaml", "one\n")
    repository.commit()
    git = git_of(repository, "store")
    paths = [f"{number}.yaml" for number in range(450)] + ["unknown.yaml"]
    assert git.uncommitted(paths) == git.hidden(paths) == []
    repository.write("store/7.yaml", "two\n")
    repository.write("outside.yaml", "two\n")
    repository.git("update-index", "--skip-worktree", "store/8.yaml")
    assert git.uncommitted(paths) == ["7.yaml"]
    assert git.hidden(paths) == ["8.yaml"]


def test_line_ends_that_git_converts_are_no_change(repository):
    repository.write(".gitattributes", "*.yaml text eol=lf\n")
    for name in ("same.yaml", "other.yaml", "mode.yaml", "staged.yaml"):
        repository.write(f"store/{name}", "one\ntwo\n")
    repository.commit()
    for name, text in (("same", "one\r\ntwo\r\n"), ("other", "one\r\nTWO\r\n"), ("mode", "one\r\ntwo\r\n")):
        repository.write(f"store/{name}.yaml", text)
    (repository.path / "store/mode.yaml").chmod(0o755)
    repository.write("store/staged.yaml", "new\r\n")
    repository.git("add", "store/staged.yaml")
    assert "store/same.yaml" in repository.git("status", "--porcelain")
    wanted = ["same.yaml", "other.yaml", "mode.yaml", "staged.yaml"]
    assert git_of(repository, "store").uncommitted(wanted) == ["other.yaml", "mode.yaml", "staged.yaml"]


def test_a_conflict_is_a_change(repository):
    repository.write("a.yaml", "one\n")
    repository.commit()
    for branch, text in (("other", "two\n"), ("main", "three\n")):
        repository.git("checkout", "--quiet", *(["-b"] if branch == "other" else []), branch)
        repository.write("a.yaml", text)
        repository.commit()
    repository.git("merge", "other", check=False)
    assert git_of(repository).uncommitted(["a.yaml"]) == ["a.yaml"]


def test_asking_writes_nothing(repository):
    repository.write("a.yaml", "one\n")
    repository.commit()
    os.utime(repository.path / "a.yaml", (1, 1))
    index = (repository.git_dir / "index").read_bytes()
    assert git_of(repository).uncommitted(["a.yaml"]) == []
    assert (repository.git_dir / "index").read_bytes() == index
    assert not repository.locks()


def test_staging_takes_files_as_they_stand_into_one_index_only(repository):
    repository.write("gone.yaml", "one\n")
    repository.write(".gitignore", "*.yaml\n")
    repository.commit()
    (repository.path / "gone.yaml").unlink()
    repository.write("store/[x] ü.yaml", "two\n")
    repository.write("store/x.yaml", "two\n")
    index = repository.git_dir / "other-index"
    git = git_of(repository)
    git.run("read-tree", "HEAD", index=index)
    git.stage(["gone.yaml", "store/[x] ü.yaml", "never-was.yaml"], index=index)
    listed = git.text("ls-files", "-z", index=index).rstrip("\0").split("\0")
    assert listed == [".gitignore", "store/[x] ü.yaml"]
    assert git.not_as_committed(index=index) - {""} == {"gone.yaml", "store/[x] ü.yaml"}
    git.unstage(["gone.yaml", "store/[x] ü.yaml"], index=index)
    assert git.not_as_committed(index=index) - {""} == set()
    assert not repository.staged()


def contents_of(number):
    return [f"text: {one}\n".encode() for one in range(number)]


def objects_of(repository):
    return {path.suffix for path in (repository.git_dir / "objects").rglob("*") if path.is_file()}


def test_many_contents_are_one_pack_in_which_staging_finds_them(repository):
    contents = contents_of(300)
    git_of(repository).prepare([*contents, b""])
    assert objects_of(repository) == {".pack", ".idx"}
    for number, data in enumerate(contents):
        repository.write(f"{number}.yaml", data)
    git_of(repository).stage([f"{number}.yaml" for number in range(300)], index=repository.git_dir / "index")
    assert objects_of(repository) == {".pack", ".idx"}
    repository.commit()
    repository.fsck()
    assert repository.git("show", "HEAD:7.yaml") == "text: 7\n"


def test_few_contents_are_left_to_staging(repository):
    git_of(repository).prepare(contents_of(20))
    assert not objects_of(repository)


def test_what_git_converts_is_committed_converted(repository):
    repository.write(".gitattributes", "*.yaml text eol=lf\n")
    git_of(repository).prepare([b"a: %d\r\n" % number for number in range(300)])
    repository.write("a.yaml", b"a: 1\r\n")
    git_of(repository).stage(["a.yaml"], index=repository.git_dir / "index")
    assert repository.git("cat-file", "blob", ":a.yaml") == "a: 1\n"


def test_contents_that_cannot_be_prepared_are_staged_all_the_same(repository, monkeypatch):
    git = git_of(repository)
    run = git.run
    monkeypatch.setattr(git, "run", lambda *given, **named: run("no-such-command", *given[1:], **named))
    git.prepare(contents_of(300))
    assert not objects_of(repository)


# What it is run in ---------------------------------------------------------------------------------------------------


def test_the_environment_of_a_hook_is_left_behind(repository):
    repository.write("a.yaml", "one\n")
    head = repository.commit()
    repository.env |= {
        "GIT_DIR": "/nowhere",
        "GIT_WORK_TREE": "/nowhere",
        "GIT_INDEX_FILE": "/nowhere/index",
        "GIT_PREFIX": "x/",
        "GIT_GLOB_PATHSPECS": "1",
        "GIT_NOGLOB_PATHSPECS": "1",
        "GIT_ICASE_PATHSPECS": "1",
        "LC_ALL": "de_DE.UTF-8",
    }
    git = git_of(repository)
    assert git.head() == head
    assert git.text("ls-files", "--", "a.yaml")


def test_what_the_caller_needs_stays_in_the_environment():
    kept = environment({"PATH": "/bin", "HOME": "/home/ada", "SSH_AUTH_SOCK": "s", "GIT_AUTHOR_DATE": "now"})
    assert {"PATH", "HOME", "SSH_AUTH_SOCK", "GIT_AUTHOR_DATE"} <= set(kept)


def test_an_unborn_branch_has_no_head(repository):
    git = git_of(repository)
    assert git.head() is None
    assert git.branch() == "refs/heads/main"


def test_a_broken_head_is_a_clear_error(repository):
    (repository.path / ".git/HEAD").write_text("nonsense\n")
    with pytest.raises(GitFailed, match="git rev-parse failed"):
        git_of(repository).head()


def test_a_repository_of_somebody_else_is_a_clear_error(repository):
    repository.env["GIT_TEST_ASSUME_DIFFERENT_OWNER"] = "1"
    with pytest.raises(GitFailed, match="dubious ownership"):
        git_of(repository).head()


def test_a_failure_carries_gits_own_words_in_english(repository):
    with pytest.raises(GitFailed, match=r"fatal: .*no-such-branch") as caught:
        git_of(repository).run("checkout", "no-such-branch", "--")
    assert caught.value.exit_code == 3

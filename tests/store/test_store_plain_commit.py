"""A commit of some files, made without looking at any other: the same as git's own, and nobody else's work in it."""

import pytest

from svcops.store.git import Git, GitFailed
from svcops.store.plain_commit import commit_plainly, is_plain

PATHS = (
    "new.yaml",
    "folder/deep/new.yaml",
    "with space.yaml",
    "ümläut.yaml",
    "[x].yaml",
    'quo"te\\.yaml',
    ":(top)x.yaml",
)


def git_of(repository, folder=""):
    return Git(repository.path / folder, repository.env)


def commit(repository, *paths, message="The change", head=None, folder=""):
    """Commit files as `svcops.store.writing` does: git has their contents already."""
    git = git_of(repository, folder)
    index = repository.git_dir / "other-index"
    git.stage(paths, index=index)
    return commit_plainly(git, message, paths, head=head or repository.head())


@pytest.fixture
def begun(repository):
    repository.write("changed.yaml", "one\n")
    repository.write("folder/gone.yaml", "one\n")
    repository.write("other.yaml", "one\n")
    repository.commit("Start")
    return repository


def test_new_changed_and_removed_files_are_one_commit(begun):
    for path in PATHS:
        begun.write(path, "new\n")
    begun.write("changed.yaml", "two\n")
    (begun.path / "folder/gone.yaml").unlink()
    assert commit(begun, *PATHS, "changed.yaml", "folder/gone.yaml")
    assert begun.committed() == {**dict.fromkeys(PATHS, "A"), "changed.yaml": "M", "folder/gone.yaml": "D"}
    assert begun.git("show", 'HEAD:quo"te\\.yaml') == "new\n"
    begun.fsck()


def test_the_commit_is_what_git_would_have_made_of_it(begun):
    begun.env |= {"GIT_AUTHOR_DATE": "2026-03-29T01:30:00+0100", "GIT_COMMITTER_DATE": "2026-03-29T03:30:00+0200"}
    begun.write("changed.yaml", "two\n")
    head = begun.head()
    commit(begun, "changed.yaml", message="A subject ü\n\nA body.\n\nSvcops-Record: x\n")
    ours = begun.git("cat-file", "commit", "HEAD")
    begun.git("reset", "--quiet", "--soft", head)
    begun.git("commit", "--quiet", "--all", "--file=-", stdin="A subject ü\n\nA body.\n\nSvcops-Record: x\n")
    assert begun.git("cat-file", "commit", "HEAD") == ours


def test_what_others_staged_or_changed_is_not_in_it(begun):
    begun.write("other.yaml", "two\n")
    begun.git("add", "other.yaml")
    begun.write("new.yaml", "new\n")
    assert commit(begun, "new.yaml")
    assert begun.committed() == {"new.yaml": "A"}


def test_in_a_folder_below_the_top_paths_are_below_it(begun):
    begun.write("folder/new.yaml", "new\n")
    (begun.path / "folder/gone.yaml").unlink()
    assert commit(begun, "new.yaml", "gone.yaml", folder="folder")
    assert begun.committed() == {"folder/new.yaml": "A", "folder/gone.yaml": "D"}


def test_a_file_keeps_its_mode_and_goes_through_what_git_converts(begun):
    begun.write(".gitattributes", "*.yaml text eol=crlf\n")
    (begun.path / "changed.yaml").chmod(0o755)
    begun.commit("Run it")
    begun.write("changed.yaml", "two\r\n")
    begun.write("new.yaml", "new\r\n")
    assert commit(begun, "changed.yaml", "new.yaml")
    assert begun.git("ls-tree", "HEAD", "changed.yaml").startswith("100755")
    assert begun.git("ls-tree", "HEAD", "new.yaml").startswith("100644")
    assert (
        begun.git("cat-file", "blob", "HEAD:changed.yaml") + begun.git("cat-file", "blob", "HEAD:new.yaml")
        == "two\nnew\n"
    )


def test_a_file_takes_the_place_of_a_folder_and_the_other_way_round(begun):
    (begun.path / "folder/gone.yaml").unlink()
    (begun.path / "folder").rmdir()
    begun.write("folder", "a file\n")
    (begun.path / "other.yaml").unlink()
    begun.write("other.yaml/new.yaml", "new\n")
    assert commit(begun, "folder/gone.yaml", "folder", "other.yaml/new.yaml")
    assert begun.git("ls-tree", "-r", "--name-only", "HEAD").split() == [
        "changed.yaml",
        "folder",
        "other.yaml/new.yaml",
    ]
    begun.fsck()


def test_more_files_than_are_named_one_by_one_are_committed_alike(begun):
    paths = [f"many/{number % 7}/{number}.yaml" for number in range(450)]
    for path in paths:
        begun.write(path, path)
    assert commit(begun, *paths)
    assert begun.committed() == dict.fromkeys(paths, "A")
    begun.fsck()


@pytest.mark.parametrize("path", ["other.yaml", "new\nline.yaml", '"quoted.yaml'])
def test_without_anything_to_commit_or_with_a_name_that_is_not_plain_nothing_is_done(begun, path):
    if path != "other.yaml":
        begun.write(path, "new\n")
    assert commit(begun, path) is None
    assert begun.log() == ["Start"]


def test_it_is_refused_where_the_branch_moved_on(begun):
    head = begun.head()
    begun.write("other.yaml", "two\n")
    begun.commit("Theirs")
    begun.write("new.yaml", "new\n")
    with pytest.raises(GitFailed):
        commit(begun, "new.yaml", head=head)
    assert begun.log() == ["Theirs", "Start"]


@pytest.mark.parametrize("where", ["branch", "detached"])
def test_no_ref_but_the_branch_moves_and_the_reflog_says_why(begun, where):
    if where == "detached":
        begun.git("checkout", "--quiet", "--detach")
    refs = begun.git("for-each-ref", "--format=%(refname)")
    begun.write("new.yaml", "new\n")
    commit(begun, "new.yaml", message="The change\n\nWhy.")
    assert begun.git("for-each-ref", "--format=%(refname)") == refs
    assert begun.git("reflog", "--format=%gs").splitlines()[0] == "commit: The change"
    assert not begun.locks()


def test_a_hook_of_references_is_told_once(begun):
    begun.hook("reference-transaction", 'read line; echo "$1 $line" >> "$(git rev-parse --git-dir)/told"; exit 0')
    begun.write("new.yaml", "new\n")
    head = begun.head()
    commit(begun, "new.yaml")
    told = (begun.git_dir / "told").read_text().splitlines()
    assert [line.split()[0] for line in told] == ["prepared", "committed"]
    assert told[0].split()[1:3] == [head, begun.head()]


@pytest.mark.parametrize(
    ("setting", "value", "plain"),
    [
        ("commit.gpgsign", "true", False),
        ("commit.gpgsign", "false", True),
        ("hook.lint.event", "pre-commit", False),
        ("user.signingkey", "x", True),
    ],
)
def test_it_is_made_so_only_where_nothing_else_would_happen(repository, setting, value, plain):
    assert is_plain(git_of(repository))
    repository.git("config", setting, value)
    assert is_plain(git_of(repository)) is plain


@pytest.mark.parametrize("hook", ["pre-commit", "prepare-commit-msg", "commit-msg", "post-commit"])
def test_every_hook_of_a_commit_is_left_to_git(repository, hook):
    repository.hook(hook, "exit 0")
    assert not is_plain(git_of(repository))

"""A revision read out of git's objects gives what a checkout of it would give, and leaves the work tree alone."""

import os
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.tries import tries

from svcops.checking.engine import check
from svcops.store import git_tree as git_tree_module
from svcops.store.files import MAX_BYTES, WorkTree
from svcops.store.git import Git, GitFailed
from svcops.store.git_tree import GitTree
from svcops.store.graph import Graph
from svcops.store.layout import KINDS

NOW = datetime(2026, 11, 23, 8, 15, tzinfo=UTC)
NOT_UTF8 = os.fsdecode(b"catalogue/teams/\xff.yaml")
INCIDENT = "incidents/2026/incident-20261123-k7f3q2"
EVENT = "at: 2026-11-23T08:15:00Z\nrecorded_at: 2026-11-23T08:15:00Z\nby: kim\n"
FILES = {
    "svcops.yaml": ("organisation: E\n", "organisation: [\n", "organisation: E\ntime_zone: Nowhere/Else\n"),
    "catalogue/services/payroll.yaml": ("title: Payroll\nowner: finance\n", "title: P\nowner: nobody\n", "tilte: P\n"),
    "catalogue/services/ledger.yaml": (
        "title: L\nowner: finance\ndependencies: [{service: payroll}]\n",
        "a: 1\na: 2\n",
        "#" * (MAX_BYTES + 1),
        "title: L\nowner: finance\n# svcops: waive REF001 because it is new\n",
    ),
    "catalogue/teams/finance.yaml": ("title: Finance\n", "title: ''\n", b"title: \xff\n", ""),
    NOT_UTF8: ("title: Odd\n",),
    "catalogue/people/kim.yaml": ("name: Kim\n",),
    "catalogue/people/README.md": ("A page\n",),
    "catalogue/services/README.md": ("A page\n",),
    "catalogue/services/.hidden.yaml": ("a: [\n",),
    "catalogue/.hidden/x.yaml": ("title: Hidden\n",),
    "catalogue/services/deep/below.yaml": ("title: D\n",),
    "catalogue/services/like-a-file.yaml/notes.txt": ("Text\n",),
    "catalogue/stray.txt": ("Text\n",),
    "runbooks/payroll/restore.md": ("---\ntitle: R\nkind: recovery\nservices: [payroll]\n---\nText\n", "No fields\n"),
    "slo/a.yaml": ("apiVersion: openslo/v1\nkind: Service\nmetadata: {name: one}\nspec: {}\n", "[]\n", ""),
    "slo/b.yaml": ("apiVersion: openslo/v1\nkind: Service\nmetadata: {name: one}\nspec: {}\n",),
    f"{INCIDENT}/incident.yaml": ("title: T\nservices: [payroll]\ndetected_by: user\n",),
    f"{INCIDENT}/timeline/1-opened.yaml": (f"type: opened\n{EVENT}severity: sev3\n", f"type: opned\n{EVENT}"),
    "catalog/services/x.yaml": ("title: X\n",),
    "measures": ("a file where a folder should be\n",),
    "metrics/x.csv": ("a\n",),
    "docs/page.md": ("Text\n",),
}
TARGETS = (
    "ledger.yaml",
    "../teams/finance.yaml",
    "./../services/payroll.yaml",
    "../people",
    "again.yaml",
    "link.yaml",
    "nowhere.yaml",
    "nowhere/below.yaml",
    "../.hidden/x.yaml",
    ".hidden.yaml",
    "../../../outside/file.yaml",
    "../../../../../outside",
    "/etc/hostname",
    "/etc",
    "folder/finance.yaml",
    "module",
    "..",
    "../..",
    "ledger.yaml/below",
)
LINKS = (
    "catalogue/services/link.yaml",
    "catalogue/services/again.yaml",
    "catalogue/services/folder",
    "catalogue/teams/link.yaml",
    "catalogue/services/link.txt",
    "catalogue/services/README.md",
    "runbooks",
    "knowledge",
    "maintenance",
    "templates",
    "slo",
    "svcops.yaml",
)
SUBMODULES = ("catalogue/services/module", "catalogue/services/module.yaml", "exercises", "other")
ASKED = (
    *FILES,
    *LINKS,
    "catalogue",
    "catalogue/services",
    "catalogue/services/folder/finance.yaml",
    "catalogue/services/payroll.yaml/",
    "catalogue//services/./payroll.yaml",
    "catalogue/services/payroll.yaml/below",
    "../outside/file.yaml",
    "/etc/hostname",
    "",
)

STORES = st.fixed_dictionaries(
    {},
    optional={path: st.sampled_from(texts) for path, texts in FILES.items()},
)


def write(root, files):
    for path, text in files.items():
        full = root / path
        full.parent.mkdir(parents=True, exist_ok=True)
        full.write_bytes(text.encode() if isinstance(text, str) else text)


def everything(root, tree):
    """What anybody may learn of a store."""
    graph = Graph(root, None, tree)
    outcome = check(graph, NOW)
    names = {of.name: graph.names(of.name) for of in KINDS}
    parts = {of.name: Graph(root, None, tree).tree.list_kind(of, {}) for of in KINDS}
    return outcome, names, parts, {path: tree.has(path) for path in ASKED}


@pytest.fixture(params=["", "ops"], ids=["top", "below"])
def below(request):
    """The store's folder in the repository."""
    return request.param


class Holding:
    """A repository in which trees are made of files, and checked out elsewhere."""

    def __init__(self, repository, below):
        self.repository = repository
        self.below = below
        self.root = repository.path / below
        self.elsewhere = repository.path.parent / "elsewhere"
        self.git = Git(self.root, repository.env)

    def tree(self, files, links=(), submodules=(), executable=()):
        """The id of a tree of these files."""
        for one in self.repository.path.iterdir():
            if one.name != ".git":
                shutil.rmtree(one) if one.is_dir() and not one.is_symlink() else one.unlink()
        write(self.repository.path, {"outside/file.yaml": "title: Outside\nowner: finance\n"})
        self.root.mkdir(exist_ok=True)
        write(self.root, files)
        for path, target in links:
            (self.root / path).parent.mkdir(parents=True, exist_ok=True)
            (self.root / path).symlink_to(target)
        for path in executable:
            (self.root / path).chmod(0o755)
        self.repository.git("add", "--all", "--force")
        prefix = f"{self.below}/" if self.below else ""
        for path in submodules:
            self.repository.git("update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},{prefix}{path}")
        return self.repository.git("write-tree").strip()

    def checkout(self):
        """The store's folder of a checkout of the index, somewhere else."""
        shutil.rmtree(self.elsewhere, ignore_errors=True)
        self.elsewhere.mkdir()
        self.repository.git("checkout-index", "--all", f"--prefix={self.elsewhere}/")
        (self.elsewhere / self.below).mkdir(exist_ok=True)
        return self.elsewhere / self.below


@pytest.fixture
def holding(new_repository, below):
    return Holding(new_repository(), below)


def compatible(files, links, submodules):
    """What can stand beside each other: no path is two things, or below one that is no folder."""
    taken = dict(files)
    for path, what in (*links, *((path, None) for path in submodules)):
        clash = any(path == one or path.startswith(f"{one}/") or one.startswith(f"{path}/") for one in taken)
        if not clash:
            taken[path] = what
    return [one for one in links if taken.get(one[0]) is one[1]], [one for one in submodules if one in taken]


@tries(60)
@given(
    files=STORES,
    links=st.dictionaries(st.sampled_from(LINKS), st.sampled_from(TARGETS), max_size=5),
    submodules=st.lists(st.sampled_from(SUBMODULES), max_size=2, unique=True),
    data=st.data(),
)
def test_a_revision_reads_as_a_checkout_of_it(holding, files, links, submodules, data):
    links, submodules = compatible(files, list(links.items()), submodules)
    executable = data.draw(st.lists(st.sampled_from(sorted(files)), max_size=2)) if files else []
    tree = holding.tree(files, links, submodules, executable)
    checkout = holding.checkout()
    assert everything(holding.root, GitTree(holding.git, tree)) == everything(checkout, WorkTree(checkout))


def test_the_property_above_meets_what_it_is_about(holding):
    """A store with one of each, so that the findings compared are not none."""
    files = {path: texts[-1] for path, texts in FILES.items()} | {"catalogue/teams/finance.yaml": b"title: \xff\n"}
    links = [
        ("catalogue/services/link.yaml", "ledger.yaml"),
        ("catalogue/services/folder", "../teams"),
        ("catalogue/teams/link.yaml", "../../../outside/file.yaml" if holding.below else "../../../x"),
        ("slo2", "slo"),
    ]
    tree = holding.tree(files, links, ("catalogue/services/module.yaml",), ("catalogue/people/kim.yaml",))
    checkout = holding.checkout()
    found = everything(holding.root, GitTree(holding.git, tree))
    assert found == everything(checkout, WorkTree(checkout))
    codes = {one.code for one in found[0].findings}
    assert codes >= {"FILE001", "FILE003", "FILE004", "FILE006", "FILE007", "FILE008", "SCHEMA001"}
    assert "link" in found[1]["service"]


def test_a_loop_of_links_ends(holding):
    links = [
        ("catalogue/services/a.yaml", "b.yaml"),
        ("catalogue/services/b.yaml", "a.yaml"),
        ("catalogue/services/below.yaml", "round/file.yaml"),
        ("catalogue/services/round", "round/file.yaml"),
        ("slo", "slo/slo"),
    ]
    tree = holding.tree({}, links)
    checkout = holding.checkout()
    found = everything(holding.root, GitTree(holding.git, tree))
    assert found == everything(checkout, WorkTree(checkout))
    assert {one.message for one in found[0].findings if one.at.path.endswith(".yaml")} == {
        "cannot be read: Too many levels of symbolic links"
    }


def test_a_revision_without_the_store_is_empty(holding):
    holding.root.mkdir(exist_ok=True)
    empty = holding.repository.git("mktree").strip()
    found = everything(holding.root, GitTree(holding.git, empty))
    assert not found[0].findings
    assert not found[0].records


def test_the_work_tree_and_the_index_are_left_alone(holding):
    tree = holding.tree({path: texts[0] for path, texts in FILES.items()})
    write(holding.root, {"catalogue/services/payroll.yaml": "title: [changed\n", "catalogue/services/new.yaml": "x"})

    def traces():
        return {
            path: (path.lstat().st_mtime_ns, path.lstat().st_ino, path.lstat().st_size)
            for path in holding.repository.path.rglob("*")
        }

    before = traces()
    outcome = check(Graph(holding.root, None, GitTree(holding.git, tree)), NOW)
    assert not [one for one in outcome.findings if one.at.path == "catalogue/services/new.yaml"]
    assert traces() == before


# Reading -------------------------------------------------------------------------------------------------------------


class Counting(Git):
    """Git that tells how it was called."""

    def __init__(self, root, env):
        super().__init__(root, env)
        self.calls = []

    def run(self, *arguments, **more):
        self.calls.append(arguments[0])
        return super().run(*arguments, **more)


TEAMS = {f"catalogue/teams/team-{number}.yaml": f"title: Team {number}\n" for number in range(300)}


def test_many_files_are_fetched_with_one_call_of_git(holding):
    tree = holding.tree({**TEAMS, "catalogue/teams/wrong.yaml": "tilte: Wrong\n"})
    git = Counting(holding.root, holding.repository.env)
    graph = Graph(holding.root, None, GitTree(git, tree))
    graph.read_everything()
    assert len(graph.all("team")) == 300
    assert git.calls == ["ls-tree", "cat-file"]


def test_files_that_findings_name_are_fetched_with_one_call_of_git(holding, tmp_path):
    files = {path: f"{text}parent: nobody-{text.split()[-1]}\n" for path, text in TEAMS.items()}
    tree = holding.tree(files)
    checkout = holding.checkout()
    check(Graph(checkout, tmp_path / "cache"), NOW)
    git = Counting(holding.root, holding.repository.env)
    outcome = check(Graph(holding.root, tmp_path / "cache", GitTree(git, tree)), NOW)
    assert sum(one.code == "REF001" and one.span is not None for one in outcome.findings) == 300
    assert git.calls == ["ls-tree", "cat-file"]


def test_what_the_cache_holds_of_the_work_tree_need_not_be_fetched(holding, tmp_path):
    """Whatever its path was: it is known by its content."""
    tree = holding.tree(TEAMS)
    moved = {f"catalogue/teams/other-{number}.yaml": text for number, text in enumerate(TEAMS.values())}
    write(tmp_path / "store", moved)
    Graph(tmp_path / "store", tmp_path / "cache").all("team")
    git = Counting(holding.root, holding.repository.env)
    found = Graph(holding.root, tmp_path / "cache", GitTree(git, tree)).all("team")
    assert found == Graph(holding.root, None, GitTree(holding.git, tree)).all("team")
    assert git.calls == ["ls-tree"]


@pytest.mark.parametrize("chunk", [1, 100, 3000])
def test_files_that_are_too_many_for_one_chunk_come_in_several(holding, monkeypatch, chunk):
    tree = holding.tree(TEAMS)
    monkeypatch.setattr(git_tree_module, "_CHUNK", chunk)
    git = Counting(holding.root, holding.repository.env)
    found = Graph(holding.root, None, GitTree(git, tree)).all("team")
    assert [one.value.title for one in found.values()] == sorted(
        (text.removeprefix("title: ").strip() for text in TEAMS.values()), key=lambda title: title.replace(" ", "-")
    )
    assert git.calls.count("cat-file") > 1


def test_files_announced_may_be_read_in_any_order_or_not_at_all(holding):
    tree = GitTree(holding.git, holding.tree(TEAMS))
    paths = list(TEAMS)
    tree.read_ahead([*paths[:100], "catalogue/teams/nowhere.yaml", "catalogue"])
    for path in (*paths[50:60], *paths[200:210], *paths[:3], paths[0]):
        assert tree.read(path) == (TEAMS[path].encode(), None)


def test_a_file_past_the_limit_is_not_fetched(holding):
    path = "catalogue/teams/large.yaml"
    git = Counting(holding.root, holding.repository.env)
    tree = GitTree(git, holding.tree({path: b"#" * (MAX_BYTES + 1)}))
    tree.read_ahead([path])
    assert len(tree.read(path)[0]) == MAX_BYTES + 1
    assert git.calls == ["ls-tree"]


def test_a_file_that_the_revision_has_not_cannot_be_read(holding):
    data, problem = GitTree(holding.git, holding.tree(TEAMS)).read("catalogue/teams/nowhere.yaml")
    assert (data, problem.code) == (b"", "FILE005")
    assert "No such file" in problem.message


def test_an_object_that_git_has_lost_is_said(holding):
    tree = holding.tree({"catalogue/teams/a.yaml": "title: A\n"})
    blob = GitTree(holding.git, tree).blob("catalogue/teams/a.yaml")
    (holding.repository.git_dir / "objects" / blob[:2] / blob[2:]).unlink()
    broken = GitTree(holding.git, tree)
    with pytest.raises(GitFailed):
        broken.read("catalogue/teams/a.yaml")


@pytest.mark.parametrize("clone", [["--bare"], ["--depth=1"], ["--depth=1", "--no-checkout"]], ids=" ".join)
def test_a_bare_or_shallow_clone_is_read_like_any(new_repository, tmp_path, clone):
    repository = new_repository()
    files = {path: texts[0] for path, texts in FILES.items()}
    write(repository.path, files)
    repository.commit("One")
    repository.write("catalogue/services/payroll.yaml", "title: P\nowner: nobody\n")
    repository.commit("Two")
    expected = everything(repository.path, WorkTree(repository.path))
    place = tmp_path / "clone"
    repository.git("clone", "--quiet", *clone, f"file://{repository.path}", str(place))
    assert everything(place, GitTree(Git(place, repository.env), "HEAD")) == expected


def test_a_repository_of_sha256_objects_is_read_like_any(tmp_path, env):
    root = tmp_path / "repository"
    files = {path: texts[0] for path, texts in FILES.items()}
    write(root, files)
    subprocess.run(["git", "init", "--quiet", "--object-format=sha256", str(root)], env=env, check=True)
    subprocess.run(["git", "add", "--all", "--force"], cwd=root, env=env, check=True)
    made = subprocess.run(["git", "write-tree"], cwd=root, env=env, check=True, capture_output=True, text=True)
    tree = GitTree(Git(root, env), made.stdout.strip())
    cache = tmp_path / "cache"
    work_tree = everything(root, WorkTree(root))
    assert everything(root, tree) == work_tree
    check(Graph(root, cache), NOW)
    assert check(Graph(root, cache, tree), NOW) == work_tree[0]
    assert Path(cache).exists()

"""The graph: every record once, every reference resolved once, nothing read that was not asked for."""

import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from svcops.checking.model import At
from svcops.store.declared import declared_of
from svcops.store.graph import Graph
from svcops.store.layout import KINDS
from svcops.store.shape import references
from svcops.store.zones import UnknownZone

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("catalogue", "runbooks", "postmortems", "slo", "incidents", "measures", "approvals")
EVENT = "type: log\nat: 2026-11-23T08:15:00Z\nrecorded_at: 2026-11-23T08:15:00Z\nby: somebody\ntext: Looked\n"
INCIDENT = "title: Payroll is slow\nservices: [payroll]\ndetected_by: user\n"
ONE, OTHER = "incident-20261123-k7f3q2", "incident-20261123-k7zzzz"


def write(root, files):
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")


@pytest.fixture
def root(tmp_path):
    """A small store: two incidents, a service, a team, SLO documents of both forms."""
    slo = "apiVersion: openslo/v1\nkind: {kind}\nmetadata: {{name: {name}}}\nspec: {{}}\n"
    write(
        tmp_path,
        {
            "svcops.yaml": "organisation: Example\n",
            "catalogue/services/payroll.yaml": "title: Payroll\nowner: finance\ndependencies:\n  - service: ledger\n",
            "catalogue/services/ledger.yaml": "title: Ledger\nowner: nobody\n",
            "catalogue/teams/finance.yaml": "title: Finance\n",
            "slo/two.yaml": slo.format(kind="Service", name="first")
            + "---\n"
            + slo.format(kind="Service", name="second"),
            "slo/list.yaml": "".join(
                "- " + slo.format(kind="Service", name=name).replace("\n", "\n  ").rstrip() + "\n"
                for name in ("third", "fourth")
            ),
            f"incidents/2026/{ONE}/incident.yaml": INCIDENT,
            f"incidents/2026/{ONE}/timeline/a.yaml": EVENT,
            f"incidents/2026/{ONE}/timeline/b.yaml": EVENT,
            f"incidents/2026/{OTHER}/incident.yaml": INCIDENT,
            f"incidents/2026/{OTHER}/timeline/a.yaml": EVENT,
        },
    )
    return tmp_path


def everything(graph):
    """Every entry of every kind, and every finding."""
    graph.read_everything()
    entries = {of.name: {name: repr(entry) for name, entry in graph.all(of.name).items()} for of in KINDS}
    return (
        entries,
        sorted(map(repr, graph.findings)),
        [repr(one) for of in KINDS for one in graph.dangling(of.name)],
    )


def test_a_record_is_found_by_its_name_with_its_place(root):
    entry = Graph(root).all("service")["payroll"]
    assert entry.value.title == "Payroll"
    assert entry.path == "catalogue/services/payroll.yaml"
    assert entry.at("dependencies", 0, "service").keys == ("dependencies", 0, "service")
    assert entry.parts == {"name": "payroll"}


def test_every_document_of_a_file_and_every_item_of_a_list_is_a_record(root):
    graph = Graph(root)
    found = {name: (one.path, one.document, one.base) for name, one in graph.all("slo").items()}
    assert found == {
        "Service/third": ("slo/list.yaml", 0, (0,)),
        "Service/fourth": ("slo/list.yaml", 0, (1,)),
        "Service/first": ("slo/two.yaml", 0, ()),
        "Service/second": ("slo/two.yaml", 1, ()),
    }
    assert not graph.findings


def test_what_is_read_cannot_be_changed(root):
    graph = Graph(root)
    found = graph.all("service")
    with pytest.raises(TypeError):
        found["new"] = found["payroll"]
    with pytest.raises(AttributeError):
        found["payroll"].name = "other"
    with pytest.raises(AttributeError):
        found["payroll"].value.title = "other"
    with pytest.raises(TypeError):
        graph.part("incident-event", owner=ONE)["new"] = None


def test_the_same_is_given_however_often_it_is_asked_for(root):
    graph = Graph(root)
    assert graph.all("service") is graph.all("service")
    assert graph.files_of("service") is graph.files_of("service")
    write(root, {"catalogue/services/new.yaml": "title: New\nowner: finance\n"})
    assert "new" not in graph.all("service")
    assert "new" in Graph(root).all("service")


# References ----------------------------------------------------------------------------------------------------------


def test_names_of_folders_are_told_without_a_look_at_their_records(root):
    """So a folder is among them whose record is not there; hidden ones and links are not."""
    graph = Graph(root)
    assert graph.folder_names("incident") == graph.names("incident") == [ONE, OTHER]
    (root / f"incidents/2026/{OTHER}/incident.yaml").unlink()
    (root / "incidents/2026/.hidden").mkdir()
    (root / "incidents/2026/linked").symlink_to(root / f"incidents/2026/{ONE}")
    write(root, {"incidents/2026/notes.txt": ""})
    assert Graph(root).folder_names("incident") == [ONE, OTHER]
    assert Graph(root).names("incident") == [ONE]
    shutil.rmtree(root / "incidents")
    assert Graph(root).folder_names("incident") == []


def test_names_are_told_from_paths_once_and_nobody_changes_them(root):
    graph = Graph(root)
    found = graph.paths("service")
    assert graph.paths("service") is found
    with pytest.raises(TypeError):
        found["catalogue/services/other.yaml"] = "other"


def test_every_reference_says_where_it_leads(root):
    graph = Graph(root)
    found = {
        (entry.name, keys, name): graph.find(ref.kinds, name)
        for of in KINDS
        for entry in graph.all(of.name).values()
        for keys, ref, name in references(declared_of(of), entry.value)
    }
    assert found == {
        ("payroll", ("owner",), "finance"): "catalogue/teams/finance.yaml",
        ("payroll", ("dependencies", 0, "service"), "ledger"): "catalogue/services/ledger.yaml",
        ("ledger", ("owner",), "nobody"): None,
        (ONE, ("services", 0), "payroll"): "catalogue/services/payroll.yaml",
        (OTHER, ("services", 0), "payroll"): "catalogue/services/payroll.yaml",
    }


def test_what_leads_nowhere_is_told_by_kind(root):
    graph = Graph(root)
    assert [(one.source.name, one.keys, one.name) for one in graph.dangling("service")] == [
        ("ledger", ("owner",), "nobody")
    ]
    assert not list(graph.dangling("incident"))


def test_what_is_worked_out_once_is_kept_with_the_graph(root):
    calls = []

    def count(graph):
        calls.append(graph)
        return len(graph.all("service"))

    graph, other = Graph(root), Graph(root)
    assert (graph.once(count), graph.once(count), other.once(count)) == (2, 2, 2)
    assert calls == [graph, other]


def test_a_name_is_looked_up_in_every_kind_it_may_be(root):
    graph = Graph(root)
    assert graph.find(("team", "person"), "finance") == "catalogue/teams/finance.yaml"
    assert graph.find(("person",), "finance") is None
    assert graph.find(("service", "slo:Service"), "second") == "slo/two.yaml"
    assert graph.find(("slo:SLI",), "second") is None
    assert graph.find(("slo",), "Service/second") == "slo/two.yaml"
    assert graph.place(("service", "slo:Service"), "fourth").keys == (1, "metadata", "name")
    assert graph.place(("service",), "fourth") is None
    assert sorted(graph.candidates(("service", "slo:Service"))) == [
        "first",
        "fourth",
        "ledger",
        "payroll",
        "second",
        "third",
    ]


# Partial reads -------------------------------------------------------------------------------------------------------


def test_a_document_whose_kind_is_written_is_of_that_kind_alone(root):
    graph = Graph(root)
    assert graph.find(("slo:Service/",), "Service/second") == "slo/two.yaml"
    assert graph.place(("slo:Service/",), "Service/fourth").keys == (1, "metadata", "name")
    assert graph.find(("slo:Service/",), "second") is None
    assert graph.find(("slo:SLO/",), "Service/second") is None
    assert graph.candidates(("slo:SLO/",)) == []
    assert "Service/second" in graph.candidates(("slo:Service/",))


def test_a_part_is_read_without_looking_at_the_rest(root):
    write(
        root,
        {
            f"incidents/2026/{OTHER}/timeline/a.yaml": "broken: [",
            "catalogue/services/payroll.yaml": "broken: [",
            "svcops.yaml": "broken: [",
        },
    )
    graph = Graph(root)
    assert list(graph.part("incident-event", owner=ONE)) == [f"{ONE}/a", f"{ONE}/b"]
    assert graph.names("service") == ["ledger", "payroll"]
    assert not graph.findings
    graph.all("incident-event")
    assert [finding.at.path for finding in graph.findings] == [f"incidents/2026/{OTHER}/timeline/a.yaml"]


def test_a_part_of_what_is_not_there_is_empty(root):
    graph = Graph(root)
    for owner in ("nobody", "", "..", "../..", f"../2026/{ONE}", "*", "{owner}", "{name}"):
        assert not graph.part("incident-event", owner=owner), owner
        assert not graph.part("incident-event", year="2026", owner=owner), owner
    assert not graph.part("incident-event", year="2025", owner=ONE)


@pytest.mark.parametrize("cached", [False, True])
def test_parts_are_the_whole_of_this_project(tmp_path, cached):
    for folder in FOLDERS:
        if (ROOT / folder).exists():
            shutil.copytree(ROOT / folder, tmp_path / folder)
    shutil.copy(ROOT / "svcops.yaml", tmp_path)
    write(tmp_path, {f"incidents/2026/{ONE}/timeline/{name}.yaml": EVENT for name in "abc"})
    write(tmp_path, {f"incidents/2026/{ONE}/incident.yaml": INCIDENT})
    cache = tmp_path / "cache" if cached else None
    compare_parts(tmp_path, cache)


def compare_parts(root, cache):
    """Every part of every kind is what the whole has of it, whichever is read first."""
    whole = Graph(root, cache)
    whole.read_everything()
    for of in KINDS:
        for path in {entry.path for entry in whole.all(of.name).values()}:
            one = next(entry for entry in whole.all(of.name).values() if entry.path == path)
            for part, value in one.parts.items():
                expected = {name: entry for name, entry in whole.all(of.name).items() if entry.parts[part] == value}
                fresh = Graph(root, cache)
                assert dict(fresh.part(of.name, **{part: value})) == expected
                assert dict(whole.part(of.name, **{part: value})) == expected
                assert set(fresh.findings) <= set(whole.findings)


PIECES = {
    "catalogue/services/payroll.yaml": ("title: Payroll\nowner: finance\n", "title: [", "owner: x\n", None),
    "catalogue/services/ledger.yaml": (
        "title: L\nowner: finance\ndependencies: [{service: payroll}]\n",
        "a: 1\na: 2\n",
        None,
    ),
    "catalogue/teams/finance.yaml": ("title: Finance\n", "title: ''\n", None),
    "slo/a.yaml": ("apiVersion: openslo/v1\nkind: Service\nmetadata: {name: one}\nspec: {}\n", "kind: Nothing\n", None),
    "slo/b.yaml": ("apiVersion: openslo/v1\nkind: Service\nmetadata: {name: one}\nspec: {}\n", "[]\n", None),
    f"incidents/2026/{ONE}/incident.yaml": (INCIDENT, "title: 1\n", None),
    f"incidents/2026/{ONE}/timeline/a.yaml": (EVENT, EVENT.replace("log", "leg"), None),
    f"incidents/2026/{ONE}/timeline/b.yaml": (EVENT, "", None),
    f"incidents/2026/{OTHER}/timeline/a.yaml": (EVENT, "\x00", None),
}


@given(st.fixed_dictionaries({path: st.sampled_from(texts) for path, texts in PIECES.items()}))
def test_parts_are_the_whole_of_any_store(tmp_path_factory, files):
    root = tmp_path_factory.mktemp("store")
    write(root, {path: text for path, text in files.items() if text is not None})
    compare_parts(root, None)
    found = everything(Graph(root))
    assert found == everything(Graph(root, root / "cache"))
    assert found == everything(Graph(root, root / "cache"))
    shutil.rmtree(root)


# What is wrong -------------------------------------------------------------------------------------------------------


def test_a_damaged_record_is_left_out_and_found(root):
    write(root, {"catalogue/services/ledger.yaml": "title: [", "catalogue/teams/finance.yaml": "titel: Finance\n"})
    graph = Graph(root)
    assert set(graph.all("service")) == {"payroll"}
    assert set(graph.all("team")) == set()
    assert {(finding.at.path, finding.code) for finding in graph.findings} == {
        ("catalogue/services/ledger.yaml", "YAML001"),
        ("catalogue/teams/finance.yaml", "SCHEMA001"),
        ("catalogue/teams/finance.yaml", "SCHEMA002"),
    }


def test_a_name_that_two_records_have_is_found_once_and_the_first_holds(root):
    write(root, {"slo/three.yaml": (root / "slo/two.yaml").read_text()})
    graph = Graph(root)
    found = [finding for finding in (graph.all("slo"), graph.findings)[1] if finding.code == "NAME002"]
    name = ("metadata", "name")
    assert [(finding.at, finding.related[0].at) for finding in found] == [
        (At("slo/two.yaml", name), At("slo/three.yaml", name)),
        (At("slo/two.yaml", name, document=1), At("slo/three.yaml", name, document=1)),
    ]
    assert graph.find(("slo:Service",), "first") == "slo/three.yaml"
    assert graph.all("slo")["Service/first"].path == "slo/three.yaml"


def test_without_settings_the_usual_ones_hold(tmp_path):
    assert Graph(tmp_path).settings.time_zone == "UTC"
    write(tmp_path, {"svcops.yaml": "time_zone: ["})
    graph = Graph(tmp_path)
    assert isinstance(graph.zone, UnknownZone), "it may name one, and nobody can tell which"
    assert [finding.code for finding in graph.findings] == ["YAML001"]


def test_an_empty_folder_is_an_empty_store(tmp_path):
    graph = Graph(tmp_path)
    assert everything(graph) == ({of.name: {} for of in KINDS}, [], [])


def test_reading_leaves_no_trace_in_the_store(root):
    before = {path: (path.stat().st_mtime_ns, path.stat().st_size) for path in root.rglob("*")}
    everything(Graph(root))
    assert {path: (path.stat().st_mtime_ns, path.stat().st_size) for path in root.rglob("*")} == before

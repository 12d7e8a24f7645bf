"""The sixteen examples of OpenSLO's own repository come in and go out without loss."""

import os
from pathlib import Path

import pytest

from svcops.checking.model import At
from svcops.slo.model import Document
from svcops.store.graph import Graph
from svcops.store.validation import validate
from svcops.store.yaml_reading import compose
from svcops.store.yaml_writing import dump

DATA = Path(os.environ.get("SVCOPS_REAL_DATA") or Path(__file__).resolve().parents[2].parent / "shared" / "data")
EXAMPLES = [
    plain
    for path in sorted((DATA / "openslo-v1").glob("*.yaml"))
    for plain in compose(path.read_text(encoding="utf-8"), path.name, many=True).documents[0]
]

pytestmark = pytest.mark.skipif(
    not DATA.is_dir(), reason=f"the real data is not at {DATA}; SVCOPS_REAL_DATA says where"
)


def record(plain):
    found, wrong = validate(Document, plain, At(""))
    assert not wrong
    return found


def test_there_are_sixteen():
    assert len(EXAMPLES) == 16


@pytest.mark.parametrize("plain", EXAMPLES, ids=lambda one: f"{one['kind']}-{one['metadata']['name']}")
def test_each_is_written_as_it_is_and_exported_the_same(empty, plain):
    empty.store.write("../example.yaml", dump(plain))
    empty("import", "openslo", "../example.yaml")
    (path,) = (empty.store.root / "slo").iterdir()
    assert compose(path.read_text(encoding="utf-8"), "").documents == [plain]
    (entry,) = Graph(empty.store.root).all("slo").values()
    exported = compose(empty("export", "openslo").out, "", many=True).documents[0]
    assert record(exported) == record(plain) == entry.value
    assert "1 there already" in empty("import", "openslo", "../example.yaml", "--update").out


def test_all_at_once_the_service_that_they_define_twice_is_told(empty):
    files = [str(path) for path in sorted((DATA / "openslo-v1").glob("*.yaml"))]
    said = empty("import", "openslo", *files, "--json").json
    assert len(said["added"]) == 15
    (twice,) = said["duplicates"]
    assert (twice["kind"], twice["name"], len(twice["sources"])) == ("Service", "example-service", 2)
    assert not said["unsupported"]

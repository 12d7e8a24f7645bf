"""A real Backstage catalogue, held to facts that were counted with a script; see ../shared/data/README.md."""

import os
from collections import Counter
from pathlib import Path

import pytest

from svcops.store.yaml_reading import compose

DATA = Path(os.environ.get("SVCOPS_REAL_DATA") or Path(__file__).resolve().parents[2].parent / "shared" / "data")
FILES = sorted(map(str, (DATA / "backstage-giantswarm").glob("*.yaml")))

pytestmark = pytest.mark.skipif(not FILES, reason=f"the real data is not at {DATA}; SVCOPS_REAL_DATA says where")


def test_96_of_105_entities_are_kept_and_the_others_named(empty):
    report = empty("import", "backstage", *FILES, "--json").json
    assert report["entities"] == 105
    assert len(report["added"]) == len(report["written"]["paths"]) == 96
    assert Counter(one["kind"] for one in report["added"]) == {"service": 84, "team": 12}
    assert {one["name"] for one in report["duplicates"]} == {
        "agent-sandbox",
        "agentic-platform",
        "aws-ebs-csi-driver-app",
        "aws-efs-csi-driver",
        "karpenter-app",
        "muster",
        "policyexceptions.policy.giantswarm.io",
        "policymanifests.policy.giantswarm.io",
    }
    assert sum(len(one["sources"]) for one in report["duplicates"]) == 17
    assert Counter(one["field"] for one in report["dangling"]) == {"owner": 14, "system": 5, "parent": 12}
    assert Counter(one["target"] for one in report["dangling"] if one["field"] == "owner") == {
        "team-phoenix": 10,
        "team-rocket": 3,
        "team-team-name": 1,
    }
    assert report["kept"] == report["unchanged"] == report["unsupported"] == []


def test_each_place_that_the_report_names_is_the_place(empty):
    report = empty("import", "backstage", *FILES, "--json", "--dry-run").json
    places = [(one["name"], source) for one in report["duplicates"] for source in one["sources"]]
    places += [(one["target"], one["source"]) for one in report["dangling"]]
    for name, source in places:
        line = Path(source["file"]).read_text(encoding="utf-8").splitlines()[source["line"] - 1]
        assert name in line.lower()


def test_the_check_finds_exactly_what_leads_nowhere(empty):
    empty("import", "backstage", *FILES)
    every = empty("check", "--json", code=1).json["findings"]
    found = [one for one in every if one["code"] == "REF001"]
    assert len(found) == 28
    assert Counter(one["message"].split()[0] for one in found) == {"owner": 11, "system": 5, "parent": 12}
    for one in found:
        line = empty.store.read(one["path"]).splitlines()[one["line"] - 1]
        assert line[one["column"] - 1 : one["end_column"] - 1] == one["message"].rsplit(": ", 1)[1]


def test_the_second_import_writes_nothing(empty):
    empty("import", "backstage", *FILES)
    before = empty.store.head()
    report = empty("import", "backstage", *FILES, "--json").json
    assert report["written"] is None
    assert len(report["unchanged"]) == 96
    assert empty.store.head() == before


def test_nothing_that_an_entity_says_is_lost(empty):
    report = empty("import", "backstage", *FILES, "--json").json
    for one in report["added"]:
        text = Path(one["source"]["file"]).read_text(encoding="utf-8")
        entities = compose(text, "", many=True, locate=True)
        names = {span.line: place[0] for place, span in entities.places.values.items() if place[2:] == ("name",)}
        entity = entities.documents[names[one["source"]["line"]]]
        record = "\n".join(leaves(compose(empty.store.read(one["path"]), "").documents[0])) + one["name"] + "production"
        for leaf in leaves([entity["metadata"], entity["spec"]]):
            assert leaf in record or leaf.removeprefix("group:").removeprefix("default/").lower() in record


def leaves(plain):
    if isinstance(plain, dict):
        plain = [*plain.values()]
    return [leaf for item in plain for leaf in leaves(item)] if isinstance(plain, list) else [str(plain)]


def test_what_comes_out_again_is_what_went_in(empty):
    report = empty("import", "backstage", *FILES, "--json").json
    exported = {
        (one["kind"].lower(), one["metadata"]["name"]): one
        for one in empty("export", "backstage", "--json").json["entities"]
    }
    assert len(exported) == 96
    for one in report["added"]:
        text = Path(one["source"]["file"]).read_text(encoding="utf-8")
        entities = compose(text, "", many=True, locate=True)
        names = {span.line: place[0] for place, span in entities.places.values.items() if place[2:] == ("name",)}
        entity = entities.documents[names[one["source"]["line"]]]
        assert normal(exported[entity["kind"].lower(), entity["metadata"]["name"]]) == normal(entity)


def normal(entity):
    """An entity without what means the same: its name as its title, and how references and lists are written."""
    spec = dict(entity["spec"])
    for field in ("owner", "system", "parent"):
        if field in spec:
            spec[field] = spec[field].lower().removeprefix("group:").removeprefix("default/")
    spec["members"] = sorted(spec.get("members", []))
    metadata = {"title": entity["metadata"]["name"], **entity["metadata"]}
    return {**entity, "metadata": {key: value for key, value in metadata.items() if value}, "spec": spec}

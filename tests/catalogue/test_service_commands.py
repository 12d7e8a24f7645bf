"""What an engineer asks at night: what is this, who answers, what hangs on it, what do I do."""

import os
import subprocess
import sys
import time

import pytest

RECORDS = {
    "catalogue/services/ledger.yaml": """\
title: Ledger
description: Keeps the books.
owner: finance
tier: 1
system: suite
dependencies:
  - service: identity
    why: every posting names who made it
  - {service: mail, critical: false, kind: event}
core_workflows:
  - {name: post, title: Enter a posting, slo: SLO/posting}
  - {name: close, title: Close a period}
links:
  - {url: "https://ledger.example.com", title: For users}
""",
    "catalogue/services/identity.yaml": "title: Identity\nowner: ada\ntier: 1\n",
    "catalogue/services/reports.yaml": "title: Reports\nowner: finance\ntier: 3\nexternal: true\ndependencies: [{service: ledger, critical: false}]\n",
    "catalogue/services/close.yaml": "title: Close\nowner: nobody\nsystem: elsewhere\ndependencies: [{service: ledger}]\napi: {type: openapi}\n",
    "catalogue/systems/suite.yaml": "title: Business suite\n",
    "catalogue/teams/finance.yaml": "title: Finance\nparent: company\nmembers: [noor, gone]\ncontacts: [{channel: chat, address: '#finance'}]\n",
    "catalogue/teams/company.yaml": "title: Everybody\nparent: finance\n",
    "catalogue/people/ada.yaml": "name: Ada Example\nemails: [ada@example.org]\n",
    "catalogue/people/noor.yaml": "name: Noor Voorbeeld\ncontacts: [{channel: telephone, address: '+49 30 1'}]\n",
    "runbooks/ledger/late.md": "---\ntitle: Postings are late\nkind: operation\nservices: [ledger]\n---\n\nLook.\n",
    "runbooks/identity/down.md": "---\ntitle: Nobody signs in\nkind: operation\nservices: [identity, ledger]\n---\n\nLook.\n",
    "slo/posting.yaml": """\
apiVersion: openslo/v1
kind: SLO
metadata: {name: posting}
spec:
  service: ledger
  indicatorRef: posting
  timeWindow: [{duration: 30d, isRolling: true}]
  budgetingMethod: Occurrences
  objectives: [{target: 0.99}]
""",
}


@pytest.fixture
def catalogue(console, new_store):
    """svcops on a store with four services."""
    store = new_store("catalogue")
    for path, text in RECORDS.items():
        store.write(path, text)
    store.commit("The catalogue")
    return type(console)(store)


def test_the_list_is_one_line_a_service_when_piped(catalogue):
    assert catalogue("service", "list").out == (
        "close\tClose\tnobody\t\telsewhere\n"
        "identity\tIdentity\tada\t1\t\n"
        "ledger\tLedger\tfinance\t1\tsuite\n"
        "reports\tReports\tfinance\t3\t\n"
    )


@pytest.mark.parametrize(
    ("filters", "names"),
    [
        (("--owner", "finance"), ["ledger", "reports"]),
        (("--owner", "nobody"), ["close"]),
        (("--tier", "1"), ["identity", "ledger"]),
        (("--system", "suite"), ["ledger"]),
        (("--owner", "finance", "--tier", "3"), ["reports"]),
        (("--tier", "9"), []),
    ],
)
def test_filters_narrow_it(catalogue, filters, names):
    assert catalogue("service", "list", "--quiet", *filters).out.split() == names
    assert [one["name"] for one in catalogue("service", "list", "--json", *filters).json["services"]] == names


def test_a_filter_that_names_nothing_is_an_error(catalogue):
    said = catalogue("service", "list", "--owner", "finanse", code=2)
    assert "Did you mean finance?" in said.err
    assert "--system" in catalogue("service", "list", "--system", "xyz", code=2).err
    assert "not a whole number" in catalogue("service", "list", "--tier", "one", code=2).err


def test_an_empty_list_says_so_on_stderr(catalogue, new_store):
    said = catalogue("service", "list", "--tier", "9")
    assert (said.out, said.err) == ("", "no services match\n")
    said = type(catalogue)(new_store("nothing"))("service", "list")
    assert (said.out, said.err) == ("", "no services\n")


def test_show_says_who_answers_and_what_it_needs(catalogue):
    page = catalogue("service", "show", "ledger").out
    assert (
        page[page.index("Who answers") : page.index("\nProfile")]
        == """\
Who answers
  finance (Finance)
    chat  #finance
    noor (Noor Voorbeeld)
      telephone  +49 30 1
    gone (not in the catalogue)
  company (Everybody)

Promised: no agreement

Depends on
  identity                     call   critical      every posting names who made it
  mail (not in the catalogue)  event  not critical

Needed by
  close    call  critical
  reports  call  not critical

Core workflows
  post   Enter a posting  SLO/posting
  close  Close a period   no SLO

Links
  https://ledger.example.com  For users
"""
    )


def test_show_says_what_is_not_known(catalogue):
    out = catalogue("service", "show", "close").out
    assert "  tier         unknown\n" in out
    assert "elsewhere (not in the catalogue)" in out
    assert "  nobody (not in the catalogue)" in out
    assert "  API          openapi\n" in out
    assert "(run by somebody else)" in catalogue("service", "show", "reports").out


def test_a_person_may_answer(catalogue):
    assert (
        "Who answers\n  ada (Ada Example)\n    mail  ada@example.org\n" in catalogue("service", "show", "identity").out
    )


def test_show_as_json(catalogue):
    found = catalogue("service", "show", "Ledger", "--json").json
    assert found["schema"] == "svcops.service/1"
    service = found["service"]
    assert service["path"] == "catalogue/services/ledger.yaml"
    assert service["depends_on"][1] == {
        "service": "mail",
        "title": None,
        "kind": "event",
        "critical": False,
        "why": "",
        "disturbed": [],
    }
    assert [(one["service"], one["critical"]) for one in service["needed_by"]] == [("close", True), ("reports", False)]
    assert service["core_workflows"] == [
        {"name": "post", "title": "Enter a posting", "slo": "SLO/posting", "slo_path": "slo/posting.yaml"},
        {"name": "close", "title": "Close a period", "slo": None, "slo_path": None},
    ]
    assert [one["path"] for one in service["runbooks"]] == ["runbooks/ledger/late.md", "runbooks/identity/down.md"]
    finance, company = service["answering"]
    assert finance["members"] == [
        {"name": "noor", "title": "Noor Voorbeeld", "contacts": [{"channel": "telephone", "address": "+49 30 1"}]},
        {"name": "gone", "title": None, "contacts": []},
    ]
    assert (finance["kind"], company["name"]) == ("team", "company")
    nobody = catalogue("service", "show", "close", "--json").json["service"]["answering"]
    assert nobody == [{"name": "nobody", "kind": None, "title": None, "contacts": [], "members": []}]


def test_an_unknown_name_names_the_nearest(catalogue):
    said = catalogue("service", "show", "ledgr", code=2)
    assert said.out == ""
    assert "there is no service 'ledgr'" in said.err
    assert "Did you mean ledger?" in said.err
    assert "svcops service list" in catalogue("service", "show", "zzz", code=2).err


def test_what_cannot_be_read_is_mentioned_and_shows_in_the_exit_code(catalogue):
    catalogue.store.write("catalogue/services/reports.yaml", "title: [\n")
    said = catalogue("service", "list", code=2)
    assert "ledger" in said.out
    assert "catalogue/services/reports.yaml" in said.err
    assert "svcops check" in said.err
    assert "ledger" in catalogue("service", "show", "ledger", code=2).out
    said = catalogue("service", "show", "reports", code=2)
    assert "the service reports is damaged: catalogue/services/reports.yaml" in said.err
    catalogue.store.write("runbooks/ledger/late.md", "no front matter\n")
    assert "runbooks/ledger/late.md" in catalogue("service", "show", "ledger", code=2).err
    assert "runbooks" not in catalogue("service", "list", code=2).err


@pytest.mark.parametrize(
    "command", [("service", "list"), ("service", "show", "ledger"), ("service", "show", "ledger", "--json")]
)
def test_a_warm_call_imports_nothing_heavy(catalogue, command):
    program = (
        "import os, sys\nos._exit = sys.exit\n"
        f"sys.argv = ['svcops', *{list(command)!r}]\n"
        "from svcops.cli.main import main\n"
        "try:\n    main()\nexcept SystemExit as end:\n    assert not end.code, end.code\n"
        "heavy = ('pydantic', 'yaml', 'ruamel', 'rich', 'git', 'duckdb', 'jinja2', 'markdown_it')\n"
        "print('IMPORTED', *[name for name in heavy if name in sys.modules], file=sys.stderr)\n"
    )
    for path in catalogue.store.root.rglob("*.*"):
        os.utime(path, (1_700_000_000, 1_700_000_000))
    deadline = time.monotonic() + 20
    while True:
        done = subprocess.run(
            [sys.executable, "-c", program],
            cwd=catalogue.store.root,
            env={**os.environ, **catalogue.store.env},
            capture_output=True,
            text=True,
            check=True,
        )
        if done.stderr.strip() == "IMPORTED" or time.monotonic() > deadline:
            break
    assert done.stderr.strip() == "IMPORTED"

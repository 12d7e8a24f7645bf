"""svcops service list, graph and impact, as they are typed."""

import io

import pytest

from svcops.cli.main import run
from svcops.terminal.session import Session, take_options

AGREED = "agreed: {with: Them, at: 2026-01-05, document: d}\n"
RECORDS = {
    "catalogue/services/identity.yaml": (
        "title: Identity\nowner: platform\ntier: 1\nlifecycle: production\ntags: [login]\n"
        "core_workflows: [{name: sign-in, title: Sign in}]\n"
    ),
    "catalogue/services/ledger.yaml": (
        "title: Ledger\ndescription: Keeps the BOOKS.\nowner: finance\ntier: 1\nsystem: suite\n"
        "dependencies: [{service: identity}, {service: bank, kind: data, critical: false, why: statements}]\n"
        "core_workflows: [{name: post, title: Enter a posting, slo: SLO/posting}]\n"
    ),
    "catalogue/services/payroll.yaml": (
        "title: Payroll\nowner: finance\ntier: 2\nlifecycle: deprecated\n"
        "dependencies: [{service: ledger, kind: event, critical: false}]\n"
    ),
    "catalogue/services/bank.yaml": "title: The bank\nowner: finance\nexternal: true\n",
    "catalogue/agreements/login.yaml": (
        "title: L\nservices: [identity]\nsupport_hours: always\navailability: {percent: 99.95}\nrto: 1h\n"
        "response: [{severity: sev2, respond: 5m}, {severity: sev1, respond: 15m}]\n" + AGREED
    ),
    "catalogue/agreements/books.yaml": (
        "title: B\nservices: [ledger]\nsupport_hours: always\navailability: {percent: 99.5}\nrto: 4h\nrpo: 10m\n"
        "response: [{severity: sev1, respond: 30m, resolve: 2h}]\n" + AGREED
    ),
    "catalogue/agreements/wages.yaml": "title: W\nservices: [payroll]\nsupport_hours: always\nrto: 1m\n" + AGREED,
}


@pytest.fixture
def catalogue(console, new_store):
    store = new_store("catalogue")
    for path, text in RECORDS.items():
        store.write(path, text)
    store.commit("The catalogue")
    return type(console)(store)


def test_a_damaged_service_is_there_and_damaged(catalogue):
    catalogue.store.write("catalogue/services/ledger.yaml", "title: Ledger\ntitle: Books\n")
    damaged = "ledger (damaged: catalogue/services/ledger.yaml)"
    assert f"└── {damaged}" in catalogue("service", "graph", "payroll", code=2).out
    assert damaged in catalogue("service", "show", "payroll", code=2).out
    nodes = catalogue("service", "graph", "payroll", "--json", code=2).json["nodes"]
    assert nodes[1]["missing"] == "damaged: catalogue/services/ledger.yaml"
    assert "but of 1 damaged service nobody can tell" in catalogue("check", code=1).out


def test_programs_are_told_what_was_left_out(catalogue):
    assert "damaged" not in catalogue("service", "list", "--json").json
    catalogue.store.write("catalogue/services/ledger.yaml", "title: Ledger\ntitle: Books\n")
    for words in (("list",), ("show", "payroll"), ("impact", "identity"), ("graph",)):
        found = catalogue("service", *words, "--json", code=2).json
        assert found["damaged"] == ["catalogue/services/ledger.yaml"], words


def test_a_service_whose_file_has_a_name_that_is_none_is_shown_by_it(catalogue):
    catalogue.store.write("catalogue/services/Zed.yaml", "title: Zed\nowner: platform\n")
    assert "Zed" in catalogue("service", "show", "Zed").out


def test_services_that_cannot_be_listed_are_not_told_as_none(catalogue):
    for file in (catalogue.store.root / "catalogue/services").iterdir():
        file.unlink()
    (catalogue.store.root / "catalogue/services").rmdir()
    catalogue.store.write("catalogue/services", "a file")
    said = catalogue("service", "list", code=2)
    assert "left out, damaged: catalogue/services" in said.err
    (catalogue.store.root / "catalogue/services").unlink()
    (catalogue.store.root / "catalogue/services").symlink_to("/usr")
    assert "left out, damaged: catalogue/services" in catalogue("service", "list", code=2).err
    (catalogue.store.root / "catalogue/services").unlink()
    assert catalogue("service", "list").err == "no services\n"


@pytest.mark.parametrize(
    ("filters", "names"),
    [
        ("--lifecycle deprecated", "payroll"),
        ("--lifecycle experimental", ""),
        ("--tag login", "identity"),
        ("--external", "bank"),
        ("--no-external --tier 1", "identity ledger"),
        ("--depends-on identity", "ledger"),
        ("--depends-on ledger", "payroll"),
        ("--text books", "ledger"),
        ("--text LEDG", "ledger"),
        ("--text login", "identity"),
        ("--text xyz", ""),
    ],
)
def test_filters_narrow_the_list(catalogue, filters, names):
    assert catalogue("service", "list", "--quiet", *filters.split()).out.split() == names.split()


def test_every_word_of_a_text_must_stand_somewhere(catalogue):
    assert catalogue("service", "list", "--quiet", "--text", "keeps ledger").out == "ledger\n"
    assert catalogue("service", "list", "--quiet", "--text", "keeps payroll").out == ""


def test_columns_are_those_asked_for_in_that_order(catalogue):
    said = catalogue("service", "list", "--columns", "title, depends-on,external,workflows", "--owner", "finance")
    assert said.out == "The bank\t\texternal\t\nLedger\tidentity, bank\t\tpost\nPayroll\tledger\t\t\n"
    assert catalogue("service", "list", "--columns", "title", "--quiet", "--tier", "2").out == "payroll\n"


def test_the_words_there_are_are_named_once(catalogue):
    said = catalogue("service", "list", "--lifecycle", "nope", code=2)
    assert "One of deprecated, experimental, production." in said.err


@pytest.mark.parametrize(
    ("flag", "value", "near"),
    [
        ("--columns", "titel", "title"),
        ("--lifecycle", "productoin", "production"),
        ("--tag", "logon", "login"),
        ("--depends-on", "identty", "identity"),
    ],
)
def test_a_word_that_nothing_has_names_the_nearest(catalogue, flag, value, near):
    said = catalogue("service", "list", flag, value, code=2)
    assert said.out == ""
    assert f"{flag} {value}: nothing here has that name" in said.err
    assert f"Did you mean {near}?" in said.err


def test_the_graph_of_the_whole_landscape(catalogue):
    assert catalogue("service", "graph").out == (
        "payroll\n"
        "└── ledger  [event, not critical]\n"
        "    ├── identity  [call]\n"
        "    └── bank (run by somebody else)  [data, not critical]\n"
    )


def test_the_graph_of_a_service_up_and_down(catalogue):
    assert catalogue("service", "graph", "Ledger", "--depth", "1").out.splitlines()[0] == "ledger"
    assert catalogue("service", "graph", "identity", "--up", "--depth", "1").out == "identity\n└── ledger  [call]\n"
    assert catalogue("service", "graph", "ledger", "--up", "--quiet").out.split() == ["ledger", "payroll"]


def test_the_graph_in_other_formats(catalogue):
    assert catalogue("service", "graph", "--format", "mermaid").out.startswith("flowchart LR\n")
    assert catalogue("service", "graph", "--format", "dot").out.startswith("digraph services {\n")
    found = catalogue("service", "graph", "ledger", "--json").json
    assert found["schema"] == "svcops.service-graph/1"
    assert [one["name"] for one in found["nodes"]] == ["ledger", "identity", "bank"]
    assert found["edges"][1] == {"from": "ledger", "to": "bank", "kind": "data", "critical": False, "why": "statements"}


def test_what_a_graph_cannot_be_asked(catalogue):
    assert "Formats: tree, mermaid, dot" in catalogue("service", "graph", "--format", "svg", code=2).err
    assert "at least 1" in catalogue("service", "graph", "--depth", "0", code=2).err
    assert "Did you mean ledger?" in catalogue("service", "graph", "ledgr", code=2).err


def test_impact_says_what_stops_what_is_degraded_and_what_was_promised(catalogue):
    assert catalogue("service", "impact", "identity").out == (
        "When identity (Identity) fails\n"
        "\n"
        "1 more service stops\n"
        "  ledger  tier 1  needs identity (call)\n"
        "\n"
        "1 service may be degraded\n"
        "  payroll  tier 2  needs ledger (event, not critical), which needs identity (call)\n"
        "\n"
        "Core workflows that users lose\n"
        "  identity  Sign in\n"
        "  ledger    Enter a posting\n"
        "\n"
        "Who answers\n"
        "  platform  identity\n"
        "  finance   ledger, payroll\n"
        "\n"
        "Tightest promises hit\n"
        "  answer to sev1     15 min around the clock  login  for identity\n"
        "  works again, sev1  2 h around the clock     books  for ledger\n"
        "  RTO                1 h                      login  for identity\n"
        "  RPO                10 min                   books  for ledger\n"
        "  availability       99.95 %                  login  for identity\n"
    )


OFFICE = (
    "title: O\nservices: [identity]\nsupport_hours: {open: [{days: [mon-fri], from: '09:00', until: '17:00'}]}\n"
    "response: [{severity: sev1, respond: 10m, resolve: 3h}]\n" + AGREED
)


def test_impact_compares_times_of_one_clock_only(catalogue):
    catalogue.store.write("catalogue/agreements/office.yaml", OFFICE)
    out = catalogue("service", "impact", "identity").out
    assert (
        "  answer to sev1     15 min around the clock  login   for identity\n"
        "  answer to sev1     10 min in support hours  office  for identity\n"
        "  works again, sev1  2 h around the clock     books   for ledger\n"
        "  RTO "
    ) in out, "3 h in support hours are never over before 2 h around the clock"
    promises = catalogue("service", "impact", "identity", "--json").json["impact"]["promises"]
    assert [(one["clock"], one["seconds"], one["agreement"]) for one in promises["respond"]] == [
        ("always", 900.0, "login"),
        ("support-hours", 600.0, "office"),
    ]


def test_impact_tells_each_window_at_the_highest_severity_at_which_one_is_promised(catalogue):
    catalogue.store.write("svcops.yaml", "severities: [{name: sev0, major: true}, {name: sev1}, {name: sev2}]\n")
    assert (
        "  answer to sev1     15 min around the clock  login  for identity\n"
        "  works again, sev1  2 h around the clock     books  for ledger\n"
    ) in catalogue("service", "impact", "identity").out, "nobody promises anything at sev0"
    bank = (
        "title: B\nservices: [bank]\nsupport_hours: always\n"
        "response: [{severity: sev1, respond: 1h}, {severity: sev2, respond: 30m, resolve: 2d}]\n" + AGREED
    )
    catalogue.store.write("catalogue/agreements/bank.yaml", bank)
    assert catalogue("service", "impact", "bank").out.endswith(
        "\n\nTightest promises hit\n"
        "  answer to sev1     1 h around the clock  bank  for bank\n"
        "  works again, sev2  2 d around the clock  bank  for bank\n"
    ), "at sev1 an answer alone is promised"
    promises = catalogue("service", "impact", "bank", "--json").json["impact"]["promises"]
    assert [(one["severity"], one["seconds"]) for one in promises["respond"]] == [("sev1", 3600.0)]
    assert [(one["severity"], one["seconds"]) for one in promises["resolve"]] == [("sev2", 172800.0)]


def test_impact_of_support_hours_alone_says_so(catalogue):
    catalogue.store.write("catalogue/agreements/login.yaml", OFFICE)
    assert (
        "  answer to sev1     10 min in support hours  login  for identity\n"
        in catalogue("service", "impact", "identity").out
    )


def test_impact_tells_a_long_way_by_its_first_step_and_its_length(catalogue):
    for number in range(11):
        needs = f"dependencies: [{{service: s{number - 1:02}}}]\n" if number else "dependencies: [{service: payroll}]\n"
        catalogue.store.write(f"catalogue/services/s{number:02}.yaml", f"title: S\nowner: platform\n{needs}")
    out = catalogue("service", "impact", "payroll").out
    assert f"  s04    {', which '.join(f'needs s0{one} (call)' for one in (3, 2, 1, 0))}, which needs payroll" in out
    assert "  s05    needs s04 (call), which ... needs payroll, 6 steps away\n" in out
    assert "  s10    needs s09 (call), which ... needs payroll, 11 steps away\n" in out
    *_, s09, s10 = catalogue("service", "impact", "payroll", "--json").json["impact"]["suffers"]
    assert (s09["steps"], s09["via"], len(s09["path"])) == (10, "s08", 10)
    assert (s10["steps"], s10["via"], s10["path"]) == (11, "s09", None)


def test_impact_names_the_core_workflows_of_what_is_degraded(catalogue):
    assert "Core workflows that may be worse\n  ledger  Enter a posting\n" in catalogue("service", "impact", "bank").out


def test_impact_tells_of_an_agreement_only_the_services_that_are_hit(catalogue):
    path = "catalogue/agreements/login.yaml"
    text = (catalogue.store.root / path).read_text()
    catalogue.store.write(path, text.replace("services: [identity]", "services: [bank, identity]"))
    assert (
        "RTO                1 h                      login  for identity\n"
        in catalogue("service", "impact", "identity").out
    )
    hit = catalogue("service", "impact", "identity", "--json").json["impact"]["promises"]["rto"]
    assert (hit["agreement"], hit["services"]) == ("login", ["identity"])


def test_impact_says_that_nothing_is_promised(catalogue):
    assert catalogue("service", "impact", "bank").out.endswith("\n\nTightest promises hit\n  none\n")


def test_impact_of_what_nobody_needs(catalogue):
    assert "no other service depends on it" in catalogue("service", "impact", "payroll").out
    assert catalogue("service", "impact", "payroll", "--quiet").out == ""


def test_what_needs_a_service_is_unknown_of_what_is_damaged(catalogue):
    for name in ("ledger", "payroll"):
        catalogue.store.write(f"catalogue/services/{name}.yaml", "title: [\n")
    unknown = "  damaged, and nobody can tell what it needs: ledger, payroll\n"
    said = catalogue("service", "impact", "identity", code=2).out
    assert f"  no other service that can be read depends on it\n{unknown}" in said
    said = catalogue("service", "show", "identity", code=2).out
    assert f"Needed by\n  no other service that can be read\n{unknown}" in said


def test_that_nothing_is_promised_is_unknown_beside_a_damaged_agreement(catalogue):
    catalogue.store.write("catalogue/agreements/books.yaml", "title: [\n")
    out = catalogue("service", "impact", "bank", code=2).out
    assert out.endswith("\n\nTightest promises hit\n  none that can be read\n")


@pytest.mark.parametrize("more", [(), ("--json",), ("--quiet",)])
@pytest.mark.parametrize("path", ["catalogue/services/payroll.yaml", "catalogue/agreements/books.yaml"])
def test_impact_says_what_it_leaves_out_before_anything_else(catalogue, path, more):
    catalogue.store.write(path, "title: [\n")
    options, rest = take_options(("service", "impact", "identity", *more))
    screen = io.StringIO()
    session = Session(
        options=options,
        cwd=catalogue.cwd,
        env=catalogue.store.env,
        stdin=io.StringIO(),
        stdout=screen,
        stderr=screen,
        now=lambda: catalogue.now,
        random_bytes=bytes,
    )
    assert run(session, rest) == 2
    first, rest_of_it = screen.getvalue().split("\n", 1)
    assert first == f"left out, damaged: {path}; svcops check shows the place"
    assert "ledger" in rest_of_it
    assert "left out" not in rest_of_it


def test_impact_as_json(catalogue):
    found = catalogue("service", "impact", "bank", "--json").json
    assert found["schema"] == "svcops.impact/1"
    ledger, payroll = found["impact"]["suffers"]
    assert (ledger["service"], ledger["effect"], payroll["effect"]) == ("ledger", "degraded", "degraded")
    assert payroll["path"] == [
        {"from": "bank", "to": "ledger", "kind": "data", "critical": False},
        {"from": "ledger", "to": "payroll", "kind": "event", "critical": False},
    ]
    assert found["impact"]["promises"] == {
        "respond": [],
        "resolve": [],
        "availability": None,
        "rto": None,
        "rpo": None,
    }
    promises = catalogue("service", "impact", "identity", "--json").json["impact"]["promises"]
    login = {"agreement": "login", "services": ["identity"], "path": "catalogue/agreements/login.yaml", "alike": []}
    assert promises["availability"] == {"percent": 99.95, **login}
    assert promises["respond"] == [{"severity": "sev1", "clock": "always", "seconds": 900.0, **login}]
    (resolve,) = promises["resolve"]
    assert (resolve["seconds"], resolve["services"]) == (7200.0, ["ledger"])


def test_of_two_that_promise_the_same_both_are_named(catalogue):
    too = RECORDS["catalogue/agreements/login.yaml"].replace("[identity]", "[ledger]").replace("99.95", "99.5")
    catalogue.store.write("catalogue/agreements/sign-in.yaml", too)
    found = catalogue("service", "impact", "identity", "--json").json["impact"]["promises"]
    made = (*found["respond"], found["rto"], found["availability"])
    assert [(one["agreement"], one["alike"]) for one in made] == [
        ("login", ["sign-in"]),
        ("login", ["sign-in"]),
        ("login", []),
    ]
    lines = [line.split() for line in catalogue("service", "impact", "identity").out.splitlines()]
    assert ["RTO", "1", "h", "login,", "sign-in", "for", "identity,", "ledger"] in lines


def test_show_says_what_is_promised(catalogue):
    assert (
        "Promised by books (B), in force, with no end\n"
        "  support hours  always\n"
        "  availability   99.5 % over 30 d, measured by no SLO\n"
        "  RTO            4 h\n"
        "  RPO            10 min\n"
        "  sev1           answered within 30 min, works again within 2 h, in support hours\n"
    ) in catalogue("service", "show", "ledger").out
    (found,) = catalogue("service", "show", "ledger", "--json").json["service"]["agreements"]
    assert (found["name"], found["standing"], found["rto_seconds"]) == ("books", "in force", 14400.0)


def test_show_says_that_nothing_is_in_force(catalogue):
    catalogue.store.write("catalogue/agreements/books.yaml", "title: B\nservices: [ledger]\nsupport_hours: always\n")
    out = catalogue("service", "show", "ledger").out
    assert "Promised: nothing is in force\n  books  a draft: nobody agreed yet\n" in out

"""svcops agreement: what is promised, and how long it still holds."""

import pytest

AGREED = "agreed: {with: Finance, at: 2026-01-26, document: contracts/2026.pdf, by: ada}\n"
RECORDS = {
    "books": (
        "title: Bookkeeping\nservices: [ledger, receipt-scanner]\n"
        "description: The books.\n"
        "scope: {in: [postings, closes], out: [advice]}\n"
        "support_hours: {open: [{days: [mon-fri], from: '08:00', until: '18:00'}, {days: [sat], until: '12:00'}],"
        " time_zone: Europe/Berlin, holidays: DE-BE, closed: ['2026-12-24'], open_on: ['2027-03-26']}\n"
        "response: [{severity: sev1, respond: 15m, resolve: 4h, clock: always}, {severity: sev2, respond: 1h}]\n"
        "availability: {percent: 99.95, slos: [SLO/a, SLO/b]}\nrto: 4h\nrpo: 15m\nvalid_until: 2027-01-31\n" + AGREED
    ),
    "draft": "title: D\nservices: [ledger]\nsupport_hours: always\n",
    "over": "title: O\nservices: [ledger]\nsupport_hours: always\nvalid_until: 2026-11-22\n" + AGREED,
    "next": "title: N\nservices: [receipt-scanner]\nsupport_hours: always\nvalid_from: 2027-02-01\n" + AGREED,
}


@pytest.fixture
def agreements(console):
    for name, text in RECORDS.items():
        console.store.write(f"catalogue/agreements/{name}.yaml", text)
    console.store.commit("Agreements")
    return console


def test_the_list_says_how_each_stands(agreements):
    assert agreements("agreement", "list").out == (
        "books\tledger, receipt-scanner\t99.95 %\t4 h\t15 min\tin force\t2027-01-31\t69\n"
        "draft\tledger\t\t\t\tdraft\t\t\n"
        "next\treceipt-scanner\t\t\t\tto come\t\t\n"
        "over\tledger\t\t\t\texpired\t2026-11-22\t-1\n"
    )


@pytest.mark.parametrize(
    ("filters", "names"),
    [
        (["--service", "ledger"], "books draft over"),
        (["--standing", "in force"], "books"),
        (["--standing", "to come", "--service", "ledger"], ""),
        (["--standing", "draft"], "draft"),
    ],
)
def test_filters_narrow_it(agreements, filters, names):
    assert agreements("agreement", "list", "--quiet", *filters).out.split() == names.split()


def test_filters_that_name_nothing_are_errors(agreements):
    assert "One of draft, to come, in force, expired." in agreements("agreement", "list", "--standing", "x", code=2).err
    assert "Did you mean ledger?" in agreements("agreement", "list", "--service", "ledgr", code=2).err


def test_days_on_which_nobody_attends_though_open_on_names_them_are_not_called_open(agreements):
    days = "['2026-12-12', '2026-12-24', '2027-03-26']"
    text = RECORDS["books"].replace("['2027-03-26']", days).replace(", {days: [sat], until: '12:00'}", "")
    agreements.store.write("catalogue/agreements/books.yaml", text)
    assert ", closed on 2026-12-24, open on 2027-03-26\n" in agreements("agreement", "show", "books").out
    agreements.store.write("catalogue/agreements/books.yaml", text.replace(days, "['2026-12-12']"))
    assert ", closed on 2026-12-24\n" in agreements("agreement", "show", "books").out


def test_the_last_day_of_an_agreement_is_called_so(agreements):
    agreements.now = agreements.now.fromisoformat("2027-01-31T08:00:00+01:00")
    assert "  standing       in force until 2027-01-31 (its last day)\n" in agreements("agreement", "show", "books").out


def test_show_says_everything_that_is_promised(agreements):
    assert agreements("agreement", "show", "Books").out == (
        "books  Bookkeeping\n"
        "  The books.\n"
        "\n"
        "  standing       in force until 2027-01-31 (69 d left)\n"
        "  agreed         with Finance on 2026-01-26, by ada: contracts/2026.pdf\n"
        "  services       ledger, receipt-scanner\n"
        "  in scope       postings\n"
        "                 closes\n"
        "  not in scope   advice\n"
        "  record         catalogue/agreements/books.yaml\n"
        "\n"
        "Promised\n"
        "  support hours  mon-fri 08:00-18:00, sat 00:00-12:00, Europe/Berlin, not on public holidays (DE-BE),"
        " closed on 2026-12-24, open on 2027-03-26\n"
        "  availability   99.95 % over 30 d, measured by SLO/a, SLO/b\n"
        "  RTO            4 h\n"
        "  RPO            15 min\n"
        "  sev1           answered within 15 min, works again within 4 h, around the clock\n"
        "  sev2           answered within 1 h, in support hours\n"
    )


@pytest.mark.parametrize(
    ("name", "standing"),
    [("draft", "a draft: nobody agreed yet"), ("over", "expired on 2026-11-22"), ("next", "to come, from 2027-02-01")],
)
def test_show_says_how_it_stands(agreements, name, standing):
    assert f"  standing       {standing}\n" in agreements("agreement", "show", name).out


def test_show_as_json(agreements):
    found = agreements("agreement", "show", "books", "--json").json
    assert found["schema"] == "svcops.agreement/1"
    books = found["agreement"]
    assert books["availability"] == {"percent": 99.95, "window_seconds": 2592000.0, "slos": ["SLO/a", "SLO/b"]}
    assert books["response"][1] == {
        "severity": "sev2",
        "respond_seconds": 3600.0,
        "resolve_seconds": None,
        "clock": "support-hours",
    }
    assert books["agreed"] == {"with": "Finance", "at": "2026-01-26", "document": "contracts/2026.pdf", "by": "ada"}
    assert (books["standing"], books["days_left"]) == ("in force", 69)
    draft = agreements("agreement", "list", "--json", "--standing", "draft").json["agreements"][0]
    assert (draft["agreed"], draft["days_left"], draft["rto_seconds"], draft["support_hours"]) == (
        None,
        None,
        None,
        "always",
    )


def test_an_unknown_or_damaged_one_is_an_error(agreements):
    assert "Did you mean books?" in agreements("agreement", "show", "boks", code=2).err
    agreements.store.write("catalogue/agreements/draft.yaml", "title: [\n")
    assert "the agreement draft is damaged" in agreements("agreement", "show", "draft", code=2).err
    said = agreements("agreement", "list", code=2)
    assert "books" in said.out
    assert "catalogue/agreements/draft.yaml" in said.err


def test_an_empty_list_says_so(console):
    said = console("agreement", "list")
    assert (said.out, said.err) == ("", "no agreements\n")


@pytest.mark.parametrize(
    "call", [("agreement", "list"), ("agreement", "show", "books"), ("service", "impact", "ledger")]
)
def test_a_typo_in_the_time_zone_is_told_as_it_may_be_another_day(agreements, call):
    agreements.store.write("svcops.yaml", "organisation: Example\ntime_zone: Europe/Berln\n")
    said = agreements(*call, code=2)
    assert said.err.startswith("svcops.yaml: Europe/Berln is not a known time zone, so times are in UTC")
    assert said.out

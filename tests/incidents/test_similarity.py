"""Which incidents are alike, and by what."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from svcops.incidents.facts import fold
from svcops.incidents.model import AlertGroup, Incident, Logged, Opened
from svcops.incidents.similarity import Told, Weighing, likeness, similar, similar_to, told_by, words_of
from svcops.store.entries import Entry
from svcops.store.graph import Graph
from svcops.store.model import Origin


def incident(number, title, *services, **more):
    name = f"incident-202611{number:02}-{number:06}"
    return Entry("incident", name, "p", Incident(title=title, services=services, detected_by="user", **more))


def tails(found):
    return [int(one.id[-6:]) for one in found]


RECEIPTS = incident(1, "Receipts are not extracted", "receipt-scanner")
SLOW = incident(2, "The archive is slow", "archive")
POSTINGS = incident(3, "Postings fail with timeouts", "ledger")
EVERY = [RECEIPTS, SLOW, POSTINGS]


@pytest.mark.parametrize(
    "title",
    [
        "Receipts are not extracted",
        "No receipts are extracted any more",
        "Extraction of receipts fails: not extracted",
        "Reciepts arent extracted",
        "RECEIPT EXTRACTED?",
    ],
)
def test_the_same_words_in_another_form_or_mistyped_are_the_same(title):
    found = similar(EVERY, title, ["receipt-scanner"])
    assert tails(found) == [1]
    assert found[0].reasons[0] == "same service: receipt-scanner"
    assert found[0].reasons[1].startswith("same words in the title: ")


@pytest.mark.parametrize("title", ["Payslips are late", "The scanner is down", "Problem", "", "???", "Not now"])
def test_other_words_are_not_alike_and_the_name_of_the_service_is_no_word(title):
    assert similar(EVERY, title, ["receipt-scanner"]) == []


def test_that_two_incidents_name_their_service_is_no_likeness():
    held = incident(1, "Receipt scanner offline", "receipt-scanner")
    assert similar([held], "Receipt scanner rejects", ["receipt-scanner"]) == []
    assert tails(similar([held], "The receipt scanner is offline", ["receipt-scanner"])) == [1]


def test_without_any_incident_nothing_is_alike():
    assert similar([], "Receipts are not extracted", ["receipt-scanner"]) == []


def test_another_service_has_to_share_three_words():
    certificate = incident(4, "The TLS certificate expired", "ledger")
    found = similar([*EVERY, certificate], "TLS certificate expired", ["archive"])
    assert tails(found) == [4]
    assert found[0].reasons == ("same words in the title: certificate, expired, tls",)
    assert similar(EVERY, "Receipts are not extracted", ["archive"]) == []


def test_the_likest_comes_first_and_of_equals_the_newest():
    exact, near = (
        incident(4, "Receipts are not extracted", "receipt-scanner"),
        incident(5, "Receipts are not extracted from photographs", "receipt-scanner"),
    )
    found = similar([RECEIPTS, near, exact], "Receipts are not extracted", ["receipt-scanner"])
    assert tails(found) == [4, 1, 5]
    assert [one.score for one in found[:2]] == [1.0, 1.0]
    assert 0 < found[2].score < 1


def test_numbers_and_short_words_stand_for_themselves():
    held = [incident(number, "Error 503", "ledger") for number in (1, 2)]
    assert similar(held, "Error 503", ["ledger"])[0].score == 1.0
    assert similar(held, "Error 504", ["ledger"])[0].score < 0.8
    assert similar([incident(1, "Main", "ledger")], "Mail", ["ledger"]) == []


def test_what_is_said_of_most_services_says_nothing():
    """As public logs do: Disruption with X, whatever X is."""
    every = [incident(number, f"Disruption of part {number}", f"service-{number}") for number in range(1, 8)]
    assert similar(every, "Disruption of part 1", ["service-1"]) == []
    assert tails(similar(every[:5], "Disruption of part 1", ["service-1"])) == [1], "too few to know"


def alert(key, name=None, **labels):
    return AlertGroup(
        key=key, source="https://alerts.example.org", labels=labels | ({"alertname": name} if name else {})
    )


def test_one_group_of_alerts_is_alike_whatever_its_title_says():
    held = incident(1, "x", "ledger", alert=alert("{}:{a}", "QueueGrows"))
    found = similar([held, SLOW], "Something else", ["archive"], alert=alert("{}:{a}", "QueueGrows"))
    assert (tails(found), found[0].score) == ([1], 1.0)
    assert found[0].reasons == ("same alert: QueueGrows",)
    assert similar([held], "Something else", ["archive"], alert=alert("{}:{b}", "QueueGrows")) == []
    other = similar([held], "Something else", ["ledger"], alert=alert("{}:{b}", "QueueGrows"))
    assert other[0].reasons == ("same alert: QueueGrows", "same service: ledger")
    assert similar([held], "Something else", ["ledger"], alert=alert("{}:{b}", "Other")) == []
    assert similar([held], "Something else", ["ledger"], alert=alert("{}:{b}")) == []


def test_of_an_imported_incident_what_its_own_system_names_is_its_service():
    origin = Origin(system="statuspage", key="1", parts=("Codespaces",))
    held = incident(1, "Claude models are unavailable", imported=origin)
    found = similar([held], "Models of Claude unavailable", ["Codespaces"])
    assert found[0].reasons[0] == "same service: Codespaces"


T0 = datetime(2026, 11, 23, 8, tzinfo=UTC)


def state(number, title, service, *texts, corrected=()):
    entry = incident(number, title, service)
    made = [Opened(type="opened", at=T0, recorded_at=T0, by="ada", severity="sev3")]
    made += [
        Logged(type="log", at=T0, recorded_at=T0 + timedelta(minutes=n + 1), by="ada", text=text)
        for n, text in enumerate(texts)
    ]
    events = [Entry("incident-event", f"{entry.name}/{n}", "p", one) for n, one in enumerate(made)]
    for number_, text in corrected:
        late = Logged(type="log", at=T0, recorded_at=T0 + timedelta(hours=1), by="ada", text=text, supersedes=number_)
        events.append(Entry("incident-event", f"{entry.name}/9", "p", late))
    return fold(entry, events)


def compared(one, other, *more):
    told = [told_by(each) for each in (one, other, *more)]
    words = Weighing.of_all(told)
    return likeness(words.of(told[0]), words.of(told[1]))


def test_what_was_logged_is_alike_though_the_titles_are_not():
    text = "The extraction worker ran out of memory, host {}, restarted it"
    one = state(1, "Receipts are late", "receipt-scanner", text.format("a81"))
    other = state(2, "Uploads hang", "receipt-scanner", "Seen by users", text.format("b17"))
    found = compared(one, other)
    assert found.score <= 0.9
    assert "same words in what was logged and told: " in found.reasons[1]
    assert compared(one, state(3, "Uploads hang", "receipt-scanner", "Restarted")) is None, "one word is too few"


def test_what_was_corrected_later_is_no_likeness():
    text = "The extraction worker ran out of memory"
    wrong = state(2, "Uploads hang", "receipt-scanner", text, corrected=[("1", "The disk was full")])
    assert compared(state(1, "Receipts are late", "receipt-scanner", text), wrong) is None


def test_cancelled_and_merged_ones_are_left_out_of_what_a_store_knows(console):
    opened = ("incident", "open", "Receipts are not extracted", "--service", "receipt-scanner", "--severity", "sev3")
    first, second, third = (console(*opened, "--detected-by", "user").id for _ in range(3))
    console("incident", "cancel", second, "A test")
    console("incident", "merge", third, "--into", first)
    graph = Graph(console.store.root)
    found = similar_to(graph, "Receipts are not extracted", ["receipt-scanner"])
    assert [(one.id, like.score) for one, like in found] == [(first, 1.0)]


texts = st.text(st.sampled_from("abcäß1_- \n.Receiptsqu"), max_size=60)


@given(st.lists(st.tuples(texts, st.sampled_from(["ledger", "archive"])), max_size=8), texts)
def test_a_score_is_between_0_and_1_names_why_and_any_text_can_be_compared(made, title):
    every = [incident(number + 1, text or "x", service) for number, (text, service) in enumerate(made)]
    for one in similar(every, title, ["ledger"]):
        assert 0 < one.score <= 1
        assert one.reasons


@given(texts, texts)
def test_likeness_is_mutual_and_the_same_text_is_the_likest(one, other):
    told = [Told("a", one, frozenset({"x"})), Told("b", other, frozenset({"x"})), Told("c", one, frozenset({"x"}))]
    words = Weighing.of_all(told)
    first, second, third = map(words.of, told)
    there, back = likeness(first, second), likeness(second, first)
    assert (there is None) == (back is None)
    if there and back:
        assert there.score == back.score
    if words_of(one):
        assert likeness(first, third).score == 1.0

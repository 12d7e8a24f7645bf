"""Blame, and what only looks like it: names, errors, one root cause. The cases of tests/rules show each finding."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from svcops.postmortems.template import parsed
from svcops.postmortems.wording import findings_in
from svcops.store.graph import Graph

FRONT = '---\ntitle: T\nincidents: []\nauthor: ada\nstarted_at: "2026-11-23T10:00:00+01:00"\n---\n'
NAME = "postmortem-20261123-k7f3q2"


@pytest.fixture
def said(store):
    """What is found in a text below the front matter, as code and the words that it is about."""
    store.write("templates/postmortem.md.j2", "## Contributing factors\n")
    store.write("catalogue/people/ada.yaml", "name: Ada Example\nemails: [ada@example.org]\n")
    store.write("catalogue/people/max-specimen.yaml", "name: Max (the 2nd) Specimen+\nemails: []\n")

    def find(body):
        text = f"{FRONT}{body}"
        store.write(f"postmortems/2026/{NAME}.md", text)
        found = findings_in(Graph(store.root), NAME)
        lines = text.split("\n")
        return [
            (one.code, lines[one.span.line - 1][one.span.column - 1 : one.span.end_column - 1])
            for one in found
            if one.span
        ]

    return find


def factors(text):
    return f"\n## What happened\n\nIt broke.\n\n## Contributing factors\n\n{text}\n"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Ada Example was tired.", "Ada Example"),
        ("ADA EXAMPLE was tired.", "ADA EXAMPLE"),
        ("Asked ada@example.org, who knew.", "ada@example.org"),
        ("As @ada said.", "@ada"),
        ("max-specimen was new.", "max-specimen"),
        ("Max (the 2nd) Specimen+ was new.", "Max (the 2nd) Specimen+"),
        ("Because of Ada the queue grew.", "Ada"),
        ("It was the fault of Max.", "Max"),
        ("Max's mistake.", "Max"),
        ("Max\u2019s failure.", "Max"),
        ("Ada didn't check.", "Ada"),
        ("Ada should have known.", "Ada"),
        ("Ada was to blame.", "Ada"),
    ],
)
def test_a_person_as_a_cause(said, text, name):
    assert said(factors(text)) == [("PMO003", name)]


@pytest.mark.parametrize(
    "text",
    [
        "The adapter caused load.",
        "Max connections were reached.",
        "The maximum failed to hold.",
        "Canada failed over.",
        "The host ada.example.org failed.",
        "`ada@example.org` stands in the alert.",
        "Nobody should have to know that.",
        "The lock failed, and the job ran twice.",
    ],
)
def test_words_that_only_look_like_a_person(said, text):
    assert said(factors(text)) == []


@pytest.fixture
def of_many(said, store):
    """The same, where people are called as words are, too."""
    for name in ("Kim Beispiel", "Will Sample", "May Specimen", "Mark Koch", "Grace Voorbeeld", "Robin Ward"):
        store.write(f"catalogue/people/{name.lower().replace(' ', '-')}.yaml", f"name: {name}\n")
    return said


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("- @kim-beispiel deployed without review.", "@kim-beispiel"),
        ("- @robin-ward approved it.", "@robin-ward"),
        ("- The pager of @Kim was silent.", "@Kim"),
        ("- The queue was deleted by Kim.", "Kim"),
        ("- The queue was deleted by Max.", "Max"),
        ("- The queue was deleted by Will.", "Will"),
        ("- The queue had been quickly emptied by Kim.", "Kim"),
        ("- Kim's change broke the queue.", "Kim"),
        ("- Grace's change broke the queue.", "Grace"),
        ("- Kim deployed on a Friday.", "Kim"),
        ("- Robin approved it.", "Robin"),
        ("- Mark accidentally deleted the queue.", "Mark"),
        ("- Koch deleted the queue.", "Koch"),
        ("- On Friday, Kim was alone.", "Kim"),
        ("Kim hat die falsche Warteschlange gelöscht.", "Kim"),
        ("Will hat die falsche Warteschlange gelöscht.", "Will"),
        ("Die Warteschlange wurde von Kim gelöscht.", "Kim"),
        ("Die Warteschlange wurde von Koch gelöscht.", "Koch"),
        ("Es lag an Kims Skript.", "Kim"),
    ],
)
def test_a_given_name_among_the_factors_is_somebody(of_many, text, name):
    assert of_many(factors(text)) == [("PMO003", name)]


@pytest.mark.parametrize(
    "text",
    [
        "- Will be deleted by a job each night.",
        "- May fail when the disk is full.",
        "- Not released by May 2026.",
        "- The release of May had no test.",
        "- Mark and sweep took long.",
        "- Grace periods are too short, and no Grace period is said.",
        "- Grace is not given.",
        "- Zum Beispiel fehlt ein Alarm, und ein Koch wurde nicht gefragt.",
        "- Round Robin sends half of the calls to a dead node.",
        "- Ward boundaries are not checked.",
        "- The host kim.example.org and kim@other.example are old.",
        "- KIM is an old system.",
        "- Kim-2 is an old host.",
    ],
)
def test_a_name_that_is_a_word_needs_more_to_be_somebody(of_many, text):
    assert of_many(factors(text)) == []


@pytest.mark.parametrize(
    "text",
    [
        "Ada forgot to look, and Max misread the alert.",
        "Because of Ada, and due to a mistake by Max, the queue was lost.",
        "Ada Example and\nMax (the 2nd) Specimen+ were tired.",
        "Ada was tired, as Ada was on call; Max was new. Because of Max it grew.",
    ],
)
def test_everybody_who_is_named_is_told_once_a_line(said, text):
    assert [(code, name[:3]) for code, name in said(factors(text))] == [("PMO003", "Ada"), ("PMO003", "Max")]


def test_outside_of_the_factors_everybody_who_is_blamed_is_told(said):
    text = "\nAda forgot to look, and Max misread the alert.\n"
    assert said(text + factors("A lock.")) == [("PMO003", "Ada"), ("PMO003", "Max")]


def test_outside_of_the_factors_a_name_alone_is_a_fact(said):
    assert said("\nAda Example rolled back.\n" + factors("A lock.")) == []
    assert said("\nAda forgot to roll back.\n" + factors("A lock.")) == [("PMO003", "Ada")]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("The cause was Ada Example.", "Ada Example"),
        ("Die Ursache war Ada.", "Ada"),
        ("Due to a mistake by Ada Example the queue was lost.", "Ada Example"),
        ("It happened because Ada Example pushed the wrong button.", "Ada Example"),
        ("Ada Example deleted the queue by mistake.", "Ada Example"),
        ("Ada's wrong command deleted the queue.", "Ada"),
        ("Ada misread the alert.", "Ada"),
        ("Ada accidentally deleted it.", "Ada"),
        ("Ada hat die Warteschlange versehentlich gelöscht.", "Ada"),
        ("Weil Ada den falschen Knopf gedrückt hat, stand alles.", "Ada"),
        ("Adas falscher Befehl löschte die Warteschlange.", "Ada"),
        ("It failed because Max deployed without review.", "Max"),
        ("It failed because Max had restarted it without a word.", "Max"),
        ("It failed because Ada Example had deployed it.", "Ada Example"),
        ("Because Ada hastily merged the change, it failed.", "Ada"),
        ("The fault lay with Max.", "Max"),
        ("The blame lies with Ada Example.", "Ada Example"),
        ("Max is to blame.", "Max"),
        ("Ada is clearly at fault.", "Ada"),
        ("Max should not have restarted it.", "Max"),
        ("Max shouldn't have restarted it.", "Max"),
        ("Max should never have restarted it.", "Max"),
        ("Ada ought to have asked.", "Ada"),
        ("Weil Max ohne Prüfung ausgerollt hatte, fiel es aus.", "Max"),
        ("Es fiel aus, weil Ada die neue Fassung ausgerollt hat.", "Ada"),
        ("Der Fehler lag bei Max.", "Max"),
        ("Max hätte es nicht neu starten dürfen.", "Max"),
    ],
)
def test_a_lapse_of_a_person_is_blame_wherever_it_stands(said, text, name):
    assert said(f"\n{text}\n" + factors("A lock.")) == [("PMO003", name)]


@pytest.mark.parametrize(
    "text",
    [
        "Ada Example restarted the queue.",
        "Ada Example removed the wrong setting.",
        "Ada reverted what had been deployed by mistake.",
        "Ada stopped the job that ran on the wrong host.",
        "It was short because Ada Example noticed the alert at once.",
        "Ada deleted the queue, which was empty, and restarted it.",
        "Ada hat die Warteschlange neu gestartet.",
        "The cause was not known to Ada.",
        "Because Max was on call, Ada was told.",
        "It was short because Ada restarted the queue, and because Max deployed a quick fix.",
        "It was short because Max had run the rollback.",
        "It ended because Ada had a copy without the fault.",
        "Max is not to blame.",
        "Max should not have to restart it.",
        "Max deployed without review.",
        "Weil Max Bereitschaft hatte, wurde Ada nicht gefragt.",
        "Weil Max die Korrektur ausgerollt hat, war es kurz.",
        "Die Verantwortung liegt bei Max.",
        "Max hätte nichts tun müssen.",
    ],
)
def test_what_people_did_is_no_blame(said, text):
    assert said(f"\n{text}\n" + factors("A lock.")) == []


@pytest.mark.parametrize(
    "text",
    [
        "It was no human error.",
        "This is not a human error.",
        "It was not caused by operator error.",
        "It wasn't user error.",
        "Das war kein menschliches Versagen.",
        "Das war nicht auf menschliches Versagen zurückzuführen.",
    ],
)
def test_an_error_that_is_denied_is_none(said, text):
    assert said(factors(text)) == []


def test_an_error_that_something_else_is_denied_of_is_one(said):
    assert said(factors("It was not only human error.")) == [("PMO004", "human error")]
    assert said(factors("Nothing was tested: human error.")) == [("PMO004", "human error")]


@pytest.mark.parametrize(
    "word", ["human error", "Operator errors", "user-error", "manual mistake", "negligence", "careless", "fat-fingered"]
)
def test_an_error_as_the_end_of_the_search(said, word):
    assert said(factors(f"It was {word}, again.")) == [("PMO004", word)]


@pytest.mark.parametrize(
    "text", ["the user error rate", "user error messages", "human errors budget", "an error of the user"]
)
def test_an_error_that_is_a_measurement_or_a_message(said, text):
    assert said(factors(f"We saw {text}.")) == []


def test_one_root_cause_is_named_once(said):
    assert said("\n## Root cause\n\nThe root cause is a lock.\n") == [("PMO001", ""), ("PMO005", "Root cause")]
    assert said("\n## Root cause\n\nA lock.\n\n## Contributing factors\n\n- no lock\n") == []
    assert said("\nThe root-cause analysis went on.\n")[1:] == []


def test_a_text_of_nothing_but_front_matter_has_no_sections(said):
    assert said("") == [("PMO001", "")]


@pytest.mark.parametrize(
    ("text", "code", "name"),
    [
        ("Caused by human\n  error.", "PMO004", "human"),
        ("- Caused by human\n  error.", "PMO004", "human"),
        ("> Caused by human\n> error.", "PMO004", "human"),
        ("It was **human** error.", "PMO004", "human** error"),
        ("It was human  error.", "PMO004", "human  error"),
        ("**Ada** forgot.", "PMO003", "Ada"),
        ("__Ada__ forgot.", "PMO003", "Ada"),
        ("*Ada*'s mistake.", "PMO003", "Ada"),
        ("Ada  forgot.", "PMO003", "Ada"),
        ("So Ada\nforgot it.", "PMO003", "Ada"),
        ("Because\nof Ada the queue grew.", "PMO003", "Ada"),
        ("Max (the 2nd)\n  Specimen+ forgot.", "PMO003", "Max (the 2nd)"),
        ("Because of Example's mistake.", "PMO003", "Example"),
        ("Because of Ada's mistake.", "PMO003", "Ada"),
        ("Durch Adas Änderung.", "PMO003", "Ada"),
        ("Durch Ada Examples letzte Änderung.", "PMO003", "Ada Example"),
        ("Durch Max' Fehler.", "PMO003", "Max"),
        ("Das war Adas Fehler.", "PMO003", "Ada"),
        ("Wegen Ada stand alles.", "PMO003", "Ada"),
        ("Ada hat vergessen, zu prüfen.", "PMO003", "Ada"),
        ("Ada hat das Zertifikat\nvergessen.", "PMO003", "Ada"),
        ("Ada hat die Meldung nicht gelesen.", "PMO003", "Ada"),
        ("Ada vergaß es.", "PMO003", "Ada"),
        ("Ada hätte prüfen müssen.", "PMO003", "Ada"),
        ("Verursacht durch Ada.", "PMO003", "Ada"),
        ("Ada made a mistake.", "PMO003", "Ada"),
        ("The step was missed by Ada.", "PMO003", "Ada"),
        ("[Ada](people/ada.md) forgot.", "PMO003", "Ada"),
        ("So [Ada][1] forgot.", "PMO003", "Ada"),
        ("Ada hat einen Fehler gemacht.", "PMO003", "Ada"),
        ("Ada war unachtsam.", "PMO003", "Ada"),
        ("Das Zertifikat wurde von Ada vergessen.", "PMO003", "Ada"),
        ("Das geht auf Ada Example zurück.", "PMO003", "Ada Example"),
        ("Es war menschliches Versagen.", "PMO004", "menschliches Versagen"),
        ("Ein menschlicher\nFehler.", "PMO004", "menschlicher"),
        ("Ein Bedienfehler.", "PMO004", "Bedienfehler"),
        ("Die Schuld liegt beim Betrieb.", "PMO004", "Schuld"),
    ],
)
def test_blame_in_ordinary_markdown_and_in_german(said, text, code, name):
    assert said(f"\n## What happened\n\nIt broke, and\n{text}\n{factors('A lock.')}") == [(code, name)]


@pytest.mark.parametrize(
    "text",
    [
        "Moderator: Ada Example\nFailed jobs: 3",
        "Moderatorin: Ada Example\nVergessen wurde nichts.",
        "- Ada\n- failed jobs: 3",
        "| Ada | failed |\n| forgot | x |",
        "Ada noticed it, and rolled back.",
        "Ada hat den Fehler bemerkt.",
        "Ada hat nichts vergessen.",
        "Ada bemerkte es.",
        "The error was found by Ada.",
        "Das wurde von Ada nicht vergessen.",
        "Das Zertifikat wurde von Ada erneuert, und nichts wurde vergessen.",
        "Der Betrieb ging auf Ada über.",
        "[Ada](x) found [the failed job](y).",
        "Durch Ada informiert, rief der Betrieb an.",
        "Caused by `x` Ada\n`forgot` human `and` error",
        "Caused by human\n\nerror",
        "Der Aufruf des Benutzers, Fehler im Log, die Benutzerfehlermeldung",
        "Niemand ist schuld. Ohne Schuld geht es. Technische Schulden und eine technische Schuld.",
        "The role of the user\nErrors: 3",
        "## Ada\nfailed",
    ],
)
def test_what_only_looks_like_blame_in_markdown_and_in_german(said, text):
    assert said(f"\n## What happened\n\n{text}\n{factors('A lock.')}") == []


def test_blame_keeps_its_line(said, store):
    said("\n## What happened\n\nIt was\nhuman\nerror, as Ada\nforgot.\n\n## Contributing factors\n\nA lock.\n")
    found = findings_in(Graph(store.root), NAME)
    assert [(one.code, one.span.line, one.span.end_line) for one in found] == [("PMO003", 12, 12), ("PMO004", 11, 11)]
    assert found[1].message.startswith('"human error" is')


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Die Grundursache war ein Lock.", "Grundursache"),
        ("Die Ursache war ein Lock.", "Die Ursache war"),
        ("Die eigentliche\nUrsache war ein Lock.", "Die eigentliche"),
        ("The root\ncause was a lock.", "root"),
        ("The **root** cause was a lock.", "root** cause"),
    ],
)
def test_one_cause_is_found_in_ordinary_markdown_and_in_german(said, store, text, words):
    store.write("templates/postmortem.md.j2", "## Beitragende Faktoren\n")
    below = "\n## Beitragende Faktoren\n\n"
    assert said(f"\n{text}\n{below}Die Grundursache.\n") == [("PMO005", words)]
    assert said(f"\n{text}\n{below}- Kein Alarm.\n- Kein Test.\n") == []


def test_a_cause_that_nobody_knows_is_none(said):
    assert said("\nDie Ursache war noch unklar.\n\n## Contributing factors\n\nnone\n") == []


@given(st.text(max_size=300))
def test_no_text_is_too_odd(said, text):
    for code, _ in said("".join(char for char in text if char.isprintable() or char == "\n")):
        assert code.startswith("PMO00")


def test_a_question_with_values_in_it_is_known_again():
    template = parsed("{# > no question #}\n## One\n## About {{ title }}\n> Why, {{ who }}?\n>\n> {{ x }}\n")
    assert template.sections == ("One",)
    assert template.is_question("  > Why, the ledger?")
    assert not template.is_question("> Because.")
    assert not template.is_question("> Why the ledger?")

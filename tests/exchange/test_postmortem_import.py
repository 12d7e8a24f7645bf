"""Post-mortems that other tools kept as Markdown: the text as it is, the incident with it, nothing twice."""

from datetime import timedelta

import pytest

from svcops.incidents.facts import states
from svcops.store.graph import Graph
from svcops.store.yaml_reading import compose

FILE = """\
---
title: Postings fail
start_time: "2026-10-01T10:50:00+02:00"
end_time: 2026-10-01T10:00:00Z
severity: SEV-2
Services Affected: Ledger, Web site
authors: [ada, noor@example.org]
url: https://blog.example.org/postings
root_cause: |
  A disk,
  ```full```.
tags: [disk]
---

# What happened

A disk was full.

---

It is empty now.
"""
DAY = "---\ndate: 2026-05-01\n---\n# It was DNS #\n\nAgain.\n"


def bring(console, text, *arguments, code=0, name="pm.md"):
    console.store.write(f"../{name}", text)
    return console("import", "postmortem", f"../{name}", *arguments, code=code)


def graph(console):
    return Graph(console.store.root, None)


def only(console):
    (state,) = states(graph(console)).values()
    (entry,) = graph(console).all("postmortem").values()
    return state, entry


def test_a_file_becomes_an_incident_and_its_post_mortem(console):
    said = bring(console, FILE, "--map", "Web site=receipt-scanner")
    assert "To add: 1 incident, 1 postmortem, with 4 events" in said.out
    assert "kept at the end of the text: root_cause 1, tags 1" in said.out
    state, entry = only(console)
    assert state.incident.services == ("ledger", "receipt-scanner")
    assert (state.severity, state.ending, state.void) == ("sev2", "closed", ())
    assert state.clocks[3].span.total_seconds() == 70 * 60
    assert entry.name == state.id.replace("incident", "postmortem")
    assert entry.value.incidents == (state.id,)
    assert entry.value.authors == ("ada", "noor@example.org")
    assert entry.value.imported.url == "https://blog.example.org/postings"
    assert console.store.is_clean()


@pytest.mark.parametrize(
    "named",
    [
        "authors: [ada, noor, ben]",
        "author: ada, noor and ben",
        "Written by: ada; noor & ben",
        "author: ada\nco-authors: [noor, ben, ada]\nowner: kim",
        "owner: ada, noor, ben",
    ],
)
def test_everybody_who_is_named_as_an_author_is_one(console, named):
    bring(console, f"---\n{named}\n{DAY.removeprefix('---')}", "--severity", "none=sev3")
    _, entry = only(console)
    assert entry.value.authors == ("ada", "noor", "ben")


def test_none_of_the_authors_approves_it_and_it_waits_until_all_are_known(console):
    for name in ("ada", "noor", "kim"):
        mail = f"name: {name.capitalize()}\nemails: [{name}@example.org]\n"
        console.store.write(f"catalogue/people/{name}.yaml", mail)
    console.store.commit("People")
    opened = console(
        "incident", "open", "No receipts", "--service", "ledger", "--severity", "sev2", "--detected-by", "user"
    ).id
    text = f"---\ntitle: T\ndate: 2026-11-23\nincident: {opened}\nauthors: [ada, noor@example.org]\n---\n# T\n"
    bring(console, text)
    console.who = ("Noor", "noor@example.org")
    assert "noor wrote postmortems/" in console("postmortem", "approve", opened[-6:], code=1).err
    console.who = ("Kim", "kim@example.org")
    _, entry = only(console)
    console.store.write(entry.path, console.store.read(entry.path).replace("noor@example.org", "noor@elsewhere.org"))
    console.store.commit("Another address")
    said = console("postmortem", "approve", opened[-6:], code=1).err
    assert "its author may be anybody: noor@elsewhere.org is nobody of catalogue/people" in said
    codes = [(one["code"], one["line"]) for one in console("check", "--json", code=None).json["findings"]]
    assert ("PMO010", 7) in codes


def test_an_incident_that_is_not_in_the_store_is_named(console):
    text = DAY.replace("date", "incident: nope\ndate")
    said = bring(console, text, code=2)
    assert 'its incident, nope, is not in this store; its severity is not told: --severity "none=sev3"' in said.out
    said = bring(console, text, "--severity", "none=sev3")
    assert "No incident here, so that each has one of its own: nope" in said.out


def test_a_mapping_that_maps_nothing_is_told(console):
    said = bring(console, FILE, "--map", "Web sit=receipt-scanner")
    assert '--map "Web sit=...": nothing there is called so. Did you mean Web site?' in said.out


def test_the_text_stays_as_it_is_and_what_has_no_field_is_kept_below_it(console):
    bring(console, FILE)
    _, entry = only(console)
    front, text = console.store.read(entry.path).removeprefix("---\n").split("---\n", 1)
    assert compose(front, "").documents[0]["title"] == "Postings fail"
    body, rest = text.split("## What its front matter said beside")
    assert body.rstrip() == FILE.split("---\n", 2)[2].rstrip()
    fence = "````"
    assert rest.count(fence) == 2
    assert compose(rest.split(f"{fence}yaml\n")[1].split(fence)[0], "").documents[0] == {
        "root_cause": "A disk,\n```full```.\n",
        "tags": ["disk"],
    }


def test_a_text_with_nothing_beside_it_is_the_same_to_the_byte(console):
    text = "\n\n# T\r\n\r\nx  \n\n\n"
    bring(console, f"---\ndate: 2026-05-01T08:00:00Z\nseverity: sev4\n---\n{text}")
    _, entry = only(console)
    data = (console.store.root / entry.path).read_bytes()
    assert data.endswith(b"---\n" + text.encode())


def test_a_day_alone_gives_no_times_and_so_no_figures(console):
    bring(console, DAY, "--severity", "none=sev3")
    state, entry = only(console)
    assert entry.value.title == "It was DNS"
    assert entry.value.author == "unknown"
    assert state.ending == "closed"
    assert [clock.span for clock in state.clocks] == [None] * 4
    assert state.declared.isoformat() == "2026-05-01T00:00:00+02:00"  # the day of the store's zone
    assert state.resolved is None
    assert "  Resolved; since when is not known  - postmortem-file\n" in console("incident", "show", state.id).out
    assert state.id.startswith("incident-20260501-")


def test_a_start_without_an_end_is_no_clock_of_no_time(console):
    bring(console, "---\ntitle: T\nstarted_at: 2026-05-01T08:00:00Z\nseverity: sev3\n---\n")
    state, _ = only(console)
    assert [clock.span for clock in state.clocks] == [None] * 4


def test_a_second_time_writes_nothing(console):
    bring(console, FILE)
    head = console.store.head()
    assert "nothing written" in bring(console, FILE).err
    assert console.store.head() == head


def test_two_clones_get_the_same_bytes(console, new_store, new_console):
    other = new_console(new_store("other"))
    other.store.write("svcops.yaml", console.store.read("svcops.yaml"))
    bring(console, DAY, "--severity", "none=sev3")
    other.store.write("../elsewhere/pm.md", DAY)
    other("import", "postmortem", "../elsewhere/pm.md", "--severity", "none=sev3")
    for kind in ("incidents", "postmortems"):
        one, two = (
            {path.name: path.read_bytes() for path in (c.store.root / kind).rglob("*.*")} for c in (console, other)
        )
        assert one == two


def test_another_text_is_shown_and_taken_over_when_asked_for(console):
    bring(console, FILE)
    _, entry = only(console)
    before = console.store.read(entry.path).replace("author: ada\n", "author: ada\nmoderator: noor  # she led it\n")
    console.store.put(entry.path, before)
    changed = FILE.replace("was full", "was quite full").replace("title: Postings", "title: All postings")
    said = bring(console, changed)
    assert "title, text" in said.out
    assert console.store.read(entry.path) == before
    said = bring(console, changed, "--update")
    assert "+A disk was quite full." in said.out
    after = console.store.read(entry.path)
    assert "title: All postings fail\n" in after
    assert "moderator: noor  # she led it\n" in after
    assert "nothing written" in bring(console, changed, "--update").err


OLD = """\
---
title: Old outage
url: https://blog.example.org/old
start: 2026-03-01T10:00:00Z
end: 2026-03-01T12:00:00Z
severity: sev2
services: [ledger]
---
Text
"""


@pytest.mark.parametrize(
    ("was", "by_now", "told", "reads"),
    [
        ("12:00:00Z", "13:30:00Z", "resolved at another time", lambda one: one.clocks[3].span == timedelta(hours=3.5)),
        ("10:00:00Z", "09:00:00Z", "impact-started at another time", lambda one: one.impact_started.hour == 9),
        ("sev2", "sev1", "sev2 is sev1", lambda one: one.severity == "sev1"),
        ("[ledger]", "[ledger, receipt-scanner]", "services", lambda one: one.services[1:] == ("receipt-scanner",)),
        ("Old outage", "An old outage", "title", lambda one: one.incident.title == "An old outage"),
    ],
)
def test_what_the_file_corrects_of_its_incident_is_shown_and_taken_over_when_asked_for(
    console, was, by_now, told, reads
):
    bring(console, OLD)
    before, corrected = only(console)[0], OLD.replace(was, by_now)
    report = bring(console, corrected, "--json").json
    assert [told in one["differs"] for one in report["kept"] if one["kind"] == "incident"] == [True]
    assert only(console)[0].events == before.events
    bring(console, corrected, "--update")
    state, _ = only(console)
    assert reads(state)
    assert not reads(before)
    assert set(before.events) <= set(state.events), "events are only added"
    assert "nothing written" in bring(console, corrected, "--update").err
    assert console("check", "--json", code=None).json["findings"] == []


def test_an_end_that_is_told_later_gives_the_clocks(console):
    bring(console, OLD.replace("end: 2026-03-01T12:00:00Z\n", ""))
    assert only(console)[0].resolved is None
    bring(console, OLD, "--update")
    assert only(console)[0].clocks[3].span == timedelta(hours=2)


def test_what_a_person_wrote_of_its_incident_since_is_kept_and_told(console):
    bring(console, OLD)
    state, _ = only(console)
    console.store.put(state.entry.path, console.store.read(state.entry.path).replace("Old outage", "The old outage"))
    console("incident", "severity", state.id, "sev3", "--because", "Nobody noticed")
    corrected = OLD.replace("Old outage", "An old outage").replace("sev2", "sev1")
    assert (
        "title kept: edited here since, severity kept: judged here since" in bring(console, corrected, "--update").out
    )
    state, _ = only(console)
    assert (state.incident.title, state.severity) == ("The old outage", "sev3")


def test_what_was_mapped_the_first_time_need_not_be_mapped_again(console):
    text = OLD.replace("sev2", "P1").replace("[ledger]", "[Web site]")
    bring(console, text, "--map", "Web site=ledger", "--severity", "P1=sev1")
    assert "nothing written" in bring(console, text, "--update").err
    bring(console, text.replace("12:00:00Z", "13:00:00Z"), "--update")
    state, _ = only(console)
    assert (state.severity, state.services, state.clocks[3].span) == ("sev1", ("ledger",), timedelta(hours=3))


def test_it_explains_the_incident_that_it_names(console):
    found = console(
        *("incident", "open", "Postings", "--service", "ledger", "--severity", "sev3", "--detected-by", "user")
    ).id
    bring(console, FILE.replace("title:", f"incident: {found[-6:]}\ntitle:"))
    state, entry = only(console)
    assert state.id == found
    assert state.incident.imported is None
    assert entry.name == found.replace("incident", "postmortem")
    said = console("postmortem", "check", found[-6:], code=None)
    assert "imported, so what it says was not checked" in said.err


def test_it_explains_the_incident_of_the_same_address(console):
    console.store.write(
        "../s.json",
        '{"id": 1, "name": "Postings", "impact": "minor", "started_at": "2026-10-01T08:00:00Z",'
        ' "shortlink": "https://blog.example.org/postings"}',
    )
    console("import", "statuspage", "../s.json")
    bring(console, FILE)
    state, entry = only(console)
    assert state.incident.imported.system == "statuspage"
    assert entry.value.incidents == (state.id,)


def test_an_incident_of_another_system_is_kept_as_it_is_called_there(console):
    bring(console, FILE.replace("title:", "incident: INC-7\ntitle:"))
    _, entry = only(console)
    assert "incident: INC-7" in console.store.read(entry.path)


def test_a_mistyped_incident_of_this_store_is_no_new_one(console):
    words = ("--service", "ledger", "--severity", "sev1", "--detected-by", "slo")
    found = console("incident", "open", "Postings fail", *words).id
    wrong = found[:-1] + ("0" if found[-1] != "0" else "1")
    head = console.store.head()
    said = bring(console, FILE.replace("title:", f"incident: {wrong}\ntitle:"), code=2)
    assert f"its incident, {wrong}, is not in this store (Did you mean {found}?)" in said.out
    short = wrong[-6:]
    said = bring(console, DAY.replace("date", f"incident: {short}\ndate"), code=2)
    assert f"its incident, {short}, is not in this store (Did you mean {found[-6:]}?); its severity" in said.out
    assert console.store.head() == head
    begins = console("incident", "open", "Postings fail again", *words).id[:17]
    said = bring(console, FILE.replace("title:", f"incident: {begins}\ntitle:"), code=2)
    assert f"its incident, {begins}, may be incident-" in said.out


def test_a_post_mortem_that_was_written_here_is_left(console):
    found = console(
        *("incident", "open", "Postings", "--service", "ledger", "--severity", "sev3", "--detected-by", "user")
    ).id
    console("incident", "resolve", found)
    console("postmortem", "start", found)
    said = bring(console, FILE.replace("title:", f"incident: {found}\ntitle:"), "--update", code=2)
    assert "written here" in said.out
    assert "nothing written" in said.err


def names(console, name, text, incident_id):
    console.store.write(f"../{name}", text.replace("title:", f"incident: {incident_id}\ntitle:"))
    return f"../{name}"


def test_the_post_mortem_of_another_file_is_never_overwritten(console):
    bring(console, FILE, name="a.md")
    state, entry = only(console)
    before = console.store.read(entry.path)
    other = FILE.replace("/postings", "/other").replace("A disk was full.", "It was DNS.")
    other = names(console, "b.md", other, state.id)
    said = console("import", "postmortem", other, "--update", code=2)
    assert f"{entry.name} is that of https://blog.example.org/postings" in said.out
    for files in ([other], ["../a.md", other], [other, "../a.md"]):
        said = console("import", "postmortem", *files, "--update", code=2)
        assert "about the same incident" in said.out
        assert "nothing written" in said.err
        assert console.store.read(entry.path) == before


def test_of_two_files_about_one_incident_the_first_counts_each_time(console):
    found = console(
        *("incident", "open", "Postings", "--service", "ledger", "--severity", "sev3", "--detected-by", "user")
    ).id
    one = names(console, "a.md", FILE, found)
    other = names(console, "b.md", FILE.replace("/postings", "/other"), found)
    assert f"about the same incident: {found}" in console("import", "postmortem", one, other, code=2).out
    said = console("import", "postmortem", one, other, "--update", code=2)
    assert f"about the same incident: {found}" in said.out
    assert "nothing written" in said.err


def test_what_was_edited_here_since_is_kept_and_told(console):
    bring(console, FILE)
    _, entry = only(console)
    edited = console.store.read(entry.path).replace("It is empty now.", "It is empty now. We bought a larger one.")
    console.store.put(entry.path, edited)
    changed = FILE.replace("was full", "was quite full").replace("title: Postings", "title: All postings")
    assert "title, text kept: edited here since" in bring(console, changed).out
    bring(console, changed, "--update")
    after = console.store.read(entry.path)
    assert after.endswith("It is empty now. We bought a larger one.\n" + edited.rpartition("larger one.\n")[2])
    assert "title: All postings fail\n" in after
    said = bring(console, changed.replace("All postings", "Some postings"), "--update", "--no-commit")
    assert "title, text kept: edited here since" in said.out
    assert "title: Some postings fail\n" in console.store.read(entry.path)
    said = bring(console, changed.replace("All postings", "Some postings"), "--update")
    assert "nothing written" in said.err
    assert "text kept: edited here since" in said.out


def test_a_text_that_nobody_edited_follows_the_source_again_and_again(console):
    bring(console, FILE)
    _, entry = only(console)
    for word in ("quite", "very", "wholly"):
        changed = FILE.replace("was full", f"was {word} full")
        bring(console, changed, "--update")
        assert f"A disk was {word} full." in console.store.read(entry.path)
        assert "nothing written" in bring(console, changed, "--update").err


def test_a_damaged_post_mortem_is_left(console):
    bring(console, FILE)
    _, entry = only(console)
    console.store.put(entry.path, "---\ntitle: [\n---\n")
    said = bring(console, FILE, "--update", code=2)
    assert "nothing written" in said.err
    assert f"{entry.path}  damaged" in said.out


def test_two_files_of_one_address_count_once(console):
    console.store.write("../one.md", FILE)
    console.store.write("../two.md", FILE)
    said = console("import", "postmortem", "../one.md", "../two.md")
    assert "Defined more than once" in said.out
    only(console)


def test_files_of_one_name_and_title_are_told_apart_by_their_day(console):
    none = ("--severity", "none=sev3")
    later = DAY.replace("2026-05-01", "2026-06-01").replace("Again.", "And again.")
    bring(console, DAY, *none, name="2024/index.md")
    bring(console, later, *none, "--update", name="2025/index.md")
    console("import", "postmortem", "../2024/index.md", "../2025/index.md", *none, "--update")
    found = [console.store.read(one.path) for one in graph(console).all("postmortem").values()]
    assert sorted(text.rpartition("\n\n")[2] for text in found) == ["Again.\n", "And again.\n"]
    assert len(states(graph(console))) == 2
    bring(console, later.replace("And again.", "Once more."), *none, "--update", name="2025/index.md")
    found = [console.store.read(one.path) for one in graph(console).all("postmortem").values()]
    assert sorted(text.rpartition("\n\n")[2] for text in found) == ["Again.\n", "Once more.\n"]


def test_a_name_that_is_no_utf_8_is_refused(console):
    assert "no file can hold" in bring(console, DAY, "--severity", "none=sev3", name="\udcff.md", code=2).out
    console.store.write("../good.md", FILE)
    assert "no file can hold" in console("import", "postmortem", "../\udcff.md", "../good.md", code=2).out
    only(console)


def test_where_anything_was_refused_the_exit_code_says_so_of_files_too(console):
    assert "nothing of it could be imported" in bring(console, DAY, code=2).err
    console.store.write("../good.md", FILE)
    console("import", "postmortem", "../pm.md", "../good.md", code=2)
    only(console)


def test_the_check_has_nothing_to_say_of_what_was_imported(console):
    bring(console, FILE.replace("SEV-2", "sev1"))
    bring(console, DAY, "--severity", "none=sev1", name="day.md")
    text = console("check", code=None).out
    assert "incidents/" not in text
    assert "postmortems/" not in text


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "pm.md:1:1: no front matter"),
        ("# Title\n", "pm.md:1:1: no front matter"),
        ("---\ntitle: x\n", "no front matter"),
        ("---\n- x\n---\n", "no mapping"),
        ("---\n---\n", "an empty file"),
        ("---\ntitle: {a: [\n---\n", "not YAML"),
        ("---\ntitle: x\ntitle: y\n---\n", "pm.md:3:1"),
        (b"---\ntitle: \xff\n---\n", "UTF-8"),
        ("---\ntitle: x\n---\n", "no date"),
        ("---\ndate: 2026-05-01\n---\nText\n", "no title"),
        ("---\ntitle: x\ndate: 2026-05-01 08:00\n---\n", "pm.md:3:7: date: 2026-05-01 08:00: a time without an offset"),
        ("---\ntitle: x\ndate: 2026-02-31\n---\n", "pm.md:3:7"),
        ("---\ntitle: x\ndate: soon\n---\n", "date: soon: not a time"),
        ("---\ntitle: x\ndate: 0001-01-01\n---\n", "pm.md:3:7: date: 0001-01-01: a time outside the years"),
        ("---\ntitle: [x]\ndate: 2026-05-01\n---\n", "pm.md:2:8: title: is no text"),
        ("---\ntitle: x\ndate: 2026-05-01\nservices: [{a: b}]\n---\n", "services: is no list of texts"),
    ],
)
def test_what_is_no_such_file_is_refused_at_its_place_and_nothing_is_written(console, text, said):
    head = console.store.head()
    console.store.write("../good.md", FILE)
    console.store.write("../pm.md", text)
    result = console("import", "postmortem", "../good.md", "../pm.md", code=2)
    assert said in result.err
    assert console.store.head() == head
    assert console.store.is_clean()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (DAY, '--severity "none=sev3"'),
        (FILE.replace("SEV-2", "P2"), '--severity "P2=sev3"'),
        (FILE.replace("2026-10-01T10:00:00Z", "2026-09-01T10:00:00Z"), "it ended before it started"),
        (FILE.replace("2026-10-01T10", "2027-10-01T10"), "it lies in the future"),
        (FILE.replace("2026-10-01T10:00:00Z", "2026-11-23T10:00:00Z"), "it ends in the future"),
        (DAY.replace("2026", "0002"), "it lies before 1970"),
        (FILE + "x" * 1_100_000, "more than the 1,048,576 bytes"),
    ],
)
def test_what_cannot_be_a_record_is_named_and_the_others_are_imported(console, text, reason):
    console.store.write("../good.md", FILE.replace("/postings", "/other"))
    console.store.write("../pm.md", text)
    said = console("import", "postmortem", "../good.md", "../pm.md", code=2)
    assert reason in said.out
    only(console)


def test_a_severity_may_be_said(console):
    bring(console, FILE.replace("SEV-2", "P2"), "--severity", "p2=sev3")
    assert only(console)[0].severity == "sev3"


def test_a_severity_that_the_settings_lack_is_refused(console):
    assert "svcops.yaml has no severity sev9" in bring(console, FILE, "--severity", "P2=sev9", code=2).err


def test_a_dry_run_and_json_write_nothing_and_tell_all(console):
    report = bring(console, FILE, "--dry-run", "--json").json
    assert [one["kind"] for one in report["added"]] == ["incident", "postmortem"]
    assert report["written"] is None
    assert report["unknown_parts"] == {"Web site": 1}
    assert not graph(console).names("incident")

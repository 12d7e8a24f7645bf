"""A measure is anchored in content that changed since the incident was declared."""

import pytest

OPEN = (
    "incident",
    "open",
    "Receipts are not extracted",
    "--service",
    "receipt-scanner",
    "--severity",
    "sev1",
    "--detected-by",
    "slo",
)
ADD = ("Probe the queue", "--type", "detect", "--owner", "platform", "--due", "2026-12-20")
SLO = "slo/receipt-scanner.yaml"
OBJECTIVE = """\
apiVersion: openslo/v1
kind: SLO
metadata: {name: receipts}
spec: {service: receipt-scanner, budgetingMethod: Occurrences, objectives: [{target: 0.99}]}
"""


@pytest.fixture
def short(console):
    """An incident with one open measure."""
    console.store.write(SLO, OBJECTIVE)
    console.store.commit("A first objective")
    console.store.git("commit", "--quiet", "--amend", "--no-edit", "--date=2020-01-01T12:00:00Z")
    short = console(*OPEN).id[-6:]
    console("measure", "add", short, *ADD)
    return short


def change_slo(console, target="0.995"):
    console.store.write(SLO, OBJECTIVE.replace("0.99", target))
    return console.store.commit("A better objective")


def test_it_records_the_content_before_and_after(console, short):
    before = console.store.git("rev-parse", f"HEAD:{SLO}").strip()
    change_slo(console)
    console("measure", "anchor", short, "--path", SLO)
    event = next(console.store.root.glob("measures/2026/*/*anchored*")).read_text()
    assert f"before: {before}" in event.replace('"', "")
    assert f"after: {console.store.git('rev-parse', f'HEAD:{SLO}').strip()}" in event.replace('"', "")


def test_a_file_that_is_new_since_then_has_nothing_before(console, short):
    console.store.write("templates/page.md.j2", "Look at the queue.\n")
    console.store.commit("A new one")
    console("measure", "anchor", short, "--path", "templates/page.md.j2")
    assert "before:" not in next(console.store.root.glob("measures/2026/*/*anchored*")).read_text()


@pytest.mark.parametrize("link", ["slo/link.yaml", "templates"])
def test_a_symbolic_link_is_no_anchor(console, short, link):
    console.store.write("outside/page.md.j2", "Look at the queue.\n")
    place = console.store.root / link
    place.parent.mkdir(exist_ok=True)
    if place.is_dir():
        place.rename(place.with_name("kept"))
    place.symlink_to("../outside/page.md.j2" if link.endswith(".yaml") else "outside")
    console.store.commit("A link")
    path = link if link.endswith(".yaml") else f"{link}/page.md.j2"
    said = console("measure", "anchor", short, "--path", path, code=1)
    assert f"{link} is a symbolic link, and an anchor is the content of a file itself" in said.err


def test_content_that_stood_there_when_it_was_declared_is_no_anchor(console, short):
    said = console("measure", "anchor", short, "--path", SLO, code=1)
    assert f"has not changed since incident {short} was declared" in said.err
    change_slo(console)
    console.store.git("revert", "--no-edit", "HEAD")
    console("measure", "anchor", short, "--path", SLO, code=1)


def test_white_space_alone_is_no_change(console, short):
    console.store.write(SLO, (console.store.root / SLO).read_text() + "\n\n")
    console.store.commit("An empty line")
    said = console("measure", "anchor", short, "--path", SLO, code=1)
    assert f"in {SLO} only white space has changed since incident {short} was declared" in said.err


def test_what_is_not_committed_is_no_anchor(console, short):
    console.store.write(SLO, "changed")
    assert "is not committed as it is" in console("measure", "anchor", short, "--path", SLO, code=3).err


def test_a_record_of_what_happened_is_no_anchor(console, short):
    incident = next(console.store.root.glob("incidents/2026/*/incident.yaml")).relative_to(console.store.root)
    assert "records what happened" in console("measure", "anchor", short, "--path", str(incident), code=2).err


@pytest.mark.parametrize("path", ["slo/none.yaml", "../outside", "/etc/passwd", "runbooks"])
def test_a_path_that_is_no_file_of_the_store_is_refused(console, short, path):
    assert "there is no file" in console("measure", "anchor", short, "--path", path, code=2).err


def test_the_path_may_be_typed_from_the_folder_one_stands_in(console, short):
    change_slo(console)
    console.cwd = console.store.root / "slo"
    console("measure", "anchor", short, "--path", "receipt-scanner.yaml")


def test_the_incidents_id_names_its_only_open_measure(console, short):
    change_slo(console)
    second = console("measure", "add", short, "Drain faster", *ADD[1:]).id
    said = console("measure", "anchor", short, "--path", SLO, code=2)
    assert "has 2 open measures" in said.err
    assert "Drain faster" in said.err
    console("measure", "anchor", second[-6:], "--path", SLO)
    console("measure", "anchor", short, "--path", SLO)
    assert "has no open measure" in console("measure", "anchor", short, "--path", SLO, code=2).err
    assert (
        "is anchored in slo/receipt-scanner.yaml already"
        in console("measure", "anchor", second, "--path", SLO, code=1).err
    )


@pytest.mark.parametrize(
    ("arguments", "message", "help_"),
    [
        (("T", "--type", "hope", "--owner", "platform", "--due", "2026-12-20"), "--type hope", "prevent, detect"),
        (
            ("T", "--type", "detect", "--owner", "platfrom", "--due", "2026-12-20"),
            "no team or person 'platfrom'",
            "Did you mean platform?",
        ),
        (("T", "--type", "detect", "--owner", "platform", "--due", "soon"), "--due soon: not a day", "2026-12-20"),
        (("T", "--type", "detect", "--owner", "platform", "--due", "2026-02-30"), "not a day", ""),
        (("T", "--type", "detect", "--owner", "platform", "--due", "2026-11-22"), "that is over", ""),
        (("T", "--type", "detect", "--owner", "platform", "--due", "+5h"), "that is over", ""),
        (("T", "--type", "detect", "--owner", "platform", "--due", "+14"), "not a day", "+14d"),
        (("T", "--type", "detect", "--owner", "platform", "--due", "+99999999d"), "not a day", "+14d"),
        (("T", "--type", "detect", "--owner", "", "--due", "+14d"), "must not be empty", ""),
        ((" ", "--type", "detect", "--owner", "platform", "--due", "2026-12-20"), "needs a title", ""),
    ],
)
def test_a_bad_measure_is_refused_with_what_to_type(console, short, arguments, message, help_):
    said = console("measure", "add", short, *arguments, code=2)
    assert message in said.err
    assert help_ in said.err


def test_without_any_measure_the_command_that_adds_one_is_named(console):
    short = console(*OPEN).id[-6:]
    assert f"svcops measure add {short}" in console("measure", "anchor", short, "--path", SLO, code=2).err


@pytest.mark.parametrize(
    ("typed", "day"),
    [("2026-12-20", "2026-12-20"), ("+14d", "2026-12-07"), ("+0d", "2026-11-23"), ("2026-11-23", "2026-11-23")],
)
def test_the_last_day_is_typed_as_a_date_or_as_so_many_days(console, short, typed, day):
    added = console("measure", "add", short, *ADD[:-1], typed, "--json").json
    assert added["schema"] == "svcops.measure/1"
    assert added["measure"]["due"] == day
    assert added["measure"]["standing"] == "open"
    assert added["written"]["paths"] == [added["measure"]["path"]]


def test_a_measure_of_a_merged_incident_belongs_to_the_one_that_goes_on(console, short):
    other = console(*OPEN).id[-6:]
    console("incident", "merge", other, "--into", short)
    said = console("measure", "add", other, *ADD, code=1)
    assert "was merged into" in said.err
    assert f"svcops measure add {short}" in said.err


def test_what_a_merged_incident_had_is_listed_and_anchored_under_the_one_that_goes_on(console):
    first, between, last = (console(*OPEN).id[-6:] for _ in range(3))
    measure = console("measure", "add", first, *ADD).id
    console("incident", "merge", first, "--into", between)
    console("incident", "merge", between, "--into", last)
    assert measure in console("measure", "list", "--incident", last).out
    assert console("measure", "show", last, "--json").json["measure"]["id"] == measure
    assert [one["id"] for one in console("incident", "show", last, "--json").json["incident"]["measures"]] == [measure]
    assert "No measure matches" in console("measure", "list", "--incident", console(*OPEN).id[-6:]).err
    assert f"svcops measure add {last}" in console("measure", "add", first, *ADD, code=1).err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "a path or a link"),
        (("--path", SLO, "--link", "https://example.org"), "a path or a link"),
        (("--path", SLO, "--because", "x"), "--because and --at go with --link"),
        (("--path", SLO, "--at", "-5m"), "--because and --at go with --link"),
        (("--link", "example.org", "--because", "x"), "not a web address"),
        (("--link", "https://example.org/a b", "--because", "x"), "not a web address"),
        (("--link", "https://example.org"), "--link needs --because"),
        (("--link", "https://example.org", "--because", " "), "--link needs --because"),
        (("--link", "https://example.org", "--because", "x", "--at", "2027-01-01"), "in the future"),
    ],
)
def test_an_anchor_that_says_too_little_or_too_much_is_refused(console, short, arguments, message):
    before = console.store.head()
    assert message in console("measure", "anchor", short, *arguments, code=2).err
    assert console.store.head() == before


def test_what_is_changed_elsewhere_is_anchored_by_its_address_and_a_reason(console, short):
    link = ("--link", "https://git.example.org/scanner/pull/12", "--because", "The queue is bounded in its code")
    measure = console("measure", "anchor", short, *link, "--at", "-1m", "--json").json["measure"]
    assert measure["standing"] == "anchored"
    assert measure["anchored_at"] == "2026-11-23T08:17:00+01:00"
    assert measure["anchors"][0]["url"] == link[1]
    assert measure["anchors"][0]["because"] == link[3]
    assert f"is anchored in {link[1]} already" in console("measure", "anchor", measure["id"], *link, code=1).err


def test_what_was_in_place_before_the_incident_did_not_help(console, short):
    said = console("measure", "anchor", short, "--link", "https://a.example", "--because", "x", "--at", "-9m", code=1)
    assert f"incident {short} was declared only after that" in said.err


def test_what_is_anchored_may_have_a_second_anchor(console, short):
    change_slo(console)
    console("measure", "anchor", short, "--path", SLO)
    measure = console("measure", "list", "--quiet").id
    change_slo(console, "0.999")
    console("measure", "anchor", measure, "--path", SLO)
    console("measure", "anchor", measure, "--link", "https://a.example", "--because", "The alert is there")
    found = console("measure", "show", measure, "--json").json["measure"]
    assert [one.get("path") for one in found["anchors"]] == [SLO, SLO, None]
    assert console("check").code == 0


def test_without_a_commit_it_is_written_all_the_same(console, short):
    change_slo(console)
    head = console.store.head()
    assert "not committed (--no-commit)" in console("--no-commit", "measure", "anchor", short, "--path", SLO).err
    assert console.store.head() == head
    assert console("measure", "list", "--anchored", "--quiet").out.count("measure-") == 1


def test_a_decision_about_a_measure_with_a_damaged_file_is_refused(console, short):
    change_slo(console)
    folder = next(console.store.root.glob("measures/2026/*"))
    (folder / "1-anchored.yaml").write_text("type: anchored\n")
    for verb in (("anchor", short, "--path", SLO), ("drop", short, "--because", "x"), ("approve", folder.name)):
        said = console("measure", *verb, code=2)
        assert "has a damaged file" in said.err
        assert "1-anchored.yaml" in said.err
    (folder / "1-anchored.yaml").unlink()
    (folder / "measure.yaml").write_text("title: Only that\n")
    assert "has a damaged file" in console("measure", "anchor", folder.name, "--path", SLO, code=2).err
    assert "has a damaged file" in console("measure", "show", folder.name, code=2).err


def test_in_a_shallow_clone_nobody_knows_what_was_before(console, short, tmp_path, new_console):
    change_slo(console)
    console.store.git("clone", "--quiet", "--depth=1", f"file://{console.store.path}", str(tmp_path / "shallow"))
    other = new_console(type(console.store)(tmp_path / "shallow", console.store.env))
    other.now = console.now
    said = other("measure", "anchor", short, "--path", SLO, code=4)
    assert "this is a shallow clone" in said.err
    assert "git fetch --unshallow" in said.err
    assert "what changed" not in other("measure", "show", short).out


def test_a_record_that_cannot_be_read_anchors_nothing(console, short):
    console.store.write(SLO, "kind: [SLO\n")
    console.store.commit("Half a change")
    said = console("measure", "anchor", short, "--path", SLO, code=1).err
    assert f"{SLO} cannot be read: " in said
    assert "svcops check shows the place" in said
    change_slo(console)
    console("measure", "anchor", short, "--path", SLO)
    console.store.write(SLO, "kind: [SLO\n")
    console.store.commit("Half a change again")
    assert "MEA003" in console("check", code=1).out
    console("incident", "resolve", short)
    assert "cannot be read" in console("incident", "close", short, code=1).err

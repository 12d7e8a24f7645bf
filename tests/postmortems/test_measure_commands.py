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
RUNBOOK = "runbooks/receipt-scanner/queue.md"


@pytest.fixture
def short(console):
    """An incident with one open measure."""
    short = console(*OPEN).id[-6:]
    console("measure", "add", short, *ADD)
    return short


def change_runbook(console, text="Probe it.\n"):
    console.store.write(RUNBOOK, console.store.read(RUNBOOK) + text)
    return console.store.commit("Say how to probe")


def test_it_records_the_content_before_and_after(console, short):
    before = console.store.git("rev-parse", f"HEAD:{RUNBOOK}").strip()
    change_runbook(console)
    console("measure", "anchor", short, "--path", RUNBOOK)
    event = next(console.store.root.glob("measures/2026/*/*anchored*")).read_text()
    assert f"before: {before}" in event.replace('"', "")
    assert f"after: {console.store.git('rev-parse', f'HEAD:{RUNBOOK}').strip()}" in event.replace('"', "")


def test_a_file_that_is_new_since_then_has_nothing_before(console, short):
    console.store.write("runbooks/receipt-scanner/new.md", console.store.read(RUNBOOK))
    console.store.commit("A new one")
    console("measure", "anchor", short, "--path", "runbooks/receipt-scanner/new.md")
    assert "before:" not in next(console.store.root.glob("measures/2026/*/*anchored*")).read_text()


def test_content_that_stood_there_when_it_was_declared_is_no_anchor(console, short):
    said = console("measure", "anchor", short, "--path", RUNBOOK, code=1)
    assert f"has not changed since incident {short} was declared" in said.err
    change_runbook(console)
    console.store.git("revert", "--no-edit", "HEAD")
    console("measure", "anchor", short, "--path", RUNBOOK, code=1)


def test_what_is_not_committed_is_no_anchor(console, short):
    console.store.write(RUNBOOK, "changed")
    assert "is not committed as it is" in console("measure", "anchor", short, "--path", RUNBOOK, code=3).err


def test_a_record_of_what_happened_is_no_anchor(console, short):
    incident = next(console.store.root.glob("incidents/2026/*/incident.yaml")).relative_to(console.store.root)
    assert "records what happened" in console("measure", "anchor", short, "--path", str(incident), code=2).err


@pytest.mark.parametrize("path", ["slo/none.yaml", "../outside", "/etc/passwd", "runbooks"])
def test_a_path_that_is_no_file_of_the_store_is_refused(console, short, path):
    assert "there is no file" in console("measure", "anchor", short, "--path", path, code=2).err


def test_the_path_may_be_typed_from_the_folder_one_stands_in(console, short):
    change_runbook(console)
    console.cwd = console.store.root / "runbooks"
    console("measure", "anchor", short, "--path", "receipt-scanner/queue.md")


def test_the_incidents_id_names_its_only_open_measure(console, short):
    change_runbook(console)
    second = console("measure", "add", short, "Drain faster", *ADD[1:]).id
    said = console("measure", "anchor", short, "--path", RUNBOOK, code=2)
    assert "has 2 open measures" in said.err
    assert "Drain faster" in said.err
    console("measure", "anchor", second[-6:], "--path", RUNBOOK)
    console("measure", "anchor", short, "--path", RUNBOOK)
    assert "has no open measure" in console("measure", "anchor", short, "--path", RUNBOOK, code=2).err
    assert "is anchored already" in console("measure", "anchor", second, "--path", RUNBOOK, code=1).err


@pytest.mark.parametrize(
    ("arguments", "message", "help_"),
    [
        (("T", "--type", "hope", "--owner", "platform", "--due", "2026-12-20"), "--type hope", "prevent, detect"),
        (
            ("T", "--type", "detect", "--owner", "platfrom", "--due", "2026-12-20"),
            "no team or person 'platfrom'",
            "Did you mean platform?",
        ),
        (("T", "--type", "detect", "--owner", "platform", "--due", "soon"), "--due soon: not a date", "2026-12-20"),
        (("T", "--type", "detect", "--owner", "platform", "--due", "2026-02-30"), "not a date", ""),
        ((" ", "--type", "detect", "--owner", "platform", "--due", "2026-12-20"), "needs a title", ""),
    ],
)
def test_a_bad_measure_is_refused_with_what_to_type(console, short, arguments, message, help_):
    said = console("measure", "add", short, *arguments, code=2)
    assert message in said.err
    assert help_ in said.err


def test_without_any_measure_the_command_that_adds_one_is_named(console):
    short = console(*OPEN).id[-6:]
    assert f"svcops measure add {short}" in console("measure", "anchor", short, "--path", RUNBOOK, code=2).err

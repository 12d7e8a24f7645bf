"""Two clones that both say what became of a measure: nothing is lost, and what counts is said."""

from shutil import copytree

import pytest

NOOR = ("Noor Voorbeeld", "noor@example.org")
SLO = "slo/receipts.yaml"
OPEN = ("incident", "open", "No receipts", "--service", "receipt-scanner", "--severity", "sev3", "--detected-by", "slo")
ADD = ("Probe the queue", "--type", "detect", "--owner", "platform", "--due", "2026-12-20")


@pytest.fixture
def short(console):
    """An incident with one open measure, and an objective that was changed since."""
    short = console(*OPEN).id[-6:]
    console("measure", "add", short, *ADD)
    console.store.write(SLO, "apiVersion: openslo/v1\nkind: Service\nmetadata: {name: r}\nspec: {}\n")
    console.store.commit("An objective")
    return short


@pytest.fixture
def clone(console, short, tmp_path):
    """Another clone of the store, where Noor works."""
    other = type(console)(type(console.store)(copytree(console.store.path, tmp_path / "clone"), console.store.env))
    other._seed, other.now, other.who = 1000, console.now, NOOR
    return other


def merge(console, other):
    console.store.git("pull", "--quiet", "--no-rebase", "--no-edit", str(other.store.path), "main")


def merged_both_ways(console, other):
    """The measure as either clone has it once it merged the other: they must be the same."""
    merge(console, other)
    merge(other, console)
    found = [one("measure", "list", "--json").json["measures"][0] for one in (console, other)]
    assert found[0] == found[1]
    return found[0]


def codes(console):
    return [(one["code"], one["severity"]) for one in console("check", "--json").json["findings"]]


def test_both_anchored_it_and_both_anchors_stay(console, short, clone):
    console("measure", "anchor", short, "--path", SLO)
    clone("measure", "anchor", short, "--link", "https://a.example/1", "--because", "The alert is there")
    measure = merged_both_ways(console, clone)
    assert measure["standing"] == "anchored"
    assert len(measure["anchors"]) == 2
    assert codes(console) == []


def test_both_anchored_it_in_the_same_content_which_is_one_anchor_said_twice(console, short, clone):
    console("measure", "anchor", short, "--path", SLO)
    clone("measure", "anchor", short, "--path", SLO)
    assert len(merged_both_ways(console, clone)["anchors"]) == 2
    assert codes(console) == []


@pytest.mark.parametrize("anchor_first", [True, False])
def test_one_dropped_it_with_an_approval_and_the_other_anchored_it(console, short, clone, anchor_first):
    if anchor_first:
        clone("measure", "anchor", short, "--path", SLO)
        console.now = clone.now
    console("measure", "drop", short, "--because", "Not worth it")
    console.who = NOOR
    console("measure", "approve", short)
    assert console("measure", "list", "--dropped", "--quiet").out
    if not anchor_first:
        clone.now = console.now
        clone("measure", "anchor", short, "--path", SLO)
    measure = merged_both_ways(console, clone)
    assert measure["standing"] == "anchored"
    assert measure["drops"][0]["because"] == "Not worth it"
    assert codes(console) == [("MEA007", "warning")]


def test_one_wished_to_drop_what_the_other_had_anchored(console, short, clone):
    clone("measure", "anchor", short, "--path", SLO)
    console.now = clone.now
    console("measure", "drop", short, "--because", "Not worth it")
    assert merged_both_ways(console, clone)["standing"] == "anchored"
    assert codes(console) == [("MEA007", "warning")]


def test_both_wished_to_drop_it_and_one_approval_is_enough(console, short, clone):
    console("measure", "drop", short, "--because", "Not worth it")
    clone("measure", "drop", short, "--because", "Too much work")
    merge(console, clone)
    console.who = ("Kim Beispiel", "kim@example.org")
    console("measure", "approve", short)
    measure = merged_both_ways(console, clone)
    assert measure["standing"] == "dropped"
    assert len(measure["drops"]) == 2
    assert codes(console) == []


def test_an_event_that_came_meanwhile_is_not_overrun(console, short, monkeypatch):
    """The decision rests on what was read: it is refused where another event was written before it."""
    import svcops.postmortems.measure_changes as changes

    plain = changes._seen

    def seen(state):
        folder = console.store.root / state.entry.path.rpartition("/")[0]
        (folder / "1-dropped.yaml").write_text(
            "type: dropped\nat: 2026-11-23T07:30:00Z\nrecorded_at: 2026-11-23T07:30:00Z\nby: kim\ntext: No\n"
        )
        return plain(state)

    monkeypatch.setattr(changes, "_seen", seen)
    said = console("measure", "anchor", short, "--path", SLO, code=3)
    assert "measures/2026/" in said.err
    assert not list(console.store.root.glob("measures/2026/*/*anchored*"))

"""What the tests of problems share: incidents of one service, and measures in place at a known time."""

import pytest

OPEN = ("incident", "open", "Receipts are not extracted", "--service", "receipt-scanner", "--severity", "sev3")


@pytest.fixture
def incident(console):
    """Opens an incident, and gives the end of its id."""

    def make(title=OPEN[2], service="receipt-scanner", *more):
        opened = console("incident", "open", title, "--service", service, *OPEN[5:], "--detected-by", "user", *more)
        return opened.id[-6:]

    return make


@pytest.fixture
def problem(console, incident):
    """A problem that explains one incident, which is resolved: the ends of their ids."""
    short, now = incident(), console.now
    console("incident", "resolve", short)
    console.now = now
    return console("problem", "open", "The queue fills up", "--incident", short).id[-6:], short


@pytest.fixture
def measure(console):
    """Writes a measure of an incident; with `at`, anchored then. Gives the end of its id."""
    made = iter("abcdefgh")

    def make(short, at=None, title="Bound the queue"):
        full = console("incident", "show", short, "-q").id
        tail = f"m0000{next(made)}"
        folder = f"measures/2026/measure-20261120-{tail}"
        console.store.write(
            f"{folder}/measure.yaml",
            f"title: {title}\ntype: prevent\nincident: {full}\nowner: platform\ndue: '2027-12-20'\n"
            "added_at: 2026-11-20T10:00:00Z\nby: ada\n",
        )
        if at:
            moment, place = at.isoformat(), f"templates/{tail}.j2"
            console.store.write(place, f"{title}\n")
            dates = dict.fromkeys(("GIT_AUTHOR_DATE", "GIT_COMMITTER_DATE"), moment)
            type(console.store)(console.store.path, {**console.store.env, **dates}).commit("A change", place)
            blob = console.store.git("rev-parse", f"HEAD:{place}").strip()
            console.store.write(
                f"{folder}/20261120t100000000z-anchored-aaaaaa.yaml",
                f"type: anchored\nat: {moment}\nrecorded_at: {moment}\nby: ada\n"
                f"anchor: {{path: {place}, after: '{blob}'}}\n",
            )
        console.store.commit("A measure")
        return tail

    return make

"""What the events of a measure amount to, whatever order they were written and merged in."""

from datetime import date
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import example, given
from hypothesis import strategies as st
from tests.tries import tries

from svcops.incidents.measures import measure_states, measures_of
from svcops.store.graph import Graph

FOLDER = "measures/2026/measure-20261101-m00000"
INCIDENT = "incident-20261101-aaaaaa"
MEASURE = (
    f"title: T\ntype: detect\nincident: {INCIDENT}\nowner: ops\ndue: '2026-11-20'\n"
    "added_at: 2026-11-01T00:00:00Z\nby: ada\n"
)
PEOPLE = {
    "ada": "name: Ada Example\nemails: [ada@example.org, ada@home.example]\n",
    "kim": "name: Kim Beispiel\n",
    "noor": "name: Noor Voorbeeld\nemails: [noor@example.org]\n",
}
SAME = {"ada": "ada", "ada@example.org": "ada", "ADA@home.example": "ada", "noor@example.org": "noor", "kim": "kim"}
people = st.sampled_from(sorted(SAME))
minutes = st.integers(0, 59)
anchors = st.tuples(st.just("anchored"), minutes, people)
links = st.tuples(st.just("anchored-elsewhere"), minutes, people)
wishes = st.tuples(st.just("dropped"), minutes, people, st.lists(st.tuples(people, st.booleans()), max_size=2))
OWN = {
    "anchored": "anchor: {path: slo/x.yaml, after: " + "a" * 40 + "}\n",
    "anchored-elsewhere": "url: https://a.example/1\ntext: There\n",
    "dropped": "text: Not worth it\n",
}


def write(root, path, text):
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_text(text, encoding="utf-8")


def fold(root, events):
    """The measure of a store with these events; an approval is by somebody, over the bytes or over others."""
    write(root, "svcops.yaml", "organisation: Example\n")
    for name, text in PEOPLE.items():
        write(root, f"catalogue/people/{name}.yaml", text)
    write(root, f"{FOLDER}/measure.yaml", MEASURE)
    write(root, "slo/x.yaml", "x: 1\n")
    for number, (type_, minute, by, *approvals) in enumerate(events):
        at = f"2026-11-01T10:{minute:02}:00Z"
        text = f"type: {type_}\nat: {at}\nrecorded_at: {at}\nby: {by}\n{OWN[type_]}"
        path = f"{FOLDER}/{number}-{type_}.yaml"
        write(root, path, text)
        for second, (who, right) in enumerate(approvals[0] if approvals else ()):
            digest = sha256((text if right else "other").encode()).hexdigest()
            write(
                root,
                f"approvals/2026/approval-20261101-{number:03}{second:03}.yaml",
                f"of: {path}\ndigest: sha256:{digest}\nrole: reviewer\nby: {who}\nat: {at}\n",
            )
    graph = Graph(root)
    (found,) = measure_states(graph).values()
    assert not graph.findings
    assert measures_of(graph, INCIDENT) == [found]
    return found


def expected(events):
    if any(type_ != "dropped" for type_, *_ in events):
        return "anchored"
    agreed = any(right and SAME[who] != SAME[by] for _, _, by, approvals in events for who, right in approvals)
    return "dropped" if agreed else "open"


@tries(60)
@example([("dropped", 0, "ADA@home.example", [("kim", True)])])
@given(st.lists(anchors | links | wishes, max_size=4))
def test_an_anchor_counts_before_a_dropping_and_a_dropping_only_with_the_approval_of_another_person(events):
    with TemporaryDirectory() as one, TemporaryDirectory() as other:
        found = fold(Path(one), events)
        assert found.standing == expected(events)
        assert fold(Path(other), list(reversed(events))).standing == found.standing
        minute = [minute for type_, minute, *_ in events if type_ != "dropped"]
        assert (found.anchored_at and found.anchored_at.minute) == (min(minute) if minute else None)
        recorded = [one.value.recorded_at for one in found.events]
        assert recorded == sorted(recorded)
        assert (found.proposed is not None) == (bool(events) and not minute)
        assert bool(found.overdue_by(date(2026, 11, 21))) == (found.standing == "open")
        assert not found.overdue_by(date(2026, 11, 20))

"""The message of a merge; the rest of sharing is tested between real clones, in tests/cli."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from svcops.store.remotes import Shared
from svcops.store.sharing import message_of

NOW = datetime(2026, 11, 23, tzinfo=UTC)


def shared(name, subject, *, is_merge=False):
    return Shared("0" * 40, subject, name, f"{name}@example.org".lower(), NOW, (), is_merge)


def test_a_merge_is_told_as_a_person_would():
    assert message_of([shared("Ada", "Open it"), shared("Ada", "Log to it")], "origin/main") == (
        "Merge 2 changes by Ada into origin/main\n\n- Open it\n- Log to it\n"
    )
    two = [shared("Ada", "A"), shared("Noor", "B"), shared("Kim", "Merge", is_merge=True)]
    assert message_of(two, "origin/main").startswith("Merge 2 changes by Ada and Noor into origin/main\n")
    many = [shared(name, "A") for name in ("Ada", "Noor", "Kim", "Sam")]
    assert message_of(many, "x").startswith("Merge 4 changes by Ada, Noor and others into x\n")
    assert message_of([], "origin/main") == "Merge into origin/main\n"
    assert message_of([shared("Ada", str(number)) for number in range(25)], "x").endswith("- 19\n- and 5 more\n")


@given(st.lists(st.tuples(st.text(max_size=20), st.text(max_size=60).filter(lambda text: "\n" not in text))))
def test_whatever_the_subjects_say_nothing_in_it_is_a_trailer(commits):
    message = message_of([shared(name, subject) for name, subject in commits], "origin/main")
    first, *rest = message.splitlines()
    assert first.startswith("Merge ")
    assert first.endswith("into origin/main")
    assert not [line for line in message.split("\n")[1:] if line and not line.startswith("- ")]
    assert not any(line.startswith("Svcops-Record") for line in rest)

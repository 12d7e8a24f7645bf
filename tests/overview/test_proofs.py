"""A proof is the last run that passed, and nothing else makes it younger."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from svcops.overview.proofs import judge
from svcops.runbooks.model import Exercise
from svcops.runbooks.runs import Age, age, track
from svcops.store.entries import Entry

NOW = datetime(2026, 11, 23, 8, 15, tzinfo=UTC)
SPAN = timedelta(days=30)
RESULTS = ("passed", "failed", "aborted")

hours = st.integers(-2000, 2000)
runs_ = st.lists(st.tuples(hours, st.integers(-5, 50), st.sampled_from(RESULTS)), max_size=12)


def run(number: int, ended: int, took: int, result: str) -> Entry[Exercise]:
    """A run that ended so many hours from now, and took so many."""
    end = NOW + timedelta(hours=ended)
    value = Exercise(
        runbook="ledger/late", started_at=end - timedelta(hours=took), ended_at=end, by="ada", result=result
    )
    return Entry("exercise", f"exercise-{number}", f"exercises/{number}/exercise.yaml", value)


def entries(given_runs):
    return [run(number, *one) for number, one in enumerate(given_runs)]


def proof(given_runs):
    return age("it", track(entries(given_runs), NOW), SPAN, NOW, UTC)


def times(*ages: Age) -> tuple[datetime | None, datetime | None]:
    """From when the proofs of these are, and until when they count, or counted."""
    found = judge(list(ages), "it", "exercise it", UTC)
    return found.proved, found.until


def counts(given_runs, moment: datetime) -> bool:
    """Whether the runs up to a moment prove the thing then, of those that are over now."""
    past = [one for one in entries(given_runs) if one.value.ended_at <= min(moment, NOW)]
    return not age("it", track(past, moment), SPAN, moment, UTC).wrong


@given(runs_)
def test_the_proof_is_the_last_that_passed_and_could_have(given_runs):
    passed = [NOW + timedelta(hours=ended) for ended, took, result in given_runs if result == "passed" and took >= 0]
    past = [end for end in passed if end <= NOW]
    found = proof(given_runs)
    if not any(result == "failed" for _, _, result in given_runs):
        assert times(found) == ((max(past), max(past) + SPAN) if past else (None, None))
        assert (not found.wrong) == bool(past and max(past) + SPAN > NOW)


@given(runs_, st.permutations(range(12)))
def test_the_order_of_files_changes_nothing(given_runs, order):
    every = entries(given_runs)
    shuffled = [every[number] for number in order if number < len(every)]
    assert track(every, NOW) == track(shuffled, NOW)


@given(runs_, hours, st.integers(0, 50), st.sampled_from(["failed", "aborted"]))
def test_a_run_that_did_not_pass_makes_nothing_younger(given_runs, ended, took, result):
    before, after = proof(given_runs), proof([*given_runs, (ended, took, result)])
    if result == "aborted":
        assert times(after) == times(before)
    assert after.wrong or not before.wrong


def test_an_exercise_that_failed_after_one_that_passed_takes_its_proof_away():
    assert (
        "it failed on 2026-11-22, after it passed on 2026-11-21"
        in proof([(-36, 1, "passed"), (-12, 1, "failed")]).wrong
    )
    assert not proof([(-36, 1, "failed"), (-12, 1, "passed")]).wrong
    assert not proof([(-36, 1, "passed"), (-12, 1, "aborted")]).wrong


@given(runs_, st.integers(1, 2000), st.integers(0, 50))
def test_a_run_in_the_future_proves_nothing(given_runs, ended, took):
    before, after = proof(given_runs), proof([*given_runs, (ended, took, "passed")])
    assert times(after) == times(before)


@given(st.lists(runs_, min_size=1, max_size=3))
def test_several_things_counted_together_until_the_first_did_not(given_things):
    """Looked at moment by moment, as somebody who asked then would have been told."""
    _, until = times(*map(proof, given_things))
    ends = {
        NOW + timedelta(hours=ended) + more
        for runs in given_things
        for ended, *_ in runs
        for more in (timedelta(), SPAN)
    }
    moments = sorted(one for one in ends if one <= NOW)
    together = [one for one in moments if all(counts(runs, one) for runs in given_things)]
    assert (until is None) == (not together)
    if until and together:
        assert together[-1] < until
        after = [one for one in (until, *moments) if until <= one <= NOW]
        assert not any(all(counts(runs, one) for runs in given_things) for one in after)


@given(runs_)
def test_what_failed_since_is_remembered(given_runs):
    found = track(entries(given_runs), NOW)
    if found.passed and found.after:
        assert found.after.value.result != "passed"
        assert found.after.value.ended_at >= found.passed.value.ended_at


def test_a_span_longer_than_the_calendar_ends_at_its_end():
    found = age("it", track([run(0, -1, 0, "passed")], NOW), timedelta.max, NOW, UTC)
    assert times(found)[1] == datetime(9998, 1, 1, tzinfo=UTC)
    assert not found.wrong

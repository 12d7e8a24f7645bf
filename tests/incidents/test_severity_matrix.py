"""The severity of an incident, by what users suffer and how many of them."""

import pytest

from svcops.errors import BadInput
from svcops.incidents.severity_matrix import severity_of
from svcops.store.settings import Settings

MATRIX = {"stopped": {"one": "sev3", "everybody": "sev1"}, "slow": {"everybody": "sev2"}, "odd": {}}
SETTINGS = Settings(severity_matrix=MATRIX)


@pytest.mark.parametrize(
    ("severity", "impact", "scope", "found"),
    [
        ("sev4", "", "", "sev4"),
        ("", "stopped", "one", "sev3"),
        ("", "stopped", "everybody", "sev1"),
        ("", "stopped", "", "sev1"),
        ("", "slow", "", "sev2"),
    ],
)
def test_the_matrix_gives_what_was_not_said_and_doubt_means_the_higher(severity, impact, scope, found) -> None:
    assert severity_of(SETTINGS, severity, impact, scope) == found


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (("sev1", "stopped", ""), "--severity says what --impact and --scope lead to"),
        (("", "", ""), "an incident needs a severity"),
        (("", "", "one"), "an incident needs a severity"),
        (("", "stoped", ""), "--impact stoped: no such row"),
        (("", "stopped", "nobody"), "--scope nobody: not in the row stopped"),
        (("", "odd", ""), "--impact odd: its row of severity_matrix is empty"),
    ],
)
def test_what_leads_to_no_severity_says_what_would(given, says) -> None:
    with pytest.raises(BadInput) as caught:
        severity_of(SETTINGS, *given)
    assert caught.value.message.startswith(says)
    assert caught.value.help


def test_a_store_without_a_matrix_says_so() -> None:
    with pytest.raises(BadInput, match="has no severity_matrix"):
        severity_of(Settings(), "", "stopped", "")

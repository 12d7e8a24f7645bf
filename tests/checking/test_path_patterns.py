"""The paths that a waiver is about."""

from functools import cache

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from svcops.checking.path_patterns import compiled

LEDGER = "catalogue/services/ledger.yaml"


@pytest.mark.parametrize(
    "pattern",
    [
        LEDGER,
        "catalogue/services/*",
        "catalogue/*/*.yaml",
        "catalogue/*/l*d*r.yaml",
        "catalogue/**",
        "catalogue/",
        "./catalogue/services/",
        f"/{LEDGER}",
        "catalogue//services/ledger.yaml",
        "**",
        "**/ledger.yaml",
        f"**/{LEDGER}",
        "catalogue/**/ledger.yaml",
        "catalogue/services/**/ledger.yaml",
        "**/**/services/**/*.yaml",
    ],
)
def test_what_names_the_ledger(pattern: str) -> None:
    assert compiled(pattern).fullmatch(LEDGER)


@pytest.mark.parametrize(
    "pattern",
    [
        "ledger.yaml",
        "*",
        "*.yaml",
        "catalogue/*",
        "catalogue/*.yaml",
        "catalogue",
        "**/services",
        "services/**",
        "**/dger.yaml",
    ],
)
def test_what_does_not(pattern: str) -> None:
    assert not compiled(pattern).fullmatch(LEDGER)


@pytest.mark.parametrize("pattern", ["../elsewhere/*", "catalogue/../../x", "/", ".", "catalogue/**.yaml", "a***"])
def test_what_can_match_nothing_is_refused(pattern: str) -> None:
    with pytest.raises(ValueError, match="which"):
        compiled(pattern)


@pytest.mark.parametrize("pattern", ["*a" * 40 + "b", "*a*/" * 40 + "b", "**/a/" * 40 + "b", "**/*a*a/" * 40 + "*b"])
def test_many_stars_end_at_once(pattern: str) -> None:
    assert not compiled(pattern).fullmatch("a" * 2_000)
    assert not compiled(pattern).fullmatch("a/" * 1_000 + "a")
    assert not compiled(pattern).fullmatch(("a" * 40 + "/") * 40 + "a")


NAMES = st.text("ab*", min_size=1, max_size=6).filter(lambda step: "**" not in step)
PATTERNS = st.lists(NAMES | st.just("**"), min_size=1, max_size=6).map("/".join)
PATHS = st.lists(st.text("ab\n", min_size=1, max_size=5), min_size=1, max_size=6).map("/".join)


@given(PATTERNS, PATHS)
@example("**/a/*b/**/a", "a/b/a/ab/a")
@example("a*a/b", "aa/b")
def test_it_agrees_with_trying_everything(pattern: str, path: str) -> None:
    assert bool(compiled(pattern).fullmatch(path)) == tried(pattern, path)


def tried(pattern: str, path: str) -> bool:
    """Whether the pattern matches, found by trying every way."""
    wanted, given_ = pattern.split("/"), path.split("/")

    @cache
    def steps(one: int, other: int) -> bool:
        if one == len(wanted):
            return other == len(given_)
        if wanted[one] == "**":
            if one == len(wanted) - 1:
                return other < len(given_)
            return steps(one + 1, other) or (other < len(given_) - 1 and steps(one, other + 1))
        return other < len(given_) and name(wanted[one], given_[other]) and steps(one + 1, other + 1)

    return steps(0, 0)


def name(wanted: str, text: str) -> bool:
    if not wanted:
        return not text
    if wanted[0] == "*":
        return name(wanted[1:], text) or (bool(text) and name(wanted, text[1:]))
    return bool(text) and wanted[0] == text[0] and name(wanted[1:], text[1:])

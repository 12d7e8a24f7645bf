"""Public holidays: what the library knows, without reading all that it knows."""

import subprocess
import sys
from datetime import date

import holidays
import pytest

from svcops.timing.public_holidays import holidays_in


def run(text):
    return subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, check=True).stdout.split()


@pytest.mark.parametrize("code", ["DE", "DE-BE", "GB-SCT", "US-CA", "JP"])
def test_they_are_those_of_the_library(code):
    country, _, part = code.partition("-")
    assert holidays_in(code, 2026) == set(holidays.country_holidays(country, subdiv=part or None, years=2026))
    assert date(2026, 1, 1) in holidays_in(code, 2026)


@pytest.mark.parametrize("code", ["XX", "DE-XX"])
def test_a_code_that_nobody_knows_is_an_error(code):
    with pytest.raises(ValueError, match=f"{code} is no country, or part of one, whose holidays are known"):
        holidays_in(code, 2026)


def test_no_other_country_is_imported():
    imported = run(
        "import sys; from svcops.timing.public_holidays import holidays_in; holidays_in('DE-BE', 2026)\n"
        "print(*(name for name in sys.modules if name.startswith('holidays.countries')))"
    )
    assert imported == ["holidays.countries.germany"]


def test_all_countries_are_there_for_who_asks_later():
    told = run(
        "from svcops.timing.public_holidays import holidays_in; holidays_in('DE', 2026)\n"
        "import holidays, holidays.countries; print(holidays.countries.Germany.country, holidays.countries.France.country)"
    )
    assert told == ["DE", "FR"]

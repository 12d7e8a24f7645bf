"""Public holidays of countries and their parts, which the library `holidays` knows."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from functools import cache
from types import ModuleType


@cache
def holidays_in(code: str, year: int) -> frozenset[date]:
    """The public holidays of a country, or of a part of one (`DE-BY`); ValueError for a code that nobody knows."""
    from holidays import country_holidays

    country, _, part = code.partition("-")
    try:
        with _without_other_countries():
            return frozenset(country_holidays(country, subdiv=part or None, years=year))
    except NotImplementedError:
        raise ValueError(f"{code} is no country, or part of one, whose holidays are known") from None


@contextmanager
def _without_other_countries() -> Iterator[None]:
    """Import a country's module alone. The package around it imports some 250, for a tenth of a second.

    An empty package stands for it meanwhile; who imports the real one later finds there what was imported already.
    """
    import holidays

    name = f"{holidays.__name__}.countries"
    if name in sys.modules:
        yield
        return
    alone = sys.modules[name] = ModuleType(name)
    alone.__path__ = [f"{folder}/countries" for folder in holidays.__path__]
    try:
        yield
    finally:
        del sys.modules[name]

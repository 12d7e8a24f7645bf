"""How often a property is tried: some of it in `make test`, as each run tries other examples, all of it in the soak."""

from hypothesis import HealthCheck, settings

SHARE = 0.25
"""Of the tries that a property asks for, in `make test`."""
_LEAST = 8

for name, many in (("svcops", 100 * SHARE), ("soak", 1000)):
    settings.register_profile(
        name,
        max_examples=int(many),
        database=None,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
    )


def load(profile: str) -> None:
    """Before tests are collected."""
    settings.load_profile(profile)


def tries(number: int) -> settings:
    """Instead of `settings(max_examples=number)`."""
    share = SHARE if settings.default and settings.default.max_examples < 100 else 10
    return settings(max_examples=max(_LEAST, int(number * share)))

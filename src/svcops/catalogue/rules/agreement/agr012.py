"""An agreement with a party that is over, while others are promised something."""

from collections.abc import Iterator

from svcops.catalogue.endings import ended
from svcops.checking.model import Finding
from svcops.checking.rule import Context, Rule

_FOR_GOOD = " If it ended for good, waive this: the record stays, as it tells what was promised then."


def _find(context: Context) -> Iterator[Finding]:
    for one in ended(context.graph, context.now):
        agreed = one.entry.value.agreed
        if one.is_covered and agreed:
            nothing = f"nothing is agreed with {agreed.with_} for {', '.join(one.services)} {one.until}"
            message = f"expired on {one.entry.value.valid_until}: {nothing}"
            help_ = one.help + ("" if one.coming else _FOR_GOOD)
            yield Finding(
                "AGR012", message, one.entry.at("valid_until"), help_, severity="warning", related=one.related
            )


RULE = Rule(
    "AGR012",
    "an agreement with one party that is over, while others go on",
    "warning",
    rests_on=("agreement",),
    find=_find,
)

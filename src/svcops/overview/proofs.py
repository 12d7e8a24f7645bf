"""What runs prove of a service: each thing as fresh as its last run that passed (`svcops.runbooks.runs`)."""

from datetime import tzinfo

from svcops.overview.judgement import Judgement, listed, met, missing
from svcops.runbooks.runs import Age, Proof
from svcops.timing.wall import in_zone

_MOST = 20
"""Proofs that are missing of which each is told: somebody has to bring them all."""


def judge(ages: list[Age], what: str, next_: str, zone: tzinfo) -> Judgement:
    """Of several proofs each has to count; together they are as old as the oldest, and count as long as the first.

    Where some do not count, the times are those when all did for the last time; none where they never did.
    """
    wrong = [one.wrong for one in ages if one.wrong]
    remarks = [one.remark for one in ages if one.remark]
    proof = _together(ages)
    if wrong or proof is None:
        return missing("; ".join([listed(wrong, _MOST), *remarks]), next_, *(proof or ()))
    oldest = "the oldest " if len(ages) > 1 else ""
    passed = f"{what}, {oldest}passed on {in_zone(proof.proved, zone).date()}"
    return met(f"{passed}; but {'; '.join(remarks)}" if remarks else passed, *proof)


def _together(ages: list[Age]) -> Proof | None:
    """The last time in which all of these counted, with the oldest of the proofs then; None where there is none."""
    older = [one.runs.proofs(one.span) for one in ages]
    last = [next(one, None) for one in older]
    while True:
        known = [one for one in last if one]
        if len(known) < len(ages):
            return None
        until = min(one.until for one in known)
        if all(one.proved < until for one in known):
            return Proof(min(one.proved for one in known), until)
        last = [one if one.proved < until else next(rest, None) for one, rest in zip(known, older, strict=True)]

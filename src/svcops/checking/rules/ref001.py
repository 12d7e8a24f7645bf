"""A name that leads nowhere."""

import re
from collections.abc import Iterator

from svcops.checking.model import Edit, Finding, Fix, Related
from svcops.checking.rule import Context, Rule
from svcops.checking.spelling import Spellings, plain_text
from svcops.store.graph import Graph, Reference
from svcops.store.layout import kind
from svcops.store.model import SLUG
from svcops.store.suggest import nearest

_LONGEST = 60
_NAME = re.compile(rf"{SLUG}(?:/{SLUG})?")
_PART = re.compile("{[a-z]+}")

_Near = dict[tuple[tuple[str, ...], str], str | None]


def _find(context: Context) -> Iterator[Finding]:
    known: _Near = {}
    spellings = Spellings(context.graph)
    for one in context.kinds:
        for reference in context.graph.dangling(one.name):
            yield _finding(context.graph, reference, known, spellings.meant(reference.kinds, reference.name))


def _finding(graph: Graph, reference: Reference, known: _Near, meant: str | None) -> Finding:
    wanted = " or ".join(_noun(one) for one in reference.kinds)
    key = next(step for step in reversed(reference.keys) if isinstance(step, str))
    name = reference.name if len(reference.name) <= _LONGEST else reference.name[: _LONGEST - 1] + "…"
    message = f"{key} names no {wanted} of this store: {name}"
    near = meant or _nearest(graph, reference, known)
    related: tuple[Related, ...] = ()
    places = " or ".join(filter(None, (_to_write(one, reference.name) for one in reference.kinds)))
    help_ = f"Add the {wanted}{f', {places}' if places else ''}, or name one that exists."
    if near:
        place = graph.place(reference.kinds, near)
        related = (Related(f"{near} is defined here", place),) if place else ()
        help_ = f"Did you mean {near}?"
    rests_on = () if meant else _named_inside(reference.kinds)
    at = reference.source.at(*reference.keys)
    fix = Fix(f"write {meant}", (Edit(at, plain_text(meant)),)) if meant else None
    return Finding("REF001", message, at, help_, related=related, fix=fix, rests_on=rests_on)


def _named_inside(kinds: tuple[str, ...]) -> tuple[str, ...]:
    """Those of some kinds whose records are named by what their files say: a damaged file may have the one meant."""
    return tuple(base for one in kinds if kind(base := one.partition(":")[0]).many)


def _nearest(graph: Graph, reference: Reference, known: _Near) -> str | None:
    """The name of which only the last part was written, else the most alike, else one whose last part was written.

    Worked out once a name: a service that was deleted may be named by a thousand records.
    """
    wanted = (reference.kinds, reference.name)
    if wanted not in known:
        names = graph.candidates(reference.kinds)
        whole = (name for name in names if name.endswith(f"/{reference.name}"))
        last = reference.name.rpartition("/")[2]
        alike = (name for name in names if last != reference.name and name.endswith(f"/{last}"))
        known[wanted] = next(whole, None) or nearest(reference.name, names) or next(alike, None)
    return known[wanted]


def _noun(one: str) -> str:
    base, _, document = one.partition(":")
    if base != "slo":
        return base
    return "SLO" if document == "SLO/" else f"OpenSLO {document}"


def _to_write(one: str, name: str) -> str:
    """Where a record of that name would be written; nothing where no file can have the name, or a command writes it."""
    base, _, document = one.partition(":")
    if document:
        return f"in a file of {kind(base).folder}/"
    parts = name.split("/") if len(name) <= _LONGEST and _NAME.fullmatch(name) else []
    pattern = kind(base).pattern
    return _PART.sub(lambda _: parts.pop(0), pattern) if len(_PART.findall(pattern)) == len(parts) else ""


RULE = Rule("REF001", "a name that leads nowhere", fixes=True, find=_find)

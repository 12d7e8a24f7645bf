"""A name that leads nowhere."""

from collections.abc import Iterator

from svcops.checking.bygone import leading_nowhere
from svcops.checking.model import Edit, Finding, Fix, Related
from svcops.checking.rule import Context, Rule
from svcops.checking.spelling import Spellings, plain_text
from svcops.store.graph import Graph, Reference
from svcops.store.layout import kind, path_named

_LONGEST = 60


def _find(context: Context) -> Iterator[Finding]:
    spellings = Spellings(context.graph)
    for one in context.kinds:
        for reference in leading_nowhere(context.graph, one.name):
            yield _finding(context.graph, reference, spellings)


def _finding(graph: Graph, reference: Reference, spellings: Spellings) -> Finding:
    wanted = " or ".join(_noun(one) for one in reference.kinds)
    key = next(step for step in reversed(reference.keys) if isinstance(step, str))
    name = reference.name if len(reference.name) <= _LONGEST else reference.name[: _LONGEST - 1] + "…"
    message = f"{key} names no {wanted} of this store: {name}"
    meant = spellings.meant(reference.kinds, reference.name)
    near = meant or spellings.near(reference.kinds, reference.name)
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
    return path_named(base, name) if len(name) <= _LONGEST else ""


RULE = Rule("REF001", "a name that leads nowhere", fixes=True, find=_find)

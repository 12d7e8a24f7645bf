"""A name that leads nowhere."""

from collections.abc import Iterator

from svcops.checking.model import Edit, Finding, Fix, Related
from svcops.checking.rule import Context, Rule
from svcops.checking.spelling import Spellings, plain_text
from svcops.store.graph import Graph, Reference
from svcops.store.suggest import nearest

_LONGEST = 60

_Near = dict[tuple[tuple[str, ...], str], str | None]


def _find(context: Context) -> Iterator[Finding]:
    known: _Near = {}
    spellings = Spellings(context.graph)
    for kind in context.kinds:
        for reference in context.graph.dangling(kind.name):
            yield _finding(context.graph, reference, known, spellings.meant(reference.kinds, reference.name))


def _finding(graph: Graph, reference: Reference, known: _Near, meant: str | None) -> Finding:
    wanted = " or ".join(_noun(kind) for kind in reference.kinds)
    key = next(step for step in reversed(reference.keys) if isinstance(step, str))
    name = reference.name if len(reference.name) <= _LONGEST else reference.name[: _LONGEST - 1] + "…"
    message = f"{key} names no {wanted} of this store: {name}"
    near = meant or _nearest(graph, reference, known)
    related: tuple[Related, ...] = ()
    help_ = f"Add the {wanted}, or name one that exists."
    if near:
        place = graph.place(reference.kinds, near)
        related = (Related(f"{near} is defined here", place),) if place else ()
        help_ = f"Did you mean {near}?"
    at = reference.source.at(*reference.keys)
    fix = Fix(f"write {meant}", (Edit(at, plain_text(meant)),)) if meant else None
    return Finding("REF001", message, at, help_, related=related, fix=fix)


def _nearest(graph: Graph, reference: Reference, known: _Near) -> str | None:
    """The name of which only the last part was written, else the most alike.

    Worked out once a name: a service that was deleted may be named by a thousand records.
    """
    wanted = (reference.kinds, reference.name)
    if wanted not in known:
        names = graph.candidates(reference.kinds)
        whole = (name for name in names if name.endswith(f"/{reference.name}"))
        known[wanted] = next(whole, None) or nearest(reference.name, names)
    return known[wanted]


def _noun(kind: str) -> str:
    base, _, document = kind.partition(":")
    return f"OpenSLO {document or 'document'}" if base == "slo" else kind


RULE = Rule("REF001", "a name that leads nowhere", fixes=True, find=_find)

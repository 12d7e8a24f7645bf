"""Whether what comes of an edit is a valid service: found as the check would, before anything is written."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import PurePosixPath

from svcops.catalogue.model import Service
from svcops.checking.model import At, Finding
from svcops.errors import BadInput
from svcops.store.frozen import frozen
from svcops.store.graph import Graph

NOT_CRITICAL = "not-critical"
"""What is typed after a dependency that the service goes on without."""

_MAY_STAY = ("REF001", "CAT005", "CAT006")
"""What may be wrong with a record that is one."""


class NotValid(BadInput):
    """What came of an edit is no record of the store; nothing was written."""

    def __init__(self, what: str, found: "Worse", help: str) -> None:
        lines = "\n".join(f"  {line_of(one)}" for one in (*found.new, *found.left))
        super().__init__(f"{what}, and nothing was written:\n{lines}", help=help)


@frozen
class Worse:
    """What is wrong with what came of an edit: what is `new`, and what was so before."""

    new: tuple[Finding, ...] = ()
    left: tuple[Finding, ...] = ()


def line_of(finding: Finding) -> str:
    """What is wrong, and what to do, in one line."""
    place = f"{finding.span.line}:{finding.span.column} " if finding.span else ""
    return f"{place}{finding.code} {finding.message}" + (f". {finding.help}" if finding.help else "")


def worse(graph: Graph, path: str, data: bytes, before: bytes | None) -> Worse:
    """What would be wrong with a service of these bytes, beside that of the bytes `before`, if it had any.

    Whoever changes a title has not made a name that leads nowhere; but what is no record cannot be judged, and stays
    refused.
    """
    found = problems(graph, path, data)
    was = Counter((one.code, one.message) for one in problems(graph, path, before)) if found and before else Counter()
    new: list[Finding] = []
    left: list[Finding] = []
    for one in found:
        is_left = one.code in _MAY_STAY and was[one.code, one.message] > 0
        was[one.code, one.message] -= 1
        (left if is_left else new).append(
            replace(one, help=f"It was so before. {one.help}".rstrip()) if is_left else one
        )
    return Worse(tuple(new), tuple(left))


def refuse_worse(graph: Graph, path: str, data: bytes, before: bytes | None = None) -> Worse:
    """NotValid where the bytes would be no valid service, and it is not only as it was before; else what was so."""
    found = worse(graph, path, data, before)
    if found.new:
        raise NotValid(f"{path} would not be valid", found, "Correct the options.")
    return found


def problems(graph: Graph, path: str, data: bytes) -> list[Finding]:
    """What would be wrong with a service of these bytes: its form, its values, names that lead nowhere, new circles."""
    from svcops.catalogue.rules.service import cat005, cat006
    from svcops.store.documents import parse
    from svcops.store.shape import references
    from svcops.store.suggest import did_you_mean
    from svcops.store.validation import validate

    parsed = parse(data, path)
    if parsed.findings:
        return list(parsed.findings)
    record, found = validate(Service, parsed.documents[0], At(path))
    own = ("service",), PurePosixPath(path).stem
    for keys, ref, wanted in references(Service, record) if record else ():
        if (ref.kinds, wanted) != own and graph.find(ref.kinds, wanted) is None:
            key = next(step for step in reversed(keys) if isinstance(step, str))
            kinds = ("SLO" if one.startswith("slo:") else one for one in ref.kinds)
            message = f"{key} names no {' or '.join(kinds)} of this store: {wanted}"
            near = did_you_mean(wanted, graph.candidates(ref.kinds))
            found.append(Finding("REF001", message, At(path, keys), near))
    if record:
        found += [*cat005.doubled(record, path), *cat006.doubled(record, path), *_new_circles(graph, path, record)]
    return found


def _new_circles(graph: Graph, path: str, service: Service) -> Iterator[Finding]:
    """A finding for every critical dependency that the store's record lacks and that closes a circle.

    A circle that was there before is left to the check: whoever changes a title has not made it.
    """
    from svcops.catalogue.dependencies import Edge, edges_of, suffering
    from svcops.catalogue.rules.service.cat001 import circle_text

    name = PurePosixPath(path).stem
    before = graph.all("service").get(name)
    had = {one.service for one in before.value.dependencies if one.critical} if before else set()
    new = [(at, one) for at, one in enumerate(service.dependencies) if one.critical and one.service not in had]
    if not new:
        return
    option = "--add-dependency" if graph.find(("service",), name) else "--depends-on"
    others = [edge for edge in edges_of(graph) if edge.critical and edge.source != name]
    stops = {one.name: one for one in suffering(others, name)}
    for number, one in new:
        circle = [Edge(name, one.service, one, number)]
        while circle[-1].target in stops:
            circle.append(stops[circle[-1].target].edge)
        if circle[-1].target == name:
            help_ = f"Where it goes on without it, say so: {option} {one.service}:{NOT_CRITICAL}"
            if one.service == name:
                help_ = "Leave it out: that a service needs itself goes without saying."
            yield Finding("CAT001", circle_text(circle), At(path, ("dependencies", number, "service")), help_)

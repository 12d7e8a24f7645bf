"""The runbooks to which alerts lead by an annotation. Pure functions of the graph.

`runbook_url` is what alerts of Prometheus carry by custom (https://runbooks.prometheus-operator.dev); `runbook` is what
`svcops slo rules` writes for a store without a site. Both are read of SLOs, alert policies and alert conditions, and of
those that are written out in an SLO.
"""

import posixpath
from collections.abc import Iterator

from svcops.checking.model import At, KeyPath
from svcops.runbooks.links import is_outside, why_dead
from svcops.slo.model import SLO, AlertCondition, AlertPolicy, AlertPolicySpec, Metadata
from svcops.store.entries import Entry
from svcops.store.frozen import frozen
from svcops.store.graph import Graph
from svcops.store.suggest import nearest

KEYS = ("runbook_url", "runbook")


@frozen
class Annotation:
    """What an alert is annotated with: its key, where it leads, and where that is written."""

    key: str
    to: str
    at: At


def annotations(graph: Graph) -> Iterator[Annotation]:
    """Those that name a runbook, in the order of the files."""
    for entry in graph.all("slo").values():
        for keys, metadata in _metadata(entry):
            for key in KEYS:
                to = (metadata.annotations or {}).get(key, "").strip()
                if to:
                    yield Annotation(key, to, entry.at(*keys, "annotations", key))


def _metadata(entry: Entry[object]) -> Iterator[tuple[KeyPath, Metadata]]:
    """What is said of a document that alerts, and of what is written out in it."""
    value = entry.value
    if not isinstance(value, SLO | AlertPolicy | AlertCondition):
        return
    yield ("metadata",), value.metadata
    if isinstance(value, AlertPolicy):
        yield from _conditions(("spec",), value.spec)
    elif isinstance(value, SLO):
        for place, one in enumerate(value.spec.alertPolicies or ()):
            keys: KeyPath = ("spec", "alertPolicies", place)
            if one.metadata:
                yield (*keys, "metadata"), one.metadata
            if one.spec:
                yield from _conditions((*keys, "spec"), one.spec)


def _conditions(keys: KeyPath, policy: AlertPolicySpec) -> Iterator[tuple[KeyPath, Metadata]]:
    for place, one in enumerate(policy.conditions or ()):
        if one.metadata:
            yield (*keys, "conditions", place, "metadata"), one.metadata


def page_of_site(graph: Graph, to: str) -> str:
    """The name of the runbook whose page of the store's own site an address is; empty where it is none."""
    site = (graph.settings.site or "").rstrip("/")
    page = to.partition("#")[0].partition("?")[0]
    start, end = f"{site}/runbooks/", ".html"
    return page[len(start) : -len(end)] if site and page.startswith(start) and page.endswith(end) else ""


def why_lost(graph: Graph, of: Annotation) -> str:
    """Why an annotation leads nowhere; empty where it leads somewhere, or out of the store."""
    page = page_of_site(graph, of.to)
    if page:
        return "" if graph.find(("runbook",), page) else f"the site has no such page, as there is no runbook {page}"
    if is_outside(of.to):
        return ""
    is_relative = of.to.startswith(("./", "../"))
    return why_dead(graph, of.at.path, of.to if is_relative else f"/{of.to.lstrip('/')}")


def meant(graph: Graph, of: Annotation) -> str:
    """The runbook that may be meant, as it would be written; empty where none is near."""
    paths = graph.paths("runbook")
    page = page_of_site(graph, of.to)
    if page:
        near = nearest(page, paths.values())
        return f"{(graph.settings.site or '').rstrip('/')}/runbooks/{near}.html" if near else ""
    path, hash_, anchor = of.to.partition("#")
    named = {name: path for path, name in paths.items()}
    near = named.get(path) or nearest(posixpath.normpath(path.lstrip("/")), paths)
    return f"{near}{hash_}{anchor}" if near and near != path else ""

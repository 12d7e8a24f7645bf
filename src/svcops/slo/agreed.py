"""What a store excludes from its service levels."""

from svcops.slo.exclusion import Exclusion
from svcops.slo.exclusions import Exclusions
from svcops.store.entries import Entry
from svcops.store.graph import Graph


def exclusions_of(graph: Graph) -> Exclusions:
    """The exclusions of a store; one that cannot hold, or nobody known agreed to, is left out as damaged ones are."""
    every = list(graph.all("exclusion").values())
    if not every:
        return Exclusions()
    agreed = [one for one in every if _is_agreed(graph, one)]
    graph.unusable |= {one.path for one in every} - {one.path for one in agreed}
    maintenances = graph.all("maintenance").values() if any(one.value.maintenance for one in agreed) else ()
    return Exclusions(agreed, list(maintenances))


def _is_agreed(graph: Graph, one: Entry[Exclusion]) -> bool:
    """Whether somebody of the catalogue agreed to it (else REF001), and it can hold (else EXC001)."""
    from svcops.slo.exclusion_faults import faults_of_exclusion

    is_sound = not any(True for _ in faults_of_exclusion(one.value))
    return is_sound and graph.find(("person",), one.value.reviewed_by) is not None
